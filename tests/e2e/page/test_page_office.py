"""The office in a browser: every screen that somebody is offered opens, for everybody; and one of each works."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from bluelamp.cli.desk import Desk as Officer
from tests.e2e.page.desk import ARRIVAL_MS, Desk
from tests.e2e.page.test_page_access import RUN_AXE
from tests.support.stack import until

pytestmark = [pytest.mark.stack, pytest.mark.browser]

ROLES = ("comms", "local", "control", "supervisor", "auditor", "admin")


def loud(page: Page) -> list[str]:
    """Note what the page complains of from now on: errors of scripts and of its policy, and not that it was refused."""

    def note(text: str) -> None:
        if "403 (Forbidden)" not in text:  # the inbox of somebody who sees no posts says so in words
            said.append(text)

    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: note(line.text) if line.type == "error" else None)
    return said


def open_office(page: Page, name: str) -> None:
    page.get_by_test_id("office").click()
    page.get_by_role("navigation", name="Office").get_by_role("link", name=name, exact=True).click()
    ready(page, name)


def ready(page: Page, name: str = "") -> None:
    """Wait until a screen is there and has read what it shows."""
    expect(page.locator(".office"), name).to_be_visible(timeout=ARRIVAL_MS)
    reading = page.locator(".office").get_by_text("Reading…", exact=True)
    # The first to ask waits for functions that nobody has woken yet.
    expect(reading, name).to_have_count(0, timeout=2 * ARRIVAL_MS)


@pytest.mark.parametrize("role", ROLES)
def test_every_screen_that_is_offered_opens_and_is_accessible(desk_for: Callable[..., Desk], role: str):
    page = desk_for(role).page
    said = loud(page)
    page.goto(desk_for(role).url)
    menu = page.get_by_test_id("office")
    expect(menu).to_be_visible(timeout=ARRIVAL_MS)
    menu.click()
    names = page.get_by_role("navigation", name="Office").get_by_role("link").all_inner_texts()
    menu.click()
    assert "Media Guide" in names
    for name in names:
        open_office(page, name)
        assert page.locator(".office [role=alert]").all_inner_texts() == [], name
        assert page.evaluate(RUN_AXE) == [], name
    assert said == []


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_who_sees_no_posts_begins_with_a_screen_of_theirs(desk_for: Callable[..., Desk], role: str):
    page = desk_for(role).page
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 403 else None)
    page.goto(desk_for(role).url)
    ready(page, role)
    assert refused == []


def test_an_account_is_checked_by_one_key_after_having_looked(desk_for: Callable[..., Desk], stack):
    desk = desk_for("comms")
    officer = Officer(stack.url.rstrip("/"), stack.users["comms"]).sign_in()
    # Of all within reach: on a stack that came up after 16:00 no check is wanted, and one can be done all the same.
    done = {one["account"] for one in officer.get("/checks")["checks"] if one["state"] == "checked"}
    active = (one["id"] for one in officer.get("/accounts?status=active")["accounts"])
    account = next(name for name in active if name not in done)
    desk.open_screen(f"#/inbox/account:{account}")
    expect(desk.page.get_by_test_id("check")).to_be_visible()
    desk.list.focus()
    desk.page.keyboard.press("c")
    expect(desk.page.get_by_test_id("checked")).to_contain_text("Checked today by")
    found = {one["account"]: one["state"] for one in officer.get("/checks")["checks"]}
    assert found[account] == "checked"


def test_whoever_is_on_duty_is_called_and_somebody_takes_it_on(desk: Desk, words, stack):
    row = desk.arrive(words("There is somebody on the bridge"))
    desk.open(row)
    post = row.get_attribute("data-post")
    desk.page.get_by_test_id("flag").first.click()
    dialog = desk.page.get_by_test_id("flag-dialog")
    dialog.get_by_label("Whoever is on duty now", exact=False).check()
    dialog.get_by_label("Threat", exact=False).first.check()
    dialog.get_by_test_id("confirm").click()
    expect(desk.page.get_by_test_id("said")).to_contain_text("has been called", timeout=ARRIVAL_MS)
    open_office(desk.page, "Calls")
    mine = desk.page.get_by_role("row").filter(has=desk.page.locator(f"a[href$='{post}']"))
    expect(mine).to_have_count(1)
    mine.get_by_role("button", name="I take it").click()
    expect(mine).to_have_count(0, timeout=ARRIVAL_MS)
    officer = Officer(stack.url.rstrip("/"), stack.users["control"]).sign_in()
    assert post not in {call["post"] for call in officer.get("/calls")["calls"]}


def test_a_new_guide_is_sent_out_and_acknowledged(desk_for: Callable[..., Desk], stack):
    # It holds from tomorrow on: nobody else's work stops today, and who acknowledges it has it in time.
    now = datetime.now(UTC)
    version = f"{now:%Y}.{100 + int(now.timestamp()) % 900}"
    admin = Officer(stack.url.rstrip("/"), stack.users["admin"]).sign_in()
    text = "# Tone\n\nWe answer as we would at the counter.\n\n- Never name a victim."
    day = (now + timedelta(days=1)).date().isoformat()
    admin.post("/guide", {"version": version, "effective_from": day, "text": text})
    page = desk_for("comms").page
    page.goto(f"{stack.url.rstrip('/')}/#/guide")
    ready(page)
    page.get_by_role("button", name=f"Read version {version}").click()
    guide = page.get_by_role("region", name=f"Force Media Guide {version}")
    expect(guide.get_by_text("Never name a victim.")).to_be_visible(timeout=ARRIVAL_MS)
    guide.get_by_role("button", name="Acknowledge this version").click()
    expect(guide.get_by_test_id("error-summary")).to_contain_text("Tick that you have read the guide")
    guide.get_by_label("I have read this version").check()
    guide.get_by_role("button", name="Acknowledge this version").click()
    expect(guide.get_by_text("You acknowledged this version on")).to_be_visible(timeout=ARRIVAL_MS)
    officer = Officer(stack.url.rstrip("/"), stack.users["comms"]).sign_in()
    assert version in {one["version"] for one in officer.get("/guide")["mine"]["acknowledged"]}
    begun = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def sent() -> list[str]:
        kept = officer.get("/outbox")["messages"]
        return [
            one["link"]
            for one in kept
            if one["at"] >= begun and "new edition of the Force Media Guide" in one["subject"]
        ]

    assert until(sent, "the guide in the outbox")[0].endswith("#/guide")


def test_an_administrator_lists_an_author_whom_no_order_touches(desk_for: Callable[..., Desk], stack):
    admin = Officer(stack.url.rstrip("/"), stack.users["admin"]).sign_in()
    before = admin.get("/incident-policy")
    handle = f"press_{secrets.token_hex(4)}"
    page = desk_for("admin").page
    said = loud(page)
    page.goto(f"{stack.url}/#/incidents")
    ready(page)
    page.get_by_role("button", name="Show the bound and the list").click()
    page.get_by_text("Change the bound or the list").click()
    page.get_by_label("Platform", exact=True).select_option("x")
    page.get_by_label("Handle, or key of the author").fill(f"@{handle}")
    page.get_by_role("button", name="Set it for every incident").click()
    expect(page.get_by_test_id("error-summary")).to_contain_text("Put this author on the list")
    page.get_by_role("button", name="Put on the list").click()
    assert page.evaluate(RUN_AXE) == []

    # Somebody else was quicker: what they have set is shown, what was typed stays.
    exempt = [*before["exempt"], {"platform": "x", "handle": f"{handle}_2", "label": ""}]
    admin.put("/incident-policy", {"bound": before["bound"], "exempt": exempt, "rev": before["rev"]})
    page.get_by_role("button", name="Set it for every incident").click()
    expect(page.get_by_text("Somebody else has changed it meanwhile")).to_be_visible(timeout=ARRIVAL_MS)
    expect(page.get_by_role("rowheader", name=f"@{handle}_2")).to_be_visible(timeout=ARRIVAL_MS)
    page.get_by_role("button", name="Set it for every incident").click()
    expect(page.get_by_text("Set. It is on the record.")).to_be_visible(timeout=ARRIVAL_MS)
    now = admin.get("/incident-policy")
    assert [one["handle"] for one in now["exempt"][len(before["exempt"]) :]] == [handle]
    (refused,) = said
    assert "409 (Conflict)" in refused
