"""Tables for people: as wide as the page, and no word cut in two where the page has room for it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

NARROWEST = 60
UNWATCHED = 120
"""The width of tables that go to a file or a pipe."""

LEAST = 16
"""A column is not narrower unless its lines are: a text of wide letters could stand one to a line."""

INDENT = "  "
_WIDE = (
    "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003ffff"
)
_OPENING = "（“‘《「『【［｛"
_CLOSING = "，。、：；！？）”’》」』】］｝…—"
# What stays on one line: a word or one wide letter, with the signs that no line begins or ends with.
_PIECE = re.compile(rf"(?:● |[{_OPENING}])*(?:[^\s{_WIDE}{_OPENING}{_CLOSING}]+|[{_WIDE}][]),.;:!?]*)?[{_CLOSING}]*\s*")

Row = Sequence[str | Styled]


def console() -> Console:
    """Standard output, as wide as the terminal, or as wide as a page where there is none."""
    width = shutil.get_terminal_size((UNWATCHED, 24)).columns
    return Console(width=max(width, NARROWEST), highlight=False, soft_wrap=False)


def print_table(headings: Sequence[str], rows: Iterable[Row], title: str = "", *, ruled: bool = False) -> None:
    """Print a plain table. Cells wrap between words; columns with nothing in them are left out.

    Where the page is too narrow for the longest words side by side, each row is a paragraph instead: the first cell,
    and below it each other cell under its heading. With ``ruled`` a line stands between rows.
    """
    out = console()
    lines = [[cell if isinstance(cell, Styled) else Styled(cell) for cell in row] for row in rows]
    kept = [number for number in range(len(headings)) if number == 0 or any(line[number].plain for line in lines)]
    lines = [[line[number] for number in kept] for line in lines]
    heads = [headings[number] for number in kept]
    columns = [[Styled(head), *(line[number] for line in lines)] for number, head in enumerate(heads)]
    widths = _widths(columns, out.width - 3 * len(columns) - 1)
    if title:
        # A plain string would be read as markup, and lose what stands in brackets.
        out.print(wrapped(Styled(title, style="bold"), out.width))
    if widths is None:
        _print_paragraphs(out, heads, lines, ruled=ruled)
        return
    table = Table(box=box.HORIZONTALS, expand=False, show_lines=ruled)
    table.show_header = any(heads)
    for head, width in zip(heads, widths, strict=True):
        table.add_column(head, overflow="fold", width=width)
    for line in lines:
        table.add_row(*(wrapped(cell, width) for cell, width in zip(line, widths, strict=True)))
    out.print(table)


def wrapped(text: Styled, width: int) -> Styled:
    """The text in lines of ``width``: a word stays whole where it can, and what follows a line keeps its indent."""
    return Styled("\n").join(part for line in text.split("\n", allow_blank=True) for part in _folded(line, width))


def _folded(line: Styled, width: int) -> Iterator[Styled]:
    indent = line.plain[: len(line.plain) - len(line.plain.lstrip())]
    offsets, used = [], 0
    for start, piece in _pieces(line.plain, width - len(indent)):
        if used and used + cell_len(piece.rstrip()) > width:
            offsets.append(start)
            used = len(indent)
        used += cell_len(piece)
    for number, part in enumerate(line.divide(offsets)):
        part.rstrip()
        yield Styled.assemble(indent, part) if number else part


def _pieces(text: str, width: int) -> Iterator[tuple[int, str]]:
    """Where the text may be cut: each piece with its place. A word longer than ``width`` is in pieces itself."""
    start = len(text) - len(text.lstrip())
    if start:
        yield 0, text[:start]
    for found in _PIECE.finditer(text, start):
        if cell_len(found[0].rstrip()) <= width:
            yield found.start(), found[0]
        else:
            yield from ((found.start() + number, letter) for number, letter in enumerate(found[0]))


def _widths(columns: Sequence[Sequence[Styled]], room: int) -> list[int] | None:
    """How wide each column is: what its longest word needs, and a share of the rest. None where there is no room."""
    most = [max(map(_longest_line, cells)) for cells in columns]
    words = [max(map(_longest_word, cells)) for cells in columns]
    least = [max(word, min(line, LEAST)) for word, line in zip(words, most, strict=True)]
    spare = room - sum(least)
    if spare < 0:
        return None
    wanted = [line - word for line, word in zip(most, least, strict=True)]
    if sum(wanted) <= spare:
        return most
    widths = [word + spare * more // sum(wanted) for word, more in zip(least, wanted, strict=True)]
    return [*widths[:-1], room - sum(widths[:-1])]


def _longest_word(cell: Styled) -> int:
    """The width of the longest piece, with the indent of its line."""
    return max(
        (
            len(line) - len(line.lstrip()) + cell_len(piece[0].strip())
            for line in cell.plain.split("\n")
            for piece in _PIECE.finditer(line)
        ),
        default=0,
    )


def _longest_line(cell: Styled) -> int:
    return max(map(cell_len, cell.plain.split("\n")))


def _print_paragraphs(out: Console, heads: Sequence[str], lines: Sequence[Sequence[Styled]], *, ruled: bool) -> None:
    if any(heads):
        out.print(wrapped(Styled(" · ".join(filter(None, heads)), style="bold"), out.width))
    for first, *others in lines:
        if ruled:
            out.print()
        out.print(wrapped(first, out.width))
        for head, cell in zip(heads[1:], others, strict=True):
            if cell.plain:
                start = Styled(f"{head}: ", style="dim") if head and len(others) > 1 else Styled()
                below = Styled("\n").join(
                    Styled.assemble(INDENT, line) for line in Styled.assemble(start, cell).split("\n", allow_blank=True)
                )
                out.print(wrapped(below, out.width))
