"""What derives from the declared graph says the same as the graph."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from registry.model.declaration import Choice, EdgeType, Graph, Kind, NodeType, Property
from registry.model.graph import GRAPH
from registry.model.json_schema import manifest_schema
from registry.model.snapshot import Json
from registry.seeding import DEMO, EXAMPLE, VOCABULARY, seeds
from registry_cli.generate import GENERATED

ROOT = Path(__file__).parents[1]
MANIFESTS = [path for name in (VOCABULARY, DEMO, EXAMPLE) for path in sorted(seeds(name).glob("*.yaml"))]


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(manifest_schema())
    return jsonschema.Draft202012Validator(manifest_schema())


@pytest.mark.parametrize("name", GENERATED)
def test_no_generated_file_is_stale(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == GENERATED[name]()


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_every_manifest_of_the_registry_fits_the_schema(path: Path, schema: jsonschema.Draft202012Validator) -> None:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)

    assert [error.message for error in schema.iter_errors(document)] == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"flow": {}},
        {"flows": {"a": {"kind": "collect"}}},
        {"flows": {"a": {"name": {}}}},
        {"flows": {"a": {"name": {"en": "A", "fr": "A"}}}},
        {"flows": {"a": {"name": {"en": "A", "zh": "甲"}, "kind": "collct"}}},
        {"flows": {"a": {"name": {"en": "A", "zh": "甲"}, "carries": []}}},
        {"flows": {"a": {"name": {"en": "A", "zh": "甲"}, "carries": [{"purpose": "x"}]}}},
        {"flows": {"a b": {"name": {"en": "A", "zh": "甲"}}}},
        {"retention_rules": {"a": {"name": {"en": "A", "zh": "甲"}, "at_least": "yes"}}},
        {"controls": {"a": {"name": {"en": "A", "zh": "甲"}}}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(document: Json, schema: jsonschema.Draft202012Validator) -> None:
    assert not schema.is_valid(document)


@pytest.mark.parametrize("name", [{"en": "A"}, {"zh": "甲"}, {"en": "A", "zh": "甲"}])
def test_the_schema_takes_a_text_in_one_language_or_both(name: Json, schema: jsonschema.Draft202012Validator) -> None:
    assert schema.is_valid({"categories": {"a": {"name": name}}})


def test_the_schema_describes_every_word_of_the_graph() -> None:
    text = json.dumps(manifest_schema(), ensure_ascii=False)

    for node in GRAPH.node_types:
        assert f'"{node.section}"' in text
        for edge in GRAPH.edges_from(node.label):
            assert f'"{edge.word}"' in text


def test_a_wrong_declaration_cannot_be_imported() -> None:
    node = NodeType("A", "as", "a", "", "", "")
    with pytest.raises(ValueError, match="not declared"):
        Graph((), (node,), (EdgeType("LEADS", (("A", "B"),), "", "", "", ""),))
    with pytest.raises(ValueError, match="declared twice"):
        Graph((), (node, node), ())
    with pytest.raises(ValueError, match="closed set"):
        Property("kind", Kind.CHOICE, "", "", "")
    with pytest.raises(ValueError, match="not among"):
        Property("kind", Kind.CHOICE, "", "", "", choices=(Choice("x", "", ""),), default="y")
