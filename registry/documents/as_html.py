"""A list as one HTML file that needs nothing else: no script, no outside address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from html import escape
from pathlib import Path
from typing import NamedTuple, TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from registry.documents import words
from registry.documents.aside import Aside, Gaps
from registry.documents.document import Document, Missing, Part, Row, State, Tally
from registry.documents.words import Span, Style
from registry.model.snapshot import Text

_NUMBER, _CLAUSES, _FLOWS = 5, 10, 12
"""The shares of the page that these columns take, beside those of the list."""


class Line(NamedTuple):
    """A row on the page, its cells as HTML, and whether it begins a new context."""

    begins: bool
    cells: Markup


def room(heading: str) -> int:
    """The share that a heading needs so that no word of it is broken; Chinese is broken anywhere."""
    return max(len(word) for word in heading.split()) + 2 if heading.isascii() else 0


def write_html(document: Document, out: TextIO) -> Missing:
    """Write ``document``, with what is missing first, by activity, and last, by column."""
    tally = Tally(document)
    with Aside() as body, Gaps() as gaps:
        gaps.add(tally.in_heading)
        page = Page(document, tally, gaps, body)
        for name, target in (("list_parts.html.j2", body), ("list.html.j2", out)):
            stream = environment().get_template(name).stream(page=page, document=document, words=words)
            # A template yields a piece for each word of it; written one by one they would cost more than the rest.
            stream.enable_buffering(_PIECES)
            target.writelines(stream)
    return tally.missing


@cache
def environment() -> Environment:
    """The templates of the lists."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


_PIECES = 500


class Page:
    """What the template asks for."""

    def __init__(self, document: Document, tally: Tally, gaps: Gaps, body: Aside) -> None:
        self._document = document
        self._tally = tally
        self._gaps = gaps
        self._body = body
        self.language = document.language
        self.lang = words.html_language(document.language)

    def body(self) -> Iterator[Markup]:
        """The parts, as they were laid aside."""
        return (Markup(text) for text in self._body.pieces())  # noqa: S704  # each text in it was escaped

    @property
    def has_gaps(self) -> bool:
        """Whether anything is missing."""
        return bool(self._gaps)

    def gaps(self) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
        """What is missing in each activity: of what, which columns, and the command that would state it."""
        between = words.COMMA.to(self.language)
        for activity, several in self._gaps.by_activity():
            lines = [
                (gap.subject.to(self.language), between.join(words.column_names(gap.keys, self._document)), gap.command)
                for gap in several
            ]
            yield (activity or words.NO_ACTIVITY).to(self.language), lines

    def text(self, text: Text) -> str:
        """``text`` in the language of the page."""
        return text.to(self.language)

    @property
    def colon(self) -> str:
        """The colon of the language."""
        return "：" if self.language == "zh" else ": "

    @property
    def least_width(self) -> int:
        """How many pixels the list needs; English words are longer than Chinese ones."""
        return round(self._units * (7.8 if self.language == "en" else 6.4))

    @property
    def heads(self) -> list[tuple[str, bool, float]]:
        """The names of all columns, whether they are mandatory, and their shares of the width in per cent."""
        return [(name, mandatory, round(100 * width / self._units, 2)) for name, mandatory, width in self._columns]

    @property
    def _units(self) -> int:
        return sum(width for _, _, width in self._columns)

    @cached_property
    def _columns(self) -> list[tuple[str, bool, int]]:
        document = self._document
        heads = [(self.text(one.name), one.mandatory, one.width) for one in document.headings]
        number = [(self.text(words.NUMBER), False, _NUMBER)] if document.numbered else []
        ends = [(self.text(words.CLAUSES), False, _CLAUSES), (self.text(words.FLOWS), False, _FLOWS)]
        return [(name, mandatory, max(width, room(name))) for name, mandatory, width in [*number, *heads, *ends]]

    def lines(self, part: Part) -> Iterator[Line]:
        """The rows of a part, counted as they pass. What a row shares with those of its context is shown once."""
        labels = [escape(name) for name, _, _ in self._columns]
        before: Row | None = None
        for row in self._tally.over(part.read()):
            self._gaps.add(row.lacks)
            goes_on = before is not None and self._of_one_context(before, row)
            upper = before if goes_on else None
            cells = [*self._number(row), *self._cells(row, upper), *self._ends(row, upper)]
            shown = (_cell(label, *cell) for label, cell in zip(labels, cells, strict=True))
            yield Line(not goes_on, Markup("".join(shown)))  # noqa: S704  # each text in it is escaped
            before = row

    def _of_one_context(self, one: Row, other: Row) -> bool:
        headings = self._document.headings
        return any(heading.of_item for heading in headings) and all(
            heading.of_item or first == second
            for heading, first, second in zip(headings, one.cells, other.cells, strict=True)
        )

    def _number(self, row: Row) -> Iterator[tuple[str, list[Span]]]:
        if self._document.numbered:
            yield "number", [Span(str(row.number))]

    def _cells(self, row: Row, before: Row | None) -> Iterator[tuple[str, list[Span]]]:
        above = before.cells if before else row.cells
        for heading, cell, upper in zip(self._document.headings, row.cells, above, strict=True):
            # What is missing is shown every time: the marks on the page are as many as are counted. So is what is
            # sensitive.
            always = heading.leads or not heading.marks or cell.state is State.MISSING
            same = before is not None and cell == upper and not always
            classes = ("lead nested" if row.depth else "lead") if heading.leads else "same" if same else ""
            yield classes, list(words.fewer(words.spans(cell, heading, self.language)))

    def _ends(self, row: Row, before: Row | None) -> Iterator[tuple[str, list[Span]]]:
        clauses = before is not None and before.clauses == row.clauses
        yield "source same" if clauses else "source", [Span(words.clause_numbers(row.clauses, self._document))]
        flows = before is not None and before.flows == row.flows
        yield "source same" if flows else "source", [Span(words.flow_keys(row.flows, self.language))]

    @property
    def missing(self) -> list[tuple[str, int]]:
        """What is missing, by column, in the rows that have passed."""
        return words.missing_columns(self._tally.missing, self._document)

    @property
    def summary(self) -> str:
        """One sentence on what is missing in the rows that have passed."""
        return words.summary(self._tally.missing, self._tally.rows, self.language)


def _cell(label: str, classes: str, spans: Iterable[Span]) -> str:
    """A cell as HTML: what it is called (escaped) where there is no table head, its classes, and its pieces.

    A list has a hundred thousand of them: put together here, they take half the time that a template would.
    """
    of_class = f' class="{classes}"' if classes else ""
    tag, scope = ("th", ' scope="row"') if classes.startswith("lead") else ("td", "")
    pieces = "".join([piece(one) for one in spans])
    return f'<{tag}{scope} data-label="{label}"{of_class}><span>{pieces}</span></{tag}>'


def piece(span: Span) -> str:
    """A piece of a cell as HTML."""
    text = escape(span.text)
    match span.style:
        case Style.PLAIN:
            return text
        case Style.SENSITIVE:
            return f"<strong>{text}</strong>"
        case Style.LINK:
            return f'<a href="{escape(span.url)}">{text}</a>'
        case Style.WORD:
            # One long word of a system: it is broken where its parts meet.
            return f'<span class="word">{text.replace(".", ".<wbr>").replace("_", "_<wbr>")}</span>'
        case _:
            return f'<span class="{span.style}">{text}</span>'
