"""What is said in English, in Chinese, or in both."""

from __future__ import annotations

from typing import NamedTuple

LANGUAGES = ("en", "zh")


class Text(NamedTuple):
    """A text in both languages, or in one of them: then the other is empty."""

    en: str
    zh: str

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
