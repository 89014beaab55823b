"""What a link will show before it is published: pages that lie, mislead, never end; and sites that are not asked."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.media.addresses import Allowed
from bluelamp.media.fetching import Fetcher
from bluelamp.people.rules import NotPermittedError
from bluelamp.publishing import cards
from bluelamp.publishing.linking import MAX_BYTES, Linking
from tests.support.press import Press
from tests.support.world import World, principal
from tests.unit.media.media_host import answer, sends, serving

HTML = "text/html; charset=utf-8"
PAGE = b"""<!doctype html><html><head><title>Bare title</title>
<meta charset="utf-8"><meta name="description" content="Bare words">
<meta property="og:title" content="Car sought &amp; found"><meta property='og:title' content='Second'>
<meta property=og:site_name content=Wealdshire><meta content="In &quot;Ashbrook&quot;" property="og:description">
<meta property="og:image" content="/media/car.jpg"><meta property="og:image:alt" content="A red car">
<meta name="twitter:card" content="summary_large_image">
</head><body><meta property="og:title" content="Not in the head"></body></html>"""


def look(script, *, path="/news/1", who=None):
    """Look a page of a host of this machine up; return what is shown, and the records."""
    press = Press(World())
    with serving(script) as (port, requests):
        fetcher = Fetcher(Allowed.parse(f"http://127.0.0.1:{port}", "LINK_HOSTS"), max_bytes=MAX_BYTES)
        linking = Linking(books=press.books, fetcher=fetcher)
        return linking.look(who or principal(), f"http://127.0.0.1:{port}{path}"), requests


def page(body, **headers):
    return sends(answer(body, **({"Content_Type": HTML} | headers)))


def test_a_page_is_shown_as_its_card():
    found, (request,) = look(page(PAGE))
    assert found.why is None
    assert found.card is not None
    assert found.card.model_dump() == {
        "host": "127.0.0.1", "title": "Car sought & found", "description": 'In "Ashbrook"', "site": "Wealdshire",
        "picture": "127.0.0.1", "picture_alt": "A red car", "large": True,
    }  # fmt: skip
    assert request.startswith(b"GET /news/1 HTTP/1.1\r\n")


def test_a_page_without_cards_is_shown_by_its_title():
    found, _ = look(page(b"<title>\n  Road   closed </title><p>until noon"))
    assert found.card is not None
    assert (found.card.title, found.card.description, found.card.large) == ("Road closed", None, False)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (page(PAGE, Content_Type="application/pdf"), "not_html"),
        (page(b"<html><body>words"), "no_title"),
        (page(b"", status="404 Not Found"), "gone"),
        (page(b"", status="403 Forbidden"), "forbidden"),
        (page(b"", status="503 Busy"), "unavailable"),
        (page(b"\x1f\x8b" + PAGE, Content_Encoding="gzip"), "odd_answer"),
        (sends(answer(PAGE, Content_Type=HTML, length=MAX_BYTES + 1)), "too_large"),
        (sends(answer(PAGE[:100], Content_Type=HTML, length=len(PAGE))), "unreachable"),
    ],
)
def test_what_shows_no_card_says_why(script, why):
    found, _ = look(script)
    assert found.card is None
    assert found.why == why
    assert found.detail


@pytest.mark.parametrize(
    ("location", "host"),
    [("https://shop.example/x", "shop.example"), ("/new", "127.0.0.1"), ("https://[", ""), ("", "127.0.0.1")],
)
def test_a_link_that_leads_on_says_where_and_is_not_followed(location, host):
    found, requests = look(page(b"", status="302 Found", Location=location))
    assert found.why == "redirected"
    assert (f"leads on to {host}." in found.detail) if host else ("leads on." in found.detail)
    assert len(requests) == 1


@pytest.mark.parametrize(
    "url", ["https://news.example/story", "http://gov.example/", "https://gov.example:8443/", "https://192.168.0.1/"]
)
def test_a_site_that_is_not_listed_is_not_asked(url):
    press = Press(World())

    def nobody(*_):
        raise AssertionError("somebody was asked")

    fetcher = Fetcher(Allowed.parse("gov.example"), resolver=nobody, connector=nobody)
    assert Linking(books=press.books, fetcher=fetcher).look(principal(), url).why == "not_allowed"


def test_a_listed_site_whose_name_leads_inside_is_not_asked():
    press = Press(World())
    fetcher = Fetcher(Allowed.parse("gov.example"), resolver=lambda *_: ["93.184.215.14", "10.0.0.7"])
    found = Linking(books=press.books, fetcher=fetcher).look(principal(), "https://www.gov.example/")
    assert found.why == "private_address"


def test_who_writes_no_drafts_has_nothing_looked_up():
    with pytest.raises(NotPermittedError):
        look(page(PAGE), who=principal("auditor"))


@given(st.binary(max_size=3_000), st.text(max_size=40))
def test_no_page_breaks_the_reader_or_brings_more_than_words(body, said):
    bounded(cards.read(body, said, "https://www.gov.example/a"))


PIECES = (
    *("<meta property=", '"og:title"', "'og:image'", " content=", '"', "'", ">", "<", "<title>", "</title>", "/", "="),
    *("\u202e", "\0", "&#x202E;", "&lt;b&gt;", "//[", "https://a.example/", "</head>", "charset=utf-7", "\U0001f600"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_no_heap_of_tags_breaks_the_reader(parts):
    bounded(cards.read("".join(parts).encode("utf-8"), HTML, "https://www.gov.example/a"))


def bounded(card):
    shown = [(card.title, cards.TITLE), (card.description, cards.DESCRIPTION), (card.site, cards.SITE)]
    shown += [(card.picture, cards.SITE), (card.picture_alt, cards.DESCRIPTION)]
    for words, most in shown:
        if words is not None:
            assert 0 < len(words) <= most
            assert all(unicodedata.category(one)[0] != "C" for one in words)


@pytest.mark.parametrize("piece", ["<meta ", "<meta a=", "<title", "<meta a='", '<meta a="b" ', "</head", "<title>x"])
def test_a_page_of_one_piece_over_and_over_is_read_to_its_end(piece):
    bounded(cards.read((piece * (MAX_BYTES // len(piece))).encode(), HTML, "https://www.gov.example/"))
