"""The public as it writes: a seeded stream of posts, replies, edits and deletions to the accounts a sandbox knows.

Run as ``python -m sandbox.trickle --control URL``; it ends after a count or a time, or when it is told to.
"""

import argparse
import signal
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests

from sandbox import phrases
from sandbox.client import ControlClient, ControlError, Doc
from sandbox.dice import Dice

_RECENT = 40
_PEOPLE = 60
# What a step does, against the other things: most people say something new.
_DOINGS = {"new": 66.0, "answer": 18.0, "message": 6.0, "edit": 4.0, "delete": 4.0, "reaction": 2.0}
# On Facebook most people comment and few write on the wall; on X about half answer, the rest mention.
_WALL_SHARE, _REPLY_SHARE = 0.15, 0.5
_LEAST_PAUSE, _PAUSE_SPREAD = 0.67, 0.66
# One in so many new things has a picture, and one in so many of these is a video.
_PICTURED, _MOVING = 6, 5


class Trickle:
    """Writes one thing at each `step`; the same seed writes the same to the same accounts.

    Parameters
    ----------
    client
        Of the sandbox's control API.
    seed
        Decides everything.
    mix
        Weights by kind of post, over those of `sandbox.phrases.MIX`.
    """

    def __init__(self, client: ControlClient, *, seed: int = 7, mix: Mapping[str, float] | None = None) -> None:
        self._client = client
        self._dice = Dice(f"trickle:{seed}")
        self._pictures = Dice(f"pictures:{seed}")
        self._mix = phrases.MIX | dict(mix or {})
        self._accounts: list[Doc] = sorted(client.get("/accounts")["accounts"], key=lambda a: (a["platform"], a["id"]))
        self._roots: dict[str, list[str]] = {}
        self._recent: list[Doc] = []
        if not self._accounts:
            raise ControlError(404, "the sandbox knows no accounts yet: load a force first")

    def step(self) -> tuple[str, Doc]:
        """Write one thing; return what was done and the object it was done to."""
        doing = self._dice.weighted(_DOINGS)
        if doing == "message":
            account = self._dice.choice(self._accounts)
            return "message", self._message(account, self.text(self._dice.choice(("question", "crime_report"))))
        if doing != "new" and self._recent:
            about = self._dice.choice(self._recent)
            if self._client.object(about["platform"], about["id"])["state"] != "deleted":
                return doing, self._touch(doing, about)
            self._recent.remove(about)
        kind = self._dice.weighted(self._mix)
        return kind, self._remember(self._write(self._dice.choice(self._accounts), self.text(kind)))

    def pause(self, mean: float) -> float:
        """Return how many seconds to wait until the next step: the mean, a third more or less."""
        return mean * (_LEAST_PAUSE + _PAUSE_SPREAD * self._dice.number())

    def look_again(self) -> None:
        """Forget which posts people can answer: the accounts' own may have gone."""
        self._roots.clear()

    def text(self, kind: str, **given: str) -> str:
        """Return a text of a kind, its gaps filled."""
        dice = self._dice
        return dice.choice(phrases.PHRASES[kind]).format(
            **{
                "town": dice.choice(phrases.TOWNS),
                "street": dice.choice(phrases.STREETS),
                "road": dice.choice(phrases.ROADS),
                "bridge": dice.choice(phrases.BRIDGES),
                "first": dice.choice(phrases.FIRST),
                "surname": dice.choice(phrases.SURNAMES),
                "mobile": f"07700 900{dice.between(0, 999):03d}",
                "landline": f"01632 960{dice.between(0, 999):03d}",
                "plate": f"WL{dice.between(10, 74)} ZZ{dice.choice('ABCDEFGH')}",
                "number": str(dice.between(1, 180)),
                "year": str(dice.between(1950, 2005)),
                "crime": str(dice.between(10_000, 99_999)),
                **given,
            }
        )

    def _person(self) -> str:
        number = self._dice.between(0, _PEOPLE - 1)
        first, last = phrases.FIRST, phrases.SURNAMES
        return f"{first[number % len(first)]} {last[number * 7 % len(last)]}"

    def _write(self, account: Doc, text: str) -> Doc:
        root = self._root(account)
        if account["platform"] == "x":
            if root is not None and self._dice.number() < _REPLY_SHARE:
                return self._client.post("/x/posts", text=text[:280], reply_to=root, **self._said())
            return self._client.post("/x/posts", text=f"@{account['handle']} {text}"[:280], **self._said())
        if root is None or self._dice.number() < _WALL_SHARE:
            return self._client.post("/facebook/posts", page=account["id"], text=text, **self._said())
        return self._client.post("/facebook/comments", on=root, text=text, **self._said())

    def _said(self) -> dict[str, Any]:
        """Return who says something new, and with which picture."""
        return {"author_name": self._person(), "media": self._media()}

    def _media(self) -> list[str]:
        dice = self._pictures
        if dice.between(1, _PICTURED) > 1:
            return []
        kind = "mp4" if dice.between(1, _MOVING) == 1 else dice.choice(("jpg", "png"))
        return [self._client.medium(f"{dice.between(1, 99_999):05d}.{kind}")]

    def _root(self, account: Doc) -> str | None:
        """Return one of the page's own posts for people to answer."""
        if account["id"] not in self._roots:
            path = f"/objects/{account['platform']}"
            found = self._client.get(path, account=account["id"], kind="post", author=account["id"])
            self._roots[account["id"]] = [post["id"] for post in found["objects"] if post["state"] == "visible"]
        roots = self._roots[account["id"]]
        return self._dice.choice(roots) if roots else None

    def _message(self, account: Doc, text: str) -> Doc:
        if account["platform"] == "x":
            return self._client.post("/x/messages", account=account["id"], author_name=self._person(), text=text)
        return self._client.post("/facebook/messages", page=account["id"], author_name=self._person(), text=text)

    def _touch(self, doing: str, about: Doc) -> Doc:
        platform, key = about["platform"], about["id"]
        if doing == "answer" or (doing == "reaction" and platform == "x"):
            text, person = self.text("answer"), self._person()
            if platform == "x":
                return self._remember(self._client.post("/x/posts", author_name=person, text=text, reply_to=key))
            return self._remember(self._client.post("/facebook/comments", on=key, author_name=person, text=text))
        if doing == "reaction":
            return self._client.post("/facebook/reactions", on=key, author_name=self._person())
        self._recent.remove(about)
        if doing == "edit":
            text = self.text("after_edit", text=about["text"])[:280]
            return self._remember(self._client.post(f"/objects/{platform}/{key}/edit", text=text))
        return self._client.post(f"/objects/{platform}/{key}/delete")

    def _remember(self, written: Doc) -> Doc:
        self._recent = [*self._recent, written][-_RECENT:]
        return written


def run(trickle: Trickle, *, rate: float, count: int | None, seconds: float | None, stop: threading.Event) -> int:
    """Write until a bound is reached or ``stop`` is set; return how much was written.

    What the platform refuses (somebody is blocked, a post went a moment ago) is told and passed over.
    """
    end = None if seconds is None else time.monotonic() + seconds
    written = 0
    while not stop.is_set() and (count is None or written < count) and (end is None or time.monotonic() < end):
        try:
            what, about = trickle.step()
            line = f"{what:<14} {about['platform']:<9} {about['author']['name']}: {about['text'][:90]}"
        except ControlError as error:
            trickle.look_again()
            line = f"{'passed over':<14} {error}"
        sys.stdout.write(line.replace("\n", " ") + "\n")
        sys.stdout.flush()
        written += 1
        stop.wait(trickle.pause(rate))
    return written


def main(arguments: list[str] | None = None) -> int:
    """Run from the shell; return 0, or 2 when the sandbox is not there."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.trickle", description=__doc__)
    parser.add_argument("--control", required=True, metavar="URL", help="of the sandbox's control API")
    parser.add_argument("--rate", type=float, default=3.0, help="mean seconds between two")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--mix", default="", help="weights by kind, as in hate=2,thanks=5")
    options = parser.parse_args(arguments)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        trickle = Trickle(ControlClient(options.control), seed=options.seed, mix=_mix(options.mix))
        run(trickle, rate=options.rate, count=options.count, seconds=options.seconds, stop=stop)
    except (requests.RequestException, ControlError, ValueError) as error:
        sys.stderr.write(f"trickle ends: {error}\n")
        return 2
    return 0


def _mix(text: str) -> dict[str, float]:
    mix = {}
    for part in filter(None, text.split(",")):
        kind, _, weight = part.partition("=")
        if kind not in phrases.MIX:
            raise ValueError(f"no kind {kind!r}; there are {', '.join(phrases.MIX)}")
        mix[kind] = float(weight)
    return mix


if __name__ == "__main__":
    sys.exit(main())
