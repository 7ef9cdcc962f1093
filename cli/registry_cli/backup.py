"""`registry backup`, `restore` and `copy`: a copy in a file, the registry as it was then, and all of it elsewhere."""

from __future__ import annotations

from contextlib import closing

import click

from registry.bilingual import Text
from registry_cli.options import LANGUAGE, opened


@click.command("backup")
@click.argument("file")
@click.option("--force", is_flag=True, help="Write over the file if there is one.")
@LANGUAGE
@click.pass_context
def backup_command(ctx: click.Context, /, file: str, force: bool, language: str) -> None:
    """Write the registry to FILE, as it is at one point in time; others may go on using it.

    All of the copy is read before FILE appears. FILE is a registry itself: `registry --store FILE` asks it.
    """
    from registry.stores.sqlite import SqliteStore
    from registry.stores.sqlite.backup import backup, path_of

    with closing(SqliteStore(path_of(ctx.obj))) as store:
        contents = backup(store, file, force=force)
    _tell(file, contents.nodes, contents.edges, Text(f"of {store.url}", f"来自{store.url}"), language)


@click.command("restore")
@click.argument("file")
@click.option("--force", is_flag=True, help="Put it in the place of the registry that is there.")
@LANGUAGE
@click.pass_context
def restore_command(ctx: click.Context, /, file: str, force: bool, language: str) -> None:
    """Make the registry what it was when `registry backup` wrote FILE.

    All of FILE is read first. With `--force` others may be using the registry: for them it is one write.
    """
    from registry.stores.sqlite.backup import path_of, restore

    path = path_of(ctx.obj)
    contents, aside = restore(file, path, force=force)
    _tell(str(path), contents.nodes, contents.edges, Text(f"from {file}", f"来自{file}"), language)
    if aside is not None:
        kept = Text(f"what was there was damaged and is kept: {aside}", f"原有文件已损坏，保留为：{aside}")
        click.echo(kept.to(language), err=True)


@click.command("copy")
@click.option("--to", "target", required=True, metavar="URL", help="Where to: a file, or neo4j://host.")
@click.option("--into-existing", is_flag=True, help="Into a registry that holds something already.")
@LANGUAGE
@click.pass_context
def copy_command(ctx: click.Context, /, target: str, into_existing: bool, language: str) -> None:
    """Copy everything into another store, of whatever kind: all or nothing, and compared when it is there.

    The registry at URL is made if there is none, and must be empty. With `--into-existing` whatever is copied becomes
    there what it is here, and what is only there stays.
    """
    from registry.copying import copy
    from registry.stores import open_store

    with opened(ctx) as source, closing(open_store(target, create=True)) as store:
        copied = copy(source, store, into_existing=into_existing)
        _tell(store.url, copied.nodes, copied.edges, Text(f"of {source.url}", f"来自{source.url}"), language)
        click.echo(f"sha256 {copied.digest}", err=True)


def _tell(place: str, nodes: int, edges: int, origin: Text, language: str) -> None:
    """Say what is there now, and where it came from."""
    told = Text(
        f"{place}: {nodes:,} nodes and {edges:,} edges {origin.en}",
        f"{place}：{nodes:,}个节点、{edges:,}条关系，{origin.zh}",
    )
    click.echo(told.to(language), err=True)
