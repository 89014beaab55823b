"""The film of a video lies in a bag as a file, by what its bytes are."""

from __future__ import annotations

import bagit
import pytest

from bluelamp.audit.bagcheck import check_bag
from bluelamp.ids import post_id
from sandbox.media import mp4
from tests.unit.exports.export_kit import jpeg

STILL, FILM = "https://pbs.twimg.com/1.jpg", "https://video.twimg.com/1.mp4"


@pytest.mark.slow
def test_a_bag_holds_still_and_film(force, tmp_path):
    force.hosts.pictures = {STILL: jpeg(), FILM: mp4("1.mp4")}
    media = [{"kind": "video", "url": STILL}, {"kind": "film", "url": FILM}]
    force.ingest(force.comment("c1", "Look") | {"media": media})
    force.judge_all()
    force.keep_all()
    force.seal()
    root = force.unpacked(force.made(posts=(post_id("facebook-1", "c1"),)), tmp_path / "out")
    assert bagit.Bag(str(root)).validate()
    assert check_bag(root).verdict == "OK"
    (film,) = root.glob("data/content/*/plain.mp4")
    assert film.read_bytes() == mp4("1.mp4")
    assert len(list(root.glob("data/content/*/plain.jpg"))) == 1
    assert str(film.relative_to(root / "data")) in (root / "data/report.html").read_text(encoding="utf-8")
