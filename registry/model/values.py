"""One value as given, and the value that a property holds: every kind of property is read and checked here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from registry.bilingual import LANGUAGES, Text
from registry.errors import Place, Problem
from registry.model import parsed
from registry.model.declaration import Kind, Property
from registry.model.graph import GRAPH
from registry.model.parsed import Fields, Given, Items, Scalar
from registry.model.snapshot import Value
from registry.model.suggestions import nearest

LONGEST_KEY = 200
LONGEST_TEXT = 10_000
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:()/-]*\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_PERIOD = re.compile(r"P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+S)?)?\Z")
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*\Z")
# A terminal obeys them, some stores end a text at one, and a lone surrogate is no character. Lines and tabs are text.
# Marks of direction may make a text look like another one (Unicode TR 36, section 3).
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSEEN = re.compile("[\\s\u200b-\u200d\u2060\ufeff]*")


def key_problem(key: str) -> str | None:
    """What is wrong with a key, or None."""
    if len(key) > LONGEST_KEY:
        return f"the key has {len(key)} characters, more than {LONGEST_KEY}"
    if not _KEY.match(key):
        return (
            f'"{key}" is no key: a key begins with a letter or digit and holds only letters, digits and . _ : ( ) / -'
        )
    noun, colon, _ = key.partition(":")
    if colon and noun in GRAPH.by_noun:
        return f'"{key}" is no key: in a reference, "{noun}:" says what kind of thing is meant'
    return None


def text_problem(text: str) -> str | None:
    """What is wrong with a text, as the rest of a sentence, or None."""
    if len(text) > LONGEST_TEXT:
        return f"has {len(text):,} characters, more than {LONGEST_TEXT:,}"
    control = _CONTROL.search(text)
    return f"holds the control character U+{ord(control[0]):04X}" if control else None


def write_text(name: str) -> str:
    """The hint that says how a bilingual text is given."""
    return f"write `{name}: {{en: …, zh: …}}`, or one of the two"


def misread(value: Scalar) -> Problem:
    """The problem of a text that the format reads as something else."""
    if value.sort == parsed.NOTHING:
        return Problem(value.place, "a text is missing here", "write one, or remove the line")
    return Problem(
        value.place,
        f"YAML reads {value.written} as a {value.sort}, where a text is meant",
        f'put it in quotes: "{value.written}"',
    )


class Values:
    """Reads values; what is wrong with one is added to ``problems``, and its value is None."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def _problem(self, place: Place, what: str, hint: str) -> None:
        self.problems.append(Problem(place, what, hint))

    def read(self, prop: Property, value: Given) -> Value | None:
        """The value as the property holds it, or None when it is wrong (the problem is noted)."""
        if isinstance(value, Scalar) and value.sort == parsed.NOTHING:
            self._problem(value.place, f"{prop.name} has no value", "write one, or remove the line")
            return None
        match prop.kind:
            case Kind.BILINGUAL:
                return self._bilingual(prop, value)
            case Kind.TEXTS | Kind.CHOICES:
                return self._texts(prop, value)
            case Kind.CLAUSES:
                return None  # read as references, with the edge that holds them
            case _:
                return self._scalar(prop, value)

    def _scalar(self, prop: Property, value: Given) -> Value | None:
        if not isinstance(value, Scalar):
            self._problem(
                value.place,
                f"{prop.name} is a single value ({prop.kind.value}), not {shape(value)}",
                "write one value",
            )
            return None
        reader = _SCALARS.get(prop.kind)
        if reader is not None:
            return reader(self, prop, value) if self._bearable(prop.name, value) else None
        text = self.text(prop.name, value)
        if text is None:
            return None
        return self._closed(prop, text, value.place) if prop.kind is Kind.CHOICE else text

    def _flag(self, prop: Property, value: Scalar) -> Value | None:
        if value.written in ("true", "false"):
            return value.written == "true"
        self._problem(value.place, f'{prop.name} is true or false, not "{value.written}"', "write true or false")
        return None

    def _number(self, prop: Property, value: Scalar) -> Value | None:
        if re.fullmatch(r"0|[1-9][0-9]{0,8}", value.written):
            return int(value.written)
        self._problem(
            value.place, f'{prop.name} is a whole number, not "{value.written}"', "write it in plain digits, as 2"
        )
        return None

    def _date(self, prop: Property, value: Scalar) -> Value | None:
        try:
            # Python reads weeks and days of the year too.
            if not _DATE.match(value.written):
                raise ValueError(value.written)
            return date.fromisoformat(value.written).isoformat()
        except ValueError:
            self._problem(value.place, f'{prop.name} is a date, not "{value.written}"', "write it as 2026-05-01")
            return None

    def _period(self, prop: Property, value: Scalar) -> Value | None:
        if _PERIOD.match(value.written):
            return value.written
        self._problem(
            value.place, f'{prop.name} is an ISO 8601 duration, not "{value.written}"', "write it as P3Y, P6M or P15D"
        )
        return None

    def _url(self, prop: Property, value: Scalar) -> Value | None:
        if _URL.match(value.written):
            return value.written
        self._problem(value.place, f'{prop.name} is a web address, not "{value.written}"', "begin with https://")
        return None

    def text(self, name: str, value: Given) -> str | None:
        """A text that is one, not empty and of bearable length; otherwise None, and the problem is noted."""
        if not isinstance(value, Scalar):
            self._problem(value.place, f"{name} is a text, not {shape(value)}", "write a single text")
        elif value.sort != parsed.TEXT:
            self.problems.append(misread(value))
        elif _UNSEEN.fullmatch(value.written):
            self._problem(value.place, f"{name} is empty", "write a text, or remove the line")
        elif self._bearable(name, value):
            return value.written.strip()
        return None

    def _bearable(self, name: str, value: Scalar) -> bool:
        """Whether it is short enough and holds no control characters; if not, the problem is noted."""
        wrong = text_problem(value.written)
        if wrong:
            self._problem(value.place, f"{name} {wrong}", "write a shorter text, without control characters")
        return not wrong

    def _bilingual(self, prop: Property, value: Given) -> Text | None:
        if not isinstance(value, Fields):
            self._problem(value.place, f"{prop.name} is given in English, in Chinese or in both", write_text(prop.name))
            return None
        for language, text in value.fields:
            if language.written not in ("en", "zh"):
                # `{en: this, that, zh: …}`: inside braces an unquoted comma ends the text.
                cut = isinstance(text, Scalar) and text.sort == parsed.NOTHING
                hint = "put a text with a comma in quotes" if cut else "languages are en and zh"
                self._problem(language.place, f'{prop.name} has no language "{language.written}"', hint)
        given = [(language, found) for language in LANGUAGES if (found := value.find(language)) is not None]
        if not given:
            self._problem(value.place, f"{prop.name} is in neither language", write_text(prop.name))
            return None
        texts = {language: self.text(f"{prop.name}.{language}", found) for language, found in given}
        read = Text(texts.get("en", "") or "", texts.get("zh", "") or "")
        return None if None in texts.values() else read

    def _texts(self, prop: Property, value: Given) -> tuple[str, ...] | None:
        if not isinstance(value, Items):
            self._problem(
                value.place, f"{prop.name} is a list, not {shape(value)}", f"write `{prop.name}: [{_shown(value)}]`"
            )
            return None
        found: list[str] = []
        for item in value.items:
            text = self.text(prop.name, item)
            if text is not None and prop.kind is Kind.CHOICES:
                text = self._closed(prop, text, item.place)
            if text is not None and text not in found:
                found.append(text)
        return tuple(found)

    def _closed(self, prop: Property, text: str, place: Place) -> str | None:
        if text in prop.values:
            return text
        near = nearest(text, prop.values, 1)
        hint = f'did you mean "{near[0]}"? ' if near else ""
        self._problem(place, f'{prop.name} cannot be "{text}"', f"{hint}it is one of " + ", ".join(prop.values))
        return None


_SCALARS: Mapping[Kind, Callable[[Values, Property, Scalar], Value | None]] = {
    Kind.FLAG: Values._flag,
    Kind.NUMBER: Values._number,
    Kind.DATE: Values._date,
    Kind.PERIOD: Values._period,
    Kind.URL: Values._url,
}


def shape(value: Given) -> str:
    """What sort of value it is, in words."""
    return "a list" if isinstance(value, Items) else "a mapping" if isinstance(value, Fields) else "a single value"


def _shown(value: Given) -> str:
    return value.written if isinstance(value, Scalar) else "…"
