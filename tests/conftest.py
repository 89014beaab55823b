"""Fixtures that several suites share: the deployed stack is started once, by the first test that asks for it."""

from __future__ import annotations

import socket

import pytest

from bluelamp import telemetry


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(autouse=True)
def _no_figures_left():
    """Powertools keeps the figures of a process in one place; what a test did not flush would show in the next."""
    telemetry.metrics.clear_metrics()


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """The local stack, deployed from the template, with IAM enforced; no trickle, so that tests are alone."""
    from bluelamp.cli.local.stack import Stack  # noqa: PLC0415 -- unit tests need none of it
    from tests.support.stack import RunningStack  # noqa: PLC0415

    # A port of its own, so that the tests run beside a stack that somebody has open on the usual one.
    with Stack(tmp_path_factory.mktemp("stack"), trickle=False, port=free_port()) as running:
        yield RunningStack(running)
