"""Asking on a terminal for what a new thing still needs: names are completed, and what is not there yet can be made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from registry.bilingual import LANGUAGES, Text
from registry.errors import AmbiguousName, RegistryError, UnknownName, hinted
from registry.model.declaration import EdgeType, Kind, NodeType, Property
from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import NodeId
from registry.model.values import key_problem
from registry_cli.applying import says
from registry_cli.completion import completing, output_is_terminal
from registry_cli.new_things import languages, new_words, slug
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
                missing |= self.bilingual(prop)
            elif prop.required and not self.found[prop.name]:
                kind = click.Choice(prop.values) if prop.choices else None
                self.found[prop.name] = self.prompt(self.says(prop.en, prop.zh), type=kind)
                missing = True
            if prop.name == "name":
                key = key or self.free_key(self.node_type, self.found["name__en"] or "")
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

    def bilingual(self, prop: Property) -> bool:
        """Ask for a text where it is in no language: in that of the command, then in the other if it is wanted.

        Whether it was asked for.
        """
        asked = [f"{prop.name}__{language}" for language in (self.language, self.other)]
        if any(self.found[one] is not None for one in asked):
            return False
        self.found[asked[0]] = self.prompt(_called(prop, self.language).to(self.language))
        self.found[asked[1]] = self.optional(_called(prop, self.other))
        return True

    @property
    def other(self) -> str:
        """The language that the command does not speak."""
        return "en" if self.language == "zh" else "zh"

    def optional(self, called: Text) -> str | None:
        """What may be left out."""
        text = self.says(f"{called.en} (Enter: none)", f"{called.zh}（回车：不填）")
        return self.prompt(text, default="", show_default=False) or None

    def free_key(self, node_type: NodeType, name: str) -> str:
        """A key that nothing of this kind has, by default one made of the name."""
        while True:
            key = self.prompt(self.says("Key", "标识"), default=slug(name) or None)
            wrong = key_problem(key)
            with self.store.reading() as reader:
                if not wrong and reader.get([NodeId(node_type.label, key)]):
                    wrong = Text(f'{node_type.noun} "{key}" is there already', f"{node_type.zh}“{key}”已存在")
            if not wrong:
                return key
            click.echo(wrong.to(self.language), err=True)

    def edge(self, edge: EdgeType, *, optional: bool) -> None:
        """Ask where an edge leads until every name of the answer means one thing, or one that is to be made."""
        labels = edge.targets(self.node_type.label)
        how = Text("keys or names, separated by commas", "标识或名称，以逗号分隔")
        if optional:
            how = Text(f"{how.en}; empty: not stated", f"{how.zh}；留空表示未说明")
        asked = self.says(f"{edge.en} ({how.en})", f"{edge.zh}（{how.zh}）")
        with self.store.reading() as reader:
            words = [match.text for match in reader.names(labels)]
        while True:
            with completing(words):
                text = self.prompt(asked, default="" if optional else None, show_default=False)
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
        click.echo(error.message.to(self.language), err=True)
        if error.hint:
            click.echo(hinted(error.hint, self.language), err=True)

    def make(self, edge: EdgeType, name: str, error: UnknownName) -> bool:
        """Offer to make what is not there yet; whether it is to be made."""
        words = new_words(edge.targets(self.node_type.label))
        self.tell(error)
        if not words or not (word := self.which(words)):
            return False
        node_type, _ = words[word]
        given = languages(name)
        key = self.free_key(node_type, given.get("en", name))
        for language in {*LANGUAGES} - given.keys():
            if other := self.optional(_called(GRAPH.property(node_type.label, "name"), language)):
                given[language] = other
        both = "|".join(given[language] for language in LANGUAGES if language in given)
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


def _called(prop: Property, language: str) -> Text:
    """How a text is asked for in ``en`` or ``zh``."""
    en, zh = {"en": ("English", "英文"), "zh": ("Chinese", "中文")}[language]
    return Text(f"{prop.en} in {en}", f"{prop.zh}（{zh}）")


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
