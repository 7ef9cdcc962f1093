"""What stands in the file, and how a file of an older registry becomes one of ours.

Ids are whole numbers. Properties stand apart from their nodes, so that walks and sorts touch small rows only.

Nodes and terms are never removed, so their ids are 1, 2, 3 … without a gap, and every reference is to one of them. That
is how a file that lost a row shows it in a fraction of a millisecond: as many rows as the greatest id, and no reference
beyond it. A change of this registry that removes nodes needs another way to find out.
"""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x50495247
"""Marks the file as a registry: the letters PIRG."""

_FIRST = (
    "CREATE TABLE registry (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL)",
    "INSERT INTO registry VALUES (1, 0)",
    # The numbers by which edges and words are stored: of edge names, and of each `property=value` of a closed set.
    "CREATE TABLE terms (id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE)",
    "CREATE TABLE nodes (id INTEGER PRIMARY KEY, label TEXT NOT NULL, key TEXT NOT NULL, UNIQUE (label, key))",
    "CREATE TABLE properties (node INTEGER PRIMARY KEY REFERENCES nodes (id), properties TEXT NOT NULL)",
    # Every name of a node as written and as compared; a key or former key is marked.
    """CREATE TABLE names (
        node INTEGER NOT NULL REFERENCES nodes (id), position INTEGER NOT NULL,
        name TEXT NOT NULL, form TEXT NOT NULL, is_key INTEGER NOT NULL,
        PRIMARY KEY (node, position)
    ) WITHOUT ROWID""",
    "CREATE INDEX names_by_form ON names (form, node)",
    # The properties of flows that hold one of a closed set, which filters ask for.
    """CREATE TABLE words (
        term INTEGER NOT NULL REFERENCES terms (id), flow INTEGER NOT NULL REFERENCES nodes (id),
        PRIMARY KEY (term, flow)
    ) WITHOUT ROWID""",
    # Properties are null where there are none, as on nearly every edge.
    """CREATE TABLE edges (
        source INTEGER NOT NULL REFERENCES nodes (id), type INTEGER NOT NULL REFERENCES terms (id),
        target INTEGER NOT NULL REFERENCES nodes (id), properties TEXT,
        PRIMARY KEY (source, type, target)
    ) WITHOUT ROWID""",
    "CREATE INDEX edges_by_target ON edges (target, type, source)",
)

_SECOND = (
    # The dates of flows, which filters ask for; few flows state any.
    """CREATE TABLE dates (
        flow INTEGER NOT NULL REFERENCES nodes (id), property INTEGER NOT NULL REFERENCES terms (id), day TEXT NOT NULL,
        PRIMARY KEY (flow, property)
    ) WITHOUT ROWID""",
    *(
        statement
        for name in ("effective_from", "effective_to")
        for statement in (
            f"INSERT INTO terms (term) SELECT '{name}' WHERE EXISTS (SELECT 1 FROM nodes)",
            f"""INSERT INTO dates SELECT n.id, t.id, json_extract(p.properties, '$.{name}')
                FROM nodes AS n JOIN properties AS p ON p.node = n.id JOIN terms AS t ON t.term = '{name}'
                WHERE n.label = 'DataFlow' AND json_extract(p.properties, '$.{name}') IS NOT NULL""",
        )
    ),
)

_MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND)
"""The statements that lead from each version to the next, from an empty file on. One that is released stays as it is.

A property of flows that becomes a closed set needs a migration that fills ``words``.
"""

LATEST = len(_MIGRATIONS)
"""The version of the file that this registry writes."""

# Each is the first column of a key or an index, so its least and greatest are found without a walk.
_REFERENCES = {
    "nodes": (("properties", "node"), ("names", "node"), ("edges", "source"), ("edges", "target"), ("dates", "flow")),
    "terms": (("words", "term"),),
}


def _whole(table: str) -> str:
    """The test that no row of ``table`` is lost, nor one that is referred to."""
    tests = [f"(SELECT ifnull(max(id), 0) FROM {table}) = t.number", f"(SELECT ifnull(min(id), 1) FROM {table}) = 1"]
    for referring, column in _REFERENCES[table]:
        tests.append(f"(SELECT ifnull(max({column}), 0) FROM {referring}) <= t.number")
        tests.append(f"(SELECT ifnull(min({column}), 1) FROM {referring}) >= 1")
    return f"(SELECT {' AND '.join(tests)} FROM (SELECT count(*) AS number FROM {table}) AS t)"


WHOLE = " AND ".join(map(_whole, _REFERENCES))
"""The test that nothing is lost that something refers to. Null where a cell is of another type than it should be."""


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file of ``version`` (0: an empty one) to the latest, inside the caller's transaction."""
    for statements in _MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {LATEST}")
