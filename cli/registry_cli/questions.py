"""The questions as commands. Each calls one function of `registry.lineage` and prints its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from registry_cli.options import FORMAT, LANGUAGE, Command, reading, scope, scoped, scoped_by_flows

if TYPE_CHECKING:
    from registry.lineage import Window
    from registry.stores.port import Reader


def _question(command: Command) -> Command:
    """The options that every question takes besides its own."""
    for option in (LANGUAGE, FORMAT, scoped):
        command = option(command)
    return command


def _question_of_flows(command: Command) -> Command:
    """The same, without the filters by recipient."""
    for option in (LANGUAGE, FORMAT, scoped_by_flows):
        command = option(command)
    return command


def _windowed(command: Command) -> Command:
    for option in reversed(
        (
            click.option(
                "--limit",
                type=click.IntRange(1, 10_000),
                default=1_000,
                show_default=True,
                help="The most rows to show.",
            ),
            click.option("--after", default="", metavar="KEY", help="Go on after the row with this key (`noun:key`)."),
        )
    ):
        command = option(command)
    return command


def _answer(ctx: click.Context, name: str, asked: str, options: dict[str, Any]) -> None:
    from registry import lineage
    from registry_cli.rendering import print_answer

    language, form = options.pop("language"), options.pop("form")
    limit, after = options.pop("limit"), options.pop("after")
    with reading(ctx) as reader:
        window = _window(reader, limit, after)
        result = getattr(lineage, name)(reader, asked, scope=scope(**options), window=window)
        print_answer(result, form, language)


def _window(reader: Reader, limit: int, after: str) -> Window:
    from registry.lineage import Window, resolve

    return Window(limit, resolve(reader, after) if after else None)


@click.command("who-receives")
@click.argument("data")
@_question
@_windowed
@click.pass_context
def who_receives_command(ctx: click.Context, /, data: str, **options: Any) -> None:
    """Who receives DATA, and why: recipients with what they get, purposes, legal bases, clauses and degree.

    DATA is a category by key, alias, English or Chinese name; anything narrower counts. What only may be it is listed
    apart as possible.
    """
    _answer(ctx, "who_receives", data, options)


@click.command("what-receives")
@click.argument("recipient")
@_question
@_windowed
@click.pass_context
def what_receives_command(ctx: click.Context, /, recipient: str, **options: Any) -> None:
    """What RECIPIENT (or an organisation) gets: categories with purposes, permissions and controls."""
    _answer(ctx, "what_receives", recipient, options)


@click.command("why")
@click.argument("data")
@_question
@_windowed
@click.pass_context
def why_command(ctx: click.Context, /, data: str, **options: Any) -> None:
    """Why we hold DATA: purposes with activities, legal bases, retention and clauses."""
    _answer(ctx, "why", data, options)


@click.command("where-from")
@click.argument("data")
@_question_of_flows
@_windowed
@click.pass_context
def where_from_command(ctx: click.Context, /, data: str, **options: Any) -> None:
    """Where DATA comes from: sources with channels and permissions."""
    _answer(ctx, "where_from", data, options)


@click.command("if-revoked")
@click.argument("permission")
@_question
@_windowed
@click.pass_context
def if_revoked_command(ctx: click.Context, /, permission: str, **options: Any) -> None:
    """What stops when PERMISSION is revoked, what goes on, and whom to tell."""
    _answer(ctx, "if_revoked", permission, options)


@click.command("if-erased")
@click.argument("data")
@_question
@_windowed
@click.pass_context
def if_erased_command(ctx: click.Context, /, data: str, **options: Any) -> None:
    """What an erasure of DATA must reach: places and recipients to notify, what law keeps, deadlines."""
    _answer(ctx, "if_erased", data, options)


@click.command("if-breached")
@click.argument("holder")
@_question
@_windowed
@click.pass_context
def if_breached_command(ctx: click.Context, /, holder: str, **options: Any) -> None:
    """What a breach of HOLDER touches: data by sensitivity, people, onward recipients, duties to notify.

    HOLDER is a recipient, an organisation, or a product or system of one's own.
    """
    _answer(ctx, "if_breached", holder, options)


@click.command("path")
@click.argument("start")
@click.argument("goal")
@click.option("--data", default="", metavar="DATA", help="Only flows that carry this category or anything narrower.")
@click.option("--longest", type=click.IntRange(1, 12), default=6, show_default=True, help="The most flows on one path.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="The most paths.")
@_question_of_flows
@click.pass_context
def path_command(
    ctx: click.Context,
    /,
    start: str,
    goal: str,
    data: str,
    longest: int,
    limit: int,
    language: str,
    form: str,
    **options: Any,
) -> None:
    """How data gets from START to GOAL: every way that visits no place twice, shortest first."""
    from registry.lineage import path
    from registry_cli.rendering import print_answer

    with reading(ctx) as reader:
        result = path(reader, start, goal, data=data, scope=scope(**options), longest=longest, most=limit)
        print_answer(result, form, language)


@click.command("combinations")
@_question
@click.pass_context
def combinations_command(ctx: click.Context, /, language: str, form: str, **options: Any) -> None:
    """Which recipients hold kinds of data that identify a person only together."""
    from registry.lineage import combinations
    from registry_cli.rendering import print_answer

    with reading(ctx) as reader:
        print_answer(combinations(reader, scope=scope(**options)), form, language)
