"""An answer with everything that it says of each row: what `--details` and a row asked for show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.text import Text as Styled

from registry.lineage import Answer, Certainty, FlowView, Row
from registry.model.graph import FLOW, GRAPH, RECIPIENT
from registry.model.snapshot import Node, NodeId, Text, shown
from registry_cli.tables import console, print_table, wrapped

NOT_STATED = Text("not stated", "未载明")

Lines = list[Styled]


class Column(NamedTuple):
    """What an answer's table says of each row: the heading, the words, and what stands between them."""

    heading: Text
    lines: Callable[[Answer, Row, str], Lines]
    separator: str = ", "


def print_details(answer: Answer, language: str) -> None:
    """Print each row with all that it says."""
    out = console()
    out.print(wrapped(title(answer, language), out.width))
    out.print(wrapped(Styled(answer.summary.text.to(language)), out.width))
    for certainty in Certainty:
        rows = [row for row in answer.rows_of(certainty) if not row.catch_all]
        if rows:
            out.print()
            _print_rows(answer, rows, CERTAINTIES[certainty].to(language), language)
    catch_all = [row for row in answer.rows if row.catch_all]
    if catch_all:
        out.print()
        _print_catch_all(answer, catch_all, language)
    for note in answer.notes:
        out.print(wrapped(Styled("• " + note.to(language)), out.width))
    for word, ids in answer.related.items():
        if ids:
            line = Styled.assemble((related_heading(word).to(language) + ": ", "bold"), _related(answer, ids, language))
            out.print(wrapped(line, out.width))
    if any_sensitive(answer):
        out.print(Styled(SENSITIVE_MARK.to(language), style="dim"))
    if not answer.complete:
        limit = answer.limit.to(language) if answer.limit else ""
        out.print(wrapped(Styled(_NOT_COMPLETE.to(language) + limit, style="bold red"), out.width))
        if answer.following:
            out.print(Styled(_GO_ON.to(language) + answer.following.reference))


def print_row(answer: Answer, row: Row, language: str) -> None:
    """Print one row with all that it says."""
    out = console()
    out.print(wrapped(title(answer, language), out.width))
    out.print()
    _print_rows(answer, [row], CERTAINTIES[row.certainty].to(language), language)
    if any_sensitive(answer):
        out.print(Styled(SENSITIVE_MARK.to(language), style="dim"))


SENSITIVE_MARK = Text("● sensitive personal information under at least one scheme", "● 至少依一项标准属于敏感个人信息")
_NOT_COMPLETE = Text("Not complete: ", "不完整：")
_GO_ON = Text("go on with --after ", "继续：--after ")


def any_sensitive(answer: Answer) -> bool:
    """Whether anything that the answer names is sensitive."""
    named_in_rows = ((row, node_id) for row in answer.rows for node_id in (*row.matched, row.end, *_together(row)))
    related = (node_id for several in answer.related.values() for node_id in several)
    return any(node_id and answer.levels(node_id, row.flows) for row, node_id in named_in_rows) or any(
        answer.levels(node_id) for node_id in related
    )


def _together(row: Row) -> Iterable[NodeId]:
    return (category for one in row.combines for category in one.categories)


def title(answer: Answer, language: str) -> Styled:
    """The question in words, with what was asked about."""
    names = [answer.node(node_id).name.to(language) for node_id in answer.about]
    keys = ", ".join(node_id.reference for node_id in answer.about)
    heading = _TITLES[answer.question].to(language).format(*names, *([""] * 3))
    return Styled.assemble((heading, "bold"), (f"  [{keys}]" if keys else "", "dim"))


_TITLES = {
    "who-receives": Text("Who receives {0}, and why", "谁接收{0}，为何接收"),
    "what-receives": Text("Received by {0}", "{0}接收的个人信息"),
    "why": Text("Why {0} is processed", "为何处理{0}"),
    "where-from": Text("Where {0} comes from", "{0}从何而来"),
    "if-revoked": Text("Without {0}", "若撤回或者关闭{0}"),
    "if-erased": Text("In case of erasing {0}", "若须删除{0}"),
    "if-breached": Text("In case of a breach of {0}", "若{0}发生安全事件"),
    "held-about": Text("What is held about {0}", "持有的关于{0}的个人信息"),
    "path": Text("From {0} to {1}", "从{0}到{1}"),
    "combinations": Text("Who can identify a person by combining data", "谁可结合多类信息识别特定自然人"),
}

CERTAINTIES = {
    Certainty.CERTAIN: Text("Certain", "确定"),
    Certainty.DERIVED: Text("Derived from it", "由其加工生成"),
    Certainty.POSSIBLE: Text("Possible: not stated, not excluded", "可能：原文未明示，亦未排除"),
}

_CATCH_ALL = Text("Possible: only by a catch-all category", "可能：仅以笼统用语述及")
_CARRIED = Text("Carries", "述及的个人信息")


def related_heading(word: str) -> Text:
    """What stands before the nodes that an answer names besides its rows."""
    return _RELATED.get(word, Text(word, word))


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


def _print_catch_all(answer: Answer, rows: Sequence[Row], language: str) -> None:
    """Those that only a catch-all category covers, a line each."""
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
    print_table(headings, lines, f"{_CATCH_ALL.to(language)} ({len(rows)})")


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
    said = [*_properties(node, language), *_standing(answer, row, language)]
    if said:
        lines.append(Styled(" · ".join(said), style="dim"))
    if row.degree is not None and row.degree > 1 and answer.question != "path":
        way = " → ".join(node_id.key for node_id in row.path)
        lines.append(Styled(Text(f"degree {row.degree}: {way}", f"第{row.degree}级：{way}").to(language), style="dim"))
    lines.extend(_combines(answer, row, language))
    includes = row.related.get("includes", ())
    if includes:
        names = ", ".join(answer.node(one).name.to(language) for one in includes)
        lines.append(Styled(Text(f"may include: {names}", f"可能包括：{names}").to(language), style="dim"))
    return lines


def _properties(node: Node, language: str) -> list[str]:
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


def ends_of(name: str) -> Callable[[Answer, Row, str], Lines]:
    """What a row's edges of that name lead to, as a cell has it."""

    def lines(answer: Answer, row: Row, language: str) -> Lines:
        return [named(answer, node_id, language, row.flows) for node_id in row.ends(name)]

    return lines


def matched(answer: Answer, row: Row, language: str) -> Lines:
    """What a row's flows carry that bears on the data asked for."""
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
    named_flows = [flow for flow in row.further if not flow.catch_all]
    catch_all = len(row.further) - len(named_flows)
    lines = _flow_lines(answer, named_flows, language)
    if catch_all:
        counted = Text(
            f"{catch_all} flows that name only a catch-all category", f"另有{catch_all}条流转仅以笼统用语述及"
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
_RECEIVES = Column(Text("Receives", "接收的个人信息"), matched)
_FOR = Column(Text("For", "目的"), ends_of("FOR"))
_UNDER = Column(Text("Under", "合法性基础"), ends_of("UNDER"))
_FLOWS = Column(Text("Flows", "流转与条款"), _flows, "\n  ")
_DATA = Column(Text("Data", "个人信息"), matched)

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
        Column(Text("Requires", "所需权限"), ends_of("REQUIRES")),
        Column(Text("Controlled by", "关闭方式"), ends_of("CONTROLLED_BY")),
        _FLOWS,
    ),
    "why": (
        Column(Text("Purpose", "目的"), _end),
        Column(Text("Activity", "业务功能"), ends_of("PART_OF")),
        _DATA,
        _UNDER,
        Column(Text("Retained by", "保存期限"), ends_of("RETAINED_BY")),
        _FLOWS,
    ),
    "where-from": (
        Column(Text("Source", "来源"), _end),
        Column(Text("Via", "收集方式"), ends_of("VIA")),
        Column(Text("Requires", "所需权限"), ends_of("REQUIRES")),
        _DATA,
        _FLOWS,
    ),
    "if-revoked": (
        Column(Text("Activity", "业务功能"), _end),
        Column(Text("Stops", "停止的流转"), _flows, "\n  "),
        Column(Text("Data", "个人信息"), ends_of("CARRIES")),
        Column(Text("If refused", "拒绝的影响"), _flow_property("refusal")),
        Column(Text("Goes on", "继续的流转"), _related_ends("goes_on")),
        Column(Text("On which basis", "继续处理的合法性基础"), _related_ends("goes_on_under")),
        Column(Text("Tell", "应告知"), _related_ends("tells")),
    ),
    "if-erased": (
        Column(Text("Held by", "持有方"), _end),
        _DATA,
        Column(Text("Retained by", "保存期限"), ends_of("RETAINED_BY")),
        _FLOWS,
    ),
    "if-breached": (
        Column(Text("Data", "个人信息"), _end),
        Column(Text("About", "个人信息主体"), ends_of("ABOUT")),
        _FOR,
        Column(Text("Protection", "去标识化处理"), _flow_property("protection")),
        _FLOWS,
    ),
    "held-about": (
        Column(Text("Data", "个人信息"), _end),
        Column(Text("From", "来源"), ends_of("FROM")),
        Column(Text("Via", "收集方式"), ends_of("VIA")),
        _FOR,
        _UNDER,
        Column(Text("To", "去向"), ends_of("TO")),
        Column(Text("Stored in", "存储地点"), ends_of("STORED_IN")),
        Column(Text("Retained by", "保存期限"), ends_of("RETAINED_BY")),
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
