"""A list as Markdown (GitHub's tables). Nothing in the data can break the table or become markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from registry.documents import words
from registry.documents.aside import Aside, Gaps
from registry.documents.document import Document, Missing, ProductHead, Row, Tally
from registry.documents.words import Span, Style

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")
_BREAKS = re.compile(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+\s*")


def write_markdown(document: Document, out: TextIO) -> Missing:
    """Write ``document``, with what is missing at the end."""
    tally = Tally(document)
    with Aside() as body, Gaps() as gaps:
        gaps.add(tally.in_heading)
        body.writelines(_parts(document, tally, gaps))
        out.writelines(f"{text}\n" for text in _top(document))
        out.writelines(_gaps(document, gaps))
        out.writelines(body.pieces())
    out.writelines(f"{text}\n" for text in _bottom(document, tally))
    return tally.missing


def _gaps(document: Document, gaps: Gaps) -> Iterator[str]:
    """What is missing, by activity, each with the command that would state it."""
    if not gaps:
        return
    language = document.language
    yield f"\n## {words.TO_STATE.to(language)}\n\n"
    yield line(escaped(head.to(language)) for head in (words.ACTIVITY, words.ABOUT, words.LACKING, words.COMMAND))
    yield line("---" for _ in range(4))
    for activity, several in gaps.by_activity():
        for gap in several:
            name = (activity or words.NO_ACTIVITY).to(language)
            lacking = words.COMMA.to(language).join(words.column_names(gap.keys, document))
            yield line((escaped(name), escaped(gap.subject.to(language)), escaped(lacking), _code(gap.command)))


def _code(command: str) -> str:
    """A command; the bar would end its cell."""
    return f"`{_BREAKS.sub(' ', command).replace('`', '').replace('|', chr(92) + '|')}`"


def _parts(document: Document, tally: Tally, gaps: Gaps) -> Iterator[str]:
    for part in document.parts:
        yield f"\n## {escaped(part.heading.to(document.language))}\n\n"
        before = tally.rows
        for row in tally.over(part.read()):
            gaps.add(row.lacks)
            if tally.rows == before + 1:
                yield from _head(document)
            yield line(_cells(document, row))
        if tally.rows == before:
            yield f"{words.NO_ROWS.to(document.language)}\n"


def escaped(text: str) -> str:
    """``text`` on one line, with nothing that Markdown or HTML would take for markup."""
    return _SPECIAL.sub(r"\\\1", html.escape(_BREAKS.sub(" ", text), quote=False))


def _top(document: Document) -> Iterator[str]:
    language = document.language
    yield f"# {escaped(document.title.to(language))}"
    yield ""
    for product in document.products:
        yield from _product(product, document)
    yield f"- {words.GENERATED.to(language)}{_colon(language)}{document.on.isoformat()}"
    yield ""
    yield escaped(document.about.to(language))
    yield ""
    yield escaped(words.HOW_TO_READ.to(language))
    if document.levels:
        yield ""
        yield escaped(words.levels(document))


def _product(product: ProductHead, document: Document) -> Iterator[str]:
    language = document.language
    colon = _colon(language)
    yield f"- {words.PRODUCT.to(language)}{colon}{escaped(product.name.to(language))}"
    if product.policy_date:
        yield f"- {words.POLICY_DATE.to(language)}{colon}{escaped(product.policy_date)}"
    if product.policy_url:
        yield f"- {words.POLICY_URL.to(language)}{colon}{link(product.policy_url, product.policy_url)}"
    if words.contradicted(product):
        yield f"- **{escaped(words.CONTRADICTION.to(language))}**"
    if not product.operators:
        yield f"- {words.OPERATOR.to(language)}{colon}**{words.MISSING.to(language)}**"
    for operator in product.operators:
        cited = words.clause_numbers(operator.clauses, document)
        source = words.bracketed(f"{words.CLAUSES.to(language)}{colon}{cited}", language)
        yield f"- {words.OPERATOR.to(language)}{colon}{escaped(operator.name.to(language) + source)}"
        for label, text in words.operator_facts(operator, language):
            yield f"  - {label}{colon}{escaped(text)}"


def _bottom(document: Document, tally: Tally) -> Iterator[str]:
    language, missing = document.language, tally.missing
    yield ""
    yield f"## {words.SUMMARY.to(language)}"
    yield ""
    yield words.summary(missing, tally.rows, language)
    if missing.total:
        yield ""
        for name, count in words.missing_columns(missing, document):
            yield f"- {escaped(name)}{_colon(language)}{count}"
    yield ""
    yield words.GENERATED_FROM.to(language)


def _head(document: Document) -> Iterator[str]:
    language = document.language
    names = [words.head(heading, language) for heading in document.headings]
    names = [*([words.NUMBER.to(language)] if document.numbered else []), *names]
    names += [words.CLAUSES.to(language), words.FLOWS.to(language)]
    yield line(escaped(name) for name in names)
    yield line("---" for _ in names)


def _cells(document: Document, row: Row) -> Iterator[str]:
    language = document.language
    if document.numbered:
        yield str(row.number)
    for heading, cell in zip(document.headings, row.cells, strict=True):
        yield "".join(span(one) for one in words.spans(cell, heading, language))
    yield escaped(words.clause_numbers(row.clauses, document))
    yield escaped(words.flow_keys(row.flows, language))


def span(one: Span) -> str:
    """A piece of a cell."""
    match one.style:
        case Style.SENSITIVE | Style.MISSING:
            return f"**{escaped(one.text).strip()}**"
        case Style.LINK:
            return link(one.text, one.url)
        case _:
            return escaped(one.text)


def link(text: str, url: str) -> str:
    """A link, where the address leads to a page of the web."""
    if not words.leads_to_web(url):
        return escaped(text)
    target = re.sub(r"[\s<>()|\\\"`]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)
    return f"[{escaped(text)}](<{target}>)"


def line(cells: Iterable[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |\n"


def _colon(language: str) -> str:
    return "：" if language == "zh" else ": "
