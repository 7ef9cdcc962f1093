"""A reader that counts what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from registry.stores.port import Reader


class Call(NamedTuple):
    """An operation of the port, and what it was given."""

    name: str
    given: tuple[object, ...]


class _Counting:
    def __init__(self, reader: Reader, calls: list[Call]) -> None:
        self._reader = reader
        self._calls = calls

    def __getattr__(self, name: str) -> Callable[..., object]:
        operation: Callable[..., object] = getattr(self._reader, name)

        def counted(*given: object, **options: object) -> object:
            self._calls.append(Call(name, given))
            return operation(*given, **options)

        return counted


def counting(reader: Reader) -> tuple[Reader, list[Call]]:
    """The same reader, and the calls that go through it from now on."""
    calls: list[Call] = []
    return cast(Reader, _Counting(reader, calls)), calls
