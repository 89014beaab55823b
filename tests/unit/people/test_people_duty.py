"""Lead, deputy and whoever stands in for them reach their accounts, and nobody reads more for it than before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.accounts.model import Fields
from bluelamp.accounts.registering import Author
from bluelamp.audit.leaf import Actor
from bluelamp.cloud.dynamodb import ContentionError
from bluelamp.errors import ConflictError, InvalidInputError
from bluelamp.people.rules import decide
from bluelamp.people.sessions import Sessions
from bluelamp.people.store import PeopleStore
from bluelamp.roster.model import Cover
from tests.support.world import idem
from tests.unit.accounts.register_kit import ADMIN, Desk
from tests.unit.api import kit_roster

BY = Actor.system("test")


class Force(Desk):
    """Officers of teams of their own, an account of another, and a roster."""

    def __init__(self):
        super().__init__()
        self.store = PeopleStore(self.table)
        for who in ("ann", "ben", "cat"):
            self.people.add_person(
                person_id=who, name=who.title(), email=f"{who}@x.example", role="local", teams=[who], by=BY
            )
        self.rosters = kit_roster.rosters(self)
        self.sessions = Sessions(self.store, wake=lambda: None, clock=self.clock)

    def principal(self, who):
        return self.sessions.create(self.people.get(who))[1]

    def why(self, who, verb="see"):
        account = self.accounts.get("facebook-1")
        found = decide(self.principal(who), verb, account)
        listed = [one.id for one in self.accounts.reached_by(self.principal(who))]
        assert listed == (["facebook-1"] if found.allowed else [])
        return found.reason_code

    def cover(self, entry, who, by, *, rev=0, begin=0, end=None):
        wanted = Cover(
            id=entry, who=f"person:{who}", by=f"person:{by}", begin=self.now + timedelta(minutes=begin),
            end=self.now + timedelta(minutes=end) if end else None,
        )  # fmt: skip
        self.rosters.put(ADMIN, wanted, rev=rev, idem=idem())


@pytest.fixture
def force():
    return Force()


def test_lead_and_deputy_reach_the_account_as_their_own_while_they_are(force):
    assert force.why("ann") == "out_of_scope"
    force.change(lead="ann", deputy="ben")
    assert [force.why(who, "hide") for who in ("ann", "ben", "cat")] == ["covered", "covered", "out_of_scope"]
    force.change(2, lead="cat", deputy="ann")
    assert [force.why(who) for who in ("ann", "ben", "cat")] == ["covered", "out_of_scope", "covered"]
    force.change(3, lead=None, deputy=None)
    assert [force.people.get(who).answers_for for who in ("ann", "ben", "cat")] == [(), (), ()]


def test_a_new_account_and_a_file_count_too(force):
    fields = Fields(name="New", kind="community", team="south", lead="ann")
    force.register.create(ADMIN, platform="x", native_id="7", fields=fields, idem=idem())
    raw = b"platform,native_id,name,kind,team,lead,deputy\n" + b"".join(
        b"x,%d,Page %d,community,south,ann,ben@x.example\n" % (n, n) for n in range(10, 100)
    )
    report = force.files.import_file(raw, Author(BY), dry_run=False)
    assert (report.created, report.findings) == (90, ())
    assert len(force.people.get("ann").answers_for) == 91
    assert len(force.people.get("ben").answers_for) == 90


def test_a_request_reads_no_more_for_it(force, monkeypatch):
    force.change(lead="ann")
    cookie, _ = force.sessions.create(force.people.get("ann"))
    asked = []
    batch_get = force.table.batch_get
    monkeypatch.setattr(force.table, "batch_get", lambda keys, **how: (asked.append(keys), batch_get(keys, **how))[1])
    assert force.sessions.load(cookie).account_ids == {"facebook-1"}
    assert len(asked) == 1


def test_somebody_who_signs_in_meanwhile_costs_nobody_the_change(force):
    transact, busy = force.table.transact, [ContentionError("busy"), ContentionError("busy")]

    def contended(writes, **how):
        if busy:
            raise busy.pop()
        transact(writes, **how)

    force.table.transact = contended
    force.change(lead="ann")
    force.table.transact = transact
    assert force.why("ann") == "covered"
    with pytest.raises(ConflictError):
        force.change(1, lead="ben")
    assert force.people.get("ben").answers_for == ()


def test_who_stands_in_reaches_what_they_stand_in_for_while_it_lasts(force):
    force.change(lead="ann")
    force.cover("c1", "ann", "ben", begin=10, end=20)
    assert force.why("ben") == "out_of_scope"
    force.pass_time(minutes=10)
    assert force.why("ben", "hide") == "covered"
    force.change(2, lead="cat")
    assert force.why("ben") == "out_of_scope"
    force.change(3, lead="ann")
    assert force.why("ben") == "covered"
    force.pass_time(minutes=10)
    assert force.why("ben") == "out_of_scope"


def test_who_stands_in_for_a_stand_in_does_so_too(force):
    force.change(lead="ann")
    force.cover("c1", "ann", "ben")
    force.cover("c2", "ben", "cat")
    assert force.why("cat") == "covered"


def test_cover_that_is_changed_or_withdrawn_is_over(force):
    force.change(lead="ann")
    force.cover("c1", "ann", "ben")
    force.cover("c1", "ann", "cat", rev=1)
    assert [force.why(who) for who in ("ben", "cat")] == ["out_of_scope", "covered"]
    force.rosters.withdraw(ADMIN, "cover", "c1", rev=2, idem=idem())
    assert force.why("cat") == "out_of_scope"
    assert force.people.get("cat").stands_in == ()


def reached(force, who):
    return set(force.principal(who).account_ids)


def test_cover_never_comes_to_give_more_than_was_there_when_it_was_put_in(force):
    """Who stands in was let in to what the other led then, by somebody who may have had no more than that to give."""
    force.account("2", "south")
    force.change(lead="ann")
    force.cover("c1", "ann", "ben")
    force.register.change(ADMIN, "facebook-2", fields=Fields(lead="ann"), rev=1, idem=idem())
    assert set(force.people.get("ann").answers_for) == {"facebook-1", "facebook-2"}
    assert reached(force, "ben") == {"facebook-1"}
    # Put in anew, by whoever may give both, it gives both.
    force.cover("c1", "ann", "ben", rev=1)
    assert reached(force, "ben") == {"facebook-1", "facebook-2"}
    force.change(2, lead="cat")
    assert reached(force, "ben") == {"facebook-2"}


def test_cover_of_a_stand_in_gives_no_more_either(force):
    force.account("2", "south")
    force.change(lead="ann")
    force.cover("c2", "ben", "cat")
    force.cover("c1", "ann", "ben")
    assert (reached(force, "ben"), reached(force, "cat")) == ({"facebook-1"}, set())
    force.cover("c2", "ben", "cat", rev=1)
    assert reached(force, "cat") == {"facebook-1"}
    force.register.change(ADMIN, "facebook-2", fields=Fields(lead="ann"), rev=1, idem=idem())
    force.cover("c1", "ann", "ben", rev=1)
    assert (reached(force, "ben"), reached(force, "cat")) == ({"facebook-1", "facebook-2"}, {"facebook-1"})


def test_cover_from_before_it_was_bound_gives_nothing(force):
    force.change(lead="ann")
    force.cover("c1", "ann", "ben")
    key = ("PERSON#ben", "PERSON")
    item = dict(force.table.items[key])
    item["stands_in"] = [{k: v for k, v in one.items() if k != "accounts"} for one in item["stands_in"]]
    force.table.items[key] = item
    assert reached(force, "ben") == set()


def test_how_many_somebody_may_stand_in_for_is_bounded(force, monkeypatch):
    monkeypatch.setattr("bluelamp.people.duty.MOST_COVERED", 1)
    force.account("2", "south")
    force.change(lead="ann")
    force.register.change(ADMIN, "facebook-2", fields=Fields(lead="ann"), rev=1, idem=idem())
    with pytest.raises(InvalidInputError, match="more than 1 accounts"):
        force.cover("c1", "ann", "ben")
    # Whose role reaches every account is named none.
    force.cover("c1", "ann", "lea")
    assert force.people.get("lea").stands_in[0].accounts == ()
    monkeypatch.setattr("bluelamp.people.duty.MOST_STOOD_IN", 1)
    with pytest.raises(InvalidInputError, match="1 people already"):
        force.cover("c2", "ben", "lea")
