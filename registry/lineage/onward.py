"""Who has data from whom: how many recipients it passed, and the flows by which it came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from registry.lineage.answers import FlowView, Row
from registry.lineage.cached_reader import CachedReader
from registry.model.graph import RECIPIENT
from registry.model.snapshot import NodeId
from registry.stores.port import By, Direction, Has, Where


class Chain(NamedTuple):
    """The flows by which data comes to a recipient; ``degree`` counts the recipients on the way, the last included."""

    degree: int
    path: tuple[NodeId, ...]


class Onward(NamedTuple):
    """The recipients that are reached over other recipients, and how."""

    chains: Mapping[NodeId, Chain]

    def chain_to(self, recipient: NodeId, flows: Collection[FlowView]) -> Chain:
        """The shortest chain to ``recipient``, whose flows these are."""
        for flow in flows:
            if _direct(flow):
                return Chain(1, (flow.id,))
        return self.chains.get(recipient) or Chain(1, tuple(flow.id for flow in list(flows)[:1]))


def _direct(flow: FlowView) -> bool:
    """Whether it comes from one's own product or system, or from the people themselves."""
    return any(end.label != RECIPIENT for end in flow.ends("FROM"))


def onward(reader: CachedReader, where: Where, rows: Collection[Row]) -> Onward:
    """Find how data passes from recipient to recipient, for those of ``rows`` that get it from recipients only.

    A recipient that gets nothing by these flows but passes something on is itself an origin.
    """
    if all(any(_direct(flow) for flow in row.all_flows) for row in rows):
        return Onward({})
    relays = reader.flows(where.also(Has("FROM", RECIPIENT)))
    starts: dict[NodeId, list[NodeId]] = defaultdict(list)
    ends: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in reader.edges(["FROM", "TO"], relays, Direction.OUT):
        (starts if edge.name == "FROM" else ends)[edge.source].append(edge.target)
    sources = {start for several in starts.values() for start in several if start.label == RECIPIENT}
    direct = reader.group(
        where.also(Has("FROM", RECIPIENT, absent=True)), By(("TO",), frozenset((RECIPIENT,)), frozenset(sources))
    )
    chains = {group.end: Chain(1, (group.flows[0],)) for group in direct.groups}
    for flow in relays:
        if any(start.label != RECIPIENT for start in starts[flow]):
            for end in ends[flow]:
                chains[end] = min(chains.get(end, Chain(1, (flow,))), Chain(1, (flow,)), key=_length)
    fed = {end for flow in relays for end in ends[flow]}
    origins = {source: Chain(0, ()) for source in sources if source not in chains and source not in fed}
    return Onward(_walk(relays, starts, ends, {**origins, **chains}))


def _walk(
    relays: Collection[NodeId],
    starts: Mapping[NodeId, list[NodeId]],
    ends: Mapping[NodeId, list[NodeId]],
    known: dict[NodeId, Chain],
) -> dict[NodeId, Chain]:
    frontier = known
    while frontier:
        reached: dict[NodeId, Chain] = {}
        for flow in relays:
            near = (frontier[one] for one in starts[flow] if one.label == RECIPIENT and one in frontier)
            before = min(near, key=_length, default=None)
            if before is None:
                continue
            for end in ends[flow]:
                chain = Chain(before.degree + 1, (*before.path, flow))
                if end not in known and (end not in reached or _length(chain) < _length(reached[end])):
                    reached[end] = chain
        known = {**known, **reached}
        frontier = reached
    return known


def _length(chain: Chain) -> tuple[int, tuple[NodeId, ...]]:
    return (chain.degree, chain.path)
