"""From the options of one command to the document that a manifest would be, each value at the option that gave it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from registry.bilingual import Text
from registry.errors import AmbiguousName, Place, Problem, UnknownName
from registry.model.declaration import EdgeType, Kind, NodeType, Property
from registry.model.graph import GRAPH
from registry.model.parsed import BOOLEAN, NUMBER, TEXT, Fields, Given, Items, Scalar
from registry_cli.new_things import NewThing, read_new

if TYPE_CHECKING:
    from registry.stores.port import Reader

Said = tuple[tuple[Scalar, Given], ...]
KEY = "KEY"


@dataclass
class Options:
    """What a command was given for a thing of one kind; what is wrong is added to ``problems``."""

    reader: Reader
    node_type: NodeType
    values: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def problem(self, option: str, what: Text, hint: Text) -> None:
        """Note what is wrong with an option."""
        self.problems.append(Problem(Place(option), what, hint))

    def new_things(self) -> dict[EdgeType, list[NewThing]]:
        """What the options for new things ask for, by the edge that leads there; each problem is noted."""
        return {
            edge: [*filter(None, (self._new_thing(edge, key, name) for key, name in self.values[new_variable(edge)]))]
            for edge in GRAPH.edges_from(self.node_type.label)
            if self.values.get(new_variable(edge))
        }

    def _new_thing(self, edge: EdgeType, key: str, name: str) -> NewThing | None:
        return read_new(self.reader, edge, edge.targets(self.node_type.label), key, name, self.problems)


def variable(edge: EdgeType) -> str:
    """The name of the value of an edge's option."""
    # `from` and `for` are words of Python.
    return f"edge_{edge.word}"


def new_variable(edge: EdgeType) -> str:
    """The name of the value of the option for new things to which an edge leads."""
    return f"new_{edge.word}"


def added_document(options: Options, key: str) -> Fields:
    """The document that declares a new thing by the options, and the new things that it leads to."""
    fields: list[tuple[Scalar, Given]] = []
    for prop in GRAPH.properties(options.node_type.label):
        value = given_property(prop, options.values)
        if value is not None:
            fields.append((scalar(prop.name, f"--{prop.name}"), value))
    new = options.new_things()
    for edge in GRAPH.edges_from(options.node_type.label):
        items = [given_edge(options, edge, text).item for text in options.values[variable(edge)]]
        items += [thing_item(edge, thing) for thing in new.get(edge, ())]
        if items:
            fields.append((scalar(edge.word, f"--{edge.option}"), Items(tuple(items), Place(f"--{edge.option}"))))
    return whole_document(options, key, Fields(tuple(fields), Place(KEY)), new)


def whole_document(options: Options, key: str, entry: Fields, new: Mapping[EdgeType, Sequence[NewThing]]) -> Fields:
    """The document with this entry and an entry for each new thing."""
    place = Place(KEY)
    sections: dict[str, list[tuple[Scalar, Given]]] = {options.node_type.section: [(Scalar(key, TEXT, place), entry)]}
    known: dict[tuple[str, str], NewThing] = {}
    for thing in (thing for things in new.values() for thing in things):
        known.setdefault((thing.node_type.section, thing.key), thing)
        if not known[thing.node_type.section, thing.key].same(thing):
            what = Text(f"{thing.reference} is given two names", f"{thing.reference}有两个不同的名称")
            options.problem(thing.option, what, Text("give one of them", "只给其中一个"))
    for (section, _), thing in known.items():
        sections.setdefault(section, []).append(thing.entry(same_name=bool(options.values.get("same_name"))))
    return Fields(
        tuple((scalar(section, KEY), Fields(tuple(entries), place)) for section, entries in sections.items()), place
    )


def scalar(text: str, option: str, sort: str = TEXT) -> Scalar:
    """A value at an option."""
    return Scalar(text, sort, Place(option.replace("_", "-")))


def given_property(prop: Property, values: Mapping[str, Any]) -> Given | None:
    """The value of a property as its options give it; None where they do not."""
    option = f"--{prop.name.replace('_', '-')}"
    if prop.kind is Kind.BILINGUAL:
        texts = {language: values[f"{prop.name}__{language}"] for language in ("en", "zh")}
        texts = {language: text for language, text in texts.items() if text is not None}
        if not texts:
            return None
        place = Place(f"{option}-en/-zh")
        return Fields(
            tuple((Scalar(language, TEXT, place), Scalar(text, TEXT, place)) for language, text in texts.items()),
            place,
        )
    value = values[prop.name]
    if value is None or value == ():
        return None
    if isinstance(value, tuple):
        return Items(tuple(scalar(text, option) for text in value), Place(option))
    if isinstance(value, bool):
        return scalar(str(value).lower(), option, BOOLEAN)
    return scalar(value, option, NUMBER if prop.kind is Kind.NUMBER else TEXT)


@dataclass(frozen=True)
class GivenEdge:
    """Where an option leads (as ``noun:key``, or the word as given where that means nothing), and what it says."""

    option: str
    noun: str
    reference: str
    said: Said = ()

    @property
    def item(self) -> Given:
        """The same as an item of a document."""
        target = scalar(self.reference, self.option)
        if not self.said:
            return target
        return Fields(((scalar(self.noun, self.option), target), *self.said), Place(self.option))


def given_edge(options: Options, edge: EdgeType, text: str) -> GivenEdge:
    """``KEY`` or ``KEY,property=value``; the key may be any name that means one thing."""
    option = f"--{edge.option}"
    name, *properties = (part.strip() for part in text.split(","))
    labels = edge.targets(options.node_type.label)
    target = _target(options, option, name, labels)
    noun = target.partition(":")[0] if target else GRAPH.node(labels[0]).noun
    said = tuple(_said(edge, name, properties, option, options.problems))
    return GivenEdge(option, noun, target or name, said)


def thing_item(edge: EdgeType, thing: NewThing) -> Given:
    """An edge to a new thing, with what stands after its key."""
    said = tuple(_said(edge, thing.key, thing.properties, thing.option, thing.problems))
    return GivenEdge(thing.option, thing.node_type.noun, thing.reference, said).item


def _target(options: Options, option: str, name: str, labels: Sequence[str]) -> str | None:
    """What ``name`` means, as ``noun:key``; None where it means nothing, which reading the document refuses."""
    from registry.lineage import resolve

    try:
        return resolve(options.reader, name, labels).reference
    except UnknownName:
        return None
    except AmbiguousName as error:
        options.problem(option, error.message, error.hint)
        return error.candidates[0]


def meanings(reader: Reader, name: str, labels: Sequence[str]) -> Sequence[str]:
    """All that ``name`` may mean, each as ``noun:key``."""
    from registry.lineage import resolve

    try:
        return [resolve(reader, name, labels).reference]
    except UnknownName:
        return []
    except AmbiguousName as error:
        return error.candidates


def _said(
    edge: EdgeType, name: str, properties: Sequence[str], option: str, problems: list[Problem]
) -> Iterator[tuple[Scalar, Given]]:
    """What follows a key: ``property=value``, ``property.en=text``; what is given several times is a list."""
    values: dict[str, list[str]] = {}
    word = ""
    for part in properties:
        before, equals, value = part.partition("=")
        if equals:
            word = before
            values.setdefault(word, []).append(value)
        elif word:
            values[word][-1] += f", {part}"  # a comma within a text
        else:
            what = Text(f'"{part}" is no property', f"“{part}”不是属性")
            hint = Text(f"write {name},property=value", f"写作{name},property=value")
            problems.append(Problem(Place(option), what, hint))
    kinds = {prop.name: prop.kind for prop in edge.properties}
    texts: dict[str, list[tuple[Scalar, Given]]] = {}
    for word, given in values.items():
        base, dot, language = word.partition(".")
        sort = BOOLEAN if kinds.get(word) is Kind.FLAG else TEXT
        scalars = tuple(scalar(value, option, sort) for value in given)
        found = scalars[0] if len(scalars) == 1 else Items(scalars, Place(option))
        if dot and kinds.get(base) is Kind.BILINGUAL:
            texts.setdefault(base, []).append((scalar(language, option), found))
        else:
            yield scalar(word, option), found
    for base, languages in texts.items():
        yield scalar(base, option), Fields(tuple(languages), Place(option))


def in_options(problem: Problem, node_type: NodeType) -> Problem:
    """The problem with a hint that names options where it names lines of a manifest."""
    kinds = {prop.name: prop.kind for prop in GRAPH.properties(node_type.label)}
    words = {*kinds, *(edge.word for edge in GRAPH.edges_from(node_type.label))}

    def option(word: str, value: str) -> Text:
        name = f"--{word.replace('_', '-')}"
        if word not in words:
            return Text(
                f"write ,{word}.en=… and ,{word}.zh=… after the key", f"在标识之后写上,{word}.en=…和,{word}.zh=…"
            )
        if kinds.get(word) is Kind.BILINGUAL:
            return Text(f"give {name}-en and {name}-zh", f"给出{name}-en和{name}-zh")
        if kinds.get(word) is Kind.FLAG:
            flag = name if value == "true" else name.replace("--", "--no-", 1)
            return Text(f"give {flag}", f"给出{flag}")
        return Text(f"give {name} {value}", f"给出{name} {value}")

    english = re.sub(r"write `(\w+): ([^`]*)`", lambda found: option(*found.groups()).en, problem.hint.en)
    chinese = re.sub(r"写作`(\w+): ([^`]*)`", lambda found: option(*found.groups()).zh, problem.hint.zh)
    for en, zh, instead in _INSTEAD:
        english, chinese = english.replace(en, instead.en), chinese.replace(zh, instead.zh)
    return problem._replace(hint=Text(english, chinese))


_INSTEAD = (
    ("remove the line", "删去此行", Text("leave the option out", "不写该选项")),
    ("take it out of the manifest, ", "从声明文件中移除，或", Text("", "")),
)
"""What is said of manifests and not of options, in either language, with what is said instead."""
