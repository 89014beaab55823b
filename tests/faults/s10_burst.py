"""10: ten thousand posts at once, while every tenth call to AWS and to the platform is throttled: the backlog drains.

A throttled call fails as boto3 fails once its own retries are used up, so this is harsher than one refusal in ten.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

from botocore.exceptions import ClientError

from bluelamp.actions.errors import LaterError, WaitingError
from bluelamp.cloud.dynamodb import ContentionError
from bluelamp.cloud.sqs import Message, QueueError
from bluelamp.errors import ConflictError
from bluelamp.moderation.service import Moderator, Received
from bluelamp.platforms.contract import ThrottledError
from tests.faults.counts import Counts
from tests.faults.path import LEASE, BurningWorld, Officer, check, posts
from tests.faults.steady import seeded
from tests.support.world import judged

THROTTLED = 0.1
ACTIONS = 50
# SQS gives a function ten messages at a time.
BATCH = 10


def run(seed: int, size: int = 100) -> Counts:
    """Let a burst in, and work until nothing is left anywhere."""
    random = seeded(seed)
    burst = Burst(random, size)
    burst.arrive()
    burst.judge()
    burst.act()
    burst.drain()
    counts = Counts(seeds=1)
    counts.merge(burst.counts, f"seed {seed}: ")
    stored = posts(burst.world)
    counts.bad("losses", f"seed {seed}: posts are not there", size - len(stored))
    unjudged = sum(post.case.state == "unjudged" for post in stored)
    counts.bad("losses", f"seed {seed}: posts were never judged", unjudged)
    counts.merge(check(burst.world, burst.officer), f"seed {seed}: ")
    return counts


class Burst:
    """One burst and the workers that take it up, each of which may be refused and tries again.

    Parameters
    ----------
    random
        Decides which calls are throttled.
    size
        How many posts come.
    """

    def __init__(self, random: Random, size: int) -> None:
        self.counts = Counts()
        self.world = BurningWorld()
        self.world.fire.limit = 1_000 * size
        self.world.account("1", "swindale")
        self.officer = Officer(self.world, random)
        self._random = random
        self._size = size

    def arrive(self) -> None:
        """Ingest webhooks of one to five new posts; nothing is sealed meanwhile."""
        number = 0
        while number < self._size:
            many = min(self._random.randint(1, 5), self._size - number)
            at = self.world.now - timedelta(milliseconds=self._size - number)
            natives = range(number, number + many)
            events = [self.world.comment(f"c{n}", "you idiot" if n % 50 == 0 else "thanks", at=at) for n in natives]
            self._until_done(partial(self.world.ingest, *events))
            number += many
        self.counts.add("events", number)

    def judge(self) -> None:
        """Work the moderation queue off, ten messages a time."""
        waiting = self.world.moderation.messages
        while waiting:
            batch, waiting[:] = waiting[:BATCH], waiting[BATCH:]
            self._until_done(partial(self._judge, {str(n): message for n, message in enumerate(batch)}))

    def _judge(self, left: dict[str, Message]) -> None:
        """Judge one batch; what is given back stays in `left`."""
        received = [Received(message_id=n, receives=1, body=m.text()) for n, m in left.items()]
        again = Moderator(posts=self.world.judging, judge=judged).judge_posts(received, tell=lambda *_: None)
        for done in left.keys() - set(again):
            del left[done]
        if left:
            raise LaterError("some posts could not be judged")

    def act(self) -> None:
        """Let an officer hide, delete and answer some posts."""
        for _ in range(min(ACTIONS, self._size // 10)):
            self.officer.do_one()

    def drain(self) -> None:
        """Seal and act until outbox and action queue are empty."""
        queue = self.world.action_queue.messages
        self.counts.add("chunks in the backlog", self._backlog())
        while self._backlog() or queue:
            self._until_done(self.world.seal)
            held, queue[:] = queue[:], []
            for message in held:
                if self._random.random() < THROTTLED:
                    until = self.world.now + timedelta(seconds=30)
                    self.world.platform.next_error = [ThrottledError("429", until=until)]
                self._until_done(partial(self._act, message))
                self.world.pass_time(seconds=1)

    def _act(self, message: Message) -> None:
        self.world.acting().act(message.body)

    def _backlog(self) -> int:
        return sum(pk.startswith("OUTBOX#") for pk, _ in self.world.table.items)

    def _until_done(self, work: Callable[[], object]) -> None:
        """Do a piece of work as its queue would: again after every failure."""
        for _ in range(10_000):
            self.world.fire.on(self._throttle)
            try:
                work()
            except WaitingError:
                return  # it is in the queue again
            except (ClientError, ContentionError, QueueError, ConflictError, LaterError) as error:
                self.counts.add("retries")
                # Whoever was refused in the middle of an action holds its lease until that runs out.
                self.world.pass_time(seconds=LEASE if isinstance(error, LaterError) else 0.1)
                continue
            finally:
                self.world.fire.cease()
            return
        self.counts.bad("wrong", "a message was given up after 10,000 attempts")

    def _throttle(self, name: str) -> None:
        if self._random.random() >= THROTTLED:
            return
        self.counts.add("throttled")
        if name in {"transact", "write"}:
            raise ContentionError("DynamoDB answered ThrottlingException; try again")
        if name == "send":
            raise QueueError("SQS refused messages")
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, name)
