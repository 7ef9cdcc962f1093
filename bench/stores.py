"""What the stores take: loading an estate, and a page of the recipients of a kind of data.

python -m bench.stores [--flows 100000] [--keep PATH]
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

from registry import lineage
from registry.lineage import Window
from registry.model.graph import RECIPIENT
from registry.model.snapshot import NodeId, Snapshot
from registry.planning import apply, plan, read_manifests
from registry.stores import open_store
from registry.stores.port import By, Direction, Ends, Page, Reader, Step, Store, Where
from registry.synthetic import LOCATION, estate, manifests

from .timing import machine, once, repeated, row, timed

COLLECTED = ("CARRIES", "FOR", "UNDER", "STATED_IN")
NARROWER = Step("BROADER", Direction.IN)
ACTIVE = {"status": frozenset(("active",))}
TO_RECIPIENTS = By(("TO",), frozenset((RECIPIENT,)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, default=100_000, help="flows of the large estate (100000)")
    parser.add_argument("--keep", type=Path, help="keep the large SQLite file here, and use it again when it is there")
    asked = parser.parse_args()
    machine()
    with tempfile.TemporaryDirectory() as directory:
        load(Path(directory))
        answer(asked.flows, asked.keep or Path(directory, "large.db"))


def load(directory: Path) -> None:
    """5,000 systems with 15,000 flows, from their manifests into an empty registry, as `registry apply` does it."""
    small = estate(15_000, systems=5_000)
    print(f"\n{len(small.nodes):,} nodes, {len(small.edges):,} edges")
    folder = directory / "manifests"
    folder.mkdir()
    texts = list(manifests(small))
    for name, text in texts:
        (folder / name).write_text(text, encoding="utf-8")
    size = sum(len(text.encode()) for _, text in texts) / 1e6
    with closing(open_store(f"{directory}/small.db", create=True)) as store:
        with timed("together", "13 s"):
            with store.reading() as reader:
                declared = once(f"read and check {len(texts)} manifests, {size:.0f} MB", partial(read, reader, folder))
                planned = once("compare them with the registry", partial(plan, reader, declared))
            once("write", partial(apply, store, planned))
        with timed("put the same again"):
            put(store, declared)
    opening(directory / "small.db")


def read(reader: Reader, folder: Path) -> Snapshot:
    return read_manifests(reader, [folder])


def put(store: Store, snapshot: Snapshot) -> None:
    with store.transaction() as transaction:
        transaction.put(snapshot.nodes.values(), snapshot.edges.values())


def opening(path: Path) -> None:
    def work() -> None:
        with closing(open_store(str(path))) as store, store.reading() as reader:
            reader.keyed(["location"])

    repeated("open it, look up a key, close it", work, "a few ms")


def answer(flows: int, path: Path) -> None:
    """A page of the recipients of location data."""
    kept = path.exists()
    if not kept:
        large = once(f"\nmake an estate of {flows:,} flows", lambda: estate(flows))
        print(f"{len(large.nodes):,} nodes, {len(large.edges):,} edges")
        with closing(open_store(str(path), create=True)) as store, timed("put it into an empty SQLite file"):
            put(store, large)
    with closing(open_store(str(path))) as store, closing(open_store("memory://")) as warm:
        with timed("\nwarm the memory from the SQLite file"), store.reading() as reader, warm.transaction() as writing:
            writing.put(reader.all_nodes(), reader.all_edges())
        row("size of the SQLite file", f"{path.stat().st_size / 1e6:9.0f} MB")
        for name, asked, target in (("SQLite", store, "150 ms"), ("memory", warm, "10 ms")):
            print(f"\n{name}")
            questions(asked, target)
        writes(store, warm)


def questions(store: Store, target: str) -> None:
    with store.reading() as reader:
        location = frozenset(reader.closure([LOCATION], [NARROWER]))
        where = Where((Ends(("CARRIES",), location),), ACTIVE)
        page = reader.group(where, TO_RECIPIENTS, first=50)
        row("flows with location", f"{len(reader.flows(where)):,}")
        row("recipients of location", f"{page.total:,}")
        row("flows on a page of 50", f"{len(flows_of(page)):,}")
        repeated("closure of location", lambda: reader.closure([LOCATION], [NARROWER]))
        repeated("page of 50 recipients with flows", lambda: reader.group(where, TO_RECIPIENTS, first=50))
        repeated("the edges of those flows", lambda: reader.edges(COLLECTED, flows_of(page), Direction.OUT))
        repeated("all three: one answer", lambda: whole(reader), target)
        repeated("the last page of 50", lambda: reader.group(where, TO_RECIPIENTS, after=page.groups[-1].end, first=50))
        among = reader.group(Where(), TO_RECIPIENTS, first=1).groups[0].end
        to_one = Where((Ends(("TO",), frozenset((among,))),), ACTIVE)
        repeated("what one recipient gets, by category", lambda: reader.group(to_one, By(("CARRIES",))))
        both = Where((Ends(("ABOUT",), frozenset(reader.keyed(["users"])["users"])), *where.conditions), ACTIVE)
        repeated("recipients of the location of users", lambda: reader.group(both, TO_RECIPIENTS, first=50))
        repeated("location by purpose, all", lambda: reader.group(where, By(("FOR",))))
        repeated("50 flows of all", lambda: reader.flows(Where(), limit=50))
        proposed = Where(properties={"status": frozenset(("proposed",))})
        repeated("50 proposed flows", lambda: reader.flows(proposed, limit=50))
        repeated("onward from 50 recipients", lambda: onward(reader, page), runs=3)
        repeated("who-receives location, page of 50, all laid out", partial(who_receives, reader))
        repeated("a name", lambda: reader.named(["recipient 77"], []))


def flows_of(page: Page) -> list[NodeId]:
    return list(dict.fromkeys(flow for group in page.groups for flow in group.flows))


def who_receives(reader: Reader) -> None:
    lineage.who_receives(reader, "location", window=Window(50))


def whole(reader: Reader) -> None:
    location = frozenset(reader.closure([LOCATION], [NARROWER]))
    page = reader.group(Where((Ends(("CARRIES",), location),), ACTIVE), TO_RECIPIENTS, first=50)
    reader.edges(COLLECTED, flows_of(page), Direction.OUT)


def onward(reader: Reader, page: Page) -> None:
    ends = [group.end for group in page.groups]
    reader.closure(ends, [Step("FROM", Direction.IN), Step("TO", Direction.OUT)])


def writes(store: Store, warm: Store) -> None:
    print("\none flow put again")
    for name, asked in (("SQLite", store), ("memory", warm)):
        repeated(name, partial(put_again, asked))


def put_again(store: Store) -> None:
    with store.transaction() as transaction:
        node = transaction.nodes("DataFlow", limit=1)[0]
        transaction.put([node], transaction.edges((), [node.id], Direction.OUT))


if __name__ == "__main__":
    main()
