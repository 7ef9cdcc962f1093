"""The filters by place, mechanism, purpose, basis, consent and beginning: what is not stated is possible."""

from __future__ import annotations

import pytest

from registry.errors import Refused
from registry.lineage import Answer, Certainty, Scope, if_revoked, what_receives, where_from, who_receives, why
from tests.registries import Registry, ends


def _sure(answer: Answer) -> tuple[list[str], list[str]]:
    """The ends that are certain, and those that are possible."""
    return ends(answer, Certainty.CERTAIN), ends(answer, Certainty.POSSIBLE)


_UNION = """
    jurisdictions:
      eu: {union: true}
      de: {member_of: [{jurisdiction: eu, since: 1958-01-01}]}
      ie: {member_of: [{jurisdiction: eu, since: 1973-01-01}]}
      gb: {member_of: [{jurisdiction: eu, since: 1973-01-01, until: 2020-01-31}]}
    organizations:
      german: {located_in: [de]}
    products:
      app: {operated_by: [german]}
    recipients:
      irish: {kind: partner, located_in: [ie]}
      european: {kind: partner, located_in: [eu]}
      british: {kind: partner, located_in: [gb]}
      american: {kind: partner, located_in: [us]}
      homely: {kind: partner, located_in: [de]}
    flows:
      a: {kind: provide, from: app, to: [irish, european, british, american, homely, broker], carries: [gps]}
"""


def test_a_place_in_a_union_is_inside_it(world: Registry) -> None:
    world.register(_UNION)

    answer = world.ask(who_receives, "gps", scope=Scope(outside="eu"))

    assert _sure(answer) == (["american", "british"], ["broker"])


def test_a_union_of_the_home_country_may_be_at_home(world: Registry) -> None:
    world.register(_UNION)

    answer = world.ask(who_receives, "gps", scope=Scope(outside="country"))

    assert _sure(answer) == (["american", "british", "irish"], ["broker", "european"])
    assert [reason.text.en for reason in answer.rows[-1].reasons] == [
        "only a union of countries is stated, to which the home country belongs"
    ]


def test_who_was_a_member_on_the_day_counts(world: Registry) -> None:
    world.register(_UNION)

    assert "british" not in ends(world.ask(who_receives, "gps", scope=Scope(outside="eu", on="2019-12-31")))


def test_people_are_in_no_country(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: [users, jpush], carries: [gps]}")

    answer = world.ask(who_receives, "gps", scope=Scope(outside="cn"))

    assert _sure(answer) == (["jpush"], ["users"])
    assert [reason.text.en for reason in answer.rows[1].reasons] == ["nothing says in which country these people are"]


def test_what_leaves_the_country_without_a_mechanism_is_found(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: jpush, carries: [gps], mechanism: standard-contract}
          b: {kind: provide, from: app, to: jpush, carries: [ip-address], mechanism: none}
          c: {kind: provide, from: app, to: jpush, carries: [log-information]}
        """
    )
    abroad = Scope(outside="cn", mechanism=("none",))

    assert _sure(world.ask(what_receives, "jpush", scope=abroad)) == (["ip-address"], ["log-information"])
    assert _sure(world.ask(what_receives, "jpush", scope=Scope(mechanism=("standard-contract",)))) == (
        ["gps"],
        ["log-information"],
    )


def test_people_of_whom_nothing_says_that_they_are_others_may_be_those_asked_for(world: Registry) -> None:
    world.register(
        """
        subjects:
          guardians: {excludes: [children]}
          small-users: {broader: [users, children]}
        flows:
          a: {kind: provide, from: app, to: jpush, carries: [gps], about: [users]}
          b: {kind: provide, from: app, to: broker, carries: [gps], about: [guardians]}
          c: {kind: provide, from: app, to: inner, carries: [gps], about: [small-users]}
        """
    )

    assert _sure(world.ask(who_receives, "gps", scope=Scope(subjects=("children",)))) == (["inner"], ["jpush"])
    assert _sure(world.ask(who_receives, "gps", scope=Scope(subjects=("guardians",)))) == (["broker"], ["jpush"])


_GROUNDS = """
    legal_bases:
      agreed: {regime: PIPL, article: "13(1)(1)", consent: general}
      apart: {regime: PIPL, article: "29", consent: separate}
      contract: {regime: PIPL, article: "13(1)(2)", consent: none}
    purposes:
      wide: {}
      narrow: {broader: [wide]}
    flows:
      a: {kind: provide, from: app, to: jpush, carries: [gps], under: [agreed], for: [narrow], begins: when-used}
      b: {kind: provide, from: app, to: broker, carries: [gps], under: [contract], for: [wide]}
      c: {kind: provide, from: app, to: inner, carries: [gps], under: [contract, agreed], begins: before-agreement}
      d: {kind: provide, from: app, to: outer, carries: [gps], under: [contract], consent: separate, for: [ads]}
      e: {kind: provide, from: app, to: sibling, carries: [gps], for: [ads]}
"""


@pytest.mark.parametrize(
    ("scope", "certain", "possible"),
    [
        (Scope(consent=("none",)), ["broker"], ["inner", "sibling"]),
        (Scope(consent=("general",)), ["jpush"], ["inner", "sibling"]),
        (Scope(consent=("separate",)), ["outer"], ["sibling"]),
        (Scope(bases=("contract",)), ["broker", "inner", "outer"], ["sibling"]),
        (Scope(bases=("apart",)), [], ["sibling"]),
        (Scope(purposes=("wide",)), ["broker", "jpush"], ["inner"]),
        (Scope(purposes=("narrow",)), ["jpush"], ["broker", "inner"]),
        (Scope(begins=("before-agreement",)), ["inner"], ["broker", "outer", "sibling"]),
    ],
    ids=str,
)
def test_what_a_flow_does_not_state_is_possible(
    scope: Scope, certain: list[str], possible: list[str], world: Registry
) -> None:
    world.register(_GROUNDS)

    assert _sure(world.ask(who_receives, "gps", scope=scope)) == (certain, possible)


@pytest.mark.parametrize("scope", [Scope(begins=("soon",)), Scope(mechanism=("x",)), Scope(consent=("x",))], ids=str)
def test_a_word_that_flows_do_not_have_is_refused(scope: Scope, world: Registry) -> None:
    with pytest.raises(Refused):
        world.ask(who_receives, "gps", scope=scope)


def test_a_control_and_a_legal_basis_are_taken_back_like_a_permission(world: Registry) -> None:
    world.register(
        """
        activities:
          selling: {}
        controls:
          switch: {route: {en: Settings, zh: 设置}}
        legal_bases:
          agreed: {regime: PIPL, article: "13(1)(1)", consent: general}
          contract: {regime: PIPL, article: "13(1)(2)", consent: none}
        flows:
          a: {kind: collect, from: users, to: app, carries: [gps], under: [agreed], part_of: [selling],
            controlled_by: [switch]}
          b: {kind: collect, from: users, to: app, carries: [ip-address], under: [agreed, contract], part_of: [selling]}
          c: {kind: collect, from: users, to: app, carries: [profile], under: [contract], part_of: [pushing]}
        """
    )

    switched = world.ask(if_revoked, "switch")
    withdrawn = world.ask(if_revoked, "agreed")

    assert [[flow.id.key for flow in row.flows] for row in switched.rows] == [["a"]]
    (selling,) = withdrawn.rows
    assert ([flow.id.key for flow in selling.flows], [flow.id.key for flow in selling.further]) == (["a"], ["b"])
    assert [flow.key for flow in selling.related["goes_on"]] == ["b"]
    assert [basis.key for basis in selling.related["goes_on_under"]] == ["agreed", "contract"]


def test_a_permission_has_purposes_too(world: Registry) -> None:
    world.register("flows:\n  a: {kind: collect, from: users, to: app, carries: [gps], requires: [camera], for: [ads]}")

    assert ends(world.ask(why, "camera")) == ["ads"]


def test_what_a_thing_is_called_in_another_scheme_finds_it_and_all_that_bear_it(world: Registry) -> None:
    world.register(
        """
        categories:
          mail: {dpv: ["pd:EmailAddress"], apple: [EmailAddress]}
          mail-hash: {apple: [EmailAddress]}
        recipients:
          packed: {kind: sdk, packages: [com.example.sdk]}
        flows:
          a: {kind: provide, from: app, to: packed, carries: [mail]}
          b: {kind: provide, from: app, to: broker, carries: [mail-hash]}
        """
    )

    both = world.ask(who_receives, "EmailAddress")

    assert (ends(both), [node.key for node in both.about]) == (["broker", "packed"], ["mail", "mail-hash"])
    assert ends(world.ask(who_receives, "pd:EmailAddress")) == ["packed"]
    assert ends(world.ask(what_receives, "com.example.sdk.push")) == ["mail"]


def test_our_reading_makes_nothing_certain(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: jpush, carries: [{category: gps, reading: true}]}
          b: {kind: provide, from: app, to: [{recipient: broker, reading: true}], carries: [gps]}
          c: {kind: collect, from: [users], to: app, carries: [gps], for: [{purpose: ads, reading: true}]}
        """
    )

    answer = world.ask(who_receives, "gps")

    assert _sure(answer) == ([], ["broker", "jpush"])
    assert {reason.text.en for row in answer.rows for reason in row.reasons} == {
        "this is our reading: no clause says it"
    }
    assert _sure(world.ask(why, "gps")) == (["-"], ["ads"])
    assert {end.key for row in world.ask(where_from, "gps").rows for end in row.readings("FOR")} == {"ads"}


@pytest.mark.parametrize(
    ("scope", "says"),
    [
        (Scope(kinds=("authority",)), "Without the filters there is one: left out by --kind."),
        (Scope(kinds=("authority",), purposes=("push",)), "Without the filters there is one: left out by --kind."),
        (Scope(status=("proposed",)), "One is registered, but is not in force on the day asked about"),
    ],
    ids=str,
)
def test_an_empty_answer_says_why(scope: Scope, says: str, world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: jpush, carries: [gps]}")

    assert says in world.ask(who_receives, "gps", scope=scope).summary.text.en


def test_an_empty_answer_names_kinds_near_the_one_asked_for(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: jpush, carries: [network-address]}")

    text = world.ask(who_receives, "profile").summary.text

    assert text.en == "Nobody is registered as receiving profile. Kinds near it that are registered: network-address."
