"""What can be wrong with a file, a directory or a disk, and what is said of it."""

from __future__ import annotations

import os
import resource
import shlex
import sqlite3
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from registry.errors import (
    Refused,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreMissing,
    StoreReadOnly,
    StoreVersion,
)
from registry.stores import open_store
from registry.stores.port import Where
from registry.stores.sqlite import SqliteStore
from registry.stores.sqlite.schema import LATEST

from .disks import fill, mounted
from .graphs import edge, node, ref
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
    assert missing.value.hint.en.startswith(f"`registry --store {path} init` makes one")
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


def test_a_file_that_was_begun_and_not_finished_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    change(path, "PRAGMA journal_mode = WAL")
    assert path.stat().st_size > 0
    with pytest.raises(StoreMissing, match="the file holds no registry yet"):
        SqliteStore(path)
    SqliteStore(path, create=True).close()

    assert held(path) == []


@pytest.mark.parametrize("name", ["my registry.db", "two\nlines.db", "it's.db", "$HOME;`ls`.db"])
def test_the_command_of_a_hint_can_be_pasted(name: str, tmp_path: Path) -> None:
    with pytest.raises(StoreMissing) as missing:
        SqliteStore(tmp_path / name)
    (tmp_path / name).mkdir()
    with pytest.raises(StoreError) as directory:
        SqliteStore(tmp_path / name)

    command, _, _ = missing.value.hint.en.rpartition("` makes one")
    assert shlex.split(command.removeprefix("`")) == ["registry", "--store", str(tmp_path / name), "init"]
    command = directory.value.hint.en.removeprefix("name a file in it: `").removesuffix("`")
    assert shlex.split(command) == ["registry", "--store", str(tmp_path / name / "registry.db"), "init"]


LONG = {"for SQLite": "x" * 250, "for the system": "x" * 256, "as a path": "d/" * 250 + "x"}


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("name", LONG.values(), ids=LONG)
def test_a_name_that_is_too_long_is_said_to_be_so(name: str, create: bool, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    with pytest.raises(StoreError) as long:
        SqliteStore(tmp_path / name, create=create)

    if create or len(name) == 256:
        assert str(long.value) == f"{tmp_path / name}: the name is too long"
        assert long.value.hint.en.startswith("give it a shorter one, or name another store")


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


def replace(path: Path) -> None:
    """Put another registry in the place of the one at the path."""
    with closing(SqliteStore(path.with_name("other.db"), create=True)) as other, other.transaction() as transaction:
        transaction.put([node("category:other")], [])
    for end in ("-wal", "-shm"):
        Path(f"{path}{end}").unlink()
    os.replace(path.with_name("other.db"), path)


def test_what_is_written_to_a_file_that_is_replaced_meanwhile_is_not_said_to_be_written(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        with pytest.raises(StoreError) as replaced, store.transaction() as transaction:  # noqa: PT012
            transaction.put([node("category:new")], [])
            replace(path)
        with store.transaction() as transaction:
            transaction.put([node("category:new")], [])

    assert str(replaced.value) == f"{path}: another file took its place during this write; it has nothing of it"
    assert held(path) == ["new", "other"]


WAIT_AND_WRITE = """
store = SqliteStore(path, wait=30)
with store.reading():
    pass
say("ready")
try:
    with store.transaction() as transaction:
        transaction.put([category("new")], [])
    say("written")
except StoreError as error:
    say(error)
"""


def test_a_write_that_waited_for_a_file_that_is_replaced_is_called_off(path: Path) -> None:
    with closing(SqliteStore(path)) as store, started(WAIT_AND_WRITE, path) as other:
        with pytest.raises(StoreError), store.transaction() as transaction:  # noqa: PT012
            transaction.put([node("category:a")], [])
            heard(other)
            time.sleep(0.3)  # by now it waits for us
            replace(path)
        said = heard(other)

    assert said in (
        f"{path}: another file took its place while this write waited; nothing was written",
        "written",  # it was late, and wrote to the new one
    )
    assert held(path) == (["new", "other"] if said == "written" else ["other"])


def test_a_clock_that_is_set_back_changes_nothing(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        for number, moment in enumerate((2_000_000_000, 0, 1_000_000_000)):
            with store.transaction() as transaction:
                transaction.put([node(f"category:c{number}")], [])
            for file in path.parent.iterdir():
                os.utime(file, (moment, moment))

            with store.reading() as reader:
                assert reader.count() == {"DataCategory": 2 + number}

    assert held(path) == ["c0", "c1", "c2", "gps"]


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


def spoil_a_text(path: Path) -> None:
    change(path, """UPDATE properties SET properties = CAST(x'7b226e616d65223a22b6227d' AS TEXT)""")


def spoil_the_schema(path: Path) -> None:
    held = bytearray(path.read_bytes())
    held[held.index(b"CREATE TABLE edges") + 8] = 0xB6
    path.write_bytes(held)


def leave_one_byte(path: Path) -> None:
    path.write_bytes(b"S")


def nest_properties(path: Path) -> None:
    change(path, f"UPDATE properties SET properties = '{'[' * 100_000}'")


def lose_the_version(path: Path) -> None:
    change(path, "DELETE FROM registry")


def lose_a_node(path: Path) -> None:
    change(path, "DELETE FROM nodes WHERE key = 'a'")


def lose_the_last_node(path: Path) -> None:
    change(path, "DELETE FROM nodes WHERE id = (SELECT max(id) FROM nodes)")


def lose_all_nodes(path: Path) -> None:
    change(path, "DELETE FROM nodes")


def lose_properties(path: Path) -> None:
    change(path, "DELETE FROM properties WHERE node = 1")


def lose_a_term(path: Path) -> None:
    change(path, "DELETE FROM terms WHERE id = 1")


def lead_nowhere(path: Path) -> None:
    change(path, "UPDATE edges SET target = 99")


def come_from_nowhere(path: Path) -> None:
    change(path, "UPDATE edges SET source = -1")


def be_of_no_type(path: Path) -> None:
    change(path, "UPDATE edges SET type = 99")


def name_nothing(path: Path) -> None:
    change(path, "UPDATE names SET node = 99 WHERE node = 1")


def refer_by_a_word(path: Path) -> None:
    change(path, "UPDATE edges SET target = 'gps'")


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
        spoil_a_text,
        spoil_the_schema,
        leave_one_byte,
        nest_properties,
        lose_the_version,
        lose_a_node,
        lose_the_last_node,
        lose_all_nodes,
        lose_properties,
        lose_a_term,
        lead_nowhere,
        come_from_nowhere,
        be_of_no_type,
        name_nothing,
        refer_by_a_word,
    ],
)
@pytest.mark.parametrize("create", [False, True])
def test_a_damaged_or_strange_file_is_said_to_be_so_and_left_alone(
    path: Path, damage: Callable[[Path], None], create: bool
) -> None:
    with closing(SqliteStore(path)) as store, store.transaction() as transaction:
        transaction.put([node("flow:a"), node("flow:b")], [edge("flow:a", "carries", "category:gps")])
    damage(path)
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt) as corrupt:
        everything(path, create)

    assert str(corrupt.value).startswith(f"{path}: ")
    assert (
        corrupt.value.hint.en
        == "`registry restore` brings it back from a backup, or name another store: `registry --store PATH …`"
    )
    assert path.read_bytes() == before


SECRET = "the blood group of Li Lei"


@pytest.mark.parametrize(
    "spoil", ["substr(properties, 2)", "CAST(properties || x'b6' AS TEXT)", "'{\"name\": [[' || properties"]
)
def test_what_was_in_a_damaged_file_is_not_told(spoil: str, path: Path) -> None:
    with closing(SqliteStore(path)) as store, store.transaction() as transaction:
        transaction.put([node("category:secret", aliases=(SECRET,))], [])
    change(path, f"UPDATE properties SET properties = {spoil}")
    with pytest.raises(StoreCorrupt) as corrupt:
        held(path)

    assert SECRET not in "".join(traceback.format_exception(corrupt.value))


def test_a_flow_that_is_lost_is_missed_by_the_words_that_lead_to_it(path: Path) -> None:
    flow = node("flow:a", status="active")
    with closing(SqliteStore(path)) as store:
        with store.transaction() as transaction:
            transaction.put([flow], [])
        change(path, "UPDATE words SET flow = 99")

        with pytest.raises(StoreCorrupt), store.reading() as reader:
            reader.flows(Where(properties={"status": frozenset(("active",))}))


def test_a_node_that_lost_its_names_is_missed_among_the_names(path: Path) -> None:
    change(path, "DELETE FROM names")

    with pytest.raises(StoreCorrupt), closing(SqliteStore(path)) as store, store.reading() as reader:
        reader.names([])


def test_a_row_that_is_lost_while_the_file_is_open_is_missed(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        with store.reading():
            pass
        change(path, "DELETE FROM nodes")

        with pytest.raises(StoreCorrupt), store.reading():
            pass
        with pytest.raises(StoreCorrupt), store.transaction():
            pass


def test_a_write_that_was_undone_leaves_no_gap(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        for _ in range(2):
            with pytest.raises(Refused), store.transaction() as transaction:
                transaction.put([node("flow:a"), node("flow:b")], [edge("flow:a", "carries", "category:none")])
            with suppress(Refused), store.transaction() as transaction:
                with suppress(Refused):
                    transaction.put([node("flow:a", status="active")], [edge("flow:a", "carries", "category:none")])
                transaction.put([node("flow:c"), node("flow:d", status="retired")], [])

    assert held(path) == ["gps", "c", "d"]


def test_a_file_of_a_newer_registry_is_left_alone(path: Path) -> None:
    change(path, "PRAGMA user_version = 99")
    with pytest.raises(StoreVersion) as newer:
        SqliteStore(path)

    assert f"a newer registry made this file (its version is 99, ours {LATEST})" in str(newer.value)
    assert newer.value.hint.en


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


MAKE = """
try:
    SqliteStore(path, create=True)
except StoreError as error:
    say(type(error).__name__, error)
"""


def test_who_may_not_write_a_directory_is_told_so_when_making_a_registry_in_it(shared: Path) -> None:
    new = shared.with_name("new.db")

    assert run(MAKE, new, few_rights=True) == [
        f"StoreReadOnly {new}: nothing can be made in {new.parent}: the directory may not be written"
    ]


def test_who_may_not_enter_a_directory_is_told_so(shared: Path) -> None:
    shared.parent.chmod(0o600)

    for code in (READ, WRITE, MAKE):
        assert run(code, shared, few_rights=True) == [
            f"StoreError {shared}: a directory on the way to it may not be entered"
        ]


READ_AND_WRITE_AGAIN = """
store = SqliteStore(path)
def tried(*what):
    try:
        with store.transaction() as transaction:
            transaction.put([category(one) for one in what], [])
        with store.reading() as reader:
            say(*reader.count().values())
    except StoreError as error:
        say(type(error).__name__, error)
for number in range(5):
    tried(str(number))
    wait()
"""


@pytest.mark.skipif(not is_root(), reason="needs a second user who may write")
def test_rights_that_are_taken_away_and_given_back_end_no_process(shared: Path) -> None:
    shared.chmod(0o666)
    shared.parent.chmod(0o777)
    with started(READ_AND_WRITE_AGAIN, shared, few_rights=True) as other:
        said = [heard(other)]
        for file, directory in ((0o444, 0o777), (0o666, 0o000), (0o666, 0o555), (0o666, 0o777)):
            shared.chmod(file)
            shared.parent.chmod(directory)
            tell(other)
            said.append(heard(other))

    # What is open stays so: a right to write that is taken away counts from the next time that it is opened.
    assert said == ["2", "3", f"StoreError {shared}: a directory on the way to it may not be entered", "4", "5"]


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
def test_who_may_only_read_sees_what_stands_in_the_log_through_a_link_too(shared: Path) -> None:
    with started(DIE, shared) as writer:
        writer.wait()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        link = Path(directory, "link.db")
        link.symlink_to(shared)

        assert run(READ, link, few_rights=True) == ["read gps logged"]
        assert [entry.name for entry in Path(directory).iterdir()] == ["link.db"]


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
    with mounted(tmp_path / "disk") as disk:
        yield disk


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
    assert "sqlite:///" in unknown.value.hint.en


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///", "sqlite://registry.db"])
def test_an_address_without_a_path_is_refused(url: str) -> None:
    with pytest.raises(StoreError):
        open_store(url)
