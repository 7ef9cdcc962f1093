"""The questions asked of the registry of a real privacy policy, as a data protection officer asks them."""

from __future__ import annotations

from collections import defaultdict

import pytest

from registry.lineage import (
    Answer,
    Certainty,
    Scope,
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
from registry.model.graph import CATEGORY, CLAUSE, FLOW, PERMISSION, PRODUCT, RIGHT, SYSTEM
from registry.model.snapshot import Edge, NodeId
from registry.stores.port import Direction, Step
from tests.registries import Registry, ends


def clauses(answer: Answer, end: str) -> set[str]:
    """The numbers of the clauses behind one row."""
    (row,) = [row for row in answer.rows if row.end and row.end.key == end]
    return {answer.node(clause).word("number") or "" for clause in row.ends("STATED_IN")}


def reasons(answer: Answer, end: str) -> set[str]:
    (row,) = [row for row in answer.rows if row.end and row.end.key == end]
    return {reason.text.en for reason in row.reasons}


@pytest.mark.parametrize("name", ["location", "位置信息", "Location", "location information"])
def test_who_receives_location_and_why(policy: Registry, name: str) -> None:
    answer = policy.ask(who_receives, name)

    assert ends(answer, Certainty.CERTAIN) == ["device-location-services"]
    assert "6(2)(4)" in clauses(answer, "device-location-services")


def test_those_who_get_device_information_possibly_get_location_by_the_clause_that_counts_it_there(
    policy: Registry,
) -> None:
    answer = policy.ask(who_receives, "location")

    assert {"affiliates", "data-service-partners"} <= set(ends(answer, Certainty.POSSIBLE))
    assert "Device information may include Location (clause 1(2)3(2))" in reasons(answer, "affiliates")
    assert "Log information may include IP address (clause 1(2)3(1))" in reasons(answer, "data-service-partners")


def test_who_gets_only_personal_information_is_possible_and_vague(policy: Registry) -> None:
    vague = [row.end.key for row in policy.ask(who_receives, "location").rows if row.catch_all and row.end]

    assert {"authorities", "research-recipients", "push-providers"} & set(vague)


def test_affiliates_are_told_apart_from_third_parties(policy: Registry) -> None:
    answer = policy.ask(who_receives, "account", scope=Scope(outside="group"))

    assert "affiliates" not in ends(answer)


def test_logistics_companies_receive_order_information(policy: Registry) -> None:
    answer = policy.ask(what_receives, "物流服务商")

    assert "order-information" in ends(answer, Certainty.CERTAIN)


def test_affiliates_can_identify_people_by_combining_device_information_with_other_data(policy: Registry) -> None:
    answer = policy.ask(combinations)

    assert "affiliates" in ends(answer, Certainty.CERTAIN)
    assert "data-service-partners" in ends(answer, Certainty.POSSIBLE)


@pytest.mark.parametrize(
    "permission", ["android:camera", "相机", "camera", "android.permission.CAMERA", "NSCameraUsageDescription"]
)
def test_revoking_the_camera_stops_what_the_policy_says_it_is_for(policy: Registry, permission: str) -> None:
    answer = policy.ask(if_revoked, permission)

    stopped = {flow.id.key for row in answer.rows for flow in row.flows if row.certainty is Certainty.CERTAIN}
    assert {"camera-avatar", "camera-login", "camera-payment", "camera-coursework"} <= stopped


def test_a_closed_permission_ends_all_that_it_opens_and_leaves_no_other_way_to_it(policy: Registry) -> None:
    answer = policy.ask(if_revoked, "location")

    stopped = {flow.id.key for row in answer.rows for flow in row.flows if row.certainty is Certainty.CERTAIN}
    still = {flow.key for flow in answer.related["still_carried"]}
    assert {"location-based-display", "device-location-collection", "device-network-location-collection"} <= stopped
    assert still == {
        "device-bluetooth-collection",  # Bluetooth has a permission of its own
        "device-information-collection",  # by the IP address
        "log-information-collection",
        "sensitive-information-collection",
    }


def test_each_item_of_device_information_needs_the_permission_that_a_clause_names_for_it(policy: Registry) -> None:
    with policy.store.reading() as reader:
        edges = [edge for edge in reader.edges(["REQUIRES"], None, Direction.OUT) if edge.source.key in _DEVICE]

    said = {(edge.source.key, edge.target.key) for edge in edges if not edge.properties.get("reading")}
    assert said == {
        ("device-information-collection", "device-information-permission"),
        ("device-application-list-collection", "device-information-permission"),
        ("device-application-list-collection", "application-list-permission"),
        ("device-location-collection", "location-permission"),
        ("device-network-location-collection", "base-station-wifi-permission"),
    }
    assert all(edge.properties.get("stated_in") for edge in edges)


_DEVICE = (
    "device-information-collection",
    "device-application-list-collection",
    "device-location-collection",
    "device-network-location-collection",
    "device-bluetooth-collection",
)


@pytest.mark.parametrize("permission", ["storage-permission", "bluetooth-permission", "microphone-permission"])
def test_a_permission_that_no_clause_names_for_a_flow_is_a_reading(policy: Registry, permission: str) -> None:
    with policy.store.reading() as reader:
        edges = reader.edges(["REQUIRES"], [NodeId(PERMISSION, permission)], Direction.IN)

    readings = {edge.source.key for edge in edges if edge.properties.get("reading")}
    assert (
        readings
        == {
            "storage-permission": {"video-cache-offline", "video-cache-shared-login", "video-cache-smooth-playback"},
            "bluetooth-permission": {"device-bluetooth-collection"},
            "microphone-permission": {"voice-live-interaction", "voice-replies", "voice-spoken-practice"},
        }[permission]
    )


def test_the_album_goes_on_when_the_camera_is_revoked(policy: Registry) -> None:
    answer = policy.ask(if_revoked, "camera")

    goes_on = {flow for row in answer.rows for flow in row.related["goes_on"]}
    assert NodeId(FLOW, "album-avatar") in goes_on


def test_third_parties_get_device_and_log_information_without_the_location_permission(policy: Registry) -> None:
    stopped = {flow.id.key for row in policy.ask(if_revoked, "location").rows for flow in row.flows}
    received = ends(policy.ask(what_receives, "device-location-services"), Certainty.CERTAIN)

    assert "device-location-services-collection" in stopped
    assert "device-and-log-services-collection" not in stopped
    assert {"location", "device-information", "log-information"} <= set(received)


def test_each_exception_to_consent_has_its_own_purpose_and_recipient_for_sharing_transfer_and_disclosure(
    policy: Registry,
) -> None:
    with policy.store.reading() as reader:
        edges = list(reader.edges(["UNDER", "FOR", "TO"], None, Direction.OUT))

    def found(name: str, flows: set[str]) -> set[str]:
        return {edge.target.key for edge in edges if edge.name == name and edge.source.key in flows}

    flows = {e.source.key for e in edges if e.name == "UNDER" and e.target.key == "icourse163.sharing-exception.4"}
    assert flows == {f"exempt-{way}-criminal-proceedings" for way in ("sharing", "transfer", "disclosure")}
    assert found("UNDER", flows) == {"icourse163.sharing-exception.4"}
    assert found("FOR", flows) == {"law-enforcement-response"}
    assert found("TO", flows) == {"authorities", "public"}


def test_each_measure_that_protects_the_data_store_is_stated_by_a_clause(policy: Registry) -> None:
    with policy.store.reading() as reader:
        edges = reader.edges(["PROTECTED_BY"], [NodeId("System", "icourse163-data-store")], Direction.OUT)
        stated = {edge.target.key: edge.properties.get("stated_in") for edge in edges}

    assert stated["security-training"] == ("icourse163:4(3)2(3)",)
    assert [key for key, by in stated.items() if not by] == []


def test_consent_can_be_withdrawn_to_all_that_the_product_does_with_consent_or_names_no_ground_for(
    policy: Registry,
) -> None:
    with policy.store.reading() as reader:
        flows = {flow.id.key: flow for flow in reader.nodes(FLOW)}
        edges = list(reader.edges(["CONTROLLED_BY", "FROM", "TO"], None, Direction.OUT))
    controlled = {edge.source.key for edge in edges if edge.target.key == "consent-withdrawal"}
    own = {edge.source.key for edge in edges if edge.target.label in (PRODUCT, SYSTEM)}

    consented = {key for key in own if flows[key].word("consent") in ("general", "explicit", None)}
    assert consented - controlled == {
        "cookies-aggregated-to-advertisers",  # points to nobody
        "disclosure-required-by-law",
        "guardian-requests",  # by somebody who is no user
        "incident-notices",
        "risk-exchange-received",
        "security-information-lawfully-shared-by-affiliates",
        "security-information-lawfully-shared-by-partners",
        "storage-abroad-by-law",
        "transaction-record-keeping",
    }
    # Entrusted third parties act for the product.
    assert controlled - consented == {"identity-information-contractor-to-agencies"}


def test_use_of_the_product_is_taken_for_consent_where_no_clause_names_a_ground_and_none_excepts_it(
    policy: Registry,
) -> None:
    with policy.store.reading() as reader:
        under = list(reader.edges(["UNDER"], None, Direction.OUT))
        kinds = {flow.id: flow.word("consent") for flow in reader.nodes(FLOW)}

    deemed = {edge.source for edge in under if edge.target.key == "icourse163.deemed-consent"}
    assert len(deemed) > 90
    assert {kinds[flow] for flow in deemed} == {None}
    assert deemed.isdisjoint(edge.source for edge in under if edge.target.key != "icourse163.deemed-consent")


@pytest.mark.parametrize("name", ["RETAINED_BY", "CONTROLLED_BY"])
def test_each_period_and_each_way_out_of_a_flow_is_stated_by_a_clause_that_speaks_of_it(
    policy: Registry, name: str
) -> None:
    with policy.store.reading() as reader:
        edges = list(reader.edges([name], None, Direction.OUT))
        stated: dict[NodeId, set[str]] = defaultdict(set)
        for edge in reader.edges(["STATED_IN"], None, Direction.OUT):
            stated[edge.source].add(edge.target.key)

    unsaid = [edge.id for edge in edges if not stated[edge.target] & {*stated[edge.source], *_clauses(edge)}]
    assert unsaid == []


def _clauses(edge: Edge) -> tuple[str, ...]:
    said = edge.properties.get("stated_in", ())
    return said if isinstance(said, tuple) else ()


def test_children_are_users_and_what_the_policy_says_of_users_may_be_about_them(policy: Registry) -> None:
    answer = policy.ask(if_erased, "personal-information", scope=Scope(subjects=("children-under-14",)))

    assert ends(answer, Certainty.CERTAIN) == ["icourse163"]
    assert {"affiliates", "authorities", "recipient:guardians", "third-party-sdks"} <= {
        end.reference if end.key == "guardians" else end.key
        for end in (row.end for row in answer.rows if row.certainty is Certainty.POSSIBLE)
        if end
    }


def test_an_account_is_cancelled_within_working_days(policy: Registry) -> None:
    with policy.store.reading() as reader:
        right = reader.get([NodeId(RIGHT, "icourse163-cancel-account")])[NodeId(RIGHT, "icourse163-cancel-account")]

    assert (right.properties["working_days"], right.word("period")) == (15, None)


def test_an_erasure_of_transaction_information_says_what_the_law_keeps(policy: Registry) -> None:
    answer = policy.ask(if_erased, "transaction information")

    assert [rule.key for rule in answer.related["kept_by"]] == ["transaction-records-3y"]
    assert "icourse163" in ends(answer)
    assert answer.related["rights"]


@pytest.mark.parametrize(
    ("rule", "widest"),
    [("transaction-records-3y", "transaction-information"), ("behaviour-logs-anonymised", "usage-records")],
)
def test_a_special_period_stands_only_on_flows_of_the_data_that_it_covers(
    policy: Registry, rule: str, widest: str
) -> None:
    with policy.store.reading() as reader:
        covered = reader.closure([NodeId(CATEGORY, widest)], [Step("BROADER", Direction.IN)])
        kept = [edge.source for edge in reader.edges(["RETAINED_BY"], None, Direction.OUT) if edge.target.key == rule]
        carried = {edge.target for edge in reader.edges(["CARRIES"], kept, Direction.OUT)}

    assert kept
    assert sorted(carried - covered.keys()) == []


def test_what_is_anonymised_or_aggregated_is_no_personal_information(policy: Registry) -> None:
    with policy.store.reading() as reader:
        personal = reader.closure([NodeId(CATEGORY, "personal-information")], [Step("BROADER", Direction.IN)])

    found = {node_id.key for node_id in personal}
    assert not found & {"anonymised-information", "aggregated-statistics", "promotion-statistics"}
    assert "de-identified-information" in found


def test_what_users_publish_is_seen_by_other_users_and_messages_by_instructors(policy: Registry) -> None:
    published = ends(policy.ask(who_receives, "published content"), Certainty.CERTAIN)

    assert published == ["other-users"]
    assert "instructors" in ends(policy.ask(who_receives, "instant messages"), Certainty.CERTAIN)


def test_a_breach_of_push_providers_names_the_duty_to_notify(policy: Registry) -> None:
    answer = policy.ask(if_breached, "push providers")

    assert "pipl.57.breach-notice" in [right.key for right in answer.related["rights"]]


def test_a_breach_of_the_data_store_touches_what_the_policy_stores_there_and_possibly_all_of_the_product(
    policy: Registry,
) -> None:
    answer = policy.ask(if_breached, "system:icourse163-data-store")

    assert ends(answer, Certainty.CERTAIN) == ["personal-information", "purchased-items", "transaction-information"]
    assert "imei" in ends(answer, Certainty.POSSIBLE)
    assert {"users", "users-under-14"} <= {subject.key for subject in answer.related["subjects"]}
    assert "icourse163-incident-notice" in [right.key for right in answer.related["rights"]]


def test_a_breach_of_the_product_touches_all_that_it_collects_and_those_who_get_it(policy: Registry) -> None:
    answer = policy.ask(if_breached, "product:icourse163")

    assert {"imei", "account-balance", "transaction-information"} <= set(ends(answer, Certainty.CERTAIN))
    assert {"affiliates", "data-service-partners"} <= {recipient.key for recipient in answer.related["onward"]}


def test_why_imei_is_held(policy: Registry) -> None:
    answer = policy.ask(why, "imei")

    found = {answer.node(clause).word("number") for row in answer.rows for clause in row.ends("STATED_IN")}
    assert "1(2)3(2)" in found
    assert ends(answer, Certainty.CERTAIN)


def test_where_the_avatar_comes_from(policy: Registry) -> None:
    answer = policy.ask(where_from, "头像")

    assert ends(answer, Certainty.CERTAIN) == ["users", "third-party-login-services"]


def test_what_only_the_tip_on_sensitive_information_names_still_comes_from_users(policy: Registry) -> None:
    answer = policy.ask(where_from, "bank account number")

    assert ends(answer, Certainty.CERTAIN) == ["users"]
    assert clauses(answer, "users") >= {"1(2)12"}


@pytest.mark.parametrize("name", ["call records", "通话记录", "communication content"])
def test_customer_service_keeps_the_records_and_the_content_of_calls(policy: Registry, name: str) -> None:
    assert "customer-service" in ends(policy.ask(why, name), Certainty.CERTAIN)


def test_the_summary_shares_and_entrusts_to_affiliates_and_service_providers_alone(policy: Registry) -> None:
    clause = NodeId(CLAUSE, "icourse163:summary(2)a")
    with policy.store.reading() as reader:
        stated = [edge.source for edge in reader.edges(["STATED_IN"], None, Direction.OUT) if edge.target == clause]
        flows = [node for node in stated if node.label == FLOW]
        recipients = {edge.target.key for edge in reader.edges(["TO"], flows, Direction.OUT)}
        measures = {edge.target.key for edge in reader.edges(["PROTECTED_BY"], flows, Direction.OUT)}

    assert recipients == {"affiliates", "service-providers"}
    assert measures == {"necessary-technical-and-management-measures"}


def test_location_goes_from_users_through_the_product_to_data_service_partners(policy: Registry) -> None:
    answer = policy.ask(path, "users", "data-service-partners", data="device information")

    assert answer.rows[0].degree == 2
    assert answer.complete


def test_no_question_about_any_category_fails_and_every_answer_is_complete(policy: Registry) -> None:
    with policy.store.reading() as reader:
        categories = [node.id for node in reader.nodes("DataCategory")][::12]
        answers = [
            ask(reader, category.reference)
            for category in categories
            for ask in (who_receives, why, where_from, if_erased)
        ]

    assert all(answer.complete and len(answer.rows) == answer.total for answer in answers)
