"""Looking at what arrived: once whatever dies, and nothing lies about that nobody reads."""

from __future__ import annotations

import hashlib

import pytest

from bluelamp.errors import NotFoundError
from tests.support.films import box, film
from tests.support.killing import killed
from tests.support.world import principal
from tests.unit.assets.asset_kit import Intake, photograph

OFFICER = principal("comms")
PLACE = box(b"udta", box(b"\xa9xyz", b"\0\x12\0\0+51.5012-000.1234/"))


def steps(intake):
    return [leaf["publication"]["step"] for leaf in intake.leaves()]


def test_a_picture_is_kept_clean_and_as_it_came_it_goes():
    intake = Intake()
    asset = intake.arrive(OFFICER, photograph(), "image/jpeg")
    ready = intake.checking.check({"asset_id": asset})
    body = intake.uploads.objects[f"pictures/{asset}"]
    assert set(intake.uploads.objects) == {f"pictures/{asset}"}
    assert b"Kestrel" not in body
    assert (ready.state, ready.type, ready.size, ready.width, ready.height) == (
        "ready", "image/jpeg", len(body), 32, 20,
    )  # fmt: skip
    last = intake.leaves()[-1]
    assert last["obj"]["digest"] == hashlib.sha256(body).hexdigest() == ready.sha256
    assert (last["publication"]["step"], last["actor"]["kind"]) == ("checked", "system")
    assert last["obj"]["prev"] is not None


def test_a_film_stays_where_it_came_to():
    intake = Intake()
    data = film(seconds=300)
    asset = intake.arrive(OFFICER, data, "video/mp4")
    ready = intake.checking.check({"asset_id": asset})
    assert intake.uploads.objects == {f"films/{asset}": data}
    assert (ready.sha256, ready.seconds, ready.codecs) == (hashlib.sha256(data).hexdigest(), 300, ("avc1", "mp4a"))


@pytest.mark.parametrize(
    ("data", "media_type", "why"),
    [
        (film(more=PLACE), "video/mp4", "film_tells_where"),
        (film()[:-40], "video/mp4", "film_cut_short"),
        (photograph(), "video/mp4", "type_not_taken"),
        (film(), "image/jpeg", "type_not_taken"),
        (photograph()[:-30], "image/jpeg", "picture_broken"),
    ],
)
def test_what_is_not_taken_says_why_and_goes(data, media_type, why):
    intake = Intake()
    asset = intake.arrive(OFFICER, data, media_type)
    refused = intake.checking.check({"asset_id": asset})
    assert (refused.state, refused.why) == ("refused", why)
    assert intake.uploads.objects == {}
    shown = intake.uploading.get(OFFICER, asset)
    assert (shown.why, shown.problem, shown.link) == (why, refused.problem, None)
    last = intake.leaves()[-1]
    assert (last["publication"]["step"], last["reason"]["code"]) == ("refused", why)


def test_what_is_not_there_is_refused_and_what_nobody_knows_is_an_error():
    intake = Intake()
    asset = intake.arrive(OFFICER, photograph(), "image/jpeg")
    intake.uploads.objects.clear()
    assert intake.checking.check({"asset_id": asset}).why == "changed_on_the_way"
    with pytest.raises(NotFoundError):
        intake.checking.check({"asset_id": "nobody"})


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize(("data", "media_type"), [(film(), "video/mp4"), (photograph(), "image/jpeg")])
def test_a_check_that_dies_at_any_call_comes_to_the_same_end(data, media_type, refused, side):
    if refused:
        data = data[:-30]

    def scene():
        intake = Intake()
        intake.asset = intake.arrive(OFFICER, data, media_type)
        return intake, lambda: intake.checking.check({"asset_id": intake.asset})

    deaths = 0
    for intake, died in killed(side, scene):
        deaths += died
        for _ in range(2):
            ended = intake.checking.check({"asset_id": intake.asset})
        assert ended.state == ("refused" if refused else "ready")
        assert steps(intake) == ["begun", "received", "refused" if refused else "checked"]
        assert set(intake.uploads.objects) == (set() if refused else {ended.key})
    assert deaths > 2


def test_two_workers_with_one_message_write_one_record():
    intake = Intake()
    asset = intake.arrive(OFFICER, photograph(), "image/jpeg")
    second = []

    def hook(name):
        if name == "transact" and not second:
            second.append(True)
            intake.checking.check({"asset_id": asset})

    intake.faults.before = hook
    assert intake.checking.check({"asset_id": asset}).state == "ready"
    assert steps(intake) == ["begun", "received", "checked"]
