"""Somebody who is suspended is off an open page within a minute, though nothing happens there."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from bluelamp.cli.desk import Desk as Officer
from tests.e2e.page.desk import ARRIVAL_MS, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]

MINUTE_MS = 60_000


@pytest.fixture
def admin(stack) -> Officer:
    return Officer(stack.url.rstrip("/"), stack.users["admin"]).sign_in()


@pytest.fixture
def let_in_again(admin: Officer, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Have somebody let in again when the test is over, however it ended."""

    def later(person: str) -> None:
        request.addfinalizer(lambda: admin.try_post(f"/people/{person}/resume", {}))

    return later


def person_of(context: BrowserContext, url: str) -> str:
    answer = context.request.get(f"{url.rstrip('/')}/api/me")
    return str(answer.json()["person"]["id"])


# A sign-in of its own: suspension ends every session of the person, and those of `desk_for` are shared.
def test_suspending_a_person_ends_an_open_session_in_under_a_minute(browser: Browser, stack, admin, let_in_again):
    with browser.new_context() as context:
        page = context.new_page()
        sign_in(page, stack.url, stack.users["local"])
        expect(page.get_by_test_id("link")).to_have_attribute("data-state", "live", timeout=ARRIVAL_MS)
        person = person_of(context, stack.url)
        let_in_again(person)
        admin.post(f"/people/{person}/suspend", {"reason": "security"})
        began = time.monotonic()
        # Nobody touches the page, and no post is told to it.
        expect(page.get_by_text("Your session has ended.")).to_be_visible(timeout=MINUTE_MS)
        assert time.monotonic() - began < MINUTE_MS / 1000
        expect(page.get_by_test_id("row")).to_have_count(0)
        assert context.request.get(f"{stack.url.rstrip('/')}/api/me").status == 401
