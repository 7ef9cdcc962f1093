"""A published list as Markdown (GitHub's tables). Nothing in the data can break a table or become markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from registry.documents import words
from registry.documents.as_markdown import escaped, line, link, span
from registry.documents.aside import Aside, LinesAside
from registry.documents.document import Document, Heading, Missing
from registry.documents.publication import Block, Publication, Section, Table, Value, head_facts


def write_published_markdown(document: Document, out: TextIO) -> Missing:
    """Write ``document``, without what nobody states and no law asks for."""
    publication = Publication(document)
    with Aside() as body:
        body.writelines(_sections(publication, document.language))
        out.writelines(f"{text}\n" for text in _top(document, publication))
        out.writelines(body.pieces())
    return publication.missing


def _top(document: Document, publication: Publication) -> Iterator[str]:
    language = document.language
    colon = words.COLON.to(language)
    yield f"# {escaped(words.title(document))}"
    yield ""
    for label, day in words.dates(document):
        yield f"- {label}{colon}{day}"
    if any(words.contradicted(product) for product in document.products):
        yield f"- {escaped(words.SEVERAL_OPERATORS.to(language))}"
    for facts in head_facts(document):
        for label, text, url in facts:
            yield f"- {label}{colon}{link(text, url) if url else escaped(text)}"
    yield ""
    yield escaped(document.about.to(language))
    if publication.sensitive:
        yield ""
        yield escaped(words.SENSITIVE_READ.to(language))


def _sections(publication: Publication, language: str) -> Iterator[str]:
    count = 0
    for section in publication.sections():
        if section.title:
            count += 1
            yield f"\n## {escaped(words.numbered(count, section.title, language))}\n"
        if section.subtitle:
            yield f"\n### {escaped(section.subtitle.to(language))}\n"
        yield from _section(section, language)
    if not count:
        yield f"\n{escaped(words.EMPTY.to(language))}\n"


def _section(section: Section, language: str) -> Iterator[str]:
    level = "####" if section.subtitle else "###"
    if isinstance(section.content, Table):
        yield from _table(section.content, level, language)
        return
    for number, block in enumerate(section.content, start=1):
        yield from _block(block, f"{level} {number}.", language)


def _block(block: Block, before: str, language: str) -> Iterator[str]:
    yield f"\n{before} {_value(block.name)}\n\n"
    for heading, value in block.facts:
        yield f"- {escaped(heading.name.to(language))}{words.COLON.to(language)}{_value(value)}\n"
    if block.uses:
        yield from _table(block.uses, "", language)


def _table(table: Table, level: str, language: str) -> Iterator[str]:
    """A table; where its lines stand under several headings, one for each."""
    headings = table.headings
    with LinesAside(len(headings)) as aside:
        for one in table.lines:
            aside.add(one.band, [_value(value) for value in one.values])
        shown = [at for at, heading in enumerate(headings) if heading.mandatory or aside.used[at]]
        before = None
        for band, cells in aside:
            if band != before:
                yield from _head(band, [headings[at] for at in shown], level, language)
                before = band
            yield line(cells[at] for at in shown)


def _head(band: str, headings: Sequence[Heading], level: str, language: str) -> Iterator[str]:
    yield f"\n{level} {escaped(band)}\n\n" if band else "\n"
    yield line(escaped(heading.name.to(language)) for heading in headings)
    yield line("---" for _ in headings)


def _value(value: Value) -> str:
    lines = ["".join(span(one) for one in spans) for spans in value.lines]
    if len(lines) > 1:
        return "<br>".join(f"{at}. {text}" for at, text in enumerate(lines, start=1))
    return "".join(lines)
