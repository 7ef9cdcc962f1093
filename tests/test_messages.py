"""What goes wrong is told in English and Chinese: every place in the code where an error is made says it in both."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import registry as package
import registry_cli
from registry import errors
from registry.bilingual import Text, joined, said
from registry.errors import InvalidInput, Place, Problem, Refused, StoreError
from tests.refresh_docs import ROOT

ENGLISH_ONLY = ("lineage", "documents")
"""Where errors are still told in English only."""

SOURCES = [
    path
    for module in (package, registry_cli)
    for path in sorted(Path(str(module.__file__)).parent.rglob("*.py"))
    if path.parent.name not in ENGLISH_ONLY
]
MADE = {"Problem", *(name for name, one in vars(errors).items() if isinstance(one, type))} - {"Place", "Text"}
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr == "at":
                called = called.value
            yield called.id if isinstance(called, ast.Name) else "", node


def words(part: ast.expr) -> str | None:
    """The words of a text in code, without what is put in; None where it is no text."""
    if isinstance(part, ast.Constant) and isinstance(part.value, str):
        return part.value
    if isinstance(part, ast.JoinedStr):
        return "".join(str(one.value) for one in part.values if isinstance(one, ast.Constant))
    return None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_error_is_made_of_texts_in_both_languages(path: Path) -> None:
    given = [
        (call.lineno, words(part))
        for name, call in calls(path)
        if name in MADE
        for part in (*call.args, *(keyword.value for keyword in call.keywords))
    ]

    assert [(line, told) for line, told in given if told is not None] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_text_in_code_has_english_without_chinese_and_chinese_where_there_is_english(path: Path) -> None:
    for name, call in calls(path):
        if name == "Text" and len(call.args) == 2:
            english, chinese = map(words, call.args)
            if english is not None:
                assert not CHINESE.search(english), (call.lineno, english)
            if english and chinese is not None and re.search("[a-z]{2}", english):
                assert CHINESE.search(chinese), (call.lineno, chinese)


def test_many_errors_are_made() -> None:
    assert sum(name in MADE for path in SOURCES for name, _ in calls(path)) > 120


def test_an_error_is_english_as_a_string_and_knows_both() -> None:
    error = Refused(Text("no", "不行"), hint=Text("do not", "请勿"))

    assert (str(error), error.message, error.hint) == ("no", ("no", "不行"), ("do not", "请勿"))


def test_what_is_told_in_english_only_is_shown_so_in_either_language() -> None:
    error = StoreError("no", hint="do not")

    assert (error.message.to("zh"), error.hint.to("zh")) == ("no", "do not")
    assert said("no") == ("no", "")


def test_problems_are_told_in_either_language() -> None:
    place = Place("m.yaml", 2, 3)
    problem = Problem(place, Text("no name", "没有名称"), Text("write one", "写上名称"))
    error = InvalidInput([problem, Problem(place, Text("no kind", "没有类型"))])

    assert error.message == (
        "m.yaml:2:3: no kind\nm.yaml:2:3: no name\n  hint: write one",
        "m.yaml:2:3: 没有类型\nm.yaml:2:3: 没有名称\n  提示：写上名称",
    )


def test_what_says_nothing_is_left_out_between_others() -> None:
    assert joined([Text("a", "甲"), Text("", ""), Text("b", "")], Text(" ", "、")) == ("a b", "甲、b")
