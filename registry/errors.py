"""Every error of the registry.

RegistryError                a message and, where one exists, the next step
├── InvalidInput             what was given is wrong; carries every problem found, each with its place
├── UnknownName              no such thing; carries the nearest names
├── AmbiguousName            several things answer to that name; carries them
├── StaleWrite               the registry moved on since it was read; nothing was written
├── Refused                  the rules of the registry forbid it
└── StoreError               the store cannot do it
    ├── StoreMissing         there is no store at that place
    ├── StoreUnreachable     its server does not answer
    ├── StoreDenied          its server does not let this user in, or do this
    ├── StoreLocked          another process holds it longer than we wait
    ├── StoreReadOnly        it may be read, not written
    ├── StoreFull            no room left; nothing was written
    ├── StoreCorrupt         the file is damaged or is no registry
    └── StoreVersion         it was made by a newer registry

Messages and hints are in English and Chinese, written where the error is raised; ``str(error)`` is English.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from registry.bilingual import NO_WORDS, Text, alike, joined, said


class Place(NamedTuple):
    """Where something was said: a file (or an option) with a line and a column, both from 1; 0 is unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Problem(NamedTuple):
    """One thing that is wrong with what was given, where it stands, and the next step."""

    place: Place
    what: Text
    hint: Text = NO_WORDS

    def __str__(self) -> str:
        return self.told("en")

    def told(self, language: str) -> str:
        """All of it in ``en`` or ``zh``."""
        hint = hinted(self.hint, language)
        return f"{self.place}: {self.what.to(language)}" + (f"\n{hint}" if hint else "")


def hinted(hint: Text, language: str) -> str:
    """The line with the next step in ``en`` or ``zh``; empty where there is no hint."""
    start = "  提示：" if language == "zh" else "  hint: "
    return f"{start}{hint.to(language)}" if hint else ""


class RegistryError(Exception):
    """The base of every error that the registry raises on purpose. What is given as a plain string is English."""

    def __init__(self, message: Text | str, *, hint: Text | str = NO_WORDS) -> None:
        self.message = said(message)
        self.hint = said(hint)
        super().__init__(self.message.to("en"))

    def __str__(self) -> str:
        return self.message.to("en")


class InvalidInput(RegistryError):
    """What was given is wrong; ``problems`` holds all of it, each once, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        told = (Text(problem.told("en"), problem.told("zh")) for problem in self.problems)
        super().__init__(joined(told, alike("\n")))

    @classmethod
    def at(cls, place: Place, what: Text, hint: Text = NO_WORDS) -> Self:
        """One problem at one place."""
        return cls([Problem(place, what, hint)])


class UnknownName(RegistryError):
    """Nothing answers to that name; ``nearest`` are the closest names, best first."""

    def __init__(self, message: Text | str, *, nearest: Sequence[str] = (), hint: Text | str = NO_WORDS) -> None:
        super().__init__(message, hint=hint)
        self.nearest = tuple(nearest)


class AmbiguousName(RegistryError):
    """Several things answer to that name; ``candidates`` are their references."""

    def __init__(self, message: Text | str, *, candidates: Sequence[str] = (), hint: Text | str = NO_WORDS) -> None:
        super().__init__(message, hint=hint)
        self.candidates = tuple(candidates)


class StaleWrite(RegistryError):
    """The registry moved on since it was read; nothing was written."""


class Refused(RegistryError):
    """The rules of the registry forbid it; nothing was written."""


class StoreError(RegistryError):
    """The store cannot do what was asked; what it held before is as it was."""


class StoreMissing(StoreError):
    """There is no store at that place."""


class StoreUnreachable(StoreError):
    """The server of the store does not answer."""


class StoreDenied(StoreError):
    """The server of the store does not let this user in, or does not let this user do it."""


class StoreLocked(StoreError):
    """Another process holds the store longer than we wait."""


class StoreReadOnly(StoreError):
    """The store may be read, not written."""


class StoreFull(StoreError):
    """There is no room left; nothing was written."""


class StoreCorrupt(StoreError):
    """The file is damaged, or is no registry."""


class StoreVersion(StoreError):
    """The store was made by a newer version of the registry."""


_REASONS = {
    errno.EACCES: "权限不足",
    errno.EPERM: "不允许此操作",
    errno.ENOENT: "没有该文件或目录",
    errno.EISDIR: "这是一个目录",
    errno.ENOTDIR: "路径中有一处不是目录",
    errno.EROFS: "文件系统为只读",
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "超出磁盘配额",
    errno.EFBIG: "文件过大",
    errno.ENAMETOOLONG: "名称过长",
    errno.ELOOP: "链接层数过多",
    errno.EIO: "输入输出错误",
    errno.EMFILE: "打开的文件过多",
    errno.EPIPE: "管道已断开",
    errno.ECONNREFUSED: "连接被拒绝",
    errno.ECONNRESET: "连接被重置",
    errno.ETIMEDOUT: "连接超时",
    errno.EHOSTUNREACH: "无法到达该主机",
    errno.ENETUNREACH: "无法到达该网络",
}


def reason(error: OSError) -> Text:
    """Why the system refused; in English where it says something that we have no Chinese for."""
    why = error.strerror or type(error).__name__
    return Text(why, _REASONS.get(error.errno or 0, why))
