"""How a measurement is taken and printed."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import TypeVar

_T = TypeVar("_T")


def milliseconds(work: Callable[[], object], runs: int = 9) -> tuple[float, float]:
    """The median and the best of several runs, after one that warms the caches."""
    work()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken), min(taken)


@contextmanager
def timed(what: str, target: str = "") -> Iterator[None]:
    """Print how long the block takes, once."""
    began = time.perf_counter()
    yield
    row(what, f"{time.perf_counter() - began:9.2f} s", target)


def once(what: str, work: Callable[[], _T], target: str = "") -> _T:
    """The result of the work, which is timed once."""
    with timed(what, target):
        return work()


def repeated(what: str, work: Callable[[], object], target: str = "", runs: int = 9) -> None:
    """Print the median and the best of several runs."""
    middle, best = milliseconds(work, runs)
    row(what, f"{middle:9.1f} ms", target, f"best {best:.1f} ms")


def row(what: str, taken: str, target: str = "", note: str = "") -> None:
    print(f"{what:<62} {taken:>12}   {f'target {target}' if target else '':<16} {note}".rstrip(), flush=True)


def machine() -> None:
    """Print what it runs on, and how busy that is: 40 ms is a quiet core of 2026."""
    middle, _ = milliseconds(lambda: sum(number * number for number in range(1_000_000)), runs=5)
    where = f"Python {platform.python_version()}, {platform.machine()}"
    print(f"{where}; a million squares take {middle:.0f} ms", flush=True)
