"""Where recipients stand: inside the group or outside it, at home or abroad; and the filters that ask for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from registry.errors import Refused
from registry.lineage.answers import FlowView, Reason, Row
from registry.lineage.cached_reader import CachedReader
from registry.lineage.matching import Filter, possibly
from registry.lineage.naming import resolve
from registry.model.graph import JURISDICTION, ORGANIZATION, PRODUCT, RECIPIENT, SUBJECT
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import AllOf, AnyOf, Condition, Direction, Ends, Step

WHOLES = Step("PART_OF", Direction.OUT)
OPERATORS = Step("OPERATED_BY", Direction.OUT)
PLACES = Step("LOCATED_IN", Direction.OUT)
GROUP, COUNTRY = "group", "country"

_NO_OPERATOR = Reason(Text("nothing says who operates it: it may be of the group", "未载明运营方，可能属于本集团"))
_SEVERAL = Reason(
    Text("it has several operators, of which some are in the group", "载有多个运营方，其中部分属于本集团")
)
_NO_COUNTRY = Reason(Text("nothing says in which country it is", "未载明所在国家或地区"))
_NO_COUNTRY_OF_PEOPLE = Reason(Text("nothing says in which country these people are", "未载明该类人员所在国家或地区"))
_ONLY_UNION = Reason(
    Text(
        "only a union of countries is stated, to which the home country belongs",
        "仅载明国家联盟，境内所属国家为其成员",
    )
)
_BY_PRODUCT = Reason(
    Text("whether it is outside depends on the product (--product)", "是否属于境外或集团外因产品而异（--product）")
)
_STORED_ABROAD = Reason(Text("what it gets is stored abroad", "向其提供的信息存储于境外"))
_PERHAPS_STORED_ABROAD = Reason(
    Text("what it gets is stored in a union of countries, perhaps abroad", "向其提供的信息存储于国家联盟内，可能在境外")
)


class Unions:
    """Which places lie in which on a day: countries in the unions of which they are members."""

    def __init__(self, reader: CachedReader, day: str) -> None:
        self._reader = reader
        self._day = day

    @cached_property
    def _of(self) -> Mapping[NodeId, Collection[NodeId]]:
        found: dict[NodeId, set[NodeId]] = defaultdict(set)
        for edge in self._reader.edges(["MEMBER_OF"], None, Direction.OUT):
            since, until = (str(edge.properties.get(name, "")) for name in ("since", "until"))
            if since <= self._day and (not until or self._day <= until):
                found[edge.source].add(edge.target)
        return found

    def around(self, place: NodeId) -> frozenset[NodeId]:
        """The place and every union that it is in."""
        return beyond([place], self._of)

    def inside(self, place: NodeId, home: Collection[NodeId]) -> bool | None:
        """Whether the place lies in one of these; None where it is a union that one of these lies in."""
        if not self.around(place).isdisjoint(home):
            return True
        return None if any(place in self.around(one) for one in home) else False

    def of_members(self, home: Collection[NodeId]) -> frozenset[NodeId]:
        """The unions in which one of these lies, themselves left out."""
        return frozenset(union for one in home for union in self.around(one)) - frozenset(home)


class Home(NamedTuple):
    """What counts as home for one product: of the organisations known, those of its group; and its countries."""

    group: frozenset[NodeId]
    countries: frozenset[NodeId]


@dataclass(frozen=True)
class Boundaries:
    """Where recipients stand: the organisations behind them, their countries, and what counts as home.

    There is a home for each product, or one that was ``named``.
    """

    recipients: Mapping[NodeId, Node]
    organizations: Mapping[NodeId, tuple[NodeId, ...]]
    countries: Mapping[NodeId, tuple[NodeId, ...]]
    homes: tuple[Home, ...]
    named: bool
    unions: Unions

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
        """Whether it is at home and nowhere else; None where nothing says, or where it is for one product.

        A place inside a union is inside it; one that is given only as a union may be at home in a country of it.
        """
        countries = self.countries.get(recipient, ())
        if not countries or not all(home.countries for home in self.homes):
            return None
        return _agreed(self._all_inside(countries, home) for home in self.homes)

    def _all_inside(self, countries: Collection[NodeId], home: Home) -> bool | None:
        verdicts = {self.unions.inside(country, home.countries) for country in countries}
        return False if False in verdicts else None if None in verdicts else True

    def only_union(self, recipient: NodeId) -> bool:
        """Whether it may be at home only since a union is stated where a country should be."""
        return any(self._all_inside(self.countries.get(recipient, ()), home) is None for home in self.homes)

    @property
    def home_countries(self) -> frozenset[NodeId]:
        """The countries that are home for every product."""
        return frozenset.intersection(*(home.countries for home in self.homes))


def _agreed(verdicts: Iterable[bool | None]) -> bool | None:
    """What all say, or None where they differ."""
    said = set(verdicts)
    return said.pop() if len(said) == 1 else None


@dataclass(frozen=True, slots=True)
class Places:
    """What stands for home: the products, or the group or the country that was named instead."""

    products: tuple[NodeId, ...]
    group: NodeId | None = None
    country: NodeId | None = None


def boundaries(reader: CachedReader, home: Places, recipients: Collection[NodeId], unions: Unions) -> Boundaries:
    """Read where ``recipients`` stand."""
    found = reader.get([node_id for node_id in recipients if node_id.label == RECIPIENT])
    products = () if home.group else home.products
    # Upward only: what is beneath an organisation may be large, and what is above is all that a group needs.
    start, standing = {*found, *products, *([home.group] if home.group else ())}, (OPERATORS, WHOLES, PLACES)
    walk = reader.closure(start, standing)
    operated, wholes, located = (walk.along(step) for step in standing)
    if home.group:
        operators = [frozenset((home.group,))]
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
            _group(several, behind, wholes, upward=home.group is None),
            frozenset([home.country])
            if home.country
            else frozenset(place for one in several for place in located.get(one, ())),
        )
        for several in dict.fromkeys(operators)
    )
    return Boundaries(found, organizations, countries, homes, home.group is not None, unions)


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


@dataclass(frozen=True, slots=True)
class Recipients:
    """The ends that a scope lets through (``among``, None: any).

    Of these, ``unsure`` only may be what is asked for, and why; those ``at_home`` count for what is stored in the
    places ``abroad`` and, perhaps, in ``perhaps_abroad``, and for nothing else.
    """

    among: frozenset[NodeId] | None = None
    unsure: Mapping[NodeId, Reason] = field(default_factory=dict)
    at_home: frozenset[NodeId] = frozenset()
    abroad: frozenset[NodeId] = frozenset()
    perhaps_abroad: frozenset[NodeId] = frozenset()
    option: str = ""

    def as_filter(self, of: Collection[NodeId] | None = None) -> tuple[Filter, ...]:
        """The filter of flows to such recipients (to one of these), where anything is asked of recipients."""
        if self.among is None:
            return ()
        among = self.among if of is None else self.among.intersection(of)
        away, near = among - self.at_home, among & self.at_home
        certain: tuple[Condition, ...] = (Ends(("TO",), away.difference(self.unsure), stated=True),)
        possible: tuple[Condition, ...] = (Ends(("TO",), away),)
        if near:
            certain = (*certain, AllOf((Ends(("TO",), near), Ends(("STORED_IN",), self.abroad, stated=True))))
            possible = (*possible, AllOf((Ends(("TO",), near), Ends(("STORED_IN",), self._stored))))
        return (Filter((AnyOf(certain),), (AnyOf(possible),), self._doubts, option=self.option),)

    @property
    def _stored(self) -> frozenset[NodeId]:
        return self.abroad | self.perhaps_abroad

    def _doubts(self, flow: FlowView) -> tuple[Reason, ...]:
        ends = [end for end in flow.ends("TO") if self.among is not None and end in self.among]
        if any(end not in self.unsure and end not in self.at_home for end in ends):
            return ()
        if any(end in self.at_home for end in ends) and self._is_stored_abroad(flow):
            return ()
        maybe = [self.unsure[end] for end in ends if end in self.unsure]
        return tuple(dict.fromkeys(maybe)) or (_PERHAPS_STORED_ABROAD,)

    def _is_stored_abroad(self, flow: FlowView) -> bool:
        return not self.abroad.isdisjoint(flow.stated_ends("STORED_IN"))

    @property
    def stored_abroad(self) -> Filter:
        """The filter of flows whose data is stored abroad: of those at home, only these count."""
        surely, maybe = (Ends(("STORED_IN",), places) for places in (self.abroad, self._stored))

        def doubts(flow: FlowView) -> tuple[Reason, ...]:
            return () if self._is_stored_abroad(flow) else (_PERHAPS_STORED_ABROAD,)

        return Filter((surely._replace(stated=True),), (maybe,), doubts)

    def explained(self, row: Row) -> Row:
        """A row of one at home, for which only what is stored abroad counts, says so."""
        if row.end not in self.at_home:
            return row
        return replace(row, reasons=(*row.reasons, _STORED_ABROAD))

    def doubted(self, end: NodeId | None, flows: Collection[FlowView]) -> list[FlowView]:
        """The flows of one end: only possible where nothing says whether it is outside."""
        reason = self.unsure.get(end) if end is not None else None
        return [*flows] if reason is None else [possibly(flow, reason) for flow in flows]


def recipients_asked(
    reader: CachedReader, kinds: Collection[str], outside: str, home: Places, unions: Unions
) -> Recipients:
    """Return which recipients are asked for: those of the ``kinds`` (any where empty), those ``outside``.

    Raises `Refused` when ``outside`` asks for a home that the registry does not state.
    """
    if not kinds and not outside:
        return Recipients()
    everyone = boundaries(reader, home, [node.id for node in reader.nodes(RECIPIENT)], unions)
    if kinds:
        among = frozenset(node.id for node in everyone.recipients.values() if node.word("kind") in kinds)
        people: frozenset[NodeId] = frozenset()
    else:
        # People get data too; what kind of recipient they are nobody asks.
        people = frozenset(node.id for node in reader.nodes(SUBJECT))
        among = frozenset(everyone.recipients) | people
    if not outside:
        return Recipients(among, option="--kind")
    option = "--kind with --outside" if kinds else "--outside"
    if outside == GROUP or home.group is not None:
        return replace(_outside_group(everyone, among), option=option)
    return replace(_outside_country(reader, everyone, among, people), option=option)


def _outside_group(everyone: Boundaries, among: frozenset[NodeId]) -> Recipients:
    if not any(home.group for home in everyone.homes):
        raise Refused(
            Text("no product has an operator that is stated", "没有任何产品载明运营方"),
            hint=Text("name the group: --outside ORGANIZATION", "请指明集团：--outside 组织"),
        )
    without = frozenset(one for one in everyone.recipients if everyone.inside_group(one))
    unsure = {}
    for one in everyone.recipients:
        if everyone.inside_group(one) is None:
            known = everyone.organizations.get(one)
            unsure[one] = _NO_OPERATOR if not known else _SEVERAL if everyone.disputed(one) else _BY_PRODUCT
    return Recipients(among - without, unsure)


def _outside_country(
    reader: CachedReader, everyone: Boundaries, among: frozenset[NodeId], people: frozenset[NodeId]
) -> Recipients:
    if not any(home.countries for home in everyone.homes):
        raise Refused(
            Text("no product has an operator whose country is stated", "没有任何产品的运营方载明所在国家或地区"),
            hint=Text("name the country: --outside cn", "请指明国家或地区：--outside cn"),
        )
    places = frozenset(node.id for node in reader.nodes(JURISDICTION))
    home = everyone.home_countries
    abroad = frozenset(place for place in places if everyone.unions.inside(place, home) is False)
    unsure = dict.fromkeys(people, _NO_COUNTRY_OF_PEOPLE)
    for one in everyone.recipients:
        if everyone.inside_country(one) is None:
            unsure[one] = (
                _NO_COUNTRY
                if not everyone.countries.get(one)
                else _ONLY_UNION
                if everyone.only_union(one)
                else _BY_PRODUCT
            )
    at_home = frozenset(one for one in everyone.recipients if everyone.inside_country(one))
    return Recipients(among, unsure, at_home & among, abroad, everyone.unions.of_members(home) & places)


def home_of(reader: CachedReader, products: Collection[NodeId], outside: str) -> Places:
    """What counts as home: the group or country that ``outside`` names, else that of the products asked for, or all."""
    every = tuple(products) or tuple(node.id for node in reader.nodes(PRODUCT))
    if outside in ("", GROUP, COUNTRY):
        return Places(every)
    found = resolve(reader, outside, [ORGANIZATION, JURISDICTION])
    if found.label == ORGANIZATION:
        return Places(every, group=found)
    return Places(every, country=found)


def kept_abroad(
    reader: CachedReader,
    holding: Collection[NodeId],
    stored: Mapping[NodeId, Collection[NodeId]],
    abroad: frozenset[NodeId],
    most: int,
) -> tuple[Text, ...]:
    """Which of those who hold data inside keep it in the places ``abroad``; at most so many are named.

    ``stored`` is where each of them keeps data, itself or by the flows that bring it.
    """
    places = {holder: sorted(abroad.intersection(stored.get(holder, ()))) for holder in holding}
    places = {holder: several for holder, several in places.items() if several}
    if not places:
        return ()
    named = [*places][:most]
    nodes = reader.get([*named, *(place for holder in named for place in places[holder])])
    en = ", ".join(
        f"{nodes[one].name.en} ({', '.join(nodes[place].name.en for place in places[one])})" for one in named
    )
    zh = "、".join(
        f"{nodes[one].name.zh}（{'、'.join(nodes[place].name.zh for place in places[one])}）" for one in named
    )
    more = len(places) - len(named)
    return (
        Text(
            f"held inside, and stored abroad, by {en}" + (f" and {more:,} more" if more else ""),
            f"内部持有且存储于境外：{zh}" + (f"等，另有{more:,}个" if more else ""),
        ),
    )
