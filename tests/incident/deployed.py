"""The crowd on a deployed stack: many posts hidden by one order, and a pace held for minutes, with a clock beside it.

Everything runs on one machine of a few cores: functions, tables, stores and both platforms share what on AWS each has
for itself. So what is timed here is an upper bound, not what AWS would do.
"""

from __future__ import annotations

import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bluelamp.audit import layout
from bluelamp.audit.selection import sealed_at
from bluelamp.cli.local.stack import Stack
from bluelamp.ids import post_id
from bluelamp.times import parse_iso
from tests.support.stack import RunningStack, free_port, until

WRITERS = 4
PATIENCE = 900
# What a second person reads before they agree, seconds.
READING = 10
# Numbers of those who write later, so that no two say the same.
SECOND_CROWD = 1_000_000


class Crowd:
    """A crowd at one account of a deployed stack.

    Parameters
    ----------
    stack
        The stack, which nobody else uses meanwhile.
    directory
        Where the archive is pulled to.
    """

    def __init__(self, stack: RunningStack, directory: Path) -> None:
        self.stack, self._directory = stack, directory
        self.gold, self.second = stack.desk("comms"), stack.desk("control")
        self.account = stack.account("facebook")
        self._root = stack.root(self.account)
        self.rows: dict[str, str] = {}

    def write(self, first: int, many: int) -> None:
        """Have a number of abusive comments written as fast as the sandbox takes them."""
        with ThreadPoolExecutor(WRITERS) as writers:
            list(writers.map(self._comment, range(first, first + many)))

    def _comment(self, n: int) -> Any:
        said = {"on": self._root, "text": f"you idiot, number {n}", "author_name": f"Person {n % 900}"}
        return self.stack.public.post("/facebook/comments", **said)

    def hide(self, posts: int) -> None:
        """Hide them all by one order of two people, and time its first outcome, and when all of it is sealed."""
        scope = {"accounts": [self.account["id"]], "begin": "2026-01-01T00:00:00.000Z"}
        one = self.gold.post("/incidents", {"code": "OAKLEAF", "scope": scope, "strategy": "Hide abuse."})
        at = f"/incidents/{one['id']}/jobs"
        order = {"verb": "hide", "match": {"words": ["idiot"]}, "reason": {"code": "abuse"}}
        began = time.monotonic()
        self.write(0, posts)

        def arrived() -> Any:
            job = self.gold.post(at, order)["job"]
            return job if job["posts"] == posts else None

        job = until(arrived, f"{posts} posts judged", seconds=PATIENCE, every=2)
        self.rows[f"seconds until {posts} posts were judged"] = f"{time.monotonic() - began:.0f}"
        step = {"digest": job["digest"], "rev": job["rev"]}
        job = self.gold.post(f"{at}/{job['id']}/steps", {"step": "start", **step})
        time.sleep(READING)
        began, agreed = time.monotonic(), datetime.now(UTC)
        self.second.post(f"{at}/{job['id']}/steps", {"step": "agree", "digest": job["digest"], "rev": job["rev"]})
        until(self._hidden, "the first hidden on the platform", seconds=PATIENCE, every=0.05)
        self.rows["seconds from the second person's word to the first hidden"] = f"{time.monotonic() - began:.1f}"
        times = until(lambda: self._sealed(posts), "every intent sealed", seconds=PATIENCE, every=10)
        seconds = (parse_iso(times[posts - 1]) - agreed).total_seconds()
        self.rows[f"seconds until {posts} intents were sealed"] = f"{seconds:.1f}"

    def hold(self, an_hour: int, minutes: float) -> None:
        """Write at a pace for some minutes; time the page's queue, and how long single posts wait to be judged."""
        began = time.monotonic()
        answers: list[float] = []
        waits: list[float] = []
        written, probe = 0, None
        while (now := time.monotonic()) < began + minutes * 60:
            if now - began >= written * 3600 / an_hour:
                native = self._comment(SECOND_CROWD + written)["id"]
                written += 1
                probe = probe or (now, native)
            elif now - began >= len(answers):
                self.gold.get("/queue")
                answers.append(time.monotonic() - now)
                if probe and self._judged(probe[1]):
                    waits.append(time.monotonic() - probe[0])
                    probe = None
            else:
                time.sleep(0.005)
        last = time.monotonic()
        until(lambda: self._judged(native), "the last post judged", seconds=PATIENCE, every=0.2)
        answers.sort()
        self.rows["posts an hour, as they came"] = f"{written * 60 / minutes:.0f}"
        self.rows["seconds to open the queue: median, slowest"] = f"{answers[len(answers) // 2]:.2f}, {answers[-1]:.2f}"
        self.rows["seconds from written to judged, of those looked at: longest"] = f"{max(waits, default=0):.1f}"
        self.rows["seconds from the last written to the last judged"] = f"{time.monotonic() - last:.1f}"

    def _judged(self, native: str) -> bool:
        answer = self.gold.try_get(f"/posts/{post_id(self.account['id'], native)}")
        return answer.ok and answer.json()["post"]["case"]["state"] != "unjudged"

    def _hidden(self) -> bool:
        return bool(self.stack.public.calls(platform="facebook", method="POST"))

    def _sealed(self, posts: int) -> list[str]:
        """Return when the intents were sealed, in order, or nothing as long as some are not.

        By the log's own word; to look at it all the time would take from the functions what they need.
        """
        self.stack.pull(self._directory)
        found = []
        for path in self._directory.rglob("*-*"):
            if layout.parse_entries(str(path.relative_to(self._directory))):
                bodies = layout.unpack(path.read_bytes())
                intents = sum(json.loads(body)["type"] == "intent" for body in bodies)
                found += [sealed_at(bodies[0])] * intents
        return sorted(found) if len(found) >= posts else []


def main(posts: int, an_hour: int, minutes: float) -> dict[str, str]:
    """Bring up a stack, send the crowd, and return what was timed."""
    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch, "state")
        state.mkdir()
        with Stack(state, trickle=False, port=free_port()) as running:
            crowd = Crowd(RunningStack(running), Path(scratch, "archive"))
            crowd.hide(posts)
            crowd.hold(an_hour, minutes)
            return crowd.rows
