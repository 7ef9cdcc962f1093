"""Who gets data, worked out the slow way: over all flows, again and again, until nothing new comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from registry.lineage import Certainty
from registry.lineage.kinds import LOST
from registry.model.graph import CATEGORY, FLOW, SUBJECT, SYSTEM
from registry.model.snapshot import NodeId, Snapshot

Holders = dict[NodeId, dict[NodeId, Certainty]]
"""How surely each flow to each end bears on the data asked for."""


class Plainly:
    """An estate, looked at without any store."""

    def __init__(self, estate: Snapshot) -> None:
        self.out: dict[tuple[NodeId, str], list[NodeId]] = defaultdict(list)
        self.back: dict[tuple[NodeId, str], list[NodeId]] = defaultdict(list)
        for edge in estate.edges.values():
            self.out[edge.source, edge.name].append(edge.target)
            self.back[edge.target, edge.name].append(edge.source)
        active = (node for node in estate.nodes.values() if node.properties.get("status") == "active")
        self.flows = {node.id: node.word("protection") for node in active if node.id.label == FLOW}

    def holders(self, asked: NodeId) -> Holders:
        """Every end to which something goes that is, was made of, or may be the data asked for."""
        certain = self._down({asked})
        wide = self._up(certain) - certain
        made = self._made(certain, wide)
        derived = {category for _, category in made}
        beside = self._beside(derived, certain, wide)
        held = self._held(made)
        found: Holders = defaultdict(dict)
        for flow in self.flows:
            carried = {*self.out[flow, "CARRIES"], *self.out[flow, "DERIVES"]}
            starts = [start for start in self.out[flow, "FROM"] if start.label != SUBJECT]
            if carried & certain:
                certainty = Certainty.CERTAIN
            elif any((start, category) in held for start in starts for category in self.out[flow, "CARRIES"]):
                certainty = Certainty.DERIVED
            elif carried & (wide | derived | beside):
                certainty = Certainty.POSSIBLE
            else:
                continue
            for end in self.out[flow, "TO"]:
                found[end][flow] = certainty
        return found

    def _down(self, start: Collection[NodeId]) -> set[NodeId]:
        return self._walked(start, [(self.back, "BROADER")])

    def _up(self, start: Collection[NodeId]) -> set[NodeId]:
        return self._walked(start, [(self.out, "BROADER"), (self.back, "INCLUDES"), (self.out, "DEFINES")])

    @staticmethod
    def _walked(
        start: Collection[NodeId], steps: Collection[tuple[Mapping[tuple[NodeId, str], list[NodeId]], str]]
    ) -> set[NodeId]:
        found, waiting = set(start), list(start)
        while waiting:
            here = waiting.pop()
            for sides, name in steps:
                fresh = [end for end in sides.get((here, name), ()) if end not in found]
                found.update(fresh)
                waiting += fresh
        return found

    def _beside(self, derived: set[NodeId], certain: set[NodeId], wide: set[NodeId]) -> set[NodeId]:
        named = self._down(derived - wide) | derived
        return {one for one in self._up(named) if one.label == CATEGORY} - certain - wide - derived

    def _made(self, certain: set[NodeId], wide: set[NodeId]) -> dict[tuple[NodeId, NodeId], bool]:
        """What flows make of the data, and whether surely of it."""
        made: dict[tuple[NodeId, NodeId], bool] = {}
        while True:
            derived = {category for _, category in made}
            sure = certain | {category for (_, category), surely in made.items() if surely}
            maybe = wide | derived | self._beside(derived, certain, wide)
            fresh = {
                (flow, category): bool(sure.intersection(self.out[flow, "CARRIES"]))
                for flow, protection in self.flows.items()
                if protection not in LOST and (sure | maybe).intersection(self.out[flow, "CARRIES"])
                for category in self.out[flow, "DERIVES"]
                if category not in certain
            }
            if fresh == made:
                return made
            made = fresh

    def _held(self, made: Mapping[tuple[NodeId, NodeId], bool]) -> set[tuple[NodeId, NodeId]]:
        """Where that is held which was surely made of the data: where it was made, and whoever got it from there."""
        held: set[tuple[NodeId, NodeId]] = set()
        for (flow, category), surely in made.items():
            for place in self.out[flow, "TO"] if surely else ():
                wholes = self.out[place, "PART_OF"] if place.label == SYSTEM else []
                held.update((where, category) for where in (place, *wholes))
        derived = {category for _, category in made}
        while True:
            fresh = {
                (end, category)
                for flow in self.flows
                for category in derived.intersection(self.out[flow, "CARRIES"])
                if any((one, category) in held for one in self.out[flow, "FROM"] if one.label != SUBJECT)
                for end in self.out[flow, "TO"]
            }
            if fresh <= held:
                return held
            held |= fresh
