"""What a command says before and after it writes one thing, and the manifest of what it wrote."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry_cli.applying import NOTHING, counted, says, tell_effects
from registry_cli.options import on_terminal

if TYPE_CHECKING:
    from registry.model.snapshot import NodeId, Snapshot
    from registry.planning import Plan
    from registry.stores.port import Reader, Store


@dataclass(frozen=True)
class Intended:
    """What is to be written, what it means in words, and the file of manifests as it will be."""

    plan: Plan
    declared: Snapshot
    sentence: str
    means: tuple[str, ...]
    file: str = ""
    text: bytes = b""


def intended(reader: Reader, declared: Snapshot, main: NodeId, language: str, file: str = "") -> Intended:
    """What registering ``declared`` would write; ``main`` is the thing that the command is about."""
    from registry.effects import effects
    from registry.manifest_text import added
    from registry.model.graph import FLOW
    from registry.planning import plan
    from registry.sentences import sentence

    planned = plan(reader, declared)
    means = tuple(effect.what.to(language) for effect in effects(reader, planned))
    said = ""
    if main.label == FLOW:
        leads = [edge for edge in declared.edges.values() if edge.source == main]
        said = sentence(reader, declared.nodes[main], leads, declared.nodes).to(language)
    text = added(reader, _content(file), file, declared) if file else b""
    return Intended(planned, declared, said, means, file, text)


def write(ctx: click.Context, store: Store, what: Intended, *, yes: bool, language: str, asked: str, done: str) -> None:
    """Say what it means, ask on a terminal, write it, and give its manifest: on standard output, or in the file."""
    from registry.manifest_text import manifest
    from registry.planning import apply

    if not what.plan.changes:
        click.echo(counted(what.plan, language), err=True)
        return
    if what.sentence:
        click.echo(what.sentence, err=True)
    tell_effects(what.means, language)
    if not yes and on_terminal() and not click.confirm(asked, default=True, err=True):
        click.echo(says(language, *NOTHING), err=True)
        ctx.exit(1)
    with _replaced(what.file, what.text):
        apply(store, what.plan)
        names = says(language, ", ", "、").join(change.id.reference for change in what.plan.changes)
        click.echo(done + names, err=True)
    if what.file:
        click.echo(says(language, "added to ", "已写入：") + what.file, err=True)
    else:
        click.echo(manifest(what.declared), nl=False)


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except FileNotFoundError:
        return b""


@contextmanager
def _replaced(file: str, text: bytes) -> Iterator[None]:
    """Write the file beside where it goes, and put it there only when all within went well."""
    if not file:
        yield
        return
    path = Path(os.path.realpath(file))
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OSError(error.errno, error.strerror, file) from error  # nobody named the file beside it
    try:
        with open(number, "wb") as beside:
            beside.write(text)
        # Who may read it stays as it was.
        Path(name).chmod(path.stat().st_mode if path.exists() else 0o666 & ~_umask())
        yield
        os.replace(name, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now
