"""Manifests: YAML files that declare part of the registry, read with the place of every value.

YAML 1.1 by PyYAML's event parser: anchors, aliases, tags and a second document in one file are refused, so that
nothing can expand and nothing is constructed (YAML 1.1, section 5 and 10).
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import yaml

from registry.bilingual import Text
from registry.errors import Place, Problem, reason
from registry.model.draft import KEEP_ONE
from registry.model.parsed import BOOLEAN, DATE, NOTHING, NUMBER, TEXT, Fields, Given, Items, Scalar
from registry.model.values import LONGEST_TEXT, misread

LARGEST = 8 * 1024 * 1024
"""The largest manifest that is read, in bytes."""

CLIPPED = 40
"""How much is quoted of a text that is too long."""

DEEPEST = 12
"""How deep a manifest may nest; the declared graph needs six."""

_NESTS = (
    Text(f"this nests deeper than {DEEPEST} levels", f"此处嵌套超过{DEEPEST}层"),
    Text("a manifest needs six at most", "声明文件最多需要六层"),
)

# What YAML allows in its text (YAML 1.1, section 5.1). libyaml counts the place of another character in bytes.
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # as the parser counts lines
_RIGHTS = Text("look at who may read it", "查看其读取权限")
_LOOK = Text("look at the quotes, colons and indentation just before", "查看此处之前的引号、冒号和缩进")
_TOO_DEEP = "exceeded maximum nesting depth"  # what libyaml says where it looks that far ahead for the end of a key
_FULL_WIDTH = re.compile("[：，｛｝［］“”＂]")
_FULL_WIDTH_HINT = Text(
    'full-width signs are text: write : , { } [ ] " instead', '全角符号会被读作文字：改用半角的: , { } [ ] "'
)
_NAME_A_PATH = Text("name a file or a directory", "写明一个文件或目录")
_WRITE_OUT = Text("write the value out, or use `defaults:`", "直接写出该值，或使用`defaults:`")
_RESOLVED: Collection[str] = _LOADER.yaml_implicit_resolvers
"""The first characters of all that YAML may read as something else than text; the empty one stands for nothing."""

_SORTS = {
    "tag:yaml.org,2002:str": TEXT,
    "tag:yaml.org,2002:bool": BOOLEAN,
    "tag:yaml.org,2002:int": NUMBER,
    "tag:yaml.org,2002:float": NUMBER,
    "tag:yaml.org,2002:timestamp": DATE,
    "tag:yaml.org,2002:null": NOTHING,
}


def read_paths(paths: Sequence[str | Path]) -> tuple[list[Fields], list[Problem]]:
    """Return the documents of all manifests at ``paths`` and every problem in reading them.

    A directory stands for all ``*.yaml`` and ``*.yml`` below it, in the order of their names; hidden ones are passed
    over. Nothing raises for a bad file: each is a problem with its place.
    """
    documents: list[Fields] = []
    problems: list[Problem] = []
    for path in _files(paths, problems):
        data = _bytes(path, problems)
        if data is not None:
            document = read_bytes(data, str(path), problems)
            if document is not None:
                documents.append(document)
    return documents, problems


def read_bytes(data: bytes, file: str, problems: list[Problem]) -> Fields | None:
    """Return the document in ``data``, or None; what is wrong is added to ``problems`` under the name ``file``."""
    if len(data) > LARGEST:
        problems.append(
            Problem(
                Place(file),
                Text(
                    f"the manifest is larger than the {LARGEST:,} bytes that are read",
                    f"声明文件超过可读取的{LARGEST:,}字节",
                ),
                Text(
                    "split it into several files in one directory and apply the directory",
                    "拆分为同一目录下的多个文件，再应用该目录",
                ),
            )
        )
        return None
    text = _text(data.removeprefix(codecs.BOM_UTF8), file, problems)
    if text is None:
        return None
    reader = _Reader(file, problems)
    try:
        document = reader.document(text)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        problems.append(_syntax(error, file, text))
        return None
    except _Unreadable:
        return None
    if document is None:
        hint = Text("write a section such as `flows:`, or remove the file", "写上`flows:`等章节，或删去该文件")
        problems.append(Problem(Place(file), Text("the manifest is empty", "声明文件为空"), hint))
    return document


def _files(paths: Sequence[str | Path], problems: list[Problem]) -> Iterator[Path]:
    seen: set[str] = set()
    for given in paths:
        path = Path(given)
        found = [path]
        if given == "":
            # An empty variable must not mean the current directory.
            problems.append(Problem(Place("PATH"), Text("the path is empty", "路径为空"), _NAME_A_PATH))
            continue
        # Unlike the methods of `Path`, these functions raise nothing where a name is too long or a link leads nowhere.
        if os.path.isdir(path):
            before = len(problems)
            found = sorted(_below(path, problems))
            if not found and len(problems) == before:
                what = Text("the directory has no manifests", "目录中没有声明文件")
                hint = Text("manifests end in .yaml or .yml", "声明文件以.yaml或.yml结尾")
                problems.append(Problem(Place(str(path)), what, hint))
        for file in found:
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                yield file


def _below(directory: Path, problems: list[Problem]) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        why = reason(error)
        what = Text(f"the directory cannot be read: {why.en}", f"目录无法读取：{why.zh}")
        problems.append(Problem(Place(str(Path(error.filename))), what, _RIGHTS))

    walked = {os.path.realpath(directory)}
    for folder, folders, files in os.walk(directory, onerror=unreadable, followlinks=True):
        # Through links too, or what stands behind one would be skipped without a word; each directory once.
        real = {name: os.path.realpath(Path(folder, name)) for name in folders if not name.startswith(".")}
        folders[:] = [name for name in sorted(real) if real[name] not in walked]
        walked.update(real.values())
        for name in files:
            if name.lower().endswith((".yaml", ".yml")) and not name.startswith("."):
                yield Path(folder, name)


def _bytes(path: Path, problems: list[Problem]) -> bytes | None:
    try:
        # A pipe or a device would block or never end.
        if not stat.S_ISREG(path.stat().st_mode):
            problems.append(Problem(Place(str(path)), Text("this is not a file", "这不是文件"), _NAME_A_PATH))
            return None
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        what = Text("there is no such file or directory", "没有该文件或目录")
        hint = Text("look at the path and where it starts", "查看路径及其起点")
        problems.append(Problem(Place(str(path)), what, hint))
    except OSError as error:
        leads = Text("look at the path and where it leads", "查看路径及其所指")
        why, hint = reason(error), _RIGHTS if isinstance(error, PermissionError) else leads
        what = Text(f"the file cannot be read: {why.en}", f"文件无法读取：{why.zh}")
        problems.append(Problem(Place(str(path)), what, hint))
    return None


def _text(data: bytes, file: str, problems: list[Problem]) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _after(data[: error.start].decode("utf-8"), file)
        byte = f"0x{data[error.start]:02X}"
        what = Text(f"byte {byte} is not UTF-8", f"字节{byte}不是UTF-8编码")
        problems.append(Problem(place, what, Text("save the file as UTF-8", "将文件另存为UTF-8编码")))
        return None
    wrong = _NOT_YAML.search(text)
    if wrong:
        place = _after(text[: wrong.start()], file)
        character = f"U+{ord(wrong[0]):04X}"
        what = Text(f"character {character} is not allowed in YAML", f"YAML不允许字符{character}")
        problems.append(Problem(place, what, Text("remove it", "将其删去")))
        return None
    return text


def _after(text: str, file: str) -> Place:
    """The place just after ``text``, which begins the file."""
    lines = _LINE_END.split(text)
    return Place(file, len(lines), len(lines[-1]) + 1)


def _syntax(error: Exception, file: str, text: str) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError):
        # Without libyaml the parser stumbles over an escape such as \UFFFFFFFF, and does not say where.
        what = Text("this is not YAML: an escape names no character", "不是有效的YAML：有一处转义不对应任何字符")
        return Problem(Place(file), what, _LOOK)
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    said = error.problem or error.context
    if said == _TOO_DEEP:
        return Problem(place, *_NESTS)
    # The C parser does not say that the character which cannot start a token is a tab.
    lines = text.split("\n")
    if mark and mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        what = Text("a tab stands where YAML wants spaces", "此处应为空格，却是制表符")
        return Problem(place, what, Text("indent with spaces", "用空格缩进"))
    before = lines[max(mark.line - 1, 0) : mark.line + 1] if mark else []
    hint = _FULL_WIDTH_HINT if any(_FULL_WIDTH.search(line) for line in before) else _LOOK
    return Problem(place, Text(f"this is not YAML: {said}", f"不是有效的YAML：{said}"), hint)


def _unused(english: str, chinese: str) -> Text:
    return Text(f"{english} are not used in manifests", f"声明文件不使用{chinese}")


class _Unreadable(Exception):
    """The document cannot be read on; the problem is already noted."""


class _Reader:
    """Builds given values from the events of one document."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems

    def document(self, text: str) -> Fields | None:
        self.loader = _LOADER(text)
        self._next: Callable[[], yaml.Event] = self.loader.get_event
        try:
            return self._document()
        finally:
            self.loader.dispose()

    def _document(self) -> Fields | None:
        self._next()  # the start of the stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        root = self._value(self._next(), 0)
        self._next()  # the end of the document
        following = self._next()
        if not isinstance(following, yaml.StreamEndEvent):
            what = Text("a second document begins here", "此处开始了第二个文档")
            hint = Text("keep one document to a file: remove the `---`", "一个文件只含一个文档：删去`---`")
            self._problem(following, what, hint)
        if isinstance(root, Scalar) and root.sort == NOTHING:
            return None
        if not isinstance(root, Fields):
            what = Text("a manifest is a mapping of sections", "声明文件由各章节组成")
            full_width = isinstance(root, Scalar) and _FULL_WIDTH.search(root.written)
            begin = Text("begin with a section such as `flows:`", "以`flows:`等章节开头")
            hint = _FULL_WIDTH_HINT if full_width else begin
            self.problems.append(Problem(root.place, what, hint))
            raise _Unreadable
        return root

    def _value(self, event: yaml.Event, depth: int) -> Given:
        # A manifest has a million of these: the common case first, and no question asked twice.
        if type(event) is yaml.ScalarEvent:
            if event.anchor is not None or event.tag is not None:
                self._refuse_marks(event)
            return self._scalar(event)
        if isinstance(event, yaml.AliasEvent):
            self._problem(event, _unused("aliases", "YAML别名"), _WRITE_OUT)
            return Scalar("", NOTHING, self._place(event))
        self._refuse_marks(event)
        if depth > DEEPEST:
            self._problem(event, *_NESTS)
            raise _Unreadable
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(tuple(self._items(depth)), self._place(event))
        return self._mapping(event, depth)

    def _refuse_marks(self, event: yaml.Event) -> None:
        if getattr(event, "anchor", None):
            self._problem(event, _unused("anchors", "YAML锚点"), _WRITE_OUT)
        tag = getattr(event, "tag", None)
        if tag is not None:
            what = Text(f"the tag {tag} is not used in manifests", f"声明文件不使用标签{tag}")
            self._problem(event, what, Text("remove the tag", "删去该标签"))

    def _items(self, depth: int) -> Iterator[Given]:
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            yield self._value(event, depth + 1)

    def _mapping(self, start: yaml.Event, depth: int) -> Fields:
        fields: dict[str, tuple[Scalar, Given]] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._value(event, depth + 1)
            value = self._value(self._next(), depth + 1)
            if not isinstance(key, Scalar):
                what = Text("a key is a single word", "键应为一个词")
                hint = Text("quote it if it holds brackets", "含括号时须加引号")
                self.problems.append(Problem(key.place, what, hint))
            elif key.sort != TEXT:
                self.problems.append(misread(key))
            elif key.written == "<<":
                hint = Text("write the values out, or use `defaults:`", "直接写出各值，或使用`defaults:`")
                self.problems.append(Problem(key.place, _unused("merge keys", "合并键"), hint))
            elif key.written in fields:
                first = fields[key.written][0].place.line
                what = Text(
                    f'"{key.written}" stands twice (first in line {first})',
                    f"“{key.written}”重复出现（首次在第{first}行）",
                )
                self.problems.append(Problem(key.place, what, KEEP_ONE))
            else:
                fields[key.written] = (key, value)
        return Fields(tuple(fields.values()), self._place(start))

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        place = self._place(event)
        if len(event.value) > LONGEST_TEXT:
            what = Text(
                f"this has {len(event.value):,} characters, more than the {LONGEST_TEXT:,} that are read",
                f"此处有{len(event.value):,}个字符，超过可读取的{LONGEST_TEXT:,}个",
            )
            self._problem(event, what, Text("shorten it", "将其缩短"))
            return Scalar(event.value[:CLIPPED] + "…", TEXT, place)
        # Nearly every word is a text, and most show it by how they begin: no need to try what else they might be.
        if not event.implicit[0] or event.value[:1] not in _RESOLVED:
            return Scalar(event.value, TEXT, place)
        tag = self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        return Scalar(event.value, _SORTS.get(tag, TEXT), place)

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file)

    def _problem(self, event: yaml.Event, what: Text, hint: Text) -> None:
        self.problems.append(Problem(self._place(event), what, hint))
