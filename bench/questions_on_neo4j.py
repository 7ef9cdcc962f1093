"""Whole questions on both stores, and on Neo4j beside Cypher by hand."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from statistics import median
from typing import Any, NamedTuple

from registry.lineage import Answer
from registry.model.bulk import batches
from registry.model.graph import CATEGORY, FLOW, PERMISSION, RECIPIENT, SYSTEM
from registry.model.snapshot import NodeId
from registry.stores.neo4j.address import Address
from registry.stores.neo4j.encoding import reference
from registry.stores.neo4j.moments import ENTRY, NAME, moment
from registry.stores.neo4j.reading import Neo4jReader
from registry.stores.port import Reader, Store

from . import questions_in_cypher
from .operations_in_cypher import answer, session_of, with_stamps
from .questions import QUESTIONS
from .timing import by_turns, spread

_CATEGORY = {"root": reference(NodeId(CATEGORY, "location-7"))}
_RECIPIENT = {"root": reference(NodeId(RECIPIENT, "recipient-7"))}
_WHOLE = {"root": reference(NodeId(CATEGORY, "location"))}

BY_HAND: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "who-receives location, page of 50": (questions_in_cypher.WHO_RECEIVES, _WHOLE),
    "what-receives recipient-7": (questions_in_cypher.WHAT_RECEIVES, _RECIPIENT),
    "why location-7": (questions_in_cypher.WHY, _CATEGORY),
    "where-from location-7": (questions_in_cypher.WHERE_FROM, _CATEGORY),
    "if-revoked permission-7": (
        questions_in_cypher.IF_REVOKED,
        {"root": reference(NodeId(PERMISSION, "permission-7"))},
    ),
    "if-erased location-7": (questions_in_cypher.IF_ERASED, _CATEGORY),
    "if-breached recipient-7": (questions_in_cypher.IF_BREACHED, _RECIPIENT),
    "path system-7 to recipient-7 for location": (
        questions_in_cypher.PATH,
        {
            **_WHOLE,
            "start": reference(NodeId(SYSTEM, "system-7")),
            "goal": reference(NodeId(RECIPIENT, "recipient-7")),
        },
    ),
}
"""The Cypher by hand for those questions that there is any for, and what it is asked about."""


def questions(stores: dict[str, Store], place: Address) -> None:
    """Each question on both stores and by hand by turns, with the statements that Neo4j is sent for it.

    An answer takes time beside the store: what was read is made into rows with certainties, reasons and names. Cypher
    by hand leaves that to whoever asked, so it stands beside the part of the time that the store took.
    """
    print(f"\n{'p50 / p95 in ms':<42} {'SQLite':>17} {'Neo4j':>17} {'statements':>11} {'in them':>8} {'by hand':>17}")
    with stores["SQLite"].reading() as file, stores["Neo4j"].reading() as graph, session_of(place) as session:
        sent = _counted(graph)
        for name, (text, asked) in BY_HAND.items():
            ask = QUESTIONS[name]
            sent.clear()
            given = ask(graph)
            statements = len(sent)
            values = {**asked, "rows": len(given.rows), "now": moment(graph.version)}
            by_hand_of_it = partial(answer, session, with_stamps(text), values)
            _same(name, given, by_hand_of_it())
            sent.clear()
            ours, theirs, hand = by_turns(partial(ask, file), partial(ask, graph), by_hand_of_it)
            within = median(sum(one.taken for one in run) for run in batches(sent, statements))
            told = f"{median(hand):8.1f} ({within / median(hand):4.2f} x)"
            print(
                f"{name:<42} {spread(ours):>17} {spread(theirs):>17} {statements:>11} {within:>8.1f} {told:>17}",
                flush=True,
            )


def _same(name: str, given: Answer, by_hand_of_it: list[Any]) -> None:
    """Check that the Cypher by hand found the same rows, or for ways the flows that they take."""
    total, rows, *_ = by_hand_of_it
    theirs = {end: {*flows} for end, flows in rows}
    ours = {reference(row.end): {flow.id.key for flow in row.all_flows} for row in given.rows if row.end}
    if None in theirs:
        same = {flow for flows in ours.values() for flow in flows} <= theirs[None]
    else:
        same = ours == theirs and total == given.total
    if not same:
        raise AssertionError(f"{name}: the Cypher by hand answers something else")


class Sent(NamedTuple):
    """A statement that went to the server, and how many milliseconds it took."""

    text: str
    values: dict[str, Any]
    taken: float


def _counted(reader: Reader) -> list[Sent]:
    """The statements that go to the server from now on."""
    sent: list[Sent] = []
    assert isinstance(reader, Neo4jReader)
    rows = reader._rows

    def counted(text: str, sql: Any) -> list[list[Any]]:
        began = time.perf_counter()
        found = rows(text, sql)
        sent.append(Sent(text, sql.values, (time.perf_counter() - began) * 1000))
        return found

    reader._rows = counted  # type: ignore[method-assign]
    return sent


def plans(store: Store, place: Address) -> None:
    """Where the server begins with what questions and reads send; never with all nodes, all edges, or all flows."""
    with store.reading() as reader, session_of(place) as session:
        sent = _counted(reader)
        for ask in QUESTIONS.values():
            ask(reader)
        reader.keyed(["location"])
        reader.names([RECIPIENT])
        for things in (reader.all_nodes(), reader.all_edges()):
            next(iter(things))
        begun: Counter[str] = Counter()
        texts = {one.text: one.values for one in sent}
        for text, values in texts.items():
            for operator, details in _leaves(session.run(f"EXPLAIN {text}", values).consume().plan):
                begun[operator] += 1
                if operator.startswith(_ALL) or (operator == "NodeByLabelScan" and details.endswith(_MANY)):
                    raise AssertionError(f"{operator} {details} in {text}")
    print(
        f"\n{len(texts)} statements begin with: {', '.join(f'{name} {times}' for name, times in begun.most_common())}"
    )


_ALL = ("AllNodes", "DirectedAllRelationships", "UndirectedAllRelationships", "PartitionedAllNodes")
_MANY = (f":{FLOW}", f":{ENTRY}", f":{NAME}")


def _leaves(plan: Any) -> Iterator[tuple[str, str]]:
    """The operators with which a plan begins."""
    within = plan.get("children", [])
    if not within:
        yield plan["operatorType"].partition("@")[0], plan["args"].get("Details", "")
    for child in within:
        yield from _leaves(child)
