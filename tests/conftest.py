"""How the tests are spread over processes and runs, and in which language commands speak to them.

In continuous integration nothing may be skipped.
"""

from __future__ import annotations

import os

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.examples import TIMES

# No test takes its language from the machine that it runs on.
os.environ["REGISTRY_LANG"] = "en"


class _ByServer(LoadScopeScheduling):  # type: ignore[misc]
    """Two halves of the tests on servers stay together each, and all others go to whoever is free.

    What a server does longest is to plan what it was not asked before. So one is asked the questions, and another one
    all else.
    """

    def _split_scope(self, nodeid: str) -> str:
        if "neo4j" not in nodeid:
            return nodeid
        return "neo4j: questions" if nodeid.startswith("tests/lineage/") else "neo4j"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return _ByServer(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is marked so to the long run."""
    if TIMES == 1:
        later = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if item not in later]
        config.hook.pytest_deselected(items=later)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    skipped = reporter.stats.get("skipped", [])
    if os.environ.get("CI") and skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{len(skipped)} tests were skipped, which continuous integration does not allow", red=True)
