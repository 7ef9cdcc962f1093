"""Every fault that the server or its driver reports, translated once into the words of the registry."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from registry.errors import (
    StoreCorrupt,
    StoreDenied,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreUnreachable,
)
from registry.stores.neo4j.address import PASSWORD, USER, Address

_READ_ONLY = frozenset(
    (
        "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
        "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase",
        "Neo.ClientError.Statement.AccessMode",
        "Neo.ClientError.Cluster.NotALeader",
    )
)
_NO_DATABASE = frozenset(
    ("Neo.ClientError.Database.DatabaseNotFound", "Neo.TransientError.Database.DatabaseUnavailable")
)
_NO_MEMORY = ("MemoryPoolOutOfMemoryError", "MemoryLimit", "OutOfMemoryError", "TransactionOutOfMemoryError")
_SYSTEM = "system"
"""The database in which a server keeps its users and the names of its databases."""

_QUIET = logging.NullHandler()
_CUT_OFF = ("Terminated", "TransactionTimedOut", "TransactionTimedOutClientConfiguration", "LockClientStopped")


class Faults:
    """Tells the faults of one database. ``wait`` is how many seconds a write waits for another one."""

    def __init__(self, address: Address, wait: float) -> None:
        self.address = address
        self._wait = wait
        # Where nobody asked for its log the driver's would go to people, who are informed here; added only once.
        logging.getLogger("neo4j").addHandler(_QUIET)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raise each error of the driver in the block as a `StoreError` with the address and the next step."""
        try:
            yield
        except (Neo4jError, DriverError) as error:
            raise self.of(error) from error
        except ValueError as error:
            # The driver's way to say that it cannot resolve a host or read an address.
            raise self._unreachable(error) from error
        except OSError as error:
            raise self._unreachable(error) from error

    def missing(self) -> StoreMissing:
        """There is no registry in the database."""
        return StoreMissing(
            f"{self.address.url}: there is no registry here",
            hint=f"`registry --store {self.address.url} init` makes one, or name another store",
        )

    def corrupt(self, why: str) -> StoreCorrupt:
        """What stands in the database is none of ours, or was changed behind our back."""
        return StoreCorrupt(f"{self.address.url}: {why}", hint="bring the database back from a backup")

    def locked(self) -> StoreLocked:
        """Another write went on for too long."""
        return StoreLocked(
            f"{self.address.url}: another write holds the registry; waited {self._wait:g} s",
            hint="try again when it has finished",
        )

    def interrupted(self) -> StoreError:
        """A write was cut off by another one, which found it without a connection."""
        return StoreError(
            f"{self.address.url}: the connection of this write was lost and another write went ahead; "
            "nothing of this one was written",
            hint="do it again",
        )

    def broken(self) -> StoreError:
        """Something of a write went wrong and could not be taken back by itself."""
        return StoreError(f"{self.address.url}: after a fault inside this write, nothing of it was written")

    def lost(self, error: StoreUnreachable) -> StoreUnreachable:
        """The server went away in the middle of a write."""
        return StoreUnreachable(f"{error.message}; nothing of this write was written", hint=error.hint)

    def in_doubt(self) -> StoreError:
        """The connection was lost while a write was being completed, and the server does not answer since."""
        return StoreUnreachable(
            f"{self.address.url}: the connection was lost while the write was being completed; "
            "it is whole or not there at all, but which of the two is not known",
            hint="when the server answers, look whether it is there, and do it again if not",
        )

    def of(self, error: Neo4jError | DriverError) -> StoreError:
        """The error in our words."""
        if isinstance(error, Neo4jError) and not isinstance(error, SessionExpired):
            return self._of_server(error)
        if isinstance(error, ServiceUnavailable | SessionExpired):
            return self._unreachable(error)
        if isinstance(error, ConfigurationError):
            return StoreError(f"{self.address.url}: {_first_line(error)}", hint="look at the address of the store")
        return StoreError(f"{self.address.url}: {_first_line(error)}", hint="try again")

    def _of_server(self, error: Neo4jError) -> StoreError:
        code, url = error.code or "", self.address.url
        kind = code.rpartition(".")[2]
        if isinstance(error, AuthError) and ".Security.Forbidden" not in code:
            who = self.address.user
            return StoreDenied(
                f"{url}: the server does not let {who} in"
                if who
                else f"{url}: the server asks for a user and a password, and none were given",
                hint=f"set {USER} and {PASSWORD} to a user of the server and the password of that user",
            )
        if kind == "AuthenticationRateLimit":
            return StoreDenied(
                f"{url}: too many wrong passwords in a row for {self.address.user}",
                hint=f"look at {USER} and {PASSWORD}, and try again in some seconds",
            )
        if kind == "CredentialsExpired":
            return StoreDenied(
                f"{url}: the password of {self.address.user} must be changed first",
                hint="in the database system: ALTER CURRENT USER SET PASSWORD FROM 'this one' TO 'another'",
            )
        if (self.address.database or "").lower() == _SYSTEM:
            return StoreError(
                f"{url}: this is the server's own database, which holds no registry",
                hint="name another one: neo4j://host:7687/database",
            )
        if code in _READ_ONLY:
            return StoreReadOnly(
                f"{url}: it may be read here, not written",
                hint="on a cluster, neo4j:// finds who writes; otherwise the database or the server was set read-only",
            )
        if kind == "Forbidden":
            return StoreDenied(
                f"{url}: {self.address.user or 'the user'} may not do this",
                hint="questions need the right to read, everything else the right to write",
            )
        if code in _NO_DATABASE:
            name = self.address.database or "default"
            return StoreMissing(
                f"{url}: there is no database {name!r} that answers",
                hint="name one that does: neo4j://host:7687/database",
            )
        if kind in _NO_MEMORY:
            return StoreFull(
                f"{url}: the memory of the server does not suffice; nothing was written",
                hint="give the server more heap, or take less at once",
            )
        if kind in _CUT_OFF:
            return StoreError(f"{url}: the server ended the work, for it took too long", hint="try again, or take less")
        if "Schema.ConstraintValidationFailed" in code:
            return self.corrupt("something else wrote to the database of the registry")
        if code.startswith("Neo.TransientError"):
            return StoreUnreachable(f"{url}: the server cannot do it just now: {_first_line(error)}", hint="try again")
        if code.startswith("Neo.DatabaseError"):
            return StoreError(f"{url}: {_first_line(error)}", hint="look at the log and the disk of the server")
        return StoreError(f"{url}: {_first_line(error)}", hint="is it Neo4j 5.26 or later?")

    def _unreachable(self, error: BaseException) -> StoreUnreachable:
        url, cause = self.address.url, _root(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return StoreUnreachable(
                f"{url}: the certificate of the server is not trusted: {cause.verify_message}",
                hint="set SSL_CERT_FILE to the certificate of who issued it; `+ssc` in place of `+s` trusts any",
            )
        if isinstance(cause, ssl.SSLError):
            return StoreUnreachable(
                f"{url}: there is no encrypted connection: {cause.reason or cause.strerror}",
                hint="the address asks for one by `+s`; look whether that port of the server has it",
            )
        why = cause.strerror if isinstance(cause, OSError) and cause.strerror else _last_line(cause)
        if "HTTP" in why or "handshake" in why:
            return StoreUnreachable(
                f"{url}: what answers does not speak Bolt, or only encrypted",
                hint="the port of Bolt is 7687 as a rule, 7474 is another; an encrypted one wants neo4j+s:// or bolt+s://",
            )
        return StoreUnreachable(
            f"{url}: the server does not answer: {why}",
            hint="look whether it runs, and whether the host and port are right",
        )


def _root(error: BaseException) -> BaseException:
    """What it came from. The driver wraps what happened to a connection several times, and several of them in one."""
    while True:
        inner = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__
        if inner is None:
            return error
        error = inner


def _last_line(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text.strip().split("\n")[-1].rstrip(".")


def _first_line(error: Exception) -> str:
    text = (error.message if isinstance(error, Neo4jError) else str(error)) or type(error).__name__
    return text.strip().split("\n")[0].rstrip(".")
