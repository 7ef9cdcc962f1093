"""Registering from the command line: asked for on a terminal, checked as a manifest is, and told what it means."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from registry.model.declaration import EdgeType, Kind, NodeType, Property
from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import Node, NodeId
from registry.stores import open_store
from tests.command_line import COMMAND, on_terminal, process, run
from tests.manifest_files import WORLD, contents, register, write
from tests.stores.conftest import LASTING, place

MORE = """
    permissions: {camera: {name: {en: Camera, zh: 相机}}}
    clauses: {"p:2": {name: {en: Clause 2, zh: 第二条}, document: p, number: "2"}}
"""
FLOWS = """
    flows:
      sync: {name: {en: Sync, zh: 同步}, kind: provide, carries: gps, from: product:app, to: jpush}
"""
SYNC = ["--name-en", "Sync", "--name-zh", "同步", "--kind", "provide", "--carries", "gps", "--from", "product:app"]


@pytest.fixture(params=LASTING)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with place(request.param, tmp_path) as url:
        with closing(open_store(url)) as store:
            for manifest in (WORLD, MORE):
                register(store, tmp_path, manifest)
        yield url


def held(path: Path | str) -> tuple[int, list[Any], list[Any]]:
    with closing(open_store(str(path))) as store:
        return contents(store)


def node(path: Path | str, noun: str, key: str) -> Node:
    with closing(open_store(str(path))) as store, store.reading() as reader:
        node_id = NodeId(GRAPH.by_noun[noun].label, key)
        return reader.get([node_id])[node_id]


# Apply


def test_apply_says_what_is_new_what_changes_and_what_it_means_and_writes(world: str, tmp_path: Path) -> None:
    manifest = WORLD.replace("GPS location", "Satellite") + FLOWS + "  two: {name: {en: b, zh: b}, NOTHING}\n"
    manifest = manifest.replace(", NOTHING", ", kind: provide, carries: gps, from: jpush, to: getui, status: proposed")
    write(tmp_path, {"m.yaml": manifest.replace("\n  two", "\n      two")})

    told = run(world, "apply", str(tmp_path / "m.yaml"))

    assert told == (
        0,
        "",
        "flows: 2 new\n"
        "categories: 0 new, 1 changed (gps)\n"
        "for people this means:\n"
        "  new recipient: JPush\n"
        "  new data received by JPush: Satellite\n"
        "2 new, 1 changed, 10 unchanged\n"
        "applied\n",
    )
    assert node(world, "flow", "sync").word("status") == "active"
    assert run(world, "apply", str(tmp_path / "m.yaml")) == (0, "", "no changes\n")


def test_effects_are_told_in_chinese(world: str, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": FLOWS})

    assert "  新增接收方：极光推送\n" in run(world, "apply", "--lang", "zh", str(tmp_path / "m.yaml")).err


def test_what_is_told_of_a_change_is_in_chinese_where_that_is_asked_for(world: str, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": FLOWS})

    refused = on_terminal(world, "apply", "--lang", "zh", str(tmp_path / "m.yaml"), answers="n\n")
    applied = run(world, "apply", "--lang", "zh", str(tmp_path / "m.yaml"))
    again = run(world, "apply", "--lang", "zh", str(tmp_path / "m.yaml"))
    added = on_terminal(
        world, "flow", "add", "--lang", "zh", "two", answers="a\n一\nprovide\ngps\nproduct:app\njpush\n\n\n\n\n"
    )

    for told in (refused, applied, again, added):
        english = re.findall(
            "[a-z]{4,}", re.sub(r"\([a-z, ]+\)|flow:two|product:app|\b(provide|jpush)\b", "", told.err)
        )
        assert english == []
    assert (refused.code, applied.code, again.code, added.code) == (1, 0, 0, 0)


def test_a_faulty_manifest_is_refused_with_every_problem_and_nothing_is_written(world: str, tmp_path: Path) -> None:
    write(tmp_path, {"m/1.yaml": FLOWS.replace("gps", "gsp"), "m/2.yaml": "bogus: {}", "m/3.yaml": WORLD})
    before = held(world)

    code, out, err = run(world, "apply", str(tmp_path / "m"))

    assert (code, out) == (1, "")
    assert err == (
        f'error: {tmp_path}/m/1.yaml:2:60: flow sync carries "gsp": there is no such category\n'
        '  hint: did you mean "gps"? `registry list categories` shows them all\n'
        f'error: {tmp_path}/m/2.yaml:1:1: there is no section "bogus"\n'
        f"  hint: sections are {', '.join(GRAPH.by_section)}\n"
        "2 problems; nothing was written\n"
    )
    assert held(world) == before


@pytest.mark.parametrize(
    ("answer", "code", "told", "written"),
    [
        ("n\n", 1, "nothing was written\n", False),
        ("\n", 1, "nothing was written\n", False),
        ("what\nno\n", 1, "nothing was written\n", False),
        ("\x04", 1, "Aborted!\n", False),
        ("y\n", 0, "applied\n", True),
        ("maybe\nYES\n", 0, "applied\n", True),
    ],
)
def test_apply_asks_on_a_terminal(answer: str, code: int, told: str, written: bool, world: str, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": FLOWS})
    before = held(world)

    asked = on_terminal(world, "apply", str(tmp_path / "m.yaml"), answers=answer)

    assert (asked.code, asked.out.strip()) == (code, "")
    assert "Apply? [y/N]:" in asked.err
    assert asked.err.endswith(told)
    assert (held(world) != before) == written


def test_an_interrupted_question_writes_nothing(world: str, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": FLOWS})
    before = held(world)
    terminal, side = pty.openpty()
    with subprocess.Popen(
        [COMMAND, "--store", world, "apply", tmp_path / "m.yaml"],
        stdin=side,
        stderr=subprocess.PIPE,
        # Where the tests run in the background, interrupts are ignored, and so they would be here.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as asking:
        assert asking.stderr is not None
        told = b""
        while b"Apply?" not in told and (more := asking.stderr.read(1)):
            told += more

        told += interrupted(asking)

        assert told.strip().endswith(b"Aborted!")
    os.close(side)
    os.close(terminal)
    assert asking.returncode == 1
    assert held(world) == before


def interrupted(asking: subprocess.Popen[bytes], seconds: int = 30) -> bytes:
    """What a command says when it is interrupted; it is killed when it does not end.

    An interrupt just before the command begins to wait for its answer is only noticed with the answer, so it is
    repeated, as a person would.
    """
    for _ in range(seconds):
        asking.send_signal(signal.SIGINT)
        try:
            return asking.communicate(timeout=1)[1]
        except subprocess.TimeoutExpired:
            continue
    asking.kill()
    return asking.communicate()[1] + b" (killed)"


def test_apply_does_not_ask_when_told_not_to_or_when_there_is_nothing_to_do(world: str, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": FLOWS})

    assert on_terminal(world, "apply", "--yes", str(tmp_path / "m.yaml")).err.endswith("applied\n")
    assert on_terminal(world, "apply", str(tmp_path / "m.yaml")).err == "no changes\n"


def test_many_effects_are_counted(world: str, tmp_path: Path) -> None:
    recipients = "".join(
        f"  r{number}: {{name: {{en: r{number}, zh: r}}, kind: sdk, same_name: true}}\n" for number in range(20)
    )
    flow = "  f: {name: {en: f, zh: f}, kind: provide, carries: gps, from: jpush, to: ["
    flow += ", ".join(f"r{number}" for number in range(20)) + "]}\n"
    write(tmp_path, {"m.yaml": f"recipients:\n{recipients}flows:\n{flow}"})

    assert "  … and 28 more\n" in run(world, "apply", str(tmp_path / "m.yaml")).err


# Add


def test_a_flow_is_registered_wholly_by_options(world: str, tmp_path: Path) -> None:
    code, out, err = run(
        world, "flow", "add", "sync", *SYNC,
        "--carries", "位置信息,required=false,stated_in=p:1,stated_in=p:2", "--from", "system:app", "--to", "JPush",
        "--for", "Push messages", "--requires", "camera,timing.en=when tapped, once,timing.zh=点击时,prompted=true",
        "--stated-in", "clause:p:1", "--scenario-en", "When", "--scenario-zh", "时", "--no-automated-decision",
        "--aliases", "synchronisation", "--aliases", "同步流转", "--effective-from", "2026-05-01",
        "--mode", "interface",
    )  # fmt: skip

    assert (code, out.splitlines()[0]) == (0, "flows:")
    assert err == (
        "The app and The app's store provide GPS location and Location to JPush for Push messages\n"
        "for people this means:\n"
        "  new recipient: JPush\n"
        "  new data received by JPush: GPS location\n"
        "  new data received by JPush: Location\n"
        "  new permission: Camera\n"
        "registered flow:sync\n"
    )
    shown = json.loads(run(world, "flow", "show", "sync", "--format", "json").out)
    assert {key: value for key, value in shown.items() if not isinstance(value, list) or key == "aliases"} == {
        "key": "sync",
        "type": "flow",
        "name": {"en": "Sync", "zh": "同步"},
        "kind": "provide",
        "status": "active",
        "scenario": {"en": "When", "zh": "时"},
        "automated_decision": False,
        "aliases": ["synchronisation", "同步流转"],
        "effective_from": "2026-05-01",
        "mode": "interface",
        "referred_to_by": {},
    }
    gps, location = shown["carries"]
    assert (gps["key"], location["key"]) == ("gps", "location")
    assert (location["required"], location["stated_in"]) == (False, ["p:1", "p:2"])
    assert [(one["type"], one["key"]) for one in shown["from"]] == [("product", "app"), ("system", "app")]
    (camera,) = shown["requires"]
    assert (camera["timing"], camera["prompted"]) == ({"en": "when tapped, once", "zh": "点击时"}, True)
    assert [one["key"] for one in shown["stated_in"]] == ["p:1"]


def _value(prop: Property) -> list[str]:
    """An option for a property with a right value."""
    option = f"--{prop.name.replace('_', '-')}"
    match prop.kind:
        case Kind.BILINGUAL:
            return [f"{option}-en", f"{prop.name} in English", f"{option}-zh", f"{prop.name}中文"]
        case Kind.FLAG:
            return [option.replace("--", "--no-", 1)]
        case Kind.CHOICE:
            return [option, "derive" if prop.name == "kind" and "derive" in prop.values else prop.values[0]]
        case Kind.CHOICES:
            return [part for value in prop.values for part in (option, value)]
        case Kind.TEXTS:
            return [option, f"{prop.name} one", option, f"{prop.name} two"]
    plain = {Kind.NUMBER: "7", Kind.DATE: "2026-05-01", Kind.PERIOD: "P3Y", Kind.URL: "https://example.com/"}
    return [option, plain.get(prop.kind, f"some {prop.name}")]


def _end(edge: EdgeType, source: NodeType) -> list[str]:
    """An option for an edge to something of each kind that it may lead to, with all that it says of itself."""
    said = {
        "required": "required=false",
        "with_any": "with_any=true",
        "stated_in": "stated_in=there",
        "timing": "timing.en=before,timing.zh=之前",
        "prompted": "prompted=true",
        "refusable": "refusable=false",
        "since": "since=2004-05-01",
        "until": "until=2020-01-31",
        "reading": "reading=true",
    }
    told = "".join(f",{said[prop.name]}" for prop in edge.properties)
    nouns = [GRAPH.node(label).noun for label in edge.targets(source.label)]
    return [part for noun in nouns for part in (f"--{edge.option}", f"{noun}:there{told}")]


@pytest.mark.parametrize("source", GRAPH.node_types, ids=lambda node: node.noun)
def test_a_thing_of_each_kind_is_added_with_all_that_the_graph_declares(source: NodeType, tmp_path: Path) -> None:
    store = tmp_path / "registry.db"
    required = {"scheme": "s", "rank": "1", "kind": "sdk", "route": "{en: a, zh: b}", "regime": "r", "article": "a"}
    required |= {"document": "d", "number": "'1'"}
    there = "\n".join(
        f"{node.section}: {{there: {{name: {{en: There, zh: 那里}}"
        + "".join(f", {prop.name}: {required[prop.name]}" for prop in node.properties if prop.required)
        + "}}"
        for node in GRAPH.node_types
        if node.label != FLOW
    )
    with closing(open_store(str(store), create=True)) as opened:
        register(opened, tmp_path, there)
    options = [part for prop in GRAPH.properties(source.label) for part in _value(prop)]
    edges = [part for edge in GRAPH.edges_from(source.label) for part in _end(edge, source)]

    told = run(store, "add", source.noun.replace("_", "-"), "here", *options, *edges)

    assert told.code == 0, told.err
    assert told.err.endswith(f"registered {source.noun}:here\n")
    shown = json.loads(run(store, "show", f"{source.noun}:here", "--format", "json").out)
    words = {prop.name for prop in GRAPH.properties(source.label)} | {
        edge.word for edge in GRAPH.edges_from(source.label)
    }
    assert shown.keys() == words | {"key", "type", "referred_to_by"}
    for edge in GRAPH.edges_from(source.label):
        assert len(shown[edge.word]) == len(edge.targets(source.label))
        for one in shown[edge.word]:
            assert {prop.name for prop in edge.properties} <= one.keys()


def test_every_problem_of_the_options_is_told_with_the_next_step(world: str) -> None:
    before = held(world)

    code, out, err = run(
        world, "flow", "add", "my flow", "--name-en", "Sync", "--name-zh", "", "--kind", "derive", "--carries", "gsp",
        "--carries", "gps,requird=false", "--carries", "location,required=no", "--carries", "profile,required",
        "--from", "app", "--to", "", "--source", "", "--requires", "camera,timing=a", "--effective-from", "soon",
        "--for", "push,x=y", "--aliases", "\x1b[31m",
    )  # fmt: skip

    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "error: --aliases: aliases holds the control character U+001B",
        "  hint: write a shorter text, without control characters",
        'error: --carries: "required" is no property',
        "  hint: write profile,property=value",
        'error: --carries: carries has no "requird"',
        '  hint: did you mean "required"?',
        'error: --carries: flow my flow carries "gsp": there is no such category',
        '  hint: did you mean "gps"? `registry list categories` shows them all',
        'error: --carries: required is true or false, not "no"',
        "  hint: write true or false",
        'error: --effective-from: effective_from is a date, not "soon"',
        "  hint: write it as 2026-05-01",
        'error: --for: for has no "x"',
        "  hint: it has purpose, reading",
        'error: --from: "app" could mean several things: product:app, system:app',
        "  hint: say which: product:app",
        "error: --name-en/-zh: name.zh is empty",
        "  hint: write a text, or leave the option out",
        "error: --requires: timing is given in English, in Chinese or in both",
        "  hint: write ,timing.en=… and ,timing.zh=… after the key, or one of the two",
        "error: --source: source is empty",
        "  hint: write a text, or leave the option out",
        "error: --to: to is empty",
        "  hint: write a text, or leave the option out",
        'error: KEY: "my flow" is no key: a key begins with a letter or digit and holds only letters, digits '
        "and . _ : ( ) / -",
        "  hint: write it like device-model or android:camera",
        'error: KEY: flow "my flow" derives nothing',
        "  hint: give --derives …, or choose another kind",
        "14 problems; nothing was written",
    ]
    assert held(world) == before


def test_what_is_missing_is_told_in_the_words_of_options_where_nobody_can_be_asked(world: str) -> None:
    assert run(world, "add", "flow", "sync").err.splitlines() == [
        'error: KEY: flow "sync" has no carries',
        "  hint: give --carries …: The data that moves. `required: false` marks what the person may leave out.",
        'error: KEY: flow "sync" has no from',
        "  hint: give --from …: Where the data comes from.",
        'error: KEY: flow "sync" has no kind',
        "  hint: kind is one of collect, receive, use, derive, provide, entrust, transfer, disclose",
        'error: KEY: flow "sync" has no name',
        "  hint: give --name-en and --name-zh, or one of the two",
        'error: KEY: flow "sync" has no to',
        "  hint: give --to …: Where the data goes.",
        "5 problems; nothing was written",
    ]
    assert run(world, "add", "clause", "c", "--name-en", "a", "--name-zh", "b").err.splitlines() == [
        'error: KEY: clause "c" has no document',
        "  hint: give --document …",
        'error: KEY: clause "c" has no number',
        "  hint: give --number …",
        "2 problems; nothing was written",
    ]


def test_what_is_missing_is_asked_for_on_a_terminal(world: str) -> None:
    answers = "Sync\n同步\nsteal\nprovide\ngps location\nproduct:app\nJPush\n\npush\n\ny\n"

    asked = on_terminal(world, "flow", "add", "sync", answers=answers)

    assert (asked.code, asked.out.strip().splitlines()[0]) == (0, "flows:")
    for prompt in ("Name in English", "Name in Chinese", "Kind (collect, receive, ", "Carries (", "From (", "To ("):
        assert prompt in asked.err
    assert "new recipient: JPush\n" in asked.err
    assert "Register it? [Y/n]:" in asked.err
    assert asked.err.endswith("registered flow:sync\n")
    assert node(world, "flow", "sync").name == ("Sync", "同步")


def test_what_is_given_is_not_asked_for(world: str) -> None:
    asked = on_terminal(world, "flow", "add", "sync", *SYNC, answers="jpush\n\n\n\n\n")

    assert asked.code == 0
    assert "To (" in asked.err
    assert "Name in English" not in asked.err
    assert on_terminal(world, "flow", "add", "two", *SYNC, "--to", "jpush", "--same-name", "--yes").err == (
        "The app provides GPS location to JPush\nregistered flow:two\n"
    )


@pytest.mark.parametrize("answers", ["n\n", "\x04"])
def test_no_writes_nothing(answers: str, world: str) -> None:
    before = held(world)

    asked = on_terminal(world, "flow", "add", "sync", *SYNC, "--to", "jpush", answers=answers)

    assert asked.code == 1
    assert held(world) == before


@pytest.mark.parametrize("key", ["jpush", "JPUSH", "Jpush"])
def test_what_is_there_already_is_not_added_again(key: str, world: str) -> None:
    before = held(world)

    code, out, err = run(world, "add", "recipient", key, "--kind", "sdk", "--name-en", "a", "--name-zh", "b")

    assert (code, out) == (1, "")
    assert err == (
        'error: recipient "jpush" is there already\n  hint: `registry show recipient:jpush` shows it, '
        "`registry change recipient jpush` changes it\n"
        if key == "jpush"
        else f'error: KEY: the recipient keys "jpush" and "{key}" differ only in case or separators\n'
        "  hint: write them alike, or give one another key\n"
    )
    assert held(world) == before


def test_a_command_without_any_input_asks_nothing(world: str) -> None:
    closed = process(world, "flow", "add", "sync", *SYNC, "--to", "jpush")

    assert closed.code == 0


# Close


def test_a_flow_is_closed_once_and_stays(world: str, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": FLOWS})
    run(world, "apply", str(tmp_path / "m.yaml"))

    first = run(world, "flow", "close", "Sync", "--reason", "replaced", "--on", "2026-05-01")
    second = run(world, "flow", "close", "sync", "--reason", "again")

    assert first == (0, "", "closed sync on 2026-05-01\n")
    assert second == (1, "", "error: flow sync was closed on 2026-05-01\n")
    shown = json.loads(run(world, "flow", "show", "sync", "--format", "json").out)
    assert (shown["status"], shown["closing_reason"]) == ("retired", "replaced")
    assert json.loads(run(world, "flow", "list", "--format", "json").out)["flows"] == []
    assert len(json.loads(run(world, "flow", "list", "--status", "any", "--format", "json").out)["flows"]) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--reason", " "], "error: flow sync cannot be closed: the reason is empty\n  hint: "),
        (["--reason", "over", "--on", "2999-01-01"], "error: flow sync goes on until 2999-01-01"),
    ],
)
def test_a_flow_that_cannot_be_closed_stays_as_it_is(options: list[str], told: str, world: str, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": FLOWS})
    run(world, "apply", str(tmp_path / "m.yaml"))
    before = held(world)

    code, out, err = run(world, "flow", "close", "sync", *options)

    assert (code, out) == (1, "")
    assert err.startswith(told)
    assert held(world) == before


def test_an_old_manifest_does_not_open_a_closed_flow(world: str, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": FLOWS})
    run(world, "apply", str(tmp_path / "m.yaml"))
    run(world, "flow", "close", "sync", "--reason", "replaced", "--on", "2026-05-01")

    again = run(world, "apply", str(tmp_path / "m.yaml"))

    assert again.code == 1
    said = 'flow "sync" was closed on 2026-05-01, and is declared as open'
    assert again.err.splitlines()[0] == f"error: {tmp_path}/m.yaml:2:3: {said}"


def test_of_several_who_write_at_once_each_is_whole_or_told_to_try_again(world: str) -> None:
    running = [
        subprocess.Popen(
            [
                COMMAND,
                "--store",
                world,
                "add",
                "system",
                f"s{number}",
                "--name-en",
                f"S{number}",
                "--name-zh",
                f"甲{number}",
            ],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(5)
    ]
    told = [one.communicate()[1] for one in running]

    assert {one.returncode for one in running} <= {0, 1}
    assert all(
        text.startswith(("registered system:s", "error: the registry changed while this was being prepared"))
        for text in told
    )
    systems = json.loads(run(world, "list", "systems", "--format", "json").out)
    assert len(systems) == 1 + sum(one.returncode == 0 for one in running)
