"""The command `registry` as people run it: in this process, as a process of its own, or on a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
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


def dialogue(store: Path | str, *arguments: str, turns: Iterable[tuple[str, str]]) -> tuple[int, str]:
    """Run a command wholly on a terminal, where somebody types each answer once its question is there.

    Its exit code, and all that stood on the terminal.
    """
    terminal, side = pty.openpty()
    environment = {**os.environ, "COLUMNS": "100", "TERM": "dumb"}
    with subprocess.Popen(
        [COMMAND, "--store", store, *arguments], stdin=side, stdout=side, stderr=side, env=environment
    ) as running:
        os.close(side)
        seen, start = b"", 0
        for question, answer in turns:
            while question.encode() not in seen[start:]:
                more = _read(terminal)
                if not more:
                    running.kill()
                assert more, f"{question!r} was never asked:\n{seen.decode()}"
                seen += more
            start = seen.index(question.encode(), start) + len(question.encode())
            os.write(terminal, answer.encode())
        while more := _read(terminal):
            seen += more
        code = running.wait(30)
    os.close(terminal)
    return code, seen.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    """What stands on a terminal; nothing once the command has ended."""
    try:
        if not select.select([terminal], [], [], 20)[0]:
            return b""
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""


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
