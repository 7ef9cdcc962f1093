"""Answers as tables for people, and as JSON or CSV for machines."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence

from registry.lineage import Answer
from registry.lineage.serialization import as_json
from registry.model.snapshot import Json
from registry_cli.answer_csv import csv_rows
from registry_cli.details import print_details
from registry_cli.overview import Shown, print_overview


def print_answer(answer: Answer, form: str, language: str, shown: Shown) -> None:
    """Print ``answer`` to standard output as ``table``, ``json`` or ``csv``; as a table, what is ``shown`` of it."""
    if form == "json":
        print_json(as_json(answer))
    elif form == "csv":
        print_csv(csv_rows(answer, language))
    elif shown.details:
        print_details(answer, language)
    else:
        print_overview(answer, language, shown)


def print_json(value: Json) -> None:
    """Print JSON, readable and complete."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_csv(rows: Iterable[Sequence[str]]) -> None:
    """Print rows as CSV (RFC 4180), cells made safe for spreadsheets."""
    from registry.documents.as_csv import harmless

    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
