"""Seeded estates of any size, for tests and benchmarks: the same arguments give the same registry everywhere."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from registry.model.graph import (
    ACTIVITY,
    BASIS,
    CATEGORY,
    CHANNEL,
    CLAUSE,
    CONTROL,
    FLOW,
    GRAPH,
    JURISDICTION,
    ORGANIZATION,
    PERMISSION,
    PRODUCT,
    PURPOSE,
    RECIPIENT,
    RETENTION,
    SENSITIVITY,
    SUBJECT,
    SYSTEM,
)
from registry.model.snapshot import Edge, Json, Node, NodeId, Snapshot, Text, Value, to_json

LOCATION = NodeId(CATEGORY, "location")
"""The category whose subtree the benchmarks ask for."""

_BRANCHES = (
    ("location", "Location", "位置信息"),
    ("device", "Device", "设备信息"),
    ("contact", "Contact", "联系方式"),
    ("identity", "Identity", "身份信息"),
    ("account", "Account", "账号信息"),
    ("finance", "Finance", "财产信息"),
    ("health", "Health", "健康信息"),
    ("biometrics", "Biometrics", "生物识别信息"),
    ("usage", "Usage", "使用记录"),
    ("content", "Content", "发布内容"),
    ("communication", "Communication", "通信信息"),
    ("education", "Education", "教育信息"),
    ("profile", "Profile", "个人标签信息"),
)
_PROFILE = "profile"
"""The branch of what flows derive."""

_PURPOSES = ("service", "security", "analytics", "marketing", "payment", "support", "research", "compliance")
_BASES = (("pipl.13.1", "PIPL", "13(1)(1)"), ("pipl.13.2", "PIPL", "13(1)(2)"), ("gdpr.6.1.f", "GDPR", "6(1)(f)"))
_CHANNELS = ("user-provides", "automatic", "cookie", "third-party-provides", "derived")
_SUBJECTS = ("users", "visitors", "minors", "instructors", "employees")
_COUNTRIES = ("cn", "us", "sg", "jp", "eu", "gb", "hk")
_KINDS = ("sdk", "affiliate", "partner", "authority")
_STATUSES = ("active",) * 18 + ("proposed", "retired")
_SOMETIMES = (("RETAINED_BY", RETENTION, 0.4), ("REQUIRES", PERMISSION, 0.3), ("CONTROLLED_BY", CONTROL, 0.2))
_LARGEST = 1_000_000


def estate(
    flows: int,
    *,
    systems: int | None = None,
    recipients: int | None = None,
    categories: int = 300,
    purposes: int = 60,
    permissions: int = 40,
    clauses: int = 400,
    seed: int = 1,
) -> Snapshot:
    """Return an estate with that many flows and about ten edges to each.

    Where no number is given there is a system for each 20 flows and a recipient for each 50. The categories make up a
    dozen trees of equal size (`LOCATION` is one) under one root; recipients pass data on, some flows derive profiles.
    """
    building = _Building(Random(seed))
    building.vocabulary(categories, purposes, permissions, clauses)
    building.parties(systems or max(1, flows // 20), recipients or max(1, flows // 50))
    for number in range(flows):
        building.flow(number)
    return Snapshot.of(building.nodes, building.edges)


@dataclass(slots=True)
class _Building:
    """An estate while it grows."""

    dice: Random
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    ids: dict[str, list[NodeId]] = field(default_factory=lambda: defaultdict(list))

    def add(self, label: str, key: str, name: Text, **properties: Value) -> NodeId:
        node_id = NodeId(label, key)
        self.nodes.append(Node(node_id, {"name": name, **properties}))
        self.ids[label].append(node_id)
        return node_id

    def draw(self, source: NodeId, name: str, *targets: NodeId, **properties: Value) -> None:
        self.edges.extend(Edge(source, name, target, properties) for target in targets)

    def any(self, label: str) -> NodeId:
        return self.dice.choice(self.ids[label])

    def some(self, label: str, most: int) -> list[NodeId]:
        """One to ``most`` nodes of a kind, no two alike."""
        known = self.ids[label]
        return self.dice.sample(known, min(len(known), self.dice.randint(1, most)))

    # the words that flows use

    def vocabulary(self, categories: int, purposes: int, permissions: int, clauses: int) -> None:
        for key, scheme, rank in (("general", "Synthetic", 1), ("sensitive", "Synthetic", 2)):
            self.add(SENSITIVITY, key, _named(key), scheme=scheme, rank=rank, sensitive=rank > 1)
        self.categories(categories)
        self.purposes(purposes)
        for key, regime, article in _BASES:
            self.add(BASIS, key, _named(key), regime=regime, article=article)
        for label, keys in ((CHANNEL, _CHANNELS), (SUBJECT, _SUBJECTS)):
            for key in keys:
                self.add(label, key, _named(key))
        for key in _COUNTRIES:
            self.add(JURISDICTION, key, _named(key), code=key.upper())
        for number in range(1, 4):
            self.add(RETENTION, f"years-{number}", _named(f"{number} years"), period=f"P{number}Y", end_action="delete")
        for number in range(20):
            route = _named(f"Settings > Switch {number}")
            self.add(CONTROL, f"switch-{number}", _named(f"Switch {number}"), route=route)
        for number in range(clauses):
            self.add(CLAUSE, f"policy:{number}", _named(f"Clause {number}"), document="policy", number=str(number))
        self.permissions(permissions)

    def categories(self, count: int) -> None:
        root = self.add(CATEGORY, "personal-data", Text("Personal data", "个人信息"))
        for number in range(max(count - 1, 1)):
            key, en, zh = _BRANCHES[number % len(_BRANCHES)]
            depth, identifiability = number // len(_BRANCHES), ("direct", "indirect", "none")[number % 3]
            if not depth:
                node_id, above = self.add(CATEGORY, key, Text(en, zh), identifiability=identifiability), root
            else:
                # Every third of the earlier ones of its branch bears the next: trees as deep as real ones.
                above = NodeId(CATEGORY, key if depth < 4 else f"{key}-{depth // 3}")
                name = Text(f"{en} {depth}", f"{zh}{depth}")
                node_id = self.add(CATEGORY, f"{key}-{depth}", name, identifiability=identifiability)
            self.draw(node_id, "BROADER", above)
            self.draw(node_id, "HAS_SENSITIVITY", self.any(SENSITIVITY))

    def purposes(self, count: int) -> None:
        for number in range(count):
            key = _PURPOSES[number % len(_PURPOSES)]
            if number < len(_PURPOSES):
                self.add(PURPOSE, key, _named(key), basic_function=number % 2 == 0)
            else:
                narrower = self.add(PURPOSE, f"{key}-{number}", _named(f"{key} {number}"))
                self.draw(narrower, "BROADER", NodeId(PURPOSE, key))

    def permissions(self, count: int) -> None:
        for number in range(count):
            platform = ("android", "ios")[number % 2]
            name = _named(f"Permission {number}")
            permission = self.add(
                PERMISSION, f"permission-{number}", name, platform=platform, identifier=f"system.PERMISSION_{number}"
            )
            self.draw(permission, "GIVES_ACCESS_TO", *self.some(CATEGORY, 3))

    # who holds data

    def parties(self, systems: int, recipients: int) -> None:
        home = self.organization("home")
        product = self.add(PRODUCT, "app", Text("The app", "应用"), platforms=("android", "ios"))
        self.draw(product, "OPERATED_BY", home)
        for number in range(max(1, systems // 20)):
            activity = self.add(ACTIVITY, f"activity-{number}", _named(f"Activity {number}"), function="basic")
            self.draw(activity, "PART_OF", product)
        for number in range(systems):
            system = self.add(SYSTEM, f"system-{number}", _named(f"System {number}"), owner=f"team-{number % 50}")
            self.draw(system, "PART_OF", product)
            self.draw(system, "STORED_IN", self.any(JURISDICTION))
        for number in range(recipients):
            self.recipient(number, home)

    def organization(self, key: str) -> NodeId:
        name = _named(f"Organisation {key}")
        organization = self.add(ORGANIZATION, f"organization-{key}", name, contact=_named(f"{key}@example.org"))
        self.draw(organization, "LOCATED_IN", self.any(JURISDICTION))
        return organization

    def recipient(self, number: int, home: NodeId) -> None:
        kind = self.dice.choice(_KINDS)
        role = "processor" if kind == "sdk" else "independent"
        name = _named(f"Recipient {number}")
        recipient = self.add(RECIPIENT, f"recipient-{number}", name, kind=kind, role=role, named=True)
        earlier = self.ids[ORGANIZATION]
        if number % 3:
            self.draw(recipient, "OPERATED_BY", self.dice.choice(earlier))
        else:
            organization = self.organization(str(number))
            self.draw(recipient, "OPERATED_BY", organization)
            if kind == "affiliate":
                self.draw(organization, "PART_OF", home)
            elif number % 2:
                self.draw(organization, "PART_OF", self.dice.choice(earlier[1:-1] or [home]))
        if kind == "sdk":
            self.draw(recipient, "REQUESTS", *self.some(PERMISSION, 2))

    # what moves

    def flow(self, number: int) -> None:
        way = self.dice.random()
        if way < 0.25:
            kind, start, end = "collect", self.any(SUBJECT), self.any(SYSTEM)
        elif way < 0.35:
            kind, start, end = "use", self.any(SYSTEM), self.any(SYSTEM)
        elif way < 0.40:
            kind, start, end = "derive", self.any(SYSTEM), self.any(SYSTEM)
        elif way < 0.90:
            kind, start, end = self.dice.choice(("provide", "entrust")), self.any(SYSTEM), self.any(RECIPIENT)
        else:
            kind, start, end = "provide", self.any(RECIPIENT), self.any(RECIPIENT)
        flow = self.add(
            FLOW,
            f"flow-{number}",
            Text(f"Flow {number}", f"流转{number}"),
            kind=kind,
            status=self.dice.choice(_STATUSES),
            scenario=Text(f"When function {number % 97} is used", f"使用功能{number % 97}时"),
            necessity=("required", "optional")[number % 2],
            mode=("interface", "sdk", "batch")[number % 3],
            protection=("none", "encrypted", "de-identified")[number % 3],
            consent=("general", "separate", "not-required")[number % 3],
        )
        self.draw(flow, "FROM", start)
        self.draw(flow, "TO", end)
        self.reasons(flow)
        if kind == "derive":
            profiles = [node_id for node_id in self.ids[CATEGORY] if node_id.key.startswith(_PROFILE)]
            self.draw(flow, "DERIVES", self.dice.choice(profiles or self.ids[CATEGORY]))

    def reasons(self, flow: NodeId) -> None:
        """The edges that every flow has besides its two ends."""
        first, *more = self.some(CATEGORY, 3)
        self.draw(flow, "CARRIES", first)
        self.draw(flow, "CARRIES", *more, required=False)
        self.draw(flow, "FOR", *self.some(PURPOSE, 2))
        self.draw(flow, "PART_OF", self.any(ACTIVITY))
        self.draw(flow, "VIA", self.any(CHANNEL))
        self.draw(flow, "UNDER", self.any(BASIS))
        self.draw(flow, "STATED_IN", self.any(CLAUSE))
        self.draw(flow, "ABOUT", self.any(SUBJECT))
        for name, label, share in _SOMETIMES:
            if self.dice.random() < share:
                self.draw(flow, name, self.any(label))


def _named(words: str) -> Text:
    return Text(words, f"{words}（中文）")


def manifests(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield the snapshot as manifests, each with its file name and text: one section to a file, about 1 MB at most."""
    leaving: dict[NodeId, list[Edge]] = defaultdict(list)
    for edge in snapshot.edges.values():
        leaving[edge.source].append(edge)
    by_label: dict[str, list[Node]] = defaultdict(list)
    for node in snapshot.nodes.values():
        by_label[node.id.label].append(node)
    for node_type in GRAPH.node_types:
        entries = (_entry(node, leaving[node.id]) for node in by_label[node_type.label])
        for number, text in enumerate(_files(entries), 1):
            yield f"{node_type.section}-{number:03}.yaml", f"{node_type.section}:\n{text}"


def _files(entries: Iterable[str]) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for entry in entries:
        if held and size + len(entry.encode()) > _LARGEST:
            yield "".join(held)
            held, size = [], 0
        held.append(entry)
        size += len(entry.encode())
    if held:
        yield "".join(held)


def _entry(node: Node, edges: Sequence[Edge]) -> str:
    # JSON is YAML, and leaves no doubt what is a text.
    lines = [f"  {_written(node.id.key)}:\n"]
    lines += [f"    {name}: {_written(to_json(value))}\n" for name, value in node.properties.items()]
    by_name: dict[str, list[Json]] = defaultdict(list)
    for edge in edges:
        by_name[edge.name].append(_target(edge))
    lines += [f"    {name.lower()}: {_written(targets)}\n" for name, targets in by_name.items()]
    return "".join(lines)


def _target(edge: Edge) -> Json:
    noun = GRAPH.node(edge.target.label).noun
    if edge.properties:
        return {noun: edge.target.key, **{name: to_json(value) for name, value in edge.properties.items()}}
    several = len(GRAPH.by_edge[edge.name].targets(edge.source.label)) > 1
    return f"{noun}:{edge.target.key}" if several else edge.target.key


def _written(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
