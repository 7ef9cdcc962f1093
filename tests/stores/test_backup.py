"""Backups: what they hold, what they never write over, and what is left of a restore that ends in the middle."""

from __future__ import annotations

import fcntl
import os
import random
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from registry.errors import StaleWrite, StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreVersion
from registry.model.snapshot import Edge, Node, Snapshot
from registry.planning import apply, plan
from registry.stores.sqlite import SqliteStore
from registry.stores.sqlite.backup import backup, path_of, restore

from .disks import fill, mounted
from .graphs import edge, node
from .processes import heard, is_root, run, started, tell

GPS = node("category:gps")
Held = tuple[list[Node], list[Edge]]


def held(path: Path) -> Held:
    with closing(SqliteStore(path)) as store, store.reading() as reader:
        return [*reader.all_nodes()], [*reader.all_edges()]


def keys(path: Path) -> list[str]:
    return [one.id.key for one in held(path)[0]]


def version(path: Path) -> int:
    with closing(SqliteStore(path)) as store, store.reading() as reader:
        return reader.version


def made(path: Path, *nodes: Node) -> Path:
    with closing(SqliteStore(path, create=True)) as store, store.transaction() as transaction:
        transaction.put(nodes, [])
    return path


def backed_up(path: Path, to: Path) -> Path:
    with closing(SqliteStore(path)) as store:
        backup(store, to)
    return to


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def entries(directory: Path) -> list[str]:
    return sorted(entry.name for entry in directory.iterdir())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made(tmp_path / "registry.db", GPS)


@pytest.fixture
def kept(path: Path, tmp_path: Path) -> Path:
    """A backup; since then another thing was registered."""
    backed_up(path, tmp_path / "kept.db")
    made(path, node("category:later"))
    return tmp_path / "kept.db"


# what a backup holds


def test_a_backup_holds_everything_and_leaves_nothing_beside_it(path: Path, tmp_path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        with store.transaction() as transaction:
            transaction.put(
                [node("flow:a", status="active"), node("recipient:r", aliases=("收", "r"))],
                [edge("flow:a", "carries", "category:gps", note="x"), edge("flow:a", "to", "recipient:r")],
            )
        contents = backup(store, tmp_path / "kept.db")

    assert contents == (2, 3, 2)
    assert entries(tmp_path) == ["kept.db", "registry.db"]
    assert held(tmp_path / "kept.db") == held(path)


def test_what_still_stands_in_the_log_is_in_the_backup(path: Path, tmp_path: Path) -> None:
    with closing(SqliteStore(path)) as store, closing(SqliteStore(path)) as other:
        with store.transaction() as transaction:
            transaction.put([node("category:logged")], [])
        assert Path(f"{path}-wal").stat().st_size > 0
        backup(other, tmp_path / "kept.db")

    assert keys(tmp_path / "kept.db") == ["gps", "logged"]


WRITER = """
store = SqliteStore(path, wait=60)
number = 0
while True:
    key = f"{os.getpid()}-{number}"
    with store.transaction() as transaction:
        transaction.put([flow(key), category(key)], [carries(key, key), carries(key, "gps")])
        version = transaction.version
    say(version, key)
    number += 1
"""


def test_backups_while_four_processes_write_are_each_of_one_moment_and_come_back_whole(
    path: Path, tmp_path: Path
) -> None:
    written: dict[int, str] = {}
    with ExitStack() as stack:
        writers = [stack.enter_context(started(WRITER, path)) for _ in range(4)]
        for writer in writers:
            number, key = heard(writer).split()
            written[int(number)] = key
        for name in ("first", "second", "third"):
            backed_up(path, tmp_path / f"{name}.db")
            time.sleep(0.2)
        restore(tmp_path / "second.db", tmp_path / "elsewhere.db")
        for writer in writers:
            writer.kill()
        for writer in writers:
            while line := heard(writer):
                number, key = line.split()
                written[int(number)] = key

    assert version(tmp_path / "first.db") < version(tmp_path / "second.db") < version(tmp_path / "third.db")
    for name in ("first", "second", "third"):
        seen = version(tmp_path / f"{name}.db")
        expected = at_version(written, seen)
        assert held(tmp_path / f"{name}.db") == expected
        restore(tmp_path / f"{name}.db", path, force=True)
        assert held(path) == expected
    assert held(tmp_path / "elsewhere.db") == held(tmp_path / "second.db")


def at_version(written: dict[int, str], seen: int) -> Held:
    """What the registry held after that many writes; the first registered a category."""
    lines = [written[number] for number in range(2, seen + 1)]
    nodes = [GPS, *(node(f"{noun}:{key}") for key in lines for noun in ("flow", "category"))]
    edges = [edge(f"flow:{key}", "carries", f"category:{to}") for key in lines for to in (key, "gps")]
    return sorted(nodes, key=lambda one: one.id), sorted(edges, key=lambda one: one.id)


def test_a_reader_and_a_writer_do_not_wait_for_a_backup_nor_it_for_them(path: Path, tmp_path: Path) -> None:
    with closing(SqliteStore(path, wait=0)) as store, store.reading() as reader, store.transaction() as transaction:
        transaction.put([node("category:new")], [])
        backed_up(path, tmp_path / "kept.db")
        seen = reader.count()

    assert (keys(tmp_path / "kept.db"), seen) == (["gps"], {"DataCategory": 1})


def test_who_may_read_the_registry_may_read_the_backup_and_nobody_else(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    backed_up(path, tmp_path / "kept.db")
    restore(tmp_path / "kept.db", tmp_path / "again.db")

    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("kept.db", "again.db")} == {0o640}


# what a backup does not write over


def test_a_file_is_not_written_over_unless_that_is_wanted(path: Path, kept: Path) -> None:
    before = kept.read_bytes()
    with closing(SqliteStore(path)) as store:
        with pytest.raises(StoreError, match="there is a file already") as refused:
            backup(store, kept)
        unchanged = kept.read_bytes() == before
        backup(store, kept, force=True)

    assert unchanged
    assert "--force" in refused.value.hint.en
    assert keys(kept) == ["gps", "later"]


def itself(path: Path) -> Path:
    return path


def its_log(path: Path) -> Path:
    return Path(f"{path}-wal")


def a_link_to_it(path: Path) -> Path:
    path.with_name("link").symlink_to(path)
    return path.with_name("link")


def a_second_name_of_it(path: Path) -> Path:
    os.link(path, path.with_name("second"))
    return path.with_name("second")


@pytest.mark.parametrize("target", [itself, its_log, a_link_to_it, a_second_name_of_it])
def test_the_registry_itself_is_never_written_over(target: Callable[[Path], Path], path: Path) -> None:
    with closing(SqliteStore(path)) as store, store.reading() as reader:
        with pytest.raises(StoreError, match="this is the registry itself"):
            backup(store, target(path), force=True)
        assert reader.count() == {"DataCategory": 1}

    assert keys(path) == ["gps"]


def test_a_registry_that_is_in_use_is_not_written_over(path: Path, tmp_path: Path) -> None:
    other = made(tmp_path / "other.db", node("category:other"))
    with ExitStack() as stack:
        used, store = (stack.enter_context(closing(SqliteStore(one))) for one in (other, path))
        stack.enter_context(used.reading())
        with pytest.raises(StoreError, match="a registry that somebody uses"):
            backup(store, other, force=True)

    assert keys(other) == ["other"]


def test_a_backup_is_not_put_where_a_log_was_left_behind(path: Path, tmp_path: Path) -> None:
    (tmp_path / "kept.db-wal").write_bytes(b"x")
    with closing(SqliteStore(path)) as store, pytest.raises(StoreError, match="somebody uses, or did not close"):
        backup(store, tmp_path / "kept.db")

    assert entries(tmp_path) == ["kept.db-wal", "registry.db"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "this is a directory"),
        ("nowhere/kept.db", "there is no directory"),
        ("x" * 300, "cannot be written: File name too long"),
        ("/dev/null", "this is no file"),
    ],
)
def test_a_place_where_no_file_can_be_is_told(name: str, said: str, path: Path, tmp_path: Path) -> None:
    with closing(SqliteStore(path)) as store, pytest.raises(StoreError, match=said) as refused:
        backup(store, tmp_path / name)

    assert refused.value.hint.en
    assert entries(tmp_path) == ["registry.db"]


def test_a_damaged_registry_is_not_backed_up_over_a_good_backup(path: Path, kept: Path) -> None:
    change(path, "DELETE FROM properties WHERE node = 1")
    with closing(SqliteStore(path)) as store, pytest.raises(StoreCorrupt) as corrupt:
        backup(store, kept, force=True)

    assert str(corrupt.value).startswith(f"{path}: ")
    assert keys(kept) == ["gps"]
    assert entries(path.parent) == ["kept.db", "registry.db"]


# restoring


def test_a_registry_that_is_gone_comes_back(path: Path, kept: Path) -> None:
    path.unlink()
    restored = restore(kept, path)

    assert restored == ((1, 1, 0), None)
    assert keys(path) == ["gps"]
    assert entries(path.parent) == ["kept.db", "registry.db"]


def test_a_registry_that_is_there_is_not_written_over_unless_that_is_wanted(path: Path, kept: Path) -> None:
    with pytest.raises(StoreError, match="there is something here already") as refused:
        restore(kept, path)
    untouched = keys(path)
    restore(kept, path, force=True)

    assert untouched == ["gps", "later"]
    assert "--force" in refused.value.hint.en
    assert keys(path) == ["gps"]
    assert entries(path.parent) == ["kept.db", "registry.db"]


def test_whoever_has_the_registry_open_reads_on_and_then_sees_what_was_restored(path: Path, kept: Path) -> None:
    with closing(SqliteStore(path)) as store:
        with store.reading() as reader:
            restore(kept, path, force=True)
            still = [one.id.key for one in reader.all_nodes()]
        with store.reading() as reader:
            then = [one.id.key for one in reader.all_nodes()]
        with store.transaction() as transaction:
            transaction.put([node("category:new")], [])

    assert (still, then, keys(path)) == (["gps", "later"], ["gps"], ["gps", "new"])


USING = """
store = SqliteStore(path)
for number in range(3):
    with store.reading() as reader:
        say(*(node.id.key for node in reader.all_nodes()))
    wait()
with store.transaction() as transaction:
    transaction.put([category("new")], [])
say("written")
"""


@pytest.mark.parametrize("gone", [False, True])
def test_another_process_notices_what_is_restored(gone: bool, path: Path, kept: Path) -> None:
    with started(USING, path) as other:
        said = [heard(other)]
        if gone:
            for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                file.unlink(missing_ok=True)
        restore(kept, path, force=True)
        tell(other)
        said.append(heard(other))
        restore(kept, path, force=True)
        tell(other)
        said.append(heard(other))
        tell(other)
        said.append(heard(other))

    assert said == ["gps later", "gps", "gps", "written"]
    assert keys(path) == ["gps", "new"]


def test_a_plan_that_was_made_before_is_out_of_date(path: Path, kept: Path) -> None:
    new = node("category:new")
    with closing(SqliteStore(path)) as store:
        with store.reading() as reader:
            planned = plan(reader, Snapshot({new.id: new}, {}))
        restore(kept, path, force=True)

        with pytest.raises(StaleWrite):
            apply(store, planned)


def test_a_restore_waits_for_a_write_and_gives_up_when_it_lasts(path: Path, kept: Path) -> None:
    with closing(SqliteStore(path)) as store, store.transaction() as transaction:
        transaction.put([node("category:held")], [])
        with pytest.raises(StoreLocked):
            restore(kept, path, force=True, wait=0.2)

    assert keys(path) == ["gps", "held", "later"]
    assert entries(path.parent) == ["kept.db", "registry.db"]


DIE = """
import signal
store = SqliteStore(path)
with store.transaction() as transaction:
    transaction.put([category("logged")], [])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("gone", [False, True])
def test_the_log_of_what_was_there_is_not_read_into_what_is_restored(gone: bool, path: Path, kept: Path) -> None:
    with started(DIE, path) as writer:
        writer.wait()
    assert Path(f"{path}-wal").stat().st_size > 0
    if gone:
        path.unlink()
    restored = restore(kept, path, force=True)

    assert keys(path) == ["gps"]
    # It may belong to a file that somebody moved away and wants back.
    assert restored.aside == (Path(f"{path}.old-1") if gone else None)
    assert Path(f"{path}.old-1-wal").exists() == gone


@pytest.mark.parametrize("linked", [False, True])
def test_a_backup_with_a_log_is_read_with_it(linked: bool, path: Path, kept: Path, tmp_path: Path) -> None:
    with started(DIE, kept) as writer:
        writer.wait()
    if linked:
        (tmp_path / "links").mkdir()
        (tmp_path / "links" / "kept.db").symlink_to(kept)
    restore(tmp_path / "links" / "kept.db" if linked else kept, path, force=True)

    assert keys(path) == ["gps", "logged"]


def test_a_file_that_others_wrote_with_sqlite_is_a_backup_too(path: Path, tmp_path: Path) -> None:
    change(path, f"VACUUM INTO '{tmp_path / 'copy.db'}'")
    restore(tmp_path / "copy.db", tmp_path / "again.db")
    with closing(SqliteStore(tmp_path / "again.db")) as store, store.reading(), store.transaction() as transaction:
        transaction.put([node("category:new")], [])

    assert keys(tmp_path / "again.db") == ["gps", "new"]


# damage


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def scribble_on_the_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xff" * 60)


def scribble_in_the_middle(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def write_a_text(path: Path) -> None:
    path.write_text("flows:\n  a: {}\n" * 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def begin(path: Path) -> None:
    path.unlink()
    change(path, "PRAGMA journal_mode = WAL")


def lose_a_node(path: Path) -> None:
    change(path, "DELETE FROM nodes")


def lose_an_index(path: Path) -> None:
    change(path, "DROP INDEX edges_by_target")


def spoil_properties(path: Path) -> None:
    change(path, "UPDATE properties SET properties = '[]'")


def another_application(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE bookmarks (url TEXT)")


DAMAGES = [cut, scribble_on_the_header, scribble_in_the_middle, write_a_text, lose_a_node, spoil_properties]


@pytest.mark.parametrize("damage", [*DAMAGES, empty, begin, another_application])
def test_a_backup_that_is_damaged_or_none_changes_nothing(
    damage: Callable[[Path], None], path: Path, kept: Path
) -> None:
    damage(kept)
    before = kept.read_bytes()
    with pytest.raises(StoreCorrupt) as corrupt:
        restore(kept, path, force=True)

    assert str(corrupt.value).startswith(f"{kept}: ")
    assert corrupt.value.hint.en == "name a file that `registry backup` wrote"
    assert keys(path) == ["gps", "later"]
    assert kept.read_bytes() == before
    assert entries(path.parent) == ["kept.db", "registry.db"]


def test_a_backup_of_a_newer_registry_changes_nothing(path: Path, kept: Path) -> None:
    change(kept, "PRAGMA user_version = 99")
    with pytest.raises(StoreVersion):
        restore(kept, path, force=True)

    assert keys(path) == ["gps", "later"]


@pytest.mark.parametrize("source", ["nothing.db", ".", "registry.db"])
def test_what_cannot_be_a_backup_is_told(source: str, path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        restore(path.parent / source, path, force=True)

    assert refused.value.hint.en == "name a file that `registry backup` wrote"
    assert keys(path) == ["gps"]
    assert entries(path.parent) == ["registry.db"]


@pytest.mark.parametrize("damage", [*DAMAGES, lose_an_index])
def test_a_damaged_registry_is_made_whole(damage: Callable[[Path], None], path: Path, kept: Path) -> None:
    damage(path)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="there is something here already"):
        restore(kept, path)
    _, aside = restore(kept, path, force=True)

    assert keys(path) == ["gps"]
    assert aside is None or aside.read_bytes() == before
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'edges_by_target'").fetchone() == (
            1,
        )


@pytest.mark.parametrize("nothing", [empty, begin])
def test_a_file_without_anything_is_filled(nothing: Callable[[Path], None], path: Path, kept: Path) -> None:
    nothing(path)
    restored = restore(kept, path)

    assert (restored.aside, keys(path)) == (None, ["gps"])


def test_a_file_of_another_application_is_not_written_over(path: Path, kept: Path) -> None:
    another_application(path)
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match="another application"):
        restore(kept, path, force=True)

    assert path.read_bytes() == before


# what ends in the middle

BACK_UP = """
store = SqliteStore(path)
say("begun")
while True:
    backup(store, path + ".kept", force=True)
"""
RESTORE = """
say("begun")
while True:
    for name in ("a", "b"):
        restore(path + "." + name, path, force=True)
"""
REPLACE = """
say("begun")
while True:
    with open(path, "wb") as file:
        file.write(b"damaged" * 1000)
    restore(path + ".a", path, force=True)
"""


def many(letter: str, count: int) -> list[Node]:
    return [node(f"category:{letter}{number}", aliases=(letter * 500,)) for number in range(count)]


def killed_at_any_time(code: str, path: Path, longest: float) -> Iterator[None]:
    dice = random.Random(20261125)
    for _ in range(8):
        with started(code, path) as other:
            heard(other)
            time.sleep(dice.uniform(0, longest))
            other.kill()
            other.wait()
        yield


def test_a_backup_that_is_killed_leaves_the_registry_and_the_backup_before_it(path: Path) -> None:
    made(path, *many("a", 1_500))
    whole = held(path)
    target = Path(f"{path}.kept")
    backed_up(path, target)

    for _ in killed_at_any_time(BACK_UP, path, 0.3):
        assert held(path) == whole
        assert held(target) == whole


def test_a_restore_that_is_killed_leaves_what_was_before_or_what_it_was_to_be(path: Path) -> None:
    sides = []
    for letter, count in (("a", 1_500), ("b", 700)):
        file = made(Path(f"{path}.{letter}"), *many(letter, count))
        sides.append(held(file))
    restore(f"{path}.a", path, force=True)

    for _ in killed_at_any_time(RESTORE, path, 0.4):
        assert held(path) in sides


def test_a_restore_in_the_place_of_a_damaged_file_that_is_killed_leaves_that_or_a_whole_registry(path: Path) -> None:
    whole = held(made(Path(f"{path}.a"), *many("a", 300)))

    for _ in killed_at_any_time(REPLACE, path, 0.2):
        try:
            assert held(path) == whole
        except StoreError:
            assert path.stat().st_size <= 7_000


def test_what_a_killed_backup_left_goes_with_the_next_and_what_one_is_at_work_on_stays(
    path: Path, tmp_path: Path
) -> None:
    for name in ("dead", "busy", "young"):
        for end in ("", "-wal", "-shm"):
            (tmp_path / f".registry-{name}.partial{end}").touch()
        if name != "young":
            os.utime(tmp_path / f".registry-{name}.partial", (0, 0))
    with (tmp_path / ".registry-busy.partial").open() as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        backed_up(path, tmp_path / "kept.db")

    assert [name for name in entries(tmp_path) if name.endswith(".partial")] == [
        ".registry-busy.partial",
        ".registry-young.partial",
    ]
    assert not [name for name in entries(tmp_path) if "dead" in name]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", 4) as disk:
        yield disk


def test_a_backup_to_a_full_disk_leaves_nothing_there(path: Path, small_disk: Path) -> None:
    made(path, *many("a", 500))
    fill(small_disk, leave=100_000)
    with closing(SqliteStore(path)) as store, pytest.raises(StoreFull) as full:
        backup(store, small_disk / "kept.db")

    assert str(full.value) == f"{small_disk / 'kept.db'}: no room is left; nothing was written"
    assert entries(small_disk) == ["ballast"]


@pytest.mark.parametrize("leave", [100_000, 1_200_000])
def test_a_restore_on_a_full_disk_leaves_what_was_there(leave: int, small_disk: Path, path: Path) -> None:
    source = made(path, *many("a", 120))
    assert 600_000 < source.stat().st_size < 1_100_000  # the second time there is room for the copy, and then no more
    there = made(small_disk / "there.db", node("category:there"))
    fill(small_disk, leave=leave)
    with pytest.raises(StoreFull):
        restore(source, there, force=True)

    assert keys(there) == ["there"]
    assert entries(small_disk) == ["ballast", "there.db"]


def test_a_limit_on_the_size_of_files_ends_a_backup_and_a_restore(path: Path, kept: Path, tmp_path: Path) -> None:
    made(path, *many("a", 500))
    whole = backed_up(path, tmp_path / "whole.db")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with closing(SqliteStore(path)) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        try:
            with pytest.raises(StoreFull):
                backup(store, tmp_path / "another.db")
            with pytest.raises(StoreFull):
                restore(whole, kept, force=True)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert keys(kept) == ["gps"]
    assert entries(tmp_path) == ["kept.db", "registry.db", "whole.db"]


# rights

KEEP = """
for work in (
    lambda: backup(SqliteStore(path), path + ".kept"),
    lambda: backup(SqliteStore(path), os.path.dirname(path) + "/open/kept.db"),
    lambda: restore(os.path.dirname(path) + "/open/kept.db", path, force=True),
):
    try:
        work()
        say("done")
    except StoreError as error:
        say(type(error).__name__, error)
"""


@pytest.mark.skipif(not is_root(), reason="needs a second user")
def test_who_may_only_read_a_registry_backs_it_up_elsewhere_and_does_not_restore_it(tmp_path: Path) -> None:
    place = Path(os.path.realpath(f"/tmp/registry-{os.getpid()}"))
    place.mkdir(0o755)
    try:
        path = made(place / "registry.db", GPS)
        (place / "open").mkdir()
        (place / "open").chmod(0o777)

        said = run(KEEP, path, few_rights=True)

        assert said == [
            f"StoreError {path}.kept: cannot be written: Permission denied",
            "done",
            f"StoreReadOnly {path}: the file may be read, not written",
        ]
        assert keys(place / "open" / "kept.db") == ["gps"]
    finally:
        for file in sorted(place.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        place.rmdir()


# how a store is named


@pytest.mark.parametrize("url", ["a b.db", "sqlite:///a b.db", "SQLite:///a b.db"])
def test_a_registry_in_a_file_is_named_as_everywhere(url: str) -> None:
    assert path_of(url) == Path("a b.db")


@pytest.mark.parametrize(
    "url", ["memory://", "neo4j://joe:secret@host", "bolt://host", "sqlite://host/x", "sqlite:///", ""]
)
def test_other_stores_are_refused_without_telling_a_password(url: str) -> None:
    with pytest.raises(StoreError) as refused:
        path_of(url)

    assert refused.value.hint.en
    assert "secret" not in str(refused.value)
