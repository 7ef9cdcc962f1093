"""The names most like one that is unknown."""

from __future__ import annotations

from collections.abc import Iterable

from registry.model.snapshot import normalised


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The names among ``known`` most like ``word``, best first; case and separators do not count."""
    # Imported only when a name is unknown: an answer should not wait for it.
    from difflib import get_close_matches

    by_form: dict[str, str] = {}
    for name in known:
        by_form.setdefault(normalised(name), name)
    wanted = normalised(word)
    close = get_close_matches(wanted, by_form, n=count, cutoff=0.6)
    if wanted:
        close += [form for form in sorted(by_form, key=len) if form not in close and (wanted in form)][:count]
    return [by_form[form] for form in close[:count]]


def suggestion(word: str, known: Iterable[str]) -> str:
    """A hint with the names most like ``word``; empty where none is."""
    close = nearest(word, known)
    return "did you mean " + " or ".join(f'"{name}"' for name in close) + "?" if close else ""
