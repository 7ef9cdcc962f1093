"""What a filter makes of an answer: what it cannot exclude is possible, with the reason."""

from __future__ import annotations

import pytest

from registry.errors import Refused
from registry.lineage import (
    Certainty,
    Scope,
    Window,
    combinations,
    if_breached,
    if_erased,
    if_revoked,
    what_receives,
    who_receives,
    why,
)
from tests.registries import Registry, ends


def test_flows_of_a_recipient_that_is_only_perhaps_outside_are_no_surer_than_its_row(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: [jpush, broker], carries: [gps]}")

    answer = world.ask(who_receives, "gps", scope=Scope(outside="cn"))

    found = {row.end.key: [(flow.certainty, flow.reasons) for flow in row.flows] for row in answer.rows if row.end}
    assert found["jpush"] == [(Certainty.CERTAIN, ())]
    assert [(certainty, [reason.text.en for reason in reasons]) for certainty, reasons in found["broker"]] == [
        (Certainty.POSSIBLE, ["nothing says in which country it is"])
    ]


def test_those_certainly_outside_come_before_those_that_may_be(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: [jpush, broker], carries: [gps]}")

    whole = world.ask(who_receives, "gps", scope=Scope(outside="cn"))
    first = world.ask(who_receives, "gps", scope=Scope(outside="cn"), window=Window(1))
    second = world.ask(who_receives, "gps", scope=Scope(outside="cn"), window=Window(1, first.following))

    assert ends(whole) == ["jpush", "broker"]
    assert (ends(first), ends(second)) == (["jpush"], ["broker"])


def test_why_data_goes_to_one_who_may_be_abroad_is_possible(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps], for: [ads]}
          b: {kind: provide, from: app, to: jpush, carries: [gps], for: [push]}
        """
    )

    answer = world.ask(why, "gps", scope=Scope(outside="cn"))

    assert (ends(answer, Certainty.CERTAIN), ends(answer, Certainty.POSSIBLE)) == (["push"], ["ads"])
    assert [reason.text.en for reason in answer.rows[1].reasons] == ["nothing says in which country it is"]


def test_what_one_receives_who_may_be_abroad_is_possible(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: broker, carries: [gps]}")

    answer = world.ask(what_receives, "broker", scope=Scope(outside="cn"))

    assert (ends(answer, Certainty.CERTAIN), ends(answer, Certainty.POSSIBLE)) == ([], ["gps"])


def test_who_combines_data_and_may_be_abroad_is_possible(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: [broker, jpush], carries: [device-information, log-information]}
        """
    )

    answer = world.ask(combinations, scope=Scope(outside="cn"))

    assert (ends(answer, Certainty.CERTAIN), ends(answer, Certainty.POSSIBLE)) == (["jpush"], ["broker"])
    assert [reason.text.en for reason in answer.rows[1].reasons] == ["nothing says in which country it is"]


def test_data_that_is_perhaps_about_the_people_asked_for_is_perhaps_combined(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: broker, carries: [device-information], about: [children]}
          b: {kind: provide, from: app, to: broker, carries: [log-information]}
          c: {kind: provide, from: app, to: jpush, carries: [device-information, log-information], about: [children]}
        """
    )

    answer = world.ask(combinations, scope=Scope(subjects=("children",)))
    received = world.ask(who_receives, "device-information", scope=Scope(subjects=("children",)))

    assert (ends(answer, Certainty.CERTAIN), ends(answer, Certainty.POSSIBLE)) == (["jpush"], ["broker"])
    assert {row.end.key: len(row.combines) for row in received.rows if row.end} == {"broker": 0, "jpush": 1}


_NEAR = """
    organizations:
      near: {located_in: [cn]}
      app-ltd: {located_in: [cn]}
    products:
      app: {operated_by: [app-ltd]}
    recipients:
      keeper: {kind: partner, operated_by: [near]}
"""


def test_data_kept_at_home_is_not_abroad_because_other_data_is(world: Registry) -> None:
    world.register(
        _NEAR
        + """
    flows:
      a: {kind: provide, from: app, to: keeper, carries: [log-information], stored_in: [us], for: [ads]}
      b: {kind: provide, from: app, to: keeper, carries: [gps], stored_in: [cn], for: [push]}
    """
    )
    abroad = Scope(outside="country")

    assert ends(world.ask(who_receives, "gps", scope=abroad)) == []
    assert ends(world.ask(if_erased, "gps", scope=abroad)) == []
    assert ends(world.ask(why, "personal-information", scope=abroad)) == ["ads"]
    assert ends(world.ask(what_receives, "keeper", scope=abroad)) == ["log-information"]


def test_of_one_at_home_only_what_is_stored_abroad_is_shown(world: Registry) -> None:
    world.register(
        _NEAR
        + """
    flows:
      a: {kind: provide, from: app, to: keeper, carries: [ip-address], stored_in: [us]}
      b: {kind: provide, from: app, to: keeper, carries: [gps]}
    """
    )

    (row,) = world.ask(who_receives, "location", scope=Scope(outside="country")).rows

    assert [flow.id.key for flow in row.all_flows] == ["a"]
    assert [category.key for category in row.matched] == ["ip-address"]


def test_an_operator_on_which_documents_differ_may_be_outside(world: Registry) -> None:
    world.register(
        """
        recipients:
          disputed: {kind: partner, operated_by: [sister, foreign]}
        flows:
          a: {kind: provide, from: app, to: disputed, carries: [gps]}
        """
    )

    whole = world.ask(who_receives, "gps")
    outside = world.ask(who_receives, "gps", scope=Scope(outside="group"))

    assert whole.rows[0].inside_group is None
    assert ends(outside, Certainty.POSSIBLE) == ["disputed"]
    assert [reason.text.en for reason in outside.rows[0].reasons] == [
        "it has several operators, of which some are in the group"
    ]


def test_a_joint_venture_does_not_make_two_groups_one(world: Registry) -> None:
    world.register(
        """
        organizations:
          joint: {part_of: [group, rivals]}
          rivals: {}
          rival: {part_of: [rivals]}
        recipients:
          other: {kind: partner, operated_by: [rival]}
          shared: {kind: partner, operated_by: [joint]}
        flows:
          a: {kind: provide, from: app, to: [other, shared], carries: [gps]}
        """
    )

    answer = world.ask(who_receives, "gps")

    assert {row.end.key: row.inside_group for row in answer.rows if row.end} == {"other": False, "shared": True}


def test_an_sdk_that_one_of_the_group_brings_along_is_named_outside_it(world: Registry) -> None:
    world.register(
        """
        recipients:
          ours: {kind: sdk, operated_by: [sister], bundles: [jpush]}
        flows:
          a: {kind: entrust, from: app, to: ours, carries: [gps]}
        """
    )

    answer = world.ask(who_receives, "gps", scope=Scope(outside="group"))

    assert ends(answer) == []
    assert [end.key for end in answer.related["implied"]] == ["jpush"]


def test_a_filter_by_the_only_product_leaves_out_nothing(world: Registry) -> None:
    world.register("flows:\n  a: {kind: entrust, mode: sdk, from: users, to: jpush, carries: [gps]}")

    assert ends(world.ask(who_receives, "gps", scope=Scope(products=("app",))), Certainty.CERTAIN) == ["jpush"]


def test_what_an_sdk_takes_from_people_is_possibly_of_any_product_that_it_does_not_exclude(world: Registry) -> None:
    world.register(
        """
        products:
          other: {}
        systems:
          loose: {}
          theirs: {part_of: [other]}
        activities:
          of-other: {part_of: [other]}
        flows:
          a: {kind: entrust, mode: sdk, from: users, to: jpush, carries: [gps]}
          b: {kind: entrust, mode: sdk, from: users, to: broker, carries: [gps], part_of: [of-other]}
          c: {kind: provide, from: loose, to: inner, carries: [gps]}
          d: {kind: provide, from: theirs, to: outer, carries: [gps]}
          e: {kind: provide, from: app, to: sibling, carries: [gps]}
        """
    )

    answer = world.ask(who_receives, "gps", scope=Scope(products=("app",)))

    assert (ends(answer, Certainty.CERTAIN), ends(answer, Certainty.POSSIBLE)) == (["sibling"], ["inner", "jpush"])
    assert [reason.text.en for reason in answer.rows[1].reasons] == ["it does not say of which product it is"]


def test_a_flow_that_states_no_activity_is_possibly_of_the_one_asked_for(world: Registry) -> None:
    world.register(
        """
        activities:
          paying: {}
        flows:
          a: {kind: provide, from: app, to: jpush, carries: [gps], part_of: [pushing]}
          b: {kind: provide, from: app, to: broker, carries: [gps]}
          c: {kind: provide, from: app, to: sibling, carries: [gps], part_of: [paying]}
        """
    )

    answer = world.ask(who_receives, "gps", scope=Scope(activities=("pushing",)))

    assert (ends(answer, Certainty.CERTAIN), ends(answer, Certainty.POSSIBLE)) == (["jpush"], ["broker"])
    assert [reason.text.en for reason in answer.rows[1].reasons] == ["it does not say of which activity it is"]


def test_what_stops_in_an_activity_may_be_a_flow_that_states_none(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: collect, from: users, to: app, carries: [gps], requires: [camera], part_of: [pushing]}
          b: {kind: collect, from: users, to: app, carries: [gps], requires: [camera]}
        """
    )

    answer = world.ask(if_revoked, "camera", scope=Scope(activities=("pushing",)))

    assert (ends(answer, Certainty.CERTAIN), ends(answer, Certainty.POSSIBLE)) == (["pushing"], ["-"])


def test_systems_of_ones_own_that_keep_data_abroad_are_told_with_their_country(world: Registry) -> None:
    world.register(
        """
        systems:
          archive: {part_of: [app], stored_in: [us]}
          near: {part_of: [app], stored_in: [cn]}
          mirror: {part_of: [app]}
        flows:
          a: {kind: collect, from: users, to: archive, carries: [gps]}
          b: {kind: collect, from: users, to: near, carries: [gps]}
          c: {kind: collect, from: users, to: mirror, carries: [gps], stored_in: [us]}
        """
    )

    answer = world.ask(who_receives, "gps", scope=Scope(outside="cn"))

    assert [note.en for note in answer.notes] == ["held inside, and stored abroad, by archive (us), mirror (us)"]
    assert world.ask(who_receives, "gps").notes == ()


def test_a_breach_of_ones_own_is_not_asked_of_recipients(world: Registry) -> None:
    with pytest.raises(Refused):
        world.ask(if_breached, "app", scope=Scope(kinds=("sdk",)))
