"""What is particular to a server: how it is reached, what dies, what is lost, and what is left in its database."""

from __future__ import annotations

import random
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from hypothesis import given
from neo4j import GraphDatabase
from neo4j.exceptions import ServiceUnavailable

from registry.errors import (
    StoreDenied,
    StoreError,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreUnreachable,
    StoreVersion,
)
from registry.model.snapshot import Text
from registry.stores import open_store
from registry.stores.neo4j import Neo4jStore
from registry.stores.neo4j.address import Address, address
from registry.stores.neo4j.faults import Faults
from registry.stores.neo4j.holding import announce, holding
from registry.stores.port import Direction, Store, Where
from tests.examples import TIMES, tried

from . import graphs
from .graphs import Puts, edge, node, ref
from .processes import heard, started, tell
from .reference_store import Plain
from .servers import Server, empty_store, new_server, wipe

pytestmark = pytest.mark.neo4j

GPS = node("category:gps")
WRITER = """
store = open_store(path)
with store.reading() as reader:
    number = len(reader.flows(Where()))
while True:
    with store.transaction() as transaction:
        transaction.put([flow(f"f{number}")], [carries(f"f{number}", "gps")])
        transaction.put([category(f"c{number}")], [])
    say(number)
    number += 1
"""
LARGE = """
store = open_store(path)
with store.transaction() as transaction:
    transaction.put([flow("first")], [carries("first", "gps")])
    def endless():
        for number in range(10**9):
            if number == 12_000:
                say("writing")
            yield flow(f"f{number}")
    transaction.put(endless(), [])
"""
HOLDER = """
store = open_store(path)
with store.transaction() as transaction:
    transaction.put([category("held")], [])
    say("holding")
    wait()
say("written")
"""


@pytest.fixture
def store() -> Iterator[Neo4jStore]:
    with closing(empty_store(wait=5)) as opened:
        with opened.transaction() as transaction:
            transaction.put([GPS], [])
        yield opened


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks for user and password; the password is `correct horse`."""
    server = new_server(tmp_path_factory.mktemp("guarded"), authenticated=True)
    with GraphDatabase.driver(server.url, auth=("neo4j", "neo4j")) as driver:
        driver.execute_query("ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO 'correct horse'", database_="system")
    with GraphDatabase.driver(server.url, auth=("neo4j", "correct horse")) as driver:
        driver.execute_query("CREATE USER fresh SET PASSWORD 'first horse' CHANGE REQUIRED", database_="system")
        driver.execute_query("CREATE USER often SET PASSWORD 'other horse' CHANGE NOT REQUIRED", database_="system")
    yield server
    server.kill()


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = new_server(tmp_path_factory.mktemp("mortal"))
    yield server
    server.kill()


@pytest.fixture
def server(mortal: Server) -> Server:
    """An empty server that the test may stop and kill, if it starts it again."""
    if not mortal.runs:
        mortal.start()
    wipe(address(mortal.url, {}))
    return mortal


def run(store: Store, statement: str) -> list[list[object]]:
    """What a statement of somebody else finds in the database."""
    with GraphDatabase.driver(store.url) as driver:
        return [record.values() for record in driver.execute_query(statement).records]


def ended(store: Store, test: str) -> list[list[object]]:
    """What the server says of each open transaction that passes a test, and that it ends."""
    return run(
        store,
        f"SHOW TRANSACTIONS YIELD transactionId AS id, metaData, currentQuery WHERE {test} "
        "TERMINATE TRANSACTIONS id YIELD message RETURN message",
    )


def leftovers(store: Store) -> dict[str, object]:
    """What the registry keeps for itself in the database besides nodes and names."""
    labels = ("_Past", "_Batch", "_Writing", "_Fresh")
    found: dict[str, object] = {label: run(store, f"MATCH (n:{label}) RETURN count(n)")[0][0] for label in labels}
    found["stamps"] = run(store, "MATCH ()-[e]->() WHERE e._since IS NOT NULL OR e._until IS NOT NULL RETURN count(e)")[
        0
    ][0]
    return {name: number for name, number in found.items() if number}


# the address


def test_the_address_names_scheme_host_port_and_database() -> None:
    place = address("NEO4J+S://graph.example.org:7688/registry", {})

    assert (place.server, place.url) == (
        "neo4j+s://graph.example.org:7688",
        "neo4j+s://graph.example.org:7688/registry",
    )
    assert address("bolt://[::1]:7687", {"NEO4J_DATABASE": "other"}).url == "bolt://[::1]:7687/other"


def test_user_and_password_come_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n", encoding="utf-8")

    assert address("bolt://h", {}).password is None
    assert address("bolt://h", {"NEO4J_PASSWORD": "x"}).user == "neo4j"
    found = address("bolt://h", {"NEO4J_USERNAME": "reader", "NEO4J_PASSWORD_FILE": str(file)})
    assert (found.user, found.password) == ("reader", "s3cret")
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("url", "environment", "message"),
    [
        ("bolt://neo4j:s3cret@h:7687", {}, "bolt://h:7687: user and password do not belong into the address"),
        ("bolt://", {}, "bolt://: the host is missing"),
        ("bolt://h:99999", {}, "bolt://h:99999: this is no address: Port out of range 0-65535"),
        ("neo4j://h?policy=x", {}, "neo4j://h: nothing may follow the database"),
        ("bolt://h", {"NEO4J_USERNAME": "me"}, "NEO4J_USERNAME is set and the password of me is not"),
        (
            "bolt://h",
            {"NEO4J_PASSWORD_FILE": "/nowhere"},
            "NEO4J_PASSWORD_FILE: /nowhere cannot be read: No such file or directory",
        ),
    ],
)
def test_an_address_that_cannot_be_used_says_why(url: str, environment: dict[str, str], message: str) -> None:
    with pytest.raises(StoreError) as told:
        address(url, environment)

    assert str(told.value) == message
    assert told.value.hint.en
    assert "s3cret" not in str(told.value) + told.value.hint.en


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_server_that_does_not_answer_is_named_with_the_reason_and_nothing_else_is_said(scheme: str) -> None:
    url = f"{scheme}://127.0.0.1:1"
    command = [sys.executable, "-c", "from registry_cli.main import main; main()", "--store", url, "list"]

    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr.splitlines()) == (
        1,
        [
            f"error: {url}: the server does not answer: Connection refused",
            "  hint: look whether it runs, and whether the host and port are right",
        ],
    )


def test_a_port_that_is_not_for_bolt_is_told_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as web:
        url = f"bolt://127.0.0.1:{web.getsockname()[1]}"
        threading.Thread(target=_answer_as_the_web_does, args=(web,), daemon=True).start()
        with pytest.raises(StoreUnreachable) as told:
            open_store(url)

    assert str(told.value) == f"{url}: what answers does not speak Bolt, or only encrypted"


def _answer_as_the_web_does(web: socket.socket) -> None:
    connection, _ = web.accept()
    with connection:
        connection.recv(1024)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize("scheme", ["bolt+s", "neo4j+s"])
def test_a_server_that_does_not_encrypt_is_told_so(store: Neo4jStore, scheme: str) -> None:
    url = store.url.replace("bolt", scheme)

    with pytest.raises(StoreUnreachable) as told:
        open_store(url)

    assert str(told.value).startswith(f"{url}: there is no encrypted connection")


def test_a_certificate_that_is_not_trusted_is_told_so() -> None:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "self-signed certificate"
    error = ServiceUnavailable("Couldn't connect")
    error.__cause__ = ExceptionGroup("all of them", [cause])

    told = Faults(address("bolt+s://h", {}), 5).of(error)

    assert str(told) == "bolt+s://h: the certificate of the server is not trusted: self-signed certificate"
    assert "SSL_CERT_FILE" in told.hint.en


def test_who_may_not_come_in_is_told_so_without_the_password(guarded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreDenied) as nobody:
        open_store(guarded.url)
    monkeypatch.setenv("NEO4J_PASSWORD", "wrong horse")
    with pytest.raises(StoreDenied) as wrong:
        open_store(guarded.url)

    assert str(nobody.value) == f"{guarded.url}: the server asks for a user and a password, and none were given"
    assert str(wrong.value) == f"{guarded.url}: the server does not let neo4j in"
    assert "horse" not in str(wrong.value) + wrong.value.hint.en


def test_who_has_the_password_comes_in(guarded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "correct horse")
    with closing(open_store(guarded.url, create=True)) as store:
        with store.transaction() as transaction:
            transaction.put([GPS], [])
        with store.reading() as reader:
            assert reader.count() == {"DataCategory": 1}


def test_who_must_change_the_password_first_is_told_how(guarded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_USERNAME", "fresh")
    monkeypatch.setenv("NEO4J_PASSWORD", "first horse")
    with pytest.raises(StoreDenied) as told:
        open_store(guarded.url)

    assert str(told.value) == f"{guarded.url}: the password of fresh must be changed first"
    assert "ALTER CURRENT USER SET PASSWORD" in told.value.hint.en


def test_who_was_wrong_too_often_is_told_to_wait(guarded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_USERNAME", "often")
    monkeypatch.setenv("NEO4J_PASSWORD", "wrong horse")
    for _ in range(4):
        with pytest.raises(StoreDenied) as told:
            open_store(guarded.url)

    assert str(told.value) == f"{guarded.url}: too many wrong passwords in a row for often"


@pytest.mark.parametrize("create", [False, True])
def test_the_database_in_which_the_server_keeps_its_users_holds_no_registry(store: Neo4jStore, create: bool) -> None:
    with pytest.raises(StoreError) as told:
        open_store(f"{store.url}/system", create=create)

    assert str(told.value) == f"{store.url}/system: this is the server's own database, which holds no registry"


def test_a_database_that_is_not_there_is_named(store: Neo4jStore) -> None:
    with pytest.raises(StoreMissing) as told:
        open_store(f"{store.url}/elsewhere")

    assert str(told.value) == f"{store.url}/elsewhere: there is no database 'elsewhere' that answers"


def test_a_database_without_a_registry_is_not_made_one_by_reading(store: Neo4jStore) -> None:
    wipe(address(store.url, {}))

    with pytest.raises(StoreMissing) as told:
        open_store(store.url)
    with pytest.raises(StoreMissing), store.transaction():
        pass

    assert str(told.value) == f"{store.url}: there is no registry here"
    assert run(store, "MATCH (n) RETURN count(n)") == [[0]]


def test_a_registry_of_a_newer_version_is_left_alone(store: Neo4jStore) -> None:
    run(store, "MATCH (r:_Registry) SET r.format = 99")

    with pytest.raises(StoreVersion), store.reading():
        pass
    with pytest.raises(StoreVersion), store.transaction() as transaction:
        transaction.put([node("category:late")], [])


# moments


@tried(15, server=True)
@given(graphs.writes())
def test_every_reader_keeps_its_moment_whatever_is_written_later(puts: Puts) -> None:
    with ExitStack() as stack:
        store = stack.enter_context(closing(empty_store(wait=5)))
        readers = []
        for number, (fresh, edges, gone) in enumerate(puts, 1):
            with store.transaction() as transaction:
                transaction.put(fresh, edges, gone)
            readers.append((stack.enter_context(store.reading()), Plain(graphs.result(puts[:number]))))

        for reader, plain in readers:
            assert list(reader.all_nodes()) == plain.in_order
            assert list(reader.all_edges()) == plain.drawn
            assert reader.names([]) == plain.names([])
            for status in ("active", "proposed"):
                where = Where(properties={"status": frozenset((status,))})
                assert reader.flows(where) == plain.flows(where)


@tried(15, server=True)
@given(graphs.writes())
def test_nothing_but_stamps_goes_when_they_are_taken_off(puts: Puts) -> None:
    with closing(empty_store(wait=5, grace=0)) as store:
        for fresh, edges, gone in puts:
            with store.transaction() as transaction:
                transaction.put(fresh, edges, gone)
        for _ in range(3):  # one write tidies up a bounded part of it
            time.sleep(0.01)
            with store.transaction() as transaction:
                transaction.put([], [], [edge("flow:none", "carries", "category:none").id])
        plain = Plain(graphs.result(puts))

        with store.reading() as reader:
            assert list(reader.all_nodes()) == plain.in_order
            assert list(reader.all_edges()) == plain.drawn
            assert reader.names([]) == plain.names([])
        assert leftovers(store) == {}


def test_a_reader_is_not_kept_waiting_by_a_write(store: Neo4jStore) -> None:
    with started(HOLDER, store.url) as holder:
        assert heard(holder) == "holding"
        with store.reading() as reader:
            seen = reader.count()
        tell(holder)
        assert heard(holder) == "written"

    assert seen == {"DataCategory": 1}


def test_a_reading_goes_on_in_its_moment_when_the_server_ends_what_it_has_open(store: Neo4jStore) -> None:
    with store.reading() as reader:
        assert reader.count() == {"DataCategory": 1}
        with store.transaction() as transaction:
            transaction.put([node("category:later")], [])
        # Whatever is open and asks nothing just then: only the reading is.
        messages = ended(store, "currentQuery = ''")
        seen = reader.count(), reader.count()

    assert messages == [["Transaction terminated."]]
    assert seen == ({"DataCategory": 1}, {"DataCategory": 1})
    with store.reading() as after:
        assert after.count() == {"DataCategory": 2}


# what dies


def test_what_a_killed_writer_had_written_is_there_and_nothing_by_half(store: Neo4jStore) -> None:
    dice = random.Random(20261125)
    for _ in range(3 * TIMES):
        last = -1
        with started(WRITER, store.url) as writer:
            until = time.monotonic() + dice.uniform(0.3, 1.5)
            while time.monotonic() < until or last < 0:
                last = int(heard(writer))
            writer.kill()
            while (said := heard(writer)).isdigit():  # what it had said and we had not heard yet
                last = int(said)
        with store.transaction() as transaction:
            transaction.put([GPS], [])  # the next write finds and undoes what is left

        with store.reading() as reader:
            flows = [int(flow.key[1:]) for flow in reader.flows(Where())]
            categories = [one.id.key for one in reader.nodes("DataCategory")]
            edges = reader.edges(["CARRIES"], [ref("category:gps")], Direction.IN)
        assert sorted(flows) == list(range(len(flows)))
        assert len(flows) in (last + 1, last + 2)
        assert sorted(categories) == sorted(["gps", *(f"c{number}" for number in flows)])
        assert len(edges) == len(flows)


def test_nothing_of_a_large_write_remains_that_was_killed(store: Neo4jStore) -> None:
    with started(LARGE, store.url) as writer:
        assert heard(writer) == "writing"
        writer.kill()
    with store.reading() as reader:
        before = (reader.count(), reader.flows(Where()), reader.keyed(["first"]))
    with store.transaction() as transaction:
        transaction.put([node("category:next")], [])

    assert before == ({"DataCategory": 1}, [], {})
    assert run(store, "MATCH (n:DataFlow) RETURN count(n)") == [[0]]
    assert run(store, "MATCH (n:_Name) WHERE NOT (n)<--() RETURN count(n)") == [[0]]


def test_a_first_write_that_was_killed_leaves_an_empty_registry() -> None:
    first = LARGE.replace('put([flow("first")], [carries("first", "gps")])', "put([], [])")
    with closing(empty_store(wait=5)) as store:
        with started(first, store.url) as writer:
            assert heard(writer) == "writing"
            writer.kill()
        with store.reading() as reader:
            before = (reader.version, reader.count())
        with store.transaction() as transaction:
            transaction.put([GPS], [])

        with store.reading() as reader:
            assert (before, reader.count()) == ((0, {}), {"DataCategory": 1})
        assert run(store, "MATCH (n:DataFlow) RETURN count(n)") == [[0]]


def test_a_write_whose_hold_was_lost_ends_in_an_error_and_leaves_nothing(store: Neo4jStore) -> None:
    def write() -> None:
        with store.transaction() as transaction:
            transaction.put([node("category:early")], [])
            ended(store, "metaData.registry_write IS NOT NULL")
            with store.transaction() as other:
                other.put([node("category:other")], [])
            transaction.put([node("category:late")], [])

    with pytest.raises(StoreError) as told:
        write()

    assert "the connection of this write was lost and another write went ahead" in str(told.value)
    with store.reading() as reader:
        assert [one.id.key for one in reader.nodes("DataCategory")] == ["gps", "other"]


def test_a_write_that_lost_its_hold_before_it_began_leaves_no_mark(store: Neo4jStore) -> None:
    place = address(store.url)
    faults = Faults(place, 1.0)
    with (
        GraphDatabase.driver(place.server, auth=None) as driver,
        driver.session() as own,
        driver.session() as session,
        holding(driver, own, "early", faults, 1.0) as held,
    ):
        assert held is not None
        ended(store, "metaData.registry_write = 'early'")
        # Another one goes ahead, and is still at it.
        with store.transaction() as other:
            with pytest.raises(StoreError, match="another write went ahead"):
                announce(session, held, "early", faults)
            other.put([node("category:other")], [])

    assert run(store, "MATCH (w:_Writing) RETURN count(w)") == [[0]]
    with store.reading() as reader:
        assert [one.id.key for one in reader.nodes("DataCategory")] == ["gps", "other"]


def test_a_write_whose_mark_was_taken_is_not_completed(store: Neo4jStore) -> None:
    def write() -> None:
        with store.transaction() as transaction:
            transaction.put([node("category:late")], [])
            run(store, "MATCH (w:_Writing) SET w.token = 'another' RETURN w.token")

    with pytest.raises(StoreError, match="another write went ahead"):
        write()

    with store.transaction() as transaction:
        transaction.put([node("category:next")], [])
    with store.reading() as reader:
        assert [one.id.key for one in reader.nodes("DataCategory")] == ["gps", "next"]
    assert run(store, "MATCH (n:DataCategory) RETURN count(n)") == [[2]]


def test_a_server_that_crashes_keeps_what_it_acknowledged(server: Server) -> None:
    with closing(Neo4jStore(Address("bolt", f"127.0.0.1:{server.port}"), create=True)) as store:
        with store.transaction() as transaction:
            transaction.put([GPS], [])
        for _ in range(TIMES):
            last = _until_it_crashes(server, store)
            server.start()
            with store.transaction() as transaction:
                transaction.put([GPS], [])

            with store.reading() as reader:
                flows = sorted(int(flow.key[1:]) for flow in reader.flows(Where()))
                edges = reader.edges(["CARRIES"], [ref("category:gps")], Direction.IN)
            assert flows == list(range(len(flows)))
            assert len(flows) in (last + 1, last + 2)
            assert len(edges) == len(flows)


def _until_it_crashes(server: Server, store: Store) -> int:
    """The last flow that a writer was told to be written when the server was killed."""
    with store.reading() as reader:
        last = len(reader.flows(Where())) - 1
    with started(WRITER.replace("    with store.tr", "    with told(), store.tr"), store.url) as writer:
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            last = int(heard(writer))
        server.kill()
        while (said := heard(writer)).isdigit():
            last = int(said)
    assert said in ("StoreUnreachable", "StoreError")
    return last


def test_eight_writers_lose_nothing_and_end(store: Neo4jStore) -> None:
    turn = """
store = open_store(path, wait=120)
for number in range(5):
    with store.transaction() as transaction:
        transaction.put([category(f"{os.getpid()}-{number}")], [])
say("done")
"""
    with ExitStack() as stack:
        writers = [stack.enter_context(started(turn, store.url)) for _ in range(8)]
        for writer in writers:
            assert heard(writer) == "done"

    with store.reading() as reader:
        assert (reader.version, reader.count()) == (41, {"DataCategory": 41})
    assert "_Writing" not in leftovers(store)


def test_a_writer_that_waits_in_vain_is_told_so_and_the_other_goes_on(store: Neo4jStore) -> None:
    with started(HOLDER, store.url) as holder:
        assert heard(holder) == "holding"
        impatient = closing(Neo4jStore(address(store.url, {}), wait=0.2))
        with impatient as other, pytest.raises(StoreLocked) as told, other.transaction():
            pass
        tell(holder)
        assert heard(holder) == "written"

    assert "waited 0.2 s" in str(told.value)


def test_a_write_that_is_interrupted_leaves_nothing(store: Neo4jStore) -> None:
    with started(LARGE, store.url) as writer:
        assert heard(writer) == "writing"
        writer.send_signal(signal.SIGINT)
        writer.wait(timeout=60)

    assert leftovers(store) == {}
    assert run(store, "MATCH (n:DataFlow) RETURN count(n)") == [[0]]


def test_a_database_that_may_only_be_read_answers_and_refuses_to_write(tmp_path: Path) -> None:
    server = new_server(tmp_path / "server")
    try:
        with closing(open_store(server.url, create=True)) as store, store.transaction() as transaction:
            transaction.put([GPS], [])
        server.stop()
        server.configure("server.databases.read_only=neo4j")
        server.start()

        with closing(open_store(server.url)) as store:
            with store.reading() as reader:
                assert reader.count() == {"DataCategory": 1}
            with pytest.raises(StoreReadOnly) as told, store.transaction():
                pass
        assert str(told.value) == f"{server.url}: it may be read here, not written"
    finally:
        server.kill()


def test_work_goes_on_when_the_server_comes_back(server: Server) -> None:
    with closing(open_store(server.url, create=True)) as store:
        with store.transaction() as transaction:
            transaction.put([GPS], [])
        server.stop()
        with pytest.raises(StoreUnreachable) as asked, store.reading():
            pass
        with pytest.raises(StoreUnreachable) as written, store.transaction():
            pass
        server.start()
        with store.transaction() as transaction:
            transaction.put([node("category:later")], [])

        with store.reading() as reader:
            assert reader.count() == {"DataCategory": 2}
    for told in (asked, written):
        assert str(told.value).startswith(f"{server.url}: the server does not answer")


def test_a_write_goes_no_further_when_a_part_of_it_was_lost(server: Server) -> None:
    def write(store: Store) -> None:
        with store.transaction() as transaction:
            transaction.put([node("category:early")], [])
            server.kill()
            with suppress(StoreUnreachable):
                transaction.put([node("category:lost")], [])
            server.start()

    with closing(open_store(server.url, create=True)) as store:
        with store.transaction() as transaction:
            transaction.put([GPS], [])
        with pytest.raises(StoreError) as told:
            write(store)
        with store.transaction() as transaction:
            transaction.put([node("category:later")], [])

        with store.reading() as reader:
            assert [one.id.key for one in reader.nodes("DataCategory")] == ["gps", "later"]
    assert str(told.value) == f"{server.url}: after a fault inside this write, nothing of it was written"


if TIMES > 1:  # it mounts a small disk, which needs more rights than tests always have

    def test_a_full_disk_of_the_server_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", disk], check=True)
        try:
            server = new_server(disk / "server")
            with closing(open_store(server.url, create=True)) as store:
                written = _until_it_is_full(store)
                subprocess.run(["mount", "-o", "remount,size=400m", disk], check=True)
                server.kill()
                server.start()
                with store.transaction() as transaction:
                    transaction.put([GPS], [])

                with store.reading() as reader:
                    assert reader.count() == {"DataCategory": 1, "DataFlow": written}
            server.kill()
        finally:
            subprocess.run(["umount", "-l", disk], check=True)


def _until_it_is_full(store: Store) -> int:
    """How many flows were acknowledged before the server could write no more."""
    long = Text("x" * 2_000, "y" * 2_000)
    written = 0
    with suppress(StoreError):
        while True:
            with store.transaction() as transaction:
                transaction.put([node(f"flow:f{written + number}", name=long) for number in range(500)], [])
            written += 500
    return written
