"""8: every message is delivered one to five times, in any order, by workers that die: each event counts once.

A thousand seeds of ten events each are the ten thousand of the design.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

from bluelamp.media.errors import MediaTimedOutError
from tests.faults.archive import Records
from tests.faults.counts import Counts
from tests.faults.path import BurningWorld, Officer, Postman, check, posts
from tests.faults.steady import seeded

EVENTS = 10
ACTIONS = 3
KILL_RATE = 0.004


def run(seed: int) -> Counts:
    """Let ten events and three actions through."""
    random = seeded(seed)
    world = BurningWorld()
    world.account("1", "swindale")
    officer = Officer(world, random)
    postman = Postman(world, random, kill_rate=KILL_RATE)
    events = _events(world, random)
    for event in events:
        postman.send("ingest", [event])
    wanted = ACTIONS

    def meanwhile() -> bool:
        nonlocal wanted
        if wanted and random.random() < 0.1:
            wanted -= 1
            officer.do_one()
        return wanted > 0

    postman.deliver_all(meanwhile)
    counts = Counts(seeds=1)
    counts.add("events", len(events))
    counts.merge(postman.counts, f"seed {seed}: ")
    counts.merge(check(world, officer), f"seed {seed}: ")
    counts.merge(_as_told(world, events), f"seed {seed}: ")
    return counts


def _events(world: BurningWorld, random: Random) -> list[dict[str, Any]]:
    """Return new comments, and edits, removals and state changes of them, each at a moment of its own."""
    number = random.randint(5, 8)
    times = [world.now - timedelta(minutes=EVENTS - n) for n in range(EVENTS)]
    words = ["you idiot", "I will kill you", "thank you", "lovely"]
    world.hosts.pictures = {f"https://cdn.example/{n}.jpg": b"picture %d" % n for n in range(number)}
    events = [
        world.comment(f"c{n}", f"{random.choice(words)} {n}", at=times[n], media=_media(world, random, n))
        for n in range(number)
    ]
    for n, native in zip(range(number, EVENTS), random.sample(range(number), EVENTS - number), strict=True):
        kind = random.choice(["edit", "gone", "state"])
        if kind == "edit":
            text = f"{random.choice(words)}, edited"
            media = events[native]["media"]
            events.append(world.comment(f"c{native}", text, at=times[n], edited=True, media=media))
        else:
            fields = {k: events[native][k] for k in ("platform", "account_native", "native_id")}
            more = {"state": "hidden"} if kind == "state" else {}
            events.append({"is": kind, **fields, "event_at": events[native]["event_at"], **more})
            events[-1]["event_at"] = times[n].isoformat()
    return events


def _media(world: BurningWorld, random: Random, number: int) -> list[dict[str, str]]:
    """Return no picture, one, or one whose host fails at first."""
    url = f"https://cdn.example/{number}.jpg"
    kind = random.random()
    if kind < 0.1:
        world.hosts.failures[url] = [MediaTimedOutError("no answer")]
    return [{"kind": "photo", "url": url}] if kind < 0.3 else []


def _as_told(world: BurningWorld, events: list[dict[str, Any]]) -> Counts:
    """Hold each post against the last words that the platform told of it; it arrived once."""
    counts = Counts()
    arrived = Counter(r["obj"]["key"] for _, _, r in Records(world.evidence.objects).all if r["type"] == "ingest")
    for native in sorted({event["native_id"] for event in events}):
        words = [e["text"] for e in events if e["native_id"] == native and e["is"] == "post"]
        texts = [post.text for post in posts(world) if post.native_id == native]
        if len(texts) != 1:
            counts.bad("doubles" if texts else "losses", f"{native} stands {len(texts)} times")
        elif texts != words[-1:]:
            counts.bad("losses", f"{native} does not have its last words")
        times = arrived[world.pseudonyms.post("facebook-1", native)]
        counts.bad("doubles", f"{native} arrived {times} times", times - 1)
        counts.bad("losses", f"{native} has no record of its arrival", 1 - times)
    return counts
