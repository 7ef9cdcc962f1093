"""The command `registry` as people run it: in this process, as a process of its own, or on a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple

import click
from click.testing import CliRunner

from registry_cli.main import registry

COMMAND = Path(sys.executable).with_name("registry")


class Ran(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


def run(store: Path | str, *arguments: str, **environment: str) -> Ran:
    """Run a command in this process, away from any terminal."""
    runner = CliRunner(env={"COLUMNS": "100", **environment})
    result = runner.invoke(registry, ["--store", str(store), *arguments], prog_name="registry")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def process(
    store: Path | str,
    *arguments: str | bytes,
    stdin: int | IO[str] = subprocess.DEVNULL,
    stdout: int | IO[str] = subprocess.PIPE,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Run a command as a process of its own."""
    ended = subprocess.run(
        [COMMAND, "--store", store, *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, "COLUMNS": "100", **(environment or {})},
        timeout=30,
        check=False,
    )
    return Ran(ended.returncode, (ended.stdout or b"").decode(), ended.stderr.decode())


def on_terminal(store: Path | str, *arguments: str, answers: str = "") -> Ran:
    """Run a command with a terminal as its input, on which somebody types ``answers``."""
    terminal, side = pty.openpty()
    try:
        os.write(terminal, answers.encode())
        return process(store, *arguments, stdin=side)
    finally:
        os.close(side)
        os.close(terminal)


def written(text: str) -> Counter[str]:
    """The characters of a table, however they are spread over lines."""
    return Counter(re.sub(r"[\s─━┌-╿]", "", text))


def commands(
    command: click.Command = registry, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, (*path, name))
