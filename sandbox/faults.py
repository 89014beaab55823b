"""Faults on request: which call or webhook one strikes is decided by its counters and its seed, never by luck."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.dice import throw
from sandbox.state import Doc, Store

WEBHOOK_KINDS = frozenset(
    {"duplicate", "reorder", "drop", "batch", "delay", "broken_json", "wrong_signature", "no_signature"}
    | {"oversize", "odd_entry", "no_from"}
)
BEFORE_KINDS = frozenset({"throttle", "server_error", "graph_error", "token", "hang", "close"})
AFTER_KINDS = frozenset({"act_then_hang", "act_then_close", "slow", "garbled", "partial", "does_nothing"})
MEDIA_KINDS = frozenset({"media_gone", "media_slow", "media_endless", "media_redirect", "media_type"})
UPLOAD_KINDS = frozenset({"session_lost", "short_part", "processing_failed"})
KINDS = UPLOAD_KINDS | WEBHOOK_KINDS | BEFORE_KINDS | AFTER_KINDS | MEDIA_KINDS

_PATTERNS = ("path", "event")
_EQUALS = ("method", "account")


class Faults:
    """The faults that are set, and their counters, kept in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def set(self, spec: Doc) -> Doc:
        """Set a fault as the README describes it; return it with ``id``, ``seen`` and ``fired``."""
        with self._store.atomic():
            number = (self._store.get("counter", "fault") or {"n": 0})["n"] + 1
            self._store.put("counter", "fault", {"n": number})
            fault = {**spec, "id": f"f{number}", "seen": 0, "fired": 0}
            self._store.put("fault", fault["id"], fault)
        return fault

    def standing(self) -> list[Doc]:
        """Return the faults that are set."""
        return self._store.all("fault")

    def clear(self, key: str | None = None) -> int:
        """Delete one fault, or all; say how many went."""
        return self._store.remove("fault", key)

    def strike(self, kinds: frozenset[str], platform: str, facts: Mapping[str, str]) -> list[Doc]:
        """Count this call or webhook with every fault it matches; return those that strike it.

        Parameters
        ----------
        kinds
            The kinds that can happen here.
        platform
            ``facebook``, ``x`` or ``media``.
        facts
            ``method``, ``path``, ``account``, ``event``: what there is to match.
        """
        struck = []
        with self._store.atomic():
            for fault in self.standing():
                if fault["kind"] not in kinds or not _matches(fault, platform, facts):
                    continue
                fault["seen"] += 1
                if _fires(fault):
                    fault["fired"] += 1
                    struck.append(fault)
                self._store.put("fault", fault["id"], fault)
        return struck


def _matches(fault: Doc, platform: str, facts: Mapping[str, str]) -> bool:
    if fault.get("platform") not in (None, platform):
        return False
    if any(fault.get(name) not in (None, facts.get(name, "")) for name in _EQUALS):
        return False
    return all(fault.get(name) is None or re.search(fault[name], facts.get(name, "")) for name in _PATTERNS)


def _fires(fault: Doc) -> bool:
    if fault["seen"] <= (fault.get("after") or 0):
        return False
    times: Any = fault.get("times")
    if times is not None and fault["fired"] >= times:
        return False
    rate = fault.get("rate")
    return rate is None or throw(fault.get("seed") or 0, fault["seen"]) < rate
