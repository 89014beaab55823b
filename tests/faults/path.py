"""The whole way of a post under fire: queues that deliver late, often and out of order, and workers that die.

What SQS promises is "at least once, in any order": each message is delivered one to five times, shuffled with all
others, and comes again when its worker was killed or gave it back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from unittest.mock import patch

from bluelamp.actions.errors import LaterError, WaitingError
from bluelamp.audit.leaf import Content
from bluelamp.cloud.sqs import Message
from bluelamp.content.model import ContentBrokenError, ContentGoneError
from bluelamp.errors import BluelampError, ConflictError
from bluelamp.moderation.service import Moderator, Received
from bluelamp.people.model import Principal
from bluelamp.posts.model import Post as StoredPost
from bluelamp.posts.model import PostSummary, Reason
from tests.faults.archive import Records, examine, finding, forks
from tests.faults.cloud import EvidenceBucket, Fire, KilledError, ReleaseQueue, WatchedSigner
from tests.faults.counts import Counts
from tests.support.world import SECRET, FakePlatform, World, idem, judged, principal

# Longer than the lease of a worker that died.
LEASE = 90
ABUSE = Reason(code="abuse")
ARRIVALS = frozenset({"ingest", "edit", "removed", "state"})


class WatchedPlatform(FakePlatform):
    """Looks, at each call that changes something, whether all that must be under lock is so by then."""

    def __init__(self) -> None:
        super().__init__()
        self.sealed: Callable[[str, str], bool] = lambda _verb, _native: False
        self.unsealed: list[str] = []

    def act(self, verb: str, target: Any, http: Any, *, text: str | None = None, assets: tuple[Any, ...] = ()) -> Any:
        if not self.sealed(verb, target.native_id):
            self.unsealed.append(f"{verb}:{target.native_id}")
        return super().act(verb, target, http, text=text, assets=assets)


class BurningWorld(World):
    """The world of the unit tests on the cloud that kills and remembers."""

    def __init__(self) -> None:
        with patch("tests.support.world.Faults", Fire):
            super().__init__()
        assert isinstance(self.faults, Fire)
        self.fire = self.faults
        self._read: set[str] = set()
        self._told: list[tuple[int, int, dict[str, Any]]] = []
        self.platform = WatchedPlatform()
        self.platform.sealed = self.is_sealed
        self.evidence = EvidenceBucket(self.fire)
        self.action_queue = ReleaseQueue(self.fire, self.evidence)
        self.signer = WatchedSigner(SECRET, self.fire)

    def is_sealed(self, verb: str, native: str) -> bool:
        """Return whether the archive holds, under a checkpoint, the intent to do this to the post that is so named.

        Before a hide or a delete the context has to be there as well.
        """
        fresh = {n: body for n, body in self.evidence.objects.items() if n not in self._read}
        self._read |= fresh.keys()
        self._told += [(y, seq, r) for y, seq, r in Records(fresh).all if r["type"] in {"intent", "context"}]
        key = self.pseudonyms.post("facebook-1", native)
        sealed = {
            record["type"]
            for year, seq, record in self._told
            if (record["op"].get("verb"), record["obj"]["key"]) == (verb, key) and seq < self.evidence.sealed_size(year)
        }
        return sealed >= ({"intent"} if verb == "reply" else {"intent", "context"})


@dataclass
class Delivery:
    """A message that is to be delivered some more times."""

    queue: str
    body: Any
    left: int
    tries: int = 0


class Postman:
    """The queues of a world: whatever is sent is delivered one to five times, in any order.

    Parameters
    ----------
    world
        Whose queues, and whose workers.
    random
        Decides order, number and deaths.
    copies
        How often a message is delivered at most.
    kill_rate
        How often a worker dies, at each side of each call.
    """

    def __init__(self, world: BurningWorld, random: Random, *, copies: int = 5, kill_rate: float = 0.0) -> None:
        self.world = world
        self.counts = Counts()
        self._random = random
        self._copies = copies
        self._kill_rate = kill_rate
        self._waiting: list[Delivery] = []

    def send(self, queue: str, body: Any) -> None:
        self._waiting.append(Delivery(queue, body, self._random.randint(1, self._copies)))

    def deliver_all(self, meanwhile: Callable[[], bool] = lambda: False) -> None:
        """Deliver until nothing is left; between deliveries the log is sealed, and `meanwhile` may do something.

        `meanwhile` answers whether it has more to do.
        """
        for _ in range(20_000):
            self._collect()
            busy = meanwhile()
            if not self._waiting or self._random.random() < 0.2:
                sealed = self._survive(self.world.seal)
                self._collect()
                if sealed and not self._waiting and not busy and not self._outbox():
                    return
            elif self._waiting:
                self._deliver(self._random.choice(self._waiting))
        self.counts.bad("wrong", f"{len(self._waiting)} messages never come to an end")

    def _outbox(self) -> bool:
        return any(pk.startswith("OUTBOX#") for pk, _ in self.world.table.items)

    def _collect(self) -> None:
        for queue in ("moderation", "action_queue", "media_queue"):
            held: list[Message] = getattr(self.world, queue).messages
            for message in held:
                self.send(queue, message)
            held.clear()

    def _deliver(self, delivery: Delivery) -> None:
        delivery.tries += 1
        works = {
            "ingest": self._ingest,
            "moderation": self._judge,
            "media_queue": self._keep,
            "action_queue": self._act,
        }
        if self._survive(lambda: works[delivery.queue](delivery)):
            self.counts.add("deliveries")
            delivery.left -= 1
            if not delivery.left:
                self._waiting.remove(delivery)

    def _ingest(self, delivery: Delivery) -> None:
        self.world.ingest(*delivery.body)

    def _judge(self, delivery: Delivery) -> None:
        moderator = Moderator(posts=self.world.judging, judge=judged)
        received = Received(message_id="m", receives=delivery.tries, body=delivery.body.text())
        if moderator.judge_posts([received], tell=self._tell):
            raise LaterError("the judge gave it back")

    def _tell(self, error: Exception, what: str, _message_id: str) -> None:
        if not isinstance(error, BluelampError):
            self.counts.bad("wrong", f"the judge: {what}: {type(error).__name__}: {error}")

    def _keep(self, delivery: Delivery) -> None:
        self.world.keeper().keep(delivery.body.body)

    def _act(self, delivery: Delivery) -> None:
        try:
            self.world.acting().act(delivery.body.body)
        except WaitingError:
            self.world.pass_time(seconds=70)

    def _survive(self, work: Callable[[], object]) -> bool:
        """Run a worker; return whether it came to its end. A dead one's lease runs out before its message returns."""
        if self._kill_rate:
            self.world.fire.kill_sometimes(self._random.random, self._kill_rate)
        kills = self.world.fire.kills
        try:
            work()
        except (KilledError, LaterError, ConflictError):
            self.world.pass_time(seconds=LEASE)
            return False
        finally:
            self.world.fire.cease()
            self.counts.add("kills", self.world.fire.kills - kills)
        return True


class Officer:
    """Somebody who hides, deletes or answers what is in the queue, and whose browser sends every request again.

    Parameters
    ----------
    world
        Where they work.
    random
        Decides what they do.
    """

    def __init__(self, world: BurningWorld, random: Random) -> None:
        self.requests = 0
        self._world = world
        self._random = random
        self._person: Principal = principal()
        self._done: set[str] = set()

    def do_one(self, verb: str | None = None) -> bool:
        """Ask for one action on a post of the queue that was not acted on; return whether there was one."""
        posts = [p for p in self._world.posts.queue(self._person).posts if p.id not in self._done]
        if not posts:
            return False
        self._ask(self._random.choice(posts), verb)
        return True

    def _ask(self, post: PostSummary, verb: str | None) -> None:
        possible = sorted({"hide", "delete", "reply"} & set(post.can))
        verb = verb if verb in possible else self._random.choice(possible)
        how = {"text": "Thank you."} if verb == "reply" else {"reason": ABUSE}
        again = idem()
        self._done.add(post.id)
        for number in range(self._random.randint(1, 3)):
            try:
                getattr(self._world.actions, verb)(self._person, post.id, rev=post.rev, idem=again, **how)
            except ConflictError:
                if not number:  # the post had moved on; the officer looks again
                    self._done.discard(post.id)
                    return
            else:
                self.requests += not number


def check(world: BurningWorld, officer: Officer) -> Counts:
    """Count what is lost, doubled or done before it was sealed, once all queues are empty."""
    counts = Counts()
    world.seal()
    records = Records(world.evidence.objects)
    arrivals = [(r["obj"]["key"], r["type"], r.get("event_at")) for _, _, r in records.all if r["type"] in ARRIVALS]
    counts.bad("doubles", "an event was recorded twice", len(arrivals) - len(set(arrivals)))
    kept = [r["obj"] for _, _, r in records.all if r["type"] == "media" and "content" in r]
    pictures = {(obj["key"], obj["digest"]) for obj in kept}
    counts.bad("doubles", "a picture was kept twice", len(kept) - len(pictures))
    for post in posts(world):
        key = world.pseudonyms.post(post.account, post.native_id)
        found = [rev for rev, _ in records.revisions.get(key, [])]
        missing = set(range(1, post.rev + 1)) - set(found)
        counts.bad("losses", f"{post.native_id}: changes without a record", len(missing))
        counts.bad("doubles", f"{post.native_id}: records without a change", len(found) + len(missing) - post.rev)
        counts.bad("wrong", f"{post.native_id} is still {post.state}", post.state in {"hiding", "deleting"})
    intents = {intent for intent, _, _ in records.intents}
    answered = set(records.outcomes)
    counts.add("actions", len(intents))
    counts.bad("doubles", "one request became several intents", len(intents) - officer.requests)
    counts.bad("losses", "requests without an intent", officer.requests - len(intents))
    counts.bad("losses", "intents without an outcome", len(intents - answered))
    counts.bad("doubles", "outcomes too many", len(records.outcomes) - len(answered))
    counts.bad("wrong", "outcomes of no intent", len(answered - intents))
    counts.bad("wrong", f"called before the intent was sealed: {world.platform.unsealed}", len(world.platform.unsealed))
    counts.bad("wrong", "released before the intent was under lock", world.action_queue.early)
    replies = [native for native, _ in world.platform.replies]
    counts.bad("doubles", "the public was answered twice", len(replies) - len(set(replies)))
    counts.bad("losses", "contents that a record names and nobody can read", _unreadable(world, records))
    counts.merge(forks(world.evidence, world.signer, "path"))
    report = examine(world.evidence.objects)
    if report.verdict != "OK":
        counts.bad("wrong", f"the archive does not verify: {finding(report)}")
    return counts


def _unreadable(world: BurningWorld, records: Records) -> int:
    gone = 0
    for _, _, record in records.all:
        if "content" in record:
            try:
                world.vault.open(record["account"], Content.model_validate(record["content"]))
            except (ContentBrokenError, ContentGoneError):
                gone += 1
    return gone


def posts(world: BurningWorld) -> list[StoredPost]:
    """Return every post of the table."""
    found = world.changer.posts.get_many([i["id"] for (_, sk), i in world.table.items.items() if sk == "POST"])
    return sorted(found.values(), key=lambda post: post.native_id)
