"""How every question is answered: flows that a filter lets through, grouped by one end, with what else they lead to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from registry.errors import Refused
from registry.lineage.answers import Answer, Certainty, FlowView, Row
from registry.lineage.cached_reader import CachedReader, cached
from registry.lineage.kinds import BROADER
from registry.lineage.scope import Filter
from registry.model.graph import CATEGORY, CLAUSE, SENSITIVITY, SUBJECT
from registry.model.snapshot import Edge, Node, NodeId, Text
from registry.stores.port import By, Direction, Ends, Group, Has, Page, Reader, Step, Where

FLOWS_AT_ONCE = 5_000
"""The most flows that one answer lays out; a longer one is cut after a whole row and says so."""

ROWS_AT_ONCE = 1_000
"""The most rows of one answer, where the asker sets no other limit."""

Judge = Callable[[Collection[FlowView]], list[FlowView]]
"""Says of flows how surely each counts, all at once; those that do not count are left out."""


class Window(NamedTuple):
    """The part of a long answer that is wanted: at most ``first`` rows, those after the end ``after``."""

    first: int = ROWS_AT_ONCE
    after: NodeId | None = None


WHOLE = Window()

_FORMS = {
    "de-identified": Text("de-identified", "已去标识化"),
    "anonymised": Text("anonymised: no longer personal information", "已匿名化，不再属于个人信息"),
    "aggregated": Text("aggregated", "汇总统计"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Flows laid out, with the nodes they lead to and the levels at which categories and subjects are sensitive."""

    flows: Mapping[NodeId, FlowView]
    nodes: Mapping[NodeId, Node]
    sensitive: Mapping[NodeId, tuple[NodeId, ...]]


def see(reader: Reader, flows: Collection[NodeId], also: Collection[NodeId] = ()) -> Seen:
    """Lay out ``flows``; ``also`` are further nodes that the answer will name."""
    asking = cached(reader)
    # The edges first: then one call gets the flows together with everything that they lead to.
    laid: dict[NodeId, dict[str, tuple[Edge, ...]]] = {}
    named = dict.fromkeys(also)
    for flow, edges in asking.leaving(flows).items():
        by_name: dict[str, tuple[Edge, ...]] = {}
        laid[flow] = by_name
        for edge in edges:
            _, name, target, properties = edge
            by_name[name] = (*by_name[name], edge) if name in by_name else (edge,)
            named[target] = None
            if "stated_in" in properties:
                named.update(dict.fromkeys(stated(edge)))
    climbed = climb(asking, [node_id for node_id in named if node_id.label in (CATEGORY, SUBJECT)])
    nodes = asking.get({**dict.fromkeys(laid), **named, **dict.fromkeys(climbed.levels)})
    views = {
        flow: FlowView(nodes[flow], by_name, marks=_marks(nodes[flow]))
        for flow, by_name in laid.items()
        if flow in nodes
    }
    return Seen(views, nodes, climbed.sensitive(nodes))


def _marks(flow: Node) -> tuple[Text, ...]:
    form = _FORMS.get(flow.word("protection") or "")
    return (form,) if form else ()


def stated(edge: Edge) -> list[NodeId]:
    """The clauses that an edge names as its source."""
    clauses = edge.properties.get("stated_in", ())
    return [NodeId(CLAUSE, key) for key in clauses] if isinstance(clauses, tuple) else []


def sensitivity(reader: Reader, ids: Collection[NodeId]) -> dict[NodeId, tuple[NodeId, ...]]:
    """The levels at which each category or subject group is sensitive personal information, where there is any.

    A kind of data is at least as sensitive as the broader kinds above it.
    """
    climbed = climb(cached(reader), ids)
    return climbed.sensitive(reader.get(climbed.levels))


class Climbed(NamedTuple):
    """Categories and groups of people with what is above each, as far as there is anything, and the levels there."""

    ids: Collection[NodeId]
    upward: Mapping[NodeId, Collection[NodeId]]
    levels: tuple[NodeId, ...]

    def sensitive(self, nodes: Mapping[NodeId, Node]) -> dict[NodeId, tuple[NodeId, ...]]:
        """The levels of each that has any; ``nodes`` has those levels."""
        counted = {level for level in self.levels if level in nodes and nodes[level].flag("sensitive") is not False}
        memo: dict[NodeId, frozenset[NodeId]] = {}
        found = ((node_id, _above(node_id, self.upward, counted, memo)) for node_id in self.ids)
        return {node_id: tuple(sorted(above)) for node_id, above in found if above}


def climb(reader: CachedReader, ids: Collection[NodeId]) -> Climbed:
    """What is above these, up to the levels at which it is sensitive."""
    reached = reader.closure(ids, [BROADER, Step("HAS_SENSITIVITY", Direction.OUT), Step("COVERS", Direction.IN)])
    return Climbed(ids, reached.along(), tuple(node_id for node_id in reached if node_id.label == SENSITIVITY))


_NOTHING: frozenset[NodeId] = frozenset()


def _above(
    node_id: NodeId,
    upward: Mapping[NodeId, Collection[NodeId]],
    counted: Collection[NodeId],
    memo: dict[NodeId, frozenset[NodeId]],
) -> frozenset[NodeId]:
    if node_id not in memo:
        memo[node_id] = _NOTHING
        here = [
            (target,) if target in counted else _above(target, upward, counted, memo)
            for target in upward.get(node_id, ())
            if target in counted or target.label == node_id.label
        ]
        memo[node_id] = _NOTHING.union(*here)
    return memo[node_id]


def surely(flows: Collection[FlowView]) -> list[FlowView]:
    """The judge of questions whose flows all count for certain."""
    return [*flows]


def doubting(judge: Judge, within: Filter) -> Judge:
    """The same judge, for which flows that only perhaps lie ``within`` a filter count as possible."""
    if not within.doubts:
        return judge
    return lambda flows: [within.doubted(flow) for flow in judge(flows)]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The rows of one window of an answer, before the question adds what is its own."""

    rows: tuple[Row, ...]
    total: int
    seen: Seen
    complete: bool
    limit: Text | None
    following: NodeId | None = None


def grouped(
    reader: CachedReader,
    where: Where,
    by: By,
    judge: Judge,
    window: Window,
    *,
    sure: Where,
    unsure: Collection[NodeId] = (),
    ends: Collection[NodeId] | None = None,
    with_absent: bool = False,
    also: Collection[NodeId] = (),
) -> Grouped:
    """Answer with a row for each end; with ``with_absent`` also one for the flows that have no such end.

    The ends of the flows that ``sure`` lets through come first, except those that are ``unsure`` themselves, so that a
    cut never hides the certain behind the possible. ``ends`` are those of all the flows, where they are known already.
    """
    every = reader.ends(where, by) if ends is None else ends
    first = [end for end in reader.ends(sure, by) if end not in unsure] if every else []
    page, ordered = _page(reader, where, by, window, every, first)
    groups, cut = _bearable(reader, by, sure, page.groups)
    last = groups[-1].end if groups else window.after
    ended = not ordered or last == ordered[-1]
    absent: list[NodeId] = []
    missing = False
    if with_absent:
        endless = where.also(*(Has(edge, absent=True) for edge in by.edges))
        # They come last of all, on a page that has room for them.
        room = ended and not cut and len(groups) < window.first
        found = reader.flows(endless, limit=FLOWS_AT_ONCE + 1 if room else 1)
        missing = bool(found)
        if room and len(found) > FLOWS_AT_ONCE:
            cut = True
            found = _surest(reader.flows(sure.also(*endless.conditions), limit=FLOWS_AT_ONCE), found)
        absent = found if room else []
    wanted = dict.fromkeys([*(flow for group in groups for flow in group.flows), *absent])
    seen = see(reader, wanted.keys(), [*also, *(group.end for group in groups)])
    judged = {view.id: view for view in judge([*seen.flows.values()])}
    rows = [_row(group.end, group.flows, judged) for group in groups]
    if absent:
        rows.append(_row(None, tuple(absent), judged))
    shown = sorted((row for row in rows if row.flows), key=lambda row: row.rank)
    total = len(ordered) + missing
    ended = ended and bool(absent) == missing
    complete = not cut and ended and window.after is None
    limit = None if complete else _limit(cut, len(rows), total, window)
    return Grouped(tuple(shown), total, seen, complete, limit, None if ended else last)


def _page(
    reader: CachedReader, where: Where, by: By, window: Window, every: Collection[NodeId], sure: Collection[NodeId]
) -> tuple[Page, list[NodeId]]:
    """The groups of the window, the ``sure`` ends first, and ``every`` end in that order."""
    ends = [*sure, *sorted(set(every) - set(sure))]
    if window.after is not None and window.after not in ends:
        raise Refused(f"the answer has no row {window.after.reference}", hint="begin again without --after")
    start = 0 if window.after is None else ends.index(window.after) + 1
    wanted = ends[start : start + window.first]
    if not wanted:
        return Page((), 0), ends
    page = reader.group(where, by._replace(among=frozenset(wanted)))
    place = {end: number for number, end in enumerate(wanted)}
    return Page(tuple(sorted(page.groups, key=lambda group: place[group.end])), page.total), ends


def _bearable(reader: CachedReader, by: By, sure: Where, groups: tuple[Group, ...]) -> tuple[tuple[Group, ...], bool]:
    """The first groups whose flows can be laid out at once, and whether any had to be left.

    Of a group that is too long alone, the flows that ``sure`` lets through are kept first.
    """
    flows = 0
    for index, group in enumerate(groups):
        flows += len(group.flows)
        if flows > FLOWS_AT_ONCE:
            if index:
                return groups[:index], True
            certain = reader.flows(sure.also(Ends(by.edges, frozenset((group.end,)))), limit=FLOWS_AT_ONCE)
            return (replace(group, flows=tuple(_surest(certain, group.flows))),), True
    return groups, False


def _surest(certain: Collection[NodeId], flows: Collection[NodeId]) -> list[NodeId]:
    """As many flows as can be laid out at once, those that are ``certain`` before the others."""
    return [*dict.fromkeys((*certain, *flows))][:FLOWS_AT_ONCE]


def _limit(cut: bool, shown: int, total: int, window: Window) -> Text:
    if cut:
        return Text(
            f"cut at {FLOWS_AT_ONCE:,} flows: {shown} of {total} rows",
            f"超过{FLOWS_AT_ONCE:,}条流转，已截断：共{total}行，显示{shown}行",
        )
    start = Text("", "") if window.after is None else Text(f" after {window.after.key}", f"（{window.after.key}之后）")
    return Text(
        f"{shown} of {total} rows{start.en} (limit {window.first})",
        f"共{total}行，显示{shown}行{start.zh}（上限{window.first}）",
    )


def _row(end: NodeId | None, flows: tuple[NodeId, ...], judged: Mapping[NodeId, FlowView]) -> Row:
    views = tuple(judged[flow] for flow in flows if flow in judged)
    if not views:
        return Row(end, Certainty.POSSIBLE, ())
    return ranked(Row(end, Certainty.POSSIBLE, ()), views)


def ranked(row: Row, flows: Collection[FlowView]) -> Row:
    """The row with these flows: as certain as the surest of them, for the reasons of those that are as sure."""
    in_order = sorted(flows, key=lambda flow: (flow.certainty.rank, flow.id))
    best = in_order[0].certainty
    sure = sum(flow.certainty is best for flow in in_order)
    own, further = tuple(in_order[:sure]), tuple(in_order[sure:])
    reasons = dict.fromkeys(reason for flow in own for reason in flow.reasons)
    return replace(row, certainty=best, flows=own, further=further, reasons=tuple(reasons))


def answered(
    asking: CachedReader,
    question: str,
    about: Collection[NodeId],
    found: Grouped,
    related: Mapping[str, tuple[NodeId, ...]] | None = None,
    notes: Collection[Text] = (),
) -> Answer:
    """The answer of these rows and what is ``related`` to them, with every node that they name."""
    seen = found.seen
    named = {row.end for row in found.rows if row.end}
    named.update(*(related or {}).values())
    for row in found.rows:
        named.update(row.path, *row.related.values(), *(reason.clauses for reason in row.reasons))
        for one in row.combines:
            named.update(one.clauses, one.categories)
    missing = named - seen.nodes.keys()
    climbed = climb(asking, [node_id for node_id in missing if node_id.label in (CATEGORY, SUBJECT)])
    nodes = {**seen.nodes, **asking.get((*missing, *climbed.levels))}
    return Answer(
        question,
        tuple(about),
        found.rows,
        found.total,
        nodes,
        {**seen.sensitive, **climbed.sensitive(nodes)},
        found.complete,
        found.limit,
        found.following,
        tuple(notes),
        related or {},
    )
