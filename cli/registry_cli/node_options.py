"""The commands that register one thing wholly by options, which derive from the declared graph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from registry.errors import AmbiguousName, InvalidInput, Place, Problem, Refused, UnknownName
from registry.model.declaration import EdgeType, Kind, NodeType, Property
from registry.model.graph import GRAPH
from registry.model.parsed import BOOLEAN, NUMBER, TEXT, Fields, Given, Items, Scalar
from registry.model.snapshot import NodeId, Snapshot
from registry_cli.options import on_terminal, opened

if TYPE_CHECKING:
    from registry.stores.port import Reader

_SEVERAL = """Options that hold a list, or lead to other things, may be given several times. A thing is named by its
key, or by any name that means nothing else."""
_MANY = (Kind.TEXTS, Kind.CHOICES)


def adding(node_type: NodeType, name: str = "") -> click.Command:
    """The command that registers a node of this type, called ``name`` or by the type's noun."""
    options: list[click.Parameter] = [click.Argument(["key"])]
    for prop in GRAPH.properties(node_type.label):
        options.extend(_property_options(prop))
    options.extend(_edge_option(edge, node_type.label) for edge in GRAPH.edges_from(node_type.label))
    options.append(click.Option(["--yes"], is_flag=True, help="Do not ask."))
    languages = click.Choice(["en", "zh"])
    options.append(click.Option(["--lang", "language"], type=languages, default="en", help="Language of names."))

    def run(key: str, yes: bool, language: str, **values: Any) -> None:
        _add(click.get_current_context(), node_type, key, values, yes=yes, language=language)

    return click.Command(
        name or node_type.noun.replace("_", "-"),
        params=options,
        callback=run,
        help=f"Register a {node_type.noun.replace('_', ' ')}: {node_type.doc}\n\n{_SEVERAL}",
        short_help=re.split(r"(?<!art)\.(?: |$)", node_type.doc)[0],
    )


def _property_options(prop: Property) -> Iterator[click.Option]:
    name = prop.name.replace("_", "-")
    doc = prop.doc + (" Required." if prop.required else "")
    if prop.kind is Kind.BILINGUAL:
        yield click.Option([f"--{name}-en", f"{prop.name}__en"], help=f"{doc} In English.")
        yield click.Option([f"--{name}-zh", f"{prop.name}__zh"], help="The same in Chinese.")
    elif prop.kind is Kind.FLAG:
        yield click.Option([f"--{name}/--no-{name}", prop.name], default=None, help=doc)
    elif prop.kind in (Kind.CHOICE, Kind.CHOICES):
        yield click.Option(
            [f"--{name}", prop.name], type=click.Choice(prop.values), multiple=prop.kind is Kind.CHOICES, help=doc
        )
    else:
        yield click.Option([f"--{name}", prop.name], multiple=prop.kind in _MANY, metavar=_metavar(prop), help=doc)


def _metavar(prop: Property) -> str:
    return {Kind.DATE: "DATE", Kind.PERIOD: "P3Y", Kind.URL: "URL", Kind.NUMBER: "NUMBER"}.get(prop.kind, "TEXT")


def _edge_option(edge: EdgeType, label: str) -> click.Option:
    nouns = "|".join(GRAPH.node(target).noun for target in edge.targets(label))
    words = [
        word
        for prop in edge.properties
        for word in ([f"{prop.name}.en", f"{prop.name}.zh"] if prop.kind is Kind.BILINGUAL else [prop.name])
    ]
    says = " May be followed by " + " ".join(f",{word}=…" for word in words) if words else ""
    return click.Option(
        [f"--{edge.option}", _variable(edge)],
        multiple=True,
        metavar=nouns.upper(),
        help=edge.doc + (" Required." if edge.least else "") + says,
    )


def _variable(edge: EdgeType) -> str:
    # `from` and `for` are words of Python.
    return f"edge_{edge.word}"


def _add(
    ctx: click.Context, node_type: NodeType, key: str, values: Mapping[str, Any], *, yes: bool, language: str
) -> None:
    from registry.effects import effects
    from registry.planning import apply, plan
    from registry_cli.applying import NOTHING, says, tell_effects

    with opened(ctx) as store:
        with store.reading() as reader:
            if reader.get([NodeId(node_type.label, key)]):
                raise Refused(
                    f'{node_type.noun} "{key}" is there already',
                    hint=f"`registry show {node_type.noun}:{key}` shows it",
                )
            planned = plan(reader, _declared(reader, node_type, key, _completed(node_type, values, language)))
            means = effects(reader, planned)
        tell_effects([effect.what.to(language) for effect in means], language)
        asking = not yes and on_terminal()
        if asking and not click.confirm(says(language, "Register it?", "是否登记？"), default=True, err=True):
            click.echo(says(language, *NOTHING), err=True)
            ctx.exit(1)
        apply(store, planned)
        click.echo(says(language, "registered ", "已登记：") + f"{node_type.noun}:{key}", err=True)


def _completed(node_type: NodeType, values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The values given; on a terminal, what is required and missing is asked for."""
    from registry_cli.applying import says

    found = dict(values)
    if not on_terminal():
        return found
    for prop in GRAPH.properties(node_type.label):
        called = says(language, prop.en, prop.zh)
        if prop.required and prop.kind is Kind.BILINGUAL:
            for end, asked in (
                ("en", says(language, f"{called} in English", f"{called}（英文）")),
                ("zh", says(language, f"{called} in Chinese", f"{called}（中文）")),
            ):
                name = f"{prop.name}__{end}"
                found[name] = found[name] or click.prompt(asked, err=True)
        elif prop.required and not found[prop.name]:
            kind = click.Choice(prop.values) if prop.choices else None
            found[prop.name] = click.prompt(called, type=kind, err=True)
    for edge in GRAPH.edges_from(node_type.label):
        if edge.least and not found[_variable(edge)]:
            asked = says(language, f"{edge.en} (keys, separated by spaces)", f"{edge.zh}（标识，以空格分隔）")
            found[_variable(edge)] = tuple(click.prompt(asked, err=True).split())
    return found


def _declared(reader: Reader, node_type: NodeType, key: str, values: Mapping[str, Any]) -> Snapshot:
    """What the options declare; `InvalidInput` with every problem, in the words of options."""
    from registry.planning import read_document

    problems: list[Problem] = []
    document = _document(reader, node_type, key, values, problems)
    try:
        declared = read_document(reader, document)
    except InvalidInput as error:
        problems.extend(_in_options(problem, node_type) for problem in error.problems)
    if problems:
        raise InvalidInput(problems)
    return declared


def _in_options(problem: Problem, node_type: NodeType) -> Problem:
    """The problem with a hint that names options where it names lines of a manifest."""

    def option(found: re.Match[str]) -> str:
        word, value = found.groups()
        name = f"--{word.replace('_', '-')}"
        kinds = {prop.name: prop.kind for prop in GRAPH.properties(node_type.label)}
        if kinds.get(word) is Kind.BILINGUAL:
            return f"give {name}-en and {name}-zh"
        if kinds.get(word) is Kind.FLAG:
            return f"give {name if value == 'true' else name.replace('--', '--no-', 1)}"
        own = word in kinds or any(edge.word == word for edge in GRAPH.edges_from(node_type.label))
        return f"give {name} {value}" if own else f"write ,{word}.en=… and ,{word}.zh=… after the key"

    hint = re.sub(r"write `(\w+): ([^`]*)`", option, problem.hint)
    return problem._replace(hint=hint.replace("remove the line", "leave the option out"))


def _document(
    reader: Reader, node_type: NodeType, key: str, values: Mapping[str, Any], problems: list[Problem]
) -> Fields:
    """The same as a manifest would say, each value at the option that gave it."""
    fields: list[tuple[Scalar, Given]] = []
    for prop in GRAPH.properties(node_type.label):
        value = _given_property(prop, values)
        if value is not None:
            fields.append((_scalar(prop.name, f"--{prop.name}"), value))
    for edge in GRAPH.edges_from(node_type.label):
        items = [_given_edge(reader, node_type, edge, text, problems) for text in values[_variable(edge)]]
        if items:
            fields.append((_scalar(edge.word, f"--{edge.option}"), Items(tuple(items), Place(f"--{edge.option}"))))
    place = Place("KEY")
    entry = Fields(tuple(fields), place)
    return Fields(((_scalar(node_type.section, "KEY"), Fields(((Scalar(key, TEXT, place), entry),), place)),), place)


def _scalar(text: str, option: str, sort: str = TEXT) -> Scalar:
    return Scalar(text, sort, Place(option.replace("_", "-")))


def _given_property(prop: Property, values: Mapping[str, Any]) -> Given | None:
    option = f"--{prop.name.replace('_', '-')}"
    if prop.kind is Kind.BILINGUAL:
        texts = {language: values[f"{prop.name}__{language}"] for language in ("en", "zh")}
        if not any(texts.values()):
            return None
        place = Place(f"{option}-en/-zh")
        return Fields(
            tuple(
                (Scalar(language, TEXT, place), Scalar(text, TEXT, place)) for language, text in texts.items() if text
            ),
            place,
        )
    value = values[prop.name]
    if value is None or value == ():
        return None
    if isinstance(value, tuple):
        return Items(tuple(_scalar(text, option) for text in value), Place(option))
    if isinstance(value, bool):
        return _scalar(str(value).lower(), option, BOOLEAN)
    return _scalar(value, option, NUMBER if prop.kind is Kind.NUMBER else TEXT)


def _given_edge(reader: Reader, node_type: NodeType, edge: EdgeType, text: str, problems: list[Problem]) -> Given:
    """``KEY`` or ``KEY,property=value``; the key may be any name that means one thing."""
    option = f"--{edge.option}"
    name, *properties = (part.strip() for part in text.split(","))
    labels = edge.targets(node_type.label)
    target = _target(reader, name, labels, option, problems)
    reference = _scalar(target or name, option)
    if not properties:
        return reference
    noun = target.partition(":")[0] if target else GRAPH.node(labels[0]).noun
    return Fields(((_scalar(noun, option), reference), *_said(edge, name, properties, option, problems)), Place(option))


def _target(reader: Reader, name: str, labels: Sequence[str], option: str, problems: list[Problem]) -> str | None:
    """What ``name`` means, as ``noun:key``; None where it means nothing, which the reader of the document refuses."""
    from registry.lineage import resolve

    try:
        return resolve(reader, name, labels).reference
    except UnknownName:
        return None
    except AmbiguousName as error:
        problems.append(Problem(Place(option), error.message, error.hint))
        return error.candidates[0]


def _said(
    edge: EdgeType, name: str, properties: Sequence[str], option: str, problems: list[Problem]
) -> Iterator[tuple[Scalar, Given]]:
    """What follows a key: ``property=value``, ``property.en=text``; what is given several times is a list."""
    values: dict[str, list[str]] = {}
    word = ""
    for part in properties:
        before, equals, value = part.partition("=")
        if equals:
            word = before
            values.setdefault(word, []).append(value)
        elif word:
            values[word][-1] += f", {part}"  # a comma within a text
        else:
            problems.append(Problem(Place(option), f'"{part}" is no property', f"write {name},property=value"))
    kinds = {prop.name: prop.kind for prop in edge.properties}
    texts: dict[str, list[tuple[Scalar, Given]]] = {}
    for word, given in values.items():
        base, dot, language = word.partition(".")
        sort = BOOLEAN if kinds.get(word) is Kind.FLAG else TEXT
        scalars = tuple(_scalar(value, option, sort) for value in given)
        found = scalars[0] if len(scalars) == 1 else Items(scalars, Place(option))
        if dot and kinds.get(base) is Kind.BILINGUAL:
            texts.setdefault(base, []).append((_scalar(language, option), found))
        else:
            yield _scalar(word, option), found
    for base, languages in texts.items():
        yield _scalar(base, option), Fields(tuple(languages), Place(option))
