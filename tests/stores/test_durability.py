"""Several processes use one SQLite file, and some of them die."""

from __future__ import annotations

import random
import time
from contextlib import closing
from pathlib import Path

import pytest

from registry.errors import StoreLocked
from registry.stores.port import Where
from registry.stores.sqlite import SqliteStore
from tests.examples import TIMES

from .graphs import edge, node
from .processes import heard, started, tell

WRITER = """
store = SqliteStore(path, wait=60)
with store.reading() as reader:
    number = len(reader.flows(Where()))
while True:
    with store.transaction() as transaction:
        transaction.put([flow(f"f{number}")], [carries(f"f{number}", "gps")])
        transaction.put([category(f"c{number}")], [])
    say(number)
    number += 1
"""
HOLDER = """
store = SqliteStore(path)
with store.transaction() as transaction:
    transaction.put([category("held")], [])
    say("holding")
    wait()
say("written")
"""
TURN = """
store = SqliteStore(path, wait=60)
for number in range(25):
    with store.transaction() as transaction:
        transaction.put([category(f"{os.getpid()}-{number}")], [])
say("done")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(SqliteStore(tmp_path / "registry.db", create=True)) as store, store.transaction() as transaction:
        transaction.put([node("category:gps")], [])
    return tmp_path / "registry.db"


def test_what_a_killed_writer_had_written_is_there_and_nothing_by_half(path: Path) -> None:
    dice = random.Random(20261123)
    for _ in range(6 * TIMES):
        last = -1
        with started(WRITER, path) as writer:
            until = time.monotonic() + dice.uniform(0.05, 0.4)
            while time.monotonic() < until or last < 0:
                last = int(heard(writer))
            writer.kill()
            # What it had said already may be more than we had heard.
            while (line := heard(writer)).isdigit():
                last = int(line)

        with closing(SqliteStore(path)) as store, store.reading() as reader:
            flows = reader.flows(Where())
            edges = list(reader.all_edges())
            counted = (reader.count()["DataCategory"], reader.version)
        assert len(flows) in (last + 1, last + 2)
        assert [one.source for one in edges] == flows
        assert counted == (1 + len(flows), 1 + len(flows))


def test_two_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    with started(TURN, path) as one, started(TURN, path) as other:
        said = [heard(one), heard(other)]

    with closing(SqliteStore(path)) as store, store.reading() as reader:
        assert (said, reader.version, reader.count()) == (["done", "done"], 51, {"DataCategory": 51})


def test_a_writer_that_waits_in_vain_for_another_process_is_told_how_long_it_waited(path: Path) -> None:
    with started(HOLDER, path) as holder, closing(SqliteStore(path, wait=0.3)) as store:
        heard(holder)
        began = time.monotonic()
        with pytest.raises(StoreLocked) as locked, store.transaction():
            pass
        waited = time.monotonic() - began
        tell(holder)
        ended = heard(holder)

        assert str(locked.value) == f"{path}: another process is writing; waited 0.3 s"
        assert waited >= 0.25
        assert ended == "written"


def test_readers_do_not_wait_for_a_writer_and_see_what_was_before_it(path: Path) -> None:
    with started(HOLDER, path) as holder, closing(SqliteStore(path, wait=0)) as store:
        heard(holder)
        with store.reading() as reader:
            during = reader.count()
            tell(holder)
            heard(holder)
            still = reader.count()
        with store.reading() as reader:
            afterwards = reader.count()

    assert (during, still, afterwards) == ({"DataCategory": 1}, {"DataCategory": 1}, {"DataCategory": 2})


def test_a_writer_does_not_wait_for_readers(path: Path) -> None:
    with closing(SqliteStore(path, wait=0)) as store, store.reading() as reader:
        nodes = reader.all_nodes()
        with closing(SqliteStore(path, wait=0)) as other, other.transaction() as transaction:
            transaction.put([node("flow:a")], [edge("flow:a", "carries", "category:gps")])
        seen = list(nodes)

    assert seen == [node("category:gps")]
