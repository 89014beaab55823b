"""Pure decisions about retention: the classes we set out with, when a post is due, and what stands in its way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from bluelamp.errors import InvalidInputError
from bluelamp.posts.model import Kind, Post
from bluelamp.retention.model import (
    FINAL,
    KINDS,
    Basis,
    ClassView,
    Disposal,
    DisposalSummary,
    DisposalView,
    Fate,
    FateView,
    Hold,
    HoldView,
    NotKeptError,
    RetentionClass,
    Review,
    SkipReason,
)
from bluelamp.times import iso, parse_iso

# DynamoDB's point-in-time recovery brings a table back as it was at any moment of this time, keys included. A contract
# test holds it against the template.
RECOVERY = timedelta(days=35)

_SEVEN_YEARS = 2557
_MONTH = 30
# A decision to keep reaches no further than to the review after the next.
MOST_DAYS = 3653
# X: content that was deleted there is to be deleted here unless the law asks for more; monitoring needs approval.
# LinkedIn: what others do on a page may be kept for 48 hours, what their profile says (their name, with each comment)
# for 24. A force with a legal basis to keep more sets its own class; what is decided is in the log.
DEFAULTS: Mapping[str, tuple[int, Basis]] = {
    "facebook": (_SEVEN_YEARS, "contact_record"),
    "x": (_MONTH, "platform_terms"),
    "linkedin": (1, "platform_terms"),
}
WHY: Mapping[Basis, str] = {
    "contact_record": "Contact between the public and the police; reviewed after seven years unless the force says "
    "otherwise, within the Code of Practice on Police Information and Records Management.",
    "platform_terms": "The platform's terms ask for less than the force would keep: to keep longer needs a legal "
    "basis, which the force names by setting its own class.",
    "force_policy": "Set by the force's own records policy.",
    "consent": "Kept with the consent of those who wrote.",
    "court_order": "Set by order of a court.",
}


def class_of(stored: Mapping[tuple[str, Kind], RetentionClass], platform: str, kind: Kind) -> RetentionClass:
    """Return the class in force: what was set, else what we set out with (a platform without one: as Facebook)."""
    found = stored.get((platform, kind))
    if found is not None:
        return found
    days, basis = DEFAULTS.get(platform, DEFAULTS["facebook"])
    return RetentionClass(platform=platform, kind=kind, days=days, basis=basis)


def classes(stored: Mapping[tuple[str, Kind], RetentionClass]) -> list[RetentionClass]:
    """Return every class, by platform and kind."""
    return [class_of(stored, platform, kind) for platform in sorted(DEFAULTS) for kind in KINDS]


def shown(one: RetentionClass) -> ClassView:
    """Return a class as callers see it."""
    return ClassView(
        platform=one.platform,
        kind=one.kind,
        days=one.days,
        basis=one.basis,
        why=WHY[one.basis],
        rev=one.rev,
        changed_at=one.changed_at,
        changed_by=one.changed_by,
    )


def review_at(post: Post, one: RetentionClass) -> datetime:
    """Return when a closed post is to be reviewed: so long after the last that happened to it, or as was decided."""
    by_class = parse_iso(post.updated_at) + timedelta(days=one.days)
    return max(by_class, parse_iso(post.keep_until)) if post.keep_until else by_class


def due(post: Post, one: RetentionClass, now: datetime) -> bool:
    """Tell whether somebody is to review a closed post now; one that is disposed of is nobody's any more."""
    return post.disposal is None and review_at(post, one) <= now


def may_be_due(post: Post, stored: Mapping[tuple[str, Kind], RetentionClass], now: datetime) -> bool:
    """Tell whether a post last changed so long ago that the shortest class of its platform has passed."""
    shortest = min(class_of(stored, post.platform, kind).days for kind in KINDS)
    return parse_iso(post.updated_at) + timedelta(days=shortest) <= now


def review_of(post: Post, one: RetentionClass) -> Review:
    """Return what a list of reviews shows of a post."""
    return Review(
        post=post.id,
        platform=post.platform,
        account=post.account,
        account_name=post.account_name,
        kind=post.kind,
        direction=post.direction,
        state=post.state,
        event_at=post.event_at,
        closed_at=post.updated_at,
        review_at=iso(review_at(post, one)),
        basis=one.basis,
        held=bool(post.holds),
    )


def kept(post: Post, one: RetentionClass, until: date, now: datetime) -> Post:
    """Return a post that was reviewed and is kept until a later day.

    Raises
    ------
    NotKeptError
        When its case is open, or it is disposed of.
    InvalidInputError
        When the day is not behind the review date that it has, or too far away.
    """
    if post.disposal or post.case.state != "closed":
        why = OBSTACLES["disposed" if post.disposal else "open"]
        raise NotKeptError(f"{post.id} cannot be kept longer: {why}.", rev=post.rev)
    moment = datetime.combine(until, time(), UTC)
    before = max(review_at(post, one), now)
    if moment <= before:
        raise InvalidInputError(
            f"The day is to be after {iso(before)[:10]}: a review keeps a post longer, never shorter."
        )
    if moment > now + timedelta(days=MOST_DAYS):
        raise InvalidInputError(f"The day is to be within {MOST_DAYS} days from now: then somebody looks at it again.")
    return post.changed(keep_until=iso(moment))


def obstacle(post: Post | None) -> SkipReason | None:
    """Return what stands in the way of disposing of a post now, or None."""
    if post is None:
        return "missing"
    if post.holds:
        return "held"
    if post.disposal:
        return "disposed"
    if post.pending:
        return "under_way"
    return None if post.case.state == "closed" else "open"


OBSTACLES: Mapping[SkipReason, str] = {
    "missing": "there is no such post",
    "held": "it is under a legal hold; release the hold first",
    "disposed": "it is disposed of already",
    "under_way": "an action on it is under way; wait for its outcome",
    "open": "its case is open; decide it first",
}


def held(post: Post, hold: Hold) -> Post | None:
    """Return the post as the hold leaves it (held, or no longer), or None when there is nothing to change.

    A post that is being disposed of cannot be held any more: its keys may be gone in part.
    """
    if hold.active == (hold.id in post.holds) or (hold.active and post.disposal):
        return None
    others = tuple(h for h in post.holds if h != hold.id)
    return post.changed(holds=(*others, hold.id) if hold.active else others)


def complete_at(done_at: str) -> datetime:
    """Return from when on no backup can bring back what was destroyed by then."""
    return parse_iso(done_at) + RECOVERY


def asked(disposal: Disposal) -> bytes:
    """Return what two people put their names to, for the digest in their records: which posts, and why."""
    return json.dumps([disposal.id, disposal.reason, disposal.ref, disposal.posts], separators=(",", ":")).encode()


def finished(disposal: Disposal, fates: Iterable[Fate]) -> bool:
    """Tell whether every post of a disposal has come to its end."""
    ended = {fate.post for fate in fates if fate.state in FINAL}
    return ended.issuperset(disposal.posts)


def view_hold(hold: Hold) -> HoldView:
    """Return a hold as callers see it."""
    return HoldView.model_validate(hold.model_dump(include=set(HoldView.model_fields)))


def summary(disposal: Disposal) -> DisposalSummary:
    """Return a disposal as a list shows it."""
    return DisposalSummary.model_validate(
        disposal.model_dump(include=set(DisposalSummary.model_fields)) | {"posts": len(disposal.posts)}
    )


def view_disposal(disposal: Disposal, fates: Iterable[Fate]) -> DisposalView:
    """Return a disposal with what becomes of each post, in the order in which they were named."""
    known = {fate.post: fate for fate in fates}
    each = [known.get(post) or Fate(disposal=disposal.id, post=post) for post in disposal.posts]
    return DisposalView(
        **summary(disposal).model_dump(),
        fates=tuple(
            FateView(post=f.post, state=f.state, why=f.why, contents=f.contents, done_at=f.done_at) for f in each
        ),
    )
