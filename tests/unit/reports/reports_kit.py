"""Thirty posts on two accounts and two days, written out, from which every figure can be followed by hand.

All times are those of November 2026, when London has UTC. What each adds to is worked out in test_reports_by_hand.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

from bluelamp.posts.model import Case, CaseReason, PersonName, Pointer, Post
from bluelamp.reports.tallying import Seen, count_days

DAYS = (date(2026, 11, 2), date(2026, 11, 3))
NOW = datetime(2026, 11, 4, 9, tzinfo=UTC)
NORTH, SOUTH = "facebook-1", "x-2"
ABUSE, THREAT, SPAM, DATA = "abuse.words", "threat.words", "spam.links", "pd.words"


def at(when: str) -> str:
    """Return a time of November: ``2 09:30`` is the 2nd, half past nine."""
    day, _, clock = when.partition(" ")
    return f"2026-11-{int(day):02d}T{clock}:00.000Z"


def line(kind: str, when: str, by: str | None = None, **detail: str) -> Pointer:
    """Return a line of a history."""
    who = PersonName(id=by, name=by.title()) if by else None
    return Pointer(chunk="c", i=0, leaf=f"{kind}-{when}", type=kind, at=at(when), by=who, detail=detail)


def acted(verb: str, by: str, when: str, result: str = "done") -> list[Pointer]:
    """Return an intent and its outcome, both at that minute."""
    return [line("intent", when, by, verb=verb), line("outcome", when, verb=verb, result=result)]


def dismissed(by: str, when: str) -> list[Pointer]:
    """Return the line of a case closed without anything done."""
    return [line("decide", when, by, reason="no_action")]


def post(
    number: int,
    wrote: str,
    risk: str,
    *lines: list[Pointer],
    account: str = NORTH,
    kind: str = "comment",
    rules: Sequence[str] = (),
    came: str | None = None,
    closed: str | None = None,
    **more: Any,
) -> Seen:
    """Return a post with its history; `closed` is when its case was, as long as nobody opened it again."""
    received = at(came or wrote)
    case = Case(
        state="closed" if closed else "open",
        risk=risk,  # type: ignore[arg-type]
        reasons=tuple(CaseReason(code="abuse", rule=rule, label="l") for rule in rules),
        decided_at=at(closed) if closed and not more.get("removed") else None,
    )
    history = [line("ingest", came or wrote), line("classify", came or wrote, risk=risk), *chain(*lines)]
    more.pop("removed", None)
    made = Post(
        id=f"p{number}", platform=account.partition("-")[0], account=account, account_name="N", team="t",
        native_id=str(number), kind=kind, direction=more.pop("direction", "in"), thread="t1",  # type: ignore[arg-type]
        thread_native="1", event_at=at(wrote), seen_at=received, received_at=received, updated_at=received, case=case,
        trail=tuple(history), rev=len(history), **more,
    )  # fmt: skip
    return Seen(made, made.trail)


POSTS = {
    NORTH: (
        post(1, "2 09:00", "low", acted("reply", "ann", "2 09:10"), closed="2 09:10"),
        post(2, "2 09:05", "low", acted("reply", "ann", "2 09:25"), closed="2 09:25"),
        post(3, "2 09:30", "none", dismissed("bob", "2 10:00"), closed="2 10:00"),
        post(4, "2 10:00", "high", acted("hide", "ann", "2 10:05"), rules=(ABUSE,), closed="2 10:05"),
        post(5, "2 10:10", "high", dismissed("bob", "2 10:30"), rules=(ABUSE,), closed="2 10:30"),
        post(6, "2 10:20", "critical", acted("delete", "ann", "2 10:22"), rules=(THREAT, ABUSE), closed="2 10:22"),
        post(7, "2 11:00", "low", acted("hide", "bob", "2 11:30"), closed="2 11:30"),
        post(8, "2 11:00", "none", acted("reply", "ann", "2 14:00"), kind="message", closed="2 14:00"),
        post(9, "2 12:00", "medium", acted("reply", "bob", "2 12:30"), kind="message", rules=(DATA,), closed="2 12:30"),
        # Hidden, shown again, and then dismissed.
        post(
            10, "2 13:00", "high", acted("hide", "ann", "2 13:05"), acted("unhide", "bob", "2 13:20"),
            dismissed("bob", "2 13:30"), rules=(ABUSE,), closed="2 13:30",
        ),
        # A hide that was taken back before the platform was asked, and an answer that failed: both are open still.
        post(11, "2 13:10", "high", acted("hide", "ann", "2 13:11", "cancelled"), rules=(ABUSE,)),
        post(12, "2 14:00", "low", acted("reply", "ann", "2 14:10", "failed")),
        post(13, "2 15:00", "low", [line("removed", "2 16:00")], closed="2 16:00", removed=True),
        # Waits over midnight.
        post(14, "2 20:00", "none", acted("reply", "ann", "3 20:00"), closed="3 20:00"),
        post(15, "2 08:00", "none", kind="post", direction="out", closed="2 08:00"),
        # Written before midnight, taken in after it.
        post(16, "2 23:50", "low", acted("reply", "bob", "3 08:50"), came="3 00:05", closed="3 08:50"),
        # Answered twice.
        post(
            17, "3 09:00", "low", acted("reply", "ann", "3 09:01"), acted("reply", "ann", "3 09:30"), closed="3 09:30"
        ),
        post(18, "3 10:00", "medium", dismissed("ann", "3 10:05"), rules=(SPAM,), closed="3 10:05"),
        post(19, "3 10:00", "medium", acted("hide", "ann", "3 10:20", "already"), rules=(SPAM,), closed="3 10:20"),
        post(21, "3 08:00", "none", kind="post", direction="out", closed="3 08:00"),
        # Gone before its words came.
        post(22, "3 08:00", "none", stub=True, closed="3 08:00"),
    ),
    SOUTH: (
        post(23, "2 09:00", "low", acted("reply", "cy", "2 09:30"), account=SOUTH, kind="reply", closed="2 09:30"),
        post(24, "2 10:00", "none", dismissed("cy", "2 11:00"), account=SOUTH, kind="mention", closed="2 11:00"),
        post(
            25, "2 10:30", "high", acted("delete", "cy", "2 10:40"), account=SOUTH, kind="mention", rules=(ABUSE,),
            closed="2 10:40",
        ),
        post(26, "2 22:00", "low", account=SOUTH, kind="mention"),
        post(27, "3 07:00", "low", acted("reply", "cy", "3 07:45"), account=SOUTH, kind="reply", closed="3 07:45"),
        post(28, "3 08:00", "none", account=SOUTH, kind="mention"),
        # Nobody knows whether it was deleted.
        post(29, "3 09:00", "low", acted("delete", "cy", "3 09:30", "unknown"), account=SOUTH, kind="mention"),
        post(30, "3 23:59", "none", account=SOUTH, kind="reply"),
    ),
}  # fmt: skip
FIGURES = [day for account, posts in POSTS.items() for day in count_days(account, DAYS, posts)]
