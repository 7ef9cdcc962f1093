"""Real Neo4j servers for the tests: started from Maven artifacts, or those that REGISTRY_TEST_NEO4J names.

A server that is named is wiped. Several may be named, with spaces between; the tests need two at once. User and
password come from the environment as the registry itself takes them.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from registry.stores.neo4j import Neo4jStore
from registry.stores.neo4j.address import Address, address
from registry.stores.neo4j.moments import GRACE
from tests.examples import TIMES

NAMED = "REGISTRY_TEST_NEO4J"
_POM = Path(__file__).with_name("neo4j") / "pom.xml"
_CONFIGURATION = """
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
dbms.security.auth_enabled={authenticated}
server.memory.pagecache.size={page_cache}
db.tx_log.preallocate=false
db.tx_log.rotation.size=16m
db.tx_log.rotation.retention_policy=keep_none
dbms.usage_report.enabled=false
dbms.cypher.min_replan_interval=1d
server.memory.query_cache.per_db_cache_num_entries=5000
"""
# A plan costs more than the tests ask with it; by default it would be made anew whenever a store has been emptied.
_OPENED = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.nio", "java.io", "sun.nio.ch", "java.lang")
]
_SECONDS_TO_START = 120

# Most tests are over before the best code would have paid.
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
LONG_LIVED = ("-XX:+UseG1GC",)
"""How Java runs: for tests, and as it does where people work with it."""


class Server:
    """A Neo4j Community server on a port of this machine. It can be stopped, killed and started again."""

    def __init__(
        self,
        directory: Path,
        *,
        authenticated: bool = False,
        heap: str = "512m",
        page_cache: str = "64m",
        java: tuple[str, ...] = SHORT_LIVED,
    ) -> None:
        self.directory = directory
        self.port = _free_port()
        self._java = (f"-Xmx{heap}", *java)
        (directory / "conf").mkdir(parents=True, exist_ok=True)
        configuration = _CONFIGURATION.format(
            port=self.port, authenticated=str(authenticated).lower(), page_cache=page_cache
        )
        (directory / "conf" / "neo4j.conf").write_text(configuration, encoding="utf-8")
        self.start()

    @property
    def url(self) -> str:
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def configure(self, setting: str) -> None:
        """Add a setting, for the next start."""
        with (self.directory / "conf" / "neo4j.conf").open("a", encoding="utf-8") as file:
            file.write(f"{setting}\n")

    def start(self) -> None:
        """Start it and wait until it answers."""
        log = self.directory / "console.log"
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [
                    "java",
                    *self._java,
                    *_OPENED,
                    "-cp",
                    f"{_jars()}/*",
                    "org.neo4j.server.CommunityEntryPoint",
                    f"--home-dir={self.directory}",
                    f"--config-dir={self.directory}/conf",
                    "--console-mode",
                ],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        until = time.monotonic() + _SECONDS_TO_START
        while b"  Started." not in log.read_bytes():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"Neo4j did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it in order."""
        self._process.terminate()
        self._process.wait(timeout=60)

    def kill(self) -> None:
        """End it as a crash does."""
        self._process.kill()
        self._process.wait(timeout=60)


class _Borrowed(Neo4jStore):
    """A store whose server goes back to the pool when it is closed."""

    def __init__(self, place: Address, *, wait: float, grace: float) -> None:
        super().__init__(place, create=True, wait=wait, grace=grace)
        self._place = place

    def close(self) -> None:
        super().close()
        _FREE.append(self._place)


_FREE: list[Address] = []


def empty_store(*, wait: float = 0.1, grace: float = GRACE) -> Neo4jStore:
    """An empty registry on a server that nobody else uses until the store is closed; skips where there is none."""
    place = _FREE.pop() if _FREE else _another()
    wipe(place)
    return _Borrowed(place, wait=wait, grace=grace)


def wipe(place: Address) -> None:
    """Remove all that is in the database."""
    credentials = None if place.password is None else (place.user or "", place.password)
    with GraphDatabase.driver(place.server, auth=credentials) as driver, driver.session() as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()


def new_server(directory: Path, *, authenticated: bool = False, heap: str = "512m") -> Server:
    """A server for one test alone, which ends it; skips where none can be started."""
    _need(missing())
    return Server(directory, authenticated=authenticated, heap=heap)


def _another() -> Address:
    if os.environ.get(NAMED):
        return _next_named()()
    _need(missing())
    directory = Path(tempfile.mkdtemp(prefix="registry-neo4j-"))
    server = Server(directory) if TIMES == 1 else Server(directory, heap="2g", java=LONG_LIVED)

    def end() -> None:
        server.kill()
        shutil.rmtree(directory, ignore_errors=True)

    atexit.register(end)
    return address(server.url, {})


@cache
def _next_named() -> Callable[[], Address]:
    urls = iter(os.environ[NAMED].split())

    def following() -> Address:
        url = next(urls, None)
        if url is None:
            pytest.skip(f"{NAMED} names too few servers: the tests need two at once")
        return address(url)

    return following


def missing() -> str | None:
    """Why no server can be started here, or None."""
    for command in ("java", "mvn"):
        if shutil.which(command) is None and not (command == "mvn" and _complete().exists()):
            return f"Neo4j was not tested: there is no {command} here, and {NAMED} names no server"
    return None


def _need(reason: str | None) -> None:
    if reason:
        pytest.skip(reason)


def _cache() -> Path:
    version = _POM.read_text(encoding="utf-8").partition("<neo4j.version>")[2].partition("<")[0]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return caches / "personal-information-registry" / f"neo4j-{version}"


def _complete() -> Path:
    return _cache() / ".complete"


@cache
def _jars() -> Path:
    """The directory with the jars of the server, which are fetched once."""
    folder = _cache()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several processes test at once
        if not _complete().exists():
            command = ["mvn", "-q", "-B", "-f", str(_POM), f"-DoutputDirectory={folder}", "package"]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=900)
            _complete().touch()
    return folder


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
