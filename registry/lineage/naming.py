"""From what people call a thing to the thing."""

from __future__ import annotations

from collections.abc import Collection

from registry.bilingual import joined
from registry.errors import AmbiguousName, UnknownName
from registry.model.draft import listed
from registry.model.graph import GRAPH
from registry.model.snapshot import NodeId, Text, normalised
from registry.model.suggestions import clipped, meant, nearest
from registry.stores.port import Direction, Match, Reader, Step

_FEW = 8


def resolve(reader: Reader, name: str, labels: Collection[str] = ()) -> NodeId:
    """Return the one node of ``labels`` (any where empty) that ``name`` means.

    A key wins over a former key, an alias or a name, and a wider thing over its own kinds of the same name (the camera
    over the camera of one platform); ``recipient:jpush`` says which kind of node is meant. Raises `UnknownName`
    with the nearest names, `AmbiguousName` with all that answer to it.
    """
    found = _named(reader, name, labels)
    if found:
        return _one(reader, name, found[0].text, found)
    borne = _in_schemes(reader, name, labels)
    if not borne:
        raise _unknown(reader, name, labels)
    return _one(reader, name, name, borne)


def resolve_all(reader: Reader, name: str, labels: Collection[str]) -> tuple[NodeId, ...]:
    """The same; but where a name of another scheme is borne by several, all of them are meant.

    Such a name is a term of Fideslang, DPV, Apple, Google Play or GB/T 35273, or the package of an SDK.
    """
    borne = () if _named(reader, name, labels) else _in_schemes(reader, name, labels)
    return tuple(sorted({match.id for match in borne})) or (resolve(reader, name, labels),)


_SCHEMES = ("fides", "dpv", "apple", "google_play", "gbt35273")


def _in_schemes(reader: Reader, name: str, labels: Collection[str]) -> list[Match]:
    """What is called so in another scheme; an SDK is found by a package that begins with one of its own."""
    wanted = name.strip().casefold()
    found = []
    for label in sorted(labels):
        declared = {prop.name for prop in GRAPH.properties(label)}
        if declared.isdisjoint((*_SCHEMES, "packages")):
            continue
        for node in reader.nodes(label):
            terms = (word.casefold() for scheme in _SCHEMES for word in node.words(scheme))
            packages = (word.casefold() for word in node.words("packages"))
            if wanted in terms or any(wanted == one or wanted.startswith(f"{one}.") for one in packages):
                found.append(Match(name, node.id))
    return found


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
        if _named(reader, name, some) or _in_schemes(reader, name, some):
            return resolve_all(reader, name, some)[0]
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
    some = ", ".join(candidates[:8]) + (" …" if len(candidates) > 8 else "")
    raise AmbiguousName(
        Text(f'"{clipped(said)}" could mean several things: {some}', f"“{clipped(said)}”可能指多项：{some}"),
        candidates=candidates,
        hint=Text(f"say which: {candidates[0]}", f"请指明，例如{candidates[0]}"),
    )


def _widest(reader: Reader, ids: list[NodeId]) -> NodeId | None:
    """The one that all the others are kinds of: to ask for it is to ask for them too."""
    for node_id in ids[:_FEW]:
        if reader.closure([node_id], [Step("BROADER", Direction.IN)]).keys() >= set(ids):
            return node_id
    return None


def _unknown(reader: Reader, name: str, labels: Collection[str]) -> UnknownName:
    close = nearest(name, (match.text for match in reader.names(labels)))
    types = [GRAPH.node(label) for label in sorted(labels)]
    en = " or ".join(one.noun.replace("_", " ") for one in types) or "thing"
    zh = "或".join(one.zh for one in types) or "事物"
    shows = listed(sorted(labels)) if labels else _EVERYTHING
    return UnknownName(
        Text(f'there is no {en} "{clipped(name)}"', f"没有名为“{clipped(name)}”的{zh}"),
        nearest=close,
        hint=joined([one for one in (meant(close), shows) if one], Text(" ", "")),
    )


_EVERYTHING = Text("`registry list KIND` shows what there is", "`registry list KIND`可查看全部")
