"""One write at a time: how a write holds the registry, and what stops one that no longer does.

The server locks the node of the registry for whoever has written to it, until that transaction ends, be it by the end
of the process or of the connection. A write keeps such a transaction open. Its batches are transactions of their own;
each first touches the mark of its write, and the next write takes that mark away. So a batch that arrives late changes
nothing, and one that is being completed is waited for. The completion touches the mark too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from neo4j import Driver, ManagedTransaction, Session, Transaction
from neo4j.exceptions import ClientError, DriverError, Neo4jError, TransientError

from registry.stores.neo4j.faults import Faults
from registry.stores.neo4j.moments import REGISTRY, WRITING

_STOPPED = ("Terminated", "LockClientStopped", "LockAcquisitionTimeout")
"""What the server calls the end of a transaction that waited for a lock."""


class Held:
    """The registry as one write holds it."""

    def __init__(self, transaction: Transaction, version: int, form: int) -> None:
        self.transaction = transaction
        self.version = version
        self.form = form


@contextmanager
def holding(driver: Driver, session: Session, token: str, faults: Faults, wait: float) -> Iterator[Held | None]:
    """Hold the registry, or None where there is none. `StoreLocked` when another write holds it for ``wait`` seconds.

    Ends without completing anything; whoever holds it completes ``transaction``.
    """
    with faults.translated():
        transaction = session.begin_transaction(metadata={"registry_write": token})
    try:
        yield _locked(driver, transaction, token, faults, wait)
    finally:
        with suppress(Neo4jError, DriverError, OSError):
            transaction.close()


def _locked(driver: Driver, transaction: Transaction, token: str, faults: Faults, wait: float) -> Held | None:
    try:
        with _watched(driver, faults.address.database, token, wait):
            transaction.run(f"MATCH (r:{REGISTRY}) SET r.writer = $token", token=token).consume()
        # A statement of its own: one that waits for a lock may have read before it waited. And one after the watch: it
        # fails if that ended us in the instant in which we had waited long enough.
        found = transaction.run(f"MATCH (r:{REGISTRY}) RETURN r.version, r.format").single()
    except (ClientError, TransientError) as error:
        if (error.code or "").endswith(_STOPPED):
            raise faults.locked() from error
        raise faults.of(error) from error
    except (Neo4jError, DriverError) as error:
        raise faults.of(error) from error
    return None if found is None else Held(transaction, *found.values())


@contextmanager
def _watched(driver: Driver, database: str | None, token: str, wait: float) -> Iterator[None]:
    """A block that may wait for a lock; what waits longer than ``wait`` is ended, and nothing after the block is."""
    ended = threading.Event()
    watch = threading.Thread(target=_stop_waiting, args=(driver, database, token, wait, ended), daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join()


def _stop_waiting(driver: Driver, database: str | None, token: str, wait: float, ended: threading.Event) -> None:
    """End our own transaction when it waits for longer than ``wait``; the driver has no other way to stop waiting."""
    while not ended.wait(wait):
        # The server may be gone; then the waiting ends by itself.
        with suppress(Neo4jError, DriverError, OSError), driver.session(database=database) as session:
            session.run(
                "SHOW TRANSACTIONS YIELD transactionId AS id, metaData, status "
                "WHERE metaData.registry_write = $token AND status STARTS WITH 'Blocked' "
                "TERMINATE TRANSACTIONS id YIELD message RETURN message",
                token=token,
            ).consume()


def announce(session: Session, held: Held, token: str, faults: Faults) -> None:
    """Set the mark of this write; raises when it holds the registry no longer."""
    with faults.translated():
        session.execute_write(
            lambda transaction: transaction.run(f"CREATE (:{WRITING} {{token: $token}})", token=token).consume()
        )
    try:
        check_held(held, faults)
    except BaseException:
        # Another one may be writing, which has not seen this mark.
        take_mark_away(session, token, faults)
        raise


def check_held(held: Held, faults: Faults) -> None:
    """Raise when this write holds the registry no longer.

    Asked after its mark was set: whoever holds the registry next does so later, and so finds the mark.
    """
    try:
        held.transaction.run("RETURN 1").consume()
    except (Neo4jError, DriverError, OSError) as error:
        raise faults.interrupted() from error


def fenced(transaction: ManagedTransaction | Transaction, token: str, faults: Faults) -> None:
    """Touch the mark of this write, so that it stays while the batch does; raises when it is gone."""
    transaction.run(f"MATCH (w:{WRITING}) SET w.at = timestamp()").consume()
    # A statement of its own again: only now nobody else can take the mark.
    if not transaction.run(f"MATCH (w:{WRITING} {{token: $token}}) RETURN w.at", token=token).value():
        raise faults.interrupted()


def taken_over(session: Session, held: Held, token: str, faults: Faults) -> bool:
    """Take over the mark of an earlier write which came to no end; false where there is none.

    What that write is just doing is waited for; it can do no more afterwards. Raises when this one holds the registry
    no longer: then the mark may have been that of a later write, which ends in an error and is undone by the next.
    """
    with faults.translated():
        found = session.execute_write(
            lambda transaction: transaction.run(
                f"MATCH (w:{WRITING}) SET w.token = $token RETURN count(w)", token=token
            ).value()
        )
    if found == [0]:
        return False
    check_held(held, faults)
    return True


def take_mark_away(session: Session, token: str, faults: Faults) -> None:
    """Take away the mark of this write, when there is nothing more to undo."""
    with faults.translated():
        session.execute_write(
            lambda transaction: transaction.run(
                f"MATCH (w:{WRITING} {{token: $token}}) DELETE w", token=token
            ).consume()
        )
