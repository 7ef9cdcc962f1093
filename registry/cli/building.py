"""`registry init` and `registry apply`: make a registry and fill it from manifests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli.options import LANGUAGE, on_terminal, opened

if TYPE_CHECKING:
    from registry.planning import Plan
    from registry.stores.port import Store

SHOWN = 12
"""How many effects are shown before the rest is counted."""


@click.command("init")
@click.option("--demo", is_flag=True, help="Load the demo too: the registry of a real privacy policy.")
@click.pass_context
def init_command(ctx: click.Context, /, demo: bool) -> None:
    """Make the store where there is none, and load or update the vocabulary."""
    from registry.seeding import DEMO, VOCABULARY, seeds

    with opened(ctx, create=True) as store:
        _write(store, [seeds(VOCABULARY)], f"vocabulary in {store.url}")
        if demo:
            _write(store, [seeds(DEMO)], "demo registry")


def _write(store: Store, paths: Sequence[Path], what: str) -> None:
    from registry.planning import apply, plan, read_manifests

    with store.reading() as reader:
        planned = plan(reader, read_manifests(reader, paths))
    apply(store, planned)
    click.echo(f"{what}: {counted(planned)}", err=True)


def counted(planned: Plan) -> str:
    """The size of a plan in words."""
    if not planned.changes:
        return "no changes"
    return f"{len(planned.added)} new, {len(planned.changed)} changed, {planned.unchanged} unchanged"


@click.command("apply")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@LANGUAGE
@click.pass_context
def apply_command(ctx: click.Context, /, paths: tuple[str, ...], yes: bool, language: str) -> None:
    """Load manifests: files, or directories with all their .yaml files.

    What a manifest declares becomes exactly what it says; what it does not name stays as it is. Everything is checked
    first: one wrong value, and nothing is written. On a terminal it asks before it writes.
    """
    from registry.effects import effects
    from registry.planning import apply, plan, read_manifests

    with opened(ctx) as store:
        with store.reading() as reader:
            planned = plan(reader, read_manifests(reader, paths))
            means = effects(reader, planned)
        asking = not yes and on_terminal()
        _tell(planned, [effect.what.to(language) for effect in means], whole=asking)
        if not planned.changes:
            return
        if asking and not click.confirm("Apply?", err=True):
            click.echo("nothing was written", err=True)
            ctx.exit(1)
        apply(store, planned)
        click.echo("applied", err=True)


def _tell(planned: Plan, means: Sequence[str], *, whole: bool) -> None:
    from registry.model.graph import GRAPH

    for node_type in GRAPH.node_types:
        new = sum(change.id.label == node_type.label for change in planned.added)
        changed = [change.id.key for change in planned.changed if change.id.label == node_type.label]
        if new or changed:
            names = ", ".join(changed[:SHOWN]) + (" …" if len(changed) > SHOWN else "")
            click.echo(
                f"{node_type.section}: {new} new" + (f", {len(changed)} changed ({names})" if changed else ""), err=True
            )
    tell_effects(means, whole=whole)
    click.echo(counted(planned), err=True)


def tell_effects(means: Sequence[str], *, whole: bool = True) -> None:
    """Print what a change means for people; only the first `SHOWN` lines, and their number, where not ``whole``."""
    if means:
        click.echo("for people this means:", err=True)
        shown = means if whole else means[:SHOWN]
        for line in shown:
            click.echo(f"  {line}", err=True)
        if len(shown) < len(means):
            click.echo(f"  … and {len(means) - len(shown):,} more", err=True)
