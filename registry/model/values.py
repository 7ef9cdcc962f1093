"""One value as given, and the value that a property holds: every kind of property is read and checked here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from registry.bilingual import LANGUAGES, Text, joined
from registry.errors import Place, Problem
from registry.model import parsed
from registry.model.declaration import Kind, Property
from registry.model.graph import GRAPH
from registry.model.parsed import Fields, Given, Items, Scalar
from registry.model.snapshot import Value
from registry.model.suggestions import meant, nearest

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


def key_problem(key: str) -> Text | None:
    """What is wrong with a key, or None."""
    if len(key) > LONGEST_KEY:
        return Text(
            f"the key has {len(key)} characters, more than {LONGEST_KEY}",
            f"标识有{len(key)}个字符，超过{LONGEST_KEY}个",
        )
    if not _KEY.match(key):
        return Text(
            f'"{key}" is no key: a key begins with a letter or digit and holds only letters, digits and . _ : ( ) / -',
            f"“{key}”不能作标识：标识以英文字母或数字开头，只含英文字母、数字和. _ : ( ) / -",
        )
    noun, colon, _ = key.partition(":")
    if colon and noun in GRAPH.by_noun:
        return Text(
            f'"{key}" is no key: in a reference, "{noun}:" says what kind of thing is meant',
            f"“{key}”不能作标识：在引用中，“{noun}:”表示所指的类别",
        )
    return None


def text_problem(text: str) -> Text | None:
    """What is wrong with a text, as the rest of a sentence, or None."""
    if len(text) > LONGEST_TEXT:
        return Text(
            f"has {len(text):,} characters, more than {LONGEST_TEXT:,}",
            f"有{len(text):,}个字符，超过{LONGEST_TEXT:,}个",
        )
    control = _CONTROL.search(text)
    if control is None:
        return None
    character = f"U+{ord(control[0]):04X}"
    return Text(f"holds the control character {character}", f"含有控制字符{character}")


def write(example: str) -> Text:
    """The hint that says how something is written in a manifest."""
    return Text(f"write `{example}`", f"写作`{example}`")


def write_text(name: str) -> Text:
    """The hint that says how a bilingual text is given."""
    how = write(f"{name}: {{en: …, zh: …}}")
    return Text(f"{how.en}, or one of the two", f"{how.zh}，或只写其中一种语言")


_OR_REMOVE = Text("write one, or remove the line", "写上内容，或删去此行")
_SORTS = {parsed.BOOLEAN: "布尔值", parsed.NUMBER: "数字", parsed.DATE: "日期"}


def misread(value: Scalar) -> Problem:
    """The problem of a text that the format reads as something else."""
    if value.sort == parsed.NOTHING:
        return Problem(value.place, Text("a text is missing here", "此处缺少文字"), _OR_REMOVE)
    return Problem(
        value.place,
        Text(
            f"YAML reads {value.written} as a {value.sort}, where a text is meant",
            f"YAML把{value.written}读作{_SORTS.get(value.sort, value.sort)}，而此处应为文字",
        ),
        Text(f'put it in quotes: "{value.written}"', f'加上引号："{value.written}"'),
    )


class Values:
    """Reads values; what is wrong with one is added to ``problems``, and its value is None."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def _problem(self, place: Place, what: Text, hint: Text) -> None:
        self.problems.append(Problem(place, what, hint))

    def read(self, prop: Property, value: Given) -> Value | None:
        """The value as the property holds it, or None when it is wrong (the problem is noted)."""
        if isinstance(value, Scalar) and value.sort == parsed.NOTHING:
            self._problem(value.place, Text(f"{prop.name} has no value", f"{prop.name}没有值"), _OR_REMOVE)
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
            got = shape(value)
            what = Text(
                f"{prop.name} is a single value ({prop.kind.value}), not {got.en}",
                f"{prop.name}应为单个值，而不是{got.zh}",
            )
            self._problem(value.place, what, Text("write one value", "只写一个值"))
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
        self._unlike(prop, value, Text("true or false", "true或false"), Text("write true or false", "写true或false"))
        return None

    def _number(self, prop: Property, value: Scalar) -> Value | None:
        if re.fullmatch(r"0|[1-9][0-9]{0,8}", value.written):
            return int(value.written)
        hint = Text("write it in plain digits, as 2", "只用数字书写，如2")
        self._unlike(prop, value, Text("a whole number", "整数"), hint)
        return None

    def _date(self, prop: Property, value: Scalar) -> Value | None:
        try:
            # Python reads weeks and days of the year too.
            if not _DATE.match(value.written):
                raise ValueError(value.written)
            return date.fromisoformat(value.written).isoformat()
        except ValueError:
            self._unlike(prop, value, Text("a date", "日期"), Text("write it as 2026-05-01", "写作2026-05-01"))
            return None

    def _period(self, prop: Property, value: Scalar) -> Value | None:
        if _PERIOD.match(value.written):
            return value.written
        hint = Text("write it as P3Y, P6M or P15D", "写作P3Y、P6M或P15D")
        self._unlike(prop, value, Text("an ISO 8601 duration", "ISO 8601格式的期限"), hint)
        return None

    def _url(self, prop: Property, value: Scalar) -> Value | None:
        if _URL.match(value.written):
            return value.written
        self._unlike(prop, value, Text("a web address", "网址"), Text("begin with https://", "以https://开头"))
        return None

    def _unlike(self, prop: Property, value: Scalar, wanted: Text, hint: Text) -> None:
        what = Text(
            f'{prop.name} is {wanted.en}, not "{value.written}"', f"{prop.name}应为{wanted.zh}，而不是“{value.written}”"
        )
        self._problem(value.place, what, hint)

    def text(self, name: str, value: Given) -> str | None:
        """A text that is one, not empty and of bearable length; otherwise None, and the problem is noted."""
        if not isinstance(value, Scalar):
            got = shape(value)
            what = Text(f"{name} is a text, not {got.en}", f"{name}应为文字，而不是{got.zh}")
            self._problem(value.place, what, Text("write a single text", "只写一段文字"))
        elif value.sort != parsed.TEXT:
            self.problems.append(misread(value))
        elif _UNSEEN.fullmatch(value.written):
            hint = Text("write a text, or remove the line", "写上文字，或删去此行")
            self._problem(value.place, Text(f"{name} is empty", f"{name}为空"), hint)
        elif self._bearable(name, value):
            return value.written.strip()
        return None

    def _bearable(self, name: str, value: Scalar) -> bool:
        """Whether it is short enough and holds no control characters; if not, the problem is noted."""
        wrong = text_problem(value.written)
        if wrong:
            hint = Text("write a shorter text, without control characters", "改用较短且不含控制字符的文字")
            self._problem(value.place, Text(f"{name} {wrong.en}", f"{name}{wrong.zh}"), hint)
        return not wrong

    def _bilingual(self, prop: Property, value: Given) -> Text | None:
        if not isinstance(value, Fields):
            what = Text(
                f"{prop.name} is given in English, in Chinese or in both", f"{prop.name}以英文、中文或两种语言给出"
            )
            self._problem(value.place, what, write_text(prop.name))
            return None
        for language, text in value.fields:
            if language.written not in ("en", "zh"):
                # `{en: this, that, zh: …}`: inside braces an unquoted comma ends the text.
                cut = isinstance(text, Scalar) and text.sort == parsed.NOTHING
                quote = Text("put a text with a comma in quotes", "含逗号的文字须加引号")
                hint = quote if cut else Text("languages are en and zh", "语言为en和zh")
                what = Text(
                    f'{prop.name} has no language "{language.written}"', f"{prop.name}没有语言“{language.written}”"
                )
                self._problem(language.place, what, hint)
        given = [(language, found) for language in LANGUAGES if (found := value.find(language)) is not None]
        if not given:
            what = Text(f"{prop.name} is in neither language", f"{prop.name}没有任何一种语言的文字")
            self._problem(value.place, what, write_text(prop.name))
            return None
        texts = {language: self.text(f"{prop.name}.{language}", found) for language, found in given}
        read = Text(texts.get("en", "") or "", texts.get("zh", "") or "")
        return None if None in texts.values() else read

    def _texts(self, prop: Property, value: Given) -> tuple[str, ...] | None:
        if not isinstance(value, Items):
            got = shape(value)
            what = Text(f"{prop.name} is a list, not {got.en}", f"{prop.name}应为列表，而不是{got.zh}")
            self._problem(value.place, what, write(f"{prop.name}: [{_shown(value)}]"))
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
        one_of = Text("it is one of " + ", ".join(prop.values), "可选值为" + "、".join(prop.values))
        hint = joined([meant(nearest(text, prop.values, 1)), one_of], Text(" ", ""))
        self._problem(place, Text(f'{prop.name} cannot be "{text}"', f"{prop.name}不能为“{text}”"), hint)
        return None


_SCALARS: Mapping[Kind, Callable[[Values, Property, Scalar], Value | None]] = {
    Kind.FLAG: Values._flag,
    Kind.NUMBER: Values._number,
    Kind.DATE: Values._date,
    Kind.PERIOD: Values._period,
    Kind.URL: Values._url,
}


def shape(value: Given) -> Text:
    """What sort of value it is, in words."""
    if isinstance(value, Items):
        return Text("a list", "列表")
    return Text("a mapping", "映射") if isinstance(value, Fields) else Text("a single value", "单个值")


def _shown(value: Given) -> str:
    return value.written if isinstance(value, Scalar) else "…"
