"""What a Page may do about the people who write to it: block them, like what they wrote, write to them in private.

Sources, read on 2026-11-23: Graph API reference, "Page Blocked" (``psid``), "Object Likes" (albums, comments, photos
and videos; a Page that likes twice likes once); Messenger Platform, "Private Replies": one message to who wrote a
comment or a post on the Page, within seven days, and no more before the person answers. ``can_reply_privately`` says
whether that is still open.
"""

from typing import Any

from bluelamp.platforms.contract import (
    ActResult,
    GoneError,
    NotAllowedError,
    OutsideWindowError,
    ReadBack,
    Target,
    Verb,
)
from bluelamp.platforms.graph import GRAPH, items, result
from bluelamp.platforms.http import PlatformHttp
from bluelamp.platforms.reading import ident

VERBS: frozenset[Verb] = frozenset({"ban", "unban", "like", "message"})


def act(verb: Verb, target: Target, http: PlatformHttp, text: str) -> ActResult:
    """Carry out one of `VERBS`.

    Raises
    ------
    OutsideWindowError
        When Facebook takes no private message about this post, any more or at all; nothing is sent then.
    PlatformError
        As the platform answers.
    """
    if verb == "like":
        return result(http.write(GRAPH, "POST", f"/{target.native_id}/likes"))
    if verb == "message":
        return _message(target, http, text)
    person = author(target)
    path = f"/{target.account_native}/blocked"
    if verb == "unban":
        return result(http.write(GRAPH, "DELETE", f"{path}?psid={person}"))
    answer = http.write(GRAPH, "POST", path, form={"psid": person})
    if answer.data.get(person) is False:
        raise NotAllowedError("Facebook did not block this person from the Page")
    return result(answer)


def read_back(verb: Verb, target: Target, http: PlatformHttp) -> ReadBack:
    """Look whether somebody is blocked, or a comment liked.

    Raises
    ------
    PlatformError
        When the platform cannot be read.
    """
    if verb == "like":
        try:
            liked = http.read(GRAPH, f"/{target.native_id}", {"fields": "id,user_likes"}).data.get("user_likes")
        except GoneError:
            return ReadBack(state="gone")
        return ReadBack(state="unknown" if not isinstance(liked, bool) else "done" if liked else "not_done")
    person = author(target)
    listed = items(http.read(GRAPH, f"/{target.account_native}/blocked", {"user": person}))
    blocked = any(ident(one.get("id")) == person for one in listed)
    return ReadBack(state="done" if blocked is (verb == "ban") else "not_done")


def author(target: Target) -> str:
    """Return who wrote it.

    Raises
    ------
    NotAllowedError
        When Facebook does not say.
    """
    if target.author_id is None:
        raise NotAllowedError("Facebook does not say who wrote this, so nothing can be done about the person")
    return target.author_id


def _message(target: Target, http: PlatformHttp, text: str) -> ActResult:
    about = http.read(GRAPH, f"/{target.native_id}", {"fields": "id,can_reply_privately"})
    if about.data.get("can_reply_privately") is False:
        raise OutsideWindowError(
            "Facebook takes one private message about a post, within seven days, and none about this one now"
        )
    where = "post_id" if target.kind == "post" else "comment_id"
    message: dict[str, Any] = {"recipient": {where: target.native_id}, "message": {"text": text}}
    answer = http.write(GRAPH, "POST", f"/{target.account_native}/messages", body=message)
    return result(answer, answer.data.get("message_id"))
