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

from registry.bilingual import NO_WORDS, Text, alike, joined
from registry.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    reason,
)

_PRIMARY = 0xFF
_LEAST_ROOM = 256 * 1024
_LONGEST_NAME = 255
_LONGEST_PATH = 511
_BESIDE = len("-journal")
"""SQLite keeps files beside ours whose names are longer than its own by this much."""


def or_another(hint: Text) -> Text:
    """The hint, or another store in place of this one."""
    return Text(
        f"{hint.en}, or name another store: `registry --store PATH …`",
        f"{hint.zh}，或另指一处存储：`registry --store PATH …`",
    )


_RESTORE = or_another(Text("`registry restore` brings it back from a backup", "用`registry restore`从备份恢复"))
_IN_THE_WAY = {
    errno.EACCES: (
        Text("a directory on the way to it may not be entered", "无权进入其路径中的某个目录"),
        Text("ask for the right to enter it", "申请进入该目录的权限"),
    ),
    errno.ENAMETOOLONG: (Text("the name is too long", "名称过长"), Text("give it a shorter one", "换用较短的名称")),
    errno.ELOOP: (
        Text("the links on the way to it lead in a circle", "其路径中的链接构成循环"),
        Text("look at where they lead", "查看各链接所指"),
    ),
}
_LOOK_AT_DISK = Text("look at the disk", "检查磁盘")
_DAMAGED = Text("the file is damaged", "文件已损坏")


class Faults:
    """Tells the faults of one file. ``wait`` is how many seconds we wait for another process.

    ``mend`` is the next step where the file is damaged.
    """

    def __init__(self, path: Path, wait: float, *, mend: Text = _RESTORE) -> None:
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
            what = Text(f"there is no directory {parent}", f"没有目录{parent}")
            make = Text("make the directory first", "先创建该目录")
            return StoreMissing(self._told(what), hint=or_another(make))
        what = Text("there is no registry here", "此处没有登记册")
        if os.path.exists(self.path):
            what = Text("the file holds no registry yet", "该文件中尚无登记册")
        command = f"`registry --store {quoted(self.path)} init`"
        return StoreMissing(self._told(what), hint=or_another(Text(f"{command} makes one", f"用{command}创建")))

    def _told(self, what: Text) -> Text:
        return Text(f"{self.path}: {what.en}", f"{self.path}：{what.zh}")

    def unreachable(self, error: OSError) -> StoreError:
        """The system does not even say whether there is something at the path."""
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return self.missing()
        what, hint = _IN_THE_WAY.get(error.errno or 0, (reason(error), _LOOK_AT_DISK))
        return StoreError(self._told(what), hint=or_another(hint))

    def not_to_be_made(self) -> StoreReadOnly:
        """Nothing new can be put into the directory."""
        parent = self.path.absolute().parent
        what = Text(
            f"nothing can be made in {parent}: the directory may not be written",
            f"无法在{parent}中创建文件：该目录不可写",
        )
        hint = or_another(Text("ask for the right to write it", "申请写入该目录的权限"))
        return StoreReadOnly(self._told(what), hint=hint)

    def corrupt(self, what: Text) -> StoreCorrupt:
        """The file is damaged, or is something else."""
        return StoreCorrupt(self._told(what), hint=self._mend)

    def damaged(self, why: Text = NO_WORDS) -> StoreCorrupt:
        """The file is damaged."""
        return self.corrupt(joined([_DAMAGED, why], Text(": ", "：")))

    def no_registry(self) -> StoreCorrupt:
        """The file does not begin as SQLite files do."""
        return self.corrupt(
            Text(
                "this is no registry: no SQLite file, or its beginning is damaged",
                "这不是登记册：不是SQLite文件，或其开头已损坏",
            )
        )

    def of_another(self) -> StoreCorrupt:
        """The file is that of another application."""
        return self.corrupt(
            Text(
                "this is no registry but an SQLite file of another application",
                "这不是登记册，而是其他应用程序的SQLite文件",
            )
        )

    def lost(self) -> StoreCorrupt:
        """Something that is referred to is not there; an answer would leave it out without a word."""
        return self.damaged(Text("something in it is lost", "其中有内容丢失"))

    def unreadable(self) -> StoreCorrupt:
        """What is said of a node or an edge is no JSON."""
        return self.damaged(Text("properties in it cannot be read", "其中的属性无法读取"))

    def read_only(self) -> StoreReadOnly:
        """The file or its directory may not be written."""
        what = Text("the file may be read, not written", "文件可读，不可写")
        if os.access(self.path, os.W_OK):
            what = Text("the directory may be read, not written", "目录可读，不可写")
            if os.access(self._directory(), os.W_OK):
                what = Text("the store was opened for reading only", "存储以只读方式打开")
        ask = Text("ask for the right to write it and the directory it is in", "申请写入该文件及其所在目录的权限")
        return StoreReadOnly(self._told(what), hint=or_another(ask))

    def locked(self) -> StoreLocked:
        """Another process writes for longer than we wait."""
        return StoreLocked(
            self._told(
                Text(f"another process is writing; waited {self.wait:g} s", f"另一进程正在写入；已等待{self.wait:g}秒")
            ),
            hint=Text("try again when it has finished", "待其完成后重试"),
        )

    def full(self) -> StoreFull:
        """There is no room for what is to be written."""
        return StoreFull(
            self._told(Text("no room is left; nothing was written", "空间不足；未写入任何内容")),
            hint=Text("make room on that disk and do it again", "在该磁盘上腾出空间后重做"),
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
                return self.damaged()
            # Our statements are right: what they miss is missing from the file.
            case sqlite3.SQLITE_ERROR if str(error).startswith("no such"):
                return self.damaged(alike(str(error)))
            # Nor do they write anything that a whole file would not take.
            case sqlite3.SQLITE_CONSTRAINT:
                return self.damaged(alike(str(error)))
            case sqlite3.SQLITE_NOTADB:
                return self.no_registry()
            case sqlite3.SQLITE_CANTOPEN:
                return self._cannot_open(error)
            # A quota and a limit on the size of files come as a fault of writing, not as a full disk.
            case sqlite3.SQLITE_IOERR if code == sqlite3.SQLITE_IOERR_WRITE or self._no_room():
                return self.full()
            case _:
                return self._other(error)

    def _cannot_open(self, error: sqlite3.Error) -> StoreError:
        path = os.fsencode(self.path.absolute())
        if len(os.path.basename(path)) + _BESIDE > _LONGEST_NAME or len(path) + _BESIDE > _LONGEST_PATH:
            return self.unreachable(OSError(errno.ENAMETOOLONG, ""))
        if not os.path.exists(self.path):
            return self.missing()
        if self._no_room():
            return self.full()
        if not os.access(self.path, os.R_OK):
            what = Text("the file may not be read", "文件不可读")
            return StoreError(self._told(what), hint=or_another(Text("ask for the right to", "申请读取权限")))
        if not os.access(self._directory(), os.W_OK):
            return self.read_only()
        return self._other(error)

    def _other(self, error: sqlite3.Error) -> StoreError:
        """A fault for which only SQLite has words."""
        return StoreError(self._told(alike(str(error))), hint=or_another(_LOOK_AT_DISK))

    def _no_text(self) -> StoreCorrupt:
        return self.damaged(Text("a text in it is not UTF-8", "其中有文字不是UTF-8编码"))

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
