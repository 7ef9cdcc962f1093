"""What a put marked is found again by the lists that it kept: to take it back, or to take the marks off."""

from __future__ import annotations

from collections.abc import Mapping

from neo4j import ManagedTransaction, Session

from registry.stores.neo4j.faults import Faults
from registry.stores.neo4j.holding import fenced
from registry.stores.neo4j.moments import BATCH, ENTRY, FRESH, NAME, NAMED, PAST, WAS, WRITTEN, moment

_MOST_AT_ONCE = 20
"""How many lists one write tidies up: it should not take much longer for it."""

_EDGES = "UNWIND b.things AS id MATCH ()-[e]->() WHERE elementId(e) = id"
_NODES = f"UNWIND b.things AS id MATCH (n:{ENTRY}) WHERE elementId(n) = id"
_LONELY = (
    f"FOREACH (lonely IN CASE WHEN m:{NAME} AND NOT EXISTS {{ (m)<-[:{NAMED}]-() }} THEN [m] ELSE [] END "
    "| DELETE lonely)"
)

_BACK: Mapping[str, str] = {
    "drawn": f"{_EDGES} WITH e, endNode(e) AS m DELETE e WITH DISTINCT m {_LONELY}",
    "ended": f"{_EDGES} SET e._until = null",
    # Put twice within one put, it was two things; the older one is what it was before.
    "changed": f"{_NODES} MATCH (n)-[:{WAS}]->(p:{PAST} {{_until: b.stamp}}) "
    "WITH n, p ORDER BY coalesce(p._since, 0) WITH n, collect(p) AS before "
    "SET n = properties(before[0]), n._until = null "
    f"FOREACH (p IN before | DETACH DELETE p) WITH n WHERE n._since IS NULL REMOVE n:{FRESH}",
    "born": f"{_NODES} OPTIONAL MATCH (n)-[:{NAMED}]->(m:{NAME}) WITH n, collect(DISTINCT m) AS names "
    f"DETACH DELETE n WITH names UNWIND names AS m WITH DISTINCT m {_LONELY}",
}
_FORWARD: Mapping[str, str] = {
    "drawn": f"{_EDGES} SET e._since = null",
    "ended": f"{_EDGES} WITH e, endNode(e) AS m DELETE e WITH DISTINCT m {_LONELY}",
    "changed": f"{_NODES} CALL (n, b) {{ MATCH (n)-[:{WAS}]->(p:{PAST}) WHERE p._until <= b.stamp DETACH DELETE p }} "
    f"WITH n, b WHERE n._since <= b.stamp SET n._since = null, n._born = null REMOVE n:{FRESH}",
    "born": f"{_NODES} AND n._since <= b.stamp SET n._since = null, n._born = null REMOVE n:{FRESH}",
}


class Undoing:
    """What the write with this token undoes and tidies up, as long as it holds the registry."""

    def __init__(self, session: Session, token: str, faults: Faults) -> None:
        self._session = session
        self._token = token
        self._faults = faults

    def take_back(self, now: int) -> None:
        """Undo all that has a later stamp than ``now``, the last first."""
        with self._faults.translated():
            while self._session.execute_write(self._one, _BACK, f"b.stamp > {now:d}", "DESC"):
                pass

    def wipe(self) -> None:
        """Remove all that a write put into an empty registry."""
        with self._faults.translated():
            for label in (ENTRY, NAME, PAST, BATCH):
                while self._session.execute_write(self._some, label):
                    pass

    def tidy(self, grace: float) -> None:
        """Take off the stamps of writes more than ``grace`` seconds ago, the earliest first, and remove what ended.

        A bounded part of it; nobody reads a moment before those writes any more.
        """
        with self._faults.translated():
            version = self._session.execute_write(_horizon, grace)
            if version is None:
                return
            for _ in range(_MOST_AT_ONCE):
                if not self._session.execute_write(self._one, _FORWARD, f"b.stamp <= {moment(version):d}", "ASC"):
                    return

    def _some(self, transaction: ManagedTransaction, label: str) -> int:
        fenced(transaction, self._token, self._faults)
        found = transaction.run(f"MATCH (n:{label}) WITH n LIMIT 5000 DETACH DELETE n RETURN count(n)").value()
        return int(found[0])

    def _one(self, transaction: ManagedTransaction, ways: Mapping[str, str], test: str, order: str) -> bool:
        """Go through one list and remove it; false when there is none."""
        fenced(transaction, self._token, self._faults)
        found = transaction.run(
            f"MATCH (b:{BATCH}) WHERE {test} "
            f"RETURN elementId(b), b.what ORDER BY b.stamp {order}, b.place {order} LIMIT 1"
        ).single()
        if found is None:
            return False
        element, what = found.values()
        transaction.run(f"MATCH (b:{BATCH}) WHERE elementId(b) = $element {ways[what]}", element=element).consume()
        transaction.run(f"MATCH (b:{BATCH}) WHERE elementId(b) = $element DELETE b", element=element).consume()
        return True


def _horizon(transaction: ManagedTransaction, grace: float) -> int | None:
    """The last write that is so long ago; None where there is none."""
    found = transaction.run(
        f"MATCH (w:{WRITTEN}) WHERE w.at < timestamp() - $grace RETURN max(w.version)", grace=int(grace * 1000)
    ).single(strict=True)
    version = found[0]
    if version is not None:
        transaction.run(f"MATCH (w:{WRITTEN}) WHERE w.version < $version DELETE w", version=version).consume()
    return version if isinstance(version, int) else None
