"""The registry on a server: how it is reached, made, read, written and given back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from neo4j import READ_ACCESS, WRITE_ACCESS, Driver, GraphDatabase, ManagedTransaction, Session
from neo4j.exceptions import DriverError, Neo4jError

from registry.bilingual import Text
from registry.errors import RegistryError, StoreUnreachable, StoreVersion
from registry.stores.memory import MemoryReader
from registry.stores.memory_snapshot import MemorySnapshot
from registry.stores.neo4j.address import Address
from registry.stores.neo4j.faults import Faults
from registry.stores.neo4j.holding import Held, announce, fenced, holding, take_mark_away, taken_over
from registry.stores.neo4j.moments import GRACE, REGISTRY, WRITING, WRITTEN, moment
from registry.stores.neo4j.reading import Neo4jReader
from registry.stores.neo4j.schema import FORMAT, MIGRATIONS, statements
from registry.stores.neo4j.undoing import Undoing
from registry.stores.neo4j.writing import Neo4jTransaction

_CONNECT, _RETRY, _POOL = 5.0, 10.0, 20.0


class Neo4jStore:
    """A registry in a database of a Neo4j server.

    ``wait`` is how many seconds a write waits for another one before it raises `StoreLocked`; ``grace`` is how many
    seconds pass before what a write ended is removed for good. Reads try again for some seconds while a cluster elects.
    """

    def __init__(self, address: Address, *, create: bool = False, wait: float = 5.0, grace: float = GRACE) -> None:
        self._address = address
        self._wait = wait
        self._grace = grace
        self._faults = Faults(address, wait)
        self._upgraded: tuple[int, int] | None = None
        self._driver = self._connected()
        try:
            with self._faults.translated():
                # At once, where a read would go on trying: a wrong host or password is no passing fault.
                self._driver.verify_connectivity()
            if create:
                self._make()
            self._check()
        except BaseException:
            self._driver.close()
            raise

    @property
    def url(self) -> str:
        """The address, without user and password."""
        return self._address.url

    @property
    def upgraded(self) -> tuple[int, int] | None:
        """From which version to which it was upgraded when it was opened; None where it was not."""
        return self._upgraded

    @contextmanager
    def reading(self) -> Iterator[Neo4jReader | MemoryReader]:
        """Reads of the moment at which the block begins."""
        with self._session(READ_ACCESS) as session:
            version, _ = self._marks(session)
            if version == 0:
                # Nothing was written yet. The first write leaves no stamps, so what it does must not be looked at.
                yield MemoryReader(MemorySnapshot())
                return
            reader = Neo4jReader(session, self._faults, version)
            try:
                yield reader
            finally:
                reader.end()

    @contextmanager
    def transaction(self) -> Iterator[Neo4jTransaction]:
        """A write: complete and on the server's disk when the block ends, undone when it raises.

        Raises `StoreLocked` when another write goes on for longer than we wait.
        """
        token = uuid.uuid4().hex
        with (
            self._session(WRITE_ACCESS) as own,
            self._session(WRITE_ACCESS) as session,
            holding(self._driver, own, token, self._faults, self._wait) as held,
        ):
            if held is None:
                raise self._faults.missing()
            self._check_format(held.form)
            self._mend(session, held, token)
            announce(session, held, token, self._faults)
            transaction = Neo4jTransaction(session, self._faults, held.version, token)
            try:
                yield transaction
                if transaction.broken:
                    raise self._faults.broken()
            except StoreUnreachable as lost:
                # The next write undoes it: nobody sees it until then.
                raise self._faults.lost(lost) from lost
            except BaseException:
                self._give_up(session, held.version, token)
                raise
            finally:
                transaction.end()
            if transaction.written:
                self._complete(session, held, token)
            else:
                take_mark_away(session, token, self._faults)

    def close(self) -> None:
        """Close the connections."""
        self._driver.close()

    def _connected(self) -> Driver:
        address = self._address
        with self._faults.translated():
            return GraphDatabase.driver(
                address.server,
                auth=None if address.password is None else (address.user or "", address.password),
                user_agent="personal-information-registry",
                connection_timeout=_CONNECT,
                connection_acquisition_timeout=_POOL,
                max_transaction_retry_time=_RETRY,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
            )

    @contextmanager
    def _session(self, access: str) -> Iterator[Session]:
        # One manager of bookmarks for all sessions: on a cluster, what this store wrote is what it reads.
        session = self._driver.session(
            database=self._address.database,
            default_access_mode=access,
            fetch_size=-1,
            bookmark_manager=self._driver.execute_query_bookmark_manager,
        )
        try:
            yield session
        finally:
            with suppress(Neo4jError, DriverError, OSError):
                session.close()

    def _marks(self, session: Session) -> tuple[int, int]:
        """How many writes there were, and of which version it is; `StoreMissing` where there is no registry."""
        with self._faults.translated():
            found = session.execute_read(
                lambda transaction: transaction.run(f"MATCH (r:{REGISTRY}) RETURN r.version, r.format").values()
            )
        if not found:
            raise self._faults.missing()
        version, form = found[0]
        self._check_format(form)
        return version, form

    def _check_format(self, form: int) -> None:
        if form > FORMAT:
            raise StoreVersion(
                Text(
                    f"{self.url}: a newer registry made this (its version is {form}, ours {FORMAT})",
                    f"{self.url}：由较新的版本创建（其版本为{form}，本程序为{FORMAT}）",
                ),
                hint=Text("install the newer registry, or name another store", "安装较新的版本，或另指一处存储"),
            )

    def _check(self) -> None:
        with self._session(READ_ACCESS) as session:
            _, form = self._marks(session)
        if form < FORMAT:
            with self._session(WRITE_ACCESS) as session, self._faults.translated():
                session.execute_write(_migrate)
            self._upgraded = (form, FORMAT)

    def _make(self) -> None:
        """Make what is not there yet: constraints, indexes, and the node of the registry."""
        with self._session(WRITE_ACCESS) as session, self._faults.translated():
            # The server makes an index for each constraint, under the same name.
            known = session.run("SHOW INDEXES YIELD name").value()
            wanted = {name: text for name, text in statements() if name not in known}
            for text in wanted.values():
                session.run(text).consume()
            if wanted:
                session.run("CALL db.awaitIndexes(300)").consume()
            session.execute_write(_migrate)

    def _mend(self, session: Session, held: Held, token: str) -> None:
        """Take back what an earlier write left behind which came to no end."""
        if taken_over(session, held, token, self._faults):
            self._undo(session, held.version, token)

    def _undo(self, session: Session, version: int, token: str) -> None:
        undoing = Undoing(session, token, self._faults)
        if version == 0:
            undoing.wipe()
        undoing.take_back(moment(version))
        take_mark_away(session, token, self._faults)

    def _give_up(self, session: Session, version: int, token: str) -> None:
        # What cannot be undone now, since the server is gone or another write went ahead, the next write undoes or has
        # undone. Nobody sees it until then.
        with suppress(RegistryError):
            self._undo(session, version, token)

    def _complete(self, session: Session, held: Held, token: str) -> None:
        """Show what was written to all, at once."""
        Undoing(session, token, self._faults).tidy(self._grace)
        try:
            fenced(held.transaction, token, self._faults)
            held.transaction.run(
                f"MATCH (r:{REGISTRY}) SET r.version = $version "
                f"CREATE (w:{WRITTEN} {{version: $version, token: $token, at: timestamp()}}) "
                f"WITH r MATCH (m:{WRITING} {{token: $token}}) DELETE m",
                version=held.version + 1,
                token=token,
            ).consume()
            held.transaction.commit()
        except (Neo4jError, DriverError, OSError):
            if not self._was_completed(token):
                self._give_up(session, held.version, token)
                with self._faults.translated():
                    raise

    def _was_completed(self, token: str) -> bool:
        """Whether the server completed a write although its answer did not reach us."""
        try:
            with self._session(WRITE_ACCESS) as session:
                return session.execute_write(_completed, token)
        except (Neo4jError, DriverError, OSError) as error:
            raise self._faults.in_doubt() from error


def _completed(transaction: ManagedTransaction, token: str) -> bool:
    # The lock waits for what is still being completed; only then is there something to see.
    transaction.run(f"MATCH (r:{REGISTRY}) SET r.writer = $token", token=token).consume()
    return bool(transaction.run(f"MATCH (w:{WRITTEN} {{token: $token}}) RETURN w.version", token=token).value())


def _migrate(transaction: ManagedTransaction) -> None:
    """Bring what stands in the database to the latest version, from nothing on, unless somebody just did."""
    transaction.run(f"MERGE (r:{REGISTRY} {{one: 1}}) SET r.migrated = timestamp()").consume()
    (known,) = transaction.run(f"MATCH (r:{REGISTRY}) RETURN coalesce(r.format, 0)").value()
    for step in MIGRATIONS[known:]:
        for statement in step:
            transaction.run(statement).consume()
    transaction.run(f"MATCH (r:{REGISTRY}) SET r.format = $form", form=max(FORMAT, known)).consume()
