"""Why an action did not come to what was asked for, in words: one place for page, API and command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EDITED: Final = "post_edited"
PACED: Final = "paced"
IN_ORDER: Final = "in_order"

_WORDS: Final[Mapping[str, str]] = {
    EDITED: "The author changed the post after this was decided, so nothing was sent. Read it again, and ask anew if "
    "it still holds.",
    "platform_gone": "The post is not on the platform any more.",
    "platform_reauthorise": "The platform no longer accepts this account's sign-in, so nothing was sent. An "
    "administrator has to connect the account again; then ask anew.",
    "platform_not_allowed": "The platform does not let this account do that to this post. Nothing was changed.",
    "platform_policy_blocked": "The platform has stopped everything that this account writes, for a day or until it "
    "lifts that. The lead of the account should look at the platform's own messages.",
    "platform_outside_window": "The time in which this person may be answered in private has passed. Answer in "
    "public, or ask them to write again.",
    "platform_throttled": "The platform took no more calls from this account for a whole day, so this was given up. "
    "Ask anew.",
    "platform_try_again": "The platform could not be reached after several attempts. Ask anew later.",
    "platform_timed_out": "The platform gave no answer.",
    "asset_lost": "The picture that goes with this is not there any more as it was checked, so nothing was sent. Add "
    "it again, and ask anew.",
    "unfit": "The platform looked at the picture and does not take it, so nothing was sent. Ask anew with another one, "
    "or with the words alone.",
    "account_suspended": "The account was suspended after this was asked for, so nothing was sent.",
    "account_archived": "The account was archived after this was asked for, so nothing was sent.",
    "restored": "The table was restored to an earlier point while this was under way.",
}
_FAILED: Final = "The platform refused it. Nothing was changed."
_UNKNOWN: Final = (
    "Whether it happened is not known. It is read back from the platform for a day; look at the platform yourself, and "
    "say here what you found."
)


def said(state: str, error: str | None) -> str | None:
    """Return the words for an action's end, or None when it ended as was asked for, or has not ended."""
    if state not in {"failed", "overtaken", "unknown"}:
        return None
    known = _WORDS.get(error or "")
    if state == "unknown":
        return f"{known} {_UNKNOWN}" if known else _UNKNOWN
    return known or _FAILED
