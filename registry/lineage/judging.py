"""How surely a flow bears on the data asked for: certain, derived from it, or only possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from registry.lineage.answers import Certainty, FlowView
from registry.lineage.asking import Judge
from registry.lineage.kinds import Kinds, reason_derived, reason_possible
from registry.model.graph import CATEGORY, RECIPIENT, SYSTEM
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import Direction, Ends, Has, Reader, Where

_FORMS = {
    "de-identified": Text("de-identified", "已去标识化"),
    "anonymised": Text("anonymised: no longer personal information", "已匿名化，不再属于个人信息"),
    "aggregated": Text("aggregated", "汇总统计"),
}


class Holders:
    """Where each derived category is held: where it was made, and whoever got it from there.

    Data that recipients pass on is followed only when a flow from a recipient is judged: most are not.
    """

    def __init__(self, reader: Reader, found: Kinds, where: Where) -> None:
        self._reader = reader
        self._carrying = where.also(Ends(("CARRIES",), frozenset(found.derived)))
        self._held: dict[NodeId, set[NodeId]] = defaultdict(set)
        self._followed = False
        makers = {made.flow for several in found.derived.values() for made in several}
        made_at = _ends_of(reader, makers, ["TO"])["TO"]
        for category, several in found.derived.items():
            for made in several:
                self._held[category].update(made_at.get(made.flow, ()))
        wholes = _wholes(reader, {place for places in self._held.values() for place in places})
        for places in self._held.values():
            places.update([whole for place in places for whole in wholes.get(place, ())])

    def made_here(self, flow: FlowView, category: NodeId) -> bool:
        """Whether the flow takes the category from where the derived one is held."""
        starts = flow.ends("FROM")
        if not self._held[category].isdisjoint(starts):
            return True
        if self._followed or not any(start.label == RECIPIENT for start in starts):
            return False
        self._followed = True
        _pass_on(self._reader, self._carrying, self._held)
        return not self._held[category].isdisjoint(starts)


def _pass_on(reader: Reader, carrying: Where, held: dict[NodeId, set[NodeId]]) -> None:
    """Add the recipients that hold derived data and pass it on, and those to whom they pass it."""
    relays = reader.flows(carrying.also(Has("FROM", RECIPIENT)))
    sides = _ends_of(reader, relays, ["CARRIES", "FROM", "TO"])
    sources = frozenset(end for ends in sides["FROM"].values() for end in ends if end.label == RECIPIENT)
    feeding = reader.flows(carrying.also(Ends(("TO",), sources)))
    fed = _ends_of(reader, feeding, ["CARRIES", "FROM", "TO"])
    steps = [
        (category, side["FROM"].get(flow, ()), side["TO"].get(flow, ()))
        for side in (sides, fed)
        for flow, categories in side["CARRIES"].items()
        for category in categories
        if category in held
    ]
    moved = True
    while moved:
        moved = False
        for category, starts, ends in steps:
            if not held[category].isdisjoint(starts) and not held[category].issuperset(ends):
                held[category].update(ends)
                moved = True


def _ends_of(reader: Reader, flows: Collection[NodeId], names: Sequence[str]) -> dict[str, dict[NodeId, list[NodeId]]]:
    """Where the edges of each name lead, by flow."""
    found: dict[str, dict[NodeId, list[NodeId]]] = {name: defaultdict(list) for name in names}
    for edge in reader.edges(names, flows, Direction.OUT) if flows else ():
        found[edge.name][edge.source].append(edge.target)
    return found


def _wholes(reader: Reader, ends: Collection[NodeId]) -> dict[NodeId, list[NodeId]]:
    """The product of each system: what a system holds, its product holds."""
    found: dict[NodeId, list[NodeId]] = defaultdict(list)
    systems = [end for end in ends if end.label == SYSTEM]
    for edge in reader.edges(["PART_OF"], systems, Direction.OUT) if systems else ():
        found[edge.source].append(edge.target)
    return found


def by_data(found: Kinds, held: Holders, nodes: Mapping[NodeId, Node]) -> Judge:
    """Judge flows by what they carry of the data asked for."""
    possible = {
        category: reason_possible(found, category, nodes) for category in found.possible if category.label == CATEGORY
    }
    derived = {
        category: [(made.certain, reason_derived(made, nodes, found.asked)) for made in several]
        for category, several in found.derived.items()
    }

    def judge(flow: FlowView) -> FlowView | None:
        carried = flow.ends("CARRIES")
        certain = tuple(category for category in carried if category in found.certain)
        if certain:
            return FlowView(flow.node, flow.edges, marks=_marks(flow), matched=certain)
        from_here = tuple(category for category in carried if category in derived and held.made_here(flow, category))
        surely = [reason for category in from_here for certainly, reason in derived[category] if certainly]
        if surely:
            return FlowView(
                flow.node, flow.edges, Certainty.DERIVED, tuple(dict.fromkeys(surely)), _marks(flow), from_here
            )
        reasons = [reason for category in carried if category in derived for _, reason in derived[category]]
        reasons += [possible[one] for one in carried if one in possible and one not in derived]
        if not reasons:
            return None
        matched = tuple(category for category in carried if category in derived or category in possible)
        return FlowView(flow.node, flow.edges, Certainty.POSSIBLE, tuple(dict.fromkeys(reasons)), _marks(flow), matched)

    return judge


def _marks(flow: FlowView) -> tuple[Text, ...]:
    form = _FORMS.get(flow.node.word("protection") or "")
    return (form,) if form else ()
