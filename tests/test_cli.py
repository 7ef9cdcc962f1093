"""The command line on the registry of the policy: exit codes, formats, languages, names, and where output goes."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from rich.cells import cell_len

from registry.model.graph import FLOW, GRAPH
from registry.seeding import EXAMPLE, seeds
from registry.stores import open_store
from registry.stores.port import Store
from tests.command_line import COMMAND, Ran, commands, process, run, written
from tests.manifest_files import WORLD, register
from tests.stores.conftest import LASTING, place, shared

CHINESE = re.compile("[\u4e00-\u9fff]")
WIDTHS = [
    *(("sqlite", columns) for columns in ("80", "100", "140")),
    pytest.param("neo4j", "80", marks=pytest.mark.neo4j),
    # A table is drawn from an answer, whatever the store: once for each command and language is enough always.
    *(pytest.param("neo4j", columns, marks=[pytest.mark.neo4j, pytest.mark.soak]) for columns in ("100", "140")),
]

READING = [
    ("list",),
    *(("list", node.section) for node in GRAPH.node_types),
    ("show", "location"),
    ("show", "icourse163"),
    ("flow", "list"),
    ("flow", "list", "--kind", "sdk", "--limit", "3"),
    ("flow", "show", "account-and-transaction-risk-assessment"),
    ("who-receives", "location"),
    ("who-receives", "位置信息", "--limit", "2"),
    ("what-receives", "push-providers"),
    ("why", "imei"),
    ("where-from", "avatar"),
    ("if-revoked", "camera"),
    ("if-erased", "account-information"),
    ("if-breached", "push-providers"),
    ("path", "users", "push-providers"),
    ("combinations",),
    ("coverage",),
]


@pytest.fixture(params=LASTING)
def demo(request: pytest.FixtureRequest) -> Iterator[str]:
    """The registry of the policy. It is shared: tests only ask."""
    with shared(request.param, "demo", _init) as store:
        yield store.url


def _init(store: Store) -> None:
    assert run(store.url, "init", "--demo").code == 0


@cache
def answered(demo: str, *arguments: str, columns: str = "100") -> Ran:
    """What a command tells of the registry of the policy, which stays as it is: each is run once."""
    return run(demo, *arguments, COLUMNS=columns)


@pytest.fixture(params=LASTING)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A small registry of one's own."""
    with place(request.param, tmp_path) as url:
        with closing(open_store(url)) as store:
            register(store, tmp_path, WORLD)
        yield url


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The same in a file."""
    path = tmp_path / "registry.db"
    with closing(open_store(str(path), create=True)) as store:
        register(store, tmp_path, WORLD)
    return path


# Every command


@pytest.mark.parametrize(("path", "command"), [pytest.param(*each, id=" ".join(each[0])) for each in commands()])
def test_every_command_and_option_has_help(path: tuple[str, ...], command: click.Command) -> None:
    asked = run(Path("nowhere.db"), *path, "--help")

    assert asked.code == 0
    assert asked.err == ""
    assert f"Usage: registry {' '.join(path)}".strip() in asked.out.replace("[OPTIONS] COMMAND [ARGS]... ", "")
    assert command.help
    assert [param.name for param in command.params if isinstance(param, click.Option) and not param.help] == []


@pytest.mark.parametrize("asked", READING, ids=" ".join)
def test_a_question_is_answered_on_standard_output_in_every_format(asked: tuple[str, ...], demo: str) -> None:
    table, as_json, as_csv = (answered(demo, *asked, "--format", form) for form in ("table", "json", "csv"))

    assert {one.code for one in (table, as_json, as_csv)} == {0}
    assert table.err == as_json.err == as_csv.err
    assert all(line.startswith(("not complete", "232 clauses")) for line in table.err.splitlines())
    assert table.out
    head, *rows = csv.reader(io.StringIO(as_csv.out))
    assert rows
    assert {len(row) for row in rows} == {len(head)}
    assert _keys(json.loads(as_json.out))


def _keys(value: Any) -> bool:
    """Whether there are keys, or counts, at the top."""
    if isinstance(value, list):
        return bool(value) and all("key" in one for one in value)
    return bool({"key", "rows", "flows"} & value.keys())


@pytest.mark.parametrize("asked", READING, ids=" ".join)
def test_names_are_in_the_language_that_is_asked_for(asked: tuple[str, ...], demo: str) -> None:
    for form in ("table", "csv"):
        answer = answered(demo, *asked, "--lang", "zh", "--format", form)

        assert answer.code == 0
        assert CHINESE.search(answer.out)


@pytest.mark.parametrize(
    "asked", [each for each in READING if each[0] in ("list", "show", "coverage", "flow")], ids=" ".join
)
def test_json_is_the_same_in_both_languages(asked: tuple[str, ...], demo: str) -> None:
    in_chinese, in_english = (run(demo, *asked, "--format", "json", "--lang", language) for language in ("zh", "en"))

    assert (in_chinese.code, in_chinese.out) == (in_english.code, in_english.out)


def _whole(asked: tuple[str, ...]) -> tuple[str, ...]:
    """The same with everything that there is to say: an overview of an answer is cut on purpose."""
    return (*asked, "--details") if "-" in asked[0] or asked[0] in ("why", "path", "combinations") else asked


@pytest.mark.parametrize("asked", READING, ids=" ".join)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_text_is_lost_in_a_narrow_table(asked: tuple[str, ...], language: str, demo: str) -> None:
    whole = _whole(asked)
    wide, narrow = (answered(demo, *whole, "--lang", language, columns=columns) for columns in ("3000", "80"))

    assert written(wide.out) <= written(narrow.out)  # headings stand in each paragraph
    assert max(map(cell_len, narrow.out.splitlines())) <= 80


@pytest.mark.parametrize("asked", READING, ids=" ".join)
@pytest.mark.parametrize(("demo", "columns"), WIDTHS, indirect=["demo"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_key_is_cut_in_two(asked: tuple[str, ...], language: str, columns: str, demo: str) -> None:
    whole = _whole(asked)
    wide, narrow = (answered(demo, *whole, "--lang", language, columns=width).out for width in ("3000", columns))

    keys = re.compile("[a-z0-9]+(?:[-_.:][A-Za-z0-9()]+)+")
    assert {*keys.findall(wide)} <= {*keys.findall(narrow)}


@pytest.mark.parametrize("asked", ["icourse163", "affiliates", "flow:camera-avatar"])
def test_a_thing_is_shown_with_chinese_words(asked: str, demo: str) -> None:
    _, *lines = run(demo, "show", asked, "--lang", "zh", COLUMNS="140").out.splitlines()

    words = [line.split("  ")[1] for line in lines if line.startswith("  ") and line[2] != " "]
    assert words
    assert [word for word in words if re.search("[a-z]", word) or not CHINESE.search(word)] == []


def test_lists_have_chinese_titles(demo: str) -> None:
    assert CHINESE.search(run(demo, "list", "recipients", "--lang", "zh").out.splitlines()[0])
    assert CHINESE.search(run(demo, "flow", "list", "--lang", "zh").out.splitlines()[0])


def test_what_is_told_beside_an_answer_is_in_the_language_that_is_asked_for(demo: str) -> None:
    assert run(demo, "coverage", "--lang", "zh").err.startswith("共232条：")
    assert run(demo, "flow", "list", "--limit", "2", "--lang", "zh").err.startswith("不完整：共")


# Exit codes


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("list", "frobs"),
        ("list", "--format", "xml"),
        ("list", "--lang", "fr"),
        ("show",),
        ("show", "a", "b"),
        ("apply",),
        ("add",),
        ("add", "sdk", "x"),
        ("flow", "add"),
        ("flow", "add", "x", "--kind", "steal"),
        ("flow", "close", "x"),
        ("flow", "close", "x", "--reason", "over", "--on", "soon"),
        ("flow", "list", "--kind", "frob"),
        ("who-receives",),
        ("who-receives", "location", "--limit", "0"),
        ("who-receives", "location", "--status", "asleep"),
        ("path", "a"),
        ("path", "a", "b", "--longest", "99"),
        ("report", "everything"),
        ("report", "sharing", "--format", "csv", "--for", "publication"),
        ("report", "sharing", "--effective", "soon"),
        ("report", "sharing", "--for", "work", "--effective", "2026-12-01"),
        ("export", "--format", "xml"),
    ],
    ids=" ".join,
)
def test_a_command_that_is_misused_ends_with_2_and_says_so_on_standard_error(
    arguments: tuple[str, ...], demo: str
) -> None:
    code, out, err = run(demo, *arguments)

    assert (code, out) == (2, "")
    assert "Usage: registry " in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "locaton"), 'error: there is no thing "locaton"\n  hint: did you mean "location"'),
        (("show", ""), 'error: there is no thing ""\n  hint: `registry list KIND` shows what there is\n'),
        (("flow", "show", "location"), 'error: there is no flow "location"\n  hint: '),
        (("who-receives", "locaton"), 'error: there is no category "locaton"\n  hint: did you mean "location"'),
        (("who-receives", "定位信"), 'error: there is no category "定位信"\n  hint: did you mean "'),
        (("what-receives", "push-provider"), 'error: there is no '),
        (("if-revoked", "camrea"), 'error: there is no control or legal basis or permission "camrea"\n  hint: did you'),
        (("path", "nobody", "icourse163"), 'error: there is no '),
        (("who-receives", "location", "--outside", "nowhere"), "error: there is no "),
        (("who-receives", "location", "--product", "nothing"), 'error: there is no product "nothing"'),
        (("who-receives", "location", "--after", "nobody"), 'error: there is no thing "nobody"'),
        (("flow", "list", "--activity", "nothing"), 'error: there is no activity "nothing"'),
        (("flow", "close", "nothing", "--reason", "over"), 'error: there is no flow "nothing"\n  hint: '),
        (("coverage", "--document", "nothing"), 'error: there is no document "nothing"\n  hint: documents are: '),
        (("apply", "nowhere.yaml"), "error: nowhere.yaml: there is no such file or directory\n  hint: "),
        (("apply", ""), "error: PATH: the path is empty\n  hint: "),
        (("export", "-o", ""), "error: -o: cannot be written: the name is empty\n  hint: give another file with -o\n"),
        (("export", "-o", "."), "error: .: cannot be written: this is a directory\n  hint: give another file"),
        (("export", "-o", "/nowhere/x"), "error: /nowhere/x: cannot be written: No such file or directory\n  hint: "),
    ],
    ids=str,
)  # fmt: skip
def test_a_command_that_fails_ends_with_1_and_says_why_on_standard_error(
    arguments: tuple[str, ...], told: str, demo: str
) -> None:
    code, out, err = run(demo, *arguments)

    assert (code, out) == (1, "")
    assert err.startswith(told)


def test_a_name_of_several_things_is_told_with_all_of_them(world: str) -> None:
    code, out, err = run(world, "show", "app")

    assert (code, out) == (1, "")
    assert err == 'error: "app" could mean several things: product:app, system:app\n  hint: say which: product:app\n'
    assert run(world, "show", "system:app").code == 0


@pytest.mark.parametrize(
    ("store", "told"),
    [
        ("nowhere.db", "error: {}: there is no registry here\n  hint: `registry --store {} init` makes one"),
        ("nowhere/registry.db", "error: {}: there is no directory "),
        (".", "error: {}: this is a directory\n"),
        ("text.db", "error: {}: this is no registry"),
    ],
)
@pytest.mark.parametrize("arguments", [("list",), ("export",), ("apply", "world.yaml"), ("flow", "list")], ids=" ".join)
def test_a_store_that_is_not_there_is_told(store: str, told: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("This is no registry. " * 100)
    path = tmp_path / store

    code, out, err = run(path, *arguments)

    assert (code, out) == (1, "")
    assert err.startswith(told.replace("{}", str(path)))
    assert not (tmp_path / "nowhere.db").exists()


def test_the_store_is_named_by_the_environment_too(world: str) -> None:
    by_option = process(world, "list", "recipients")
    by_environment = subprocess.run(
        [COMMAND, "list", "recipients"],
        env={"REGISTRY_STORE": world, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert by_environment.stdout == by_option.out


# Making a registry


def test_init_twice_says_that_nothing_changes(tmp_path: Path) -> None:
    store = tmp_path / "registry.db"

    first, second = (run(store, "init", "--demo") for _ in range(2))

    assert (first.code, first.out, second.code, second.out) == (0, "", 0, "")
    assert re.fullmatch(r"vocabulary in .*: \d+ new, 0 changed, 0 unchanged\ndemo registry: \d+ new.*\n", first.err)
    assert re.fullmatch(r"vocabulary in .*: no changes\ndemo registry: no changes\n", second.err)


# What there is


def test_a_thing_is_shown_with_its_edges_both_ways(world: str) -> None:
    shown = run(world, "show", "jpush", "--format", "json")

    assert json.loads(shown.out) == {
        "key": "jpush",
        "type": "recipient",
        "name": {"en": "JPush", "zh": "极光推送"},
        "kind": "sdk",
        "named": True,
        "referred_to_by": {
            "bundled in": [
                {
                    "key": "getui",
                    "type": "recipient",
                    "name": {"en": "GeTui", "zh": "个推"},
                    "kind": "sdk",
                    "named": True,
                }
            ]
        },
    }
    rows = list(csv.reader(io.StringIO(run(world, "show", "gps", "--format", "csv").out)))
    assert rows == [
        ["word", "value"],
        ["name", "GPS location / GPS定位"],
        ["broader", "Location  [category:location]"],
    ]
    assert "bundled in" in run(world, "show", "JPush").out


def test_what_looks_like_markup_is_shown_as_it_is(world: str, tmp_path: Path) -> None:
    manifest = 'systems: {odd: {name: {en: "[bold]R[/bold] :smile: \\\\[x", zh: "[/]"}, owner: "[red]"}}'
    with closing(open_store(str(world))) as store:
        register(store, tmp_path, manifest)

    shown = run(world, "show", "odd").out

    assert shown.startswith("[bold]R[/bold] :smile: \\[x  [system:odd]")
    assert "[bold]R[/bold] :smile: \\[x / [/]" in shown
    assert "[red]" in shown
    assert "[bold]R[/bold] :smile: \\[x" in run(world, "list", "systems").out


def test_every_section_and_noun_can_be_listed(demo: str) -> None:
    counts = json.loads(run(demo, "list", "--format", "json").out)

    for node in GRAPH.node_types:
        listed = json.loads(run(demo, "list", node.noun.replace("_", "-").upper(), "--format", "json").out)

        assert len(listed) == counts[node.section]


def test_an_unknown_kind_is_told_with_the_nearest(demo: str) -> None:
    assert 'Did you mean "categories"? Kinds are flows' in run(demo, "list", "categorys").err


@pytest.mark.parametrize("said", ["Data category", "data-category", GRAPH.node("DataCategory").zh])
def test_a_kind_is_listed_by_its_name_in_either_language(said: str, demo: str) -> None:
    assert run(demo, "list", said) == run(demo, "list", "categories")


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        (("who-recieves", "location"), '"who-receives"'),
        (("flow", "lst"), '"list"'),
        (("add", "recipients", "x"), '"recipient"'),
    ],
    ids=str,
)
def test_an_unknown_command_is_told_with_the_nearest(arguments: tuple[str, ...], nearest: str, demo: str) -> None:
    code, out, err = run(demo, *arguments)

    assert (code, out) == (2, "")
    assert f"Did you mean {nearest}" in err


def test_flows_are_cut_only_with_a_word(demo: str) -> None:
    listed = run(demo, "flow", "list", "--limit", "2", "--format", "json")

    found = json.loads(listed.out)
    last = found["flows"][-1]["key"]
    assert (len(found["flows"]), found["complete"], found["following"]) == (2, False, last)
    assert re.fullmatch(f"not complete: 2 of [0-9]+ flows; go on with --after {last}\n", listed.err)
    following = json.loads(run(demo, "flow", "list", "--after", last, "--format", "json").out)
    every = json.loads(run(demo, "flow", "list", "--format", "json").out)["flows"]
    assert found["flows"] + following["flows"] == every


def test_what_is_listed_for_machines_has_every_property_by_its_name(demo: str) -> None:
    first, *rows = csv.reader(io.StringIO(run(demo, "list", "recipients", "--lang", "zh", "--format", "csv").out))

    listed = json.loads(run(demo, "list", "recipients", "--format", "json").out)
    affiliates = next(dict(zip(first, row, strict=True)) for row in rows if row[0] == "affiliates")
    assert len(rows) == len(listed)
    assert (affiliates["kind"], affiliates["name_zh"], affiliates["named"]) == ("affiliate", "关联公司", "false")


def test_csv_says_what_is_combined_and_what_stops_and_goes_on(demo: str) -> None:
    combined, revoked = (
        list(csv.DictReader(io.StringIO(run(demo, *asked, "--format", "csv").out)))
        for asked in (("combinations",), ("if-revoked", "camera"))
    )

    affiliates = next(row for row in combined if row["end"] == "affiliates")
    assert affiliates["combines"].startswith("device-information + * (certain: icourse163:")
    avatar = next(row for row in revoked if row["flow"] == "camera-avatar")
    assert "album-avatar" in avatar["goes_on"].split("; ")


# Findings


def test_a_clause_that_nothing_answers_for_ends_with_3(world: str) -> None:
    lacking = run(world, "coverage", "--format", "json")

    assert lacking.code == 3
    assert [one["covered"] for one in json.loads(lacking.out)] == [False]
    assert lacking.err == "1 clauses: 0 with facts, 0 with a reason, 1 not covered\n"
    assert "NOT COVERED" in run(world, "coverage", "--uncovered").out
    assert run(world, "coverage", "--uncovered", "--format", "csv").code == 3


def test_every_clause_of_the_policy_is_answered_for(demo: str) -> None:
    assert json.loads(run(demo, "coverage", "--uncovered", "--format", "json").out) == []


# What leaves the registry


def test_an_export_is_the_whole_register(demo: str, tmp_path: Path) -> None:
    there = tmp_path / "register.json"

    printed = run(demo, "export")
    written = run(demo, "export", "-o", str(there))

    found = json.loads(printed.out)
    assert len(found["flows"]) == json.loads(run(demo, "list", "--format", "json").out)[GRAPH.node(FLOW).section]
    assert (printed.err, written.out, written.err) == ("", "", f"wrote {there}\n")
    assert there.read_text(encoding="utf-8") == printed.out
    assert [entry.name for entry in tmp_path.iterdir()] == ["register.json"]


@pytest.mark.parametrize("kind", ["sharing", "collection", "permissions"])
@pytest.mark.parametrize("form", ["html", "md", "csv", "json"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_list_is_written_in_every_format(kind: str, form: str, language: str, demo: str, tmp_path: Path) -> None:
    there = tmp_path / f"list.{form}"

    code, out, err = run(demo, "report", kind, "--format", form, "--lang", language, "-o", str(there))

    wrote, missing, *contradictions = err.splitlines()
    assert (code, out, wrote) == (0, "", f"wrote {there}")
    assert there.stat().st_size > 1_000
    if form in ("html", "md"):
        assert re.fullmatch(
            "(1 mandatory item is|[0-9]+ mandatory items are) not provided; `--for work` gives .*", missing
        )
        assert contradictions == ["China University MOOC: its documents name 2 companies as the handler"]
    else:
        assert re.fullmatch("(1 mandatory cell is|[0-9]+ mandatory cells are) missing", missing)
        assert contradictions == []


@pytest.mark.parametrize("form", ["html", "md"])
def test_a_list_for_work_is_another_than_one_for_publication(form: str, demo: str) -> None:
    published = run(demo, "report", "permissions", "--lang", "zh", "--format", form)
    same = run(demo, "report", "permissions", "--lang", "zh", "--format", form, "--for", "publication")
    work = run(demo, "report", "permissions", "--lang", "zh", "--format", form, "--for", "work")

    assert published == same
    assert "待补充事项" not in published.out
    assert "待补充事项" in work.out
    assert work.err == "1 mandatory cell is missing\n"


@pytest.mark.parametrize(
    ("options", "code"), [((), 3), (("--for", "work"), 3), (("--format", "csv"), 3)], ids=["published", "work", "csv"]
)
def test_strictly_a_list_that_lacks_something_is_written_and_ends_with_3(
    options: tuple[str, ...], code: int, demo: str, tmp_path: Path
) -> None:
    there = tmp_path / "list"

    strict = run(demo, "report", "permissions", "--strict", *options, "-o", str(there))

    assert strict.code == code
    assert strict.err.startswith(f"wrote {there}\n1 mandatory ")
    assert there.stat().st_size > 1_000


def test_strictly_a_list_that_lacks_nothing_ends_with_0(tmp_path: Path) -> None:
    store = tmp_path / "reader.db"
    assert run(store, "init").code == 0
    assert run(store, "apply", "--yes", str(seeds(EXAMPLE))).code == 0

    for kind in ("sharing", "collection", "permissions"):
        code, out, err = run(store, "report", kind, "--lang", "zh", "--strict", "--effective", "2026-12-01")

        assert (code, err) == (0, "")
        assert "生效日期：2026年12月1日" in out


def test_an_export_goes_through_a_link_and_into_a_pipe_or_device_that_is_there(demo: str, tmp_path: Path) -> None:
    (tmp_path / "there.json").write_text("old")
    (tmp_path / "link.json").symlink_to("there.json")

    assert run(demo, "export", "-o", str(tmp_path / "link.json")).code == 0
    assert process(demo, "export", "-o", "/dev/null").code == 0

    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "there.json").read_text())
    assert Path("/dev/null").is_char_device()


def test_an_export_goes_into_the_pipe_that_a_link_leads_to(demo: str) -> None:
    into_link = process(demo, "export", "-o", "/dev/stdout")

    assert into_link.code == 0
    assert into_link.out == run(demo, "export").out


@pytest.mark.parametrize("command", [("export",), ("report", "sharing")], ids=" ".join)
@pytest.mark.parametrize("end", ["", "-wal"])
def test_nothing_is_written_over_the_registry_itself(command: tuple[str, ...], end: str, file: Path) -> None:
    before = file.read_bytes()

    for store in (str(file), f"sqlite:///{file}"):
        code, out, err = run(Path(file.name), "--store", store, *command, "-o", f"{file}{end}")

        assert (code, out) == (1, "")
        assert err == f"error: {file}{end}: this is the registry itself\n  hint: give another file with -o\n"
    assert file.read_bytes() == before


def test_an_export_that_fails_leaves_what_was_there(demo: str, tmp_path: Path) -> None:
    there = tmp_path / "there.json"
    there.write_text("old")

    failed = run(tmp_path / "nowhere.db", "export", "-o", str(there))

    assert failed.code == 1
    assert there.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["there.json"]
