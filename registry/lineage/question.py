"""A question, understood once: its names resolved, its day, its filters, its boundaries; and how rows are made of it.

A question of `questions` says only which flows it is about, by which end they are grouped, and what is its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from registry.errors import Refused
from registry.lineage.answers import FLOWS_SHOWN, Answer, Counted, FlowView, Row
from registry.lineage.boundaries import (
    Boundaries,
    Places,
    Recipients,
    Unions,
    boundaries,
    home_of,
    recipients_asked,
)
from registry.lineage.cached_reader import cached
from registry.lineage.derivation import DerivedMatch, match_derived
from registry.lineage.emptiness import why_empty
from registry.lineage.flow_views import FlowViews, view_flows
from registry.lineage.matching import OUR_READING, Filter, Flows, Tier, possibly, surest
from registry.lineage.naming import resolve
from registry.lineage.retention import mark_of_past, still_held
from registry.lineage.scope import Scope, filters, in_force
from registry.lineage.sensitivity import levels_above, sensitivity
from registry.lineage.summary import Standing, summarised
from registry.lineage.taxonomy import DataMatch, match_data
from registry.model.graph import CATEGORY, GRAPH, PRODUCT, RECIPIENT, SUBJECT
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import By, Ends, Has, Reader, Where

FLOWS_AT_ONCE = 5_000
"""The most flows that one answer reads; a longer one is cut after a whole row and says so."""

ROWS_AT_ONCE = 1_000
"""The most rows of one answer, where the asker sets no other limit."""


class Window(NamedTuple):
    """The part of a long answer that is wanted: at most ``first`` rows, those after the end ``after``.

    ``flows`` is how many flows of each row are written out.
    """

    first: int = ROWS_AT_ONCE
    after: NodeId | None = None
    flows: int = FLOWS_SHOWN


WHOLE = Window()


class Source(NamedTuple):
    """Flows, and the end by which they are grouped."""

    flows: Flows
    by: By


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one window of an answer. ``ranking`` has every end of the whole answer, in order, with its tier.

    It is None where the rows are the whole answer. ``absent`` is the tier of the flows that state no such end, where
    there are any.
    """

    rows: tuple[Row, ...]
    ranking: Mapping[NodeId, Tier] | None
    views: FlowViews
    absent: Tier | None = None
    complete: bool = True
    limit: Text | None = None
    following: NodeId | None = None
    catch_all: frozenset[NodeId] = frozenset()
    empty: Text | None = None

    @property
    def total(self) -> int:
        """How many rows there are in all."""
        return len(self.tiers)

    @property
    def tiers(self) -> Sequence[Tier]:
        """The tier of each row of the whole answer."""
        if self.ranking is None:
            return [Tier.of(row.certainty) for row in self.rows]
        return (*self.ranking.values(), *(() if self.absent is None else (self.absent,)))

    @property
    def ends(self) -> Sequence[NodeId]:
        """The end of each row of the whole answer that has one."""
        return [row.end for row in self.rows if row.end] if self.ranking is None else [*self.ranking]

    def but(self, rows: Iterable[Row]) -> Rows:
        """The same with these rows in place of its own."""
        return replace(self, rows=tuple(rows))


class Question:
    """What was asked, understood once.

    ``holding`` questions ask who still has data: flows that have ended count until what they brought is deleted.
    """

    def __init__(
        self, name: str, reader: Reader, scope: Scope, window: Window = WHOLE, *, holding: bool = False
    ) -> None:
        self.name = name
        self.reader = cached(reader)
        self.scope = scope
        self.window = window
        self.day = scope.day
        self.products = tuple(resolve(self.reader, name, [PRODUCT]) for name in scope.products)
        self.unions = Unions(self.reader, self.day)
        self._holding = holding

    # what was asked

    @cached_property
    def current(self) -> Filter:
        """The flows of the day asked about; of a ``holding`` question, those too by which data is still held."""
        found = in_force(self.scope)
        return still_held(self.reader, found, self.day) if self._holds_past else found

    @property
    def _holds_past(self) -> bool:
        # Whoever names a status asks for flows of that status.
        return self._holding and self.scope.status == ("active",)

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """The filters over flows, that of the day first; who the recipients are is left to `recipients`."""
        return (self.current, *filters(self.reader, self.scope, self.products))

    @property
    def narrowed(self) -> bool:
        """Whether flows are filtered by more than the day."""
        return len(self.filters) > 1

    @cached_property
    def recipients(self) -> Recipients:
        """The recipients asked for."""
        home = home_of(self.reader, self.products, self.scope.outside)
        return recipients_asked(self.reader, self.scope.kinds, self.scope.outside, home, self.unions)

    def match(self, *asked: NodeId) -> DataMatch:
        """What counts as this data: everything narrower, and what may include it."""
        return match_data(self.reader, asked)

    def match_derived(self, *asked: NodeId) -> DerivedMatch:
        """The same, with what flows of the day make of it."""
        return match_derived(self.reader, self.match(*asked), Where(self.current.possible))

    def flows(self, data: DataMatch | None = None, *also: Filter) -> Flows:
        """The flows asked about: those that bear on ``data``, where it is given."""
        passing = Where(tuple(condition for one in self.filters for condition in one.possible))
        return Flows(self.reader, (*self.filters, *also), data, current=passing)

    def to_recipients(self, flows: Flows, of: Collection[NodeId] | None = None) -> Flows:
        """Those of the flows that go to recipients asked for (of these), where anything is asked of recipients."""
        return flows.narrowed(*self.recipients.as_filter(of))

    def boundaries(self, recipients: Collection[NodeId]) -> Boundaries:
        """Where these recipients stand, measured from the products asked for, or from all of them."""
        return boundaries(self.reader, Places(self.products or self._every_product), recipients, self.unions)

    @cached_property
    def _every_product(self) -> tuple[NodeId, ...]:
        return tuple(node.id for node in self.reader.nodes(PRODUCT))

    # rows

    def rows_by_recipient(self, flows: Flows, labels: Collection[str] = (), also: Collection[NodeId] = ()) -> Rows:
        """A row for each recipient asked for (or other end of these labels) of the flows, placed inside or outside."""
        return self.placed(self.rows(self._sources(flows, By(("TO",), frozenset(labels))), also=also))

    def _sources(self, flows: Flows, by: By) -> list[Source]:
        asked = self.recipients
        if asked.among is None:
            return [Source(flows, by)]
        away, near = asked.among - asked.at_home, asked.among & asked.at_home
        found = [Source(flows, by._replace(among=away))]
        if near:
            found.append(Source(flows.narrowed(asked.stored_abroad), by._replace(among=near)))
        return found

    def rows(
        self,
        sources: Sequence[Source],
        *,
        with_absent: bool = False,
        sensitive_first: bool = False,
        also: Collection[NodeId] = (),
    ) -> Rows:
        """A row for each end of the flows, the surest first; with ``with_absent`` one for those that state no such end.

        Only the window is read; how surely each end of the whole answer counts is known without.
        """
        ranking = self._ranking(sources, sensitive_first)
        absent = sources[0].flows.tier_without(sources[0].by.edges) if with_absent else None
        wanted, start = self._wanted([*ranking])
        groups, cut = self._groups(sources, wanted)
        last = wanted[len(groups) - 1] if groups else self.window.after
        ended = len(groups) == len(wanted) and start + len(wanted) == len(ranking)
        room = ended and not cut and len(groups) < self.window.first
        endless = self._endless(sources[0]) if absent is not None and room else []
        flows = dict.fromkeys([*(flow for several in groups for _, ids in several for flow in ids), *endless])
        views = view_flows(self.reader, flows.keys(), [*also, *wanted[: len(groups)]])
        judged = [_judged(source.flows, views, groups, place, endless) for place, source in enumerate(sources)]
        rows = [self._row(end, several, sources, judged) for end, several in zip(wanted, groups, strict=False)]
        if endless:
            rows.append(Row.of(None, [judged[0][flow] for flow in endless if flow in judged[0]]))
        ended = ended and bool(endless) == (absent is not None)
        catch_all = frozenset(one for source in sources if source.flows.data for one in source.flows.data.catch_all)
        found = Rows(tuple(rows), ranking, views, absent, catch_all=catch_all)
        if not found.total:
            # What was left out of several sources is left out of the first of them.
            by = sources[0].by
            option = self.recipients.option if by.among is not None else ""
            found = replace(found, empty=why_empty(sources[0].flows, by, self.current, option))
        complete = ended and not cut and self.window.after is None
        limit = None if complete else _limit(cut, len(rows), found.total, self.window)
        return replace(found, complete=complete, limit=limit, following=None if ended else last)

    def _ranking(self, sources: Sequence[Source], sensitive_first: bool) -> dict[NodeId, Tier]:
        """Every end with its tier, in the order of rows: the surest first, then by kind and key."""
        tiers = surest(source.flows.ends(source.by) for source in sources)
        for end in self.recipients.unsure if any("TO" in source.by.edges for source in sources) else ():
            if end in tiers:
                tiers[end] = max(tiers[end], Tier.POSSIBLE)
        first = sensitivity(self.reader, tiers) if sensitive_first else {}
        return dict(sorted(tiers.items(), key=lambda item: (item[1], bool(first) and item[0] not in first, item[0])))

    def _wanted(self, ends: list[NodeId]) -> tuple[list[NodeId], int]:
        """The ends of the window, and the place of the first of them."""
        after = self.window.after
        if after is None:
            return ends[: self.window.first], 0
        if after not in ends:
            raise Refused(
                Text(f"the answer has no row {after.reference}", f"结果中没有{after.reference}这一行"),
                hint=Text("begin again without --after", "请去掉--after重新查询"),
            )
        start = ends.index(after) + 1
        return ends[start : start + self.window.first], start

    def _groups(self, sources: Sequence[Source], wanted: Sequence[NodeId]) -> tuple[list[_Groups], bool]:
        """The flows of each wanted end from each source, as far as they can be read at once; whether any were left."""
        found: dict[NodeId, list[tuple[int, tuple[NodeId, ...]]]] = {end: [] for end in wanted}
        for place, source in enumerate(sources):
            among = frozenset(wanted) if source.by.among is None else source.by.among.intersection(wanted)
            if among:
                page = self.reader.group(source.flows.every, source.by._replace(among=among))
                for group in page.groups:
                    found[group.end].append((place, group.flows))
        flows = 0
        for number, end in enumerate(wanted):
            flows += sum(len(ids) for _, ids in found[end])
            if flows > FLOWS_AT_ONCE:
                if number:
                    return [found[one] for one in wanted[:number]], True
                return [[(place, _surest(sources[place], end, ids)) for place, ids in found[end]]], True
        return [found[end] for end in wanted], False

    def _endless(self, source: Source) -> list[NodeId]:
        """The flows that have no such end, as many as can be read at once."""
        absent = [Has(edge, absent=True) for edge in source.by.edges]
        found = self.reader.flows(source.flows.every.also(*absent), limit=FLOWS_AT_ONCE + 1)
        if len(found) <= FLOWS_AT_ONCE:
            return found
        certain = self.reader.flows(source.flows.certain.also(*absent), limit=FLOWS_AT_ONCE)
        return [*dict.fromkeys((*certain, *found))][:FLOWS_AT_ONCE]

    def _row(
        self, end: NodeId, groups: _Groups, sources: Sequence[Source], judged: Sequence[Mapping[NodeId, FlowView]]
    ) -> Row:
        views = {
            flow: _leading(judged[place][flow], sources[place].by, end)
            for place, ids in groups
            for flow in ids
            if flow in judged[place]
        }
        asked = self.recipients
        flows = asked.doubted(end, views.values())
        if self._holds_past:
            flows = [mark_of_past(flow, self.day) for flow in flows]
        return asked.explained(Row.of(end, flows))

    def placed(self, found: Rows) -> Rows:
        """The rows, each recipient marked as inside or outside the group, with its organisations and countries."""
        ends = [row.end for row in found.rows if row.end and row.end.label == RECIPIENT]
        if not ends:
            return found
        stands = self.boundaries(found.ends)
        rows = []
        for row in found.rows:
            if row.end is not None and row.end.label == RECIPIENT:
                related = {
                    "organizations": stands.organizations.get(row.end, ()),
                    "countries": stands.countries.get(row.end, ()),
                }
                marked = replace(row, inside_group=stands.inside_group(row.end), related={**row.related, **related})
                rows.append(marked)
            else:
                rows.append(row)
        return found.but(rows)

    # the answer

    def answer(
        self,
        found: Rows,
        about: Collection[NodeId],
        related: Mapping[str, tuple[NodeId, ...]] | None = None,
        notes: Collection[Text] = (),
    ) -> Answer:
        """The answer of these rows and what is ``related`` to them, with every node that they name."""
        nodes, sensitive = self._named(found, about, related or {})
        answer = Answer(
            self.name,
            tuple(about),
            found.rows,
            found.total,
            nodes,
            sensitive,
            found.complete,
            found.limit,
            found.following,
            tuple(notes),
            related or {},
            flows_shown=self.window.flows,
        )
        names = self.reader.get(sorted(found.catch_all))
        summary = summarised(
            answer, found.tiers, self._standing(found), [names[one].name for one in sorted(names)], found.empty
        )
        return replace(answer, summary=summary)

    def _standing(self, found: Rows) -> Standing:
        """Where the recipients of the whole answer stand, and of which kinds its rows are."""
        ends = found.ends
        recipients = [end for end in ends if end.label == RECIPIENT] if self.name in _OF_RECIPIENTS else []
        if not recipients:
            return Standing()
        stands = self.boundaries(recipients)
        kinds = Counter(
            stands.recipients[end].word("kind") or "" if end in stands.recipients else GRAPH.node(end.label).noun
            for end in ends
        )
        return Standing(
            _counted(stands.inside_group(end) for end in recipients),
            _counted(stands.inside_country(end) for end in recipients),
            tuple(sorted(kinds.items(), key=lambda item: (-item[1], item[0]))),
        )

    def _named(
        self, found: Rows, about: Collection[NodeId], related: Mapping[str, tuple[NodeId, ...]]
    ) -> tuple[dict[NodeId, Node], dict[NodeId, tuple[NodeId, ...]]]:
        """Every node that an answer names, and the levels at which data is sensitive."""
        views = found.views
        named = {*about, *(row.end for row in found.rows if row.end)}
        named.update(*related.values())
        for row in found.rows:
            named.update(row.path, *row.related.values(), *(reason.clauses for reason in row.reasons))
            for one in row.combines:
                named.update(one.clauses, one.categories)
        missing = named - views.nodes.keys()
        levels = levels_above(self.reader, [one for one in missing if one.label in (CATEGORY, SUBJECT)])
        nodes = {**views.nodes, **self.reader.get((*missing, *levels.levels))}
        return nodes, {**views.sensitive, **levels.of(nodes)}


_OF_RECIPIENTS = ("who-receives", "if-erased", "combinations")
"""The questions whose rows are those who get data."""


def _counted(inside: Iterable[bool | None]) -> Counted:
    counts = Counter(inside)
    return Counted(counts[True], counts[False], counts[None])


_Groups = Sequence[tuple[int, tuple[NodeId, ...]]]
"""The flows of one end: the place of the source among those asked, and the flows from there."""


def _judged(
    flows: Flows, views: FlowViews, groups: Iterable[_Groups], place: int, endless: Collection[NodeId]
) -> dict[NodeId, FlowView]:
    own = dict.fromkeys(flow for several in groups for number, ids in several if number == place for flow in ids)
    if place == 0:
        own.update(dict.fromkeys(endless))
    return {view.id: view for view in flows.judged([views.flows[flow] for flow in own if flow in views.flows])}


def _leading(flow: FlowView, by: By, end: NodeId) -> FlowView:
    """The flow, only possible where it leads to that end only by our reading."""
    return flow if any(end in flow.stated_ends(name) for name in by.edges) else possibly(flow, OUR_READING)


def _surest(source: Source, end: NodeId, flows: Collection[NodeId]) -> tuple[NodeId, ...]:
    """As many flows of one end as can be read at once, those that are certain before the others."""
    only = Ends(source.by.edges, frozenset((end,)))
    certain = source.flows.reader.flows(source.flows.certain.also(only), limit=FLOWS_AT_ONCE)
    return tuple(dict.fromkeys((*certain, *flows)))[:FLOWS_AT_ONCE]


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
