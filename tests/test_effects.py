"""What a change means for people: only what is new to whom, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.effects import effects
from registry.model.snapshot import NodeId, Text
from registry.planning import plan, read_manifests
from registry.seeding import DEMO, VOCABULARY, seeds
from registry.stores.port import Store
from tests.manifest_files import WORLD, register, write
from tests.stores.conftest import ADAPTERS, EVERY_STORE

MORE = """
    permissions:
      camera: {name: {en: Camera, zh: 相机}}
    purposes:
      ads: {name: {en: Advertising, zh: 广告}}
"""
SYNC = """
    flows:
      sync: {name: {en: Sync, zh: 同步}, kind: provide, carries: gps, from: product:app, to: jpush, for: push}
"""

Means = Callable[[str], list[str]]


@pytest.fixture(params=EVERY_STORE)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A small registry with one flow, on every kind of store."""
    make: Callable[[Path], Store] = ADAPTERS[request.param]
    directory = tmp_path / "store"
    directory.mkdir()
    with closing(make(directory)) as store:
        for manifest in (WORLD, MORE, SYNC):
            register(store, directory, manifest)
        yield store


@pytest.fixture
def means(world: Store, tmp_path: Path) -> Means:
    """What flows mean for people, each given as `carries: …` and so on."""

    def told(flows: str) -> list[str]:
        lines = [f"  f{number}: {{{flow.strip()}}}" for number, flow in enumerate(flows.strip().splitlines())]
        default = "defaults: {kind: provide, from: product:app, to: jpush, carries: gps}"
        named = [line.replace("{", "{name: {en: a, zh: b}, ", 1).replace(", }", "}") for line in lines]
        write(tmp_path, {"m.yaml": "\n".join([default, "flows:", *named])})
        with world.reading() as reader:
            planned = plan(reader, read_manifests(reader, [tmp_path / "m.yaml"], same_name=True))
            return [effect.what.en for effect in effects(reader, planned)]

    return told


def test_a_recipient_that_gets_nothing_yet_is_new(means: Means) -> None:
    assert means("to: getui, for: push") == [
        "new recipient: GeTui",
        "new data received by GeTui: GPS location",
    ]


def test_data_is_new_to_whoever_does_not_get_it_yet(means: Means) -> None:
    assert means("carries: [gps, profile]") == ["new data received by JPush: Profile"]


def test_data_that_the_product_takes_in_is_collected(means: Means) -> None:
    assert means("to: product:app, from: jpush, carries: profile, kind: receive") == [
        "new data collected by The app: Profile"
    ]


def test_a_purpose_is_new_where_the_recipient_has_others(means: Means) -> None:
    assert means("for: [push, ads]") == ["new purpose at JPush: Advertising"]


def test_a_permission_is_new_where_no_active_flow_requires_it(means: Means) -> None:
    assert means("requires: camera\nrequires: camera") == ["new permission: Camera"]


def test_what_two_flows_bring_is_told_once(means: Means) -> None:
    assert means("to: getui, carries: profile, for: ads\nto: getui, carries: [gps, profile], for: [ads, push]") == [
        "new recipient: GeTui",
        "new data received by GeTui: Profile",
        "new data received by GeTui: GPS location",
        "new purpose at GeTui: Push messages",
    ]


@pytest.mark.parametrize("status", ["proposed", "retired"])
def test_a_flow_that_is_not_in_force_changes_nothing_for_people(status: str, means: Means) -> None:
    assert means(f"status: {status}, to: getui, requires: camera") == []


def test_the_same_data_to_the_same_recipient_changes_nothing_for_people(means: Means) -> None:
    assert means("for: push") == []


def test_a_flow_that_comes_into_force_counts_as_new(world: Store, means: Means, tmp_path: Path) -> None:
    proposed = SYNC.replace("sync: {", "f0: {status: proposed, ").replace("jpush", "getui")
    register(world, tmp_path, proposed)

    assert means("to: getui") == ["new recipient: GeTui", "new data received by GeTui: GPS location"]


def test_a_flow_that_changes_is_compared_with_what_it_was(world: Store, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": SYNC.replace("carries: gps", "carries: [gps, location], description: {en: a, zh: b}")})

    with world.reading() as reader:
        found = effects(reader, plan(reader, read_manifests(reader, [tmp_path / "m.yaml"], same_name=True)))

    assert [(effect.what, effect.about) for effect in found] == [
        (
            Text("new data received by JPush: Location", "极光推送新增接收的个人信息：位置信息"),
            (NodeId("Recipient", "jpush"), NodeId("DataCategory", "location")),
        )
    ]


def test_a_flow_that_ends_is_told_after_what_begins(world: Store, tmp_path: Path) -> None:
    manifest = (
        SYNC.replace("kind: provide", "kind: provide, status: retired")
        + """
          f: {name: {en: a, zh: b}, kind: provide, carries: gps, from: product:app, to: getui}
    """
    )
    write(tmp_path, {"m.yaml": manifest.replace("          f:", "      f:")})

    with world.reading() as reader:
        found = effects(reader, plan(reader, read_manifests(reader, [tmp_path / "m.yaml"], same_name=True)))

    assert [effect.what for effect in found] == [
        Text("new recipient: GeTui", "新增接收方：个推"),
        Text("new data received by GeTui: GPS location", "个推新增接收的个人信息：GPS定位"),
        Text("ends: Sync", "停止：同步"),
    ]


def test_a_change_that_moves_no_data_means_nothing_for_people(world: Store, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": WORLD.replace("Push messages", "Messages").replace("en: GPS location", "en: GPS")})

    with world.reading() as reader:
        planned = plan(reader, read_manifests(reader, [tmp_path / "m.yaml"], same_name=True))

        assert [change.id.key for change in planned.changes] == ["gps", "push"]
        assert effects(reader, planned) == []


def test_effects_are_told_in_both_languages_and_new_things_by_their_new_names(world: Store, tmp_path: Path) -> None:
    manifest = """
        recipients: {new: {name: {en: Newcomer, zh: 新来者}, kind: partner}}
        flows:
          f: {name: {en: a, zh: b}, kind: provide, carries: gps, from: product:app, to: new, for: ads, requires: camera}
    """
    write(tmp_path, {"m.yaml": manifest})

    with world.reading() as reader:
        found = effects(reader, plan(reader, read_manifests(reader, [tmp_path / "m.yaml"], same_name=True)))

    assert [effect.what for effect in found] == [
        Text("new recipient: Newcomer", "新增接收方：新来者"),
        Text("new data received by Newcomer: GPS location", "新来者新增接收的个人信息：GPS定位"),
        Text("new permission: Camera", "新增系统权限：相机"),
    ]


def test_every_recipient_of_the_policy_is_new_to_an_empty_registry(tmp_path: Path) -> None:
    with closing(ADAPTERS["sqlite"](tmp_path)) as store, store.reading() as reader:
        planned = plan(reader, read_manifests(reader, [seeds(VOCABULARY), seeds(DEMO)]))
        found = effects(reader, planned)

    receiving = {
        edge.target
        for change in planned.changes
        if change.after.word("status") == "active"
        for edge in change.leads
        if edge.name == "TO" and edge.target.label == "Recipient"
    }
    new = {effect.about[0] for effect in found if effect.what.en.startswith("new recipient: ")}
    assert receiving
    assert new == receiving


def test_what_a_flow_no_longer_does_is_told(world: Store, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": SYNC.replace("to: jpush, for: push", "to: getui")})

    with world.reading() as reader:
        found = effects(reader, plan(reader, read_manifests(reader, [tmp_path / "m.yaml"], same_name=True)))

    assert [effect.what.en for effect in found] == [
        "new recipient: GeTui",
        "new data received by GeTui: GPS location",
        "Sync: no longer for Push messages",
        "Sync: no longer to JPush",
    ]


def test_data_that_no_longer_counts_under_a_broader_kind_is_told(world: Store, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": "categories: {gps: {name: {en: GPS location, zh: GPS定位}}}"})

    with world.reading() as reader:
        found = effects(reader, plan(reader, read_manifests(reader, [tmp_path / "m.yaml"], same_name=True)))

    assert [effect.what.en for effect in found] == ["GPS location no longer counts as Location"]
