"""Chromium and signed-in pages for the end-to-end tests of the page.

The fixture ``stack`` (the deployed local cloud) comes from the tests around: ``stack.url``, ``stack.users[role]``,
``stack.say(platform, text)``.
"""

import secrets
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.page.desk import ANSWER_MS, AXE, Desk, sign_in

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE = {"width": 1440, "height": 900}

# What is waited for without another word. Five seconds, as Playwright would, are less than a cold start may take.
expect.set_options(timeout=ANSWER_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.fail("No Chromium was found. Install it (Debian: apt-get install chromium) and run the tests again.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def sessions(browser: Browser, stack: Any) -> Callable[[str], Any]:
    """Sign each role in once and hand out its cookies."""
    known: dict[str, Any] = {}

    def session(role: str) -> Any:
        if role not in known:
            context = browser.new_context()
            sign_in(context.new_page(), stack.url, stack.users[role])
            known[role] = context.storage_state()
            context.close()
        return known[role]

    return session


@pytest.fixture
def context_for(
    browser: Browser, sessions: Callable[[str], Any], request: pytest.FixtureRequest
) -> Callable[..., BrowserContext]:
    """Make a browser context of its own for a signed-in role, closed after the test."""

    def make(role: str = "comms", **options: Any) -> BrowserContext:
        settings = {"viewport": WIDE, "locale": "en-GB", "timezone_id": "Europe/London", **options}
        context = browser.new_context(storage_state=sessions(role), **settings)
        request.addfinalizer(context.close)
        return context

    return make


@pytest.fixture
def desk_for(context_for: Callable[..., BrowserContext], stack: Any) -> Callable[..., Desk]:
    """Make a desk: a page of its own, not yet at any screen, with axe at hand."""

    def make(role: str = "comms", prepare: Callable[[Page], None] | None = None, **options: Any) -> Desk:
        context = context_for(role, **options)
        # Before the page's own scripts, because its policy allows none to be added later.
        context.add_init_script(path=AXE)
        page = context.new_page()
        if prepare is not None:
            prepare(page)
        return Desk(page, stack.url, stack.say)

    return make


@pytest.fixture
def desk(desk_for: Callable[..., Desk]) -> Desk:
    """Return a desk of a communications officer at the open queue."""
    made = desk_for()
    made.open_screen()
    return made


@pytest.fixture
def words() -> Callable[[str], str]:
    """Return a maker of texts that no other post has."""
    return lambda text: f"{text} ({secrets.token_hex(4)})"
