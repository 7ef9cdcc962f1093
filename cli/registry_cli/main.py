"""The command `registry`: its options, its subcommands, and how errors reach people.

Command modules import nothing but click when they are loaded; the library is imported by the command that runs.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from contextlib import suppress
from typing import IO, Any, NoReturn

import click

from registry.bilingual import LANGUAGES, Text
from registry.errors import InvalidInput, RegistryError, hinted, reason
from registry_cli.options import ENVIRONMENT, LANGUAGE, Nearest, language_of, usual_language

DEFAULT_STORE = "registry.db"
TRACE = "REGISTRY_TRACE"
"""The environment variable with which an unforeseen error is shown with its trace."""

# Where each command is found, so that `registry --help` and one command load no more than they need.
COMMANDS = {
    "init": "registry_cli.applying",
    "apply": "registry_cli.applying",
    "add": "registry_cli.registering",
    "change": "registry_cli.registering",
    "flow": "registry_cli.registering",
    "list": "registry_cli.listing",
    "show": "registry_cli.listing",
    "who-receives": "registry_cli.questions",
    "what-receives": "registry_cli.questions",
    "why": "registry_cli.questions",
    "where-from": "registry_cli.questions",
    "held-about": "registry_cli.questions",
    "if-revoked": "registry_cli.questions",
    "if-erased": "registry_cli.questions",
    "if-breached": "registry_cli.questions",
    "path": "registry_cli.questions",
    "combinations": "registry_cli.questions",
    "report": "registry_cli.reports",
    "coverage": "registry_cli.reports",
    "export": "registry_cli.reports",
    "backup": "registry_cli.backup",
    "restore": "registry_cli.backup",
    "copy": "registry_cli.backup",
}


class Failure(click.ClickException):
    """A registry error as people see it: what is wrong, then the next step, in their language, on standard error."""

    exit_code = 1

    def __init__(self, error: RegistryError, language: str) -> None:
        super().__init__(error.message.to(language))
        self.error = error
        self.language = language

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it: each problem of several, and their number."""
        if not isinstance(self.error, InvalidInput):
            self._show(self.error.message.to(self.language), self.error.hint)
            return
        problems = self.error.problems
        for problem in problems:
            self._show(f"{problem.place}: {problem.what.to(self.language)}", problem.hint)
        if len(problems) > 1:
            count = len(problems)
            told = Text(f"{count:,} problems; nothing was written", f"共{count:,}个问题；未写入任何内容")
            click.echo(told.to(self.language), err=True)

    def _show(self, message: str, hint: Text) -> None:
        start = Text("error: ", "错误：").to(self.language)
        click.echo(f"{start}{message}", err=True)
        if hint:
            click.echo(hinted(hint, self.language), err=True)


class Commands(Nearest):
    """A group whose commands are imported when they are used, and whose registry errors are shown, not traced."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a new user meets them."""
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        found = getattr(importlib.import_module(module), cmd_name.replace("-", "_") + "_command")
        return found if isinstance(found, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a registry error becomes a message and exit code 1."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except RegistryError as error:
            raise Failure(error, language_of(ctx)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever read our output has enough; click ends without a word
            raise _unwritten(error, language_of(ctx)) from error
        return result


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="personal-information-registry", prog_name="registry")
@click.option(
    "--store",
    envvar="REGISTRY_STORE",
    default=DEFAULT_STORE,
    metavar="URL",
    show_default=True,
    help="The registry: a file, sqlite:///path, or neo4j://host. Also read from REGISTRY_STORE.",
)
@LANGUAGE
@click.pass_context
def registry(ctx: click.Context, store: str, language: str) -> None:
    """The registry of personal information: which data moves, from whom, to whom, why, and on which basis.

    Begin with `registry init --demo`, then ask: `registry who-receives location`.
    """
    wanted = os.environ.get(ENVIRONMENT, "")
    if wanted and not wanted.lower().startswith(LANGUAGES):
        raise click.UsageError(f"{ENVIRONMENT} is {' or '.join(LANGUAGES)}, not {wanted!r}.")
    ctx.obj = store


def _unwritten(error: OSError, language: str) -> Failure:
    """What an error of the system means: where it names a file, that file; otherwise our output."""
    why = reason(error)
    if error.filename is not None:
        name = os.fsdecode(error.filename)
        return Failure(RegistryError(Text(f"{name}: {why.en}", f"{name}：{why.zh}")), language)
    _abandon(sys.stdout)
    what = Text(f"the output cannot be written: {why.en}", f"无法写出输出：{why.zh}")
    return Failure(RegistryError(what), language)


def _abandon(stream: IO[str]) -> None:
    """Give up what is still to be written, or Python would try again when it ends."""
    with suppress(OSError, ValueError):  # it may be closed already
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main() -> None:
    """Run the command line."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # it was closed on purpose
    for stream in (sys.stdout, sys.stderr):
        # Names are Chinese too: a terminal that cannot show them must not end the command.
        if hasattr(stream, "reconfigure") and (stream.encoding or "").lower().replace("-", "") != "utf8":
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        registry()
    except OSError as error:  # `--help` and `--version` print before any command runs
        _end(_unwritten(error, usual_language()))
    except Exception as error:  # people get a message; those who look for the fault ask for its trace
        if os.environ.get(TRACE):
            raise
        _end(Failure(_unforeseen(error), usual_language()))


def _unforeseen(error: Exception) -> RegistryError:
    what = f"{type(error).__name__}: {error}"
    return RegistryError(
        Text(f"the command failed, and should not have: {what}", f"命令意外失败：{what}"),
        hint=Text(
            "either the file of the registry is damaged (bring it back from a backup), or this is a fault "
            f"of the program: set {TRACE}=1 and run it again to see where",
            f"或是登记册的文件已损坏（请从备份恢复），或是程序有误：设置{TRACE}=1后重新运行，可看到出错位置",
        ),
    )


def _end(failure: Failure) -> NoReturn:
    failure.show()
    sys.exit(failure.exit_code)
