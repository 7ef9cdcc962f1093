"""`registry list` and `registry show`: what there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from registry.bilingual import Text
from registry_cli.options import FORMAT, LANGUAGE, reading

if TYPE_CHECKING:
    from registry.lineage import Scope
    from registry.model.declaration import NodeType
    from registry.model.snapshot import Edge, Json, Node, NodeId
    from registry.stores.port import Reader


@click.command("list")
@click.argument("kind", required=False)
@LANGUAGE
@FORMAT
@click.pass_context
def list_command(ctx: click.Context, /, kind: str | None, language: str, form: str) -> None:
    """List all of one KIND (categories, purposes, recipients, …), or count what there is of each."""
    with reading(ctx) as reader:
        if kind is None:
            _print_counts(reader, language, form)
        else:
            _print_kind(reader, _kind(kind, language), language, form)


def _kind(word: str, language: str) -> NodeType:
    from registry.model.graph import GRAPH
    from registry.model.suggestions import meant, nearest

    wanted = word.replace("-", "_").replace(" ", "_").lower()
    for node_type in GRAPH.node_types:
        called = (node_type.section, node_type.noun, node_type.label, node_type.en.replace(" ", "_"), node_type.zh)
        if wanted in map(str.lower, called):
            return node_type
    hint, kinds = meant(nearest(wanted, GRAPH.by_section)), [*GRAPH.by_section]
    close = Text(f"{hint.en.capitalize()} ", hint.zh) if hint else hint
    told = Text(
        f"there is no kind {word!r}. {close.en}Kinds are {', '.join(kinds)}.",
        f"没有类别{word!r}。{close.zh}类别有{'、'.join(kinds)}。",
    )
    raise click.BadParameter(told.to(language), param_hint="KIND")


def _print_counts(reader: Reader, language: str, form: str) -> None:
    from registry.model.graph import GRAPH
    from registry_cli import rendering
    from registry_cli.tables import print_table

    count = reader.count()
    rows = [
        (node.section, str(count.get(node.label, 0)), node.zh if language == "zh" else node.en)
        for node in GRAPH.node_types
    ]
    if form == "json":
        rendering.print_json({section: int(number) for section, number, _ in rows})
    elif form == "csv":
        rendering.print_csv([("kind", "count", "name"), *rows])
    else:
        headings = ("类别", "数量", "名称") if language == "zh" else ("Kind", "Count", "What it is")
        print_table(headings, rows)


def _print_kind(reader: Reader, node_type: NodeType, language: str, form: str) -> None:
    from registry.model.graph import GRAPH
    from registry.model.snapshot import shown, to_json
    from registry.stores.port import Direction
    from registry_cli import rendering
    from registry_cli.tables import print_table

    nodes = reader.nodes(node_type.label)
    broader: dict[NodeId, list[str]] = {}
    if any(edge.name == "BROADER" for edge in GRAPH.edges_from(node_type.label)):
        for edge in reader.edges(["BROADER"], [node.id for node in nodes], Direction.OUT):
            broader.setdefault(edge.source, []).append(edge.target.key)
    if form == "json":
        rendering.print_json(
            [
                {
                    "key": node.id.key,
                    **{name: to_json(value) for name, value in node.properties.items()},
                    **({"broader": [*broader[node.id]]} if node.id in broader else {}),
                }
                for node in nodes
            ]
        )
        return
    if form == "csv":
        rendering.print_csv(_plainly(node_type, nodes, broader))
        return
    shown_properties = [prop for prop in node_type.properties if prop.choices and prop.required]
    rows = [
        (
            node.id.key,
            node.name.to(language),
            *(
                shown(prop, node.properties[prop.name], language) if prop.name in node.properties else ""
                for prop in shown_properties
            ),
            ", ".join(node.words("aliases")),
            ", ".join(broader.get(node.id, ())),
        )
        for node in nodes
    ]
    zh = language == "zh"
    key, name, aliases, broader_heading = (
        ("标识", "名称", "别名", "上位类") if zh else ("Key", "Name", "Also called", "Broader")
    )
    headings = (key, name, *(prop.zh if zh else prop.en for prop in shown_properties), aliases, broader_heading)
    print_table(headings, rows, title=f"{node_type.zh if zh else node_type.section} ({len(nodes)})")


def _plainly(
    node_type: NodeType, nodes: Sequence[Node], broader: Mapping[NodeId, Sequence[str]]
) -> list[tuple[str, ...]]:
    """A row of headings and one for each node, with every property by its name, as it is stored; lists by ` | `."""
    from registry.model.declaration import Kind
    from registry.model.graph import GRAPH

    properties = GRAPH.properties(node_type.label)
    headings = ["key"]
    for prop in properties:
        headings += [f"{prop.name}_en", f"{prop.name}_zh"] if prop.kind is Kind.BILINGUAL else [prop.name]
    rows = [(*headings, "broader")]
    for node in nodes:
        cells = [node.id.key]
        for prop in properties:
            value = node.properties.get(prop.name, "")
            if prop.kind is Kind.BILINGUAL:
                cells += [*value] if isinstance(value, Text) else ["", ""]
            elif isinstance(value, bool):
                cells.append(str(value).lower())
            else:
                cells.append(" | ".join(value) if isinstance(value, tuple) else str(value))
        rows.append((*cells, " | ".join(broader.get(node.id, ()))))
    return rows


@click.command("show")
@click.argument("name")
@LANGUAGE
@FORMAT
@click.pass_context
def show_command(ctx: click.Context, /, name: str, language: str, form: str) -> None:
    """Show one thing by key or name, with everything it leads to and everything that leads to it."""
    from registry.lineage import resolve

    with reading(ctx) as reader:
        print_node(reader, resolve(reader, name), language, form)


def print_node(reader: Reader, node_id: NodeId, language: str, form: str) -> None:
    """Print a node: its properties, and its edges both ways."""
    from registry.stores.port import Direction
    from registry_cli import rendering
    from registry_cli.tables import print_table

    node = reader.get([node_id])[node_id]
    out = reader.edges((), [node_id], Direction.OUT)
    back = reader.edges((), [node_id], Direction.IN)
    nodes = reader.get({*(edge.target for edge in out), *(edge.source for edge in back)})
    if form == "json":
        rendering.print_json(_node_json(node, out, back, nodes))
        return
    # For machines a word is the same in every language.
    words = "en" if form == "csv" else language
    rows = [*_property_rows(node, language, words), *_edge_rows(out, back, nodes, language, words)]
    if form == "csv":
        rendering.print_csv([("word", "value"), *rows])
    else:
        print_table(("", ""), rows, title=f"{node.name.to(language)}  [{node_id.reference}]")


def _property_rows(node: Node, language: str, words: str) -> Iterable[tuple[str, str]]:
    from registry.model.graph import GRAPH
    from registry.model.snapshot import shown

    for prop in GRAPH.properties(node.id.label):
        value = node.properties.get(prop.name)
        word = prop.zh if words == "zh" else prop.name
        if isinstance(value, Text) and prop.name == "name":
            yield word, " / ".join(filter(None, value))
        elif value is not None:
            yield word, shown(prop, value, language)


def _edge_rows(
    out: Iterable[Edge], back: Iterable[Edge], nodes: dict[NodeId, Node], language: str, words: str
) -> Iterable[tuple[str, str]]:
    from registry.model.graph import GRAPH
    from registry.model.snapshot import shown

    zh = words == "zh"
    for edge in out:
        edge_type = GRAPH.by_edge[edge.name]
        shown_properties = "".join(
            f" ({prop.zh if zh else prop.name}: {shown(prop, edge.properties[prop.name], language)})"
            for prop in edge_type.properties
            if prop.name in edge.properties
        )
        word = edge_type.zh if zh else edge_type.word
        yield word, f"{nodes[edge.target].name.to(language)}  [{edge.target.reference}]{shown_properties}"
    for edge in back:
        edge_type = GRAPH.by_edge[edge.name]
        word = f"引用（{edge_type.zh}）" if zh else edge_type.inverse
        yield word, f"{nodes[edge.source].name.to(language)}  [{edge.source.reference}]"


def _node_json(node: Node, out: Iterable[Edge], back: Iterable[Edge], nodes: dict[NodeId, Node]) -> dict[str, Json]:
    from registry.lineage.serialization import linked
    from registry.model.graph import GRAPH
    from registry.model.snapshot import to_json

    found: dict[str, Json] = {"key": node.id.key, "type": GRAPH.node(node.id.label).noun}
    found |= {name: to_json(value) for name, value in node.properties.items()}
    leads: dict[str, list[Json]] = {}
    for edge in out:
        shown_properties = {name: to_json(value) for name, value in edge.properties.items()}
        leads.setdefault(edge.name.lower(), []).append({**linked(nodes[edge.target]), **shown_properties})
    led: dict[str, list[Json]] = {}
    for edge in back:
        led.setdefault(GRAPH.by_edge[edge.name].inverse, []).append(linked(nodes[edge.source]))
    return {**found, **leads, "referred_to_by": {**led}}


def print_flows(reader: Reader, chosen: Scope, limit: int, after: str, language: str, form: str) -> None:
    """Print the flows that a scope lets through, those after the key ``after``."""
    from registry.lineage.flow_views import view_flows
    from registry.lineage.question import Question
    from registry.model.snapshot import to_json
    from registry_cli import rendering
    from registry_cli.tables import print_table

    question = Question("flows", reader, chosen)
    to_recipients = (condition for one in question.recipients.as_filter() for condition in one.possible)
    where = question.flows().certain.also(*to_recipients)
    found = [flow for flow in reader.flows(where) if flow.key > after]
    complete = len(found) <= limit
    seen = view_flows(reader, found[:limit])
    words = ("FROM", "TO", "CARRIES", "FOR", "STATED_IN")
    if form == "json":
        rendering.print_json(
            {
                "complete": complete,
                "following": None if complete else found[limit - 1].key,
                "flows": [
                    {
                        "key": flow.id.key,
                        **{name: to_json(value) for name, value in flow.node.properties.items()},
                        **{word.lower(): [end.key for end in flow.ends(word)] for word in words},
                    }
                    for flow in seen.flows.values()
                ],
            }
        )
    else:
        rows = [
            (
                flow.id.key,
                flow.node.name.to(language),
                flow.node.word("kind") or "",
                flow.node.word("status") or "",
                *(", ".join(end.key for end in flow.ends(word)) for word in words),
            )
            for flow in seen.flows.values()
        ]
        headings = ("key", "name", "kind", "status", *(word.lower() for word in words))
        if form == "csv":
            rendering.print_csv([headings, *rows])
        else:
            key, says, title = ("标识", "流转", "流转") if language == "zh" else ("Key", "Flow", "flows")
            lines = [(row[0], _flow_lines(row, words, language)) for row in rows]
            print_table((key, says), lines, title=f"{title} ({len(rows)})")
    if not complete:
        last = found[limit - 1].key
        cut = Text(
            f"not complete: {limit} of {len(found)} flows; go on with --after {last}",
            f"不完整：共{len(found)}条，已列出{limit}条；继续：--after {last}",
        )
        click.echo(cut.to(language), err=True)


def _flow_lines(row: Sequence[str], words: Sequence[str], language: str) -> str:
    """A flow in a few lines: name, kind and status, then each edge under its word."""
    from registry.model.graph import FLOW, GRAPH
    from registry.model.snapshot import shown

    _, name, kind, status, *ends = row
    shown_properties = [
        shown(GRAPH.property(FLOW, word), value, language)
        for word, value in (("kind", kind), ("status", status))
        if value
    ]
    heads = [GRAPH.by_edge[word].zh if language == "zh" else GRAPH.by_edge[word].en for word in words]
    leads = [f"{head}: {end}" for head, end in zip(heads, ends, strict=True) if end]
    return "\n".join([f"{name} ({', '.join(shown_properties)})", *leads])
