"""The questions as commands. Each calls one function of `registry.lineage` and prints its answer."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from registry_cli.options import FORMAT, LANGUAGE, Command, reading, scope, scoped, scoped_by_flows

if TYPE_CHECKING:
    from registry.lineage import Answer, Row, Scope, Window
    from registry.stores.port import Reader
    from registry_cli.overview import Shown

    Ask = Callable[[Reader, Scope, Window], Answer]

MOST = 1_000
"""The most rows of an answer that is wanted whole, where the asker sets no other limit."""

ROW = click.argument("row", required=False, metavar="[ROW]")
_ALL = click.option(
    "--all", "everything", is_flag=True, help="A line for every row, also for those by a catch-all category alone."
)
_DETAILS = click.option("--details", is_flag=True, help="Everything about each row, with its flows and clauses.")
_FLOWS = click.option(
    "--flows",
    type=click.IntRange(0, 10_000),
    default=20,
    show_default=True,
    help="The most flows of a row in json and csv.",
)
_LIMIT = click.option(
    "--limit", type=click.IntRange(1, 10_000), default=None, help="The most rows; all that fit, or 1000, by default."
)
_AFTER = click.option("--after", default="", metavar="KEY", help="Go on after the row with this key (`noun:key`).")
_SHOWING = (_ALL, _DETAILS, _FLOWS, FORMAT, LANGUAGE)


def _options(*several: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(several):
            command = option(command)
        return command

    return decorate


_question = _options(scoped, _LIMIT, _AFTER, *_SHOWING)
_question_of_flows = _options(scoped_by_flows, _LIMIT, _AFTER, *_SHOWING)


def _answer_about(ctx: click.Context, question: str, about: str, row: str | None, options: dict[str, Any]) -> None:
    """The answer to a question of `registry.lineage` about one thing."""
    from registry import lineage

    def ask(reader: Reader, within: Scope, page: Window) -> Answer:
        answer: Answer = getattr(lineage, question)(reader, about, scope=within, window=page)
        return answer

    _answer(ctx, (about,), row, ask, options)


def _answer(ctx: click.Context, about: tuple[str, ...], row: str | None, ask: Ask, options: dict[str, Any]) -> None:
    from registry.lineage import Window, resolve
    from registry_cli.overview import ROWS, Shown
    from registry_cli.rendering import print_answer

    language, form = options.pop("language"), options.pop("form")
    limit, after, flows = options.pop("limit", None), options.pop("after", ""), options.pop("flows")
    command = " ".join(["registry", ctx.info_name or "", *map(_quoted, about)])
    shown = Shown(options.pop("details"), options.pop("everything"), command, bool(limit or after))
    # What an overview does not show need not be read.
    overview = form == "table" and not (shown.details or shown.everything or row)
    with reading(ctx) as reader:
        first = limit or (ROWS if overview else MOST)
        answer = ask(reader, scope(**options), Window(first, resolve(reader, after) if after else None, flows))
        if row:
            _print_row(answer, row, form, language, shown)
        else:
            print_answer(answer, form, language, shown)


def _quoted(word: str) -> str:
    """A word as a shell takes it; a word without spaces and signs stays as it is, in whatever script."""
    return word if word.replace("-", "").replace(":", "").isalnum() else shlex.quote(word)


def _print_row(answer: Answer, asked: str, form: str, language: str, shown: Shown) -> None:
    """Print the one row with that number, key or name."""
    from dataclasses import replace

    from registry.model.snapshot import normalised
    from registry.model.suggestions import meant, nearest
    from registry_cli.details import print_row
    from registry_cli.rendering import print_answer

    names = {normalised(name): row for row in answer.rows for name in _names(answer, row)}
    place = int(asked) if asked.isdecimal() else 0
    found = answer.rows[place - 1] if 0 < place <= len(answer.rows) else names.get(normalised(asked))
    if found is None:
        hint = meant(nearest(asked, names)).en.capitalize() or f"The answer has {len(answer.rows):,} rows."
        raise click.BadParameter(f"the answer has no row {asked!r}. {hint}", param_hint="ROW")
    if form == "table":
        print_row(answer, found, language)
    else:
        print_answer(replace(answer, rows=(found,)), form, language, shown)


def _names(answer: Answer, row: Row) -> tuple[str, ...]:
    from registry.model.snapshot import names_of

    return () if row.end is None else (row.end.reference, *names_of(answer.node(row.end)))


@click.command("who-receives")
@click.argument("data")
@ROW
@_question
@click.pass_context
def who_receives_command(ctx: click.Context, /, data: str, row: str | None, **options: Any) -> None:
    """Who receives DATA, and why: recipients with what they get, purposes, legal bases, clauses and degree.

    DATA is a category by key, alias, English or Chinese name; anything narrower counts. What only may be it is listed
    apart as possible. ROW, a number or a name, shows everything about one row.
    """
    _answer_about(ctx, "who_receives", data, row, options)


@click.command("what-receives")
@click.argument("recipient")
@ROW
@_question
@click.pass_context
def what_receives_command(ctx: click.Context, /, recipient: str, row: str | None, **options: Any) -> None:
    """What RECIPIENT (or an organisation) gets: categories with purposes, permissions and controls.

    ROW, a number or a name, shows everything about one row.
    """
    _answer_about(ctx, "what_receives", recipient, row, options)


@click.command("why")
@click.argument("what")
@ROW
@_question
@click.pass_context
def why_command(ctx: click.Context, /, what: str, row: str | None, **options: Any) -> None:
    """Why WHAT, a kind of data or a permission, is used: purposes with activities, legal bases, retention and clauses.

    ROW, a number or a name, shows everything about one row.
    """
    _answer_about(ctx, "why", what, row, options)


@click.command("where-from")
@click.argument("data")
@ROW
@_question_of_flows
@click.pass_context
def where_from_command(ctx: click.Context, /, data: str, row: str | None, **options: Any) -> None:
    """Where DATA comes from: sources with channels and permissions.

    ROW, a number or a name, shows everything about one row.
    """
    _answer_about(ctx, "where_from", data, row, options)


@click.command("held-about")
@click.argument("subject")
@ROW
@_question
@click.pass_context
def held_about_command(ctx: click.Context, /, subject: str, row: str | None, **options: Any) -> None:
    """What is held about SUBJECT, a group of people: what a request for access must be told (PIPL 45, GDPR 15).

    Each kind of data with whence it comes, why and on which basis, to whom it goes, where and how long it is kept;
    sensitive data first. ROW, a number or a name, shows everything about one row.
    """
    _answer_about(ctx, "held_about", subject, row, options)


@click.command("if-revoked")
@click.argument("what")
@ROW
@_question
@click.pass_context
def if_revoked_command(ctx: click.Context, /, what: str, row: str | None, **options: Any) -> None:
    """What stops without WHAT: a permission revoked, a control used, or a legal basis withdrawn; and what goes on.

    Each activity with whom to tell, and the legal bases of what goes on. ROW, a number or a name, shows everything
    about one row.
    """
    _answer_about(ctx, "if_revoked", what, row, options)


@click.command("if-erased")
@click.argument("data")
@ROW
@_question
@click.pass_context
def if_erased_command(ctx: click.Context, /, data: str, row: str | None, **options: Any) -> None:
    """What an erasure of DATA must reach: places and recipients to notify, what law keeps, deadlines.

    Whoever got it by a flow that has ended still holds it until its retention ends. ROW, a number or a name, shows
    everything about one row.
    """
    _answer_about(ctx, "if_erased", data, row, options)


@click.command("if-breached")
@click.argument("holder")
@ROW
@_question
@click.pass_context
def if_breached_command(ctx: click.Context, /, holder: str, row: str | None, **options: Any) -> None:
    """What a breach of HOLDER touches: data by sensitivity, people, onward recipients, duties to notify.

    HOLDER is a recipient, an organisation, or a product or system of one's own. What came by a flow that has ended is
    still held until its retention ends. ROW, a number or a name, shows everything about one row.
    """
    _answer_about(ctx, "if_breached", holder, row, options)


@click.command("path")
@click.argument("start")
@click.argument("goal")
@ROW
@click.option("--data", default="", metavar="DATA", help="Only flows that carry this category or anything narrower.")
@click.option("--longest", type=click.IntRange(1, 12), default=6, show_default=True, help="The most flows on one path.")
@click.option("--limit", "most", type=click.IntRange(1, 10_000), default=100, show_default=True, help="The most paths.")
@_options(scoped_by_flows, *_SHOWING)
@click.pass_context
def path_command(
    ctx: click.Context, /, start: str, goal: str, row: str | None, data: str, longest: int, most: int, **options: Any
) -> None:
    """How data gets from START to GOAL: every path that visits no place twice, shortest first.

    ROW, a number, shows everything about one path.
    """
    from registry.lineage import path

    def ask(reader: Reader, within: Scope, page: Window) -> Answer:
        return path(reader, start, goal, data=data, scope=within, longest=longest, most=most)

    _answer(ctx, (start, goal), row, ask, options)


@click.command("combinations")
@ROW
@_options(scoped, *_SHOWING)
@click.pass_context
def combinations_command(ctx: click.Context, /, row: str | None, **options: Any) -> None:
    """Which recipients hold kinds of data that identify a person only together.

    ROW, a number or a name, shows everything about one row.
    """
    from registry.lineage import combinations

    def ask(reader: Reader, within: Scope, page: Window) -> Answer:
        return combinations(reader, scope=within)

    _answer(ctx, (), row, ask, options)
