"""Pictures and videos on X: announced, sent in segments, closed, looked at, described, and then used in a post.

After X, API v2, "Media": initialize, append, finalize, status and metadata.
"""

import re
from typing import Any

from flask import g, jsonify, request
from flask.wrappers import Response

from sandbox.api import json_body
from sandbox.state import Doc
from sandbox.uploads import Uploads, address, seconds_left
from sandbox.world import World
from sandbox.x_errors import XError

PLATFORM = "x"
_MOST = {"image": 5 * 1024 * 1024, "video": 512 * 1024 * 1024}
_SEGMENT = 5 * 1024 * 1024
_PICTURES = 4
_LONGEST_ALT = 1000
# One answer is no choice.
_OPTIONS = range(2, 4 + 1)
_OPTION = 25
_MINUTES = range(5, 10_080 + 1)
_LINK = re.compile(r"https?://[^\s]+")
_LINK_LENGTH = 23
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_JOINED = re.compile("\ufe0f|[\U0001f3fb-\U0001f3ff]|\u200d.|\u20e3|[\U000e0020-\U000e007f]")


class XMedia:
    """The calls below ``/2/media``, and what a post may carry."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._uploads = Uploads(world)

    def initialize(self) -> Response:
        """Answer ``POST /media/upload/initialize``."""
        body = json_body()
        use, _, kind = str(body.get("media_category") or "").partition("_")
        total = body.get("total_bytes")
        if use not in ("tweet", "dm") or kind not in _MOST or not isinstance(total, int) or total < 1:
            raise XError(400, "The `media_category` and `total_bytes` fields are not valid.")
        if total > _MOST[kind]:
            raise XError(400, f"File size exceeds {_MOST[kind]} bytes.")
        upload = self._uploads.begin(
            PLATFORM,
            self._world.snowflake(),
            g.account["id"],
            kind="picture" if kind == "image" else "video",
            total=total,
            type=str(body.get("media_type") or ""),
            use=use,
            segments=0,
        )
        return self._told(upload)

    def append(self, key: str) -> Response:
        """Answer ``POST /media/upload/:id/append``; the last segment may come again."""
        upload = self._known(key)
        given, number = request.files.get("media"), str(request.form.get("segment_index") or "")
        if given is None or not number.isdigit() or upload["state"] != "open":
            raise XError(400, "The `media` and `segment_index` fields are required.")
        content = given.read()
        if len(content) > _SEGMENT:
            raise XError(413, "The segment is larger than 5 MB.")
        if int(number) > upload["segments"]:
            raise XError(400, f"Segment {upload['segments']} is missing.")
        if int(number) == upload["segments"]:
            self._uploads.take(upload | {"segments": int(number) + 1}, content)
        return jsonify({"data": {"expires_at": int(upload["until"]) // 1000}})

    def finalize(self, key: str) -> Response:
        """Answer ``POST /media/upload/:id/finalize``."""
        upload = self._known(key)
        if upload["state"] != "open":
            raise XError(400, "The media is already finalized.")
        if upload["size"] != upload["total"]:
            raise XError(400, "Segments do not add up to provided total file size.")
        return self._told(self._uploads.close(upload))

    def status(self) -> Response:
        """Answer ``GET /media/upload?command=STATUS``."""
        if request.args.get("command") != "STATUS":
            raise XError(400, "The `command` query parameter must be STATUS.")
        upload = self._known(request.args.get("media_id", ""))
        if upload["state"] == "open":
            raise XError(400, "The media is not finalized.")
        return self._told(self._uploads.look(upload))

    def metadata(self) -> Response:
        """Answer ``POST /media/metadata``."""
        body = json_body()
        upload = self._known(str(body.get("id") or ""))
        text = ((body.get("metadata") or {}).get("alt_text") or {}).get("text")
        if not isinstance(text, str) or len(text) > _LONGEST_ALT:
            raise XError(400, f"The `alt_text` must have at most {_LONGEST_ALT} characters.")
        self._uploads.save(upload | {"alt": text})
        return jsonify({"data": {"id": upload["id"], "associated_metadata": {"alt_text": {"text": text}}}})

    def usable(self, keys: Any, use: str = "tweet") -> list[Doc]:
        """Return what a post or message is to carry, raise XError when any of it cannot be."""
        if not isinstance(keys, list) or not keys or len(keys) > _PICTURES:
            raise XError(400, "Your media IDs are invalid.")
        found = [self._uploads.find(PLATFORM, key, g.account["id"]) for key in keys]
        ready = [one for one in found if one and one["use"] == use and _is_ready(one)]
        if len(ready) < len(keys):
            raise XError(400, "Your media IDs are invalid.")
        if any(one["kind"] == "video" for one in ready) and len(ready) > 1:
            raise XError(400, "A Tweet can have 4 photos, 1 animated GIF or 1 video.")
        return ready

    def use(self, uploads: list[Doc]) -> list[str]:
        """Use uploads up; return their addresses."""
        return [address(self._uploads.save(one | {"state": "used"})) for one in uploads]

    def _known(self, key: str) -> Doc:
        upload = self._uploads.find(PLATFORM, key, g.account["id"])
        if upload is None:
            raise XError(400, "The media id is invalid or has expired.")
        return upload

    def _told(self, upload: Doc) -> Response:
        told: Doc = {
            "id": upload["id"],
            "media_key": media_key(upload),
            "expires_after_secs": seconds_left(upload, self._world.clock()),
        }
        if upload["state"] != "open":
            told["size"] = upload["size"]
        if upload["state"] != "open" and upload["kind"] == "video":
            told["processing_info"] = _processing(upload)
        return jsonify({"data": told})


def media_key(upload: Doc) -> str:
    """Return the key that posts call a medium by."""
    return f"{7 if upload['kind'] == 'video' else 3}_{upload['id']}"


def read_poll(given: Any) -> Doc | None:
    """Read a poll, raise XError when it is none."""
    if given is None:
        return None
    options, minutes = given.get("options"), given.get("duration_minutes")
    fits = isinstance(options, list) and len(options) in _OPTIONS
    if not fits or any(not 0 < len(str(one)) <= _OPTION for one in options):
        raise XError(400, "The `options` field must have 2 to 4 options of 1 to 25 characters.")
    if not isinstance(minutes, int) or minutes not in _MINUTES:
        raise XError(400, f"The `duration_minutes` field must be between {_MINUTES[0]} and {_MINUTES[-1]}.")
    return {"options": options, "duration_minutes": minutes}


def weighted(text: str) -> int:
    """Count as X does: links 23, what is neither Latin nor near it 2, an emoji of many parts as one."""
    links = len(_LINK.findall(text))
    plain = _JOINED.sub("", _LINK.sub("", text))
    return links * _LINK_LENGTH + sum(1 if any(a <= ord(c) <= b for a, b in _LIGHT) else 2 for c in plain)


def _is_ready(upload: Doc) -> bool:
    return upload["state"] in ("whole", "used") and not upload["looks"] and not upload["refused"]


def _processing(upload: Doc) -> Doc:
    if upload["looks"]:
        return {"state": "in_progress", "check_after_secs": 1, "progress_percent": 50}
    if upload["refused"]:
        problem = {"code": 1, "name": "InvalidMedia", "message": "Unsupported video format"}
        return {"state": "failed", "error": problem}
    return {"state": "succeeded", "progress_percent": 100}
