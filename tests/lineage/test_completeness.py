"""Nothing that may bear on a question is left out without a word, and nothing is claimed that is not so."""

from __future__ import annotations

from typing import Any

import pytest

from registry.errors import Refused
from registry.lineage import (
    Answer,
    Certainty,
    combinations,
    if_breached,
    if_erased,
    if_revoked,
    path,
    what_receives,
    where_from,
    who_receives,
)
from registry.lineage.serialization import as_json
from tests.registries import Registry, ends

_DERIVED = """
    categories:
      dossier: {}
      inferences: {broader: [personal-information]}
      profile: {broader: [inferences]}
      ad-profile: {broader: [profile]}
    flows:
      make: {kind: derive, from: app, to: app, carries: [gps], derives: [profile]}
"""


@pytest.mark.parametrize(
    ("carried", "because"),
    [
        ("inferences", "inferences is broader than profile, which is derived from location"),
        ("ad-profile", "ad-profile is a kind of profile, which is derived from location"),
        ("dossier", "dossier may include profile (clause 9), which is derived from location"),
    ],
)
def test_what_may_be_or_include_what_was_derived_is_possible(world: Registry, carried: str, because: str) -> None:
    world.register(f"{_DERIVED}      sell: {{kind: provide, from: app, to: broker, carries: [{carried}]}}\n")
    world.register(
        """
        clauses:
          p:9: {document: p, number: "9", defines: [dossier], includes: [profile]}
        """
    )

    (row,) = world.ask(who_receives, "location").rows

    assert (row.end and row.end.key, row.certainty) == ("broker", Certainty.POSSIBLE)
    assert because in [reason.text.en for reason in row.reasons]


def test_what_is_derived_from_something_that_may_include_the_derived_is_possible(world: Registry) -> None:
    world.register(
        _DERIVED
        + """
      remake: {kind: derive, from: app, to: app, carries: [inferences], derives: [statistics]}
      sell: {kind: provide, from: app, to: broker, carries: [statistics]}
    """
    )

    assert ends(world.ask(who_receives, "gps"), Certainty.POSSIBLE) == ["broker"]


def test_what_people_give_is_only_possibly_what_was_made_for_them(world: Registry) -> None:
    world.register(
        """
        flows:
          make: {kind: derive, from: app, to: [app, users], carries: [gps], derives: [profile]}
          sell: {kind: provide, from: app, to: jpush, carries: [profile]}
          give: {kind: provide, from: users, to: broker, carries: [profile]}
        """
    )

    answer = world.ask(who_receives, "gps")

    assert (ends(answer, Certainty.DERIVED), ends(answer, Certainty.POSSIBLE)) == (["jpush"], ["broker"])


def test_where_data_comes_from_is_not_where_what_is_made_of_it_comes_from(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: collect, from: users, to: app, carries: [gps]}
          make: {kind: derive, from: app, to: app, carries: [gps], derives: [profile]}
          b: {kind: receive, from: broker, to: app, carries: [profile]}
        """
    )

    assert ends(world.ask(where_from, "gps")) == ["users"]


def test_a_flow_that_derives_something_broader_may_be_where_data_comes_from(world: Registry) -> None:
    world.register("flows:\n  make: {kind: derive, from: app, to: app, carries: [profile], derives: [location]}")

    answer = world.ask(where_from, "gps")

    assert ends(answer, Certainty.POSSIBLE) == ["app"]
    assert [reason.text.en for reason in answer.rows[0].reasons] == ["location is broader than gps"]


def test_sensitive_data_is_marked_wherever_it_is_named(world: Registry) -> None:
    world.register(
        """
        clauses:
          p:5: {document: p, number: "5", combines: [gps, log-information], defines: [log-information], includes: [gps]}
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps, log-information]}
          b: {kind: provide, from: app, to: jpush, carries: [log-information]}
        """
    )

    combined = world.ask(combinations)
    counted = world.ask(what_receives, "jpush")

    assert {node.key for node in combined.sensitive} == {"gps"}
    assert "gps" in {node.key for node in counted.sensitive}


def test_all_data_about_a_sensitive_group_is_marked(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: broker, carries: [profile], about: [children]}")

    found: Any = as_json(world.ask(who_receives, "profile"))

    (row,) = found["rows"]
    assert [node["sensitivity"] for node in (*row["matched"], *row["carries"], *row["about"])] == [["high"]] * 3


@pytest.mark.parametrize("question", [what_receives, if_breached])
def test_deidentified_data_is_marked_in_every_question(world: Registry, question: object) -> None:
    world.register("flows:\n  a: {kind: provide, protection: de-identified, from: app, to: broker, carries: [gps]}")

    (row,) = world.ask(question, "broker").rows  # type: ignore[arg-type]

    assert [mark.en for mark in row.flows[0].marks] == ["de-identified"]


def test_what_goes_to_one_that_brings_along_a_kind_of_recipient_possibly_goes_to_that_kind(world: Registry) -> None:
    world.register(
        """
        recipients:
          wrapper: {kind: sdk, bundles: [jpush]}
        flows:
          a: {kind: entrust, from: app, to: wrapper, carries: [gps]}
        """
    )

    assert ends(world.ask(what_receives, "pushers"), Certainty.POSSIBLE) == ["gps"]


def test_an_organisation_combines_what_its_recipients_get_apart(world: Registry) -> None:
    world.register(
        """
        recipients:
          other-sdk: {kind: sdk, operated_by: [foreign]}
        flows:
          a: {kind: provide, from: app, to: jpush, carries: [device-information]}
          b: {kind: provide, from: app, to: other-sdk, carries: [log-information]}
        """
    )

    assert world.ask(what_receives, "jpush").notes == ()
    assert [note.en for note in world.ask(what_receives, "foreign").notes] == [
        "it holds device-information and log-information: together they identify a person (clause 1)"
    ]


def test_what_possibly_goes_to_a_recipient_is_possibly_combined(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: jpush, carries: [device-information]}
          b: {kind: provide, from: app, to: pushers, carries: [log-information]}
        """
    )

    assert [note.en for note in world.ask(what_receives, "jpush").notes] == [
        "it may hold device-information and log-information: together they identify a person (clause 1)"
    ]


def test_what_a_clause_counts_under_a_term_may_be_combined_where_the_term_is(world: Registry) -> None:
    world.register(
        """
        categories:
          usage: {}
        clauses:
          p:8: {document: p, number: "8", defines: [usage], includes: [log-information]}
        flows:
          a: {kind: provide, from: app, to: broker, carries: [device-information, usage]}
        """
    )

    assert ends(world.ask(combinations), Certainty.POSSIBLE) == ["broker"]


def test_a_permission_further_down_of_the_same_platform_gives_it_too(world: Registry) -> None:
    world.register(
        """
        permissions:
          rough: {broader: [place]}
          android.COARSE: {platform: android, broader: [rough]}
        flows:
          map: {kind: collect, from: users, to: app, carries: [gps], requires: [place], part_of: [pushing]}
        """
    )

    assert ends(world.ask(if_revoked, "android.FINE"), Certainty.CERTAIN) == []
    assert ends(world.ask(if_revoked, "android.FINE"), Certainty.POSSIBLE) == ["pushing"]


def test_the_only_permission_of_a_platform_is_alone_however_far_down(world: Registry) -> None:
    world.register(
        """
        permissions:
          lens: {broader: [camera]}
          android.CAMERA: {platform: android, broader: [lens]}
        flows:
          photo: {kind: collect, from: users, to: app, carries: [profile], requires: [camera], part_of: [pushing]}
        """
    )

    assert ends(world.ask(if_revoked, "android.CAMERA"), Certainty.CERTAIN) == ["pushing"]


def test_revoking_a_wide_permission_possibly_stops_what_its_kinds_give_otherwise(world: Registry) -> None:
    world.register(
        """
        permissions:
          shooting: {}
          android.CAMERA: {platform: android, broader: [camera, shooting]}
        flows:
          photo: {kind: collect, from: users, to: app, carries: [profile], requires: [shooting], part_of: [pushing]}
        """
    )

    assert ends(world.ask(if_revoked, "camera"), Certainty.POSSIBLE) == ["pushing"]


def _ways(answer: Answer) -> dict[str, tuple[int | None, list[str]]]:
    return {row.end.key: (row.degree, [flow.key for flow in row.path]) for row in answer.rows if row.end}


def test_a_flow_with_several_sources_is_passed_on_from_the_nearest(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps]}
          b: {kind: provide, from: broker, to: inner, carries: [gps]}
          c: {kind: provide, from: [app, inner], to: jpush, carries: [gps]}
          d: {kind: provide, from: jpush, to: sibling, carries: [gps]}
        """
    )

    found = _ways(world.ask(who_receives, "gps"))

    assert (found["jpush"], found["sibling"]) == ((1, ["c"]), (2, ["c", "d"]))


def test_people_who_get_data_over_a_recipient_are_as_far_away(world: Registry) -> None:
    world.register(
        """
        flows:
          a: {kind: provide, from: app, to: broker, carries: [gps]}
          b: {kind: provide, from: broker, to: users, carries: [gps]}
        """
    )

    found = _ways(world.ask(who_receives, "gps"))

    assert found["users"] == (2, ["a", "b"])


def test_an_erasure_names_who_may_have_it_with_those_it_reaches(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: outer, carries: [gps]}")

    assert [end.key for end in world.ask(if_erased, "gps").related["implied"]] == ["inner"]


def test_a_way_starts_and_ends_with_kinds_of_those_asked_for(world: Registry) -> None:
    world.register(
        """
        subjects:
          pupils: {broader: [users]}
        flows:
          in: {kind: collect, from: pupils, to: app, carries: [gps]}
          out: {kind: provide, from: app, to: jpush, carries: [gps]}
        """
    )

    answer = world.ask(path, "users", "pushers", data="gps")

    assert [[flow.key for flow in row.path] for row in answer.rows] == [["in", "out"]]
    assert [end.key for end in answer.rows[0].related["places"]] == ["pupils", "app", "jpush"]


def test_a_way_leads_through_a_system_and_its_product(world: Registry) -> None:
    world.register(
        """
        systems:
          archive: {part_of: [app]}
        flows:
          in: {kind: collect, from: users, to: archive, carries: [gps]}
          out: {kind: provide, from: app, to: broker, carries: [gps]}
        """
    )

    (row,) = world.ask(path, "users", "broker", data="gps").rows

    assert row.certainty is Certainty.CERTAIN
    assert [end.key for end in row.related["places"]] == ["users", "archive", "app", "broker"]


def test_a_way_from_a_product_may_go_on_from_its_system(world: Registry) -> None:
    world.register(
        """
        systems:
          archive: {part_of: [app]}
        flows:
          in: {kind: collect, from: users, to: app, carries: [gps]}
          out: {kind: provide, from: archive, to: broker, carries: [gps]}
        """
    )

    (row,) = world.ask(path, "users", "broker", data="gps").rows

    assert (row.certainty, row.degree) == (Certainty.POSSIBLE, 2)
    assert [reason.text.en for reason in row.reasons] == ["nothing says that what app holds is held by archive"]


def test_a_way_says_where_the_trace_stops(world: Registry) -> None:
    world.register(
        """
        flows:
          in: {kind: collect, from: users, to: app, carries: [gps]}
          count: {kind: derive, protection: aggregated, from: app, to: app, carries: [gps], derives: [statistics]}
          out: {kind: provide, from: app, to: broker, carries: [statistics]}
        """
    )

    answer = world.ask(path, "users", "broker", data="gps")

    assert ends(answer) == []
    assert [note.en for note in answer.notes] == ["the trace stops at “count”: statistics is aggregated"]


def test_there_is_no_way_from_a_place_to_itself(world: Registry) -> None:
    with pytest.raises(Refused):
        world.ask(path, "app", "app")


def test_sure_flows_are_shown_where_an_answer_is_cut(world: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "\n".join(
        f"          a{number:04}: {{kind: provide, from: app, to: broker, carries: [personal-information]}}"
        for number in range(5001)
    )
    world.register(f"        flows:\n{many}\n          sure: {{kind: provide, from: app, to: broker, carries: [gps]}}")

    answer = world.ask(who_receives, "gps")

    assert not answer.complete
    assert ends(answer, Certainty.CERTAIN) == ["broker"]


def test_what_is_derived_counts_for_whether_an_answer_is_whole(world: Registry) -> None:
    many = "\n".join(
        f"          a{number:04}: {{kind: derive, from: app, to: app, carries: [profile], derives: [gps]}}"
        for number in range(5001)
    )
    world.register(f"        flows:\n{many}")

    answer = world.ask(where_from, "gps")

    assert not answer.complete
    assert answer.limit is not None
    assert answer.limit.en == "cut at 5,000 flows: 1 of 1 rows"
