"""Neo4j beside SQLite, and beside Cypher written by hand: python -m bench.neo4j [--flows 5000 100000]

A server of its own is started as people run one. Or REGISTRY_BENCH_NEO4J names one, which is wiped; user and password
come from the environment as the registry itself takes them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from registry.copying import copy
from registry.model.snapshot import NodeId, normalised
from registry.stores import open_store
from registry.stores.neo4j.address import Address, address
from registry.stores.neo4j.encoding import references
from registry.stores.neo4j.moments import moment
from registry.stores.port import By, Direction, Ends, Reader, Store, Where
from registry.synthetic import LOCATION, estate
from tests.stores.servers import LONG_LIVED, Server, missing, wipe

from . import operations_in_cypher as by_hand
from .lists import KINDS, _write
from .operations_in_cypher import answer, session_of
from .questions_on_neo4j import plans, questions
from .stores import ACTIVE, COLLECTED, NARROWER, TO_RECIPIENTS, flows_of, put
from .timing import by_turns, machine, once

NAMED = "REGISTRY_BENCH_NEO4J"
LEAST = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, nargs="+", default=[5_000, 100_000], help="sizes (5000 100000)")
    asked = parser.parse_args()
    if min(asked.flows) < LEAST:
        parser.error(f"an estate of less than {LEAST:,} flows has not all that the questions ask about")
    machine()
    with tempfile.TemporaryDirectory(prefix="registry-bench-") as directory, server(Path(directory)) as place:
        if place is None:
            print(f"\nNeo4j: not measured: no Java (or no Maven to fetch the server) here, and {NAMED} names no server")
            return
        for flows in asked.flows:
            wipe(place)
            both(place, Path(directory, f"{flows}.db"), flows)


@contextmanager
def server(directory: Path) -> Iterator[Address | None]:
    """A server with the memory that people give it, and Java free to make the best code."""
    if os.environ.get(NAMED):
        yield address(os.environ[NAMED])
    elif missing():
        yield None
    else:
        started = Server(directory / "server", heap="3g", page_cache="1g", java=LONG_LIVED)
        try:
            yield address(started.url, {})
        finally:
            started.kill()


def both(place: Address, path: Path, flows: int) -> None:
    """All measurements of one size, on both stores."""
    whole = estate(flows)
    print(f"\n{flows:,} flows: {len(whole.nodes):,} nodes, {len(whole.edges):,} edges")
    with ExitStack() as opened:
        stores = {
            name: opened.enter_context(closing(open_store(url, create=True)))
            for name, url in (("SQLite", str(path)), ("Neo4j", place.url))
        }
        for name, store in stores.items():
            once(f"load, {name}", partial(put, store, whole))
        del whole
        questions(stores, place)
        beside(stores["Neo4j"], place)
        plans(stores["Neo4j"], place)
        for name, store in stores.items():
            with store.reading() as reader:
                once(f"all nodes, {name}", lambda reader=reader: _exhaust(reader.all_nodes()))  # type: ignore[misc]
                once(f"all edges, {name}", lambda reader=reader: _exhaust(reader.all_edges()))  # type: ignore[misc]
                for kind in KINDS:
                    once(f"list of {kind}, HTML, {name}", partial(_write, reader, kind))
        copies(stores, path.with_suffix(".copy.db"), place)


def copies(stores: dict[str, Store], copied: Path, place: Address) -> None:
    """Everything from the server into a file, and from the file back into the server, which is wiped for it."""
    with closing(open_store(str(copied), create=True)) as file:
        once("copy from Neo4j to SQLite", partial(copy, stores["Neo4j"], file))
    wipe(place)
    with closing(open_store(place.url, create=True)) as server_again:
        once("copy from SQLite to Neo4j", partial(copy, stores["SQLite"], server_again))


def beside(store: Store, place: Address) -> None:
    """Operations of the store beside Cypher written by hand, which may not answer anything else."""
    print(f"\n{'p50 in ms, beside Cypher by hand':<40} {'ours':>8} {'with stamps':>17} {'without':>17}")
    with store.reading() as reader, session_of(place) as session:
        for name, ours, text, values, same in operations(reader):
            values["now"] = moment(reader.version)
            stamped, plain = by_hand.with_stamps(text), by_hand.without_stamps(text)
            if same(ours()) != sorted(_comparable(answer(session, stamped, values))):
                raise AssertionError(f"{name}: the Cypher by hand answers something else")
            mine, with_them, without = by_turns(
                ours, partial(answer, session, stamped, values), partial(answer, session, plain, values)
            )
            told = [f"{median(taken):8.1f} ({median(mine) / median(taken):4.2f} x)" for taken in (with_them, without)]
            print(f"{name:<40} {median(mine):8.1f} {told[0]:>17} {told[1]:>17}", flush=True)


Operation = tuple[str, Callable[[], Any], str, dict[str, Any], Callable[[Any], list[Any]]]


def operations(reader: Reader) -> Iterator[Operation]:
    """What is asked of the store, the Cypher for it with its parameters, and our answer as that Cypher words it."""
    kinds = frozenset(reader.closure([LOCATION], [NARROWER]))
    where = Where((Ends(("CARRIES",), kinds),), ACTIVE)
    page = reader.group(where, TO_RECIPIENTS, first=50)
    some = TO_RECIPIENTS._replace(among=frozenset(group.end for group in page.groups))
    flows = flows_of(page)
    targets = {edge.target for edge in reader.edges((), flows, Direction.OUT)} | {*flows}
    root = references([LOCATION])[0]
    given: dict[str, Any] = {"root": root, "kinds": references(kinds)}
    ends = {**given, "ends": references(group.end for group in page.groups)}

    def whole_page() -> Any:
        below = frozenset(reader.closure([LOCATION], [NARROWER]))
        return reader.group(Where((Ends(("CARRIES",), below),), ACTIVE), TO_RECIPIENTS, first=50)

    yield "page of 50 recipients, subtree included", whole_page, by_hand.PAGE_OF_RECIPIENTS, given, _groups
    yield "flows to 50 recipients", lambda: reader.group(where, some), by_hand.FLOWS_OF_SOME, ends, _groups
    yield "flows by purpose", lambda: reader.group(where, By(("FOR",))), by_hand.BY_PURPOSE, given, _groups
    yield "every end", lambda: reader.ends(where, By(("TO",))), by_hand.ENDS, given, references
    yield "every flow", lambda: reader.flows(where), by_hand.FLOWS, given, _keys
    yield "50 flows of all", lambda: reader.flows(Where(), limit=50), by_hand.FIRST_FLOWS, {}, _keys
    yield (
        f"edges of {len(flows)} flows",
        lambda: reader.edges(COLLECTED, flows, Direction.OUT),
        by_hand.LEAVING,
        {"flows": references(flows)},
        _edges,
    )
    yield (
        f"{len(targets)} nodes",
        lambda: reader.get(targets),
        by_hand.NODES,
        {"refs": references(targets)},
        references,
    )
    yield "a subtree", lambda: reader.closure([LOCATION], [NARROWER]), by_hand.SUBTREE, given, references
    name = "recipient 77"
    form = {"form": normalised(name)}
    yield "a name", lambda: reader.named([name], []), by_hand.NAMED, form, lambda found: references(f.id for f in found)
    yield "count", reader.count, by_hand.COUNTED, {}, lambda found: sorted([*one] for one in found.items())


def _comparable(found: list[Any]) -> list[Any]:
    if found and isinstance(found[0], dict):
        return [state["_ref"] for state in found]
    if found and isinstance(found[0], list) and isinstance(found[0][1], list) and found[0][1]:
        if isinstance(found[0][1][0], list):
            return [[ref, name, end] for ref, several in found for name, end, _ in several]
        return [[ref, sorted(keys)] for ref, keys in found]
    return found


def _groups(page: Any) -> list[Any]:
    return [[*references([group.end]), [flow.key for flow in group.flows]] for group in page.groups]


def _keys(flows: Iterable[NodeId]) -> list[str]:
    return [flow.key for flow in flows]


def _edges(edges: Iterable[Any]) -> list[Any]:
    return sorted([*references([edge.source]), edge.name, *references([edge.target])] for edge in edges)


def _exhaust(things: Iterable[object]) -> None:
    for _ in things:
        pass


if __name__ == "__main__":
    main()
