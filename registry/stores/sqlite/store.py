"""The file: how it is opened, made, lent to readers and writers, and given back."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from registry.bilingual import Text
from registry.errors import StoreError, StoreFull
from registry.stores.sqlite.faults import Faults, quoted
from registry.stores.sqlite.integrity import MAGIC, is_empty, marks
from registry.stores.sqlite.reading import SqliteReader
from registry.stores.sqlite.schema import APPLICATION_ID, LATEST, migrate
from registry.stores.sqlite.writing import SqliteTransaction

_OLDEST = (3, 35, 0)
_CACHE_KIB = 32_768
_MOST_IDLE = 8


class _File(NamedTuple):
    """Which file it is, and what shows that it was written to."""

    device: int
    number: int
    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> _File:
        """The file that stands at the path now."""
        found = path.stat()
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    def same(self, other: _File) -> bool:
        """Whether it is the same file, written to or not."""
        return (self.device, self.number) == (other.device, other.number)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A connection and the file that it has open.

    Where ``unwritable`` says why nothing can be written, it counts on nobody else writing either.
    """

    connection: sqlite3.Connection
    file: _File
    unwritable: StoreError | None = None


class SqliteStore:
    """A registry in an SQLite file.

    ``wait`` is how many seconds a write waits for another process's write before it raises `StoreLocked`. With
    ``read_only`` the store is opened for reading even where it could be written.
    """

    def __init__(self, path: str | Path, *, create: bool = False, wait: float = 5.0, read_only: bool = False) -> None:
        self._given = str(path)
        self._path = Path(path).absolute()
        self._wait = wait
        self._read_only = read_only
        self._faults = Faults(Path(path), wait)
        self._idle: deque[_Opened] = deque()
        self._closed = False
        self._upgraded: tuple[int, int] | None = None
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreError(
                Text(
                    f"the SQLite library of this Python is {sqlite3.sqlite_version}, "
                    "and 3.35 is the oldest that will do",
                    f"本Python所带的SQLite库版本为{sqlite3.sqlite_version}，至少需要3.35",
                ),
                hint=Text("run the registry with a Python that comes with a newer one", "改用带有较新SQLite库的Python"),
            )
        self._prepare(create and not read_only)

    @property
    def url(self) -> str:
        """``sqlite:///`` and the path as it was given."""
        return f"sqlite:///{self._given}"

    @property
    def upgraded(self) -> tuple[int, int] | None:
        """From which version of the file to which it was upgraded when it was opened; None where it was not."""
        return self._upgraded

    @property
    def path(self) -> Path:
        """The path as it was given."""
        return Path(self._given)

    @contextmanager
    def reading(self) -> Iterator[SqliteReader]:
        """Reads of the snapshot at which the block begins."""
        with self._lent() as opened:
            with self._faults.translated():
                opened.connection.execute("BEGIN")
            try:
                reader = SqliteReader(opened.connection, self._faults)
                try:
                    yield reader
                finally:
                    reader.end()
            finally:
                _roll_back(opened.connection)
            self._check_unchanged(opened)

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        """A write: on the disk when the block ends, undone when it raises.

        Raises `StoreLocked` when another process goes on writing for longer than we wait.
        """
        with self._lent() as opened:
            if opened.unwritable or self._read_only:
                raise opened.unwritable or self._faults.read_only()
            with self._faults.translated():
                opened.connection.execute("BEGIN IMMEDIATE")
            try:
                self._check_in_place(
                    opened,
                    Text("while this write waited; nothing was written", "（在本次写入等待期间）；未写入任何内容"),
                )
                transaction = SqliteTransaction(opened.connection, self._faults)
                try:
                    yield transaction
                finally:
                    transaction.end()
                self._commit(opened.connection)
                self._check_in_place(
                    opened,
                    Text("during this write; it has nothing of it", "（在本次写入期间）；其中没有本次写入的内容"),
                )
            finally:
                _roll_back(opened.connection)

    def copy_into(self, target: sqlite3.Connection) -> None:
        """Copy the whole file as it is at one point in time, while others go on reading and writing.

        Raises `sqlite3.Error` for what is wrong with the target.
        """
        with self._lent() as opened:
            # In one step: between steps others could write, and it would begin again and again.
            opened.connection.backup(target, progress=self._faults.stop_when_busy)
            self._check_unchanged(opened)

    def close(self) -> None:
        """Close the file, as soon as those who are reading have ended."""
        self._closed = True
        while self._idle:
            self._idle.pop().connection.close()

    def _commit(self, connection: sqlite3.Connection) -> None:
        if not connection.in_transaction:
            raise StoreError(
                Text(
                    f"{self._given}: after a fault inside this write, nothing of it was written",
                    f"{self._given}：本次写入中途出错，未写入任何内容",
                )
            )
        with self._faults.translated():
            connection.execute("COMMIT")

    @contextmanager
    def _lent(self) -> Iterator[_Opened]:
        """A connection for one reading or one write; several may be out at once, in several threads."""
        opened = self._take()
        try:
            yield opened
        finally:
            if self._closed or opened.unwritable or len(self._idle) >= _MOST_IDLE or opened.connection.in_transaction:
                opened.connection.close()
            else:
                self._idle.append(opened)

    def _take(self) -> _Opened:
        file = self._file()
        with suppress(IndexError):
            while True:
                opened = self._idle.pop()
                # A file that was put in place of ours is another registry; the old one is no longer anybody's.
                if opened.file.same(file):
                    return opened
                opened.connection.close()
        opened = self._open(file)
        try:
            if not self._file().same(file):
                opened.connection.close()
                return self._take()
            self._check(opened.connection)
        except BaseException:
            opened.connection.close()
            raise
        return opened

    def _file(self) -> _File:
        try:
            return _File.of(self._path)
        except OSError as error:
            raise self._faults.unreachable(error) from error

    def _open(self, file: _File) -> _Opened:
        # Where we cannot write, SQLite cannot make the files beside a log that nobody has begun. Without a log the file
        # is all there is, and reading it alone is right as long as it does not change.
        if not self._may_write() and not self._has_log():
            return _Opened(self._connect("immutable=1"), file, self._faults.read_only())
        try:
            return _Opened(self._connect("mode=rw"), file)
        except StoreFull as full:
            if self._has_log():
                raise
            return _Opened(self._connect("immutable=1"), file, full)

    def _connect(self, how: str) -> sqlite3.Connection:
        with self._faults.translated():
            connection = sqlite3.connect(
                f"{self._path.as_uri()}?{how}",
                uri=True,
                timeout=self._wait,
                isolation_level=None,
                check_same_thread=False,
            )
            for setting in ("foreign_keys = ON", "synchronous = FULL", f"cache_size = -{_CACHE_KIB}"):
                try:
                    connection.execute(f"PRAGMA {setting}")
                except BaseException:
                    connection.close()
                    raise
        return connection

    def _may_write(self) -> bool:
        # Through links: what stands beside the file stands beside the real one.
        real = os.path.realpath(self._path)
        return os.access(real, os.W_OK) and os.access(os.path.dirname(real), os.W_OK)

    def _has_log(self) -> bool:
        try:
            return os.stat(f"{os.path.realpath(self._path)}-wal").st_size > 0
        except FileNotFoundError:
            return False
        except OSError:
            return True

    def _prepare(self, create: bool) -> None:
        if os.path.isdir(self._path):
            command = f"`registry --store {quoted(Path(self._given, 'registry.db'))} init`"
            raise StoreError(
                Text(f"{self._given}: this is a directory", f"{self._given}：这是一个目录"),
                hint=Text(f"name a file in it: {command}", f"写明其中的一个文件：{command}"),
            )
        if create and self._holds_nothing():
            self._make()
        with self._lent():
            pass

    def _holds_nothing(self) -> bool:
        """Whether there is no file, or an empty one: also one that was begun and not finished."""
        try:
            with self._path.open("rb") as file:
                beginning = file.read(len(MAGIC))
        except FileNotFoundError:
            return True
        except OSError:
            return False
        if beginning != MAGIC:
            return not beginning
        connection = self._connect("mode=rw")
        try:
            with self._faults.translated():
                return is_empty(connection)
        finally:
            connection.close()

    def _make(self) -> None:
        if not os.path.isdir(self._path.parent):
            raise self._faults.missing()
        if not os.path.lexists(self._path) and not os.access(self._path.parent, os.W_OK | os.X_OK):
            raise self._faults.not_to_be_made()
        connection = self._connect("mode=rwc")
        try:
            with self._faults.translated():
                mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                if mode != "wal":
                    raise StoreError(
                        Text(
                            f"{self._given}: this file system cannot hold a registry that several processes use",
                            f"{self._given}：该文件系统不能存放供多个进程使用的登记册",
                        ),
                        hint=Text("put it on a local disk", "放到本地磁盘上"),
                    )
                self._migrate(connection)
        finally:
            connection.close()

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring the file to the latest version, or do nothing where another process just did."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            migrate(connection, marks(connection).version)
            connection.execute("COMMIT")
        finally:
            _roll_back(connection)

    def _check(self, connection: sqlite3.Connection) -> None:
        with self._faults.translated():
            made = marks(connection)
            if made.application == APPLICATION_ID and made.version < LATEST:
                self._migrate(connection)
                self._upgraded = (made.version, LATEST)
            empty = made == (0, 0) and is_empty(connection)
        if empty:
            # SQLite takes a file of a few bytes for an empty one.
            raise self._faults.missing() if self._holds_nothing() else self._faults.no_registry()
        made.check(self._faults)

    def _check_in_place(self, opened: _Opened, when: Text) -> None:
        """What is written to a file that is no longer there would be acknowledged and lost."""
        if not self._file().same(opened.file):
            raise StoreError(
                Text(
                    f"{self._given}: another file took its place {when.en}", f"{self._given}：已被另一文件取代{when.zh}"
                ),
                hint=Text("do it again", "请重做"),
            )

    def _check_unchanged(self, opened: _Opened) -> None:
        """What was read without a log is of one snapshot only if nobody wrote meanwhile."""
        if opened.unwritable and self._file() != opened.file:
            raise StoreError(
                Text(f"{self._given}: somebody wrote to it while it was read", f"{self._given}：读取期间有人写入"),
                hint=Text("ask again", "请重新查询"),
            )


def _roll_back(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")
