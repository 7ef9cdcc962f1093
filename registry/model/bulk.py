"""Making very many values at once."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")


@contextmanager
def uncollected() -> Iterator[None]:
    """A block whose values are nearly all kept: no search for garbage among them, which would double its time.

    Values that nothing refers to any more go at once all the same; only rings of references wait for the end.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def batches(things: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """The things in lists of at most ``size``, as they come."""
    remaining = iter(things)
    while batch := list(islice(remaining, size)):
        yield batch
