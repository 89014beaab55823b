"""Fixtures that several suites share: the deployed stack is started once, by the first test that asks for it."""

from __future__ import annotations

import pytest

from bluelamp import telemetry


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """Keep all tests of the deployed stack in one worker, and the others of one file together.

    A worker starts the stack once; beside it the other one runs what brings a cloud of its own up. xdist reads the
    groups in this same hook, before any that is not a wrapper.
    """
    for item in items:
        group = "stack" if "stack" in getattr(item, "fixturenames", ()) else item.path.name
        item.add_marker(pytest.mark.xdist_group(group))
    return (yield)


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
