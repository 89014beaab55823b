"""`bluelamp incident`: thin over the API, and nothing is ordered that was not asked for."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bluelamp.cli import incident, through

JOB = {
    "id": "J", "incident": "I", "verb": "hide", "posts": 30, "state": "waiting", "outcomes": {},
    "excluded": {"held": 2},
    "skipped": {}, "rev": 0, "digest": "d" * 64,
}  # fmt: skip


class FakeApi:
    """Notes what is asked."""

    def __init__(self) -> None:
        self.calls = []

    def get(self, path, **query):
        self.calls.append(("GET", path, query))
        return JOB if "/jobs/" in path else {"incident": {"id": "I", "state": "open", "code": "OAKLEAF", "rev": 4}}

    def post(self, path, body=None):
        self.calls.append(("POST", path, body))
        if path.endswith("/jobs"):
            return {"job": JOB}
        return JOB if "/steps" in path else {"id": "I", "state": "closed", "code": "OAKLEAF"}


@pytest.fixture
def api(monkeypatch):
    fake = FakeApi()
    monkeypatch.setattr(through, "api_of", lambda *_: fake)
    return fake


def run(*arguments):
    done = CliRunner().invoke(incident.incident, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


def test_a_preview_orders_nothing_and_says_what_is_left_alone(api):
    said = run("bulk", "I", "hide", "--word", "idiot")
    assert "left alone, held: 2" in said
    assert [call[1] for call in api.calls] == ["/incidents/I/jobs"]


def test_an_order_is_for_the_selection_that_was_previewed(api):
    said = run("bulk", "I", "hide", "--word", "idiot", "--order")
    assert "waits for a second person" in said
    assert api.calls[1] == ("POST", "/incidents/I/jobs/J/steps", {"step": "start", "rev": 0, "digest": "d" * 64})


def test_closing_names_the_revision_that_was_read(api):
    assert "OAKLEAF" in run("close", "I")
    assert api.calls[1] == ("POST", "/incidents/I/close", {"rev": 4})
