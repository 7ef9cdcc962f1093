"""A list as CSV (RFC 4180): one header row, the rows of all parts with the part in front."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from typing import TextIO

from registry.documents import words
from registry.documents.document import Document, Missing, Row, Tally

_FORMULA = frozenset("=+-@\t\r\n")


def write_csv(document: Document, out: TextIO) -> Missing:
    """Write ``document``. What is not stated is empty; what is missing says so."""
    table = csv.writer(out)
    table.writerow([harmless(cell) for cell in _header(document)])
    tally = Tally(document)
    for part in document.parts:
        heading = part.heading.to(document.language)
        for row in tally.over(part.read()):
            table.writerow([harmless(cell) for cell in (heading, *_cells(document, row))])
    return tally.missing


def harmless(cell: str) -> str:
    """``cell`` so that no spreadsheet takes it for a formula: such text gets an apostrophe in front.

    Spaces before it and full-width signs (``＝``) count too: spreadsheets differ in what they overlook.
    """
    if not cell or cell[0].isalnum():
        return cell
    if cell[0] in _FORMULA:
        return f"'{cell}"
    first = cell.lstrip()[:1]
    return f"'{cell}" if first and unicodedata.normalize("NFKC", first) in _FORMULA else cell


def _header(document: Document) -> Iterator[str]:
    language = document.language
    yield words.PART.to(language)
    if document.numbered:
        yield words.NUMBER.to(language)
    for heading in document.headings:
        yield heading.name.to(language)
    yield words.CLAUSES.to(language)
    yield words.FLOWS.to(language)


def _cells(document: Document, row: Row) -> Iterator[str]:
    if document.numbered:
        yield str(row.number)
    for heading, cell in zip(document.headings, row.cells, strict=True):
        yield words.plain(cell, heading, document.language)
    yield "; ".join(clause.key for clause in row.clauses)
    yield "; ".join(row.flows)
