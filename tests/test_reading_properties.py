"""Whatever is given: reading raises nothing but problems, and holds what was declared, however it was written down."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import InvalidInput, Problem
from registry.manifests import read_bytes
from registry.model.declaration import EdgeType, Kind, Property
from registry.model.draft import Draft
from registry.model.graph import CLAUSE, FLOW, GRAPH, PRODUCT, RECIPIENT, SUBJECT, SYSTEM
from registry.model.known import Nothing
from registry.model.parsing import read
from registry.model.references import settle
from registry.model.snapshot import Edge, EdgeId, Json, Node, NodeId, Snapshot, Text, Value, normalised, to_json
from registry.model.values import key_problem
from registry.planning import apply, plan, read_manifests
from registry.stores.memory import MemoryStore
from tests.manifest_files import WORLD, contents, in_both

# Anything at all

_SCRAPS = st.sampled_from(
    [
        *GRAPH.by_section, "defaults", "name", "kind", "carries", "from", "to", "en", "zh", "aliases", "stated_in",
        "gps", "category:gps", "app", "product:app", "no", "1.0", "2026-05-01", "~", "22:30", "<<", "位置", "：", "，",
        ": ", ":", "- ", "\n", "\n  ", "\n    ", "\n\t", "{", "}", "[", "]", ", ", "? ", "'", '"', "|", ">-", "#",
        "&a ", "*a", "!!str ", "!x ", "---\n", "...\n", "%YAML 1.1\n", "\\", "\\0", "\\ud83d",
        "\r", "\r\n", "\x00", "\x1b", "\x85", "\u2028", "\ufeff", "\ufffe",
    ]
)  # fmt: skip
_TANGLES = st.lists(_SCRAPS, max_size=40).map("".join)
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), _SCRAPS, st.text(max_size=8))
_MISSHAPEN = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_SCRAPS, inner, max_size=4),
    max_leaves=25,
)


def _problems(data: bytes) -> tuple[Problem, ...]:
    """Every problem of one manifest, in a registry that holds nothing."""
    noted: list[Problem] = []
    document = read_bytes(data, "m.yaml", noted)
    draft = Draft(problems=noted)
    if document is not None:
        read(draft, document)
    try:
        settle(draft, Nothing())
    except InvalidInput as error:
        return error.problems
    return ()


def _check(data: bytes) -> None:
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").translate(dict.fromkeys(map(ord, "\r\x85\u2028\u2029"), "\n")).split("\n")
    for problem in _problems(data):
        assert in_both(problem.what)
        assert in_both(problem.hint)
        assert problem.place.file == "m.yaml"
        # The end of the text may stand after its last line.
        assert problem.place.line <= len(lines) + 1
        if problem.place.line:
            line = lines[problem.place.line - 1] if problem.place.line <= len(lines) else ""
            assert 1 <= problem.place.column <= len(line) + 1


@given(st.binary(max_size=200))
def test_any_bytes_give_problems_and_nothing_else(data: bytes) -> None:
    _check(data)


@given(st.text(max_size=200))
def test_any_text_gives_problems_and_nothing_else(text: str) -> None:
    _check(text.encode("utf-8", "surrogatepass"))


@given(_TANGLES)
def test_any_tangle_of_yaml_gives_problems_and_nothing_else(text: str) -> None:
    _check(text.encode())


@given(_MISSHAPEN)
def test_any_yaml_of_any_shape_gives_problems_and_nothing_else(value: object) -> None:
    _check(_dump(value, flow=False))


@given(st.integers(0, len(WORLD)), st.integers(0, 20), _SCRAPS)
def test_a_manifest_damaged_anywhere_gives_problems_and_nothing_else(start: int, length: int, scrap: str) -> None:
    _check((WORLD[:start] + scrap + WORLD[start + length :]).encode())


# A right document

_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn"), include_characters="\n\t"), max_size=12
)
_KEYS = (
    st.builds("{}{}".format, st.sampled_from("aA0"), st.text("aB1._:()/-", max_size=8))
    | st.sampled_from(["no", "on", "null", "010", "1.0", "22:30", "2026-05-01", "y", "1e3", "true"])
).filter(lambda key: key_problem(key) is None)
_LABELS = st.sampled_from([FLOW, *(node.label for node in GRAPH.node_types)] * 2 + [FLOW] * 8)
_DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def _dump(value: object, *, flow: bool) -> bytes:
    text = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    assert isinstance(text, str)
    return text.encode()


@st.composite
def _values(draw: st.DrawFn, prop: Property, unique: Callable[[], int]) -> Value:
    """A value as it is held; a number in each text keeps names apart."""

    def text() -> str:
        return f"{prop.name} {unique()} {draw(_TEXT)}".strip()

    match prop.kind:
        case Kind.BILINGUAL:
            given = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
            return Text(*(text() if said else "" for said in given))
        case Kind.TEXTS:
            return tuple(text() for _ in range(draw(st.integers(0, 2))))
        case Kind.CHOICE:
            return draw(st.sampled_from(prop.values))
        case Kind.CHOICES:
            return tuple(draw(st.lists(st.sampled_from(prop.values), unique=True)))
        case Kind.FLAG:
            return draw(st.booleans())
        case Kind.NUMBER:
            return draw(st.integers(0, 999_999_999))
        case Kind.DATE:
            return draw(_DAYS).isoformat()
        case Kind.PERIOD:
            return draw(st.sampled_from(["P3Y", "P6M", "P15D", "PT12H", "P1Y6M", "P2W"]))
        case Kind.URL:
            return draw(st.sampled_from(["https://example.com/a?b=c#d", "http://中文.cn/隐私", "https://[::1]:80/"]))
        case _:
            return text()


def _counter() -> Callable[[], int]:
    numbers = iter(range(10**9))
    return lambda: next(numbers)


@st.composite
def _properties(
    draw: st.DrawFn, declared: tuple[Property, ...], unique: Callable[[], int], clauses: list[NodeId]
) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for prop in declared:
        if prop.kind is Kind.CLAUSES:
            stated = draw(st.booleans())
            if clauses and stated:
                found[prop.name] = tuple(
                    key for _, key in draw(st.lists(st.sampled_from(clauses), min_size=1, unique=True))
                )
        elif prop.required or draw(st.integers(0, 3)) == 0:
            found[prop.name] = draw(_values(prop, unique))
    return found


@st.composite
def registries(draw: st.DrawFn) -> Snapshot:
    """A registry that obeys every rule of the model."""
    labels = ["DataCategory", "Recipient", CLAUSE, *draw(st.lists(_LABELS, max_size=8))]
    keys = draw(st.lists(_KEYS, min_size=len(labels), max_size=len(labels)))
    alike = {(label, normalised(key)): NodeId(label, key) for label, key in zip(labels, keys, strict=True)}
    ids = list(alike.values())
    unique = _counter()
    clauses = [one for one in ids if one.label == CLAUSE]
    nodes: dict[NodeId, Node] = {}
    edges: dict[EdgeId, Edge] = {}
    for place, one in enumerate(ids):
        nodes[one] = Node(one, draw(_properties(GRAPH.properties(one.label), unique, clauses)))
        for kind in GRAPH.edges_from(one.label):
            for target in draw(_targets(kind, one, ids, place)):
                edge = Edge(one, kind.name, target, draw(_properties(kind.properties, unique, clauses)))
                edges[edge.id] = edge
        _obey(nodes[one], edges)
    return Snapshot(nodes, edges)


@st.composite
def _targets(draw: st.DrawFn, kind: EdgeType, source: NodeId, ids: list[NodeId], place: int) -> list[NodeId]:
    # An edge that may not lead back leads to an earlier node.
    possible = [
        one
        for number, one in enumerate(ids)
        if one.label in kind.targets(source.label) and one.label != FLOW and not (kind.acyclic and number >= place)
    ]
    if not possible or (not kind.least and draw(st.integers(0, 3))):
        return []
    return draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3, unique=True))


def _obey(node: Node, edges: Mapping[EdgeId, Edge]) -> None:
    """Keep the rules that join several values of a flow."""
    properties = dict(node.properties)
    if node.id.label == FLOW:
        derives = any(edge.source == node.id and edge.name == "DERIVES" for edge in edges)
        if derives or properties["kind"] == "derive":
            properties["kind"] = "derive" if derives else "use"
        days = sorted(str(properties[name]) for name in ("effective_from", "effective_to") if name in properties)
        if len(days) == 2:
            properties["effective_from"], properties["effective_to"] = days
        if "effective_to" in properties:
            properties["status"] = "retired"
        ends = {
            name: {e.target.label for e in edges if (e.source, e.name) == (node.id, name)} for name in ("FROM", "TO")
        }
        comes_in = ends["TO"] <= {PRODUCT, SYSTEM} and ends["FROM"] & {RECIPIENT, SUBJECT}
        if comes_in and properties["kind"] in ("provide", "entrust", "transfer", "disclose"):
            properties["kind"] = "receive"
    for prop in GRAPH.properties(node.id.label):
        if prop.default is not None:
            properties.setdefault(prop.name, prop.default)
    assert isinstance(node.properties, dict)
    node.properties.update(properties)


@st.composite
def documents(draw: st.DrawFn, registry: Snapshot, files: int) -> list[bytes]:
    """The same registry written down in ``files`` manifests, in any of the ways that mean the same."""
    bodies: list[dict[str, dict[str, Json]]] = [{} for _ in range(files)]
    for node in draw(st.permutations(list(registry.nodes.values()))):
        body: dict[str, Json] = {name: _said(value) for name, value in node.properties.items()}
        if draw(st.booleans()):
            for prop in GRAPH.properties(node.id.label):  # what is said is the default: it need not be said
                if prop.default is not None and body[prop.name] == prop.default:
                    del body[prop.name]
        for edge in registry.edges.values():
            if edge.source == node.id:
                items = body.setdefault(edge.name.lower(), [])
                assert isinstance(items, list)
                items.append(draw(_reference(edge, registry)))
        for word, value in body.items():
            if isinstance(value, list) and len(value) == 1 and word.upper() in GRAPH.by_edge and draw(st.booleans()):
                body[word] = value[0]
        section = bodies[draw(st.integers(0, files - 1))].setdefault(GRAPH.node(node.id.label).section, {})
        section[node.id.key] = body
    return [_written(body, draw(st.sampled_from(["block", "flow", "json"]))) for body in bodies if body]


def _said(value: Value) -> Json:
    """The value as a manifest says it: a language that is not given is left out."""
    held = to_json(value)
    return {language: text for language, text in held.items() if text is not None} if isinstance(held, dict) else held


@st.composite
def _reference(draw: st.DrawFn, edge: Edge, registry: Snapshot) -> Json:
    said: dict[str, Json] = {name: _said(value) for name, value in edge.properties.items()}
    label, key = edge.target
    labels = GRAPH.by_edge[edge.name].targets(edge.source.label)
    plain = sum(NodeId(one, key) in registry.nodes for one in labels) == 1
    noun = GRAPH.node(label).noun
    written: Json = draw(st.sampled_from([f"{noun}:{key}", *([key] if plain else [])]))
    mapped = draw(st.booleans())
    return {noun: draw(st.sampled_from([key, written])), **said} if said or mapped else written


def _written(body: Mapping[str, object], style: str) -> bytes:
    if style == "json":
        return json.dumps(body, ensure_ascii=False).replace("\x7f", "\\u007f").encode()
    return _dump(body, flow=style == "flow")


def _applied(written: list[bytes], store: MemoryStore) -> int:
    """Apply manifests in this order; how many things that changes."""
    with tempfile.TemporaryDirectory() as directory:
        paths = [Path(directory, f"{number}.yaml") for number in range(len(written))]
        for path, data in zip(paths, written, strict=True):
            path.write_bytes(data)
        with store.reading() as reader:
            planned = plan(reader, read_manifests(reader, paths))
        apply(store, planned)
    return len(planned.changes)


@given(st.data())
@settings(deadline=None, max_examples=25)
def test_what_is_given_is_what_the_registry_holds_and_giving_it_again_changes_nothing(data: st.DataObject) -> None:
    registry = data.draw(registries())
    with closing(MemoryStore()) as store:
        _applied(data.draw(documents(registry, files=2)), store)
        version, nodes, edges = contents(store)

        again = _applied(data.draw(documents(registry, files=3)), store)

        assert {node.id: dict(node.properties) for node in nodes} == {
            one.id: dict(one.properties) for one in registry.nodes.values()
        }
        assert {edge.id: dict(edge.properties) for edge in edges} == {
            one.id: dict(one.properties) for one in registry.edges.values()
        }
        assert again == 0
        assert contents(store) == (version, nodes, edges)


@given(st.data())
@settings(deadline=None, max_examples=25)
def test_the_order_of_files_does_not_matter(data: st.DataObject) -> None:
    written = data.draw(documents(data.draw(registries()), files=4))
    shuffled = data.draw(st.permutations(written))
    with closing(MemoryStore()) as one, closing(MemoryStore()) as other:
        _applied(written, one)
        _applied(shuffled, other)

        assert contents(one) == contents(other)


@given(st.lists(st.builds(str, _MISSHAPEN) | _TANGLES, min_size=2, max_size=3), st.randoms())
def test_problems_are_the_same_in_every_order_of_files(texts: list[str], random: object) -> None:
    def told(order: list[int]) -> set[Problem]:
        noted: list[Problem] = []
        for number in order:
            read_bytes(texts[number].encode("utf-8", "replace"), f"{number}.yaml", noted)
        return set(noted)

    order = list(range(len(texts)))

    assert told(order) == told(order[::-1])
