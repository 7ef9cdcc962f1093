"""What is asked of a store, as the lineage questions ask it."""

from __future__ import annotations

import pytest

from registry.model.snapshot import NodeId, Text
from registry.stores.port import By, Direction, Ends, Group, Has, Match, Page, Reached, Step, Store, Where

from .graphs import carrying, edge, node, ref, refs

BROADER = Step("BROADER", Direction.OUT)
NARROWER = Step("BROADER", Direction.IN)

NODES = [
    node("category:location", aliases=("whereabouts",)),
    node("category:gps", name=Text("GPS location", "GPS位置"), former_keys=("gps-position",)),
    node("category:ip-address"),
    node("category:nickname"),
    node("purpose:push"),
    node("recipient:amap", kind="sdk"),
    node("recipient:jpush", kind="sdk"),
    node("organization:jpush"),
    node("subject:users"),
    node("flow:map", kind="entrust", status="active"),
    node("flow:push", kind="provide", status="active", automated_decision=False),
    node("flow:show", kind="disclose", status="proposed", automated_decision=True),
]
EDGES = [
    edge("category:gps", "broader", "category:location"),
    edge("category:ip-address", "broader", "category:location"),
    edge("flow:map", "carries", "category:gps", required=True),
    edge("flow:map", "to", "recipient:amap"),
    edge("flow:push", "carries", "category:ip-address"),
    edge("flow:push", "carries", "category:gps", required=False),
    edge("flow:push", "to", "recipient:jpush"),
    edge("flow:push", "to", "recipient:amap"),
    edge("flow:push", "for", "purpose:push"),
    edge("flow:show", "carries", "category:nickname"),
    edge("flow:show", "to", "subject:users"),
]


@pytest.fixture
def filled(store: Store) -> Store:
    with store.transaction() as transaction:
        transaction.put(NODES, EDGES)
    return store


def test_whoever_asks_for_location_reaches_all_that_is_narrower(filled: Store) -> None:
    with filled.reading() as reader:
        reached = reader.closure([ref("category:location")], [NARROWER])

    assert reached == {
        ref("category:location"): Reached(None, None, 0),
        ref("category:gps"): Reached(ref("category:location"), NARROWER, 1),
        ref("category:ip-address"): Reached(ref("category:location"), NARROWER, 1),
    }


def test_a_walk_from_what_does_not_exist_reaches_nothing(filled: Store) -> None:
    with filled.reading() as reader:
        reached = reader.closure([ref("category:locaton")], [BROADER, NARROWER])

    assert reached == {}


def test_a_walk_that_takes_an_edge_both_ways_ends(filled: Store) -> None:
    with filled.reading() as reader:
        reached = reader.closure([ref("category:gps")], [BROADER, NARROWER])

    assert {node_id.key: way.distance for node_id, way in reached.items()} == {"gps": 0, "location": 1, "ip-address": 2}


def test_a_flow_to_two_recipients_stands_under_both(filled: Store) -> None:
    with filled.reading() as reader:
        page = reader.group(carrying("category:gps", "category:ip-address"), By(("TO",), frozenset(("Recipient",))))

    assert page == Page(
        (
            Group(ref("recipient:amap"), (ref("flow:map"), ref("flow:push"))),
            Group(ref("recipient:jpush"), (ref("flow:push"),)),
        ),
        2,
    )


def test_a_page_of_groups_says_how_many_there_are_in_all(filled: Store) -> None:
    with filled.reading() as reader:
        first = reader.group(Where(), By(("TO",)), first=1)
        rest = reader.group(Where(), By(("TO",)), after=first.groups[0].end)
        beyond = reader.group(Where(), By(("TO",)), after=NodeId("Z", "z"))

    assert [len(page.groups) for page in (first, rest, beyond)] == [1, 2, 0]
    assert [page.total for page in (first, rest, beyond)] == [3, 3, 3]


def test_only_the_ends_that_are_asked_for_make_groups(filled: Store) -> None:
    with filled.reading() as reader:
        among = reader.group(Where(), By(("TO",), among=refs("recipient:jpush", "recipient:none")))
        without = reader.group(Where(), By(("TO",), without=refs("recipient:jpush")))

    assert [group.end for group in among.groups] == [ref("recipient:jpush")]
    assert [group.end for group in without.groups] == [ref("subject:users"), ref("recipient:amap")]


def test_flows_that_lead_nowhere_are_found_by_what_they_lack(filled: Store) -> None:
    with filled.reading() as reader:
        without_purpose = reader.flows(Where((Has("FOR", absent=True),)))
        not_to_recipients = reader.flows(Where((Has("TO", "Recipient", absent=True),)))

    assert without_purpose == [ref("flow:map"), ref("flow:show")]
    assert not_to_recipients == [ref("flow:show")]


def test_flows_are_found_by_any_of_several_edges(filled: Store) -> None:
    either = Where((Ends(("TO", "FOR"), refs("purpose:push", "subject:users")),))
    with filled.reading() as reader:
        assert reader.flows(either) == [ref("flow:push"), ref("flow:show")]


def test_flows_are_found_by_closed_sets_and_flags(filled: Store) -> None:
    with filled.reading() as reader:
        active = reader.flows(Where(properties={"status": frozenset(("active",))}))
        either = reader.flows(Where(properties={"kind": frozenset(("entrust", "disclose"))}))
        decided = reader.flows(Where(properties={"automated_decision": frozenset(("false",))}))
        none = reader.flows(Where(properties={"status": frozenset()}))
        shown = Where(properties={"status": frozenset(("proposed",)), "kind": frozenset(("disclose", "entrust"))})
        both, recipients = reader.flows(shown), reader.group(shown, By(("TO",)))

    assert active == [ref("flow:map"), ref("flow:push")]
    assert either == [ref("flow:map"), ref("flow:show")]
    assert decided == [ref("flow:push")]
    assert none == []
    assert both == [ref("flow:show")]
    assert recipients == Page((Group(ref("subject:users"), (ref("flow:show"),)),), 1)


def test_a_node_answers_to_its_names_whatever_their_case_and_width(filled: Store) -> None:
    with filled.reading() as reader:
        matches = reader.named(["ｇｐｓ_Location", "GPS位置", "Whereabouts", "elsewhere"], [])

    assert matches == [
        Match("GPS位置", ref("category:gps")),
        Match("Whereabouts", ref("category:location")),
        Match("ｇｐｓ_Location", ref("category:gps")),
    ]


def test_a_name_counts_only_among_the_kinds_that_are_asked_for(filled: Store) -> None:
    with filled.reading() as reader:
        anywhere = reader.named(["jpush"], [])
        among_recipients = reader.named(["jpush"], ["Recipient"])

    assert [match.id for match in anywhere] == [ref("organization:jpush"), ref("recipient:jpush")]
    assert [match.id for match in among_recipients] == [ref("recipient:jpush")]


def test_a_former_key_still_resolves_and_a_mere_name_does_not(filled: Store) -> None:
    with filled.reading() as reader:
        found = reader.keyed(["gps-position", "jpush", "whereabouts", "GPS"])

    assert found == {
        "gps-position": (ref("category:gps"),),
        "jpush": (ref("organization:jpush"), ref("recipient:jpush")),
    }


def test_an_edge_brings_its_properties_from_either_end(filled: Store) -> None:
    with filled.reading() as reader:
        out = reader.edges(["CARRIES"], [ref("flow:map")], Direction.OUT)
        back = reader.edges(["CARRIES"], [ref("category:gps")], Direction.IN)

    assert out == [EDGES[2]]
    assert back == [EDGES[2], EDGES[5]]


def test_properties_keep_their_order(filled: Store) -> None:
    with filled.reading() as reader:
        found = reader.get([ref("category:gps")])[ref("category:gps")]

    assert list(found.properties) == ["name", "former_keys"]


def test_what_no_text_is_names_nothing(filled: Store) -> None:
    half, ended = "\ud83d", "gps\0"
    with filled.reading() as reader:
        assert reader.named([half, ended], []) == []
        assert reader.keyed([half, ended]) == {}
        assert reader.get([NodeId("DataCategory", half), NodeId("DataCategory", ended)]) == {}


@pytest.mark.parametrize("direction", Direction)
def test_the_edges_of_nothing_are_none(filled: Store, direction: Direction) -> None:
    with filled.reading() as reader:
        assert reader.edges([], [], direction) == []


def test_a_filter_that_no_flow_can_satisfy_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no flow has status among"):
        Where(properties={"status": frozenset(("activ",))})
    with pytest.raises(ValueError, match="scenario is none"):
        Where(properties={"scenario": frozenset(("x",))})
    with pytest.raises(ValueError, match="no edge BROADER leaves a flow"):
        Where((Has("BROADER"),))
    with pytest.raises(ValueError, match="no edge OWNS leaves a flow"):
        Where((Ends(("CARRIES", "OWNS"), frozenset()),))


def test_a_grouping_that_no_flow_can_satisfy_is_a_mistake(store: Store) -> None:
    with store.reading() as reader, pytest.raises(ValueError, match="no edge TO leads from a flow to a Purpose"):
        reader.group(Where(), By(("TO",), frozenset(("Purpose",))))
