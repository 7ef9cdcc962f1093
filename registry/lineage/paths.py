"""The ways by which data gets from one place to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from registry.errors import Refused
from registry.lineage.answers import Answer, Certainty, FlowView, Reason, Row
from registry.lineage.asking import Judge, doubting, see, surely
from registry.lineage.judging import by_data
from registry.lineage.kinds import kinds, narrower, stops_of
from registry.lineage.naming import resolve
from registry.lineage.scope import EVERYWHERE, Scope, filtered, refuse_recipients
from registry.model.graph import CATEGORY, ENDS, SYSTEM
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import Direction, Ends, Reader, Where

LONGEST = 6
"""The most flows on one path, where the asker sets no other bound."""

MOST = 100
"""The most paths of one answer, where the asker sets no other bound."""

TRIES = 200_000
"""The most steps that the search takes; past that the answer says that it was cut."""


def path(
    reader: Reader,
    start: str,
    goal: str,
    *,
    data: str = "",
    scope: Scope = EVERYWHERE,
    longest: int = LONGEST,
    most: int = MOST,
) -> Answer:
    """Return every way from ``start`` to ``goal`` that visits no place twice, by flows of ``data``, shortest first.

    Kinds of the start and of the goal, and the systems of a product, count as these. What a system holds, its product
    holds; that a system holds what its product does is possible. Each row is one way, a sequence of places
    (``Row.related``): as certain as its least certain step, which is as certain as the surest flow of that step.
    ``Row.path`` has one flow a step, ``Row.flows`` all that are as sure. Bounded by ``longest`` steps a way and
    ``most`` ways; a bound that cut is said. Raises `Refused` when start and goal are the same.
    """
    first, last = resolve(reader, start, ENDS), resolve(reader, goal, ENDS)
    if first == last:
        raise Refused(f"{first.reference} is where it starts and where it ends", hint="name two different places")
    where, judge, about, notes = _filter(reader, data, scope)
    places = _places(reader, first, last)
    flows, cut = _near(reader, where, places, longest)
    seen = see(reader, flows, [first, last, *about])
    judged = {view.id: view for view in judge([*seen.flows.values()])}
    walk = _Walk(judged, places, longest, most)
    rows = tuple(_row(way, walk.flows, places, seen.nodes) for way in walk.ways())
    limit = _limit(cut, walk, longest, most)
    return Answer(
        "path",
        (first, last, *about),
        rows,
        len(rows),
        seen.nodes,
        seen.sensitive,
        complete=limit is None,
        limit=limit,
        notes=notes,
    )


class _Places(NamedTuple):
    """Where ways start and end, and from where else what comes to a place may go on: ``wholes`` surely."""

    starts: frozenset[NodeId]
    goals: frozenset[NodeId]
    wholes: Mapping[NodeId, Collection[NodeId]]
    parts: Mapping[NodeId, Collection[NodeId]]

    def beside(self, place: NodeId) -> list[NodeId]:
        """The product of a system, its other systems, the systems of a product."""
        wholes = self.wholes.get(place, ())
        others = {part for whole in (place, *wholes) for part in self.parts.get(whole, ())}
        return sorted({*wholes, *others} - {place})


def _places(reader: Reader, first: NodeId, last: NodeId) -> _Places:
    wholes: dict[NodeId, list[NodeId]] = defaultdict(list)
    parts: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in reader.edges(["PART_OF"], [node.id for node in reader.nodes(SYSTEM)], Direction.OUT):
        wholes[edge.source].append(edge.target)
        parts[edge.target].append(edge.source)
    starts, goals = ({*narrower(reader, one), *parts.get(one, ())} for one in (first, last))
    both = starts & goals
    return _Places(frozenset(starts - both | {first}), frozenset(goals - both | {last}), wholes, parts)


def _filter(reader: Reader, data: str, scope: Scope) -> tuple[Where, Judge, list[NodeId], tuple[Text, ...]]:
    refuse_recipients(scope, "path")
    within = filtered(reader, scope)
    where = within.where
    if not data:
        return where, doubting(surely, within), [], ()
    asked = resolve(reader, data, [CATEGORY])
    found = kinds(reader, asked, scope.status)
    # A derive flow carries the data in and the derived data out: it stays on the way.
    judge = doubting(by_data(reader, found, where), within)
    return where.also(Ends(("CARRIES",), found.all)), judge, [asked], stops_of(reader, found)


def _near(reader: Reader, where: Where, known: _Places, longest: int) -> tuple[set[NodeId], bool]:
    """The flows within ``longest`` steps of the start; and whether there are more beyond that bound."""
    flows: set[NodeId] = set()
    places, frontier = set(known.starts), set(known.starts)
    for _ in range(longest):
        found = set(reader.flows(where.also(Ends(("FROM",), frozenset(frontier))))) - flows
        flows |= found
        ends = {edge.target for edge in reader.edges(["TO"], found, Direction.OUT)} if found else set()
        ends |= {one for end in ends for one in known.beside(end)}
        frontier = ends - places - known.goals
        places |= ends
        if not frontier:
            return flows, False
    return flows, bool(reader.flows(where.also(Ends(("FROM",), frozenset(frontier))), limit=1))


Step = tuple[NodeId, NodeId]
"""From where a flow starts, and where it ends."""


class _Walk:
    """Searches simple paths over places, shortest first, and remembers whether a bound cut the search."""

    def __init__(self, flows: Mapping[NodeId, FlowView], places: _Places, longest: int, most: int) -> None:
        self.places = places
        self.longest = longest
        self.most = most
        self.cut_most = self.cut_tries = False
        self.flows: dict[Step, list[FlowView]] = defaultdict(list)
        for _, view in sorted(flows.items()):
            for start in view.ends("FROM"):
                for end in view.ends("TO"):
                    if start != end:
                        self.flows[start, end].append(view)
        self.beside: dict[NodeId, list[NodeId]] = {}
        self.ends: dict[NodeId, list[NodeId]] = defaultdict(list)
        for start, end in sorted(self.flows):
            self.ends[start].append(end)

    def ways(self) -> list[tuple[Step, ...]]:
        """The ways from a start to a goal, as steps from place to place."""
        found: list[tuple[Step, ...]] = []
        tries = 0
        level: list[tuple[Step, ...]] = [()]
        for _ in range(self.longest):
            following = []
            for way in level:
                visited = {place for step in way for place in step}
                for step in self._onward(way, visited):
                    tries += 1
                    if tries > TRIES:
                        self.cut_tries = True
                        return found
                    if step[1] in self.places.goals:
                        if len(found) == self.most:
                            self.cut_most = True
                            return found
                        found.append((*way, step))
                    elif step[1] not in visited:
                        following.append((*way, step))
            level = following
        return found

    def _onward(self, way: tuple[Step, ...], visited: set[NodeId]) -> Iterator[Step]:
        """The steps by which a way may go on."""
        if way:
            here = way[-1][1]
            if here not in self.beside:
                self.beside[here] = [one for one in self.places.beside(here) if one not in self.places.goals]
            leaving = [here, *(one for one in self.beside[here] if one not in visited)]
        else:
            leaving = sorted(self.places.starts)
        return ((start, end) for start in leaving for end in self.ends.get(start, ()))


def _row(
    way: Sequence[Step], flows: Mapping[Step, Sequence[FlowView]], known: _Places, nodes: Mapping[NodeId, Node]
) -> Row:
    own, further, path, reasons = [], [], [], []
    worst = Certainty.CERTAIN
    places = [way[0][0]]
    for step in way:
        start, end = step
        if start != places[-1]:
            if start not in known.wholes.get(places[-1], ()):
                worst = Certainty.POSSIBLE
                reasons.append(_apart(nodes, places[-1], start))
            places.append(start)
        places.append(end)
        best = min((flow.certainty for flow in flows[step]), key=lambda certainty: certainty.rank)
        worst = max(worst, best, key=lambda certainty: certainty.rank)
        surest = [flow for flow in flows[step] if flow.certainty is best]
        own += surest
        further += [flow for flow in flows[step] if flow.certainty is not best]
        path.append(surest[0].id)
    reasons += [reason for flow in own for reason in flow.reasons]
    return Row(
        way[-1][1],
        worst,
        tuple(own),
        tuple(further),
        reasons=tuple(dict.fromkeys(reasons)),
        path=tuple(path),
        degree=len(way),
        related={"places": tuple(places)},
    )


def _apart(nodes: Mapping[NodeId, Node], came: NodeId, leaves: NodeId) -> Reason:
    here, there = nodes[came].name, nodes[leaves].name
    return Reason(
        Text(f"nothing says that what {here.en} holds is held by {there.en}", f"未载明{there.zh}持有{here.zh}所持信息")
    )


def _limit(cut: bool, walk: _Walk, longest: int, most: int) -> Text | None:
    if walk.cut_most:
        return Text(f"cut at {most} paths", f"已截断：最多{most}条路径")
    if walk.cut_tries:
        return Text(f"cut after {TRIES:,} steps of the search", f"已截断：搜索超过{TRIES:,}步")
    if cut:
        return Text(f"there may be paths of more than {longest} flows", f"可能存在超过{longest}步的路径")
    return None
