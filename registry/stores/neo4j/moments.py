"""How a reader keeps its moment on a server that shows every read what is committed just then.

Each put has a *stamp*, a number that grows: the number of the write, then that of the put within it. What a put draws
or makes bears its stamp as ``_since``; what it ends bears it as ``_until`` and stays. The properties that a node had
before are kept beside it. A reader learns the number of the last write when it begins, and passes over whatever has a
later stamp. A write shows its number only when all of it is there, so it is seen whole or not at all.

This is multiversion concurrency control (Bernstein and Goodman 1983). Stamps are needed only while somebody may still
read an older moment: a later write takes them off, and removes what has ended. So at rest there are none.
"""

from __future__ import annotations

ENTRY, NAME, PAST, REGISTRY = "_Entry", "_Name", "_Past", "_Registry"
WRITING, WRITTEN, BATCH, FRESH = "_Writing", "_Written", "_Batch", "_Fresh"
NAMED, WAS = "_NAMED", "_WAS"

LONGEST_READING = 1_800
"""Seconds after which a reading is refused: stamps that it needs may go later on."""

GRACE = 2 * LONGEST_READING
"""Seconds after which the stamps of a write may go, and what it ended with them."""

_PUTS = 16
MOST_PUTS = (1 << _PUTS) - 1


def stamp(version: int, put: int) -> int:
    """The stamp of a put, the first being number 0, in the write that makes ``version``."""
    return (version << _PUTS) + put


def moment(version: int) -> int:
    """The last stamp that a reader of ``version`` sees."""
    return stamp(version, MOST_PUTS)


def seen(edge: str) -> str:
    """The test that an edge is there at the moment ``$now``."""
    return f"({edge}._since IS NULL OR {edge}._since <= $now) AND ({edge}._until IS NULL OR {edge}._until > $now)"


def exists(node: str) -> str:
    """The test that a node is there at the moment ``$now``. The label is looked at first: it costs nothing."""
    return f"(NOT {node}:{FRESH} OR {node}._born IS NULL OR {node}._born <= $now)"


def at_moment(node: str, wanted: str) -> str:
    """What the expression ``wanted``, in which ``{}`` stands for the node, is at the moment ``$now``."""
    past = (
        f"MATCH ({node})-[:{WAS}]->(p:{PAST}) WHERE (p._since IS NULL OR p._since <= $now) AND p._until > $now "
        f"RETURN {wanted.format('p')}"
    )
    now = f"NOT {node}:{FRESH} OR {node}._since <= $now"
    return f"CASE WHEN {now} THEN {wanted.format(node)} ELSE COLLECT {{ {past} }}[0] END"
