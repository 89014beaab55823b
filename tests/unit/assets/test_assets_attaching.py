"""`bluelamp publication attach`: a file of this machine, sent in parts, and what is said when it is not taken."""

from __future__ import annotations

import pytest

from bluelamp.assets.upload import PART
from bluelamp.cli.attaching import AttachError, attach
from bluelamp.errors import InvalidInputError
from tests.support.films import box, film
from tests.support.world import idem, principal
from tests.unit.assets.asset_kit import Intake, photograph

OFFICER = principal("comms")


class Api:
    """The routes as an officer's, without HTTP; what is complete is looked at when it is asked for next."""

    def __init__(self):
        self.intake = Intake()

    def post(self, path, body=None, *, key=None):
        del key
        if path == "/assets":
            made = self.intake.uploading.begin(OFFICER, media_type=body["type"], size=body["size"], idem=idem())
        else:
            made = self.intake.uploading.complete(OFFICER, path.split("/")[2], idem=idem())
        return made.model_dump(mode="json")

    def get(self, path, **_):
        asset = path.split("/")[2]
        if path.endswith("/parts"):
            return self.intake.uploading.links(OFFICER, asset).model_dump(mode="json")
        self.intake.checking.check({"asset_id": asset})
        return self.intake.uploading.get(OFFICER, asset).model_dump(mode="json")


@pytest.fixture
def api():
    return Api()


def sender(api, *, fails=0):
    left = iter(range(fails))

    def send(url, body):
        return next(left, None) is None and api.intake.uploads.put_part(url, body) == 200

    return send


def test_a_film_is_sent_in_parts_also_when_some_do_not_arrive_at_first(api, tmp_path):
    file = tmp_path / "Camera 3.MP4"
    file.write_bytes(film(seconds=300) + box(b"free", bytes(PART)))
    told, waited = [], []
    found = attach(api, file, told=lambda *done: told.append(done), send=sender(api, fails=2), wait=waited.append)
    assert (found["state"], found["kind"], found["seconds"]) == ("ready", "video", 300)
    assert told[-1] == (file.stat().st_size, file.stat().st_size)
    # A round in which nothing arrived, and the look at what was complete.
    assert waited == [2.0, 1.0]


@pytest.mark.parametrize(
    ("file", "fails", "error", "why"),
    [
        (("notes.txt", b"x"), 0, InvalidInputError, "no type that platforms take"),
        (("cut.mp4", film()[:-40]), 0, AttachError, "ends before it is complete"),
        (("far.jpg", photograph()), 99, AttachError, "No part of far.jpg arrives"),
    ],
)
def test_what_is_not_sent_or_not_taken_says_why(tmp_path, file, fails, error, why):
    api, (name, body) = Api(), file
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(error, match=why):
        attach(api, path, send=sender(api, fails=fails), wait=lambda _: None)
