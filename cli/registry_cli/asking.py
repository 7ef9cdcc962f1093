"""Asking on a terminal for what a new thing still needs: names are completed, and what is not there yet can be made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from registry.errors import AmbiguousName, RegistryError, UnknownName
from registry.model.declaration import EdgeType, Kind, NodeType
from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import NodeId
from registry.model.values import key_problem
from registry_cli.applying import says
from registry_cli.completion import completing, output_is_terminal
from registry_cli.new_things import is_chinese, new_words, slug
from registry_cli.option_document import new_variable, variable

if TYPE_CHECKING:
    from registry.stores.port import Reader, Store

_ALSO = ("ABOUT", "FOR", "UNDER")
"""What a flow need not say, and is asked for with the rest: a sentence without it says little."""


def completed(
    store: Store, node_type: NodeType, key: str, values: Mapping[str, Any], language: str
) -> tuple[str, dict[str, Any]]:
    """The key and the values given, with what is required and missing asked for."""
    asking = _Asking(store, node_type, dict(values), language)
    return asking.whole(key), asking.found


@dataclass
class _Asking:
    store: Store
    node_type: NodeType
    found: dict[str, Any]
    language: str

    def whole(self, key: str) -> str:
        missing = not key
        for prop in GRAPH.properties(self.node_type.label):
            if prop.required and prop.kind is Kind.BILINGUAL:
                called = self.says(prop.en, prop.zh)
                missing |= self.bilingual(prop.name, called)
                key = key or self.key(self.found["name__en"])
            elif prop.required and not self.found[prop.name]:
                kind = click.Choice(prop.values) if prop.choices else None
                self.found[prop.name] = self.prompt(self.says(prop.en, prop.zh), type=kind)
                missing = True
        wanted = [edge for edge in GRAPH.edges_from(self.node_type.label) if not self.given(edge)]
        needed = [edge for edge in wanted if edge.least or self.needed(edge)]
        # Who has said all that is needed is not kept.
        also = _ALSO if self.node_type.label == FLOW and (missing or needed) else ()
        for edge in wanted:
            if edge in needed or edge.name in also:
                self.edge(edge, optional=edge not in needed)
        return key

    def given(self, edge: EdgeType) -> bool:
        return bool(self.found[variable(edge)] or self.found.get(new_variable(edge)))

    def needed(self, edge: EdgeType) -> bool:
        return edge.name == "DERIVES" and self.found["kind"] == "derive"

    def says(self, en: str, zh: str) -> str:
        return says(self.language, en, zh)

    def prompt(self, text: str, **how: Any) -> str:
        # Names are completed only where Python itself asks, on standard output.
        return str(click.prompt(text, err=not output_is_terminal(), **how)).strip()

    def bilingual(self, name: str, called: str) -> bool:
        """Ask for the languages that are missing; whether any was."""
        asked = {
            f"{name}__en": self.says(f"{called} in English", f"{called}（英文）"),
            f"{name}__zh": self.says(f"{called} in Chinese", f"{called}（中文）"),
        }
        missing = [one for one in asked if not self.found[one]]
        for one in missing:
            self.found[one] = self.prompt(asked[one])
        return bool(missing)

    def key(self, name: str) -> str:
        """A key that nothing of this kind has, by default one made of the name."""
        return self.free_key(self.node_type, name)

    def free_key(self, node_type: NodeType, name: str) -> str:
        while True:
            key = self.prompt(self.says("Key", "标识"), default=slug(name) or None)
            wrong = key_problem(key)
            with self.store.reading() as reader:
                if not wrong and reader.get([NodeId(node_type.label, key)]):
                    wrong = f'{node_type.noun} "{key}" is there already'
            if not wrong:
                return key
            click.echo(wrong, err=True)

    def edge(self, edge: EdgeType, *, optional: bool) -> None:
        """Ask where an edge leads until every name of the answer means one thing, or one that is to be made."""
        labels = edge.targets(self.node_type.label)
        how = self.says("keys or names, separated by commas", "标识或名称，以逗号分隔")
        if optional:
            how = self.says(f"{how}; empty: not stated", f"{how}；留空表示未说明")
        with self.store.reading() as reader:
            words = [match.text for match in reader.names(labels)]
        while True:
            with completing(words):
                text = self.prompt(
                    f"{self.says(edge.en, edge.zh)} ({how})", default="" if optional else None, show_default=False
                )
            if optional and not text:
                return
            with self.store.reading() as reader:
                pieces = _pieces(reader, text, labels)
            if all(self.led(edge, piece) for piece in pieces):
                return
            self.found[variable(edge)], self.found[new_variable(edge)] = (), ()

    def led(self, edge: EdgeType, name: str) -> bool:
        """Note what the name means; whether it means anything, or something was to be made of it."""
        from registry.lineage import resolve

        labels = edge.targets(self.node_type.label)
        try:
            with self.store.reading() as reader:
                found = resolve(reader, name, labels)
        except UnknownName as error:
            return self.make(edge, name, error)
        except AmbiguousName as error:
            self.tell(error)
            return False
        self.found[variable(edge)] = (*self.found[variable(edge)], found.reference)
        return True

    def tell(self, error: RegistryError) -> None:
        click.echo(error.message, err=True)
        if error.hint:
            click.echo(f"  hint: {error.hint}", err=True)

    def make(self, edge: EdgeType, name: str, error: UnknownName) -> bool:
        """Offer to make what is not there yet; whether it is to be made."""
        words = new_words(edge.targets(self.node_type.label))
        if self.language == "zh":
            near = f"；相近的有：{'、'.join(error.nearest)}" if error.nearest else ""
            click.echo(f"还没有“{name}”{near}", err=True)
        else:
            self.tell(error)
        if not words or not (word := self.which(words)):
            return False
        node_type, _ = words[word]
        key = self.free_key(node_type, name)
        if is_chinese(name):
            both = f"{self.prompt(self.says('Name in English', '名称（英文）'))}|{name}"
        else:
            both = f"{name}|{self.prompt(self.says('Name in Chinese', '名称（中文）'))}"
        self.found[new_variable(edge)] = (*self.found[new_variable(edge)], (f"{word}:{key}", both))
        return True

    def which(self, words: Mapping[str, object]) -> str:
        """What kind of thing is to be made; empty where none is."""
        if len(words) == 1:
            (word,) = words
            noun = GRAPH.by_noun[word]
            asked = self.says(f"Make a new {word.replace('_', ' ')}?", f"新建{noun.zh}？")
            return word if click.confirm(asked, default=False, err=True) else ""
        kinds = ", ".join(words)
        click.echo(self.says(f"it can be made, as one of {kinds}", f"可以新建为：{kinds}"), err=True)
        return self.prompt(
            self.says("Make it as (empty: not)", "新建为（留空：不新建）"),
            type=click.Choice([*words, ""]),
            show_choices=False,
            default="",
            show_default=False,
        )


def _pieces(reader: Reader, text: str, labels: Sequence[str]) -> list[str]:
    """The names in an answer: the whole line where it is one, or what commas separate, or words that are all known."""
    by_commas = [piece for part in re.split("[,，、;；]", text) if (piece := part.strip())]
    for pieces in ([text], by_commas, text.split()):
        matched = {match.text for match in reader.named([_plain(piece) for piece in pieces], labels)}
        if matched >= {_plain(piece) for piece in pieces}:
            return pieces
    return by_commas


def _plain(name: str) -> str:
    """The name without the kind before it."""
    noun, colon, rest = name.partition(":")
    return rest.strip() if colon and noun in GRAPH.by_noun else name
