"""What stops when a permission is revoked, and what goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from registry.lineage.answers import Certainty, FlowView, Reason, Row
from registry.lineage.asking import Judge
from registry.lineage.kinds import NARROWER
from registry.lineage.scope import beyond
from registry.model.graph import (
    ACTIVITY,
    RECIPIENT,
)
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import By, Ends, Reader, Where


def alone_on_platform(
    reader: Reader, asked: Node, certain: frozenset[NodeId], above: Collection[NodeId]
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


def revoked(
    certain: frozenset[NodeId], above: frozenset[NodeId], alone: frozenset[NodeId], nodes: Mapping[NodeId, Node]
) -> Judge:
    """Judge flows by the permission that they require: one of ``certain``, or one ``above`` that others give as well.

    Those of ``alone`` are above, but nothing else gives them.
    """

    def judged(flow: FlowView) -> FlowView:
        required = flow.ends("REQUIRES")
        if any(permission in certain or permission in alone for permission in required):
            return flow
        reasons = tuple(
            Reason(
                Text(
                    f"it requires {nodes[permission].name.en}, which several permissions of this platform give",
                    f"所需权限为{nodes[permission].name.zh}，该平台有多个权限与之对应",
                )
            )
            for permission in required
            if permission in above
        )
        return flow._replace(certainty=Certainty.POSSIBLE, reasons=reasons)

    return lambda flows: [judged(flow) for flow in flows]


def going_on(reader: Reader, base: Where, rows: Iterable[Row], stopped: Collection[NodeId]) -> tuple[Row, ...]:
    """Each activity with its flows that go on, and with those who get nothing more from the flows that stop."""
    activities = frozenset(row.end for row in rows if row.end)
    page = reader.group(base.also(Ends(("PART_OF",), activities)), By(("PART_OF",), frozenset((ACTIVITY,)), activities))
    flows = {group.end: tuple(flow for flow in group.flows if flow not in stopped) for group in page.groups}
    found = []
    for row in rows:
        tells = tuple(dict.fromkeys(end for flow in row.flows for end in flow.ends("TO") if end.label == RECIPIENT))
        goes_on = flows.get(row.end, ()) if row.end else ()
        found.append(replace(row, related={"goes_on": goes_on, "tells": tells}))
    return tuple(found)
