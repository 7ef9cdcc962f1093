"""A list as one HTML file that needs nothing else: no script, no outside address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from registry.documents import words
from registry.documents.document import Document, Missing, Part, Row, Tally
from registry.documents.words import Span, Style
from registry.model.snapshot import Text

_NARROW = 7
"""The share of the page that the number and the two columns at the end take, beside those of the list."""


class Shown(NamedTuple):
    """A cell on the page: what it is called where there is no table head, and its pieces."""

    label: str
    kind: str
    spans: list[Span]


class Line(NamedTuple):
    """A row on the page."""

    depth: int
    cells: list[Shown]


def write_html(document: Document, out: TextIO) -> Missing:
    """Write ``document``, with what is missing at the end."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tally = Tally(document)
    page = Page(document, tally)
    for piece in environment.get_template("list.html.j2").generate(page=page, document=document, words=words):
        out.write(piece)
    return tally.missing


class Page:
    """What the template asks for."""

    def __init__(self, document: Document, tally: Tally) -> None:
        self._document = document
        self._tally = tally
        self.language = document.language
        self.nested = int(document.numbered) + 1

    @property
    def lang(self) -> str:
        """The language as HTML names it."""
        return "zh-CN" if self.language == "zh" else self.language

    def text(self, text: Text) -> str:
        """``text`` in the language of the page."""
        return text.to(self.language)

    @property
    def colon(self) -> str:
        """The colon of the language."""
        return "：" if self.language == "zh" else ": "

    @property
    def heads(self) -> list[tuple[str, bool, float]]:
        """The names of all columns, whether they are mandatory, and their shares of the width in per cent."""
        document = self._document
        heads = [(self.text(one.name), one.mandatory, one.width) for one in document.headings]
        number = [(self.text(words.NUMBER), False, 5)] if document.numbered else []
        ends = [(self.text(words.CLAUSES), False, _NARROW + 2), (self.text(words.FLOWS), False, _NARROW + 5)]
        every = [*number, *heads, *ends]
        whole = sum(width for _, _, width in every)
        return [(name, mandatory, round(100 * width / whole, 2)) for name, mandatory, width in every]

    def lines(self, part: Part) -> Iterator[Line]:
        """The rows of a part, counted as they pass."""
        labels = [name for name, _, _ in self.heads]
        for row in self._tally.over(part.read()):
            pieces = [("cell", spans) for spans in self._cells(row)]
            number = [("number", [Span(str(row.number))])] if self._document.numbered else []
            ends = [
                ("source", [Span(words.clause_numbers(row.clauses, self._document))]),
                ("source", [Span(words.flow_keys(row.flows, self.language))]),
            ]
            every = [*number, *pieces, *ends]
            yield Line(row.depth, [Shown(label, *one) for label, one in zip(labels, every, strict=True)])

    def _cells(self, row: Row) -> Iterator[list[Span]]:
        for heading, cell in zip(self._document.headings, row.cells, strict=True):
            yield [_safe(span) for span in words.spans(cell, heading, self.language)]

    @property
    def missing(self) -> list[tuple[str, int]]:
        """What is missing, by column, in the rows that have passed."""
        return words.missing_columns(self._tally.missing, self._document)

    @property
    def summary(self) -> str:
        """One sentence on what is missing in the rows that have passed."""
        return words.summary(self._tally.missing, self._tally.rows, self.language)


def _safe(span: Span) -> Span:
    """The same piece; a link only where it leads to a page of the web."""
    return Span(span.text) if span.style is Style.LINK and not words.leads_to_web(span.url) else span
