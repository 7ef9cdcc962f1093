"""How cells are read from nodes and flows: names, choices, texts, data; and how equal rows become one."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from registry.documents.document import (
    UNSTATED,
    Cell,
    Clause,
    Column,
    Entry,
    Heading,
    Lack,
    Level,
    Line,
    Row,
    State,
    Statement,
)
from registry.documents.flow_pages import Facts, Origin
from registry.lineage.answers import FlowView
from registry.model.graph import CATEGORY, FLOW, GRAPH, PURPOSE
from registry.model.snapshot import Edge, Node, NodeId, Text, Value, shown

WHOLE = NodeId(CATEGORY, "personal-information")
"""The root of the vocabulary. Whoever says only this has not said which kinds of data."""

ANY_PURPOSE = NodeId(PURPOSE, "any-purpose")
"""The root of the purposes. Whoever says only this has named none."""

_NOBODYS = Text("not personal information", "不属于个人信息")
NOT_ONE_BY_ONE = Text("the kinds are not listed one by one", "未逐一列明种类")
_NO_PURPOSE_NAMED = Text("any purpose", "未限定目的")
_YES, _NO = Text("Yes", "是"), Text("No", "否")


CONTACT_OPTIONS = "--contact-en … --contact-zh …"
SCENARIO_OPTIONS = "--scenario-en … --scenario-zh …"
KINDS_OPTIONS = f"--carries -{WHOLE.key} --carries +…"
"""Who carries only personal information as such says which kinds instead."""


def said(text: Text | None) -> Cell:
    """A cell with one text, if there is one."""
    return Cell((Entry(text),)) if text else UNSTATED


def word(value: str | None) -> Cell:
    """A cell with one word that is the same in every language, such as an identifier."""
    return said(Text(value, value)) if value else UNSTATED


def link(url: str | None) -> Cell:
    """A cell that leads to an address."""
    return Cell((Entry(Text(url, url), url=url),)) if url else UNSTATED


def named(facts: Facts, ids: Iterable[NodeId]) -> Cell:
    """A cell with the names of nodes, each once."""
    entries = tuple(facts.entry(node_id) for node_id in dict.fromkeys(ids))
    return Cell(entries) if entries else UNSTATED


def flag(value: Value | None) -> Cell:
    """Yes, no, or not stated."""
    return said(yes_no(value)) if isinstance(value, bool) else UNSTATED


def yes_no(value: bool) -> Text:
    """Yes or no."""
    return _YES if value else _NO


def choice(node: Node, name: str) -> Cell:
    """What a property from a closed set says."""
    value = node.properties.get(name)
    return _chosen(node.id.label, name, value) if isinstance(value, str | tuple) else UNSTATED


@cache
def _chosen(label: str, name: str, value: str | tuple[str, ...]) -> Cell:
    return said(in_words(label, name, value))


@cache
def in_words(label: str, name: str, value: str | tuple[str, ...]) -> Text:
    """A value of a closed set, as readers see it."""
    prop = GRAPH.property(label, name)
    several = [value] if isinstance(value, str) else value
    return Text(
        ", ".join([shown(prop, one, "en") for one in several]), "、".join([shown(prop, one, "zh") for one in several])
    )


def with_notes(cell: Cell, notes: Iterable[Text]) -> Cell:
    """The same cell with more notes."""
    return replace(cell, notes=(*cell.notes, *notes))


def data(flow: FlowView, facts: Facts, names: Sequence[str] = ("CARRIES",)) -> Cell:
    """The data to which the edges ``names`` of a flow lead.

    All data about a sensitive group of people is sensitive (PIPL art. 28).
    """
    about = of_group(flow, facts)
    edges = [edge for name in names for edge in flow.edges.get(name, ())]
    entries = once(item(edge, facts, about) for edge in edges)
    vague = any(edge.target == WHOLE for edge in edges)
    bare = bool(edges) and all(nobodys(edge.target, facts) for edge in edges)
    notes = (*group_notes(flow, facts), *((NOT_ONE_BY_ONE,) if vague else ()), *((_NOBODYS,) if bare else ()))
    return Cell(entries, State.MISSING if vague else State.STATED, notes) if entries else UNSTATED


def once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Each thing once, with all its levels; what is needed anywhere is not optional."""
    found: dict[NodeId | Text, Entry] = {}
    for entry in entries:
        key = entry.id or entry.text
        had = found.get(key)
        if had is not None:
            levels = tuple(dict.fromkeys((*had.sensitive, *entry.sensitive)))
            entry = replace(had, sensitive=levels, optional=had.optional and entry.optional)
        found[key] = entry
    return tuple(found.values())


def item(edge: Edge, facts: Facts, about: tuple[Level, ...]) -> Entry:
    """One kind of data that an edge leads to."""
    levels = dict.fromkeys((*facts.sensitive.get(edge.target, ()), *about))
    optional = edge.properties.get("required") is False
    return Entry(facts.name(edge.target), edge.target, tuple(levels), optional)


def nobodys(category: NodeId, facts: Facts) -> bool:
    """Whether a kind of data points to nobody: anonymised data is no personal information (PIPL art. 4)."""
    node = facts.nodes.get(category)
    return node is not None and node.word("identifiability") == "none"


def purposes(flow: FlowView, facts: Facts) -> Cell:
    """Why the data is processed."""
    ids = flow.ends("FOR")
    given = named(facts, (one for one in ids if one != ANY_PURPOSE))
    return given if ANY_PURPOSE not in ids else with_notes(given, [_NO_PURPOSE_NAMED])


def of_group(flow: FlowView, facts: Facts) -> tuple[Level, ...]:
    """The levels at which everything about the people whom the flow concerns is sensitive."""
    groups = flow.ends("ABOUT")
    return tuple(dict.fromkeys(level for group in groups for level in facts.sensitive.get(group, ())))


def group_notes(flow: FlowView, facts: Facts) -> tuple[Text, ...]:
    """Whom the data is about, where that makes it sensitive."""
    names = [facts.name(group) for group in flow.ends("ABOUT") if facts.sensitive.get(group)]
    return tuple(Text(f"about {name.en[:1].lower()}{name.en[1:]}", f"涉及{name.zh}") for name in names)


def form(flow: FlowView) -> tuple[Text, ...]:
    """A note on data that no longer points to a person by itself."""
    protection = flow.node.word("protection")
    if protection not in ("de-identified", "anonymised", "aggregated"):
        return ()
    text = in_words(FLOW, "protection", protection)
    return (Text(text.en.lower(), text.zh),)


def sources(source: Origin, flow: FlowView) -> tuple[Clause, ...]:
    """The clauses that state a flow or what it carries."""
    return source.cited((*flow.edges.get("STATED_IN", ()), *flow.edges.get("CARRIES", ())))


def cells(columns: Sequence[Column[Line]], line: Line) -> tuple[Cell, ...]:
    """The cells for ``line``."""
    return tuple([column.cell(line) for column in columns])


def lacking(
    columns: Sequence[Column[Line]], found: Iterable[Cell], line: Line, activities: Callable[[Line], Sequence[Text]]
) -> tuple[Lack, ...]:
    """What is missing in the cells ``found`` for ``line``, in each of its activities."""
    missing = [column for column, cell in zip(columns, found, strict=True) if cell.state is State.MISSING]
    if not missing:
        return ()
    known = activities(line) or (None,)
    return tuple(
        Lack(column.key, activity, column.stated_by(line))
        for activity in known
        for column in missing
        if column.stated_by is not None
    )


def of_flow(flow: FlowView, options: str) -> Statement:
    """How something is stated of a flow."""
    return Statement(flow.node.name, f"registry flow change {shlex.quote(flow.id.key)}", options)


def of_node(node: Node, options: str) -> Statement:
    """How something is stated of anything else."""
    kind = GRAPH.node(node.id.label).noun.replace("_", "-")
    return Statement(node.name, f"registry change {kind} {shlex.quote(node.id.key)}", options)


class Merging:
    """How rows that say the same become one, with the flows and clauses of all; nothing is lost.

    The columns ``united`` need not be equal: their values are put together. Rows that differ in the columns ``items``
    only stay apart but come to stand together. The columns ``alike`` are equal in all rows that are put in.
    """

    def __init__(
        self,
        columns: Sequence[Heading],
        *,
        united: Collection[str] = (),
        items: Collection[str] = (),
        alike: Collection[str] = (),
    ) -> None:
        at = {column.key: place for place, column in enumerate(columns)}
        self._united = tuple(at[key] for key in united)
        self._items = tuple(at[key] for key in items)
        apart = (*united, *items, *alike)
        self._context = tuple(place for key, place in at.items() if key not in apart)

    def merged(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows that remain of ``rows``, in the order in which they first came."""
        contexts: dict[tuple[object, ...], dict[tuple[object, ...], Row]] = {}
        for row in rows:
            beside = contexts.setdefault(self._context_of(row), {})
            items = tuple([row.cells[at] for at in self._items])
            had = beside.get(items)
            beside[items] = self._with(had, row) if had else row
        return (row for beside in contexts.values() for row in beside.values())

    def _context_of(self, row: Row) -> tuple[object, ...]:
        united = [(row.cells[at].state, row.cells[at].notes) for at in self._united]
        return (row.depth, *united, *[row.cells[at] for at in self._context])

    def _with(self, first: Row, second: Row) -> Row:
        cells = list(first.cells)
        for at in self._united:
            cells[at] = _put_together(cells[at], second.cells[at])
        return replace(
            first,
            cells=tuple(cells),
            flows=tuple(dict.fromkeys((*first.flows, *second.flows))),
            clauses=tuple(sorted({*first.clauses, *second.clauses}, key=lambda clause: clause.place)),
            lacks=tuple(dict.fromkeys((*first.lacks, *second.lacks))),
        )


def _put_together(first: Cell, second: Cell) -> Cell:
    """The values of both, each once: what one flow requires, the person cannot leave out."""
    return replace(first, entries=once((*first.entries, *second.entries)))
