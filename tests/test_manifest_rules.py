"""What only the whole can show: references, defaults, circles, names, and that a faulty manifest changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.errors import InvalidInput
from registry.model.snapshot import Edge, NodeId
from registry.planning import apply, plan, read_manifests
from registry.stores.memory import MemoryStore
from registry.stores.port import Store
from tests.manifest_files import WORLD, contents, declared_by, marked, problems, register, write
from tests.stores.conftest import ADAPTERS, EVERY_STORE

KEEP_ONE = "\n  hint: keep one of them"
ONE_THING = "\n  hint: an alias belongs to one thing only"
ALIKE = "differ only in case or separators\n  hint: write them alike, or give one another key"
CIRCLE = "closes a circle\n  hint: remove the edge that points the wrong way"
LIST_CATEGORIES = "`registry list categories` shows them all"


@pytest.fixture(params=EVERY_STORE)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A small registry, on every kind of store."""
    make: Callable[[Path], Store] = ADAPTERS[request.param]
    directory = tmp_path / "store"
    directory.mkdir()
    with closing(make(directory)) as store:
        register(store, directory, WORLD)
        yield store


@pytest.fixture
def told(world: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """The problems of a manifest called ``m.yaml`` for that registry."""
    monkeypatch.chdir(tmp_path)

    def problems_of(manifest: str) -> list[str]:
        write(tmp_path, {"m.yaml": manifest})
        return problems(world, "m.yaml")

    return problems_of


Told = Callable[[str], list[str]]


# References


def test_an_unknown_reference_is_told_with_the_nearest_names(told: Told) -> None:
    manifest, places = marked(
        """
        flows:
          sync:
            name: {en: a, zh: b}
            kind: provide
            carries: [¦locaton, ¦gps2, {category: ¦定位信, required: false, stated_in: ["p:1", ¦"p:2"]}, ¦zzz]
            from: system:app
            to: [¦jpusch, ¦person]
        """
    )
    category, end = "there is no such category", "there is no such subject or product or system or recipient"
    list_ends = "`registry list subjects` (or products, systems, recipients) shows them all"

    assert told(manifest) == [
        f"m.yaml:{place}: flow sync {what}"
        for place, what in zip(
            places,
            [
                f'carries "locaton": {category}\n  hint: did you mean "location" or "gps"? {LIST_CATEGORIES}',
                f'carries "gps2": {category}\n  hint: did you mean "gps"? {LIST_CATEGORIES}',
                f'carries "定位信": {category}\n  hint: did you mean "location"? {LIST_CATEGORIES}',
                'stated_in "p:2": there is no such clause\n'
                '  hint: did you mean "p:1"? `registry list clauses` shows them all',
                f'carries "zzz": {category}\n  hint: {LIST_CATEGORIES}',
                f'to "jpusch": {end}\n  hint: did you mean "jpush"? {list_ends}',
                f'to "person": {end}\n  hint: {list_ends}',
            ],
            strict=True,
        )
    ]


def test_a_reference_that_could_mean_two_things_is_told_with_both(told: Told) -> None:
    manifest = """
        flows:
          sync: {name: {en: a, zh: b}, kind: use, carries: gps, from: app, to: {system: app}}
    """

    assert told(manifest) == [
        'm.yaml:2:63: flow sync from "app", which could mean several things\n'
        '  hint: write "product:app" or "system:app"'
    ]


def test_a_qualified_reference_means_one_thing(world: Store, tmp_path: Path) -> None:
    manifest = """
        flows:
          sync: {name: {en: a, zh: b}, kind: use, carries: gps, from: product:app, to: [{system: app}, {product: app}]}
    """
    register(world, tmp_path, manifest)

    assert _ends(world, "sync") == {
        ("CARRIES", "category:gps"),
        ("FROM", "product:app"),
        ("TO", "product:app"),
        ("TO", "system:app"),
    }


def _ends(store: Store, key: str) -> set[tuple[str, str]]:
    return {(edge.name, edge.target.reference) for edge in contents(store)[2] if edge.source.key == key}


def test_a_reference_to_the_wrong_kind_of_thing_is_told(told: Told) -> None:
    manifest = """
        flows:
          sync: {name: {en: a, zh: b}, kind: use, carries: recipient:jpush, from: purpose:push, to: "system:"}
    """
    ends = "(or products, systems, recipients) shows them all"

    assert told(manifest) == [
        f'm.yaml:2:52: carries leads to a category, and "recipient:jpush" is a recipient\n  hint: {LIST_CATEGORIES}',
        "m.yaml:2:75: from leads to a subject or a product or a system or a recipient, "
        'and "purpose:push" is a purpose\n'
        f"  hint: `registry list subjects` {ends}",
        'm.yaml:2:93: flow sync to "system:": there is no such subject or product or system or recipient\n'
        f'  hint: did you mean "system:app"? `registry list subjects` {ends}'.replace(
            'did you mean "system:app"? ', ""
        ),
    ]


def test_an_old_key_still_means_the_thing(world: Store, tmp_path: Path) -> None:
    register(
        world,
        tmp_path,
        "categories: {coords: {name: {en: Coordinates, zh: 坐标}, former_keys: [coordinates]}}",
    )
    register(world, tmp_path, "categories: {cell: {name: {en: Cell, zh: 基站}, broader: coordinates}}")

    assert _ends(world, "cell") == {("BROADER", "category:coords")}


def test_a_former_key_is_nobody_elses_key(told: Told) -> None:
    hint = "hint: remove it from former_keys, or load everything into a new registry without category:"

    assert told("categories: {place: {name: {en: Place, zh: 地点}, former_keys: [gps, old]}}") == [
        f'm.yaml:1:14: the former key "gps" of place is the key of another category\n  {hint}gps'
    ]
    assert told(
        "categories: {a: {name: {en: A, zh: 甲}, former_keys: [b]}, b: {name: {en: B, zh: 乙}, former_keys: [b2]}}"
    ) == [f'm.yaml:1:14: the former key "b" of a is the key of another category\n  {hint}b']


def test_a_flow_names_each_end_once(told: Told) -> None:
    manifest = """
        flows:
          sync:
            name: {en: a, zh: b}
            kind: use
            carries: [gps, gps, category:gps, {category: gps, required: false}]
            from: [product:app, system:app]
            to: [{recipient: jpush, system: app}, jpush]
    """

    assert told(manifest) == [
        f'm.yaml:5:20: carries names "gps" twice{KEEP_ONE}',
        f'm.yaml:5:25: carries names "gps" twice{KEEP_ONE}',
        f'm.yaml:5:50: carries names "gps" twice{KEEP_ONE}',
        "m.yaml:7:10: to leads to one thing, not to a recipient and a system\n"
        "  hint: write a list, each in braces of its own",
    ]


def test_what_an_edge_says_of_itself_is_checked(told: Told) -> None:
    manifest = """
        flows:
          sync:
            name: {en: a, zh: b}
            kind: use
            from: {product: app, why: x}
            to: {prodct: app}
            carries: [{category: gps, requird: false}, {required: true}, {category: location, required: no}]
            under: [{legal_basis: x, stated_in: [1]}]
    """

    assert told(manifest) == [
        'm.yaml:5:26: from has no "why"\n  hint: it has subject, product, system, recipient, reading',
        "m.yaml:6:9: to does not say what it leads to\n  hint: write `subject: key`",
        'm.yaml:6:10: to has no "prodct"\n  hint: did you mean "product"?',
        'm.yaml:7:31: carries has no "requird"\n  hint: did you mean "required"?',
        "m.yaml:7:48: carries does not say what it leads to\n  hint: write `category: key`",
        'm.yaml:7:97: required is true or false, not "no"\n  hint: write true or false',
        'm.yaml:8:27: flow sync under "x": there is no such legal basis\n'
        "  hint: `registry list legal_bases` shows them all",
        'm.yaml:8:42: YAML reads 1 as a number, where a text is meant\n  hint: put it in quotes: "1"',
    ]


def test_unknown_references_by_the_thousand_are_told_at_once(told: Told) -> None:
    flows = [
        f"  f{n}: {{name: {{en: a, zh: b}}, kind: use, carries: [c{n}, d{n}], from: x{n}, to: y{n}}}"
        for n in range(2_000)
    ]
    start = time.process_time()

    assert len(told("\n".join(["flows:", *flows]))) == 8_000
    assert time.process_time() - start < 20


# Defaults

FLOW = "name: {en: a, zh: b}"


def test_defaults_hold_for_what_a_flow_does_not_say(tmp_path: Path) -> None:
    manifest = f"""
        flows:
          one: {{{FLOW}}}
          two: {{{FLOW}, kind: use, carries: [b], status: proposed}}
        defaults: {{kind: collect, carries: [a], from: p, to: p, necessity: optional}}
        categories: {{a: {{{FLOW}}}, b: {{{FLOW}}}}}
        products: {{p: {{{FLOW}}}}}
    """

    declared = declared_by(manifest, tmp_path)

    one, two = (declared.nodes[NodeId("DataFlow", key)] for key in ("one", "two"))
    assert {**one.properties, "name": None} == {
        "name": None, "kind": "collect", "necessity": "optional", "status": "active",
    }  # fmt: skip
    assert {**two.properties, "name": None} == {
        "name": None, "kind": "use", "necessity": "optional", "status": "proposed",
    }  # fmt: skip
    assert [(edge.source.key, edge.target.key) for edge in declared.edges.values() if edge.name == "CARRIES"] == [
        ("one", "a"),
        ("two", "b"),
    ]


def test_defaults_are_those_of_their_file(told: Told, tmp_path: Path) -> None:
    write(tmp_path, {"other.yaml": "defaults: {kind: use, carries: gps, from: jpush, to: jpush}"})

    assert told("flows: {f: {name: {en: a, zh: b}, carries: gps, from: jpush, to: jpush}}") == [
        'm.yaml:1:9: flow "f" has no kind\n'
        "  hint: kind is one of collect, receive, use, derive, provide, entrust, transfer, disclose"
    ]


def test_a_wrong_default_is_told_once_however_many_flows_use_or_override_it(told: Told) -> None:
    manifest = f"""
        defaults: {{kind: colect, from: jpusch, to: [], name: x, colour: red, necessity: no, carries: [~]}}
        flows:
          one: {{{FLOW}}}
          two: {{{FLOW}}}
          three: {{{FLOW}, kind: use, from: jpush, to: jpush, carries: gps}}
    """
    no_default = "cannot have a default\n  hint: defaults hold edges and properties of flows, but no names"

    assert told(manifest) == [
        'm.yaml:1:18: kind cannot be "colect"\n  hint: did you mean "collect"? it is one of '
        "collect, receive, use, derive, provide, entrust, transfer, disclose",
        'm.yaml:1:32: flow one from "jpusch": there is no such subject or product or system or recipient\n'
        '  hint: did you mean "jpush"? `registry list subjects` (or products, systems, recipients) shows them all',
        "m.yaml:1:44: to is an empty list\n  hint: name what it leads to, or remove the line",
        f'm.yaml:1:48: "name" {no_default}',
        f'm.yaml:1:57: "colour" {no_default}',
        'm.yaml:1:81: YAML reads no as a boolean, where a text is meant\n  hint: put it in quotes: "no"',
        "m.yaml:1:95: a text is missing here\n  hint: write one, or remove the line",
    ]


# Flows


def test_a_derive_flow_derives_something_and_no_other_does(told: Told) -> None:
    ends = "name: {en: a, zh: b}, carries: gps, from: jpush, to: jpush"
    manifest, (one, two, three) = marked(
        f"""
        flows:
          ¦one: {{{ends}, kind: derive}}
          ¦two: {{{ends}, kind: use, derives: profile}}
          three: {{{ends}, kind: derive, derives: ¦profle}}
          four: {{{ends}, kind: derive, derives: profile}}
        """
    )

    assert told(manifest) == [
        f'm.yaml:{one}: flow "one" derives nothing\n  hint: write `derives: …`, or choose another kind',
        f'm.yaml:{two}: flow "two" derives data, but its kind is use\n  hint: write `kind: derive`',
        f'm.yaml:{three}: flow three derives "profle": there is no such category\n'
        f'  hint: did you mean "profile"? {LIST_CATEGORIES}',
    ]


def test_a_flow_ends_no_earlier_than_it_begins(told: Told) -> None:
    ends = "name: {en: a, zh: b}, kind: use, carries: gps, from: jpush, to: jpush, status: retired"
    manifest = f"""
        flows:
          one: {{{ends}, effective_from: 2026-05-01, effective_to: 2026-04-30}}
          two: {{{ends}, effective_from: 2026-05-01, effective_to: 2026-05-01}}
    """

    assert told(manifest) == [
        'm.yaml:2:3: flow "one" ends on 2026-04-30, before it begins on 2026-05-01\n  hint: change one of the dates'
    ]


def test_a_flow_that_has_ended_is_not_active(told: Told) -> None:
    ends = "name: {en: a, zh: b}, carries: gps, from: jpush, to: jpush, kind: use, effective_to: 2026-05-01"

    assert told(f"flows: {{a: {{{ends}}}, b: {{{ends}, status: proposed}}, c: {{{ends}, status: retired}}}}") == [
        'm.yaml:1:9: flow "a" ends on 2026-05-01, but its status is active\n'
        "  hint: write `status: retired`, or leave the end out and close it when it comes: `registry flow close`"
    ]


@pytest.mark.parametrize("kind", ["provide", "entrust", "transfer", "disclose"])
def test_what_comes_in_is_collected_or_received(kind: str, told: Told) -> None:
    flow = f"name: {{en: a, zh: b}}, kind: {kind}, carries: gps"

    assert told(
        f"flows: {{a: {{{flow}, from: jpush, to: product:app}}, b: {{{flow}, from: product:app, to: jpush}}, "
        f"c: {{{flow}, from: jpush, to: [product:app, jpush]}}}}"
    ) == [
        f'm.yaml:1:9: flow "a" comes in, but its kind is {kind}\n'
        "  hint: write `kind: collect` (from people) or `kind: receive` (from others)"
    ]


def test_a_name_is_no_alias_of_another_thing(told: Told) -> None:
    assert told("categories: {mine: {name: {en: Position, zh: 我的}}}") == [
        'm.yaml:1:14: the name "Position" of mine is an alias of location\n  hint: an alias belongs to one thing only'
    ]


# Names


def test_an_alias_belongs_to_one_thing_in_the_manifest_and_in_the_registry(told: Told) -> None:
    manifest, places = marked(
        f"""
        categories:
          a: {{{FLOW}, aliases: [¦ＧＰＳ, ¦Position, ¦own, ¦GPS location]}}
          c: {{{FLOW}, aliases: [¦OWN, ¦A, ¦画像, mine]}}
        recipients:
          d: {{{FLOW}, kind: sdk, aliases: [own, gps]}}
        """
    )
    clashes = [
        ("ＧＰＳ", "a", "gps"), ("Position", "a", "location"), ("own", "a", "c"), ("GPS location", "a", "gps"),
        ("OWN", "c", "a"), ("A", "c", "a"), ("画像", "c", "profile"),
    ]  # fmt: skip

    assert told(manifest) == [
        f'm.yaml:{place}: the alias "{alias}" of {one} also names {other}{ONE_THING}'
        for place, (alias, one, other) in zip(places, clashes, strict=True)
    ]


def test_a_manifest_may_move_an_alias(world: Store, tmp_path: Path) -> None:
    manifest = """
        categories:
          location: {name: {en: Location, zh: 位置信息}, aliases: [定位]}
          gps: {name: {en: GPS location, zh: GPS定位}, broader: location, aliases: [position]}
    """
    register(world, tmp_path, manifest)

    with world.reading() as reader:
        assert [match.id.key for match in reader.named(["position"], [])] == ["gps"]


def test_keys_differ_by_more_than_case_or_separators(told: Told) -> None:
    manifest = f"""
        categories:
          GPS: {{{FLOW}}}
          device-id: {{{FLOW}}}
          device_id: {{{FLOW}}}
          Device.Id: {{{FLOW}}}
        recipients:
          gps: {{{FLOW}, kind: sdk}}
    """

    assert told(manifest) == [
        f'm.yaml:2:3: the category keys "gps" and "GPS" {ALIKE}',
        f'm.yaml:4:3: the category keys "device-id" and "device_id" {ALIKE}',
        f'm.yaml:5:3: the category keys "device-id" and "Device.Id" {ALIKE}',
    ]


def test_a_thing_is_declared_once_in_all_files(told: Told, world: Store, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": f"categories: {{a: {{{FLOW}}}}}", "n.yaml": f"categories:\n  a: {{{FLOW}}}"})

    assert problems(world, "n.yaml", "m.yaml") == [
        f'm.yaml:1:14: category "a" is declared twice (first at n.yaml:2:3){KEEP_ONE}'
    ]


# Circles


def test_circles_are_told_at_each_edge_that_closes_one(told: Told) -> None:
    manifest, places = marked(
        f"""
        categories:
          a: {{{FLOW}, broader: [¦b, c]}}
          b: {{{FLOW}, broader: ¦a}}
          c: {{{FLOW}, broader: [¦c, d]}}
          d: {{{FLOW}}}
        organizations:
          e: {{{FLOW}, part_of: ¦f}}
          f: {{{FLOW}, part_of: ¦e}}
        recipients:
          g: {{{FLOW}, kind: sdk, bundles: ¦h, broader: h}}
          h: {{{FLOW}, kind: sdk, bundles: ¦g}}
        """
    )
    edges = ["a broader b", "b broader a", "c broader c", "e part_of f", "f part_of e", "g bundles h", "h bundles g"]

    assert told(manifest) == [f"m.yaml:{place}: {edge} {CIRCLE}" for place, edge in zip(places, edges, strict=True)]


def test_a_circle_through_what_the_registry_holds_is_told(told: Told) -> None:
    manifest, places = marked(
        f"""
        categories: {{location: {{{FLOW}, broader: ¦new}}, new: {{{FLOW}, broader: ¦gps}}}}
        organizations: {{group: {{{FLOW}, part_of: ¦daughter}}}}
        recipients: {{jpush: {{{FLOW}, kind: sdk, bundles: ¦getui}}}}
        """
    )
    edges = ["location broader new", "new broader gps", "group part_of daughter", "jpush bundles getui"]

    assert told(manifest) == [f"m.yaml:{place}: {edge} {CIRCLE}" for place, edge in zip(places, edges, strict=True)]


def test_a_manifest_may_turn_a_tree_round(world: Store, tmp_path: Path) -> None:
    manifest = """
        categories:
          gps: {name: {en: GPS location, zh: GPS定位}}
          location: {name: {en: Location, zh: 位置信息}, broader: gps}
    """
    register(world, tmp_path, manifest)

    assert _ends(world, "location") == {("BROADER", "category:gps")}
    assert _ends(world, "gps") == set()


def test_a_long_chain_is_no_circle(tmp_path: Path) -> None:
    chain = [f"  c{n}: {{{FLOW}, broader: c{n + 1}}}" for n in range(5_000)]

    declared = declared_by("\n".join(["categories:", *chain, f"  c5000: {{{FLOW}}}"]), tmp_path)

    assert len(declared.edges) == 5_000


# Nothing is written by halves


@pytest.mark.parametrize(
    "fault",
    [
        "flows: [",
        "bogus: {}",
        "categories: {gps: {name: x}}",
        "categories: {new: {name: {en: a, zh: b}, broader: nope}}",
        "",
    ],
)
def test_a_faulty_manifest_leaves_the_registry_as_it_was(fault: str, world: Store, tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "m/1.yaml": "categories: {fine: {name: {en: a, zh: b}}, location: {name: {en: Other, zh: 其他}}}",
            "m/2.yaml": fault,
        },
    )
    before = contents(world)

    with pytest.raises(InvalidInput), world.reading() as reader:
        apply(world, plan(reader, read_manifests(reader, [tmp_path / "m"])))

    assert contents(world) == before


def test_what_is_read_is_what_was_declared(tmp_path: Path) -> None:
    manifest = f"""
        flows:
          f:
            name: {{en: " A flow ", zh: 流转}}
            kind: entrust
            carries: [a, {{category: b, required: false, stated_in: c}}]
            from: p
            to: [p]
            requires: {{permission: q, timing: {{en: when, zh: 时}}, prompted: true}}
        categories: {{a: {{{FLOW}}}, b: {{{FLOW}}}}}
        products: {{p: {{{FLOW}}}}}
        permissions: {{q: {{{FLOW}}}}}
        clauses: {{c: {{{FLOW}, document: d, number: "1"}}}}
    """

    declared = declared_by(manifest, tmp_path)

    flow = NodeId("DataFlow", "f")
    ends = {(edge.name, edge.target.key): edge.properties for edge in declared.edges.values()}
    assert declared.nodes[flow].name == ("A flow", "流转")
    assert ends == {
        ("CARRIES", "a"): {},
        ("CARRIES", "b"): {"required": False, "stated_in": ("c",)},
        ("FROM", "p"): {},
        ("TO", "p"): {},
        ("REQUIRES", "q"): {"timing": ("when", "时"), "prompted": True},
    }


def test_the_store_is_as_it_was_when_another_wrote_first(world: Store, tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": "categories: {fine: {name: {en: a, zh: b}}}"})
    with world.reading() as reader:
        planned = plan(reader, read_manifests(reader, [tmp_path / "m.yaml"]))
    register(world, tmp_path, "categories: {other: {name: {en: a, zh: b}}}")
    before = contents(world)

    with pytest.raises(Exception, match="the registry changed while this was being prepared"):
        apply(world, planned)

    assert contents(world) == before


def test_an_empty_registry_knows_no_names(tmp_path: Path) -> None:
    write(tmp_path, {"m.yaml": "purposes: {a: {name: {en: a, zh: b}, broader: nope}}"})

    with closing(MemoryStore()) as store:
        told = problems(store, tmp_path / "m.yaml")

    assert told == [
        f'{tmp_path}/m.yaml:1:47: purpose a broader "nope": there is no such purpose\n'
        "  hint: `registry list purposes` shows them all"
    ]


def test_edges_compare_by_what_they_say(tmp_path: Path) -> None:
    declared = declared_by(
        "organizations: {a: {name: {en: a, zh: b}}, b: {name: {en: a, zh: b}, part_of: a}}", tmp_path
    )

    a, b = (NodeId("Organization", key) for key in "ab")
    assert list(declared.edges.values()) == [Edge(b, "PART_OF", a, {})]
