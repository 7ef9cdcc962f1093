"""The whole register as JSON: every flow and every node is there, names resolved, and memory stays flat."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from registry.exports import PAGE, write_json
from registry.model.graph import FLOW, GRAPH
from registry.stores.memory import MemoryStore
from registry.stores.port import Store
from tests.manifest_files import contents, register
from tests.registries import load_demo
from tests.stores.conftest import ADAPTERS, EVERY_STORE, shared

Export = dict[str, list[dict[str, Any]]]

MANIFEST = """
    flows:
      f:
        name: {en: A "flow"\\u2028, zh: 流转</script>}
        kind: entrust
        status: proposed
        scenario: {en: When, zh: 时}
        automated_decision: false
        effective_from: 2026-05-01
        carries: [gps, {category: imei, required: false, stated_in: c}]
        from: [product:app, system:app]
        to: [jpush, getui]
        for: push
        part_of: messages
        via: automatic
        requires: {permission: camera, timing: {en: first, zh: 首次}, prompted: true}
        under: {legal_basis: consent, stated_in: c}
        retained_by: year
        controlled_by: switch
        about: users
        stated_in: c
        stored_in: cn
        protected_by: tls
      g: {NAME, kind: derive, carries: gps, derives: imei, from: system:app, to: system:app}
    categories:
      location: {NAME, has_sensitivity: high}
      gps: {NAME, broader: location, aliases: [GPS, 定位]}
      imei: {NAME}
    sensitivity_levels: {high: {NAME, scheme: s, rank: 2}}
    recipients:
      jpush: {NAME, kind: sdk, platforms: [ios], operated_by: [{organization: o, stated_in: c}, p], requests: camera}
      getui: {NAME, kind: partner, bundles: jpush}
    organizations: {o: {NAME}, p: {NAME, located_in: cn}}
    products: {app: {NAME}}
    systems: {app: {NAME}}
    purposes: {push: {NAME}}
    activities: {messages: {NAME, part_of: app}}
    channels: {automatic: {NAME}}
    permissions: {camera: {NAME, platform: ios}}
    legal_bases: {consent: {NAME, regime: PIPL, article: "13"}}
    retention_rules: {year: {NAME, period: P1Y}}
    controls: {switch: {NAME, route: {en: Settings, zh: 设置}}}
    subjects: {users: {NAME}}
    jurisdictions: {cn: {NAME}}
    security_measures: {tls: {NAME}}
    clauses: {c: {NAME, document: d, number: "1", combines: [gps, imei]}}
    rights: {erase: {NAME, kind: delete, applies_to: [gps, messages]}}
""".replace("NAME", "name: {en: x, zh: y}").replace('A "flow"\\u2028', '"A \\"flow\\"\\u2028x"')
NAME = {"en": "x", "zh": "y"}


@pytest.fixture(params=EVERY_STORE)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    make: Callable[[Path], Store] = ADAPTERS[request.param]
    with closing(make(tmp_path)) as opened:
        yield opened


@pytest.fixture(params=EVERY_STORE)
def policy(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The registry of the real policy. It is shared: tests only ask."""
    with shared(request.param, "policy", load_demo) as found:
        yield found


def text(store: Store) -> str:
    out = io.StringIO()
    with store.reading() as reader:
        write_json(reader, out)
    return out.getvalue()


def exported(store: Store) -> Export:
    found: Export = json.loads(text(store))
    return found


def test_every_store_exports_the_policy_in_the_same_bytes(policy: Store) -> None:
    with shared("memory", "policy", load_demo) as memory:
        assert text(policy) == text(memory)


def test_a_flow_stands_with_everything_it_leads_to(store: Store, tmp_path: Path) -> None:
    register(store, tmp_path, MANIFEST)

    flow = exported(store)["flows"][0]

    clause = {"key": "c", "type": "clause", "name": NAME, "document": "d", "number": "1"}
    app = {"key": "app", "name": NAME}
    gps = {"key": "gps", "type": "category", "name": NAME, "sensitivity": ["high"]}
    o, p = ({"key": key, "type": "organization", "name": NAME} for key in "op")
    jpush = {"key": "jpush", "type": "recipient", "name": NAME, "kind": "sdk", "named": True}
    getui = {**jpush, "key": "getui", "kind": "partner"}
    assert flow == {
        "key": "f",
        "name": {"en": 'A "flow"\u2028x', "zh": "流转</script>"},
        "kind": "entrust",
        "status": "proposed",
        "scenario": {"en": "When", "zh": "时"},
        "automated_decision": False,
        "effective_from": "2026-05-01",
        "activity": {"key": "messages", "type": "activity", "name": NAME},
        "from": [{**app, "type": "product"}, {**app, "type": "system"}],
        "to": [getui, jpush],
        "recipient": [
            {**getui, "organization": None, "organizations": []},
            {**jpush, "organization": o, "organizations": [o, p]},
        ],
        "categories": [
            gps,
            {
                "key": "imei",
                "type": "category",
                "name": NAME,
                "sensitivity": [],
                "required": False,
                "stated_in": ["c"],
            },
        ],
        "purposes": [{"key": "push", "type": "purpose", "name": NAME}],
        "channels": [{"key": "automatic", "type": "channel", "name": NAME}],
        "permissions": [
            {
                "key": "camera",
                "type": "permission",
                "name": NAME,
                "platform": "ios",
                "timing": {"en": "first", "zh": "首次"},
                "prompted": True,
            }
        ],
        "legal_bases": [
            {
                "key": "consent",
                "type": "legal_basis",
                "name": NAME,
                "regime": "PIPL",
                "article": "13",
                "stated_in": ["c"],
            }
        ],
        "retention": [{"key": "year", "type": "retention_rule", "name": NAME, "period": "P1Y"}],
        "controls": [
            {"key": "switch", "type": "control", "name": NAME, "route": {"en": "Settings", "zh": "设置"}},
        ],
        "subjects": [{"key": "users", "type": "subject", "name": NAME}],
        "clauses": [clause],
        "derives": [],
        "stored_in": [{"key": "cn", "type": "jurisdiction", "name": NAME}],
        "protected_by": [{"key": "tls", "type": "security_measure", "name": NAME}],
    }


def test_what_is_one_stands_alone_and_what_is_none_is_null(store: Store, tmp_path: Path) -> None:
    register(store, tmp_path, MANIFEST)

    _, flow = exported(store)["flows"]

    system = {"key": "app", "type": "system", "name": NAME}
    assert (flow["from"], flow["to"], flow["recipient"], flow["activity"]) == (system, system, None, None)
    assert flow["scenario"] is None
    assert [one["key"] for one in flow["derives"]] == ["imei"]


def test_every_other_node_stands_with_where_its_edges_lead(store: Store, tmp_path: Path) -> None:
    register(store, tmp_path, MANIFEST)

    found = exported(store)

    assert found["recipients"][1] == {
        "key": "jpush",
        "name": NAME,
        "kind": "sdk",
        "named": True,
        "platforms": ["ios"],
        "operated_by": [
            {"key": "o", "type": "organization", "name": NAME, "stated_in": ["c"]},
            {"key": "p", "type": "organization", "name": NAME},
        ],
        "requests": [{"key": "camera", "type": "permission", "name": NAME, "platform": "ios"}],
    }
    assert [one["key"] for one in found["rights"][0]["applies_to"]] == ["gps", "messages"]


def test_an_empty_registry_has_every_section(store: Store) -> None:
    assert exported(store) == {node.section: [] for node in GRAPH.node_types}


def test_every_node_and_edge_of_the_policy_is_there_once(policy: Store) -> None:
    _, nodes, edges = contents(policy)
    labels = {node.id.label for node in nodes}

    found = exported(policy)

    sections = {node.section: node.label for node in GRAPH.node_types}
    keys = [(sections[section], one["key"]) for section, ones in found.items() for one in ones]
    assert sorted(keys) == sorted(node.id for node in nodes)
    assert labels <= set(sections.values())
    named = Counter(
        (sections[section], one["key"], value["key"])
        for section, ones in found.items()
        for one in ones
        for word, values in one.items()
        if word != "recipient"
        for value in (values if isinstance(values, list) else [values])
        if isinstance(value, dict) and "key" in value
    )
    assert named == Counter((edge.source.label, edge.source.key, edge.target.key) for edge in edges)


class Watched(io.StringIO):
    """Remembers the largest piece that was written at once."""

    largest = 0

    def write(self, text: str) -> int:
        self.largest = max(self.largest, len(text))
        return super().write(text)


def test_flows_are_written_one_by_one_and_read_page_by_page(tmp_path: Path) -> None:
    count = 2 * PAGE + 1
    flows = "".join(f"  f{number:05}: {{name: {{en: a, zh: b}}}}\n" for number in range(count))
    with closing(MemoryStore()) as store:
        register(store, tmp_path, MANIFEST)
        (tmp_path / "flows.yaml").write_text(
            "defaults: {kind: use, carries: gps, from: product:app, to: jpush}\nflows:\n" + flows
        )
        register(store, tmp_path, (tmp_path / "flows.yaml").read_text())
        out = Watched()
        with store.reading() as reader:
            write_json(reader, out)

    found = json.loads(out.getvalue())
    assert [one["key"] for one in found["flows"]] == ["f", *(f"f{number:05}" for number in range(count)), "g"]
    assert out.largest < 5_000


def test_an_export_that_cannot_be_written_stops(tmp_path: Path) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    with closing(MemoryStore()) as store:
        register(store, tmp_path, MANIFEST)
        with store.reading() as reader, pytest.raises(OSError, match="No space left"):
            write_json(reader, Full())


def test_flows_come_first(store: Store) -> None:
    assert next(iter(exported(store))) == GRAPH.node(FLOW).section
