"""`registry init` and `registry apply`: make a registry and fill it from manifests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry_cli.options import LANGUAGE, on_terminal, opened

if TYPE_CHECKING:
    from registry.planning import Plan
    from registry.stores.port import Store

NOTHING = ("nothing was written", "未写入任何内容")
SHOWN = 12
"""How many effects are shown before the rest is counted."""


@click.command("init")
@click.option("--demo", is_flag=True, help="Load the demo too: the registry of a real privacy policy.")
@LANGUAGE
@click.pass_context
def init_command(ctx: click.Context, /, demo: bool, language: str) -> None:
    """Make the store where there is none, and load or update the vocabulary."""
    from registry.seeding import DEMO, VOCABULARY, seeds

    with opened(ctx, create=True) as store:
        vocabulary = says(language, f"vocabulary in {store.url}: ", f"{store.url}中的词表：")
        _write(store, [seeds(VOCABULARY)], vocabulary, language)
        if demo:
            _write(store, [seeds(DEMO)], says(language, "demo registry: ", "演示登记册："), language)


def _write(store: Store, paths: Sequence[Path], what: str, language: str) -> None:
    from registry.planning import apply, plan, read_manifests

    with store.reading() as reader:
        # A name in a new version of the vocabulary that somebody gave to a thing of their own must not keep it out.
        planned = plan(reader, read_manifests(reader, paths, same_name=True))
    apply(store, planned)
    click.echo(f"{what}{counted(planned, language)}", err=True)


def counted(planned: Plan, language: str) -> str:
    """The size of a plan in words."""
    if not planned.changes:
        return says(language, "no changes", "没有变化")
    new, changed, unchanged = len(planned.added), len(planned.changed), planned.unchanged
    return says(
        language,
        f"{new} new, {changed} changed, {unchanged} unchanged",
        f"新增{new}项，变更{changed}项，未变{unchanged}项",
    )


@click.command("apply")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--same-name", is_flag=True, help="Let things have names that others of their kind have.")
@LANGUAGE
@click.pass_context
def apply_command(ctx: click.Context, /, paths: tuple[str, ...], yes: bool, same_name: bool, language: str) -> None:
    """Load manifests: files, or directories with all their .yaml files.

    What a manifest declares becomes exactly what it says; what it does not name stays as it is. Everything is checked
    first: one wrong value, and nothing is written. On a terminal it asks before it writes.
    """
    from registry.effects import effects
    from registry.planning import apply, plan, read_manifests

    with opened(ctx) as store:
        with store.reading() as reader:
            planned = plan(reader, read_manifests(reader, paths, same_name=same_name))
            means = effects(reader, planned)
        asking = not yes and on_terminal()
        _tell(planned, [effect.what.to(language) for effect in means], language, whole=asking)
        if not planned.changes:
            return
        if asking and not click.confirm(says(language, "Apply?", "是否应用？"), err=True):
            click.echo(says(language, *NOTHING), err=True)
            ctx.exit(1)
        apply(store, planned)
        click.echo(says(language, "applied", "已应用"), err=True)


def _tell(planned: Plan, means: Sequence[str], language: str, *, whole: bool) -> None:
    from registry.model.graph import GRAPH

    for node_type in GRAPH.node_types:
        new = sum(change.id.label == node_type.label for change in planned.added)
        changed = [change.id.key for change in planned.changed if change.id.label == node_type.label]
        if new or changed:
            names = ", ".join(changed[:SHOWN]) + (" …" if len(changed) > SHOWN else "")
            en = f"{node_type.section}: {new} new" + (f", {len(changed)} changed ({names})" if changed else "")
            zh = f"{node_type.zh}：新增{new}项" + (f"，变更{len(changed)}项（{names}）" if changed else "")
            click.echo(says(language, en, zh), err=True)
    tell_effects(means, language, whole=whole)
    click.echo(counted(planned, language), err=True)


def tell_effects(means: Sequence[str], language: str, *, whole: bool = True) -> None:
    """Print what a change means for people; only the first `SHOWN` lines, and their number, where not ``whole``."""
    if means:
        click.echo(says(language, "for people this means:", "对个人的影响："), err=True)
        shown = means if whole else means[:SHOWN]
        for line in shown:
            click.echo(f"  {line}", err=True)
        left = len(means) - len(shown)
        if left:
            click.echo(says(language, f"  … and {left:,} more", f"  ……另有{left:,}项"), err=True)


def says(language: str, en: str, zh: str) -> str:
    """The words of this language."""
    return zh if language == "zh" else en
