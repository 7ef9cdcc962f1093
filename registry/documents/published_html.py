"""A published list as one HTML file that needs nothing else: no script, no outside address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TextIO

from markupsafe import Markup

from registry.documents import words
from registry.documents.as_html import environment, piece, room
from registry.documents.aside import Aside, LinesAside
from registry.documents.document import Document, Heading, Missing
from registry.documents.publication import Block, Publication, Section, Table, Value, facts_in_lines, head_facts
from registry.model.snapshot import Text


def write_published_html(document: Document, out: TextIO) -> Missing:
    """Write ``document``, without what nobody states and no law asks for."""
    publication = Publication(document)
    with Aside() as body:
        contents = _body(publication, document.language, body)
        page = PublishedPage(document, publication, contents, body)
        stream = environment().get_template("published.html.j2").stream(page=page, document=document, words=words)
        stream.enable_buffering(100)
        out.writelines(stream)
    return publication.missing


class PublishedPage:
    """What the template asks for."""

    def __init__(
        self, document: Document, publication: Publication, contents: Sequence[tuple[str, str]], body: Aside
    ) -> None:
        self.language = document.language
        self.lang = words.html_language(document.language)
        self.title = words.title(document)
        self.dates = words.dates(document)
        self.heads = list(head_facts(document))
        self.several = any(words.contradicted(product) for product in document.products)
        self.about = document.about.to(document.language)
        self.sensitive = publication.sensitive
        self.contents = contents
        self._body = body

    def text(self, text: Text) -> str:
        """``text`` in the language of the page."""
        return text.to(self.language)

    def body(self) -> Iterator[Markup]:
        """The sections."""
        return (Markup(text) for text in self._body.pieces())  # noqa: S704  # each text in it was escaped


def _body(publication: Publication, language: str, out: Aside) -> list[tuple[str, str]]:
    """Write the sections to ``out`` and return their keys and titles."""
    contents: list[tuple[str, str]] = []
    for section in publication.sections():
        if section.title:
            title = words.numbered(len(contents) + 1, section.title, language)
            out.write(
                f'{"</section>" if contents else ""}<section id="{escape(section.key)}"><h2>{escape(title)}</h2>\n'
            )
            contents.append((section.key, title))
        if section.subtitle:
            out.write(f"<h3>{escape(section.subtitle.to(language))}</h3>\n")
        out.writelines(_section(section, language))
    if contents:
        out.write("</section>\n")
    return contents


def _section(section: Section, language: str) -> Iterator[str]:
    if isinstance(section.content, Table):
        yield from _table(section.content, language)
        return
    level = "h4" if section.subtitle else "h3"
    for number, block in enumerate(section.content, start=1):
        yield from _block(block, f"{number}", level, language)


def _block(block: Block, number: str, level: str, language: str) -> Iterator[str]:
    nested = " nested" if block.depth else ""
    yield f'<article class="block{nested}"><{level}><span class="number">{number}</span>'
    yield f"{_value(block.name)}</{level}>\n<dl>"
    for line in facts_in_lines(block.facts):
        for heading, value in line:
            wide = "" if len(line) > 1 else ' class="wide"'
            yield f"<div{wide}><dt>{escape(heading.name.to(language))}</dt><dd>{_value(value)}</dd></div>"
    yield "</dl>\n"
    if block.uses:
        yield from _table(block.uses, language, "uses")
    yield "</article>\n"


def _table(table: Table, language: str, of_class: str = "list") -> Iterator[str]:
    """A table; which columns it has is known when its lines are."""
    headings = table.headings
    with LinesAside(len(headings)) as aside:
        for line in table.lines:
            aside.add(line.band, [_value(value) for value in line.values])
        shown = [at for at, heading in enumerate(headings) if heading.mandatory or aside.used[at]]
        yield from _head([headings[at] for at in shown], language, of_class)
        before = ""
        for band, cells in aside:
            if band != before:
                yield f'</tbody><tbody><tr class="band"><th colspan="{len(shown)}" scope="rowgroup">'
                yield f"{escape(band)}</th></tr>\n"
                before = band
            yield f"<tr>{''.join([_cell(headings[at], cells[at], language) for at in shown])}</tr>\n"
    yield "</tbody></table>\n"


def _head(headings: Sequence[Heading], language: str, of_class: str) -> Iterator[str]:
    widths = [max(heading.width, room(heading.name.to(language))) for heading in headings]
    columns = "".join([f'<col style="width:{100 * width / sum(widths):.2f}%">' for width in widths])
    heads = "".join([f'<th scope="col">{escape(heading.name.to(language))}</th>' for heading in headings])
    yield f'<table class="{of_class}"><colgroup>{columns}</colgroup><thead><tr>{heads}</tr></thead><tbody>\n'


def _cell(heading: Heading, value: str, language: str) -> str:
    tag, scope = ("th", ' scope="row"') if heading.leads else ("td", "")
    empty = "" if value else ' class="empty"'
    label = escape(heading.name.to(language))
    return f'<{tag}{scope}{empty} data-label="{label}"><div>{value}</div></{tag}>'


def _value(value: Value) -> str:
    lines = ["".join([piece(one) for one in words.fewer(line)]) for line in value.lines]
    if len(lines) > 1:
        return f"<ol>{''.join([f'<li>{line}</li>' for line in lines])}</ol>"
    return "".join(lines)
