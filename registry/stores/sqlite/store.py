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

from registry.errors import StoreError, StoreFull, StoreVersion
from registry.stores.sqlite.faults import Faults
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
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreError(
                f"the SQLite library of this Python is {sqlite3.sqlite_version}, and 3.35 is the oldest that will do",
                hint="run the registry with a Python that comes with a newer one",
            )
        self._prepare(create and not read_only)

    @property
    def url(self) -> str:
        """``sqlite:///`` and the path as it was given."""
        return f"sqlite:///{self._given}"

    @contextmanager
    def reading(self) -> Iterator[SqliteReader]:
        """Reads of the moment at which the block begins."""
        with self._lent() as opened:
            with self._faults.told():
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
            with self._faults.told():
                opened.connection.execute("BEGIN IMMEDIATE")
            try:
                transaction = SqliteTransaction(opened.connection, self._faults)
                try:
                    yield transaction
                finally:
                    transaction.end()
                self._commit(opened.connection)
            finally:
                _roll_back(opened.connection)

    def close(self) -> None:
        """Close the file, as soon as those who are reading have ended."""
        self._closed = True
        while self._idle:
            self._idle.pop().connection.close()

    def _commit(self, connection: sqlite3.Connection) -> None:
        if not connection.in_transaction:
            raise StoreError(f"{self._given}: after a fault inside this write, nothing of it was written")
        with self._faults.told():
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
            self._check(opened.connection)
        except BaseException:
            opened.connection.close()
            raise
        return opened

    def _file(self) -> _File:
        try:
            return _File.of(self._path)
        except (FileNotFoundError, NotADirectoryError):
            raise self._faults.missing() from None
        except OSError as error:
            raise StoreError(f"{self._given}: {error.strerror}") from error

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
        with self._faults.told():
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
                except sqlite3.Error:
                    connection.close()
                    raise
        return connection

    def _may_write(self) -> bool:
        return os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK)

    def _has_log(self) -> bool:
        try:
            return os.stat(f"{self._path}-wal").st_size > 0
        except FileNotFoundError:
            return False
        except OSError:
            return True

    def _prepare(self, create: bool) -> None:
        if self._path.is_dir():
            hint = f"name a file in it: `registry --store {Path(self._given, 'registry.db')} init`"
            raise StoreError(f"{self._given}: this is a directory", hint=hint)
        if create and (not self._path.exists() or self._path.stat().st_size == 0):
            self._make()
        with self._lent():
            pass

    def _make(self) -> None:
        if not self._path.parent.is_dir():
            raise self._faults.missing()
        connection = self._connect("mode=rwc")
        try:
            with self._faults.told():
                mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                if mode != "wal":
                    raise StoreError(
                        f"{self._given}: this file system cannot hold a registry that several processes use",
                        hint="put it on a local disk",
                    )
                self._migrate(connection)
        finally:
            connection.close()

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring the file to the latest version, or do nothing where another process just did."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            _, version = _marks(connection)
            migrate(connection, version)
            connection.execute("COMMIT")
        finally:
            _roll_back(connection)

    def _check(self, connection: sqlite3.Connection) -> None:
        with self._faults.told():
            application, version = _marks(connection)
            if application == APPLICATION_ID and version < LATEST:
                self._migrate(connection)
        if application == APPLICATION_ID:
            if version > LATEST:
                raise StoreVersion(
                    f"{self._given}: a newer registry made this file (its version is {version}, ours {LATEST})",
                    hint="install the newer registry, or name another store: `registry --store PATH …`",
                )
        elif application == 0 and version == 0 and self._is_empty(connection):
            raise self._faults.missing()
        else:
            raise self._faults.corrupt("this is no registry but an SQLite file of another application")

    def _is_empty(self, connection: sqlite3.Connection) -> bool:
        with self._faults.told():
            return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None

    def _check_unchanged(self, opened: _Opened) -> None:
        """What was read without a log is of one moment only if nobody wrote meanwhile."""
        if opened.unwritable and self._file() != opened.file:
            raise StoreError(f"{self._given}: somebody wrote to it while it was read", hint="ask again")


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    """Whose file it is and of which version."""
    application, version = connection.execute(
        "SELECT a.application_id, v.user_version FROM pragma_application_id AS a, pragma_user_version AS v"
    ).fetchone()
    return application, version


def _roll_back(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")
