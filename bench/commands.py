"""How long a person waits for a command, the start of the process included: python -m bench.commands"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .timing import machine, milliseconds, row

REGISTRY = str(Path(sys.executable).with_name("registry"))
"""The command beside the Python that runs this."""


def main() -> None:
    machine()
    print("\nwhole processes (median of 9, and the ratio to an empty Python process measured in the same run)")
    with tempfile.TemporaryDirectory() as directory:
        store = str(Path(directory, "registry.db"))
        _run((REGISTRY, "--store", store, "init", "--demo"))
        empty, _ = milliseconds(lambda: _run((sys.executable, "-c", "pass")))
        row("python -c pass", f"{empty:9.0f} ms")
        for arguments, target in (
            (("--help",), "150 ms"),
            (("who-receives", "location"), "400 ms"),
            (("what-receives", "affiliates"), ""),
            (("if-revoked", "camera"), ""),
            (("report", "sharing", "-o", str(Path(directory, "sharing.html"))), ""),
        ):
            middle, best = milliseconds(lambda given=arguments: _run((REGISTRY, "--store", store, *given)))  # type: ignore[misc]
            shown = " ".join(("registry", *arguments[:2]))
            row(shown, f"{middle:9.0f} ms", target, f"best {best:.0f} ms, {middle / empty:.1f} x python")


def _run(arguments: Sequence[str]) -> None:
    subprocess.run(arguments, check=True, capture_output=True)


if __name__ == "__main__":
    main()
