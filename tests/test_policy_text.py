"""The registry of the policy against the text of the policy: no line without a clause, no excerpt that is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from registry.coverage import coverage
from registry.model.graph import CLAUSE, FLOW
from registry.model.snapshot import Node
from registry.stores.memory import MemoryStore
from registry.stores.port import Direction
from tests.registries import load_demo

TEXT = "icourse163-privacy-policy.en.txt"
_OUT = Direction.OUT


def _policy() -> Path:
    """The text of the policy: beside the checkout, or where REGISTRY_POLICY says. It is not ours to ship."""
    beside = Path(__file__).parents[2] / "shared" / "policy" / TEXT
    return Path(os.environ.get("REGISTRY_POLICY", beside))


@pytest.fixture(scope="module")
def lines() -> list[str]:
    path = _policy()
    if not path.exists():
        pytest.skip(f"the text of the policy is not at {path}; name it with REGISTRY_POLICY")
    return path.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    store = MemoryStore()
    load_demo(store)
    return store


@pytest.fixture(scope="module")
def clauses(store: MemoryStore) -> list[Node]:
    with store.reading() as reader:
        return reader.nodes(CLAUSE)


def _covered(clause: Node) -> list[int]:
    found: list[int] = []
    for written in clause.words("lines"):
        first, _, last = written.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def test_every_line_of_the_policy_belongs_to_a_clause(lines: list[str], clauses: list[Node]) -> None:
    covered = {line for clause in clauses for line in _covered(clause)}

    assert [number for number, line in enumerate(lines, 1) if line.strip() and number not in covered] == []


def test_no_clause_names_a_line_that_is_not_there(lines: list[str], clauses: list[Node]) -> None:
    assert [clause.id.key for clause in clauses if not _covered(clause) or max(_covered(clause)) > len(lines)] == []


def test_every_excerpt_stands_in_the_lines_of_its_clause(lines: list[str], clauses: list[Node]) -> None:
    missing = [
        clause.id.key
        for clause in clauses
        if not any((clause.word("excerpt") or "") in lines[number - 1] for number in _covered(clause))
    ]

    assert missing == []


def test_excerpts_are_short(clauses: list[Node]) -> None:
    assert [clause.id.key for clause in clauses if len(clause.word("excerpt") or "") > 200] == []


def test_every_clause_has_facts_or_says_why_it_has_none(store: MemoryStore) -> None:
    with store.reading() as reader:
        assert [row.clause.id.key for row in coverage(reader) if not row.covered] == []


def test_no_clause_both_has_facts_and_says_that_it_has_none(store: MemoryStore) -> None:
    with store.reading() as reader:
        assert [row.clause.id.key for row in coverage(reader) if row.facts and row.reason] == []


def test_every_flow_rests_on_a_clause(store: MemoryStore) -> None:
    with store.reading() as reader:
        stated = {edge.source for edge in reader.edges(["STATED_IN"], None, _OUT)}

        assert [flow.id.key for flow in reader.nodes(FLOW) if flow.id not in stated] == []


def test_the_contradiction_about_the_operator_stands_with_its_clauses(store: MemoryStore) -> None:
    with store.reading() as reader:
        operators = {
            edge.target.key: edge.properties["stated_in"]
            for edge in reader.edges(["OPERATED_BY"], None, _OUT)
            if edge.source.key == "icourse163"
        }

    assert set(operators) == {"youdao", "critical-point"}
    assert all(operators.values())
