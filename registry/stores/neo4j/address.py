"""Where the server is, which of its databases is meant, and who asks: the address and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from registry.bilingual import Text
from registry.errors import StoreError, reason
from registry.stores.urls import without_secrets

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
"""``neo4j`` finds the members of a cluster, ``bolt`` speaks to one server; ``+s`` encrypts, ``+ssc`` without trust."""

USER, PASSWORD, PASSWORD_FILE, DATABASE = "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_PASSWORD_FILE", "NEO4J_DATABASE"
_DEFAULT_USER = "neo4j"
_HOW = Text(
    f"set {USER} and {PASSWORD}, or {PASSWORD_FILE} with the path of a file that holds the password",
    f"设置{USER}和{PASSWORD}，或将{PASSWORD_FILE}设为存有密码的文件的路径",
)
_WRITE_HOST = Text("write neo4j://host:7687", "写作neo4j://host:7687")
_WRITE_DATABASE = Text("write neo4j://host:7687/database", "写作neo4j://host:7687/database")


@dataclass(frozen=True, slots=True)
class Address:
    """A database on a server. ``database`` is None for the server's default one; the password never shows."""

    scheme: str
    host: str
    database: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def server(self) -> str:
        """What the driver is given."""
        return f"{self.scheme}://{self.host}"

    @property
    def url(self) -> str:
        """What people are shown: without user and password."""
        return self.server + (f"/{self.database}" if self.database else "")


def address(url: str, environment: Mapping[str, str] = os.environ) -> Address:
    """The address ``neo4j://host:7687/database`` with user and password from the environment.

    A password in the address would end in logs and histories, so it is a `StoreError`.
    """
    shown = without_secrets(url)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        what = Text(f"{shown}: this is no address: {error}", f"{shown}：不是有效的地址：{error}")
        raise StoreError(what, hint=_WRITE_HOST) from None
    if parts.username is not None or parts.password is not None:
        what = Text(
            f"{shown}: user and password do not belong into the address", f"{shown}：地址中不应含有用户名和密码"
        )
        raise StoreError(what, hint=_HOW)
    if not host:
        raise StoreError(Text(f"{shown}: the host is missing", f"{shown}：缺少主机"), hint=_WRITE_HOST)
    if parts.query or parts.fragment:
        what = Text(f"{shown}: nothing may follow the database", f"{shown}：数据库名之后不能再有内容")
        raise StoreError(what, hint=_WRITE_DATABASE)
    named = f"[{host}]" if ":" in host else host
    database = unquote(parts.path.strip("/")) or environment.get(DATABASE) or None
    password = _password(environment)
    user = environment.get(USER) or (_DEFAULT_USER if password is not None else None)
    if user and password is None:
        what = Text(f"{USER} is set and the password of {user} is not", f"已设置{USER}，但未设置{user}的密码")
        raise StoreError(what, hint=_HOW)
    return Address(parts.scheme.lower(), f"{named}:{port}" if port else named, database, user, password)


def _password(environment: Mapping[str, str]) -> str | None:
    path = environment.get(PASSWORD_FILE)
    if not path:
        return environment.get(PASSWORD)
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else Text("it is not UTF-8", "不是UTF-8编码")
        what = Text(f"{PASSWORD_FILE}: {path} cannot be read: {why.en}", f"{PASSWORD_FILE}：{path}无法读取：{why.zh}")
        raise StoreError(what, hint=_HOW) from None
