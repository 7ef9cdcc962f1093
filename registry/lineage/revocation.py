"""What stops when a permission is revoked, a control is used or a consent is withdrawn; and what goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from registry.lineage.answers import FlowView, Reason, Row
from registry.lineage.boundaries import beyond
from registry.lineage.cached_reader import CachedReader, targets
from registry.lineage.matching import OUR_READING, Filter
from registry.lineage.taxonomy import BROADER, NARROWER
from registry.model.graph import ACTIVITY, BASIS, CONTROL, RECIPIENT
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import By, Ends, Where


def revoked(reader: CachedReader, asked: NodeId) -> Filter:
    """The flows that stop without this permission, control or legal basis."""
    if asked.label == CONTROL:
        return _switched_off(asked)
    if asked.label == BASIS:
        return _withdrawn(reader, asked)
    return _without_permission(reader, asked)


def _switched_off(control: NodeId) -> Filter:
    controlled = Ends(("CONTROLLED_BY",), frozenset((control,)))

    def doubts(flow: FlowView) -> tuple[Reason, ...]:
        return () if control in flow.stated_ends("CONTROLLED_BY") else (OUR_READING,)

    return Filter((controlled._replace(stated=True),), (controlled,), doubts)


def _withdrawn(reader: CachedReader, basis: NodeId) -> Filter:
    """Flows that rest on this basis; those that rest on others as well may go on."""
    others = frozenset(node.id for node in reader.nodes(BASIS)) - {basis}
    under = Ends(("UNDER",), frozenset((basis,)))

    def doubts(flow: FlowView) -> tuple[Reason, ...]:
        if basis not in flow.stated_ends("UNDER"):
            return (OUR_READING,)
        return (_OTHER_BASIS,) if any(end in others for end in flow.ends("UNDER")) else ()

    return Filter((under._replace(stated=True), Ends(("UNDER",), others, absent=True)), (under,), doubts)


_OTHER_BASIS = Reason(
    Text(
        "it also rests on another legal basis, and it is not stated which basis is for which purpose",
        "另有其他合法性基础，未载明各目的分别依据哪一项",
    )
)


def _without_permission(reader: CachedReader, asked: NodeId) -> Filter:
    """Flows that require the permission or a kind of it; one that requires a wider one may have it from another."""
    certain = frozenset(reader.closure([asked], [NARROWER]))
    above = frozenset(reader.closure(certain, [BROADER])) - certain
    nodes = reader.get([asked, *above])
    alone = _alone_on_platform(reader, nodes[asked], certain, above)

    def doubts(flow: FlowView) -> tuple[Reason, ...]:
        if any(permission in certain or permission in alone for permission in flow.stated_ends("REQUIRES")):
            return ()
        wide = [permission for permission in flow.ends("REQUIRES") if permission in above and permission not in alone]
        return tuple(_several(nodes[permission]) for permission in wide) or (OUR_READING,)

    surely, every = Ends(("REQUIRES",), certain | alone, stated=True), Ends(("REQUIRES",), certain | above)
    return Filter((surely,), (every,), doubts)


def _several(permission: Node) -> Reason:
    return Reason(
        Text(
            f"it requires {permission.name.en}, which several permissions of this platform give",
            f"所需权限为{permission.name.zh}，该平台有多个权限与之对应",
        )
    )


def _alone_on_platform(
    reader: CachedReader, asked: Node, certain: frozenset[NodeId], above: Collection[NodeId]
) -> frozenset[NodeId]:
    """Of the permissions ``above``, those that nothing but the one asked for (with its ``certain`` kinds) gives.

    A text that says "camera" without naming a system means this permission on its platform, and no other.
    """
    platform = asked.word("platform")
    if not platform or not above:
        return frozenset()
    beneath = reader.closure(above, [NARROWER]).along()
    nodes = reader.get({one for several in beneath.values() for one in several})
    here = frozenset(one.id for one in nodes.values() if one.word("platform") == platform)
    return frozenset(wide for wide in above if beyond(beneath.get(wide, ()), beneath) & here <= certain)


def going_on(reader: CachedReader, base: Where, rows: Iterable[Row], stopped: Collection[NodeId]) -> tuple[Row, ...]:
    """Each activity with its flows that go on and their legal bases, and with those who get nothing more."""
    rows = tuple(rows)
    activities = frozenset(row.end for row in rows if row.end)
    page = reader.group(base.also(Ends(("PART_OF",), activities)), By(("PART_OF",), frozenset((ACTIVITY,)), activities))
    flows = {group.end: tuple(flow for flow in group.flows if flow not in stopped) for group in page.groups}
    bases = targets(reader.leaving({flow for several in flows.values() for flow in several}, ("UNDER",)), "UNDER")
    found = []
    for row in rows:
        tells = tuple(dict.fromkeys(end for flow in row.flows for end in flow.ends("TO") if end.label == RECIPIENT))
        goes_on = flows.get(row.end, ()) if row.end else ()
        under = tuple(sorted({basis for flow in goes_on for basis in bases.get(flow, ())}))
        found.append(replace(row, related={"goes_on": goes_on, "goes_on_under": under, "tells": tells}))
    return tuple(found)
