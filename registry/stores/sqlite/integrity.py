"""Whether a file is a registry, and whether it is whole."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from registry.bilingual import Text
from registry.errors import StoreVersion
from registry.stores.sqlite.faults import Faults, or_another
from registry.stores.sqlite.reading import SqliteReader
from registry.stores.sqlite.schema import APPLICATION_ID, LATEST

MAGIC = b"SQLite format 3\0"
"""How every SQLite file begins."""


class Contents(NamedTuple):
    """How much a registry holds, and after how many writes."""

    version: int
    nodes: int
    edges: int


class Marks(NamedTuple):
    """Whose file it is and of which version; 0 where nobody has said so."""

    application: int
    version: int

    def check(self, faults: Faults) -> None:
        """Raise a `StoreError` where it is not ours or newer than we are."""
        if self.application != APPLICATION_ID:
            raise faults.of_another()
        if self.version > LATEST:
            raise StoreVersion(
                Text(
                    f"{faults.path}: a newer registry made this file (its version is {self.version}, ours {LATEST})",
                    f"{faults.path}：该文件由较新的版本创建（其版本为{self.version}，本程序为{LATEST}）",
                ),
                hint=or_another(Text("install the newer registry", "安装较新的版本")),
            )


def marks(connection: sqlite3.Connection) -> Marks:
    """What the file says of itself."""
    return Marks(
        *connection.execute(
            "SELECT a.application_id, v.user_version FROM pragma_application_id AS a, pragma_user_version AS v"
        ).fetchone()
    )


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether there is nothing in the file, nor a mark of anybody."""
    return marks(connection) == (0, 0) and connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def verified(connection: sqlite3.Connection, faults: Faults) -> Contents:
    """What a registry of the latest version holds, after all of it was read. Raises `StoreCorrupt` if it is not whole.

    The connection is outside any transaction, and is left so.
    """
    with faults.translated():
        if connection.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]:
            raise faults.damaged()
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise faults.lost()
        connection.execute("BEGIN")
    try:
        reader = SqliteReader(connection, faults)
        nodes = sum(1 for _ in reader.all_nodes())
        with faults.translated():
            edges, readable = connection.execute(
                "SELECT count(*), total(properties IS NULL OR json_valid(properties)) FROM edges"
            ).fetchone()
        if edges != readable:
            raise faults.unreadable()
        return Contents(reader.version, nodes, edges)
    finally:
        connection.execute("ROLLBACK")
