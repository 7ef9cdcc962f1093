"""The command line in odd surroundings: pipes that close, full disks, no streams, other locales, small terminals."""

from __future__ import annotations

import os
import pty
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.command_line import COMMAND, process, run, written

PRINTING = [
    ("list", "categories"),
    ("list", "categories", "--format", "json"),
    ("flow", "list", "--format", "csv"),
    ("show", "location"),
    ("who-receives", "location"),
    ("coverage",),
    ("export",),
    ("report", "sharing"),
    ("report", "sharing", "--format", "csv"),
]
COLOUR = re.compile(r"\x1b\[[0-9;]*[34][0-9]")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry of the policy. It is shared: tests only ask."""
    store = tmp_path_factory.mktemp("demo") / "registry.db"
    assert run(store, "init", "--demo").code == 0
    return store


@pytest.mark.parametrize("command", PRINTING, ids=" ".join)
def test_whoever_has_read_enough_may_close_the_pipe(command: tuple[str, ...], demo: Path) -> None:
    with subprocess.Popen(
        [COMMAND, "--store", demo, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.read(1)
        running.stdout.close()

        told = running.stderr.read().decode()

    assert "Traceback" not in told
    assert "error" not in told.lower()


@pytest.mark.parametrize("command", PRINTING, ids=" ".join)
def test_a_full_disk_is_told(command: tuple[str, ...], demo: Path) -> None:
    with Path("/dev/full").open("w") as full:
        code, _, err = process(demo, *command, stdout=full)

    assert code == 1
    assert err.splitlines()[-1] == "error: the output cannot be written: No space left on device"
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("flow", "--help")], ids=" ".join)
def test_a_full_disk_is_told_by_help_too(arguments: tuple[str, ...], demo: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = process(demo, *arguments, stdout=full)

    assert (ended.code, ended.err) == (1, "error: the output cannot be written: No space left on device\n")


@pytest.fixture(scope="module")
def damaged(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry from which somebody removed one thing behind its back."""
    path = tmp_path_factory.mktemp("damaged") / "registry.db"
    with closing(sqlite3.connect(demo)) as whole, closing(sqlite3.connect(path)) as copy:
        whole.backup(copy)
        copy.execute("DELETE FROM nodes WHERE key = 'device-information'")
        copy.commit()
    return path


@pytest.mark.parametrize(
    "command",
    [
        *PRINTING,
        ("list",),
        ("show", "affiliate-experience-and-advertising"),
        ("flow", "list"),
        ("why", "location"),
        ("what-receives", "affiliates"),
        ("path", "users", "affiliates"),
        ("init",),
    ],
    ids=" ".join,
)
def test_a_file_that_lost_something_answers_nothing(command: tuple[str, ...], damaged: Path) -> None:
    ended = process(damaged, *command)

    assert ended == (
        1,
        "",
        f"error: {damaged}: the file is damaged: something in it is lost\n"
        "  hint: `registry restore` brings it back from a backup, or name another store: `registry --store PATH …`\n",
    )


def test_what_nobody_foresaw_ends_in_a_message_and_no_trace(demo: Path, tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with closing(sqlite3.connect(demo)) as whole, closing(sqlite3.connect(path)) as copy:
        whole.backup(copy)
        copy.execute("UPDATE nodes SET key = CAST(key AS BLOB) WHERE key = 'device-information'")
        copy.commit()

    ended = process(path, "export")

    assert ended.code == 1
    assert ended.err.startswith("error: the command failed, and should not have: ")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("command", PRINTING, ids=" ".join)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_ends_no_command(command: tuple[str, ...], closed: str, demo: Path) -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", f'"$0" "$@" {closed}', COMMAND, "--store", demo, *command],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "zh_CN.GBK", "PYTHONUTF8": "0"},
    ],
    ids=str,
)
def test_names_are_utf_8_in_every_locale(locale: dict[str, str], demo: Path) -> None:
    told = process(demo, "list", "recipients", "--lang", "zh", environment=locale)

    assert told == process(demo, "list", "recipients", "--lang", "zh")


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "zh_CN.GBK"])
def test_names_are_understood_in_every_locale(locale: str, demo: Path) -> None:
    found = process(demo, "who-receives", "位置信息", environment={"LC_ALL": locale})
    failed = process(demo, "who-receives", "定位信息。", environment={"LC_ALL": locale})

    assert (found.code, failed.code) == (0, 1)
    assert 'error: there is no category "定位信息。"' in failed.err


def test_arguments_that_are_no_text_are_names_of_nothing(demo: Path) -> None:
    told = process(demo, "show", b"\xff\xfe")

    assert told.code == 1
    assert told.err.startswith('error: there is no thing "\\udcff\\udcfe"\n')


def shown(demo: Path, *command: str, **environment: str) -> str:
    """What a terminal shows."""
    end, side = pty.openpty()
    running = subprocess.Popen(
        [COMMAND, "--store", demo, *command],
        stdout=side,
        stderr=side,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", **environment},
    )
    os.close(side)
    found = b""
    try:
        while data := os.read(end, 65_536):
            found += data
    except OSError:
        pass  # so Linux ends a terminal whose last writer is gone
    os.close(end)
    assert running.wait() == 0
    return found.decode()


@pytest.fixture(scope="module")
def coloured(demo: Path) -> str:
    return shown(demo, "who-receives", "location")


def test_colours_are_for_terminals(coloured: str, demo: Path) -> None:
    assert COLOUR.search(coloured)
    assert "\x1b" not in process(demo, "who-receives", "location").out
    assert not COLOUR.search(shown(demo, "who-receives", "location", NO_COLOR="1"))


def test_a_terminal_shows_the_same_words_as_a_pipe(coloured: str, demo: Path) -> None:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured).replace("\r\n", "\n")

    assert plain.split() == process(demo, "who-receives", "location", environment={"COLUMNS": "80"}).out.split()


@pytest.mark.parametrize("columns", ["0", "1", "-5", "many", "", "100000"])
def test_a_terminal_of_any_width_shows_everything(columns: str, demo: Path) -> None:
    code, out, _ = run(demo, "list", "recipients", COLUMNS=columns)

    assert code == 0
    assert written(run(demo, "list", "recipients", COLUMNS="3000").out) <= written(out)


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"TERM": ""}, {"HOME": "/nowhere"}], ids=str)
def test_other_surroundings_change_nothing(variables: dict[str, str], demo: Path) -> None:
    assert process(demo, "list", environment=variables) == process(demo, "list")
