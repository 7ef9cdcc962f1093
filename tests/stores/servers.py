"""Real Neo4j servers for the tests: started from Maven artifacts, or those that REGISTRY_TEST_NEO4J names.

Each process that tests has one server as long as it lives, and what a test leaves there is emptied for the next. A
server that is named is wiped. Name two, with spaces between: one for each process of `make test`. User and password
come from the environment as the registry itself takes them.
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
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase

from registry.stores.neo4j import Neo4jStore
from registry.stores.neo4j.address import Address, address
from registry.stores.neo4j.moments import GRACE
from registry.stores.port import Store
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

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

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


@dataclass
class _Place:
    """A server for the tests of this process, and what it holds."""

    address: Address
    driver: Driver
    holds: str = ""
    """The name of the registry that is there to be shared, if any is."""

    made: list[list[Any]] = field(default_factory=list)
    """What a registry consists of that was just made: the labels and the properties of each node."""


class _Borrowed(Neo4jStore):
    """A store whose server is free for others when it is closed."""

    def __init__(self, place: _Place, *, wait: float = 0.1, grace: float = GRACE) -> None:
        super().__init__(place.address, create=not place.made, wait=wait, grace=grace)
        self._place = place

    def close(self) -> None:
        super().close()
        _FREE.append(self._place)


_FREE: list[_Place] = []


def empty_store(*, wait: float = 0.1, grace: float = GRACE) -> Neo4jStore:
    """An empty registry on a server that nobody else uses until the store is closed; skips where there is none."""
    place = _FREE.pop() if _FREE else _another()
    _empty(place)
    return _Borrowed(place, wait=wait, grace=grace)


@contextmanager
def shared_store(name: str, fill: Callable[[Store], None]) -> Iterator[Neo4jStore]:
    """A registry that tests only ask. It is filled again only if the server was needed for another one meanwhile."""
    if not any(place.holds == name for place in _FREE):
        with closing(empty_store()) as store:
            fill(store)
        _FREE[-1].holds = name
    place = next(place for place in _FREE if place.holds == name)
    _FREE.remove(place)
    with closing(_Borrowed(place)) as store:
        yield store


def wipe(place: Address) -> None:
    """Remove all that is in the database."""
    with _driver(place) as driver:
        _remove_all(driver)


def _driver(place: Address) -> Driver:
    credentials = None if place.password is None else (place.user or "", place.password)
    return GraphDatabase.driver(place.server, auth=credentials)


def _remove_all(driver: Driver) -> None:
    with driver.session() as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()


def _empty(place: _Place) -> None:
    """Bring the database to what it was when a registry had just been made there, which takes longer."""
    place.holds = ""
    _remove_all(place.driver)
    if not place.made:
        with closing(Neo4jStore(place.address, create=True)):
            found = place.driver.execute_query("MATCH (n) RETURN labels(n), properties(n)")
            place.made = [record.values() for record in found.records]
        return
    place.driver.execute_query("UNWIND $made AS one CREATE (n:$(one[0])) SET n = one[1]", made=place.made)


def new_server(directory: Path, *, authenticated: bool = False, heap: str = "512m") -> Server:
    """A server for one test alone, which ends it; skips where none can be started."""
    _need(missing())
    return Server(directory, authenticated=authenticated, heap=heap)


def _another() -> _Place:
    place = _next_named()() if os.environ.get(NAMED) else _started()
    driver = _driver(place)
    atexit.register(driver.close)
    return _Place(place, driver)


def _started() -> Address:
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
    """The servers that are named, those for this process alone: each has its share of them."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    urls = iter(os.environ[NAMED].split()[number :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))])

    def following() -> Address:
        url = next(urls, None)
        if url is None:
            pytest.skip(f"{NAMED} names too few servers: each process that tests needs one of its own")
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
