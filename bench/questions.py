"""The questions that are measured, on estates of any size."""

from __future__ import annotations

from collections.abc import Callable

from registry import lineage
from registry.lineage import Answer, Window
from registry.stores.port import Reader

PAGE = Window(50)

QUESTIONS: dict[str, Callable[[Reader], Answer]] = {
    "who-receives location, page of 50": lambda reader: lineage.who_receives(reader, "location", window=PAGE),
    "who-receives location-7 (a leaf), page of 10": lambda reader: lineage.who_receives(
        reader, "location-7", window=Window(10)
    ),
    "what-receives recipient-7": lambda reader: lineage.what_receives(reader, "recipient-7", window=PAGE),
    "why location-7": lambda reader: lineage.why(reader, "location-7", window=PAGE),
    "where-from location-7": lambda reader: lineage.where_from(reader, "location-7", window=PAGE),
    "if-revoked permission-7": lambda reader: lineage.if_revoked(reader, "permission-7", window=PAGE),
    "if-erased location-7": lambda reader: lineage.if_erased(reader, "location-7", window=PAGE),
    "if-breached recipient-7": lambda reader: lineage.if_breached(reader, "recipient-7", window=PAGE),
    "path system-7 to recipient-7 for location": lambda reader: lineage.path(
        reader, "system-7", "recipient-7", data="location", longest=3
    ),
    "combinations": lambda reader: lineage.combinations(reader),
}
