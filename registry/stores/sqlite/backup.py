"""Backups: a file with everything as it was at one point in time, and a registry that is put back from such a file."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from registry.bilingual import Text
from registry.errors import StoreCorrupt, StoreError, reason
from registry.stores.sqlite.destinations import (
    ANOTHER_FILE,
    BESIDE,
    LOGS,
    a_directory,
    both_exist,
    destination,
    exists_already,
    refuse_registry,
    the_registry,
)
from registry.stores.sqlite.faults import Faults, quoted
from registry.stores.sqlite.integrity import MAGIC, Contents, is_empty, marks, verified
from registry.stores.sqlite.schema import APPLICATION_ID, LATEST, migrate
from registry.stores.sqlite.store import SqliteStore

_WAIT = 5.0
_ANOTHER_BACKUP = Text("name a file that `registry backup` wrote", "写明由`registry backup`写出的文件")
_AGAIN = Text("do it again", "请重做")
_PREFIX, _SUFFIX = ".registry-", ".partial"
_AT_WORK = 60
"""For so many seconds a copy may be without its lock: when it is just made."""
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Restored(NamedTuple):
    """What the registry holds now, and where a damaged file is kept whose place it took."""

    contents: Contents
    aside: Path | None = None


def path_of(url: str) -> Path:
    """The file of the store at ``url``. Raises `StoreError` where a store of that kind is no file."""
    scheme, separator, rest = url.partition("://")
    if separator and scheme.lower() != "sqlite":
        raise StoreError(
            Text(
                f"{scheme}://…: only a registry in an SQLite file is backed up and restored",
                f"{scheme}://…：只有SQLite文件中的登记册可以备份和恢复",
            ),
            hint=Text(
                "`registry copy --to FILE` takes all of another store into a file; a server has its own backups too",
                "`registry copy --to FILE`将其他存储的全部内容复制到文件；服务器也有自己的备份方式",
            ),
        )
    path = rest.removeprefix("/") if separator else url
    if not path or (separator and not rest.startswith("/")):
        raise StoreError(
            Text(f"{url}: there is no path in it", f"{url}：其中没有路径"),
            hint=Text("an SQLite store is a path or sqlite:///path", "SQLite存储写作路径或sqlite:///路径"),
        )
    return Path(path)


def backup(store: SqliteStore, path: str | Path, *, force: bool = False) -> Contents:
    """Write the registry as it is at one point in time to a file at ``path``, while others go on reading and writing.

    The file appears when it is whole, read through and on the disk. Raises `StoreError` where there is one already,
    unless ``force``; where it is the registry itself or in use, always.
    """
    faults = Faults(Path(path), _WAIT)
    target = destination(path)
    refuse_registry(Path(path), target, os.path.realpath(store.path))
    if os.path.exists(target) and not force:
        raise exists_already(Path(path))
    with _translated(faults), _partial(target, os.stat(store.path).st_mode) as (partial, lock):
        with faults.translated():
            with closing(_connect(partial, "mode=rw", faults)) as copy:
                copy.execute("PRAGMA journal_mode = OFF")
                store.copy_into(copy)
            # A backup of a damaged registry is none: better to know it today.
            with closing(_connect(partial, "immutable=1", faults)) as copy:
                contents = verified(copy, Faults(store.path, _WAIT))
        _sync(partial)
        lock.close()
        _place(partial, target, Path(path), force)
    return contents


def restore(source: str | Path, path: str | Path, *, force: bool = False, wait: float = _WAIT) -> Restored:
    """Make the registry at ``path`` what it was when the backup ``source`` was written, after all of that was read.

    Raises `StoreError` where there is anything at ``path``, unless ``force``. A registry that is there is written over
    in one write, like any other: others may have it open and keep the snapshot they read, and it counts as a write. A
    file that is too damaged for that is put aside.
    """
    faults, target = Faults(Path(path), wait), destination(path)
    source = Path(source)
    if both_exist(target, source) and os.path.samefile(target, source):
        raise StoreError(the_registry(source), hint=_ANOTHER_BACKUP)
    holds = _holds_anything(target, faults)
    if holds and not force:
        raise StoreError(
            Text(f"{path}: there is something here already", f"{path}：此处已有内容"),
            hint=Text(
                f"`--force` puts the backup in its place; keep what is there first: {_command(path)}",
                f"`--force`以备份取而代之；请先保留现有内容：{_command(path)}",
            ),
        )
    with _translated(faults), _partial(target, _mode(target, source)) as (partial, lock):
        _copy(source, partial, faults)
        before = _version(target, faults) if holds else 0
        contents = _made_ready(partial, Faults(source, wait, mend=_ANOTHER_BACKUP), before)
        _sync(partial)
        if _has_anything(target) and _write_over(target, partial, faults):
            return Restored(contents)
        aside = _put_aside(target, holds)
        lock.close()
        _place(partial, target, Path(path), os.path.exists(target))
    return Restored(contents, aside)


def _command(path: str | Path) -> str:
    return f"`registry --store {quoted(Path(path))} backup FILE`"


# the copy


class _Partial(NamedTuple):
    """A copy that has no name of its own yet, and what shows that somebody is at work on it."""

    path: Path
    lock: IO[str]


@contextmanager
def _partial(target: Path, mode: int) -> Iterator[_Partial]:
    """An empty file beside ``target`` that is gone in the end, unless it took its place."""
    _sweep(target.parent)
    # Not longer than the name of any registry: SQLite keeps files beside this one too.
    handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=target.parent)
    try:
        with os.fdopen(handle) as lock:
            with suppress(OSError):  # a file system without locks keeps what a killed process leaves
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who might read the one may read the other; what nobody may write could not be made.
            os.chmod(name, stat.S_IMODE(mode) | 0o600)
            yield _Partial(Path(name), lock)
    finally:
        _unlink(name)


def _sweep(directory: Path) -> None:
    """Remove what a killed backup or restore has left: a copy of everything that is registered."""
    for name in directory.glob(f"{_PREFIX}*{_SUFFIX}"):
        with suppress(OSError), name.open() as file:
            if time.time() - name.stat().st_mtime > _AT_WORK:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _unlink(str(name))


def _unlink(name: str) -> None:
    for end in ("", *BESIDE):
        Path(f"{name}{end}").unlink(missing_ok=True)


def _copy(source: Path, partial: Path, faults: Faults) -> None:
    """Copy a file that perhaps is a registry, with what stands in its log."""
    source_faults = Faults(source, _WAIT, mend=_ANOTHER_BACKUP)
    try:
        with source.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise source_faults.no_registry()
            before = os.fstat(file.fileno())
    except IsADirectoryError:
        raise StoreError(a_directory(source), hint=_ANOTHER_BACKUP) from None
    except OSError as error:
        why = reason(error)
        what = Text(f"{source}: the backup cannot be read: {why.en}", f"{source}：备份无法读取：{why.zh}")
        raise StoreError(what, hint=_ANOTHER_BACKUP) from error
    # Without a log the file is all there is, and nothing is made beside it, where perhaps nothing may be made.
    logged = any(os.path.exists(f"{os.path.realpath(source)}{end}") for end in LOGS)
    with closing(_connect(source, "mode=ro" if logged else "immutable=1", source_faults)) as original:
        with source_faults.translated():
            original.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        with faults.translated(), closing(_connect(partial, "mode=rw", faults)) as copy:
            copy.execute("PRAGMA journal_mode = OFF")
            original.backup(copy, progress=source_faults.stop_when_busy)
    after = source.stat()
    if not logged and (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        what = Text(f"{source}: somebody wrote to it while it was read", f"{source}：读取期间有人写入")
        raise StoreError(what, hint=_AGAIN)


def _made_ready(partial: Path, faults: Faults, before: int | None) -> Contents:
    """Bring the copy to the latest version and read all of it. It counts as the write after ``before``."""
    with closing(_connect(partial, "mode=rw", faults)) as copy:
        with faults.translated():
            made = marks(copy)
            made.check(faults)
            copy.execute("PRAGMA journal_mode = WAL")
            if made.version < LATEST:
                copy.execute("BEGIN IMMEDIATE")
                migrate(copy, made.version)
                copy.execute("COMMIT")
        contents = verified(copy, faults)
        if before:
            # Whoever planned a write on what was there must not take what is there now for it.
            contents = contents._replace(version=max(before, contents.version) + 1)
            with faults.translated():
                copy.execute("UPDATE registry SET version = ?", (contents.version,))
    return contents


# its place


def _mode(target: Path, source: Path) -> int:
    """The rights of the registry that is there, or else those of the backup."""
    for file in (target, source):
        with suppress(OSError):
            return os.stat(file).st_mode
    return 0


def _has_anything(target: Path) -> bool:
    return os.path.exists(target) and os.path.getsize(target) > 0


def _holds_anything(target: Path, faults: Faults) -> bool:
    """Whether there is anything to lose. Raises `StoreError` where it is the file of another application."""
    try:
        if not _has_anything(target):
            return False
        with closing(_connect(target, "mode=rw", faults)) as connection, faults.translated():
            if is_empty(connection):
                with target.open("rb") as file:
                    return file.read(len(MAGIC)) != MAGIC
            other = marks(connection).application != APPLICATION_ID
    except StoreCorrupt:
        return True
    if other:
        raise faults.of_another()
    return True


def _version(target: Path, faults: Faults) -> int | None:
    """After how many writes the registry is that is there; None where it cannot be read."""
    with suppress(StoreError), closing(_connect(target, "mode=rw", faults)) as connection, faults.translated():
        row = connection.execute("SELECT version FROM registry").fetchone()
        return row[0] if row and isinstance(row[0], int) else None
    return None


def _write_over(target: Path, partial: Path, faults: Faults) -> bool:
    """Write the copy over the registry in one write; False where that is too damaged to be written to."""
    try:
        with closing(_connect(target, "mode=rw", faults)) as over, faults.translated():
            # As a write it takes its turn, others keep what they read, and a log that is there stays right. A file put
            # in its place could be read with the log of the old one.
            if over.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                return False
            with closing(_connect(partial, "immutable=1", faults)) as copy:
                if over.execute("PRAGMA page_size").fetchone() != copy.execute("PRAGMA page_size").fetchone():
                    raise StoreError(
                        Text(
                            f"{faults.path}: its pages are of another size than those of the backup",
                            f"{faults.path}：其页大小与备份不同",
                        ),
                        hint=Text(
                            "when nobody uses it, move it away with the files beside it, and restore again",
                            "待无人使用时，将其连同旁边的文件移走，再重新恢复",
                        ),
                    )
                copy.backup(over, progress=faults.stop_when_busy)
    except StoreCorrupt:
        return False
    return True


def _put_aside(target: Path, holds: bool) -> Path | None:
    """Give the file that is there another name, with its logs. It also keeps its own until another takes it.

    A log whose file is gone is kept too: perhaps somebody moved that away and wants it back.
    """
    with suppress(FileNotFoundError):
        Path(f"{target}-shm").unlink()
    left = [end for end in ("", *LOGS) if (end or holds) and _has_anything(Path(f"{target}{end}"))]
    if not left:
        for end in LOGS:
            Path(f"{target}{end}").unlink(missing_ok=True)
        return None
    number = 1
    while any(os.path.lexists(f"{target}.old-{number}{end}") for end in ("", *BESIDE)):
        number += 1
    aside = Path(f"{target}.old-{number}")
    for end in left:
        if end:
            os.rename(f"{target}{end}", f"{aside}{end}")
        else:
            _link(target, aside)
    return aside


def _place(partial: Path, target: Path, given: Path, force: bool) -> None:
    """Give the file its name, at once and for good.

    Nothing of ours has it open by then: closing it later would end the locks of SQLite in this process.
    """
    if force:
        os.replace(partial, target)
    else:
        try:
            _link(partial, target)
        except FileExistsError:
            raise exists_already(given) from None
    _sync(target.parent)


def _link(file: Path, name: Path) -> None:
    """A second name for a file, or its only one where the file system knows no second names."""
    try:
        os.link(file, name)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(name)) from None
        os.rename(file, name)


# the disk


def _connect(path: Path, how: str, faults: Faults) -> sqlite3.Connection:
    with faults.translated():
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{how}", uri=True, timeout=faults.wait, isolation_level=None
        )
        try:
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def _translated(faults: Faults) -> Iterator[None]:
    """Raise each error of the system as a `StoreError`."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise faults.full() from error
        why = reason(error)
        what = Text(f"{faults.path}: cannot be written: {why.en}", f"{faults.path}：无法写入：{why.zh}")
        raise StoreError(what, hint=ANOTHER_FILE) from error


def _sync(path: Path) -> None:
    """Wait until a file, or what a directory lists, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
