"""The work of the desk: hide and undo, delete, reply, note, dismiss, flag, claim, and the history behind it."""

import io
import re
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.page.desk import ARRIVAL_MS, SEALED_MS, Desk
from tests.e2e.page.test_page_access import RUN_AXE

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def test_hide_is_undone_within_ten_seconds(desk: Desk, words):
    row = desk.arrive(words("You are all useless"))
    desk.open(row)
    desk.hide()
    expect(desk.state).to_have_text(re.compile("Being hidden|Hidden"))
    expect(row).to_be_visible()
    desk.undo.click()
    expect(desk.undo).to_have_count(0)
    expect(desk.state).to_have_count(0, timeout=ARRIVAL_MS)
    expect(desk.action("hide", "cancelled")).to_be_visible(timeout=ARRIVAL_MS)


def test_hide_reaches_the_platform_and_can_be_shown_again_later(desk: Desk, words):
    text = words("What a waste of space you are")
    row = desk.arrive(text)
    post = row.get_attribute("data-post")
    desk.open(row)
    desk.hide()
    expect(desk.state).to_have_text("Hidden", timeout=SEALED_MS)
    expect(desk.action("hide", "done")).to_be_visible(timeout=SEALED_MS)
    desk.open_screen("#/inbox/hidden")
    desk.page.locator(f"[data-testid=row][data-post={post}]").click()
    desk.page.get_by_test_id("unhide").click()
    expect(desk.action("unhide", "done")).to_be_visible(timeout=SEALED_MS)
    # Shown again, it is undecided again: back in the queue.
    expect(desk.state).to_have_count(0, timeout=ARRIVAL_MS)


def test_delete_asks_with_the_focus_on_cancel_and_wants_a_reason(desk: Desk, words):
    desk.open(desk.arrive(words("Buy cheap watches from me")))
    desk.page.get_by_test_id("delete").click()
    dialog = desk.page.get_by_role("dialog", name="Delete this post")
    expect(dialog.get_by_test_id("cancel")).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(desk.page.get_by_test_id("delete")).to_be_focused()
    desk.page.get_by_test_id("delete").click()
    desk.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(desk.state).to_have_count(0)
    desk.page.get_by_test_id("delete").click()
    dialog.get_by_test_id("confirm").click()
    expect(dialog.get_by_test_id("error-summary")).to_be_focused()
    dialog.get_by_role("link", name="Select a reason").click()
    expect(dialog.get_by_label("Abuse", exact=True)).to_be_focused()
    dialog.get_by_label("Spam", exact=True).check()
    dialog.get_by_test_id("confirm").click()
    expect(dialog).to_have_count(0)
    expect(desk.state).to_have_text("Deleted", timeout=SEALED_MS)
    expect(desk.action("delete", "done")).to_be_visible(timeout=SEALED_MS)


def test_a_reply_is_counted_checked_and_sent(desk: Desk, words):
    desk.open(desk.arrive(words("What number do I ring for lost property?"), platform="x"))
    box = desk.page.get_by_label(re.compile("^Reply as"))
    desk.page.get_by_test_id("reply-send").click()
    expect(desk.page.get_by_test_id("error-summary")).to_contain_text("Write the reply first")
    box.fill("x" * 281)
    expect(desk.page.get_by_text("1 characters too many")).to_be_visible()
    answer = words("Please ring 101 and ask for lost property")
    box.fill(answer)
    desk.page.get_by_test_id("reply-send").click()
    expect(desk.action("reply", "done")).to_be_visible(timeout=SEALED_MS)
    expect(box).to_have_value("")


def test_a_reply_takes_a_picture_with_it(desk: Desk, words):
    page = desk.page
    desk.open(desk.arrive(words("Which road is closed?"), platform="x"))
    page.get_by_label(re.compile("^Reply as")).fill(words("The one on this map"))
    desk.page.get_by_test_id("reply-picture").click()
    form = page.get_by_test_id("reply-with")
    expect(form).to_be_focused()
    drawn = io.BytesIO()
    Image.new("RGB", (64, 40), (90, 20, 30)).save(drawn, "PNG")
    chosen = form.get_by_label("Choose a picture")
    chosen.set_input_files({"name": "map.gif", "mimeType": "image/gif", "buffer": drawn.getvalue()})
    expect(form.get_by_role("alert")).to_contain_text("X takes JPEG, PNG or WebP of 5 MB at the most")
    chosen.set_input_files({"name": "map.png", "mimeType": "image/png", "buffer": drawn.getvalue()})
    expect(form.locator("img")).to_be_visible(timeout=SEALED_MS)
    page.get_by_test_id("reply-send").click()
    expect(page.get_by_test_id("error-summary")).to_contain_text("Describe the picture")
    assert page.evaluate(RUN_AXE) == []
    form.get_by_label("Description of the picture").fill("A map with the closed road in red")
    page.get_by_test_id("reply-send").click()
    expect(desk.action("reply", "done")).to_contain_text("With a picture: A map", timeout=SEALED_MS)
    expect(form).to_have_count(0)
    page.get_by_role("button", name="Show the picture").click()
    expect(page.get_by_role("img", name="A map with the closed road in red")).to_be_visible(timeout=ARRIVAL_MS)


def test_what_was_said_with_an_author_stands_in_one_timeline(desk: Desk, words):
    said = words("Is the fair still on?")
    desk.open(desk.arrive(said))
    desk.page.get_by_text("All that was said with this author", exact=True).click()
    conversation = desk.page.get_by_test_id("conversation")
    expect(conversation.get_by_role("listitem").filter(has_text=said)).to_be_visible(timeout=ARRIVAL_MS)
    expect(conversation.get_by_text("This is the open post.")).to_be_visible()


def test_note_flag_claim_release_and_dismiss(desk: Desk, words):
    page = desk.page
    desk.open(desk.arrive(words("My bin was not emptied")))
    note = words("Passed to the council")
    page.get_by_label("Add a note").fill(note)
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_test_id("notes")).to_contain_text(note, timeout=ARRIVAL_MS)
    page.get_by_test_id("claim").click()
    expect(page.get_by_test_id("holder")).to_have_text("You have claimed this post.")
    page.get_by_test_id("release").click()
    expect(page.get_by_test_id("holder")).to_have_count(0)
    page.get_by_test_id("flag").click()
    dialog = page.get_by_test_id("flag-dialog")
    dialog.get_by_label("The control room").check()
    dialog.get_by_label("Breaks another rule of the page").check()
    dialog.get_by_test_id("confirm").click()
    expect(desk.detail).to_contain_text("Flagged to the control room.", timeout=ARRIVAL_MS)
    page.get_by_test_id("dismiss").click()
    dialog = page.get_by_test_id("dismiss-dialog")
    expect(dialog.get_by_label("No action needed")).to_be_checked()
    page.keyboard.press("Enter")
    expect(desk.state).to_have_text("Dismissed")
    page.get_by_test_id("tidy").click()
    expect(desk.rows).to_have_count(0)


def test_hateful_post_stands_in_the_moderation_queue_with_its_words_marked(desk: Desk, words):
    text = words("You are vermin and I will burn your house down with you in it")
    desk.open_screen("#/moderation")
    row = desk.arrive(text)
    expect(row.locator("mark").first).to_be_visible(timeout=ARRIVAL_MS)
    desk.open(row)
    expect(desk.page.get_by_label("Why it is here").get_by_role("listitem").first).to_be_visible()
    desk.page.get_by_test_id("claim-mode").check()
    expect(desk.page.get_by_test_id("holder")).to_have_text("You have claimed this post.", timeout=ARRIVAL_MS)
    desk.page.get_by_test_id("claim-mode").uncheck()
    expect(desk.page.get_by_test_id("holder")).to_have_count(0, timeout=ARRIVAL_MS)
    released = desk.page.locator("[data-testid=history-entry][data-type=release]")
    expect(released).to_be_visible(timeout=ARRIVAL_MS)


def test_the_chain_is_checked_in_the_browser_and_the_proof_downloaded(desk: Desk, words):
    page = desk.page
    desk.open(desk.arrive(words("Thank you for your help yesterday")))
    history = page.get_by_test_id("history-entry")
    expect(history.filter(has_text="Received")).to_be_visible()
    result = page.get_by_test_id("check-result")
    deadline = time.monotonic() + SEALED_MS / 1000
    received = page.locator("[data-testid=history-entry][data-type=ingest][data-verdict=sealed]")
    while received.count() == 0 and time.monotonic() < deadline:
        # What waits for the seal is sealed within seconds: ask again, as a person would.
        page.get_by_test_id("check-chain").click()
        expect(result).to_have_text(re.compile(r"\.$"), timeout=ARRIVAL_MS)
        expect(result).to_have_attribute("data-busy", "false", timeout=ARRIVAL_MS)
    expect(received).to_have_count(1)
    expect(result).to_contain_text("in the sealed log, unchanged, under a valid signature")
    assert page.locator("[data-verdict=failed]").count() == 0
    with page.expect_download() as download:
        received.get_by_test_id("download-proof").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2].startswith("index ")
    assert any(line.startswith("— ") for line in lines)


def test_a_forged_record_is_found_out(desk_for, words):
    def forge(route) -> None:
        answer = route.fetch()
        proof = answer.json()
        first = "B" if proof["leaf"][0] == "A" else "A"
        route.fulfill(response=answer, json={**proof, "leaf": first + proof["leaf"][1:]})

    desk = desk_for(prepare=lambda page: page.route(re.compile(r"/proof$"), forge))
    desk.open_screen()
    desk.open(desk.arrive(words("Good work on the burglary")))
    page = desk.page
    deadline = time.monotonic() + SEALED_MS / 1000
    failed = page.locator("[data-testid=history-entry][data-verdict=failed]")
    while failed.count() == 0 and time.monotonic() < deadline:
        page.get_by_test_id("check-chain").click()
        expect(page.get_by_test_id("check-result")).to_have_text(re.compile(r"\.$"), timeout=ARRIVAL_MS)
        expect(page.get_by_test_id("check-result")).to_have_attribute("data-busy", "false", timeout=ARRIVAL_MS)
    expect(failed.first).to_be_visible()
    expect(page.get_by_test_id("check-result")).to_contain_text("not fit the sealed log")
    assert page.locator("[data-verdict=sealed]").count() == 0
