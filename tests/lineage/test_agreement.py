"""On any registry every store gives the same answer to every question, and the answers keep the laws of the domain."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from registry import lineage
from registry.errors import Refused
from registry.lineage import Answer, Certainty, Scope, Window
from registry.lineage.serialization import as_json
from registry.model.graph import CATEGORY, FLOW, PERMISSION, RECIPIENT, SUBJECT
from registry.model.snapshot import Json, NodeId, Snapshot
from registry.stores.port import Reader
from tests.examples import on_stores, tried
from tests.lineage.estates import NODES, estates
from tests.lineage.reference_answers import Plainly
from tests.stores.conftest import ADAPTERS, NEO4J

on_any_estate = tried(40, shrink=False)
OTHERS = [NEO4J, "sqlite"]
NUMBERS = {"neo4j": 12, "sqlite": 40}

scopes = st.builds(
    Scope,
    st.sampled_from([("active",), (), ("active", "proposed"), ("retired", "upcoming")]),
    st.sampled_from([(), ("sdk",), ("partner", "affiliate")]),
    st.sampled_from(["", "", "group", "country", "on0", "jn1"]),
    st.sampled_from([(), ("dp0",)]),
    st.sampled_from([(), ("pt0",)]),
    st.sampled_from([(), (), ("py1",)]),
    st.sampled_from([(), (), ("pe0",)]),
    st.sampled_from([(), (), ("legal_basis:ls0",)]),
    st.sampled_from([(), (), ("none",), ("general", "separate")]),
    st.sampled_from([(), (), ("before-agreement",)]),
    st.sampled_from([(), (), ("none",)]),
    st.sampled_from(["", "", "2025-03-01"]),
)
windows = st.builds(Window, st.integers(1, 4), st.none() | st.sampled_from([*NODES[RECIPIENT], *NODES[CATEGORY]]))


@contextmanager
def everywhere(estate: Snapshot, *others: str) -> Iterator[list[Reader]]:
    """The estate in memory and in the other stores."""
    with ExitStack() as stack:
        readers = []
        for kind in ("memory", *others):
            directory = stack.enter_context(tempfile.TemporaryDirectory())
            store = stack.enter_context(closing(ADAPTERS[kind](Path(directory))))
            with store.transaction() as transaction:
                transaction.put(estate.nodes.values(), estate.edges.values())
            readers.append(stack.enter_context(store.reading()))
        yield readers


def _asked(ask: Callable[[], Answer]) -> Json:
    try:
        return as_json(ask())
    except Refused as refused:
        return str(refused)


def _same(answers: list[Json]) -> None:
    first, *others = answers
    for other in others:
        assert other == first


QUESTIONS = {
    lineage.who_receives: NODES[CATEGORY],
    lineage.why: NODES[CATEGORY],
    lineage.where_from: NODES[CATEGORY],
    lineage.if_erased: NODES[CATEGORY],
    lineage.what_receives: NODES[RECIPIENT],
    lineage.if_breached: NODES[RECIPIENT],
    lineage.if_revoked: NODES[PERMISSION],
}


@on_stores(OTHERS, NUMBERS, estates(), scopes, windows, st.data(), shrink=False)
def test_every_store_gives_the_same_answer_to_every_question(
    kind: str, estate: Snapshot, scope: Scope, window: Window, data: st.DataObject
) -> None:
    with everywhere(estate, kind) as readers:
        for question, about in QUESTIONS.items():
            name = data.draw(st.sampled_from(about)).reference

            _same([_asked(partial(question, reader, name, scope=scope, window=window)) for reader in readers])


@on_stores(
    OTHERS,
    NUMBERS,
    estates(),
    scopes,
    st.sampled_from([*NODES[RECIPIENT]]),
    st.sampled_from(["dp0", "product:pt0"]),
    st.integers(1, 4),
    shrink=False,
)
def test_every_store_finds_the_same_paths_and_combinations(
    kind: str, estate: Snapshot, scope: Scope, goal: NodeId, start: str, longest: int
) -> None:
    with everywhere(estate, kind) as readers:
        name = goal.reference

        def paths(reader: Reader) -> Answer:
            return lineage.path(reader, start, name, data="dy3", scope=scope, longest=longest, most=5)

        _same([_asked(partial(paths, reader)) for reader in readers])
        _same([_asked(partial(lineage.combinations, reader, scope=scope)) for reader in readers])


def _plainly(estate: Snapshot, asked: NodeId) -> dict[NodeId, set[NodeId]]:
    """The recipients that certainly get a category, found by plain steps over all flows: the law of roll-up."""
    kinds = {asked}
    while (
        more := {edge.source for edge in estate.edges.values() if edge.name == "BROADER" and edge.target in kinds}
        - kinds
    ):
        kinds |= more
    found: dict[NodeId, set[NodeId]] = {}
    plainly = Plainly(estate)
    for flow in (node for node in estate.nodes.values() if node.id.label == FLOW):
        leads = [
            edge for edge in estate.edges.values() if edge.source == flow.id and not edge.properties.get("reading")
        ]
        if plainly.in_force(flow) and any(e.name in ("CARRIES", "DERIVES") and e.target in kinds for e in leads):
            for edge in leads:
                if edge.name == "TO" and edge.target.label in (RECIPIENT, "DataSubjectGroup"):
                    found.setdefault(edge.target, set()).add(flow.id)
    return found


@on_any_estate
@given(estates(), st.sampled_from(NODES[CATEGORY]))
def test_the_certain_recipients_are_those_of_the_kind_and_of_everything_narrower(
    estate: Snapshot, asked: NodeId
) -> None:
    with everywhere(estate) as readers:
        answer = lineage.who_receives(readers[0], asked.reference)

        certain = {row.end: {flow.id for flow in row.flows} for row in answer.rows_of(Certainty.CERTAIN)}
        assert certain == _plainly(estate, asked)


@on_any_estate
@given(estates(), st.sampled_from(NODES[CATEGORY]))
def test_every_holder_is_as_sure_as_a_plain_look_at_all_flows_finds_it(estate: Snapshot, asked: NodeId) -> None:
    with everywhere(estate) as readers:
        answer = lineage.if_erased(readers[0], asked.reference)

        found = {row.end: {flow.id: flow.certainty for flow in row.all_flows} for row in answer.rows}
        assert found == Plainly(estate).holders(asked)


@on_any_estate
@given(estates(), scopes, st.sampled_from(NODES[CATEGORY]))
def test_a_filter_adds_nothing_and_makes_nothing_surer(estate: Snapshot, scope: Scope, asked: NodeId) -> None:
    with everywhere(estate) as readers:
        whole = lineage.who_receives(readers[0], asked.reference, scope=Scope(scope.status, on=scope.on))
        try:
            answer = lineage.who_receives(readers[0], asked.reference, scope=scope)
        except Refused:
            return

        surely = {(row.end, flow.id): flow.certainty.rank for row in whole.rows for flow in row.all_flows}
        assert all(surely[row.end, flow.id] <= flow.certainty.rank for row in answer.rows for flow in row.all_flows)
        assert all({flow.certainty for flow in row.flows} == {row.certainty} for row in answer.rows)
        assert len(answer.rows) == answer.total


@on_any_estate
@given(estates(), scopes, st.sampled_from([*QUESTIONS, lineage.held_about]), st.data())
def test_the_summary_counts_the_rows_that_are_there(
    estate: Snapshot, scope: Scope, question: Callable[..., Answer], data: st.DataObject
) -> None:
    about = data.draw(st.sampled_from(QUESTIONS.get(question, NODES[SUBJECT])))
    with everywhere(estate) as readers:
        try:
            answer = question(readers[0], about.reference, scope=scope)
        except Refused:
            return

        summary = answer.summary
        assert [len(answer.rows_of(certainty)) for certainty in Certainty] == [
            summary.certain,
            summary.derived,
            summary.possible,
        ]
        assert summary.catch_all == sum(row.catch_all for row in answer.rows)
        assert summary.total == answer.total


@on_any_estate
@given(estates(), st.data())
def test_who_receives_the_narrower_receives_the_broader(estate: Snapshot, data: st.DataObject) -> None:
    edges = [edge for edge in estate.edges.values() if edge.name == "BROADER" and edge.source.label == CATEGORY]
    if not edges:
        return
    edge = data.draw(st.sampled_from(edges))
    with everywhere(estate) as readers:
        narrow = lineage.who_receives(readers[0], edge.source.reference).rows_of(Certainty.CERTAIN)
        wide = lineage.who_receives(readers[0], edge.target.reference).rows_of(Certainty.CERTAIN)

        assert {row.end for row in narrow} <= {row.end for row in wide}


@on_any_estate
@given(
    estates(),
    st.sampled_from([lineage.who_receives, lineage.why, lineage.if_erased, lineage.where_from]),
    st.sampled_from(NODES[CATEGORY]),
    st.integers(1, 3),
)
def test_pages_put_together_are_the_whole(
    estate: Snapshot, question: Callable[..., Answer], asked: NodeId, size: int
) -> None:
    with everywhere(estate) as readers:
        whole = question(readers[0], asked.reference)
        pages = [question(readers[0], asked.reference, window=Window(size))]
        while (last := pages[-1]).following is not None:
            pages.append(question(readers[0], asked.reference, window=Window(size, last.following)))
        paged = [row for page in pages for row in page.rows]

        assert [page.total for page in pages] == [whole.total] * len(pages)
        for word in ("kept_by", "rights"):
            assert [page.related.get(word) for page in pages] == [whole.related.get(word)] * len(pages)
        if question is lineage.where_from:
            return  # what is derived stands on the first page, after what is collected
        assert sorted(str(row.end) for row in paged) == sorted(str(row.end) for row in whole.rows)
        # What states no such end comes last of all.
        certain = [row.certainty is Certainty.CERTAIN for row in paged if row.end is not None]
        assert certain == sorted(certain, reverse=True)
