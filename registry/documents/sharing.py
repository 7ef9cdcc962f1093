"""The list of personal information shared with third parties (与第三方共享个人信息清单).

Columns and parts follow the lists that apps publish under the notice 工信部信管函〔2021〕292号, which asks for the
kinds of data, the purpose, the scenario and the mode; PIPL art. 23 asks besides for the recipient's name and contact.
Since 2025 the 网络数据安全管理条例 (art. 21) asks for the form of a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from registry.documents.cells import Merging, cells, choice, data, in_words, link, purposes, said, sources, yes_no
from registry.documents.document import UNSTATED, Cell, Column, Entry, Part, Row, State
from registry.documents.flow_pages import NODES_AT_ONCE, Facts, Origin, laid_out, pages
from registry.documents.laws import MIIT_292, NDSR_21, PIPL_23, laws
from registry.documents.parties import TO_RECIPIENTS, Bundles, Party, bundles, parties, recipients_of
from registry.lineage.answers import FlowView
from registry.lineage.kinds import HELD
from registry.model.graph import FLOW, GRAPH, RECIPIENT
from registry.model.snapshot import Node, Text
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
    Column("organization", Text("Full legal name", "第三方主体全称"), _organization, law=_RECIPIENT, width=13),
    Column("contact", Text("Contact", "联系方式"), _contact, law=_RECIPIENT, width=11),
    Column("role", Text("Role", "角色"), _role, width=9),
    Column("cooperation", Text("Cooperation and function", "合作类型·功能"), _cooperation, width=14),
    Column(
        "data",
        Text("Personal information shared or collected", "共享/收集的个人信息"),
        _data,
        law=_PROVIDED,
        width=20,
        between=Text(", ", "、"),
    ),
    Column("purpose", Text("Purpose", "使用目的"), _purposes, law=_PROVIDED, width=16),
    Column("scenario", Text("Scenario", "使用场景"), _scenario, law=MIIT_292, width=19),
    Column("mode", Text("Mode", "共享方式"), _mode, law=_PROVIDED, width=12),
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


def _direct(source: Origin) -> Iterator[Row]:
    """An SDK collects on the device whatever it does besides; of others, what they collect from people themselves."""
    inside = bundles(source)
    yield from _rows(source, SDKS, source.where, inside, bundled=True)
    yield from _rows(source, OTHERS, _of_kinds(source.where, _DIRECT), inside, bundled=True)


def _third_parties(source: Origin) -> Iterator[Row]:
    return _rows(source, OTHERS, _of_kinds(source.where, _SERVER), bundles(source), bundled=False)


def _affiliates(source: Origin) -> Iterator[Row]:
    return _rows(source, AFFILIATES, source.where, bundles(source), bundled=True)


def _of_kinds(where: Where, kinds: frozenset[str]) -> Where:
    return Where(where.conditions, {**where.properties, "kind": kinds})


def _rows(source: Origin, kinds: Sequence[str], where: Where, inside: Bundles, *, bundled: bool) -> Iterator[Row]:
    """The rows of the recipients of these kinds. With ``bundled`` also of those in use only inside others."""
    for page in pages(inside.nested(recipients_of(source, kinds)), NODES_AT_ONCE):
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
    alone = cells(COLUMNS, Shared(party, None, facts))
    if not flows:
        return [Row(alone, (), (), party.depth)]
    rows = (
        Row(_cells(Shared(party, flow, facts), alone), (flow.id.key,), sources(source, flow), party.depth)
        for flow in flows
    )
    return _MERGING.merged(rows)


def _cells(line: Shared, alone: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells of a row; those of ``alone`` that say something of the recipient only need not be read again."""
    return tuple([read(line) if read else known for read, known in zip(_OF_FLOW, alone, strict=True)])
