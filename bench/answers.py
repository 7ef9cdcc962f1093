"""What a question takes inside one process, on an estate of 5,000 flows: python -m bench.answers"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from registry import lineage
from registry.lineage import Answer, Window
from registry.stores import open_store
from registry.stores.port import Reader, Store
from registry.synthetic import estate
from tests.counting import counting

from .measuring import machine, repeated, row

FLOWS = 5_000
PAGE = Window(50)

QUESTIONS: dict[str, Callable[[Reader], Answer]] = {
    "who-receives location, page of 50": lambda reader: lineage.who_receives(reader, "location", window=PAGE),
    "who-receives location-7 (a leaf), page of 10": lambda reader: lineage.who_receives(
        reader, "location-7", window=Window(10)
    ),
    "what-receives recipient-7": lambda reader: lineage.what_receives(reader, "recipient-7", window=PAGE),
    "why location-7": lambda reader: lineage.why(reader, "location-7", window=Window(10)),
    "where-from location-7": lambda reader: lineage.where_from(reader, "location-7", window=PAGE),
    "if-erased location-7": lambda reader: lineage.if_erased(reader, "location-7", window=PAGE),
    "if-breached recipient-7": lambda reader: lineage.if_breached(reader, "recipient-7", window=PAGE),
    "path system-7 to recipient-7 for location": lambda reader: lineage.path(
        reader, "system-7", "recipient-7", data="location", longest=3
    ),
}


def main() -> None:
    machine()
    whole = estate(FLOWS)
    print(f"\n{FLOWS:,} flows, {len(whole.edges):,} edges: one answer, every flow of it laid out")
    with tempfile.TemporaryDirectory() as directory:
        for name, url in (("memory", "memory://"), ("SQLite", str(Path(directory, "registry.db")))):
            with closing(open_store(url, create=True)) as store:
                with store.transaction() as transaction:
                    transaction.put(whole.nodes.values(), whole.edges.values())
                print(f"\n{name}")
                _questions(store)


def _questions(store: Store) -> None:
    with store.reading() as reader:
        for name, ask in QUESTIONS.items():
            answer = ask(reader)
            flows = sum(len(found.all_flows) for found in answer.rows)
            repeated(name, lambda ask=ask: ask(reader), "10 ms")  # type: ignore[misc]
            counted, calls = counting(reader)
            ask(counted)
            told = f"{len(answer.rows)} of {answer.total} rows, {flows} flows; {len(calls)} calls of the store"
            row("", "", "", told)


if __name__ == "__main__":
    main()
