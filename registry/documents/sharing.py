"""The list of personal information shared with third parties (与第三方共享个人信息清单).

Columns and parts follow the lists that apps publish under the notice 工信部信管函〔2021〕292号, which asks for the
kinds of data, the purpose, the scenario and the mode; PIPL art. 23 asks besides for the recipient's name and contact.
Since 2025 the 网络数据安全管理条例 (art. 21) asks for the form of a list.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from registry.documents.cells import (
    CONTACT_OPTIONS,
    KINDS_OPTIONS,
    SCENARIO_OPTIONS,
    Merging,
    cells,
    choice,
    data,
    in_words,
    lacking,
    link,
    of_flow,
    of_node,
    purposes,
    said,
    sources,
    yes_no,
)
from registry.documents.document import UNSTATED, Cell, Column, Entry, Part, Row, State, Statement
from registry.documents.flow_pages import NODES_AT_ONCE, Facts, Origin, laid_out, pages
from registry.documents.laws import MIIT_292, NDSR_21, PIPL_23, laws
from registry.documents.parties import TO_RECIPIENTS, Bundles, Party, bundles, parties, recipients_of
from registry.lineage.answers import FlowView
from registry.lineage.derivation import HELD
from registry.model.graph import FLOW, GRAPH, RECIPIENT
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import By, Group, Where

SDKS = ("sdk",)
AFFILIATES = ("affiliate",)
OTHERS = tuple(one for one in GRAPH.property(RECIPIENT, "kind").values if one not in (*SDKS, *AFFILIATES))
_DIRECT = frozenset(("collect",))
_SERVER = frozenset(GRAPH.property(FLOW, "kind").values) - _DIRECT
_PEOPLE = ("public", "guardian")
"""Recipients that are no handler of personal information: PIPL art. 23 asks for nobody's registered name."""

_RECIPIENT = laws(PIPL_23, NDSR_21)
_PROVIDED = laws(PIPL_23, NDSR_21, MIIT_292)

_HOME_UNKNOWN = Text(
    "home is not told apart: the operators' country is not stated or differs",
    "产品运营方所在国家/地区未载明或不一致，未区分境内外",
)
_SDKS = Text("Embedded third-party SDKs", "嵌入的第三方SDK")
_OTHERS_DIRECT = Text("Third parties that collect directly", "直接收集个人信息的第三方")
_OTHERS_GIVEN = Text("Third parties that receive personal information", "接收个人信息的第三方")
_AFFILIATES = Text("Affiliates", "关联公司")
_NO_SYSTEM = Text("System not stated", "未区分操作系统")
ONLY_A_KIND = Text("only the kind of recipient is stated", "仅载明接收方类别")
TITLE = Text("List of personal information shared with third parties", "与第三方共享个人信息清单")
ABOUT = Text(
    "This list shows which personal information third parties get, who they are, for which purposes, when and how.",
    "本清单列明与第三方共享的个人信息种类、接收方、使用目的、使用场景和共享方式等基本情况。",
)


@dataclass(frozen=True, slots=True)
class Shared:
    """What a row is made of: a recipient, and a flow to it. No flow where an SDK only comes inside another."""

    party: Party
    flow: FlowView | None
    facts: Facts


def _platforms(line: Shared) -> Cell:
    return choice(line.party.node, "platforms")


def _name(line: Shared) -> Cell:
    node, version = line.party.node, line.party.node.word("version")
    text = Text(f"{node.name.en} {version}", f"{node.name.zh} {version}") if version else node.name
    notes = tuple(Text(f"comes inside {host.name.en}", f"内嵌于{host.name.zh}") for host in line.party.hosts)
    return Cell((Entry(text, node.id),), notes=notes)


def _packages(line: Shared) -> Cell:
    entries = tuple(Entry(Text(one, one)) for one in line.party.node.words("packages"))
    return Cell(entries) if entries else UNSTATED


def _organization(line: Shared) -> Cell:
    node = line.party.node
    entries = tuple(Entry(one.text("legal_name") or one.name, one.id) for one in line.party.organizations)
    if entries:
        return Cell(entries)
    if node.word("kind") in _PEOPLE:
        return Cell(state=State.NOT_APPLICABLE)
    if node.flag("named") is False:
        return Cell(state=State.UNSTATED, notes=(ONLY_A_KIND,))
    return UNSTATED


def _contact(line: Shared) -> Cell:
    if not line.party.organizations and line.party.node.word("kind") in _PEOPLE:
        return Cell(state=State.NOT_APPLICABLE)
    found = (_first(one, ("contact", "dpo_contact", "address")) for one in line.party.organizations)
    entries = tuple(Entry(text) for text in found if text)
    return Cell(entries) if entries else UNSTATED


def _first(node: Node, names: Iterable[str]) -> Text | None:
    return next((text for name in names if (text := node.text(name))), None)


def _role(line: Shared) -> Cell:
    if line.party.node.word("kind") in AFFILIATES:
        stated = choice(line.party.node, "role").entries
        return Cell((Entry(in_words(RECIPIENT, "kind", "affiliate")), *stated))
    if line.flow and line.flow.node.word("kind") == "entrust" and not line.party.node.word("role"):
        return said(in_words(RECIPIENT, "role", "processor"))
    return choice(line.party.node, "role")


def _cooperation(line: Shared) -> Cell:
    """What is done, and what the recipient does for the product."""
    done = choice(line.flow.node, "kind").entries if line.flow else ()
    entries = (*done, *said(line.party.node.text("function")).entries)
    return Cell(entries) if entries else UNSTATED


def _data(line: Shared) -> Cell:
    return data(line.flow, line.facts, HELD) if line.flow else UNSTATED


def _policy(line: Shared) -> Cell:
    return link(line.party.node.word("policy_url"))


def _purposes(line: Shared) -> Cell:
    return purposes(line.flow, line.facts) if line.flow else UNSTATED


def _scenario(line: Shared) -> Cell:
    return said(line.flow.node.text("scenario")) if line.flow else UNSTATED


def _mode(line: Shared) -> Cell:
    """How it is shared, and from whom where somebody passes it on."""
    if not line.flow:
        return UNSTATED
    through = [line.facts.name(end) for end in line.flow.ends("FROM") if end.label == RECIPIENT]
    notes = tuple(Text(f"passed on by {name.en}", f"经{name.zh}提供") for name in through)
    stated = choice(line.flow.node, "mode")
    return Cell(stated.entries, stated.state, notes)


def _permissions(line: Shared) -> Cell:
    required = line.flow.ends("REQUIRES") if line.flow else ()
    entries = {one: line.facts.entry(one) for one in required}
    entries.update((node.id, Entry(node.name, node.id)) for node in line.party.requests)
    return Cell(tuple(entries.values())) if entries else UNSTATED


def _necessity(line: Shared) -> Cell:
    return choice(line.flow.node, "necessity") if line.flow else UNSTATED


def _protection(line: Shared) -> Cell:
    return choice(line.flow.node, "protection") if line.flow else UNSTATED


def _abroad(line: Shared) -> Cell:
    """Whether it goes abroad, and where to; by the recipient's place and by where the flow is stored.

    Only what is abroad stands there; home is told apart.
    """
    places = {node.id: node.name for node in line.party.countries}
    if line.flow:
        places.update((one, line.facts.name(one)) for one in line.flow.ends("STORED_IN"))
    if not places:
        return UNSTATED
    if not line.party.home:
        return Cell(tuple(Entry(name, one) for one, name in places.items()), notes=(_HOME_UNKNOWN,))
    abroad = tuple(Entry(name, one) for one, name in places.items() if one not in line.party.home)
    home = [name for one, name in places.items() if one in line.party.home]
    return Cell((Entry(yes_no(bool(abroad))), *abroad), notes=_at_home(home, besides=bool(abroad)))


def _at_home(places: Sequence[Text], *, besides: bool) -> tuple[Text, ...]:
    """Where at home it is received: no part of what is abroad."""
    if not places:
        return ()
    en, zh = ", ".join(one.en for one in places), "、".join(one.zh for one in places)
    return (Text(f"{'also ' if besides else ''}received in {en}", f"{'同时' if besides else ''}在{zh}接收"),)


def _activities(line: Shared) -> list[Text]:
    return [line.facts.name(one) for one in line.flow.ends("PART_OF")] if line.flow else []


def _by_flow(options: str) -> Callable[[Shared], Statement]:
    def statement(line: Shared) -> Statement:
        if line.flow:
            return of_flow(line.flow, options)
        node = line.party.node
        # There is no flow yet: it carries nothing that would have to go.
        stated = "--carries …" if options == KINDS_OPTIONS else options
        return Statement(node.name, f"registry flow add … --to {shlex.quote(node.id.key)}", stated)

    return statement


def _by_recipient(line: Shared) -> Statement:
    return of_node(line.party.node, "--operated-by …")


def _by_organization(line: Shared) -> Statement:
    """The contact is that of the legal entity; where none is known, that comes first."""
    known = line.party.organizations
    return of_node(known[0], CONTACT_OPTIONS) if known else _by_recipient(line)


COLUMNS: Sequence[Column[Shared]] = (
    Column("platforms", Text("Systems", "适用系统"), _platforms, width=9),
    Column(
        "recipient",
        Text("SDK or third party (version)", "SDK/第三方名称（版本）"),
        _name,
        law=_RECIPIENT,
        width=14,
        leads=True,
    ),
    Column("packages", Text("Package", "包名"), _packages, width=10),
    Column(
        "organization",
        Text("Full legal name", "第三方主体全称"),
        _organization,
        law=_RECIPIENT,
        width=13,
        stated_by=_by_recipient,
    ),
    Column("contact", Text("Contact", "联系方式"), _contact, law=_RECIPIENT, width=11, stated_by=_by_organization),
    Column("role", Text("Role", "角色"), _role, width=9),
    Column("cooperation", Text("Cooperation and function", "合作类型·功能"), _cooperation, width=14),
    Column(
        "data",
        Text("Personal information shared or collected", "共享/收集的个人信息"),
        _data,
        law=_PROVIDED,
        width=20,
        between=Text(", ", "、"),
        stated_by=_by_flow(KINDS_OPTIONS),
    ),
    Column("purpose", Text("Purpose", "使用目的"), _purposes, law=_PROVIDED, width=16, stated_by=_by_flow("--for …")),
    Column(
        "scenario",
        Text("Scenario", "使用场景"),
        _scenario,
        law=MIIT_292,
        width=19,
        stated_by=_by_flow(SCENARIO_OPTIONS),
    ),
    Column("mode", Text("Mode", "共享方式"), _mode, law=_PROVIDED, width=12, stated_by=_by_flow("--mode …")),
    Column("permissions", Text("Permissions used", "调用的权限"), _permissions, width=12),
    Column("necessity", Text("Necessary", "是否必要"), _necessity, width=10),
    Column("protection", Text("De-identified", "是否去标识化"), _protection, width=10),
    Column("abroad", Text("Received abroad (country)", "境外接收（国家/地区）"), _abroad, width=10),
    Column("policy", Text("Privacy policy", "隐私政策链接"), _policy, width=10),
)

_OF_PARTY = frozenset(("platforms", "recipient", "packages", "organization", "contact", "policy"))
"""The columns that say the same of a recipient in all of its rows."""
_OF_FLOW = tuple(None if column.key in _OF_PARTY else column.cell for column in COLUMNS)
"""How the other columns are read."""

_MERGING = Merging(COLUMNS, united=["data"], alike=_OF_PARTY)


def parts(source: Origin) -> tuple[Part, ...]:
    """The parts of the list: who collects directly, who is given data, and the affiliates."""
    return (
        Part(
            "direct",
            Text(
                "1. Embedded SDKs and third parties that collect directly",
                "一、嵌入的第三方SDK及直接收集个人信息的第三方",
            ),
            partial(_direct, source),
        ),
        Part(
            "third-parties",
            Text("2. Other third parties that receive personal information", "二、其他接收个人信息的第三方"),
            partial(_third_parties, source),
        ),
        Part("affiliates", Text("3. Affiliates", "三、关联公司"), partial(_affiliates, source)),
    )


def published_parts(source: Origin) -> tuple[Part, ...]:
    """The same parts as they are published: SDKs by the systems on which they run, where any says on which."""
    by_system: dict[Cell, list[NodeId]] = {}
    recipients = recipients_of(source, SDKS)
    nodes = {one: node for page in pages(recipients, NODES_AT_ONCE) for one, node in source.reader.get(page).items()}
    for one in recipients:
        by_system.setdefault(choice(nodes[one], "platforms"), []).append(one)
    systems = sorted(by_system, key=lambda cell: _place(cell, by_system[cell], nodes))
    several = any(cell.entries for cell in systems)
    sdks = (
        Part(
            f"sdk-{at}",
            _SDKS,
            partial(_sdks, source, frozenset(by_system[cell])),
            _SDKS,
            (_systems(cell) if several else None),
        )
        for at, cell in enumerate(systems, start=1)
    )
    return (
        *sdks,
        Part("direct", _OTHERS_DIRECT, partial(_others_direct, source), _OTHERS_DIRECT),
        Part("third-parties", _OTHERS_GIVEN, partial(_third_parties, source), _OTHERS_GIVEN),
        Part("affiliates", _AFFILIATES, partial(_affiliates, source), _AFFILIATES),
    )


def _place(cell: Cell, recipients: Sequence[NodeId], nodes: Mapping[NodeId, Node]) -> tuple[bool, int, list[int]]:
    """One system before several, in the order declared; those that name none last."""
    declared = GRAPH.property(RECIPIENT, "platforms").values
    places = [declared.index(one) for one in nodes[recipients[0]].words("platforms")]
    return not cell.entries, len(places), places


def _systems(cell: Cell) -> Text:
    return cell.entries[0].text if cell.entries else _NO_SYSTEM


def _sdks(source: Origin, recipients: Collection[NodeId]) -> Iterator[Row]:
    """The rows of these SDKs, and of those that come inside them."""
    return _rows(source, SDKS, source.where, bundles(source), bundled=True, only=recipients)


def _others_direct(source: Origin) -> Iterator[Row]:
    return _rows(source, OTHERS, _of_kinds(source.where, _DIRECT), bundles(source), bundled=True)


def _direct(source: Origin) -> Iterator[Row]:
    """An SDK collects on the device whatever it does besides; of others, what they collect from people themselves."""
    yield from _rows(source, SDKS, source.where, bundles(source), bundled=True)
    yield from _others_direct(source)


def _third_parties(source: Origin) -> Iterator[Row]:
    return _rows(source, OTHERS, _of_kinds(source.where, _SERVER), bundles(source), bundled=False)


def _affiliates(source: Origin) -> Iterator[Row]:
    return _rows(source, AFFILIATES, source.where, bundles(source), bundled=True)


def _of_kinds(where: Where, kinds: frozenset[str]) -> Where:
    return Where(where.conditions, {**where.properties, "kind": kinds})


def _rows(
    source: Origin,
    kinds: Sequence[str],
    where: Where,
    inside: Bundles,
    *,
    bundled: bool,
    only: Collection[NodeId] | None = None,
) -> Iterator[Row]:
    """The rows of the recipients of these kinds. With ``bundled`` also of those in use only inside others.

    With ``only``, those of the recipients named, each with what comes inside it.
    """
    found = recipients_of(source, kinds)
    wanted = found if only is None else [one for one in found if one in only]
    for page in pages(inside.nested(wanted), NODES_AT_ONCE):
        depths = dict(page)
        among = By(TO_RECIPIENTS.edges, TO_RECIPIENTS.labels, frozenset(depths))
        flows = {group.end: group.flows for group in source.reader.group(where, among).groups}
        listed = {
            one: depth
            for one, depth in depths.items()
            if one in flows or (bundled and inside.in_use(one) and one not in inside.active)
        }
        known = parties(source, listed, inside)
        for laid in laid_out(source, (Group(one, flows.get(one, ())) for one in listed)):
            yield from _merged(source, known[laid.end], laid.flows, laid.facts)


def _merged(source: Origin, party: Party, flows: Sequence[FlowView], facts: Facts) -> Iterable[Row]:
    """The rows of one recipient: one for each flow, and one for those that differ only in the data."""
    bare = Shared(party, None, facts)
    alone = cells(COLUMNS, bare)
    if not flows:
        return [Row(alone, (), (), party.depth, lacks=lacking(COLUMNS, alone, bare, _activities))]
    return _MERGING.merged(_row(source, Shared(party, flow, facts), flow, alone) for flow in flows)


def _row(source: Origin, line: Shared, flow: FlowView, alone: Sequence[Cell]) -> Row:
    """The row of one flow; the cells of ``alone`` that say something of the recipient only need not be read again."""
    found = tuple([read(line) if read else known for read, known in zip(_OF_FLOW, alone, strict=True)])
    lacks = lacking(COLUMNS, found, line, _activities)
    return Row(found, (flow.id.key,), sources(source, flow), line.party.depth, lacks=lacks)
