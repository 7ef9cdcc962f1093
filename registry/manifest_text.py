"""Documents as the YAML of a manifest: alone, or put into a manifest that is there."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from registry.bilingual import Text
from registry.errors import InvalidInput, Place, Problem, Refused
from registry.manifests import read_bytes
from registry.model.parsed import BOOLEAN, DATE, NUMBER, TEXT, Fields, Given, Items, Scalar
from registry.model.snapshot import Snapshot
from registry.model.written import document
from registry.planning import read_document
from registry.stores.port import Reader

_TAGS = {
    TEXT: "tag:yaml.org,2002:str",
    BOOLEAN: "tag:yaml.org,2002:bool",
    NUMBER: "tag:yaml.org,2002:int",
    DATE: "tag:yaml.org,2002:timestamp",
}
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDTH = 118
_BLOCKS = 3
"""Sections, keys and words stand below each other; what a word holds stands beside it."""
_ANOTHER = Text("name another file", "另写一个文件")


def manifest(declared: Snapshot) -> str:
    """Return the manifest that declares just this, in YAML."""
    return _yaml(_document(declared))


def added(reader: Reader, data: bytes, file: str, declared: Snapshot) -> bytes:
    """Return the manifest ``data`` of ``file`` with ``declared`` put into its sections; what stood there stays.

    Applying the result declares just what ``declared`` says of these things. Raises `InvalidInput` where ``data`` is
    no right manifest by itself, and `Refused` where it declares one of these things already, would say more of them by
    its defaults, or is written so that nothing can be put in.
    """
    fresh = _document(declared)
    text = data.decode("utf-8", "surrogateescape")
    before = _read(data, file) if _says_something(text) else Fields((), Place(file))
    end = "\r\n" if "\r\n" in text else "\n"
    after = text
    for section, entries in fresh.fields:
        if isinstance(entries, Fields):
            _refuse_declared(before, section, entries, file)
            after = _with_section(after, section, entries, file, end)
    result = after.encode("utf-8", "surrogateescape")
    _verify(before, fresh, result, file)
    _verify_meaning(reader, before, _read(result, file), declared, file)
    return result


def _document(declared: Snapshot) -> Fields:
    return document(declared.nodes.values(), declared.edges.values(), Place("registry"))


def _yaml(value: Fields, depth: int = 0) -> str:
    return str(yaml.serialize(_node(value, depth), allow_unicode=True, width=_WIDTH))


def _node(value: Given, depth: int) -> yaml.Node:
    if isinstance(value, Scalar):
        return yaml.ScalarNode(_TAGS[value.sort], value.written)
    if isinstance(value, Items):
        items = [_node(item, depth + 1) for item in value.items]
        return yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=True)
    pairs = [(_node(key, depth), _node(one, depth + 1)) for key, one in value.fields]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=depth >= _BLOCKS)


def _says_something(text: str) -> bool:
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    return any(line and not line.startswith("#") for line in lines)


def _read(data: bytes, file: str) -> Fields:
    problems: list[Problem] = []
    found = read_bytes(data, file, problems)
    if found is None or problems:
        raise InvalidInput(problems)
    return found


def _refuse_declared(before: Fields, section: Scalar, entries: Fields, file: str) -> None:
    there = before.find(section.written)
    if isinstance(there, Fields):
        for key, _ in entries.fields:
            if there.find(key.written) is not None:
                what = Text(
                    f'{file} declares "{key.written}" in {section.written} already',
                    f"{file}的{section.written}中已声明“{key.written}”",
                )
                raise Refused(what, hint=_ANOTHER)


def _with_section(text: str, section: Scalar, entries: Fields, file: str, end: str) -> str:
    """The text with these entries at the end of their section, or with the section at its own end."""
    root = _root(text, file)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    if isinstance(root, yaml.MappingNode) and root.flow_style:
        what = Text(f"{file} is written in braces: nothing can be added", f"{file}以花括号书写，无法添加内容")
        raise Refused(what, hint=_ANOTHER)
    lines = text.splitlines(keepends=True)
    for key, value in pairs:
        if key.value == section.written:
            if not isinstance(value, yaml.MappingNode) or value.flow_style:
                what = Text(
                    f"{file}: the section {section.written} is written in braces: nothing can be added to it",
                    f"{file}：章节{section.written}以花括号书写，无法向其添加内容",
                )
                hint = Text(
                    f"write its keys below each other, or {_ANOTHER.en}", f"将其中各标识逐行书写，或{_ANOTHER.zh}"
                )
                raise Refused(what, hint=hint)
            return _inserted(lines, _after(value), _yaml(entries, 1), value.start_mark.column, end)
    whole = Fields(((section, entries),), section.place)
    return _inserted(lines, len(lines), _yaml(whole), root.start_mark.column if root is not None else 0, end)


def _root(text: str, file: str) -> yaml.Node | None:
    if not _says_something(text):
        return None
    try:
        return yaml.compose(text.removeprefix("\ufeff"), Loader=_LOADER)
    except yaml.YAMLError as error:  # it ends with the sign of an end: what was put after that is in its way
        raise _unsafe(file) from error


def _unsafe(file: str) -> Refused:
    what = Text(f"{file} is written so that nothing can be added safely", f"{file}的写法使内容无法稳妥添加")
    return Refused(what, hint=_ANOTHER)


def _after(node: yaml.Node) -> int:
    """The number of the line after the last that ``node`` stands in, from 0; comments below it do not count."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    # A text in a block ends where the next line begins.
    return mark.line if getattr(node, "style", None) in ("|", ">") and mark.column == 0 else mark.line + 1


def _inserted(lines: list[str], at: int, text: str, indent: int, end: str) -> str:
    before, after = "".join(lines[:at]), "".join(lines[at:])
    if before and not before.endswith(("\n", "\r")):
        before += end
    fresh = "".join(" " * indent + line + end if line else end for line in text.splitlines())
    return before + fresh + after


def _verify(before: Fields, fresh: Fields, result: bytes, file: str) -> None:
    """Nothing else than was meant may come of it, however unusual the file."""
    wanted = {section.written: _bare(value) for section, value in before.fields}
    for section, value in fresh.fields:
        wanted[section.written] = {**_mapping(wanted.get(section.written)), **_mapping(_bare(value))}
    problems: list[Problem] = []
    found = read_bytes(result, file, problems)
    if found is None or problems or _bare(found) != wanted:
        raise _unsafe(file)


_Bare = str | tuple[str, str] | list["_Bare"] | dict[str, "_Bare"]


def _bare(value: Given) -> _Bare:
    """The value without its places."""
    if isinstance(value, Scalar):
        return (value.written, value.sort)
    if isinstance(value, Items):
        return [_bare(item) for item in value.items]
    return {key.written: _bare(one) for key, one in value.fields}


def _mapping(value: _Bare | None) -> dict[str, _Bare]:
    return value if isinstance(value, dict) else {}


def _verify_meaning(reader: Reader, before: Fields, after: Fields, declared: Snapshot, file: str) -> None:
    """The file must load, and declare these things as ``declared`` does: its defaults could say more of them."""
    try:
        read = read_document(reader, after)
    except InvalidInput:
        read_document(reader, before)  # what is wrong already has its right place here
        raise
    more = sorted(set(_more(read, declared)))
    if more:
        raise Refused(
            Text(
                f"the defaults of {file} say {', '.join(more)}, and what is registered does not",
                f"{file}的defaults规定了{'、'.join(more)}，而所登记的内容没有",
            ),
            hint=Text(f"give {'it' if len(more) == 1 else 'them'} too, or {_ANOTHER.en}", f"一并给出，或{_ANOTHER.zh}"),
        )


def _more(read: Snapshot, declared: Snapshot) -> Iterator[str]:
    """The words that ``read`` says of the nodes of ``declared``, and ``declared`` does not."""
    for node_id, node in declared.nodes.items():
        yield from (
            name for name, value in read.nodes[node_id].properties.items() if node.properties.get(name) != value
        )
    for edge_id, edge in read.edges.items():
        if edge.source in declared.nodes and declared.edges.get(edge_id) != edge:
            yield edge.name.lower()
