"""Every fault that SQLite reports, told once in the words of the registry."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from registry.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
)

_PRIMARY = 0xFF
_LEAST_ROOM = 256 * 1024
_NAME_ANOTHER = "or name another store: `registry --store PATH …`"


class Faults:
    """Tells the faults of one file. ``wait`` is how many seconds we wait for another process."""

    def __init__(self, path: Path, wait: float) -> None:
        self.path = path
        self._wait = wait

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raise each SQLite error of the block as a `StoreError` with the path and the next step."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._of(error) from error

    def missing(self) -> StoreMissing:
        """There is nothing at the path, or nothing in the file."""
        parent = self.path.absolute().parent
        if not parent.is_dir():
            what = f"{self.path}: there is no directory {parent}"
            return StoreMissing(what, hint=f"make the directory first, {_NAME_ANOTHER}")
        what = f"{self.path}: there is no registry here"
        if self.path.exists():
            what = f"{self.path}: the file holds no registry yet"
        return StoreMissing(what, hint=f"`registry --store {self.path} init` makes one, {_NAME_ANOTHER}")

    def corrupt(self, why: str) -> StoreCorrupt:
        """The file is damaged, or is something else."""
        return StoreCorrupt(f"{self.path}: {why}", hint=f"bring the file back from a backup, {_NAME_ANOTHER}")

    def read_only(self) -> StoreReadOnly:
        """The file or its directory may not be written."""
        what = "the file may be read, not written"
        if os.access(self.path, os.W_OK):
            here = os.access(self.path.absolute().parent, os.W_OK)
            what = "the store was opened for reading only" if here else "the directory may be read, not written"
        return StoreReadOnly(
            f"{self.path}: {what}",
            hint=f"ask for the right to write it and the directory it is in, {_NAME_ANOTHER}",
        )

    def full(self) -> StoreFull:
        """There is no room for what is to be written."""
        return StoreFull(
            f"{self.path}: no room is left; nothing was written", hint="make room on that disk and do it again"
        )

    def _of(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        match code & _PRIMARY:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return StoreLocked(
                    f"{self.path}: another process is writing; waited {self._wait:g} s",
                    hint="try again when it has finished",
                )
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
                return self.read_only()
            case sqlite3.SQLITE_FULL:
                return self.full()
            case sqlite3.SQLITE_CORRUPT:
                return self.corrupt("the file is damaged")
            # Our statements are right: what they miss is missing from the file.
            case sqlite3.SQLITE_ERROR if str(error).startswith("no such"):
                return self.corrupt(f"the file is damaged: {error}")
            case sqlite3.SQLITE_NOTADB:
                return self.corrupt("this is no registry: no SQLite file, or its beginning is damaged")
            case sqlite3.SQLITE_CANTOPEN:
                return self._cannot_open(error)
            # A quota and a limit on the size of files come as a fault of writing, not as a full disk.
            case sqlite3.SQLITE_IOERR if code == sqlite3.SQLITE_IOERR_WRITE or self._no_room():
                return self.full()
            case _:
                return StoreError(f"{self.path}: {error}", hint=f"look at the disk, {_NAME_ANOTHER}")

    def _cannot_open(self, error: sqlite3.Error) -> StoreError:
        if not self.path.exists():
            return self.missing()
        if self._no_room():
            return self.full()
        if not os.access(self.path, os.R_OK):
            return StoreError(f"{self.path}: the file may not be read", hint=f"ask for the right to, {_NAME_ANOTHER}")
        if not os.access(self.path.absolute().parent, os.W_OK):
            return self.read_only()
        return StoreError(f"{self.path}: {error}", hint=f"look at the disk, {_NAME_ANOTHER}")

    def _no_room(self) -> bool:
        with suppress(OSError):
            return shutil.disk_usage(self.path.absolute().parent).free < _LEAST_ROOM
        return False
