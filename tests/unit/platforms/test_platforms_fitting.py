"""What does not fit is said before anything is sent, with what it is about; one suite for every publisher."""

import pytest

from bluelamp.errors import UnsupportedError
from bluelamp.platforms import registry
from bluelamp.platforms.publishing import Outgoing, Poll, UnfitError
from tests.support.assets import film, picture

MEGABYTE = 1024 * 1024


@pytest.fixture(params=registry.NAMES)
def publisher(request):
    return registry.publisher(request.param)


def about(publisher, *args, **more):
    """Return which part does not fit, None when all does."""
    try:
        publisher.check(Outgoing(*args, **more))
    except UnfitError as error:
        return error.what
    return None


def test_the_registry_knows_every_publisher_and_no_other(publisher):
    assert registry.publisher(publisher.name) is publisher
    with pytest.raises(UnsupportedError):
        registry.publisher("myspace")


def test_the_limits_say_where_and_when_they_were_read(publisher):
    assert "read on 2026-" in publisher.limits().source


def test_what_fits(publisher):
    for outgoing in (
        ("Mill Lane is open again.",),
        ("Read on", "https://www.police.uk/"),
    ):
        assert about(publisher, outgoing[0], link=outgoing[1] if len(outgoing) > 1 else None) is None
    assert about(publisher, "Seen?", assets=(picture(),) * publisher.limits().picture.count) is None
    assert about(publisher, "", assets=(picture(),)) is None
    assert about(publisher, "Seen?", assets=(film(),)) is None
    assert about(publisher, "Seen?", assets=(film(codecs=(), seconds=None, width=None),)) is None


@pytest.mark.parametrize("text", ["", "  \n "])
def test_no_words_at_all(publisher, text):
    assert about(publisher, text) == "text"
    assert about(publisher, text, poll=Poll(options=("a", "b"), minutes=60)) == "text"


def test_words_to_the_last_character_and_one_more(publisher):
    most = publisher.limits().characters
    assert publisher.length("a" * most) == most
    assert about(publisher, "a" * most) is None
    assert about(publisher, "a" * (most + 1)) == "text"


def test_a_link_counts_where_it_stands_among_the_words(publisher):
    most = publisher.limits().characters
    link = "https://www.police.uk/" + "a" * 50
    beside = {"facebook": most, "x": most - 25}[publisher.name]
    assert about(publisher, "a" * beside, link=link) is None
    assert about(publisher, "a" * (beside + 1), link=link) == "text"
    # Pictures take the preview away from a link on Facebook, so that it stands below the words.
    below = {"facebook": most - 2 - len(link), "x": most - 25}[publisher.name]
    assert about(publisher, "a" * below, link=link, assets=(picture(),)) is None
    assert about(publisher, "a" * (below + 1), link=link, assets=(picture(),)) == "text"
    assert publisher.length(f"See {link}", link) == publisher.length(f"See {link}")


@pytest.mark.parametrize(
    "link", ["police", "ftp://a.uk/", "javascript:alert(1)", "https://", "https://a b.uk/", "//a.uk"]
)
def test_what_is_no_web_address(publisher, link):
    assert about(publisher, "Read on", link=link) == "link"


def test_too_many_and_mixed(publisher):
    most = publisher.limits().picture.count
    assert about(publisher, "Seen?", assets=(picture(),) * (most + 1)) == "assets"
    assert about(publisher, "Seen?", assets=(film(), film("other"))) == "assets"
    assert about(publisher, "Seen?", assets=(picture(), film())) == "assets"


@pytest.mark.parametrize(
    "asset",
    [
        film(type="video/webm"),
        film(size=20 * 1024 * MEGABYTE),
        film(seconds=5 * 60 * 60),
        picture(type="image/gif", kind="video"),
    ],
)
def test_films_that_do_not_fit(publisher, asset):
    assert about(publisher, "Seen?", assets=(asset,)) == "video"


@pytest.mark.parametrize(
    "asset", [picture(type="image/tiff"), picture(size=6 * MEGABYTE), picture(type="image/svg+xml")]
)
def test_pictures_that_do_not_fit(publisher, asset):
    assert about(publisher, "Seen?", assets=(asset,)) == "picture"


def test_a_description_may_be_so_long(publisher):
    assert about(publisher, "Seen?", assets=(picture(alt="a" * 1000),)) is None
    assert about(publisher, "Seen?", assets=(picture(alt="a" * 1001),)) == "alt"


class TestX:
    @pytest.fixture
    def x(self):
        return registry.publisher("x")

    def test_films(self, x):
        assert about(x, "Seen?", assets=(film(seconds=140),)) is None
        assert about(x, "Seen?", assets=(film(seconds=141),)) == "video"
        assert about(x, "Seen?", assets=(film(codecs=("hvc1", "mp4a")),)) == "video"
        assert about(x, "Seen?", assets=(film(width=1080, height=1920),)) is None
        assert about(x, "Seen?", assets=(film(width=3840, height=2160),)) == "video"

    @pytest.mark.parametrize(
        ("poll", "what"),
        [
            (Poll(options=("a", "b"), minutes=5), None),
            (Poll(options=("a", "b", "c", "d"), minutes=10_080), None),
            (Poll(options=("a",), minutes=60), "poll"),
            (Poll(options=("a", "b", "c", "d", "e"), minutes=60), "poll"),
            (Poll(options=("a", "a"), minutes=60), "poll"),
            (Poll(options=("a", " "), minutes=60), "poll"),
            (Poll(options=("a", "b" * 26), minutes=60), "poll"),
            (Poll(options=("a", "b"), minutes=4), "poll"),
            (Poll(options=("a", "b"), minutes=10_081), "poll"),
        ],
    )
    def test_polls(self, x, poll, what):
        assert about(x, "Where?", poll=poll) == what

    def test_no_poll_beside_a_picture(self, x):
        assert about(x, "Where?", poll=Poll(options=("a", "b"), minutes=60), assets=(picture(),)) == "poll"


def test_facebook_offers_no_poll():
    assert about(registry.publisher("facebook"), "Where?", poll=Poll(options=("a", "b"), minutes=60)) == "poll"
