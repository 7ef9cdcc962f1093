"""The paths by which data gets from one place to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from registry.errors import Refused
from registry.lineage.answers import Answer, Certainty, FlowView, Reason, Row
from registry.lineage.cached_reader import CachedReader
from registry.lineage.derivation import stops_of
from registry.lineage.flow_views import view_flows
from registry.lineage.matching import Flows
from registry.lineage.naming import resolve
from registry.lineage.question import Question, Rows
from registry.lineage.scope import EVERYWHERE, Scope, refuse_recipients
from registry.lineage.taxonomy import narrower
from registry.model.bulk import uncollected
from registry.model.graph import CATEGORY, ENDS, PRODUCT, SYSTEM
from registry.model.snapshot import Edge, Node, NodeId, Text
from registry.stores.port import By, Direction, Ends, Reader, Where

LONGEST = 6
"""The most flows on one path, where the asker sets no other bound."""

MOST = 100
"""The most paths of one answer, where the asker sets no other bound."""

TRIES = 200_000
"""The most steps that the search takes; past that the answer says that it was cut."""


@uncollected()
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
    """Return every path from ``start`` to ``goal`` that visits no place twice, by flows of ``data``, shortest first.

    Kinds of the start and of the goal, and the systems of a product, count as these. What a system holds, its product
    holds; that a system holds what its product does is possible. Each row is one path, a sequence of places
    (``Row.related``): as certain as its least certain step, which is as certain as the surest flow of that step.
    ``Row.path`` has one flow a step, ``Row.flows`` all that are as sure. Bounded by ``longest`` steps a path and
    ``most`` paths; a bound that cut is said. Raises `Refused` when start and goal are the same.
    """
    refuse_recipients(scope, "path")
    question = Question("path", reader, scope)
    first, last = (resolve(question.reader, one, ENDS) for one in (start, goal))
    if first == last:
        raise Refused(
            Text(f"{first.reference} is where it starts and where it ends", f"起点与终点同为{first.reference}"),
            hint=Text("name two different places", "请指明两个不同的起止点"),
        )
    flows, about, notes = _asked(question, data)
    places = _places(question.reader, first, last)
    between, cut = _between(question.reader, flows.every, places, longest)
    walk = _Walk(question.reader.leaving(between, ("FROM", "TO")), places, longest, most)
    paths = walk.paths()
    # Only what the paths take is read.
    steps = dict.fromkeys(step for path in paths for step in path)
    also = [first, last, *about, *(place for path in paths for step in path for place in step)]
    views = view_flows(question.reader, dict.fromkeys(flow for step in steps for flow in walk.flows[step]), also)
    judged = {view.id: view for view in flows.judged([*views.flows.values()])}
    taken = {step: [judged[flow] for flow in walk.flows[step]] for step in steps}
    rows = tuple(_row(path, taken, places, views.nodes) for path in paths)
    limit = _limit(cut, walk, longest, most)
    found = Rows(rows, None, views, complete=limit is None, limit=limit)
    return question.answer(found, [first, last, *about], notes=notes)


class _Places(NamedTuple):
    """Where paths start and end, and from where else what comes to a place may go on: ``wholes`` surely."""

    starts: frozenset[NodeId]
    goals: frozenset[NodeId]
    wholes: Mapping[NodeId, Collection[NodeId]]
    parts: Mapping[NodeId, Collection[NodeId]]

    def beside(self, places: Collection[NodeId]) -> set[NodeId]:
        """These, the products of systems, their other systems, the systems of products."""
        wholes = {whole for place in places for whole in self.wholes.get(place, ())}
        return wholes.union(places, *(self.parts.get(whole, ()) for whole in wholes.union(places)))


def _places(reader: Reader, first: NodeId, last: NodeId) -> _Places:
    wholes: dict[NodeId, list[NodeId]] = defaultdict(list)
    parts: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in reader.edges(["PART_OF"], [node.id for node in reader.nodes(PRODUCT)], Direction.IN):
        if edge.source.label == SYSTEM:
            wholes[edge.source].append(edge.target)
            parts[edge.target].append(edge.source)
    starts, goals = ({*narrower(reader, one), *parts.get(one, ())} for one in (first, last))
    both = starts & goals
    return _Places(frozenset(starts - both | {first}), frozenset(goals - both | {last}), wholes, parts)


def _asked(question: Question, data: str) -> tuple[Flows, list[NodeId], tuple[Text, ...]]:
    """The flows of ``data``, or all where it is empty."""
    every = question.flows()
    if not data:
        return every, [], ()
    asked = resolve(question.reader, data, [CATEGORY])
    matched = question.match_derived(asked)
    # A derive flow carries the data in and the derived data out: it stays on the path.
    flows = Flows(question.reader, question.filters, matched, current=every.every, carried_by=("CARRIES",))
    return flows, [asked], stops_of(question.reader, matched)


def _between(reader: CachedReader, where: Where, known: _Places, longest: int) -> tuple[list[NodeId], bool]:
    """The flows by which paths of at most ``longest`` steps may go; and whether there are flows beyond that bound.

    First the places that are reached, then from the goals back those of them that lead there: flows are named only
    where both ends are such.
    """
    near, frontier, reached = [set(known.starts)], set(known.starts), set(known.starts)
    found = False
    for _ in range(longest):
        ends = set(reader.ends(where.also(Ends(("FROM",), frozenset(frontier))), By(("TO",))))
        found = found or not ends.isdisjoint(known.goals)
        ends = known.beside(ends)
        frontier = ends - reached - known.goals
        reached |= ends
        near.append(near[-1] | frontier)
        if not frontier:
            break
    cut = bool(frontier and reader.flows(where.also(Ends(("FROM",), frozenset(frontier))), limit=1))
    if not found:
        return [], cut
    starts: set[NodeId] = set()
    goals, frontier = set(known.goals), set(known.goals)
    for left in reversed(range(longest)):
        among = frozenset(near[min(left, len(near) - 1)])
        fresh = set(reader.ends(where.also(Ends(("TO",), frozenset(frontier))), By(("FROM",), among=among)))
        starts |= fresh
        frontier = known.beside(fresh) - goals
        goals |= frontier
    return reader.flows(where.also(Ends(("FROM",), frozenset(starts)), Ends(("TO",), frozenset(goals)))), cut


Step = tuple[NodeId, NodeId]
"""From where a flow starts, and where it ends."""


class _Walk:
    """Searches simple paths over places, shortest first, and remembers whether a bound cut the search."""

    def __init__(self, flows: Mapping[NodeId, Sequence[Edge]], places: _Places, longest: int, most: int) -> None:
        self.places = places
        self.longest = longest
        self.most = most
        self.cut_most = self.cut_tries = False
        self.flows: dict[Step, list[NodeId]] = defaultdict(list)
        for flow, edges in sorted(flows.items()):
            ends = [edge.target for edge in edges if edge.name == "TO"]
            for start in (edge.target for edge in edges if edge.name == "FROM"):
                for end in ends:
                    if start != end:
                        self.flows[start, end].append(flow)
        self.ends: dict[NodeId, list[NodeId]] = defaultdict(list)
        for start, end in sorted(self.flows):
            self.ends[start].append(end)
        self.left = self._left()
        self.following: dict[tuple[NodeId, int], list[Step]] = {}

    def _left(self) -> dict[NodeId, int]:
        """How many more steps there are to a goal at least, from each place from which there is a path."""
        before: dict[NodeId, set[NodeId]] = defaultdict(set)
        for start, end in self.flows:
            before[end].add(start)
        left = dict.fromkeys(self.places.goals, 0)
        frontier = set(self.places.goals)
        for distance in range(1, self.longest + 1):
            starts = {start for end in frontier for start in before[end]}
            frontier = self.places.beside(starts) - left.keys()
            left.update(dict.fromkeys(frontier, distance))
        return left

    def paths(self) -> list[tuple[Step, ...]]:
        """The paths from a start to a goal, as steps from place to place."""
        found: list[tuple[Step, ...]] = []
        tries = 0
        level: list[tuple[Step, ...]] = [()]
        for left in reversed(range(self.longest)):
            following = []
            for path in level:
                visited = {place for step in path for place in step}
                here = path[-1][1] if path else None
                for step in self._onward(here, left):
                    start, end = step
                    if start != here and start in visited:
                        continue
                    tries += 1
                    if tries > TRIES:
                        self.cut_tries = True
                        return found
                    if end in self.places.goals:
                        if len(found) == self.most:
                            self.cut_most = True
                            return found
                        found.append((*path, step))
                    elif end not in visited:
                        following.append((*path, step))
            level = following
        return found

    def _onward(self, here: NodeId | None, left: int) -> list[Step]:
        """The steps by which a path may go on from a place, or begin, after which a goal is at most ``left`` away."""
        leaving = sorted(self.places.starts)
        if here is not None:
            if (here, left) in self.following:
                return self.following[here, left]
            leaving = [here, *sorted(self.places.beside([here]) - self.places.goals - {here})]
        steps = [
            (start, end)
            for start in leaving
            for end in self.ends.get(start, ())
            if self.left.get(end, self.longest) <= left
        ]
        if here is not None:
            self.following[here, left] = steps
        return steps


def _row(
    taken: Sequence[Step], flows: Mapping[Step, Sequence[FlowView]], known: _Places, nodes: Mapping[NodeId, Node]
) -> Row:
    own, further, path, reasons = [], [], [], []
    worst = Certainty.CERTAIN
    places = [taken[0][0]]
    for step in taken:
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
        taken[-1][1],
        worst,
        tuple(own),
        tuple(further),
        reasons=tuple(dict.fromkeys(reasons)),
        path=tuple(path),
        degree=len(taken),
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
