"""The list of device permissions and what they are used for (应用权限申请与使用情况说明).

The notice 工信部信管函〔2021〕292号 and the identification methods of 2019 ask that each permission's purpose be told;
without the scenario nobody can see whether it is asked for in context.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from registry.documents.cells import (
    SCENARIO_OPTIONS,
    Merging,
    cells,
    choice,
    data,
    flag,
    item,
    lacking,
    named,
    of_flow,
    purposes,
    said,
    sources,
    word,
)
from registry.documents.document import UNSTATED, Cell, Clause, Column, Entry, Part, Row, State, Statement
from registry.documents.flow_pages import NODES_AT_ONCE, Facts, Laid, Origin, facts, in_order, laid_out, nodes_of, pages
from registry.documents.laws import METHODS_2, MIIT_292, laws
from registry.documents.parties import Bundles, bundles, reached_by_flows
from registry.lineage.answers import FlowView
from registry.lineage.flow_views import view_flows
from registry.model.graph import GRAPH, PERMISSION, RECIPIENT
from registry.model.snapshot import Edge, Node, NodeId, Text, Value
from registry.stores.port import By, Direction, Ends, Group

TITLE = Text("Permissions requested by the app and their use", "应用权限申请与使用情况说明")
ABOUT = Text(
    "This list shows which device permissions the product and the SDKs embedded in it ask for, for which functions and "
    "purposes, and how to turn them off.",
    "本清单列明本产品（包括嵌入的第三方SDK）申请的系统权限、对应的业务功能、使用场景、使用目的及关闭路径。",
)
_APP = Text("App", "App")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a row is made of: a permission, who asks for it, and the flow that needs it (None where none is stated)."""

    permission: Node
    askers: tuple[Entry, ...]
    flow: FlowView | None
    edge: Edge | None
    facts: Facts
    opened: tuple[Entry, ...] = ()

    def said_of_request(self, name: str) -> Value | None:
        """What the registry says of this request."""
        return self.edge.properties.get(name) if self.edge else None


def _platform(line: Asked) -> Cell:
    return choice(line.permission, "platform")


def _name(line: Asked) -> Cell:
    return Cell((Entry(line.permission.name, line.permission.id),))


def _identifier(line: Asked) -> Cell:
    return word(line.permission.word("identifier"))


def _meaning(line: Asked) -> Cell:
    return said(line.permission.text("description"))


def _scenario(line: Asked) -> Cell:
    """The function that the permission serves, and when. The function alone is no scenario."""
    if not line.flow:
        return UNSTATED
    functions = named(line.facts, line.flow.ends("PART_OF")).entries
    scenario = said(line.flow.node.text("scenario"))
    new = tuple(entry for entry in scenario.entries if entry.text not in [function.text for function in functions])
    return Cell((*functions, *new), scenario.state)


def _purposes(line: Asked) -> Cell:
    return purposes(line.flow, line.facts) if line.flow else UNSTATED


def _data(line: Asked) -> Cell:
    """The data that the flow carries; where no flow is stated, what the permission opens."""
    if not line.flow:
        return Cell(line.opened) if line.opened else UNSTATED
    found = data(line.flow, line.facts)
    return Cell(found.entries, State.STATED if found.entries else State.UNSTATED, found.notes)


def _timing(line: Asked) -> Cell:
    timing = line.said_of_request("timing")
    return said(timing) if isinstance(timing, Text) else UNSTATED


def _prompted(line: Asked) -> Cell:
    return flag(line.said_of_request("prompted"))


def _refusable(line: Asked) -> Cell:
    return flag(line.said_of_request("refusable"))


def _refusal(line: Asked) -> Cell:
    return said(line.flow.node.text("refusal")) if line.flow else UNSTATED


def _controls(line: Asked) -> Cell:
    controls = line.flow.ends("CONTROLLED_BY") if line.flow else ()
    routes = dict.fromkeys(_route(line.facts, one) for one in controls)
    return Cell(tuple(Entry(route) for route in routes)) if routes else UNSTATED


def _route(facts: Facts, control: NodeId) -> Text:
    node = facts.nodes.get(control)
    return (node.text("route") if node else None) or facts.name(control)


def _asker(line: Asked) -> Cell:
    return Cell(line.askers)


def _activities(line: Asked) -> list[Text]:
    return [line.facts.name(one) for one in line.flow.ends("PART_OF")] if line.flow else []


def _by_flow(options: str) -> Callable[[Asked], Statement]:
    def statement(line: Asked) -> Statement:
        if line.flow:
            return of_flow(line.flow, options)
        asked = " ".join(f"--to {shlex.quote(one.id.key)}" for one in line.askers if one.id)
        return Statement(
            line.permission.name,
            f"registry flow add … {asked} --requires {shlex.quote(line.permission.id.key)}",
            options,
        )

    return statement


COLUMNS: Sequence[Column[Asked]] = (
    Column("platform", Text("System", "操作系统"), _platform, width=8),
    Column("permission", Text("Permission", "权限名称"), _name, law=METHODS_2, width=13, leads=True),
    Column("identifier", Text("System identifier", "系统权限标识"), _identifier, width=12),
    Column("meaning", Text("What the permission does", "权限功能说明"), _meaning, width=14),
    Column(
        "scenario",
        Text("Function and scenario", "业务功能/使用场景"),
        _scenario,
        law=MIIT_292,
        width=20,
        stated_by=_by_flow(SCENARIO_OPTIONS),
    ),
    Column(
        "purpose",
        Text("Purpose", "使用目的"),
        _purposes,
        law=laws(MIIT_292, METHODS_2),
        width=16,
        stated_by=_by_flow("--for …"),
    ),
    Column("data", Text("Personal information", "涉及的个人信息"), _data, width=14, between=Text(", ", "、")),
    Column("timing", Text("Asked when", "申请时机"), _timing, width=9),
    Column("prompted", Text("Asked first (prompt)", "申请前是否询问（弹窗）"), _prompted, width=8),
    Column("refusable", Text("Can be refused or turned off", "可否拒绝/关闭"), _refusable, width=8),
    Column("refusal", Text("If refused", "拒绝的影响"), _refusal, width=16),
    Column("controls", Text("How to turn it off", "关闭路径"), _controls, width=24),
    Column("asker", Text("Requested by", "申请方"), _asker, width=9),
)

_MERGING = Merging(COLUMNS, united=["data"], alike=["platform", "permission", "identifier", "meaning"])


def parts(source: Origin) -> tuple[Part, ...]:
    """The parts of the list: one for each system whose permissions are in use, and one for what names none."""
    by_system: dict[str, set[NodeId]] = {}
    for node in nodes_of(source.reader, PERMISSION):
        by_system.setdefault(node.word("platform") or "", set()).add(node.id)
    found = [
        Part(one.value, Text(one.en, one.zh), partial(_rows, source, one.value))
        for one in GRAPH.property(PERMISSION, "platform").choices
        if one.value in by_system and _in_use(source, frozenset(by_system[one.value]))
    ]
    heading = Text("System not stated", "未区分操作系统（原文未载明）")
    title = Text("System not stated", "未区分操作系统")
    return (*found, Part("not-stated", heading, partial(_rows, source, ""), title))


def _in_use(source: Origin, permissions: frozenset[NodeId]) -> bool:
    """Whether any of ``permissions`` is needed by a flow or asked for by an SDK."""
    by = By(("REQUIRES",), frozenset((PERMISSION,)), permissions)
    if source.reader.group(source.where, by, first=1).total:
        return True
    return bool(source.reader.edges(["REQUESTS"], permissions, Direction.IN))


def _rows(source: Origin, platform: str) -> Iterator[Row]:
    found = {node.id: node for node in nodes_of(source.reader, PERMISSION) if (node.word("platform") or "") == platform}
    inside = bundles(source)
    for page in pages(in_order(source, found), NODES_AT_ONCE):
        by = By(("REQUIRES",), frozenset((PERMISSION,)), frozenset(page))
        flows = {group.end: group.flows for group in source.reader.group(source.where, by).groups}
        requests = _requests(source, page, inside)
        wanted = [one for one in page if one in flows or one in requests]
        for laid in laid_out(source, (Group(one, flows.get(one, ())) for one in wanted)):
            yield from _MERGING.merged(_needed(source, found[laid.end], laid))
            # A permission with many flows comes several times; who only asks for it comes once.
            yield from _only_requested(source, found[laid.end], requests.pop(laid.end, ()))


def _needed(source: Origin, permission: Node, laid: Laid) -> Iterator[Row]:
    """A row for each flow that needs the permission."""
    for flow in laid.flows:
        edge = next(edge for edge in flow.edges["REQUIRES"] if edge.target == permission.id)
        yield _row(
            Asked(permission, _askers(flow, laid.facts), flow, edge, laid.facts),
            (flow.id.key,),
            sources(source, flow),
        )


def _only_requested(source: Origin, permission: Node, askers: Sequence[Node]) -> Iterator[Row]:
    """A row for each SDK that asks for the permission though no flow says what for; the data is what it opens."""
    if not askers:
        return
    edges = source.reader.edges(["GIVES_ACCESS_TO"], [permission.id], Direction.OUT)
    known = facts(source, view_flows(source.reader, (), [edge.target for edge in edges]))
    opened = tuple(item(edge, known, ()) for edge in edges)
    for one in askers:
        yield _row(Asked(permission, (Entry(one.name, one.id),), None, None, known, opened), (), ())


def _row(line: Asked, flows: tuple[str, ...], clauses: tuple[Clause, ...]) -> Row:
    found = cells(COLUMNS, line)
    return Row(found, flows, clauses, lacks=lacking(COLUMNS, found, line, _activities))


def _requests(source: Origin, permissions: Sequence[NodeId], inside: Bundles) -> dict[NodeId, Sequence[Node]]:
    """The recipients in use that ask for each permission though no flow to them needs it."""
    edges = source.reader.edges(["REQUESTS"], permissions, Direction.IN)
    if not edges:
        return {}
    askers = frozenset(edge.source for edge in edges)
    active = reached_by_flows(source, askers)
    nodes = source.reader.get([one for one in askers if one in active or inside.in_use(one)])
    needed = _pairs(source, askers, frozenset(edge.target for edge in edges))
    found: dict[NodeId, list[Node]] = {}
    for edge in edges:
        if edge.source in nodes and (edge.source, edge.target) not in needed:
            found.setdefault(edge.target, []).append(nodes[edge.source])
    return dict(found)


def _pairs(source: Origin, recipients: frozenset[NodeId], permissions: frozenset[NodeId]) -> set[tuple[NodeId, NodeId]]:
    """Which of ``recipients`` get data by which of ``permissions``."""
    where = source.where.also(Ends(("REQUIRES",), permissions))
    groups = source.reader.group(where, By(("TO",), frozenset((RECIPIENT,)), recipients)).groups
    needs: dict[NodeId, list[NodeId]] = {}
    for edge in source.reader.edges(["REQUIRES"], {flow for group in groups for flow in group.flows}, Direction.OUT):
        needs.setdefault(edge.source, []).append(edge.target)
    return {(group.end, one) for group in groups for flow in group.flows for one in needs.get(flow, ())}


def _askers(flow: FlowView, facts: Facts) -> tuple[Entry, ...]:
    """The app, or whoever collects by code inside it."""
    inside = tuple(facts.entry(end) for end in flow.ends("TO") if end.label == RECIPIENT)
    own = any(end.label != RECIPIENT for end in flow.ends("TO"))
    return ((Entry(_APP),) if own else ()) + inside
