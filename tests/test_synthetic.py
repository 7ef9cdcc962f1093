"""Estates made by dice are registries like any other."""

from __future__ import annotations

from registry.errors import Problem
from registry.manifests import read_bytes
from registry.model.draft import Draft
from registry.model.graph import FLOW, GRAPH
from registry.model.known import Nothing
from registry.model.parsing import read
from registry.model.references import settle
from registry.model.snapshot import Snapshot
from registry.synthetic import LOCATION, estate, manifests


def reread(snapshot: Snapshot) -> Snapshot:
    draft, problems = Draft(), list[Problem]()
    for name, text in manifests(snapshot):
        document = read_bytes(text.encode(), name, problems)
        assert document is not None
        read(draft, document)
    draft.problems.extend(problems)
    return settle(draft, Nothing())


def test_an_estate_written_as_manifests_is_read_back_the_same() -> None:
    made = estate(300, categories=100)

    assert reread(made) == made


def test_the_same_seed_gives_the_same_estate() -> None:
    assert estate(50, seed=7) == estate(50, seed=7)
    assert estate(50, seed=7) != estate(50, seed=8)


def test_an_estate_has_every_kind_of_flow_and_about_ten_edges_to_each() -> None:
    made = estate(2_000, systems=300, recipients=40)
    flows = [node for node in made.nodes.values() if node.id.label == FLOW]
    edges = [edge for edge in made.edges.values() if edge.source.label == FLOW]
    labels = {node_id.label for node_id in made.nodes}

    assert len(flows) == 2_000
    assert 9 <= len(edges) / len(flows) <= 12
    assert labels == {node.label for node in GRAPH.node_types} - {"SecurityMeasure", "Right"}
    assert {node.properties["kind"] for node in flows} >= {"collect", "use", "derive", "provide", "entrust"}


def test_location_has_narrower_kinds_in_several_tiers() -> None:
    made = estate(1)
    tiers, above = 0, {LOCATION}
    while above:
        tiers += 1
        above = {edge.source for edge in made.edges.values() if edge.name == "BROADER" and edge.target in above}

    assert tiers >= 3


def test_no_manifest_is_larger_than_a_reader_takes() -> None:
    sizes = [len(text.encode()) for _, text in manifests(estate(6_000))]

    assert max(sizes) < 4_000_000
    assert len(sizes) > 15
