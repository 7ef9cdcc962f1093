"""Writes every file that derives from the code: `python -m registry_cli.generate`, or checks them with `--check`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from registry.model.graph_reference import graph_reference
from registry.model.json_schema import manifest_schema
from registry.stores.neo4j.schema import cypher
from registry_cli.main import registry

WIDTH = 110


def cli_reference() -> str:
    """The reference page of the command line: every command with its help, in Markdown."""
    lines = ["# Commands", "", "<!-- Generated from cli/registry_cli by `make generate`; do not edit. -->"]
    for path, command in _commands(registry, ("registry",)):
        context = click.Context(command, info_name=" ".join(path), terminal_width=WIDTH, **registry.context_settings)
        lines += ["", f"## {' '.join(path)}", "", "```text", command.get_help(context).rstrip(), "```"]
    return "\n".join(lines) + "\n"


def _commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, **registry.context_settings)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _commands(found, (*path, name))


def _schema() -> str:
    return json.dumps(manifest_schema(), ensure_ascii=False, indent=2) + "\n"


GENERATED: Mapping[str, Callable[[], str]] = {
    "schema/manifest.schema.json": _schema,
    "schema/neo4j.cypher": cypher,
    "docs/graph.md": graph_reference,
    "docs/cli.md": cli_reference,
}


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when a file is stale.")
@click.argument("root", type=click.Path(file_okay=False, path_type=Path), default=Path())
def generate(check: bool, root: Path) -> None:
    """Write the generated files below ROOT."""
    stale = []
    for name, text in GENERATED.items():
        path = root / name
        wanted = text()
        if path.exists() and path.read_text(encoding="utf-8") == wanted:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted, encoding="utf-8")
            click.echo(f"wrote {name}")
    if check and stale:
        raise click.ClickException(f"stale: {', '.join(stale)}; run `make generate`")


if __name__ == "__main__":
    generate()
