import pytest

from tests.unit.exports.export_kit import Force


@pytest.fixture
def force(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Force(scratch)
