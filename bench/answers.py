"""What a question takes inside one process, on an estate of 5,000 flows: python -m bench.answers"""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

from registry.stores import open_store
from registry.stores.port import Store
from registry.synthetic import estate
from tests.call_log import counting

from .questions import QUESTIONS
from .timing import machine, repeated, row

FLOWS = 5_000


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
