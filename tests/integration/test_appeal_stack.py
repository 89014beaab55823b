"""An appeal from its draft to its takedown, on the deployed stack and every platform, with a film of five minutes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from bluelamp.audit.verify import verify
from bluelamp.cli.attaching import attach
from bluelamp.cli.desk import Desk
from bluelamp.cli.local.force import people
from tests.support.films import box, film
from tests.support.stack import until

pytestmark = pytest.mark.stack

# Publishing calls each platform several times, looks at films, and waits for each seal.
PATIENCE = 120
CLIP = film(seconds=300) + box(b"free", bytes(17 * 1024 * 1024))
# X takes no more than 140 seconds: what was cut for it is a publication of its own.
CUT = film(seconds=120)
PLATFORMS = {"facebook": CLIP, "x": CUT}


@pytest.fixture
def approver(stack):
    """A second communications officer: nobody approves what they wrote."""
    first = stack.users["comms"]["username"]
    email = next(one.email for one in people() if one.role == "comms" and one.email != first)
    return Desk(stack.url, stack.stack.state.remembered.users[email]).sign_in()


def drafted(officer, account, body, tmp_path):
    path = tmp_path / f"{account['platform']}.mp4"
    path.write_bytes(body)
    asset = attach(officer, path)
    assert (asset["state"], asset["kind"]) == ("ready", "video")
    fields = {
        "text": f"Do you know this man? {account['platform']}",
        "accounts": [account["id"]],
        "assets": [{"id": asset["id"], "alt": "A man in a grey coat leaves a shop"}],
    }
    return officer.post("/publications", {"fields": fields})


def test_an_appeal_with_a_film_from_draft_to_takedown(stack, approver, tmp_path):
    officer = stack.desk("comms")
    accounts = {name: stack.account(name) for name in PLATFORMS}
    made = {name: drafted(officer, accounts[name], body, tmp_path) for name, body in PLATFORMS.items()}
    films = [one["fields"]["assets"][0]["id"] for one in made.values()]
    pictures = [{"asset": one, "source": "cctv", "ref": "WP/2026/77"} for one in films]
    facts = {
        "kind": "cctv",
        "title": "Theft from the shop in the high street",
        "reason": "Every other way to find out who he is has been tried.",
        "basis": "task",
        "ref": "WP/2026/77",
        "review_on": f"{datetime.now(UTC) + timedelta(days=14):%Y-%m-%d}",
        "pictures": pictures,
    }
    publications = [one["id"] for one in made.values()]
    # Of each film it must be said where it comes from.
    silent = officer.try_post("/appeals", {"facts": facts | {"pictures": pictures[:1]}, "publications": publications})
    assert (silent.status_code, silent.json()["detail"]) == (422, "Say where the picture comes from.")
    begun = officer.post("/appeals", {"facts": facts, "publications": publications})["appeal"]
    proposed = officer.post(f"/appeals/{begun['id']}/propose", {"rev": begun["rev"]})["appeal"]
    assert officer.try_post(f"/appeals/{begun['id']}/approve", {"rev": proposed["rev"]}).status_code == 403

    # Who approves sees the film itself.
    shown = approver.get(f"/publications/{made['facebook']['id']}/assets/{films[0]}")
    assert shown["link"].startswith("http://127.0.0.1")
    approver.post(f"/appeals/{begun['id']}/approve", {"rev": proposed["rev"]})

    def out():
        found = approver.get(f"/appeals/{begun['id']}")
        return found if all(copy["out_at"] for copy in found["copies"]) and len(found["copies"]) == 2 else None

    seen = until(out, "the appeal is out on both platforms", seconds=PATIENCE, every=0.5)
    assert seen["remaining"] == 2
    for name, body in PLATFORMS.items():
        native = accounts[name]["id"].partition("-")[2]
        (public,) = stack.public.publications(name, account=native, text=f"Do you know this man? {name}")
        assert [upload["sha256"] for upload in public["uploads"]] == [hashlib.sha256(body).hexdigest()]

    # The public answers; what names him is told apart, and information goes on under the force's number.
    post = next(copy["native_id"] for copy in seen["copies"] if copy["platform"] == "facebook")
    said = {"on": post, "text": "He works in the garage by the station", "author_name": "Robin Tester"}
    stack.public.post("/facebook/comments", **said)

    def lead():
        leads = officer.get(f"/appeals/{begun['id']}/leads")["leads"]
        return next((one["post"] for one in leads if one["post"]["rev"] >= 2), None)

    answer = until(lead, "the answer is a lead", seconds=PATIENCE, every=0.5)
    address = f"/appeals/{begun['id']}/leads/{answer['id']}"
    judged = officer.put(address, {"verdict": "information", "rev": answer["rev"]})
    passed = officer.post(f"{address}/pass", {"ref": "INT/2026/9", "rev": judged["post"]["rev"]})
    assert passed["lead"]["passed"] == "INT/2026/9"

    end = {"outcome": "handed_in", "outcome_at": datetime.now(UTC).isoformat(), "ending": "take_down"}
    officer.post(f"/appeals/{begun['id']}/close", {**end, "rev": seen["appeal"]["rev"]})

    def down():
        found = officer.get(f"/appeals/{begun['id']}")
        return found if all(copy["down_at"] for copy in found["copies"]) else None

    closed = until(down, "the appeal is taken down everywhere", seconds=PATIENCE, every=0.5)
    assert (closed["remaining"], closed["appeal"]["outcome"]) == (0, "handed_in")
    for copy in closed["copies"]:
        assert stack.public.object(copy["platform"], copy["native_id"])["state"] == "deleted"

    leaves = stack.sealed(tmp_path / "log")
    mine = {one["id"] for one in made.values()}
    intents = {leaf["id"]: leaf for leaf in leaves if leaf["type"] == "intent" and leaf.get("correlation") in mine}
    assert sorted(leaf["op"]["verb"] for leaf in intents.values()) == ["publish", "publish", "take_down", "take_down"]
    results = [leaf["op"] for leaf in leaves if leaf["type"] == "outcome" and leaf["op"].get("intent") in intents]
    assert sorted(one["intent"] for one in results if one["result"] != "deferred") == sorted(intents)
    assert {one["result"] for one in results} <= {"done", "deferred"}
    assert verify(tmp_path / "log").failures == []
