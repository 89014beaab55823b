"""How many pictures and films one person begins: bounds that hold whoever dies, and free again what has ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.assets.errors import TooManyUploadsError, UploadsSpentError
from bluelamp.assets.tally import HOLD, MOST_A_DAY, MOST_UNDER_WAY
from bluelamp.assets.upload import MOST_FILM, PART
from bluelamp.cloud.dynamodb import ContentionError
from bluelamp.errors import ConflictError
from tests.support.killing import killed
from tests.support.world import idem, principal
from tests.unit.assets.asset_kit import Intake, photograph

OFFICER, OTHER = principal("comms"), principal("control")


@pytest.fixture
def intake():
    return Intake()


def begin(intake, officer=OFFICER, *, size=10, media_type="image/png", key=None):
    return intake.uploading.begin(officer, media_type=media_type, size=size, idem=key or idem()).id


def begun_bytes(intake, officer=OFFICER):
    return sum(intake.store.tally(officer.id).hours.values())


def test_twenty_of_one_person_are_under_way_at_a_time(intake):
    for _ in range(MOST_UNDER_WAY):
        begin(intake)
    with pytest.raises(TooManyUploadsError, match="give some up"):
        begin(intake)
    # Nothing of it was begun, neither there nor here; and others have places of their own.
    assert len(intake.uploads.open) == MOST_UNDER_WAY == len(intake.leaves())
    begin(intake, OTHER)


@pytest.mark.parametrize("end", ["dropped", "ready", "refused"])
def test_a_place_is_free_once_the_upload_in_it_has_ended(intake, end):
    data = photograph() if end != "refused" else photograph()[:-30]
    first = begin(intake, size=len(data), media_type="image/jpeg")
    for _ in range(MOST_UNDER_WAY - 1):
        begin(intake)
    if end == "dropped":
        intake.uploading.drop(OFFICER, first, idem=idem())
    else:
        intake.send(OFFICER, first, data)
        intake.uploading.complete(OFFICER, first, idem=idem())
        # What is looked at is under way.
        with pytest.raises(TooManyUploadsError):
            begin(intake)
        assert intake.checking.check({"asset_id": first}).state == end
    begin(intake)
    with pytest.raises(TooManyUploadsError):
        begin(intake)


def test_what_nobody_went_on_with_takes_a_place_for_three_hours(intake):
    for _ in range(MOST_UNDER_WAY):
        begin(intake)
    intake.now += HOLD - timedelta(seconds=1)
    with pytest.raises(TooManyUploadsError, match=r"place again at 15:01\."):
        begin(intake)
    intake.now += timedelta(seconds=1)
    begin(intake)
    assert len(intake.store.tally(OFFICER.id).under_way) == 1


def test_forty_gigabytes_are_begun_within_a_day_whatever_becomes_of_them(intake):
    for _ in range(MOST_A_DAY // MOST_FILM):
        asset = begin(intake, size=MOST_FILM, media_type="video/mp4")
        intake.uploading.drop(OFFICER, asset, idem=idem())
    with pytest.raises(UploadsSpentError, match=r"more than 40 GB .* again at 12:00\. If that was not you"):
        begin(intake)
    begin(intake, OTHER)
    intake.now += timedelta(days=1)
    begin(intake, size=MOST_FILM, media_type="video/mp4")
    assert begun_bytes(intake) == MOST_FILM


def test_the_room_that_is_told_of_is_there_then(intake):
    # 36 GB at noon, a film of 4 GB an hour later: a large one has room at noon, two at one.
    for count, hours in ((9, 0), (1, 1)):
        intake.now += timedelta(hours=hours)
        for _ in range(count):
            begin(intake, size=MOST_FILM, media_type="video/mp4")
    with pytest.raises(UploadsSpentError, match="again at 12:00"):
        begin(intake, size=MOST_FILM, media_type="video/mp4")
    intake.now += timedelta(hours=23)
    assert begin(intake, size=MOST_FILM, media_type="video/mp4")


def test_small_ones_count_as_much_as_a_part(intake):
    begin(intake, size=1)
    assert begun_bytes(intake) == PART


def again(intake, key):
    """Do what the border does with a request that comes a second time."""
    kept = key.replay(intake.table)
    return kept["id"] if kept else begin(intake, key=key)


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_begin_that_dies_at_any_call_and_comes_again_counts_once(side):
    def scene():
        intake = Intake()
        intake.key = idem()
        return intake, lambda: begin(intake, key=intake.key)

    deaths = 0
    for intake, died in killed(side, scene):
        deaths += died
        found = {again(intake, intake.key) for _ in range(2)}
        kept = intake.store.tally(OFFICER.id)
        assert {one.id for one in kept.under_way} == found
        assert (len(found), kept.rev, begun_bytes(intake), len(intake.leaves())) == (1, 1, PART, 1)
    assert deaths > 2


def test_of_two_twins_one_is_begun(intake):
    key, twin = idem(), []

    def hook(name):
        if name == "transact" and not twin:
            twin.append(True)
            twin.append(begin(intake, key=key))

    intake.faults.before = hook
    with pytest.raises(ConflictError):
        begin(intake, key=key)
    assert again(intake, key) == twin[1]
    # The upload that nobody would have sent to is given up.
    assert [asset for asset, _ in intake.uploads.open] == [f"in/{twin[1]}"]
    assert begun_bytes(intake) == PART


def others_begin(intake, count):
    """Have so many others of the same person begun at the very moment, one before each write."""
    left = iter(range(count))

    def hook(name):
        if name == "transact" and next(left, None) is not None:
            kept, intake.faults.before = intake.faults.before, None
            begin(intake)
            intake.faults.before = kept

    intake.faults.before = hook


def test_those_that_are_begun_at_once_are_all_counted(intake):
    others_begin(intake, 5)
    begin(intake)
    assert (len(intake.store.tally(OFFICER.id).under_way), begun_bytes(intake)) == (6, 6 * PART)
    assert len(intake.uploads.open) == 6


def test_where_others_are_always_quicker_it_is_to_be_tried_again(intake):
    others_begin(intake, 6)
    with pytest.raises(ContentionError):
        begin(intake)
    assert len(intake.uploads.open) == len(intake.store.tally(OFFICER.id).under_way) == 6


def test_whoever_takes_the_last_place_first_has_it(intake):
    for _ in range(MOST_UNDER_WAY - 1):
        begin(intake)
    others_begin(intake, 1)
    with pytest.raises(TooManyUploadsError):
        begin(intake)
    assert len(intake.uploads.open) == MOST_UNDER_WAY
