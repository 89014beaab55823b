"""Pushes webhooks as a platform does: from its own queue, again until they are taken, and badly when told to."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from sandbox import mangle
from sandbox.clock import SECOND, Clock
from sandbox.dice import shuffled
from sandbox.faults import WEBHOOK_KINDS, Faults
from sandbox.state import Doc, Store
from sandbox.webhooks import PLATFORMS, TIMEOUTS, Secrets, Send, headers_for, http_send

log = logging.getLogger(__name__)

KEPT = 5000
_OK = range(200, 300)
_WINDOW = 4
_PATIENCE = 2.0


class Deliverer:
    """The queue of webhooks towards one receiver.

    Kept in the store, so that a restart goes on with what was pending. `run_due` does the work; `start` runs it in a
    thread for each platform.
    """

    def __init__(
        self,
        *,
        store: Store,
        faults: Faults,
        secrets: Secrets,
        settings: Callable[[], Doc],
        clock: Clock,
        target: str | None,
        send: Send = http_send,
    ) -> None:
        self._store = store
        self._faults = faults
        self.secrets = secrets
        self._settings = settings
        self._clock = clock
        self._target = target.rstrip("/") if target else None
        self.send = send
        self._wake = threading.Condition()
        self._stopped = False
        # Set under the store's lock, by a call that only seems to do something.
        self.muted = False
        self._threads: list[threading.Thread] = []
        self._open: dict[str, Doc] = {d["id"]: d for d in store.all("delivery") if d["state"] in ("pending", "held")}
        self._number = (store.get("counter", "delivery") or {"n": 0})["n"]

    def url(self, platform: str) -> str | None:
        """Return where a platform's webhooks go."""
        return f"{self._target}/{platform}" if self._target else None

    def push(self, platform: str, event: str, body: Doc, *, account: str, about: str) -> None:
        """Queue an event's webhook, with whatever faults strike it.

        Parameters
        ----------
        event
            A name for it, such as ``comment.add``.
        account, about
            Native ids of the account told and of the object it is about.
        """
        if self.muted:
            return
        struck = self._faults.strike(WEBHOOK_KINDS, platform, {"event": event, "account": account})
        kinds = [fault["kind"] for fault in struck]
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        delivery: Doc = {"platform": platform, "event": event, "account": account, "object": about, "faults": kinds}
        delivery |= {"state": "pending", "attempts": 0, "statuses": [], "due": self._clock(), "signature": "valid"}
        copies = 1
        for fault in struck:
            copies += mangle.copies(fault)
            raw = mangle.body(fault, platform, raw)
            delivery |= mangle.fields(fault, delivery)
        if self._target is None or not self._settings()["push"]:
            delivery["state"] = "dropped"
        for _ in range(copies):
            self._add({**delivery, "raw": raw})
        for fault in struck:
            if fault["kind"] in ("reorder", "batch"):
                self._release(fault["id"], at_least=fault.get("window") or _WINDOW)
        with self._wake:
            self._wake.notify_all()

    def pending(self) -> int:
        """Count the webhooks not yet taken, dropped or given up."""
        return len(self._open)

    def run_due(self, platform: str | None = None) -> int:
        """Send what is due, oldest first; return how many requests were made."""
        self._release_late()
        now = self._clock()
        with self._store.lock:
            due = [d for d in self._open.values() if d["state"] == "pending" and d["due"] <= now]
        due = [d for d in due if platform in (None, d["platform"])]
        for delivery in sorted(due, key=lambda d: (d["due"], d["order"])):
            if self._stopped:
                break
            self._attempt(delivery)
        return len(due)

    def release_held(self) -> None:
        """Send on what a deleted fault still holds."""
        with self._store.lock:
            holders = {d["held_by"] for d in self._open.values() if d["state"] == "held"}
        for holder in holders:
            self._release(holder, at_least=1)
        with self._wake:
            self._wake.notify_all()

    def start(self) -> None:
        """Begin sending in the background."""
        for platform in PLATFORMS:
            thread = threading.Thread(target=self._loop, args=(platform,), name=f"push-{platform}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop sending; what is pending stays in the store."""
        self._stopped = True
        with self._wake:
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(timeout=_PATIENCE)
        with self._store.lock:
            # An answer that comes later is not written any more: that webhook goes out again after the restart.
            self._open.clear()

    def forget(self) -> None:
        """Drop the queue (the store's side is forgotten by the caller)."""
        with self._store.lock:
            self._open.clear()

    def idle(self, timeout: float) -> bool:
        """Wait up to ``timeout`` seconds until nothing is pending."""
        with self._wake:
            return self._wake.wait_for(lambda: not self.pending(), timeout)

    def _add(self, delivery: Doc) -> None:
        with self._store.lock:
            self._number += 1
            delivery |= {"id": f"d{self._number}", "order": self._number}
            self._store.put("counter", "delivery", {"n": self._number})
            self._store.put("delivery", delivery["id"], delivery)
            if delivery["state"] in ("pending", "held"):
                self._open[delivery["id"]] = delivery
            if self._number % 100 == 0:
                self._store.prune("delivery", KEPT)

    def _save(self, delivery: Doc) -> None:
        with self._store.lock:
            if delivery["id"] not in self._open:
                return
            if delivery["state"] not in ("pending", "held"):
                del self._open[delivery["id"]]
            self._store.put("delivery", delivery["id"], delivery)

    def _release(self, holder: str, *, at_least: int) -> None:
        with self._store.lock:
            held = [d for d in self._open.values() if d["state"] == "held" and d["held_by"] == holder]
            if len(held) < at_least:
                return
            if held[0]["batch"]:
                held[0]["raw"] = mangle.merged([delivery["raw"] for delivery in held])
                for delivery in held[1:]:
                    delivery["state"] = "batched"
                    self._save(delivery)
                held = held[:1]
            for place, delivery in enumerate(shuffled(held, held[0]["seed"], held[0]["id"])):
                delivery |= {"state": "pending", "due": self._clock(), "order": held[-1]["order"] + place / len(held)}
                self._save(delivery)

    def _release_late(self) -> None:
        now = self._clock()
        with self._store.lock:
            late = {d["held_by"] for d in self._open.values() if d["state"] == "held" and d["held_until"] <= now}
        for holder in late:
            self._release(holder, at_least=1)

    def _attempt(self, delivery: Doc) -> None:
        raw = delivery["raw"].encode()
        platform = delivery["platform"]
        headers = headers_for(platform, raw, self.secrets, delivery["signature"])
        status = self.send(f"{self._target}/{platform}", raw, headers, TIMEOUTS[platform])
        # The signing fault was one bad send; the platform's retry is right again.
        delivery |= {"attempts": delivery["attempts"] + 1, "signature": "valid"}
        delivery["statuses"] = [*delivery["statuses"], status]
        settings: dict[str, Any] = self._settings()
        if status in _OK:
            delivery["state"] = "delivered"
        elif delivery["attempts"] >= min(settings["retry_attempts"], delivery.get("most", settings["retry_attempts"])):
            delivery["state"] = "failed"
        else:
            wait = min(settings["retry_cap"], settings["retry_base"] * 2 ** (delivery["attempts"] - 1))
            delivery["due"] = self._clock() + round(wait * SECOND)
        log.info("webhook %s %s of %s: %s", platform, delivery["event"], delivery["object"], status or "no answer")
        self._save(delivery)
        with self._wake:
            self._wake.notify_all()

    def _loop(self, platform: str) -> None:
        while not self._stopped:
            if self.run_due(platform):
                continue
            with self._wake:
                self._wake.wait(self._nap())

    def _nap(self) -> float:
        # No lock: the caller holds `_wake`, and writers take the store's lock before `_wake`.
        now = self._clock()
        dues = [d["held_until"] if d["state"] == "held" else d["due"] for d in list(self._open.values())]
        return min(1.0, max(0.01, (min(dues) - now) / SECOND)) if dues else 1.0


def send_raw(deliverer: Deliverer, platform: str, raw: bytes, *, signature: str, times: int) -> Doc:
    """Send these bytes now, past the queue; return their SHA-256 and the receiver's statuses (0 = no answer)."""
    url = deliverer.url(platform)
    if url is None:
        raise ValueError("the sandbox was started without --deliver-to, there is nowhere to send")
    headers = headers_for(platform, raw, deliverer.secrets, signature)
    statuses = [deliverer.send(url, raw, headers, TIMEOUTS[platform]) for _ in range(times)]
    return {"sha256": hashlib.sha256(raw).hexdigest(), "statuses": statuses}
