"""Keyboard, screen reader semantics, axe, narrow screens."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.page.desk import ARRIVAL_MS, AXE, Desk

pytestmark = [pytest.mark.stack, pytest.mark.browser]

RUN_AXE = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, ...nodes.map(({ target }) => target.join(' '))].join(': '));
}"""


def assert_accessible(page: Page) -> None:
    assert page.evaluate(RUN_AXE) == []


def three_posts(desk: Desk, words: Callable[[str], str]) -> str:
    """Let three posts of one token arrive and leave the list filtered to them."""
    token = words("Road closed")
    desk.page.get_by_label("Filter this list").fill(token)
    for number in (1, 2, 3):
        desk.say("facebook", f"{token} number {number}")
        desk.reveal(f"{token} number {number}")
    expect(desk.rows).to_have_count(3)
    return token


def active_row(desk: Desk) -> str | None:
    return desk.list.get_attribute("aria-activedescendant")


def test_the_list_is_worked_by_keys_while_it_has_the_focus(desk: Desk, words):
    three_posts(desk, words)
    page = desk.page
    ids = desk.rows.evaluate_all("rows => rows.map(row => row.id)")
    desk.rows.first.click()
    expect(desk.list).to_be_focused()
    page.keyboard.press("j")
    expect(desk.list).to_have_attribute("aria-activedescendant", ids[1])
    page.keyboard.press("ArrowDown")
    expect(desk.list).to_have_attribute("aria-activedescendant", ids[2])
    page.keyboard.press("k")
    expect(desk.list).to_have_attribute("aria-activedescendant", ids[1])
    expect(desk.detail).to_have_attribute("data-post", ids[1].removeprefix("row-"), timeout=ARRIVAL_MS)
    page.keyboard.press("x")
    expect(desk.rows.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("x")
    page.keyboard.press("a")
    expect(page.get_by_test_id("holder")).to_have_text("You have claimed this post.")
    page.keyboard.press("/")
    expect(page.get_by_label("Filter this list")).to_be_focused()
    page.keyboard.press("Escape")
    expect(desk.list).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(desk.list).to_be_focused()
    page.keyboard.press(".")
    expect(page.get_by_role("dialog", name="Actions for this post")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#reply-text")).to_be_focused()


def test_keys_hide_dismiss_and_undo(desk: Desk, words):
    three_posts(desk, words)
    page = desk.page
    ids = desk.rows.evaluate_all("rows => rows.map(row => row.id)")
    desk.rows.first.click()
    expect(desk.detail).to_have_attribute("data-status", "ready", timeout=ARRIVAL_MS)
    page.keyboard.press("h")
    page.get_by_test_id("hide-dialog").get_by_label("Off topic").check()
    page.keyboard.press("Enter")
    expect(desk.list).to_be_focused()
    expect(desk.list).to_have_attribute("aria-activedescendant", ids[1])
    expect(desk.rows.first.get_by_test_id("state")).to_be_visible()
    page.keyboard.press("z")
    expect(desk.rows.first.get_by_test_id("state")).to_have_count(0)
    expect(desk.list).to_have_attribute("aria-activedescendant", ids[0])
    page.keyboard.press("e")
    expect(page.get_by_test_id("dismiss-dialog")).to_be_visible()
    page.keyboard.press("Enter")
    expect(desk.rows.first.get_by_test_id("state")).to_have_text("Dismissed")
    expect(desk.list).to_have_attribute("aria-activedescendant", ids[1])


def test_letters_can_be_switched_off_and_never_act_while_writing(desk: Desk, words):
    three_posts(desk, words)
    page = desk.page
    desk.open(desk.rows.first)
    page.locator("#reply-text").press_sequentially("hejkxz./?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(desk.state).to_have_count(0)
    desk.list.focus()
    page.keyboard.press("?")
    page.get_by_test_id("keys-switch").uncheck()
    page.keyboard.press("Escape")
    before = active_row(desk)
    desk.list.focus()
    page.keyboard.press("j")
    assert active_row(desk) == before
    page.keyboard.press("ArrowDown")
    expect(desk.list).not_to_have_attribute("aria-activedescendant", before or "")
    desk.open_screen()
    page.get_by_test_id("person").click()
    expect(page.get_by_label("Letter keys in the list")).not_to_be_checked()


def test_the_list_tells_its_size_and_places(desk: Desk, words):
    three_posts(desk, words)
    expect(desk.list).to_have_role("listbox")
    for at in range(3):
        row = desk.rows.nth(at)
        expect(row).to_have_attribute("aria-posinset", str(at + 1))
        expect(row).to_have_attribute("aria-setsize", "3")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(desk_for: Callable[..., Desk], words, scheme: str):
    desk = desk_for(color_scheme=scheme)
    desk.open_screen()
    text = words("You are useless vermin")
    desk.open(desk.arrive(text))
    assert_accessible(desk.page)
    desk.page.get_by_test_id("delete").click()
    desk.page.get_by_test_id("confirm").click()
    expect(desk.page.get_by_test_id("error-summary")).to_be_focused()
    assert_accessible(desk.page)
    desk.page.keyboard.press("Escape")
    desk.hide()
    expect(desk.undo).to_be_visible()
    assert_accessible(desk.page)
    desk.undo.click()
    expect(desk.undo).to_have_count(0)
    desk.open_screen("#/moderation")
    assert_accessible(desk.page)


def test_axe_finds_nothing_serious_on_the_way_in(browser: Browser, stack):
    with browser.new_context() as context:
        context.add_init_script(path=AXE)
        page = context.new_page()
        page.goto(stack.url)
        expect(page.get_by_test_id("sign-in")).to_be_visible()
        assert_accessible(page)


@pytest.mark.parametrize("height", [640, 256])
def test_at_320_pixels_nothing_scrolls_sideways(desk_for: Callable[..., Desk], words, height: int):
    desk = desk_for(viewport={"width": 320, "height": height})
    desk.open_screen()
    sideways = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert desk.page.evaluate(sideways) == 0
    desk.open(desk.arrive(words("Averylongwordwithoutanyplacetobreakit" * 4)))
    expect(desk.detail).to_be_focused()
    assert desk.page.evaluate(sideways) == 0
    assert_accessible(desk.page)
    desk.page.get_by_test_id("delete").click()
    expect(desk.page.get_by_test_id("cancel")).to_be_focused()
    assert desk.page.evaluate(sideways) == 0
    desk.page.keyboard.press("Escape")
    desk.page.get_by_role("button", name="Back to the list").click()
    expect(desk.list).to_be_focused()
