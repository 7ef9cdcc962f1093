"""The names most like one that is unknown."""

from __future__ import annotations

from collections.abc import Iterable

from registry.bilingual import NO_WORDS, Text
from registry.model.snapshot import normalised

_SHOWN = 100


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


def meant(close: Iterable[str]) -> Text:
    """A hint that asks for one of these names, each once; empty where there is none."""
    names = [*dict.fromkeys(close)]
    english, chinese = " or ".join(f'"{name}"' for name in names), "或".join(f"“{name}”" for name in names)
    return Text(f"did you mean {english}?", f"您指的是{chinese}吗？") if names else NO_WORDS


def clipped(name: str) -> str:
    """As much of a name as an error repeats."""
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
