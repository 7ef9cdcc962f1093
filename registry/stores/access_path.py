"""From which of a filter's conditions a store walks to the flows."""

from __future__ import annotations

from registry.stores.port import Ends, Where

Word = tuple[str, frozenset[str]]
"""A property and the values that it may have."""

Leading = Ends | Word | None


def leaders(where: Where) -> list[Leading]:
    """The conditions from which the flows can be walked to: edges where there are any, else words."""
    ends = [condition for condition in where.conditions if isinstance(condition, Ends) and not condition.absent]
    return [*ends] or [*where.properties.items()]
