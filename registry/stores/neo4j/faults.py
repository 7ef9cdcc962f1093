"""Every fault that the server or its driver reports, translated once into the words of the registry."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from registry.bilingual import Text, alike
from registry.errors import (
    StoreCorrupt,
    StoreDenied,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreUnreachable,
    reason,
)
from registry.stores.neo4j.address import PASSWORD, USER, Address

_READ_ONLY = frozenset(
    (
        "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
        "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase",
        "Neo.ClientError.Statement.AccessMode",
        "Neo.ClientError.Cluster.NotALeader",
    )
)
_NO_DATABASE = frozenset(
    ("Neo.ClientError.Database.DatabaseNotFound", "Neo.TransientError.Database.DatabaseUnavailable")
)
_NO_MEMORY = ("MemoryPoolOutOfMemoryError", "MemoryLimit", "OutOfMemoryError", "TransactionOutOfMemoryError")
_SYSTEM = "system"
"""The database in which a server keeps its users and the names of its databases."""

_QUIET = logging.NullHandler()
_CUT_OFF = ("Terminated", "TransactionTimedOut", "TransactionTimedOutClientConfiguration", "LockClientStopped")


class Faults:
    """Tells the faults of one database. ``wait`` is how many seconds a write waits for another one."""

    def __init__(self, address: Address, wait: float) -> None:
        self.address = address
        self._wait = wait
        # Where nobody asked for its log the driver's would go to people, who are informed here; added only once.
        logging.getLogger("neo4j").addHandler(_QUIET)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raise each error of the driver in the block as a `StoreError` with the address and the next step."""
        try:
            yield
        except (Neo4jError, DriverError) as error:
            raise self.of(error) from error
        except ValueError as error:
            # The driver's way to say that it cannot resolve a host or read an address.
            raise self._unreachable(error) from error
        except OSError as error:
            raise self._unreachable(error) from error

    def missing(self) -> StoreMissing:
        """There is no registry in the database."""
        command = f"`registry --store {self.address.url} init`"
        return StoreMissing(
            self._told(Text("there is no registry here", "此处没有登记册")),
            hint=Text(f"{command} makes one, or name another store", f"用{command}创建，或另指一处存储"),
        )

    def _told(self, what: Text) -> Text:
        return Text(f"{self.address.url}: {what.en}", f"{self.address.url}：{what.zh}")

    def corrupt(self, why: Text) -> StoreCorrupt:
        """What stands in the database is none of ours, or was changed behind our back."""
        return StoreCorrupt(self._told(why), hint=Text("bring the database back from a backup", "从备份恢复该数据库"))

    def locked(self) -> StoreLocked:
        """Another write went on for too long."""
        return StoreLocked(
            self._told(
                Text(
                    f"another write holds the registry; waited {self._wait:g} s",
                    f"登记册正被另一写入占用；已等待{self._wait:g}秒",
                )
            ),
            hint=Text("try again when it has finished", "待其完成后重试"),
        )

    def interrupted(self) -> StoreError:
        """A write was cut off by another one, which found it without a connection."""
        return StoreError(
            self._told(
                Text(
                    "the connection of this write was lost and another write went ahead; "
                    "nothing of this one was written",
                    "本次写入的连接中断，另一写入已先进行；本次未写入任何内容",
                )
            ),
            hint=Text("do it again", "请重做"),
        )

    def broken(self) -> StoreError:
        """Something of a write went wrong and could not be taken back by itself."""
        return StoreError(
            self._told(
                Text("after a fault inside this write, nothing of it was written", "本次写入中途出错，未写入任何内容")
            )
        )

    def lost(self, error: StoreUnreachable) -> StoreUnreachable:
        """The server went away in the middle of a write."""
        said = error.message.filled
        what = Text(f"{said.en}; nothing of this write was written", f"{said.zh}；本次未写入任何内容")
        return StoreUnreachable(what, hint=error.hint)

    def in_doubt(self) -> StoreError:
        """The connection was lost while a write was being completed, and the server does not answer since."""
        return StoreUnreachable(
            self._told(
                Text(
                    "the connection was lost while the write was being completed; "
                    "it is whole or not there at all, but which of the two is not known",
                    "完成写入时连接中断；写入要么完整，要么全无，但不知是哪一种",
                )
            ),
            hint=Text(
                "when the server answers, look whether it is there, and do it again if not",
                "待服务器恢复应答后查看是否已写入，没有则重做",
            ),
        )

    def of(self, error: Neo4jError | DriverError) -> StoreError:
        """The error in our words."""
        if isinstance(error, Neo4jError) and not isinstance(error, SessionExpired):
            return self._of_server(error)
        if isinstance(error, ServiceUnavailable | SessionExpired):
            return self._unreachable(error)
        if isinstance(error, ConfigurationError):
            hint = Text("look at the address of the store", "检查存储的地址")
            return StoreError(self._told(_first_line(error)), hint=hint)
        return StoreError(self._told(_first_line(error)), hint=Text("try again", "请重试"))

    def _of_server(self, error: Neo4jError) -> StoreError:
        code = error.code or ""
        kind = code.rpartition(".")[2]
        return self._not_let_in(error, code, kind) or self._not_here(code, kind) or self._failed(error, code, kind)

    def _not_let_in(self, error: Neo4jError, code: str, kind: str) -> StoreError | None:
        """The user is not known, or not yet."""
        if isinstance(error, AuthError) and ".Security.Forbidden" not in code:
            who = self.address.user
            refused = Text(f"the server does not let {who} in", f"服务器不允许{who}登录")
            asked = Text(
                "the server asks for a user and a password, and none were given", "服务器要求用户名和密码，而未提供"
            )
            return StoreDenied(
                self._told(refused if who else asked),
                hint=Text(
                    f"set {USER} and {PASSWORD} to a user of the server and the password of that user",
                    f"将{USER}和{PASSWORD}设为服务器上的用户及其密码",
                ),
            )
        if kind == "AuthenticationRateLimit":
            return StoreDenied(
                self._told(
                    Text(
                        f"too many wrong passwords in a row for {self.address.user}",
                        f"{self.address.user}的密码连续多次错误",
                    )
                ),
                hint=Text(
                    f"look at {USER} and {PASSWORD}, and try again in some seconds",
                    f"检查{USER}和{PASSWORD}，几秒后重试",
                ),
            )
        if kind == "CredentialsExpired":
            return StoreDenied(
                self._told(
                    Text(
                        f"the password of {self.address.user} must be changed first",
                        f"须先更改{self.address.user}的密码",
                    )
                ),
                hint=Text(
                    "in the database system: ALTER CURRENT USER SET PASSWORD FROM 'this one' TO 'another'",
                    "在数据库system中执行：ALTER CURRENT USER SET PASSWORD FROM '当前密码' TO '新密码'",
                ),
            )
        return None

    def _not_here(self, code: str, kind: str) -> StoreError | None:
        """It cannot be done in this database, or not by this user."""
        if (self.address.database or "").lower() == _SYSTEM:
            return StoreError(
                self._told(
                    Text(
                        "this is the server's own database, which holds no registry",
                        "这是服务器自用的数据库，不存放登记册",
                    )
                ),
                hint=Text("name another one: neo4j://host:7687/database", "另指一个：neo4j://host:7687/database"),
            )
        if code in _READ_ONLY:
            return StoreReadOnly(
                self._told(Text("it may be read here, not written", "此处可读，不可写")),
                hint=Text(
                    "on a cluster, neo4j:// finds who writes; otherwise the database or the server was set read-only",
                    "在集群上，neo4j://会找到可写的成员；否则是数据库或服务器被设为只读",
                ),
            )
        if kind == "Forbidden":
            return StoreDenied(
                self._told(
                    Text(
                        f"{self.address.user or 'the user'} may not do this",
                        f"{self.address.user or '该用户'}无权进行此操作",
                    )
                ),
                hint=Text(
                    "questions need the right to read, everything else the right to write",
                    "查询需要读取权限，其他操作需要写入权限",
                ),
            )
        if code in _NO_DATABASE:
            name = self.address.database or "default"
            return StoreMissing(
                self._told(Text(f"there is no database {name!r} that answers", f"没有可应答的数据库{name!r}")),
                hint=Text("name one that does: neo4j://host:7687/database", "另指一个：neo4j://host:7687/database"),
            )
        return None

    def _failed(self, error: Neo4jError, code: str, kind: str) -> StoreError:
        """The server tried, and could not."""
        if kind in _NO_MEMORY:
            return StoreFull(
                self._told(
                    Text(
                        "the memory of the server does not suffice; nothing was written",
                        "服务器内存不足；未写入任何内容",
                    )
                ),
                hint=Text("give the server more heap, or take less at once", "增大服务器的堆内存，或缩小单次的范围"),
            )
        if kind in _CUT_OFF:
            return StoreError(
                self._told(Text("the server ended the work, for it took too long", "耗时过长，服务器已终止该操作")),
                hint=Text("try again, or take less", "请重试，或缩小范围"),
            )
        if "Schema.ConstraintValidationFailed" in code:
            return self.corrupt(
                Text("something else wrote to the database of the registry", "有其他程序写入了登记册的数据库")
            )
        if code.startswith("Neo.TransientError"):
            said = _first_line(error).en
            return StoreUnreachable(
                self._told(Text(f"the server cannot do it just now: {said}", f"服务器暂时无法执行：{said}")),
                hint=Text("try again", "请重试"),
            )
        if code.startswith("Neo.DatabaseError"):
            hint = Text("look at the log and the disk of the server", "查看服务器的日志和磁盘")
            return StoreError(self._told(_first_line(error)), hint=hint)
        hint = Text("is it Neo4j 5.26 or later?", "是否为Neo4j 5.26或更新的版本？")
        return StoreError(self._told(_first_line(error)), hint=hint)

    def _unreachable(self, error: BaseException) -> StoreUnreachable:
        cause = _root(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return StoreUnreachable(
                self._told(
                    Text(
                        f"the certificate of the server is not trusted: {cause.verify_message}",
                        f"服务器的证书不受信任：{cause.verify_message}",
                    )
                ),
                hint=Text(
                    "set SSL_CERT_FILE to the certificate of who issued it; `+ssc` in place of `+s` trusts any",
                    "将SSL_CERT_FILE设为签发者的证书；以`+ssc`代替`+s`则信任任何证书",
                ),
            )
        if isinstance(cause, ssl.SSLError):
            return StoreUnreachable(
                self._told(
                    Text(
                        f"there is no encrypted connection: {cause.reason or cause.strerror}",
                        f"无法建立加密连接：{cause.reason or cause.strerror}",
                    )
                ),
                hint=Text(
                    "the address asks for one by `+s`; look whether that port of the server has it",
                    "地址以`+s`要求加密；查看服务器的该端口是否支持",
                ),
            )
        why = reason(cause) if isinstance(cause, OSError) and cause.strerror else alike(_last_line(cause))
        if "HTTP" in why.en or "handshake" in why.en:
            return StoreUnreachable(
                self._told(
                    Text(
                        "what answers does not speak Bolt, or only encrypted",
                        "应答的一方不使用Bolt协议，或只接受加密连接",
                    )
                ),
                hint=Text(
                    "the port of Bolt is 7687 as a rule, 7474 is another; "
                    "an encrypted one wants neo4j+s:// or bolt+s://",
                    "Bolt的端口通常为7687，7474另有他用；加密端口须用neo4j+s://或bolt+s://",
                ),
            )
        return StoreUnreachable(
            self._told(Text(f"the server does not answer: {why.en}", f"服务器没有应答：{why.zh}")),
            hint=Text(
                "look whether it runs, and whether the host and port are right", "查看其是否在运行，主机和端口是否正确"
            ),
        )


def _root(error: BaseException) -> BaseException:
    """What it came from. The driver wraps what happened to a connection several times, and several of them in one."""
    while True:
        inner = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__
        if inner is None:
            return error
        error = inner


def _last_line(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text.strip().split("\n")[-1].rstrip(".")


def _first_line(error: Exception) -> Text:
    """What only the server or its driver has words for, which are English."""
    text = (error.message if isinstance(error, Neo4jError) else str(error)) or type(error).__name__
    return alike(text.strip().split("\n")[0].rstrip("."))
