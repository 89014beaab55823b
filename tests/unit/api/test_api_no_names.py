"""No personal data by way of the API: planted in bodies, queries, addresses, headers and in what fails underneath."""

from __future__ import annotations

import json

import pytest

from bluelamp.cloud.dynamodb import ContentionError
from bluelamp.people.tokens import ProviderUnavailableError
from tests.unit.api.kit import event, token
from tests.unit.audit.test_audit_no_names import MARKS, NAME, PLANTED, betrayed

REF = "Zebedee-Quuxington-1"
WORD = "zebedee.quuxington"


@pytest.fixture
def logged(caplog):
    caplog.set_level("DEBUG")
    return lambda: [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]


def asked(whole):
    """Send what a careless or hostile person sends, wherever something can be sent."""
    reason = {"code": "abuse", "ref": REF}
    yield whole.call("POST", "/posts/pown/note", by="comms", body={"text": PLANTED})
    yield whole.call("POST", "/posts/pown/reply", by="comms", body={"text": PLANTED, "rev": 2})
    yield whole.call("POST", "/posts/pown/hide", by="comms", body={"reason": reason, "rev": 1})
    yield whole.call("POST", "/posts/pown/flag", by="comms", body={PLANTED: 1, "to": PLANTED, "reason": reason})
    yield whole.call("POST", "/posts/pown/note", by="comms", body=PLANTED)
    yield whole.call("GET", "/queue", by="comms", query={"account": WORD, PLANTED: PLANTED})
    yield whole.call("GET", "/queue", by="local", query={"account": WORD})
    yield whole.call("GET", "/queue", by="comms", query={"cursor": PLANTED})
    yield whole.call("GET", f"/posts/{WORD.replace('.', '-')}", by="comms")
    yield whole.call("GET", f"/posts/{WORD.replace('.', '-')}/history", by="admin")
    yield whole.call("GET", f"/exports/{WORD.replace('.', '-')}", by="comms")
    for name in ("officer", "rule", "correlation", "account", "post", "since", "type"):
        yield whole.call("GET", "/audit", by="auditor", query={name: WORD})
    words = {"kind": "search", "words": ["zebedee", "xylophone"], "since": "2026-11-01", "until": "2026-11-22"}
    yield whole.call("POST", "/exports", by="auditor", body={"scope": words, "purpose": "audit", "ref": "WP/2026/7"})
    yield whole.call("POST", "/exports", by="auditor", body={"scope": words, "purpose": "audit", "ref": REF})
    yield whole.call("POST", "/holds", by="auditor", body={"posts": ["pown"], "reason": "proceedings", "ref": REF})
    yield whole.call("GET", "/me", headers={"Authorization": f"Bearer {PLANTED}"})
    yield whole.call("GET", "/me", headers={"Authorization": f"Bearer {token(WORD)}"})
    yield whole.call("GET", "/me", headers={"Cookie": f"__Host-sid={WORD}; {PLANTED}"})
    yield whole.call("GET", "/auth/callback", query={"error": PLANTED, "state": PLANTED, "code": PLANTED})
    yield whole.call("GET", f"/{WORD}", by="comms")
    odd = event("POST", "/posts/pown/claim", {"Authorization": f"Bearer {token('admin')}"}, {})
    odd["requestContext"]["requestId"] = PLANTED
    yield whole.send(odd)


def test_what_is_sent_is_in_no_record_no_count_and_no_line(whole, logged):
    statuses = {answer.status for answer in asked(whole)}
    assert statuses == {200, 202, 400, 401, 403, 404, 422}
    assert betrayed(str([i for k, i in whole.table.items.items() if k[0].startswith("POST#")])) == set(MARKS)
    leaves = whole.outbox()
    assert {leaf["type"] for leaf in leaves} >= {"note", "intent", "denied", "search", "export"}
    assert [leaf for leaf in leaves if betrayed(json.dumps(leaf))] == []
    assert betrayed(str(whole.counts())) == set()
    assert [line for line in logged() if betrayed(line)] == []


@pytest.mark.parametrize("error", [RuntimeError(PLANTED), ContentionError(PLANTED), ProviderUnavailableError(PLANTED)])
def test_what_fails_underneath_is_told_without_its_words(whole, logged, error):
    def fail(_: str) -> None:
        raise error

    cookie = whole.cookie("comms")
    whole.table.faults.before = fail
    answer = whole.call("POST", "/posts/pown/claim", body={}, headers={"Cookie": f"__Host-sid={cookie}"})
    assert answer.status >= 500
    if answer.status == 500:
        assert not betrayed(answer.body)
        assert any(type(error).__name__ in line for line in logged())
    whole.table.faults.before = None
    assert [line for line in logged() if betrayed(line)] == []
    assert [leaf for leaf in whole.outbox() if betrayed(json.dumps(leaf))] == []


def test_the_names_of_officers_are_in_no_record(whole):
    person = whole.people.get("comms")
    by = whole.sessions.load(whole.cookie("admin")).actor()
    whole.people.change_person(person.id, rev=person.rev, by=by, name=NAME, email="zebedee@planted.example")
    whole.call("POST", "/posts/pown/claim", by="comms", body={})
    assert "zebedee" in whole.call("GET", "/posts/pown", by="control").body.casefold()
    assert [leaf for leaf in whole.outbox() if betrayed(json.dumps(leaf))] == []
