"""What is laid aside on disk while it is written, so that memory stays flat: lines of a table, the body of a page."""

from __future__ import annotations

import json
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from registry.documents.document import Lack
from registry.model.snapshot import Text

_IN_MEMORY = 1 << 20
"""How much of it is kept in memory, in bytes; the rest goes to a file without a name."""

_CHUNK = 1 << 16


class Aside:
    """A text that is written first and read afterwards."""

    def __init__(self) -> None:
        # It is closed by `__exit__`.
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            _IN_MEMORY, "w+", encoding="utf-8", newline="\n"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, text: str) -> int:
        """Add ``text``."""
        return self._file.write(text)

    def writelines(self, texts: Iterable[str]) -> None:
        """Add each of ``texts``."""
        for text in texts:
            self._file.write(text)

    def pieces(self) -> Iterator[str]:
        """All of it, from the beginning."""
        self._file.seek(0)
        while piece := self._file.read(_CHUNK):
            yield piece


class LinesAside(Aside):
    """The lines of a table; ``used`` says of each column whether anything stands in it."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.used = [False] * columns

    def add(self, band: str, cells: Sequence[str]) -> None:
        """Add a line, with the heading under which it stands."""
        for at, cell in enumerate(cells):
            self.used[at] = self.used[at] or bool(cell)
        self._file.write(json.dumps((band, cells), ensure_ascii=False))
        self._file.write("\n")

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        self._file.seek(0)
        for line in self._file:
            band, cells = json.loads(line)
            yield band, cells


class Gap(NamedTuple):
    """What one thing lacks in one activity: the keys of the columns, and one command that would state all of them."""

    subject: Text
    keys: tuple[str, ...]
    command: str


class Gaps(Aside):
    """What rows lack, found again by activity. Where it stands on disk is remembered, not what it is."""

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[Text | None, array[int]] = {}

    def add(self, lacks: Iterable[Lack]) -> None:
        """Remember ``lacks``."""
        for lack in lacks:
            self._places.setdefault(lack.activity, array("Q")).append(self._file.tell())
            self.write(json.dumps((lack.key, *lack.statement), ensure_ascii=False))
            self.write("\n")

    def __bool__(self) -> bool:
        return bool(self._places)

    def by_activity(self) -> Iterator[tuple[Text | None, list[Gap]]]:
        """The gaps of each activity, as rows first spoke of them; what belongs to none comes last."""
        for activity in sorted(self._places, key=lambda one: one is None):
            yield activity, self._of(self._places[activity])

    def _of(self, places: Iterable[int]) -> list[Gap]:
        found: dict[str, tuple[Text, dict[str, None], dict[str, None]]] = {}
        for place in places:
            self._file.seek(place)
            key, subject, command, options = json.loads(self._file.readline())
            _, keys, given = found.setdefault(command, (Text(*subject), {}, {}))
            keys[key] = None
            given[options] = None
        return [
            Gap(subject, tuple(keys), " ".join((command, *given))) for command, (subject, keys, given) in found.items()
        ]
