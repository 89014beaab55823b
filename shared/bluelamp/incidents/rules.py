"""Pure decisions about incidents: which posts they are about, and which are left alone and why."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.incidents.model import (
    BulkPolicy,
    BulkVerb,
    Frozenpost,
    Incident,
    Job,
    JobView,
    Match,
    Open,
    Progress,
    Why,
)
from bluelamp.posts.model import CaseReason, Post

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account

# What says that somebody's life may be at risk: such a post stays in sight until a person has looked at it.
LIFE = frozenset({"life_risk", "self_harm", "threat"})
ALERT = "alert_person"
PART = 40
REVIEW = CaseReason(
    code="pending_review",
    rule="incident.standing",
    label="Hidden under an open incident until somebody has reviewed it",
)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SPACES = re.compile(r"\s+")
# What can be done to a job, by its state.
STEPS: dict[str, frozenset[str]] = {
    "previewed": frozenset({"start"}),
    "waiting": frozenset({"agree", "refuse"}),
    "running": frozenset({"pause", "stop"}),
    "paused": frozenset({"resume", "stop"}),
    # All of it is ordered; what the platforms have not been told yet can still be taken back.
    "done": frozenset({"stop"}),
}


def plain(text: str) -> str:
    """Return text as words are compared: compatibility forms and case folded, spaces alike."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


@lru_cache(maxsize=256)
def _finder(words: tuple[str, ...]) -> re.Pattern[str]:
    # A word of nothing would stand in every text.
    found = "|".join(re.escape(clean) for word in words if (clean := plain(word))) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{found})(?!\w)")


def has_word(text: str, words: tuple[str, ...]) -> bool:
    """Tell whether one of the words stands in a text, as a whole word or phrase."""
    return bool(_finder(words).search(plain(text)))


def open_part(incident: Incident) -> Open:
    """Return what the work on posts needs of an incident."""
    scope = incident.scope
    return Open(
        id=incident.id,
        code=incident.code,
        accounts=scope.accounts,
        words=scope.words,
        begin=scope.begin,
        end=scope.end,
        people=tuple(sorted(incident.roles.everybody)),
        strategy=incident.strategy,
        standing=incident.standing,
        slow=incident.slow,
    )


def concerns(one: Open, post: Post) -> bool:
    """Tell whether a post is within an incident's scope."""
    return (
        post.direction == "in"
        and post.account in one.accounts
        and one.begin <= post.received_at
        and (one.end is None or post.received_at < one.end)
        and (not one.words or has_word(post.text, one.words))
    )


def matches(match: Match, post: Post) -> bool:
    """Tell whether a post of a scope is one of those that are meant."""
    codes = {reason.code for reason in post.case.reasons}
    return (
        (not match.words or has_word(post.text, match.words))
        and (not match.codes or bool(codes & set(match.codes)))
        and post.case.grade >= match.grade
    )


def life_risk(post: Post) -> bool:
    """Tell whether what was found in a post may be about somebody's life."""
    return any(reason.code in LIFE or ALERT in reason.effects for reason in post.case.reasons)


def exempt(policy: BulkPolicy, post: Post) -> bool:
    """Tell whether the author is one whom no job touches."""
    handle = plain(post.author.handle or "").removeprefix("@")
    return any(
        one.platform == post.platform
        and (
            (one.author_key is not None and one.author_key == post.author.key)
            or (one.handle is not None and bool(handle) and plain(one.handle).removeprefix("@") == handle)
        )
        for one in policy.exempt
    )


def hidden_here(post: Post, incident: str) -> bool:
    """Tell whether a post is hidden, and was so last by an order of this incident."""
    if post.state != "hidden":
        return False
    hides = [p for p in post.trail if p.type == "intent" and p.detail.get("verb") == "hide"]
    return bool(hides) and hides[-1].detail.get("incident") == incident


def obstacle(
    post: Post,
    verb: BulkVerb,
    *,
    incident: str,
    policy: BulkPolicy,
    feasible: Collection[str],
    stopped: str | None,
) -> Why | None:
    """Return why a job leaves a post alone, or None: the first that holds, as they weigh."""
    own = _not_shown_again(post, incident) if verb == "unhide" else _not_taken_away(post, verb, policy)
    reasons: Sequence[tuple[object, Why]] = (
        (post.disposal, "disposed"),
        (post.pending or post.proposed, "pending"),
        *own,
        (stopped, "account_stopped"),
        (verb not in feasible, "not_offered"),
    )
    return next((why for holds, why in reasons if holds), None)


def _not_shown_again(post: Post, incident: str) -> Sequence[tuple[object, Why]]:
    return (post.state != "hidden", "already"), (not hidden_here(post, incident), "not_ours")


def _not_taken_away(post: Post, verb: BulkVerb, policy: BulkPolicy) -> Sequence[tuple[object, Why]]:
    there = {"visible", "hidden"} if verb == "delete" else {"visible"}
    return (
        (post.state not in there, "already"),
        (post.case.state == "unjudged", "unjudged"),
        (life_risk(post), "life_risk"),
        (post.holds, "held"),
        (exempt(policy, post), "exempt"),
    )


def needs_second(job_posts: int, policy: BulkPolicy, verb: BulkVerb, accounts: Iterable[Account]) -> bool:
    """Tell whether somebody else has to agree: beyond the bound, or to delete where an account's policy says so."""
    if verb == "unhide":
        return False
    asked = verb == "delete" and any(account.policy.approver("delete") for account in accounts)
    return asked or job_posts > policy.bound


def parts_of(posts: Sequence[Frozenpost]) -> list[tuple[Frozenpost, ...]]:
    """Return a selection in parts, each of which goes into one transaction or few."""
    return [tuple(posts[start : start + PART]) for start in range(0, len(posts), PART)]


def selection(incident: str, verb: str, posts: Iterable[Frozenpost]) -> bytes:
    """Return the exact bytes that the digest of a frozen selection is over."""
    return json.dumps([incident, verb, [[post.id, post.seen_at] for post in posts]], separators=(",", ":")).encode()


def action_id(order: str, post: str, seen_at: str) -> str:
    """Return the id of the action that an order gives rise to: the same however often a worker begins anew.

    The time of the order's own ULID, and eighty bits of a hash: a second action for the same post cannot be made.
    """
    number = int.from_bytes(hashlib.sha256(f"{order}:{post}:{seen_at}".encode()).digest()[:10])
    tail = "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(75, -1, -5))
    return order[:10] + tail


def lapsed(job: Job, *, now: str) -> bool:
    """Tell whether nobody ordered or agreed to a job in time."""
    return job.state in {"previewed", "waiting"} and job.until <= now


def busy(job: Job, *, now: str) -> bool:
    """Tell whether something may still come of a job without a new order."""
    return job.state in {"waiting", "running", "paused"} and not lapsed(job, now=now)


def steps(job: Job, *, now: str) -> frozenset[str]:
    """Return what can be done to a job now, whoever asks."""
    return frozenset() if lapsed(job, now=now) else STEPS.get(job.state, frozenset())


NOTHING_YET = Progress()


def view_job(
    job: Job, progress: Progress, *, outcomes: dict[str, int] | None = None, can: Collection[str] = ()
) -> JobView:
    """Return a job as a page shows it."""
    return JobView(
        id=job.id, incident=job.incident, verb=job.verb, state=job.state, posts=job.posts, second=job.second,
        digest=job.digest, by=job.by, agreed_by=job.agreed_by, made_at=job.made_at, until=job.until,
        started_at=job.started_at, ended_at=job.ended_at, intended=progress.intended, skipped=progress.skipped,
        excluded=job.excluded, platforms=job.platforms, accounts=job.by_account, cut=job.cut,
        outcomes=outcomes or {}, rev=job.rev, can=tuple(sorted(can)),
    )  # fmt: skip
