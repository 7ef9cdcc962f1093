"""The words that stand around the facts of a list, in both languages, and how a cell reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
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
NOT_PROVIDED = Text("Not provided", "未提供")
NOT_APPLICABLE = Text("Not applicable", "不适用")
SHOWN_IN_APP = Text("Shown in the app, for each user", "由App按用户动态展示")
NOT_STATED = Text("not stated", "未载明")
NOTHING = "—"
OPTIONAL = Text("Optional: ", "可选：")
SENSITIVE = Text("sensitive", "敏感")
COMMA = Text(", ", "、")
SEMICOLON = Text("; ", "；")
COLON = Text(": ", "：")
NUMBER = Text("No.", "序号")
PART = Text("Part", "部分")
CLAUSES = Text("Clauses", "出处条款")
FLOWS = Text("Flow keys", "流转标识")
KINDS = Text("Personal information collected", "收集的个人信息")
USES = Text("Functions, scenarios and purposes", "业务功能/使用场景及目的")
PURPOSE = Text("purpose", "目的")
NO_FUNCTION = Text("Other processing", "其他处理活动")
UPDATED = Text("Updated on", "更新日期")
EFFECTIVE = Text("Effective from", "生效日期")
CONTENTS = Text("Contents", "目录")
EMPTY = Text("There is nothing to list at present.", "目前无应列明的事项。")
SENSITIVE_READ = Text(
    "Items in bold marked “(sensitive)” are sensitive personal information.",
    "加粗并标注“（敏感）”的为敏感个人信息。",
)
SEVERAL_OPERATORS = Text(
    "The privacy policy names each of these entities as the handler of the personal information.",
    "隐私政策将下列主体分别表述为个人信息处理者。",
)
NO_ROWS = Text("None on record.", "暂无登记。")
TO_STATE = Text("What is missing, by activity", "待补充事项（按业务功能）")
TO_STATE_READ = Text(
    "Each command states what is missing in the flow, recipient or organisation of its line; put the values for “…”.",
    "执行所列命令即可补充相应流转、接收方或组织的缺失项，“…”处填写具体内容。",
)
ACTIVITY = Text("Activity", "业务功能")
NO_ACTIVITY = Text("No activity stated", "未载明业务功能")
ABOUT = Text("Of what", "对象")
LACKING = Text("Missing", "缺失项")
COMMAND = Text("Command that states it", "补充命令")
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

_FIGURES = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MANY = 4
"""How many clauses or flows a row names on a page; the rest are counted. CSV and JSON name them all."""


class Style(StrEnum):
    """How a piece of a cell is to look."""

    PLAIN = "plain"
    SENSITIVE = "sensitive"
    MISSING = "missing"
    QUIET = "quiet"
    WORD = "word"
    LINK = "link"


class Span(NamedTuple):
    """A piece of a cell."""

    text: str
    style: Style = Style.PLAIN
    url: str = ""


def spans(cell: Cell, heading: Heading, language: str, *, schemes: bool = False, published: bool = False) -> list[Span]:
    """How a cell reads. With ``schemes`` sensitive values name the standards by which they are so.

    In what is ``published``, nothing stands where nothing is stated and no law asks for it.
    """
    found = _values(cell, heading, language, schemes)
    if cell.state is not State.STATED and not (published and cell.state in _LEFT_OUT):
        if found:
            found.append(Span(" "))
        found.append(_instead(cell.state, language, published))
    if cell.notes and (found or not published):
        notes = Text("; ", "；").to(language).join(note.to(language) for note in cell.notes)
        found.append(Span(bracketed(notes, language), Style.QUIET))
    return found


_LEFT_OUT = (State.UNSTATED, State.SHOWN_IN_APP)


@cache
def _instead(state: State, language: str, published: bool) -> Span:
    """What stands where nothing, or not enough, is stated."""
    match state:
        case State.MISSING:
            return Span((NOT_PROVIDED if published else MISSING).to(language), Style.MISSING)
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
    return list(zip(column_names(missing.by_column, document), missing.by_column.values(), strict=True))


def column_names(keys: Iterable[str], document: Document) -> list[str]:
    """What columns are headed; the operator and its contact stand in the heading of the list."""
    names = {heading.key: heading.name for heading in document.headings}
    own = {"operator": OPERATOR, "operator_contact": Text("Contact of the handler", "个人信息处理者联系方式")}
    return [names.get(key, own.get(key, Text(key, key))).to(document.language) for key in keys]


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


def without_full_stops(spans: Iterable[Span], between: str) -> list[Span]:
    """The same pieces; a sentence that another follows after ``between`` ends with that alone."""
    found: list[Span] = []
    for span in spans:
        if found and span.text.startswith(between.rstrip()):
            found[-1] = found[-1]._replace(text=found[-1].text.rstrip("。."))
        found.append(span)
    return found


def html_language(language: str) -> str:
    """The language as HTML names it."""
    return "zh-CN" if language == "zh" else language


def title(document: Document) -> str:
    """What a published list is called, with the product that it is about."""
    own = document.title.to(document.language)
    if len(document.products) != 1:
        return own
    name = document.products[0].name.to(document.language)
    return f"{name}{own}" if document.language == "zh" else f"{name}: {own}"


def dates(document: Document) -> list[tuple[str, str]]:
    """The day of a published list and the day from which it holds, where that is known."""
    known = ((UPDATED, document.on), (EFFECTIVE, document.effective))
    return [(label.to(document.language), day_in_words(day, document.language)) for label, day in known if day]


def day_in_words(day: date, language: str) -> str:
    """A day as documents write it."""
    return (
        f"{day.year}年{day.month}月{day.day}日"
        if language == "zh"
        else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    )


def numbered(number: int, heading: Text, language: str) -> str:
    """The heading of a section with its number."""
    if language != "zh":
        return f"{number}. {heading.en}"
    tens, ones = divmod(number, 10)
    figures = ("十" if tens == 1 else f"{_FIGURES[tens]}十" if tens else "") + (_FIGURES[ones] if ones else "")
    return f"{figures}、{heading.zh}"


def fewer(spans: Iterable[Span]) -> Iterator[Span]:
    """The same pieces, plain ones that follow each other in one; a link only where it leads to a page of the web."""
    text = ""
    for span in spans:
        if span.style is Style.PLAIN or (span.style is Style.LINK and not leads_to_web(span.url)):
            text += span.text
            continue
        if text:
            yield Span(text)
            text = ""
        yield span
    if text:
        yield Span(text)
