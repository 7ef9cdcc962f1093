"""Which flows a question is asked of, and where their recipients stand: in the group, in the country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from registry.errors import Refused
from registry.lineage.naming import resolve
from registry.model.graph import ACTIVITY, JURISDICTION, ORGANIZATION, PRODUCT, RECIPIENT, SUBJECT
from registry.model.snapshot import Edge, Node, NodeId
from registry.stores.port import Direction, Ends, Reader, Step, Where

NARROWER = Step("BROADER", Direction.IN)
WHOLES = Step("PART_OF", Direction.OUT)
PARTS = Step("PART_OF", Direction.IN)
GROUP, COUNTRY = "group", "country"


class Scope(NamedTuple):
    """The filters of a question, as people name things. Empty means no filter; ``status`` empty means any status.

    ``outside`` is ``group`` or ``country`` (those of the products' operators), or the name of an organisation or a
    jurisdiction: only recipients that are not known to be inside are counted.
    """

    status: tuple[str, ...] = ("active",)
    kinds: tuple[str, ...] = ()
    outside: str = ""
    subjects: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()


EVERYWHERE = Scope()


def flows_in(reader: Reader, scope: Scope) -> Where:
    """The filter over flows that ``scope`` asks for; who the recipients are is left to `Ground`.

    A flow is of a product when it comes from it, goes to it, or is part of one of its activities or systems.
    """
    conditions: list[Ends] = []
    if scope.subjects:
        subjects = {resolve(reader, name, [SUBJECT]) for name in scope.subjects}
        conditions.append(Ends(("ABOUT",), frozenset(reader.closure(subjects, [NARROWER]))))
    if scope.activities:
        activities = frozenset(resolve(reader, name, [ACTIVITY]) for name in scope.activities)
        conditions.append(Ends(("PART_OF",), activities))
    if scope.products:
        products = {resolve(reader, name, [PRODUCT]) for name in scope.products}
        parts = frozenset(found for found in reader.closure(products, [PARTS]))
        conditions.append(Ends(("FROM", "TO", "PART_OF"), parts))
    return Where(tuple(conditions), {"status": frozenset(scope.status)} if scope.status else {})


class Ground(NamedTuple):
    """Where recipients stand: the organisations behind them, their countries, and what counts as home."""

    recipients: Mapping[NodeId, Node]
    organizations: Mapping[NodeId, tuple[NodeId, ...]]
    countries: Mapping[NodeId, tuple[NodeId, ...]]
    home_group: frozenset[NodeId]
    home_countries: frozenset[NodeId]

    def inside_group(self, recipient: NodeId) -> bool | None:
        """Whether it is of the home group; None where nothing says who is behind it.

        An affiliate is inside by its kind. A named SDK whose operator is not stated may be anybody's; any other kind
        is outside, and so is an SDK that a text names only as a third party's.
        """
        if recipient not in self.recipients:
            return None
        node = self.recipients[recipient]
        kind = node.word("kind")
        organizations = self.organizations.get(recipient, ())
        if kind == "affiliate" or any(organization in self.home_group for organization in organizations):
            return True
        return None if kind == "sdk" and not organizations and node.flag("named") is not False else False

    def inside_country(self, recipient: NodeId) -> bool | None:
        """Whether it is in a home country and nowhere else; None where nothing says where it is."""
        countries = self.countries.get(recipient, ())
        if not countries or not self.home_countries:
            return None
        return all(country in self.home_countries for country in countries)


def ground(reader: Reader, scope: Scope, recipients: Collection[NodeId] | None = None) -> Ground:
    """Read where ``recipients`` stand (all of them where None)."""
    if recipients is None:
        found = {node.id: node for node in reader.nodes(RECIPIENT)}
    else:
        found = reader.get([node_id for node_id in recipients if node_id.label == RECIPIENT])
    operated = _targets(reader.edges(["OPERATED_BY"], found.keys(), Direction.OUT))
    home = _home(reader, scope)
    placed = {*found, *home, *(end for ends in operated.values() for end in ends)}
    located = _targets(reader.edges(["LOCATED_IN"], placed, Direction.OUT))
    countries = {
        recipient: tuple(
            dict.fromkeys(
                place for node_id in (recipient, *operated.get(recipient, ())) for place in located.get(node_id, ())
            )
        )
        for recipient in found
    }
    named = _named_country(reader, scope)
    home_countries = {named} if named else {place for node_id in home for place in located.get(node_id, ())}
    group = frozenset(reader.closure(home, [WHOLES, PARTS]))
    if _named_group(reader, scope):
        group = frozenset(reader.closure(home, [PARTS]))
    return Ground(found, operated, countries, group, frozenset(home_countries))


def inside(reader: Reader, scope: Scope) -> tuple[frozenset[NodeId] | None, frozenset[NodeId]]:
    """The recipients that ``scope`` lets through (None: any) and those that it shuts out.

    Raises `Refused` when it asks for a home that the registry does not state.
    """
    if not scope.kinds and not scope.outside:
        return None, frozenset()
    everyone = ground(reader, scope)
    among = None
    if scope.kinds:
        among = frozenset(node.id for node in everyone.recipients.values() if node.word("kind") in scope.kinds)
    if not scope.outside:
        return among, frozenset()
    if asks_abroad(reader, scope):
        if not everyone.home_countries:
            raise Refused(
                "no product has an operator whose country is stated",
                hint="name the country: --outside cn",
            )
        return among, frozenset(one for one in everyone.recipients if everyone.inside_country(one))
    if not everyone.home_group:
        raise Refused("no product has an operator that is stated", hint="name the group: --outside ORGANIZATION")
    return among, frozenset(one for one in everyone.recipients if everyone.inside_group(one))


def asks_abroad(reader: Reader, scope: Scope) -> bool | None:
    """Whether ``scope`` asks for outside a country (True) or outside a group (False); None for neither."""
    if not scope.outside:
        return None
    return scope.outside == COUNTRY or _named_country(reader, scope) is not None


def _targets(edges: Iterable[Edge]) -> dict[NodeId, tuple[NodeId, ...]]:
    found: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in edges:
        found[edge.source].append(edge.target)
    return {source: tuple(targets) for source, targets in found.items()}


def _home(reader: Reader, scope: Scope) -> frozenset[NodeId]:
    named = _named_group(reader, scope)
    if named:
        return frozenset([named])
    if scope.products:
        products = [resolve(reader, name, [PRODUCT]) for name in scope.products]
    else:
        products = [node.id for node in reader.nodes(PRODUCT)]
    return frozenset(edge.target for edge in reader.edges(["OPERATED_BY"], products, Direction.OUT))


def _named_group(reader: Reader, scope: Scope) -> NodeId | None:
    return _named(reader, scope, ORGANIZATION)


def _named_country(reader: Reader, scope: Scope) -> NodeId | None:
    return _named(reader, scope, JURISDICTION)


def _named(reader: Reader, scope: Scope, label: str) -> NodeId | None:
    if scope.outside in ("", GROUP, COUNTRY):
        return None
    found = resolve(reader, scope.outside, [ORGANIZATION, JURISDICTION])
    return found if found.label == label else None
