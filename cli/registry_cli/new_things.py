"""What a command makes besides the thing that it registers: that to which it leads, told by a kind and a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from registry.bilingual import Text, joined
from registry.errors import Place, Problem
from registry.model.declaration import EdgeType, Kind, NodeType
from registry.model.graph import GRAPH
from registry.model.parsed import BOOLEAN, TEXT, Fields, Given, Scalar
from registry.model.snapshot import NodeId
from registry.model.suggestions import meant, nearest

if TYPE_CHECKING:
    from registry.stores.port import Reader

_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LANGUAGES = re.compile(r"\s*[|｜]\s*")


@dataclass(frozen=True)
class NewThing:
    """A thing that is made on the way: its kind, key and name, and what the edge that leads there says of itself."""

    option: str
    node_type: NodeType
    values: Mapping[str, str]
    key: str
    name: str
    properties: Sequence[str] = ()
    problems: list[Problem] = field(default_factory=list, compare=False)

    @property
    def reference(self) -> str:
        """How it is referred to where the key alone could mean two things."""
        return f"{self.node_type.noun}:{self.key}"

    def same(self, other: NewThing) -> bool:
        """Whether the other is just this thing, by whichever option it was given."""
        return (self.node_type, self.values, self.key, self.name) == (
            other.node_type, other.values, other.key, other.name,
        )  # fmt: skip

    def entry(self, *, same_name: bool) -> tuple[Scalar, Given]:
        """Its key and what a document says of it."""
        place = Place(self.option)
        said: list[tuple[Scalar, Given]] = [(Scalar("name", TEXT, place), _name(self.name, place))]
        said += [(Scalar(word, TEXT, place), Scalar(value, TEXT, place)) for word, value in self.values.items()]
        if same_name:
            said.append((Scalar("same_name", TEXT, place), Scalar("true", BOOLEAN, place)))
        return Scalar(self.key, TEXT, place), Fields(tuple(said), place)


def new_words(labels: Iterable[str]) -> dict[str, tuple[NodeType, Mapping[str, str]]]:
    """The words that say what a new thing is, each with its kind and what else it says of the thing.

    The noun of each kind that needs no more than a name; where it needs one of a closed set too, each value of that
    (``sdk``). What needs more than that has to be registered apart.
    """
    found: dict[str, tuple[NodeType, Mapping[str, str]]] = {}
    for label in labels:
        node_type = GRAPH.node(label)
        needs = [prop for prop in GRAPH.properties(label) if prop.required and prop.name != "name"]
        if any(edge.least for edge in GRAPH.edges_from(label)):
            continue
        if not needs:
            found[node_type.noun] = node_type, {}
        elif len(needs) == 1 and needs[0].kind is Kind.CHOICE:
            found.update({value: (node_type, {needs[0].name: value}) for value in needs[0].values})
    return found


def read_new(
    reader: Reader, edge: EdgeType, labels: Sequence[str], text: str, name: str, problems: list[Problem]
) -> NewThing | None:
    """The new thing that ``KIND:KEY`` and a name ask for; None where they do not, and the problem is noted."""
    option = f"--{edge.option}-new"
    words = new_words(labels)
    head, *properties = (part.strip() for part in text.split(","))
    word, colon, key = head.partition(":")
    if not (colon and word in words):
        kinds = {node_type.label for node_type, _ in words.values()}
        word, key = (next(iter(words)), head) if len(words) == len(kinds) == 1 else ("", head)
    if not word:
        near = meant(f"{one}:{head.partition(':')[2] or head}" for one in nearest(head.partition(":")[0], words, 1))
        how = Text(
            f"write KIND:KEY; kinds are {', '.join(words)}", f"写作KIND:KEY（类别:标识）；类别有{'、'.join(words)}"
        )
        what = Text(f'"{head}" does not say what it is', f"“{head}”没有写明类别")
        problems.append(Problem(Place(option), what, joined([near, how], Text(" ", ""))))
        return None
    node_type, values = words[word]
    if reader.get([NodeId(node_type.label, key)]):
        there = f"--{edge.option} {node_type.noun}:{key}"
        what = Text(f'{node_type.noun} "{key}" is there already', f"{node_type.zh}“{key}”已存在")
        problems.append(Problem(Place(option), what, Text(f"give {there}", f"给出{there}")))
        return None
    return NewThing(option, node_type, values, key, name, properties, problems)


def _name(text: str, place: Place) -> Fields:
    texts = languages(text)
    return Fields(tuple((Scalar(word, TEXT, place), Scalar(one, TEXT, place)) for word, one in texts.items()), place)


def languages(text: str) -> dict[str, str]:
    """``English|中文`` as the text of each language, in either order; one alone is of the language of its script."""
    first, *more = _LANGUAGES.split(text.strip(), maxsplit=1)
    if not more:
        return {"zh" if is_chinese(first) else "en": first}
    second = more[0]
    if is_chinese(first) and not is_chinese(second):
        first, second = second, first
    return {"en": first, "zh": second}


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return _CHINESE.search(text) is not None


def slug(text: str) -> str:
    """A key made of a name: ``Amap SDK`` is ``amap-sdk``; empty where the name has no letters of a key."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
