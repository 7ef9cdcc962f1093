"""Who gets data: what a recipient is asked for by, who may get it with others, and who has it from there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from registry.lineage.answers import FlowView, Reason
from registry.lineage.boundaries import Recipients
from registry.lineage.cached_reader import CachedReader
from registry.lineage.matching import OUR_READING, Filter
from registry.lineage.scope import belonging
from registry.lineage.taxonomy import BROADER, NARROWER
from registry.model.graph import ACTIVITY, ORGANIZATION, PRODUCT, RECIPIENT, SYSTEM
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import By, Direction, Ends, Step, Where


def receivers_of(reader: CachedReader, asked: NodeId) -> tuple[frozenset[NodeId], frozenset[NodeId]]:
    """Those who are the one asked for, and those that may be: wider kinds, and SDKs that bring it along.

    A product is its systems too. What goes to a product may go to any system of it.
    """
    if asked.label == SYSTEM:
        return frozenset((asked,)), frozenset(reader.closure([asked], [Step("PART_OF", Direction.OUT)])) - {asked}
    if asked.label == PRODUCT:
        return frozenset(one for one in belonging(reader, [asked]) if one.label != ACTIVITY), frozenset()
    if asked.label == ORGANIZATION:
        organizations = reader.closure([asked], [Step("PART_OF", Direction.IN)])
        operated = reader.edges(["OPERATED_BY"], organizations.keys(), Direction.IN)
        # What comes to its products and their systems comes to it.
        start = {one for one in belonging(reader, {edge.source for edge in operated}) if one.label != ACTIVITY}
    else:
        start = {asked}
    certain = frozenset(reader.closure(start, [NARROWER]))
    wider = reader.closure(certain, [BROADER, Step("BUNDLES", Direction.IN)])
    return certain, frozenset(wider) - certain


def implied_by(reader: CachedReader, receiving: Collection[NodeId], asked: Recipients) -> list[NodeId]:
    """Who may get it with these: the SDKs that they bring along, and recipients of a kind that is named among them."""
    if not receiving:
        return []
    reached = reader.closure(receiving, [NARROWER, Step("BUNDLES", Direction.OUT)])
    known = set(receiving)
    further = (one for one in reached if one.label == RECIPIENT and one not in known)
    return sorted(one for one in further if asked.among is None or one in asked.among - asked.at_home)


def going_to(receivers: frozenset[NodeId], maybe: frozenset[NodeId], nodes: Mapping[NodeId, Node]) -> Filter:
    """Flows to ``receivers``; those that go only to ones that ``maybe`` are the same may be."""

    def doubts(flow: FlowView) -> tuple[Reason, ...]:
        if any(end in receivers for end in flow.stated_ends("TO")):
            return ()
        ends = flow.ends("TO")
        found = tuple(_perhaps(nodes[end]) for end in ends if end in maybe)
        return found or (OUR_READING,)

    surely, every = Ends(("TO",), receivers, stated=True), Ends(("TO",), receivers | maybe)
    return Filter((surely,), (every,), doubts)


def _perhaps(end: Node) -> Reason:
    name = end.name
    if end.id.label == PRODUCT:
        return Reason(
            Text(
                f"it goes to {name.en}, of which this is a part: it may be held here",
                f"流向{name.zh}，该系统属于{name.zh}，可能由其持有",
            )
        )
    return Reason(
        Text(
            f"it goes to {name.en}, which may be this one or bring it along",
            f"提供给{name.zh}，可能即为该接收方或内嵌该接收方",
        )
    )


def downstream(
    reader: CachedReader, base: Where, start: Collection[NodeId], over: Collection[str] = ()
) -> tuple[NodeId, ...]:
    """Every recipient that gets anything from these, directly or over others, or over nodes of the labels ``over``.

    Costs a call for each of them on the longest path.
    """
    reached, frontier = set(start), frozenset(start)
    while frontier:
        by = By(("TO",), frozenset((RECIPIENT, *over)), without=frozenset(reached))
        frontier = frozenset(reader.ends(base.also(Ends(("FROM",), frontier)), by))
        reached |= frontier
    return tuple(sorted(end for end in reached - set(start) if end.label == RECIPIENT))
