"""The commands that register or change one thing wholly by options, which derive from the declared graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from registry.bilingual import Text
from registry.errors import InvalidInput, Refused
from registry.model.declaration import EdgeType, Kind, NodeType, Property
from registry.model.graph import FLOW, GRAPH
from registry.model.parsed import Fields
from registry.model.snapshot import NodeId, Snapshot
from registry_cli.applying import says
from registry_cli.new_things import new_words
from registry_cli.option_document import Options, added_document, in_options, new_variable, variable
from registry_cli.options import LANGUAGE, on_terminal, opened
from registry_cli.writing import intended, write

_SEVERAL = """Options that hold a list, or lead to other things, may be given several times. A thing is named by its
key, or by any name that means nothing else."""
_NEW = """Options that end in `-new` make what they lead to: they take what it is with its key, and its name, in both
languages or in one: `{}`."""
_SIGNS = """What is not given stays as it was. Of a list, and of what it leads to, `+` adds one and `-` takes one away
(`--{word} +one --{word} -other`); without a sign, what is given takes the place of all."""
_MANY = (Kind.TEXTS, Kind.CHOICES)


def adding(node_type: NodeType, name: str = "") -> click.Command:
    """The command that registers a node of this type, called ``name`` or by the type's noun."""

    def run(key: str | None, yes: bool, language: str, to_file: str, **values: Any) -> None:
        _add(click.get_current_context(), node_type, key or "", values, to_file, yes=yes, language=language)

    file = click.Option(
        ["--to-file"],
        default="",
        metavar="FILE",
        help="Add the manifest of what was registered to this file, instead of printing it.",
    )
    noun = node_type.noun.replace("_", " ")
    command = click.Command(
        name or node_type.noun.replace("_", "-"),
        params=[click.Argument(["key"], required=False), *_options(node_type), file, _yes()],
        callback=run,
        help=f"Register a {noun}: {node_type.doc}\n\n{_SEVERAL}{_about_new(node_type)}\n\n"
        "On a terminal it asks for what is missing. What was registered is printed as a manifest.",
        short_help=_short(node_type),
    )
    return LANGUAGE(command)


def changing(node_type: NodeType, name: str = "") -> click.Command:
    """The command that changes a node of this type, called ``name`` or by the type's noun."""

    def run(key: str, yes: bool, language: str, **values: Any) -> None:
        _change(click.get_current_context(), node_type, key, values, yes=yes, language=language)

    words = [prop.name for prop in GRAPH.properties(node_type.label) if not prop.required]
    words += [edge.word for edge in GRAPH.edges_from(node_type.label) if not edge.least]
    unset = click.Option(
        ["--unset"],
        multiple=True,
        type=click.Choice([word.replace("_", "-") for word in words]),
        metavar="WORD",
        help="State this no more: a property, or all that a word leads to.",
    )
    signs = _SIGNS.format(word=next((edge.option for edge in GRAPH.edges_from(node_type.label)), "aliases"))
    command = click.Command(
        name or node_type.noun.replace("_", "-"),
        params=[click.Argument(["key"]), *_options(node_type, signed=True), unset, _yes()],
        callback=run,
        help=f"Change a {node_type.noun.replace('_', ' ')}: {node_type.doc}\n\n{signs}{_about_new(node_type)}\n\n"
        "What it is afterwards is printed as a manifest.",
        short_help=_short(node_type),
    )
    return LANGUAGE(command)


def _short(node_type: NodeType) -> str:
    return re.split(r"(?<!art)\.(?: |$)", node_type.doc)[0]


def _about_new(node_type: NodeType) -> str:
    if node_type.label == FLOW:
        return "\n\n" + _NEW.format('--to-new sdk:amap "Amap SDK|高德SDK"')
    for edge in GRAPH.edges_from(node_type.label):
        for word in new_words(edge.targets(node_type.label)):
            return "\n\n" + _NEW.format(f'--{edge.option}-new {word}:KEY "English|中文"')
    return ""


def _options(node_type: NodeType, *, signed: bool = False) -> Iterator[click.Option]:
    for prop in GRAPH.properties(node_type.label):
        yield from _property_options(prop, signed=signed)
    for edge in GRAPH.edges_from(node_type.label):
        yield _edge_option(edge, node_type.label, required=bool(edge.least) and not signed)
        words = new_words(edge.targets(node_type.label))
        if words:
            yield _new_option(edge, [*words])


def _yes() -> click.Option:
    return click.Option(["--yes"], is_flag=True, help="Do not ask.")


def _property_options(prop: Property, *, signed: bool) -> Iterator[click.Option]:
    name = prop.name.replace("_", "-")
    doc = prop.doc + (" Required." if prop.required and not signed else "")
    if prop.kind is Kind.BILINGUAL:
        one = " One of the two is required." if prop.required and not signed else ""
        yield click.Option([f"--{name}-en", f"{prop.name}__en"], help=f"{prop.doc} In English.{one}")
        yield click.Option([f"--{name}-zh", f"{prop.name}__zh"], help="The same in Chinese.")
    elif prop.kind is Kind.FLAG:
        yield click.Option([f"--{name}/--no-{name}", prop.name], default=None, help=doc)
    elif prop.kind is Kind.CHOICE or (prop.kind is Kind.CHOICES and not signed):
        yield click.Option(
            [f"--{name}", prop.name], type=click.Choice(prop.values), multiple=prop.kind is Kind.CHOICES, help=doc
        )
    else:
        yield click.Option([f"--{name}", prop.name], multiple=prop.kind in _MANY, metavar=_metavar(prop), help=doc)


def _metavar(prop: Property) -> str:
    if prop.choices:
        return f"[{'|'.join(prop.values)}]"
    return {Kind.DATE: "DATE", Kind.PERIOD: "P3Y", Kind.URL: "URL", Kind.NUMBER: "NUMBER"}.get(prop.kind, "TEXT")


def _edge_option(edge: EdgeType, label: str, *, required: bool) -> click.Option:
    nouns = "|".join(GRAPH.node(target).noun for target in edge.targets(label))
    words = [
        word
        for prop in edge.properties
        for word in ([f"{prop.name}.en", f"{prop.name}.zh"] if prop.kind is Kind.BILINGUAL else [prop.name])
    ]
    says = " May be followed by " + " ".join(f",{word}=…" for word in words) if words else ""
    return click.Option(
        [f"--{edge.option}", variable(edge)],
        multiple=True,
        metavar=nouns.upper(),
        help=edge.doc + (" Required." if required else "") + says,
    )


def _new_option(edge: EdgeType, words: list[str]) -> click.Option:
    kinds = f"{words[0].upper()}:KEY" if len(words) == 1 else "KIND:KEY"
    help_text = "The same, made with it." + (f" Kinds are {', '.join(words)}." if len(words) > 1 else "")
    return click.Option(
        [f"--{edge.option}-new", new_variable(edge)], nargs=2, multiple=True, metavar=f"{kinds} NAME", help=help_text
    )


def _add(
    ctx: click.Context,
    node_type: NodeType,
    key: str,
    values: Mapping[str, Any],
    to_file: str,
    *,
    yes: bool,
    language: str,
) -> None:
    from registry_cli.prompting import completed

    if not key and not on_terminal():
        raise click.MissingParameter(ctx=ctx, param_hint="'KEY'", param_type="argument")
    with opened(ctx) as store:
        with store.reading() as reader:
            if key and reader.get([NodeId(node_type.label, key)]):
                show = f"`registry show {node_type.noun}:{key}`"
                change = f"`registry change {node_type.noun.replace('_', '-')} {key}`"
                raise Refused(
                    Text(f'{node_type.noun} "{key}" is there already', f"{node_type.zh}“{key}”已存在"),
                    hint=Text(f"{show} shows it, {change} changes it", f"用{show}查看，用{change}变更"),
                )
        if on_terminal():
            key, values = completed(store, node_type, key, values, language)
        with store.reading() as reader:
            declared = _declared(Options(reader, node_type, values), key, lambda options: added_document(options, key))
            what = intended(reader, declared, NodeId(node_type.label, key), language, to_file)
        asked, done = says(language, "Register it?", "是否登记？"), says(language, "registered ", "已登记：")
        write(ctx, store, what, yes=yes, language=language, asked=asked, done=done)


def _change(
    ctx: click.Context, node_type: NodeType, name: str, values: Mapping[str, Any], *, yes: bool, language: str
) -> None:
    from registry.lineage import resolve
    from registry_cli.changing import changed_document

    with opened(ctx) as store:
        with store.reading() as reader:
            node_id = resolve(reader, name, [node_type.label])
            node = reader.get([node_id])[node_id]
            declared = _declared(
                Options(reader, node_type, values), node.id.key, lambda options: changed_document(options, node)
            )
            what = intended(reader, declared, node_id, language)
        asked, done = says(language, "Change it?", "是否变更？"), says(language, "changed ", "已变更：")
        write(ctx, store, what, yes=yes, language=language, asked=asked, done=done)


def _declared(options: Options, key: str, document: Callable[[Options], Fields]) -> Snapshot:
    """What the options declare; `InvalidInput` with every problem, in the words of options."""
    from registry.planning import read_document

    given = document(options)
    problems = options.problems
    # What was to be made and cannot be has its own problem, and is not missing as well.
    asked = [edge.word for edge in GRAPH.edges_from(options.node_type.label) if options.values.get(new_variable(edge))]
    said = {f'{options.node_type.noun} "{key}" has no {word}' for word in asked} if problems else set()
    try:
        declared = read_document(options.reader, given)
    except InvalidInput as error:
        problems.extend(
            in_options(problem, options.node_type) for problem in error.problems if problem.what.en not in said
        )
    if problems:
        raise InvalidInput(problems)
    return declared
