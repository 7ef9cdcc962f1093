"""What a published list is made of: columns declared once, parts, and rows that are read as they are written."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

from registry.model.snapshot import NodeId, Text

LANGUAGES = ("zh", "en")

Line = TypeVar("Line")


class State(Enum):
    """What a cell says. `MISSING` is an empty cell of a column that the law asks for; it is counted.

    A missing cell may have entries: what the registry has, though the law asks for more.
    """

    STATED = "stated"
    MISSING = "missing"
    UNSTATED = "not-stated"
    NOT_APPLICABLE = "not-applicable"
    SHOWN_IN_APP = "shown-in-app"


@dataclass(frozen=True, slots=True)
class Level:
    """A level at which something is sensitive personal information."""

    key: str
    name: Text
    scheme: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a cell. ``sensitive`` are the levels that make it so; ``url`` is where it leads."""

    text: Text
    id: NodeId | None = None
    sensitive: tuple[Level, ...] = ()
    optional: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """The values of one column in one row, and what a reader must know besides."""

    entries: tuple[Entry, ...] = ()
    state: State = State.STATED
    notes: tuple[Text, ...] = ()

    # Rows are distinguished by their cells: the texts, whose hashes are known, are enough to sort most of them.
    def __hash__(self) -> int:
        return hash(tuple([entry.text for entry in self.entries]))


UNSTATED = Cell(state=State.UNSTATED)
"""Nothing in the registry says it. In a mandatory column this becomes missing."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a column. ``law`` is what makes it mandatory; None where nothing does.

    ``width`` is its share of the page; ``between`` stands between the values of a cell; ``marks`` is whether sensitive
    values are marked in words; a column that ``leads`` says what the row is about.
    Rows that differ only in columns ``of_item`` are those of one context: a page may show the rest once.
    """

    key: str
    name: Text
    law: Text | None = field(default=None, kw_only=True)
    width: int = field(default=10, kw_only=True)
    between: Text = field(default=Text("; ", "；"), kw_only=True)
    marks: bool = field(default=True, kw_only=True)
    leads: bool = field(default=False, kw_only=True)
    of_item: bool = field(default=False, kw_only=True)

    @property
    def mandatory(self) -> bool:
        """Whether the law asks for it."""
        return self.law is not None


class Statement(NamedTuple):
    """The command that would state what a cell lacks: the thing that it is about, the command, and its options."""

    subject: Text
    command: str
    options: str


@dataclass(frozen=True, slots=True)
class Column(Heading, Generic[Line]):
    """A column, with how its cell is read from whatever a row of its list is made of, and how it would be stated."""

    read: Callable[[Line], Cell]
    stated_by: Callable[[Line], Statement] | None = field(default=None, kw_only=True)

    def cell(self, line: Line) -> Cell:
        """The cell for ``line``; one that nothing states is missing where the law asks for it."""
        found = self.read(line)
        if self.mandatory and found.state is State.UNSTATED:
            return Cell(found.entries, State.MISSING, found.notes)
        return found


Place = tuple[str, int, tuple[int | str, ...], str]
"""Where a clause stands: its document, its first line there, its number, its key."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause that says what a row says."""

    key: str
    document: str
    number: str
    place: Place


@dataclass(frozen=True, slots=True)
class Lack:
    """What a row lacks: the column, the activity that it is lacking in (None where none is stated), and the command."""

    key: str
    activity: Text | None
    statement: Statement


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a cell for each column, the flows it comes from and the clauses that say so.

    ``depth`` is how deep it is nested; ``number`` is its place in its part; ``lacks`` is what is missing in it.
    """

    cells: tuple[Cell, ...]
    flows: tuple[str, ...]
    clauses: tuple[Clause, ...]
    depth: int = 0
    number: int = 0
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list. Each call of ``read`` reads its rows afresh, page by page, from the store.

    ``title`` is what it is called where parts without rows are left out and the rest is numbered anew; parts that
    follow each other with one title stand under it together, each with its ``subtitle``.
    """

    key: str
    heading: Text
    read: Callable[[], Iterator[Row]]
    title: Text | None = None
    subtitle: Text | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """A legal entity that handles the data, as the clauses ``clauses`` name it."""

    id: NodeId
    name: Text
    address: Text | None
    contact: Text | None
    officer: Text | None
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class ProductHead:
    """A product that the list is about. Several operators are those that the documents name in contradiction."""

    id: NodeId
    name: Text
    operators: tuple[Operator, ...]
    policy_date: str | None
    policy_url: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """A list ready to be written. It reads while it is written: keep the store's `reading` block open until then.

    ``sources`` are the short names of the documents whose clauses the rows may cite; ``levels`` those by which data is
    marked as sensitive. ``published`` is whether it is for readers of the privacy policy; ``effective`` is the day from
    which it holds, where that is known.
    """

    kind: str
    title: Text
    about: Text
    language: str
    on: date
    products: tuple[ProductHead, ...]
    headings: tuple[Heading, ...]
    parts: tuple[Part, ...]
    numbered: bool
    sources: tuple[str, ...]
    levels: tuple[Level, ...]
    published: bool = False
    effective: date | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """How many mandatory cells are missing, by column; `operator` and `operator_contact` are those of the heading."""

    by_column: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_column.values())


class Tally:
    """Counts rows and missing cells while they pass by."""

    def __init__(self, document: Document) -> None:
        self._keys = tuple(heading.key for heading in document.headings)
        self._missing = Counter(missing_in_heading(document))
        self.in_heading = tuple(_lacks_of_heading(document))
        self.rows = 0

    def over(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows, counted."""
        for row in rows:
            self.rows += 1
            for key, cell in zip(self._keys, row.cells, strict=True):
                if cell.state is State.MISSING:
                    self._missing[key] += 1
            yield row

    @property
    def missing(self) -> Missing:
        """What is missing in the rows that have passed so far, in the order of the columns."""
        order = ("operator", "operator_contact", *self._keys)
        return Missing({key: self._missing[key] for key in order if self._missing[key]})


def missing_in_heading(document: Document) -> dict[str, int]:
    """Who handles the data and how to reach them must be told (PIPL art. 17(1)(1))."""
    operators = [product.operators for product in document.products] or [()]
    return {
        "operator": sum(not several for several in operators),
        "operator_contact": sum(not any(one.contact for one in several) for several in operators),
    }


def _lacks_of_heading(document: Document) -> Iterator[Lack]:
    """What the heading lacks, and how it would be stated: of no activity."""
    for product in document.products:
        name, known = product.name, product.operators
        if not known:
            command = f"registry change product {shlex.quote(product.id.key)}"
            yield from (
                Lack(key, None, Statement(name, command, "--operated-by …")) for key in ("operator", "operator_contact")
            )
        elif not any(one.contact for one in known):
            command = f"registry change organization {shlex.quote(known[0].id.key)}"
            yield Lack("operator_contact", None, Statement(known[0].name, command, "--contact-en … --contact-zh …"))
    if not document.products:
        statement = Statement(Text("Product", "产品"), "registry add product …", "--operated-by …")
        yield from (Lack(key, None, statement) for key in ("operator", "operator_contact"))
