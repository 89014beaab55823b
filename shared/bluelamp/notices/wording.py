"""What a message says: a subject, two sentences and a link for each kind. No words of a post and no name of anybody.

A telephone lies on a table and a mailbox is read over a shoulder: what it is about stands behind the sign-in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from bluelamp.notices.model import Delivery, Message, NoticeKind
from bluelamp.times import iso, parse_iso

# Under what a message that is sent again names the first one, so that the other side tells repeats.
AGAIN: Final = "again"
# Subject for one, subject for several ({n} of them), and the two sentences.
_WORDS: Final[Mapping[NoticeKind, tuple[str, str, str]]] = {
    "flagged": (
        "A post needs you now",
        "{n} posts need you now",
        "You are called to a post on one of your accounts. Open it and take it on, or the next person is called.",
    ),
    "escalated": (
        "Nobody has answered: a post needs you now",
        "Nobody has answered: {n} posts need you now",
        "Whoever was called before you has not answered. Open the post and take it on.",
    ),
    "assigned": (
        "A post was assigned to you",
        "{n} posts were assigned to you",
        "A colleague has handed you work on one of your accounts. Open it to see what is asked of you.",
    ),
    "mentioned": (
        "A colleague has named you in a note",
        "Colleagues have named you in {n} notes",
        "A note on a post asks for your attention. Open the post to read it.",
    ),
    "digest": (
        "The hand-over of the night is ready",
        "{n} hand-overs are ready",
        "What arrived and what was done overnight on your accounts is put together. Open it before your day begins.",
    ),
    "check_missed": (
        "A daily check is still to be done",
        "{n} daily checks are still to be done",
        "An account that you answer for has not been looked at today. Open the list and do the check.",
    ),
    "guide_published": (
        "There is a new edition of the Force Media Guide",
        "There are {n} new editions of the Force Media Guide",
        "A new edition was published. Read it and confirm that you have.",
    ),
    "guide_reminder": (
        "Please confirm the Force Media Guide",
        "Please confirm the Force Media Guide",
        "You have not yet confirmed the edition in force. Read it and confirm that you have.",
    ),
    "training_expiring": (
        "Training is about to expire",
        "{n} trainings are about to expire",
        "Training that your access rests on expires soon. Open the guide to see which, and renew it in time.",
    ),
    "approval_wanted": (
        "Something waits for your approval",
        "{n} things wait for your approval",
        "A colleague cannot go on without a second person. Open it, look at it, and approve or refuse.",
    ),
    "break_glass": (
        "Emergency access was used",
        "Emergency access was used {n} times",
        "Somebody has used the emergency access to Bluelamp. Look at what was done and say whether it was right.",
    ),
    "case_due": (
        "A request under the data protection act is due soon",
        "{n} requests under the data protection act are due soon",
        "The time that the law gives for an answer is running out. Open the case and see what is missing.",
    ),
    "report_ready": (
        "A report is ready",
        "{n} reports are ready",
        "A report that you asked for, or that is sent to you, was made. Open it to read or to download it.",
    ),
    "action_overtaken": (
        "A post changed before your decision was carried out",
        "{n} posts changed before your decisions were carried out",
        "Its author changed the post after you decided, so nothing was sent. Read it again and decide anew.",
    ),
    "action_unfinished": (
        "Something that you asked for has not been done",
        "{n} things that you asked for have not been done",
        "It failed, is stuck, or nobody knows whether it happened. Open it to see why, and what can be done.",
    ),
    "case_opened": ("A post was judged", "{n} posts were judged", "A post that is risky stands in the queue. Open it."),
    "action_ended": (
        "An action has ended",
        "{n} actions have ended",
        "What was asked for on a platform has ended. Open the post to see how.",
    ),
    "publication_stuck": (
        "A publication needs you",
        "{n} publications need you",
        "Something that you wrote is not out as it should be, or was given back. Open it to see where and why.",
    ),
    "appeal_due": (
        "An appeal is to be looked at again",
        "{n} appeals are to be looked at again",
        "The day of its review has come. Say whether it must stay public, or end it.",
    ),
    "reconnect_needed": (
        "An account must be connected again",
        "{n} accounts must be connected again",
        "Its platform does not take our access any more: nothing is read or sent there. Open the account, connect it.",
    ),
    "appeal_returned": (
        "An appeal was given back to you",
        "{n} appeals were given back to you",
        "Whoever was to approve it did not. Open it to see why, change it, and propose it again.",
    ),
    "hook_test": ("A test", "{n} tests", "Somebody tries whether messages arrive. Nothing is to be done."),
}
_SCREENS: Final[Mapping[NoticeKind, str]] = {
    "flagged": "calls",
    "escalated": "calls",
    "assigned": "inbox",
    "mentioned": "inbox",
    "digest": "digest",
    "check_missed": "checks",
    "guide_published": "guide",
    "guide_reminder": "guide",
    "training_expiring": "guide",
    "approval_wanted": "approvals",
    "break_glass": "approvals",
    "case_due": "rights",
    "report_ready": "reports",
    "action_overtaken": "underway",
    "action_unfinished": "underway",
    "case_opened": "inbox",
    "action_ended": "inbox",
    "publication_stuck": "compose",
    "appeal_due": "appeals",
    "appeal_returned": "appeals",
    "reconnect_needed": "accounts",
    "hook_test": "hooks",
}


def link(base: str, kind: NoticeKind, about: Mapping[str, str]) -> str:
    """Return where the page shows what a notice is about: the post itself where there is one, else the list."""
    account, post = about.get("account"), about.get("post")
    if account and post:
        return f"{base}/#/inbox/{quote(f'account:{account}', safe='')}/{quote(post, safe='')}"
    if "incident" in about:
        return f"{base}/#/incidents"
    return f"{base}/#/{_SCREENS[kind]}"


def message(group: Sequence[Delivery], *, to: str, base: str) -> Message:
    """Return the one message of a group of the same kind; several are counted, and the link leads to their list."""
    first = group[0]
    one, many, sentences = _WORDS[first.kind]
    subject = one if len(group) == 1 else many.format(n=len(group))
    about = first.about if len(group) == 1 else {}
    return Message(
        key=f"{first.notice}.{first.channel}",
        to=to,
        subject=subject,
        text=sentences,
        link=link(base, first.kind, about),
    )


def event(one: Delivery, *, base: str) -> Message:
    """Return what a hook is told: the kind, ids and codes, and where to look. Sent again, it has its first id.

    The body is as the Standard Webhooks specification has it: ``type``, ``timestamp`` and ``data``.
    """
    about = {name: value for name, value in one.about.items() if name != AGAIN}
    address = link(base, one.kind, about)
    body = {"type": one.kind, "timestamp": iso(parse_iso(one.at)), "data": {**about, "link": address}}
    return Message(
        key=one.about.get(AGAIN, one.notice),
        to=one.person.removeprefix("hook:"),
        subject=one.kind,
        text=json.dumps(body, sort_keys=True, separators=(",", ":")),
        link=address,
    )
