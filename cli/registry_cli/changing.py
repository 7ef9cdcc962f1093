"""From the options of `change` to the document of the thing as it is to be: what is not said stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from registry.bilingual import Text
from registry.errors import Place
from registry.model.declaration import EdgeType, Kind, Property
from registry.model.graph import GRAPH
from registry.model.parsed import Fields, Given, Items, Scalar
from registry.model.snapshot import Edge, Node
from registry.model.written import entry, item
from registry.stores.port import Direction
from registry_cli.option_document import (
    GivenEdge,
    Options,
    given_edge,
    given_property,
    meanings,
    scalar,
    thing_item,
    variable,
    whole_document,
)

_ADD, _REMOVE = "+", "-"


def changed_document(options: Options, node: Node) -> Fields:
    """The document that declares ``node`` as it is, but for what the options change."""
    edges = options.reader.edges((), [node.id], Direction.OUT)
    place = Place(node.id.reference)
    unset = {word.replace("-", "_") for word in options.values["unset"]}
    now = {word.written: value for word, value in entry(node, edges, place).fields if word.written not in unset}
    for prop in GRAPH.properties(node.id.label):
        value = _property(options, prop, now.get(prop.name))
        if value is not None:
            now[prop.name] = value
        elif prop.kind in (Kind.TEXTS, Kind.CHOICES):
            now.pop(prop.name, None)
    new = options.new_things()
    for edge_type in GRAPH.edges_from(node.id.label):
        leads = [edge for edge in edges if edge.name == edge_type.name and edge_type.word not in unset]
        items = [
            *_edges(options, edge_type, leads),
            *(thing_item(edge_type, thing) for thing in new.get(edge_type, ())),
        ]
        now.pop(edge_type.word, None)
        if items:
            now[edge_type.word] = Items(tuple(items), Place(f"--{edge_type.option}"))
    said = tuple((scalar(word, f"--{word}"), value) for word, value in now.items())
    return whole_document(options, node.id.key, Fields(said, place), new)


def _property(options: Options, prop: Property, now: Given | None) -> Given | None:
    """The property as it is to be: of one language the other stays, of a list what is not taken away."""
    given = given_property(prop, options.values)
    if given is None:
        return now
    if isinstance(given, Fields) and isinstance(now, Fields):
        texts = {word.written: (word, text) for word, text in (*now.fields, *given.fields)}
        return Fields(tuple(texts[language] for language in ("en", "zh") if language in texts), given.place)
    if isinstance(given, Items):
        had = {one.written: one for one in now.items if isinstance(one, Scalar)} if isinstance(now, Items) else {}
        texts_given = [one.written for one in given.items if isinstance(one, Scalar)]
        listed = _list(options, f"--{prop.name.replace('_', '-')}", texts_given, had)
        return Items(tuple(listed.values()), given.place) if listed else None
    return given


def _list(options: Options, option: str, given: Sequence[str], had: Mapping[str, Scalar]) -> dict[str, Scalar]:
    plain, more, less = _signed(options, option, given)
    found = dict(had) if not plain else {}
    for text in less:
        if found.pop(text, None) is None:
            options.problem(option, _absent(text), _has(had))
    for text in (*plain, *more):
        found.setdefault(text, had.get(text, scalar(text, option)))
    return found


def _edges(options: Options, edge_type: EdgeType, leads: Sequence[Edge]) -> list[Given]:
    option = f"--{edge_type.option}"
    plain, more, less = _signed(options, option, options.values[variable(edge_type)])
    before = {edge.target.reference: item(edge, Place(option)) for edge in leads}
    found = dict(before) if not plain else {}
    for text in less:
        there = [
            one for one in meanings(options.reader, text, edge_type.targets(options.node_type.label)) if one in found
        ]
        if len(there) == 1:
            del found[there[0]]
        else:
            options.problem(option, _absent(text), _has(before))
    for text in (*plain, *more):
        given = given_edge(options, edge_type, text)
        kept = found if text in more else before
        found[given.reference] = _merged(given, kept.get(given.reference))
    return [*found.values()]


def _merged(given: GivenEdge, before: Given | None) -> Given:
    """The edge with what is said of it now, and what was said before of which nothing is said now."""
    if before is None:
        return given.item
    if not isinstance(before, Fields) or not given.said:
        return before if not given.said else given.item
    words = {word.written for word, _ in given.said}
    kept = tuple((word, value) for word, value in before.fields if word.written not in words)
    return Fields((*kept, *given.said), Place(given.option))


def _signed(options: Options, option: str, given: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """What is given without a sign, with ``+`` and with ``-``, without the signs."""
    more = [text[1:].strip() for text in given if text.startswith(_ADD)]
    less = [text[1:].strip() for text in given if text.startswith(_REMOVE)]
    plain = [text for text in given if not text.startswith((_ADD, _REMOVE))]
    if plain and (more or less):
        what = Text(f'"{plain[0]}" has no sign, and others have', f"“{plain[0]}”前没有符号，而其他各项有")
        hint = Text(
            "write + or - before each, or give the whole list without signs",
            "各项之前都写上+或-，或不带符号给出整个列表",
        )
        options.problem(option, what, hint)
    return plain, more, less


def _absent(text: str) -> Text:
    return Text(f'there is no "{text}" to take away', f"没有可去掉的“{text}”")


def _has(had: Mapping[str, Any]) -> Text:
    if not had:
        return Text("there are none", "现在一项也没有")
    return Text("there are " + ", ".join(had), "现有" + "、".join(had))
