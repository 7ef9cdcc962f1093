"""What can be wrong with a file, a directory or a disk, and what is said of it."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from registry.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreMissing,
    StoreReadOnly,
    StoreVersion,
)
from registry.stores import open_store
from registry.stores.sqlite import SqliteStore

from .graphs import node, ref
from .processes import heard, is_root, run, started, tell

GPS = node("category:gps")
READ = """
try:
    store = SqliteStore(path)
    with store.reading() as reader:
        say("read", *(node.id.key for node in reader.all_nodes()))
except StoreError as error:
    say(type(error).__name__, error)
"""
WRITE = """
try:
    store = SqliteStore(path)
    with store.transaction() as transaction:
        transaction.put([category("new")], [])
    say("written")
except StoreError as error:
    say(type(error).__name__, error)
"""
DIE = """
import signal
store = SqliteStore(path)
with store.transaction() as transaction:
    transaction.put([category("logged")], [])
os.kill(os.getpid(), signal.SIGKILL)
"""


def held(path: Path) -> list[str]:
    with closing(SqliteStore(path)) as store, store.reading() as reader:
        return [one.id.key for one in reader.all_nodes()]


def everything(path: Path, create: bool) -> None:
    with closing(SqliteStore(path, create=create)) as store, store.reading() as reader:
        list(reader.all_nodes())
        list(reader.all_edges())


def change(path: Path, *statements: str) -> None:
    """Change the file behind the back of the registry."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(SqliteStore(tmp_path / "registry.db", create=True)) as store, store.transaction() as transaction:
        transaction.put([GPS], [])
    return tmp_path / "registry.db"


@pytest.fixture
def shared() -> Iterator[Path]:
    """A registry in a directory that anybody may enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        path = Path(directory, "registry.db")
        with closing(SqliteStore(path, create=True)) as store, store.transaction() as transaction:
            transaction.put([GPS], [])
        path.chmod(0o444)
        if not is_root():
            os.chmod(directory, 0o555)
        yield path
        os.chmod(directory, 0o755)


# what is not there


def test_a_store_that_is_missing_is_not_made_by_reading(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(StoreMissing) as missing:
        SqliteStore(path)

    assert str(missing.value) == f"{path}: there is no registry here"
    assert missing.value.hint.startswith(f"`registry --store {path} init` makes one")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "registry.db"
    with pytest.raises(StoreMissing) as missing:
        SqliteStore(path, create=True)

    assert str(missing.value) == f"{path}: there is no directory {path.parent}"


def test_a_directory_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="this is a directory"):
        SqliteStore(tmp_path, create=True)


def test_an_empty_file_holds_no_registry_until_one_is_made_in_it(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    path.touch()
    with pytest.raises(StoreMissing, match="the file holds no registry yet"):
        SqliteStore(path)
    SqliteStore(path, create=True).close()

    assert held(path) == []


def test_making_a_store_where_one_is_leaves_it_as_it_is(path: Path) -> None:
    SqliteStore(path, create=True).close()

    assert held(path) == ["gps"]


def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "50% of?it #1 登记.db"
    SqliteStore(path, create=True).close()

    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_file_that_takes_the_place_of_ours_is_the_one_that_is_read(path: Path, tmp_path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        with store.reading():
            pass
        with closing(SqliteStore(tmp_path / "other.db", create=True)) as other, other.transaction() as transaction:
            transaction.put([node("category:other")], [])
        os.replace(tmp_path / "other.db", path)
        with store.reading() as reader:
            keys = [one.id.key for one in reader.all_nodes()]
        path.unlink()
        with pytest.raises(StoreMissing), store.reading():
            pass

    assert keys == ["other"]


# what is damaged, or somebody else's


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_short(path: Path) -> None:
    os.truncate(path, 60)


def scribble_on_the_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(8)
        file.write(b"\xff" * 60)


def scribble_in_the_middle(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def write_a_text(path: Path) -> None:
    path.write_text("flows:\n  a: {}\n" * 100)


def another_application(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE bookmarks (url TEXT)")


def another_application_with_a_mark(path: Path) -> None:
    change(path, "PRAGMA application_id = 252006675")


def lose_a_table(path: Path) -> None:
    change(path, "DROP TABLE edges")


def spoil_properties(path: Path) -> None:
    change(path, "UPDATE properties SET properties = '{\"name\": 1.5}'")


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        cut_short,
        scribble_on_the_header,
        scribble_in_the_middle,
        write_a_text,
        another_application,
        another_application_with_a_mark,
        lose_a_table,
        spoil_properties,
    ],
)
@pytest.mark.parametrize("create", [False, True])
def test_a_damaged_or_strange_file_is_said_to_be_so_and_left_alone(
    path: Path, damage: Callable[[Path], None], create: bool
) -> None:
    damage(path)
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt) as corrupt:
        everything(path, create)

    assert str(corrupt.value).startswith(f"{path}: ")
    assert corrupt.value.hint == "bring the file back from a backup, or name another store: `registry --store PATH …`"
    assert path.read_bytes() == before


def test_a_file_of_a_newer_registry_is_left_alone(path: Path) -> None:
    change(path, "PRAGMA user_version = 99")
    with pytest.raises(StoreVersion) as newer:
        SqliteStore(path)

    assert "a newer registry made this file (its version is 99, ours 1)" in str(newer.value)
    assert newer.value.hint


def test_a_file_that_a_newer_registry_changes_while_it_is_open_is_no_longer_read(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        change(path, "PRAGMA user_version = 99")
        with pytest.raises(StoreVersion), store.reading():
            pass


def test_a_file_of_an_older_registry_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    change(path, "PRAGMA application_id = 1346982471")

    assert held(path) == []


# what may not be written


def test_a_store_opened_for_reading_only_is_not_written(path: Path) -> None:
    with closing(SqliteStore(path, read_only=True)) as store:
        with store.reading() as reader:
            count = reader.count()
        with pytest.raises(StoreReadOnly, match="opened for reading only"), store.transaction() as transaction:
            transaction.put([node("category:new")], [])

    assert count == {"DataCategory": 1}
    assert held(path) == ["gps"]


def test_who_may_only_read_the_file_reads_it_and_leaves_nothing_beside_it(shared: Path) -> None:
    assert run(READ, shared, few_rights=True) == ["read gps"]
    assert [entry.name for entry in shared.parent.iterdir()] == ["registry.db"]


def test_who_may_only_read_the_file_is_told_so_when_writing(shared: Path) -> None:
    assert run(WRITE, shared, few_rights=True) == [f"StoreReadOnly {shared}: the file may be read, not written"]


def test_who_may_write_the_file_but_not_its_directory_is_told_so(shared: Path) -> None:
    shared.chmod(0o666)

    assert run(WRITE, shared, few_rights=True) == [f"StoreReadOnly {shared}: the directory may be read, not written"]
    assert run(READ, shared, few_rights=True) == ["read gps"]


def test_who_may_not_even_read_the_file_is_told_so(shared: Path) -> None:
    shared.chmod(0o000)

    assert run(READ, shared, few_rights=True) == [f"StoreError {shared}: the file may not be read"]


@pytest.mark.skipif(not is_root(), reason="needs a second user who may write")
def test_who_may_only_read_sees_what_stands_in_the_log(shared: Path) -> None:
    with started(DIE, shared) as writer:
        writer.wait()

    assert sorted(entry.name for entry in shared.parent.iterdir()) == [
        "registry.db",
        "registry.db-shm",
        "registry.db-wal",
    ]
    assert run(READ, shared, few_rights=True) == ["read gps logged"]


@pytest.mark.skipif(not is_root(), reason="needs a second user who may write")
def test_a_log_that_cannot_be_read_is_not_passed_over(shared: Path) -> None:
    with started(DIE, shared) as writer:
        writer.wait()
    Path(f"{shared}-shm").unlink()

    (said,) = run(READ, shared, few_rights=True)

    assert said.startswith("StoreReadOnly")


READ_TWICE = """
store = SqliteStore(path)
try:
    with store.reading() as reader:
        say(*reader.count().values())
        wait()
        say(*reader.count().values())
except StoreError as error:
    say(error)
with store.reading() as reader:
    say(*reader.count().values())
"""


@pytest.mark.skipif(not is_root(), reason="needs a second user who may write")
def test_a_reading_without_a_log_is_called_off_when_somebody_writes_meanwhile(shared: Path) -> None:
    with started(READ_TWICE, shared, few_rights=True) as reader:
        before = heard(reader)
        with closing(SqliteStore(shared)) as store, store.transaction() as transaction:
            transaction.put([node("category:new")], [])
        tell(reader)
        during, error, afterwards = heard(reader), heard(reader), heard(reader)

    assert (before, during) == ("1", "1")
    assert error == f"{shared}: somebody wrote to it while it was read"
    assert afterwards == "2"


# no room


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = shutil.which("mount")
    place = tmp_path / "disk"
    place.mkdir()
    if mount is None or subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "none", place], check=False).returncode:
        pytest.skip("no right to mount a small disk")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    assert shutil.disk_usage(disk).free == 0


def test_a_full_disk_loses_nothing_and_is_written_again_once_there_is_room(small_disk: Path) -> None:
    path = small_disk / "registry.db"
    many = [node(f"category:c{number}", aliases=("x" * 500,)) for number in range(3_000)]
    with closing(SqliteStore(path, create=True)) as store:
        with store.transaction() as transaction:
            transaction.put([GPS], [])
        with pytest.raises(StoreFull) as full, store.transaction() as transaction:
            transaction.put(many, [])
        with store.reading() as reader:
            during = reader.count()
        with store.transaction() as transaction:
            transaction.put([node("category:new")], [])

    assert str(full.value) == f"{path}: no room is left; nothing was written"
    assert during == {"DataCategory": 1}
    assert held(path) == ["gps", "new"]


def test_a_registry_on_a_full_disk_can_be_read(small_disk: Path) -> None:
    path = small_disk / "registry.db"
    with closing(SqliteStore(path, create=True)) as store, store.transaction() as transaction:
        transaction.put([GPS], [])
    fill(small_disk)

    assert held(path) == ["gps"]
    with closing(SqliteStore(path)) as store, pytest.raises(StoreFull), store.transaction() as transaction:
        transaction.put([node("category:new")], [])


def test_no_room_to_make_a_store_is_said(small_disk: Path) -> None:
    fill(small_disk)

    with pytest.raises(StoreFull):
        SqliteStore(small_disk / "registry.db", create=True)


def test_a_limit_on_the_size_of_files_loses_nothing(path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    many = [node(f"category:c{number}", aliases=("x" * 500,)) for number in range(3_000)]
    with closing(SqliteStore(path)) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
        try:
            with pytest.raises(StoreFull), store.transaction() as transaction:
                transaction.put(many, [])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert held(path) == ["gps"]


# what ends


def test_a_reader_that_is_kept_too_long_shows_no_other_moment(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        with store.reading() as reader:
            nodes = reader.all_nodes()
        with pytest.raises(StoreError, match="this reading has ended"):
            reader.get([ref("category:gps")])
        with pytest.raises(StoreError, match="this reading has ended"):
            next(nodes)


# how a store is named


@pytest.mark.parametrize("url", ["registry.db", "sqlite:///registry.db", "sqlite:///./registry.db"])
def test_a_store_is_named_by_a_path_or_an_address(url: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with closing(open_store(url)) as store, store.reading() as reader:
        found = (store.url, reader.count())

    assert found == (f"sqlite:///{url.removeprefix('sqlite:///')}", {"DataCategory": 1})


def test_an_absolute_path_has_four_slashes(path: Path) -> None:
    with closing(open_store(f"sqlite:///{path}")) as store:
        assert store.url == f"sqlite:///{path}"


def test_a_store_of_an_unknown_kind_is_refused_without_telling_its_password() -> None:
    with pytest.raises(StoreError) as unknown:
        open_store("postgresql://joe:secret@host/registry")

    assert str(unknown.value) == "postgresql://host/registry: there is no kind of store called 'postgresql'"
    assert "sqlite:///" in unknown.value.hint


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///", "sqlite://registry.db"])
def test_an_address_without_a_path_is_refused(url: str) -> None:
    with pytest.raises(StoreError):
        open_store(url)
