"""Who gets data, as a list shows it: the entity behind a recipient, where it is, and in which SDK it comes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from registry.documents.flow_pages import Origin, in_order, nodes_of
from registry.lineage.question import Question
from registry.model.graph import RECIPIENT
from registry.model.snapshot import Node, NodeId
from registry.stores.port import By, Direction, Reader, Step

TO_RECIPIENTS = By(("TO",), frozenset((RECIPIENT,)))
_INTO = Step("BUNDLES", Direction.OUT)


@dataclass(frozen=True, slots=True)
class Party:
    """A recipient with what its rows say whatever the flow. ``home`` are the countries of the products' operators."""

    node: Node
    depth: int
    hosts: tuple[Node, ...]
    organizations: tuple[Node, ...]
    countries: tuple[Node, ...]
    home: frozenset[NodeId]
    requests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Bundles:
    """Which recipients come inside which others that are in use.

    ``hosts`` are those of each bundled one; ``under`` those shown below a host: each once, under its first host.
    ``active`` are those among them that flows lead to.
    """

    hosts: Mapping[NodeId, tuple[NodeId, ...]] = field(default_factory=dict)
    under: Mapping[NodeId, tuple[NodeId, ...]] = field(default_factory=dict)
    active: frozenset[NodeId] = frozenset()

    @property
    def shown_below(self) -> frozenset[NodeId]:
        """Those that stand below a host rather than in their own place."""
        return frozenset(one for several in self.under.values() for one in several)

    def in_use(self, recipient: NodeId) -> bool:
        """Whether something in use brings it along."""
        return recipient in self.hosts

    def nested(self, recipients: Collection[NodeId]) -> Iterator[tuple[NodeId, int]]:
        """``recipients`` that stand in their own place, each followed by what comes inside it, with the depth."""
        below = self.shown_below
        for recipient in recipients:
            if recipient not in below:
                yield from self._with_bundled(recipient, 0)

    def _with_bundled(self, recipient: NodeId, depth: int) -> Iterator[tuple[NodeId, int]]:
        yield recipient, depth
        for bundled in self.under.get(recipient, ()):
            yield from self._with_bundled(bundled, depth + 1)


def bundles(source: Origin) -> Bundles:
    """Return what comes inside the recipients in use. One is in use when a flow leads to it or its host is in use."""
    edges = source.reader.edges(["BUNDLES"], None, Direction.OUT)
    if not edges:
        return Bundles()
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    active = reached_by_flows(source, ends)
    used = source.reader.closure(active, [_INTO])
    kinds = {node.id: node.word("kind") for node in source.reader.get(ends).values()}
    hosts: dict[NodeId, list[NodeId]] = {}
    under: dict[NodeId, list[NodeId]] = {}
    for edge in edges:
        if edge.source in used:
            first = hosts.setdefault(edge.target, [])
            if not first and kinds[edge.source] == kinds[edge.target]:
                under.setdefault(edge.source, []).append(edge.target)
            first.append(edge.source)
    return Bundles(_fixed(hosts), _fixed(under), active)


def reached_by_flows(source: Origin, recipients: Collection[NodeId]) -> frozenset[NodeId]:
    """Those of ``recipients`` to which a flow leads."""
    by = By(("TO",), TO_RECIPIENTS.labels, frozenset(recipients))
    return frozenset(group.end for group in source.reader.group(source.where, by).groups)


def _fixed(found: Mapping[NodeId, list[NodeId]]) -> dict[NodeId, tuple[NodeId, ...]]:
    return {one: tuple(several) for one, several in found.items()}


def recipients_of(source: Origin, kinds: Collection[str]) -> list[NodeId]:
    """The recipients of these kinds, in the order in which documents speak of them."""
    found = [node.id for node in nodes_of(source.reader, RECIPIENT) if node.word("kind") in kinds]
    return in_order(source, found)


def parties(source: Origin, recipients: Mapping[NodeId, int], bundled: Bundles) -> dict[NodeId, Party]:
    """Read what the rows of ``recipients`` (each with its depth) say whatever the flow."""
    reader = source.reader
    stand = Question("list", reader, source.scope).boundaries(recipients)
    requests = _targets(reader, "REQUESTS", recipients)
    hosts = {one: bundled.hosts.get(one, ()) for one in recipients}
    ends = (stand.organizations, stand.countries, requests, hosts)
    nodes = reader.get({end for several in ends for targets in several.values() for end in targets})

    def known(ids: Collection[NodeId]) -> tuple[Node, ...]:
        return tuple(nodes[one] for one in ids if one in nodes)

    return {
        one: Party(
            stand.recipients[one],
            depth,
            known(hosts[one]),
            known(stand.organizations.get(one, ())),
            known(stand.countries.get(one, ())),
            stand.home_countries,
            known(requests.get(one, ())),
        )
        for one, depth in recipients.items()
        if one in stand.recipients
    }


def _targets(reader: Reader, edge: str, sources: Collection[NodeId]) -> dict[NodeId, list[NodeId]]:
    found: dict[NodeId, list[NodeId]] = {}
    for one in reader.edges([edge], sources, Direction.OUT):
        found.setdefault(one.source, []).append(one.target)
    return found
