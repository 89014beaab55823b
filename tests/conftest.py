"""Fixtures that several suites share: the deployed stack is started once, by the first test that asks for it."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """The local stack, deployed from the template, with IAM enforced; no trickle, so that tests are alone."""
    from bluelamp.cli.local.stack import Stack  # noqa: PLC0415 -- unit tests need none of it
    from tests.support.stack import RunningStack  # noqa: PLC0415

    with Stack(tmp_path_factory.mktemp("stack"), trickle=False) as running:
        yield RunningStack(running)
