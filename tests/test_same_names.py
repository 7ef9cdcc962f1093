"""Two things of one kind with one name are told when they are registered, and refused unless both are meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.lineage import resolve
from registry.stores import open_store
from registry.stores.memory import MemoryStore
from registry.stores.port import Store
from tests.command_line import run
from tests.manifest_files import WORLD, problems, register, write

HINT = "\n  hint: give it another name, or write `same_name: true` where both are meant"
SAME = ["--name-en", "JPush", "--name-zh", "极光推送", "--kind", "sdk"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Store]:
    with closing(MemoryStore()) as store:
        register(store, tmp_path, WORLD)
        yield store


def told(store: Store, directory: Path, manifest: str) -> list[str]:
    write(directory, {"m.yaml": manifest})
    found = problems(store, directory / "m.yaml", same_name=False)
    return [problem.replace(f"{directory}/", "") for problem in found]


def test_a_name_that_another_thing_has_is_told(world: Store, tmp_path: Path) -> None:
    manifest = (
        "recipients: {other: {name: {en: jpush, zh: 极光推送}, kind: sdk}, one: {name: {en: Own, zh: 个推}, kind: sdk}}"
    )

    assert told(world, tmp_path, manifest) == [
        f'm.yaml:1:14: recipient "other" is called "jpush" and "极光推送", as is recipient "jpush"{HINT}',
        f'm.yaml:1:63: recipient "one" is called "个推", as is recipient "getui"{HINT}',
    ]


def test_of_two_in_one_manifest_the_second_is_told(world: Store, tmp_path: Path) -> None:
    manifest = "recipients: {b: {name: {en: N, zh: 一}, kind: sdk}, a: {name: {en: M, zh: 一}, kind: sdk}}"

    assert told(world, tmp_path, manifest) == [f'm.yaml:1:52: recipient "a" is called "一", as is recipient "b"{HINT}']


@pytest.mark.parametrize(
    "manifest",
    [
        "recipients: {other: {name: {en: JPush, zh: 极光推送}, kind: sdk, same_name: true}}",
        "organizations: {jpush: {name: {en: JPush, zh: 极光推送}}}",
        "categories: {wgs: {name: {en: GPS location, zh: GPS定位}, broader: gps}}",
        "categories: {a: {name: {en: A, zh: 甲}}, b: {name: {en: A, zh: 乙}, broader: c}, "
        "c: {name: {en: C, zh: 丙}, broader: a}}",
        "clauses: {p:2: {name: {en: Clause 1, zh: 第一条}, document: p, number: '2'}}",
        "recipients: {jpush: {name: {en: Pusher, zh: 推}, kind: sdk}, "
        "other: {name: {en: JPush SDK, zh: 极光推送}, kind: sdk}}",
        WORLD,
    ],
)
def test_a_name_that_is_meant_or_means_the_wider_thing_is_not(manifest: str, world: Store, tmp_path: Path) -> None:
    assert told(world, tmp_path, manifest) == []


def test_kinds_of_a_third_thing_are_told(world: Store, tmp_path: Path) -> None:
    manifest = "categories: {a: {name: {en: A, zh: 甲}, broader: gps}, b: {name: {en: A, zh: 乙}, broader: gps}}"

    assert told(world, tmp_path, manifest) == [f'm.yaml:1:55: category "b" is called "A", as is category "a"{HINT}']


def test_what_shares_its_name_already_is_told_no_more_but_a_third_is(world: Store, tmp_path: Path) -> None:
    other = "  other: {name: {en: JPush, zh: 极光推送}, kind: sdk}\n"
    register(world, tmp_path, f"recipients:\n{other}")

    assert told(world, tmp_path, f"recipients:\n{other}") == []
    assert told(world, tmp_path, f"recipients:\n{other}{other.replace('other', 'third')}") == [
        f'm.yaml:3:3: recipient "third" is called "JPush" and "极光推送", as is recipient "jpush"{HINT}'
    ]


def test_what_is_not_refused_can_be_asked_for_by_its_name(world: Store, tmp_path: Path) -> None:
    register(world, tmp_path, "categories: {wgs: {name: {en: GPS location, zh: GPS定位}, broader: gps}}")

    with world.reading() as reader:
        assert resolve(reader, "GPS location").key == "gps"


def test_thousands_with_one_name_are_told_at_once(world: Store, tmp_path: Path) -> None:
    chain = "".join(f"  c{n}: {{name: {{en: A, zh: 甲}}, broader: c{n + 1}}}\n" for n in range(3_000))

    assert told(world, tmp_path, f"categories:\n{chain}  c3000: {{name: {{en: A, zh: 甲}}}}\n") == []
    assert (
        len(told(world, tmp_path, f"categories:\n{chain}".replace("broader: c", "fides: [c").replace("}\n", "]}\n")))
        == 2_999
    )


def test_by_options_it_is_refused_without_the_word_for_it(tmp_path: Path) -> None:
    store = tmp_path / "registry.db"
    with closing(open_store(str(store), create=True)) as opened:
        register(opened, tmp_path, WORLD)
    write(tmp_path, {"m.yaml": "recipients: {third: {name: {en: JPush, zh: 极光推送}, kind: sdk}}"})

    refused = run(store, "add", "recipient", "other", *SAME)
    agreed = run(store, "add", "recipient", "other", *SAME, "--same-name")
    by_manifest = run(store, "apply", str(tmp_path / "m.yaml"))
    by_manifest_agreed = run(store, "apply", "--same-name", str(tmp_path / "m.yaml"))

    assert refused == (
        1,
        "",
        'error: KEY: recipient "other" is called "JPush" and "极光推送", as is recipient "jpush"\n'
        "  hint: give it another name, or give --same-name where both are meant\n",
    )
    assert (agreed.code, by_manifest.code, by_manifest_agreed.code) == (0, 1, 0)
    assert run(store, "apply", str(tmp_path / "m.yaml")).err == "no changes\n"
