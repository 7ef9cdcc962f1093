"""The questions on small registries: one rule of the business each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from registry.errors import AmbiguousName, Refused, UnknownName
from registry.lineage import (
    Answer,
    Certainty,
    Scope,
    Window,
    combinations,
    if_breached,
    if_erased,
    if_revoked,
    path,
    what_receives,
    where_from,
    who_receives,
    why,
)
from tests.registries import Registry, ends

Question = Callable[..., Answer]


def test_a_recipient_of_gps_is_a_recipient_of_location(world: Registry) -> None:
    world.register("flows:\n  f: {kind: entrust, from: app, to: jpush, carries: [gps]}")

    answer = world.ask(who_receives, "location")

    assert ends(answer, Certainty.CERTAIN) == ["jpush"]
    assert ends(answer, Certainty.POSSIBLE) == []


def test_a_recipient_of_something_broader_is_possible_never_claimed_and_never_left_out(world: Registry) -> None:
    world.register("flows:\n  f: {kind: provide, from: app, to: broker, carries: [personal-information]}")

    answer = world.ask(who_receives, "gps")

    assert ends(answer, Certainty.CERTAIN) == []
    assert ends(answer, Certainty.POSSIBLE) == ["broker"]
    assert answer.rows[0].catch_all


def test_a_clause_that_counts_location_among_device_information_is_the_reason(world: Registry) -> None:
    world.register("flows:\n  f: {kind: provide, from: app, to: broker, carries: [device-information]}")

    (row,) = world.ask(who_receives, "location").rows

    assert row.certainty is Certainty.POSSIBLE
    assert [reason.text.en for reason in row.reasons] == ["device-information may include location (clause 1)"]
    assert [clause.key for clause in row.reasons[0].clauses] == ["p:1"]


def test_what_a_clause_counts_under_a_term_is_not_a_kind_of_it(world: Registry) -> None:
    world.register("flows:\n  f: {kind: provide, from: app, to: broker, carries: [gps]}")

    assert ends(world.ask(who_receives, "device-information")) == []


def test_data_that_stands_under_two_kinds_is_counted_once(world: Registry) -> None:
    world.register("flows:\n  f: {kind: provide, from: app, to: broker, carries: [ip-address, gps]}")

    (row,) = world.ask(who_receives, "personal-information").rows

    assert [flow.id.key for flow in row.flows] == ["f"]
    assert [category.key for category in row.matched] == ["gps", "ip-address"]


def test_flows_that_are_not_active_are_not_counted_unless_asked_for(world: Registry) -> None:
    world.register(
        """
        flows:
          old: {kind: provide, status: retired, from: app, to: broker, carries: [gps]}
          new: {kind: provide, status: proposed, from: app, to: jpush, carries: [gps]}
        """
    )

    assert ends(world.ask(who_receives, "gps")) == []
    assert ends(world.ask(who_receives, "gps", scope=Scope(status=("retired",)))) == ["broker"]
    assert ends(world.ask(who_receives, "gps", scope=Scope(status=()))) == ["broker", "jpush"]


def test_an_onward_recipient_has_a_degree_and_a_path(world: Registry) -> None:
    world.register(
        """
        flows:
          first: {kind: provide, from: app, to: broker, carries: [gps]}
          second: {kind: provide, from: broker, to: jpush, carries: [location]}
          third: {kind: provide, from: jpush, to: sibling, carries: [gps]}
        """
    )

    rows = world.ask(who_receives, "location").rows

    assert {row.end.key: (row.degree, [flow.key for flow in row.path]) for row in rows if row.end} == {
        "broker": (1, ["first"]),
        "jpush": (2, ["first", "second"]),
        "sibling": (3, ["first", "second", "third"]),
    }


def test_recipients_that_pass_data_in_a_circle_still_have_a_degree(world: Registry) -> None:
    world.register(
        """
        flows:
          there: {kind: provide, from: broker, to: jpush, carries: [gps]}
          back: {kind: provide, from: jpush, to: broker, carries: [gps]}
        """
    )

    assert ends(world.ask(who_receives, "gps")) == ["broker", "jpush"]


def test_a_profile_made_from_location_is_still_about_location(world: Registry) -> None:
    world.register(
        """
        flows:
          make: {kind: derive, from: app, to: app, carries: [gps], derives: [profile]}
          sell: {kind: provide, from: app, to: broker, carries: [profile]}
        """
    )

    (row,) = world.ask(who_receives, "location").rows

    assert (row.end.key if row.end else None, row.certainty) == ("broker", Certainty.DERIVED)
    assert [reason.text.en for reason in row.reasons] == ["profile is derived from location in “make”"]


def test_deidentified_data_goes_on_marked(world: Registry) -> None:
    world.register(
        """
        flows:
          make: {kind: derive, protection: de-identified, from: app, to: app, carries: [gps], derives: [profile]}
          sell: {kind: provide, protection: de-identified, from: app, to: broker, carries: [profile]}
        """
    )

    (row,) = world.ask(who_receives, "location").rows

    assert [reason.text.en for reason in row.reasons] == ["profile is derived from location in “make”, de-identified"]
    assert [mark.en for mark in row.flows[0].marks] == ["de-identified"]


def test_the_trace_stops_at_anonymisation_and_says_so(world: Registry) -> None:
    world.register(
        """
        flows:
          make: {kind: derive, protection: anonymised, from: app, to: app, carries: [gps], derives: [statistics]}
          sell: {kind: provide, from: app, to: broker, carries: [statistics]}
        """
    )

    answer = world.ask(who_receives, "gps")

    assert ends(answer) == []
    assert [note.en for note in answer.notes] == ["the trace stops at “make”: statistics is anonymised"]


def test_a_profile_from_elsewhere_is_only_possibly_the_one_made_from_location(world: Registry) -> None:
    world.register(
        """
        products:
          other: {}
        flows:
          make: {kind: derive, from: app, to: app, carries: [gps], derives: [profile]}
          sell: {kind: provide, from: other, to: broker, carries: [profile]}
        """
    )

    assert ends(world.ask(who_receives, "gps"), Certainty.POSSIBLE) == ["broker"]


def test_a_profile_that_went_through_another_system_is_still_the_one_made_from_location(world: Registry) -> None:
    world.register(
        """
        products:
          other: {}
        flows:
          make: {kind: derive, from: app, to: app, carries: [gps], derives: [profile]}
          move: {kind: transfer, from: app, to: other, carries: [profile]}
          sell: {kind: provide, from: other, to: broker, carries: [profile]}
          resell: {kind: provide, from: broker, to: sibling, carries: [profile]}
          back: {kind: provide, from: sibling, to: broker, carries: [profile]}
        """
    )

    assert ends(world.ask(who_receives, "gps")) == ["broker", "sibling"]
    assert ends(world.ask(who_receives, "gps"), Certainty.DERIVED) == ["broker", "sibling"]


def test_data_made_from_what_was_made_from_location_is_about_location(world: Registry) -> None:
    world.register(
        """
        flows:
          make: {kind: derive, from: app, to: app, carries: [gps], derives: [profile]}
          remake: {kind: derive, from: app, to: app, carries: [profile], derives: [statistics]}
          sell: {kind: provide, from: app, to: broker, carries: [statistics]}
        """
    )

    assert ends(world.ask(who_receives, "gps"), Certainty.DERIVED) == ["broker"]


def test_holders_that_are_too_many_for_the_page_are_counted(world: Registry) -> None:
    world.register(
        """
        products:
          second: {}
          third: {}
        flows:
          first: {kind: collect, from: users, to: [app, second, third], carries: [gps]}
        """
    )

    answer = world.ask(who_receives, "gps", window=Window(2))

    assert [end.key for end in answer.related["held_by"]] == ["app", "second"]
    assert [note.en for note in answer.notes] == [
        "3 products and systems hold it inside, 2 are named: if-erased lists them all"
    ]


def test_data_is_held_where_it_is_made(world: Registry) -> None:
    world.register(
        """
        recipients:
          lab: {kind: partner}
        flows:
          make: {kind: derive, from: app, to: app, carries: [gps], derives: [profile], for: [ads]}
          elsewhere: {kind: derive, from: lab, to: lab, carries: [gps], derives: [profile]}
        """
    )

    assert ends(world.ask(why, "profile")) == ["ads", "-"]
    assert ends(world.ask(if_erased, "profile"), Certainty.CERTAIN) == ["app", "lab"]
    assert ends(world.ask(who_receives, "profile"), Certainty.CERTAIN) == ["lab"]
    assert ends(world.ask(what_receives, "lab"), Certainty.CERTAIN) == ["gps", "profile"]
    assert ends(world.ask(if_breached, "lab"), Certainty.CERTAIN) == ["gps", "profile"]


def test_what_was_perhaps_made_elsewhere_is_no_evidence_for_here(world: Registry) -> None:
    world.register(
        """
        products:
          crm: {}
        flows:
          make: {kind: derive, from: app, to: app, carries: [gps], derives: [profile]}
          guess: {kind: derive, from: app, to: crm, carries: [personal-information], derives: [profile]}
          mail: {kind: provide, from: crm, to: broker, carries: [profile]}
        """
    )

    assert ends(world.ask(who_receives, "gps"), Certainty.DERIVED) == []
    assert "broker" in ends(world.ask(who_receives, "gps"), Certainty.POSSIBLE)


def test_home_is_that_of_each_product(world: Registry) -> None:
    world.register(
        """
        organizations:
          bank-us: {located_in: [us]}
          home: {part_of: [group], located_in: [cn]}
        products:
          bank: {operated_by: [bank-us]}
        recipients:
          us-ads: {kind: partner, operated_by: [foreign]}
          teller: {kind: sdk, operated_by: [bank-us]}
        flows:
          a: {kind: provide, from: app, to: [us-ads, teller, sibling], carries: [gps]}
        """
    )

    abroad = world.ask(who_receives, "gps", scope=Scope(outside="country"))
    of_app = world.ask(who_receives, "gps", scope=Scope(outside="country", products=("app",)))
    outside = world.ask(who_receives, "gps", scope=Scope(outside="group"))

    assert ends(abroad, Certainty.POSSIBLE) == ["sibling", "teller", "us-ads"]
    assert abroad.rows[-1].reasons[-1].text.en == "whether it is outside depends on the product (--product)"
    assert ends(of_app, Certainty.CERTAIN) == ["teller", "us-ads"]
    assert (ends(outside, Certainty.CERTAIN), ends(outside, Certainty.POSSIBLE)) == (["us-ads"], ["teller"])


def test_an_affiliate_is_outside_an_organisation_that_it_is_not_of(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: sibling, carries: [gps]}")

    answer = world.ask(who_receives, "gps", scope=Scope(outside="foreign"))

    assert ends(answer, Certainty.CERTAIN) == ["sibling"]
    assert answer.rows[0].inside_group is True


def test_what_is_stored_abroad_is_abroad(world: Registry) -> None:
    world.register(
        """
        organizations:
          near: {located_in: [cn]}
          close: {located_in: [cn]}
          app-ltd: {located_in: [cn]}
        products:
          app: {operated_by: [app-ltd]}
        recipients:
          keeper: {kind: partner, operated_by: [near]}
          reader: {kind: partner, operated_by: [close]}
        flows:
          a: {kind: provide, from: app, to: keeper, carries: [gps], stored_in: [us]}
          b: {kind: provide, from: app, to: reader, carries: [gps]}
        """
    )

    answer = world.ask(who_receives, "gps", scope=Scope(outside="country"))

    assert ends(answer) == ["keeper"]
    assert [reason.text.en for reason in answer.rows[0].reasons] == ["what it gets is stored abroad"]


def test_what_recipients_pass_on_is_possibly_of_the_product(world: Registry) -> None:
    world.register(
        """
        products:
          other: {}
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps]}
          b: {kind: provide, from: broker, to: jpush, carries: [gps]}
          c: {kind: provide, from: other, to: sibling, carries: [gps]}
        """
    )

    answer = world.ask(who_receives, "gps", scope=Scope(products=("app",)))

    assert (ends(answer, Certainty.CERTAIN), ends(answer, Certainty.POSSIBLE)) == (["broker"], ["jpush"])


def test_flows_that_do_not_exclude_a_group_of_people_are_possible(world: Registry) -> None:
    world.register(
        """
        subjects:
          pupils: {broader: [users], excludes: [children]}
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps], about: [pupils]}
          b: {kind: provide, from: app, to: jpush, carries: [gps]}
          c: {kind: provide, from: app, to: sibling, carries: [gps], about: [users]}
          d: {kind: provide, from: app, to: inner, carries: [gps], about: [children]}
        """
    )

    answer = world.ask(who_receives, "gps", scope=Scope(subjects=("pupils",)))

    assert (ends(answer, Certainty.CERTAIN), ends(answer, Certainty.POSSIBLE)) == (["broker"], ["jpush", "sibling"])


def test_who_may_get_data_with_a_recipient_is_named(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: [outer, pushers], carries: [gps]}")

    answer = world.ask(who_receives, "gps")

    assert [end.key for end in answer.related["implied"]] == ["inner", "jpush"]


def test_filters_by_recipient_hold_for_purposes_and_are_refused_where_there_are_none(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps], for: [ads]}
          b: {kind: provide, from: app, to: jpush, carries: [gps], for: [push]}
        """
    )

    assert ends(world.ask(why, "gps", scope=Scope(kinds=("sdk",)))) == ["push"]
    assert ends(world.ask(what_receives, "broker", scope=Scope(kinds=("sdk",)))) == []
    with pytest.raises(Refused, match="where-from is not asked of recipients"):
        world.ask(where_from, "gps", scope=Scope(kinds=("sdk",)))
    with pytest.raises(Refused, match="path is not asked of recipients"):
        world.ask(path, "app", "jpush", scope=Scope(outside="group"))


def test_what_comes_to_a_product_comes_to_who_operates_it(world: Registry) -> None:
    world.register("flows:\n  a: {kind: collect, from: users, to: app, carries: [gps]}")

    assert ends(world.ask(what_receives, "home")) == ["gps"]


def test_what_an_erasure_leaves_does_not_depend_on_the_page(world: Registry) -> None:
    world.register(
        """
        retention_rules:
          keep: {period: P3Y, law: {en: A law, zh: 某法}}
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps]}
          b: {kind: provide, from: app, to: jpush, carries: [gps], retained_by: [keep]}
        """
    )

    answer = world.ask(if_erased, "gps", window=Window(1))

    assert (ends(answer), [rule.key for rule in answer.related["kept_by"]]) == (["broker"], ["keep"])


def test_what_states_no_purpose_comes_last_on_the_pages(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps], for: [ads]}
          b: {kind: provide, from: app, to: broker, carries: [gps]}
        """
    )

    first = world.ask(why, "gps", window=Window(1))
    second = world.ask(why, "gps", window=Window(1, first.following))

    assert (ends(first), first.total, first.complete) == (["ads"], 2, False)
    assert (ends(second), second.total, second.following) == (["-"], 2, None)


def test_affiliates_are_inside_the_group_and_partners_outside(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: [sibling, broker, jpush, inner], carries: [gps]}
        """
    )

    everyone = world.ask(who_receives, "gps")
    outside = world.ask(who_receives, "gps", scope=Scope(outside="group"))

    assert {row.end.key: row.inside_group for row in everyone.rows if row.end} == {
        "broker": False,
        "inner": None,
        "jpush": False,
        "sibling": True,
    }
    assert ends(outside, Certainty.CERTAIN) == ["broker", "jpush"]
    assert ends(outside, Certainty.POSSIBLE) == ["inner"]


def test_who_is_in_an_unknown_country_is_possibly_abroad(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: [jpush, broker], carries: [gps]}")

    abroad = world.ask(who_receives, "gps", scope=Scope(outside="cn"))

    assert ends(abroad, Certainty.CERTAIN) == ["jpush"]
    assert ends(abroad, Certainty.POSSIBLE) == ["broker"]


def test_an_organisation_may_be_named_as_the_group(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: [jpush, broker], carries: [gps]}")

    outside = world.ask(who_receives, "gps", scope=Scope(outside="foreign"))

    assert ends(outside, Certainty.CERTAIN) == ["broker"]
    assert ends(outside, Certainty.POSSIBLE) == []


def test_filters_narrow_the_flows(world: Registry) -> None:
    world.register(
        """
        flows:
          grown: {kind: provide, from: app, to: broker, carries: [gps], about: [users], part_of: [pushing]}
          small: {kind: provide, from: app, to: jpush, carries: [gps], about: [children]}
        """
    )

    children = world.ask(who_receives, "gps", scope=Scope(subjects=("children",)))
    assert (ends(children, Certainty.CERTAIN), ends(children, Certainty.POSSIBLE)) == (["jpush"], ["broker"])
    pushing = world.ask(who_receives, "gps", scope=Scope(activities=("pushing",)))
    assert (ends(pushing, Certainty.CERTAIN), ends(pushing, Certainty.POSSIBLE)) == (["broker"], ["jpush"])
    assert ends(world.ask(who_receives, "gps", scope=Scope(kinds=("sdk",)))) == ["jpush"]
    assert ends(world.ask(who_receives, "gps", scope=Scope(products=("app",)))) == ["broker", "jpush"]


def test_a_cut_answer_says_that_it_is_cut_and_goes_on_where_it_ended(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: [broker, jpush, sibling], carries: [gps]}")

    first = world.ask(who_receives, "gps", window=Window(2))
    rest = world.ask(who_receives, "gps", window=Window(2, first.following))

    assert (ends(first), first.complete, first.total) == (["broker", "jpush"], False, 3)
    assert first.limit is not None
    assert first.limit.en == "2 of 3 rows (limit 2)"
    assert ends(rest) == ["sibling"]


def test_a_cut_never_hides_the_certain_behind_the_possible(world: Registry) -> None:
    world.register(
        """
        flows:
          vague: {kind: provide, from: app, to: broker, carries: [personal-information]}
          sure: {kind: provide, from: app, to: sibling, carries: [gps]}
        """
    )

    first = world.ask(who_receives, "gps", window=Window(1))

    assert ends(first) == ["sibling"]
    assert ends(world.ask(who_receives, "gps", window=Window(1, first.following))) == ["broker"]


def test_an_unknown_name_is_an_error_with_the_nearest_names(world: Registry) -> None:
    with pytest.raises(UnknownName) as raised:
        world.ask(who_receives, "locaton")

    assert raised.value.nearest[0] == "location"


def test_an_error_repeats_no_more_of_a_long_name_than_one_reads(world: Registry) -> None:
    with pytest.raises(UnknownName) as raised:
        world.ask(who_receives, "x" * 100_000)

    assert str(raised.value) == f'there is no category "{"x" * 100}…"'


def test_a_name_of_two_things_is_an_error_that_lists_them(world: Registry) -> None:
    world.register("categories:\n  a-1: {name: {en: Twin, zh: 甲}}\n  a-2: {name: {en: Twin, zh: 乙}}")

    with pytest.raises(AmbiguousName) as raised:
        world.ask(who_receives, "twin")

    assert raised.value.candidates == ("category:a-1", "category:a-2")


@pytest.mark.parametrize(
    "name", ["position", "Location", "LOCATION", "category:location", "Category : location", "category：location"]
)
def test_a_thing_is_named_by_key_alias_or_name(world: Registry, name: str) -> None:
    assert [node.key for node in world.ask(who_receives, name).about] == ["location"]


def test_what_goes_to_a_kind_of_recipient_possibly_goes_to_one_of_that_kind(world: Registry) -> None:
    world.register("flows:\n  a: {kind: entrust, from: app, to: pushers, carries: [gps]}")

    assert ends(world.ask(what_receives, "jpush"), Certainty.POSSIBLE) == ["gps"]
    assert ends(world.ask(what_receives, "pushers"), Certainty.CERTAIN) == ["gps"]


def test_what_a_kind_of_recipient_gets_includes_what_one_of_that_kind_gets(world: Registry) -> None:
    world.register("flows:\n  a: {kind: entrust, from: app, to: jpush, carries: [gps]}")

    assert ends(world.ask(what_receives, "pushers"), Certainty.CERTAIN) == ["gps"]
    assert ends(world.ask(what_receives, "foreign"), Certainty.CERTAIN) == ["gps"]


def test_what_the_outer_sdk_gets_the_inner_one_may_get(world: Registry) -> None:
    world.register("flows:\n  a: {kind: entrust, from: app, to: outer, carries: [gps]}")

    assert ends(world.ask(what_receives, "inner"), Certainty.POSSIBLE) == ["gps"]
    assert ends(world.ask(what_receives, "outer"), Certainty.CERTAIN) == ["gps"]


def test_two_kinds_of_data_that_identify_together_are_found_at_one_recipient(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: broker, carries: [device-information]}
          b: {kind: provide, from: app, to: broker, carries: [log-information]}
          c: {kind: provide, from: app, to: jpush, carries: [log-information]}
        """
    )

    answer = world.ask(combinations)

    assert ends(answer) == ["broker"]
    assert [category.key for category in answer.rows[0].combines[0].categories] == [
        "device-information",
        "log-information",
    ]
    assert [note.en for note in world.ask(what_receives, "broker").notes] == [
        "it holds device-information and log-information: together they identify a person (clause 1)"
    ]


def test_data_that_identifies_with_any_other_is_found_where_there_is_other_data(world: Registry) -> None:
    world.register(
        """
        categories:
          model: {broader: device-information}
          nickname: {broader: personal-information}
        clauses:
          "p:9":
            name: {en: Nine, zh: 九}
            document: p
            number: "9"
            combines: [{category: device-information, with_any: true}, {category: log-information, with_any: true}]
        flows:
          a: {kind: provide, from: app, to: broker, carries: [model]}
          b: {kind: provide, from: app, to: broker, carries: [nickname]}
          c: {kind: provide, from: app, to: sibling, carries: [model, log-information]}
          d: {kind: provide, from: app, to: jpush, carries: [nickname]}
          e: {kind: provide, from: app, to: inner, carries: [model, personal-information]}
        """
    )

    answer = world.ask(combinations)

    held = {
        row.end.key: [(one.certainty.value, one.with_any, *(of.key for of in one.categories)) for one in row.combines]
        for row in answer.rows
        if row.end
    }
    assert held["broker"] == [("certain", True, "device-information")]
    assert held["inner"] == [
        ("possible", True, "device-information"),
        ("possible", False, "device-information", "log-information"),
        ("possible", True, "log-information"),
    ]
    assert held["sibling"] == [
        ("possible", True, "device-information"),
        ("certain", False, "device-information", "log-information"),
        ("possible", True, "log-information"),
    ]
    assert "jpush" not in held
    assert [note.en for note in world.ask(what_receives, "broker").notes] == [
        "it holds device-information and other personal information: together they identify a person (clause 9)"
    ]


def test_why_counts_flows_without_a_purpose_in_a_row_of_their_own(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: collect, from: users, to: app, carries: [gps], for: [push, ads]}
          b: {kind: collect, from: users, to: app, carries: [gps]}
        """
    )

    assert ends(world.ask(why, "gps")) == ["ads", "push", "-"]


def test_data_comes_from_those_who_give_it_and_from_the_flows_that_make_it(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: collect, from: users, to: app, carries: [gps]}
          b: {kind: derive, from: app, to: app, carries: [gps], derives: [profile]}
          c: {kind: provide, from: app, to: broker, carries: [profile]}
        """
    )

    assert ends(world.ask(where_from, "gps")) == ["users"]
    assert ends(world.ask(where_from, "profile")) == ["app"]


def test_revoking_the_only_permission_of_a_platform_stops_what_the_text_calls_by_its_general_name(
    world: Registry,
) -> None:
    world.register(
        """
        flows:
          photo: {kind: collect, from: users, to: app, carries: [profile], requires: [camera], part_of: [pushing]}
          gallery: {kind: collect, from: users, to: app, carries: [profile], part_of: [pushing]}
        """
    )

    (row,) = world.ask(if_revoked, "android:camera").rows

    assert row.certainty is Certainty.CERTAIN
    assert [flow.id.key for flow in row.flows] == ["photo"]
    assert [flow.key for flow in row.related["goes_on"]] == ["gallery"]


def test_revoking_one_of_several_permissions_only_possibly_stops_it(world: Registry) -> None:
    world.register(
        """
        flows:
          map: {kind: collect, from: users, to: app, carries: [gps], requires: [place], part_of: [pushing]}
          guess: {kind: collect, from: users, to: app, carries: [gps]}
        """
    )

    answer = world.ask(if_revoked, "android.FINE")

    assert ends(answer, Certainty.POSSIBLE) == ["pushing"]
    assert [flow.key for flow in answer.related["still_carried"]] == ["guess"]


def test_revoking_the_general_permission_stops_what_needs_any_of_them(world: Registry) -> None:
    world.register("flows:\n  map: {kind: collect, from: users, to: app, carries: [gps], requires: [android.FINE]}")

    assert ends(world.ask(if_revoked, "place"), Certainty.CERTAIN) == ["-"]


def test_an_erasure_reaches_systems_and_recipients_and_says_what_law_keeps(world: Registry) -> None:
    world.register(
        """
        retention_rules:
          three-years: {period: P3Y, law: {en: E-Commerce Law, zh: 电子商务法}}
        rights:
          deletion: {kind: delete, deadline: {en: 15 days, zh: 15日}}
          copying: {kind: copy}
        systems:
          archive: {part_of: [app]}
        flows:
          a: {kind: collect, from: users, to: archive, carries: [gps], retained_by: [three-years]}
          b: {kind: provide, from: app, to: broker, carries: [gps]}
        """
    )

    answer = world.ask(if_erased, "location")

    assert ends(answer) == ["broker", "archive"]
    assert [rule.key for rule in answer.related["kept_by"]] == ["three-years"]
    assert [right.key for right in answer.related["rights"]] == ["deletion"]


@pytest.mark.parametrize("question", [what_receives, if_breached])
def test_the_clause_by_which_data_combines_is_told_with_its_number(world: Registry, question: Question) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: jpush, carries: [device-information, log-information]}")

    answer = world.ask(question, "jpush")

    assert {answer.node(c).word("number") for row in answer.rows for one in row.combines for c in one.clauses} == {"1"}


def test_a_breach_reaches_onward_recipients_and_names_the_people(world: Registry) -> None:
    world.register(
        """
        rights:
          told: {kind: breach-notice}
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps], about: [children]}
          b: {kind: provide, from: broker, to: jpush, carries: [gps]}
        """
    )

    answer = world.ask(if_breached, "broker")

    assert ends(answer) == ["gps"]
    assert [subject.key for subject in answer.related["subjects"]] == ["children"]
    assert [recipient.key for recipient in answer.related["onward"]] == ["jpush"]
    assert [right.key for right in answer.related["rights"]] == ["told"]


_OWN = """
    systems:
      archive: {part_of: [app]}
      mirror: {part_of: [app]}
    rights:
      told: {kind: breach-notice}
    flows:
      a: {kind: collect, from: users, to: app, carries: [gps], about: [children]}
      b: {kind: use, from: app, to: archive, carries: [log-information], about: [users]}
      c: {kind: use, from: app, to: mirror, carries: [device-information]}
      d: {kind: derive, from: archive, to: archive, carries: [log-information], derives: [profile]}
      e: {kind: provide, from: app, to: broker, carries: [gps]}
      f: {kind: provide, from: archive, to: jpush, carries: [profile]}
      g: {kind: provide, from: broker, to: inner, carries: [gps]}
    """


def test_a_breach_of_a_product_touches_what_it_and_its_systems_hold(world: Registry) -> None:
    world.register(_OWN)

    answer = world.ask(if_breached, "product:app")

    assert (
        ends(answer) == ends(answer, Certainty.CERTAIN) == ["device-information", "gps", "log-information", "profile"]
    )
    assert [subject.key for subject in answer.related["subjects"]] == ["children", "users"]
    assert [recipient.key for recipient in answer.related["onward"]] == ["broker", "inner", "jpush"]
    assert [right.key for right in answer.related["rights"]] == ["told"]
    assert [organization.key for organization in answer.related["operated_by"]] == ["home"]


def test_a_breach_of_a_system_possibly_touches_what_goes_to_its_product(world: Registry) -> None:
    world.register(_OWN)

    answer = world.ask(if_breached, "archive")

    assert ends(answer, Certainty.CERTAIN) == ["log-information", "profile"]
    assert ends(answer, Certainty.POSSIBLE) == ["gps"]
    assert [reason.text.en for reason in answer.rows[-1].reasons] == [
        "it goes to app, of which this is a part: it may be held here"
    ]
    # What a system holds, its product holds, and may pass on.
    assert [recipient.key for recipient in answer.related["onward"]] == ["broker", "inner", "jpush"]


def test_a_breach_of_an_organization_reaches_those_who_get_data_from_its_products(world: Registry) -> None:
    world.register(
        """
        activities:
          mapping: {part_of: [app]}
        flows:
          a: {kind: collect, from: users, to: app, carries: [gps], part_of: [mapping]}
          b: {kind: provide, from: app, to: broker, carries: [gps], part_of: [mapping]}
        """
    )

    answer = world.ask(if_breached, "home")

    assert ends(answer) == ["gps"]
    assert [recipient.key for recipient in answer.related["onward"]] == ["broker"]


def test_sensitivity_comes_down_from_broader_kinds(world: Registry) -> None:
    world.register(
        "categories:\n  track: {broader: [gps]}\nflows:\n  a: {kind: provide, from: app, to: broker, carries: [track]}"
    )

    answer = world.ask(who_receives, "track")

    assert {node.key: [level.key for level in levels] for node, levels in answer.sensitive.items()} == {
        "track": ["high"]
    }


def test_every_simple_path_is_found_shortest_first(world: Registry) -> None:
    world.register(
        """
        flows:
          in: {kind: collect, from: users, to: app, carries: [gps]}
          out: {kind: provide, from: app, to: broker, carries: [gps]}
          side: {kind: provide, from: app, to: jpush, carries: [gps]}
          onward: {kind: provide, from: jpush, to: broker, carries: [location]}
          other: {kind: provide, from: app, to: broker, carries: [log-information]}
          round: {kind: receive, from: broker, to: app, carries: [gps]}
        """
    )

    answer = world.ask(path, "users", "broker", data="location")

    assert [[flow.key for flow in row.path] for row in answer.rows] == [["in", "out"], ["in", "side", "onward"]]
    assert answer.complete


def test_flows_between_the_same_places_are_one_way(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps]}
          b: {kind: provide, from: app, to: broker, carries: [gps]}
          c: {kind: provide, from: app, to: broker, carries: [personal-information]}
        """
    )

    (row,) = world.ask(path, "app", "broker", data="gps").rows

    assert row.certainty is Certainty.CERTAIN
    assert [flow.id.key for flow in row.flows] == ["a", "b"]
    assert [flow.id.key for flow in row.further] == ["c"]


def test_a_bound_on_paths_is_said(world: Registry) -> None:
    world.register(
        """
        flows:
          in: {kind: collect, from: users, to: app, carries: [gps]}
          out: {kind: provide, from: app, to: [broker, jpush], carries: [gps]}
          also: {kind: provide, from: jpush, to: broker, carries: [gps]}
        """
    )

    assert not world.ask(path, "users", "broker", longest=1).complete
    assert not world.ask(path, "users", "broker", most=1).complete
    assert world.ask(path, "users", "broker").complete
