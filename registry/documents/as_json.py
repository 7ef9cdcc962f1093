"""A list as JSON: everything, with keys and in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TextIO

from registry.documents.aside import Gaps
from registry.documents.document import (
    Cell,
    Clause,
    Document,
    Entry,
    Heading,
    Level,
    Missing,
    Operator,
    ProductHead,
    Row,
    Tally,
)
from registry.model.snapshot import Json, Text


def write_json(document: Document, out: TextIO) -> Missing:
    """Write ``document``, a row on each line, and last the commands that would state what is missing."""
    out.write("{\n")
    for key, value in _top(document).items():
        out.write(f"{_dumped(key)}: {_dumped(value)},\n")
    out.write('"parts": [')
    tally = Tally(document)
    with Gaps() as gaps:
        gaps.add(tally.in_heading)
        out.writelines(_parts(document, tally, gaps))
        missing = tally.missing
        counts: Json = {"total": missing.total, "by_column": dict(missing.by_column)}
        out.write(f'\n],\n"rows": {tally.rows},\n"missing": {_dumped(counts)},\n"to_state": [')
        out.writelines(_separated(_gaps(gaps)))
    out.write("]\n}\n")
    return missing


def _parts(document: Document, tally: Tally, gaps: Gaps) -> Iterator[str]:
    for at, part in enumerate(document.parts):
        start = "," if at else ""
        yield f'{start}\n{{"key": {_dumped(part.key)}, "heading": {_dumped(_text(part.heading))}, "rows": ['
        yield from _separated(_rows(document, tally.over(part.read()), gaps))
        yield "]}"


def _rows(document: Document, rows: Iterable[Row], gaps: Gaps) -> Iterator[Json]:
    for row in rows:
        gaps.add(row.lacks)
        yield _row(document, row)


def _gaps(gaps: Gaps) -> Iterator[Json]:
    for activity, several in gaps.by_activity():
        for gap in several:
            yield {
                "activity": _text(activity) if activity else None,
                "of": _text(gap.subject),
                "columns": [*gap.keys],
                "command": gap.command,
            }


def _separated(values: Iterable[Json]) -> Iterator[str]:
    for at, value in enumerate(values):
        yield f"{',' if at else ''}\n{_dumped(value)}"


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text(text: Text) -> Json:
    return {"en": text.en, "zh": text.zh}


def _top(document: Document) -> dict[str, Json]:
    return {
        "kind": document.kind,
        "language": document.language,
        "title": _text(document.title),
        "about": _text(document.about),
        "generated_on": document.on.isoformat(),
        "products": [_product(product) for product in document.products],
        "sensitivity_levels": [_level(level) for level in document.levels],
        "columns": [_heading(heading) for heading in document.headings],
    }


def _product(product: ProductHead) -> Json:
    return {
        "key": product.id.key,
        "name": _text(product.name),
        "policy_date": product.policy_date,
        "policy_url": product.policy_url,
        "operators": [_operator(operator) for operator in product.operators],
    }


def _operator(operator: Operator) -> Json:
    return {
        "key": operator.id.key,
        "name": _text(operator.name),
        "address": _text(operator.address) if operator.address else None,
        "contact": _text(operator.contact) if operator.contact else None,
        "dpo_contact": _text(operator.officer) if operator.officer else None,
        "stated_in": [_clause(clause) for clause in operator.clauses],
    }


def _heading(heading: Heading) -> Json:
    law: Json = _text(heading.law) if heading.law else None
    return {"key": heading.key, "name": _text(heading.name), "mandatory": heading.mandatory, "law": law}


def _row(document: Document, row: Row) -> Json:
    cells = {heading.key: _cell(cell) for heading, cell in zip(document.headings, row.cells, strict=True)}
    return {
        "number": row.number,
        "depth": row.depth,
        "cells": {**cells},
        "stated_in": [_clause(clause) for clause in row.clauses],
        "flows": [*row.flows],
    }


def _cell(cell: Cell) -> Json:
    return {
        "state": cell.state.value,
        "values": [_entry(entry) for entry in cell.entries],
        "notes": [_text(note) for note in cell.notes],
    }


def _entry(entry: Entry) -> Json:
    found: dict[str, Json] = {"text": _text(entry.text)}
    if entry.id:
        found["reference"] = entry.id.reference
    if entry.url:
        found["url"] = entry.url
    if entry.optional:
        found["optional"] = True
    if entry.sensitive:
        found["sensitive"] = [_level(level) for level in entry.sensitive]
    return found


def _level(level: Level) -> Json:
    return {"key": level.key, "name": _text(level.name), "scheme": level.scheme}


def _clause(clause: Clause) -> Json:
    return {"key": clause.key, "document": clause.document, "number": clause.number}
