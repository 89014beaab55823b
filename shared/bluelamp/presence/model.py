"""Who is at a post at this moment, as a page shows it."""

from datetime import timedelta

from bluelamp.posts.model import Frozen, PersonName

# A page says every 20 seconds that it is still there; whoever has not for two minutes has gone.
BEAT = timedelta(seconds=20)
GONE = timedelta(minutes=2)
# How long what somebody wrote and did not send waits for them.
DRAFT_KEPT = timedelta(days=7)
MAX_DRAFT = 4_000


class Present(Frozen):
    """Somebody who has the post open, and since when nothing else was heard of them."""

    person: PersonName
    at: str


class Here(Frozen):
    """Who else has a post open, and who is writing a reply; `yours` when that is the one who asks.

    `draft` is what the one who asks wrote here and did not send; nobody else is shown it.
    """

    people: tuple[Present, ...]
    writing: PersonName | None = None
    yours: bool = False
    draft: str = ""
