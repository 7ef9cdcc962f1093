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

from registry.errors import Place, Problem
from registry.model.parsed import BOOLEAN, DATE, NOTHING, NUMBER, TEXT, Fields, Given, Items, Scalar
from registry.model.values import LONGEST_TEXT, misread

LARGEST = 8 * 1024 * 1024
"""The largest manifest that is read, in bytes."""

CLIPPED = 40
"""How much is quoted of a text that is too long."""

DEEPEST = 12
"""How deep a manifest may nest; the declared graph needs six."""

_NESTS = (f"this nests deeper than {DEEPEST} levels", "a manifest needs six at most")

# What YAML allows in its text (YAML 1.1, section 5.1). libyaml counts the place of another character in bytes.
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # as the parser counts lines
_RIGHTS = "look at who may read it"
_LOOK = "look at the quotes, colons and indentation just before"
_TOO_DEEP = "exceeded maximum nesting depth"  # what libyaml says where it looks that far ahead for the end of a key
_FULL_WIDTH = re.compile("[：，｛｝［］“”＂]")
_FULL_WIDTH_HINT = 'full-width signs are text: write : , { } [ ] " instead'
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
                f"the manifest is larger than the {LARGEST:,} bytes that are read",
                "split it into several files in one directory and apply the directory",
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
        problems.append(
            Problem(Place(file), "the manifest is empty", "write a section such as `flows:`, or remove the file")
        )
    return document


def _files(paths: Sequence[str | Path], problems: list[Problem]) -> Iterator[Path]:
    seen: set[str] = set()
    for given in paths:
        path = Path(given)
        found = [path]
        if given == "":
            # An empty variable must not mean the current directory.
            problems.append(Problem(Place("PATH"), "the path is empty", "name a file or a directory"))
            continue
        # Unlike the methods of `Path`, these functions raise nothing where a name is too long or a link leads nowhere.
        if os.path.isdir(path):
            before = len(problems)
            found = sorted(_below(path, problems))
            if not found and len(problems) == before:
                problems.append(
                    Problem(Place(str(path)), "the directory has no manifests", "manifests end in .yaml or .yml")
                )
        for file in found:
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                yield file


def _below(directory: Path, problems: list[Problem]) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        problems.append(
            Problem(Place(str(Path(error.filename))), f"the directory cannot be read: {error.strerror}", _RIGHTS)
        )

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
            problems.append(Problem(Place(str(path)), "this is not a file", "name a file or a directory"))
            return None
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        problems.append(
            Problem(Place(str(path)), "there is no such file or directory", "look at the path and where it starts")
        )
    except OSError as error:
        hint = _RIGHTS if isinstance(error, PermissionError) else "look at the path and where it leads"
        problems.append(Problem(Place(str(path)), f"the file cannot be read: {error.strerror}", hint))
    return None


def _text(data: bytes, file: str, problems: list[Problem]) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _after(data[: error.start].decode("utf-8"), file)
        problems.append(Problem(place, f"byte 0x{data[error.start]:02X} is not UTF-8", "save the file as UTF-8"))
        return None
    wrong = _NOT_YAML.search(text)
    if wrong:
        place = _after(text[: wrong.start()], file)
        problems.append(Problem(place, f"character U+{ord(wrong[0]):04X} is not allowed in YAML", "remove it"))
        return None
    return text


def _after(text: str, file: str) -> Place:
    """The place just after ``text``, which begins the file."""
    lines = _LINE_END.split(text)
    return Place(file, len(lines), len(lines[-1]) + 1)


def _syntax(error: Exception, file: str, text: str) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError):
        # Without libyaml the parser stumbles over an escape such as \UFFFFFFFF, and does not say where.
        return Problem(Place(file), "this is not YAML: an escape names no character", _LOOK)
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    what = error.problem or error.context
    if what == _TOO_DEEP:
        return Problem(place, *_NESTS)
    # The C parser does not say that the character which cannot start a token is a tab.
    lines = text.split("\n")
    if mark and mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        return Problem(place, "a tab stands where YAML wants spaces", "indent with spaces")
    before = lines[max(mark.line - 1, 0) : mark.line + 1] if mark else []
    hint = _FULL_WIDTH_HINT if any(_FULL_WIDTH.search(line) for line in before) else _LOOK
    return Problem(place, f"this is not YAML: {what}", hint)


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
            self._problem(following, "a second document begins here", "keep one document to a file: remove the `---`")
        if isinstance(root, Scalar) and root.sort == NOTHING:
            return None
        if not isinstance(root, Fields):
            what = "a manifest is a mapping of sections"
            full_width = isinstance(root, Scalar) and _FULL_WIDTH.search(root.written)
            hint = _FULL_WIDTH_HINT if full_width else "begin with a section such as `flows:`"
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
            self._problem(event, "aliases are not used in manifests", "write the value out, or use `defaults:`")
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
            self._problem(event, "anchors are not used in manifests", "write the value out, or use `defaults:`")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._problem(event, f"the tag {tag} is not used in manifests", "remove the tag")

    def _items(self, depth: int) -> Iterator[Given]:
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            yield self._value(event, depth + 1)

    def _mapping(self, start: yaml.Event, depth: int) -> Fields:
        fields: dict[str, tuple[Scalar, Given]] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._value(event, depth + 1)
            value = self._value(self._next(), depth + 1)
            if not isinstance(key, Scalar):
                self.problems.append(Problem(key.place, "a key is a single word", "quote it if it holds brackets"))
            elif key.sort != TEXT:
                self.problems.append(misread(key))
            elif key.written == "<<":
                what = "merge keys are not used in manifests"
                self.problems.append(Problem(key.place, what, "write the values out, or use `defaults:`"))
            elif key.written in fields:
                first = fields[key.written][0].place.line
                self.problems.append(
                    Problem(key.place, f'"{key.written}" stands twice (first in line {first})', "keep one of them")
                )
            else:
                fields[key.written] = (key, value)
        return Fields(tuple(fields.values()), self._place(start))

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        place = self._place(event)
        if len(event.value) > LONGEST_TEXT:
            what = f"this has {len(event.value):,} characters, more than the {LONGEST_TEXT:,} that are read"
            self._problem(event, what, "shorten it")
            return Scalar(event.value[:CLIPPED] + "…", TEXT, place)
        # Nearly every word is a text, and most show it by how they begin: no need to try what else they might be.
        if not event.implicit[0] or event.value[:1] not in _RESOLVED:
            return Scalar(event.value, TEXT, place)
        tag = self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        return Scalar(event.value, _SORTS.get(tag, TEXT), place)

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file)

    def _problem(self, event: yaml.Event, what: str, hint: str) -> None:
        self.problems.append(Problem(self._place(event), what, hint))
