"""What a page publishes through the Graph API: words and links, pictures uploaded before, videos in parts.

After Meta, "Page Feed", "Page Photos" and "Uploading videos with the Graph API".
"""

import json
import re
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from flask import request

from sandbox.clock import graph_time
from sandbox.facebook import PLATFORM, Facebook
from sandbox.facebook_events import permalink
from sandbox.films import is_film, still
from sandbox.graph_errors import GraphError
from sandbox.state import Doc, Node
from sandbox.uploads import Uploads, address
from sandbox.world import World

_OTHER_PART, _SESSION_GONE = 1363037, 1363033
_FALSE = ("false", "0", False, 0)
_TRUE = ("true", "1", True, 1)
_DONE = {"success": True}
_NUMBERED = re.compile(r"attached_media\[(\d+)\]")


class GraphPublishing:
    """``/{page}/feed``, ``/{page}/photos`` and ``/{page}/videos``."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._facebook = Facebook(world)
        self._uploads = Uploads(world)

    def feed(self, account: Doc, values: Doc) -> Doc:
        """Publish words, a link or pictures that were uploaded before."""
        pictures = [self.picture(account, key) for key in _attached(values)]
        text, link = str(values.get("message") or "").strip(), str(values.get("link") or "")
        if link and not re.match(r"https?://\S+\.\S+", link):
            raise GraphError(100, "(#100) link URL is not properly formatted")
        if not (text or link or pictures):
            raise GraphError(100, "(#100) Missing message or attachment")
        media = [address(picture) for picture in pictures]
        extra: Doc = {"uploads": [picture["id"] for picture in pictures]} | ({"link": link} if link else {})
        with self._world.store.atomic():
            for picture in pictures:
                self._uploads.save(picture | {"state": "used"})
            return {"id": self._facebook.publish(account["id"], account, text, media=media, extra=extra).id}

    def picture(self, account: Doc, key: str) -> Doc:
        """Return a picture that is uploaded and shown nowhere yet; raise GraphError for any other."""
        picture = self._uploads.find(PLATFORM, key, account["id"])
        if picture is None or picture["kind"] != "picture" or picture["state"] != "whole":
            raise GraphError(100, f"(#100) Invalid parameter: photo {key} is not an unpublished photo of this Page")
        return picture

    def use(self, picture: Doc) -> str:
        """Use a picture up; return its address."""
        self._uploads.save(picture | {"state": "used"})
        return address(picture)

    def photos(self, account: Doc, values: Doc) -> Doc:
        """Take a picture, and publish it unless it is said not to."""
        given = request.files.get("source")
        if given is None:
            raise GraphError(324, "(#324) Requires upload file")
        content = given.read()
        upload = self._uploads.begin(
            PLATFORM, self._world.number(), account["id"], kind="picture", total=len(content), type=given.mimetype
        )
        upload["alt"] = str(values.get("alt_text_custom") or "")
        self._uploads.close(self._uploads.take(upload, content))
        if values.get("published", "true") in _FALSE:
            return {"id": upload["id"]}
        attached = {"attached_media": json.dumps([{"media_fbid": upload["id"]}])}
        return {"id": upload["id"], "post_id": self.feed(account, attached | values)["id"]}

    def videos(self, account: Doc, values: Doc) -> Doc:
        """Take the three phases of a video's upload; the last one publishes it."""
        phases: dict[str, Callable[[Doc, Doc], Doc]] = {
            "start": self._start,
            "transfer": self._transfer,
            "finish": self._finish,
        }
        phase = phases.get(str(values.get("upload_phase")))
        if phase is None:
            raise GraphError(100, "(#100) upload_phase must be start, transfer or finish")
        return phase(account, values)

    def film(self, account: Doc, key: str) -> Doc | None:
        """Return a video of the page's by its id."""
        found = self._world.store.get("upload", f"{PLATFORM}:{key}")
        return found if found and found["account"] == account["id"] and found["kind"] == "video" else None

    def films(self, account: Doc) -> list[Doc]:
        """Return the page's videos that were published, oldest first."""
        return [
            one
            for one in self._uploads.all(PLATFORM)
            if one["account"] == account["id"] and one["kind"] == "video" and one.get("finished")
        ]

    def described(self, film: Doc) -> Doc:
        """Write a video as Graph does; asking brings the platform's own look at it forward."""
        self._uploads.look(film)
        node = self._world.store.node(PLATFORM, film.get("post") or "")
        status: Doc = {"video_status": "uploading" if not film.get("finished") else "ready"}
        if film.get("finished") and film["refused"]:
            problem = {"code": 1363008, "message": "The video file you tried to upload is in a format we cannot read."}
            status = {"video_status": "error", "processing_phase": {"status": "error", "errors": [problem]}}
        elif film.get("finished") and film["looks"]:
            status = {"video_status": "processing"}
        return {
            "id": film["id"],
            "description": node.text if node else film.get("description"),
            "created_time": graph_time(film.get("finished") or film["at"]),
            "post_id": node.id if node else None,
            "permalink_url": permalink(node) if node else None,
            "published": bool(film.get("finished")) and not film["refused"],
            "status": status,
        }

    def _start(self, account: Doc, values: Doc) -> Doc:
        total = str(values.get("file_size") or "")
        if not total.isdigit() or not int(total):
            raise GraphError(100, "(#100) file_size must be the number of the video's bytes")
        key = self._world.number()
        upload = self._uploads.begin(PLATFORM, key, account["id"], kind="video", total=int(total), type="video/mp4")
        self._world.store.put("session", f"s{key}", {"video": key})
        return {"upload_session_id": f"s{key}", "video_id": key, **self._wanted(upload)}

    def _transfer(self, account: Doc, values: Doc) -> Doc:
        upload = self._session(account, values)
        given = request.files.get("video_file_chunk")
        if given is None:
            raise GraphError(324, "(#324) Requires upload file")
        content = given.read()
        wanted = self._wanted(upload)
        fits = str(values.get("start_offset")) == wanted["start_offset"]
        if not fits or not content or upload["size"] + len(content) > upload["total"]:
            raise GraphError(6001, "There was a problem uploading your video file.", subcode=_OTHER_PART, data=wanted)
        if self._uploads.strikes("short_part"):
            content = content[: max(1, len(content) // 2)]
        return self._wanted(self._uploads.take(upload, content))

    def _finish(self, account: Doc, values: Doc) -> Doc:
        upload = self._session(account, values)
        if upload["size"] < upload["total"]:
            raise GraphError(
                6001, "There was a problem uploading your video file.", subcode=_OTHER_PART, data=self._wanted(upload)
            )
        upload = self._uploads.close(upload)
        upload |= {"finished": self._world.clock(), "description": str(values.get("description") or "")}
        with self._world.store.atomic():
            if not upload["refused"]:
                extra = {"uploads": [upload["id"]]}
                node = self._facebook.publish(
                    account["id"], account, upload["description"], media=[address(upload)], extra=extra
                )
                upload["post"] = node.id
            self._uploads.save(upload)
            self._world.store.remove("session", str(values.get("upload_session_id")))
        return _DONE

    def _session(self, account: Doc, values: Doc) -> Doc:
        session = self._world.store.get("session", str(values.get("upload_session_id")))
        upload = self._uploads.find(PLATFORM, session["video"], account["id"]) if session else None
        if upload is None:
            raise GraphError(6000, "The upload session is not known or has expired.", subcode=_SESSION_GONE)
        return upload

    def _wanted(self, upload: Doc) -> Doc:
        end = min(upload["total"], upload["size"] + self._world.settings()["video_part"])
        return {"start_offset": str(upload["size"]), "end_offset": str(end)}


def attachments(node: Node) -> Doc | None:
    """Write what a post carries: several pictures below one album, a link as a preview without an id."""
    keys = node.extra.get("uploads") or []
    shown = [attachment(url, key) for url, key in zip_longest(node.media, keys)]
    if len(shown) > 1 and keys:
        return {"data": [{"type": "album", "url": permalink(node), "subattachments": {"data": shown}}]}
    if not shown and node.extra.get("link"):
        return {"data": [{"type": "share", "url": node.extra["link"]}]}
    return {"data": shown} if shown else None


def attachment(url: str, key: str | None = None) -> Doc:
    """Write one picture, or a video with its still; ``key`` is what it was uploaded as."""
    image = {"src": still(url) if is_film(url) else url, "width": 720, "height": 540}
    film = {"source": url} if is_film(url) else {}
    shown: Doc = {"type": "video_inline" if film else "photo", "media": {"image": image, **film}, "url": url}
    return shown | ({"target": {"id": key, "url": url}} if key else {})


def _attached(values: Doc) -> list[str]:
    """Read ``attached_media``, as a list or as the numbered fields of a form."""
    given: Any = values.get("attached_media")
    try:
        listed = json.loads(given) if isinstance(given, str) else given or []
        numbered = [(int(found[1]), name) for name in values if (found := _NUMBERED.fullmatch(name))]
        listed = [*listed, *(json.loads(values[name]) for _, name in sorted(numbered))]
        return [str(one["media_fbid"]) for one in listed]
    except (ValueError, TypeError, KeyError) as error:
        raise GraphError(100, "(#100) Param attached_media must be a list of {media_fbid}") from error
