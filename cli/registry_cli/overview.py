"""The answer first: its sentence, then one line a row, the surest first; and how the rest is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text as Styled

from registry.lineage import Answer, Certainty, Row
from registry.model.graph import RECIPIENT
from registry.model.snapshot import NodeId, Text
from registry_cli.details import (
    CERTAINTIES,
    SENSITIVE_MARK,
    any_sensitive,
    clause_number,
    ends_of,
    matched,
    named,
    related_heading,
    title,
)
from registry_cli.tables import console, wrapped

ROWS = 20
"""How many rows an overview shows before it counts the rest."""

NOTES = 3
"""How many notes."""

_GAP = "  "
_LEAST = 6
"""No column is made narrower."""


class Shown(NamedTuple):
    """What is shown of an answer: all its rows, each with ``details``; or the first of them, a line each.

    ``command`` is what was asked, so that the last line can say how to see more; ``paged`` is whether a page was.
    """

    details: bool = False
    everything: bool = False
    command: str = ""
    paged: bool = False


Items = Sequence[Styled]


class Column(NamedTuple):
    """What a line says of a row under one heading: several items, of which as many are shown as fit."""

    heading: Text
    items: Callable[[Answer, Row, str], Items]


def print_overview(answer: Answer, language: str, shown: Shown) -> None:
    """Print the sentence and one line a row; rows by a catch-all category alone are counted in the sentence."""
    out = console()
    out.print(wrapped(title(answer, language), out.width))
    out.print(wrapped(Styled(answer.summary.text.to(language), style="bold"), out.width))
    everything = shown.everything or shown.paged
    rows = [row for row in answer.rows if everything or not row.catch_all]
    rows = rows if everything else rows[:ROWS]
    _print_lines(out, answer, rows, language)
    _print_notes(out, answer, language, shown)
    for word, ids in answer.related.items():
        if ids:
            _print_related(out, answer, word, ids, language)
    if rows and any_sensitive(answer):
        out.print(Styled(SENSITIVE_MARK.to(language), style="dim"))
    _print_more(out, answer, len(rows), language, shown)


def _print_lines(out: Console, answer: Answer, rows: Sequence[Row], language: str) -> None:
    if not rows:
        return
    columns = _COLUMNS[answer.question]
    numbers = {id(row): str(place) for place, row in enumerate(answer.rows, 1)}
    cells = {id(row): [column.items(answer, row, language) for column in columns] for row in rows}
    used = [place for place, _ in enumerate(columns) if place == 0 or any(line[place] for line in cells.values())]
    first = max(map(len, numbers.values()))
    widths = _widths(
        [columns[place] for place in used],
        [[line[place] for place in used] for line in cells.values()],
        out.width - first - len(_GAP) * len(used),
        language,
    )
    out.print()
    heads = [
        _padded(_cut(Styled(columns[place].heading.to(language)), width), width).plain
        for place, width in zip(used, widths, strict=True)
    ]
    out.print(Styled(_GAP.join([" " * first, *heads]).rstrip(), style="dim"))
    for certainty in Certainty:
        several = [row for row in rows if row.certainty is certainty]
        if several:
            out.print(Styled(CERTAINTIES[certainty].to(language), style="dim"))
        for row in several:
            line = [Styled(numbers[id(row)].rjust(first), style="dim")]
            line += [_fitted(cells[id(row)][place], width, language) for place, width in zip(used, widths, strict=True)]
            whole = Styled(_GAP).join(line)
            whole.rstrip()
            out.print(whole, no_wrap=True, overflow="ignore", crop=False)
    unused = [columns[place].heading.to(language) for place, _ in enumerate(columns) if place not in used]
    if unused:
        words = ("、" if language == "zh" else ", ").join(unused)
        out.print(
            Styled(
                Text(f"Not stated for any of these: {words}", f"以上各项均未载明：{words}").to(language), style="dim"
            )
        )


def _widths(columns: Sequence[Column], lines: Sequence[Sequence[Items]], room: int, language: str) -> list[int]:
    """How wide each column is: what it needs, or where all need too much, an equal share of what is left."""
    wanted = [
        max(cell_len(column.heading.to(language)), *(_needed(line[place], language) for line in lines))
        for place, column in enumerate(columns)
    ]
    level = max(wanted)
    while sum(_share(wanted, level)) > room and level > _LEAST:
        level -= 1
    return _share(wanted, level)


def _share(wanted: Sequence[int], level: int) -> list[int]:
    # Who or what a row is must be read before anything else: it has half as much room again.
    return [min(width, level if place else level * 3 // 2) for place, width in enumerate(wanted)]


def _needed(items: Items, language: str) -> int:
    return sum(cell_len(item.plain) for item in items) + max(0, len(items) - 1) * cell_len(_between(language)) or 1


def _between(language: str) -> str:
    return "、" if language == "zh" else ", "


def _fitted(items: Items, width: int, language: str) -> Styled:
    """As many of the items as fit, then how many there are more."""
    if not items:
        return _padded(Styled("–", style="dim"), width)
    for count in range(len(items), 0, -1):
        left = len(items) - count
        end = Styled(f" +{left}", style="dim") if left else Styled()
        text = Styled.assemble(Styled(_between(language)).join(items[:count]), end)
        if cell_len(text.plain) <= width:
            return _padded(text, width)
    rest = f" +{len(items) - 1}" if len(items) > 1 else ""
    return _padded(Styled.assemble(_cut(items[0], width - len(rest)), (rest, "dim")), width)


def _cut(text: Styled, width: int) -> Styled:
    if cell_len(text.plain) <= width:
        return text
    return Styled(set_cell_size(text.plain, max(width - 1, 1)).rstrip() + "…", style=text.style)


def _padded(text: Styled, width: int) -> Styled:
    return Styled.assemble(text, " " * max(0, width - cell_len(text.plain)))


def _print_notes(out: Console, answer: Answer, language: str, shown: Shown) -> None:
    notes = answer.notes if shown.everything else answer.notes[:NOTES]
    for note in notes:
        out.print(wrapped(Styled("• " + note.to(language)), out.width))
    left = len(answer.notes) - len(notes)
    if left:
        out.print(
            Styled(Text(f"• and {left} more notes (--all)", f"• 另有{left}条说明（--all）").to(language), style="dim")
        )


def _print_related(out: Console, answer: Answer, word: str, ids: Sequence[NodeId], language: str) -> None:
    """What an answer names besides its rows, in one line."""
    colon = "：" if language == "zh" else ": "
    heading = Styled(f"{related_heading(word).to(language)} ({len(ids):,}){colon}", style="bold")
    items = [named(answer, node_id, language) for node_id in ids]
    width = out.width - cell_len(heading.plain)
    line = Styled.assemble(heading, _fitted(items, width, language))
    line.rstrip()
    out.print(line, no_wrap=True, overflow="ignore", crop=False)


def _print_more(out: Console, answer: Answer, shown_rows: int, language: str, shown: Shown) -> None:
    """How to see what is not shown."""
    total = answer.total
    if not total:
        return
    said = []
    if shown.paged and not answer.complete and answer.limit:
        said.append(answer.limit)
        if answer.following:
            cursor = answer.following.reference
            said.append(Text(f"go on with --after {cursor}", f"继续：--after {cursor}"))
    elif shown_rows < total:
        said.append(
            Text(
                f"{shown_rows:,} of {total:,} rows; --all shows them all",
                f"共{total:,}行，显示{shown_rows:,}行；--all显示全部",
            )
        )
    said.append(Text("--details: everything of each row", "--details显示各行全部内容"))
    if shown.command and shown_rows and not shown.paged:
        said.append(Text(f"one row: {shown.command} NUMBER", f"查看一行：{shown.command} 行号"))
    words = ("；" if language == "zh" else " · ").join(one.to(language) for one in said)
    out.print(wrapped(Styled(words, style="dim"), out.width))


# What a line says


def _end(answer: Answer, row: Row, language: str) -> Items:
    if row.end is None:
        return [Styled(Text("not stated", "未载明").to(language), style="italic")]
    return [named(answer, row.end, language, row.flows)]


def _clauses(answer: Answer, row: Row, language: str) -> Items:
    return [Styled(clause_number(answer.node(one)), style="cyan") for one in row.ends("STATED_IN")]


def _where(answer: Answer, row: Row, language: str) -> Items:
    """Where a recipient stands: in the group or not, and in which country."""
    if row.end is None or row.end.label != RECIPIENT:
        return []
    inside = row.inside_group
    place = (
        Text("", "") if inside is None else Text("in the group", "集团内") if inside else Text("third party", "第三方")
    )
    countries = [answer.node(one).name.to(language) for one in row.related.get("countries", ())]
    return [Styled(one) for one in (place.to(language), *countries) if one]


def _related(word: str) -> Callable[[Answer, Row, str], Items]:
    def items(answer: Answer, row: Row, language: str) -> Items:
        return [named(answer, node_id, language) for node_id in row.related.get(word, ())]

    return items


def _count(flows: Callable[[Row], int]) -> Callable[[Answer, Row, str], Items]:
    def items(answer: Answer, row: Row, language: str) -> Items:
        number = flows(row)
        if not number:
            return [Styled(Text("nothing", "无").to(language))]
        return [Styled(Text(f"{number:,} flow{'s' * (number > 1)}", f"{number:,}条流转").to(language))]

    return items


def _together(answer: Answer, row: Row, language: str) -> Items:
    found = dict.fromkeys(category for one in row.combines for category in one.categories)
    return [named(answer, category, language) for category in found]


def _combining_clauses(answer: Answer, row: Row, language: str) -> Items:
    found = dict.fromkeys(clause for one in row.combines for clause in one.clauses)
    return [Styled(clause_number(answer.node(clause)), style="cyan") for clause in found]


def _path(answer: Answer, row: Row, language: str) -> Items:
    return [Styled(" → ".join(answer.node(place).name.to(language) for place in row.related["places"]))]


def _words(name: str) -> Callable[[Answer, Row, str], Items]:
    from registry.model.graph import FLOW, GRAPH
    from registry.model.snapshot import shown as in_words

    prop = GRAPH.property(FLOW, name)

    def items(answer: Answer, row: Row, language: str) -> Items:
        values: Iterable[str] = dict.fromkeys(word for flow in row.flows if (word := flow.node.word(name)))
        return [Styled(in_words(prop, value, language)) for value in values]

    return items


_DATA = Column(Text("Data", "个人信息"), matched)
_WHO = Column(Text("Recipient", "接收方"), _end)
_FOR = Column(Text("For", "目的"), ends_of("FOR"))
_UNDER = Column(Text("Under", "合法性基础"), ends_of("UNDER"))
_REQUIRES = Column(Text("Requires", "所需权限"), ends_of("REQUIRES"))
_KEPT = Column(Text("Kept", "保存期限"), ends_of("RETAINED_BY"))
_WHERE = Column(Text("Where", "所在"), _where)
_CLAUSES = Column(Text("Clauses", "条款"), _clauses)
_KIND_OF_DATA = Column(Text("Data", "个人信息"), _end)

_COLUMNS: dict[str, tuple[Column, ...]] = {
    "who-receives": (_WHO, Column(Text("Receives", "接收"), matched), _FOR, _UNDER, _WHERE, _CLAUSES),
    "what-receives": (
        _KIND_OF_DATA,
        _FOR,
        _UNDER,
        _REQUIRES,
        Column(Text("Switched off by", "关闭方式"), ends_of("CONTROLLED_BY")),
        _CLAUSES,
    ),
    "why": (
        Column(Text("Purpose", "目的"), _end),
        _DATA,
        Column(Text("Activity", "业务功能"), ends_of("PART_OF")),
        _UNDER,
        _KEPT,
        _CLAUSES,
    ),
    "where-from": (
        Column(Text("Source", "来源"), _end),
        _DATA,
        Column(Text("Via", "收集方式"), ends_of("VIA")),
        _REQUIRES,
        _CLAUSES,
    ),
    "if-revoked": (
        Column(Text("Activity", "业务功能"), _end),
        Column(Text("Stops", "停止"), _count(lambda row: row.flow_count)),
        Column(Text("Data", "个人信息"), ends_of("CARRIES")),
        Column(Text("Goes on", "继续"), _count(lambda row: len(row.related.get("goes_on", ())))),
        Column(Text("Under", "继续依据"), _related("goes_on_under")),
        Column(Text("Tell", "应告知"), _related("tells")),
        _CLAUSES,
    ),
    "if-erased": (Column(Text("Held by", "持有方"), _end), _DATA, _KEPT, _WHERE, _CLAUSES),
    "if-breached": (
        _KIND_OF_DATA,
        Column(Text("About", "个人信息主体"), ends_of("ABOUT")),
        _FOR,
        Column(Text("Protection", "去标识化"), _words("protection")),
        _CLAUSES,
    ),
    "held-about": (
        _KIND_OF_DATA,
        Column(Text("From", "来源"), ends_of("FROM")),
        _FOR,
        _UNDER,
        Column(Text("To", "去向"), ends_of("TO")),
        _KEPT,
        _CLAUSES,
    ),
    "path": (Column(Text("Path", "路径"), _path), _DATA, _CLAUSES),
    "combinations": (
        _WHO,
        Column(Text("Combines", "结合"), _together),
        _WHERE,
        Column(Text("Clauses", "条款"), _combining_clauses),
    ),
}
