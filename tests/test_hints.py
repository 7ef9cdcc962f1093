"""Hints name the next step: every command and option that a message or a page of help names is there."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import registry as package
from registry_cli.main import registry
from tests.command_line import commands

SOURCES = sorted(Path(package.__file__).parent.rglob("*.py"))
NAMED = re.compile(r"`(registry(?: [^`]*)?)`")
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]+)(?![\w-])")
OPTIONS = {"--help", "--check"} | {
    option for _, command in commands() for param in command.params for option in (*param.opts, *param.secondary_opts)
}


def texts(path: Path) -> Iterator[str]:
    """Every text in a module, with ``X`` where something is put in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within:
            yield node.value


def named() -> Iterator[tuple[str, str]]:
    for path in SOURCES:
        for text in texts(path):
            for found in NAMED.findall(text):
                yield f"{path.name}: {found}", found


@pytest.mark.parametrize("line", [pytest.param(line, id=name) for name, line in dict(named()).items()])
def test_a_command_that_a_text_names_is_there_with_its_options(line: str) -> None:
    words = shlex.split(line.replace("…", " "))[1:]
    command: click.Command = registry
    while words:
        word = words.pop(0)
        if word.startswith("-"):
            options = {name: param for param in command.params for name in (*param.opts, *param.secondary_opts)}
            assert word in options
            option = options[word]
            if words and isinstance(option, click.Option) and not option.is_flag and not words[0].startswith("-"):
                words.pop(0)
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            assert found is not None, f"there is no command {word}"
            command = found


def test_many_texts_name_commands() -> None:
    assert len(dict(named())) > 10


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_an_option_that_a_text_names_is_there(path: Path) -> None:
    assert {option for text in texts(path) for option in OPTION.findall(text)} <= OPTIONS
