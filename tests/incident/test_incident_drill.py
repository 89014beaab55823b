"""The drill, small: each intent one outcome, none lost, none twice, none before its seal, and the archive verifies."""

from __future__ import annotations

import pytest

from tests.incident.drill import Drill


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_small_incident_from_the_first_post_to_the_report(seed):
    found = Drill(seed, 100).run()
    assert found.bad == []
    assert found.rows["hidden at the height of it"] > 10
    assert found.rows["hidden at the end"] == 0
    assert found.rows["hidden by the standing rule"] > 5


@pytest.mark.slow
def test_the_same_seed_counts_the_same():
    first, second = (Drill(3, 60).run().rows for _ in range(2))
    assert first == second
