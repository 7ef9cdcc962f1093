"""What a question asks of the store: a constant number of calls, and nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from functools import partial

import pytest

from registry import lineage
from registry.lineage import Answer, Scope
from registry.model.snapshot import NodeId
from registry.stores.port import Reader
from tests.call_log import Call, counting
from tests.registries import Registry

_OUTSIDE = Scope(outside="cn")
QUESTIONS: dict[str, Callable[[Reader], Answer]] = {
    "who-receives": partial(lineage.who_receives, data="location"),
    "who-receives --outside": partial(lineage.who_receives, data="location", scope=_OUTSIDE),
    "what-receives": partial(lineage.what_receives, recipient="pushers"),
    "why": partial(lineage.why, what="location"),
    "where-from": partial(lineage.where_from, data="location"),
    "if-revoked": partial(lineage.if_revoked, what="camera"),
    "if-erased": partial(lineage.if_erased, data="location"),
    "if-breached": partial(lineage.if_breached, holder="pushers"),
    "if-breached of a product": partial(lineage.if_breached, holder="app"),
    "path": partial(lineage.path, start="users", goal="jpush", data="location", longest=3),
    "combinations": lineage.combinations,
}


def _flows(several: Collection[int]) -> str:
    lines = ["flows:"]
    for number in several:
        lines += [
            f"  in{number}: {{kind: collect, from: users, to: app, carries: [gps], requires: [camera]}}",
            f"  make{number}: {{kind: derive, from: app, to: app, carries: [gps], derives: [profile], for: [ads]}}",
            f"  out{number}: {{kind: provide, from: app, to: jpush, carries: [gps, log-information], for: [push]}}",
            f"  on{number}: {{kind: provide, from: jpush, to: broker, carries: [profile, device-information]}}",
        ]
    return "\n".join(lines)


def _calls(registry: Registry, ask: Callable[[Reader], Answer]) -> list[Call]:
    with registry.store.reading() as reader:
        counted, calls = counting(reader)
        ask(counted)
    return calls


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_takes_as_many_calls_of_a_large_registry_as_of_a_small_one(world: Registry, question: str) -> None:
    world.register(_flows(range(2)))
    few = _calls(world, QUESTIONS[question])
    world.register(_flows(range(2, 20)))
    many = _calls(world, QUESTIONS[question])

    assert [call.name for call in many] == [call.name for call in few]


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_answer_gets_a_node_twice_or_asks_the_same_again(world: Registry, question: str) -> None:
    world.register(_flows(range(2)))

    calls = _calls(world, QUESTIONS[question])

    got = Counter[NodeId](node for call in calls if call.name == "get" for node in call.given[0])  # type: ignore[attr-defined]
    assert [node for node, times in got.items() if times > 1] == []
    assert [call for call, times in Counter(map(repr, calls)).items() if times > 1] == []
