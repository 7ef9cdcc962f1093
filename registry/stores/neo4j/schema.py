"""The constraints and indexes that the server keeps, derived from the declared graph, and how they came to be."""

from __future__ import annotations

from collections.abc import Iterator

from registry.model.graph import FLOW, GRAPH
from registry.stores.neo4j.moments import BATCH, ENTRY, NAME, REGISTRY, WRITING, WRITTEN
from registry.stores.port import closed_sets

_FIRST = (f"MERGE (r:{REGISTRY} {{one: 1}}) SET r.version = 0",)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST,)
"""The statements that lead from each version of what stands in the database to the next, from an empty database on.

One that is released stays as it is. Constraints and indexes are no part of it: `init` makes those that are missing.
"""

FORMAT = len(MIGRATIONS)
"""The version that this registry writes."""


def statements() -> Iterator[tuple[str, str]]:
    """Each constraint and index: its name, and the statement that makes it."""
    yield _unique(ENTRY, "_ref")
    yield _unique(NAME, "form")
    yield _unique(REGISTRY, "one")
    yield _unique(WRITTEN, "version")
    yield _index(BATCH, "stamp")
    yield _index(WRITING, "token")
    for node in GRAPH.node_types:
        yield _unique(node.label, "key")
    for name in closed_sets():
        yield _index(FLOW, name)


def cypher() -> str:
    """The file ``schema/neo4j.cypher``: what `init` runs."""
    lines = [
        "// Generated from the declared graph by `make generate`; do not edit. `registry init` runs it.",
        "// Names that begin with _ are the registry's own: what it needs besides the graph that it declares.",
        "",
        *(f"{statement};" for _, statement in statements()),
    ]
    return "\n".join(lines) + "\n"


def _unique(label: str, prop: str) -> tuple[str, str]:
    name = _called(label, prop)
    return name, f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE n.{prop} IS UNIQUE"


def _index(label: str, prop: str) -> tuple[str, str]:
    name = _called(label, prop)
    return name, f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label}) ON (n.{prop})"


def _called(label: str, prop: str) -> str:
    return f"registry_{label.strip('_')}_{prop.strip('_')}".lower()
