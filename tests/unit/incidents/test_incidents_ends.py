"""What comes to an end by itself must not stand in the way: offers that lapsed, posts that were read and not meant."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bluelamp.errors import ConflictError
from bluelamp.incidents import selecting
from bluelamp.incidents.model import Scope
from tests.support.world import idem


def close(desk, people):
    return desk.at.service.close(people.gold, desk.incident.id, rev=desk.incident.rev, idem=idem())


def test_a_job_that_nobody_agreed_to_in_time_does_not_keep_its_incident_open(desk, people):
    desk.arrive(*(f"you idiot {n}" for n in range(26)))
    job = desk.step(desk.preview().job, "start")
    with pytest.raises(ConflictError, match="have not ended"):
        close(desk, people)
    desk.world.pass_time(minutes=121)
    assert desk.job(job).can == ()
    assert close(desk, people).state == "closed"


def test_posts_that_were_read_and_not_meant_count_for_what_is_read_at_most(desk, monkeypatch):
    monkeypatch.setattr(selecting, "MOST_READ", 3)
    scope = desk.incident.scope.model_copy(update={"words": ("market",)})
    narrowed = desk.incident.model_copy(update={"scope": scope})
    desk.world.table.write(desk.at.store.put(narrowed.model_copy(update={"rev": narrowed.rev + 1})))
    desk.arrive("hello", "good morning", "good night", "idiot at the market")
    assert desk.preview().job.cut


@pytest.mark.parametrize("begin", ["2026-02-31T10:00:00Z", "2026-11-22T25:00:00Z"])
def test_a_time_that_there_is_not_is_no_beginning(begin):
    with pytest.raises(ValidationError):
        Scope(accounts=("x-1",), begin=begin)


def test_a_time_in_whole_seconds_is_compared_as_posts_are():
    assert Scope(accounts=("x-1",), begin="2026-11-22T10:00:00Z").begin == "2026-11-22T10:00:00.000Z"


def test_a_pause_whose_incident_never_heard_of_it_ends_with_the_incident(desk, people):
    ended = []

    class Switch:
        """Remembers whose pauses it was to end."""

        def resume(self, principal, *, accounts, incident, idem):
            ended.append(incident)

    desk.at.pausing = Switch()
    assert not desk.incident.paused
    close(desk, people)
    assert ended == [desk.incident.id]


def test_a_post_that_its_author_removed_stays_removed_when_its_job_is_stopped(desk):
    (post,) = desk.arrive("you idiot")
    job = desk.start()
    desk.at.work_all(desk.world.seal)
    at = desk.world.clock().isoformat()
    gone = {"is": "gone", "platform": "facebook", "account_native": "1", "native_id": "c0", "event_at": at}
    desk.world.ingest(gone)
    assert desk.post(post).state == "removed"
    desk.step(desk.job(job), "stop")
    desk.finish()
    assert (desk.post(post).state, desk.post(post).pending) == ("removed", None)
    assert desk.world.platform.calls == []
