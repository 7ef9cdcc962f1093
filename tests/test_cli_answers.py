"""An answer says the same as a table, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from registry.stores import open_store
from tests.command_line import run
from tests.lineage.conftest import WORLD
from tests.registries import Registry
from tests.stores.conftest import LASTING, place

FLOWS = """
    flows:
      in: {kind: collect, from: users, to: archive, carries: [gps], requires: [camera], part_of: [pushing]}
      kept: {kind: collect, from: users, to: app, carries: [log-information], part_of: [pushing]}
      out: {kind: provide, from: app, to: [broker, jpush], carries: [device-information, log-information]}
      late: {kind: provide, from: archive, to: broker, carries: [gps]}
      young: {kind: provide, from: app, to: jpush, carries: [profile], about: [children]}
      shared: {kind: provide, from: app, to: [sibling, jpush], carries: [gps]}
    systems:
      archive: {part_of: [app]}
"""


@pytest.fixture(params=LASTING)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with place(request.param, tmp_path) as url:
        with closing(open_store(url)) as opened:
            registry = Registry(opened)
            registry.register(WORLD)
            registry.register(FLOWS)
        yield url


def _csv(store: str, *asked: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(run(store, *asked, "--format", "csv").out))]


def _json(store: str, *asked: str) -> Any:
    return json.loads(run(store, *asked, "--format", "json").out)


ASKED = [
    ("who-receives", "gps"),
    ("who-receives", "location", "--outside", "cn"),
    ("who-receives", "gps", "--outside", "group"),
    ("what-receives", "broker", "--outside", "us"),
    ("why", "location", "--outside", "cn"),
    ("if-erased", "gps", "--outside", "cn"),
    ("if-revoked", "android.CAMERA"),
    ("path", "users", "broker"),
    ("combinations", "--outside", "cn"),
]


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_csv_and_json_are_as_sure_of_each_row_and_flow(asked: tuple[str, ...], store: str) -> None:
    rows = [
        (row["end"] and row["end"]["key"], row["certainty"], flow.get("key", ""), flow.get("certainty", ""))
        for row in _json(store, *asked)["rows"]
        for flow in [*row["flows"], *row["less_sure"]] or [{"certainty": row["certainty"]}]
    ]

    assert rows
    assert rows == [
        (line["end"] or None, line["row_certainty"], line["flow"], line["certainty"]) for line in _csv(store, *asked)
    ]


@pytest.mark.parametrize("asked", [one for one in ASKED if one[0] != "path"], ids=" ".join)
def test_a_row_is_as_sure_as_its_own_flows(asked: tuple[str, ...], store: str) -> None:
    for row in _json(store, *asked)["rows"]:
        assert {flow["certainty"] for flow in row["flows"]} <= {row["certainty"]}


def test_csv_says_what_is_combined_and_whom_to_tell(store: str) -> None:
    combined = {line["end"]: line["combines"] for line in _csv(store, "combinations")}
    (stopped,) = _csv(store, "if-revoked", "camera")

    assert combined["broker"] == "device-information + log-information (certain: p:1)"
    assert (stopped["flow"], stopped["goes_on"]) == ("in", "kept")


def test_data_about_children_is_marked_in_the_table(store: str) -> None:
    out = run(store, "what-receives", "jpush").out

    assert "● profile" in out
    assert [line["sensitive"] for line in _csv(store, "what-receives", "jpush") if line["end"] == "profile"] == ["high"]


def test_a_way_is_drawn_through_a_system_and_its_product(store: str) -> None:
    out = run(store, "path", "users", "broker", "--details").out

    assert "users → archive: in" in out
    assert "archive → app: system and product" in out
    assert "app → broker: out" in out


def test_flows_that_go_out_of_the_group_are_listed_though_they_go_inside_as_well(store: str) -> None:
    found = _json(store, "flow", "list", "--outside", "group")["flows"]

    assert [flow["key"] for flow in found] == ["late", "out", "shared", "young"]
