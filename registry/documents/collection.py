"""The list of personal information collected (已收集个人信息清单).

The notice 工信部信管函〔2021〕292号 asks for the kinds of data, the purpose and the scenario of what the app,
embedded SDKs included, has collected; PIPL art. 17 asks besides for the method and the retention period. The list is
the static one: how often and what exactly was collected from one person is for the app to show.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from registry.documents.cells import (
    KINDS_OPTIONS,
    NOT_ONE_BY_ONE,
    SCENARIO_OPTIONS,
    WHOLE,
    Merging,
    cells,
    choice,
    form,
    group_notes,
    in_words,
    item,
    lacking,
    named,
    nobodys,
    of_flow,
    of_group,
    of_node,
    purposes,
    said,
    with_notes,
    yes_no,
)
from registry.documents.document import UNSTATED, Cell, Column, Entry, Part, Row, State, Statement
from registry.documents.flow_pages import NODES_AT_ONCE, Facts, Laid, Origin, in_order, laid_out, nodes_of, pages
from registry.documents.laws import METHODS_2, MIIT_292, NDSR_21, PIPL_17, laws
from registry.lineage.answers import FlowView
from registry.lineage.taxonomy import BROADER, NARROWER
from registry.model.graph import ACTIVITY, GRAPH, RECIPIENT
from registry.model.snapshot import Edge, Node, NodeId, Text
from registry.stores.port import By, Direction, Group, Has, Reader, Where

TITLE = Text("List of personal information collected", "已收集个人信息清单")
ABOUT = Text(
    "This list shows which personal information the product and the SDKs embedded in it collect, for which purposes, "
    "when and how. How often an item was collected from you, and its content, are shown in the app.",
    "本清单列明本产品（包括嵌入的第三方SDK）收集的个人信息种类、使用目的、使用场景和收集方式等基本情况；"
    "您本人信息的收集次数和内容由App按用户动态展示。",
)
PUBLISHED_ABOUT = Text(
    "This list shows which personal information the product and the SDKs embedded in it collect, for which purposes, "
    "when and how, and how long it is kept.",
    "本清单列明本产品（包括嵌入的第三方SDK）收集的个人信息种类、使用目的、使用场景、收集方式和保存期限等基本情况。",
)
OBTAINING = frozenset(("collect", "receive", "derive"))
"""Kinds of flows by which data comes to be held: tags and profiles are personal information too (个人标签信息)."""

_ONE_BY_ONE = laws(NDSR_21, MIIT_292, METHODS_2)
_METHOD = laws(PIPL_17, NDSR_21, METHODS_2)
_NUMERALS = ("一", "二", "三")
_OTHER_FUNCTIONS = Text("Other functions", "其他业务功能")
_COLLECTING_MODES = ("sdk", "sdk-local", "cookie")
_NO_FUNCTION = NodeId(ACTIVITY, "")
PERHAPS = Text("May include sensitive kinds", "可能包含敏感个人信息")


@dataclass(frozen=True, slots=True)
class Collected:
    """What a row is made of: one kind of data in one flow, with its classes and the function that it serves.

    ``mixed`` are the kinds under which sensitive ones stand.
    """

    activity: Node | None
    flow: FlowView
    edge: Edge
    classes: tuple[NodeId, ...]
    facts: Facts
    mixed: Collection[NodeId]


def _function(line: Collected) -> Cell:
    if line.activity is None:
        return UNSTATED
    function = tuple(entry.text for entry in choice(line.activity, "function").entries)
    return Cell((Entry(line.activity.name, line.activity.id),), notes=function)


def _class(line: Collected) -> Cell:
    if line.edge.target == WHOLE:
        return Cell(state=State.UNSTATED, notes=(NOT_ONE_BY_ONE,))
    return named(line.facts, line.classes)


def _item(line: Collected) -> Cell:
    entry = item(line.edge, line.facts, of_group(line.flow, line.facts))
    # Whether the person may leave it out stands in its own column.
    bare = Entry(entry.text, entry.id, entry.sensitive)
    return Cell((bare,), notes=(*group_notes(line.flow, line.facts), *form(line.flow)))


def _sensitive(line: Collected) -> Cell:
    """Yes, no, or perhaps: whoever names a wide kind only has not said that nothing sensitive is among it."""
    levels = item(line.edge, line.facts, of_group(line.flow, line.facts)).sensitive
    if not levels and line.edge.target in line.mixed:
        return said(PERHAPS)
    return Cell((Entry(yes_no(bool(levels)), None, levels),))


def _channel(line: Collected) -> Cell:
    """How it is obtained, from whom where that is not the person, and by whom where that is not the product."""
    flow, facts = line.flow, line.facts
    notes: list[Text] = []
    for end in flow.ends("FROM"):
        if end.label == RECIPIENT:
            notes.append(Text(f"from {facts.name(end).en}", f"来自{facts.name(end).zh}"))
    for end in flow.ends("TO"):
        if end.label == RECIPIENT:
            notes.append(Text(f"by {facts.name(end).en}", f"由{facts.name(end).zh}收集"))
    if line.edge.name == "DERIVES":
        made = [facts.name(one) for one in flow.ends("CARRIES")]
        en, zh = ", ".join(one.en for one in made), "、".join(one.zh for one in made)
        notes.append(Text(f"from {en}", f"由{zh}生成"))
    return with_notes(named(facts, flow.ends("VIA")) if flow.ends("VIA") else _by_mode(flow), notes)


def _by_mode(flow: FlowView) -> Cell:
    """What code or cookies of others collect on the device themselves is collected just so."""
    return choice(flow.node, "mode") if flow.node.word("mode") in _COLLECTING_MODES else UNSTATED


def _purposes(line: Collected) -> Cell:
    return purposes(line.flow, line.facts)


def _scenario(line: Collected) -> Cell:
    return said(line.flow.node.text("scenario"))


def _necessity(line: Collected) -> Cell:
    """Whether it is needed, and what refusing costs. What the person may leave out is optional in any flow."""
    refusal = said(line.flow.node.text("refusal")).entries
    if line.edge.properties.get("required") is False:
        needed = said(in_words(line.flow.id.label, "necessity", "optional"))
    else:
        needed = choice(line.flow.node, "necessity")
    entries = (*needed.entries, *refusal)
    return Cell(entries) if entries else UNSTATED


def _permissions(line: Collected) -> Cell:
    return named(line.facts, line.flow.ends("REQUIRES"))


def _retention(line: Collected) -> Cell:
    """How long it is kept. A rule with neither a period nor what decides it says nothing that the law asks for."""
    rules = [line.facts.nodes[one] for one in line.flow.ends("RETAINED_BY") if one in line.facts.nodes]
    entries = tuple(Entry(_rule(rule), rule.id) for rule in rules)
    if not entries:
        return UNSTATED
    known = any(rule.word("period") or rule.text("criterion") for rule in rules)
    return Cell(entries, State.STATED if known else State.UNSTATED)


def _rule(rule: Node) -> Text:
    """The name of a rule, from when its period runs, and what happens at its end."""
    starts = rule.text("starts") if rule.word("period") else None
    added = [starts] if starts else []
    end = rule.word("end_action")
    if end:
        done = in_words(rule.id.label, "end_action", end)
        added.append(Text(f"then: {done.en.lower()}", f"到期{done.zh}"))
    if not added:
        return rule.name
    en, zh = "; ".join(one.en for one in added), "；".join(one.zh for one in added)
    return Text(f"{rule.name.en} ({en})", f"{rule.name.zh}（{zh}）")


def _shown_in_app(line: Collected) -> Cell:
    return Cell(state=State.SHOWN_IN_APP)


def _activities(line: Collected) -> list[Text]:
    return [line.activity.name] if line.activity else []


def _by_flow(options: str) -> Callable[[Collected], Statement]:
    return lambda line: of_flow(line.flow, options)


def _by_rule(line: Collected) -> Statement:
    """A rule that says too little is completed; where there is none, the flow gets one."""
    known = [line.facts.nodes[one] for one in line.flow.ends("RETAINED_BY") if one in line.facts.nodes]
    return of_node(known[0], "--criterion-en … --criterion-zh …") if known else of_flow(line.flow, "--retained-by …")


COLUMNS: Sequence[Column[Collected]] = (
    Column("function", Text("Business function", "业务功能"), _function, width=12),
    Column(
        "class",
        Text("Type of information", "信息类型"),
        _class,
        law=_ONE_BY_ONE,
        width=12,
        of_item=True,
        stated_by=_by_flow(KINDS_OPTIONS),
    ),
    Column("item", Text("Information", "信息名称"), _item, law=_ONE_BY_ONE, width=13, leads=True, of_item=True),
    Column("sensitive", Text("Sensitive", "是否敏感"), _sensitive, width=10, marks=False, of_item=True),
    Column(
        "channel",
        Text("How it is collected", "收集方式/渠道"),
        _channel,
        law=_METHOD,
        width=13,
        stated_by=_by_flow("--via …"),
    ),
    Column("purpose", Text("Purpose", "使用目的"), _purposes, law=_ONE_BY_ONE, width=15, stated_by=_by_flow("--for …")),
    Column(
        "scenario",
        Text("Scenario", "使用场景"),
        _scenario,
        law=MIIT_292,
        width=16,
        stated_by=_by_flow(SCENARIO_OPTIONS),
    ),
    Column("necessity", Text("Necessary; if refused", "是否必要；拒绝的影响"), _necessity, width=14, of_item=True),
    Column("permissions", Text("Permission used", "触发权限"), _permissions, width=12),
    Column(
        "retention", Text("Retention", "保存期限"), _retention, law=laws(PIPL_17, NDSR_21), width=13, stated_by=_by_rule
    ),
    Column("times", Text("Times collected", "收集情况（次数）"), _shown_in_app, width=10),
    Column("content", Text("Content (masked)", "信息内容（脱敏）"), _shown_in_app, width=10),
)

_MERGING = Merging(COLUMNS, items=[column.key for column in COLUMNS if column.of_item])


def parts(source: Origin) -> tuple[Part, ...]:
    """The parts of the list: basic functions, extended functions, and those of which nobody says which they are."""
    functions = GRAPH.property(ACTIVITY, "function").choices
    headings = [*((one.value, Text(f"{one.en} functions", one.zh)) for one in functions)]
    headings.append(("", Text("Functions not stated to be basic or extended", "未区分基本或扩展的业务功能")))
    return tuple(
        Part(
            function or "not-stated",
            Text(f"{at}. {heading.en}", f"{_NUMERALS[at - 1]}、{heading.zh}"),
            partial(_rows, source, function),
            Text(heading.en, heading.zh) if function else _OTHER_FUNCTIONS,
        )
        for at, (function, heading) in enumerate(headings, start=1)
    )


def _rows(source: Origin, function: str) -> Iterator[Row]:
    where = Where(source.where.conditions, {**source.where.properties, "kind": OBTAINING})
    found = {node.id: node for node in nodes_of(source.reader, ACTIVITY) if (node.word("function") or "") == function}
    mixed = _mixed(source)
    for page in pages(in_order(source, found), NODES_AT_ONCE):
        groups = {group.end: group for group in source.reader.group(where, _by(page)).groups}
        for laid in laid_out(source, (groups[one] for one in page if one in groups)):
            yield from _merged(source, found[laid.end], laid, mixed)
    if not function:
        without = source.reader.flows(where.also(Has("PART_OF", ACTIVITY, absent=True)))
        for laid in laid_out(source, [Group(_NO_FUNCTION, tuple(without))] if without else ()):
            yield from _merged(source, None, laid, mixed)


def _by(activities: Iterable[NodeId]) -> By:
    return By(("PART_OF",), frozenset((ACTIVITY,)), frozenset(activities))


def _mixed(source: Origin) -> frozenset[NodeId]:
    """The kinds of data that are sensitive or under which something sensitive stands."""
    marked = {edge.source for edge in source.reader.edges(["HAS_SENSITIVITY"], source.levels, Direction.IN)}
    marked |= {edge.target for edge in source.reader.edges(["COVERS"], source.levels, Direction.OUT)}
    # What stands under a sensitive kind is sensitive, and may stand under another kind besides.
    sensitive = source.reader.closure(marked, [NARROWER])
    return frozenset(source.reader.closure(sensitive, [BROADER]))


def _merged(source: Origin, activity: Node | None, laid: Laid, mixed: Collection[NodeId]) -> Iterator[Row]:
    """The rows of one function: one for each kind of data and context, those of one context together."""
    obtained = [_obtained(flow, laid.facts) for flow in laid.flows]
    classes = _classes(source.reader, {edge.target for edges in obtained for edge in edges})
    carried = [
        (flow, edge)
        for flow, edges in zip(laid.flows, obtained, strict=True)
        for edge in sorted(edges, key=lambda edge: (classes.get(edge.target, ()), edge.target))
    ]
    facts = Facts({**laid.facts.nodes, **source.reader.get(_missing(classes, laid.facts))}, laid.facts.sensitive)
    lines = (Collected(activity, flow, edge, classes.get(edge.target, ()), facts, mixed) for flow, edge in carried)
    return _MERGING.merged(_row(source, line) for line in lines)


def _row(source: Origin, line: Collected) -> Row:
    found = cells(COLUMNS, line)
    clauses = source.cited([line.edge]) or source.cited(line.flow.edges.get("STATED_IN", ()))
    return Row(found, (line.flow.id.key,), clauses, lacks=lacking(COLUMNS, found, line, _activities))


def _obtained(flow: FlowView, facts: Facts) -> Sequence[Edge]:
    """The data that comes to be held: what a derive flow makes of what it carries, else what is carried.

    What points to nobody is no personal information (PIPL art. 4).
    """
    derived = flow.edges.get("DERIVES", ()) if flow.node.word("kind") == "derive" else ()
    return [edge for edge in derived or flow.edges.get("CARRIES", ()) if not nobodys(edge.target, facts)]


def _missing(classes: Mapping[NodeId, tuple[NodeId, ...]], facts: Facts) -> set[NodeId]:
    return {one for several in classes.values() for one in several if one not in facts.nodes}


def _classes(reader: Reader, ids: Collection[NodeId]) -> dict[NodeId, tuple[NodeId, ...]]:
    """The widest kinds above each kind of data, short of all personal information; that itself has none."""
    reached = reader.closure(ids, [BROADER])
    upward = reached.along()
    memo: dict[NodeId, tuple[NodeId, ...]] = {WHOLE: ()}

    def tops(one: NodeId) -> tuple[NodeId, ...]:
        if one not in memo:
            wider = [above for above in upward.get(one, ()) if above != WHOLE]
            memo[one] = tuple(dict.fromkeys(top for above in wider for top in tops(above))) if wider else (one,)
        return memo[one]

    return {one: tops(one) for one in reached}
