"""What the auditor sees of exports: asking, waiting, fetching, and what is recorded of each."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from bluelamp.cloud.memory import MemoryQueue
from bluelamp.cloud.sqs import QueueError
from bluelamp.errors import NotFoundError, RefusedError
from bluelamp.exports.model import AccountScope, PostsScope, Scope
from bluelamp.exports.rules import KEPT, LEASE, LINK, RESEND
from bluelamp.exports.service import NotReadyError
from bluelamp.exports.store import ExportStore
from bluelamp.people.matrix import OVERSIGHT
from bluelamp.people.rules import PERMISSIONS
from tests.support.world import idem, principal
from tests.unit.exports.export_kit import AUDITOR, REF
from tests.unit.exports.test_exports_building import DAY, leaves

NONE = PostsScope(kind="posts", posts=("pnone",))
OTHER = principal("auditor", name="Other Auditor").model_copy(update={"id": "other"})


def ask(force, by=AUDITOR, scope=NONE, key=None):
    return force.exports().create(by, scope=scope, purpose="audit", ref=REF, idem=key or idem())


def test_only_who_oversees_every_account_may_export():
    # An export shows posts of any account: nobody with a narrower view may be given the verb by a slip.
    may = {role for role, verbs in PERMISSIONS.items() if "export" in verbs}
    assert may == {"auditor"}
    assert may <= OVERSIGHT


@pytest.mark.parametrize("role", ["comms", "local", "control", "supervisor", "admin"])
def test_nobody_else_asks_lists_looks_or_fetches(force, role):
    job = ask(force)
    person = principal(role, teams=("north",))
    exports = force.exports()
    before = dict(force.table.items)
    for attempt in (
        lambda: ask(force, by=person),
        lambda: exports.list_for(person),
        lambda: exports.get(person, job.id),
        lambda: exports.link(person, job.id),
    ):
        with pytest.raises(RefusedError):
            attempt()
    assert force.table.items == before


def test_an_account_that_is_not_there(force):
    with pytest.raises(NotFoundError):
        ask(force, scope=AccountScope(kind="account", account="facebook-404", **DAY))


def test_the_list_is_newest_first_paged_bound_to_the_person_and_recorded(force):
    ids = [ask(force).id for _ in range(5)]
    first = force.exports().list_for(AUDITOR, limit=2)
    second = force.exports().list_for(AUDITOR, limit=2, cursor=first.next)
    third = force.exports().list_for(AUDITOR, limit=2, cursor=second.next)
    assert [e.id for page in (first, second, third) for e in page.exports] == ids[::-1]
    assert third.next is None
    with pytest.raises(Exception, match="cursor"):
        force.exports().list_for(OTHER, cursor=first.next)
    assert [leaf["query"]["view"] for leaf in leaves(force, "search")] == ["exports"] * 3


def test_waiting_for_ones_own_is_not_recorded_and_looking_at_anothers_is(force):
    job = ask(force)
    for _ in range(3):
        assert force.exports().get(AUDITOR, job.id).state == "queued"
    assert leaves(force, "view") == []
    force.exports().get(OTHER, job.id)
    (seen,) = leaves(force, "view")
    assert (seen["actor"]["sub"], seen["obj"]["key"]) == ("other", job.id)
    with pytest.raises(NotFoundError):
        force.exports().get(AUDITOR, "01ARZ3NDEKTSV4RRFFQ69G5FAV")


def test_a_job_whose_message_was_lost_is_sent_again_by_whoever_waits(force):
    class Deaf(MemoryQueue):
        def send(self, messages):
            raise QueueError("SQS does not answer")

    real, force.queue = force.queue, Deaf()
    job = ask(force)
    force.queue = real
    assert job.state == "queued"  # what is committed does not look failed
    force.exports().get(AUDITOR, job.id)
    assert real.messages == []  # not yet: it may be on its way
    force.pass_time(seconds=RESEND.total_seconds() + 1)
    for _ in range(3):
        force.exports().get(AUDITOR, job.id)
    assert [m.body["export_id"] for m in real.messages] == [job.id]


def test_a_job_whose_worker_was_killed_is_sent_again(force):
    force.write("c1")
    job = ask(force)
    store = ExportStore(force.table)
    store.take(store.get(job.id), "lease", force.now)
    sent = len(force.queue.messages)
    force.exports().get(AUDITOR, job.id)
    assert len(force.queue.messages) == sent
    force.pass_time(seconds=LEASE.total_seconds() + 1)
    force.exports().get(AUDITOR, job.id)
    assert len(force.queue.messages) == sent + 1


def test_a_link_is_for_a_finished_bag_and_short(force):
    job = ask(force)
    with pytest.raises(NotReadyError, match="not finished"):
        force.exports().link(AUDITOR, job.id)
    force.seal()
    done = force.building().run(job.id)
    link = force.exports().link(AUDITOR, job.id)
    assert f"seconds={int(LINK.total_seconds())}" in link.url
    assert (link.sha256, link.size) == (done.sha256, done.size)
    assert ExportStore(force.table).get(job.id).links == 1
    force.pass_time(days=KEPT.days)
    assert force.exports().get(AUDITOR, job.id).state == "expired"
    with pytest.raises(NotReadyError, match=r"kept until 29/11/2026 12:00:00\.000 GMT"):
        force.exports().link(AUDITOR, job.id)


def test_a_failed_export_has_no_link(force, monkeypatch):
    monkeypatch.setattr("bluelamp.exports.selecting.MOST_POSTS", 0)
    force.write("c1")
    job = ask(force, scope=AccountScope(kind="account", account="facebook-1", **DAY))
    force.seal()
    force.building().run(job.id)
    with pytest.raises(NotReadyError, match="too_many_posts"):
        force.exports().link(AUDITOR, job.id)


@pytest.mark.parametrize(
    "scope",
    [
        {"kind": "posts", "posts": []},
        {"kind": "posts", "posts": ["../x"]},
        {"kind": "posts", "posts": [f"p{n}" for n in range(501)]},
        {"kind": "account", "account": "facebook-1", "since": "2026-11-23", "until": "2026-11-22"},
        {"kind": "account", "account": "facebook-1", "since": "2026-02-30", "until": "2026-03-01"},
        {"kind": "search", "words": ["a"], **DAY},
        {"kind": "search", "words": [], **DAY},
        {"kind": "author", "author": "sam", **DAY},
        {"kind": "everything"},
        {"kind": "thread", "thread": "t1", "more": 1},
        {},
    ],
    ids=str,
)
def test_a_scope_that_makes_no_sense_is_refused(scope):
    with pytest.raises(ValidationError):
        TypeAdapter(Scope).validate_python(scope)
