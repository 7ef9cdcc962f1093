"""The questions. Each is a filter over flows, grouped by one end; adding one touches no store.

Every question takes the store's reader first, then the name of a thing as people write it (key, alias, English or
Chinese name), and raises `UnknownName` or `AmbiguousName` where the name does not mean one thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from registry.lineage.answers import Answer, Certainty, FlowView, Reason, Row
from registry.lineage.asking import WHOLE, Grouped, Judge, Seen, Window, answer, grouped, sensitivity
from registry.lineage.combining import combination_notes, combined_at, combining, with_combinations
from registry.lineage.judging import by_data
from registry.lineage.kinds import BROADER, DEFINES, NARROWER, Kinds, kinds, narrower
from registry.lineage.naming import resolve
from registry.lineage.onward import onward
from registry.lineage.receivers import downstream, going_to, organizations_of, placed, received, receivers_of
from registry.lineage.revoking import alone_on_platform, going_on, revoked
from registry.lineage.scope import EVERYWHERE, Scope, flows_in, inside
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
    found, within, judge = _about_data(reader, asked, scope)
    among, without = inside(reader, scope)
    # Who gets it outside and who holds it inside come from one walk: on a large registry it is most of the answer.
    ends = reader.ends(within, By(("TO",)))
    receiving = [end for end in ends if end.label in RECEIVING and end not in without]
    by = By(("TO",), RECEIVING, among, without)
    counted = receiving if among is None else [end for end in receiving if end in among]
    got = grouped(reader, within, by, judge, window, sure=_sure(within, found), ends=counted, also=[asked])
    got = placed(reader, scope, got)
    ways = onward(reader, within, got.rows)
    together = combined_at(reader, scope, [row.end for row in got.rows if row.end], surely=True)
    rows = tuple(received(row, ways, together) for row in got.rows)
    holding = [end for end in ends if end.label in HOLDING]
    notes = (*_stops(reader, found), *_more_holding(len(holding), window.first))
    result = answer("who-receives", asked, _with_nodes(reader, replace(got, rows=rows)), notes=notes)
    return _relate(reader, result, {"held_by": tuple(holding[: window.first])})


def _more_holding(all_of_them: int, named: int) -> tuple[Text, ...]:
    if all_of_them <= named:
        return ()
    return (
        Text(
            f"{all_of_them:,} products and systems hold it inside, {named:,} are named: if-erased lists them all",
            f"内部共有{all_of_them:,}个产品和系统持有，此处列出{named:,}个：if-erased列出全部",
        ),
    )


def what_receives(reader: Reader, recipient: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each category that ``recipient`` (or an organisation) gets, with purposes, permissions and controls.

    What goes to a recipient that is named only by kind, or to an SDK that brings this one along, is possible.
    """
    asked = resolve(reader, recipient, [RECIPIENT, ORGANIZATION])
    receivers, maybe = receivers_of(reader, asked)
    within = flows_in(reader, scope).also(Ends(("TO",), frozenset((*receivers, *maybe))))
    judge = going_to(receivers, maybe, reader.get(maybe))
    sure = within.also(Ends(("TO",), receivers))
    got = grouped(reader, within, By(("CARRIES",)), judge, window, sure=sure, also=[asked])
    rows = _with_definitions(reader, got)
    together = combined_at(reader, scope, receivers)
    combined = tuple(dict.fromkeys(one for several in together.values() for one in several))
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
    asked = resolve(reader, data, [CATEGORY])
    found, within, judge = _about_data(reader, asked, scope)
    only = replace(within, properties={**within.properties, "kind": OBTAINING})
    got = grouped(reader, only, By(("FROM",)), judge, window, sure=_sure(only, found), also=[asked])
    made = flows_in(reader, scope).also(Ends(("DERIVES",), found.certain))
    derived = grouped(reader, made, By(("FROM",)), _derived_here, WHOLE, sure=made)
    rows = (*got.rows, *derived.rows)
    seen = Seen(
        {**got.seen.flows, **derived.seen.flows},
        {**got.seen.nodes, **derived.seen.nodes},
        {**got.seen.sensitive, **derived.seen.sensitive},
    )
    both = replace(got, rows=rows, total=got.total + derived.total, seen=seen)
    return answer("where-from", asked, _with_nodes(reader, both))


def if_revoked(reader: Reader, permission: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each activity in which flows stop when ``permission`` is revoked, and what goes on.

    `Row.related` has ``goes_on`` (the activity's other flows) and ``tells`` (whose supply ends); `Answer.related` has
    ``still_carried``: flows by which the data that the permission opens comes all the same. An activity without
    ``goes_on`` goes wholly.
    """
    asked = resolve(reader, permission, [PERMISSION])
    certain = narrower(reader, asked)
    above = frozenset(reader.closure([asked], [BROADER])) - certain
    nodes = reader.get([asked, *above])
    judge = revoked(certain, above, alone_on_platform(reader, nodes[asked], above), nodes)
    base = flows_in(reader, scope)
    stopping = base.also(Ends(("REQUIRES",), frozenset((*certain, *above))))
    sure = base.also(Ends(("REQUIRES",), certain))
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

    `Answer.related` has ``rights`` (erasure, closing an account and withdrawing consent, with their deadlines) and
    ``kept_by`` (retention rules that rest on a law). Source: PIPL art. 47, GDPR art. 17 and 19.
    """
    result = _of_data(reader, "if-erased", data, By(("TO",)), scope, window)
    rules = {rule for row in result.rows for rule in row.ends("RETAINED_BY")}
    kept = tuple(sorted(rule for rule in rules if result.node(rule).text("law")))
    return _relate(reader, result, {"kept_by": kept, "rights": _rights(reader, result, _ERASING)})


def if_breached(reader: Reader, recipient: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each category that a breach of ``recipient`` touches: what it gets, about whom, and who has it from it.

    `Answer.related` has ``subjects``, ``onward`` (recipients further down), ``rights`` (notice duties: PIPL art. 57,
    GDPR art. 33 and 34, and what the documents promise).
    """
    result = replace(what_receives(reader, recipient, scope=scope, window=window), question="if-breached")
    receivers, _ = receivers_of(reader, result.about[0])
    subjects = tuple(dict.fromkeys(end for row in result.rows for end in row.ends("ABOUT")))
    further = downstream(reader, flows_in(reader, scope), receivers)
    related = {"subjects": subjects, "onward": further, "rights": _rights(reader, result, ("breach-notice",))}
    return _relate(reader, result, {**result.related, **related})


def combinations(reader: Reader, *, scope: Scope = EVERYWHERE) -> Answer:
    """Return each recipient that holds kinds of data which identify a person only together, with the clause."""
    among, without = inside(reader, scope)
    together = combined_at(reader, scope, None)
    ends = sorted(end for end in together if (among is None or end in among) and end not in without)
    rows = tuple(combining(end, together[end]) for end in ends)
    found = _with_nodes(reader, Grouped(rows, len(rows), Seen({}, {}, {}), True, None))
    return Answer("combinations", (), rows, len(rows), found.seen.nodes)


_ERASING = ("delete", "close-account", "withdraw")


def _of_data(
    reader: Reader, question: str, data: str, by: By, scope: Scope, window: Window, *, with_absent: bool = False
) -> Answer:
    asked = resolve(reader, data, [CATEGORY])
    found, within, judge = _about_data(reader, asked, scope)
    among, without = inside(reader, scope)
    if by.edges == ("TO",):
        by = by._replace(among=among, without=without)
    sure = _sure(within, found)
    got = grouped(reader, within, by, judge, window, sure=sure, with_absent=with_absent, also=[asked])
    return answer(question, asked, _with_nodes(reader, placed(reader, scope, got)), notes=_stops(reader, found))


def _about_data(reader: Reader, asked: NodeId, scope: Scope) -> tuple[Kinds, Where, Judge]:
    found = kinds(reader, asked, scope.status)
    base = flows_in(reader, scope)
    return found, base.also(Ends(("CARRIES",), found.all)), by_data(reader, found, base)


def _sure(within: Where, found: Kinds) -> Where:
    """Of the flows that bear on the data asked for, those that certainly carry it."""
    return within.also(Ends(("CARRIES",), found.certain))


def _stops(reader: Reader, found: Kinds) -> tuple[Text, ...]:
    names = reader.get({node_id for stop in found.stops for node_id in (stop.flow, stop.category)})
    return tuple(
        Text(
            f"the trace stops at “{names[stop.flow].name.en}”: {names[stop.category].name.en} is {stop.protection}",
            f"追踪止于“{names[stop.flow].name.zh}”：{names[stop.category].name.zh}已{_LOST_ZH[stop.protection]}",
        )
        for stop in found.stops
    )


_LOST_ZH = {"anonymised": "匿名化", "aggregated": "汇总统计"}


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


def _derived_here(flows: Collection[FlowView]) -> list[FlowView]:
    reason = Reason(Text("it is derived here", "在此加工生成"))
    return [replace(flow, certainty=Certainty.DERIVED, reasons=(reason,)) for flow in flows]


# Rights


def _rights(reader: Reader, result: Answer, wanted: Collection[str]) -> tuple[NodeId, ...]:
    """The rights of the kinds wanted that cover the data of the answer, or that name nothing in particular."""
    rights = {node.id: node for node in reader.nodes(RIGHT) if node.word("kind") in wanted}
    covers: dict[NodeId, set[NodeId]] = defaultdict(set)
    for edge in reader.edges(["APPLIES_TO"], rights.keys(), Direction.OUT):
        covers[edge.source].add(edge.target)
    data = {category for row in result.rows for category in row.ends("CARRIES")}
    reached = set(reader.closure(data, [BROADER])) if data else set()
    activities = {end for row in result.rows for end in row.ends("PART_OF")}
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
    return replace(got, seen=replace(got.seen, nodes={**got.seen.nodes, **reader.get(missing)}))


def _relate(reader: Reader, result: Answer, related: Mapping[str, tuple[NodeId, ...]]) -> Answer:
    missing = {node_id for several in related.values() for node_id in several} - result.nodes.keys()
    levels = sensitivity(reader, [node_id for node_id in missing if node_id.label == CATEGORY])
    return replace(
        result,
        related=related,
        nodes={**result.nodes, **reader.get(missing)},
        sensitive={**result.sensitive, **levels},
    )
