"""The sessions that the documentation shows: `python -m tests.refresh_docs` runs them and writes what they print now.

A page is one session in an empty directory: each `$ registry …` line of a console block runs in the order of the page,
and a yaml block whose first line is a comment with a file name (`# push.yaml`) is that file. A line `…` in shown
output stands for any lines left out. In a page of the guide, `registry` is the command of the running interpreter.
"""

from __future__ import annotations

import difflib
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md")))
COMMAND = Path(sys.executable).with_name("registry")
LEFT_OUT = "…"
WIDTH = "100"
"""How wide the terminal of the documentation is."""


@dataclass(frozen=True)
class Shown:
    """A command as a page shows it. ``first`` and ``last`` bound the lines of its output in the page, from 0."""

    page: Path
    command: str
    first: int
    last: int
    output: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.first}"

    @property
    def fails(self) -> bool:
        """Whether the page shows that the command ends with an error."""
        return any(line.startswith(("error: ", "Error: ", "错误：")) for line in self.output)


@dataclass(frozen=True)
class Written:
    """A file that a page asks the reader to write."""

    name: str
    text: str


class Ran(NamedTuple):
    """What a command printed, as a terminal shows it, and how it ended."""

    lines: tuple[str, ...]
    code: int


@dataclass
class Block:
    """A fenced block of a page: its language, and its lines with the number of the first."""

    language: str
    start: int
    lines: list[str] = field(default_factory=list)


def blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Every fenced block, in the order of the page."""
    block: Block | None = None
    for number, line in enumerate(lines):
        if line.startswith("```"):
            if block is not None:
                yield block
                block = None
            else:
                block = Block(line[3:].strip(), number + 1)
        elif block is not None:
            block.lines.append(line)


def steps(page: Path) -> Iterator[Shown | Written]:
    """What a reader of the page does, in order: files to write and commands to run."""
    for block in blocks(page.read_text(encoding="utf-8").splitlines()):
        if block.language == "console":
            yield from _commands(page, block)
        elif block.language == "yaml" and block.lines and _is_name(block.lines[0]):
            yield Written(block.lines[0][2:].strip(), "\n".join(block.lines) + "\n")


def _is_name(line: str) -> bool:
    return line.startswith("# ") and line.endswith(".yaml") and " " not in line[2:]


def _commands(page: Path, block: Block) -> Iterator[Shown]:
    number = 0
    while number < len(block.lines):
        command = block.lines[number].removeprefix("$ ")
        if command == block.lines[number]:
            raise ValueError(f"{page.name}:{block.start + number + 1}: a console block begins with a command")
        number += 1
        while command.endswith("\\"):
            command = command[:-1] + block.lines[number].removeprefix("> ")
            number += 1
        first = number
        while number < len(block.lines) and not block.lines[number].startswith("$ "):
            number += 1
        yield Shown(page, command, block.start + first, block.start + number, tuple(block.lines[first:number]))


def run(command: str, directory: Path) -> Ran:
    """Run a command of `registry` in ``directory``, its two outputs in the order in which they came."""
    name, *arguments = shlex.split(command)
    if name != "registry":
        raise ValueError(
            f"{command}: only `registry` runs in a console block; show others in a block of another language"
        )
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("REGISTRY_", "COV_"))}
    # Unbuffered, so that both outputs come in the order of a terminal.
    environment |= {
        "COLUMNS": WIDTH,
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "NO_COLOR": "1",
        "REGISTRY_LANG": "en",
    }
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    return Ran(tuple(line.rstrip() for line in done.stdout.splitlines()), done.returncode)


def session(page: Path) -> Iterator[tuple[Shown, Ran]]:
    """Do what the page shows in an empty directory; each command with what it printed."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for step in steps(page):
            if isinstance(step, Written):
                path = directory / step.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.text, encoding="utf-8")
            else:
                yield step, run(step.command, directory)


def pieces(shown: Sequence[str]) -> list[list[str]]:
    """The shown lines between the places where lines are left out."""
    found: list[list[str]] = [[]]
    for line in shown:
        if line == LEFT_OUT:
            found.append([])
        else:
            found[-1].append(line.rstrip())
    return found


def agrees(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether a command that printed this may be shown so."""
    first, *rest = pieces(shown)
    if not rest:
        return first == list(printed)
    last = rest.pop()
    if list(printed[: len(first)]) != first or len(first) + len(last) > len(printed):
        return False
    end = len(printed) - len(last)
    if list(printed[end:]) != last:
        return False
    at = len(first)
    for piece in rest:
        found = next(
            (start for start in range(at, end - len(piece) + 1) if list(printed[start : start + len(piece)]) == piece),
            None,
        )
        if found is None:
            return False
        at = found + len(piece)
    return True


def refreshed(shown: Sequence[str], printed: Sequence[str]) -> list[str]:
    """What to show now: as many lines at each end as before, and between them the pieces that begin alike."""
    if agrees(shown, printed):
        return list(shown)
    first, *rest = pieces(shown)
    if not rest:
        return list(printed)
    last = rest.pop()
    found = list(printed[: len(first)])
    at, end = len(first), len(printed) - len(last)
    for piece in rest:
        near = difflib.get_close_matches(piece[0], printed[at:end], 1, 0.4) if piece else []
        if near:
            start = printed.index(near[0], at)
            at = min(start + len(piece), end)
            found += [LEFT_OUT, *printed[start:at]]
    return [*found, LEFT_OUT, *printed[end:]]


def refresh(page: Path) -> bool:
    """Write the page with what its commands print now; whether it changed."""
    lines = page.read_text(encoding="utf-8").splitlines()
    changes = [(shown, refreshed(shown.output, ran.lines)) for shown, ran in session(page)]
    for shown, wanted in reversed(changes):
        lines[shown.first : shown.last] = wanted
    text = "\n".join(lines) + "\n"
    changed = text != page.read_text(encoding="utf-8")
    if changed:
        page.write_text(text, encoding="utf-8")
    return changed


if __name__ == "__main__":
    for one in PAGES:
        if refresh(one):
            print(f"refreshed {one.relative_to(ROOT)}: read the difference before you commit it")
