"""How surely flows match what was asked: certain, derived from it, possible, or possible only by a catch-all category.

A filter is three things: the flows that certainly pass it, those that may, and for a flow that only may, the reason. So
flows are counted without being read, and those that are read say why they count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

from registry.lineage.answers import Certainty, FlowView, Reason, Row
from registry.lineage.cached_reader import CachedReader
from registry.lineage.derivation import HELD, DerivedMatch, Held, held_at, reason_beside, reason_derived
from registry.lineage.taxonomy import DataMatch, path_to, reason_broader
from registry.model.graph import SUBJECT
from registry.model.snapshot import NodeId, Text
from registry.stores.port import AllOf, AnyOf, By, Condition, Ends, Has, Is, Where, is_reading


class Tier(IntEnum):
    """How surely a row counts, the surest first; rows stand in this order."""

    CERTAIN = 0
    DERIVED = 1
    POSSIBLE = 2
    CATCH_ALL = 3

    @classmethod
    def of(cls, certainty: Certainty) -> Tier:
        """The tier of a row that is so certain, by more than a catch-all category."""
        return cls(certainty.rank)


def no_doubt(_: FlowView) -> tuple[Reason, ...]:
    """Why a flow only may pass a filter that it surely passes: for no reason."""
    return ()


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter over flows: ``certain`` lets through those that surely pass, ``possible`` also those that may.

    ``doubts`` are the reasons why a flow that is let through only may pass it; none where it surely does. ``option``
    is the option by which people ask for it; empty for what the question itself asks.
    """

    certain: tuple[Condition, ...]
    possible: tuple[Condition, ...]
    doubts: Callable[[FlowView], Collection[Reason]] = no_doubt
    option: str = ""


def exactly(*conditions: Condition) -> Filter:
    """A filter that every flow passes surely or not at all."""
    return Filter(conditions, conditions)


def leads_to(
    edges: tuple[str, ...],
    certain: Collection[NodeId],
    possible: Collection[NodeId] = (),
    *,
    doubt: Reason,
    silent: bool = True,
) -> Filter:
    """Flows that lead to one of these ends: surely to a ``certain`` one, perhaps to a ``possible`` one.

    Where ``silent``, a flow without any such edge may pass too. An edge that is only our reading makes nothing certain.
    """
    surely, maybe = frozenset(certain), frozenset((*certain, *possible))
    options: tuple[Condition, ...] = (Ends(edges, maybe),)
    if silent:
        options = (*options, AllOf(tuple(Has(edge, absent=True) for edge in edges)))

    def doubts(flow: FlowView) -> tuple[Reason, ...]:
        if any(end in surely for edge in edges for end in flow.stated_ends(edge)):
            return ()
        return (OUR_READING if any(end in surely for edge in edges for end in flow.ends(edge)) else doubt,)

    return Filter((Ends(edges, surely, stated=True),), (AnyOf(options),), doubts)


def has_word(name: str, values: Collection[str], *, doubt: Reason, every: Collection[str]) -> Filter:
    """Flows whose property has one of these values; one on which it is not stated may have it."""
    wanted = frozenset(values)
    stated = Is(name, wanted)
    silent = Is(name, frozenset(every), absent=True)

    def doubts(flow: FlowView) -> tuple[Reason, ...]:
        return () if flow.node.word(name) in wanted else (doubt,)

    return Filter((stated,), (AnyOf((stated, silent)),), doubts)


OUR_READING = Reason(Text("this is our reading: no clause says it", "此为登记者的理解，条款未明示"))


class Flows:
    """The flows that a question is asked of: which count, how surely, and why.

    ``data`` is what they must bear on, where data was asked for; ``by`` are the edges by which they hold it.
    ``current`` lets through the flows by which derived data is passed on.
    """

    def __init__(
        self,
        reader: CachedReader,
        filters: Sequence[Filter],
        data: DataMatch | None = None,
        *,
        current: Where | None = None,
        carried_by: tuple[str, ...] = HELD,
    ) -> None:
        self.reader = reader
        self.filters = tuple(filters)
        self.data = data
        self._current = current or Where()
        self._carried_by = carried_by

    def filtered(self, filters: Sequence[Filter]) -> Flows:
        """The same with these filters in place of its own."""
        return Flows(self.reader, filters, self.data, current=self._current, carried_by=self._carried_by)

    def narrowed(self, *filters: Filter) -> Flows:
        """The same with more filters."""
        return self.filtered((*self.filters, *filters))

    @cached_property
    def certain(self) -> Where:
        """Lets through the flows that certainly count."""
        found = Where(self._surely)
        return found if self.data is None else found.also(Ends(self._carried_by, self.data.certain, stated=True))

    @cached_property
    def specific(self) -> Where:
        """Lets through the flows that count, unless it is only by a catch-all category."""
        return self._possible if self.data is None else self._possible.also(Ends(self._carried_by, self.data.specific))

    @cached_property
    def every(self) -> Where:
        """Lets through all flows that may count."""
        return self._possible if self.data is None else self._possible.also(Ends(self._carried_by, self.data.every))

    @property
    def _surely(self) -> tuple[Condition, ...]:
        return tuple(condition for one in self.filters for condition in one.certain)

    @property
    def _possible(self) -> Where:
        return Where(tuple(condition for one in self.filters for condition in one.possible))

    @cached_property
    def held(self) -> Held:
        """Where data is held that was surely made of the data asked for."""
        if not isinstance(self.data, DerivedMatch):
            return {}
        return held_at(self.reader, self.data, self._current)

    def ends(self, by: By) -> dict[Tier, set[NodeId]]:
        """The ends of the flows by how surely they count; an end may stand in several tiers."""
        found = {Tier.CERTAIN: {*self.reader.ends(self.certain, by._replace(stated=True))}}
        found[Tier.DERIVED] = self._derived(by._replace(stated=True))
        found[Tier.POSSIBLE] = {*self.reader.ends(self.specific, by)}
        found[Tier.CATCH_ALL] = {*self.reader.ends(self.every, by)} if self.every != self.specific else set()
        return found

    def _derived(self, by: By) -> set[NodeId]:
        return {row[2] for row in self._carrying_derived((), by)}

    def _carrying_derived(self, conditions: tuple[Condition, ...], *bys: By) -> list[tuple[NodeId, ...]]:
        """From where, what, and the ends ``bys`` of flows that carry what was surely derived and is held there."""
        if not self.held:
            return []
        categories = frozenset(category for _, category in self.held)
        carried = By(("CARRIES",), among=categories, stated=True)
        where = Where((*self._surely, *conditions, Ends(("CARRIES",), categories, stated=True)))
        rows = self.reader.tuples(where, (By(("FROM",), stated=True), carried, *bys))
        return [row for row in rows if row[0].label != SUBJECT and (row[0], row[1]) in self.held]

    def tier_without(self, edges: Collection[str]) -> Tier | None:
        """How surely the surest flow counts that has none of these edges; None where there is no such flow."""
        absent = tuple(Has(edge, absent=True) for edge in edges)
        if self.reader.flows(self.certain.also(*absent), limit=1):
            return Tier.CERTAIN
        if self._carrying_derived(absent):
            return Tier.DERIVED
        if self.reader.flows(self.specific.also(*absent), limit=1):
            return Tier.POSSIBLE
        return Tier.CATCH_ALL if self.reader.flows(self.every.also(*absent), limit=1) else None

    def judged(self, flows: Collection[FlowView]) -> list[FlowView]:
        """These flows with how surely they count and why; without those that do not."""
        views = [*flows] if self.data is None else self._by_data(flows, self.data)
        return [self._doubted(view) for view in views]

    def _doubted(self, flow: FlowView) -> FlowView:
        reasons = dict.fromkeys(reason for one in self.filters for reason in one.doubts(flow))
        return possibly(flow, *reasons) if reasons else flow

    def _by_data(self, flows: Collection[FlowView], data: DataMatch) -> list[FlowView]:
        loads = [_Load.of(flow, self._carried_by) for flow in flows]
        reasons = _reasons(self.reader, data, {category for load in loads for category in load.all})
        found = (_matched(load, data, self.held, reasons) for load in loads)
        return [view for view in found if view is not None]


def possibly(flow: FlowView, *reasons: Reason) -> FlowView:
    """The flow, only possible, for these reasons besides its own."""
    return flow._replace(certainty=Certainty.POSSIBLE, reasons=(*flow.reasons, *reasons))


def possibly_row(row: Row, reason: Reason | None) -> Row:
    """The row, only possible for this reason besides its own, where there is one."""
    if reason is None:
        return row
    return replace(row, certainty=Certainty.POSSIBLE, reasons=(*row.reasons, reason))


class _Load(NamedTuple):
    """A flow with the data that it brings, with that and what it makes, and what of both is not only our reading."""

    flow: FlowView
    brings: tuple[NodeId, ...]
    all: tuple[NodeId, ...]
    stated: frozenset[NodeId]

    @classmethod
    def of(cls, flow: FlowView, edges: Iterable[str]) -> _Load:
        held = [edge for name in edges for edge in flow.edges.get(name, ())]
        stated = frozenset(edge.target for edge in held if not is_reading(edge))
        return cls(flow, flow.ends("CARRIES"), tuple(dict.fromkeys(edge.target for edge in held)), stated)


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Why each category bears on the data asked for: as broader, as made of it by each flow, as perhaps that."""

    broader: Mapping[NodeId, Reason]
    derived: Mapping[NodeId, Mapping[NodeId, Reason]] = field(default_factory=dict)
    beside: Mapping[NodeId, Reason] = field(default_factory=dict)

    def of(self, category: NodeId) -> list[Reason]:
        """All reasons that there are for a category."""
        if category in self.derived:
            return [*self.derived[category].values()]
        return [one[category] for one in (self.broader, self.beside) if category in one]


def _reasons(reader: CachedReader, data: DataMatch, carried: Collection[NodeId]) -> _Reasons:
    """The reasons for those categories that are carried."""
    broader = [category for category in carried if category in data.possible]
    paths = {one for category in broader for one in path_to(category, data.possible)}
    if not isinstance(data, DerivedMatch):
        nodes = reader.get({*data.asked, *paths})
        return _Reasons({category: reason_broader(data, category, nodes) for category in broader})
    derived = {category: data.derived[category] for category in carried if category in data.derived}
    beside = [category for category in carried if category in data.beside]
    paths.update(one for category in beside for one in path_to(category, data.beside))
    makers = (made.flow for several in derived.values() for made in several)
    nodes = reader.get({*data.asked, *derived, *paths, *makers})
    return _Reasons(
        {category: reason_broader(data, category, nodes) for category in broader},
        {
            category: {made.flow: reason_derived(made, nodes, data.asked[0]) for made in several}
            for category, several in derived.items()
        },
        {category: reason_beside(data, category, nodes) for category in beside},
    )


def _matched(load: _Load, data: DataMatch, held: Held, reasons: _Reasons) -> FlowView | None:
    flow, carried = load.flow, load.all
    certain = tuple([category for category in carried if category in data.certain])
    if certain:
        if not load.stated.isdisjoint(certain):
            return flow._replace(matched=certain)
        return flow._replace(certainty=Certainty.POSSIBLE, reasons=(OUR_READING,), matched=certain)
    # Only what was surely made of the data asked for, and is held where this flow starts, is surely derived from it.
    surely = {
        category: [reasons.derived[category][maker] for maker in sorted(makers)]
        for category in load.brings
        if category in load.stated
        if (makers := {maker for start in flow.stated_ends("FROM") for maker in _makers_at(held, start, category)})
    }
    if surely:
        why = dict.fromkeys(reason for several in surely.values() for reason in several)
        return flow._replace(certainty=Certainty.DERIVED, reasons=tuple(why), matched=tuple(surely))
    maybe = {category: found for category in carried if (found := reasons.of(category))}
    if not maybe:
        return None
    why = dict.fromkeys(reason for several in maybe.values() for reason in several)
    return flow._replace(
        certainty=Certainty.POSSIBLE,
        reasons=tuple(why),
        matched=tuple(maybe),
        catch_all=all(reason.vague for reason in why),
    )


def _makers_at(held: Held, place: NodeId, category: NodeId) -> Collection[NodeId]:
    # What people give, they need not have from there.
    return held.get((place, category), ()) if place.label != SUBJECT else ()


class MadeHere(Flows):
    """Flows that derive the data asked for: what they make is derived here, or may be it."""

    def __init__(self, reader: CachedReader, filters: Sequence[Filter], data: DataMatch | None) -> None:
        super().__init__(reader, filters, data, carried_by=("DERIVES",))

    def filtered(self, filters: Sequence[Filter]) -> Flows:
        """The same with these filters in place of its own."""
        return MadeHere(self.reader, filters, self.data)

    def ends(self, by: By) -> dict[Tier, set[NodeId]]:
        """The ends of the flows by how surely they count: what is certainly made here is derived."""
        found = super().ends(by)
        return {**found, Tier.CERTAIN: set(), Tier.DERIVED: found[Tier.CERTAIN]}

    def _by_data(self, flows: Collection[FlowView], data: DataMatch) -> list[FlowView]:
        found = super()._by_data(flows, data)
        return [
            view._replace(certainty=Certainty.DERIVED, reasons=(_MADE_HERE,))
            if view.certainty is Certainty.CERTAIN
            else view
            for view in found
        ]


_MADE_HERE = Reason(Text("it is derived here", "在此加工生成"))


def surest(tiers: Iterable[dict[Tier, set[NodeId]]]) -> dict[NodeId, Tier]:
    """Each end with the surest tier in which it stands."""
    found: dict[NodeId, Tier] = {}
    for tier, several in sorted(
        ((tier, several) for one in tiers for tier, several in one.items()), key=lambda pair: pair[0]
    ):
        for end in several:
            found.setdefault(end, tier)
    return found
