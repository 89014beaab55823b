"""Pictures of the stand-ins: the same for the same name, told of as the platforms do, and unwell on request."""

import io
import itertools
import json

import pytest
from PIL import Image

from bluelamp.media.rules import type_of
from bluelamp.platforms.contract import AccountRef
from bluelamp.platforms.facebook_polling import COMMENT_FIELDS, FEED_FIELDS, MESSAGE_FIELDS
from bluelamp.platforms.registry import connector
from sandbox.client import ControlClient
from tests.unit.sandbox.conftest import PAGE, USER

A, B = "http://127.0.0.1:4700/media/a.jpg", "http://127.0.0.1:4700/media/b.png"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("1.jpg", "image/jpeg"), ("1.png", "image/png"), ("x-2.mp4", "video/mp4"), ("ä.jpg", "image/jpeg")],
)
def test_a_name_has_its_own_bytes_for_ever(sandbox, name, kind):
    first, again, other = (sandbox.http.get(f"/media/{n}") for n in (name, name, f"other{name}"))
    assert (first.status_code, first.mimetype, type_of(first.data)) == (200, kind, kind)
    assert first.data == again.data != other.data


@pytest.mark.parametrize("name", ["1.jpg", "1.png"])
def test_the_pictures_can_be_looked_at(sandbox, name):
    with Image.open(io.BytesIO(sandbox.http.get(f"/media/{name}").data)) as picture:
        picture.load()
        assert picture.width > 10


@pytest.mark.parametrize("name", ["1.svg", "1", ".htaccess", "1.JPG"])
def test_other_names_are_not_there(sandbox, name):
    assert sandbox.http.get(f"/media/{name}").status_code == 404


def test_the_client_knows_where_they_are():
    assert ControlClient("http://127.0.0.1:4700/_control").medium("a.jpg") == A


@pytest.mark.parametrize("urls", [[A], [A, B]])
@pytest.mark.parametrize("how", ["post", "comment", "message"])
def test_our_connector_reads_them_from_facebooks_webhooks(sandbox, how, urls):
    if how == "post":
        sandbox.control("/facebook/posts", page=PAGE, text="look", author_name="Jo", media=urls)
    elif how == "comment":
        sandbox.comment(sandbox.own_post(), media=urls)
    else:
        sandbox.control("/facebook/messages", page=PAGE, text="look", author_name="Jo", media=urls)
    (body,) = sandbox.pushed()
    (event,) = connector("facebook").parse(json.dumps(body).encode()).events
    # A comment has one picture on the platform.
    wanted = urls[:1] if how == "comment" else urls
    assert [(m.kind, m.url) for m in event.media] == [("image", url) for url in wanted]


def test_our_connector_reads_them_from_xs_webhooks(sandbox):
    sandbox.control("/x/posts", text="@WealdshirePol look", author_name="Jo", media=[A, B])
    (body,) = sandbox.pushed()
    (event,) = connector("x").parse(json.dumps(body).encode()).events
    assert [(m.kind, m.url) for m in event.media] == [("image", A), ("image", B)]


def fault(sandbox, kind, **more):
    sandbox.control("/faults", kind=kind, times=1, **more)
    return sandbox.http.get("/media/1.jpg", buffered=False)


def test_gone(sandbox):
    assert fault(sandbox, "media_gone").status_code == 404
    assert sandbox.http.get("/media/1.jpg").status_code == 200


def test_redirect_to_where_nobody_may_go(sandbox):
    answer = fault(sandbox, "media_redirect")
    assert (answer.status_code, answer.location) == (302, "http://169.254.169.254/latest/meta-data/")


def test_a_page_called_a_picture(sandbox):
    answer = fault(sandbox, "media_type")
    assert (answer.mimetype, type_of(answer.data)) == ("image/jpeg", None)


def test_endless(sandbox):
    answer = fault(sandbox, "media_endless")
    assert "Content-Length" not in answer.headers
    assert sum(map(len, itertools.islice(answer.response, 200))) > 10_000_000


def test_slow_and_whole(sandbox):
    answer = fault(sandbox, "media_slow", seconds=0.05)
    assert answer.data == sandbox.http.get("/media/1.jpg").data


def test_a_fault_of_the_api_strikes_no_picture(sandbox):
    sandbox.control("/faults", kind="server_error")
    assert sandbox.http.get("/media/1.jpg").status_code == 200


FILM = "http://127.0.0.1:4700/media/a.mp4"


@pytest.mark.parametrize("how", ["post", "message"])
def test_a_video_on_x_has_a_still_and_a_film_that_is_served(sandbox, how):
    where = {"account": USER} if how == "message" else {}
    text = "@WealdshirePol look"
    sandbox.control(f"/x/{how}s", text=text, author_name="Jo", media=[FILM], **where)
    (body,) = sandbox.pushed()
    (event,) = connector("x").parse(json.dumps(body).encode()).events
    assert [(m.kind, m.url) for m in event.media] == [("video", A), ("film", FILM)]
    for medium, kind in zip(event.media, ("image/jpeg", "video/mp4"), strict=True):
        assert type_of(sandbox.http.get(medium.url.partition(":4700")[2]).data) == kind


def test_xs_api_tells_of_films_when_asked(sandbox):
    sandbox.control("/x/posts", text="@WealdshirePol look", author_name="Jo", media=[FILM])
    for asked, keys in (("url", {"media_key", "type"}), ("variants,duration_ms", {"variants", "duration_ms"})):
        query = {"expansions": "attachments.media_keys", "media.fields": asked}
        (media,) = sandbox.x("GET", f"/users/{USER}/mentions", **query).json["includes"]["media"]
        assert keys <= set(media)
        assert ("variants" in media) is ("variants" in asked)


def told(sandbox, kind, path, **asked):
    """Return what a webhook and a poll say is attached."""
    (body,) = sandbox.pushed()
    (pushed,) = connector("facebook").parse(json.dumps(body).encode()).events
    answer = sandbox.graph("GET", path, **asked)
    account = AccountRef(account_id=f"facebook-{PAGE}", platform="facebook", native_id=PAGE)
    polled = next(
        one
        for one in connector("facebook").parse_page(kind, answer.data, account).events
        if one.native_id == pushed.native_id
    )
    return [[(m.kind, m.url) for m in one.media] for one in (pushed, polled)]


@pytest.mark.parametrize("carried", [A, FILM])
@pytest.mark.parametrize("how", ["post", "comment", "message"])
def test_a_webhook_and_a_poll_of_facebook_say_the_same(sandbox, how, carried):
    if how == "post":
        sandbox.control("/facebook/posts", page=PAGE, author_name="Jo", text="look", media=[carried])
        pushed, polled = told(sandbox, "feed", f"/{PAGE}/feed", fields=FEED_FIELDS)
    elif how == "comment":
        root = sandbox.own_post()
        sandbox.comment(root, media=[carried])
        pushed, polled = told(sandbox, f"comments:{root}", f"/{root}/comments", fields=COMMENT_FIELDS)
    else:
        sandbox.control("/facebook/messages", page=PAGE, author_name="Jo", text="look", media=[carried])
        (one,) = sandbox.graph("GET", f"/{PAGE}/conversations").json["data"]
        pushed, polled = told(sandbox, "messages", f"/{one['id']}/messages", fields=MESSAGE_FIELDS)
    kind = "video" if carried == FILM else "image"
    assert pushed == [(kind, carried)]
    apart = carried == FILM and how != "message"
    assert polled == ([("video", A), ("film", FILM)] if apart else pushed)
