"""How much a test tries: something of everything always, all of it many times over in the long run (`make soak`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

TIMES = int(os.environ.get("REGISTRY_SOAK", "1"))
"""How many times as many as always."""

_PHASES = {
    True: tuple(Phase),
    # A registry that fails is too large to be made smaller in bearable time.
    False: (Phase.explicit, Phase.reuse, Phase.generate),
}


_ALWAYS_OF_A_SERVER = 5
"""A server plans each new question for about a second. Always it is asked one in so many cases."""


def tried(number: int, *, shrink: bool = True, server: bool = False) -> settings:
    """The settings of a test that tries so many cases; on a server all of them in the long run only."""
    always = -(-number // _ALWAYS_OF_A_SERVER) if server else number
    return settings(
        max_examples=always if TIMES == 1 else number * TIMES,
        phases=_PHASES[shrink],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def on_stores(
    stores: Sequence[Any], numbers: dict[str, int], *strategies: SearchStrategy[Any], shrink: bool = True
) -> Callable[[Callable[..., None]], Callable[[str], None]]:
    """A test of each of the stores, the name of which is given first, with its own number of random cases."""

    def decorate(check: Callable[..., None]) -> Callable[[str], None]:
        @pytest.mark.parametrize("kind", stores)
        def test(kind: str) -> None:
            def of_kind(values: tuple[Any, ...]) -> None:
                check(kind, *values)

            of_kind.__qualname__ = f"{check.__qualname__}[{kind}]"
            tried(numbers[kind], shrink=shrink, server=kind == "neo4j")(given(st.tuples(*strategies))(of_kind))()

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        return test

    return decorate
