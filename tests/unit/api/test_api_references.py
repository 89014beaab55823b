"""A case reference that is none: the answer says what one may hold, with an example, and repeats nothing."""

from __future__ import annotations

import pytest

from tests.unit.api.kit import ROUTES

HOLD = "/holds/01C0HVDZZZMMMMMMMMMMMMHVD0/release"
BODIES = [
    ("/exports", "auditor"),
    ("/holds", "auditor"),
    (HOLD, "auditor"),
    ("/disposals", "admin"),
]
WRONG = ["John Smith", "smith", "07700900123", "", "WP/2026/" + "7" * 60, "WP 2026", 7, None, ["WP/1"], "\ud800"]


@pytest.mark.parametrize(("path", "by"), BODIES)
@pytest.mark.parametrize("given", WRONG, ids=ascii)
def test_what_a_reference_may_hold_is_said(world, path, by, given):
    if path == HOLD and given is None:
        given = "none"
    body = ROUTES["POST", path][1] | {"ref": given}
    answer = world.call("POST", path, by=by, body=body)
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    (wrong,) = answer.json["errors"]
    assert wrong["at"] == "ref"
    assert "WP/2026/1234" in wrong["problem"]
    assert wrong["problem"] in answer.json["detail"]
    assert "pattern" not in answer.body
    assert "smith" not in answer.body.lower()
    assert "07700900123" not in answer.body
    assert world.outbox() == []
