"""The use case: judge the posts that ModerationQueue names, and let each have its case.

A post is never lost in silence. What fails is given back to the queue; what cannot be judged after
`PATIENCE` receives is filed as unjudged and high, for a person; what cannot even be filed ends in the
dead-letter queue, which has an alarm. So the queue must deliver more than `PATIENCE + 1` times.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from pydantic import ConfigDict, Field, ValidationError

from bluelamp.models import Model
from bluelamp.moderation import rules
from bluelamp.moderation.model import Judgement, Subject, unjudged

PATIENCE = 3
Tell = Callable[[Exception, str, str], None]

_log = logging.getLogger(__name__)


class ModerationMessage(Model):
    """The body of a ModerationQueue message."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    v: int = Field(ge=1, le=1)
    post_id: str = Field(min_length=1)
    rev: int = Field(ge=1)


class Received(Model):
    """One message as the queue delivered it: its id, how often it was delivered, its body as text."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    message_id: str
    receives: int
    body: str


class Posts(Protocol):
    """What the judge needs of the posts."""

    def get_for_judging(self, post_ids: Iterable[str]) -> dict[str, tuple[Subject, int]]:
        """Return, by id, the posts that are still to be judged, each with its revision."""

    def file_cases(self, judged: Mapping[str, tuple[int, Judgement]]) -> set[str]:
        """Open the cases of exactly these revisions; return the ids of posts that were changed since."""


class Moderator:
    """Judges posts and files their cases.

    Parameters
    ----------
    posts
        Where posts are read and cases filed.
    judge
        The judge; by default the national base with the default scorer.
    """

    def __init__(self, *, posts: Posts, judge: Callable[[Subject], Judgement] = rules.judge) -> None:
        self._posts = posts
        self._judge = judge

    def judge_posts(self, messages: Sequence[Received], *, tell: Tell) -> list[str]:
        """Judge the posts of some messages; each stands for itself.

        Parameters
        ----------
        messages
            As the queue delivered them.
        tell
            Is told of every failure: the error, what failed, the id of the message. It keeps the error's own words out
            of the logs, as they may quote a post.

        Returns
        -------
        list of str
            The ids of the messages that are to be delivered again.
        """
        wanted, again = _read(messages, tell)
        again += self._judge_together(wanted, tell)
        return list(dict.fromkeys(again))

    def _judge_together(self, wanted: Mapping[Received, ModerationMessage], tell: Tell) -> list[str]:
        try:
            return self._judge_all(wanted, tell)
        except Exception as error:  # noqa: BLE001 -- whatever was filed is found filed when it comes again
            if len(wanted) > 1:
                # One post that nobody can read or file must not take the others to the dead letters with it.
                _log.warning("%s in a batch: each of its posts is now judged by itself", type(error).__name__)
                return [lost for one in wanted.items() for lost in self._judge_together(dict([one]), tell)]
            for received in wanted:
                tell(error, "a post could not be read or its case not filed; it is tried again", received.message_id)
            return [received.message_id for received in wanted]

    def _judge_all(self, wanted: Mapping[Received, ModerationMessage], tell: Tell) -> list[str]:
        again: list[str] = []
        judged: dict[str, tuple[int, Judgement]] = {}
        found = self._posts.get_for_judging(message.post_id for message in wanted.values())
        for received, message in wanted.items():
            if message.post_id not in found:
                continue
            subject, rev = found[message.post_id]
            try:
                judged[message.post_id] = (rev, self._judgement(subject, received, tell))
            except Exception as error:  # noqa: BLE001 -- one post must not hold up the others; the queue counts and retries
                tell(error, "a post could not be judged; it is tried again", received.message_id)
                again.append(received.message_id)
        overtaken = self._posts.file_cases(judged)
        return again + [received.message_id for received, message in wanted.items() if message.post_id in overtaken]

    def _judgement(self, subject: Subject, message: Received, tell: Tell) -> Judgement:
        if message.receives > PATIENCE:  # the judge did not even live to say that it failed
            _log.error("the judge never ended; filed as unjudged and high: %s", message.message_id)
            return unjudged(subject)
        try:
            return self._judge(subject)
        except Exception as error:
            if message.receives < PATIENCE:
                raise
            tell(error, "the judge failed for good; filed as unjudged and high", message.message_id)
            return unjudged(subject)


def _read(messages: Sequence[Received], tell: Tell) -> tuple[dict[Received, ModerationMessage], list[str]]:
    """Return the messages that can be read, and the ids of those that cannot."""
    wanted: dict[Received, ModerationMessage] = {}
    odd: list[str] = []
    for received in messages:
        try:
            wanted[received] = ModerationMessage.model_validate_json(received.body)
        except ValidationError as error:
            tell(error, "a message cannot be read; it ends in the dead-letter queue", received.message_id)
            odd.append(received.message_id)
    return wanted, odd
