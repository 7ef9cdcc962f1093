"""What a change means for people: who gets data that did not before, and what data is new to whom.

PIPL art. 14(2), 17(2) and 23: new kinds of data, new purposes and new recipients must be told, and may need consent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from registry.model.bulk import uncollected
from registry.model.graph import FLOW, PRODUCT, RECIPIENT, SYSTEM
from registry.model.snapshot import Node, NodeId, Text
from registry.planning import Change, Plan
from registry.stores.port import By, Direction, Ends, Reader, Where

_ACTIVE = {"status": frozenset(("active",))}


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that changes for people: ``what`` in words, and the nodes that it is about."""

    what: Text
    about: tuple[NodeId, ...]


@uncollected()
def effects(reader: Reader, planned: Plan) -> list[Effect]:
    """Return what ``planned`` changes for people, compared with the active flows that ``reader`` holds now."""
    flows = [change for change in planned.changes if _begins(change)]
    later = [*_not_yet(flows)]
    ended = [*(_end(change.after) for change in planned.changes if _ends(change)), *_losses(reader, planned)]
    if not flows:
        return ended
    fresh = {change.id: change.after for change in planned.changes}
    links = _links(flows)
    receivers = {end for link in links.values() for end in link["TO"]}
    before = _before(reader, receivers)
    required = _required(reader, {end for link in links.values() for end in link["REQUIRES"]})
    names = {**reader.get({node_id for link in links.values() for ends in link.values() for node_id in ends}), **fresh}
    found: dict[Effect, None] = {}
    for change in flows:
        for effect in _of_flow(links[change.id], before, required, names):
            found[effect] = None
        for target in links[change.id]["TO"]:
            for word in ("CARRIES", "FOR"):
                before[target][word].update(links[change.id][word])
    return [*found, *later, *ended]


def _not_yet(flows: Iterable[Change]) -> Iterator[Effect]:
    """Which of the flows come into force only later, and which last only until a day."""
    today = date.today().isoformat()
    for change in flows:
        name, first, last = change.after.name, change.after.word("effective_from"), change.after.word("effective_to")
        if first and first > today:
            en, zh = f"{name.en}: not in force until {first}", f"{name.zh}：{first}起生效，目前尚未生效"
            yield Effect(Text(en, zh), (change.id,))
        if last and last < today:
            yield Effect(
                Text(f"{name.en}: no longer in force since {last}", f"{name.zh}：已于{last}停用"), (change.id,)
            )
        elif last:
            yield Effect(Text(f"{name.en}: in force until {last}", f"{name.zh}：有效至{last}"), (change.id,))


def _ends(change: Change) -> bool:
    was = change.before is not None and change.before.word("status") == "active"
    return change.id.label == FLOW and was and change.after.word("status") != "active"


def _end(flow: Node) -> Effect:
    return Effect(Text(f"ends: {flow.name.en}", f"停止：{flow.name.zh}"), (flow.id,))


_LOST = {
    "TO": ("no longer to {}", "不再提供给{}"),
    "CARRIES": ("no longer with {}", "不再包含{}"),
    "DERIVES": ("no longer makes {}", "不再加工生成{}"),
    "FOR": ("no longer for {}", "不再用于{}"),
}


def _losses(reader: Reader, planned: Plan) -> Iterator[Effect]:
    """What active flows no longer do, and kinds of data that are no longer counted under a broader one."""
    changed = [change for change in planned.changed if change.gone]
    names = reader.get({end for change in changed for edge in change.gone for end in (edge.source, edge.target)})
    for change in changed:
        was_active = change.before is not None and change.before.word("status") == "active"
        of_flow = was_active and _begins(change)
        for edge in change.gone:
            what, end = change.after.name, names[edge.target].name
            if of_flow and edge.name in _LOST:
                en, zh = _LOST[edge.name]
                text = Text(f"{what.en}: {en.format(end.en)}", f"{what.zh}：{zh.format(end.zh)}")
                yield Effect(text, (change.id, edge.target))
            elif edge.name == "BROADER":
                text = Text(f"{what.en} no longer counts as {end.en}", f"{what.zh}不再归入{end.zh}")
                yield Effect(text, (change.id, edge.target))


def _begins(change: Change) -> bool:
    return change.id.label == FLOW and change.after.word("status") == "active"


def _links(flows: Iterable[Change]) -> dict[NodeId, dict[str, list[NodeId]]]:
    """Where the edges of each flow lead once it is written."""
    found: dict[NodeId, dict[str, list[NodeId]]] = {}
    for change in flows:
        links: dict[str, list[NodeId]] = defaultdict(list)
        for edge in change.leads:
            # What is made somewhere is held there, as what is brought.
            links["CARRIES" if edge.name == "DERIVES" else edge.name].append(edge.target)
        found[change.id] = links
    return found


def _before(reader: Reader, receivers: set[NodeId]) -> dict[NodeId, dict[str, set[NodeId]]]:
    """What each receiver gets by active flows now, and for what."""
    found: dict[NodeId, dict[str, set[NodeId]]] = defaultdict(lambda: defaultdict(set))
    if not receivers:
        return found
    active = reader.flows(Where((Ends(("TO",), frozenset(receivers)),), _ACTIVE))
    by_flow: dict[NodeId, dict[str, set[NodeId]]] = defaultdict(lambda: defaultdict(set))
    for edge in reader.edges(["TO", "CARRIES", "DERIVES", "FOR"], active, Direction.OUT) if active else ():
        by_flow[edge.source]["CARRIES" if edge.name == "DERIVES" else edge.name].add(edge.target)
    for links in by_flow.values():
        for receiver in links["TO"]:
            for word in ("CARRIES", "FOR"):
                found[receiver][word] |= links[word]
    return found


def _required(reader: Reader, permissions: set[NodeId]) -> frozenset[NodeId]:
    """Those of the permissions that active flows require now."""
    if not permissions:
        return frozenset()
    where = Where((Ends(("REQUIRES",), frozenset(permissions)),), _ACTIVE)
    return frozenset(reader.ends(where, By(("REQUIRES",), among=frozenset(permissions))))


def _of_flow(
    links: Mapping[str, list[NodeId]],
    before: Mapping[NodeId, Mapping[str, set[NodeId]]],
    required: frozenset[NodeId],
    names: Mapping[NodeId, Node],
) -> Iterable[Effect]:
    for receiver in links["TO"]:
        held = before[receiver]
        who = names[receiver].name
        inside = receiver.label in (PRODUCT, SYSTEM)
        if receiver.label == RECIPIENT and not held["CARRIES"]:
            yield Effect(Text(f"new recipient: {who.en}", f"新增接收方：{who.zh}"), (receiver,))
        for category in (one for one in links["CARRIES"] if one not in held["CARRIES"]):
            data = names[category].name
            en, zh = ("collected", "收集") if inside else ("received", "接收")
            yield Effect(
                Text(f"new data {en} by {who.en}: {data.en}", f"{who.zh}新增{zh}的个人信息：{data.zh}"),
                (receiver, category),
            )
        if held["FOR"]:
            for purpose in (one for one in links["FOR"] if one not in held["FOR"]):
                why = names[purpose].name
                yield Effect(
                    Text(f"new purpose at {who.en}: {why.en}", f"{who.zh}新增处理目的：{why.zh}"), (receiver, purpose)
                )
    for permission in (one for one in links["REQUIRES"] if one not in required):
        asked = names[permission].name
        yield Effect(Text(f"new permission: {asked.en}", f"新增系统权限：{asked.zh}"), (permission,))
