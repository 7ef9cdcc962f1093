"""From what people call a thing to the thing."""

from __future__ import annotations

from collections.abc import Collection

from registry.errors import AmbiguousName, UnknownName
from registry.model.draft import listed
from registry.model.graph import GRAPH
from registry.model.snapshot import NodeId, normalised
from registry.model.suggestions import clipped, nearest
from registry.stores.port import Direction, Match, Reader, Step

_FEW = 8


def resolve(reader: Reader, name: str, labels: Collection[str] = ()) -> NodeId:
    """Return the one node of ``labels`` (any where empty) that ``name`` means.

    A key wins over a former key, an alias or a name, and a wider thing over its own kinds of the same name (the camera
    over the camera of one platform); ``recipient:jpush`` says which kind of node is meant. Raises `UnknownName`
    with the nearest names, `AmbiguousName` with all that answer to it.
    """
    found = _named(reader, name, labels)
    if not found:
        raise _unknown(reader, name, labels)
    return _one(reader, name, found[0].text, found)


def _named(reader: Reader, name: str, labels: Collection[str]) -> list[Match]:
    """What answers to the name: to what follows the kind of thing, where it begins with one."""
    # A colon of full width is what a Chinese keyboard gives.
    noun, colon, rest = name.replace("：", ":", 1).partition(":")
    node_type = GRAPH.by_noun.get(normalised(noun).replace(" ", "_")) if colon else None
    if node_type is not None and rest and (not labels or node_type.label in labels):
        found = reader.named([rest.strip()], [node_type.label])
        if found:
            return found
    return reader.named([name], labels)


def resolve_first(reader: Reader, name: str, *labels: Collection[str]) -> NodeId:
    """The same, where a name means what it means among the first ``labels`` in which anything answers to it."""
    for some in labels[:-1]:
        if any(_named(reader, name, some)):
            return resolve(reader, name, some)
    try:
        return resolve(reader, name, labels[-1])
    except UnknownName:
        raise _unknown(reader, name, [label for some in labels for label in some]) from None


def _one(reader: Reader, said: str, name: str, found: Collection[Match]) -> NodeId:
    exact = {match.id for match in found if match.id.key == name}
    keyed = exact or {match.id for match in found if normalised(match.id.key) == normalised(name)}
    ids = sorted(keyed or {match.id for match in found})
    if len(ids) == 1:
        return ids[0]
    widest = _widest(reader, ids)
    if widest is not None:
        return widest
    candidates = [node_id.reference for node_id in ids]
    raise AmbiguousName(
        f'"{clipped(said)}" could mean several things: {", ".join(candidates[:8])}'
        + (" …" if len(candidates) > 8 else ""),
        candidates=candidates,
        hint=f"say which: {candidates[0]}",
    )


def _widest(reader: Reader, ids: list[NodeId]) -> NodeId | None:
    """The one that all the others are kinds of: to ask for it is to ask for them too."""
    for node_id in ids[:_FEW]:
        if reader.closure([node_id], [Step("BROADER", Direction.IN)]).keys() >= set(ids):
            return node_id
    return None


def _unknown(reader: Reader, name: str, labels: Collection[str]) -> UnknownName:
    close = nearest(name, (match.text for match in reader.names(labels)))
    nouns = sorted(GRAPH.node(label).noun.replace("_", " ") for label in labels)
    kinds = " or ".join(nouns) if nouns else "thing"
    hint = "did you mean " + " or ".join(f'"{word}"' for word in close) + "? " if close else ""
    shows = listed(sorted(labels)) if labels else "`registry list KIND` shows what there is"
    return UnknownName(f'there is no {kinds} "{clipped(name)}"', nearest=close, hint=hint + shows)
