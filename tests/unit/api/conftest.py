import sys
from pathlib import Path

# Lambda puts the function's own folder on the path; so do these tests.
sys.path.insert(0, str(Path(__file__).parents[3] / "functions" / "api"))

import pytest

import parts
from tests.unit.api.kit import World
from tests.unit.api.kit_whole import Whole


@pytest.fixture
def world():
    made = World()
    before = parts.use(made)
    yield made
    parts.use(before)


@pytest.fixture
def whole():
    made = Whole()
    before = parts.use(made)
    yield made
    parts.use(before)
