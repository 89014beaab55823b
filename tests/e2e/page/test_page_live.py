"""Live arrival, a lost link, and two people on one post."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.page.desk import ARRIVAL_MS, Desk

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PLACES = "rows => rows.map(row => [row.dataset.post, row.getBoundingClientRect().top])"
SOCKET = re.compile(r"/ws(\?|$)")


def test_a_new_post_waits_until_it_is_asked_for(desk: Desk, words):
    # A list with nothing in it shows what comes at once: somebody has to be there first.
    desk.arrive(words("Is anybody there?"))
    desk.page.get_by_label("Filter this list").fill("")
    text = words("When does the front desk open?")
    before = desk.rows.evaluate_all(PLACES)
    desk.say("facebook", text)
    waiting = desk.page.get_by_test_id("new-posts")
    expect(waiting).not_to_have_attribute("data-count", "0", timeout=ARRIVAL_MS)
    expect(waiting.get_by_role("status")).to_have_text(re.compile(r"new posts?"))
    assert desk.rows.evaluate_all(PLACES) == before
    desk.page.get_by_label("Filter this list").fill(text)
    desk.reveal(text)


def test_a_post_from_x_arrives_too(desk: Desk, words):
    row = desk.arrive(words("Is the High Street still closed?"), platform="x")
    expect(row).to_contain_text("X")


def test_a_lost_link_is_said_polled_and_mended(desk_for: Callable[..., Desk], words):
    links: list[WebSocketRoute] = []
    broken: list[bool] = []

    def connect(route: WebSocketRoute) -> None:
        if broken:
            route.close()
            return
        route.connect_to_server()
        links.append(route)

    desk = desk_for(prepare=lambda page: page.route_web_socket(SOCKET, connect))
    desk.open_screen()
    broken.append(True)
    links[-1].close()
    desk.expect_link("lost")
    expect(desk.page.get_by_role("status").filter(has_text="Live link lost.")).to_contain_text("every few seconds")
    desk.arrive(words("Said while the link was down"))
    broken.clear()
    expect(desk.page.get_by_test_id("link")).to_have_attribute("data-state", "live", timeout=60_000)
    expect(desk.page.get_by_text("Live link lost.")).to_have_count(0)


def test_another_officers_claim_is_seen_at_once(desk: Desk, desk_for: Callable[..., Desk], words):
    text = words("Could somebody ring me back please?")
    row = desk.arrive(text)
    desk.open(row)
    other = desk_for("control")
    other.open_screen()
    other.open_screen(f"#/inbox/open/{row.get_attribute('data-post')}")
    other.page.get_by_test_id("claim").click()
    expect(other.page.get_by_test_id("holder")).to_have_text("You have claimed this post.")
    expect(desk.page.get_by_test_id("holder")).to_contain_text("has claimed this post", timeout=ARRIVAL_MS)


def test_a_conflict_is_rolled_back_and_names_who_acted(desk: Desk, desk_for: Callable[..., Desk], words):
    text = words("You lot are a complete joke")
    post = desk.arrive(text).get_attribute("data-post")

    def deaf(page: Page) -> None:
        # A page that believes itself live but hears nothing: it acts on what it last knew.
        page.route_web_socket(SOCKET, lambda _route: None)

    stale = desk_for("control", prepare=deaf)
    stale.open_screen(f"#/inbox/open/{post}")
    expect(stale.detail).to_have_attribute("data-status", "ready", timeout=ARRIVAL_MS)
    desk.open(desk.row(text))
    desk.page.get_by_test_id("dismiss").click()
    desk.page.get_by_test_id("confirm").click()
    expect(desk.state).to_have_text("Dismissed")
    expect(desk.page.get_by_test_id("said")).to_have_text("Post dismissed.")
    stale.hide()
    errors = stale.page.get_by_test_id("errors")
    expect(errors).to_contain_text("acted on this post first", timeout=ARRIVAL_MS)
    expect(errors).to_contain_text("was not carried out")
    expect(stale.undo).to_have_count(0)
    expect(stale.state).to_have_text("Dismissed")
