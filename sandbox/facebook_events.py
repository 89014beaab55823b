"""Bodies of Facebook Page webhooks: feed changes in seconds, Messenger events in milliseconds.

Shapes after Meta, "Webhooks reference: Page" (field ``feed``) and "Messenger Platform: webhook events".
"""

from typing import Any

from sandbox.clock import SECOND, graph_time
from sandbox.films import is_film
from sandbox.state import Doc, Node


def feed_change(node: Node, verb: str, author: Doc, *, now: int, parent_post: Node | None = None) -> Doc:
    """Return the webhook of a change to a post or comment; a removal carries no text."""
    value: dict[str, Any] = {"item": "post" if node.kind == "post" else "comment", "verb": verb}
    if not author.get("nameless"):
        value["from"] = {"id": author["id"], "name": author["name"]}
    value["created_time"] = node.created // SECOND
    if node.kind == "post":
        value |= {"post_id": node.id, "published": 1, "is_hidden": node.state == "hidden"}
    else:
        value |= {"post_id": node.thread, "comment_id": node.id, "parent_id": node.parent}
    if verb != "remove":
        value["message"] = node.text
        if node.media:
            value |= _pictures(node)
        if parent_post is not None:
            value["post"] = {
                "id": parent_post.id,
                "status_type": "mobile_status_update",
                "is_published": True,
                "updated_time": graph_time(parent_post.updated),
                "permalink_url": permalink(parent_post),
                "promotion_status": "inactive",
            }
    return _page_event(node.account, now // SECOND, "changes", {"field": "feed", "value": value})


def _pictures(node: Node) -> dict[str, Any]:
    """Return how a change tells of pictures: a comment has one, a post with one is itself a photo."""
    if node.kind != "post":
        return {"video" if is_film(node.media[0]) else "photo": node.media[0]}
    if len(node.media) > 1:
        return {"photos": node.media}
    item = "video" if is_film(node.media[0]) else "photo"
    return {"item": item, "link": node.media[0], f"{item}_id": (node.extra.get("uploads") or [node.id])[0]}


def reaction(node: Node, kind: str, author: Doc, *, now: int) -> Doc:
    """Return the webhook of a reaction, of which a desk makes nothing."""
    value = {"item": "reaction", "verb": "add", "reaction_type": kind, "created_time": now // SECOND}
    value |= {"post_id": node.thread, "parent_id": node.parent or node.id}
    value["from"] = {"id": author["id"], "name": author["name"]}
    if node.kind != "post":
        value["comment_id"] = node.id
    return _page_event(node.account, now // SECOND, "changes", {"field": "feed", "value": value})


def message(node: Node, what: str, *, now: int) -> Doc:
    """Return the webhook of a Messenger message: ``add``, ``edited`` or ``remove`` (unsent)."""
    person = node.extra["person"]
    echo = node.author == node.account
    event: dict[str, Any] = {
        "sender": {"id": node.account if echo else person},
        "recipient": {"id": person if echo else node.account},
        "timestamp": node.created if what == "add" else now,
    }
    if what == "edited":
        edits = sum(1 for change in node.changes if change["what"] == "edited")
        event["message_edit"] = {"mid": node.id, "text": node.text, "num_edit": edits}
    elif what == "remove":
        event["message"] = {"mid": node.id, "is_deleted": True}
    else:
        body: dict[str, Any] = {"mid": node.id, "text": node.text}
        if node.media:
            body["attachments"] = [
                {"type": "video" if is_film(url) else "image", "payload": {"url": url}} for url in node.media
            ]
        if echo:
            body |= {"is_echo": True, "app_id": 1517776481860111}
        event["message"] = body
    return _page_event(node.account, now, "messaging", event)


def permalink(node: Node) -> str:
    """Return the public address of a post or comment."""
    post = node.thread.partition("_")[2]
    address = f"https://www.facebook.com/{node.account}/posts/{post}"
    return address if node.kind == "post" else f"{address}?comment_id={node.id.partition('_')[2]}"


def _page_event(page: str, time: int, channel: str, event: Doc) -> Doc:
    return {"object": "page", "entry": [{"id": page, "time": time, channel: [event]}]}
