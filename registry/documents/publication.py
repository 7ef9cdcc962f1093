"""A list as it is published: what its rows say, put together for readers of a privacy policy.

Only what the law and the conventions of such lists ask for: no keys, no clauses. What nobody states is left out, but
for what the law asks for: that says so, and is counted. A recipient is a block, kinds of data that share all else
stand in one cell, a permission is one row with its uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from registry.documents import words
from registry.documents.cells import in_words, once
from registry.documents.collection import PERHAPS
from registry.documents.document import (
    UNSTATED,
    Cell,
    Document,
    Heading,
    Missing,
    Operator,
    Row,
    State,
    missing_in_heading,
)
from registry.documents.words import Span, Style
from registry.model.graph import FLOW
from registry.model.snapshot import Text

Piece = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in one place; several lines are a numbered list. Nothing where nobody states it."""

    lines: tuple[Piece, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lines)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table; lines that follow each other with one ``band`` stand under it together."""

    values: tuple[Value, ...]
    band: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose lines are read as they are written. Columns that hold nothing are left out unless mandatory."""

    headings: Sequence[Heading]
    lines: Iterator[Line]


@dataclass(frozen=True, slots=True)
class Block:
    """One recipient: its name, what is said of it, and its uses where there are several."""

    name: Value
    depth: int
    facts: Sequence[tuple[Heading, Value]]
    uses: Table | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the list. One without a ``title`` goes on under the title before it."""

    key: str
    title: Text | None
    subtitle: Text | None
    content: Iterator[Block] | Table


_OF_PARTY = ("platforms", "organization", "contact", "role", "packages")
_OF_USE = (
    "cooperation",
    "purpose",
    "scenario",
    "data",
    "permissions",
    "mode",
    "necessity",
    "protection",
    "abroad",
)
_LAST = ("policy",)
SHORT = frozenset(
    ("platforms", "contact", "organization", "role", "packages", "mode", "necessity", "protection", "abroad")
)
"""What is so short that two of them stand side by side."""

_COLLECTED = in_words(FLOW, "kind", "collect")
_OF_KIND = ("class", "item", "sensitive")
"""What is said of each kind of data; the rest is shared."""

_UNITED = ("data", "refusal", "controls")
"""What the uses of a permission say together."""
_ALIKE = ("timing", "prompted", "refusable", "asker")
"""What all uses of a permission mostly say alike; each says it itself where they do not."""


class Publication:
    """The sections of a list for publication. What is missing is counted while they are read."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._language = document.language
        self._headings = {heading.key: heading for heading in document.headings}
        self._at = {heading.key: place for place, heading in enumerate(document.headings)}
        self._missing = Counter(missing_in_heading(document))
        self.sensitive = False

    @property
    def missing(self) -> Missing:
        """What is not provided in what has been read so far, in the order of the columns."""
        order = ("operator", "operator_contact", *self._headings)
        return Missing({key: self._missing[key] for key in order if self._missing[key]})

    def sections(self) -> Iterator[Section]:
        """The parts that have rows, each with its rows, which are read as they are written."""
        title: Text | None = None
        for part in self._document.parts:
            rows = part.read()
            first = next(rows, None)
            if first is None:
                continue
            own = part.title or part.heading
            content = self._content(chain((first,), rows), part.subtitle)
            yield Section(part.key, own if own != title else None, part.subtitle, content)
            title = own

    def _content(self, rows: Iterator[Row], system: Text | None) -> Iterator[Block] | Table:
        match self._document.kind:
            case "sharing":
                return self._blocks(rows, system)
            case "collection":
                return Table(self._kind_headings(), self._kinds(rows))
            case _:
                return Table(self._permission_headings(), self._permissions(rows))

    # ---- A block for each recipient ----

    def _blocks(self, rows: Iterator[Row], system: Text | None) -> Iterator[Block]:
        for _, group in groupby(rows, lambda row: self._cell(row, "recipient")):
            own = iter(group)
            first, second = next(own), next(own, None)
            under = [entry.text for entry in self._cell(first, "platforms").entries] == [system]
            shown = [key for key in _OF_PARTY if key != "platforms" or not under]
            keys = (*shown, *(() if second else _OF_USE), *_LAST)
            facts = [(self._headings[key], value) for key in keys if (value := self._of_block(first, key))]
            uses = None
            if second:
                rest = chain((first, second), own)
                lines = (Line(tuple([self._of_block(row, key) for key in _OF_USE])) for row in rest)
                uses = Table([self._headings[key] for key in _OF_USE], lines)
            yield Block(self._value(first, "recipient"), first.depth, facts, uses)

    def _of_block(self, row: Row, key: str) -> Value:
        """A fact of a block. That data is collected is plain from the list; what the recipient is there for is not."""
        cell = self._cell(row, key)
        if key == "cooperation":
            cell = replace(cell, entries=tuple(entry for entry in cell.entries if entry.text != _COLLECTED))
        return self._of_cell(key, cell)

    # ---- Kinds of data that share all else, in one cell ----

    def _kind_headings(self) -> list[Heading]:
        item = self._headings["item"]
        kinds = replace(item, name=words.KINDS, width=34)
        rest = [key for key in self._headings if key not in (*_OF_KIND, "function")]
        return [kinds, *(self._headings[key] for key in rest)]

    def _kinds(self, rows: Iterator[Row]) -> Iterator[Line]:
        shared = [key for key in self._headings if key not in (*_OF_KIND, "necessity")]
        rest = [key for key in self._headings if key not in (*_OF_KIND, "function")]
        for _, own in groupby(rows, lambda row: [self._cell(row, key) for key in shared]):
            beside: dict[tuple[Cell, tuple[Text, ...]], list[Row]] = {}
            for row in own:
                beside.setdefault((self._cell(row, "necessity"), self._cell(row, "item").notes), []).append(row)
            for together in beside.values():
                first = together[0]
                values = (self._of_kinds(together), *(self._value(first, key) for key in rest))
                yield Line(values, self._band(first))

    def _band(self, row: Row) -> str:
        entries = self._cell(row, "function").entries
        return entries[0].text.to(self._language) if entries else words.NO_FUNCTION.to(self._language)

    def _of_kinds(self, rows: Sequence[Row]) -> Value:
        """The kinds under their classes: `Device information: OAID, device model; Location: …`."""
        classes: dict[Cell, list[Row]] = {}
        for row in rows:
            classes.setdefault(self._cell(row, "class"), []).append(row)
        found: list[Span] = []
        for above, own in classes.items():
            if found:
                found.append(Span(words.SEMICOLON.to(self._language)))
            found.extend(self._of_class(above, own))
        notes = self._cell(rows[0], "item").notes
        if notes:
            found.append(self._bracketed(notes))
        return Value((tuple(found),))

    def _of_class(self, above: Cell, rows: Sequence[Row]) -> Iterator[Span]:
        items = [self._cell(row, "item").entries[0] for row in rows]
        names = [entry.text.to(self._language) for entry in above.entries]
        if names and [entry.id for entry in above.entries] != [entry.id for entry in items]:
            yield Span(words.COMMA.to(self._language).join(names) + words.COLON.to(self._language))
        for at, (row, entry) in enumerate(zip(rows, items, strict=True)):
            if at:
                yield Span(words.COMMA.to(self._language))
            yield from self._spans("item", Cell((entry,)))
            if above.state is State.STATED and self._perhaps_sensitive(row):
                yield self._bracketed((PERHAPS_WITHIN,))
        if above.state is State.MISSING:
            yield Span(" ")
            yield from self._spans("class", above)

    def _perhaps_sensitive(self, row: Row) -> bool:
        """Whether it is a wide kind under which sensitive ones stand."""
        return any(one.text == PERHAPS for one in self._cell(row, "sensitive").entries)

    # ---- One row for each permission ----

    def _permission_headings(self) -> list[Heading]:
        wide = {"permission": 17, "scenario": 32, "data": 22, "controls": 19, "timing": 14}
        given = {key: replace(self._headings[key], width=width) for key, width in wide.items()}
        uses = replace(given["scenario"], name=words.USES)
        keys = ("data", "timing", "prompted", "refusable", "refusal", "controls", "asker")
        headings = {**self._headings, **given}
        return [headings["permission"], headings["meaning"], uses, *(headings[key] for key in keys)]

    def _permissions(self, rows: Iterator[Row]) -> Iterator[Line]:
        for _, own in groupby(rows, lambda row: self._cell(row, "permission")):
            yield self._permission(list(own))

    def _permission(self, rows: Sequence[Row]) -> Line:
        first = rows[0]
        differing = [key for key in _ALIKE if any(self._cell(row, key) != self._cell(first, key) for row in rows)]
        rest: dict[str, Value] = {key: self._of_cell(key, self._united(rows, key)) for key in _UNITED}
        for key in _ALIKE:
            rest[key] = Value() if key in differing else self._value(first, key)
        keys = [heading.key for heading in self._permission_headings()[3:]]
        uses = Value(tuple(self._uses(rows, differing)))
        return Line((self._named(first), self._value(first, "meaning"), uses, *(rest[key] for key in keys)))

    def _named(self, row: Row) -> Value:
        """The permission with the identifier by which its system knows it."""
        found = list(self._spans("permission", self._cell(row, "permission")))
        identifier = self._cell(row, "identifier").entries
        if identifier:
            found += [Span(" "), Span(identifier[0].text.to(self._language), Style.WORD)]
        return Value((tuple(found),))

    def _uses(self, rows: Iterable[Row], differing: Sequence[str]) -> Iterator[Piece]:
        """Each use once: when, what for, and what differs from use to use."""
        known: set[tuple[Cell, ...]] = set()
        for row in rows:
            use = tuple(self._cell(row, key) for key in ("scenario", "purpose", *differing))
            if use not in known:
                known.add(use)
                yield tuple(self._use(row, differing))

    def _use(self, row: Row, differing: Sequence[str]) -> Iterator[Span]:
        colon = words.COLON.to(self._language)
        cell = self._cell(row, "scenario")
        functions = tuple(entry for entry in cell.entries if entry.id)
        scenario = replace(cell, entries=tuple(entry for entry in cell.entries if not entry.id))
        if functions:
            yield from self._spans("scenario", Cell(functions))
        if scenario.entries or scenario.state is State.MISSING:
            if functions:
                yield Span(colon)
            yield from self._spans("scenario", scenario)
        yield Span(words.SEMICOLON.to(self._language) + words.PURPOSE.to(self._language) + colon)
        yield from self._spans("purpose", self._cell(row, "purpose"))
        for key in differing:
            found = list(self._spans(key, self._cell(row, key)))
            if found:
                name = self._headings[key].name.to(self._language)
                yield Span(words.SEMICOLON.to(self._language) + name[:1].lower() + name[1:] + colon)
                yield from found

    def _united(self, rows: Iterable[Row], key: str) -> Cell:
        """What all uses say, each thing once."""
        found = [cell for row in rows if (cell := self._cell(row, key)).entries]
        if not found:
            return UNSTATED
        entries = once(entry for cell in found for entry in cell.entries)
        return Cell(entries, notes=tuple(dict.fromkeys(note for cell in found for note in cell.notes)))

    # ---- Cells ----

    def _cell(self, row: Row, key: str) -> Cell:
        return row.cells[self._at[key]]

    def _value(self, row: Row, key: str) -> Value:
        return self._of_cell(key, self._cell(row, key))

    def _of_cell(self, key: str, cell: Cell) -> Value:
        found = tuple(self._spans(key, cell))
        return Value((found,)) if found else Value()

    def _spans(self, key: str, cell: Cell) -> list[Span]:
        """How a cell reads; one that lacks what the law asks for is counted."""
        if cell.state is State.MISSING:
            self._missing[key] += 1
        found = words.without_full_stops(
            words.spans(cell, self._headings[key], self._language, published=True),
            self._headings[key].between.to(self._language),
        )
        self.sensitive = self.sensitive or any(span.style is Style.SENSITIVE for span in found)
        return found

    def _bracketed(self, notes: Iterable[Text]) -> Span:
        text = words.SEMICOLON.to(self._language).join(note.to(self._language) for note in notes)
        return Span(words.bracketed(text, self._language), Style.QUIET)


PERHAPS_WITHIN = Text("may include sensitive kinds", "可能包含敏感个人信息")


def facts_in_lines(facts: Sequence[tuple[Heading, Value]]) -> Iterator[tuple[tuple[Heading, Value], ...]]:
    """The facts of a block as they stand on the page: two short ones side by side, any other by itself."""
    waiting: list[tuple[Heading, Value]] = []
    for fact in facts:
        if fact[0].key not in SHORT:
            yield from ((one,) for one in waiting)
            waiting = []
            yield (fact,)
            continue
        waiting.append(fact)
        if len(waiting) == 2:
            yield tuple(waiting)
            waiting = []
    yield from ((one,) for one in waiting)


def read_through(document: Document) -> Missing:
    """Read the whole of ``document`` as it is published and count what is not provided."""
    publication = Publication(document)
    for section in publication.sections():
        if isinstance(section.content, Table):
            _drain(section.content)
        else:
            for block in section.content:
                if block.uses:
                    _drain(block.uses)
    return publication.missing


def _drain(table: Table) -> None:
    for _ in table.lines:
        pass


def head_facts(document: Document) -> Iterator[Sequence[tuple[str, str, str]]]:
    """What stands above a published list of each product: label, text, and the address that it leads to."""
    language = document.language
    for product in document.products:
        yield list(_of_product(product.name, product.operators, product.policy_url, language))
    if not document.products:
        yield list(_of_product(None, (), None, language))


def _of_product(
    name: Text | None, operators: Sequence[Operator], policy_url: str | None, language: str
) -> Iterator[tuple[str, str, str]]:
    if name:
        yield words.PRODUCT.to(language), name.to(language), ""
    for operator in operators:
        yield words.OPERATOR.to(language), operator.name.to(language), ""
        known: Mapping[Text, Text | None] = {
            words.ADDRESS: operator.address,
            words.CONTACT: operator.contact,
            words.OFFICER: operator.officer,
        }
        for label, text in known.items():
            if text:
                yield label.to(language), text.to(language), ""
    if not operators:
        yield words.OPERATOR.to(language), words.NOT_PROVIDED.to(language), ""
    if not any(operator.contact for operator in operators):
        yield words.CONTACT.to(language), words.NOT_PROVIDED.to(language), ""
    if policy_url:
        yield words.POLICY_URL.to(language), policy_url, policy_url
