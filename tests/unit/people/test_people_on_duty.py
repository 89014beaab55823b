"""As what somebody is on duty stands on each record of what they do, and ends with the shift."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.errors import ConflictError, NotSignedInError
from bluelamp.people.duty import MOST_SHIFTS
from bluelamp.people.model import DutyShift
from bluelamp.people.tokens import Claims
from bluelamp.roster.model import Repeats, Shift
from tests.support.world import idem
from tests.unit.accounts.register_kit import ADMIN
from tests.unit.people.test_people_duty import BY, Force


class Watch(Force):
    """The force with Ann signed in, by a cookie and by a token."""

    def __init__(self):
        super().__init__()
        self.cookie, self.at_first = self.sessions.create(self.people.get("ann"))

    def shift(self, entry, who="person:ann", *, rev=0, begin=0, end=60, duty="control", scope="force"):
        wanted = Shift(
            id=entry, who=who, scope=scope, duty=duty,
            begin=self.now + timedelta(minutes=begin), end=self.now + timedelta(minutes=end),
        )  # fmt: skip
        return self.rosters.put(ADMIN, wanted, rev=rev, idem=idem())

    def duty(self):
        """Return as what Ann's next record has her on duty."""
        return self.sessions.load(self.cookie).actor().on_duty_as


@pytest.fixture
def watch():
    return Watch()


def test_a_shift_begins_and_ends_on_the_records_of_an_open_session_without_a_write(watch):
    watch.shift("s", begin=10, end=20)
    said = []
    before = dict(watch.table.items)
    for _ in range(4):
        said.append(watch.duty())
        watch.pass_time(minutes=5, seconds=0)
    said.append(watch.duty())
    assert said == [None, None, "control", "control", None]
    changed = {key for key, item in watch.table.items.items() if before.get(key) != item}
    assert all(sk.startswith("SESSION#") for _, sk in changed)  # that a session in use lasts longer, and nothing else


def test_it_stands_in_the_sealed_record_of_what_was_done_meanwhile(watch):
    watch.shift("s", begin=1, end=2)
    watch.outbox()
    for _ in range(3):
        watch.sessions.end(watch.sessions.create(watch.people.get("ann"))[1])
        watch.pass_time(minutes=1)
    found = [(one["type"], one["actor"].get("on_duty_as")) for one in watch.outbox()]
    assert sorted(found, key=str) == sorted(
        [("login", None), ("logout", None)] * 2 + [("login", "control"), ("logout", "control")], key=str
    )


def test_a_token_and_a_page_that_stays_open_know_it_too(watch):
    watch.shift("s", begin=10, end=20)
    claims = Claims(
        sub="ann", sign_in="s-1", signed_in_at=watch.now, expires_at=watch.now + timedelta(hours=1), email="a@x.example"
    )
    by_token = watch.sessions.of_token(claims)
    by_page = watch.sessions.load(watch.cookie)
    assert (by_token.on_duty_as, by_page.on_duty_as) == (None, None)
    watch.pass_time(minutes=12)
    assert watch.sessions.of_token(claims).on_duty_as == "control"
    assert [watch.sessions.still(one).on_duty_as for one in (by_token, by_page)] == ["control", "control"]


def test_a_request_reads_no_more_for_it(watch, monkeypatch):
    watch.shift("s")
    asked = []
    batch_get = watch.table.batch_get
    monkeypatch.setattr(watch.table, "batch_get", lambda keys, **how: (asked.append(keys), batch_get(keys, **how))[1])
    monkeypatch.setattr(watch.table, "get", None)
    monkeypatch.setattr(watch.table, "query", None)
    assert watch.duty() == "control"
    assert len(asked) == 1


def test_the_shift_that_began_last_counts_and_any_shift_before_standing_in(watch):
    watch.cover("c", "ben", "ann", begin=0, end=60)
    assert watch.duty() == "cover"
    watch.shift("one", begin=0, end=30, duty="on_call", scope="team:north")
    watch.shift("two", begin=5, end=10, duty="comms")
    watch.pass_time(minutes=1)
    assert watch.duty() == "on_call"
    watch.pass_time(minutes=5)
    assert watch.duty() == "comms"
    watch.pass_time(minutes=5)
    assert watch.duty() == "on_call"
    watch.pass_time(minutes=20)
    assert watch.duty() == "cover"
    watch.pass_time(minutes=29)
    assert watch.duty() is None


def test_a_shift_that_is_withdrawn_or_handed_on_is_over_at_once(watch):
    watch.shift("s")
    watch.shift("s", "person:ben", rev=1, duty="on_call")
    assert watch.duty() is None
    assert [one.duty for one in watch.people.get("ben").shifts] == ["on_call"]
    watch.shift("s", rev=2)
    assert watch.duty() == "control"
    watch.rosters.withdraw(ADMIN, "shift", "s", rev=3, idem=idem())
    assert watch.duty() is None
    assert [watch.people.get(who).shifts for who in ("ann", "ben")] == [(), ()]


def test_a_shift_of_a_team_is_on_nobodys_records(watch):
    watch.shift("s", "team:ann")
    assert watch.duty() is None
    assert watch.people.get("ann").shifts == ()


def test_who_left_in_the_middle_of_a_shift_does_nothing_more(watch):
    watch.shift("s")
    watch.people.leave("ann", rev=watch.people.get("ann").rev, by=BY)
    with pytest.raises(NotSignedInError):
        watch.duty()
    assert watch.sessions.still(watch.at_first) is None


def test_what_has_ended_goes_with_the_next_and_what_is_to_come_is_bounded(watch):
    watch.shift("old", end=1)
    watch.pass_time(minutes=2)
    for n in range(MOST_SHIFTS):
        watch.shift(f"s{n}", begin=10 * n, end=10 * n + 10)
    assert [one.id for one in watch.people.get("ann").shifts] == [f"s{n}" for n in range(MOST_SHIFTS)]
    with pytest.raises(ConflictError, match="one that repeats"):
        watch.shift("more", begin=5000, end=5001)
    assert all("more" not in sk for pk, sk in watch.table.items if pk == "ROSTER")


def test_a_shift_that_repeats_is_kept_as_its_pattern(watch):
    """22 November 2026 is a Sunday, and the clock says noon."""
    day = watch.now.date()
    weekly = Repeats(
        days=(0, 6), starts="18:00", ends="02:00", first=day, last=day + timedelta(days=60), nation="scotland"
    )
    wanted = Shift.repeating(weekly, id="w", who="person:ann", scope="force", duty="comms")
    watch.rosters.put(ADMIN, wanted, rev=0, idem=idem())
    kept = watch.people.get("ann").shifts[0]
    assert isinstance(kept, DutyShift)
    # St Andrew's Day; the Mondays in the stead of Boxing Day and of 2 January.
    assert [f"{day:%d %b}" for day in kept.weekly.skip] == ["30 Nov", "28 Dec", "04 Jan"]
    said = {}
    for hours in (0, 6, 7, 7, 4, 6):
        watch.pass_time(hours=hours)
        watch.cookie, _ = watch.sessions.create(watch.people.get("ann"))
        said[f"{watch.now:%a %H}"] = watch.duty()
    nights = dict.fromkeys(("Sun 18", "Mon 01", "Mon 18"), "comms")
    assert said == {"Sun 12": None, "Mon 08": None, "Mon 12": None} | nights
