import pytest

from tests.unit.retention.retention_kit import Office


@pytest.fixture
def office():
    return Office()
