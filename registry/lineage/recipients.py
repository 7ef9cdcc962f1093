"""Who gets data: what a recipient is asked for by, where it stands, and who has it from there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from registry.lineage.answers import Certainty, Combination, FlowView, Reason, Row
from registry.lineage.asking import Judge
from registry.lineage.kinds import BROADER, NARROWER
from registry.lineage.onward import Onward
from registry.lineage.scope import belonging
from registry.model.graph import ACTIVITY, ORGANIZATION, PRODUCT, RECIPIENT, SYSTEM
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import By, Direction, Ends, Reader, Step, Where


def received(row: Row, ways: Onward, together: Mapping[NodeId, tuple[Combination, ...]]) -> Row:
    """The row, with how data came to its recipient and what this one can combine."""
    if row.end is None:
        return row
    way = ways.way(row.end, row.all_flows)
    return replace(row, degree=way.degree, path=way.path, combines=together.get(row.end, ()))


def receivers_of(reader: Reader, asked: NodeId) -> tuple[frozenset[NodeId], frozenset[NodeId]]:
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


def implied_by(
    reader: Reader, receiving: Collection[NodeId], among: Collection[NodeId] | None, without: Collection[NodeId]
) -> list[NodeId]:
    """Who may get it with these: the SDKs that they bring along, and recipients of a kind that is named among them."""
    if not receiving:
        return []
    reached = reader.closure(receiving, [NARROWER, Step("BUNDLES", Direction.OUT)])
    known = set(receiving)
    further = (one for one in reached if one not in known and one not in without)
    return sorted(one for one in further if one.label == RECIPIENT and (among is None or one in among))


def going_to(receivers: frozenset[NodeId], maybe: frozenset[NodeId], nodes: Mapping[NodeId, Node]) -> Judge:
    """Judge flows by whether they go to ``receivers`` for certain, or only to those that ``maybe`` are the same."""

    def judged(flow: FlowView) -> FlowView:
        ends = flow.ends("TO")
        if any(end in receivers for end in ends):
            return flow
        reasons = tuple(_perhaps(nodes[end]) for end in ends if end in maybe)
        return flow._replace(certainty=Certainty.POSSIBLE, reasons=reasons)

    return lambda flows: [judged(flow) for flow in flows]


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
    reader: Reader, base: Where, start: Collection[NodeId], over: Collection[str] = ()
) -> tuple[NodeId, ...]:
    """Every recipient that gets anything from these, directly or over others, or over nodes of the labels ``over``.

    Costs a call for each of them on the longest way.
    """
    reached, frontier = set(start), frozenset(start)
    while frontier:
        by = By(("TO",), frozenset((RECIPIENT, *over)), without=frozenset(reached))
        frontier = frozenset(reader.ends(base.also(Ends(("FROM",), frontier)), by))
        reached |= frontier
    return tuple(sorted(end for end in reached - set(start) if end.label == RECIPIENT))
