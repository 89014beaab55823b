"""What nothing ever carried is deleted after a month, on record; what something carried once is kept, whoever dies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.assets.carrying import carry
from bluelamp.assets.kept import KeptAssets
from bluelamp.assets.upload import LOOK_AGAIN, LOOKS, UNUSED
from bluelamp.cloud.dynamodb import ConditionFailedError
from tests.support.films import film
from tests.support.killing import killed
from tests.support.world import principal
from tests.unit.assets.asset_kit import Intake, photograph

OFFICER = principal("comms")
MOMENT = timedelta(seconds=1)
KINDS = [(photograph(), "image/jpeg", "pictures"), (film(), "video/mp4", "films")]


def ready(intake, data=KINDS[0][0], media_type="image/jpeg"):
    asset = intake.arrive(OFFICER, data, media_type)
    assert intake.checking.check({"asset_id": asset}).state == "ready"
    return asset


def carried(intake, asset):
    intake.table.transact(carry([asset], intake.now))


def steps(intake):
    return [leaf["publication"]["step"] for leaf in intake.leaves()]


@pytest.mark.parametrize(("data", "media_type", "place"), KINDS)
def test_what_nothing_carried_for_a_month_is_deleted_once_that_is_on_record(data, media_type, place):
    intake = Intake()
    asset = ready(intake, data, media_type)
    digest = intake.store.get(asset).sha256
    intake.now += UNUSED - MOMENT
    assert intake.lapsing.run() == 0
    intake.now += 2 * MOMENT
    assert intake.lapsing.run() == 1
    last = intake.leaves()[-1]
    assert (last["publication"]["step"], last["reason"]["code"], last["actor"]["kind"]) == (
        "expired", "unused", "system",
    )  # fmt: skip
    assert last["obj"]["digest"] == digest
    # Nothing is deleted before its record is sealed, which releases the message.
    assert set(intake.uploads.objects) == {f"{place}/{asset}"}
    assert intake.releases()[-1]["body"] == {"asset_id": asset}
    for _ in range(2):
        assert intake.checking.check({"asset_id": asset}).state == "expired"
    assert intake.uploads.objects == {}
    shown = intake.uploading.get(OFFICER, asset)
    assert (shown.state, shown.link) == ("expired", None)
    assert "was deleted. Choose the file again." in shown.problem
    kept = KeptAssets(intake.store, lambda: intake.uploads)
    assert (kept.find(asset), kept.sender(asset)) == (None, None)
    assert intake.lapsing.run() == 0


def test_what_something_carried_is_kept_for_good_and_looked_for_no_more():
    intake = Intake()
    asset = ready(intake)
    carried(intake, asset)
    carried(intake, asset)
    intake.now += UNUSED + MOMENT
    assert intake.lapsing.run() == 1
    assert intake.lapsing.run() == 0
    assert intake.checking.check({"asset_id": asset}).state == "ready"
    assert set(intake.uploads.objects) == {f"pictures/{asset}"}
    assert steps(intake) == ["begun", "received", "checked"]
    intake.now += UNUSED
    assert intake.lapsing.run() == 0


def test_what_is_deleted_is_carried_by_nothing_any_more():
    intake = Intake()
    asset = ready(intake)
    intake.now += UNUSED + MOMENT
    intake.lapsing.run()
    with pytest.raises(ConditionFailedError):
        carried(intake, asset)


def test_of_who_deletes_and_who_carries_at_the_very_moment_one_is_first():
    intake = Intake()
    asset = ready(intake)
    intake.now += UNUSED + MOMENT

    def hook(name):
        if name == "transact":
            intake.faults.before = None
            carried(intake, asset)

    intake.faults.before = hook
    assert intake.lapsing.run() == 0
    assert intake.store.get(asset).state == "ready"
    assert steps(intake) == ["begun", "received", "checked"]
    assert intake.lapsing.run() == 1
    assert intake.store.get(asset).due is None


def test_what_is_carried_before_it_was_looked_at_is_looked_at_all_the_same():
    intake = Intake()
    asset = intake.arrive(OFFICER, photograph(), "image/jpeg")
    carried(intake, asset)
    assert intake.checking.check({"asset_id": asset}).state == "ready"


def test_what_a_look_left_behind_that_died_goes_with_the_refusal():
    intake = Intake()
    asset = intake.arrive(OFFICER, photograph(), "image/jpeg")

    def dies(name):
        if name == "put":
            raise ConnectionError(name)

    intake.faults.after = dies
    with pytest.raises(ConnectionError):
        intake.checking.check({"asset_id": asset})
    intake.faults.after = None
    assert set(intake.uploads.objects) == {f"in/{asset}", f"pictures/{asset}"}
    for _ in range(LOOKS):
        intake.now += LOOK_AGAIN + MOMENT
        intake.lapsing.run()
    assert intake.checking.check({"asset_id": asset}).state == "refused"
    assert intake.uploads.objects == {}


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(("data", "media_type", "place"), KINDS)
def test_a_run_that_dies_at_any_call_comes_to_the_same_end(data, media_type, place, kept, side):
    def scene():
        intake = Intake()
        intake.asset = ready(intake, data, media_type)
        if kept:
            carried(intake, intake.asset)
        intake.now += UNUSED + MOMENT

        def work():
            intake.lapsing.run()
            intake.checking.check({"asset_id": intake.asset})

        return intake, work

    deaths = 0
    for intake, died in killed(side, scene):
        deaths += died
        for _ in range(2):
            intake.lapsing.run()
            intake.checking.check({"asset_id": intake.asset})
        assert steps(intake)[2:] == (["checked"] if kept else ["checked", "expired"])
        assert set(intake.uploads.objects) == ({f"{place}/{intake.asset}"} if kept else set())
        assert intake.store.carried(intake.asset) == kept
    assert deaths > 2
