"""Other processes that use a store at the same time, or with fewer rights."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PROLOGUE = f"""
import os, sys
sys.path.insert(0, {str(_ROOT)!r})
from registry.errors import *
from registry.model.snapshot import *
from registry.stores.port import *
from contextlib import contextmanager
from registry.stores import open_store
from registry.stores.sqlite import SqliteStore
from registry.stores.sqlite.backup import backup, restore
def say(*words): print(*words, flush=True)
def wait(): sys.stdin.readline()
def category(key): return Node(NodeId("DataCategory", key), {{"name": Text(key, key)}})
def flow(key): return Node(NodeId("DataFlow", key), {{"name": Text(key, key)}})
def carries(key, category): return Edge(NodeId("DataFlow", key), "CARRIES", NodeId("DataCategory", category))
@contextmanager
def told():
    try:
        yield
    except StoreError as error:
        say(type(error).__name__)
        sys.exit()
path = sys.argv[1]
"""
# Everything is imported by then: the code itself need not be readable by nobody.
_WITH_FEW_RIGHTS = """
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
"""


@contextmanager
def started(code: str, path: Path | str, *, few_rights: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Another process that runs ``code`` with ``path``; it says lines, and waits until it is told a line."""
    script = _PROLOGUE + (_WITH_FEW_RIGHTS if few_rights else "") + code
    command = [sys.executable, "-B", "-c", script, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/") as process:
        try:
            yield process
        finally:
            process.kill()


def run(code: str, path: Path | str, *, few_rights: bool = False) -> list[str]:
    """The lines that another process says which runs ``code`` to its end."""
    with started(code, path, few_rights=few_rights) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return said.splitlines()


def heard(process: subprocess.Popen[str]) -> str:
    """The next line that it says."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def tell(process: subprocess.Popen[str]) -> None:
    """Let it go on."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def is_root() -> bool:
    return os.geteuid() == 0
