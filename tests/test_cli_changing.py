"""Changing what is there: with the words of registering, what is not given stays, and what it means is told."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from registry.stores import open_store
from tests.command_line import on_terminal, run
from tests.manifest_files import WORLD, contents, register, write

MORE = """
    purposes: {ads: {name: {en: Advertising, zh: 广告}}}
    recipients:
      amap:
        name: {en: Amap, zh: 高德}
        kind: sdk
        aliases: [autonavi, amap sdk]
        function: {en: Maps, zh: 地图}
        platforms: [ios]
        version: "1"
    flows:
      sync:
        name: {en: Sync, zh: 同步}
        kind: provide
        carries: [{category: gps, required: false, stated_in: "p:1"}, location]
        from: product:app
        to: jpush
        for: push
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with closing(open_store(str(tmp_path / "registry.db"), create=True)) as opened:
        for manifest in (WORLD, MORE):
            register(opened, tmp_path, manifest)
    return tmp_path / "registry.db"


def held(store: Path) -> object:
    with closing(open_store(str(store))) as opened:
        return contents(opened)


def shown(store: Path, what: str) -> Any:
    return json.loads(run(store, "show", what, "--format", "json").out)


def ends(store: Path, word: str) -> list[str]:
    return [one["key"] for one in shown(store, "flow:sync")[word]]


def test_what_is_added_and_taken_away_is_changed_and_told(store: Path, tmp_path: Path) -> None:
    told = run(store, "flow", "change", "Sync", "--carries", "+Profile", "--carries", "-位置信息", "--for", "-push",
               "--for", "+Advertising", "--to", "+getui")  # fmt: skip

    assert (told.code, told.err) == (
        0,
        "The app provides GPS location and Profile to JPush and GeTui for Advertising\n"
        "for people this means:\n"
        "  new data received by JPush: Profile\n"
        "  new purpose at JPush: Advertising\n"
        "  new recipient: GeTui\n"
        "  new data received by GeTui: GPS location\n"
        "  new data received by GeTui: Profile\n"
        "  Sync: no longer with Location\n"
        "  Sync: no longer for Push messages\n"
        "changed flow:sync\n",
    )
    assert (ends(store, "carries"), ends(store, "for"), ends(store, "to")) == (
        ["gps", "profile"], ["ads"], ["getui", "jpush"],
    )  # fmt: skip
    write(tmp_path, {"after.yaml": told.out})
    assert run(store, "apply", str(tmp_path / "after.yaml")).err == "no changes\n"


def test_without_a_sign_what_is_given_takes_the_place_of_all(store: Path) -> None:
    run(store, "flow", "change", "sync", "--carries", "gps", "--carries", "profile")

    carries = shown(store, "flow:sync")["carries"]
    assert [(one["key"], one.get("required"), one.get("stated_in")) for one in carries] == [
        ("gps", False, ["p:1"]),
        ("profile", None, None),
    ]


@pytest.mark.parametrize(
    ("options", "required", "stated_in"),
    [
        (["+gps"], False, ["p:1"]),
        (["+gps,required=true"], True, ["p:1"]),
        (["-gps", "+gps,required=true"], True, None),
    ],
)
def test_what_an_edge_says_stays_unless_it_is_given(
    options: list[str], required: bool, stated_in: list[str] | None, store: Path
) -> None:
    run(store, "flow", "change", "sync", *(part for option in options for part in ("--carries", option)))

    (gps,) = (one for one in shown(store, "flow:sync")["carries"] if one["key"] == "gps")
    assert (gps["required"], gps.get("stated_in")) == (required, stated_in)


def test_properties_are_replaced_kept_and_unset(store: Path) -> None:
    told = run(
        store, "change", "recipient", "autonavi", "--name-zh", "高德地图", "--aliases", "+高德SDK",
        "--aliases", "-autonavi",
        "--platforms", "+android", "--role", "processor", "--no-named", "--unset", "function", "--unset", "version",
        "--operated-by-new", "amap-ltd", "Amap Ltd|高德公司",
    )  # fmt: skip

    assert told.code == 0, told.err
    found = shown(store, "recipient:amap")
    assert {word: found.get(word) for word in (
        "name", "aliases", "platforms", "role", "named", "function", "version", "kind"
    )} == {
        "name": {"en": "Amap", "zh": "高德地图"}, "aliases": ["amap sdk", "高德SDK"], "platforms": ["ios", "android"],
        "role": "processor", "named": False, "function": None, "version": None, "kind": "sdk",
    }  # fmt: skip
    assert [one["key"] for one in found["operated_by"]] == ["amap-ltd"]
    assert run(store, "change", "recipient", "amap", "--unset", "version") == (0, "", "no changes\n")


def test_nothing_to_change_is_said(store: Path) -> None:
    assert run(store, "flow", "change", "sync") == (0, "", "no changes\n")
    assert run(store, "flow", "change", "sync", "--carries", "+gps", "--lang", "zh") == (0, "", "没有变化\n")


def test_every_problem_of_a_change_is_told_and_nothing_is_written(store: Path) -> None:
    before = held(store)

    told = run(
        store, "flow", "change", "sync", "--carries", "-profile", "--carries", "-gpss", "--for", "+nope",
        "--to", "getui", "--to", "+jpush", "--from", "-app", "--effective-from", "soon", "--name-en", "",
    )  # fmt: skip

    assert told.err.splitlines() == [
        'error: --carries: there is no "gpss" to take away',
        "  hint: there are category:gps, category:location",
        'error: --carries: there is no "profile" to take away',
        "  hint: there are category:gps, category:location",
        'error: --effective-from: effective_from is a date, not "soon"',
        "  hint: write it as 2026-05-01",
        'error: --for: flow sync for "nope": there is no such purpose',
        "  hint: `registry list purposes` shows them all",
        "error: --name-en/-zh: name.en is empty",
        "  hint: write a text, or leave the option out",
        'error: --to: "getui" has no sign, and others have',
        "  hint: write + or - before each, or give the whole list without signs",
        'error: KEY: flow "sync" has no from',
        "  hint: give --from …: Where the data comes from.",
        "7 problems; nothing was written",
    ]
    assert run(store, "flow", "change", "snyc").code == 1
    assert held(store) == before


def test_problems_of_a_change_are_told_in_chinese(store: Path) -> None:
    told = run(
        store, "flow", "change", "sync", "--lang", "zh", "--carries", "-gpss", "--to", "getui", "--to", "+jpush",
        "--from", "-app", "--aliases", "-none", "--name-en", "",
    )  # fmt: skip
    run(store, "flow", "close", "sync", "--reason", "over", "--on", "2026-05-01")
    opened = run(store, "flow", "change", "sync", "--lang", "zh", "--status", "active")

    assert told.err.splitlines() == [
        "错误：--aliases: 没有可去掉的“none”",
        "  提示：现在一项也没有",
        "错误：--carries: 没有可去掉的“gpss”",
        "  提示：现有category:gps、category:location",
        "错误：--name-en/-zh: name.en为空",
        "  提示：写上文字，或不写该选项",
        "错误：--to: “getui”前没有符号，而其他各项有",
        "  提示：各项之前都写上+或-，或不带符号给出整个列表",
        "错误：KEY: 个人信息流转“sync”缺少from",
        "  提示：给出--from …（来源）",
        "共5个问题；未写入任何内容",
    ]
    assert opened.err.splitlines() == [
        "错误：KEY: 流转“sync”已于2026-05-01关闭，此处却声明为未关闭",
        "  提示：给出--status retired；重新开始的流转须以另一标识登记",
    ]


def test_a_language_is_added_to_a_text_and_the_other_stays(store: Path) -> None:
    run(store, "add", "recipient", "maps", "--name-zh", "地图商", "--kind", "partner")

    told = run(store, "change", "recipient", "maps", "--name-en", "Maps", "--function-zh", "地图")

    assert told.code == 0, told.err
    found = shown(store, "recipient:maps")
    assert (found["name"], found["function"]) == ({"en": "Maps", "zh": "地图商"}, {"en": None, "zh": "地图"})


def test_a_closed_flow_stays_as_it_was_but_may_be_described_better(store: Path) -> None:
    run(store, "flow", "close", "sync", "--reason", "over", "--on", "2026-05-01")

    refused = run(store, "flow", "change", "sync", "--carries", "+profile")
    opened = run(store, "flow", "change", "sync", "--status", "active")
    described = run(store, "flow", "change", "sync", "--name-en", "Synchronisation")

    assert refused.err == (
        'error: KEY: flow "sync" was closed on 2026-05-01, and is declared otherwise\n'
        "  hint: declare it as it was, or register what begins anew by another key\n"
    )
    assert opened.code == 1
    assert described.code == 0
    assert shown(store, "flow:sync")["name"] == {"en": "Synchronisation", "zh": "同步"}


@pytest.mark.parametrize(("answer", "code", "written"), [("n\n", 1, False), ("\n", 0, True)])
def test_a_change_is_asked_for_on_a_terminal(answer: str, code: int, written: bool, store: Path) -> None:
    before = held(store)

    asked = on_terminal(store, "flow", "change", "sync", "--for", "-push", answers=answer)

    assert asked.code == code
    assert "Change it? [Y/n]:" in asked.err
    assert (held(store) != before) == written


def test_a_name_that_another_has_is_refused_here_too(store: Path) -> None:
    told = run(store, "change", "recipient", "amap", "--name-zh", "个推")

    assert told.err.splitlines()[0] == 'error: KEY: recipient "amap" is called "个推", as is recipient "getui"'
    assert run(store, "change", "recipient", "amap", "--name-zh", "个推", "--same-name").code == 0
