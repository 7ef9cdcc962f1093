"""What somebody gave, before it is known to be right: values with the place where each stands."""

from __future__ import annotations

from typing import NamedTuple

from registry.errors import Place


class Scalar(NamedTuple):
    """One value as written. ``sort`` is what the format reads it as: text, boolean, number, date, nothing."""

    written: str
    sort: str
    place: Place


class Items(NamedTuple):
    """A list of values."""

    items: tuple[Given, ...]
    place: Place


class Fields(NamedTuple):
    """A mapping, in the order written, no key twice."""

    fields: tuple[tuple[Scalar, Given], ...]
    place: Place

    def find(self, name: str) -> Given | None:
        """The value under ``name``, or None."""
        return next((value for key, value in self.fields if key.written == name), None)


Given = Scalar | Items | Fields

TEXT, BOOLEAN, NUMBER, DATE, NOTHING = "text", "boolean", "number", "date", "nothing"
