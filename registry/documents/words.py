"""The words that stand around the facts of a list, in both languages, and how a cell reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from registry.documents.document import (
    Cell,
    Clause,
    Document,
    Entry,
    Heading,
    Level,
    Missing,
    Operator,
    ProductHead,
    State,
)
from registry.model.snapshot import Text

MISSING = Text("Missing", "缺失")
NOT_APPLICABLE = Text("Not applicable", "不适用")
SHOWN_IN_APP = Text("Shown in the app, for each user", "由App按用户动态展示")
NOT_STATED = Text("not stated", "未载明")
NOTHING = "—"
OPTIONAL = Text("Optional: ", "可选：")
SENSITIVE = Text("sensitive", "敏感")
NUMBER = Text("No.", "序号")
PART = Text("Part", "部分")
CLAUSES = Text("Clauses", "出处条款")
FLOWS = Text("Flow keys", "流转标识")
NO_ROWS = Text("None on record.", "暂无登记。")
SUMMARY = Text("What is missing", "缺失项汇总")
PRODUCT = Text("Product", "产品名称")
OPERATOR = Text("Personal information handler", "个人信息处理者")
CONTACT = Text("Contact", "联系方式")
OFFICER = Text("Personal information protection officer", "个人信息保护负责人")
ADDRESS = Text("Address", "地址")
GENERATED = Text("Generated on", "清单生成日期")
POLICY_DATE = Text("Date of the privacy policy", "隐私政策日期")
POLICY_URL = Text("Privacy policy", "隐私政策")
CONTRADICTION = Text(
    "The privacy policy contradicts itself about who handles the personal information. All of the entities that it "
    "names are shown, each with its clauses.",
    "隐私政策对个人信息处理者的表述不一致，以下列明其提及的全部主体及各自的出处条款。",
)
HOW_TO_READ = Text(
    "Columns marked * are those that law, regulations and regulators ask for. Bold items marked (sensitive) are "
    "sensitive personal information. What is asked for and not on record is marked as missing; nothing is filled in.",
    "标*的栏目为法律、行政法规和监管规定要求列明的事项；加粗并标注“（敏感）”的为敏感个人信息；应当列明而登记信息中未载明的，"
    "标为“缺失”，不作推断填写。",
)
LEVELS = Text("Sensitive by: ", "敏感个人信息的标注依据：")
GENERATED_FROM = Text(
    "Generated from the active flows of the personal information registry.",
    "本清单依据个人信息登记系统中现行有效的个人信息流转记录自动生成。",
)

_NAMED_PARTS = {"preamble": "前言", "summary": "摘要", "annex": "附件", "end": "结尾"}

_MANY = 4
"""How many clauses or flows a row names on a page; the rest are counted. CSV and JSON name them all."""


class Style(StrEnum):
    """How a piece of a cell is to look."""

    PLAIN = "plain"
    SENSITIVE = "sensitive"
    MISSING = "missing"
    QUIET = "quiet"
    LINK = "link"


class Span(NamedTuple):
    """A piece of a cell."""

    text: str
    style: Style = Style.PLAIN
    url: str = ""


def spans(cell: Cell, heading: Heading, language: str, *, schemes: bool = False) -> list[Span]:
    """How a cell reads. With ``schemes`` sensitive values name the standards by which they are so."""
    found = _values(cell, heading, language, schemes)
    if cell.state is not State.STATED:
        if found:
            found.append(Span(" "))
        found.append(_instead(cell.state, language))
    if cell.notes:
        notes = Text("; ", "；").to(language).join(note.to(language) for note in cell.notes)
        found.append(Span(bracketed(notes, language), Style.QUIET))
    return found


@cache
def _instead(state: State, language: str) -> Span:
    """What stands where nothing, or not enough, is stated."""
    match state:
        case State.MISSING:
            return Span(MISSING.to(language), Style.MISSING)
        case State.NOT_APPLICABLE:
            return Span(NOT_APPLICABLE.to(language), Style.QUIET)
        case State.SHOWN_IN_APP:
            return Span(SHOWN_IN_APP.to(language), Style.QUIET)
        case _:
            return Span(NOTHING, Style.QUIET)


def _values(cell: Cell, heading: Heading, language: str, schemes: bool) -> list[Span]:
    # Most cells have one value or none.
    if not cell.entries:
        return []
    if len(cell.entries) == 1 and not cell.entries[0].optional:
        return [_span(cell.entries[0], heading, language, schemes)]
    needed = [entry for entry in cell.entries if not entry.optional]
    optional = [entry for entry in cell.entries if entry.optional]
    found = list(_joined(needed, heading, language, schemes))
    if optional:
        found.append(Span((Text("; ", "；").to(language) if needed else "") + OPTIONAL.to(language)))
        found.extend(_joined(optional, heading, language, schemes))
    return found


def _joined(entries: Iterable[Entry], heading: Heading, language: str, schemes: bool) -> Iterator[Span]:
    for at, entry in enumerate(entries):
        if at:
            yield Span(heading.between.to(language))
        yield _span(entry, heading, language, schemes)


def _span(entry: Entry, heading: Heading, language: str, schemes: bool) -> Span:
    text = entry.text.to(language)
    if entry.url:
        return Span(text, Style.LINK, entry.url)
    if not entry.sensitive:
        return Span(text)
    return Span(text + _mark(entry.sensitive, heading, language, schemes), Style.SENSITIVE)


def _mark(levels: Iterable[Level], heading: Heading, language: str, schemes: bool) -> str:
    named = dict.fromkeys(level.name.to(language) for level in levels) if schemes else ()
    standards = Text("; ", "；").to(language).join(named)
    mark = SENSITIVE.to(language) if heading.marks else ""
    between = Text(": ", "：").to(language) if mark and standards else ""
    return bracketed(mark + between + standards, language) if mark or standards else ""


def bracketed(text: str, language: str) -> str:
    """``text`` in the brackets of the language."""
    return f"（{text}）" if language == "zh" else f" ({text})"


def plain(cell: Cell, heading: Heading, language: str) -> str:
    """How a cell reads as one text, with the standards by which its values are sensitive; empty if nothing is said."""
    if not cell.notes:
        if cell.state is State.UNSTATED:
            return ""
        # Most cells are this, and long lists have many.
        if cell.state is State.STATED and len(cell.entries) == 1:
            entry = cell.entries[0]
            if not entry.sensitive and not entry.optional:
                return entry.text.to(language)
    return "".join([span.text for span in spans(cell, heading, language, schemes=True)])


def head(heading: Heading, language: str) -> str:
    """What stands above a column, with its mark where it is mandatory."""
    return heading.name.to(language) + ("*" if heading.mandatory else "")


def clause_numbers(clauses: Iterable[Clause], document: Document) -> str:
    """Clauses in short: their numbers, with the name of the text where the registry knows several."""
    several, language = len(document.sources) > 1, document.language
    numbers = [(one.document, _number(one.number, language)) for one in clauses]
    return _short([f"{text}:{number}" if several else number for text, number in numbers], language)


def _number(number: str, language: str) -> str:
    """The number of a clause; parts of a text that have a name instead bear it in the language of the list."""
    named = re.match("[a-z]{3,}", number)
    if language == "en" or not named:
        return number
    return _NAMED_PARTS.get(named[0], named[0]) + number[named.end() :]


def flow_keys(flows: Iterable[str], language: str) -> str:
    """Flow keys in short."""
    return _short(list(flows), language)


def _short(names: list[str], language: str) -> str:
    between = Text(", ", "、").to(language)
    if len(names) <= _MANY + 1:
        return between.join(names) or NOTHING
    shown = between.join(names[:_MANY])
    return shown + Text(f" and {len(names) - _MANY} more", f"等{len(names)}项").to(language)


def summary(missing: Missing, rows: int, language: str) -> str:
    """One sentence on what is missing."""
    total, listed = missing.total, "1 row" if rows == 1 else f"{rows:,} rows"
    if not total:
        complete = Text(f"{listed}; nothing mandatory is missing.", f"本清单共{rows}行，应当列明的事项无缺失。")
        return complete.to(language)
    items = "1 mandatory item is" if total == 1 else f"{total:,} mandatory items are"
    return Text(f"{listed}; {items} missing.", f"本清单共{rows}行，应当列明的事项缺失{total}处。").to(language)


def missing_columns(missing: Missing, document: Document) -> list[tuple[str, int]]:
    """The columns in which something is missing, as they are headed, with how much."""
    names = {heading.key: heading.name for heading in document.headings}
    own = {"operator": OPERATOR, "operator_contact": Text("Contact of the handler", "个人信息处理者联系方式")}
    return [
        (names.get(key, own.get(key, Text(key, key))).to(document.language), count)
        for key, count in missing.by_column.items()
    ]


def contradicted(product: ProductHead) -> bool:
    """Whether documents name different operators."""
    return len(product.operators) > 1


def operator_facts(operator: Operator, language: str) -> list[tuple[str, str]]:
    """What is known of an operator besides its name."""
    known = ((ADDRESS, operator.address), (CONTACT, operator.contact), (OFFICER, operator.officer))
    return [(label.to(language), text.to(language) if text else NOT_STATED.to(language)) for label, text in known]


def levels(document: Document) -> str:
    """By which levels data is marked as sensitive."""
    names = (level.name.to(document.language) for level in document.levels)
    return LEVELS.to(document.language) + Text("; ", "；").to(document.language).join(names)


def leads_to_web(url: str) -> bool:
    """Whether an address may become a link: nothing but pages of the web."""
    return url.lower().startswith(("https://", "http://"))
