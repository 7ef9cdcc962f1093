"""Which recipients a question is asked of: those of a kind, and those that are, or may be, outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from registry.errors import Refused
from registry.lineage.answers import Certainty, FlowView, Reason, Row
from registry.lineage.asking import Grouped, Judge, ranked
from registry.lineage.cached_reader import cached, targets
from registry.lineage.scope import Ground, Scope, asks_abroad, ground
from registry.model.graph import JURISDICTION, RECIPIENT
from registry.model.snapshot import NodeId, Text
from registry.stores.port import AnyOf, By, Ends, Reader, Where

_NO_OPERATOR = Reason(Text("nothing says who operates it: it may be of the group", "未载明运营方，可能属于本集团"))
_SEVERAL = Reason(
    Text("it has several operators, of which some are in the group", "载有多个运营方，其中部分属于本集团")
)
_NO_COUNTRY = Reason(Text("nothing says in which country it is", "未载明所在国家或地区"))
_BY_PRODUCT = Reason(
    Text("whether it is outside depends on the product (--product)", "是否属于境外或集团外因产品而异（--product）")
)
_STORED_ABROAD = Reason(Text("what it gets is stored abroad", "向其提供的信息存储于境外"))


class Inside(NamedTuple):
    """The recipients that a scope lets through (``among``, None: any) and those that it shuts out.

    Of those let through, ``unsure`` only may be what is asked for, and why; those ``at_home`` count for what is stored
    in the countries ``abroad`` and for nothing else.
    """

    among: frozenset[NodeId] | None = None
    without: frozenset[NodeId] = frozenset()
    unsure: Mapping[NodeId, Reason] = {}
    at_home: frozenset[NodeId] = frozenset()
    abroad: frozenset[NodeId] = frozenset()

    def receiving(
        self, reader: Reader, of: Collection[NodeId] | None = None, *, surely: bool = False
    ) -> tuple[Ends | AnyOf, ...]:
        """The condition on flows that they go to such a recipient (one of these); none where no such thing is asked.

        With ``surely``, to one that is not ``unsure``.
        """
        if self.among is None and not self.without and not self.unsure and not self.at_home:
            return ()
        among = self.among if self.among is not None else frozenset(node.id for node in reader.nodes(RECIPIENT))
        among = among.difference(self.without, self.unsure if surely else ())
        among = among if of is None else among.intersection(of)
        if among.isdisjoint(self.at_home):
            return (Ends(("TO",), among),)
        away = AnyOf((Ends(("TO",), among - self.at_home), Ends(("STORED_IN",), self.abroad)))
        return (Ends(("TO",), among), away)

    def doubting(self, judge: Judge) -> Judge:
        """The same judge, for which flows to those that only may be outside count as possible."""
        if not self.unsure and not self.at_home:
            return judge
        return lambda flows: [self._doubted(flow) for flow in judge(flows)]

    def _doubted(self, flow: FlowView) -> FlowView:
        ends = [end for end in flow.ends("TO") if self._lets_through(end)]
        if any(end not in self.unsure and end not in self.at_home for end in ends):
            return flow
        if self._stored_abroad(flow) and any(end in self.at_home for end in ends):
            return flow._replace(reasons=(*flow.reasons, _STORED_ABROAD))
        return possibly(flow, *dict.fromkeys(self.unsure[end] for end in ends if end in self.unsure))

    def _lets_through(self, end: NodeId) -> bool:
        return end.label == RECIPIENT and end not in self.without and (self.among is None or end in self.among)

    def _stored_abroad(self, flow: FlowView) -> bool:
        return not self.abroad.isdisjoint(flow.ends("STORED_IN"))

    def standing(self, row: Row) -> Row:
        """A recipient's row: possible where nothing says where it is, and of one at home what is stored abroad."""
        if row.end is None:
            return row
        if row.end in self.at_home:
            away = [flow for flow in row.all_flows if self._stored_abroad(flow)]
            return ranked(row, [flow._replace(reasons=(*flow.reasons, _STORED_ABROAD)) for flow in away])
        if row.end in self.unsure:
            reason = self.unsure[row.end]
            if not row.flows:
                return replace(row, certainty=Certainty.POSSIBLE, reasons=(*row.reasons, reason))
            return ranked(row, [possibly(flow, reason) for flow in row.all_flows])
        return row


def possibly(flow: FlowView, *reasons: Reason) -> FlowView:
    """The flow, only possible, for these reasons besides its own."""
    return flow._replace(certainty=Certainty.POSSIBLE, reasons=(*flow.reasons, *reasons))


def inside(reader: Reader, scope: Scope, where: Where) -> Inside:
    """Return which recipients of the flows that ``where`` lets through are asked for.

    One that is at home is not shut out from those abroad when something it gets is stored abroad. Raises `Refused` when
    ``scope`` asks for a home that the registry does not state.
    """
    if not scope.kinds and not scope.outside:
        return Inside()
    everyone = ground(reader, scope)
    among = None
    if scope.kinds:
        among = frozenset(node.id for node in everyone.recipients.values() if node.word("kind") in scope.kinds)
    if not scope.outside:
        return Inside(among)
    if not asks_abroad(reader, scope):
        if not any(home.group for home in everyone.homes):
            raise Refused("no product has an operator that is stated", hint="name the group: --outside ORGANIZATION")
        without = frozenset(one for one in everyone.recipients if everyone.inside_group(one))
        return Inside(among, without, _unsure_of_group(everyone))
    if not any(home.countries for home in everyone.homes):
        raise Refused("no product has an operator whose country is stated", hint="name the country: --outside cn")
    abroad = frozenset(node.id for node in reader.nodes(JURISDICTION)) - everyone.home_countries
    home = frozenset(one for one in everyone.recipients if everyone.inside_country(one))
    stored = reader.ends(where.also(Ends(("STORED_IN",), abroad)), By(("TO",), frozenset((RECIPIENT,)), home))
    return Inside(among, home.difference(stored), _unsure_of_country(everyone), frozenset(stored), abroad)


def _unsure_of_group(everyone: Ground) -> dict[NodeId, Reason]:
    found = {}
    for one in everyone.recipients:
        if everyone.inside_group(one) is None:
            known = everyone.organizations.get(one)
            found[one] = _NO_OPERATOR if not known else _SEVERAL if everyone.disputed(one) else _BY_PRODUCT
    return found


def _unsure_of_country(everyone: Ground) -> dict[NodeId, Reason]:
    return {
        one: _BY_PRODUCT if everyone.countries.get(one) else _NO_COUNTRY
        for one in everyone.recipients
        if everyone.inside_country(one) is None
    }


def placed(reader: Reader, scope: Scope, got: Grouped, recipients: Inside) -> Grouped:
    """Mark each recipient as inside or outside the group; say where a filter asks and it is not known."""
    ends = [row.end for row in got.rows if row.end and row.end.label == RECIPIENT]
    if not ends:
        return got
    stands = ground(reader, scope._replace(outside=""), ends)
    rows = []
    for row in got.rows:
        if row.end is None or row.end.label != RECIPIENT:
            rows.append(row)
            continue
        related = {
            "organizations": stands.organizations.get(row.end, ()),
            "countries": stands.countries.get(row.end, ()),
        }
        marked = replace(row, inside_group=stands.inside_group(row.end), related={**row.related, **related})
        rows.append(recipients.standing(marked))
    return replace(got, rows=tuple(sorted(rows, key=lambda row: row.rank)))


def kept_abroad(
    reader: Reader, where: Where, holding: Collection[NodeId], abroad: frozenset[NodeId], most: int
) -> tuple[Text, ...]:
    """Which of those who hold data inside keep it in the countries ``abroad``, themselves or what flows bring there.

    At most so many are named.
    """
    if not abroad or not holding:
        return ()
    asking, kept = cached(reader), defaultdict[NodeId, set[NodeId]](set)
    page = asking.group(where.also(Ends(("STORED_IN",), abroad)), By(("TO",), among=frozenset(holding)))
    stored = targets(
        asking.leaving({*holding, *(one for group in page.groups for one in group.flows)}, _STORED), *_STORED
    )
    for holder, sources in (*((one, (one,)) for one in holding), *((group.end, group.flows) for group in page.groups)):
        kept[holder].update(place for source in sources for place in stored.get(source, ()) if place in abroad)
    places = {holder: sorted(kept[holder]) for holder in holding if kept[holder]}
    if not places:
        return ()
    named = [*places][:most]
    nodes = asking.get([*named, *(place for holder in named for place in places[holder])])
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


_STORED = ("STORED_IN",)
