"""What is attached to what Facebook tells of: pictures, films, files and links, in the same words however it was told.

Sources: Meta, "Webhooks Reference: Page", "Messenger Platform: Webhook Events" (`attachments`); Graph API reference,
"Story Attachment", "Story Attachment Media" (`image`, `source`), "Message Attachment" (`image_data`, `video_data`).

A webhook says `photo` and `video`, a poll `photo`, `video_inline`, `video_autoplay` and so on, Messenger MIME types.
Were they kept as they come, a picture would look exchanged as soon as another way told of it. A webhook's address of a
video is the film's; a poll gives the still, and the film beside it (`source`) where it has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bluelamp.platforms.contract import MediaRef
from bluelamp.platforms.reading import listing, mapping, text_of, words_of

_ITEMS = {"photo": "image", "video": "video", "share": "link", "link": "link"}
_STILLS = frozenset({"photo", "sticker", "cover_photo", "profile_media"})
_MOVING = ("video", "animated_image_video")
_ANIMATED = "animated_image"
_MIME = frozenset({"image", "video", "audio"})


def in_change(value: Mapping[str, Any]) -> tuple[MediaRef, ...]:
    """Return what the `value` of a Page's feed change carries."""
    found = [MediaRef(kind="image", url=text_of(url)) for url in listing(value.get("photos")) if words_of(url)]
    for name, kind in (("photo", "image"), ("video", "video")):
        if words_of(value.get(name)):
            found.append(MediaRef(kind=kind, url=text_of(value[name])))
    kind = _ITEMS.get(text_of(value.get("item")), "")
    if kind and not found and words_of(value.get("link")):
        found.append(MediaRef(kind=kind, url=text_of(value["link"])))
    return tuple(found)


def in_message(message: Mapping[str, Any]) -> tuple[MediaRef, ...]:
    """Return what a message of a Messenger webhook carries."""
    found = [
        MediaRef(
            kind=text_of(mapping(one).get("type")) or "file",
            url=text_of(mapping(mapping(one).get("payload")).get("url")),
        )
        for one in listing(message.get("attachments"))
    ]
    if message.get("is_unsupported") is True:
        found.append(MediaRef(kind="unsupported", url=""))
    return tuple(found)


def in_node(item: Mapping[str, Any]) -> tuple[MediaRef, ...]:
    """Return what a polled post, comment or message carries: stills and files first, then the films.

    What is small is fetched before what may take all the time. A film that Facebook names no file of has an empty
    address: that it could not be kept is then recorded, not passed over.
    """
    attachments = mapping(item.get("attachments"))
    shown = [mapping(one) for one in (item.get("attachment"), *listing(attachments.get("data"))) if one]
    # Several pictures of one post stand below one entry, which is itself none.
    found = [one for top in shown for one in _below(top) or [top]]
    return (*map(_shown, found), *(film for one in found for film in _films(one)))


def _below(attachment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [mapping(one) for one in listing(mapping(attachment.get("subattachments")).get("data"))]


def _shown(attachment: Mapping[str, Any]) -> MediaRef:
    named = (
        mapping(mapping(attachment.get("media")).get("image")).get("src"),
        mapping(attachment.get("image_data")).get("url"),
        mapping(attachment.get("video_data")).get("url"),
        attachment.get("file_url"),
        attachment.get("url"),
    )
    return MediaRef(kind=_kind(attachment), url=next(filter(None, map(text_of, named)), ""))


def _kind(attachment: Mapping[str, Any]) -> str:
    named = text_of(attachment.get("type"))
    if named.startswith(_MOVING):
        return "video"
    if named in _STILLS or named.startswith(_ANIMATED):
        return "image"
    if named:
        return named
    mime = text_of(attachment.get("mime_type")).partition("/")[0]
    if mime in _MIME:
        return mime
    pictured = "image_data" in attachment or mapping(attachment.get("media")).get("image")
    return "image" if pictured else "video" if "video_data" in attachment else "file"


def _films(attachment: Mapping[str, Any]) -> Iterator[MediaRef]:
    """Yield the film whose still is shown; a message's video has no still of its own."""
    kind, source = _kind(attachment), text_of(mapping(attachment.get("media")).get("source"))
    is_film_itself = "video_data" in attachment or "file_url" in attachment
    if (kind == "video" and not is_film_itself) or (kind == "image" and source):
        yield MediaRef(kind="film", url=source)
