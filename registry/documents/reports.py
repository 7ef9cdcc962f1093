"""From the kind of a list to the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from registry.documents import collection, permissions, sharing
from registry.documents.document import LANGUAGES, Document, Heading, Operator, Part, ProductHead, Row
from registry.documents.flow_pages import Origin, origin
from registry.errors import UnknownName
from registry.lineage.naming import resolve
from registry.model.graph import PRODUCT
from registry.model.snapshot import Edge, Node, NodeId, Text
from registry.model.suggestions import nearest
from registry.stores.port import Direction, Reader


@dataclass(frozen=True, slots=True)
class _List:
    title: Text
    about: Text
    headings: Sequence[Heading]
    parts: Callable[[Origin], tuple[Part, ...]]
    published_parts: Callable[[Origin], tuple[Part, ...]]
    published_about: Text
    numbered: bool = True


_LISTS: Mapping[str, _List] = {
    "sharing": _List(
        sharing.TITLE, sharing.ABOUT, sharing.COLUMNS, sharing.parts, sharing.published_parts, sharing.ABOUT
    ),
    "collection": _List(
        collection.TITLE,
        collection.ABOUT,
        collection.COLUMNS,
        collection.parts,
        collection.parts,
        collection.PUBLISHED_ABOUT,
    ),
    "permissions": _List(
        permissions.TITLE,
        permissions.ABOUT,
        permissions.COLUMNS,
        permissions.parts,
        permissions.parts,
        permissions.ABOUT,
        numbered=False,
    ),
}

KINDS = tuple(_LISTS)


def report(
    reader: Reader,
    kind: str,
    *,
    language: str,
    on: date,
    product: str = "",
    published: bool = False,
    effective: date | None = None,
) -> Document:
    """Return the list ``kind`` (see `KINDS`), in `zh` or `en`, generated on the day ``on``, from active flows only.

    ``product`` limits it to one product. A ``published`` list has only what law and conventions ask for, and may say
    from which day it is ``effective``; any other has all that the registry knows. Rows are read while the document is
    written, from ``reader``. Raises `UnknownName` for a kind, a language or a product that there is none of.
    """
    made = _LISTS.get(kind)
    if made is None:
        raise _unknown("report", kind, KINDS)
    if language not in LANGUAGES:
        raise _unknown("language", language, LANGUAGES)
    source = origin(reader, product)
    parts = made.published_parts if published else made.parts
    return Document(
        kind,
        made.title,
        made.published_about if published else made.about,
        language,
        on,
        _products(source, product),
        tuple(made.headings),
        tuple(replace(part, read=_numbered(part.read)) for part in parts(source)),
        made.numbered,
        tuple(sorted({clause.document for clause in source.clauses.values()})),
        tuple(source.levels.values()),
        published,
        effective,
    )


def _unknown(what: str, name: str, known: Sequence[str]) -> UnknownName:
    listed = ", ".join(known)
    return UnknownName(f'there is no {what} "{name}"', nearest=nearest(name, known), hint=f"use one of: {listed}")


def _numbered(read: Callable[[], Iterator[Row]]) -> Callable[[], Iterator[Row]]:
    def rows() -> Iterator[Row]:
        for number, row in enumerate(read(), start=1):
            yield replace(row, number=number)

    return rows


def _products(source: Origin, product: str) -> tuple[ProductHead, ...]:
    """The products with every operator that the documents name, each with the clauses that name it."""
    reader = source.reader
    wanted = [resolve(reader, product, [PRODUCT])] if product else [node.id for node in reader.nodes(PRODUCT)]
    edges = reader.edges(["OPERATED_BY"], wanted, Direction.OUT)
    nodes = reader.get({*wanted, *(edge.target for edge in edges)})
    return tuple(_product(source, nodes, one, [edge for edge in edges if edge.source == one]) for one in wanted)


def _product(source: Origin, nodes: Mapping[NodeId, Node], product: NodeId, edges: Sequence[Edge]) -> ProductHead:
    node = nodes[product]
    operators = sorted(
        (_operator(source, nodes[edge.target], edge) for edge in edges),
        key=lambda one: min((clause.place for clause in one.clauses), default=("\uffff", 0, (), one.id.key)),
    )
    return ProductHead(product, node.name, tuple(operators), node.word("policy_date"), node.word("policy_url"))


def _operator(source: Origin, node: Node, edge: Edge) -> Operator:
    return Operator(
        node.id,
        node.text("legal_name") or node.name,
        node.text("address"),
        node.text("contact"),
        node.text("dpo_contact"),
        source.cited([edge]),
    )
