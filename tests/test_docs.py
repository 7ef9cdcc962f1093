"""The documentation keeps what it promises: sessions print what it shows, links lead somewhere, commands exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from registry.documents import collection, permissions, sharing
from registry_cli.main import registry
from tests.refresh_docs import PAGES, ROOT, agrees, blocks, refreshed, session

GENERATED = (ROOT / "docs" / "cli.md", ROOT / "docs" / "graph.md")
WRITTEN = (*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs" / "adr").glob("*.md")))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def commands(command: click.Command, path: tuple[str, ...] = ("registry",)) -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups included."""
    yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            found = command.get_command(context, word)
            assert found is not None
            yield from commands(found, (*path, word))


COMMANDS = dict(commands(registry))


def prose(page: Path) -> list[str]:
    """The lines of a page; those inside blocks are empty."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for block in blocks(lines):
        lines[block.start - 1 : block.start + len(block.lines) + 1] = [""] * (len(block.lines) + 2)
    return lines


def anchors(page: Path) -> set[str]:
    """The names by which links reach the headings of a page, as GitHub makes them."""
    headings = (line.lstrip("#").strip() for line in prose(page) if line.startswith("#"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The relative links of a page: file and anchor."""
    for target in re.findall(r"\]\(([^)\s]+)\)", "\n".join(prose(page))):
        if not re.match(r"[a-z]+:", target):
            file, _, anchor = target.partition("#")
            yield file, anchor


def spoken(page: Path) -> Iterator[list[str]]:
    """The words of each command that stands in backticks in the text of a page."""
    for span in re.findall(r"`([^`]+)`", " ".join(prose(page))):
        if span.split()[0] == "registry" and span != "registry":
            yield span.split()


def addressed(words: list[str]) -> tuple[str, click.Command]:
    """The command that these words call, as far as they go."""
    path = "registry"
    rest = [word for at, word in enumerate(words[1:], 1) if not word.startswith("-") and words[at - 1] != "--store"]
    for word in rest:
        if f"{path} {word}" not in COMMANDS:
            break
        path = f"{path} {word}"
    return path, COMMANDS[path]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_command_of_a_page_prints_what_the_page_shows_and_fails_only_where_it_shows_an_error(page: Path) -> None:
    stale = [
        f"{shown.place}: $ {shown.command} (exit code {ran.code})\n" + "\n".join(refreshed(shown.output, ran.lines))
        for shown, ran in session(page)
        if not agrees(shown.output, ran.lines) or shown.fails != (ran.code != 0)
    ]

    assert not stale, "\n\n".join([*stale, "`python -m tests.refresh_docs` writes what is printed now"])


@pytest.mark.parametrize("page", [*WRITTEN, *GENERATED], ids=name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    def leads(file: str, anchor: str) -> bool:
        target = page.parent / file if file else page
        return target.exists() and (not anchor or anchor in anchors(target))

    assert [link for link in links(page) if not leads(*link)] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    following = {ROOT / "README.md"}
    while following:
        page = following.pop()
        reached.add(page)
        for file, _ in links(page):
            target = (page.parent / file).resolve()
            target = target / "README.md" if (target / "README.md").exists() else target
            if target.suffix == ".md" and target not in reached:
                following.add(target)

    assert [name(page) for page in (*WRITTEN, *GENERATED) if page not in reached] == []


def test_every_command_of_the_reference_exists_and_has_help() -> None:
    headings = [line.removeprefix("## ") for line in prose(ROOT / "docs" / "cli.md") if line.startswith("## ")]

    assert headings
    assert [heading for heading in headings if not (heading in COMMANDS and COMMANDS[heading].help)] == []


def test_every_command_stands_in_the_reference() -> None:
    lines = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").splitlines()

    assert [path for path in COMMANDS if f"## {path}" not in lines] == []


def test_every_command_is_mentioned_in_the_readme_or_the_guide() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    # `add` and `change` have a subcommand for each kind of node; the reference has them all.
    wanted = [path for path in COMMANDS if not path.startswith(("registry add ", "registry change "))]

    assert [path for path in wanted if not re.search(rf"{path}\b", text)] == []


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_every_command_and_option_named_in_the_text_exists(page: Path) -> None:
    wrong = []
    for words in spoken(page):
        path, command = addressed(words)
        known = {
            option
            for one in (command, registry)
            for param in one.params
            for option in (*param.opts, *param.secondary_opts)
        }
        known |= {"--help", "-h", "--version"}
        unknown = [word for word in words if word.startswith("-") and word.partition("=")[0] not in known]
        at = len(path.split())
        if isinstance(command, click.Group) and at < len(words) and words[at].isidentifier() and words[at].islower():
            unknown.append(words[at])
        wrong += [" ".join(words)] if unknown else []

    assert wrong == []


def test_the_guide_has_every_column_of_every_list() -> None:
    lines = (ROOT / "docs" / "guide" / "lists.md").read_text(encoding="utf-8").splitlines()
    headings = [heading for module in (sharing, collection, permissions) for heading in module.COLUMNS]
    rows = [f"| {one.name.en} | {one.name.zh} | {one.law.en if one.law else ''} |" for one in headings]

    assert [row for row in rows if row not in lines] == []


def test_left_out_lines_may_be_any() -> None:
    printed = ["a", "b", "c", "d", "e"]

    assert agrees(["a", "…", "c", "…", "e"], printed)
    assert agrees(["…"], printed)
    assert agrees(printed, printed)
    assert not agrees(["a", "b"], printed)
    assert not agrees(["a", "…", "d", "c", "…"], printed)


def test_a_refreshed_output_keeps_what_was_left_out() -> None:
    shown = ["title", "one", "…", "total 4", "…", "end"]

    assert refreshed(shown, ["Title", "one", "two", "total 5", "rest", "end"]) == [
        "Title",
        "one",
        "…",
        "total 5",
        "…",
        "end",
    ]
