"""Publishing in a browser: a draft that two people change, scheduled, found in the calendar, paused and withdrawn."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.page.desk import ARRIVAL_MS, Desk
from tests.e2e.page.test_page_access import RUN_AXE
from tests.e2e.page.test_page_office import loud, ready

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def part(page: Page, what: str) -> Any:
    """Return a part of the publication that is open, by its name."""
    return page.locator(".parts > div").filter(has=page.locator("dt", has_text=what)).first


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_timed_draft_that_two_people_change_at_once(desk_for: Callable[..., Desk], stack: Any, words: Callable):
    account = stack.account("facebook")
    page = desk_for().page
    said = loud(page)
    text = words("The bridge is open again")
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    page.goto(f"{stack.url}/#/compose/new")
    ready(page)
    page.get_by_label("Words", exact=True).fill(text)
    page.get_by_label("Link", exact=True).fill("https://news.example/bridge")
    page.locator(f"[id='pub-on-{account['id']}']").check()
    page.get_by_label("Goes out at").fill(f"{day}T16:30")
    press(page, "Save the draft")

    # It has an address of its own, and says when it goes out though nobody has submitted it.
    shown = page.get_by_text(f"It is to go out at this time: {day.day} {day:%B %Y} at 4:30pm in London.")
    expect(shown).to_be_visible(timeout=ARRIVAL_MS)
    publication = page.url.rsplit("/", 1)[1]
    assert page.evaluate(RUN_AXE) == []

    # Before it goes out it is shown as it will read there, in nobody's way until it is opened.
    page.get_by_text("How it will read on each account").first.click()
    card = page.get_by_role("region", name=f"As it will be on {account['name']}")
    expect(card).to_contain_text(text)
    # What a link will show is asked for by a press, and of listed sites alone.
    card.get_by_role("button", name="Look up how the link will show").click()
    expect(card.get_by_test_id("link-card")).to_contain_text("Not looked up", timeout=ARRIVAL_MS)
    assert page.evaluate(RUN_AXE) == []

    # Somebody else saves while the words are being changed here: both stay, and the person says which.
    other = stack.desk("comms")
    there = other.get(f"/publications/{publication}")
    page.get_by_text("Change it", exact=True).click()
    page.get_by_label("Words", exact=True).fill(f"{text}, both ways")
    theirs = {**there["fields"], "text": f"{text}, northbound"}
    other.put(f"/publications/{publication}", {"fields": theirs, "rev": there["rev"]})
    press(page, "Save the draft")
    expect(page.get_by_role("heading", name="has saved something else")).to_be_visible(timeout=ARRIVAL_MS)
    expect(page.get_by_text(f"New: {text}, both ways")).to_be_visible()
    press(page, "Keep what I typed, to save it over theirs")
    press(page, "Save the draft")
    expect(part(page, "Words")).to_contain_text(f"{text}, both ways", timeout=ARRIVAL_MS)
    assert other.get(f"/publications/{publication}")["fields"]["text"] == f"{text}, both ways"

    press(page, "Schedule it, or ask for approval")
    expect(page.get_by_role("heading", name="Scheduled")).to_be_visible(timeout=ARRIVAL_MS)

    page.goto(f"{stack.url}/#/calendar")
    ready(page)
    page.get_by_label("Month").fill(f"{day:%Y-%m}")
    page.get_by_role("link", name=text).click()
    expect(page.get_by_role("heading", name="Scheduled")).to_be_visible(timeout=ARRIVAL_MS)
    press(page, "Withdraw it")
    expect(page.get_by_role("heading", name="Withdrawn")).to_be_visible(timeout=ARRIVAL_MS)
    (refused,) = said
    assert "409 (Conflict)" in refused  # of the two who saved at once


def test_publishing_is_paused_on_one_account_and_goes_on(desk_for: Callable[..., Desk], stack: Any):
    account = stack.account("facebook")
    page = desk_for().page
    page.goto(f"{stack.url}/#/calendar")
    ready(page)
    press(page, "Pause publishing")
    expect(page.get_by_test_id("error-summary")).to_contain_text("Choose what stands still")
    page.get_by_label("Some accounts").check()
    page.locator(f"[id='cal-on-{account['id']}']").check()
    press(page, "Pause publishing")
    expect(page.get_by_text(f"paused {account['name']} on")).to_be_visible(timeout=ARRIVAL_MS)
    assert page.evaluate(RUN_AXE) == []
    press(page, "Let it go on")
    expect(page.get_by_role("heading", name="Publishing is not paused")).to_be_visible(timeout=ARRIVAL_MS)
