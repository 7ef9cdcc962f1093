"""Documents written out. Rows are written as they are read, so memory stays flat however long the list is."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TextIO

from registry.documents.document import Document, Missing, Tally
from registry.errors import UnknownName
from registry.model.suggestions import nearest

Writer = Callable[[Document, IO[bytes]], Missing]


def write(document: Document, form: str, stream: IO[bytes]) -> Missing:
    """Write ``document`` to ``stream`` as ``form`` (see `FORMATS`) and return what is missing in it.

    Raises `UnknownName` for a format that there is none of, before anything is written.
    """
    writers = _PUBLISHED if document.published else _WRITERS
    writer = writers.get(form)
    if writer is None:
        what = "format for publication" if document.published else "format"
        known = tuple(writers)
        raise UnknownName(
            f'there is no {what} "{form}"', nearest=nearest(form, known), hint=f"use one of: {', '.join(known)}"
        )
    return writer(document, stream)


def missing(document: Document) -> Missing:
    """Read the whole of ``document`` and count what is missing, as whatever writes it would."""
    if document.published:
        from registry.documents.publication import read_through

        return read_through(document)
    tally = Tally(document)
    for part in document.parts:
        for _ in tally.over(part.read()):
            pass
    return tally.missing


# Each writer is imported only where it is wanted: a template engine costs more than a table should.
def _html(document: Document, stream: IO[bytes]) -> Missing:
    from registry.documents.as_html import write_html

    with _text(stream, "utf-8") as out:
        return write_html(document, out)


def _markdown(document: Document, stream: IO[bytes]) -> Missing:
    from registry.documents.as_markdown import write_markdown

    with _text(stream, "utf-8") as out:
        return write_markdown(document, out)


def _csv(document: Document, stream: IO[bytes]) -> Missing:
    from registry.documents.as_csv import write_csv

    # Spreadsheets take a file without the mark for one in the local code page.
    with _text(stream, "utf-8-sig") as out:
        return write_csv(document, out)


def _json(document: Document, stream: IO[bytes]) -> Missing:
    from registry.documents.as_json import write_json

    with _text(stream, "utf-8") as out:
        return write_json(document, out)


def _published_html(document: Document, stream: IO[bytes]) -> Missing:
    from registry.documents.published_html import write_published_html

    with _text(stream, "utf-8") as out:
        return write_published_html(document, out)


def _published_markdown(document: Document, stream: IO[bytes]) -> Missing:
    from registry.documents.published_markdown import write_published_markdown

    with _text(stream, "utf-8") as out:
        return write_published_markdown(document, out)


_WRITERS: Mapping[str, Writer] = {"html": _html, "md": _markdown, "csv": _csv, "json": _json}
_PUBLISHED: Mapping[str, Writer] = {"html": _published_html, "md": _published_markdown}

FORMATS = tuple(_WRITERS)
PUBLISHED_FORMATS = tuple(_PUBLISHED)


@contextmanager
def _text(stream: IO[bytes], encoding: str) -> Iterator[TextIO]:
    """``stream`` as text; it stays open."""
    wrapped = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        yield wrapped
    finally:
        wrapped.detach()
