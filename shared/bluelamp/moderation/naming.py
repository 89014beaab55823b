"""Whether the force may repeat what a member of the public calls themselves: not what would count against a post."""

from datetime import UTC, datetime
from functools import cache

from bluelamp.moderation.model import Subject
from bluelamp.moderation.rules import UNKNOWN_RULE, Judge
from bluelamp.moderation.ruleset import load_ruleset
from bluelamp.moderation.scorer import AbsentScorer

# Some banks are of a season, and out of force after it. What they list is no name in any season.
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


@cache
def _judge() -> Judge:
    # The scorer is trained on posts, takes long to load, and has no say in what a name is.
    return Judge(load_ruleset(), AbsentScorer())


def fit_to_repeat(name: str) -> bool:
    """Return whether no rule finds anything in a name.

    Examples
    --------
    >>> fit_to_repeat("Sam Public")
    True
    >>> fit_to_repeat("Total Wanker")
    False
    """
    subject = Subject(text=name, platform="x", kind="reply", private=False, at=_ALWAYS)
    return all(reason.rule == UNKNOWN_RULE for reason in _judge().judge(subject).reasons)
