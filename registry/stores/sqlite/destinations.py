"""Where a copy of a registry may be put, and what stands in the way."""

from __future__ import annotations

import os
from pathlib import Path

from registry.bilingual import Text
from registry.errors import StoreError

ANOTHER_FILE = Text("name another file", "另指一个文件")
LOGS = ("-wal", "-journal")
BESIDE = (*LOGS, "-shm")
"""The ends of the names of what SQLite keeps beside a file."""


def the_registry(path: Path) -> Text:
    """That the path is that of the registry itself."""
    return Text(f"{path}: this is the registry itself", f"{path}：这就是登记册本身")


def a_directory(path: str | Path) -> Text:
    """That the path is that of a directory."""
    return Text(f"{path}: this is a directory", f"{path}：这是一个目录")


def destination(path: str | Path) -> Path:
    """The file that the path leads to, through links. Raises `StoreError` where no file can stand there."""
    target = Path(os.path.realpath(path))
    if os.path.isdir(target):
        raise StoreError(a_directory(path), hint=Text("name a file in it", "写明其中的一个文件"))
    if not os.path.isdir(target.parent):
        what = Text(f"{path}: there is no directory {target.parent}", f"{path}：没有目录{target.parent}")
        raise StoreError(what, hint=Text("make the directory first", "先创建该目录"))
    if os.path.exists(target) and not os.path.isfile(target):
        raise StoreError(Text(f"{path}: this is no file", f"{path}：这不是文件"), hint=ANOTHER_FILE)
    return target


def refuse_registry(path: Path, target: Path, registry: str) -> None:
    """Raise `StoreError` where the file is the registry itself, or one that somebody uses."""
    own = [f"{registry}{end}" for end in ("", *BESIDE)]
    if str(target) in own or any(os.path.samefile(one, target) for one in own if both_exist(one, target)):
        raise StoreError(the_registry(path), hint=ANOTHER_FILE)
    # What stands in a log would be read into the file that takes the place of its own.
    if any(os.path.exists(f"{target}{end}") for end in BESIDE):
        what = Text(
            f"{path}: this is a registry that somebody uses, or did not close",
            f"{path}：这是正被使用或未曾关闭的登记册",
        )
        raise StoreError(what, hint=ANOTHER_FILE)


def both_exist(one: str | Path, other: str | Path) -> bool:
    """Whether there is something at both paths."""
    return os.path.exists(one) and os.path.exists(other)


def exists_already(path: Path) -> StoreError:
    """The error that there is a file already."""
    return StoreError(
        Text(f"{path}: there is a file already", f"{path}：已有该文件"),
        hint=Text("name another, or write over it with `--force`", "另指一个文件，或用`--force`覆盖"),
    )
