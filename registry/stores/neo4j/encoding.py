"""How nodes and edges stand in the server: as properties of its own, so that others can read them too.

A bilingual text becomes two properties, ``name_en`` and ``name_zh``, or one of them where it lacks a language. What the
registry adds for itself begins with ``_``, as no declared property does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from registry.bilingual import Text
from registry.errors import Refused
from registry.model.declaration import Kind, Property
from registry.model.graph import GRAPH
from registry.model.snapshot import NodeId, Value
from registry.stores.port import is_text

Cell = str | int | bool | list[str] | None
Record = Mapping[str, Cell]

KEY = "key"
"""Where the key of a node stands."""

_LEAST, _MOST = -(2**63), 2**63 - 1


def reference(node_id: NodeId) -> str:
    """The one text by which a node is found. In the order of these texts labels come first, then keys."""
    return f"{node_id.label}:{node_id.key}"


def references(ids: Iterable[NodeId]) -> list[str]:
    """The references of the ids, each once, sorted; those that no text can hold name nothing, and are left out."""
    return sorted({reference(node_id) for node_id in ids if is_text(node_id.label) and is_text(node_id.key)})


def identity(reference: str) -> NodeId:
    """The node that a reference means."""
    label, _, key = reference.partition(":")
    return NodeId(label, key)


def encoded(what: str, properties: Mapping[str, Value]) -> dict[str, Cell]:
    """The properties of ``what`` as the server holds them; `Refused` for a number that it cannot hold."""
    found: dict[str, Cell] = {}
    for name, value in properties.items():
        if isinstance(value, Text):
            found |= _in_languages(name, value)
        elif isinstance(value, tuple):
            found[name] = [*value]
        elif isinstance(value, int) and not _LEAST <= value <= _MOST:
            raise Refused(
                Text(
                    f"{what}: {name} is a number of more than 64 bits, which Neo4j cannot hold",
                    f"{what}：{name}是超过64位的数字，Neo4j无法存放",
                )
            )
        else:
            found[name] = value
    return found


def node_properties(label: str, record: Record) -> dict[str, Value]:
    """The properties of a node with that label, in the order declared; what is not declared comes last."""
    return _decoded(_of_node(label), record)


def edge_properties(name: str, record: Record) -> dict[str, Value]:
    """The properties of an edge of that name, in the order declared; what is not declared comes last."""
    return _decoded(_of_edge(name), record)


def _in_languages(name: str, text: Text) -> dict[str, str]:
    given = {f"{name}_en": text.en} if text.en or not text.zh else {}
    return {**given, f"{name}_zh": text.zh} if text.zh else given


_Names = tuple[tuple[tuple[str, str, str], ...], frozenset[str]]
"""Each property with the names of its two languages (empty where it has none), and all names that may stand."""


def _decoded(declared: _Names, record: Record) -> dict[str, Value]:
    names, known = declared
    if not record.keys() <= known:
        names = (*names, *_undeclared(name for name in record if name[0] != "_" and name not in known))
    found: dict[str, Value] = {}
    for name, english, chinese in names:
        if english in record or chinese in record:
            found[name] = Text(str(record.get(english, "")), str(record.get(chinese, "")))
        else:
            value = record.get(name)
            if value is not None:
                found[name] = tuple(value) if isinstance(value, list) else value
    return found


def _undeclared(names: Iterable[str]) -> list[tuple[str, str, str]]:
    plain = sorted({name.removesuffix("_en").removesuffix("_zh") for name in names})
    return [(name, f"{name}_en", f"{name}_zh") for name in plain]


@cache
def _of_node(label: str) -> _Names:
    return _names(GRAPH.properties(label))


@cache
def _of_edge(name: str) -> _Names:
    return _names(GRAPH.by_edge[name].properties)


def _names(declared: tuple[Property, ...]) -> _Names:
    names = tuple(
        (prop.name, f"{prop.name}_en", f"{prop.name}_zh") if prop.kind is Kind.BILINGUAL else (prop.name, "", "")
        for prop in declared
    )
    return names, frozenset(name for several in names for name in several) | {KEY, "_ref"}
