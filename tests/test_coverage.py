"""Which clause says what: a clause without facts says why, or is not covered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.coverage import Covered, coverage, natural
from registry.errors import UnknownName
from registry.seeding import DEMO, VOCABULARY, seeds
from registry.stores.port import Store
from tests.manifest_files import register
from tests.stores.conftest import ADAPTERS, EVERY_STORE

CLAUSES = """
    defaults: {name: x, kind: use, from: p, to: p}
    categories: {a: {NAME}, b: {NAME}, c: {NAME}}
    organizations: {o: {NAME}}
    products: {p: {NAME, operated_by: {organization: o, stated_in: "d:5"}}}
    flows:
      f:
        NAME
        kind: use
        from: p
        to: p
        carries: [a, {category: b, stated_in: ["d:3", "d:1(2)"]}]
        stated_in: "d:1(2)"
    clauses:
      d:1(2): {NAME, document: d, number: "1(2)", lines: ["7"]}
      d:1(10): {NAME, document: d, number: "1(10)", lines: ["7"]}
      d:2: {NAME, document: d, number: "2", lines: ["5-6"], no_facts: {en: Contact only, zh: 仅联系方式}}
      d:3: {NAME, document: d, number: "3", lines: ["30"]}
      d:4: {NAME, document: d, number: "4", lines: ["20-21"], defines: a, includes: [b, c]}
      d:5: {NAME, document: d, number: "5"}
      e:1: {NAME, document: e, number: "1", no_facts: {en: Title, zh: 标题}, combines: [a, b]}
""".replace("NAME", "name: {en: x, zh: y}").replace("defaults: {name: x, ", "defaults: {")


@pytest.fixture(params=EVERY_STORE)
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Two documents, on every kind of store."""
    make: Callable[[Path], Store] = ADAPTERS[request.param]
    with closing(make(tmp_path)) as store:
        register(store, tmp_path, CLAUSES)
        yield store


def rows(store: Store, document: str = "") -> list[Covered]:
    with store.reading() as reader:
        return coverage(reader, document)


def test_clauses_stand_in_the_order_of_the_text(documents: Store) -> None:
    assert [row.clause.id.key for row in rows(documents)] == ["d:2", "d:1(2)", "d:1(10)", "d:4", "d:3", "d:5", "e:1"]


def test_facts_are_what_states_the_clause_itself_or_by_an_edge_and_what_it_defines(documents: Store) -> None:
    facts = {row.clause.id.key: [fact.id.reference for fact in row.facts] for row in rows(documents)}

    assert facts == {
        "d:2": [],
        "d:1(2)": ["flow:f"],
        "d:1(10)": [],
        "d:4": ["category:a", "category:b", "category:c"],
        "d:3": ["flow:f"],
        "d:5": ["product:p"],
        "e:1": ["category:a", "category:b"],
    }


def test_a_clause_is_covered_by_facts_or_by_a_reason(documents: Store) -> None:
    assert [row.clause.id.key for row in rows(documents) if not row.covered] == ["d:1(10)"]
    assert {row.clause.id.key: row.reason for row in rows(documents) if row.reason} == {
        "d:2": ("Contact only", "仅联系方式"),
        "e:1": ("Title", "标题"),
    }


def test_one_document_alone_can_be_asked_for(documents: Store) -> None:
    assert [row.clause.id.key for row in rows(documents, "e")] == ["e:1"]


def test_an_unknown_document_is_no_empty_answer(documents: Store) -> None:
    with pytest.raises(UnknownName) as caught:
        rows(documents, "D")

    assert (caught.value.message.en, caught.value.nearest, caught.value.hint.en) == (
        'there is no document "D"',
        ("d",),
        "documents are: d, e",
    )


def test_numbers_sort_as_people_count() -> None:
    numbers = ["1(10)", "2", "1(2)", "10", "1", "1(2)3", "附则", "²", "1(02)2", "9" * 5_000, "3"]

    assert sorted(numbers, key=natural) == [
        "1", "1(2)", "1(02)2", "1(2)3", "1(10)", "2", "3", "10", "9" * 5_000, "²", "附则",
    ]  # fmt: skip


@pytest.mark.parametrize("lines", ['["x"]', '["-3"]', '["a", "5"]', "[]", '["²"]', f'["{"9" * 5_000}"]'])
def test_lines_that_are_no_numbers_do_not_matter(lines: str, tmp_path: Path) -> None:
    with closing(ADAPTERS["memory"](tmp_path)) as store:
        clauses = """
            clauses:
              c: {name: {en: x, zh: y}, document: d, number: "²1", lines: LINES}
              d: {name: {en: x, zh: y}, document: d, number: "9", lines: ["12-13"]}
        """
        register(store, tmp_path, clauses.replace("LINES", lines))

        assert [row.clause.id.key for row in rows(store)] == ["d", "c"]


def test_every_clause_of_the_policy_is_covered(tmp_path: Path) -> None:
    with closing(ADAPTERS["sqlite"](tmp_path)) as store:
        from registry.planning import apply, plan, read_manifests

        with store.reading() as reader:
            planned = plan(reader, read_manifests(reader, [seeds(VOCABULARY), seeds(DEMO)]))
        apply(store, planned)
        found = rows(store, "icourse163")

    assert len(found) > 200
    assert [row.clause.id.key for row in found if not row.covered] == []
