"""`registry flow`: add, show, list and close flows."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from registry.cli.adding import adding
from registry.cli.browsing import print_node
from registry.cli.options import FORMAT, LANGUAGE, opened, reading, scope, scoped
from registry.model.graph import FLOW, GRAPH


@click.group("flow")
def flow_command() -> None:
    """Add, show, list and close data flows."""


def _flow_add() -> click.Command:
    command = adding(GRAPH.node(FLOW))
    command.name = "add"
    return command


flow_command.add_command(_flow_add())


@flow_command.command("show")
@click.argument("key")
@LANGUAGE
@FORMAT
@click.pass_context
def flow_show(ctx: click.Context, /, key: str, language: str, form: str) -> None:
    """Show the flow KEY with everything it leads to."""
    from registry.lineage import resolve

    with reading(ctx) as reader:
        print_node(reader, resolve(reader, key, [FLOW]), language, form)


@flow_command.command("list")
@scoped
@click.option("--limit", type=click.IntRange(1, 100_000), default=1_000, show_default=True, help="The most flows to show.")
@LANGUAGE
@FORMAT
@click.pass_context
def flow_list(ctx: click.Context, /, limit: int, language: str, form: str, **options: Any) -> None:
    """List flows, with where they come from, where they go and what they carry."""
    from registry.cli.browsing import print_flows

    with reading(ctx) as reader:
        print_flows(reader, scope(**options), limit, language, form)


@flow_command.command("close")
@click.argument("key")
@click.option("--reason", required=True, help="Why it is closed.")
@click.option("--on", "day", default=None, metavar="DATE", help="The last day on which it happened; today where not given.")
@click.pass_context
def flow_close(ctx: click.Context, /, key: str, reason: str, day: str | None) -> None:
    """Close the flow KEY. A flow is closed, never deleted: a register must answer for the past."""
    from registry.lineage import resolve
    from registry.planning import close_flow

    try:
        on = date.fromisoformat(day).isoformat() if day else date.today().isoformat()
    except ValueError:
        raise click.BadParameter(f"{day!r} is no date; write it as 2026-05-01", param_hint="--on") from None
    with opened(ctx) as store:
        with store.reading() as reader:
            flow = resolve(reader, key, [FLOW])
        closed = close_flow(store, flow.key, reason=reason, on=on)
    click.echo(f"closed {closed.id.key} on {closed.word('effective_to')}", err=True)
