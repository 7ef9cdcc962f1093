"""Disks without room."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def mounted(place: Path, megabytes: int = 1) -> Iterator[Path]:
    """A disk of a few megabytes at ``place``; the test is skipped where it may not be mounted."""
    mount = shutil.which("mount")
    place.mkdir()
    command = ["-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(place)]
    if mount is None or subprocess.run([mount, *command], check=False).returncode:
        pytest.skip("no right to mount a small disk")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(disk: Path, *, leave: int = 0) -> None:
    """Write to the disk until there is no more room than ``leave`` bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    assert shutil.disk_usage(disk).free == 0
    with ballast.open("r+b") as file:
        file.truncate(max(0, ballast.stat().st_size - leave))
