"""Why an answer is empty: nothing is registered, nothing is in force on the day, or the filters leave all of it out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from registry.lineage.cached_reader import CachedReader
from registry.lineage.derivation import HELD
from registry.lineage.matching import Filter, Flows
from registry.lineage.taxonomy import BROADER, NARROWER, DataMatch
from registry.model.graph import CATEGORY
from registry.model.snapshot import NodeId, Text
from registry.stores.port import By

_NEAR = 5
"""How many kinds near the one asked for are named."""


def why_empty(flows: Flows, by: By, current: Filter, option: str) -> Text | None:
    """Why these flows lead to no such end; ``option`` is that of the filter by recipients, where there is one."""
    options = [*dict.fromkeys([one.option for one in flows.filters if one.option] + ([option] if option else []))]
    plain = flows.filtered([one for one in flows.filters if not one.option])
    anywhere = by._replace(among=None)
    if options and (left_out := _ends(plain, anywhere)):
        alone = [
            one
            for one in options
            if _ends(
                flows.filtered([two for two in flows.filters if two.option != one]), anywhere if one == option else by
            )
        ]
        return _filtered(left_out, options, alone)
    timeless = plain.filtered([one for one in plain.filters if one is not current])
    if found := _ends(timeless, anywhere):
        start, what = (
            ("One is registered, but is", "it") if found == 1 else (f"{found:,} are registered, but are", "them")
        )
        return Text(
            f"{start} not in force on the day asked about (--status any shows {what}).",
            f"共有{found:,}项，但在所询日期均未生效（--status any可查看）。",
        )
    return _near(plain.reader, plain)


def _ends(flows: Flows, by: By) -> int:
    return len(flows.reader.ends(flows.every, by))


def _filtered(left_out: int, options: Sequence[str], alone: Sequence[str]) -> Text:
    named = " or ".join(alone) if alone else " and ".join(options) + " together" * (len(options) > 1)
    one = left_out == 1
    return Text(
        f"Without the filters there {'is one' if one else f'are {left_out:,}'}: left out by {named}.",
        f"不加筛选时共有{left_out:,}项，被{'或'.join(alone) if alone else '与'.join(options)}排除。",
    )


def _near(reader: CachedReader, flows: Flows) -> Text | None:
    """Kinds of data near the one asked for about which there is something to say."""
    siblings = _siblings(reader, flows.data) if flows.data is not None else frozenset()
    every = Flows(reader, flows.filters).every
    found = reader.ends(every, By(HELD, frozenset((CATEGORY,)), siblings)) if siblings else []
    if not found:
        return None
    names = [node.name for node in reader.get(found[:_NEAR]).values()]
    more = len(found) - len(names)
    return Text(
        f"Kinds near it that are registered: {', '.join(name.en for name in names)}"
        + (f" +{more}" if more else "")
        + ".",
        f"已登记的相近类别：{'、'.join(name.zh for name in names)}" + (f"等{len(found)}类" if more else "") + "。",
    )


def _siblings(reader: CachedReader, data: DataMatch) -> frozenset[NodeId]:
    above: Collection[NodeId] = reader.closure(data.asked, [BROADER]).along().get(data.asked[0], ())
    beneath = reader.closure(above, [NARROWER]).along()
    return frozenset(one for several in above for one in beneath.get(several, ())) - data.certain
