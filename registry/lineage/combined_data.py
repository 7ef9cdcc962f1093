"""Kinds of data that identify a person only together, and who holds all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from registry.lineage.answers import Certainty, Combination, Reason, Row
from registry.lineage.cached_reader import CachedReader
from registry.lineage.derivation import HELD
from registry.lineage.matching import Flows
from registry.lineage.taxonomy import BROADER, COUNTED_IN, DEFINES, NARROWER, narrower
from registry.model.graph import CATEGORY, ORGANIZATION, RECIPIENT
from registry.model.snapshot import NodeId, Text
from registry.stores.port import By, Direction, Ends


class _Together(NamedTuple):
    """What identifies a person together: these categories, or the one of them with anything that is not ``apart``."""

    categories: tuple[NodeId, ...]
    apart: tuple[NodeId, ...] = ()


def combined_at(
    flows: Flows, recipients: Collection[NodeId] | None, *, surely: bool = False
) -> dict[NodeId, tuple[Combination, ...]]:
    """The recipients (of these, or of all) that hold every kind of data which a clause says identifies together.

    With ``surely``, those only that certainly do.
    """
    stating = _stated(flows.reader)
    holders = _Holders(flows, None if recipients is None else frozenset(recipients), surely)
    found: dict[NodeId, list[Combination]] = defaultdict(list)
    for together, clauses in sorted(stating.items()):
        held = [holders.of(category) for category in together.categories]
        if together.apart:
            held.append(holders.of_others(together.categories[0], together.apart))
        for recipient in held[0]:
            if all(recipient in one for one in held):
                worst = max((one[recipient] for one in held), key=lambda certainty: certainty.rank)
                combination = Combination(tuple(clauses), together.categories, worst, bool(together.apart))
                found[recipient].append(combination)
    return {recipient: tuple(several) for recipient, several in found.items()}


def combined_by(
    flows: Flows, asked: NodeId, receivers: Collection[NodeId], maybe: Collection[NodeId]
) -> tuple[Combination, ...]:
    """What the one asked for can combine, who may be several ``receivers``, and perhaps those that ``maybe`` are it.

    An organisation combines what its recipients get apart. Recipients of a kind do not surely pool what they get.
    """
    stating = _stated(flows.reader)
    known = frozenset((*receivers, *maybe))
    holders = _Holders(flows, known, surely=False)
    found = []
    for together, clauses in sorted(stating.items()):
        held = [holders.of(category) for category in together.categories]
        if together.apart:
            held.append(holders.of_others(together.categories[0], together.apart))
        pools = [receivers] if asked.label == ORGANIZATION else [(one,) for one in receivers]
        certain = any(_hold(held, pool, [Certainty.CERTAIN]) for pool in pools)
        if certain or any(_hold(held, (*pool, *maybe), [*Certainty]) for pool in pools):
            certainty = Certainty.CERTAIN if certain else Certainty.POSSIBLE
            found.append(Combination(tuple(clauses), together.categories, certainty, bool(together.apart)))
    return tuple(found)


def _hold(
    held: Collection[Mapping[NodeId, Certainty]], pool: Collection[NodeId], surely: Collection[Certainty]
) -> bool:
    """Whether these holders, taken together, hold all of it so surely."""
    return all(any(holder in one and one[holder] in surely for holder in pool) for one in held)


def _stated(reader: CachedReader) -> dict[_Together, list[NodeId]]:
    """What clauses say identifies together, with the clauses that say so."""
    each_other: dict[NodeId, list[NodeId]] = defaultdict(list)
    with_any: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in reader.edges(["COMBINES"], None, Direction.OUT):
        (with_any if edge.properties.get("with_any") else each_other)[edge.source].append(edge.target)
    found: dict[_Together, list[NodeId]] = defaultdict(list)
    for clause, categories in sorted(each_other.items()):
        found[_Together(tuple(sorted(categories)))].append(clause)
    for clause, categories in sorted(with_any.items()):
        # Whether what the clause names alike is an "other" for each other, it does not say.
        apart = tuple(sorted(categories))
        for category in apart:
            found[_Together((category,), apart)].append(clause)
    return found


class _Holders:
    """Who holds what, of the recipients ``among`` (any where None), by these flows; each asked once."""

    def __init__(self, flows: Flows, among: frozenset[NodeId] | None, surely: bool) -> None:
        self._reader = flows.reader
        self._flows = flows
        self._by = By(("TO",), frozenset((RECIPIENT,)), among)
        self._surely = surely
        self._of: dict[NodeId, dict[NodeId, Certainty]] = {}

    def of(self, category: NodeId) -> dict[NodeId, Certainty]:
        """Who holds it or a kind of it; possibly, who holds something broader."""
        if category not in self._of:
            certain = narrower(self._reader, category)
            reached = self._reader.closure(certain, [BROADER, COUNTED_IN, DEFINES])
            wide = frozenset(one for one in reached if one.label == CATEGORY) - certain
            self._of[category] = self._holding(certain, wide)
        return self._of[category]

    def of_others(self, category: NodeId, apart: tuple[NodeId, ...]) -> dict[NodeId, Certainty]:
        """Who holds anything else under the same broadest terms, which none of ``apart`` is.

        Possibly, who holds something broader, or another one of ``apart``.
        """
        upward = self._reader.closure(apart, [BROADER])
        above = frozenset(upward)
        every = frozenset(self._reader.closure(above - upward.along().keys(), [NARROWER]))
        alike = frozenset(self._reader.closure(apart, [NARROWER]))
        return self._holding(every - alike - above, (above | alike) - narrower(self._reader, category))

    def _holding(self, certain: frozenset[NodeId], wide: frozenset[NodeId]) -> dict[NodeId, Certainty]:
        held: dict[NodeId, Certainty] = {}
        # What is only perhaps about the people, or of the product, asked for is only perhaps held.
        asked = [] if self._surely else [(self._flows.every, certain | wide, False, Certainty.POSSIBLE)]
        for where, categories, stated, certainty in (*asked, (self._flows.certain, certain, True, Certainty.CERTAIN)):
            if categories:
                holding = where.also(Ends(HELD, categories, stated=stated))
                by = self._by._replace(stated=stated)
                held.update(dict.fromkeys(self._reader.ends(holding, by), certainty))
        return held


def with_combinations(rows: Collection[Row], combined: tuple[Combination, ...]) -> tuple[Row, ...]:
    """The rows, each category marked with the combinations that it is part of."""
    if not combined:
        return tuple(rows)
    return tuple(replace(row, combines=tuple(one for one in combined if row.end in one.categories)) for row in rows)


def combination_notes(reader: CachedReader, combined: tuple[Combination, ...]) -> tuple[Text, ...]:
    """What a reader must know of the combinations at one recipient."""
    names = reader.get({node_id for one in combined for node_id in (*one.clauses, *one.categories)})
    notes = []
    for one in combined:
        number = ", ".join(names[clause].word("number") or clause.key for clause in one.clauses)
        en = " and ".join(names[category].name.en for category in one.categories)
        zh = "与".join(names[category].name.zh for category in one.categories)
        if one.with_any:
            en, zh = f"{en} and other personal information", f"{zh}与其他个人信息"
        may = ("may hold", "可能同时持有") if one.certainty is Certainty.POSSIBLE else ("holds", "同时持有")
        notes.append(
            Text(
                f"it {may[0]} {en}: together they identify a person (clause {number})",
                f"{may[1]}{zh}：结合后可识别特定自然人（条款{number}）",
            )
        )
    return tuple(notes)


def row_of_combinations(end: NodeId, together: tuple[Combination, ...], *, narrowed: bool) -> Row:
    """The row of one who holds all the data of these combinations; ``narrowed`` is whether flows were filtered."""
    best = min((one.certainty for one in together), key=lambda certainty: certainty.rank)
    reason = _WIDE_OR_OF_OTHERS if narrowed else _WIDE
    return Row(end, best, (), reasons=() if best is Certainty.CERTAIN else (reason,), combines=together)


_WIDE = Reason(Text("what it receives is named in terms that may include them", "所接收信息的表述可能包括上述各类信息"))
_WIDE_OR_OF_OTHERS = Reason(
    Text(
        "what it receives is named in terms that may include them, or is not said to be about these people, of this "
        "product or of this activity",
        "所接收信息的表述可能包括上述各类信息，或未载明是否涉及该类个人信息主体、本产品或该业务功能",
    )
)
