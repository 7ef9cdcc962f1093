"""The ways by which data gets from one place to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from registry.lineage.answers import Answer, Certainty, FlowView, Row
from registry.lineage.asking import Judge, doubting, see, surely
from registry.lineage.judging import by_data
from registry.lineage.kinds import kinds
from registry.lineage.naming import resolve
from registry.lineage.scope import EVERYWHERE, Scope, filtered, refuse_recipients
from registry.model.graph import CATEGORY, ENDS
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

    Each row is one way, a sequence of places: as certain as its least certain step, which is as certain as the surest
    flow of that step. ``Row.path`` has one flow a step, ``Row.flows`` all that are as sure. Bounded by ``longest``
    steps a way and ``most`` ways; a bound that cut is said.
    """
    first, last = resolve(reader, start, ENDS), resolve(reader, goal, ENDS)
    where, judge, about = _filter(reader, data, scope)
    flows, cut = _near(reader, where, first, last, longest)
    seen = see(reader, flows, [first, last, *about])
    judged = {view.id: view for view in judge([*seen.flows.values()])}
    walk = _Walk(judged, last, longest, most)
    ways = walk.ways(first)
    rows = tuple(_row(last, [walk.flows[step] for step in way]) for way in ways)
    limit = _limit(cut, walk, longest, most)
    nodes: Mapping[NodeId, Node] = seen.nodes
    return Answer(
        "path", (first, last, *about), rows, len(rows), nodes, seen.sensitive, complete=limit is None, limit=limit
    )


def _filter(reader: Reader, data: str, scope: Scope) -> tuple[Where, Judge, list[NodeId]]:
    refuse_recipients(scope, "path")
    within = filtered(reader, scope)
    where = within.where
    if not data:
        return where, doubting(surely, within), []
    asked = resolve(reader, data, [CATEGORY])
    found = kinds(reader, asked, scope.status)
    # A derive flow carries the data in and the derived data out: it stays on the way.
    return where.also(Ends(("CARRIES",), found.all)), doubting(by_data(reader, found, where), within), [asked]


def _near(reader: Reader, where: Where, first: NodeId, last: NodeId, longest: int) -> tuple[set[NodeId], bool]:
    """The flows within ``longest`` steps of ``first``; and whether there are more beyond that bound."""
    flows: set[NodeId] = set()
    places, frontier = {first}, {first}
    for _ in range(longest):
        found = set(reader.flows(where.also(Ends(("FROM",), frozenset(frontier))))) - flows
        flows |= found
        ends = {edge.target for edge in reader.edges(["TO"], found, Direction.OUT)} if found else set()
        frontier = ends - places - {last}
        places |= ends
        if not frontier:
            return flows, False
    return flows, bool(reader.flows(where.also(Ends(("FROM",), frozenset(frontier))), limit=1))


Step = tuple[NodeId, NodeId]


class _Walk:
    """Searches simple paths over places, shortest first, and remembers whether a bound cut the search."""

    def __init__(self, flows: Mapping[NodeId, FlowView], goal: NodeId, longest: int, most: int) -> None:
        self.goal = goal
        self.longest = longest
        self.most = most
        self.cut_most = self.cut_tries = False
        self.flows: dict[Step, list[FlowView]] = defaultdict(list)
        for _, view in sorted(flows.items()):
            for start in view.ends("FROM"):
                for end in view.ends("TO"):
                    if start != end:
                        self.flows[start, end].append(view)
        self.ends: dict[NodeId, list[NodeId]] = defaultdict(list)
        for start, end in sorted(self.flows):
            self.ends[start].append(end)

    def ways(self, start: NodeId) -> list[tuple[Step, ...]]:
        """The ways from ``start`` to the goal, as steps from place to place."""
        found: list[tuple[Step, ...]] = []
        tries = 0
        level: list[tuple[NodeId, ...]] = [(start,)]
        for _ in range(self.longest):
            following = []
            for places in level:
                for end in self.ends.get(places[-1], ()):
                    tries += 1
                    if tries > TRIES:
                        self.cut_tries = True
                        return found
                    if end == self.goal:
                        if len(found) == self.most:
                            self.cut_most = True
                            return found
                        way = (*places, end)
                        found.append(tuple(pairwise(way)))
                    elif end not in places:
                        following.append((*places, end))
            level = following
        return found


def _row(goal: NodeId, steps: Sequence[Sequence[FlowView]]) -> Row:
    own, further, path = [], [], []
    worst = Certainty.CERTAIN
    for flows in steps:
        best = min((flow.certainty for flow in flows), key=lambda certainty: certainty.rank)
        worst = max(worst, best, key=lambda certainty: certainty.rank)
        surest = [flow for flow in flows if flow.certainty is best]
        own += surest
        further += [flow for flow in flows if flow.certainty is not best]
        path.append(surest[0].id)
    reasons = tuple(dict.fromkeys(reason for flow in own for reason in flow.reasons))
    return Row(goal, worst, tuple(own), tuple(further), reasons=reasons, path=tuple(path), degree=len(steps))


def _limit(cut: bool, walk: _Walk, longest: int, most: int) -> Text | None:
    if walk.cut_most:
        return Text(f"cut at {most} paths", f"已截断：最多{most}条路径")
    if walk.cut_tries:
        return Text(f"cut after {TRIES:,} steps of the search", f"已截断：搜索超过{TRIES:,}步")
    if cut:
        return Text(f"there may be paths of more than {longest} flows", f"可能存在超过{longest}步的路径")
    return None
