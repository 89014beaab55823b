"""Pure rules of delivery: who is meant, over which channels, when, and what becomes one message.

Hours are those of the clock on the wall in London; what is stored is UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bluelamp.notices.model import Channel, Delivery, Notice, Preferences, Quiet
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.hooks.model import Hook
    from bluelamp.people.model import Person

LONDON = ZoneInfo("Europe/London")
# The room of the force stands for everybody in it: it is told once, and sleeps never.
ROOM: Final = "room"
# What stands before a hook's id where a person's would stand.
HOOK: Final = "hook:"
# What can wait waits so long for more of its kind.
GATHERING: Final = timedelta(minutes=10)
# What one message counts together at most: all of it is claimed, and settled, in one transaction.
MOST_TOGETHER: Final = 40
LEASE: Final = timedelta(minutes=2)
# A minute, two, four … an hour at the most: somebody who is offline for a morning is still reached.
MOST_ATTEMPTS: Final = 10
_LONGEST: Final = timedelta(hours=1)


def persons(notice: Notice, everybody: Iterable[Person]) -> list[Person]:
    """Return who is meant, each once, in the order of their ids; who is not active is told nothing."""
    wanted = set(notice.to)

    def meant(one: Person) -> bool:
        names = {f"person:{one.id}", f"role:{one.role}", *(f"team:{team}" for team in one.teams)}
        return one.active and bool(names & wanted)

    return sorted((one for one in everybody if meant(one)), key=lambda one: one.id)


def channels(person: Person, wishes: Preferences, *, urgent: bool, on: Collection[Channel]) -> tuple[Channel, ...]:
    """Return over which channels a person is told: those wished for that are on and have an address.

    Where none is left it is e-mail; the outbox, where there is one, gets everything.
    """
    address = {"mail": bool(person.email), "sms": bool(wishes.phone), "push": bool(wishes.device), "teams": True}
    wished = wishes.urgent if urgent else wishes.ordinary
    found: list[Channel] = [one for one in dict.fromkeys(wished) if one in on and address[one]]
    if not found and "mail" in on and person.email:
        found.append("mail")
    if "outbox" in on:
        found.append("outbox")
    return tuple(found)


def quiet_until(moment: datetime, quiet: Quiet | None) -> datetime:
    """Return when quiet hours end if `moment` falls into them, else `moment`; in UTC.

    An hour that the clocks leave out ends with the gap, one that they repeat with its first pass.
    """
    if quiet is None or quiet.begin == quiet.end:
        return moment
    local = moment.astimezone(LONDON)
    begin, end = time.fromisoformat(quiet.begin), time.fromisoformat(quiet.end)
    now = local.time().replace(tzinfo=None)
    within = begin <= now < end if begin < end else now >= begin or now < end
    if not within:
        return moment
    day = local.date() + timedelta(days=1) if begin > end and now >= begin else local.date()
    ends = datetime.combine(day, end, LONDON).astimezone(UTC)
    return max(ends, moment)


def due(notice: Notice, channel: Channel, wishes: Preferences) -> datetime:
    """Return when a notice goes out: at once when urgent, else gathered with its like and when quiet hours end.

    A room sleeps never; an outbox shows at once what would go out.
    """
    if notice.urgent or channel == "outbox":
        return notice.at
    gathered = notice.at + GATHERING
    return gathered if channel == "teams" else quiet_until(gathered, wishes.quiet)


def asked_for(notice: Notice, hooks: Iterable[Hook]) -> list[Hook]:
    """Return the hooks that a notice goes to: the one that it names, or all that asked for its kind."""
    named = {to.removeprefix("hook:") for to in notice.to if to.startswith("hook:")}
    return [one for one in hooks if one.active and (one.id in named if named else notice.kind in one.kinds)]


def deliveries(
    notice: Notice,
    everybody: Iterable[Person],
    wishes: Mapping[str, Preferences],
    *,
    on: Collection[Channel],
    hooks: Iterable[Hook] = (),
) -> tuple[list[Delivery], list[str]]:
    """Return what is to be delivered, and the ids of those whom no channel reaches."""
    found: dict[tuple[str, Channel], Delivery] = {}
    unreached = []
    if "hook" in on:
        for hook in asked_for(notice, hooks):
            who = f"{HOOK}{hook.id}"
            # A system neither sleeps nor minds many messages.
            found[who, "hook"] = _delivery(notice, who, "hook", notice.at)
    for person in persons(notice, everybody):
        own = wishes.get(person.id, Preferences())
        chosen = channels(person, own, urgent=notice.urgent, on=on)
        if not chosen:
            unreached.append(person.id)
        for channel in chosen:
            who = ROOM if channel == "teams" else person.id
            found[who, channel] = _delivery(notice, who, channel, due(notice, channel, own))
    return list(found.values()), unreached


def _delivery(notice: Notice, who: str, channel: Channel, when: datetime) -> Delivery:
    return Delivery(
        notice=notice.id,
        person=who,
        channel=channel,
        kind=notice.kind,
        urgent=notice.urgent,
        about=notice.about,
        due=iso(when),
        at=iso(notice.at),
    )


def together(leader: Delivery, others: Sequence[Delivery]) -> list[Delivery]:
    """Return what goes out as one message with `leader`: what can wait, is of its kind and has the same channel.

    What went out together goes out together again: then it is due at the very same moment.
    """
    if leader.urgent or leader.channel == "hook":
        return [leader]

    def like(one: Delivery) -> bool:
        return (
            (one.person, one.channel, one.kind, one.state) == (leader.person, leader.channel, leader.kind, leader.state)
            and not one.urgent
            and one.notice != leader.notice
            and (one.state == "waiting" or one.due == leader.due)
        )

    return [leader, *filter(like, others)][:MOST_TOGETHER]


def again(now: datetime, attempts: int) -> datetime | None:
    """Return when an attempt that failed is made again, or None when there were enough."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return now + min(timedelta(minutes=2 ** (attempts - 1)), _LONGEST)
