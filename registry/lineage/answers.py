"""What a question returns: rows of one grouped end each, with the flows that say so, and how complete it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from registry.model.snapshot import Edge, Node, NodeId, Text
from registry.stores.port import is_reading

FLOWS_SHOWN = 20
"""How many flows of a row are written out, where the asker sets no other limit."""


class Certainty(Enum):
    """How surely a flow carries the data that was asked for.

    ``DERIVED``: it carries what was made from that data. ``POSSIBLE``: it carries something broader, or goes to
    someone who is named only by kind; it is listed apart, never claimed.
    """

    CERTAIN = "certain"
    DERIVED = "derived"
    POSSIBLE = "possible"

    @property
    def rank(self) -> int:
        """0 for the surest."""
        return _RANKS[self._value_]


_RANKS = {certainty.value: rank for rank, certainty in enumerate(Certainty)}


class Reason(NamedTuple):
    """Why something is derived or only possible, with the clauses that say so.

    It is ``vague`` when all that is said is a catch-all category, such as "personal information".
    """

    text: Text
    clauses: tuple[NodeId, ...] = ()
    vague: bool = False


class FlowView(NamedTuple):
    """A flow in an answer: the node, the edges that leave it by name, and how surely it counts.

    ``matched`` is what it carries that bears on the data asked for, where data was asked for. With ``catch_all`` that
    is only a catch-all category, such as "personal information".
    """

    node: Node
    edges: Mapping[str, tuple[Edge, ...]]
    certainty: Certainty = Certainty.CERTAIN
    reasons: tuple[Reason, ...] = ()
    marks: tuple[Text, ...] = ()
    matched: tuple[NodeId, ...] = ()
    catch_all: bool = False

    @property
    def id(self) -> NodeId:
        """Which flow."""
        return self.node.id

    def ends(self, name: str) -> tuple[NodeId, ...]:
        """Where its edges of that name lead."""
        return tuple([edge.target for edge in self.edges.get(name, ())])

    def stated_ends(self, name: str) -> tuple[NodeId, ...]:
        """The same without edges that are only our reading."""
        return tuple([edge.target for edge in self.edges.get(name, ()) if not is_reading(edge)])


@dataclass(frozen=True, slots=True)
class Row:
    """One grouped end of an answer. ``end`` is None for flows that state no such end: missing is shown, not left out.

    ``flows`` are those of the row's own certainty, ``further`` those that are less sure. ``degree`` counts the
    recipients on the path, the row's own included; ``path`` is one shortest chain of flows.
    """

    end: NodeId | None
    certainty: Certainty
    flows: tuple[FlowView, ...]
    further: tuple[FlowView, ...] = ()
    reasons: tuple[Reason, ...] = ()
    inside_group: bool | None = None
    degree: int | None = None
    path: tuple[NodeId, ...] = ()
    combines: tuple[Combination, ...] = ()
    related: Mapping[str, tuple[NodeId, ...]] = field(default_factory=dict)

    @property
    def catch_all(self) -> bool:
        """Whether nothing more is said than a catch-all category."""
        return bool(self.flows) and all(flow.catch_all for flow in self.flows)

    @classmethod
    def of(cls, end: NodeId | None, flows: Collection[FlowView]) -> Row:
        """The row of these flows: as certain as the surest of them, for the reasons of those that are as sure."""
        in_order = sorted(flows, key=lambda flow: (flow.certainty.rank, flow.catch_all, flow.id))
        best = in_order[0].certainty
        sure = sum(flow.certainty is best for flow in in_order)
        reasons = dict.fromkeys(reason for flow in in_order[:sure] for reason in flow.reasons)
        return cls(end, best, tuple(in_order[:sure]), tuple(in_order[sure:]), tuple(reasons))

    @property
    def flow_count(self) -> int:
        """How many flows it has, of whatever certainty."""
        return len(self.flows) + len(self.further)

    def readings(self, name: str) -> frozenset[NodeId]:
        """Where its edges of that name lead only by our reading."""
        stated = {end for flow in self.flows for end in flow.stated_ends(name)}
        return frozenset(self.ends(name)) - stated

    def ends(self, name: str) -> tuple[NodeId, ...]:
        """Where the edges of that name of its flows lead, each once."""
        return tuple(dict.fromkeys(end for flow in self.flows for end in flow.ends(name)))

    @property
    def matched(self) -> tuple[NodeId, ...]:
        """What its flows carry that bears on the data asked for, each once; all that they carry where none was."""
        found = tuple(dict.fromkeys(category for flow in self.flows for category in flow.matched))
        return found or self.ends("CARRIES")

    @property
    def all_flows(self) -> tuple[FlowView, ...]:
        """Its flows, the surest first."""
        return (*self.flows, *self.further)


class Combination(NamedTuple):
    """Kinds of data that, as clauses say, identify a person together, found all at one recipient.

    Where it is ``with_any``, the one category does so together with any other personal information.
    """

    clauses: tuple[NodeId, ...]
    categories: tuple[NodeId, ...]
    certainty: Certainty
    with_any: bool = False


class Counted(NamedTuple):
    """How many recipients stand on either side of a boundary, and of how many it is not stated."""

    inside: int
    outside: int
    not_stated: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What an answer says in a sentence or two, and the counts of the whole answer behind it, never of a page.

    ``possible`` rows contain the ``catch_all`` ones. ``group``, ``country`` and ``kinds`` count rows of recipients;
    None and empty where rows are something else.
    """

    text: Text
    certain: int = 0
    derived: int = 0
    possible: int = 0
    catch_all: int = 0
    group: Counted | None = None
    country: Counted | None = None
    kinds: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        """How many rows there are in all."""
        return self.certain + self.derived + self.possible


NO_SUMMARY = Summary(Text("", ""))


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    ``nodes`` holds every node that the answer refers to; ``sensitive`` the schemes by which a category is sensitive.
    ``complete`` is False when a limit cut the answer, and ``limit`` says which; ``total`` is how many rows there are
    in all; a cut answer goes on after the row ``following``. ``notes`` are what a reader must know besides the rows.
    ``flows_shown`` is how many flows of a row are written out.
    """

    question: str
    about: tuple[NodeId, ...]
    rows: tuple[Row, ...]
    total: int
    nodes: Mapping[NodeId, Node]
    sensitive: Mapping[NodeId, tuple[NodeId, ...]] = field(default_factory=dict)
    complete: bool = True
    limit: Text | None = None
    following: NodeId | None = None
    notes: tuple[Text, ...] = ()
    related: Mapping[str, tuple[NodeId, ...]] = field(default_factory=dict)
    summary: Summary = NO_SUMMARY
    flows_shown: int = FLOWS_SHOWN

    def node(self, node_id: NodeId) -> Node:
        """A node of the answer; one that no longer exists is shown by its key."""
        return self.nodes.get(node_id) or Node(node_id, {})

    def levels(self, category: NodeId, flows: Iterable[FlowView] = ()) -> tuple[NodeId, ...]:
        """The levels at which a category is sensitive, in itself or in these flows.

        All data about a sensitive group of people is sensitive (PIPL art. 28).
        """
        found = dict.fromkeys(self.sensitive.get(category, ()))
        for flow in flows:
            if category in flow.ends("CARRIES") or category in flow.ends("DERIVES"):
                found.update(
                    dict.fromkeys(level for one in flow.ends("ABOUT") for level in self.sensitive.get(one, ()))
                )
        return tuple(found)

    def rows_of(self, certainty: Certainty) -> tuple[Row, ...]:
        """The rows of one certainty."""
        return tuple(row for row in self.rows if row.certainty is certainty)
