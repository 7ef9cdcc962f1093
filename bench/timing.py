"""How a measurement is taken and printed."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import TypeVar

_T = TypeVar("_T")

SECONDS = 6.0
"""How long one thing is measured, unless it takes longer to do it a few times."""


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


def by_turns(*works: Callable[[], object]) -> tuple[list[float], ...]:
    """What each takes in milliseconds, one after the other again and again, so that all meet the same machine."""
    for work in works * 2:
        work()
    taken: tuple[list[float], ...] = tuple([] for _ in works)
    until = time.perf_counter() + SECONDS
    while len(taken[0]) < 5 or (time.perf_counter() < until and len(taken[0]) < 30):
        for work, times in zip(works, taken, strict=True):
            began = time.perf_counter()
            work()
            times.append((time.perf_counter() - began) * 1000)
    return taken


def spread(taken: list[float]) -> str:
    """The p50 and p95 of what was taken."""
    return f"{median(taken):.1f} / {quantiles(taken, n=20, method='inclusive')[-1]:.1f}"
