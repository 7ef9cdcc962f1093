"""Writes happen together or not at all, and readers keep their snapshot."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from registry.errors import Refused, StoreLocked
from registry.model.snapshot import Edge, Node, NodeId
from registry.stores import open_store
from registry.stores.port import Direction, Store, Where

from .graphs import edge, node

FLOW, GPS = node("flow:map", status="active"), node("category:gps")
CARRIES = edge("flow:map", "carries", "category:gps")
NO_TEXT = "holds a NUL or a lone surrogate, which are no text"


def test_nothing_of_a_block_that_raises_remains(store: Store) -> None:
    def write() -> None:
        with store.transaction() as transaction:
            transaction.put([FLOW, GPS], [CARRIES])
            raise KeyError

    with pytest.raises(KeyError):
        write()

    with store.reading() as reader:
        assert (reader.version, list(reader.all_nodes()), list(reader.all_edges())) == (0, [], [])


def test_a_transaction_sees_its_own_writes_and_others_do_not_until_it_ends(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put([FLOW, GPS], [CARRIES])
        inside = transaction.flows(Where())
        with store.reading() as reader:
            outside = reader.flows(Where())
    with store.reading() as reader:
        afterwards = reader.flows(Where())

    assert (inside, outside, afterwards) == ([FLOW.id], [], [FLOW.id])


def test_a_reader_keeps_the_moment_at_which_it_began(store: Store) -> None:
    with store.reading() as reader:
        before = (reader.version, reader.count())
        with store.transaction() as transaction:
            transaction.put([GPS], [])
        after = (reader.version, reader.count(), reader.keyed(["gps"]))

    assert (before, after) == ((0, {}), (0, {}, {}))


def test_each_write_counts_once_whatever_it_puts(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put([FLOW], [])
        transaction.put([GPS], [CARRIES])
    with store.transaction():
        pass
    with store.transaction() as transaction:
        transaction.put([], [], [CARRIES.id])
        inside = transaction.version

    with store.reading() as reader:
        assert (inside, reader.version) == (2, 2)


def test_a_node_that_is_put_again_loses_what_it_had(store: Store) -> None:
    renamed = node("flow:map", status="retired", aliases=("navigation",))
    with store.transaction() as transaction:
        transaction.put([node("flow:map", status="active", former_keys=("maps",), aliases=("way",))], [])
    with store.transaction() as transaction:
        transaction.put([renamed], [])

    with store.reading() as reader:
        assert reader.get([FLOW.id]) == {FLOW.id: renamed}
        assert reader.keyed(["maps"]) == {}
        assert [match.text for match in reader.named(["way", "navigation"], [])] == ["navigation"]
        assert reader.flows(Where(properties={"status": frozenset(("active",))})) == []


def test_a_node_that_is_put_again_keeps_its_edges(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put([FLOW, GPS], [CARRIES])
    with store.transaction() as transaction:
        transaction.put([FLOW], [])

    with store.reading() as reader:
        assert list(reader.all_edges()) == [CARRIES]


def test_an_edge_that_is_put_again_has_only_its_new_properties(store: Store) -> None:
    anew = edge("flow:map", "carries", "category:gps", stated_in=("icourse163:1",))
    with store.transaction() as transaction:
        transaction.put([FLOW, GPS], [edge("flow:map", "carries", "category:gps", required=False)])
        transaction.put([], [anew])

    with store.reading() as reader:
        assert reader.edges([], [FLOW.id], Direction.OUT) == [anew]


def test_an_edge_that_is_gone_is_gone_from_both_ends(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put([FLOW, GPS], [CARRIES])
    with store.transaction() as transaction:
        transaction.put([], [], [CARRIES.id, edge("flow:map", "carries", "category:never").id])

    with store.reading() as reader:
        assert reader.edges([], [FLOW.id], Direction.OUT) == []
        assert reader.edges([], [GPS.id], Direction.IN) == []


def test_what_is_gone_and_put_at_once_is_there(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put([FLOW, GPS], [CARRIES])
        transaction.put([], [CARRIES], [CARRIES.id])

    with store.reading() as reader:
        assert list(reader.all_edges()) == [CARRIES]


@pytest.mark.parametrize(
    ("nodes", "edges", "message"),
    [
        ([FLOW], [CARRIES], "flow:map carries category:gps: there is no category:gps"),
        ([GPS], [CARRIES], "flow:map carries category:gps: there is no flow:map"),
        ([FLOW, GPS], [Edge(GPS.id, "CARRIES", FLOW.id)], "the graph has no edge DataCategory CARRIES DataFlow"),
        ([FLOW, GPS], [Edge(FLOW.id, "OWNS", GPS.id)], "the graph has no edge DataFlow OWNS DataCategory"),
        ([Node(NodeId("Person", "x"), {})], [], "the graph has no node type Person"),
        ([node("flow:map", source="\ud83d")], [], f"flow:map: source {NO_TEXT}"),
        ([node("flow:map", aliases=("\0",))], [], f"flow:map: aliases {NO_TEXT}"),
    ],
)
def test_what_the_graph_does_not_allow_is_refused(
    store: Store, nodes: list[Node], edges: list[Edge], message: str
) -> None:
    with pytest.raises(Refused) as refused, store.transaction() as transaction:
        transaction.put(nodes, edges)

    assert str(refused.value) == message


def test_a_refused_put_leaves_nothing_behind_when_the_transaction_goes_on(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put([GPS], [])
        with pytest.raises(Refused):
            transaction.put([FLOW, node("purpose:maps")], [edge("flow:map", "to", "recipient:nobody")])
        transaction.put([node("purpose:maps")], [])

    with store.reading() as reader:
        assert (reader.version, reader.count()) == (1, {"DataCategory": 1, "Purpose": 1})


def test_a_second_writer_that_waits_in_vain_is_told_so(store: Store) -> None:
    with store.transaction() as first:
        first.put([GPS], [])
        with pytest.raises(StoreLocked) as locked, store.transaction():
            pass

    assert "waited 0.1 s" in str(locked.value)
    assert locked.value.hint.en
    with store.reading() as reader:
        assert reader.count() == {"DataCategory": 1}


def test_writers_in_several_threads_lose_nothing(make: Callable[[Path], Store], tmp_path: Path) -> None:
    def write(name: str) -> None:
        for number in range(10):
            done = False
            while not done:
                try:
                    with store.transaction() as transaction:
                        transaction.put([node(f"category:{name}-{number}")], [])
                    done = True
                except StoreLocked:
                    pass

    with closing(make(tmp_path)) as store:
        # A server that plans its first write while four wait for it may not answer in time.
        with store.transaction() as transaction:
            transaction.put([node("category:first")], [])
        threads = [threading.Thread(target=write, args=(f"t{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        with store.reading() as reader:
            assert (reader.version, reader.count()) == (41, {"DataCategory": 41})


def test_a_store_can_be_copied_into_another_while_streaming(store: Store, tmp_path: Path) -> None:
    with store.transaction() as transaction:
        transaction.put([FLOW, GPS, *(node(f"purpose:p{number}") for number in range(2_500))], [CARRIES])

    with closing(open_store(f"{tmp_path}/copy.db", create=True)) as copy:
        with store.reading() as reader, copy.transaction() as transaction:
            transaction.put(reader.all_nodes(), reader.all_edges())
        with store.reading() as reader, copy.reading() as copied:
            assert list(copied.all_nodes()) == list(reader.all_nodes())
            assert list(copied.all_edges()) == list(reader.all_edges())


def test_what_comes_again_late_in_a_large_first_put_replaces_what_came_early(store: Store) -> None:
    flows = [node(f"flow:{number}") for number in range(211)]
    kinds = [node(f"category:{number}") for number in range(100)]
    drawn = [Edge(flow.id, "CARRIES", kind.id) for flow in flows for kind in kinds]
    last = edge("flow:0", "carries", "category:0", required=False)
    renamed = node("flow:0", status="retired")
    with store.transaction() as transaction:
        transaction.put(
            [*flows, *kinds, *(node(f"purpose:{number}") for number in range(5_000)), renamed], [*drawn, last]
        )

    with store.reading() as reader:
        edges = reader.edges(("CARRIES",), [flow.id for flow in flows], Direction.OUT)
        assert edges == sorted([last, *drawn[1:]])
        assert reader.get([renamed.id]) == {renamed.id: renamed}
