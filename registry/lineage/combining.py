"""Kinds of data that identify a person only together, and who holds all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from registry.lineage.answers import Answer, Certainty, Combination, Reason, Row
from registry.lineage.kinds import BROADER, narrower
from registry.lineage.scope import Scope, flows_in
from registry.model.graph import (
    RECIPIENT,
)
from registry.model.snapshot import NodeId, Text
from registry.stores.port import By, Direction, Ends, Reader, Where


def combined_at(
    reader: Reader, scope: Scope, recipients: Collection[NodeId] | None, *, surely: bool = False
) -> dict[NodeId, tuple[Combination, ...]]:
    """The recipients (of these, or of all) that hold every kind of data which a clause says identifies together.

    With ``surely``, those only that certainly do.
    """
    stated: dict[NodeId, set[NodeId]] = defaultdict(set)
    for edge in reader.edges(["COMBINES"], None, Direction.OUT):
        stated[edge.source].add(edge.target)
    clauses: dict[tuple[NodeId, ...], list[NodeId]] = defaultdict(list)
    for clause in sorted(stated):
        clauses[tuple(sorted(stated[clause]))].append(clause)
    among = None if recipients is None else frozenset(recipients)
    base = flows_in(reader, scope)
    every = {category for categories in clauses for category in categories}
    holding = {category: _holding(reader, base, category, among, surely) for category in sorted(every)}
    found: dict[NodeId, list[Combination]] = defaultdict(list)
    for categories, stating in sorted(clauses.items()):
        held = [holding[category] for category in categories]
        for recipient in held[0]:
            if all(recipient in one for one in held):
                worst = max((one[recipient] for one in held), key=lambda certainty: certainty.rank)
                found[recipient].append(Combination(tuple(stating), categories, worst))
    return {recipient: tuple(several) for recipient, several in found.items()}


def _holding(
    reader: Reader, base: Where, category: NodeId, among: frozenset[NodeId] | None, surely: bool
) -> dict[NodeId, Certainty]:
    certain = narrower(reader, category)
    by = By("TO", frozenset((RECIPIENT,)), among)
    wide = frozenset() if surely else frozenset(reader.closure(certain, [BROADER])) - certain
    held: dict[NodeId, Certainty] = {}
    for categories, certainty in ((wide, Certainty.POSSIBLE), (certain, Certainty.CERTAIN)):
        if categories:
            ends = reader.ends(base.also(Ends(("CARRIES",), frozenset(categories))), by)
            held.update(dict.fromkeys(ends, certainty))
    return held


def with_combinations(result: Answer, combined: tuple[Combination, ...]) -> Answer:
    """The answer, each of its categories marked with the combinations that it is part of."""
    marked = tuple(
        replace(row, combines=tuple(one for one in combined if row.end in one.categories)) for row in result.rows
    )
    return replace(result, rows=marked)


def combination_notes(reader: Reader, combined: tuple[Combination, ...]) -> tuple[Text, ...]:
    """What a reader must know of the combinations at one recipient."""
    names = reader.get({node_id for one in combined for node_id in (*one.clauses, *one.categories)})
    notes = []
    for one in combined:
        number = ", ".join(names[clause].word("number") or clause.key for clause in one.clauses)
        en = " and ".join(names[category].name.en for category in one.categories)
        zh = "与".join(names[category].name.zh for category in one.categories)
        may = ("may hold", "可能同时持有") if one.certainty is Certainty.POSSIBLE else ("holds", "同时持有")
        notes.append(
            Text(
                f"it {may[0]} {en}: together they identify a person (clause {number})",
                f"{may[1]}{zh}：结合后可识别特定自然人（条款{number}）",
            )
        )
    return tuple(notes)


def combining(end: NodeId, together: tuple[Combination, ...]) -> Row:
    """The row of one who holds all the data of these combinations."""
    best = min((one.certainty for one in together), key=lambda certainty: certainty.rank)
    wide = Reason(
        Text("what it receives is named in terms that may include them", "所接收信息的表述可能包括上述各类信息")
    )
    return Row(end, best, (), reasons=() if best is Certainty.CERTAIN else (wide,), combines=together)
