"""Bringing pictures and films in: what an officer may, what is on record, and what is refused."""

from __future__ import annotations

import pytest

from bluelamp.assets import uploading
from bluelamp.assets.kept import AssetLostError, KeptAssets
from bluelamp.assets.upload import MOST_FILM, PART
from bluelamp.cloud.dynamodb import Put
from bluelamp.errors import ConflictError, NotFoundError, OutOfScopeError, RefusedError, TooLargeError
from tests.support.films import film
from tests.support.world import idem, principal
from tests.unit.assets.asset_kit import Intake, photograph

OFFICER, OTHER = principal("comms"), principal("control")


@pytest.fixture
def intake():
    return Intake()


def steps(intake):
    return [leaf["publication"]["step"] for leaf in intake.leaves() if leaf["type"] == "publication"]


def test_a_picture_comes_in_and_goes_to_be_looked_at_once_that_is_sealed(intake):
    data = photograph()
    asset = intake.arrive(OFFICER, data, "image/jpeg")
    assert intake.uploading.get(OFFICER, asset).state == "checking"
    assert steps(intake) == ["begun", "received"]
    (release,) = intake.releases()
    assert (release["queue"], release["body"]) == ("publish", {"asset_id": asset})
    assert intake.uploads.objects[f"in/{asset}"] == data
    # Of whom and of what, and no name of a file.
    for leaf in intake.leaves():
        assert {**leaf["obj"], "rev": 0, "prev": ""} == {"kind": "asset", "key": asset, "rev": 0, "prev": ""}
        assert leaf["publication"]["size"] == len(data)


def test_a_film_of_many_parts_is_sent_in_turns_and_taken_up_again(intake, monkeypatch):
    monkeypatch.setattr(uploading, "MOST_LINKS", 2)
    size = PART * 4 + 5
    made = intake.uploading.begin(OFFICER, media_type="video/mp4", size=size, idem=idem())
    assert made.missing == (1, 2, 3, 4, 5)
    first = intake.uploading.links(OFFICER, made.id).parts
    assert [part.number for part in first] == [1, 2]
    intake.uploads.put_part(first[1].url, bytes(first[1].size))
    # The page was closed; whoever comes back is told what is missing.
    assert intake.uploading.get(OFFICER, made.id).missing == (1, 3, 4, 5)
    with pytest.raises(ConflictError, match=r"Parts 1, 3, 4, 5 of this file"):
        intake.uploading.complete(OFFICER, made.id, idem=idem())
    numbers = []
    while again := intake.uploading.links(OFFICER, made.id).parts:
        for part in again:
            numbers.append((part.number, part.size))
            intake.uploads.put_part(part.url, bytes(part.size))
    assert numbers == [(1, PART), (3, PART), (4, PART), (5, 5)]
    assert intake.uploading.links(OFFICER, made.id).parts == ()
    assert intake.uploading.complete(OFFICER, made.id, idem=idem()).state == "checking"


def test_a_link_takes_no_other_number_of_bytes(intake):
    made = intake.uploading.begin(OFFICER, media_type="image/png", size=10, idem=idem())
    (part,) = intake.uploading.links(OFFICER, made.id).parts
    assert intake.uploads.put_part(part.url, bytes(11)) == 403
    # And what came another way is not taken for a part.
    upload = intake.store.get(made.id).upload
    intake.uploads.open[f"in/{made.id}", upload][1] = bytes(11)
    with pytest.raises(ConflictError, match="Part 1 of this file is not as long"):
        intake.uploading.complete(OFFICER, made.id, idem=idem())


@pytest.mark.parametrize(
    ("media_type", "size", "says"),
    [("video/mp4", MOST_FILM + 1, "4,096 MB"), ("image/jpeg", 21 << 20, "This picture has 21 MB; 20 MB")],
)
def test_what_is_too_large_is_refused_before_a_byte_is_sent(intake, media_type, size, says):
    with pytest.raises(TooLargeError, match=says):
        intake.uploading.begin(OFFICER, media_type=media_type, size=size, idem=idem())
    assert (intake.uploads.open, intake.leaves()) == ({}, [])


def test_what_somebody_sends_is_theirs(intake):
    made = intake.uploading.begin(OFFICER, media_type="image/png", size=10, idem=idem())
    for act in (
        lambda: intake.uploading.get(OTHER, made.id),
        lambda: intake.uploading.links(OTHER, made.id),
        lambda: intake.uploading.complete(OTHER, made.id, idem=idem()),
        lambda: intake.uploading.drop(OTHER, made.id, idem=idem()),
    ):
        with pytest.raises(OutOfScopeError):
            act()
    with pytest.raises(RefusedError):
        intake.uploading.begin(principal("auditor"), media_type="image/png", size=10, idem=idem())


def test_what_was_given_up_is_gone(intake):
    made = intake.uploading.begin(OFFICER, media_type="image/png", size=10, idem=idem())
    assert intake.uploading.drop(OFFICER, made.id, idem=idem()).state == "dropped"
    assert (intake.uploads.open, steps(intake)) == ({}, ["begun", "dropped"])
    with pytest.raises(ConflictError):
        intake.uploading.complete(OFFICER, made.id, idem=idem())


def complete_in_vain(intake, asset):
    """Have the parts of an upload put together, and the process die before it could write that down."""

    def dies(name):
        if name == "complete_upload":
            raise ConnectionError(name)

    intake.faults.after = dies
    with pytest.raises(ConnectionError):
        intake.uploading.complete(OFFICER, asset, idem=idem())
    intake.faults.after = None


def test_what_was_given_up_just_as_it_was_put_together_is_cleared_away(intake):
    data = film()
    made = intake.uploading.begin(OFFICER, media_type="video/mp4", size=len(data), idem=idem())
    intake.send(OFFICER, made.id, data)
    complete_in_vain(intake, made.id)
    intake.uploading.drop(OFFICER, made.id, idem=idem())
    assert set(intake.uploads.objects) == {f"films/{made.id}"}
    for _ in range(2):
        assert intake.checking.check({"asset_id": made.id}).state == "dropped"
    assert (intake.uploads.objects, steps(intake)) == ({}, ["begun", "dropped"])
    assert [one["body"]["asset_id"] for one in intake.releases()] == [made.id]


def test_somebody_who_reaches_a_publication_sees_what_it_carries_and_that_is_on_record(intake):
    asset = intake.arrive(OFFICER, photograph(), "image/jpeg")
    intake.checking.check({"asset_id": asset})
    intake.carried["pub"] = {asset}
    shown = intake.uploading.of_publication(OTHER, "pub", asset)
    assert shown.link == f"memory://pictures/{asset}?seconds=600"
    (view,) = [leaf for leaf in intake.leaves() if leaf["type"] == "view"]
    assert (view["obj"]["key"], view["correlation"]) == (asset, "pub")
    with pytest.raises(NotFoundError):
        intake.uploading.of_publication(OTHER, "elsewhere", asset)


def test_an_upload_whose_end_nobody_could_write_down_is_completed_by_trying_again(intake):
    data = photograph()
    made = intake.uploading.begin(OFFICER, media_type="image/jpeg", size=len(data), idem=idem())
    intake.send(OFFICER, made.id, data)
    complete_in_vain(intake, made.id)
    assert intake.uploading.get(OFFICER, made.id).missing == ()
    assert intake.uploading.links(OFFICER, made.id).parts == ()
    assert intake.uploading.complete(OFFICER, made.id, idem=idem()).state == "checking"
    assert steps(intake) == ["begun", "received"]


def test_an_upload_that_the_bucket_has_cleared_away_is_to_be_chosen_again(intake):
    made = intake.uploading.begin(OFFICER, media_type="image/png", size=10, idem=idem())
    intake.uploads.open.clear()
    with pytest.raises(ConflictError, match="lapsed"):
        intake.uploading.complete(OFFICER, made.id, idem=idem())


def test_what_was_checked_is_read_as_it_was_or_not_at_all(intake):
    data = film(seconds=300)
    asset = intake.arrive(OFFICER, data, "video/mp4")
    kept = KeptAssets(intake.store, lambda: intake.uploads)
    assert kept.find(asset) is None
    assert kept.find("nobody") is None
    assert [kept.sender(one) for one in (asset, "nobody")] == [OFFICER.id, None]
    intake.checking.check({"asset_id": asset})
    found = kept.find(asset)
    assert (found.kind, found.seconds, found.size) == ("video", 300, len(data))
    assert found.read(0, 8) == data[:8]
    intake.uploads.objects[f"films/{asset}"] = data + b"!"
    with pytest.raises(AssetLostError):
        found.read(0, 8)
    # What is ready never changes, so it is read from the table once.
    intake.table.write(Put({"pk": f"ASSET#{asset}", "sk": "ASSET"}))
    assert kept.find(asset) is found
