"""The use case: judge the posts that ModerationQueue names, and let each have its case.

A post is never lost in silence. What fails is given back to the queue; what cannot be judged after
`PATIENCE` receives is filed as unjudged and high, for a person; what cannot even be filed ends in the
dead-letter queue, which has an alarm. So the queue must deliver more than `PATIENCE + 1` times.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from bluelamp.errors import ConflictError
from bluelamp.moderation import rules
from bluelamp.moderation.model import Judgement, Subject, unjudged

PATIENCE = 3

_log = logging.getLogger(__name__)


class ModerationMessage(BaseModel):
    """The body of a ModerationQueue message."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    v: int = Field(ge=1, le=1)
    post_id: str = Field(min_length=1)
    rev: int = Field(ge=1)


class Received(BaseModel):
    """One message as the queue delivered it: its id, how often it was delivered, its body as text."""

    model_config = ConfigDict(frozen=True)

    message_id: str
    receives: int
    body: str


class Posts(Protocol):
    """What the judge needs of the posts."""

    def get_for_judging(self, post_id: str) -> tuple[Subject, int] | None:
        """Return the post and its revision; None when there is nothing to judge any more."""

    def file_case(self, post_id: str, rev: int, judgement: Judgement) -> None:
        """Open the case of exactly this revision.

        Raises
        ------
        ConflictError
            When the post was changed since it was read.
        """


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

    def judge_posts(self, messages: Sequence[Received]) -> list[str]:
        """Judge the posts of some messages; each stands for itself.

        Returns
        -------
        list of str
            The ids of the messages that are to be delivered again.
        """
        return [message.message_id for message in messages if not self._is_done(message)]

    def _is_done(self, message: Received) -> bool:
        try:
            self._judge_post(message)
        except ConflictError:
            _log.info("a post changed while it was judged; the message is tried again: %s", message.message_id)
            return False
        except Exception:  # noqa: BLE001 - one post must not hold up the others; the queue counts, retries, and alarms
            _log.exception("a post could not be judged; the message is tried again: %s", message.message_id)
            return False
        return True

    def _judge_post(self, message: Received) -> None:
        post_id = ModerationMessage.model_validate_json(message.body).post_id
        found = self._posts.get_for_judging(post_id)
        if found is None:
            return
        subject, rev = found
        self._posts.file_case(post_id, rev, self._judgement(subject, message))

    def _judgement(self, subject: Subject, message: Received) -> Judgement:
        if message.receives > PATIENCE:  # the judge did not even live to say that it failed
            _log.error("the judge never ended; filed as unjudged and high: %s", message.message_id)
            return unjudged(subject)
        try:
            return self._judge(subject)
        except Exception:
            if message.receives < PATIENCE:
                raise
            _log.exception("the judge failed for good; filed as unjudged and high: %s", message.message_id)
            return unjudged(subject)
