"""`registry report`, `registry coverage` and `registry export`: what leaves the registry."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from registry.bilingual import Text
from registry.errors import RegistryError, reason
from registry_cli.options import FORMAT, LANGUAGE, reading

if TYPE_CHECKING:
    from registry.documents import Document

FINDINGS = 3
"""The exit code when a check found something."""

_ANOTHER_FILE = Text("give another file with -o", "用-o另指一个文件")


@contextmanager
def _output(ctx: click.Context, path: str | None) -> Iterator[IO[bytes]]:
    """The file at ``path``, or standard output. A file appears only when it is whole."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    given = Path(path)
    # Through a link to what it leads to: the link stays.
    target = Path(os.path.realpath(path))
    if path and target in _files_of_store(ctx.obj):
        itself = Text(f"{path}: this is the registry itself", f"{path}：这就是登记册本身")
        raise RegistryError(itself, hint=_ANOTHER_FILE)
    try:
        if not path or given.is_dir():
            raise IsADirectoryError(errno.EISDIR, "this is a directory" if path else "the name is empty")
        if given.exists() and not given.is_file():
            # A pipe or a device takes what comes. The link to a pipe (/dev/stdout) leads to no name.
            with given.open("wb") as out:
                yield out
        else:
            with _whole(target) as out:
                yield out
    except OSError as error:
        why = reason(error) if path else Text(str(error.strerror), "名称为空")
        what = Text(f"{path or '-o'}: cannot be written: {why.en}", f"{path or '-o'}：无法写入：{why.zh}")
        raise RegistryError(what, hint=_ANOTHER_FILE) from error


def _files_of_store(url: str) -> set[Path]:
    """The files that may belong to the store at ``url``."""
    _, scheme, path = url.partition(":///")
    file = path if scheme else url
    return {Path(os.path.realpath(file + end)) for end in ("", "-wal", "-shm", "-journal")}


@contextmanager
def _whole(target: Path) -> Iterator[IO[bytes]]:
    """A file beside ``target`` that takes its place in the end, or leaves nothing."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with partial.open("xb") as out:
            yield out
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


@click.command("report")
@click.argument("kind", type=click.Choice(["sharing", "collection", "permissions"]))
@LANGUAGE
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "md", "csv", "json"]),
    default="html",
    show_default=True,
    help="Format of the list.",
)
@click.option(
    "--for",
    "audience",
    type=click.Choice(["publication", "work"]),
    default=None,
    help="publication: what law and conventions ask for, without keys, clauses or empty columns; the default for html "
    "and md. work: everything, first what is missing; the default for csv and json.",
)
@click.option("--product", default="", metavar="NAME", help="Only this product, where the registry has several.")
@click.option(
    "--effective", "effective", default=None, metavar="DATE", help="From when a published list holds; it says so."
)
@click.option("--strict", is_flag=True, help="Exit code 3 when anything mandatory is missing; the list is written.")
@click.option(
    "-o", "--output", "path", default=None, metavar="FILE", help="Write to this file instead of standard output."
)
@click.pass_context
def report_command(
    ctx: click.Context,
    /,
    kind: str,
    language: str,
    form: str,
    audience: str | None,
    product: str,
    effective: str | None,
    strict: bool,
    path: str | None,
) -> None:
    """Write a public list from the active flows.

    sharing: personal information shared with third parties; collection: personal information collected and used;
    permissions: device permissions and their use.
    """
    from registry.documents import PUBLISHED_FORMATS, report, write

    published = audience == "publication" or (audience is None and form in PUBLISHED_FORMATS)
    if published and form not in PUBLISHED_FORMATS:
        raise click.BadParameter(
            f"{form} is for work; lists for publication are {' or '.join(PUBLISHED_FORMATS)}", param_hint="--for"
        )
    if effective and not published:
        raise click.BadParameter("only a list for publication says from when it holds", param_hint="--effective")
    day = _day(effective)
    with reading(ctx) as reader:
        document = report(
            reader,
            kind,
            language=language,
            on=date.today(),
            product=product,
            published=published,
            effective=day,
        )
        with _output(ctx, path) as out:
            missing = write(document, form, out)
    if path:
        click.echo(f"wrote {path}", err=True)
    findings = [*_missing(missing.total, published=published), *(_contradictions(document) if published else ())]
    for finding in findings:
        click.echo(finding, err=True)
    if strict and findings:
        ctx.exit(FINDINGS)


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise click.BadParameter(f"{given!r} is no date; write it as 2026-05-01", param_hint="--effective") from None


def _missing(total: int, *, published: bool) -> Iterator[str]:
    """How much is missing, if anything."""
    if not total:
        return
    if published:
        items = "1 mandatory item is" if total == 1 else f"{total:,} mandatory items are"
        yield f"{items} not provided; `--for work` gives the command that states each"
    else:
        yield f"{'1 mandatory cell is' if total == 1 else f'{total:,} mandatory cells are'} missing"


def _contradictions(document: Document) -> Iterator[str]:
    """Products for which documents name different companies: a published list should name one."""
    for product in document.products:
        if len(product.operators) > 1:
            yield f"{product.name.en}: its documents name {len(product.operators)} companies as the handler"


@click.command("coverage")
@click.option("--document", default="", metavar="NAME", help="Only this document.")
@click.option("--uncovered", is_flag=True, help="Only clauses that nothing answers for.")
@LANGUAGE
@FORMAT
@click.pass_context
def coverage_command(ctx: click.Context, /, document: str, uncovered: bool, language: str, form: str) -> None:
    """List each clause with its facts, or the stated reason why it has none.

    Exit code 3 when a clause has neither.
    """
    from registry.coverage import coverage
    from registry.lineage.serialization import linked, text
    from registry_cli import rendering
    from registry_cli.tables import print_table

    with reading(ctx) as reader:
        rows = coverage(reader, document)
    missing = [row for row in rows if not row.covered]
    shown = missing if uncovered else rows
    if form == "json":
        rendering.print_json(
            [
                {
                    **linked(row.clause),
                    "covered": row.covered,
                    "facts": [linked(fact) for fact in row.facts],
                    "no_facts": None if row.reason is None else text(row.reason),
                }
                for row in shown
            ]
        )
    else:
        if form == "csv":
            headings = (
                "clause",
                "document",
                "number",
                "name_en",
                "name_zh",
                "covered",
                "facts",
                "no_facts_en",
                "no_facts_zh",
            )
            plain = [
                (
                    row.clause.id.key,
                    row.clause.word("document") or "",
                    row.clause.word("number") or "",
                    *row.clause.given_name,
                    str(row.covered).lower(),
                    " | ".join(fact.id.reference for fact in row.facts),
                    *(row.reason or ("", "")),
                )
                for row in shown
            ]
            rendering.print_csv([headings, *plain])
        cells = [
            (
                row.clause.id.key,
                row.clause.name.to(language),
                "; ".join(fact.id.reference for fact in row.facts)
                or (row.reason.to(language) if row.reason else {"en": "NOT COVERED", "zh": "未覆盖"}[language]),
            )
            for row in shown
        ]
        zh = language == "zh"
        titles = (
            ("条款", "标题", "事实或未登记事实的原因") if zh else ("Clause", "About", "Facts, or why there are none")
        )
        if form == "table":
            print_table(titles, cells)
    with_facts = sum(bool(row.facts) for row in rows)
    with_reason = sum(not row.facts and row.reason is not None for row in rows)
    counted = Text(
        f"{len(rows)} clauses: {with_facts} with facts, {with_reason} with a reason, {len(missing)} not covered",
        f"共{len(rows)}条：{with_facts}条有事实，{with_reason}条说明了原因，{len(missing)}条未覆盖",
    )
    click.echo(counted.to(language), err=True)
    if missing:
        ctx.exit(FINDINGS)


@click.command("export")
@click.option(
    "--format", "form", type=click.Choice(["json"]), default="json", show_default=True, help="Format of the export."
)
@click.option(
    "-o", "--output", "path", default=None, metavar="FILE", help="Write to this file instead of standard output."
)
@LANGUAGE
@click.pass_context
def export_command(ctx: click.Context, /, form: str, path: str | None, language: str) -> None:
    """Write the whole register with all names resolved."""
    from registry.exports import write_json

    with reading(ctx) as reader, _output(ctx, path) as out:
        text = io.TextIOWrapper(out, encoding="utf-8", newline="\n", write_through=True)
        write_json(reader, text)
        text.detach()
    if path:
        click.echo(Text(f"wrote {path}", f"已写入{path}").to(language), err=True)
