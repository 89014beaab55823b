"""The page as a person at the desk uses it: what the end-to-end tests share.

Every wait is for a state that the page shows. Nothing here knows how the page is built beyond roles, names and the
``data-testid`` marks, so that the tests stay true when the views change.
"""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.stack import until

AXE = Path(__file__).parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"

ARRIVAL_MS = 90_000
"""Webhook to page. Seconds, as a rule; where a worker dies on the way its message comes again after a minute."""

SEALED_MS = 120_000
"""An order on the platform: undo time, seal, platform call, outcome; likewise."""

ANSWER_MS = 30_000
"""An answer of the API to something that was pressed, with room for a cold start on a busy machine."""


def one_time_code(secret: str, at: float) -> str:
    """Return the six digits of RFC 6238 for a base32 secret."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def sign_in(page: Page, url: str, user: dict[str, Any]) -> None:
    """Go through the hosted sign-in until the page stands."""
    page.goto(url)
    page.get_by_test_id("sign-in").click()
    page.locator("input[name=username]").first.fill(user["username"])
    page.locator("input[name=password]").first.fill(user["password"])
    page.locator("button[type=submit], input[type=submit]").first.click()
    if user.get("totp_secret"):
        code = page.locator(
            "input[autocomplete=one-time-code], :is(input[name*=code i], input[name*=totp i]):not([type=hidden])",
        ).first
        _type_code(page, code, user["totp_secret"])
    expect(page.get_by_test_id("person")).to_be_visible(timeout=ARRIVAL_MS)


def _type_code(page: Page, code: Locator, secret: str) -> None:
    """Type the code; one is good once: whoever signed in with it a moment ago waits for the next, as the page says."""
    typed = ""
    for _ in range(2):
        typed = until(lambda last=typed: _next_code(secret, last), "the next one-time code")
        code.fill(typed)
        with page.expect_navigation():
            page.locator("button[type=submit], input[type=submit]").first.click()
        if page.get_by_text("That code is not right").count() == 0:
            return


def _next_code(secret: str, last: str) -> str | None:
    now = one_time_code(secret, time.time())
    return now if now != last else None


class Desk:
    """One signed-in page and the public that writes to it."""

    def __init__(self, page: Page, url: str, say: Callable[[str, str], str]) -> None:
        self.page = page
        self.url = url
        self.say = say
        self.rows = page.get_by_test_id("row")
        self.list = page.get_by_test_id("list")
        self.detail = page.get_by_test_id("detail")
        self.state = page.get_by_test_id("identity").get_by_test_id("state")
        self.undo = page.get_by_test_id("undo")

    def open_screen(self, address: str = "#/inbox/open", *, live: bool = True) -> None:
        """Load a screen anew and wait until its list was read and the link is live."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.url.rstrip('/')}/{address}")
        expect(self.list).to_have_attribute("aria-busy", "false", timeout=ARRIVAL_MS)
        if live:
            self.expect_link("live")

    def expect_link(self, state: str) -> None:
        expect(self.page.get_by_test_id("link")).to_have_attribute("data-state", state, timeout=ARRIVAL_MS)

    def row(self, words: str) -> Locator:
        return self.rows.filter(has_text=words)

    def arrive(self, words: str, *, platform: str = "facebook") -> Locator:
        """Let the public say something and bring it into the list the way a person does."""
        self.page.get_by_label("Filter this list").fill(words)
        self.say(platform, words)
        self.reveal(words)
        return self.row(words)

    def reveal(self, words: str) -> None:
        """Press "N new posts: show" until the words stand in the list."""
        button = self.page.get_by_role("button", name=re.compile(r"new posts?: show"))
        deadline = time.monotonic() + ARRIVAL_MS / 1000
        while time.monotonic() < deadline:
            either = button.or_(self.row(words)).first
            expect(either).to_be_visible(timeout=ARRIVAL_MS)
            if self.row(words).count() > 0:
                return
            # Another post may have come first: the button goes when pressed and is back with the next one.
            button.click()
        expect(self.row(words)).to_be_visible(timeout=1)

    def open(self, row: Locator) -> None:
        """Open a post and wait until all of it was read."""
        post = row.get_attribute("data-post")
        row.click()
        expect(self.detail).to_have_attribute("data-post", post or "")
        expect(self.detail).to_have_attribute("data-status", "ready", timeout=ARRIVAL_MS)

    def hide(self, reason: str = "Abuse") -> None:
        """Hide the open post for a reason chosen in the dialog."""
        self.page.get_by_role("button", name=re.compile(r"^Hide(, other reason)?…$")).click()
        dialog = self.page.get_by_test_id("hide-dialog")
        dialog.get_by_label(reason, exact=True).check()
        dialog.get_by_test_id("confirm").click()
        expect(dialog).to_have_count(0)

    def action(self, verb: str, state: str) -> Locator:
        return self.page.locator(f"[data-testid=actions] [data-verb={verb}][data-state={state}]")
