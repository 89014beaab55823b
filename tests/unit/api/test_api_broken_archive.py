"""An archive that is not as it was sealed: the API says which object, with a code of its own and no traceback."""

from __future__ import annotations

import json

import pytest

from bluelamp import telemetry
from bluelamp.audit.head import head_key
from bluelamp.audit.layout import pack, unpack

AUDIT, RECORD = "/audit", "/audit/2026/1"


@pytest.fixture
def sealed(whole, monkeypatch):
    monkeypatch.setattr(telemetry.metrics.provider, "namespace", "Bluelamp")
    assert whole.call("POST", "/posts/pown/claim", by="comms", body={}).status == 200
    whole.settle()
    (leaf,) = (record for record in whole.office.log() if record["type"] == "claim")
    whole.proof = f"/posts/pown/history/{leaf['id']}/proof"
    for path in (AUDIT, RECORD, whole.proof):
        assert whole.call("GET", path, by="comms").status == 200
    return whole


@pytest.fixture
def entries(sealed):
    """The name of the one bundle that holds record 1, and all bundles."""
    objects = sealed.office.evidence.objects
    return next(name for name in sorted(objects) if "/entries/" in name), objects


def refused(world, path, capsys):
    capsys.readouterr()
    answer = world.call("GET", path, by="comms")
    assert (answer.status, answer.json["code"]) == (500, "broken_archive"), answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["type"] == "urn:bluelamp:problem:broken_archive"
    assert "Traceback" not in answer.body
    assert "bluelamp archive verify" in answer.json["detail"]
    figures = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ArchiveBroken" in line]
    assert [one["ArchiveBroken"] for one in figures] == [[1.0]]
    return answer.json["detail"]


def test_a_missing_bundle(sealed, entries, capsys):
    name, objects = entries
    del objects[name]
    assert "2026" in refused(sealed, AUDIT, capsys)
    assert "holds leaf 1" in refused(sealed, RECORD, capsys)
    assert name in refused(sealed, sealed.proof, capsys)


@pytest.mark.parametrize("damage", [lambda raw: raw[:-1], lambda raw: raw + b"\x00", lambda _: b""])
def test_a_bundle_that_is_cut_padded_or_empty(sealed, entries, damage, capsys):
    name, objects = entries
    objects[name] = damage(objects[name])
    for path in (AUDIT, RECORD, sealed.proof):
        assert name in refused(sealed, path, capsys)


@pytest.mark.parametrize("body", [b"?", b"[]", b'{"id":1}', b'{"actor":7}', b"\xff", b"[" * 9_000])
def test_records_that_are_none(sealed, entries, body, capsys):
    name, objects = entries
    first, *others = unpack(objects[name])
    objects[name] = pack([first, *(body for _ in others)])
    assert "record 1 of 2026 " in refused(sealed, AUDIT, capsys)
    assert "does not lead to the root" in refused(sealed, RECORD, capsys)


def test_a_record_that_was_exchanged_is_not_given_with_a_proof(sealed, entries, capsys):
    name, objects = entries
    objects[name] = objects[name].replace(b'"comms"', b'"admin"')
    assert name in refused(sealed, RECORD, capsys)
    assert name in refused(sealed, sealed.proof, capsys)


@pytest.mark.parametrize("lead", [b"{}", b"7", b'{"seal":{"sealed_at":7}}'])
def test_a_commit_that_does_not_say_when_it_was_sealed(sealed, entries, lead, capsys):
    name, objects = entries
    _, *others = unpack(objects[name])
    objects[name] = pack([lead, *others])
    assert name in refused(sealed, AUDIT, capsys)
    answer = sealed.call("GET", AUDIT, by="comms", query={"until": "2026-12-24"})
    assert name in answer.json["detail"]


@pytest.mark.parametrize("note", ["?", "a\nmany\nb\n\n", "origin\n5\n?\n\n\N{EM DASH} a b\n"])
def test_a_checkpoint_that_cannot_be_read(sealed, note, capsys):
    sealed.table.items[head_key(2026)]["checkpoint"] = note
    for path in (AUDIT, RECORD, sealed.proof):
        assert "checkpoint of 2026 cannot be read" in refused(sealed, path, capsys)
    answer = sealed.call("GET", AUDIT, by="comms", query={"until": "2026-12-24"})
    assert answer.json["code"] == "broken_archive"


def test_what_is_broken_leaves_the_rest_readable(sealed, entries):
    name, objects = entries
    del objects[name]
    assert sealed.call("GET", "/posts/pown/history", by="comms").status == 200
