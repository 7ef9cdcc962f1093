"""What the public lists take, and how much memory: python -m bench.lists"""

from __future__ import annotations

import io
import tempfile
import tracemalloc
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

from registry.documents import report, write
from registry.stores import open_store
from registry.stores.port import Reader, Store
from registry.synthetic import estate

from .timing import machine, repeated, row

KINDS = ("sharing", "collection", "permissions")


class _Nowhere(io.RawIOBase):
    """Counts what is written and keeps none of it."""

    written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        length = len(data)  # type: ignore[arg-type]
        self.written += length
        return length


def main() -> None:
    machine()
    with tempfile.TemporaryDirectory() as directory:
        for flows in (1_000, 5_000, 20_000):
            whole = estate(flows)
            with closing(open_store(str(Path(directory, f"{flows}.db")), create=True)) as store:
                with store.transaction() as transaction:
                    transaction.put(whole.nodes.values(), whole.edges.values())
                del whole
                print(f"\nlists of {flows:,} flows, from SQLite")
                _lists(store, "1 s" if flows == 5_000 else "")


def _lists(store: Store, sharing_target: str) -> None:
    with store.reading() as reader:
        for kind in KINDS:
            target = sharing_target if kind == "sharing" else ""
            repeated(f"{kind}, HTML", partial(_write, reader, kind), target, runs=3)
        tracemalloc.start()
        _write(reader, "sharing")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        row("sharing, most memory while writing", f"{peak / 1e6:9.1f} MB")


def _write(reader: Reader, kind: str) -> None:
    with io.BufferedWriter(_Nowhere()) as out:
        write(report(reader, kind, language="zh", on=date(2026, 1, 1)), "html", out)


if __name__ == "__main__":
    main()
