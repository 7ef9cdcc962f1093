"""Manifests as people write them: what is wrong is told with its place and the next step, all of it in one run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.manifests import LARGEST
from registry.model.declaration import Kind
from registry.model.graph import GRAPH
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.memory import MemoryStore
from tests.manifest_files import declared_by, marked, problems, problems_of, write

LOOK = "look at the quotes, colons and indentation just before"
TABS = "a tab stands where YAML wants spaces\n  hint: indent with spaces"
EMPTY = "m.yaml: the manifest is empty\n  hint: write a section such as `flows:`, or remove the file"
NO_ROOT = "a manifest is a mapping of sections\n  hint: "
FULL_WIDTH = 'full-width signs are text: write : , { } [ ] " instead'
NO_TAGS = "is not used in manifests\n  hint: remove the tag"
WRITE_OUT = "are not used in manifests\n  hint: write the value out, or use `defaults:`"
SECOND = "a second document begins here\n  hint: keep one document to a file: remove the `---`"
MERGE = "merge keys are not used in manifests\n  hint: write the values out, or use `defaults:`"
MISSING = "write one, or remove the line"


@pytest.fixture
def nothing() -> Iterator[MemoryStore]:
    with closing(MemoryStore()) as store:
        yield store


# The text


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        (b"channels:\n  \xe4\xb8\xad: \xff\n", "m.yaml:2:6: byte 0xFF is not UTF-8"),
        (b"\xef\xbb\xbfchannels: \xe9\n", "m.yaml:1:11: byte 0xE9 is not UTF-8"),
        (b"channels:\r\r\n\xe4\xb8\n", "m.yaml:3:1: byte 0xE4 is not UTF-8"),
        ("channels: {}".encode("utf-16"), "m.yaml:1:1: byte 0xFF is not UTF-8"),
        ("channels: {}".encode("utf-32-be"), "m.yaml:1:1: character U+0000 is not allowed in YAML"),
        ("# 中文\nchannels: {} # 中\x07\n".encode(), "m.yaml:2:17: character U+0007 is not allowed in YAML"),
        (b"\xef\xbb\xbf# \x1b[31m", "m.yaml:1:3: character U+001B is not allowed in YAML"),
        ("channels: \ufffe".encode(), "m.yaml:1:11: character U+FFFE is not allowed in YAML"),
        (b"channels: \x00", "m.yaml:1:11: character U+0000 is not allowed in YAML"),
        (b"channels: \xed\xa0\xbd", "m.yaml:1:11: byte 0xED is not UTF-8"),
    ],
    ids=[
        "byte",
        "after a mark",
        "after CR",
        "UTF-16",
        "UTF-32",
        "control",
        "escape",
        "no character",
        "NUL",
        "surrogate",
    ],
)
def test_what_is_no_text_is_told_where_it_stands(manifest: bytes, problem: str, tmp_path: Path) -> None:
    (told,) = problems_of(manifest, tmp_path)

    assert told.partition("\n")[0] == problem


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_and_a_byte_order_mark_change_nothing(mark: bytes, end: str, tmp_path: Path) -> None:
    manifest = mark + "channels:\n  web:\n    name: {en: Web, zh: 网页}\n".replace("\n", end).encode()

    assert declared_by(manifest, tmp_path).nodes == {WEB.id: WEB}


WEB = Node(NodeId("CollectionChannel", "web"), {"name": Text("Web", "网页")})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_places_are_the_same_with_every_line_end(end: str, tmp_path: Path) -> None:
    manifest = "channels:\n  中文: {}\n  web: {}\n".replace("\n", end).encode()

    places = [problem.partition(": ")[0] for problem in problems_of(manifest, tmp_path)]

    assert places == ["m.yaml:2:3", "m.yaml:2:3", "m.yaml:3:3"]


def test_a_manifest_of_the_largest_size_is_read(tmp_path: Path) -> None:
    manifest = b"channels: {web: {name: {en: Web, zh: \xe7\xbd\x91\xe9\xa1\xb5}}}\n"

    declared = declared_by(manifest + b"#" * (LARGEST - len(manifest)), tmp_path)

    assert declared.nodes == {WEB.id: WEB}


def test_a_larger_manifest_is_refused(tmp_path: Path) -> None:
    assert problems_of(b"#" * (LARGEST + 1), tmp_path) == [
        "m.yaml: the manifest is larger than the 8,388,608 bytes that are read\n"
        "  hint: split it into several files in one directory and apply the directory"
    ]


# YAML


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ("channels:\n\tweb: {}\n", f"m.yaml:2:1: {TABS}"),
        ("channels:\n  web:\n  \tname: {en: a, zh: b}\n", f"m.yaml:3:3: {TABS}"),
        ("channels: {web: {\n", f"m.yaml:2:1: this is not YAML: did not find expected node content\n  hint: {LOOK}"),
        ('channels: "web\n', f"m.yaml:2:1: this is not YAML: found unexpected end of stream\n  hint: {LOOK}"),
        (
            "channels:\n  web:\n    source: see: there\n",
            f"m.yaml:3:16: this is not YAML: mapping values are not allowed in this context\n  hint: {LOOK}",
        ),
        (
            "channels:\n  web:\n    a: b\n   c: d\n",
            f"m.yaml:4:4: this is not YAML: did not find expected key\n  hint: {LOOK}",
        ),
        ("%YAML 3.0\n---\na: b\n", f"m.yaml:1:1: this is not YAML: found incompatible YAML document\n  hint: {LOOK}"),
        (
            'channels: {web: {name: {en: "\\ud83d", zh: b}}}\n',
            f"m.yaml:1:32: this is not YAML: found invalid Unicode character escape code\n  hint: {LOOK}",
        ),
        (
            "channels:\n  web：\n    name: {en: a, zh: b}\n",
            f"m.yaml:3:9: this is not YAML: mapping values are not allowed in this context\n  hint: {FULL_WIDTH}",
        ),
        ("channels：\n  web：\n", f"m.yaml:1:1: {NO_ROOT}{FULL_WIDTH}"),
        ("- channels\n", f"m.yaml:1:1: {NO_ROOT}begin with a section such as `flows:`"),
        ("\n  channels\n", f"m.yaml:2:3: {NO_ROOT}begin with a section such as `flows:`"),
        ("{}\n---\n{}\n", f"m.yaml:2:1: {SECOND}"),
        ("channels:\n  <<: {a: b}\n", f"m.yaml:2:3: {MERGE}"),
        ("channels:\n  ? [a]\n  : {}\n", "m.yaml:2:5: a key is a single word\n  hint: quote it if it holds brackets"),
        ("", EMPTY),
        ("# only\n\n# comments\n", EMPTY),
        ("---\n", EMPTY),
        ("~\n", EMPTY),
        ("null\n...\n", EMPTY),
        ("\ufeff", EMPTY),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_told_where_it_stands(manifest: str, problem: str, tmp_path: Path) -> None:
    assert problems_of(manifest.encode(), tmp_path) == [problem]


def test_without_libyaml_the_same_is_read_and_refused(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": 'a: "\\UFFFFFFFF"', "b.yaml": "# 中\nflow: {}\na: &b no", "c.yaml": 'a: "\\U00110000"'})
    program = """
import sys
import yaml
del yaml.CSafeLoader
from registry.manifests import read_paths
documents, problems = read_paths(sys.argv[1:])
print(len(documents), *problems, sep="\\n")
"""

    found = subprocess.run(
        [sys.executable, "-c", program, "."], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert found.stdout.splitlines() == [
        "1",
        "a.yaml: this is not YAML: an escape names no character",
        f"  hint: {LOOK}",
        *f"b.yaml:3:4: anchors {WRITE_OUT}".splitlines(),
        "c.yaml: this is not YAML: an escape names no character",
        f"  hint: {LOOK}",
    ]


def test_anchors_aliases_and_tags_are_refused_each_in_its_place(tmp_path: Path) -> None:
    manifest = """
        channels: !!map
          web: &web
            name: {en: !!str a, zh: ! b}
          app: *web
          api: !!python/object/apply:os.system [touch pwned]
    """

    assert problems_of(manifest, tmp_path) == [
        f"m.yaml:1:11: the tag tag:yaml.org,2002:map {NO_TAGS}",
        f"m.yaml:2:8: anchors {WRITE_OUT}",
        f"m.yaml:3:16: the tag tag:yaml.org,2002:str {NO_TAGS}",
        f"m.yaml:3:29: the tag ! {NO_TAGS}",
        f"m.yaml:4:8: aliases {WRITE_OUT}",
        'm.yaml:4:8: channel "app" is a mapping, not a single value\n  hint: write its properties below it, indented',
        'm.yaml:5:8: channel "api" is a mapping, not a list\n  hint: write its properties below it, indented',
        f"m.yaml:5:8: the tag tag:yaml.org,2002:python/object/apply:os.system {NO_TAGS}",
    ]
    assert not (tmp_path / "pwned").exists()


def test_what_would_explode_is_refused_at_once(tmp_path: Path) -> None:
    laughs = ["a0: &a0 [lol]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 60))]
    start = time.process_time()

    told = problems_of("\n".join(laughs), tmp_path)

    assert f"m.yaml:60:6: anchors {WRITE_OUT}" in told
    assert time.process_time() - start < 5


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "{a: "])
def test_deep_nesting_is_refused_at_once(opening: str, tmp_path: Path) -> None:
    start = time.process_time()

    (told,) = problems_of("channels:\n  " + opening * 100_000, tmp_path)

    assert told.endswith("this nests deeper than 12 levels\n  hint: a manifest needs six at most")
    assert time.process_time() - start < 5


def test_a_key_stands_once(tmp_path: Path) -> None:
    manifest = """
        channels:
          web: {name: {en: a, zh: b, en: c}, name: x}
          "web": {}
        channels: {}
    """

    assert problems_of(manifest, tmp_path) == [
        'm.yaml:2:30: "en" stands twice (first in line 2)\n  hint: keep one of them',
        'm.yaml:2:38: "name" stands twice (first in line 2)\n  hint: keep one of them',
        'm.yaml:3:3: "web" stands twice (first in line 2)\n  hint: keep one of them',
        'm.yaml:4:1: "channels" stands twice (first in line 1)\n  hint: keep one of them',
    ]


# Words that YAML reads as something else


@pytest.mark.parametrize(
    ("word", "sort"),
    [
        *((word, "boolean") for word in ("no", "No", "NO", "on", "yes", "off", "true", "True", "FALSE")),
        *((word, "number") for word in ("010", "22:30", "1.0", "0x1F", "1_000", "0b1", ".inf", "-1", "+1", "1.5e+3")),
        *((word, "date") for word in ("2026-05-01", "2026-05-01T10:00:00Z", "2026-05-01 10:00:00")),
    ],
)  # fmt: skip
def test_a_text_that_yaml_reads_otherwise_is_told_as_value_and_key_and_in_lists(
    word: str, sort: str, tmp_path: Path
) -> None:
    manifest, places = marked(
        f"""
        recipients:
          ¦{word}: {{}}
          a: {{name: {{en: a, zh: b}}, kind: sdk, version: ¦{word}}}
          b: {{name: {{en: ¦{word}, zh: b}}, kind: sdk}}
          c: {{name: {{en: a, zh: b}}, kind: sdk, aliases: [x, ¦{word}]}}
          d: {{name: {{en: a, zh: b}}, kind: sdk, operated_by: ¦{word}}}
          e: {{name: {{en: a, zh: b}}, kind: ¦{word}}}
        ¦{word}: {{}}
        """
    )

    told = f'YAML reads {word} as a {sort}, where a text is meant\n  hint: put it in quotes: "{word}"'

    assert problems_of(manifest, tmp_path) == [f"m.yaml:{place}: {told}" for place in places]


@pytest.mark.parametrize("word", ["~", "null", "Null", ""])
def test_a_text_that_is_missing_is_told(word: str, tmp_path: Path) -> None:
    manifest, places = marked(
        f"""
        recipients:
          a:
            name:¦ {word}
            kind:¦ {word}
            aliases:¦ {word}
            named:¦ {word}
            operated_by:¦ {word}
            platforms: [ios, ¦~]
            function: {{en: ¦{word}, zh: b}}
        """
    )
    whats = [f"{name} has no value" for name in ("name", "kind", "aliases", "named")] + ["a text is missing here"] * 3
    # Nothing has no place of its own but just after the colon.
    found = [place if word == "" or number > 4 else after(place) for number, place in enumerate(places)]

    assert problems_of(manifest, tmp_path) == [
        f"m.yaml:{place}: {what}\n  hint: {MISSING}" for place, what in zip(found, whats, strict=True)
    ]


def after(place: str) -> str:
    line, _, column = place.partition(":")
    return f"{line}:{int(column) + 1}"


def test_words_in_quotes_are_texts(tmp_path: Path) -> None:
    manifest = """
        recipients:
          "010": {name: {en: "no", zh: 'on'}, kind: "sdk", named: "false", version: "1.0", aliases: ["22:30", y, 1e3]}
    """

    (node,) = declared_by(manifest, tmp_path).nodes.values()

    assert node.id.key == "010"
    assert node.properties == {
        "name": Text("no", "on"),
        "kind": "sdk",
        "named": False,
        "version": "1.0",
        "aliases": ("22:30", "y", "1e3"),
    }


# Values


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("sensitivity_levels: {a: {NAME, scheme: s, rank: VALUE}}", "rank is a whole number"),
        ("activities: {a: {NAME, dpia_date: VALUE}}", "dpia_date is a date"),
        ("retention_rules: {a: {NAME, period: VALUE}}", "period is an ISO 8601 duration"),
        ("products: {a: {NAME, policy_url: VALUE}}", "policy_url is a web address"),
        ("recipients: {a: {NAME, kind: sdk, named: VALUE}}", "named is true or false"),
    ],
)
@pytest.mark.parametrize(
    "value",
    [
        "no", "yes", "TRUE", "-1", "1.0", "010", "1_0", "22:30", "9999999999", "１",
        "2026-02-30", "2026-W01-1", "20260501T10", "2026-5-1", "2026-05-01T10:00:00Z", "２０２６-05-01", "0000-01-01",
        "3 years", "P", "PT", "P３Y", "P1.5Y", "P3Y6", "p3y",
        "www.example.com", "javascript:alert(1)", "https://", "https:///x", "https://a b", "ftp://a/b", "soon",
    ],
)  # fmt: skip
def test_a_value_that_its_property_cannot_hold_is_told(entry: str, what: str, value: str, tmp_path: Path) -> None:
    manifest, (place,) = marked(entry.replace("NAME", "name: {en: a, zh: b}").replace("VALUE", f"¦{value}"))

    (told,) = problems_of(manifest, tmp_path)

    assert told.startswith(f'm.yaml:{place}: {what}, not "{value}"\n  hint: ')


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("kind: ¦SDK", 'kind cannot be "SDK"\n  hint: did you mean "sdk"? it is one of KINDS'),
        ("kind: ¦第三方", 'kind cannot be "第三方"\n  hint: it is one of KINDS'),
        ("kind: ¦''", "kind is empty\n  hint: write a text, or remove the line"),
        (
            "kind: sdk, platforms: ¦andriod",
            "platforms is a list, not a single value\n  hint: write `platforms: [andriod]`",
        ),
        (
            "kind: sdk, platforms: [ios, ¦andriod]",
            'platforms cannot be "andriod"\n'
            '  hint: did you mean "android"? it is one of android, ios, harmony, web, mini-program',
        ),
    ],
)
def test_a_word_outside_a_closed_set_is_told_with_the_nearest(said: str, problem: str, tmp_path: Path) -> None:
    manifest, (place,) = marked(f"recipients: {{a: {{name: {{en: a, zh: b}}, {said}}}}}")

    (told,) = problems_of(manifest, tmp_path)

    kinds = "sdk, affiliate, partner, authority, public, guardian"
    assert told == f"m.yaml:{place}: {problem}".replace("KINDS", kinds)


WRITE_NAME = "write `name: {en: …, zh: …}`, or one of the two"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("¦web", f"name is given in English, in Chinese or in both\n  hint: {WRITE_NAME}"),
        ("¦[a, b]", f"name is given in English, in Chinese or in both\n  hint: {WRITE_NAME}"),
        ("¦{}", f"name is in neither language\n  hint: {WRITE_NAME}"),
        ("{en: a, zh: ¦}", "a text is missing here\n  hint: write one, or remove the line"),
        ("{en: a, zh: ¦' '}", "name.zh is empty\n  hint: write a text, or remove the line"),
        ("{en: ¦[a], zh: b}", "name.en is a text, not a list\n  hint: write a single text"),
        ("{en: a, zh: ¦{b: c}}", "name.zh is a text, not a mapping\n  hint: write a single text"),
        ("{en: a, zh: b, ¦fr: c}", 'name has no language "fr"\n  hint: languages are en and zh'),
        ("{en: this, ¦that, zh: b}", 'name has no language "that"\n  hint: put a text with a comma in quotes'),
    ],
)
def test_a_name_is_given_in_one_language_or_both(name: str, problem: str, tmp_path: Path) -> None:
    manifest, (place,) = marked(f"channels:\n  web:\n    name: {name}\n")

    assert problems_of(manifest, tmp_path) == [f"m.yaml:{place}: {problem}"]


@pytest.mark.parametrize(
    ("written", "number"),
    [("\\0", "0000"), ("\\e[31m", "001B"), ("\\r", "000D"), ("\\x7f", "007F"), ("\\x9b", "009B"), ("\\u202e", "202E")],
)
def test_a_text_holds_no_control_characters(written: str, number: str, tmp_path: Path) -> None:
    manifest, places = marked(
        f"""
        products:
          a:
            name: {{en: ¦"x{written}x", zh: b}}
            aliases: [¦"x{written}x"]
            policy_url: ¦"https://a/{written}"
        """
    )

    assert problems_of(manifest, tmp_path) == [
        f"m.yaml:{place}: {name} holds the control character U+{number}\n"
        "  hint: write a shorter text, without control characters"
        for place, name in zip(places, ("name.en", "aliases", "policy_url"), strict=True)
    ]


def test_a_text_of_which_nothing_is_seen_is_empty(tmp_path: Path) -> None:
    manifest, (place,) = marked('channels: {a: {name: {en: ¦"\\u200b\\u3000", zh: b}}}')

    (told,) = problems_of(manifest, tmp_path)

    assert told.startswith(f"m.yaml:{place}: name.en is empty")


def test_a_text_may_have_lines_and_tabs(tmp_path: Path) -> None:
    manifest = """
        channels:
          web:
            name: {en: "a\\tb", zh: b}
            description:
              en: |
                One line.
                Another.
              zh: >-
                一行，
                另一行。
    """

    (node,) = declared_by(manifest, tmp_path).nodes.values()

    assert node.name.en == "a\tb"
    assert node.text("description") == Text("One line.\nAnother.", "一行， 另一行。")


def test_a_text_of_any_sort_has_a_limit(tmp_path: Path) -> None:
    long = "9" * 10_001
    manifest = f"""
        ? {long}
        : {{}}
        channels:
          ? {long}
          : {{name: {{en: "{long}", zh: b}}}}
    """

    told = problems_of(manifest, tmp_path)

    assert [problem.partition("\n")[0] for problem in told if "characters" in problem] == [
        f"m.yaml:{place}: this has 10,001 characters, more than the 10,000 that are read"
        for place in ("1:3", "4:5", "5:17")
    ]
    assert max(map(len, told)) < 400


def test_a_text_of_the_greatest_length_is_read(tmp_path: Path) -> None:
    declared = declared_by(f"channels: {{web: {{name: {{en: {'a' * 10_000}, zh: b}}}}}}", tmp_path)

    assert [node.name.en for node in declared.nodes.values()] == ["a" * 10_000]


@pytest.mark.parametrize(
    "key", ["with space", "中文", "-x", "a,b", "a#b", "'a\u3000b'", "''", "é", "x" * 201, "purpose:x"]
)
def test_a_key_is_a_slug(key: str, tmp_path: Path) -> None:
    (told,) = problems_of(f"channels:\n  {key}: {{name: {{en: a, zh: b}}}}", tmp_path)

    assert told.startswith("m.yaml:2:3: ")
    assert told.endswith("\n  hint: write it like device-model or android:camera")


@pytest.mark.parametrize(
    "key", ["a", "1a", "android:camera", "icourse163:1(2)3", "a_b/c.d-e", "x" * 200, "recipients:x"]
)
def test_such_keys_are_right(key: str, tmp_path: Path) -> None:
    declared = declared_by(f"channels:\n  '{key}': {{name: {{en: a, zh: b}}}}", tmp_path)

    assert [node_id.key for node_id in declared.nodes] == [key]


# Shapes

SHAPES = {"a single value": "x", "a list": "[x]", "a mapping": "{x: y}"}
SINGLE = {"a list", "a mapping"}
WRONG_SHAPES = {
    Kind.BILINGUAL: {"a single value", "a list"},
    Kind.TEXTS: {"a single value", "a mapping"},
    Kind.CHOICES: {"a single value", "a mapping"},
}


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        (node.section, prop.name, SHAPES[shape])
        for node in GRAPH.node_types
        for prop in GRAPH.properties(node.label)
        for shape in sorted(WRONG_SHAPES.get(prop.kind, SINGLE))
    ],
)
def test_a_property_of_the_wrong_shape_is_told(section: str, name: str, value: str, tmp_path: Path) -> None:
    told = problems_of(f"{section}:\n  a:\n    {name}: {value}\n", tmp_path)

    assert [problem for problem in told if problem.startswith(f"m.yaml:3:{7 + len(name)}: {name} is ")]
    assert not [problem for problem in told if f"has no {name}" in problem]


@pytest.mark.parametrize(
    ("section", "word", "value"),
    [
        (node.section, edge.word, value)
        for node in GRAPH.node_types
        for edge in GRAPH.edges_from(node.label)
        for value in ("[[x]]", "{x: y}", "{}", "[]", "''", "~", "no", "[{}]", "[~]")
    ],
)
def test_an_edge_of_the_wrong_shape_is_told(section: str, word: str, value: str, tmp_path: Path) -> None:
    told = problems_of(f"{section}:\n  a:\n    {word}: {value}\n", tmp_path)

    assert [problem for problem in told if problem.startswith("m.yaml:3:") and "\n  hint: " in problem]
    assert not [problem for problem in told if f"has no {word}" in problem]


def test_sections_and_entries_are_mappings(tmp_path: Path) -> None:
    manifest = """
        flows:
        channels: []
        products: x
        systems: {a: , b: [], c: x}
        defaults: [x]
    """
    section = "maps keys to what they are\n  hint: write `key: {…}`"
    below = "hint: write its properties below it, indented"

    assert problems_of(manifest, tmp_path) == [
        f"m.yaml:1:7: the section flows {section}",
        f"m.yaml:2:11: the section channels {section}",
        f"m.yaml:3:11: the section products {section}",
        f'm.yaml:4:14: system "a" is a mapping, not a single value\n  {below}',
        f'm.yaml:4:19: system "b" is a mapping, not a list\n  {below}',
        f'm.yaml:4:26: system "c" is a mapping, not a single value\n  {below}',
        "m.yaml:5:11: defaults map words of a flow to values\n  hint: write `defaults: {from: …}`",
    ]


def test_unknown_sections_and_words_are_told_with_the_nearest(tmp_path: Path) -> None:
    manifest = """
        flow: {}
        categorys: {}
        whatever: {}
        channels:
          web: {name: {en: a, zh: b}, alias: [x], colour: red}
    """
    sections = ", ".join(GRAPH.by_section)

    assert problems_of(manifest, tmp_path) == [
        'm.yaml:1:1: there is no section "flow"\n  hint: did you mean "flows"?',
        'm.yaml:2:1: there is no section "categorys"\n  hint: did you mean "categories"?',
        f'm.yaml:3:1: there is no section "whatever"\n  hint: sections are {sections}',
        'm.yaml:5:31: a channel has no "alias"\n  hint: did you mean "aliases"?',
        'm.yaml:5:43: a channel has no "colour"\n'
        "  hint: a channel has name, description, aliases, former_keys, same_name, stated_in",
    ]


def test_what_must_be_said_and_is_not_is_told(tmp_path: Path) -> None:
    assert problems_of("flows: {f: {}}\nclauses: {c: {}}", tmp_path) == [
        'm.yaml:1:9: flow "f" has no carries\n'
        "  hint: write `carries: …`: The data that moves. `required: false` marks what the person may leave out.",
        'm.yaml:1:9: flow "f" has no from\n  hint: write `from: …`: Where the data comes from.',
        'm.yaml:1:9: flow "f" has no kind\n'
        "  hint: kind is one of collect, receive, use, derive, provide, entrust, transfer, disclose",
        'm.yaml:1:9: flow "f" has no name\n  hint: write `name: {en: …, zh: …}`, or one of the two',
        'm.yaml:1:9: flow "f" has no to\n  hint: write `to: …`: Where the data goes.',
        'm.yaml:2:11: clause "c" has no document\n  hint: write `document: …`',
        'm.yaml:2:11: clause "c" has no name\n  hint: write `name: {en: …, zh: …}`, or one of the two',
        'm.yaml:2:11: clause "c" has no number\n  hint: write `number: …`',
    ]


def test_thousands_of_problems_are_told_at_once(tmp_path: Path) -> None:
    manifest = "\n".join(f"section{number}: {{}}" for number in range(20_000))
    start = time.process_time()

    assert len(problems_of(manifest, tmp_path)) == 20_000
    assert time.process_time() - start < 15


# Files


def test_every_problem_of_every_file_is_told_in_one_run(
    nothing: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        {
            "m/a.yaml": "channels: {web: {name: {en: no, zh: b}}}\nbogus: {}",
            "m/b/c.yml": "flows: ]",
            "m/b/d.yaml": b"\xff",
            "m/e.YAML": "",
            "m/.hidden/f.yaml": "[",
            "m/.g.yaml": "[",
            "m/notes.txt": "[",
            "alone": "channels: {web: {name: {en: a, zh: b}, colour: red}}",
        },
    )

    told = [problem.partition("\n")[0] for problem in problems(nothing, "m", "alone", "nowhere.yaml", "m/a.yaml")]

    assert told == [
        'alone:1:12: channel "web" is declared twice (first at m/a.yaml:1:12)',
        "m/a.yaml:1:29: YAML reads no as a boolean, where a text is meant",
        'm/a.yaml:2:1: there is no section "bogus"',
        "m/b/c.yml:1:8: this is not YAML: did not find expected node content",
        "m/b/d.yaml:1:1: byte 0xFF is not UTF-8",
        "m/e.YAML: the manifest is empty",
        "nowhere.yaml: there is no such file or directory",
    ]


def test_what_is_no_file_to_read_is_told(nothing: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.yaml")
    Path("gone.yaml").symlink_to("nowhere")
    Path("round.yaml").symlink_to("round.yaml")
    Path("empty").mkdir()
    long = "x" * 300 + ".yaml"

    told = problems(
        nothing, "pipe.yaml", "gone.yaml", "round.yaml", "empty", long, "pipe.yaml/below", "/dev/zero", "", "."
    )

    leads = "hint: look at the path and where it leads"
    assert told == [
        "/dev/zero: this is not a file\n  hint: name a file or a directory",
        "PATH: the path is empty\n  hint: name a file or a directory",
        "empty: the directory has no manifests\n  hint: manifests end in .yaml or .yml",
        "gone.yaml: there is no such file or directory\n  hint: look at the path and where it starts",
        "pipe.yaml: this is not a file\n  hint: name a file or a directory",
        f"pipe.yaml/below: the file cannot be read: Not a directory\n  {leads}",
        f"round.yaml: the file cannot be read: Too many levels of symbolic links\n  {leads}",
        f"{long}: the file cannot be read: File name too long\n  {leads}",
    ]


def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "channels: {}", "closed/b.yaml": "", "c.yaml": ""})
    tmp_path.chmod(0o755)
    for closed in (tmp_path / "a.yaml", tmp_path / "closed"):
        closed.chmod(0)
    # Root may read anything, and tests may run as root.
    program = """
import os, sys
from registry.manifests import read_paths
os.chdir(sys.argv[1])
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
print(*read_paths(["a.yaml", ".", "closed", "closed/b.yaml"])[1], sep="\\n")
"""

    found = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True, cwd="/"
    )

    denied = "cannot be read: Permission denied\n  hint: look at who may read it"
    assert found.stdout.splitlines() == [
        *f"a.yaml: the file {denied}".splitlines(),
        *f"closed: the directory {denied}".splitlines(),
        *EMPTY.replace("m.yaml", "c.yaml").splitlines(),
        *f"closed: the directory {denied}".splitlines(),
        *f"closed/b.yaml: the file {denied}".splitlines(),
    ]


def test_what_stands_behind_a_linked_directory_is_read_and_a_circle_of_links_ends(
    nothing: MemoryStore, tmp_path: Path
) -> None:
    write(tmp_path, {"shared/b.yaml": "bogus: {}", "m/a.yaml": "channels: {web: {name: {en: a, zh: b}}}"})
    (tmp_path / "m" / "shared").symlink_to(tmp_path / "shared")
    (tmp_path / "m" / "again").symlink_to(tmp_path / "shared")
    (tmp_path / "shared" / "back").symlink_to(tmp_path / "m")

    (told,) = problems(nothing, tmp_path / "m")

    assert 'b.yaml:1:1: there is no section "bogus"' in told


def test_a_file_named_twice_or_through_a_link_is_read_once(nothing: MemoryStore, tmp_path: Path) -> None:
    write(tmp_path, {"m/a.yaml": "channels: {web: {name: {en: a, zh: b}}}"})
    (tmp_path / "m" / "b.yaml").symlink_to("a.yaml")

    assert problems(nothing, tmp_path / "m", tmp_path / "m" / "a.yaml", tmp_path / "m" / ".." / "m" / "b.yaml") == []
