"""Which flows a question is asked of, and where their recipients stand: in the group, in the country."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from registry.errors import Refused
from registry.lineage.answers import Certainty, FlowView, Reason
from registry.lineage.cached_reader import cached
from registry.lineage.kinds import BROADER, NARROWER
from registry.lineage.naming import resolve
from registry.model.graph import ACTIVITY, JURISDICTION, ORGANIZATION, PRODUCT, RECIPIENT, SUBJECT, SYSTEM
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import AnyOf, By, Direction, Ends, Has, Reader, Step, Where

WHOLES = Step("PART_OF", Direction.OUT)
PARTS = Step("PART_OF", Direction.IN)
OPERATORS = Step("OPERATED_BY", Direction.OUT)
PLACES = Step("LOCATED_IN", Direction.OUT)
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


class Filter(NamedTuple):
    """The flows that a scope asks for: those that ``where`` lets through may count, those of ``sure`` certainly do.

    ``about`` are the people asked for, ``parts`` what belongs to the products asked for and ``activities`` those asked
    for, where any are.
    """

    where: Where
    sure: tuple[Ends, ...] = ()
    about: frozenset[NodeId] | None = None
    parts: frozenset[NodeId] | None = None
    activities: frozenset[NodeId] | None = None

    @property
    def doubts(self) -> bool:
        """Whether it lets through flows that only may be those asked for."""
        return self.about is not None or self.parts is not None or self.activities is not None

    def doubted(self, flow: FlowView) -> FlowView:
        """The flow, only possible where it does not say that it is of the people, product or activity asked for."""
        reasons = []
        if self.about is not None and self.about.isdisjoint(flow.ends("ABOUT")):
            reasons.append(_NOT_ABOUT)
        if self.parts is not None and not any(self.parts.intersection(flow.ends(name)) for name in _OF_PRODUCT):
            reasons.append(_PASSED_ON if all(end.label == RECIPIENT for end in flow.ends("FROM")) else _NO_PRODUCT)
        if self.activities is not None and self.activities.isdisjoint(flow.ends("PART_OF")):
            reasons.append(_NO_ACTIVITY)
        if not reasons:
            return flow
        return flow._replace(certainty=Certainty.POSSIBLE, reasons=(*flow.reasons, *reasons))


_OF_PRODUCT = ("FROM", "TO", "PART_OF")
_NOT_ABOUT = Reason(
    Text("it does not say that it is about these people, and may be", "未载明是否涉及该类个人信息主体，可能涉及")
)
_PASSED_ON = Reason(
    Text(
        "it is passed on by one who gets data from the product, and perhaps from others",
        "由从本产品获得信息的接收方再提供，该接收方可能另有来源",
    )
)
_NO_ACTIVITY = Reason(Text("it does not say of which activity it is", "未载明属于哪一业务功能"))
_NO_PRODUCT = Reason(Text("it does not say of which product it is", "未载明属于哪一产品"))


def filtered(reader: Reader, scope: Scope) -> Filter:
    """The filter over flows that ``scope`` asks for; who the recipients are is left to `inside`.

    A flow that says nothing of whom it is about, or speaks of a wider group, may be about the people asked for; one
    that states no activity may be of the one asked for. A flow is of a product when it comes from it, goes to it, or is
    part of one of its activities or systems; what recipients of its data pass on may be, and so may what comes from
    people or systems and names no product.
    """
    conditions: list[Ends | AnyOf] = []
    sure: list[Ends] = []
    about = parts = activities = None
    if scope.subjects:
        subjects = {resolve(reader, name, [SUBJECT]) for name in scope.subjects}
        about = frozenset(reader.closure(subjects, [NARROWER]))
        wider = frozenset(reader.closure(about, [BROADER]))
        conditions.append(AnyOf((Ends(("ABOUT",), wider), Has("ABOUT", absent=True))))
        sure.append(Ends(("ABOUT",), about))
    if scope.activities:
        activities = frozenset(resolve(reader, name, [ACTIVITY]) for name in scope.activities)
        conditions.append(AnyOf((Ends(("PART_OF",), activities), Has("PART_OF", absent=True))))
        sure.append(Ends(("PART_OF",), activities))
    if scope.products:
        products = {resolve(reader, name, [PRODUCT]) for name in scope.products}
        every = {node.id for node in reader.nodes(PRODUCT)}
        # Where there is no other product, there is nobody else whose data it could be.
        if not products >= every:
            parts = belonging(reader, products)
            conditions += _of_products(reader, parts, belonging(reader, every))
            sure.append(Ends(_OF_PRODUCT, parts))
    where = Where(tuple(conditions), {"status": frozenset(scope.status)} if scope.status else {})
    return Filter(where, tuple(sure), about, parts, activities)


def belonging(reader: Reader, products: Collection[NodeId]) -> frozenset[NodeId]:
    """These, and the activities and systems of those of them that are products."""
    several = [one for one in products if one.label == PRODUCT]
    return frozenset((*products, *(edge.source for edge in reader.edges([PARTS.edge], several, PARTS.direction))))


def _of_products(reader: Reader, parts: frozenset[NodeId], every: frozenset[NodeId]) -> tuple[AnyOf, AnyOf]:
    """The conditions on flows that they are, or may be, of the products to which ``parts`` belong.

    ``every`` is what belongs to any product. Beside what those who get data from the products pass on, there are flows
    from people and from systems that name no product at all.
    """
    own = Ends(_OF_PRODUCT, parts)
    relayed = Ends(("FROM",), _relays(reader, own))
    nobody = frozenset(node.id for label in (SUBJECT, SYSTEM) for node in reader.nodes(label)) - every
    return (
        AnyOf((own, relayed, Ends(("FROM",), nobody))),
        AnyOf((own, relayed, Ends(_OF_PRODUCT, every - parts, absent=True))),
    )


def _relays(reader: Reader, own: Ends) -> frozenset[NodeId]:
    """The recipients that get data of a product, directly or over others."""
    direct = reader.ends(Where((own,)), By(("TO",), frozenset((RECIPIENT,))))
    reached = reader.closure(direct, [Step("FROM", Direction.IN), Step("TO", Direction.OUT)]) if direct else ()
    return frozenset(one for one in reached if one.label == RECIPIENT)


class Home(NamedTuple):
    """What counts as home for one product: of the organisations known, those of its group; and its countries."""

    group: frozenset[NodeId]
    countries: frozenset[NodeId]


class Ground(NamedTuple):
    """Where recipients stand: the organisations behind them, their countries, and what counts as home.

    There is a home for each product, or one that was named.
    """

    recipients: Mapping[NodeId, Node]
    organizations: Mapping[NodeId, tuple[NodeId, ...]]
    countries: Mapping[NodeId, tuple[NodeId, ...]]
    homes: tuple[Home, ...]
    named: bool

    def inside_group(self, recipient: NodeId) -> bool | None:
        """Whether it is of the home group; None where nothing says who is behind it, or where it is for one product.

        An affiliate is inside the group of the products by its kind. A named SDK whose operator is not stated may be
        anybody's; any other kind is outside, and so is an SDK that a text names only as a third party's. Of several
        operators, some inside and some not, any may be the right one.
        """
        if recipient not in self.recipients:
            return None
        node = self.recipients[recipient]
        kind = node.word("kind")
        organizations = self.organizations.get(recipient, ())
        if kind == "affiliate" and not (self.named and organizations):
            return None if self.named else True
        if not organizations:
            return None if kind == "sdk" and node.flag("named") is not False else False
        return _agreed(one in home.group for home in self.homes for one in organizations)

    def disputed(self, recipient: NodeId) -> bool:
        """Whether some of its operators are of the group of one product and some are not."""
        organizations = self.organizations.get(recipient, ())
        return any(_agreed(one in home.group for one in organizations) is None for home in self.homes if organizations)

    def inside_country(self, recipient: NodeId) -> bool | None:
        """Whether it is in a home country and nowhere else; None where nothing says, or where it is for one product."""
        countries = self.countries.get(recipient, ())
        if not countries or not all(home.countries for home in self.homes):
            return None
        return _agreed(all(country in home.countries for country in countries) for home in self.homes)

    @property
    def home_countries(self) -> frozenset[NodeId]:
        """The countries that are home for every product."""
        return frozenset.intersection(*(home.countries for home in self.homes))


def _agreed(verdicts: Iterable[bool]) -> bool | None:
    """What all say, or None where they differ."""
    said = set(verdicts)
    return said.pop() if len(said) == 1 else None


def ground(reader: Reader, scope: Scope, recipients: Collection[NodeId] | None = None) -> Ground:
    """Read where ``recipients`` stand (all of them where None)."""
    asking = cached(reader)
    if recipients is None:
        found = {node.id: node for node in asking.nodes(RECIPIENT)}
    else:
        found = asking.get([node_id for node_id in recipients if node_id.label == RECIPIENT])
    home_group, home_country = _named_group(asking, scope), _named_country(asking, scope)
    products = [] if home_group else _products(asking, scope)
    # Upward only: what is beneath an organisation may be large, and what is above is all that a group needs.
    start, standing = {*found, *products, *([home_group] if home_group else ())}, (OPERATORS, WHOLES, PLACES)
    walk = asking.closure(start, standing)
    operated, wholes, located = (walk.along(step) for step in standing)
    if home_group:
        operators = [frozenset((home_group,))]
    else:
        operators = [frozenset(operated.get(product, ())) for product in products] or [frozenset()]
    countries = {
        recipient: tuple(
            dict.fromkeys(
                place for node_id in (recipient, *operated.get(recipient, ())) for place in located.get(node_id, ())
            )
        )
        for recipient in found
    }
    organizations = {one: operated[one] for one in found if one in operated}
    behind = {one for several in (*organizations.values(), *operators) for one in several}
    homes = tuple(
        Home(
            _group(several, behind, wholes, upward=home_group is None),
            frozenset([home_country])
            if home_country
            else frozenset(place for one in several for place in located.get(one, ())),
        )
        for several in dict.fromkeys(operators)
    )
    return Ground(found, organizations, countries, homes, home_group is not None)


def _group(
    operators: frozenset[NodeId],
    organizations: Collection[NodeId],
    wholes: Mapping[NodeId, Collection[NodeId]],
    *,
    upward: bool,
) -> frozenset[NodeId]:
    """Those ``organizations`` that are of one group with the operators: beneath them, or beneath what they are of.

    A joint venture is of both its groups, and does not make one of them.
    """
    tops = beyond(operators, wholes) if upward else operators
    return frozenset(one for one in organizations if not tops.isdisjoint(beyond([one], wholes)))


def beyond(start: Collection[NodeId], steps: Mapping[NodeId, Collection[NodeId]]) -> frozenset[NodeId]:
    """These, and everything that any number of steps leads to."""
    found, frontier = set(start), set(start)
    while frontier:
        frontier = {end for one in frontier for end in steps.get(one, ())} - found
        found |= frontier
    return frozenset(found)


def _products(reader: Reader, scope: Scope) -> list[NodeId]:
    """The products asked for, or all of them."""
    if scope.products:
        return [resolve(reader, name, [PRODUCT]) for name in scope.products]
    return [node.id for node in reader.nodes(PRODUCT)]


def refuse_recipients(scope: Scope, question: str) -> None:
    """Raise `Refused` when ``scope`` filters by recipients, of which ``question`` is not asked."""
    if scope.kinds or scope.outside:
        raise Refused(
            f"{question} is not asked of recipients", hint="leave out the kind of recipient and who is outside"
        )


def asks_abroad(reader: Reader, scope: Scope) -> bool | None:
    """Whether ``scope`` asks for outside a country (True) or outside a group (False); None for neither."""
    if not scope.outside:
        return None
    return scope.outside == COUNTRY or _named_country(reader, scope) is not None


def _named_group(reader: Reader, scope: Scope) -> NodeId | None:
    return _named(reader, scope, ORGANIZATION)


def _named_country(reader: Reader, scope: Scope) -> NodeId | None:
    return _named(reader, scope, JURISDICTION)


def _named(reader: Reader, scope: Scope, label: str) -> NodeId | None:
    if scope.outside in ("", GROUP, COUNTRY):
        return None
    found = resolve(reader, scope.outside, [ORGANIZATION, JURISDICTION])
    return found if found.label == label else None
