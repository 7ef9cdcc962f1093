"""Who gets data, worked out the slow way: over all flows, again and again, until nothing new comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from registry.lineage import Certainty
from registry.lineage.derivation import LOST
from registry.model.graph import CATEGORY, FLOW, SUBJECT, SYSTEM
from registry.model.snapshot import Node, NodeId, Snapshot

Holders = dict[NodeId, dict[NodeId, Certainty]]
"""How surely each flow to each end bears on the data asked for."""


class Plainly:
    """An estate, looked at without any store."""

    def __init__(self, estate: Snapshot) -> None:
        self.out: dict[tuple[NodeId, str], list[NodeId]] = defaultdict(list)
        self.stated: dict[tuple[NodeId, str], list[NodeId]] = defaultdict(list)
        self.back: dict[tuple[NodeId, str], list[NodeId]] = defaultdict(list)
        for edge in estate.edges.values():
            self.out[edge.source, edge.name].append(edge.target)
            self.back[edge.target, edge.name].append(edge.source)
            if not edge.properties.get("reading"):
                self.stated[edge.source, edge.name].append(edge.target)
        self.nodes = estate.nodes
        self.today = date.today().isoformat()
        flows = [node for node in estate.nodes.values() if node.id.label == FLOW]
        self.sure = {node.id for node in flows if self.in_force(node) or self._surely_kept(node)}
        self.flows = {
            node.id: node.word("protection") for node in flows if node.id in self.sure or self._perhaps_kept(node)
        }

    def in_force(self, flow: Node) -> bool:
        first, last = flow.word("effective_from") or "", flow.word("effective_to")
        if flow.word("status") == "proposed" or first > self.today:
            return False
        return last >= self.today if last else flow.word("status") == "active"

    def _surely_kept(self, flow: Node) -> bool:
        last = flow.word("effective_to")
        rules = [self.nodes[rule] for rule in self.stated[flow.id, "RETAINED_BY"]]
        return (
            flow.word("status") != "proposed"
            and last is not None
            and last < self.today
            and any(rule.word("period") == "P900Y" and not rule.flag("at_least") for rule in rules)
        )

    def _perhaps_kept(self, flow: Node) -> bool:
        """Whether it has ended and nothing says that what it brought is gone. A year is over, 900 are not."""
        last = flow.word("effective_to")
        if flow.word("status") == "proposed" or (last >= self.today if last else flow.word("status") == "active"):
            return False
        rules = [self.nodes[rule] for rule in self.out[flow.id, "RETAINED_BY"]]
        exact = [rule.word("period") for rule in rules if rule.word("period") and not rule.flag("at_least")]
        return last is None or not rules or len(exact) < len(rules) or self._surely_kept(flow)

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
            stated = {*self.stated[flow, "CARRIES"], *self.stated[flow, "DERIVES"]}
            starts = [start for start in self.stated[flow, "FROM"] if start.label != SUBJECT]
            if stated & certain:
                certainty = Certainty.CERTAIN
            elif carried & certain:
                certainty = Certainty.POSSIBLE
            elif any((start, category) in held for start in starts for category in self.stated[flow, "CARRIES"]):
                certainty = Certainty.DERIVED
            elif carried & (wide | derived | beside):
                certainty = Certainty.POSSIBLE
            else:
                continue
            for end in self.out[flow, "TO"]:
                sure = flow in self.sure and end in self.stated[flow, "TO"]
                found[end][flow] = certainty if sure else Certainty.POSSIBLE
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
                (flow, category): bool(sure.intersection(self.stated[flow, "CARRIES"])) and self._all_stated(flow)
                for flow, protection in self.flows.items()
                if protection not in LOST and (sure | maybe).intersection(self.out[flow, "CARRIES"])
                for category in self.out[flow, "DERIVES"]
                if category not in certain
            }
            if fresh == made:
                return made
            made = fresh

    def _all_stated(self, flow: NodeId) -> bool:
        return all(len(self.out[flow, name]) == len(self.stated[flow, name]) for name in ("CARRIES", "DERIVES"))

    def _held(self, made: Mapping[tuple[NodeId, NodeId], bool]) -> set[tuple[NodeId, NodeId]]:
        """Where that is held which was surely made of the data: where it was made, and whoever got it from there."""
        held: set[tuple[NodeId, NodeId]] = set()
        for (flow, category), surely in made.items():
            for place in self.stated[flow, "TO"] if surely else ():
                wholes = self.out[place, "PART_OF"] if place.label == SYSTEM else []
                held.update((where, category) for where in (place, *wholes))
        derived = {category for _, category in made}
        while True:
            fresh = {
                (end, category)
                for flow in self.flows
                for category in derived.intersection(self.stated[flow, "CARRIES"])
                if any((one, category) in held for one in self.stated[flow, "FROM"] if one.label != SUBJECT)
                for end in self.stated[flow, "TO"]
            }
            if fresh <= held:
                return held
            held |= fresh
