"""Every fault that SQLite reports, translated once into the words of the registry."""

from __future__ import annotations

import errno
import os
import shlex
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
_LONGEST_NAME = 255
_LONGEST_PATH = 511
_BESIDE = len("-journal")
"""SQLite keeps files beside ours whose names are longer than its own by this much."""
_NAME_ANOTHER = "or name another store: `registry --store PATH …`"
_RESTORE = f"`registry restore` brings it back from a backup, {_NAME_ANOTHER}"
_IN_THE_WAY = {
    errno.EACCES: ("a directory on the way to it may not be entered", "ask for the right to enter it"),
    errno.ENAMETOOLONG: ("the name is too long", "give it a shorter one"),
    errno.ELOOP: ("the links on the way to it lead in a circle", "look at where they lead"),
}


class Faults:
    """Tells the faults of one file. ``wait`` is how many seconds we wait for another process.

    ``mend`` is the next step where the file is damaged.
    """

    def __init__(self, path: Path, wait: float, *, mend: str = _RESTORE) -> None:
        self.path = path
        self.wait = wait
        self._mend = mend

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raise each SQLite error of the block as a `StoreError` with the path and the next step."""
        try:
            yield
        except UnicodeDecodeError:
            # What SQLite says of a damaged schema quotes it. What was in the file is not to stand in a trace either.
            raise self._no_text() from None
        except sqlite3.Error as error:
            if str(error).startswith("Could not decode"):
                raise self._no_text() from None
            raise self._of(error) from error

    def stop_when_busy(self, status: int, _remaining: int, _total: int) -> None:
        """Raise `StoreLocked` where a copy has waited in vain: by itself it would wait for ever."""
        if status & _PRIMARY in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise self.locked()

    def missing(self) -> StoreMissing:
        """There is nothing at the path, or nothing in the file."""
        parent = self.path.absolute().parent
        if not os.path.isdir(parent):
            what = f"{self.path}: there is no directory {parent}"
            return StoreMissing(what, hint=f"make the directory first, {_NAME_ANOTHER}")
        what = f"{self.path}: there is no registry here"
        if os.path.exists(self.path):
            what = f"{self.path}: the file holds no registry yet"
        return StoreMissing(what, hint=f"`registry --store {quoted(self.path)} init` makes one, {_NAME_ANOTHER}")

    def unreachable(self, error: OSError) -> StoreError:
        """The system does not even say whether there is something at the path."""
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return self.missing()
        what, hint = _IN_THE_WAY.get(error.errno or 0, (error.strerror, "look at the disk"))
        return StoreError(f"{self.path}: {what}", hint=f"{hint}, {_NAME_ANOTHER}")

    def not_to_be_made(self) -> StoreReadOnly:
        """Nothing new can be put into the directory."""
        parent = self.path.absolute().parent
        return StoreReadOnly(
            f"{self.path}: nothing can be made in {parent}: the directory may not be written",
            hint=f"ask for the right to write it, {_NAME_ANOTHER}",
        )

    def corrupt(self, why: str) -> StoreCorrupt:
        """The file is damaged, or is something else."""
        return StoreCorrupt(f"{self.path}: {why}", hint=self._mend)

    def no_registry(self) -> StoreCorrupt:
        """The file does not begin as SQLite files do."""
        return self.corrupt("this is no registry: no SQLite file, or its beginning is damaged")

    def lost(self) -> StoreCorrupt:
        """Something that is referred to is not there; an answer would leave it out without a word."""
        return self.corrupt("the file is damaged: something in it is lost")

    def read_only(self) -> StoreReadOnly:
        """The file or its directory may not be written."""
        what = "the file may be read, not written"
        if os.access(self.path, os.W_OK):
            here = os.access(self._directory(), os.W_OK)
            what = "the store was opened for reading only" if here else "the directory may be read, not written"
        return StoreReadOnly(
            f"{self.path}: {what}",
            hint=f"ask for the right to write it and the directory it is in, {_NAME_ANOTHER}",
        )

    def locked(self) -> StoreLocked:
        """Another process writes for longer than we wait."""
        return StoreLocked(
            f"{self.path}: another process is writing; waited {self.wait:g} s",
            hint="try again when it has finished",
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
                return self.locked()
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
                return self.read_only()
            case sqlite3.SQLITE_FULL:
                return self.full()
            case sqlite3.SQLITE_CORRUPT:
                return self.corrupt("the file is damaged")
            # Our statements are right: what they miss is missing from the file.
            case sqlite3.SQLITE_ERROR if str(error).startswith("no such"):
                return self.corrupt(f"the file is damaged: {error}")
            # Nor do they write anything that a whole file would not take.
            case sqlite3.SQLITE_CONSTRAINT:
                return self.corrupt(f"the file is damaged: {error}")
            case sqlite3.SQLITE_NOTADB:
                return self.no_registry()
            case sqlite3.SQLITE_CANTOPEN:
                return self._cannot_open(error)
            # A quota and a limit on the size of files come as a fault of writing, not as a full disk.
            case sqlite3.SQLITE_IOERR if code == sqlite3.SQLITE_IOERR_WRITE or self._no_room():
                return self.full()
            case _:
                return StoreError(f"{self.path}: {error}", hint=f"look at the disk, {_NAME_ANOTHER}")

    def _cannot_open(self, error: sqlite3.Error) -> StoreError:
        path = os.fsencode(self.path.absolute())
        if len(os.path.basename(path)) + _BESIDE > _LONGEST_NAME or len(path) + _BESIDE > _LONGEST_PATH:
            return self.unreachable(OSError(errno.ENAMETOOLONG, ""))
        if not os.path.exists(self.path):
            return self.missing()
        if self._no_room():
            return self.full()
        if not os.access(self.path, os.R_OK):
            return StoreError(f"{self.path}: the file may not be read", hint=f"ask for the right to, {_NAME_ANOTHER}")
        if not os.access(self._directory(), os.W_OK):
            return self.read_only()
        return StoreError(f"{self.path}: {error}", hint=f"look at the disk, {_NAME_ANOTHER}")

    def _no_text(self) -> StoreCorrupt:
        return self.corrupt("the file is damaged: a text in it is not UTF-8")

    def _directory(self) -> str:
        """The directory that the file is in, through links: what stands beside it is there."""
        return os.path.dirname(os.path.realpath(self.path))

    def _no_room(self) -> bool:
        with suppress(OSError):
            return shutil.disk_usage(self._directory()).free < _LEAST_ROOM
        return False


def quoted(path: Path | str) -> str:
    """The path as it is pasted into a shell."""
    return shlex.quote(str(path))
