"""`registry add`, `change` and `flow`: the groups whose commands register, change, show, list and close.

The commands that derive their options from the declared graph are made only when they are used.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from registry.bilingual import Text
from registry_cli.options import FORMAT, LANGUAGE, Nearest, opened, reading, scope, scoped

if TYPE_CHECKING:
    from registry.model.declaration import NodeType


class _Kinds(Nearest):
    """One subcommand for each kind of node, made when it is asked for by the function of this name."""

    made_by = "adding"

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The nouns, in the order declared."""
        from registry.model.graph import GRAPH

        return [node.noun.replace("_", "-") for node in GRAPH.node_types]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command for a noun."""
        from registry.model.graph import GRAPH

        node_type = GRAPH.by_noun.get(cmd_name.replace("-", "_"))
        return _made(self.made_by, node_type) if node_type else None


class _KindsChanged(_Kinds):
    made_by = "changing"


def _made(by: str, node_type: NodeType, name: str = "") -> click.Command:
    from registry_cli import node_options

    make = node_options.adding if by == "adding" else node_options.changing
    return make(node_type, name)


@click.group("add", cls=_Kinds)
def add_command() -> None:
    """Register one thing by options: `registry add recipient KEY --name-en … --name-zh …`."""


@click.group("change", cls=_KindsChanged)
def change_command() -> None:
    """Change one thing by options: `registry change recipient KEY --role processor`."""


class _FlowCommands(Nearest):
    """The commands of a flow; `add` and `change` are made when they are asked for."""

    made = {"add": "adding", "change": "changing"}  # noqa: RUF012

    def list_commands(self, ctx: click.Context) -> list[str]:
        """`add` and `change` first."""
        return [*self.made, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in self.made:
            return super().get_command(ctx, cmd_name)
        from registry.model.graph import FLOW, GRAPH

        return _made(self.made[cmd_name], GRAPH.node(FLOW), cmd_name)


@click.group("flow", cls=_FlowCommands)
def flow_command() -> None:
    """Add, change, show, list and close data flows."""


@flow_command.command("show")
@click.argument("key")
@LANGUAGE
@FORMAT
@click.pass_context
def flow_show(ctx: click.Context, /, key: str, language: str, form: str) -> None:
    """Show the flow KEY with everything it leads to."""
    from registry.lineage import resolve
    from registry.model.graph import FLOW
    from registry_cli.listing import print_node

    with reading(ctx) as reader:
        print_node(reader, resolve(reader, key, [FLOW]), language, form)


@flow_command.command("list")
@scoped
@click.option("--limit", type=click.IntRange(1, 100_000), default=1_000, show_default=True, help="The most flows.")
@click.option("--after", default="", metavar="KEY", help="Go on after the flow with this key.")
@LANGUAGE
@FORMAT
@click.pass_context
def flow_list(ctx: click.Context, /, limit: int, after: str, language: str, form: str, **options: Any) -> None:
    """List flows, with where they come from, where they go and what they carry."""
    from registry_cli.listing import print_flows

    with reading(ctx) as reader:
        print_flows(reader, scope(**options), limit, after, language, form)


@flow_command.command("close")
@click.argument("key")
@click.option("--reason", required=True, help="Why it is closed.")
@click.option("--on", "day", default=None, metavar="DATE", help="The last day on which it happened; today by default.")
@LANGUAGE
@click.pass_context
def flow_close(ctx: click.Context, /, key: str, reason: str, day: str | None, language: str) -> None:
    """Close the flow KEY. A flow is closed, never deleted: a register must answer for the past."""
    from registry.lineage import resolve
    from registry.model.graph import FLOW
    from registry.planning import close_flow

    try:
        today = date.today().isoformat()
        on = date.fromisoformat(day).isoformat() if day else today
    except ValueError:
        told = Text(f"{day!r} is no date; write it as 2026-05-01", f"{day!r}不是日期；写作2026-05-01")
        raise click.BadParameter(told.to(language), param_hint="--on") from None
    with opened(ctx) as store:
        with store.reading() as reader:
            flow = resolve(reader, key, [FLOW])
        closed = close_flow(store, flow.key, reason=reason, on=on, today=today)
    ended = closed.word("effective_to")
    click.echo(Text(f"closed {closed.id.key} on {ended}", f"已关闭{closed.id.key}，截至{ended}").to(language), err=True)
