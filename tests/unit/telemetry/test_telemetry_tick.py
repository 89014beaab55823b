"""One thing of the minute that fails is told and counted, and holds up none of the others."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bluelamp import wiring
from tests.unit.telemetry.test_telemetry_failures import CONTEXT, figures, function, the_line  # noqa: F401

# What the minute does, in its order, by the part that does it.
METHODS = {
    "renewing": "run",
    "tallies": "write",
    "statements": "write",
    "chasing": "run",
    "escalating": "run",
    "mornings": "tell",
    "guide_reminders": "run",
    "rights_reminding": "run",
    "unsettled": "run",
    "appeal_reminding": "run",
    "counting": "run",
    "looking": "run",
    "ending": "run",
}
# What calls platforms and can wait for a run that has the time.
PATIENT = ["looking", "ending"]
AMPLE = SimpleNamespace(**vars(CONTEXT) | {"get_remaining_time_in_millis": lambda: 48_000})


@pytest.fixture
def due(monkeypatch):
    ran = []

    def counted(name, value):
        def run():
            ran.append(name)
            if isinstance(value, Exception):
                raise value
            return value

        return run

    def put(**values):
        for factory, method in METHODS.items():
            part = SimpleNamespace(**{method: counted(factory, values.get(factory, 0))})
            monkeypatch.setattr(wiring, factory, lambda part=part: part)
        return ran

    return put


def test_everything_that_is_due_is_done_and_counted(due, function, capsys):  # noqa: F811
    ran = due(tallies=2, statements=3, chasing=1)
    function("tick")({}, AMPLE)
    assert ran == list(METHODS)
    found = figures(capsys)
    assert (found["RefusalTallies"], found["DaysStated"], found["ChecksNotDone"]) == ([2.0], [3.0], [1.0])


def test_what_fails_holds_up_nothing_else_and_the_run_counts_as_failed(due, function, caplog, capsys):  # noqa: F811
    ran = due(tallies=ValueError("broken"), chasing=1)
    with pytest.raises(ExceptionGroup, match="not everything"):
        function("tick")({}, AMPLE)
    assert ran == list(METHODS)
    assert (the_line(caplog).error, the_line(caplog).due) == ("ValueError", "RefusalTallies")
    found = figures(capsys)
    assert (found["RecordsFailed"], found["ChecksNotDone"]) == ([1.0], [1.0])


def test_what_can_wait_is_not_begun_when_little_time_is_left(due, function):  # noqa: F811
    ran = due()
    function("tick")({}, CONTEXT)
    assert ran == [name for name in METHODS if name not in PATIENT]
