"""The filters of a question: what people name, and the filters over flows that it means."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from registry.errors import Refused
from registry.lineage.answers import FlowView, Reason
from registry.lineage.cached_reader import CachedReader
from registry.lineage.matching import Filter, exactly, has_word, leads_to, no_doubt
from registry.lineage.naming import resolve
from registry.lineage.taxonomy import BROADER, NARROWER
from registry.model.graph import ACTIVITY, BASIS, FLOW, GRAPH, PRODUCT, PURPOSE, RECIPIENT, SUBJECT, SYSTEM
from registry.model.snapshot import NodeId, Text
from registry.stores.port import AllOf, AnyOf, By, Condition, Dated, Direction, Ends, Has, Is, Step, Where, undated

STATUSES = ("proposed", "active", "upcoming", "retired", "any")
"""The words of ``Scope.status``: `active` is in force on the day asked, `upcoming` not yet, `retired` no longer."""


class Scope(NamedTuple):
    """The filters of a question, as people name things. Empty means no filter; ``status`` empty means any status.

    ``on`` is the day asked about, an ISO date; today where it is empty. ``outside`` is ``group`` or ``country`` (those
    of the products' operators), or the name of an organisation or a jurisdiction: only recipients that are not known to
    be inside are counted. ``bases`` are legal bases; ``consent``, ``begins`` and ``mechanism`` words of flows.
    """

    status: tuple[str, ...] = ("active",)
    kinds: tuple[str, ...] = ()
    outside: str = ""
    subjects: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    consent: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    mechanism: tuple[str, ...] = ()
    on: str = ""

    @property
    def day(self) -> str:
        """The day asked about. Raises `Refused` for what is no date."""
        try:
            return date.fromisoformat(self.on).isoformat() if self.on else date.today().isoformat()
        except ValueError:
            raise Refused(
                Text(f"{self.on!r} is no date", f"{self.on!r}不是日期"),
                hint=Text("write it as 2026-05-01", "请写作2026-05-01"),
            ) from None


EVERYWHERE = Scope()


def in_force(scope: Scope) -> Filter:
    """The flows of the statuses asked for, as they are on the day: in force, not yet, no longer, or proposed.

    A flow is in force from its first day to its last, whatever its status is today. One that is retired without a last
    day may have been in force on a day in the past.
    """
    if not scope.status or "any" in scope.status:
        return exactly()
    unknown = [word for word in scope.status if word not in STATUSES]
    if unknown:
        raise Refused(
            Text(f"{unknown[0]!r} is no status of flows", f"{unknown[0]!r}不是流转的状态"),
            hint=Text(f"statuses are {', '.join(STATUSES)}", f"状态有：{'、'.join(STATUSES)}"),
        )
    past = scope.day < date.today().isoformat()
    kinds = [_STATUSES[word](scope.day, past) for word in dict.fromkeys(scope.status)]
    if len(kinds) == 1:
        certain, possible = kinds[0]
    else:
        certain = (AnyOf(tuple(AllOf(one) for one, _ in kinds)),)
        possible = (AnyOf(tuple(AllOf(one) for _, one in kinds)),)
    doubts = _when_it_ended if past and "active" in scope.status and "retired" not in scope.status else no_doubt
    return Filter(certain, possible, doubts)


_Conditions = tuple[tuple[Condition, ...], tuple[Condition, ...]]


def _active(day: str, past: bool) -> _Conditions:
    within = (
        NOT_PROPOSED,
        Dated("effective_from", last=day, missing=True),
        Dated("effective_to", first=day, missing=True),
    )
    stated = AnyOf((Is("status", frozenset(("active",))), Dated("effective_to")))
    return (*within, stated), within if past else (*within, stated)


def _upcoming(day: str, past: bool) -> _Conditions:
    found = (NOT_PROPOSED, Dated("effective_from", first=shifted(day, 1)))
    return found, found


def _retired(day: str, past: bool) -> _Conditions:
    ended = Dated("effective_to", last=shifted(day, -1))
    somewhen = (NOT_PROPOSED, AnyOf((ended, UNDATED_END)))
    return (NOT_PROPOSED, ended) if past else somewhen, somewhen


def _proposed(day: str, past: bool) -> _Conditions:
    found = (Is("status", frozenset(("proposed",))),)
    return found, found


_STATUSES: dict[str, Callable[[str, bool], _Conditions]] = {
    "active": _active,
    "upcoming": _upcoming,
    "retired": _retired,
    "proposed": _proposed,
}
NOT_PROPOSED = Is("status", frozenset(("active", "retired")))
"""Whatever was ever in force."""

UNDATED_END = AllOf((Is("status", frozenset(("retired",))), undated("effective_to")))
"""Retired, and nothing says since when."""


def shifted(day: str, days: int) -> str:
    """The day so many days later."""
    return (date.fromisoformat(day) + timedelta(days)).isoformat()


def _when_it_ended(flow: FlowView) -> tuple[Reason, ...]:
    undated_end = flow.node.word("status") == "retired" and not flow.node.word("effective_to")
    return (_ENDED_SOMEWHEN,) if undated_end else ()


_ENDED_SOMEWHEN = Reason(Text("it has ended, and nothing says when", "已停用，未载明停用日期"))


def filters(reader: CachedReader, scope: Scope, products: Collection[NodeId]) -> tuple[Filter, ...]:
    """The filters over flows that ``scope`` asks for; ``products`` are those named in it.

    Who the recipients are is left to `boundaries`. A flow that says nothing of whom it is about, or speaks of a group
    that the people asked for may belong to, may be about them; one that states no activity may be of the one asked for.
    A flow is of a product when it comes from it, goes to it, or is part of one of its activities or systems; what
    recipients of its data pass on may be, and so may what comes from people or systems and names no product.
    """
    found = []
    if scope.subjects:
        found.append(replace(_about(reader, scope.subjects), option="--subject"))
    if scope.activities:
        activities = [resolve(reader, name, [ACTIVITY]) for name in scope.activities]
        found.append(replace(leads_to(("PART_OF",), activities, doubt=_NO_ACTIVITY), option="--activity"))
    if products:
        found += [replace(one, option="--product") for one in _of_products(reader, products)]
    if scope.purposes:
        certain = frozenset(reader.closure([resolve(reader, name, [PURPOSE]) for name in scope.purposes], [NARROWER]))
        wider = frozenset(reader.closure(certain, [BROADER])) - certain
        found.append(replace(leads_to(("FOR",), certain, wider, doubt=_NO_PURPOSE), option="--purpose"))
    if scope.bases:
        bases = [resolve(reader, name, [BASIS]) for name in scope.bases]
        found.append(replace(leads_to(("UNDER",), bases, doubt=_NO_BASIS), option="--under"))
    if scope.consent:
        found.append(replace(_consenting(reader, scope.consent), option="--consent"))
    for name, words, doubt in (("begins", scope.begins, _NO_BEGIN), ("mechanism", scope.mechanism, _NO_MECHANISM)):
        if words:
            every = GRAPH.property(FLOW, name).values
            wanted = has_word(name, _known(words, every, name), doubt=doubt, every=every)
            found.append(replace(wanted, option=f"--{name}"))
    return tuple(found)


def _known(words: Collection[str], every: Collection[str], name: str) -> Collection[str]:
    for word in words:
        if word not in every:
            raise Refused(
                Text(f"{word!r} is no word of {name}", f"{word!r}不是{name}的取值"),
                hint=Text(f"the words are {', '.join(every)}", f"取值有：{'、'.join(every)}"),
            )
    return words


def _about(reader: CachedReader, names: Collection[str]) -> Filter:
    """Flows about these people. Whoever is not said to be of no such group may be of it: users may be children."""
    asked = {resolve(reader, name, [SUBJECT]) for name in names}
    certain = frozenset(reader.closure(asked, [NARROWER]))
    every = frozenset(node.id for node in reader.nodes(SUBJECT))
    apart = _excluded(reader, asked)
    return leads_to(("ABOUT",), certain, every - apart, doubt=_NOT_ABOUT)


def _excluded(reader: CachedReader, asked: Collection[NodeId]) -> frozenset[NodeId]:
    """The groups to which nobody of the groups asked for belongs."""
    excludes = [(edge.source, edge.target) for edge in reader.edges(["EXCLUDES"], None, Direction.OUT)]
    if not excludes:
        return frozenset()
    found: frozenset[NodeId] | None = None
    for group in asked:
        above = frozenset(reader.closure([group], [BROADER]))
        apart = {other for one, other in excludes if one in above} | {one for one, other in excludes if other in above}
        beneath = frozenset(reader.closure(apart, [NARROWER]))
        found = beneath if found is None else found & beneath
    return found or frozenset()


def _consenting(reader: CachedReader, words: Collection[str]) -> Filter:
    """Flows that rest on consent of these kinds: as the flow says, else as its legal bases do."""
    every = GRAPH.property(FLOW, "consent").values
    wanted = {_CONSENT_OF_FLOWS.get(word, word) for word in words}
    _known(wanted, every, "consent")
    bases: dict[str | None, set[NodeId]] = {}
    for node in reader.nodes(BASIS):
        word = node.word("consent")
        bases.setdefault(_CONSENT_OF_FLOWS.get(word, word) if word else None, set()).add(node.id)
    such = frozenset(one for word in wanted for one in bases.get(word, ()))
    others = frozenset(one for several in bases.values() for one in several) - such
    silent = bases.get(None, set())
    unsaid = Is("consent", frozenset(every), absent=True)
    said = Is("consent", frozenset(wanted))
    certain = AllOf((unsaid, Ends(("UNDER",), such, stated=True), Ends(("UNDER",), others, absent=True)))
    open_to_it = AnyOf((Ends(("UNDER",), such | silent), Has("UNDER", absent=True)))

    def doubts(flow: FlowView) -> tuple[Reason, ...]:
        ends = flow.ends("UNDER")
        if flow.node.word("consent") in wanted:
            return ()
        if any(end in such for end in flow.stated_ends("UNDER")):
            return () if others.isdisjoint(ends) else (_SEVERAL_BASES,)
        return (_NO_CONSENT,)

    return Filter((AnyOf((said, certain)),), (AnyOf((said, AllOf((unsaid, open_to_it)))),), doubts)


_CONSENT_OF_FLOWS = {"none": "not-required"}
"""The word of flows for what bases say otherwise."""

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
_NO_PURPOSE = Reason(Text("it does not say that it is for this purpose", "未载明是否用于该目的"))
_NO_BASIS = Reason(Text("it does not say on which legal basis it rests", "未载明合法性基础"))
_NO_CONSENT = Reason(Text("it does not say on what kind of consent it rests", "未载明取得何种同意"))
_SEVERAL_BASES = Reason(
    Text("it rests on several legal bases, which need different consent", "合法性基础有多项，所需同意不同")
)
_NO_BEGIN = Reason(Text("it does not say when it begins", "未载明开始时点"))
_NO_MECHANISM = Reason(Text("no transfer mechanism is stated", "未载明跨境传输机制"))


def belonging(reader: CachedReader, products: Collection[NodeId]) -> frozenset[NodeId]:
    """These, and the activities and systems of those of them that are products."""
    several = [one for one in products if one.label == PRODUCT]
    return frozenset((*products, *(edge.source for edge in reader.edges([PARTS.edge], several, PARTS.direction))))


PARTS = Step("PART_OF", Direction.IN)
_OF_PRODUCT = ("FROM", "TO", "PART_OF")


def _of_products(reader: CachedReader, products: Collection[NodeId]) -> list[Filter]:
    """The filter of flows that are, or may be, of these products; none where there are no others.

    Beside what those who get data from the products pass on, there are flows from people and from systems that name no
    product at all.
    """
    every_product = {node.id for node in reader.nodes(PRODUCT)}
    if every_product <= set(products):
        # Where there is no other product, there is nobody else whose data it could be.
        return []
    parts, every = belonging(reader, products), belonging(reader, every_product)
    own = Ends(_OF_PRODUCT, parts)
    relayed = Ends(("FROM",), _relays(reader, own))
    nobody = frozenset(node.id for label in (SUBJECT, SYSTEM) for node in reader.nodes(label)) - every
    possible = (
        AnyOf((own, relayed, Ends(("FROM",), nobody))),
        AnyOf((own, relayed, Ends(_OF_PRODUCT, every - parts, absent=True))),
    )

    def doubts(flow: FlowView) -> tuple[Reason, ...]:
        if any(not parts.isdisjoint(flow.stated_ends(name)) for name in _OF_PRODUCT):
            return ()
        return (_PASSED_ON if all(end.label == RECIPIENT for end in flow.ends("FROM")) else _NO_PRODUCT,)

    return [Filter((own._replace(stated=True),), possible, doubts)]


def _relays(reader: CachedReader, own: Ends) -> frozenset[NodeId]:
    """The recipients that get data of a product, directly or over others."""
    direct = reader.ends(Where((own,)), By(("TO",), frozenset((RECIPIENT,))))
    reached = reader.closure(direct, [Step("FROM", Direction.IN), Step("TO", Direction.OUT)]) if direct else ()
    return frozenset(one for one in reached if one.label == RECIPIENT)


def refuse_recipients(scope: Scope, question: str) -> None:
    """Raise `Refused` when ``scope`` filters by recipients, of which ``question`` is not asked."""
    if scope.kinds or scope.outside:
        raise Refused(
            Text(f"{question} is not asked of recipients", f"{question}不按接收方提问"),
            hint=Text("leave out the kind of recipient and who is outside", "请去掉接收方类型和境外、集团外的筛选"),
        )
