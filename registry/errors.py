"""Every error of the registry.

RegistryError                a message and, where one exists, the next step
├── InvalidInput             what was given is wrong; carries every problem found, each with its place
├── UnknownName              no such thing; carries the nearest names
├── AmbiguousName            several things answer to that name; carries them
├── StaleWrite               the registry moved on since it was read; nothing was written
├── Refused                  the rules of the registry forbid it
└── StoreError               the store cannot do it
    ├── StoreMissing         there is no store at that place
    ├── StoreUnreachable     its server does not answer
    ├── StoreDenied          its server does not let this user in, or do this
    ├── StoreLocked          another process holds it longer than we wait
    ├── StoreReadOnly        it may be read, not written
    ├── StoreFull            no room left; nothing was written
    ├── StoreCorrupt         the file is damaged or is no registry
    └── StoreVersion         it was made by a newer registry
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self


class Place(NamedTuple):
    """Where something was said: a file (or an option) with a line and a column, both from 1; 0 is unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Problem(NamedTuple):
    """One thing that is wrong with what was given, where it stands, and the next step."""

    place: Place
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f"\n  hint: {self.hint}" if self.hint else "")


class RegistryError(Exception):
    """The base of every error that the registry raises on purpose."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class InvalidInput(RegistryError):
    """What was given is wrong; ``problems`` holds all of it, each once, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def at(cls, place: Place, what: str, hint: str = "") -> Self:
        """One problem at one place."""
        return cls([Problem(place, what, hint)])


class UnknownName(RegistryError):
    """Nothing answers to that name; ``nearest`` are the closest names, best first."""

    def __init__(self, message: str, *, nearest: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.nearest = tuple(nearest)


class AmbiguousName(RegistryError):
    """Several things answer to that name; ``candidates`` are their references."""

    def __init__(self, message: str, *, candidates: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.candidates = tuple(candidates)


class StaleWrite(RegistryError):
    """The registry moved on since it was read; nothing was written."""


class Refused(RegistryError):
    """The rules of the registry forbid it; nothing was written."""


class StoreError(RegistryError):
    """The store cannot do what was asked; what it held before is as it was."""


class StoreMissing(StoreError):
    """There is no store at that place."""


class StoreUnreachable(StoreError):
    """The server of the store does not answer."""


class StoreDenied(StoreError):
    """The server of the store does not let this user in, or does not let this user do it."""


class StoreLocked(StoreError):
    """Another process holds the store longer than we wait."""


class StoreReadOnly(StoreError):
    """The store may be read, not written."""


class StoreFull(StoreError):
    """There is no room left; nothing was written."""


class StoreCorrupt(StoreError):
    """The file is damaged, or is no registry."""


class StoreVersion(StoreError):
    """The store was made by a newer version of the registry."""
