"""What is said in English, in Chinese, or in both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

LANGUAGES = ("en", "zh")


class Text(NamedTuple):
    """A text in both languages, or in one of them: then the other is empty. One without a word is false."""

    en: str
    zh: str

    def __bool__(self) -> bool:
        """Whether it says anything, in either language."""
        return bool(self.en or self.zh)

    def to(self, language: str) -> str:
        """The text in ``en`` or ``zh``, or in the other language where it lacks this one."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)

    def lacks(self, language: str) -> bool:
        """Whether nothing is said in ``en`` or ``zh``, so that `to` falls back to the other."""
        return not (self.zh if language == "zh" else self.en)

    @property
    def filled(self) -> Text:
        """The same, with each language standing for the other where that is empty."""
        return self if self.en and self.zh else Text(self.to("en"), self.to("zh"))


NO_WORDS = Text("", "")


def said(words: Text | str) -> Text:
    """The words as a text; those in one language only are taken for English."""
    return words if isinstance(words, Text) else Text(words, "")


def alike(words: str) -> Text:
    """A text that is the same in both languages: a name, a place, a line of code."""
    return Text(words, words)


def joined(texts: Iterable[Text], between: Text) -> Text:
    """The texts that say anything, one after the other."""
    saying = [text for text in texts if text]
    return Text(between.en.join(text.to("en") for text in saying), between.zh.join(text.to("zh") for text in saying))


def either(names: Iterable[str]) -> Text:
    """The names as alternatives."""
    given = [*names]
    return Text(" or ".join(given), "或".join(given))
