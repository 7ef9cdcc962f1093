"""What an older version of the registry made opens, is upgraded in one write that says so, and answers as it should.

`versions` has a registry as each version left it, filled with ``shop.yaml``: a file of SQLite, and what stood in a
database of Neo4j, a node or relationship a line. A version that changes either adds its own; the older ones stay.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from registry.copying import contents
from registry.lineage import Certainty, Scope, if_erased, who_receives
from registry.planning import plan, read_manifests
from registry.stores.memory import MemoryStore
from registry.stores.neo4j import Neo4jStore
from registry.stores.neo4j.address import address
from registry.stores.port import Store
from registry.stores.sqlite import SqliteStore
from registry.stores.sqlite.schema import LATEST
from tests.command_line import run
from tests.registries import ends

from .servers import empty_store

VERSIONS = Path(__file__).with_name("versions")
FILES = sorted(VERSIONS.glob("*.registry.db.gz"))
DATABASES = sorted(VERSIONS.glob("*.neo4j.jsonl"))


def _file(made: Path, directory: Path) -> Path:
    path = directory / "registry.db"
    path.write_bytes(gzip.decompress(made.read_bytes()))
    return path


def _lay(made: Path, url: str) -> None:
    """Put into an empty database what stood in one."""
    rows = [json.loads(line) for line in made.read_text(encoding="utf-8").splitlines()]
    nodes = [row for row in rows if "labels" in row]
    with GraphDatabase.driver(url) as driver, driver.session() as session:
        session.run("MATCH (n) DETACH DELETE n").consume()
        made_ids = [
            session.run(f"CREATE (n:{':'.join(row['labels'])}) SET n = $p RETURN elementId(n)", p=row["properties"])
            .single(strict=True)
            .value()
            for row in nodes
        ]
        for row in rows[len(nodes) :]:
            session.run(
                f"MATCH (a) WHERE elementId(a) = $a MATCH (b) WHERE elementId(b) = $b "
                f"CREATE (a)-[r:{row['type']}]->(b) SET r = $p",
                a=made_ids[row["from"]],
                b=made_ids[row["to"]],
                p=row["properties"],
            ).consume()


@pytest.fixture(params=FILES, ids=lambda path: path.name.partition(".")[0])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return _file(request.param, tmp_path)


@pytest.fixture(
    params=[
        *(pytest.param(path, id=f"sqlite-{path.name[0]}") for path in FILES),
        *(pytest.param(path, id=f"neo4j-{path.name[0]}", marks=pytest.mark.neo4j) for path in DATABASES),
    ]
)
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Path = request.param
    if made in FILES:
        with closing(SqliteStore(_file(made, tmp_path))) as store:
            yield store
        return
    with closing(empty_store()) as place:
        _lay(made, place.url)
        with closing(Neo4jStore(address(place.url))) as store:
            yield store


def test_nothing_is_lost_and_nothing_would_change(older: Store) -> None:
    with older.reading() as reader, closing(MemoryStore()) as memory:
        with memory.reading() as nothing:
            declared = read_manifests(nothing, [VERSIONS / "shop.yaml"])
        with memory.transaction() as transaction:
            transaction.put(declared.nodes.values(), declared.edges.values())
        with memory.reading() as fresh:
            assert contents(reader).digest == contents(fresh).digest
        assert plan(reader, declared).changes == ()


def test_it_answers_by_what_was_not_indexed_when_it_was_made(older: Store) -> None:
    with older.reading() as reader:
        now = who_receives(reader, "location", scope=Scope(on="2026-11-28"))
        before = who_receives(reader, "location", scope=Scope(on="2026-01-01"))
        erased = if_erased(reader, "location", scope=Scope(on="2026-11-28"))
        later = if_erased(reader, "location", scope=Scope(on="2028-01-01"))

    assert (ends(now), ends(before)) == (["maps"], ["couriers", "maps"])
    assert ends(erased, Certainty.CERTAIN) == ["shop", "couriers", "maps"]
    assert ends(later) == ["shop", "maps"]


def test_the_command_says_that_it_upgraded_the_file_once(file: Path) -> None:
    first = run(str(file), "who-receives", "location")
    second = run(str(file), "who-receives", "location")

    assert first.code == second.code == 0
    assert first.err == f"sqlite:///{file}: upgraded from version 1 to version {LATEST}\n"
    assert second.err == ""
