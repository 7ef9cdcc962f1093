"""Options that several commands share, and the store that a command works on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from registry.bilingual import LANGUAGES, Text

if TYPE_CHECKING:
    from registry.lineage import Scope
    from registry.stores.port import Reader, Store

Command = TypeVar("Command", bound=Callable[..., Any])

ENVIRONMENT = "REGISTRY_LANG"
"""The environment variable that says in which language the command speaks."""

_SPOKEN = "registry_cli.language"


def usual_language(environment: Mapping[str, str] = os.environ) -> str:
    """``zh`` where `ENVIRONMENT`, or else the locale (POSIX, section 8.2), begins so; ``en`` where not."""
    for name in (ENVIRONMENT, "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "zh" if environment[name].lower().startswith("zh") else "en"
    return "en"


def language_of(ctx: click.Context) -> str:
    """The language in which the command speaks: the one asked for, or the usual one."""
    found: str = ctx.meta.get(_SPOKEN) or usual_language()
    return found


def _spoken(ctx: click.Context, _: click.Parameter, value: str) -> str:
    ctx.meta[_SPOKEN] = value
    return value


LANGUAGE = click.option(
    "--lang",
    "language",
    type=click.Choice(LANGUAGES),
    default=lambda: language_of(click.get_current_context()),
    show_default=f"{ENVIRONMENT}, or the locale",
    callback=_spoken,
    is_eager=True,
    help="Language of names, notes and errors.",
)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="A table for people; json or csv, with every key, for machines.",
)


def _several(option: str, name: str, metavar: str, text: str) -> Callable[[Command], Command]:
    return click.option(option, name, multiple=True, metavar=metavar, help=text)


_STATUS = (
    click.option(
        "--status",
        multiple=True,
        type=click.Choice(["proposed", "active", "upcoming", "retired", "any"]),
        default=("active",),
        show_default=True,
        help="Flows that are in force on the day (active), not yet (upcoming), no longer (retired), or only proposed.",
    ),
    click.option("--on", default="", metavar="DATE", help="As it is on this day; today by default."),
)
_OF_RECIPIENTS = (
    _several(
        "--kind", "kinds", "KIND", "Recipients of this kind: sdk, affiliate, partner, authority, public, guardian."
    ),
    click.option(
        "--outside",
        default="",
        metavar="WHERE",
        help="Only recipients outside: `group`, `country`, an organisation or a jurisdiction.",
    ),
)
_OF_FLOWS = (
    _several("--subject", "subjects", "NAME", "Flows about this group of people, or one that they may belong to."),
    _several("--product", "products", "NAME", "Flows of this product."),
    _several("--activity", "activities", "NAME", "Flows of this activity."),
    _several("--purpose", "purposes", "NAME", "Flows for this purpose, or a narrower one."),
    _several("--under", "bases", "NAME", "Flows on this legal basis."),
    _several("--consent", "consent", "KIND", "Flows that rest on this kind of consent: none, general, separate, …"),
    _several("--begins", "begins", "WHEN", "Flows that begin then: before-agreement, after-agreement, when-used, …"),
    _several(
        "--mechanism", "mechanism", "WORD", "Flows abroad that rest on this mechanism; `none` finds what has none."
    ),
)


def scoped(command: Command) -> Command:
    """The filters over flows and their recipients."""
    for option in reversed((*_STATUS, *_OF_RECIPIENTS, *_OF_FLOWS)):
        command = option(command)
    return command


def scoped_by_flows(command: Command) -> Command:
    """The filters over flows, for questions that are not asked of recipients."""
    for option in reversed((*_STATUS, *_OF_FLOWS)):
        command = option(command)
    return command


def scope(*, status: tuple[str, ...], kinds: tuple[str, ...] = (), **filters: Any) -> Scope:
    """The filters as given."""
    from registry.lineage import Scope
    from registry.model.graph import GRAPH, RECIPIENT

    known = GRAPH.property(RECIPIENT, "kind").values
    for kind in kinds:
        if kind not in known:
            none = Text(f"{kind!r} is none of {', '.join(known)}", f"{kind!r}不是{'、'.join(known)}之一")
            raise click.BadParameter(none.to(language_of(click.get_current_context())), param_hint="--kind")
    return Scope(status=() if "any" in status else status, kinds=kinds, **filters)


class Nearest(click.Group):
    """A group that answers an unknown command with the nearest ones."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; a usage error with the nearest names where there is none."""
        name = args[0]
        if not ctx.resilient_parsing and not name.startswith("-") and self.get_command(ctx, name) is None:
            from registry.model.suggestions import meant, nearest

            hint = meant(nearest(name, self.list_commands(ctx)))
            told = Text(f"No such command {name!r}. {hint.en.capitalize()}".strip(), f"没有命令{name!r}。{hint.zh}")
            ctx.fail(told.to(language_of(ctx)))
        return super().resolve_command(ctx, args)


def on_terminal() -> bool:
    """Whether somebody is there to be asked."""
    # A process can be started without standard input.
    return sys.stdin is not None and sys.stdin.isatty()


@contextmanager
def opened(ctx: click.Context, *, create: bool = False) -> Iterator[Store]:
    """The store that the command works on, closed afterwards."""
    from registry.stores import open_store

    store = open_store(ctx.obj, create=create)
    if store.upgraded:
        said = Text("{}: upgraded from version {} to version {}", "{}：已从第{}版升级到第{}版").to(language_of(ctx))
        click.echo(said.format(store.url, *store.upgraded), err=True)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def reading(ctx: click.Context) -> Iterator[Reader]:
    """Reads of one snapshot of the store that the command works on."""
    with opened(ctx) as store, store.reading() as reader:
        yield reader
