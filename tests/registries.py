"""Registries for the tests: from a few lines of YAML, or the real one of the policy, on every kind of store."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

from registry.lineage import Answer, Certainty
from registry.manifests import read_bytes
from registry.model.snapshot import Snapshot
from registry.planning import apply, plan, read_document, read_manifests
from registry.seeding import DEMO, VOCABULARY, seeds
from registry.stores.port import Reader, Store


class Registry:
    """A store with what the tests ask of it in few words."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def register(self, manifest: str) -> None:
        """Apply a manifest; names are given to whatever has none."""
        with self.store.reading() as reader:
            planned = plan(reader, declared(reader, manifest))
        apply(self.store, planned)

    def ask(self, question: Callable[..., Answer], *about: str, **options: object) -> Answer:
        """The answer to a question of `registry.lineage`."""
        with self.store.reading() as reader:
            return question(reader, *about, **options)


def declared(reader: Reader, manifest: str) -> Snapshot:
    """What a manifest in YAML declares; problems fail the test with their text. Several things may have one name."""
    problems: list[object] = []
    document = read_bytes(_named(dedent(manifest)).encode(), "test.yaml", problems)  # type: ignore[arg-type]
    assert document is not None, problems
    assert not problems
    return read_document(reader, document, same_name=True)


def _named(manifest: str) -> str:
    """The same with `name: {en: KEY, zh: KEY}` wherever an entry is written as `key: {…}` without a name."""
    lines = []
    for line in manifest.splitlines():
        key, colon, body = line.strip().partition(": {")
        if line.startswith("  ") and not line.startswith("   ") and colon and "name:" not in body:
            rest = f", {body}" if body != "}" else body
            line = f'  {key}: {{name: {{en: "{key}", zh: "{key}"}}{rest}'
        lines.append(line)
    return "\n".join(lines)


def load_demo(store: Store) -> None:
    """Load the vocabulary and the registry of the policy."""
    load(store, DEMO)


def load(store: Store, demo: str) -> None:
    """Load the vocabulary and one of the demos."""
    with store.reading() as reader:
        planned = plan(reader, read_manifests(reader, [seeds(VOCABULARY), seeds(demo)]))
    apply(store, planned)


def ends(answer: Answer, certainty: Certainty | None = None) -> list[str]:
    """The keys of an answer's rows; those of one certainty where it is given. "-" for rows without an end."""
    return [row.end.key if row.end else "-" for row in answer.rows if certainty in (None, row.certainty)]
