"""In which language the command speaks: names, notes and errors, by one rule for all commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import click
import pytest

from registry.stores import open_store
from registry_cli.main import registry
from registry_cli.options import usual_language
from tests.command_line import commands, on_terminal, process, run
from tests.manifest_files import WORLD, register, write

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def world(tmp_path: Path) -> str:
    path = str(tmp_path / "registry.db")
    with closing(open_store(path, create=True)) as store:
        register(store, tmp_path, WORLD)
        register(store, tmp_path, "permissions: {camera: {name: {en: Camera, zh: 相机}}}")
    return path


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LC_MESSAGES": "zh_CN", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh_CN"}, "zh"),
        ({"REGISTRY_LANG": "zh", "LC_ALL": "en_US.UTF-8"}, "zh"),
        ({"REGISTRY_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, "en"),
        ({"REGISTRY_LANG": "ZH_cn", "LC_ALL": "en_US.UTF-8"}, "zh"),
        ({"REGISTRY_LANG": "", "LANG": "zh_CN"}, "zh"),
    ],
)
def test_the_usual_language_is_that_of_the_variable_or_else_of_the_locale(
    environment: Mapping[str, str], language: str
) -> None:
    assert usual_language(environment) == language


def test_every_command_takes_the_language_by_one_option() -> None:
    found = {
        " ".join(path): [param for param in command.params if "--lang" in param.opts]
        for path, command in commands()
        if not isinstance(command, click.Group) or command is registry
    }

    assert [path for path, options in found.items() if len(options) != 1] == []
    assert len({type(options[0].default) for options in found.values()}) == 1


@pytest.mark.parametrize(
    ("before", "after", "environment", "language"),
    [
        ((), (), {"REGISTRY_LANG": "", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ((), (), {"REGISTRY_LANG": "zh", "LC_ALL": "C"}, "zh"),
        (("--lang", "zh"), (), {"REGISTRY_LANG": "en"}, "zh"),
        ((), ("--lang", "zh"), {"REGISTRY_LANG": "en"}, "zh"),
        (("--lang", "zh"), ("--lang", "en"), {"REGISTRY_LANG": "zh"}, "en"),
    ],
)
def test_the_nearest_word_counts(
    before: tuple[str, ...], after: tuple[str, ...], environment: dict[str, str], language: str, world: str
) -> None:
    answer = run(world, *before, "who-receives", "gps", *after, **environment)
    listed = run(world, *before, "report", "permissions", "--format", "md", *after, **environment)
    error = run(world, *before, "add", "recipient", "jpush", "--name-en", "J", "--kind", "sdk", *after, **environment)

    zh = language == "zh"
    assert answer.out.startswith("谁接收GPS定位" if zh else "Who receives GPS location")
    assert bool(CHINESE.search(listed.out.splitlines()[0])) == zh
    assert error.err == (
        "错误：接收方“jpush”已存在\n"
        "  提示：用`registry show recipient:jpush`查看，用`registry change recipient jpush`变更\n"
        if zh
        else 'error: recipient "jpush" is there already\n  hint: `registry show recipient:jpush` shows it, '
        "`registry change recipient jpush` changes it\n"
    )


def test_problems_of_manifests_are_told_in_chinese(world: str, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": "flows: {f: {name: web, kind: share, carries: gsp, from: app, to: jpush}}\nbogus: {}\n"})
    file = tmp_path / "m.yaml"

    told = run(world, "apply", "--lang", "zh", str(file))

    assert told.err.splitlines() == [
        f"错误：{file}:1:19: name以英文、中文或两种语言给出",
        "  提示：写作`name: {en: …, zh: …}`，或只写其中一种语言",
        f"错误：{file}:1:30: kind不能为“share”",
        "  提示：可选值为collect、receive、use、derive、provide、entrust、transfer、disclose",
        f"错误：{file}:1:46: 个人信息流转f的carries写了“gsp”：没有这样的个人信息种类",
        "  提示：您指的是“gps”吗？`registry list categories`列出全部",
        f"错误：{file}:1:57: 个人信息流转f的from写了“app”，可能有多种所指",
        "  提示：写明“product:app”或“system:app”",
        f"错误：{file}:2:1: 没有章节“bogus”",
        told.err.splitlines()[9],
        "共5个问题；未写入任何内容",
    ]


def test_problems_of_options_are_told_in_chinese_in_the_words_of_options(world: str) -> None:
    told = run(world, "flow", "add", "sync", "--lang", "zh", "--source", "", "--requires", "camera,timing=a")

    assert told.err.splitlines() == [
        "错误：--requires: timing以英文、中文或两种语言给出",
        "  提示：在标识之后写上,timing.en=…和,timing.zh=…，或只写其中一种语言",
        "错误：--source: source为空",
        "  提示：写上文字，或不写该选项",
        "错误：KEY: 个人信息流转“sync”缺少carries",
        "  提示：给出--carries …（个人信息）",
        "错误：KEY: 个人信息流转“sync”缺少from",
        "  提示：给出--from …（来源）",
        "错误：KEY: 个人信息流转“sync”缺少kind",
        "  提示：kind的可选值为collect、receive、use、derive、provide、entrust、transfer、disclose",
        "错误：KEY: 个人信息流转“sync”缺少name",
        "  提示：给出--name-en和--name-zh，或只写其中一种语言",
        "错误：KEY: 个人信息流转“sync”缺少to",
        "  提示：给出--to …（去向）",
        "共7个问题；未写入任何内容",
    ]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("list",), "错误：{}：此处没有登记册\n  提示：用`registry --store {} init`创建，或另指一处存储"),
        (("backup", "there.db"), "错误：{}：此处没有登记册"),
        (("flow", "close", "f", "--reason", "r"), "错误：{}：此处没有登记册"),
    ],
    ids=str,
)
def test_where_there_is_no_registry_the_error_is_in_the_language_asked_for(
    command: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "nowhere.db"

    assert run(path, *command, "--lang", "zh").err.startswith(told.replace("{}", str(path)))
    assert run(path, *command, REGISTRY_LANG="zh").err.startswith(told.replace("{}", str(path)))


def test_what_is_noted_is_told_in_chinese(tmp_path: Path, world: str) -> None:
    copy, other = str(tmp_path / "copy.db"), str(tmp_path / "other.db")
    flow = ["--name-zh", "同步", "--kind", "provide", "--carries", "gps", "--from", "product:app", "--to", "jpush"]

    for command in (
        ("--store", str(tmp_path / "new.db"), "init"),
        ("flow", "add", "sync", *flow),
        ("flow", "close", "sync", "--reason", "不再需要", "--on", "2026-05-01"),
        ("backup", copy),
        ("restore", copy, "--force"),
        ("copy", "--to", other),
        ("export", "-o", str(tmp_path / "all.json")),
        ("coverage",),
    ):
        told = run(world, *command, "--lang", "zh")
        assert told.code in (0, 3), told.err
        for line in told.err.splitlines():
            assert CHINESE.search(line) or line.startswith("sha256"), line


def test_a_fault_while_options_are_read_is_told_in_the_usual_language(tmp_path: Path) -> None:
    closed = process(tmp_path / "r.db", "export", "-o", str(tmp_path), environment={"REGISTRY_LANG": "zh"})

    assert closed.err.startswith("错误：")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("lst",), "没有命令'lst'。您指的是“list”吗？"),
        (("list", "recipents"), "没有类别'recipents'。您指的是“recipients”吗？类别有flows、"),
        (("who-receives", "gps", "--kind", "SDK"), "'SDK'不是sdk、affiliate、"),
        (("flow", "close", "f", "--reason", "r", "--on", "soon"), "'soon'不是日期；写作2026-05-01"),
    ],
    ids=str,
)
def test_a_wrong_word_is_told_in_chinese(command: tuple[str, ...], told: str, world: str) -> None:
    ended = run(world, "--lang", "zh", *command)

    assert ended.code == 2
    assert told in ended.err


def test_a_language_that_is_none_is_refused(world: str) -> None:
    told = run(world, "list", REGISTRY_LANG="fr")

    assert (told.code, told.out) == (2, "")
    assert "REGISTRY_LANG is en or zh, not 'fr'." in told.err


def test_questions_on_a_terminal_are_in_the_language_of_the_surroundings(world: str) -> None:
    asked = on_terminal(world, "--lang", "zh", "add", "subject", "adults", answers="成人\n\n\n")

    assert "名称（中文）" in asked.err
    assert "已登记：subject:adults" in asked.err
