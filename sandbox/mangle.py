"""What each webhook fault makes of a delivery: how often it goes, with which bytes, when and how signed."""

import json
from typing import Any

from sandbox.clock import SECOND
from sandbox.state import Doc

_OVERSIZE = 1_200_000
_OVERSIZE_ATTEMPTS = 2
_HELD_SECONDS = 3.0
_DELAY_SECONDS = 5.0


def copies(fault: Doc) -> int:
    """Return how many further times the webhook goes out."""
    return int(fault.get("copies") or 1) if fault["kind"] == "duplicate" else 0


def fields(fault: Doc, delivery: Doc) -> Doc:
    """Return what changes in the delivery's state."""
    kind, due = fault["kind"], delivery["due"]
    if kind == "drop":
        return {"state": "dropped"}
    if kind == "delay":
        return {"due": due + round((fault.get("seconds") or _DELAY_SECONDS) * SECOND)}
    if kind in ("wrong_signature", "no_signature"):
        return {"signature": "wrong" if kind == "wrong_signature" else "none"}
    if kind == "oversize":
        # A platform would try for a day; twice is enough to see a refusal.
        return {"most": _OVERSIZE_ATTEMPTS}
    batchable = kind == "batch" and delivery["platform"] == "facebook"
    if (kind == "reorder" or batchable) and delivery["state"] == "pending":
        until = due + round((fault.get("seconds") or _HELD_SECONDS) * SECOND)
        held = {"state": "held", "held_by": fault["id"], "held_until": until, "seed": fault.get("seed") or 0}
        return held | {"batch": batchable}
    return {}


def body(fault: Doc, platform: str, raw: str) -> str:
    """Return the text that goes out instead of ``raw``."""
    kind = fault["kind"]
    if kind == "broken_json":
        return raw[: max(1, len(raw) * 2 // 3)]
    if kind == "oversize":
        missing = int(fault.get("bytes") or _OVERSIZE) - len(raw.encode())
        return _edit(raw, lambda event: {**event, "padding": "x" * max(0, missing)})
    if kind == "odd_entry":
        return _edit(raw, _facebook_odd if platform == "facebook" else _x_odd)
    if kind == "no_from":
        return _edit(raw, _without_from)
    return raw


def merged(raws: list[str]) -> str:
    """Return one Facebook webhook that holds the entries of several."""
    entries = [entry for raw in raws for entry in json.loads(raw)["entry"]]
    return json.dumps({"object": "page", "entry": entries}, ensure_ascii=False, separators=(",", ":"))


def _edit(raw: str, change: Any) -> str:
    return json.dumps(change(json.loads(raw)), ensure_ascii=False, separators=(",", ":"))


def _facebook_odd(event: Doc) -> Doc:
    page = event["entry"][0]["id"]
    odd = {"id": page, "time": event["entry"][0]["time"], "changes": [{"field": "page_upcoming_change"}]}
    return {**event, "entry": [odd, {"id": 0, "changes": [{"field": "feed", "value": None}]}, *event["entry"]]}


def _x_odd(event: Doc) -> Doc:
    return {**event, "beta_insights": [{"kind": "unknown", "value": None}]}


def _without_from(event: Doc) -> Doc:
    if "data" in event:
        return {**event, "data": {k: v for k, v in event["data"].items() if k != "includes"}}
    for entry in event.get("entry", []):
        for change in entry.get("changes", []):
            change.get("value", {}).pop("from", None)
    event.pop("users", None)
    return event
