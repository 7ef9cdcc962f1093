"""What a flow may not say: contradictions within it, and changes to one that is closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from registry.bilingual import Text
from registry.errors import Place, Problem
from registry.model.draft import Draft
from registry.model.graph import FLOW, PRODUCT, RECIPIENT, SUBJECT, SYSTEM
from registry.model.snapshot import Edge, Node, NodeId, in_declared_order
from registry.model.values import write


def check_flows(draft: Draft, edges: Iterable[tuple[Edge, Place]]) -> None:
    """Note every flow whose words contradict each other."""
    # As drawn: an edge to nowhere has its own problem, and derives something as well.
    deriving = {drawn.source for drawn in draft.edges if drawn.edge.name == "DERIVES"}
    ends: dict[tuple[NodeId, str], set[str]] = defaultdict(set)
    for edge, _ in edges:
        if edge.name in ("FROM", "TO"):
            ends[edge.source, edge.name].add(edge.target.label)
    for node in draft.nodes.values():
        if node.id.label == FLOW:
            place = draft.places[node.id]
            draft.problems.extend(_flow_problems(node, place, derives=node.id in deriving))
            draft.problems.extend(_direction_problems(node, place, ends[node.id, "FROM"], ends[node.id, "TO"]))


def _direction_problems(flow: Node, place: Place, starts: Collection[str], ends: Collection[str]) -> Iterator[Problem]:
    """What comes in is collected or received: where data comes from is asked by these kinds."""
    outward = flow.word("kind") in ("provide", "entrust", "transfer", "disclose")
    if outward and ends and set(ends) <= _OWN and not _OTHERS.isdisjoint(starts):
        yield Problem(
            place,
            Text(
                f'flow "{flow.id.key}" comes in, but its kind is {flow.word("kind")}',
                f"流转“{flow.id.key}”是流入，而其kind为{flow.word('kind')}",
            ),
            Text(
                "write `kind: collect` (from people) or `kind: receive` (from others)",
                "写作`kind: collect`（自个人收集）或`kind: receive`（自他方接收）",
            ),
        )


_OWN = frozenset((PRODUCT, SYSTEM))
_OTHERS = frozenset((RECIPIENT, SUBJECT))


def check_closed(
    draft: Draft, edges: Iterable[tuple[Edge, Place]], closed: Mapping[NodeId, tuple[Node, Collection[Edge]]]
) -> None:
    """A closed flow stays as it was: what a register answered for once is not undone by an old manifest.

    It may be described better: what it moved, from whom, to whom and why, when it ended and for what reason stay.
    """
    if not closed:
        return
    leads: dict[NodeId, list[Edge]] = defaultdict(list)
    for edge, _ in edges:
        leads[edge.source].append(edge)
    for node_id, (before, had) in closed.items():
        after = draft.nodes[node_id]
        on = before.word("effective_to")
        said = Text(
            f'flow "{node_id.key}" was closed on {on or "a day that is not recorded"}',
            f"流转“{node_id.key}”已{f'于{on}' if on else ''}关闭",
        )
        if after.word("status") != "retired":
            what = Text(f"{said.en}, and is declared as open", f"{said.zh}，此处却声明为未关闭")
            draft.problems.append(Problem(draft.places[node_id], what, _CLOSED_IS_OPEN))
        elif _as_it_was(before, after) and _same_edges(had, leads[node_id]):
            kept = {name: before.properties[name] for name in _FIXED if name in before.properties}
            draft.nodes[node_id] = Node(node_id, in_declared_order(node_id.label, {**after.properties, **kept}))
        else:
            what = Text(f"{said.en}, and is declared otherwise", f"{said.zh}，此处声明与原先不同")
            draft.problems.append(Problem(draft.places[node_id], what, _CLOSED_IS_OTHER))


_CLOSED_IS_OPEN = Text(
    "take it out of the manifest, write `status: retired`, or register what begins anew by another key",
    "从声明文件中移除，或写作`status: retired`；重新开始的流转须以另一标识登记",
)
_CLOSED_IS_OTHER = Text(
    "declare it as it was, or register what begins anew by another key",
    "按原样声明，或以另一标识登记重新开始的流转",
)
_FIXED = ("kind", "effective_from", "effective_to", "closing_reason")
"""What is left out of the declaration of a closed flow stays; what is given must be as it was."""


def _as_it_was(before: Node, after: Node) -> bool:
    return all(after.properties.get(name, value) == value for name in _FIXED if (value := before.properties.get(name)))


def _same_edges(one: Iterable[Edge], other: Iterable[Edge]) -> bool:
    return {edge.id: edge.properties for edge in one} == {edge.id: edge.properties for edge in other}


def _flow_problems(flow: Node, place: Place, *, derives: bool) -> Iterator[Problem]:
    called = Text(f'flow "{flow.id.key}"', f"流转“{flow.id.key}”")
    kind = flow.word("kind")
    if kind == "derive" and not derives:
        how = write("derives: …")
        yield Problem(
            place,
            Text(f"{called.en} derives nothing", f"{called.zh}没有加工生成任何信息"),
            Text(f"{how.en}, or choose another kind", f"{how.zh}，或另选kind"),
        )
    if kind and kind != "derive" and derives:
        what = Text(f"{called.en} derives data, but its kind is {kind}", f"{called.zh}加工生成信息，而其kind为{kind}")
        yield Problem(place, what, write("kind: derive"))
    begins, ends = flow.word("effective_from"), flow.word("effective_to")
    if begins and ends and ends < begins:
        what = Text(
            f"{called.en} ends on {ends}, before it begins on {begins}", f"{called.zh}的结束日{ends}早于开始日{begins}"
        )
        yield Problem(place, what, Text("change one of the dates", "更改其中一个日期"))
