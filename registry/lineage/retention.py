"""What has ended is still held: whoever got data keeps it until its retention ends."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from registry.lineage.answers import FlowView, Reason
from registry.lineage.cached_reader import CachedReader
from registry.lineage.matching import Filter
from registry.lineage.scope import NOT_PROPOSED, UNDATED_END, shifted
from registry.model.graph import RETENTION
from registry.model.snapshot import NodeId, Text
from registry.stores.port import AllOf, AnyOf, Condition, Dated, Ends, Has

_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T.*)?")


def still_held(reader: CachedReader, current: Filter, day: str) -> Filter:
    """The flows by which data is held on the day: those in force, and those that ended within their retention.

    An ended flow counts for certain until its last day and its period are over. Where one of both is not stated, or the
    period is only the least that law sets, it may.
    """
    cutoffs, open_ended = _cutoffs(reader, day)
    kept: tuple[Condition, ...] = tuple(
        AllOf((Dated("effective_to", cutoff, shifted(day, -1)), Ends(("RETAINED_BY",), frozenset(rules), stated=True)))
        for cutoff, rules in sorted(cutoffs.items())
    )
    ended = AnyOf((Dated("effective_to", last=shifted(day, -1)), UNDATED_END))
    perhaps = AnyOf(
        (UNDATED_END, Has("RETAINED_BY", absent=True), Ends(("RETAINED_BY",), frozenset(open_ended)), *kept)
    )
    runs = {rule: cutoff for cutoff, rules in cutoffs.items() for rule in rules}

    def doubts(flow: FlowView) -> tuple[Reason, ...]:
        if not has_ended(flow, day):
            return tuple(current.doubts(flow))
        last = flow.node.word("effective_to")
        if last and any(runs.get(rule, "~") <= last for rule in flow.stated_ends("RETAINED_BY")):
            return ()
        return (_ended(last),)

    certain = AnyOf((AllOf(current.certain), *(AllOf((NOT_PROPOSED, one)) for one in kept)))
    return Filter((certain,), (AnyOf((AllOf(current.possible), AllOf((NOT_PROPOSED, ended, perhaps)))),), doubts)


def has_ended(flow: FlowView, day: str) -> bool:
    """Whether a flow is no longer in force on the day."""
    last = flow.node.word("effective_to")
    return last < day if last else flow.node.word("status") == "retired"


def _ended(last: str | None) -> Reason:
    if last is None:
        return Reason(Text("it has ended, and nothing says when", "已停用，未载明停用日期"))
    return Reason(
        Text(
            f"it ended on {last}, and nothing says that what was received has been deleted since",
            f"已于{last}停用，未载明所接收信息是否已删除",
        )
    )


def mark_of_past(flow: FlowView, day: str) -> FlowView:
    """The flow, marked where it has ended."""
    if not has_ended(flow, day):
        return flow
    last = flow.node.word("effective_to")
    mark = Text(f"ended on {last}", f"已于{last}停用") if last else Text("ended", "已停用")
    return flow._replace(marks=(*flow.marks, mark))


def _cutoffs(reader: CachedReader, day: str) -> tuple[Mapping[str, list[NodeId]], list[NodeId]]:
    """The rules by the first last day whose data is still kept; and those that set no exact period."""
    cutoffs: dict[str, list[NodeId]] = defaultdict(list)
    open_ended = []
    for node in reader.nodes(RETENTION):
        period = node.word("period")
        if period and not node.flag("at_least"):
            cutoffs[before(day, period)].append(node.id)
        else:
            open_ended.append(node.id)
    return cutoffs, open_ended


def before(day: str, period: str) -> str:
    """The day so long before, by the calendar: a month ends on its last day. ``period`` is an ISO 8601 duration."""
    found = _PERIOD.fullmatch(period)
    years, months, weeks, days = (int(number or 0) for number in found.groups()) if found else (0, 0, 0, 0)
    start = date.fromisoformat(day)
    month = start.year * 12 + start.month - 1 - years * 12 - months
    if month < 12:
        return ""
    year, month = divmod(month, 12)
    last = monthrange(year, month + 1)[1]
    try:
        return (date(year, month + 1, min(start.day, last)) - timedelta(days=days + 7 * weeks)).isoformat()
    except OverflowError:
        return ""
