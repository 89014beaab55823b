"""The drill itself: a crowd writes, gold commands, and at the end everything is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bluelamp.incidents.model import Exempt, Match, Roles, Scope
from bluelamp.posts.model import Reason
from bluelamp.times import iso
from tests.faults.archive import Records, examine, finding
from tests.incident.town import PAGE, START, XUSER, Town
from tests.support.world import idem, principal

GOLD, SECOND = principal(name="Gold"), principal("control", name="Second")
ABUSE, MATCH = Reason(code="abuse"), Match(words=("idiot", "idiots"))
HOUR = 3600
# What a crowd writes: the words, and how often of a hundred.
SAYINGS = (
    ("you idiot, number {n}", 38),
    ("what is happening in Oak Street? {n}", 44),
    ("the bridge fell down, I saw it {n}", 12),
    ("idiots, I will kill them {n}", 3),
    ("thank you all {n}", 3),
)
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "duplicate", "rate": 0.05, "copies": 2, "seed": 1},
    {"kind": "server_error", "rate": 0.03, "seed": 2, "method": "POST"},
    {"kind": "act_then_close", "rate": 0.03, "seed": 3, "method": "POST"},
    {"kind": "server_error", "rate": 0.03, "seed": 4, "method": "PUT"},
    {"kind": "act_then_close", "rate": 0.03, "seed": 5, "method": "PUT"},
)


@dataclass
class Count:
    """What was counted; `bad` has to be empty."""

    rows: dict[str, Any] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)

    def must(self, what: str, found: Any, wanted: Any) -> None:
        """Note a figure that has to be as it is wanted."""
        self.rows[what] = found
        if found != wanted:
            self.bad.append(f"{what}: {found}, wanted {wanted}")


class Drill:
    """One incident.

    Parameters
    ----------
    seed
        Decides who writes what and where.
    posts
        How many posts come.
    """

    def __init__(self, seed: int, posts: int) -> None:
        self._random = Random(seed)  # noqa: S311 -- a seeded crowd, not a secret
        self._posts = posts
        self.town = Town()
        self.at = self.town.incidents
        self.count = Count()
        self._roots: dict[str, str] = {}

    def run(self) -> Count:
        """Go from the first post to the report."""
        with self.town.listening():
            self._open()
            self._crowd(self._posts // 2)
            self._bulk("hide")
            self._rule()
            self._crowd(self._posts - self._posts // 2)
            self._work("standing rule")
            self._compare("at the height of it")
            self._bulk("hide")
            self.at.log.write(
                GOLD, self.incident.id, kind="claim", text="The bridge fell", answer="It stands", source="Highways",
                idem=idem(),
            )  # fmt: skip
            self._close()
            self._bulk("unhide")
            self._check()
        return self.count

    # the incident ----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self._roots["facebook"] = self.town.control("/facebook/posts", page=PAGE, text="We are at Oak Street.")["id"]
        self._roots["x"] = self.town.control("/x/posts", author=XUSER, text="We are at Oak Street.")["id"]
        for fault in FAULTS:
            self.town.control("/faults", **fault)
        self.at.known = {GOLD.id: GOLD.name, SECOND.id: SECOND.name}
        press = Exempt(platform="x", handle="@WealdNews")
        self.at.service.set_policy(principal("admin"), bound=25, exempt=(press,), rev=0, idem=idem())
        scope = Scope(accounts=tuple(one.id for one in self.town.owned.values()), area="Oak Street", begin=iso(START))
        self.incident = self.at.service.open(
            GOLD, code="OAKLEAF", scope=scope, roles=Roles(gold=(GOLD.id,), silver=(SECOND.id,)),
            strategy="Keep people informed. Hide abuse.", idem=idem(),
        )  # fmt: skip

    def _rule(self) -> None:
        rev = self.at.store.get(self.incident.id).rev
        one = self.at.service.set_strategy(GOLD, self.incident.id, text="Hide abuse as it comes.", rev=rev, idem=idem())
        one = self.at.service.propose_standing(GOLD, one.id, match=MATCH, rev=one.rev, idem=idem())
        self.at.service.agree_standing(SECOND, one.id, rev=one.rev, idem=idem())
        self.town.pass_time(seconds=6)

    def _bulk(self, verb: Any) -> None:
        hide = verb != "unhide"
        preview = self.at.bulk.preview(
            GOLD, self.incident.id, verb=verb, match=MATCH if hide else None, reason=ABUSE if hide else None
        )
        job = preview.job
        for why, n in job.excluded.items():
            self.count.rows[f"left alone by {verb}: {why}"] = self.count.rows.get(f"left alone by {verb}: {why}", 0) + n
        if not job.posts:
            return
        steps = {"incident_id": self.incident.id, "job_id": job.id, "digest": job.digest}
        job = self.at.bulk.step(GOLD, **steps, step="start", rev=job.rev, idem=idem())
        if job.second:
            self.at.bulk.step(SECOND, **steps, step="agree", rev=job.rev, idem=idem())
        self._work(f"bulk {verb} of {job.posts}")
        done = self.at.bulk.get(GOLD, self.incident.id, job.id)
        self.count.must(
            f"bulk {verb}: posts not ordered or skipped", done.posts - done.intended - sum(done.skipped.values()), 0
        )

    def _close(self) -> None:
        one = self.at.store.get(self.incident.id)
        self.at.service.close(GOLD, one.id, rev=one.rev, idem=idem())

    def _work(self, what: str) -> None:
        began = self.town.now
        deliveries = self.town.drain()
        minutes = (self.town.now - began).total_seconds() / 60
        self.count.rows[what] = f"{deliveries} deliveries, {minutes:.0f} minutes by the platforms' budgets"

    # the crowd -------------------------------------------------------------------------------------------------------

    def _crowd(self, many: int) -> None:
        for start in range(0, many, 50):
            for n in range(start, min(start + 50, many)):
                self._write(n)
                self.town.pass_time(seconds=HOUR / self._posts)
            self.town.arrive()
            self.town.seal()
        # What was held back comes late, and all the same.
        self.town.pass_time(seconds=120)
        self.town.arrive()

    def _write(self, n: int) -> None:
        words = self._random.choices([w for w, _ in SAYINGS], [weight for _, weight in SAYINGS])[0].format(n=n)
        person = f"Person {self._random.randrange(900)}"
        place = self._random.random()
        if place < 0.7:
            self.town.control("/facebook/comments", on=self._roots["facebook"], text=words, author_name=person)
        elif place < 0.85:
            self.town.control("/facebook/messages", page=PAGE, text=words, author_name=person)
        else:
            press = {"author_name": "Weald News", "author_handle": "WealdNews"}
            who = press if self._random.random() < 0.05 else {"author_name": person}
            self.town.control("/x/posts", text=words, reply_to=self._roots["x"], **who)

    def _compare(self, when: str) -> None:
        """Compare what is hidden here with what the platforms say."""
        here = {post.native_id for post in self.town.every() if post.state == "hidden"}
        self.count.rows[f"hidden {when}"] = len(here)
        self.count.must(
            f"hidden here and not there, or there and not here, {when}", len(here ^ self.town.hidden_there()), 0
        )

    # the count -------------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        town, count = self.town, self.count
        town.seal()
        records = Records(town.evidence.objects)
        intents = Counter((r["op"]["verb"], r["obj"]["key"]) for _, _, r in records.all if r["type"] == "intent")
        ids = {r["id"] for _, _, r in records.all if r["type"] == "intent"}
        answered = Counter(records.outcomes)
        posts = [post for post in town.every() if post.direction == "in"]
        count.must("posts of the crowd", len(posts), self._posts)
        count.rows["intents"] = len(ids)
        count.must("intents without an outcome", len(ids - answered.keys()), 0)
        count.must("intents with two outcomes", sum(n > 1 for n in answered.values()), 0)
        count.must("outcomes of no intent", len(answered.keys() - ids), 0)
        count.must("posts hidden twice by the same verb", sum(n > 1 for n in intents.values()), 0)
        count.must("platform calls before the seal", town.early, 0)
        count.rows["platform calls"] = town.platform_calls
        results = Counter(r["op"]["result"] for _, _, r in records.all if r["type"] == "outcome")
        count.rows["outcomes"] = ", ".join(f"{name} {n}" for name, n in sorted(results.items()))
        self._compare("at the end")
        life = [post for post in posts if "kill" in post.text]
        count.must("posts about a life that were hidden", sum("hide" in _asked(post) for post in life), 0)
        count.rows["posts about a life"] = len(life)
        marked = [r for _, _, r in records.all if r["type"] in {"intent", "outcome", "context"}]
        wrong = sum(r.get("incident") != self.incident.id for r in marked)
        count.must("records of actions that do not name the incident", wrong, 0)
        report = self.at.reporting.make(GOLD, self.incident.id)
        count.rows["hidden by the standing rule"] = report.standing_hidden
        count.must("hidden still", report.still_hidden, 0)
        verified = examine(town.evidence.objects)
        count.must("the archive", verified.verdict, "OK")
        if verified.verdict != "OK":
            count.bad.append(finding(verified))


def _asked(post: Any) -> list[str]:
    return [pointer.detail.get("verb", "") for pointer in post.trail if pointer.type == "intent"]
