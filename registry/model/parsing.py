"""From documents to a draft: which sections, nodes, properties and edges a manifest may have is checked here."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from registry.bilingual import Text
from registry.errors import Place, Problem
from registry.model.declaration import EdgeType, Kind, NodeType, Property
from registry.model.draft import KEEP_ONE, Draft, Drawn, Reference, a_noun, listed
from registry.model.graph import CLAUSE, FLOW, GRAPH
from registry.model.parsed import Fields, Given, Items, Scalar
from registry.model.snapshot import Node, NodeId, Value, in_declared_order
from registry.model.values import Values, key_problem, shape, write, write_text

_DEFAULTS = "defaults"


def read(draft: Draft, document: Fields) -> None:
    """Read one document into the draft, problems included."""
    _Document(draft).read(document)


class _Document:
    """Reads one document into a draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.problems = draft.problems
        self.values = Values(draft.problems)

    def problem(self, place: Place, what: Text, hint: Text) -> None:
        self.problems.append(Problem(place, what, hint))

    def read(self, document: Fields) -> None:
        defaults: tuple[tuple[Scalar, Given], ...] = ()
        found = document.find(_DEFAULTS)
        if found is not None:
            defaults = self._defaults(found)
        for heading, value in document.fields:
            if heading.written == _DEFAULTS:
                continue
            node_type = GRAPH.by_section.get(heading.written)
            if node_type is None:
                hint = self.draft.suggestion(heading.written, [*GRAPH.by_section, _DEFAULTS])
                what = Text(f'there is no section "{heading.written}"', f"没有章节“{heading.written}”")
                sections = Text("sections are " + ", ".join(GRAPH.by_section), "章节有" + "、".join(GRAPH.by_section))
                self.problem(heading.place, what, hint or sections)
            elif not isinstance(value, Fields):
                what = Text(
                    f"the section {heading.written} maps keys to what they are",
                    f"章节{heading.written}须列出各标识及其内容",
                )
                self.problem(value.place, what, write("key: {…}"))
            else:
                for key, body in value.fields:
                    self._entry(node_type, key, body, defaults if node_type.label == FLOW else ())

    def _defaults(self, found: Given) -> tuple[tuple[Scalar, Given], ...]:
        if not isinstance(found, Fields):
            what = Text("defaults map words of a flow to values", "defaults须列出流转的各项及其默认值")
            self.problem(found.place, what, write("defaults: {from: …}"))
            return ()
        right = []
        for word, value in found.fields:
            # Read here too, so that a wrong default is reported where every flow overrides it.
            if (prop := _properties_by_name(FLOW).get(word.written)) is not None and prop.name != "name":
                self.values.read(prop, value)
            elif (edge := _edges_by_word(FLOW).get(word.written)) is not None:
                self._drawn(NodeId(FLOW, ""), edge, value)
            else:
                what = Text(f'"{word.written}" cannot have a default', f"“{word.written}”不能有默认值")
                hint = Text(
                    "defaults hold edges and properties of flows, but no names",
                    "默认值只用于流转的关系和属性，不用于名称",
                )
                self.problem(word.place, what, hint)
                continue
            right.append((word, value))
        return tuple(right)

    def _entry(self, node_type: NodeType, key: Scalar, body: Given, defaults: tuple[tuple[Scalar, Given], ...]) -> None:
        wrong = key_problem(key.written)
        if wrong:
            example = Text("write it like device-model or android:camera", "写法如device-model或android:camera")
            self.problem(key.place, wrong, example)
        node_id = NodeId(node_type.label, key.written)
        first = self.draft.places.get(node_id)
        if first is not None:
            what = Text(
                f'{node_type.noun} "{key.written}" is declared twice (first at {first})',
                f"{node_type.zh}“{key.written}”重复声明（首次见{first}）",
            )
            self.problem(key.place, what, KEEP_ONE)
            return
        self.draft.places[node_id] = key.place
        if not isinstance(body, Fields):
            got = shape(body)
            what = Text(
                f'{node_type.noun} "{key.written}" is a mapping, not {got.en}',
                f"{node_type.zh}“{key.written}”应为映射，而不是{got.zh}",
            )
            self.problem(body.place, what, Text("write its properties below it, indented", "在其下缩进书写各项属性"))
            self.draft.nodes[node_id] = Node(node_id, {})
            return
        self._body(node_type, node_id, body, defaults)

    def _body(
        self, node_type: NodeType, node_id: NodeId, body: Fields, defaults: tuple[tuple[Scalar, Given], ...]
    ) -> None:
        properties: dict[str, Value] = {}
        own = {word.written for word, _ in body.fields}
        declared = _properties_by_name(node_type.label)
        edges = _edges_by_word(node_type.label)
        for word, value in (*body.fields, *((word, value) for word, value in defaults if word.written not in own)):
            if (prop := declared.get(word.written)) is not None:
                read = self.values.read(prop, value)
                if read is not None:
                    properties[prop.name] = read
                if prop.name == "aliases" and isinstance(value, Items):
                    self._note_aliases(node_id, value)
            elif (edge := edges.get(word.written)) is not None:
                self.draft.edges.extend(self._drawn(node_id, edge, value))
            else:
                self._unknown_word(node_type, word)
        said = own | {word.written for word, _ in defaults}
        self._missing(node_type, node_id, said)
        for prop in declared.values():
            if prop.default is not None and prop.name not in said:
                properties[prop.name] = prop.default
        self.draft.nodes[node_id] = Node(node_id, in_declared_order(node_id.label, properties))

    def _missing(self, node_type: NodeType, node_id: NodeId, said: Collection[str]) -> None:
        """Note what it must say and does not. What is said wrongly has its own problem, and is not missing as well."""
        wanted = [
            (prop.name, _missing_hint(prop)) for prop in _properties_by_name(node_type.label).values() if prop.required
        ]
        wanted += [
            (edge.word, _missing_edge_hint(edge)) for edge in _edges_by_word(node_type.label).values() if edge.least
        ]
        for word, hint in wanted:
            if word not in said:
                what = Text(
                    f'{node_type.noun} "{node_id.key}" has no {word}', f"{node_type.zh}“{node_id.key}”缺少{word}"
                )
                self.problem(self.draft.places[node_id], what, hint)

    def _note_aliases(self, node_id: NodeId, value: Items) -> None:
        for item in value.items:
            if isinstance(item, Scalar):
                self.draft.alias_places[node_id, item.written] = item.place

    def _unknown_word(self, node_type: NodeType, word: Scalar) -> None:
        words = [*_properties_by_name(node_type.label), *_edges_by_word(node_type.label)]
        hint = self.draft.suggestion(word.written, words)
        noun = a_noun(node_type.label)
        what = Text(f'{noun.en} has no "{word.written}"', f"{noun.zh}没有“{word.written}”")
        self.problem(
            word.place, what, hint or Text(f"{noun.en} has {', '.join(words)}", f"{noun.zh}有{'、'.join(words)}")
        )

    def _drawn(self, source: NodeId, edge: EdgeType, value: Given) -> list[Drawn]:
        items = value.items if isinstance(value, Items) else (value,)
        if not items:
            hint = Text("name what it leads to, or remove the line", "写明其所指，或删去此行")
            self.problem(value.place, Text(f"{edge.word} is an empty list", f"{edge.word}是空列表"), hint)
        found = (self._edge_item(source, edge, item) for item in items)
        return [drawn for drawn in found if drawn is not None]

    def _edge_item(self, source: NodeId, edge: EdgeType, item: Given) -> Drawn | None:
        labels = edge.targets(source.label)
        if not isinstance(item, Fields):
            target = self._reference(edge.word, labels, item)
            return None if target is None else Drawn(source, edge, target, {}, {})
        nouns = {GRAPH.node(label).noun: label for label in labels}
        targets: list[Reference] = []
        properties: dict[str, Value] = {}
        clauses: dict[str, tuple[Reference, ...]] = {}
        for word, value in item.fields:
            prop = next((prop for prop in edge.properties if prop.name == word.written), None)
            if word.written in nouns:
                found = self._reference(word.written, (nouns[word.written],), value)
                if found is not None:
                    targets.append(found)
            elif prop is None:
                words = [*nouns, *(prop.name for prop in edge.properties)]
                hint = self.draft.suggestion(word.written, words)
                what = Text(f'{edge.word} has no "{word.written}"', f"{edge.word}没有“{word.written}”")
                self.problem(word.place, what, hint or Text(f"it has {', '.join(words)}", f"可写{'、'.join(words)}"))
            elif prop.kind is Kind.CLAUSES:
                clauses[prop.name] = self._clauses(prop, value)
            elif (read := self.values.read(prop, value)) is not None:
                properties[prop.name] = read
        said = [word.written for word, _ in item.fields if word.written in nouns]
        if not said:
            what = Text(f"{edge.word} does not say what it leads to", f"{edge.word}未写明所指")
            self.problem(item.place, what, write(f"{next(iter(nouns))}: key"))
        elif len(said) > 1:
            several = [a_noun(nouns[word]) for word in said]
            what = Text(
                f"{edge.word} leads to one thing, not to {' and '.join(one.en for one in several)}",
                f"{edge.word}只能有一个所指，不能同时指{'和'.join(one.zh for one in several)}",
            )
            self.problem(
                item.place, what, Text("write a list, each in braces of its own", "写成列表，每项各用一对花括号")
            )
        return Drawn(source, edge, targets[0], properties, clauses) if len(targets) == 1 else None

    def _clauses(self, prop: Property, value: Given) -> tuple[Reference, ...]:
        items = value.items if isinstance(value, Items) else (value,)
        found = (self._reference(prop.name, (CLAUSE,), item) for item in items)
        return tuple(reference for reference in found if reference is not None)

    def _reference(self, word: str, labels: tuple[str, ...], value: Given) -> Reference | None:
        text = self.values.text(word, value)
        if text is None:
            return None
        noun, colon, key = text.partition(":")
        node_type = GRAPH.by_noun.get(noun) if colon else None
        if node_type is not None and key:
            if node_type.label not in labels:
                expected, found = [a_noun(label) for label in labels], a_noun(node_type.label)
                what = Text(
                    f'{word} leads to {" or ".join(one.en for one in expected)}, and "{text}" is {found.en}',
                    f"{word}指向{'或'.join(one.zh for one in expected)}，而“{text}”是{found.zh}",
                )
                self.problem(value.place, what, listed(labels))
                return None
            return Reference(key, (node_type.label,), value.place)
        return Reference(text, labels, value.place)


_PROPERTIES = {node.label: {prop.name: prop for prop in GRAPH.properties(node.label)} for node in GRAPH.node_types}
_EDGES = {node.label: {edge.word: edge for edge in GRAPH.edges_from(node.label)} for node in GRAPH.node_types}


def _properties_by_name(label: str) -> Mapping[str, Property]:
    return _PROPERTIES[label]


def _edges_by_word(label: str) -> Mapping[str, EdgeType]:
    return _EDGES[label]


def _missing_edge_hint(edge: EdgeType) -> Text:
    how = write(f"{edge.word}: …")
    return Text(f"{how.en}: {edge.doc}", f"{how.zh}（{edge.zh}）")


def _missing_hint(prop: Property) -> Text:
    if prop.kind is Kind.BILINGUAL:
        return write_text(prop.name)
    if prop.kind is Kind.CHOICE:
        return Text(f"{prop.name} is one of {', '.join(prop.values)}", f"{prop.name}的可选值为{'、'.join(prop.values)}")
    return write(f"{prop.name}: …")
