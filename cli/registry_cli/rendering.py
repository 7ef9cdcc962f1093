"""Answers as tables for people, and as JSON or CSV for machines."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.text import Text as Styled

from registry.lineage import Answer, Certainty, Combination, FlowView, Row
from registry.lineage.serialization import as_json
from registry.model.graph import FLOW, GRAPH, RECIPIENT
from registry.model.snapshot import Json, Node, NodeId, Text, shown
from registry_cli.tables import console, print_table, wrapped

NOT_STATED = Text("not stated", "未载明")

Lines = list[Styled]


class Column(NamedTuple):
    """What an answer's table says of each row: the heading, the words, and what stands between them."""

    heading: Text
    lines: Callable[[Answer, Row, str], Lines]
    separator: str = ", "


def print_answer(answer: Answer, form: str, language: str) -> None:
    """Print ``answer`` to standard output as ``table``, ``json`` or ``csv``."""
    if form == "json":
        print_json(as_json(answer))
    elif form == "csv":
        print_csv(_csv_rows(answer, language))
    else:
        _print_tables(answer, language)


_NOT_COMPLETE = Text("Not complete: ", "不完整：")
_GO_ON = Text("go on with --after ", "继续：--after ")


def print_json(value: Json) -> None:
    """Print JSON, readable and complete."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_csv(rows: Iterable[Sequence[str]]) -> None:
    """Print rows as CSV (RFC 4180), cells made safe for spreadsheets."""
    from registry.documents.as_csv import harmless

    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])


# Tables of answers


def _print_tables(answer: Answer, language: str) -> None:
    out = console()
    out.print(wrapped(_title(answer, language), out.width))
    if not answer.rows:
        out.print(_say(Text("Nothing, by the flows that the filters let through.", "在所选范围内没有记录。"), language))
    for certainty in Certainty:
        rows = [row for row in answer.rows_of(certainty) if not row.catch_all]
        if rows:
            out.print()
            _print_rows(answer, rows, _CERTAINTIES[certainty].to(language), language)
    vague = [row for row in answer.rows if row.catch_all]
    if vague:
        out.print()
        _print_vague(answer, vague, language)
    for note in answer.notes:
        out.print(wrapped(Styled("• " + note.to(language)), out.width))
    for word, ids in answer.related.items():
        if ids:
            heading = _RELATED.get(word, Text(word, word)).to(language)
            line = Styled.assemble((heading + ": ", "bold"), _related(answer, ids, language))
            out.print(wrapped(line, out.width))
    if _any_sensitive(answer):
        mark = Text("● sensitive personal information under at least one scheme", "● 至少依一项标准属于敏感个人信息")
        out.print(Styled(_say(mark, language), style="dim"))
    if not answer.complete:
        limit = answer.limit.to(language) if answer.limit else ""
        out.print(wrapped(Styled(_say(_NOT_COMPLETE, language) + limit, style="bold red"), out.width))
        if answer.following:
            out.print(Styled(_say(_GO_ON, language) + answer.following.reference))


def _any_sensitive(answer: Answer) -> bool:
    named_in_rows = ((row, node_id) for row in answer.rows for node_id in (*row.matched, row.end, *_together(row)))
    related = (node_id for several in answer.related.values() for node_id in several)
    return any(node_id and answer.levels(node_id, row.flows) for row, node_id in named_in_rows) or any(
        answer.levels(node_id) for node_id in related
    )


def _together(row: Row) -> Iterable[NodeId]:
    return (category for one in row.combines for category in one.categories)


def _say(text: Text, language: str) -> str:
    return text.to(language)


def _title(answer: Answer, language: str) -> Styled:
    names = [answer.node(node_id).name.to(language) for node_id in answer.about]
    keys = ", ".join(node_id.reference for node_id in answer.about)
    heading = _TITLES[answer.question].to(language).format(*names, *([""] * 3))
    return Styled.assemble((heading, "bold"), (f"  [{keys}]" if keys else "", "dim"))


_TITLES = {
    "who-receives": Text("Who receives {0}, and why", "谁接收{0}，为何接收"),
    "what-receives": Text("Received by {0}", "{0}接收的个人信息"),
    "why": Text("Why {0} is processed", "为何处理{0}"),
    "where-from": Text("Where {0} comes from", "{0}从何而来"),
    "if-revoked": Text("In case of revoking {0}", "若撤回{0}权限"),
    "if-erased": Text("In case of erasing {0}", "若须删除{0}"),
    "if-breached": Text("In case of a breach of {0}", "若{0}发生安全事件"),
    "path": Text("From {0} to {1}", "从{0}到{1}"),
    "combinations": Text("Who can identify a person by combining data", "谁可结合多类信息识别特定自然人"),
}

_CERTAINTIES = {
    Certainty.CERTAIN: Text("Certain", "确定"),
    Certainty.DERIVED: Text("Derived from it", "由其加工生成"),
    Certainty.POSSIBLE: Text("Possible: not stated, not excluded", "可能：原文未明示，亦未排除"),
}

_VAGUE = Text("Possible: the flow names nothing more than the widest term", "可能：仅以最宽泛的用语述及")
_CARRIED = Text("Carries", "述及的个人信息")

_RELATED = {
    "held_by": Text("Held inside by", "内部持有方"),
    "implied": Text("May get it with these", "可能随之获得的其他接收方"),
    "requests": Text("Requests permissions", "申请的权限"),
    "bundles": Text("Bundles", "内嵌SDK"),
    "operated_by": Text("Operated by", "运营方"),
    "subjects": Text("People affected", "受影响的个人信息主体"),
    "onward": Text("Passed on to", "后续接收方"),
    "rights": Text("Rights and duties", "相关权利与义务"),
    "kept_by": Text("What law keeps", "法律要求保存"),
    "opens": Text("The permission opens", "权限涉及的个人信息"),
    "still_carried": Text("Data it opens still comes by", "仍通过以下流转获得相关信息"),
}


def _print_rows(answer: Answer, rows: Sequence[Row], title: str, language: str) -> None:
    """A row's end on the left; on the right what it says, each under its word."""
    first, *rest = _COLUMNS[answer.question]
    lines = []
    for row in rows:
        doubt = [_REASONS] if row.reasons else []
        further = [_FURTHER] if row.further else []
        says = Styled("\n").join(_says(answer, row, column, language) for column in (*rest, *doubt, *further))
        lines.append((Styled("\n").join(first.lines(answer, row, language) or [_missing(language)]), says))
    print_table((first.heading.to(language), ""), lines, f"{title} ({len(rows)})", ruled=True)


def _says(answer: Answer, row: Row, column: Column, language: str) -> Styled:
    cell = _cell(column.lines(answer, row, language), column.separator, language)
    between = "\n  " if "\n" in cell.plain else " "
    return Styled.assemble((column.heading.to(language) + ":", "dim"), between, cell)


def _print_vague(answer: Answer, rows: Sequence[Row], language: str) -> None:
    """Those of whom no more is said than the widest term, a line each."""
    first = _COLUMNS[answer.question][0]
    lines = [
        (
            first.lines(answer, row, language)[0] if row.end else _missing(language),
            _cell(_DATA.lines(answer, row, language), ", ", language),
            _cell(_flows(answer, row, language), "; ", language),
        )
        for row in rows
    ]
    headings = [heading.to(language) for heading in (first.heading, _CARRIED, _FLOWS.heading)]
    print_table(headings, lines, f"{_VAGUE.to(language)} ({len(rows)})")


def _cell(lines: Lines, separator: str, language: str) -> Styled:
    if language == "zh" and separator == ", ":
        separator = "、"
    return Styled(separator).join(lines) if lines else _missing(language)


def _missing(language: str) -> Styled:
    return Styled(NOT_STATED.to(language), style="dim italic")


def named(answer: Answer, node_id: NodeId, language: str, flows: Iterable[FlowView] = ()) -> Styled:
    """A node's name; data that is sensitive, by itself or in these flows, is marked and bold."""
    name = answer.node(node_id).name.to(language)
    if answer.levels(node_id, flows):
        return Styled(f"● {name}", style="bold")
    return Styled(name)


def _end(answer: Answer, row: Row, language: str) -> Lines:
    if row.end is None:
        return []
    lines = [named(answer, row.end, language, row.flows)]
    node = answer.node(row.end)
    told = [*_told(node, language), *_standing(answer, row, language)]
    if told:
        lines.append(Styled(" · ".join(told), style="dim"))
    if row.degree is not None and row.degree > 1 and answer.question != "path":
        way = " → ".join(node_id.key for node_id in row.path)
        lines.append(Styled(Text(f"degree {row.degree}: {way}", f"第{row.degree}级：{way}").to(language), style="dim"))
    lines.extend(_combines(answer, row, language))
    includes = row.related.get("includes", ())
    if includes:
        names = ", ".join(answer.node(one).name.to(language) for one in includes)
        lines.append(Styled(Text(f"may include: {names}", f"可能包括：{names}").to(language), style="dim"))
    return lines


def _told(node: Node, language: str) -> list[str]:
    found = []
    for name in ("kind", "role", "function"):
        value = node.properties.get(name)
        if value is not None:
            found.append(shown(GRAPH.property(node.id.label, name), value, language))
    if node.id.label == RECIPIENT and node.flag("named") is False:
        found.append(Text("named only by kind", "仅述及类别").to(language))
    return found


def _standing(answer: Answer, row: Row, language: str) -> list[str]:
    found = [answer.node(one).name.to(language) for one in row.related.get("organizations", ())]
    if row.inside_group is not None:
        found.append(
            (Text("in the group", "集团内") if row.inside_group else Text("third party", "第三方")).to(language)
        )
    return found + [answer.node(one).name.to(language) for one in row.related.get("countries", ())]


def _combines(answer: Answer, row: Row, language: str) -> Lines:
    lines = []
    for one in (one for one in row.combines if one.certainty is Certainty.CERTAIN):
        names = " + ".join(answer.node(category).name.to(language) for category in one.categories)
        if one.with_any:
            names += Text(" with other personal information", "与其他个人信息").to(language)
        lines.append(
            Styled(
                Text(f"can identify a person by combining {names}", f"结合{names}可识别特定自然人").to(language),
                style="yellow",
            )
        )
    return lines


def _ends(name: str) -> Callable[[Answer, Row, str], Lines]:
    def lines(answer: Answer, row: Row, language: str) -> Lines:
        return [named(answer, node_id, language, row.flows) for node_id in row.ends(name)]

    return lines


def _matched(answer: Answer, row: Row, language: str) -> Lines:
    return [named(answer, node_id, language, row.flows) for node_id in row.matched]


def _related_ends(word: str) -> Callable[[Answer, Row, str], Lines]:
    def lines(answer: Answer, row: Row, language: str) -> Lines:
        return [named(answer, node_id, language) for node_id in row.related.get(word, ())] or [Styled("–")]

    return lines


def _flow_property(name: str) -> Callable[[Answer, Row, str], Lines]:
    prop = GRAPH.property(FLOW, name)

    def lines(answer: Answer, row: Row, language: str) -> Lines:
        values = dict.fromkeys(flow.node.properties[name] for flow in row.flows if name in flow.node.properties)
        return [Styled(shown(prop, value, language)) for value in values]

    return lines


def _flows(answer: Answer, row: Row, language: str) -> Lines:
    return _flow_lines(answer, row.flows, language)


def _further(answer: Answer, row: Row, language: str) -> Lines:
    told = [flow for flow in row.further if not all(reason.vague for reason in flow.reasons)]
    vague = len(row.further) - len(told)
    lines = _flow_lines(answer, told, language)
    if vague:
        counted = Text(
            f"{vague} flows that name no more than the widest term", f"另有{vague}条流转仅以最宽泛的用语述及"
        )
        lines.append(Styled(counted.to(language), style="dim"))
    return lines


def _flow_lines(answer: Answer, flows: Iterable[FlowView], language: str) -> Lines:
    lines = []
    for flow in flows:
        clauses = ", ".join(clause_number(answer.node(clause)) for clause in flow.ends("STATED_IN"))
        marks = "".join(f" [{mark.to(language)}]" for mark in flow.marks)
        lines.append(Styled.assemble(flow.id.key + marks, (f" ({clauses})" if clauses else "", "cyan")))
    return lines


def clause_number(clause: Node) -> str:
    """A clause as it is cited within its document."""
    return clause.word("number") or clause.id.key


def _why_not_certain(answer: Answer, row: Row, language: str) -> Lines:
    return [Styled(reason.text.to(language)) for reason in row.reasons]


def _related(answer: Answer, ids: Sequence[NodeId], language: str) -> Styled:
    lines = []
    for node_id in ids:
        node = answer.node(node_id)
        line = named(answer, node_id, language)
        for name in ("deadline", "route", "law"):
            value = node.properties.get(name)
            if value is not None:
                line.append(f" · {shown(GRAPH.property(node_id.label, name), value, language)}", style="dim")
        lines.append(line)
    listed = any(answer.node(node_id).properties.get("route") for node_id in ids)
    separator = Styled("\n  – " if listed else "、" if language == "zh" else ", ")
    start = separator if separator.plain.startswith("\n") else Styled("")
    return Styled.assemble(start, separator.join(lines))


_REASONS = Column(Text("Because", "原因"), _why_not_certain)
_FURTHER = Column(Text("Possibly also", "可能还有"), _further, ", ")
_RECEIVES = Column(Text("Receives", "接收的个人信息"), _matched)
_FOR = Column(Text("For", "目的"), _ends("FOR"))
_UNDER = Column(Text("Under", "合法性基础"), _ends("UNDER"))
_FLOWS = Column(Text("Flows", "流转与条款"), _flows, "\n  ")
_DATA = Column(Text("Data", "个人信息"), _matched)

_COLUMNS: dict[str, tuple[Column, ...]] = {
    "who-receives": (
        Column(Text("Recipient", "接收方"), _end),
        _RECEIVES,
        _FOR,
        _UNDER,
        Column(Text("Mode", "共享方式"), _flow_property("mode")),
        _FLOWS,
    ),
    "what-receives": (
        Column(Text("Data", "个人信息"), _end),
        _FOR,
        Column(Text("Requires", "所需权限"), _ends("REQUIRES")),
        Column(Text("Controlled by", "关闭方式"), _ends("CONTROLLED_BY")),
        _FLOWS,
    ),
    "why": (
        Column(Text("Purpose", "目的"), _end),
        Column(Text("Activity", "业务功能"), _ends("PART_OF")),
        _DATA,
        _UNDER,
        Column(Text("Retained by", "保存期限"), _ends("RETAINED_BY")),
        _FLOWS,
    ),
    "where-from": (
        Column(Text("Source", "来源"), _end),
        Column(Text("Via", "收集方式"), _ends("VIA")),
        Column(Text("Requires", "所需权限"), _ends("REQUIRES")),
        _DATA,
        _FLOWS,
    ),
    "if-revoked": (
        Column(Text("Activity", "业务功能"), _end),
        Column(Text("Stops", "停止的流转"), _flows, "\n  "),
        Column(Text("Data", "个人信息"), _ends("CARRIES")),
        Column(Text("If refused", "拒绝的影响"), _flow_property("refusal")),
        Column(Text("Goes on", "继续的流转"), _related_ends("goes_on")),
        Column(Text("Tell", "应告知"), _related_ends("tells")),
    ),
    "if-erased": (
        Column(Text("Held by", "持有方"), _end),
        _DATA,
        Column(Text("Retained by", "保存期限"), _ends("RETAINED_BY")),
        _FLOWS,
    ),
    "if-breached": (
        Column(Text("Data", "个人信息"), _end),
        Column(Text("About", "个人信息主体"), _ends("ABOUT")),
        _FOR,
        Column(Text("Protection", "去标识化处理"), _flow_property("protection")),
        _FLOWS,
    ),
    "path": (
        Column(Text("Steps", "步数"), lambda answer, row, language: [Styled(str(row.degree))]),
        Column(Text("Way", "路径"), lambda answer, row, language: _way(answer, row, language), "\n"),
        _DATA,
    ),
    "combinations": (
        Column(Text("Recipient", "接收方"), _end),
        Column(
            Text("Clause", "条款"),
            lambda answer, row, language: [
                Styled(clause_number(answer.node(clause)))
                for clause in dict.fromkeys(clause for one in row.combines for clause in one.clauses)
            ],
        ),
    ),
}


def _way(answer: Answer, row: Row, language: str) -> Lines:
    """The steps of a path, each with the flows that take it, and where it goes on from a system or its product."""
    lines: Lines = []
    path = iter(row.path)
    taken = next(path, None)
    for place, end in pairwise(row.related["places"]):
        flows = [flow for flow in row.flows if place in flow.ends("FROM") and end in flow.ends("TO")]
        names = f"{answer.node(place).name.to(language)} → {answer.node(end).name.to(language)}"
        if any(flow.id == taken for flow in flows):
            taken = next(path, None)
            lines.append(Styled.assemble(names + ": ", Styled(", ").join(_flow_lines(answer, flows, language))))
        else:
            lines.append(Styled(names + ": ").append(_WITHIN.to(language), style="dim"))
    return lines


_WITHIN = Text("system and product", "系统与所属产品之间")


# CSV: one line for each row and flow, keys in every line


def _csv_rows(answer: Answer, language: str) -> Iterable[list[str]]:
    words = [edge.name for edge in GRAPH.edges_from(FLOW)]
    yield [
        "question", "complete", "end_type", "end", "name", "sensitive", "certainty", "because",
        "inside_group", "degree", "path", "flow", "flow_name", *(name.lower() for name in words),
        "kind", "status", "mode", "protection", "row_certainty", "combines", *_CSV_RELATED,
    ]  # fmt: skip
    for row in answer.rows:
        start = [
            answer.question,
            "true" if answer.complete else "false",
            GRAPH.node(row.end.label).noun if row.end else "",
            row.end.key if row.end else "",
            answer.node(row.end).name.to(language) if row.end else "",
            _joined(level.key for level in answer.levels(row.end, row.flows)) if row.end else "",
        ]
        last = [
            row.certainty.value,
            _joined(map(_combined, row.combines)),
            *(_joined(one.key for one in row.related.get(word, ())) for word in _CSV_RELATED),
        ]
        middle = [
            "" if row.inside_group is None else str(row.inside_group).lower(),
            str(row.degree or ""),
            _joined(node_id.key for node_id in row.path),
        ]
        if not row.flows:
            because = _joined(reason.text.to(language) for reason in row.reasons)
            yield [*start, row.certainty.value, because, *middle, *([""] * (len(words) + 6)), *last]
        for flow in row.all_flows:
            because = _joined(reason.text.to(language) for reason in (flow.reasons or row.reasons))
            yield [
                *start,
                flow.certainty.value,
                because,
                *middle,
                flow.id.key,
                flow.node.name.to(language),
                *(_joined(end.key for end in flow.ends(name)) for name in words),
                *(flow.node.word(name) or "" for name in ("kind", "status", "mode", "protection")),
                *last,
            ]


_CSV_RELATED = ("organizations", "countries", "places", "defined_in", "includes", "goes_on", "tells")
"""What a row itself names besides its flows."""


def _combined(one: Combination) -> str:
    """Which data identify a person together, with the clauses that say so; ``*`` is any other personal information."""
    categories = " + ".join([*(category.key for category in one.categories), *(["*"] if one.with_any else [])])
    return f"{categories} ({one.certainty.value}: {', '.join(clause.key for clause in one.clauses)})"


def _joined(words: Iterable[str]) -> str:
    return "; ".join(words)
