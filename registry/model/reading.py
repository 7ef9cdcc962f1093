"""From what was given to nodes and edges of the declared graph: every rule of the model is checked here, once.

Reading has two steps, so that references cost one look-up for all of them: `draft` checks what each value is by
itself, `settle` resolves references against the draft and the registry and checks what only the whole can show.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol

from registry.errors import InvalidInput, Place, Problem
from registry.model import given
from registry.model.declaration import EdgeType, Kind, NodeType, Property
from registry.model.given import Fields, Given, Items, Scalar
from registry.model.graph import CLAUSE, FLOW, GRAPH
from registry.model.nearness import meant, nearest
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, Snapshot, Text, Value, names_of, normalised

LONGEST_KEY = 200
LONGEST_TEXT = 10_000
MOST_SUGGESTIONS = 50
"""How many unknown words get the nearest known ones: each costs a comparison with every name of the registry."""
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:()/-]*\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_PERIOD = re.compile(r"P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+S)?)?\Z")
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*\Z")
# A terminal obeys them, some stores end a text at one, and a lone surrogate is no character. Lines and tabs are text.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_DEFAULTS = "defaults"


class Known(Protocol):
    """What the registry already holds, as far as checking needs it."""

    def keyed(self, keys: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes that bear each key or former key."""
        ...

    def same_names(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes of ``labels`` that answer to each name."""
        ...

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Every name of the nodes of ``labels``, with the key of a node that bears it."""
        ...

    def edges_named(self, names: Collection[str]) -> Iterable[EdgeId]:
        """Every edge with one of these names."""
        ...


class Reference(NamedTuple):
    """A key that something was said to lead to; ``labels`` are the kinds of node that it may mean."""

    written: str
    labels: tuple[str, ...]
    place: Place


class _Drawn(NamedTuple):
    """An edge whose target, and the clauses among its properties, are still to be resolved."""

    source: NodeId
    edge: EdgeType
    target: Reference
    properties: Mapping[str, Value]
    clauses: Mapping[str, tuple[Reference, ...]]


@dataclass(slots=True)
class Draft:
    """What was given, each value right by itself; references are not resolved yet."""

    nodes: dict[NodeId, Node] = field(default_factory=dict)
    places: dict[NodeId, Place] = field(default_factory=dict)
    alias_places: dict[tuple[NodeId, str], Place] = field(default_factory=dict)
    edges: list[_Drawn] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    suggested: int = 0

    def suggestion(self, word: str, known: Collection[str]) -> str:
        """A hint with the names most like ``word``; empty where none is, and after the first `MOST_SUGGESTIONS`.

        Where ``known`` maps names to keys, the hint has the keys.
        """
        self.suggested += 1
        if self.suggested > MOST_SUGGESTIONS:
            return ""
        close = nearest(word, known)
        return meant([known[name] for name in close] if isinstance(known, Mapping) else close)

    def add(self, document: Fields) -> None:
        """Read one document into the draft."""
        _Document(self).read(document)

    def references(self) -> Iterator[Reference]:
        """Every reference that the draft makes."""
        for drawn in self.edges:
            yield drawn.target
            for clauses in drawn.clauses.values():
                yield from clauses

    def settle(self, known: Known) -> Snapshot:
        """Return what was declared, all references resolved.

        Raises `InvalidInput` with every problem of the draft, in the order of the text.
        """
        edges = _Resolver(self, known).resolve()
        _check_flows(self)
        _check_names(self, known)
        _check_cycles(self, edges, known)
        if self.problems:
            raise InvalidInput(self.problems)
        return Snapshot.of(self.nodes.values(), (edge for edge, _ in edges))


def key_problem(key: str) -> str | None:
    """What is wrong with a key, or None."""
    if len(key) > LONGEST_KEY:
        return f"the key has {len(key)} characters, more than {LONGEST_KEY}"
    if not _KEY.match(key):
        return (
            f'"{key}" is no key: a key begins with a letter or digit and holds only letters, digits and . _ : ( ) / -'
        )
    noun, colon, _ = key.partition(":")
    if colon and noun in GRAPH.by_noun:
        return f'"{key}" is no key: in a reference, "{noun}:" says what kind of thing is meant'
    return None


def text_problem(text: str) -> str | None:
    """What is wrong with a text, as the rest of a sentence, or None."""
    if len(text) > LONGEST_TEXT:
        return f"has {len(text):,} characters, more than {LONGEST_TEXT:,}"
    control = _CONTROL.search(text)
    return f"holds the control character U+{ord(control[0]):04X}" if control else None


class _Document:
    """Reads one document into a draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.problems = draft.problems

    def problem(self, place: Place, what: str, hint: str = "") -> None:
        self.problems.append(Problem(place, what, hint))

    def read(self, document: Fields) -> None:
        defaults: tuple[tuple[Scalar, Given], ...] = ()
        found = document.find(_DEFAULTS)
        if found is not None:
            defaults = self._defaults(found)
        for heading, value in document.fields:
            if heading.written == _DEFAULTS:
                continue
            node_type = GRAPH.by_section.get(heading.written)
            if node_type is None:
                hint = self.draft.suggestion(heading.written, [*GRAPH.by_section, _DEFAULTS])
                what = f'there is no section "{heading.written}"'
                self.problem(heading.place, what, hint or "sections are " + ", ".join(GRAPH.by_section))
            elif not isinstance(value, Fields):
                self.problem(
                    value.place, f"the section {heading.written} maps keys to what they are", "write `key: {…}`"
                )
            else:
                for key, body in value.fields:
                    self._entry(node_type, key, body, defaults if node_type.label == FLOW else ())

    def _defaults(self, found: Given) -> tuple[tuple[Scalar, Given], ...]:
        if not isinstance(found, Fields):
            self.problem(found.place, "defaults map words of a flow to values", "write `defaults: {from: …}`")
            return ()
        right = []
        for word, value in found.fields:
            # Read here too, so that a wrong default is told where every flow overrides it.
            if (prop := _properties_by_name(FLOW).get(word.written)) is not None and prop.name != "name":
                self._value(prop, value)
            elif (edge := _edges_by_word(FLOW).get(word.written)) is not None:
                self._drawn(NodeId(FLOW, ""), edge, value)
            else:
                what = f'"{word.written}" cannot have a default'
                self.problem(word.place, what, "defaults hold edges and properties of flows, but no names")
                continue
            right.append((word, value))
        return tuple(right)

    def _entry(self, node_type: NodeType, key: Scalar, body: Given, defaults: tuple[tuple[Scalar, Given], ...]) -> None:
        wrong = key_problem(key.written)
        if wrong:
            self.problem(key.place, wrong, "write it like device-model or android:camera")
        node_id = NodeId(node_type.label, key.written)
        first = self.draft.places.get(node_id)
        if first is not None:
            self.problem(
                key.place, f'{node_type.noun} "{key.written}" is declared twice (first at {first})', "keep one of them"
            )
            return
        self.draft.places[node_id] = key.place
        if not isinstance(body, Fields):
            self.problem(
                body.place,
                f'{node_type.noun} "{key.written}" is a mapping, not {_shape(body)}',
                "write its properties below it, indented",
            )
            self.draft.nodes[node_id] = Node(node_id, {})
            return
        self._body(node_type, node_id, body, defaults)

    def _body(
        self, node_type: NodeType, node_id: NodeId, body: Fields, defaults: tuple[tuple[Scalar, Given], ...]
    ) -> None:
        properties: dict[str, Value] = {}
        own = {word.written for word, _ in body.fields}
        declared = _properties_by_name(node_type.label)
        edges = _edges_by_word(node_type.label)
        for word, value in (*body.fields, *((word, value) for word, value in defaults if word.written not in own)):
            if (prop := declared.get(word.written)) is not None:
                read = self._value(prop, value)
                if read is not None:
                    properties[prop.name] = read
                if prop.name == "aliases" and isinstance(value, Items):
                    self._note_aliases(node_id, value)
            elif (edge := edges.get(word.written)) is not None:
                self.draft.edges.extend(self._drawn(node_id, edge, value))
            else:
                self._unknown_word(node_type, word)
        said = own | {word.written for word, _ in defaults}
        self._missing(node_type, node_id, said)
        for prop in declared.values():
            if prop.default is not None and prop.name not in said:
                properties[prop.name] = prop.default
        self.draft.nodes[node_id] = Node(node_id, properties)

    def _missing(self, node_type: NodeType, node_id: NodeId, said: Collection[str]) -> None:
        """Note what it must say and does not. What is said wrongly has its own problem, and is not missing as well."""
        wanted = [
            (prop.name, _missing_hint(prop)) for prop in _properties_by_name(node_type.label).values() if prop.required
        ]
        wanted += [
            (edge.word, f"write `{edge.word}: …`: {edge.doc}")
            for edge in _edges_by_word(node_type.label).values()
            if edge.least
        ]
        for word, hint in wanted:
            if word not in said:
                self.problem(self.draft.places[node_id], f'{node_type.noun} "{node_id.key}" has no {word}', hint)

    def _note_aliases(self, node_id: NodeId, value: Items) -> None:
        for item in value.items:
            if isinstance(item, Scalar):
                self.draft.alias_places[node_id, item.written] = item.place

    def _unknown_word(self, node_type: NodeType, word: Scalar) -> None:
        words = [*_properties_by_name(node_type.label), *_edges_by_word(node_type.label)]
        hint = self.draft.suggestion(word.written, words)
        noun = _noun(node_type.label)
        self.problem(word.place, f'{noun} has no "{word.written}"', hint or f"{noun} has " + ", ".join(words))

    # values

    def _value(self, prop: Property, value: Given) -> Value | None:
        """The value as the property holds it, or None when it is wrong (the problem is noted)."""
        if isinstance(value, Scalar) and value.sort == given.NOTHING:
            self.problem(value.place, f"{prop.name} has no value", "write one, or remove the line")
            return None
        match prop.kind:
            case Kind.BILINGUAL:
                return self._bilingual(prop, value)
            case Kind.TEXTS | Kind.CHOICES:
                return self._texts(prop, value)
            case Kind.CLAUSES:
                return None  # read as references, see `_edge_item`
            case _:
                return self._scalar(prop, value)

    def _scalar(self, prop: Property, value: Given) -> Value | None:
        if not isinstance(value, Scalar):
            self.problem(
                value.place,
                f"{prop.name} is a single value ({prop.kind.value}), not {_shape(value)}",
                "write one value",
            )
            return None
        reader = _SCALARS.get(prop.kind)
        if reader is not None:
            return reader(self, prop, value) if self._bearable(prop.name, value) else None
        text = self._text(prop.name, value)
        if text is None:
            return None
        return self._closed(prop, text, value.place) if prop.kind is Kind.CHOICE else text

    def _flag(self, prop: Property, value: Scalar) -> Value | None:
        if value.written in ("true", "false"):
            return value.written == "true"
        self.problem(value.place, f'{prop.name} is true or false, not "{value.written}"', "write true or false")
        return None

    def _number(self, prop: Property, value: Scalar) -> Value | None:
        if re.fullmatch(r"0|[1-9][0-9]{0,8}", value.written):
            return int(value.written)
        self.problem(
            value.place, f'{prop.name} is a whole number, not "{value.written}"', "write it in plain digits, as 2"
        )
        return None

    def _date(self, prop: Property, value: Scalar) -> Value | None:
        try:
            # Python reads weeks and days of the year too.
            if not _DATE.match(value.written):
                raise ValueError(value.written)
            return date.fromisoformat(value.written).isoformat()
        except ValueError:
            self.problem(value.place, f'{prop.name} is a date, not "{value.written}"', "write it as 2026-05-01")
            return None

    def _period(self, prop: Property, value: Scalar) -> Value | None:
        if _PERIOD.match(value.written):
            return value.written
        self.problem(
            value.place, f'{prop.name} is an ISO 8601 duration, not "{value.written}"', "write it as P3Y, P6M or P15D"
        )
        return None

    def _url(self, prop: Property, value: Scalar) -> Value | None:
        if _URL.match(value.written):
            return value.written
        self.problem(value.place, f'{prop.name} is a web address, not "{value.written}"', "begin with https://")
        return None

    def _text(self, name: str, value: Given) -> str | None:
        """A text that is one, not empty and of bearable length; otherwise None, and the problem is noted."""
        if not isinstance(value, Scalar):
            self.problem(value.place, f"{name} is a text, not {_shape(value)}", "write a single text")
        elif value.sort != given.TEXT:
            self.problems.append(misread(value))
        elif not value.written.strip():
            self.problem(value.place, f"{name} is empty", "write a text, or remove the line")
        elif self._bearable(name, value):
            return value.written.strip()
        return None

    def _bearable(self, name: str, value: Scalar) -> bool:
        """Whether it is short enough and holds no control characters; if not, the problem is noted."""
        wrong = text_problem(value.written)
        if wrong:
            self.problem(value.place, f"{name} {wrong}", "write a shorter text, without control characters")
        return not wrong

    def _bilingual(self, prop: Property, value: Given) -> Text | None:
        if not isinstance(value, Fields):
            self.problem(
                value.place, f"{prop.name} is given in English and Chinese", f"write `{prop.name}: {{en: …, zh: …}}`"
            )
            return None
        for language, text in value.fields:
            if language.written not in ("en", "zh"):
                # `{en: this, that, zh: …}`: inside braces an unquoted comma ends the text.
                cut = isinstance(text, Scalar) and text.sort == given.NOTHING
                hint = "put a text with a comma in quotes" if cut else "languages are en and zh"
                self.problem(language.place, f'{prop.name} has no language "{language.written}"', hint)
        texts = []
        for language_name in ("en", "zh"):
            found = value.find(language_name)
            if found is None:
                self.problem(
                    value.place, f"{prop.name} lacks {language_name}", f"write `{prop.name}: {{en: …, zh: …}}`"
                )
            texts.append(None if found is None else self._text(f"{prop.name}.{language_name}", found))
        en, zh = texts
        return None if en is None or zh is None else Text(en, zh)

    def _texts(self, prop: Property, value: Given) -> tuple[str, ...] | None:
        if not isinstance(value, Items):
            self.problem(
                value.place, f"{prop.name} is a list, not {_shape(value)}", f"write `{prop.name}: [{_shown(value)}]`"
            )
            return None
        found: list[str] = []
        for item in value.items:
            text = self._text(prop.name, item)
            if text is not None and prop.kind is Kind.CHOICES:
                text = self._closed(prop, text, item.place)
            if text is not None and text not in found:
                found.append(text)
        return tuple(found)

    def _closed(self, prop: Property, text: str, place: Place) -> str | None:
        if text in prop.values:
            return text
        near = nearest(text, prop.values, 1)
        hint = f'did you mean "{near[0]}"? ' if near else ""
        self.problem(place, f'{prop.name} cannot be "{text}"', f"{hint}it is one of " + ", ".join(prop.values))
        return None

    # edges

    def _drawn(self, source: NodeId, edge: EdgeType, value: Given) -> list[_Drawn]:
        items = value.items if isinstance(value, Items) else (value,)
        if not items:
            self.problem(value.place, f"{edge.word} is an empty list", "name what it leads to, or remove the line")
        found = (self._edge_item(source, edge, item) for item in items)
        return [drawn for drawn in found if drawn is not None]

    def _edge_item(self, source: NodeId, edge: EdgeType, item: Given) -> _Drawn | None:
        labels = edge.targets(source.label)
        if not isinstance(item, Fields):
            target = self._reference(edge.word, labels, item)
            return None if target is None else _Drawn(source, edge, target, {}, {})
        nouns = {GRAPH.node(label).noun: label for label in labels}
        targets: list[Reference] = []
        properties: dict[str, Value] = {}
        clauses: dict[str, tuple[Reference, ...]] = {}
        for word, value in item.fields:
            prop = next((prop for prop in edge.properties if prop.name == word.written), None)
            if word.written in nouns:
                found = self._reference(word.written, (nouns[word.written],), value)
                if found is not None:
                    targets.append(found)
            elif prop is None:
                words = [*nouns, *(prop.name for prop in edge.properties)]
                hint = self.draft.suggestion(word.written, words)
                self.problem(word.place, f'{edge.word} has no "{word.written}"', hint or "it has " + ", ".join(words))
            elif prop.kind is Kind.CLAUSES:
                clauses[prop.name] = self._clauses(prop, value)
            elif (read := self._value(prop, value)) is not None:
                properties[prop.name] = read
        said = [word.written for word, _ in item.fields if word.written in nouns]
        if not said:
            self.problem(item.place, f"{edge.word} does not say what it leads to", f"write `{next(iter(nouns))}: key`")
        elif len(said) > 1:
            what = f"{edge.word} leads to one thing, not to {' and '.join(_noun(nouns[word]) for word in said)}"
            self.problem(item.place, what, "write a list, each in braces of its own")
        return _Drawn(source, edge, targets[0], properties, clauses) if len(targets) == 1 else None

    def _clauses(self, prop: Property, value: Given) -> tuple[Reference, ...]:
        items = value.items if isinstance(value, Items) else (value,)
        found = (self._reference(prop.name, (CLAUSE,), item) for item in items)
        return tuple(reference for reference in found if reference is not None)

    def _reference(self, word: str, labels: tuple[str, ...], value: Given) -> Reference | None:
        text = self._text(word, value)
        if text is None:
            return None
        noun, colon, key = text.partition(":")
        node_type = GRAPH.by_noun.get(noun) if colon else None
        if node_type is not None and key:
            if node_type.label not in labels:
                expected = " or ".join(_noun(label) for label in labels)
                what = f'{word} leads to {expected}, and "{text}" is {_noun(node_type.label)}'
                self.problem(value.place, what, _listed(labels))
                return None
            return Reference(key, (node_type.label,), value.place)
        return Reference(text, labels, value.place)


_SCALARS: Mapping[Kind, Callable[[_Document, Property, Scalar], Value | None]] = {
    Kind.FLAG: _Document._flag,
    Kind.NUMBER: _Document._number,
    Kind.DATE: _Document._date,
    Kind.PERIOD: _Document._period,
    Kind.URL: _Document._url,
}

_PROPERTIES = {node.label: {prop.name: prop for prop in GRAPH.properties(node.label)} for node in GRAPH.node_types}
_EDGES = {node.label: {edge.word: edge for edge in GRAPH.edges_from(node.label)} for node in GRAPH.node_types}


def _properties_by_name(label: str) -> Mapping[str, Property]:
    return _PROPERTIES[label]


def _edges_by_word(label: str) -> Mapping[str, EdgeType]:
    return _EDGES[label]


def misread(value: Scalar) -> Problem:
    """The problem of a text that the format reads as something else."""
    if value.sort == given.NOTHING:
        return Problem(value.place, "a text is missing here", "write one, or remove the line")
    return Problem(
        value.place,
        f"YAML reads {value.written} as a {value.sort}, where a text is meant",
        f'put it in quotes: "{value.written}"',
    )


def _noun(label: str) -> str:
    noun = GRAPH.node(label).noun.replace("_", " ")
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _listed(labels: Sequence[str]) -> str:
    section, *others = [GRAPH.node(label).section for label in labels]
    return f"`registry list {section}`" + (f" (or {', '.join(others)})" if others else "") + " shows them all"


def _shape(value: Given) -> str:
    return "a list" if isinstance(value, Items) else "a mapping" if isinstance(value, Fields) else "a single value"


def _shown(value: Given) -> str:
    return value.written if isinstance(value, Scalar) else "…"


def _missing_hint(prop: Property) -> str:
    if prop.kind is Kind.BILINGUAL:
        return f"write `{prop.name}: {{en: …, zh: …}}`"
    if prop.kind is Kind.CHOICE:
        return f"{prop.name} is one of " + ", ".join(prop.values)
    return f"write `{prop.name}: …`"


class _Resolver:
    """Finds what each reference of a draft means, in the draft first and then in the registry."""

    def __init__(self, draft: Draft, known: Known) -> None:
        self.draft = draft
        self.known = known
        self.by_key: dict[str, list[NodeId]] = defaultdict(list)
        self.names: dict[tuple[str, ...], dict[str, str]] = {}
        self.told: set[Reference] = set()
        for node in draft.nodes.values():
            for key in dict.fromkeys((node.id.key, *node.words("former_keys"))):
                self.by_key[key].append(node.id)

    def resolve(self) -> list[tuple[Edge, Place]]:
        self._look_up()
        resolved: dict[EdgeId, tuple[Edge, Place]] = {}
        for drawn in self.draft.edges:
            target = self._find(drawn.source, drawn.edge.word, drawn.target)
            properties = dict(drawn.properties)
            for name, references in drawn.clauses.items():
                found = (self._find(drawn.source, name, reference) for reference in references)
                properties[name] = tuple(clause.key for clause in found if clause is not None)
            if target is not None:
                edge = Edge(drawn.source, drawn.edge.name, target, properties)
                if edge.id in resolved:
                    self._problem(drawn.target, f'{drawn.edge.word} names "{target.key}" twice', "keep one of them")
                resolved[edge.id] = (edge, drawn.target.place)
        return list(resolved.values())

    def _look_up(self) -> None:
        wanted = {reference.written for reference in self.draft.references()}
        for key, ids in self.known.keyed(wanted).items():
            for node_id in ids:
                if node_id not in self.by_key[key]:
                    self.by_key[key].append(node_id)

    def _find(self, source: NodeId, word: str, reference: Reference) -> NodeId | None:
        found = [node_id for node_id in self.by_key.get(reference.written, ()) if node_id.label in reference.labels]
        exact = [node_id for node_id in found if node_id.key == reference.written]
        found = exact or found
        if len(found) == 1:
            return found[0]
        # A default that leads nowhere stands behind many flows, and is told of the first.
        if reference not in self.told:
            self.told.add(reference)
            said = f'{GRAPH.node(source.label).noun} {source.key} {word} "{reference.written}"'
            if found:
                self._ambiguous(reference, said, found)
            else:
                self._unknown(reference, said)
        return None

    def _ambiguous(self, reference: Reference, said: str, found: list[NodeId]) -> None:
        hint = "write " + " or ".join(f'"{node_id.reference}"' for node_id in sorted(found))
        self._problem(reference, f"{said}, which could mean several things", hint)

    def _unknown(self, reference: Reference, said: str) -> None:
        kinds = " or ".join(GRAPH.node(label).noun.replace("_", " ") for label in reference.labels)
        hint = self.draft.suggestion(reference.written, self._names(reference.labels))
        self._problem(reference, f"{said}: there is no such {kinds}", f"{hint} {_listed(reference.labels)}".strip())

    def _names(self, labels: tuple[str, ...]) -> Mapping[str, str]:
        if labels not in self.names:
            drafted = (node for node in self.draft.nodes.values() if node.id.label in labels)
            names = {name: node.id.key for node in drafted for name in names_of(node)}
            self.names[labels] = {**self.known.names(labels), **names}
        return self.names[labels]

    def _problem(self, reference: Reference, what: str, hint: str) -> None:
        self.draft.problems.append(Problem(reference.place, what, hint))


def _check_flows(draft: Draft) -> None:
    # As drawn: an edge to nowhere has its own problem, and derives something as well.
    deriving = {drawn.source for drawn in draft.edges if drawn.edge.name == "DERIVES"}
    for node in draft.nodes.values():
        if node.id.label == FLOW:
            draft.problems.extend(_flow_problems(node, draft.places[node.id], derives=node.id in deriving))


def _flow_problems(flow: Node, place: Place, *, derives: bool) -> Iterator[Problem]:
    called = f'flow "{flow.id.key}"'
    kind = flow.word("kind")
    if kind == "derive" and not derives:
        yield Problem(place, f"{called} derives nothing", "write `derives: …`, or choose another kind")
    if kind and kind != "derive" and derives:
        yield Problem(place, f"{called} derives data, but its kind is {kind}", "write `kind: derive`")
    begins, ends = flow.word("effective_from"), flow.word("effective_to")
    if begins and ends and ends < begins:
        yield Problem(place, f"{called} ends on {ends}, before it begins on {begins}", "change one of the dates")


def _check_names(draft: Draft, known: Known) -> None:
    """No alias of a node is another node's key, name or alias, and no two keys look alike, among nodes of one kind."""
    bearers = _bearers(draft, known)
    for (node_id, alias), place in draft.alias_places.items():
        others = sorted(bearers[node_id.label, normalised(alias)] - {node_id})
        if others:
            what = f'the alias "{alias}" of {node_id.key} also names {others[0].key}'
            draft.problems.append(Problem(place, what, "an alias belongs to one thing only"))
    for (label, form), bearing in bearers.items():
        keyed = [node_id for node_id in bearing if normalised(node_id.key) == form]
        # Those that the registry holds come first: they stay.
        keyed.sort(key=lambda node_id: draft.places.get(node_id, Place("")))
        for other in keyed[1:]:
            keys = f'"{keyed[0].key}" and "{other.key}"'
            what = f"the {GRAPH.node(label).noun} keys {keys} differ only in case or separators"
            draft.problems.append(Problem(draft.places[other], what, "write them alike, or give one another key"))


def _bearers(draft: Draft, known: Known) -> dict[tuple[str, str], set[NodeId]]:
    """Who answers to each name, by kind of node, among what is drafted and what the registry holds."""
    bearers: dict[tuple[str, str], set[NodeId]] = defaultdict(set)
    for node in draft.nodes.values():
        for name in names_of(node):
            bearers[node.id.label, normalised(name)].add(node.id)
    own = {node_id.key for node_id in draft.nodes} | {alias for _, alias in draft.alias_places}
    for name, ids in known.same_names(own, {node_id.label for node_id in draft.nodes}).items():
        for node_id in ids:
            if node_id not in draft.nodes:
                bearers[node_id.label, normalised(name)].add(node_id)
    return bearers


def _check_cycles(draft: Draft, edges: list[tuple[Edge, Place]], known: Known) -> None:
    acyclic = {edge.name for edge in GRAPH.edge_types if edge.acyclic}
    drafted = {edge.id: place for edge, place in edges if edge.name in acyclic}
    if not drafted:
        return
    outward: dict[tuple[str, NodeId], list[NodeId]] = defaultdict(list)
    for edge_id in drafted:
        outward[edge_id.name, edge_id.source].append(edge_id.target)
    for edge_id in known.edges_named({edge_id.name for edge_id in drafted}):
        # A node that is declared anew comes with all its edges: those it had before no longer count.
        if edge_id.source not in draft.nodes:
            outward[edge_id.name, edge_id.source].append(edge_id.target)
    for edge_id in _closing(outward, drafted):
        draft.problems.append(
            Problem(
                drafted[edge_id],
                f"{edge_id.source.key} {edge_id.name.lower()} {edge_id.target.key} closes a circle",
                "remove the edge that points the wrong way",
            )
        )


def _closing(outward: Mapping[tuple[str, NodeId], list[NodeId]], drafted: Mapping[EdgeId, Place]) -> Iterator[EdgeId]:
    """The drafted edges on a circle: those whose two ends lie in one strongly connected component (Tarjan 1972)."""
    component = _components(outward)
    for edge_id in drafted:
        source, target = (edge_id.name, edge_id.source), (edge_id.name, edge_id.target)
        if edge_id.source == edge_id.target or component[source] == component.get(target):
            yield edge_id


def _components(outward: Mapping[tuple[str, NodeId], list[NodeId]]) -> dict[tuple[str, NodeId], int]:
    """Number each node's strongly connected component, without recursion: trees may be deep."""
    index: dict[tuple[str, NodeId], int] = {}
    low: dict[tuple[str, NodeId], int] = {}
    component: dict[tuple[str, NodeId], int] = {}
    stack: list[tuple[str, NodeId]] = []
    for root in list(outward):
        if root in index:
            continue
        work = [(root, iter(outward.get(root, ())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            node, targets = work[-1]
            for target_id in targets:
                target = (node[0], target_id)
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    work.append((target, iter(outward.get(target, ()))))
                    break
                if target not in component:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while True:
                        member = stack.pop()
                        component[member] = index[node]
                        if member == node:
                            break
    return component


class Nothing:
    """A registry that holds nothing yet."""

    def keyed(self, keys: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """Nothing."""
        return {}

    def same_names(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """Nothing."""
        return {}

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def edges_named(self, names: Collection[str]) -> Iterable[EdgeId]:
        """Nothing."""
        return ()
