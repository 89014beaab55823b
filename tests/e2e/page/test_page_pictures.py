"""Pictures and films in a browser: sent straight to the bucket, looked at, described, approved by sight, published."""

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.page.desk import ARRIVAL_MS, SEALED_MS, Desk
from tests.e2e.page.test_page_access import RUN_AXE
from tests.e2e.page.test_page_office import loud, ready
from tests.support.films import box, film
from tests.support.stack import until

pytestmark = [pytest.mark.stack, pytest.mark.browser]

# More than one part of 16 MB, and of five minutes.
CLIP = film(seconds=300) + box(b"free", bytes(17 * 1024 * 1024))
TELLS = film(more=box(b"udta", box(b"\xa9xyz", b"\0\x12\0\0+51.5012-000.1234/")))


def photograph() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Kestrel 4711"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 12.5)})
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "JPEG", exif=exif)
    return out.getvalue()


def file(name: str, kind: str, body: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": kind, "buffer": body}


def compose(page: Page, stack: Any, account: dict[str, Any], text: str) -> None:
    page.goto(f"{stack.url}/#/compose/new")
    ready(page)
    page.get_by_label("Words", exact=True).fill(text)
    page.locator(f"[id='pub-on-{account['id']}']").check()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def published(stack: Any, account: dict[str, Any], text: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = stack.public.publications(account["platform"], account=account["id"].partition("-")[2], text=text)
        return found[0] if found else None

    return until(look, "the publication on its platform", seconds=SEALED_MS / 1000)


def test_a_photograph_goes_out_without_what_its_file_tells(desk_for: Callable[..., Desk], stack: Any, words: Callable):
    account = stack.account("facebook")
    page = desk_for().page
    said = loud(page)
    text = words("Have you seen this bicycle?")
    compose(page, stack, account, text)
    page.get_by_label("Add pictures or films").set_input_files(file("IMG 4711.jpg", "image/jpeg", photograph()))
    seen = page.locator("img.asset-seen")
    expect(seen).to_be_visible(timeout=SEALED_MS)
    until(lambda: page.evaluate("document.querySelector('img.asset-seen').naturalWidth") == 256, "the picture itself")

    # Whoever cannot see it is told what is to be seen; without that nothing goes out.
    expect(page.get_by_text("Each picture needs a description")).to_be_visible(timeout=ARRIVAL_MS)
    page.get_by_label("Description of number 1").fill("A red bicycle leaning on a fence")
    expect(page.get_by_text("Each picture needs a description")).to_have_count(0, timeout=ARRIVAL_MS)
    asked: list[str] = []
    page.on(
        "request",
        lambda request: asked.append(request.url) if "/api/" in request.url and "/assets/" in request.url else None,
    )
    with page.expect_response(lambda answer: "/publications/" in answer.url and "/assets/" in answer.url):
        press(page, "Save the draft")
    expect(page.get_by_alt_text("A red bicycle leaning on a fence")).to_be_visible(timeout=ARRIVAL_MS)
    assert page.evaluate(RUN_AXE) == []

    # The preview shows what was read already: no look at the file is recorded once more.
    page.get_by_text("How it will read on each account").first.click()
    card = page.get_by_role("region", name=f"As it will be on {account['name']}")
    expect(card.get_by_role("img", name="A red bicycle leaning on a fence")).to_be_visible(timeout=ARRIVAL_MS)
    assert len(asked) == 1
    assert page.evaluate(RUN_AXE) == []
    press(page, "Send it, or ask for approval")

    out = published(stack, account, text)
    (upload,) = out["uploads"]
    assert upload["size"] < len(photograph())
    assert said == []


def test_a_film_in_parts_goes_out_and_one_that_tells_where_does_not(
    desk_for: Callable[..., Desk], stack: Any, words: Callable
):
    account = stack.account("facebook")
    page = desk_for().page
    said = loud(page)
    text = words("Do you know this man? Five minutes of film")
    compose(page, stack, account, text)
    files = page.get_by_label("Add pictures or films")
    files.set_input_files(file("clip.avi", "video/x-msvideo", b"RIFF"))
    expect(page.get_by_text("clip.avi is not of a type that platforms take")).to_be_visible()
    files.set_input_files(file("garden.mp4", "video/mp4", TELLS))
    expect(page.get_by_text("says where it was taken")).to_be_visible(timeout=SEALED_MS)
    press(page, "Leave it: garden.mp4")

    files.set_input_files(file("camera 3.mp4", "video/mp4", CLIP))
    # The film of this test is whole and has no pictures in it: it is taken, and the browser cannot show it.
    expect(page.get_by_text("It cannot be shown.")).to_be_visible(timeout=SEALED_MS)
    expect(page.get_by_label("Description of number 1")).to_be_visible()
    press(page, "Save the draft")
    submit = page.get_by_role("button", name="Send it, or ask for approval")
    expect(submit).to_be_visible(timeout=ARRIVAL_MS)
    submit.click()
    out = published(stack, account, text)
    assert [upload["sha256"] for upload in out["uploads"]] == [hashlib.sha256(CLIP).hexdigest()]
    assert said == []
