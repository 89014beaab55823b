"""Signing in and out, and what the page may load."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.e2e.page.desk import Desk, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def test_signed_out_page_leads_through_the_hosted_sign_in_and_back(browser: Browser, stack):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{stack.url.rstrip('/')}/#/moderation")
        link = page.get_by_role("link", name="Sign in")
        expect(link).to_have_attribute("href", re.compile(r"^/api/auth/login\?next=%2F%23%2Fmoderation"))
        sign_in(page, stack.url, stack.users["comms"])
        expect(page.get_by_test_id("person")).to_be_visible()
        cookies = [cookie for cookie in context.cookies() if cookie["name"] in {"sid", "__Host-sid"}]
        assert [cookie["httpOnly"] for cookie in cookies] == [True]
        assert page.evaluate("() => [localStorage.length, sessionStorage.length]") == [0, 0]


def test_signing_out_ends_the_session_everywhere(browser: Browser, stack):
    with browser.new_context() as context:
        page, other = context.new_page(), context.new_page()
        sign_in(page, stack.url, stack.users["comms"])
        other.goto(stack.url)
        expect(other.get_by_test_id("list")).to_be_visible()
        page.get_by_test_id("person").click()
        page.get_by_test_id("sign-out").click()
        expect(page.get_by_text("You have signed out.")).to_be_visible()
        other.get_by_test_id("queue-high").click()
        expect(other.get_by_text("Your session has ended.")).to_be_visible()
        expect(other.get_by_test_id("row")).to_have_count(0)


def test_nothing_is_loaded_from_elsewhere_and_the_policy_holds(desk_for: Callable[..., Desk], stack):
    elsewhere: list[str] = []
    complaints: list[str] = []
    home = urlsplit(stack.url).netloc

    def watch(page: Page) -> None:
        page.on("request", lambda request: urlsplit(request.url).netloc in {home, ""} or elsewhere.append(request.url))
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    desk = desk_for(prepare=watch)
    desk.open_screen()
    desk.open_screen("#/moderation")
    assert elsewhere == []
    assert complaints == []
    blocked = "() => { try { document.body.innerHTML = '<b>x</b>'; return false } catch { return true } }"
    assert desk.page.evaluate(blocked), "Trusted Types do not guard innerHTML"
