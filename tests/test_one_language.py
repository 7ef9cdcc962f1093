"""One language suffices: what is said in English only, or in Chinese only, is kept so and shown in either."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.copying import copy
from registry.effects import effects
from registry.model.snapshot import Node, NodeId, Text, from_json, names_of, to_json
from registry.planning import plan, read_manifests
from registry.stores import open_store
from registry.stores.memory import MemoryStore
from tests.command_line import on_terminal, run
from tests.manifest_files import contents, register, write
from tests.stores.conftest import LASTING, place
from tests.stores.graphs import node, ref

MANIFEST = """
    categories:
      gps: {name: {en: GPS position}}
      contacts: {name: {zh: 通讯录}, description: {en: Names and numbers}}
    products: {app: {name: {zh: 本应用}}}
    recipients: {jpush: {name: {en: JPush}, kind: sdk, operated_by: aurora}}
    organizations: {aurora: {name: {en: Aurora}, legal_name: {zh: 深圳市和讯华谷信息技术有限公司}}}
    permissions: {camera: {name: {zh: 相机}}}
    clauses: {"p:1": {name: {zh: 引言}, document: p, number: "1", no_facts: {zh: 仅为标题}}}
    flows:
      sync:
        name: {zh: 同步}
        kind: provide
        carries: [gps, contacts]
        from: product:app
        to: jpush
        requires: [{permission: camera, timing: {zh: 首次使用时}}]
"""


@pytest.fixture(params=LASTING)
def registered(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with place(request.param, tmp_path) as url:
        with closing(open_store(url)) as store:
            register(store, tmp_path, MANIFEST)
        yield url


def test_a_text_in_one_language_stands_for_the_other() -> None:
    text = Text("", "通讯录")

    assert (text.to("en"), text.to("zh"), text.filled) == ("通讯录", "通讯录", ("通讯录", "通讯录"))
    assert (text.lacks("en"), text.lacks("zh")) == (True, False)
    assert Text("Contacts", "通讯录").filled == ("Contacts", "通讯录")


def test_json_has_null_for_the_language_that_is_lacking() -> None:
    assert to_json(Text("", "通讯录")) == {"en": None, "zh": "通讯录"}
    assert from_json({"en": "Contacts", "zh": None}) == Text("Contacts", "")
    assert from_json({"en": "Contacts", "zh": ""}) == Text("Contacts", "")


@pytest.mark.parametrize("given", [Text("JPush", ""), Text("", "极光推送"), Text("JPush", "极光推送")])
def test_a_thing_is_called_by_the_names_that_it_has_and_by_no_empty_one(given: Text) -> None:
    one = node("recipient:jpush", name=given, legal_name=given)

    assert names_of(one) == ("jpush", *filter(None, given))
    assert one.name == (given.en or given.zh, given.zh or given.en)
    assert one.given_name == given
    assert Node(ref("recipient:jpush"), {}).name == ("jpush", "jpush")


def test_a_manifest_in_one_language_is_held_as_it_was_given_and_changes_nothing_when_it_comes_again(
    registered: str, tmp_path: Path
) -> None:
    again = run(registered, "apply", str(tmp_path / "registered.yaml"))

    assert (again.code, again.err) == (0, "no changes\n")
    with closing(open_store(registered)) as store, store.reading() as reader:
        nodes = reader.get([ref("category:gps"), ref("organization:aurora"), ref("category:contacts")])
    assert nodes[ref("category:gps")].properties == {"name": Text("GPS position", "")}
    assert nodes[ref("organization:aurora")].text("legal_name") == ("", "深圳市和讯华谷信息技术有限公司")
    assert nodes[ref("category:contacts")].properties == {
        "name": Text("", "通讯录"),
        "description": Text("Names and numbers", ""),
    }


def test_a_second_language_that_comes_later_is_a_change(registered: str, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": MANIFEST.replace("{en: JPush}", "{en: JPush, zh: 极光推送}")})

    assert "recipients: 0 new, 1 changed (jpush)\n" in run(registered, "apply", str(tmp_path / "m.yaml")).err


def test_a_copy_holds_the_same(registered: str) -> None:
    with closing(open_store(registered)) as store, closing(MemoryStore()) as other:
        copy(store, other)

        assert contents(other)[1:] == contents(store)[1:]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_are_shown_in_the_language_that_they_have(registered: str, language: str) -> None:
    listed = run(registered, "list", "categories", "--lang", language)
    shown = run(registered, "show", "sync", "--lang", language)
    asked = run(registered, "who-receives", "通讯录", "--details", "--lang", language)

    for told, names in (
        (listed, ["GPS position", "通讯录"]),
        (shown, ["同步  [flow:sync]", "JPush  [recipient:jpush]", "首次使用时"]),
        (asked, ["JPush", "Aurora", "通讯录", "sync"]),
    ):
        assert told.code == 0
        assert [name for name in names if name not in told.out] == []
    assert " / " not in shown.out


def test_machines_see_what_is_lacking(registered: str) -> None:
    sync = json.loads(run(registered, "show", "sync", "--format", "json").out)
    answer = json.loads(run(registered, "who-receives", "contacts", "--format", "json").out)
    export = json.loads(run(registered, "export").out)
    (clause,) = json.loads(run(registered, "coverage", "--format", "json").out)

    assert sync["name"] == {"en": None, "zh": "同步"}
    assert sync["to"][0]["name"] == {"en": "JPush", "zh": None}
    assert sync["requires"][0]["timing"] == {"en": None, "zh": "首次使用时"}
    assert answer["about"][0]["name"] == {"en": None, "zh": "通讯录"}
    assert answer["rows"][0]["flows"][0]["name"] == {"en": None, "zh": "同步"}
    assert export["flows"][0]["recipient"]["name"] == {"en": "JPush", "zh": None}
    assert clause["no_facts"] == {"en": None, "zh": "仅为标题"}


def test_csv_leaves_empty_what_is_lacking(registered: str) -> None:
    contacts, gps = csv.DictReader(run(registered, "list", "categories", "--format", "csv").out.splitlines())
    (clause,) = csv.DictReader(run(registered, "coverage", "--format", "csv").out.splitlines())

    assert (contacts["name_en"], contacts["name_zh"], contacts["description_zh"]) == ("", "通讯录", "")
    assert (gps["name_en"], gps["name_zh"]) == ("GPS position", "")
    assert (clause["name_en"], clause["name_zh"], clause["no_facts_en"]) == ("", "引言", "")


def test_what_a_change_means_is_told_with_the_names_that_there_are(tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": MANIFEST})
    with closing(MemoryStore()) as store, store.reading() as reader:
        means = effects(reader, plan(reader, read_manifests(reader, [tmp_path / "m.yaml"])))

    assert [effect.what for effect in means] == [
        ("new recipient: JPush", "新增接收方：JPush"),
        ("new data received by JPush: GPS position", "JPush新增接收的个人信息：GPS position"),
        ("new data received by JPush: 通讯录", "JPush新增接收的个人信息：通讯录"),
        ("new permission: 相机", "新增系统权限：相机"),
    ]


@pytest.mark.parametrize(("option", "name"), [("--name-en", Text("A", "")), ("--name-zh", Text("", "A"))])
def test_a_name_by_one_option_is_enough(registered: str, option: str, name: Text) -> None:
    told = run(registered, "add", "subject", "adults", option, "A")

    assert (told.code, told.err) == (0, "registered subject:adults\n")
    with closing(open_store(registered)) as store, store.reading() as reader:
        held = reader.get([NodeId("DataSubjectGroup", "adults")])
    assert held[NodeId("DataSubjectGroup", "adults")].given_name == name


def test_on_a_terminal_the_other_language_may_be_left_out(registered: str) -> None:
    english = on_terminal(registered, "add", "subject", "adults", answers="Adults\n\n\n")
    chinese = on_terminal(registered, "add", "subject", "pupils", "--lang", "zh", answers="学生\n\n\n")
    given = on_terminal(registered, "add", "subject", "parents", "--name-zh", "家长", answers="\n")

    assert "Name in English: " in english.err
    assert "Name in Chinese (Enter: none): " in english.err
    assert re.findall("名称[^:]*:", chinese.err) == ["名称（中文）:", "名称（英文）（回车：不填）:"]
    assert "Name in" not in given.err
    assert "parents" in run(registered, "list", "subjects").out
