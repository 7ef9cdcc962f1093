"""The questions. Each is a filter over flows, grouped by one end; adding one touches no store.

Every question takes the store's reader first, then the name of a thing as people write it (key, alias, English or
Chinese name), and raises `UnknownName` or `AmbiguousName` where the name does not mean one thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from registry.lineage.answers import Answer, Certainty, Combination, Row
from registry.lineage.asking import WHOLE, Grouped, Judge, Seen, Window, answered, doubting, grouped
from registry.lineage.boundaries import inside, kept_abroad, placed
from registry.lineage.cached_reader import CachedReader, cached, targets
from registry.lineage.certainty import by_data, by_making
from registry.lineage.combined_data import combination_notes, combined_at, combined_by, combining, with_combinations
from registry.lineage.kinds import BROADER, DEFINES, HELD, NARROWER, Kinds, kinds, narrower, own_kinds, stops_of
from registry.lineage.naming import resolve
from registry.lineage.onward import onward
from registry.lineage.recipients import (
    downstream,
    going_to,
    implied_by,
    received,
    receivers_of,
)
from registry.lineage.revocation import alone_on_platform, going_on, revoked
from registry.lineage.scope import EVERYWHERE, Scope, filtered, refuse_recipients
from registry.model.bulk import uncollected
from registry.model.graph import (
    ACTIVITY,
    CATEGORY,
    GRAPH,
    ORGANIZATION,
    PERMISSION,
    PRODUCT,
    RECIPIENT,
    RIGHT,
    SUBJECT,
    SYSTEM,
)
from registry.model.snapshot import NodeId, Text
from registry.stores.port import By, Direction, Ends, Reader, Where

RECEIVING = frozenset((RECIPIENT, SUBJECT))
HOLDING = frozenset((PRODUCT, SYSTEM))
OBTAINING = frozenset(("collect", "receive"))


@uncollected()
def who_receives(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each recipient of ``data``, of anything narrower, and of what is made from it, with the reasons.

    Recipients of something broader, that may include it, are listed as possible. `Answer.related` names the products
    and systems that hold it inside; where the scope asks who is abroad, a note says which of them keep it there.
    """
    asking = cached(reader)
    asked = resolve(asking, data, [CATEGORY])
    found, within, sure, judge = _about_data(asking, asked, scope)
    recipients = inside(asking, scope, within)
    among, without = recipients.among, recipients.without
    # Who gets it outside and who holds it inside come from one walk: on a large registry it is most of the answer.
    ends = asking.ends(within, By(("TO",)))
    receiving = [end for end in ends if end.label in RECEIVING]
    holding = [end for end in ends if end.label in HOLDING]
    implied = implied_by(asking, receiving, among, without)
    related = {"held_by": tuple(holding[: window.first]), "implied": tuple(implied[: window.first])}
    asking.expect(one for several in related.values() for one in several)
    by = By(("TO",), RECEIVING, among, without)
    counted = [end for end in receiving if end not in without and (among is None or end in among)]
    got = grouped(asking, within, by, judge, window, sure=sure, unsure=recipients.unsure, ends=counted, also=[asked])
    got = placed(asking, scope, got, recipients)
    ways = onward(asking, within, got.rows)
    together = combined_at(asking, scope, [row.end for row in got.rows if row.end], surely=True)
    rows = tuple(received(row, ways, together) for row in got.rows)
    notes = (
        *stops_of(asking, found),
        *kept_abroad(asking, within, holding, recipients.abroad, window.first),
        *_more(len(holding), window.first, *_HOLDING),
        *_more(len(implied), window.first, *_IMPLIED),
    )
    return answered(asking, "who-receives", [asked], replace(got, rows=rows), related, notes)


_HOLDING = (
    Text("products and systems hold it inside", "个产品和系统在内部持有"),
    Text("if-erased lists them all", "if-erased列出全部"),
)
_IMPLIED = (
    Text("further recipients may get it with these", "个其他接收方可能随之获得"),
    Text("a higher --limit names them all", "提高--limit可列出全部"),
)


def _more(all_of_them: int, named: int, what: Text, hint: Text) -> tuple[Text, ...]:
    if all_of_them <= named:
        return ()
    return (
        Text(
            f"{all_of_them:,} {what.en}, {named:,} are named: {hint.en}",
            f"共有{all_of_them:,}{what.zh}，此处列出{named:,}个：{hint.zh}",
        ),
    )


@uncollected()
def what_receives(reader: Reader, recipient: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each category that ``recipient`` (or an organisation) gets, with purposes, permissions and controls.

    What goes to a recipient that is named only by kind, or to an SDK that brings this one along, is possible.
    """
    asking = cached(reader)
    asked = resolve(asking, recipient, [RECIPIENT, ORGANIZATION])
    receivers, maybe = receivers_of(asking, asked)
    got, combined = _received(asking, asked, receivers, maybe, scope, window)
    related = _behind(asking, receivers)
    return answered(asking, "what-receives", [asked], got, related, combination_notes(asking, combined))


def _received(
    asking: CachedReader,
    asked: NodeId,
    receivers: frozenset[NodeId],
    maybe: frozenset[NodeId],
    scope: Scope,
    window: Window,
) -> tuple[Grouped, tuple[Combination, ...]]:
    """What these get, and what those get that ``maybe`` are them; and what they can combine."""
    base = filtered(asking, scope)
    to_them = base.where.also(Ends(("TO",), receivers | maybe))
    recipients = inside(asking, scope, to_them)
    within = to_them.also(*recipients.receiving(asking, receivers | maybe))
    judge = recipients.doubting(doubting(going_to(receivers, maybe, asking.get(maybe)), base))
    sure = within.also(Ends(("TO",), receivers), *base.sure, *recipients.receiving(asking, receivers, surely=True))
    got = grouped(asking, within, By(HELD), judge, window, sure=sure, also=[asked])
    combined = () if asked.label in HOLDING else combined_by(asking, scope, asked, receivers, maybe)
    rows = with_combinations(_with_definitions(asking, got), combined)
    return replace(got, rows=rows), combined


def _behind(asking: CachedReader, receivers: Collection[NodeId]) -> dict[str, tuple[NodeId, ...]]:
    """What these recipients request and bring along, and who operates them."""
    leaving = asking.leaving(sorted(receivers), ("REQUESTS", "BUNDLES", "OPERATED_BY"))
    found: dict[str, list[NodeId]] = {"REQUESTS": [], "BUNDLES": [], "OPERATED_BY": []}
    for edges in leaving.values():
        for edge in edges:
            found[edge.name].append(edge.target)
    return {
        "requests": tuple(found["REQUESTS"]),
        "bundles": tuple(found["BUNDLES"]),
        "operated_by": tuple(dict.fromkeys(found["OPERATED_BY"])),
    }


@uncollected()
def why(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each purpose for which ``data`` is processed, with activities, legal bases, retention and clauses.

    Flows that state no purpose are a row of their own.
    """
    asking = cached(reader)
    asked = resolve(asking, data, [CATEGORY])
    found, within, sure, judge = _about_data(asking, asked, scope)
    recipients = inside(asking, scope, within)
    within = within.also(*recipients.receiving(asking))
    sure = sure.also(*recipients.receiving(asking, surely=True))
    judge = recipients.doubting(judge)
    got = grouped(asking, within, By(("FOR",)), judge, window, sure=sure, with_absent=True, also=[asked])
    return answered(asking, "why", [asked], got, notes=stops_of(asking, found))


@uncollected()
def where_from(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each source from which ``data`` comes, with channels and permissions.

    Besides what is collected and received, data that is derived comes from the flows that derive it.
    """
    refuse_recipients(scope, "where-from")
    asking = cached(reader)
    asked = resolve(asking, data, [CATEGORY])
    # What is made of the data says nothing of where it comes from.
    found, within, sure, judge = _about(asking, own_kinds(asking, asked), scope)
    only, surely = (replace(one, properties={**one.properties, "kind": OBTAINING}) for one in (within, sure))
    got = grouped(asking, only, By(("FROM",)), judge, window, sure=surely, also=[asked])
    base = filtered(asking, scope)
    made = base.where.also(Ends(("DERIVES",), found.all))
    certainly = base.where.also(Ends(("DERIVES",), found.certain), *base.sure)
    judge = doubting(by_making(asking, found), base)
    derived = grouped(asking, made, By(("FROM",)), judge, WHOLE, sure=certainly)
    # They stand on the first page, beside its rows.
    rows = (*got.rows, *derived.rows) if window.after is None else got.rows
    seen = Seen(
        {**got.seen.flows, **derived.seen.flows},
        {**got.seen.nodes, **derived.seen.nodes},
        {**got.seen.sensitive, **derived.seen.sensitive},
    )
    both = replace(got, rows=rows, total=got.total + derived.total, seen=seen)
    if not derived.complete:
        both = replace(both, complete=False, limit=derived.limit if got.complete else got.limit)
    return answered(asking, "where-from", [asked], both)


@uncollected()
def if_revoked(reader: Reader, permission: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each activity in which flows stop when ``permission`` is revoked, and what goes on.

    `Row.related` has ``goes_on`` (the activity's other flows) and ``tells`` (whose supply ends); `Answer.related` has
    ``still_carried``: flows by which the data that the permission opens comes all the same. An activity without
    ``goes_on`` goes wholly.
    """
    asking = cached(reader)
    asked = resolve(asking, permission, [PERMISSION])
    certain = narrower(asking, asked)
    above = frozenset(asking.closure(certain, [BROADER])) - certain
    nodes = asking.get([asked, *above])
    alone = alone_on_platform(asking, nodes[asked], certain, above)
    judge = revoked(certain, above, alone, nodes)
    filtering = filtered(asking, scope)
    recipients = inside(asking, scope, filtering.where)
    base = filtering.where.also(*recipients.receiving(asking))
    stopping = base.also(Ends(("REQUIRES",), certain | above))
    sure = base.also(Ends(("REQUIRES",), certain | alone), *filtering.sure, *recipients.receiving(asking, surely=True))
    judge = recipients.doubting(doubting(judge, filtering))
    got = grouped(asking, stopping, By(("PART_OF",)), judge, window, sure=sure, with_absent=True, also=[asked])
    stopped = {flow.id for row in got.rows for flow in row.flows if flow.certainty is Certainty.CERTAIN}
    rows = going_on(asking, base, got.rows, stopped)
    opened = {edge.target for edge in asking.edges(["GIVES_ACCESS_TO"], certain | above, Direction.OUT)}
    data = frozenset(asking.closure(opened, [NARROWER]))
    still = base.also(Ends(("CARRIES",), data), Ends(("REQUIRES",), certain | above, absent=True))
    obtaining = replace(still, properties={**still.properties, "kind": OBTAINING})
    related = {"opens": tuple(sorted(opened)), "still_carried": tuple(asking.flows(obtaining))}
    return answered(asking, "if-revoked", [asked], replace(got, rows=rows), related)


@uncollected()
def if_erased(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each place and recipient that an erasure of ``data`` must reach, with what retention rules keep.

    `Answer.related` has ``implied`` (who may have got it with those), ``rights`` (erasure, closing an account and
    withdrawing consent, with their deadlines) and ``kept_by`` (retention rules that rest on a law). Source: PIPL
    art. 47, GDPR art. 17 and 19.
    """
    asking = cached(reader)
    asked = resolve(asking, data, [CATEGORY])
    found, within, sure, judge = _about_data(asking, asked, scope)
    recipients = inside(asking, scope, within)
    among, without = recipients.among, recipients.without
    ends = asking.ends(within, By(("TO",)))
    counted = [end for end in ends if end not in without and (among is None or end in among)]
    implied = implied_by(asking, [end for end in ends if end.label in RECEIVING], among, without)
    reached = within.also(*recipients.receiving(asking))
    rights, besides = _rights(asking, reached, _ERASING, ("RETAINED_BY",))
    named = implied[: window.first]
    asking.expect((*named, *besides))
    by = By(("TO",), among=among, without=without)
    got = grouped(asking, within, by, judge, window, sure=sure, unsure=recipients.unsure, ends=counted, also=[asked])
    got = placed(asking, scope, got, recipients)
    rules = asking.get(besides)
    kept = tuple(rule for rule in sorted(rules) if rules[rule].text("law"))
    notes = (*stops_of(asking, found), *_more(len(implied), window.first, *_IMPLIED))
    related = {"implied": tuple(named), "kept_by": kept, "rights": rights}
    return answered(asking, "if-erased", [asked], got, related, notes)


@uncollected()
def if_breached(reader: Reader, holder: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each category that a breach of ``holder`` touches: what it gets, about whom, and who has it from it.

    ``holder`` is a recipient, an organisation, or a product or system of one's own. What goes to the product of a
    system is possible there. `Answer.related` has ``subjects``, ``onward`` (recipients further down; of a system also
    those of its product), ``rights`` (notice duties: PIPL art. 57, GDPR art. 33 and 34, and what the documents
    promise). Raises `Refused` where recipients are filtered and ``holder`` is none.
    """
    asking = cached(reader)
    asked = resolve(asking, holder, [RECIPIENT, ORGANIZATION, *HOLDING])
    own = asked.label in HOLDING
    if own:
        refuse_recipients(scope, f"if-breached of a {GRAPH.node(asked.label).noun}")
    receivers, maybe = receivers_of(asking, asked)
    base = filtered(asking, scope).where
    within = base.also(Ends(("TO",), receivers | maybe))
    rights, subjects = _rights(asking, within, ("breach-notice",), ("ABOUT",))
    further = downstream(asking, base, receivers | maybe if own else receivers, HOLDING if own else ())
    related = {**_behind(asking, receivers), "subjects": subjects, "onward": further, "rights": rights}
    asking.expect(one for several in related.values() for one in several)
    got, combined = _received(asking, asked, receivers, maybe, scope, window)
    return answered(asking, "if-breached", [asked], got, related, combination_notes(asking, combined))


@uncollected()
def combinations(reader: Reader, *, scope: Scope = EVERYWHERE) -> Answer:
    """Return each recipient that holds kinds of data which identify a person only together, with the clause."""
    asking = cached(reader)
    within = filtered(asking, scope)
    recipients = inside(asking, scope, within.where)
    among, without = recipients.among, recipients.without
    together = combined_at(asking, scope, None)
    ends = sorted(end for end in together if (among is None or end in among) and end not in without)
    rows = tuple(combining(end, together[end], narrowed=bool(within.sure)) for end in ends)
    found = placed(asking, scope, Grouped(rows, len(rows), Seen({}, {}, {}), True, None), recipients)
    return answered(asking, "combinations", [], found)


_ERASING = ("delete", "close-account", "withdraw")


class _About(NamedTuple):
    """What a question about data is asked of: the flows that may bear on it, those that certainly do, and the judge."""

    found: Kinds
    within: Where
    sure: Where
    judge: Judge


def _about_data(asking: CachedReader, asked: NodeId, scope: Scope) -> _About:
    return _about(asking, kinds(asking, asked, scope.status), scope)


def _about(asking: CachedReader, found: Kinds, scope: Scope) -> _About:
    base = filtered(asking, scope)
    within = base.where.also(Ends(HELD, found.all))
    sure = base.where.also(Ends(HELD, found.certain), *base.sure)
    return _About(found, within, sure, doubting(by_data(asking, found, base.where), base))


# Categories


def _with_definitions(asking: CachedReader, got: Grouped) -> tuple[Row, ...]:
    """Rows of categories, each with what clauses count under it."""
    ends = [row.end for row in got.rows if row.end]
    defined: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in asking.edges([DEFINES.edge], ends, Direction.IN):
        defined[edge.target].append(edge.source)
    clauses = {clause for several in defined.values() for clause in several}
    counted = targets(asking.leaving(clauses, ("INCLUDES",)), "INCLUDES")
    rows = []
    for row in got.rows:
        found = defined.get(row.end, []) if row.end else []
        includes = tuple(dict.fromkeys(category for clause in found for category in counted.get(clause, ())))
        rows.append(replace(row, related={"defined_in": tuple(found), "includes": includes}) if found else row)
    return tuple(rows)


# Rights


def _rights(
    asking: CachedReader, within: Where, wanted: Collection[str], besides: tuple[str, ...]
) -> tuple[tuple[NodeId, ...], tuple[NodeId, ...]]:
    """The rights of the kinds wanted that cover data or activities of these flows, or that name nothing at all.

    Then where else these flows lead, by the edges ``besides``, which comes from the same call.
    """
    rights = {node.id: node for node in asking.nodes(RIGHT) if node.word("kind") in wanted}
    covers = targets(asking.leaving(rights, ("APPLIES_TO",)), "APPLIES_TO")
    ends = asking.ends(within, By((*besides, *HELD, "PART_OF") if covers else besides))
    covered = {end for end in ends if end.label == ACTIVITY}
    if covers:
        covered.update(asking.closure([end for end in ends if end.label == CATEGORY], [BROADER]))
    others = tuple(end for end in ends if end.label not in (ACTIVITY, CATEGORY))
    return tuple(one for one in rights if one not in covers or not covered.isdisjoint(covers[one])), others
