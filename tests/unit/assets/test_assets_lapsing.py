"""What nobody goes on with comes to an end: on record, once, whoever dies, and nothing of it lies about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.assets.store import asset_key
from bluelamp.assets.upload import LAPSE, LOOK_AGAIN, LOOKS
from bluelamp.errors import ConflictError
from tests.support.films import film
from tests.support.killing import killed
from tests.support.world import idem, principal
from tests.unit.assets.asset_kit import Intake, photograph

OFFICER = principal("comms")
MOMENT = timedelta(seconds=1)


@pytest.fixture
def intake():
    return Intake()


def begin(intake, size=10, media_type="video/mp4"):
    return intake.uploading.begin(OFFICER, media_type=media_type, size=size, idem=idem()).id


def records(intake):
    return [(leaf["publication"]["step"], leaf["actor"]["kind"]) for leaf in intake.leaves()]


def wait(intake, how_long):
    """Let so much time go by; until just before its end nothing is due."""
    intake.now += how_long - MOMENT
    assert intake.lapsing.run() == 0
    intake.now += 2 * MOMENT


def test_an_upload_that_nobody_completed_is_given_up_after_two_days(intake):
    asset = begin(intake)
    wait(intake, LAPSE)
    assert intake.lapsing.run() == 1
    assert intake.lapsing.run() == 0
    assert records(intake) == [("begun", "person"), ("dropped", "system")]
    assert intake.leaves()[-1]["reason"]["code"] == "lapsed"
    shown = intake.uploading.get(OFFICER, asset)
    assert (shown.state, shown.why) == ("dropped", "lapsed")
    assert "Choose the file again" in shown.problem
    with pytest.raises(ConflictError):
        intake.uploading.complete(OFFICER, asset, idem=idem())
    # What the bucket has not cleared away yet goes once that is sealed.
    assert [one["body"] for one in intake.releases()] == [{"asset_id": asset}]
    intake.checking.check({"asset_id": asset})
    assert intake.uploads.open == {}


def test_one_that_was_put_together_and_never_said_so_is_cleared_away_as_well(intake):
    data = film()
    asset = begin(intake, len(data))
    intake.send(OFFICER, asset, data)
    stored = intake.store.get(asset)
    intake.uploads.complete(stored.key, stored.upload, intake.uploads.parts(stored.key, stored.upload))
    wait(intake, LAPSE)
    intake.lapsing.run()
    assert intake.checking.check({"asset_id": asset}).state == "dropped"
    assert intake.uploads.objects == {}


def test_what_has_ended_or_went_on_is_left_alone(intake):
    given_up, ready = begin(intake), intake.arrive(OFFICER, photograph(), "image/jpeg")
    intake.uploading.drop(OFFICER, given_up, idem=idem())
    intake.checking.check({"asset_id": ready})
    refused = intake.arrive(OFFICER, photograph()[:-30], "image/jpeg")
    intake.checking.check({"asset_id": refused})
    intake.now += LAPSE * 2
    assert intake.lapsing.run() == 0


def test_what_was_not_looked_at_is_sent_to_the_check_again_and_looked_at_then(intake):
    asset = intake.arrive(OFFICER, photograph(), "image/jpeg")
    wait(intake, LOOK_AGAIN)
    assert intake.lapsing.run() == 1
    assert records(intake)[-1] == ("again", "system")
    assert [one["body"]["asset_id"] for one in intake.releases()] == [asset, asset]
    assert intake.checking.check({"asset_id": asset}).state == "ready"
    intake.now += LOOK_AGAIN * 2
    assert intake.lapsing.run() == 0


def test_what_is_never_looked_at_is_refused_in_the_end_with_what_to_do(intake):
    data = film()
    asset = intake.arrive(OFFICER, data, "video/mp4")
    for _ in range(LOOKS):
        wait(intake, LOOK_AGAIN)
        assert intake.lapsing.run() == 1
    assert [step for step, _ in records(intake)] == ["begun", "received", "again", "again", "refused"]
    assert intake.leaves()[-1]["reason"]["code"] == "not_looked_at"
    shown = intake.uploading.get(OFFICER, asset)
    assert (shown.state, shown.why) == ("refused", "not_looked_at")
    assert "Choose it again; if that goes on, tell your administrator." in shown.problem
    intake.checking.check({"asset_id": asset})
    assert intake.uploads.objects == {}
    intake.now += LAPSE
    assert intake.lapsing.run() == 0


def test_whoever_completes_at_the_very_moment_is_not_given_up(intake):
    data = photograph()
    asset = begin(intake, len(data), "image/jpeg")
    intake.send(OFFICER, asset, data)
    wait(intake, LAPSE)

    def hook(name):
        if name == "transact":
            intake.faults.before = None
            intake.uploading.complete(OFFICER, asset, idem=idem())

    intake.faults.before = hook
    assert intake.lapsing.run() == 0
    assert intake.checking.check({"asset_id": asset}).state == "ready"
    assert [step for step, _ in records(intake)] == ["begun", "received", "checked"]


def test_a_look_that_ends_while_it_is_asked_for_again_is_made_again(intake):
    asset = intake.arrive(OFFICER, photograph(), "image/jpeg")
    intake.now += LOOK_AGAIN + MOMENT

    def hook(name):
        if name == "transact":
            intake.faults.before = None
            intake.lapsing.run()

    intake.faults.before = hook
    assert intake.checking.check({"asset_id": asset}).state == "checking"
    assert intake.checking.check({"asset_id": asset}).state == "ready"
    assert [step for step, _ in records(intake)] == ["begun", "received", "again", "checked"]


def test_what_is_wrong_with_one_stops_none_behind_it(intake, caplog):
    first, second = begin(intake), begin(intake)
    intake.table.items[asset_key(first)]["size"] = "much"
    wait(intake, LAPSE)
    assert intake.lapsing.run() == 1
    assert intake.store.get(second).state == "dropped"
    assert f"upload {first} could not be ended" in caplog.text


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("state", ["uploading", "checking"])
def test_a_run_that_dies_at_any_call_comes_to_the_same_end(state, side):
    def scene():
        intake = Intake()
        intake.assets = [
            begin(intake) if state == "uploading" else intake.arrive(OFFICER, film(), "video/mp4") for _ in range(2)
        ]
        intake.now += LAPSE + MOMENT
        return intake, intake.lapsing.run

    deaths = 0
    for intake, died in killed(side, scene):
        deaths += died
        intake.lapsing.run()
        assert intake.lapsing.run() == 0
        wanted = {"uploading": ["begun", "dropped"], "checking": ["begun", "received", "again"]}[state]
        for asset in intake.assets:
            told = [leaf["publication"]["step"] for leaf in intake.leaves() if leaf["obj"]["key"] == asset]
            assert told == wanted
            sent = [one for one in intake.releases() if one["body"] == {"asset_id": asset}]
            assert len(sent) == len(wanted) - 1
    assert deaths > 2
