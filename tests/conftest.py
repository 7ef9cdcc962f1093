"""How the tests are spread over processes, and in which language commands speak to them.

In continuous integration nothing may be skipped.
"""

from __future__ import annotations

import os

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

# No test takes its language from the machine that it runs on.
os.environ["REGISTRY_LANG"] = "en"


class _OneForServers(LoadScopeScheduling):  # type: ignore[misc]
    """One process runs all tests on servers, so that only it starts any; the others share the rest."""

    def _split_scope(self, nodeid: str) -> str:
        return "neo4j" if "neo4j" in nodeid else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return _OneForServers(config, log)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    skipped = reporter.stats.get("skipped", [])
    if os.environ.get("CI") and skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{len(skipped)} tests were skipped, which continuous integration does not allow", red=True)
