"""Pure decisions about posts: what an event changes, where a post stands in the queue, what may be done to it.

Platforms promise neither order nor single delivery, so `merge` answers the same whatever comes first and however often.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Literal, Protocol

from bluelamp.ids import post_id, thread_id
from bluelamp.posts.model import (
    Author,
    AuthorName,
    Case,
    CaseSummary,
    Decision,
    MediaSummary,
    PersonName,
    Post,
    PostSummary,
    Risk,
    State,
)

SHARDS = 4
GRADES = 10
# The moving part of a video whose still is a medium of its own: kept as evidence, and no second attachment.
FILM = "film"
# A link is a word of the post, not a medium of it: it stands in the post's own bytes.
LINKS = frozenset({"link", "share", "fallback", "template", "location"})

Source = Literal["webhook", "poll"]


class Owner(Protocol):
    """The account that a post belongs to."""

    @property
    def id(self) -> str:
        """The account's id."""

    @property
    def name(self) -> str:
        """The account's name."""

    @property
    def team(self) -> str:
        """The team that runs it."""


def stub_post(platform: str, native_id: str, owner: Owner, *, state: State, at: str, received_at: str) -> Post:
    """Return the placeholder for a post whose removal or hiding arrived before itself."""
    return Post(
        id=post_id(owner.id, native_id),
        platform=platform,
        account=owner.id,
        account_name=owner.name,
        team=owner.team,
        native_id=native_id,
        kind="comment",
        direction="in",
        thread=thread_id(platform, native_id),
        thread_native=native_id,
        stub=True,
        state=state,
        event_at=at,
        seen_at="",
        received_at=received_at,
        updated_at=received_at,
        case=Case(state="closed"),
    )


def merge_content(old: Post, fresh: Post, *, source: Source) -> Post | None:
    """Return `old` with what `fresh` adds, or None when it adds nothing.

    Parameters
    ----------
    old
        The post as it stands.
    fresh
        The post as the event alone would make it.
    source
        A poll reads the post as it is now; a webhook tells of one moment, perhaps an old one.
    """
    if old.disposal:
        return None  # what was disposed of is not collected again
    if old.stub:
        # The content catches up with its removal: kept as evidence, and still removed.
        closed = old.state in {"removed", "deleted"}
        return fresh.changed(
            state=old.state,
            rev=old.rev + 1,
            case=Case(state="closed") if closed else fresh.case,
            holds=old.holds,
            trail=old.trail,
            head=old.head,
        )
    # The platforms let nobody change what a message carries: the news of its new words names none of it.
    media = old.media if fresh.private else fresh.media
    if old.text == fresh.text and (fresh.private or _attached(old) == _attached(fresh)):
        return None
    if fresh.seen_at <= old.seen_at or (source == "webhook" and not fresh.edited):
        return None
    return old.changed(
        text=fresh.text,
        media=media,
        edited=True,
        seen_at=fresh.seen_at,
        updated_at=fresh.received_at,
        rev=old.rev + 1,
        # The text that was judged is gone: the case is open again, whatever was decided about the old words.
        case=old.case.model_copy(update={"state": "unjudged", "decision": None})
        if old.direction == "in" and old.state not in {"removed", "deleted"}
        else old.case,
    )


def _kinds(post: Post) -> tuple[str, ...]:
    """Return what a reader sees attached: a film is the video whose still stands there, and one event may lack it."""
    return tuple(m.kind for m in post.media if m.kind != FILM)


def _attached(post: Post) -> tuple[str, ...]:
    """Return what must differ for the post to be another: a preview of a link is none of it."""
    return tuple(kind for kind in _kinds(post) if kind not in LINKS)


def merge_removal(old: Post, *, received_at: str) -> Post | None:
    """Return `old` removed by its author or the platform, or None when it is gone already or we are deleting it."""
    if old.disposal or old.state in {"removed", "deleted", "deleting"}:
        return None
    return old.changed(state="removed", updated_at=received_at, rev=old.rev + 1, case=closed(old.case))


def merge_state(old: Post, state: Literal["hidden", "visible"], *, received_at: str) -> Post | None:
    """Return `old` hidden or shown again on the platform itself, or None when that is no news.

    While an action of ours is under way its outcome decides, not the echo of it.
    """
    if old.disposal or old.state == state or old.state not in {"visible", "hidden"}:
        return None
    return old.changed(state=state, updated_at=received_at, rev=old.rev + 1)


def closed(case: Case) -> Case:
    """Return the case without anything left to decide."""
    nobody = dict.fromkeys(("claimed_by", "claimed_at", "assigned_to", "assigned_at"))
    return case.model_copy(update={"state": "closed", **nobody})


def decided(case: Case, decision: Decision, by: PersonName, at: str) -> Case:
    """Return the case closed by a person's decision."""
    return closed(case).model_copy(update={"decision": decision, "decided_by": by, "decided_at": at})


def reopened(case: Case) -> Case:
    """Return the case as it stands again when the decision was taken back or could not be carried out."""
    return case.model_copy(update={"state": "open", "decision": None, "decided_by": None, "decided_at": None})


def disposed(post: Post, at: str) -> Post:
    """Return the post without a word of the public in it.

    What stays says that there was a post, where, what was decided about it and by which rule; and the platform's id, by
    which it is known should it come again, and by which its records are found.
    """
    reasons = tuple(reason.model_copy(update={"spans": ()}) for reason in post.case.reasons)
    return post.changed(
        author=Author(),
        text="",
        media=(),
        permalink=None,
        updated_at=at,
        disposed_at=at,
        case=post.case.model_copy(update={"reasons": reasons, "content": None}),
    )


def index_keys(post: Post) -> dict[str, str]:
    """Return the index attributes of a post (docs/data-model.md): by account, by force, by thread, by author.

    Open cases stand by risk, then by how long they have waited; what is closed stands by when it last changed. A post
    that is not judged yet stands in its thread alone: it is in the queue within a second, with its grade.
    """
    keys = {"g3pk": f"T#{post.thread}", "g3sk": f"{post.event_at}#{post.id}"}
    if post.author.key and post.direction == "in":
        keys |= {"g4pk": f"W#{post.author.key}", "g4sk": f"{post.event_at}#{post.id}"}
    if post.case.state == "unjudged":
        return keys
    view = "open" if post.case.state == "open" else "done"
    place = queue_place(post)
    return keys | {
        "g1pk": f"A#{post.account}#{view}",
        "g1sk": place,
        "g2pk": f"F#{shard(post.account)}#{view}",
        "g2sk": place,
    }


def looked_at(account: str) -> dict[str, str]:
    """Return what the proof of having seen an account's open queue is bound to, beside the person."""
    return {"list": "looked", "account": account}


def queue_place(post: Post) -> str:
    """Return the sort key of a post within its view; unique, so that it serves as a cursor too."""
    if post.case.state == "open":
        return f"{GRADES - 1 - post.case.grade}{post.received_at}#{post.id}"
    return f"{post.updated_at}#{post.id}"


def shard(account: str) -> int:
    """Return the part of the force-wide queue that an account's posts stand in."""
    return zlib.crc32(account.encode()) % SHARDS


def risk_of(grade: int) -> Risk:
    """Return the word for a grade of 0 to 9."""
    for floor, word in ((8, "critical"), (6, "high"), (4, "medium"), (1, "low")):
        if grade >= floor:
            return word  # type: ignore[return-value]  # the literals above are the words of Risk
    return "none"


GRADE_FLOOR: dict[str, int] = {"critical": 8, "high": 6, "medium": 4, "low": 1, "none": 0}


# What only a platform that offers it can do.
SENT = frozenset({"hide", "unhide", "delete", "reply", "reply_saved", "ban", "unban", "like", "message"})


def possible(post: Post, offered: AbstractSet[str]) -> frozenset[str]:
    """Return what can be done to a post in its present state, of the platform's verbs `offered` and our own."""
    if post.disposal:
        return frozenset()
    can = {"note", "tag", "refer"} | ({"approve", "withdraw"} if post.proposed else set())
    if post.case.state != "closed":
        can |= {"claim", "release", "dismiss", "flag", "assign"}
    match post.state:
        case "visible" if post.pending is None:
            can |= {"hide", "delete", "reply", "reply_saved", "message", "report_post"}
            can |= set() if post.liked else {"like"}
        case "hiding":
            can |= {"unhide"}  # undo, while the platform has not been called
        case "hidden" if post.pending is None:
            can |= {"unhide", "delete", "message", "report_post"}
        case _:
            pass
    if post.pending:
        can |= {"cancel"}
    elif post.author.id and post.direction == "in":
        # An author is banned, or let in again, whatever became of what they wrote.
        can |= {"unban"} if post.banned else {"ban"}
    if post.proposed:
        can -= {"delete", "reply", "reply_saved", "message"}  # one at a time: two people would be asked about one post
    # An answer is an answer to the platform, whoever found its words.
    offers = set(offered) | ({"reply_saved"} if "reply" in offered else set())
    return frozenset(can - (SENT - offers))


def summarise(post: Post, can: Iterable[str] = ()) -> PostSummary:
    """Return what a list shows of a post."""
    case = post.case
    return PostSummary(
        id=post.id,
        platform=post.platform,
        account=post.account,
        account_name=post.account_name,
        kind=post.kind,
        direction=post.direction,
        thread=post.thread,
        parent=post.parent,
        author=AuthorName(name=post.author.name, handle=post.author.handle),
        text=post.text,
        media=tuple(MediaSummary(kind=kind) for kind in _kinds(post)),
        permalink=post.permalink,
        event_at=post.event_at,
        received_at=post.received_at,
        updated_at=post.updated_at,
        state=post.state,
        rev=post.rev,
        private=post.private,
        edited=post.edited,
        held=bool(post.holds),
        disposed_at=post.disposed_at,
        case=CaseSummary(
            state=case.state,
            risk=case.risk,
            grade=case.grade,
            reasons=case.reasons,
            claimed_by=case.claimed_by,
            claimed_at=case.claimed_at,
            decision=case.decision,
            decided_by=case.decided_by,
            decided_at=case.decided_at,
            flagged_to=case.flagged_to,
            assigned_to=case.assigned_to,
            assigned_at=case.assigned_at,
            tags=case.tags,
            refs=case.refs,
        ),
        proposed=post.proposed,
        can=tuple(sorted(can)),
    )
