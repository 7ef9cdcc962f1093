"""The questions. Each says which flows it is about, by which end they are grouped, and what is its own.

Every question takes the store's reader first, then the name of a thing as people write it (key, alias, English or
Chinese name), and raises `UnknownName` or `AmbiguousName` where the name does not mean one thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from registry.lineage.answers import Answer, Certainty, Row
from registry.lineage.boundaries import kept_abroad
from registry.lineage.cached_reader import CachedReader, targets
from registry.lineage.combined_data import (
    combination_notes,
    combined_at,
    combined_by,
    row_of_combinations,
    with_combinations,
)
from registry.lineage.derivation import HELD, stops_of
from registry.lineage.flow_views import FlowViews
from registry.lineage.matching import Flows, MadeHere, exactly, possibly_row
from registry.lineage.naming import resolve, resolve_all, resolve_first
from registry.lineage.onward import onward
from registry.lineage.question import WHOLE, Question, Rows, Source, Window
from registry.lineage.recipients import downstream, going_to, implied_by, receivers_of
from registry.lineage.revocation import going_on, revoked
from registry.lineage.scope import EVERYWHERE, Scope, refuse_recipients
from registry.lineage.taxonomy import BROADER, DEFINES, NARROWER
from registry.model.bulk import uncollected
from registry.model.graph import (
    ACTIVITY,
    BASIS,
    CATEGORY,
    CONTROL,
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
from registry.stores.port import By, Direction, Ends, Is, Reader, Where

RECEIVING = frozenset((RECIPIENT, SUBJECT))
OWN = frozenset((PRODUCT, SYSTEM))
OBTAINING = Is("kind", frozenset(("collect", "receive")))


@uncollected()
def who_receives(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each recipient of ``data``, of anything narrower, and of what is made from it, with the reasons.

    Recipients of something broader, that may include it, are listed as possible. `Answer.related` names the products
    and systems that hold it inside; where the scope asks who is abroad, a note says which of them keep it there.
    """
    question = Question("who-receives", reader, scope, window)
    asked = resolve_all(question.reader, data, [CATEGORY])
    matched = question.match_derived(*asked)
    flows = question.flows(matched)
    ends = question.reader.ends(flows.every, By(("TO",)))
    holding = [end for end in ends if end.label in OWN]
    implied = implied_by(question.reader, [end for end in ends if end.label in RECEIVING], question.recipients)
    related = {"held_by": tuple(holding[: window.first]), "implied": tuple(implied[: window.first])}
    question.reader.expect(one for several in related.values() for one in several)
    found = question.rows_by_recipient(flows, RECEIVING, also=asked)
    chains = onward(question.reader, flows.every, found.rows)
    together = combined_at(question.flows(), [row.end for row in found.rows if row.end], surely=True)
    rows = []
    for row in found.rows:
        if row.end is not None:
            chain = chains.chain_to(row.end, row.all_flows)
            rows.append(replace(row, degree=chain.degree, path=chain.path, combines=together.get(row.end, ())))
    notes = (
        *stops_of(question.reader, matched),
        *_kept_abroad(question, flows, holding),
        *_more(len(holding), window.first, *_HOLDING),
        *_more(len(implied), window.first, *_IMPLIED),
    )
    return question.answer(found.but(rows), asked, related, notes)


@uncollected()
def what_receives(reader: Reader, recipient: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each category that ``recipient`` (or an organisation) gets, with purposes, permissions and controls.

    What goes to a recipient that is named only by kind, or to an SDK that brings this one along, is possible.
    """
    question = Question("what-receives", reader, scope, window)
    asked = resolve(question.reader, recipient, [RECIPIENT, ORGANIZATION])
    receivers, maybe = receivers_of(question.reader, asked)
    return _received(question, asked, receivers, maybe, _behind(question.reader, receivers))


@uncollected()
def why(reader: Reader, what: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each purpose for which data is processed, or a permission is used, with bases, retention and clauses.

    ``what`` is a category or, where no category has that name, a permission. Flows that state no purpose are a row of
    their own.
    """
    question = Question("why", reader, scope, window)
    first = resolve_first(question.reader, what, [CATEGORY], [PERMISSION])
    notes: tuple[Text, ...] = ()
    if first.label == PERMISSION:
        asked: tuple[NodeId, ...] = (first,)
        flows = question.flows(None, revoked(question.reader, first))
    else:
        asked = resolve_all(question.reader, what, [CATEGORY])
        matched = question.match_derived(*asked)
        flows, notes = question.flows(matched), stops_of(question.reader, matched)
    found = question.rows([Source(question.to_recipients(flows), By(("FOR",)))], with_absent=True, also=asked)
    return question.answer(found, asked, notes=notes)


@uncollected()
def where_from(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each source from which ``data`` comes, with channels and permissions.

    Besides what is collected and received, data that is derived comes from the flows that derive it. What is made of
    the data says nothing of where it comes from.
    """
    refuse_recipients(scope, "where-from")
    question = Question("where-from", reader, scope, window)
    asked = resolve_all(question.reader, data, [CATEGORY])
    matched = question.match(*asked)
    sources = [
        Source(question.flows(matched, exactly(OBTAINING)), By(("FROM",))),
        Source(MadeHere(question.reader, question.filters, matched), By(("FROM",))),
    ]
    return question.answer(question.rows(sources, also=asked), asked)


@uncollected()
def if_revoked(reader: Reader, what: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each activity in which flows stop when a permission is revoked, a control used or consent withdrawn.

    ``what`` is a permission, a control or a legal basis. `Row.related` has ``goes_on`` (the activity's other flows),
    ``goes_on_under`` (the legal bases of these) and ``tells`` (whose supply ends); `Answer.related` has
    ``still_carried``: flows by which the data that a permission opens comes all the same. An activity without
    ``goes_on`` goes wholly.
    """
    question = Question("if-revoked", reader, scope, window)
    asked = resolve_first(question.reader, what, [PERMISSION], [CONTROL], [BASIS])
    every = question.to_recipients(question.flows())
    stopping = every.narrowed(revoked(question.reader, asked))
    found = question.rows([Source(stopping, By(("PART_OF",)))], with_absent=True, also=[asked])
    stopped = {flow.id for row in found.rows for flow in row.flows if flow.certainty is Certainty.CERTAIN}
    related = _still_carried(question.reader, asked, every.every) if asked.label == PERMISSION else {}
    return question.answer(found.but(going_on(question.reader, every.every, found.rows, stopped)), [asked], related)


@uncollected()
def if_erased(reader: Reader, data: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each place and recipient that an erasure of ``data`` must reach, with what retention rules keep.

    Whoever got the data by a flow that has ended still holds it until its retention ends. `Answer.related` has
    ``implied`` (who may have got it with those), ``rights`` (erasure, closing an account and withdrawing consent, with
    their deadlines) and ``kept_by`` (retention rules that rest on a law). Source: PIPL art. 47, GDPR art. 17 and 19.
    """
    question = Question("if-erased", reader, scope, window, holding=True)
    asked = resolve_all(question.reader, data, [CATEGORY])
    matched = question.match_derived(*asked)
    flows = question.flows(matched)
    ends = question.reader.ends(flows.every, By(("TO",)))
    implied = implied_by(question.reader, [end for end in ends if end.label in RECEIVING], question.recipients)
    rights, rules = _rights(question.reader, question.to_recipients(flows).every, _ERASING, ("RETAINED_BY",))
    named = implied[: window.first]
    question.reader.expect((*named, *rules))
    found = question.rows_by_recipient(flows, also=asked)
    nodes = question.reader.get(rules)
    kept = tuple(rule for rule in sorted(nodes) if nodes[rule].text("law"))
    notes = (*stops_of(question.reader, matched), *_more(len(implied), window.first, *_IMPLIED))
    return question.answer(found, asked, {"implied": tuple(named), "kept_by": kept, "rights": rights}, notes)


@uncollected()
def if_breached(reader: Reader, holder: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each category that a breach of ``holder`` touches: what it holds, about whom, and who has it from it.

    ``holder`` is a recipient, an organisation, or a product or system of one's own. What goes to the product of a
    system is possible there; what came by a flow that has ended is still held until its retention ends.
    `Answer.related` has ``subjects``, ``onward`` (recipients further down; of a system also those of its product),
    ``rights`` (notice duties: PIPL art. 57, GDPR art. 33 and 34, and what the documents promise). Raises `Refused`
    where recipients are filtered and ``holder`` is none.
    """
    question = Question("if-breached", reader, scope, window, holding=True)
    asked = resolve(question.reader, holder, [RECIPIENT, ORGANIZATION, *OWN])
    own = asked.label in OWN
    if own:
        refuse_recipients(scope, f"if-breached of a {GRAPH.node(asked.label).noun}")
    receivers, maybe = receivers_of(question.reader, asked)
    base = question.flows().every
    within = base.also(Ends(("TO",), receivers | maybe))
    rights, subjects = _rights(question.reader, within, ("breach-notice",), ("ABOUT",))
    further = downstream(question.reader, base, receivers | maybe if own else receivers, OWN if own else ())
    related = {**_behind(question.reader, receivers), "subjects": subjects, "onward": further, "rights": rights}
    question.reader.expect(one for several in related.values() for one in several)
    return _received(question, asked, receivers, maybe, related)


@uncollected()
def held_about(reader: Reader, subject: str, *, scope: Scope = EVERYWHERE, window: Window = WHOLE) -> Answer:
    """Return each kind of data that is held about a group of people: what a request for access must be told.

    Each with whence it comes, why and on which basis it is processed, to whom it goes, where and how long it is kept;
    sensitive data first among what is as sure. `Answer.related` has ``rights``: those of the people, with their
    deadlines. Source: PIPL art. 45, GDPR art. 15.
    """
    asked_of = scope._replace(subjects=(*scope.subjects, subject))
    question = Question("held-about", reader, asked_of, window, holding=True)
    asked = resolve(question.reader, subject, [SUBJECT])
    flows = question.to_recipients(question.flows())
    rights, _ = _rights(question.reader, flows.every, _ACCESSING, ())
    question.reader.expect(rights)
    found = question.rows([Source(flows, By(HELD))], sensitive_first=True, also=[asked])
    return question.answer(found, [asked], {"rights": rights})


@uncollected()
def combinations(reader: Reader, *, scope: Scope = EVERYWHERE) -> Answer:
    """Return each recipient that holds kinds of data which identify a person only together, with the clause."""
    question = Question("combinations", reader, scope)
    together = combined_at(question.flows(), None)
    asked = question.recipients
    rows = [
        possibly_row(row_of_combinations(end, several, narrowed=question.narrowed), asked.unsure.get(end))
        for end, several in together.items()
        if asked.among is None or end in asked.among - asked.at_home
    ]
    rows.sort(key=lambda row: (row.certainty.rank, row.end or NodeId("", "")))
    return question.answer(question.placed(Rows(tuple(rows), None, FlowViews({}, {}, {}))), [])


_ERASING = ("delete", "close-account", "withdraw")
_ACCESSING = tuple(choice.value for choice in GRAPH.property(RIGHT, "kind").choices if choice.value != "breach-notice")

_HOLDING = (
    Text("products and systems hold it inside", "个产品和系统在内部持有"),
    Text("if-erased lists them all", "if-erased列出全部"),
)
_IMPLIED = (
    Text("further recipients may get it with these", "个其他接收方可能随之获得"),
    Text("a higher --limit names them all", "提高--limit可列出全部"),
)


def _more(every: int, named: int, what: Text, hint: Text) -> tuple[Text, ...]:
    if every <= named:
        return ()
    return (
        Text(
            f"{every:,} {what.en}, {named:,} are named: {hint.en}",
            f"共有{every:,}{what.zh}，此处列出{named:,}个：{hint.zh}",
        ),
    )


# What recipients get


def _received(
    question: Question,
    asked: NodeId,
    receivers: frozenset[NodeId],
    maybe: frozenset[NodeId],
    related: dict[str, tuple[NodeId, ...]],
) -> Answer:
    """What these get, and what those get that ``maybe`` are them; and what they can combine."""
    reader = question.reader
    flows = question.to_recipients(
        question.flows(None, going_to(receivers, maybe, reader.get(maybe))), receivers | maybe
    )
    found = question.rows([Source(flows, By(HELD))], also=[asked])
    combined = () if asked.label in OWN else combined_by(question.flows(), asked, receivers, maybe)
    rows = with_combinations(_with_definitions(reader, found), combined)
    return question.answer(found.but(rows), [asked], related, combination_notes(reader, combined))


def _behind(reader: CachedReader, receivers: Collection[NodeId]) -> dict[str, tuple[NodeId, ...]]:
    """What these recipients request and bring along, and who operates them."""
    found: dict[str, list[NodeId]] = {"REQUESTS": [], "BUNDLES": [], "OPERATED_BY": []}
    for edges in reader.leaving(sorted(receivers), ("REQUESTS", "BUNDLES", "OPERATED_BY")).values():
        for edge in edges:
            found[edge.name].append(edge.target)
    return {
        "requests": tuple(found["REQUESTS"]),
        "bundles": tuple(found["BUNDLES"]),
        "operated_by": tuple(dict.fromkeys(found["OPERATED_BY"])),
    }


def _with_definitions(reader: CachedReader, found: Rows) -> tuple[Row, ...]:
    """Rows of categories, each with what clauses count under it."""
    ends = [row.end for row in found.rows if row.end]
    defined: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in reader.edges([DEFINES.edge], ends, Direction.IN):
        defined[edge.target].append(edge.source)
    clauses = {clause for several in defined.values() for clause in several}
    counted = targets(reader.leaving(clauses, ("INCLUDES",)), "INCLUDES")
    rows = []
    for row in found.rows:
        by = defined.get(row.end, []) if row.end else []
        includes = tuple(dict.fromkeys(category for clause in by for category in counted.get(clause, ())))
        rows.append(replace(row, related={"defined_in": tuple(by), "includes": includes}) if by else row)
    return tuple(rows)


# What stays


def _kept_abroad(question: Question, flows: Flows, holding: Collection[NodeId]) -> tuple[Text, ...]:
    """Which of those who hold data inside keep it abroad, themselves or what flows bring there."""
    abroad = question.recipients.abroad
    if not abroad or not holding:
        return ()
    stored: dict[NodeId, set[NodeId]] = defaultdict(set)
    for holder, several in targets(question.reader.leaving(holding, ("STORED_IN",)), "STORED_IN").items():
        stored[holder].update(several)
    by = (By(("TO",), among=frozenset(holding)), By(("STORED_IN",), among=abroad))
    for holder, place in question.reader.tuples(flows.every.also(Ends(("STORED_IN",), abroad)), by):
        stored[holder].add(place)
    return kept_abroad(question.reader, holding, stored, abroad, question.window.first)


def _still_carried(reader: CachedReader, permission: NodeId, base: Where) -> dict[str, tuple[NodeId, ...]]:
    """The data that a permission opens, and the flows by which it is obtained without that permission."""
    certain = frozenset(reader.closure([permission], [NARROWER]))
    every = certain.union(reader.closure(certain, [BROADER]))
    opened = {edge.target for edge in reader.edges(["GIVES_ACCESS_TO"], every, Direction.OUT)}
    data = frozenset(reader.closure(opened, [NARROWER]))
    still = base.also(Ends(("CARRIES",), data), Ends(("REQUIRES",), every, absent=True), OBTAINING)
    return {"opens": tuple(sorted(opened)), "still_carried": tuple(reader.flows(still))}


# Rights


def _rights(
    reader: CachedReader, within: Where, wanted: Collection[str], besides: tuple[str, ...]
) -> tuple[tuple[NodeId, ...], tuple[NodeId, ...]]:
    """The rights of the kinds wanted that cover data or activities of these flows, or that name nothing at all.

    Then where else these flows lead, by the edges ``besides``, which comes from the same call.
    """
    rights = {node.id: node for node in reader.nodes(RIGHT) if node.word("kind") in wanted}
    covers = targets(reader.leaving(rights, ("APPLIES_TO",)), "APPLIES_TO")
    by = (*besides, *HELD, "PART_OF") if covers else besides
    ends = reader.ends(within, By(by)) if by else []
    covered = {end for end in ends if end.label == ACTIVITY}
    if covers:
        covered.update(reader.closure([end for end in ends if end.label == CATEGORY], [BROADER]))
    others = tuple(end for end in ends if end.label not in (ACTIVITY, CATEGORY))
    return tuple(one for one in rights if one not in covers or not covered.isdisjoint(covers[one])), others
