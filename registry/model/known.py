"""What checking a manifest needs to know of the registry that it is for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from registry.model.snapshot import Edge, EdgeId, Node, NodeId


class Known(Protocol):
    """What the registry already holds, as far as checking needs it."""

    def keyed(self, keys: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes that bear each key or former key."""
        ...

    def same_names(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes of ``labels`` that answer to each name."""
        ...

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Every name of the nodes of ``labels``, with the key of a node that bears it."""
        ...

    def edges_named(self, names: Collection[str]) -> Iterable[EdgeId]:
        """Every edge with one of these names."""
        ...

    def aliases(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes of ``labels`` that have each name among their aliases."""
        ...

    def closed(self, flows: Collection[NodeId]) -> Mapping[NodeId, tuple[Node, Collection[Edge]]]:
        """Those of ``flows`` that are closed, with the edges that leave them."""
        ...


class Nothing:
    """A registry that holds nothing yet."""

    def keyed(self, keys: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """Nothing."""
        return {}

    def same_names(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """Nothing."""
        return {}

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def edges_named(self, names: Collection[str]) -> Iterable[EdgeId]:
        """Nothing."""
        return ()

    def aliases(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """Nothing."""
        return {}

    def closed(self, flows: Collection[NodeId]) -> Mapping[NodeId, tuple[Node, Collection[Edge]]]:
        """Nothing."""
        return {}
