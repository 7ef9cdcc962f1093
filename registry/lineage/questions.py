"""The questions. Each is a filter over flows, grouped by one end; adding one touches no store.

Every question takes the store's reader first, then the name of a thing as people write it (key, alias, English or
Chinese name), and raises `UnknownName` or `AmbiguousName` where the name does not mean one thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from registry.lineage.answers import Answer, Certainty, Combination, FlowView, Reason, Row
from registry.lineage.asking import WHOLE, Grouped, Judge, Seen, Window, answer, grouped, sensitivity
from registry.lineage.judging import by_data
from registry.lineage.kinds import BROADER, DEFINES, NARROWER, Kinds, kinds, narrower
from registry.lineage.naming import resolve
from registry.lineage.onward import Onward, onward
from registry.lineage.scope import EVERYWHERE, Scope, asks_abroad, flows_in, ground, inside
from registry.model.graph import (
    ACTIVITY,
    CATEGORY,
    ORGANIZATION,
    PERMISSION,
    PRODUCT,
    RECIPIENT,
    RIGHT,
    SUBJECT,
    SYSTEM,
)
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import By, Direction, Ends, Reader, Step, Where

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
    ends = reader.ends(within, By("TO"))
    receiving = [end for end in ends if end.label in RECEIVING and end not in without]
    by = By("TO", RECEIVING, among, without)
    counted = receiving if among is None else [end for end in receiving if end in among]
    got = grouped(reader, within, by, judge, window, sure=_sure(within, found), ends=counted, also=[asked])
    got = _placed(reader, scope, got)
    ways = onward(reader, within, got.rows)
    together = _combined(reader, scope, [row.end for row in got.rows if row.end], surely=True)
    rows = tuple(_received(row, ways, together) for row in got.rows)
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
    receivers, maybe = _receivers(reader, asked)
    within = flows_in(reader, scope).also(Ends(("TO",), frozenset((*receivers, *maybe))))
    judge = _to(receivers, maybe, reader.get(maybe))
    sure = within.also(Ends(("TO",), receivers))
    got = grouped(reader, within, By("CARRIES"), judge, window, sure=sure, also=[asked])
    rows = _with_definitions(reader, got)
    together = _combined(reader, scope, receivers)
    combined = tuple(dict.fromkeys(one for several in together.values() for one in several))
    result = answer("what-receives", asked, _with_nodes(reader, replace(got, rows=tuple(rows))))
    requested = reader.edges(["REQUESTS"], receivers, Direction.OUT)
    bundled = reader.edges(["BUNDLES"], receivers, Direction.OUT)
    related = {
        "requests": tuple(edge.target for edge in requested),
        "bundles": tuple(edge.target for edge in bundled),
        "operated_by": _organizations(reader, receivers),
    }
    return replace(
        _relate(reader, _together(reader, result, combined), related), notes=_combination_notes(reader, combined)
    )


def why(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each purpose for which ``data`` is processed, with activities, legal bases, retention and clauses.

    Flows that state no purpose are a row of their own.
    """
    return _of_data(reader, "why", data, By("FOR"), scope, window, with_absent=True)


def where_from(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each source from which ``data`` comes, with channels and permissions.

    Besides what is collected and received, data that is derived comes from the flows that derive it.
    """
    asked = resolve(reader, data, [CATEGORY])
    found, within, judge = _about_data(reader, asked, scope)
    only = replace(within, properties={**within.properties, "kind": OBTAINING})
    got = grouped(reader, only, By("FROM"), judge, window, sure=_sure(only, found), also=[asked])
    made = flows_in(reader, scope).also(Ends(("DERIVES",), found.certain))
    derived = grouped(reader, made, By("FROM"), _derived_here, WHOLE, sure=made)
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
    judge = _revoked(certain, above, _alone(reader, nodes[asked], above), nodes)
    base = flows_in(reader, scope)
    stopping = base.also(Ends(("REQUIRES",), frozenset((*certain, *above))))
    sure = base.also(Ends(("REQUIRES",), certain))
    got = grouped(reader, stopping, By("PART_OF"), judge, window, sure=sure, with_absent=True, also=[asked])
    stopped = {flow.id for row in got.rows for flow in row.flows if flow.certainty is Certainty.CERTAIN}
    rows = _going_on(reader, base, got.rows, stopped)
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
    result = _of_data(reader, "if-erased", data, By("TO"), scope, window)
    rules = {rule for row in result.rows for rule in row.ends("RETAINED_BY")}
    kept = tuple(sorted(rule for rule in rules if result.node(rule).text("law")))
    return _relate(reader, result, {"kept_by": kept, "rights": _rights(reader, result, _ERASING)})


def if_breached(reader: Reader, recipient: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each category that a breach of ``recipient`` touches: what it gets, about whom, and who has it from it.

    `Answer.related` has ``subjects``, ``onward`` (recipients further down), ``rights`` (notice duties: PIPL art. 57,
    GDPR art. 33 and 34, and what the documents promise).
    """
    result = replace(what_receives(reader, recipient, scope=scope, window=window), question="if-breached")
    receivers, _ = _receivers(reader, result.about[0])
    subjects = tuple(dict.fromkeys(end for row in result.rows for end in row.ends("ABOUT")))
    further = _downstream(reader, flows_in(reader, scope), receivers)
    related = {"subjects": subjects, "onward": further, "rights": _rights(reader, result, ("breach-notice",))}
    return _relate(reader, result, {**result.related, **related})


def combinations(reader: Reader, *, scope: Scope = EVERYWHERE) -> Answer:
    """Return each recipient that holds kinds of data which identify a person only together, with the clause."""
    among, without = inside(reader, scope)
    together = _combined(reader, scope, None)
    ends = sorted(end for end in together if (among is None or end in among) and end not in without)
    rows = tuple(_combining(end, together[end]) for end in ends)
    found = _with_nodes(reader, Grouped(rows, len(rows), Seen({}, {}, {}), True, None))
    return Answer("combinations", (), rows, len(rows), found.seen.nodes)


def _combining(end: NodeId, together: tuple[Combination, ...]) -> Row:
    best = min((one.certainty for one in together), key=lambda certainty: certainty.rank)
    wide = Reason(
        Text("what it receives is named in terms that may include them", "所接收信息的表述可能包括上述各类信息")
    )
    return Row(end, best, (), reasons=() if best is Certainty.CERTAIN else (wide,), combines=together)


_ERASING = ("delete", "close-account", "withdraw")


def _of_data(
    reader: Reader, question: str, data: str, by: By, scope: Scope, window: Window, *, with_absent: bool = False
) -> Answer:
    asked = resolve(reader, data, [CATEGORY])
    found, within, judge = _about_data(reader, asked, scope)
    among, without = inside(reader, scope)
    if by.edge == "TO":
        by = by._replace(among=among, without=without)
    sure = _sure(within, found)
    got = grouped(reader, within, by, judge, window, sure=sure, with_absent=with_absent, also=[asked])
    return answer(question, asked, _with_nodes(reader, _placed(reader, scope, got)), notes=_stops(reader, found))


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


# Recipients


def _placed(reader: Reader, scope: Scope, got: Grouped) -> Grouped:
    """Mark each recipient as inside or outside the group; say where a filter asks and it is not known."""
    stands = ground(reader, scope, [row.end for row in got.rows if row.end])
    abroad = asks_abroad(reader, scope)
    rows = []
    for row in got.rows:
        if row.end is None or row.end.label != RECIPIENT:
            rows.append(row)
            continue
        related = {
            "organizations": stands.organizations.get(row.end, ()),
            "countries": stands.countries.get(row.end, ()),
        }
        placed = replace(row, inside_group=stands.inside_group(row.end), related=related)
        rows.append(_doubted(placed, abroad, stands.inside_country(row.end)))
    return replace(got, rows=tuple(rows))


def _doubted(row: Row, abroad: bool | None, inside_country: bool | None) -> Row:
    """The row, only possible where a filter asks for outside and nothing says where the recipient stands.

    ``abroad`` is True where the filter asks for outside the country, False for the group, None for neither.
    """
    if abroad is None or (inside_country if abroad else row.inside_group) is not None:
        return row
    reason = (
        Reason(Text("nothing says who operates it: it may be of the group", "未载明运营方，可能属于本集团"))
        if not abroad
        else Reason(Text("nothing says in which country it is", "未载明所在国家或地区"))
    )
    return replace(row, certainty=Certainty.POSSIBLE, reasons=(*row.reasons, reason))


def _received(row: Row, ways: Onward, together: Mapping[NodeId, tuple[Combination, ...]]) -> Row:
    if row.end is None:
        return row
    way = ways.way(row.end, row.all_flows)
    return replace(row, degree=way.degree, path=way.path, combines=together.get(row.end, ()))


def _receivers(reader: Reader, asked: NodeId) -> tuple[frozenset[NodeId], frozenset[NodeId]]:
    """The recipients that are the one asked for, and those that may be: wider kinds, and SDKs that bring it along."""
    if asked.label == ORGANIZATION:
        organizations = reader.closure([asked], [Step("PART_OF", Direction.IN)])
        operated = reader.edges(["OPERATED_BY"], organizations.keys(), Direction.IN)
        start = {edge.source for edge in operated if edge.source.label == RECIPIENT}
    else:
        start = {asked}
    certain = frozenset(reader.closure(start, [NARROWER]))
    wider = reader.closure(start, [BROADER, Step("BUNDLES", Direction.IN)])
    return certain, frozenset(wider) - certain


def _to(receivers: frozenset[NodeId], maybe: frozenset[NodeId], nodes: Mapping[NodeId, Node]) -> Judge:
    def judged(flow: FlowView) -> FlowView:
        ends = flow.ends("TO")
        if any(end in receivers for end in ends):
            return flow
        reasons = tuple(
            Reason(
                Text(
                    f"it goes to {nodes[end].name.en}, which may be this one or bring it along",
                    f"提供给{nodes[end].name.zh}，可能即为该接收方或内嵌该接收方",
                )
            )
            for end in ends
            if end in maybe
        )
        return replace(flow, certainty=Certainty.POSSIBLE, reasons=reasons)

    return lambda flows: [judged(flow) for flow in flows]


def _organizations(reader: Reader, recipients: Collection[NodeId]) -> tuple[NodeId, ...]:
    return tuple(dict.fromkeys(edge.target for edge in reader.edges(["OPERATED_BY"], recipients, Direction.OUT)))


def _downstream(reader: Reader, base: Where, start: Collection[NodeId]) -> tuple[NodeId, ...]:
    """Every recipient that gets anything from these, directly or over others."""
    walked = reader.closure(start, [Step("FROM", Direction.IN), Step("TO", Direction.OUT)])
    flows = {node_id for node_id, reached in walked.items() if reached.step and reached.step.edge == "FROM"}
    allowed = set(reader.flows(base.also(Ends(("FROM",), frozenset(walked)))))
    sides: dict[str, dict[NodeId, list[NodeId]]] = {"FROM": defaultdict(list), "TO": defaultdict(list)}
    for edge in reader.edges(list(sides), flows & allowed, Direction.OUT):
        sides[edge.name][edge.source].append(edge.target)
    reached, frontier = set(start), set(start)
    while frontier:
        frontier = {
            end
            for flow, sources in sides["FROM"].items()
            if not frontier.isdisjoint(sources)
            for end in sides["TO"][flow]
            if end.label == RECIPIENT and end not in reached
        }
        reached |= frontier
    return tuple(sorted(reached - set(start)))


# Combination


def _combined(
    reader: Reader, scope: Scope, recipients: Collection[NodeId] | None, *, surely: bool = False
) -> dict[NodeId, tuple[Combination, ...]]:
    """The recipients (of these, or of all) that hold every kind of data which a clause says identifies together.

    With ``surely``, those only that certainly do.
    """
    stated: dict[NodeId, set[NodeId]] = defaultdict(set)
    for edge in reader.edges(["COMBINES"], None, Direction.OUT):
        stated[edge.source].add(edge.target)
    clauses: dict[tuple[NodeId, ...], list[NodeId]] = defaultdict(list)
    for clause in sorted(stated):
        clauses[tuple(sorted(stated[clause]))].append(clause)
    among = None if recipients is None else frozenset(recipients)
    base = flows_in(reader, scope)
    every = {category for categories in clauses for category in categories}
    holding = {category: _holding(reader, base, category, among, surely) for category in sorted(every)}
    found: dict[NodeId, list[Combination]] = defaultdict(list)
    for categories, stating in sorted(clauses.items()):
        held = [holding[category] for category in categories]
        for recipient in held[0]:
            if all(recipient in one for one in held):
                worst = max((one[recipient] for one in held), key=lambda certainty: certainty.rank)
                found[recipient].append(Combination(tuple(stating), categories, worst))
    return {recipient: tuple(several) for recipient, several in found.items()}


def _holding(
    reader: Reader, base: Where, category: NodeId, among: frozenset[NodeId] | None, surely: bool
) -> dict[NodeId, Certainty]:
    certain = narrower(reader, category)
    by = By("TO", frozenset((RECIPIENT,)), among)
    wide = frozenset() if surely else frozenset(reader.closure(certain, [BROADER])) - certain
    held: dict[NodeId, Certainty] = {}
    for categories, certainty in ((wide, Certainty.POSSIBLE), (certain, Certainty.CERTAIN)):
        if categories:
            ends = reader.ends(base.also(Ends(("CARRIES",), frozenset(categories))), by)
            held.update(dict.fromkeys(ends, certainty))
    return held


def _together(reader: Reader, result: Answer, combined: tuple[Combination, ...]) -> Answer:
    marked = tuple(
        replace(row, combines=tuple(one for one in combined if row.end in one.categories)) for row in result.rows
    )
    return replace(result, rows=marked)


def _combination_notes(reader: Reader, combined: tuple[Combination, ...]) -> tuple[Text, ...]:
    names = reader.get({node_id for one in combined for node_id in (*one.clauses, *one.categories)})
    notes = []
    for one in combined:
        number = ", ".join(names[clause].word("number") or clause.key for clause in one.clauses)
        en = " and ".join(names[category].name.en for category in one.categories)
        zh = "与".join(names[category].name.zh for category in one.categories)
        may = ("may hold", "可能同时持有") if one.certainty is Certainty.POSSIBLE else ("holds", "同时持有")
        notes.append(
            Text(
                f"it {may[0]} {en}: together they identify a person (clause {number})",
                f"{may[1]}{zh}：结合后可识别特定自然人（条款{number}）",
            )
        )
    return tuple(notes)


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


# Permissions


def _alone(reader: Reader, asked: Node, above: Collection[NodeId]) -> frozenset[NodeId]:
    """Of the wider permissions, those for which the one asked for is the only one of its platform.

    A text that says "camera" without naming a system means this permission on its platform, and no other.
    """
    platform = asked.word("platform")
    beneath: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in reader.edges(["BROADER"], above, Direction.IN) if above else ():
        beneath[edge.target].append(edge.source)
    nodes = reader.get({one for several in beneath.values() for one in several})
    return frozenset(
        wide
        for wide, several in beneath.items()
        if platform and [one for one in several if nodes[one].word("platform") == platform] == [asked.id]
    )


def _revoked(
    certain: frozenset[NodeId], above: frozenset[NodeId], alone: frozenset[NodeId], nodes: Mapping[NodeId, Node]
) -> Judge:
    def judged(flow: FlowView) -> FlowView:
        required = flow.ends("REQUIRES")
        if any(permission in certain or permission in alone for permission in required):
            return flow
        reasons = tuple(
            Reason(
                Text(
                    f"it requires {nodes[permission].name.en}, which several permissions of this platform give",
                    f"所需权限为{nodes[permission].name.zh}，该平台有多个权限与之对应",
                )
            )
            for permission in required
            if permission in above
        )
        return replace(flow, certainty=Certainty.POSSIBLE, reasons=reasons)

    return lambda flows: [judged(flow) for flow in flows]


def _going_on(reader: Reader, base: Where, rows: Iterable[Row], stopped: Collection[NodeId]) -> tuple[Row, ...]:
    """Each activity with its flows that go on, and with those who get nothing more from the flows that stop."""
    activities = frozenset(row.end for row in rows if row.end)
    page = reader.group(base.also(Ends(("PART_OF",), activities)), By("PART_OF", frozenset((ACTIVITY,)), activities))
    flows = {group.end: tuple(flow for flow in group.flows if flow not in stopped) for group in page.groups}
    found = []
    for row in rows:
        tells = tuple(dict.fromkeys(end for flow in row.flows for end in flow.ends("TO") if end.label == RECIPIENT))
        goes_on = flows.get(row.end, ()) if row.end else ()
        found.append(replace(row, related={"goes_on": goes_on, "tells": tells}))
    return tuple(found)


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
