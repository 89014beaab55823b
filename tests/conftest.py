"""Fixtures that several suites share: the deployed stack is started once, by the first test that asks for it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from bluelamp import telemetry

# The same examples in every run, and none fails because the machine is busy: no test asserts how long something takes.
settings.register_profile("test", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
# `make check` tries fewer examples of each property than `make test` does.
settings.register_profile("check", settings.get_profile("test"), max_examples=20)
settings.load_profile("test")

# Files that need no deployed stack, or bring up one of their own.
BY_THEMSELVES = ("test_local_", "test_platforms_", "test_handlers_")


class _OneStack(LoadScopeScheduling):
    """Keeps all tests of the deployed stack in one worker, and the others of one file together.

    The stack is then started once, and beside it the other worker runs what brings up a cloud of its own.
    """

    def _split_scope(self, nodeid):
        file = nodeid.split("::")[0].rsplit("/")[-1]
        return file if file.startswith(BY_THEMSELVES) else "stack"


@pytest.hookimpl(optionalhook=True)  # pytest runs without xdist too
def pytest_xdist_make_scheduler(config, log):
    return _OneStack(config, log) if config.getoption("dist") == "loadscope" else None


def pytest_pycollect_makeitem(collector, name, obj):
    """Make no cases of what would be left out: to make thousands only to deselect them is a fifth of `make check`."""
    del name
    marks = getattr(obj, "pytestmark", ())
    if collector.config.option.markexpr == "not slow" and any(mark.name == "slow" for mark in marks):
        return []
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Say beside a failure on the deployed stack what its functions complained of."""
    report = yield
    running = getattr(item, "funcargs", {}).get("stack")
    if report.failed and hasattr(running, "trouble"):
        report.sections.append(("the deployed stack", running.trouble()))
    return report


@pytest.fixture(autouse=True)
def _no_figures_left():
    """Powertools keeps the figures of a process in one place; what a test did not flush would show in the next."""
    telemetry.metrics.clear_metrics()


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """The local stack, deployed from the template, with IAM enforced; no trickle, so that tests are alone."""
    from bluelamp.cli.local.stack import Stack  # noqa: PLC0415 -- unit tests need none of it
    from tests.support.stack import RunningStack, free_port  # noqa: PLC0415

    # A port of its own, so that the tests run beside a stack that somebody has open on the usual one.
    with Stack(tmp_path_factory.mktemp("stack"), trickle=False, port=free_port()) as running:
        yield RunningStack(running)
