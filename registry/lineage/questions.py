"""The questions. Each is a filter over flows, grouped by one end; adding one touches no store.

Every question takes the store's reader first, then the name of a thing as people write it (key, alias, English or
Chinese name), and raises `UnknownName` or `AmbiguousName` where the name does not mean one thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from registry.lineage.answers import Answer, Certainty, Row
from registry.lineage.asking import WHOLE, Grouped, Judge, Seen, Window, answer, doubting, grouped, sensitivity
from registry.lineage.combining import combination_notes, combined_at, combined_by, combining, with_combinations
from registry.lineage.judging import by_data, by_making
from registry.lineage.kinds import BROADER, DEFINES, HELD, NARROWER, Kinds, kinds, narrower, own_kinds, stops_of
from registry.lineage.naming import resolve
from registry.lineage.onward import onward
from registry.lineage.outside import inside, placed
from registry.lineage.receivers import (
    downstream,
    going_to,
    implied_by,
    organizations_of,
    received,
    receivers_of,
)
from registry.lineage.revoking import alone_on_platform, going_on, revoked
from registry.lineage.scope import EVERYWHERE, Scope, filtered, refuse_recipients
from registry.model.graph import (
    CATEGORY,
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


def who_receives(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each recipient of ``data``, of anything narrower, and of what is made from it, with the reasons.

    Recipients of something broader, that may include it, are listed as possible. `Answer.related` names the products
    and systems that hold it inside.
    """
    asked = resolve(reader, data, [CATEGORY])
    found, within, sure, judge = _about_data(reader, asked, scope)
    recipients = inside(reader, scope, within)
    among, without = recipients.among, recipients.without
    # Who gets it outside and who holds it inside come from one walk: on a large registry it is most of the answer.
    ends = reader.ends(within, By(("TO",)))
    receiving = [end for end in ends if end.label in RECEIVING]
    by = By(("TO",), RECEIVING, among, without)
    counted = [end for end in receiving if end not in without and (among is None or end in among)]
    got = grouped(reader, within, by, judge, window, sure=sure, unsure=recipients.unsure, ends=counted, also=[asked])
    got = placed(reader, scope, got, recipients)
    ways = onward(reader, within, got.rows)
    together = combined_at(reader, scope, [row.end for row in got.rows if row.end], surely=True)
    rows = tuple(received(row, ways, together) for row in got.rows)
    holding = [end for end in ends if end.label in HOLDING]
    implied = implied_by(reader, receiving, among, without)
    notes = (
        *stops_of(reader, found),
        *_more(len(holding), window.first, *_HOLDING),
        *_more(len(implied), window.first, *_IMPLIED),
    )
    result = answer("who-receives", asked, _with_nodes(reader, replace(got, rows=rows)), notes=notes)
    related = {"held_by": tuple(holding[: window.first]), "implied": tuple(implied[: window.first])}
    return _relate(reader, result, related)


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


def what_receives(reader: Reader, recipient: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each category that ``recipient`` (or an organisation) gets, with purposes, permissions and controls.

    What goes to a recipient that is named only by kind, or to an SDK that brings this one along, is possible.
    """
    asked = resolve(reader, recipient, [RECIPIENT, ORGANIZATION])
    receivers, maybe = receivers_of(reader, asked)
    base = filtered(reader, scope)
    to_them = base.where.also(Ends(("TO",), receivers | maybe))
    recipients = inside(reader, scope, to_them)
    within = to_them.also(*recipients.receiving(reader, receivers | maybe))
    judge = recipients.doubting(doubting(going_to(receivers, maybe, reader.get(maybe)), base))
    sure = within.also(Ends(("TO",), receivers), *base.sure, *recipients.receiving(reader, receivers, surely=True))
    got = grouped(reader, within, By(HELD), judge, window, sure=sure, also=[asked])
    rows = _with_definitions(reader, got)
    combined = combined_by(reader, scope, asked, receivers, maybe)
    result = answer("what-receives", asked, _with_nodes(reader, replace(got, rows=tuple(rows))))
    requested = reader.edges(["REQUESTS"], receivers, Direction.OUT)
    bundled = reader.edges(["BUNDLES"], receivers, Direction.OUT)
    related = {
        "requests": tuple(edge.target for edge in requested),
        "bundles": tuple(edge.target for edge in bundled),
        "operated_by": organizations_of(reader, receivers),
    }
    return replace(
        _relate(reader, with_combinations(result, combined), related), notes=combination_notes(reader, combined)
    )


def why(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each purpose for which ``data`` is processed, with activities, legal bases, retention and clauses.

    Flows that state no purpose are a row of their own.
    """
    return _of_data(reader, "why", data, By(("FOR",)), scope, window, with_absent=True)


def where_from(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each source from which ``data`` comes, with channels and permissions.

    Besides what is collected and received, data that is derived comes from the flows that derive it.
    """
    refuse_recipients(scope, "where-from")
    asked = resolve(reader, data, [CATEGORY])
    # What is made of the data says nothing of where it comes from.
    found, within, sure, judge = _about(reader, own_kinds(reader, asked), scope)
    only, surely = (replace(one, properties={**one.properties, "kind": OBTAINING}) for one in (within, sure))
    got = grouped(reader, only, By(("FROM",)), judge, window, sure=surely, also=[asked])
    base = filtered(reader, scope)
    made = base.where.also(Ends(("DERIVES",), found.all))
    certainly = base.where.also(Ends(("DERIVES",), found.certain), *base.sure)
    judge = doubting(by_making(reader, found), base)
    derived = grouped(reader, made, By(("FROM",)), judge, WHOLE, sure=certainly)
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
    return answer("where-from", asked, _with_nodes(reader, both))


def if_revoked(reader: Reader, permission: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each activity in which flows stop when ``permission`` is revoked, and what goes on.

    `Row.related` has ``goes_on`` (the activity's other flows) and ``tells`` (whose supply ends); `Answer.related` has
    ``still_carried``: flows by which the data that the permission opens comes all the same. An activity without
    ``goes_on`` goes wholly.
    """
    asked = resolve(reader, permission, [PERMISSION])
    certain = narrower(reader, asked)
    above = frozenset(reader.closure(certain, [BROADER])) - certain
    nodes = reader.get([asked, *above])
    alone = alone_on_platform(reader, nodes[asked], certain, above)
    judge = revoked(certain, above, alone, nodes)
    filtering = filtered(reader, scope)
    recipients = inside(reader, scope, filtering.where)
    base = filtering.where.also(*recipients.receiving(reader))
    stopping = base.also(Ends(("REQUIRES",), frozenset((*certain, *above))))
    sure = base.also(Ends(("REQUIRES",), certain | alone), *filtering.sure, *recipients.receiving(reader, surely=True))
    judge = recipients.doubting(doubting(judge, filtering))
    got = grouped(reader, stopping, By(("PART_OF",)), judge, window, sure=sure, with_absent=True, also=[asked])
    stopped = {flow.id for row in got.rows for flow in row.flows if flow.certainty is Certainty.CERTAIN}
    rows = going_on(reader, base, got.rows, stopped)
    result = answer("if-revoked", asked, _with_nodes(reader, replace(got, rows=rows)))
    opened = {edge.target for edge in reader.edges(["GIVES_ACCESS_TO"], [*certain, *above], Direction.OUT)}
    data = frozenset(reader.closure(opened, [NARROWER])) if opened else frozenset()
    still = base.also(Ends(("CARRIES",), data), Ends(("REQUIRES",), frozenset((*certain, *above)), absent=True))
    obtaining = replace(still, properties={**still.properties, "kind": OBTAINING})
    return _relate(
        reader,
        result,
        {"opens": tuple(sorted(opened)), "still_carried": tuple(reader.flows(obtaining) if data else ())},
    )


def if_erased(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each place and recipient that an erasure of ``data`` must reach, with what retention rules keep.

    `Answer.related` has ``implied`` (who may have got it with those), ``rights`` (erasure, closing an account and
    withdrawing consent, with their deadlines) and ``kept_by`` (retention rules that rest on a law). Source: PIPL
    art. 47, GDPR art. 17 and 19.
    """
    result = _of_data(reader, "if-erased", data, By(("TO",)), scope, window)
    _, within, _, _ = _about_data(reader, result.about[0], scope)
    recipients = inside(reader, scope, within)
    reached = reader.ends(within, By(("TO",), RECEIVING))
    implied = implied_by(reader, reached, recipients.among, recipients.without)
    within = within.also(*recipients.receiving(reader))
    rules = reader.get(reader.ends(within, By(("RETAINED_BY",))))
    kept = tuple(sorted(rule.id for rule in rules.values() if rule.text("law")))
    result = replace(result, notes=(*result.notes, *_more(len(implied), window.first, *_IMPLIED)))
    related = {"implied": tuple(implied[: window.first]), "kept_by": kept}
    return _relate(reader, result, {**related, "rights": _rights(reader, within, _ERASING)})


def if_breached(reader: Reader, recipient: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each category that a breach of ``recipient`` touches: what it gets, about whom, and who has it from it.

    `Answer.related` has ``subjects``, ``onward`` (recipients further down), ``rights`` (notice duties: PIPL art. 57,
    GDPR art. 33 and 34, and what the documents promise).
    """
    result = replace(what_receives(reader, recipient, scope=scope, window=window), question="if-breached")
    receivers, maybe = receivers_of(reader, result.about[0])
    base = filtered(reader, scope).where
    within = base.also(Ends(("TO",), receivers | maybe))
    subjects = tuple(reader.ends(within, By(("ABOUT",))))
    further = downstream(reader, base, receivers)
    related = {"subjects": subjects, "onward": further, "rights": _rights(reader, within, ("breach-notice",))}
    return _relate(reader, result, {**result.related, **related})


def combinations(reader: Reader, *, scope: Scope = EVERYWHERE) -> Answer:
    """Return each recipient that holds kinds of data which identify a person only together, with the clause."""
    within = filtered(reader, scope)
    recipients = inside(reader, scope, within.where)
    among, without = recipients.among, recipients.without
    together = combined_at(reader, scope, None)
    ends = sorted(end for end in together if (among is None or end in among) and end not in without)
    rows = tuple(combining(end, together[end], narrowed=bool(within.sure)) for end in ends)
    found = placed(reader, scope, Grouped(rows, len(rows), Seen({}, {}, {}), True, None), recipients)
    found = _with_nodes(reader, found)
    return Answer("combinations", (), found.rows, len(rows), found.seen.nodes, found.seen.sensitive)


_ERASING = ("delete", "close-account", "withdraw")


def _of_data(
    reader: Reader, question: str, data: str, by: By, scope: Scope, window: Window, *, with_absent: bool = False
) -> Answer:
    asked = resolve(reader, data, [CATEGORY])
    found, within, sure, judge = _about_data(reader, asked, scope)
    recipients = inside(reader, scope, within)
    to_recipients = by.edges == ("TO",)
    if to_recipients:
        by = by._replace(among=recipients.among, without=recipients.without)
    else:
        within = within.also(*recipients.receiving(reader))
        sure = sure.also(*recipients.receiving(reader, surely=True))
        judge = recipients.doubting(judge)
    unsure = recipients.unsure if to_recipients else ()
    got = grouped(reader, within, by, judge, window, sure=sure, unsure=unsure, with_absent=with_absent, also=[asked])
    if to_recipients:
        got = placed(reader, scope, got, recipients)
    return answer(question, asked, _with_nodes(reader, got), notes=stops_of(reader, found))


class _About(NamedTuple):
    """What a question about data is asked of: the flows that may bear on it, those that certainly do, and the judge."""

    found: Kinds
    within: Where
    sure: Where
    judge: Judge


def _about_data(reader: Reader, asked: NodeId, scope: Scope) -> _About:
    return _about(reader, kinds(reader, asked, scope.status), scope)


def _about(reader: Reader, found: Kinds, scope: Scope) -> _About:
    base = filtered(reader, scope)
    within = base.where.also(Ends(HELD, found.all))
    sure = base.where.also(Ends(HELD, found.certain), *base.sure)
    return _About(found, within, sure, doubting(by_data(reader, found, base.where), base))


# Categories


def _with_definitions(reader: Reader, got: Grouped) -> list[Row]:
    """Rows of categories, each with what clauses count under it."""
    ends = [row.end for row in got.rows if row.end]
    defined: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in reader.edges([DEFINES.edge], ends, Direction.IN):
        defined[edge.target].append(edge.source)
    clauses = {clause for several in defined.values() for clause in several}
    counted: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in reader.edges(["INCLUDES"], clauses, Direction.OUT) if clauses else ():
        counted[edge.source].append(edge.target)
    rows = []
    for row in got.rows:
        found = defined.get(row.end, []) if row.end else []
        includes = tuple(dict.fromkeys(category for clause in found for category in counted[clause]))
        rows.append(replace(row, related={"defined_in": tuple(found), "includes": includes}) if found else row)
    return rows


# Rights


def _rights(reader: Reader, within: Where, wanted: Collection[str]) -> tuple[NodeId, ...]:
    """The rights of the kinds wanted that cover data or activities of these flows, or that name nothing at all."""
    rights = {node.id: node for node in reader.nodes(RIGHT) if node.word("kind") in wanted}
    covers: dict[NodeId, set[NodeId]] = defaultdict(set)
    for edge in reader.edges(["APPLIES_TO"], rights.keys(), Direction.OUT):
        covers[edge.source].add(edge.target)
    data = reader.ends(within, By(HELD)) if covers else []
    reached = set(reader.closure(data, [BROADER])) if data else set()
    activities = set(reader.ends(within, By(("PART_OF",)))) if covers else set()
    return tuple(right for right in rights if not covers[right] or covers[right] & (reached | activities))


# Nodes


def _with_nodes(reader: Reader, got: Grouped) -> Grouped:
    """The same rows, with every node that they name besides what their flows lead to."""
    named = {
        node_id
        for row in got.rows
        for several in (row.path, *row.related.values(), *((*one.clauses, *one.categories) for one in row.combines))
        for node_id in several
    }
    named |= {clause for row in got.rows for reason in row.reasons for clause in reason.clauses}
    named |= {row.end for row in got.rows if row.end}
    missing = named - got.seen.nodes.keys()
    levels = sensitivity(reader, [node_id for node_id in missing if node_id.label == CATEGORY])
    nodes, sensitive = {**got.seen.nodes, **reader.get(missing)}, {**got.seen.sensitive, **levels}
    return replace(got, seen=replace(got.seen, nodes=nodes, sensitive=sensitive))


def _relate(reader: Reader, result: Answer, related: Mapping[str, tuple[NodeId, ...]]) -> Answer:
    missing = {node_id for several in related.values() for node_id in several} - result.nodes.keys()
    levels = sensitivity(reader, [node_id for node_id in missing if node_id.label in (CATEGORY, SUBJECT)])
    return replace(
        result,
        related=related,
        nodes={**result.nodes, **reader.get(missing)},
        sensitive={**result.sensitive, **levels},
    )
