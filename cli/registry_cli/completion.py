"""Completing names with the tab key, where the system has readline and both ends are a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def completing(words: Sequence[str]) -> Iterator[None]:
    """While this lasts, the tab key completes ``words``, several of them separated by commas."""
    readline = _readline()
    if readline is None:
        yield
        return
    before = readline.get_completer(), readline.get_completer_delims()
    readline.set_completer(_Completer(words))
    readline.set_completer_delims(",;")
    # Else what two names begin with in different case would take the place of what was typed: nothing.
    readline.parse_and_bind("set completion-ignore-case on")
    libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    try:
        yield
    finally:
        readline.set_completer(before[0])
        readline.set_completer_delims(before[1])


class _Completer:
    """What readline asks for the n-th completion of a beginning."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = sorted(set(words))

    def __call__(self, text: str, number: int) -> str | None:
        space, begun = text[: len(text) - len(text.lstrip())], text.lstrip().casefold()
        found = [word for word in self.words if word.casefold().startswith(begun)]
        return space + found[number] if number < len(found) else None


def output_is_terminal() -> bool:
    """Whether what is asked on standard output is seen."""
    return sys.stdout is not None and sys.stdout.isatty()


def _readline() -> ModuleType | None:
    if not output_is_terminal():
        return None
    try:
        import readline
    except ImportError:  # not part of every Python
        return None
    return readline
