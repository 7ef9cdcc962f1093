"""The JSON Schema of manifests (draft 2020-12), derived from the declared graph, for completion in editors."""

from __future__ import annotations

from registry.model.declaration import EdgeType, Kind, NodeType, Property
from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import Json
from registry.model.values import LONGEST_KEY, LONGEST_TEXT

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REFERENCE: dict[str, Json] = {"$ref": "#/$defs/reference"}
_TEXT: dict[str, Json] = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}


def manifest_schema() -> dict[str, Json]:
    """The schema of one manifest: sections, properties, closed sets and edges, with the docstrings as descriptions."""
    sections: dict[str, Json] = {node.section: _section(node) for node in GRAPH.node_types}
    return {
        "$schema": DIALECT,
        "title": "Manifest of the personal-information registry",
        "description": "Declares part of the registry. Sections map keys to what they are.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {"defaults": _defaults(), **sections},
        "$defs": {
            "key": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:()/-]*$", "maxLength": LONGEST_KEY},
            "reference": {
                "type": "string",
                "description": "A key, or `noun:key` where a key alone could mean several things.",
            },
            "bilingual": {
                "description": "A text in English, in Chinese or in both.",
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {"en": _TEXT, "zh": _TEXT},
            },
            **{node.noun: _node(node) for node in GRAPH.node_types},
        },
    }


def _section(node: NodeType) -> Json:
    return {
        "description": node.doc,
        "type": "object",
        "propertyNames": {"$ref": "#/$defs/key"},
        "additionalProperties": {"$ref": f"#/$defs/{node.noun}"},
    }


def _node(node: NodeType) -> Json:
    properties = GRAPH.properties(node.label)
    edges = GRAPH.edges_from(node.label)
    # What a flow does not say itself, the defaults of its file may say.
    required: list[Json] = [
        prop.name for prop in properties if prop.required and (node.label != FLOW or prop.name == "name")
    ]
    required += [edge.word for edge in edges if edge.least and node.label != FLOW]
    return {
        "description": node.doc,
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": {
            **{prop.name: _property(prop) for prop in properties},
            **{edge.word: _edge(edge, node.label) for edge in edges},
        },
    }


def _defaults() -> Json:
    properties = (prop for prop in GRAPH.properties(FLOW) if prop.name != "name")
    return {
        "description": "Values for each flow of this file that does not give that word itself.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{prop.name: _property(prop) for prop in properties},
            **{edge.word: _edge(edge, FLOW) for edge in GRAPH.edges_from(FLOW)},
        },
    }


def _property(prop: Property) -> dict[str, Json]:
    described: dict[str, Json] = {"description": prop.doc, **_kind(prop)}
    if prop.default is not None:
        described["default"] = prop.default
    return described


def _kind(prop: Property) -> dict[str, Json]:
    values: list[Json] = [*prop.values]
    match prop.kind:
        case Kind.TEXT:
            return {**_TEXT}
        case Kind.BILINGUAL:
            return {"$ref": "#/$defs/bilingual"}
        case Kind.CHOICE:
            return {"enum": values}
        case Kind.FLAG:
            return {"type": "boolean"}
        case Kind.NUMBER:
            return {"type": "integer", "minimum": 0}
        case Kind.DATE:
            return {"type": "string", "format": "date"}
        case Kind.PERIOD:
            return {"type": "string", "format": "duration"}
        case Kind.URL:
            return {"type": "string", "format": "uri", "pattern": "^https?://"}
        case Kind.TEXTS:
            return {"type": "array", "items": {**_TEXT}}
        case Kind.CHOICES:
            return {"type": "array", "items": {"enum": values}}
        case Kind.CLAUSES:
            return {"oneOf": [_REFERENCE, {"type": "array", "items": _REFERENCE}]}


def _edge(edge: EdgeType, source: str) -> Json:
    nouns = [GRAPH.node(label).noun for label in edge.targets(source)]
    item: Json = {"anyOf": [_REFERENCE, *(_said(edge, noun) for noun in nouns)]}
    leads = " or ".join(noun.replace("_", " ") for noun in nouns)
    return {
        "description": f"{edge.doc} Leads to a {leads}.",
        "anyOf": [_REFERENCE, *(_said(edge, noun) for noun in nouns), {"type": "array", "minItems": 1, "items": item}],
    }


def _said(edge: EdgeType, noun: str) -> Json:
    """An edge written as a mapping: the target under its noun, and what the edge itself says."""
    return {
        "type": "object",
        "required": [noun],
        "additionalProperties": False,
        "properties": {noun: _REFERENCE, **{prop.name: _property(prop) for prop in edge.properties}},
    }
