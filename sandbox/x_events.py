"""X objects as the API and the webhooks write them: version 2, the Activity API's envelope, and the older shape.

Shapes after X, "X Activity API: event payload examples" and "Account Activity API: data objects".
"""

import hashlib
import re
from typing import Any

from sandbox.clock import legacy_x_time, x_time
from sandbox.films import is_film, still
from sandbox.state import Doc, Node

_MENTION = re.compile(r"@(\w+)")
_UPLOADED = re.compile(r"/media/upload-(\d+)\.")
_EDIT_MINUTES = 60
_FILM_MS = 12_000


def user(person: Doc) -> Doc:
    """Return a version 2 user with every field the sandbox knows."""
    return {
        "id": person["id"],
        "name": person["name"],
        "username": person["handle"],
        "created_at": "2015-03-02T09:00:00.000Z",
        "description": "",
        "protected": False,
        "verified": bool(person.get("token")),
        "verified_type": "government" if person.get("token") else "none",
        "profile_image_url": "https://pbs.twimg.com/profile_images/0/default_normal.png",
        "public_metrics": {"followers_count": 12, "following_count": 40, "tweet_count": 310, "listed_count": 0},
        "url": "",
    }


def tweet(node: Node) -> Doc:
    """Return a version 2 post with every field the sandbox knows."""
    body: dict[str, Any] = {
        "id": node.id,
        "text": node.text,
        "edit_history_tweet_ids": node.extra["history"],
        "author_id": node.author,
        "conversation_id": node.thread,
        "created_at": x_time(node.created),
        "lang": "en",
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "public_metrics": dict.fromkeys(
            ("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count"), 0
        ),
        "edit_controls": {
            "edits_remaining": 5,
            "is_edit_eligible": True,
            "editable_until": x_time(node.created + _EDIT_MINUTES * 60_000),
        },
    }
    if node.extra.get("mentions"):
        body["entities"] = {"mentions": node.extra["mentions"]}
    if node.parent:
        body["in_reply_to_user_id"] = node.extra["reply_to_user"]
        body["referenced_tweets"] = [{"type": "replied_to", "id": node.parent}]
    if node.media:
        body["attachments"] = {"media_keys": [media_key(url) for url in node.media]}
    if node.extra.get("poll"):
        body["attachments"] = {"poll_ids": [str(int(node.id) + 1)]}
    return body


def media(url: str) -> Doc:
    """Return a version 2 media object: a video has no address of its own, only a still and files by bit rate."""
    if not is_film(url):
        return {"media_key": media_key(url), "type": "photo", "url": url}
    return {
        "media_key": media_key(url),
        "type": "video",
        "preview_image_url": still(url),
        "duration_ms": _FILM_MS,
        "variants": variants(url, "bit_rate"),
    }


def variants(url: str, rate: str) -> list[Doc]:
    """Return a video's files, the playlist among them and in no order; ``rate`` is how the API calls a bit rate."""
    stem = url.removesuffix(".mp4")
    files = [(632_000, f"{stem}.360.mp4"), (2_176_000, url), (950_000, f"{stem}.480.mp4")]
    found: list[Doc] = [{"content_type": "video/mp4", rate: bits, "url": address} for bits, address in files]
    return [found[0], {"content_type": "application/x-mpegURL", "url": f"{stem}.m3u8"}, *found[1:]]


def media_key(url: str) -> str:
    """Return the key of a picture or video: the number before the line is how X tells them apart."""
    uploaded = _UPLOADED.search(url)
    if uploaded:
        return f"{7 if is_film(url) else 3}_{uploaded[1]}"
    return f"{7 if is_film(url) else 3}_{int(hashlib.sha256(url.encode()).hexdigest()[:14], 16)}"


def mentions(text: str, users: dict[str, Doc]) -> list[Doc]:
    """Return the users a text names, among ``users`` by lower-case handle."""
    found = []
    for match in _MENTION.finditer(text):
        person = users.get(match[1].lower())
        if person is not None:
            found.append({"start": match.start(), "end": match.end(), "username": person["handle"], "id": person["id"]})
    return found


def activity(event_type: str, account: str, payload: Doc, includes: Doc | None, *, uuid: str) -> Doc:
    """Return the Activity API's envelope."""
    data: dict[str, Any] = {
        "event_uuid": uuid,
        "filter": {"user_id": account},
        "event_type": event_type,
        "tag": event_type.replace(".", "-"),
        "payload": payload,
    }
    if includes:
        data["includes"] = includes
    return {"data": data}


def direct_message(node: Node) -> Doc:
    """Return a direct message in the form both webhook shapes share."""
    target = node.extra["person"] if node.author == node.account else node.account
    data: dict[str, Any] = {
        "text": node.text,
        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []},
    }
    if node.media:
        data["attachment"] = {"type": "media", "media": _legacy_media(node.media[0])}
    return {
        "type": "message_create",
        "id": node.id,
        "created_timestamp": str(node.created),
        "message_create": {"target": {"recipient_id": target}, "sender_id": node.author, "message_data": data},
    }


def _legacy_media(url: str) -> Doc:
    if not is_film(url):
        return {"type": "photo", "media_url_https": url}
    info = {"duration_millis": _FILM_MS, "variants": variants(url, "bitrate")}
    return {"type": "video", "media_url_https": still(url), "video_info": info}


def legacy_user(person: Doc) -> Doc:
    """Return a version 1.1 user."""
    return {
        "id": int(person["id"]),
        "id_str": person["id"],
        "name": person["name"],
        "screen_name": person["handle"],
        "protected": False,
        "verified": bool(person.get("token")),
    }


def legacy_tweet(node: Node, author: Doc, reply_to: Doc | None) -> Doc:
    """Return a version 1.1 post: ids both as numbers and as strings, long text beside its stub."""
    short = node.text if len(node.text) <= 140 else node.text[:139] + "…"  # noqa: PLR2004 - the old length
    body: dict[str, Any] = {
        "created_at": legacy_x_time(node.created),
        "id": int(node.id),
        "id_str": node.id,
        "text": short,
        "truncated": short != node.text,
        "user": legacy_user(author),
        "in_reply_to_status_id": int(node.parent) if node.parent else None,
        "in_reply_to_status_id_str": node.parent,
        "in_reply_to_user_id_str": reply_to["id"] if reply_to else None,
        "in_reply_to_screen_name": reply_to["handle"] if reply_to else None,
        "is_quote_status": False,
        "entities": {
            "hashtags": [],
            "urls": [],
            "user_mentions": [
                {"screen_name": m["username"], "id_str": m["id"], "indices": [m["start"], m["end"]]}
                for m in node.extra.get("mentions", [])
            ],
        },
        "lang": "en",
        "timestamp_ms": str(node.created),
    }
    if body["truncated"]:
        body["extended_tweet"] = {"full_text": node.text, "display_text_range": [0, len(node.text)]}
    return body


def legacy(account: str, **events: Any) -> Doc:
    """Return the older envelope."""
    return {"for_user_id": account, **events}
