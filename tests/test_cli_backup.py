"""`registry backup` and `registry restore` as people run them."""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.command_line import process, run


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """The registry of the policy."""
    store = tmp_path / "registry.db"
    assert run(store, "init", "--demo").code == 0
    return store


def test_a_registry_is_backed_up_and_comes_back_as_it_was(demo: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    whole = run(demo, "export").out
    backed_up = run(demo, "backup", str(kept))
    closed = run(demo, "flow", "close", "account-and-transaction-risk-assessment", "--reason", "no longer")
    changed = run(demo, "export").out
    refused = run(demo, "restore", str(kept))
    still = run(demo, "export").out
    restored = run(demo, "restore", "--force", str(kept))

    assert backed_up == (0, "", f"{kept}: 1,642 nodes and 5,221 edges of sqlite:///{demo}\n")
    assert closed.code == 0
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"error: {demo}: there is something here already\n  hint: `--force`")
    assert restored == (0, "", f"{demo}: 1,642 nodes and 5,221 edges from {kept}\n")
    assert changed == still != whole
    assert run(demo, "export").out == run(kept, "export").out == whole


def test_a_damaged_registry_is_mended_as_the_hint_says(demo: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    run(demo, "backup", str(kept))
    whole = run(demo, "who-receives", "location")
    with closing(sqlite3.connect(demo)) as connection, connection:
        connection.execute("DELETE FROM nodes WHERE key = 'device-information'")

    hint = run(demo, "who-receives", "location").err
    assert "hint: `registry restore` brings it back from a backup" in hint
    assert run(demo, "restore", "--force", str(kept)).code == 0
    assert run(demo, "who-receives", "location") == whole


def test_where_a_file_is_kept_whose_place_was_taken_is_told(demo: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    run(demo, "backup", str(kept))
    demo.write_bytes(b"no registry" * 100)

    told = run(demo, "restore", "--force", str(kept))

    assert told.err.splitlines()[1] == f"what was there was damaged and is kept: {demo}.old-1"
    assert Path(f"{demo}.old-1").read_bytes() == b"no registry" * 100


def test_a_path_in_a_hint_can_be_pasted(demo: Path, tmp_path: Path) -> None:
    store = demo.rename(tmp_path / "my registry.db")

    hint = run(store, "restore", str(tmp_path / "kept.db")).err.rpartition("first: `")[2]

    assert shlex.split(hint.partition("`")[0]) == ["registry", "--store", str(store), "backup", "FILE"]


@pytest.mark.parametrize("url", ["memory://", "neo4j://joe:secret@host"])
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_store_that_is_no_file_is_refused(command: str, url: str, tmp_path: Path) -> None:
    ended = process(tmp_path, "--store", url, command, str(tmp_path / "kept.db"))

    assert ended.code == 1
    assert ended.err.startswith(f"error: {url.partition('://')[0]}://…: only a registry in an SQLite file is backed up")
    assert "secret" not in ended.err


def test_there_is_nothing_to_back_up_where_there_is_no_registry(tmp_path: Path) -> None:
    ended = run(tmp_path / "none.db", "backup", str(tmp_path / "kept.db"))

    assert ended.code == 1
    assert "there is no registry here" in ended.err
    assert list(tmp_path.iterdir()) == []
