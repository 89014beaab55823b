"""Publishing, reading and acknowledging: each with its record, never half, and at most once."""

from __future__ import annotations

import base64
import hashlib
from datetime import date

import pytest

from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.guide.store import PART
from bluelamp.people.rules import NotPermittedError, decide
from tests.unit.guide.guide_kit import BY, TEXT, Small

SHA = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def small():
    return Small()


def test_publishing_is_recorded_by_its_hash_and_told_to_everybody(small):
    small.publish()
    (leaf,) = small.leaves()
    assert (leaf["type"], leaf["obj"]) == ("config", {"kind": "guide", "key": "2026.1"})
    assert leaf["guide"] == {
        "version": "2026.1", "day": "2026-11-22", "kind": "text", "sha256": SHA, "length": len(TEXT),
    }  # fmt: skip
    (notice,) = small.notices()
    assert (notice["kind"], notice["about"], small.woken) == ("guide_published", {"guide": "2026.1"}, 1)
    assert set(notice["to"]) == {f"role:{r}" for r in ("comms", "local", "control", "supervisor", "auditor", "admin")}


def test_a_version_is_never_changed(small):
    small.publish()
    small.leaves(), small.notices()
    with pytest.raises(ConflictError, match="never changed"):
        small.publish(body=b"Other words.")
    assert (small.leaves(), small.notices()) == ([], [])
    assert small.guides.content(small.as_("lena"), "2026.1").blocks[1].text == "Be kind."


def test_what_is_no_guide_writes_nothing(small):
    before = dict(small.table.items)
    for version, body in (("2026.1", b""), ("first", TEXT)):
        with pytest.raises(InvalidInputError):
            small.publish(version, body=body)
    assert small.table.items == before


def test_a_pdf_is_given_back_byte_for_byte(small):
    body = b"%PDF-1.7\n" + bytes(range(256)) * 5000
    assert len(body) > 4 * PART
    small.publish(body=body)
    opened = small.guides.content(small.as_("lena"), "2026.1")
    assert (opened.blocks, opened.parts, opened.guide.kind) == ((), 2, "pdf")
    given = [small.guides.part(small.as_("lena"), "2026.1", n).base64 for n in range(opened.parts)]
    assert b"".join(map(base64.b64decode, given)) == body
    with pytest.raises(NotFoundError):
        small.guides.part(small.as_("lena"), "2026.1", 2)
    assert [leaf["type"] for leaf in small.leaves()] == ["config", "view", "view", "view"]


def test_acknowledging_opens_the_gate_and_stands_on_what_follows(small):
    small.publish()
    assert decide(small.as_("lena"), "hide").reason_code == "guide_not_acknowledged"
    small.leaves()
    made = small.acknowledge("lena", "2026.1", SHA)
    (leaf,) = small.leaves()
    assert (leaf["type"], leaf["actor"]["sub"], leaf["guide"]["sha256"]) == ("attest", "lena", SHA)
    assert "guide_version" not in leaf["actor"], "it was not acknowledged before this record"
    assert decide(small.as_("lena"), "hide").allowed
    assert small.as_("lena").actor().guide_version == "2026.1"
    small.pass_days(1)
    assert small.acknowledge("lena", "2026.1", SHA) == made, "the first time counts"
    assert small.leaves() == []


def test_a_version_to_come_can_be_acknowledged_early_and_the_one_in_force_afterwards_not(small):
    small.publish("2026.1")
    later = small.publish("2026.2", date(2026, 12, 1), b"New words.")
    small.acknowledge("otto", "2026.1", SHA)
    small.acknowledge("lena", "2026.2", later)
    assert decide(small.as_("lena"), "hide").allowed
    with pytest.raises(ConflictError, match="later version"):
        small.acknowledge("lena", "2026.1", SHA)
    small.pass_days(10)
    assert decide(small.as_("lena"), "hide").allowed
    assert decide(small.as_("otto"), "hide").reason_code == "guide_not_acknowledged"
    assert small.as_("lena").actor().guide_version == "2026.2"


def test_what_was_not_seen_is_not_acknowledged(small):
    small.publish()
    with pytest.raises(ConflictError, match="Open it again"):
        small.acknowledge("lena", "2026.1", "0" * 64)
    with pytest.raises(NotFoundError):
        small.acknowledge("lena", "2026.7", SHA)
    assert small.people.get("lena").guide_version is None


def test_a_person_changed_meanwhile_loses_neither_change(small, monkeypatch):
    small.publish()
    transact, interfered = small.table.transact, []

    def late(writes, **how):
        if not interfered:
            interfered.append(1)
            small.people.change_person("lena", rev=small.people.get("lena").rev, by=BY, name="Lena B")
        transact(writes, **how)

    monkeypatch.setattr(small.table, "transact", late)
    small.acknowledge("lena", "2026.1", SHA)
    person = small.people.get("lena")
    assert (person.name, person.guide_version) == ("Lena B", "2026.1")


def test_two_who_publish_at_once_do_not_both_win(small, monkeypatch):
    transact, interfered = small.table.transact, []

    def late(writes, **how):
        if not interfered:
            interfered.append(1)
            small.publish("2026.2")
        transact(writes, **how)

    monkeypatch.setattr(small.table, "transact", late)
    with pytest.raises(ConflictError):
        small.publish("2026.1")
    assert [one.version for one in small.people.gate().guides] == ["2026.2"]
    assert small.store.version("2026.1") is None


def test_a_force_without_guide_and_courses_has_no_gate(small):
    assert decide(small.as_("lena"), "hide").allowed
    overview = small.guides.overview(small.as_("lena"))
    assert (overview.current, overview.versions, overview.mine.gate.open) == (None, (), True)


def test_the_overview_tells_versions_and_ones_own_state(small):
    small.publish("2026.1")
    small.publish("2026.2", date(2026, 12, 1), b"New words.")
    small.acknowledge("lena", "2026.1", SHA)
    found = small.guides.overview(small.as_("lena"))
    assert [(one.version, one.state) for one in found.versions] == [("2026.2", "to_come"), ("2026.1", "in_force")]
    assert found.current.version == "2026.1"
    assert [one.version for one in found.mine.acknowledged] == ["2026.1"]
    small.pass_days(10)
    assert [one.state for one in small.guides.overview(small.as_("lena")).versions] == ["in_force", "over"]


def test_what_is_asked_is_changed_on_the_record_and_by_nobody_else(small):
    made = small.guides.ask(small.as_("ada"), courses=["media", "law"], rev=0, idem=small.idem())
    assert (made.courses, made.rev) == (("law", "media"), 1)
    assert [leaf["change"] for leaf in small.leaves()] == [
        {"field": "course", "to": "law"},
        {"field": "course", "to": "media"},
    ]
    with pytest.raises(ConflictError):
        small.guides.ask(small.as_("ada"), courses=[], rev=0, idem=small.idem())
    with pytest.raises(NotPermittedError):
        small.guides.ask(small.as_("sam"), courses=[], rev=1, idem=small.idem())
    with pytest.raises(InvalidInputError, match="short name"):
        small.guides.ask_for(["Media Law"], BY)
    small.guides.ask_for(["law"], BY)
    assert small.leaves()[0]["change"] == {"field": "course", "from": "media"}
    assert decide(small.as_("lena"), "hide").reason_code == "training_missing"
