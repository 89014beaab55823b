"""Every report of thirty posts that stand in reports_kit.py, against figures that were worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bluelamp.accounts.model import Account
from bluelamp.people.model import Person
from bluelamp.reports.definitions import KINDS
from bluelamp.reports.making import MAKERS, Material
from bluelamp.reports.model import Assumptions, Checked, DayFigures, Prices
from tests.unit.reports.reports_kit import DAYS, FIGURES, NORTH, NOW, SOUTH


def account(account_id, name):
    platform, _, native = account_id.partition("-")
    return Account(id=account_id, platform=platform, native_id=native, name=name, kind="community", team="t")


def person(who, **more):
    return Person(id=who, name=who.title(), email=f"{who}@example.org", role="comms", **more)


MATERIAL = Material(
    days=DAYS,
    now=NOW,
    accounts={NORTH: account(NORTH, "North"), SOUTH: account(SOUTH, "South")},
    figures=FIGURES,
    people=[person("ann"), person("bob")],
)


def made(name, **changes):
    given = {**vars(MATERIAL), **changes}
    return MAKERS[name](Material(**given))


def figures(report):
    return {one.name: one.value for one in report.figures}


def rows(report, caption):
    (table,) = (one for one in report.tables if one.caption == caption)
    return [tuple(row) for row in table.rows]


def test_volume():
    report = made("volume")
    # North took in 1-14 on the 2nd and 16-19 on the 3rd, South 23-26 and 27-30; 15 and 21 were published, 22 is a stub.
    assert figures(report) == {"Contacts": 14 + 4 + 4 + 4, "Published": 2}
    assert rows(report, "Contacts by day") == [("2026-11-02", 18), ("2026-11-03", 8)]
    assert rows(report, "Contacts by account") == [("North", 18, 2), ("South", 8, 0)]
    assert rows(report, "Contacts by platform") == [("facebook", 18), ("x", 8)]
    # Messages are 8 and 9, replies 23, 27 and 30, mentions 24, 25, 26, 28 and 29.
    assert rows(report, "Contacts by kind") == [("comment", 16), ("mention", 5), ("message", 2), ("reply", 3)]
    # Critical 6; high 4, 5, 10, 11, 25; medium 9, 18, 19; none 3, 8, 14, 24, 28, 30; low the other eleven.
    assert rows(report, "Contacts by risk") == [("critical", 1), ("high", 5), ("medium", 3), ("low", 11), ("none", 6)]


def test_response_time():
    report = made("response-time")
    # In seconds: 1: 600, 2: 1200, 8: 10800, 9: 1800, 14: 86400, 16: 32400, 17: 60 (the first), 23: 1800, 27: 2700.
    # In order: 60 600 1200 1800 1800 2700 10800 32400 86400. Of 9 the median is the 5th, the 90th percentile the 9th.
    assert figures(report) == {"First answers": 9, "Median": 1800, "90th percentile": 86400}
    # North has 7 of them: the 4th and the 7th. South has 2: the 1st and the 2nd.
    assert rows(report, "Response time by account") == [("North", 7, 1800, 86400), ("South", 2, 1800, 2700)]
    # By the hour in which the public wrote: at nine 1, 2, 17 and 23, that is 60 600 1200 1800: the 2nd and the 4th.
    assert rows(report, "Response time by hour of day") == [
        ("07:00", 1, 2700, 2700), ("09:00", 4, 600, 1800), ("11:00", 1, 10800, 10800), ("12:00", 1, 1800, 1800),
        ("20:00", 1, 86400, 86400), ("23:00", 1, 32400, 32400),
    ]  # fmt: skip
    # Comments: 60 600 1200 32400 86400, the 3rd and the 5th. Messages 1800 10800. Replies 1800 2700.
    assert rows(report, "Response time by kind") == [
        ("comment", 5, 1200, 86400), ("message", 2, 1800, 10800), ("reply", 2, 1800, 2700)
    ]  # fmt: skip


def test_unanswered():
    report = made("unanswered")
    # End of the 3rd: North has 11 and 12 open, both since the 2nd before 23:59. South 26 (26 h), 28, 29 and 30.
    assert figures(report) == {"Open at the end of the last day": 6, "Of these over 24 h": 3}
    # Over 1, 4, 8, 24, 48, 72 and 168 hours: 11 and 12 are 34 h old; 26 is 26, 28 is 16, 29 is 15 h, 30 a minute.
    assert rows(report, "Open by account, end of 2026-11-03") == [
        ("North", 2, 2, 2, 2, 2, 0, 0, 0), ("South", 4, 3, 3, 3, 1, 0, 0, 0)
    ]  # fmt: skip
    # End of the 2nd: 11, 12, and 14, which was answered on the 3rd; South 26. 16 came after midnight.
    assert rows(report, "Open at the end of each day") == [("2026-11-02", 4, 0), ("2026-11-03", 6, 3)]


def test_a_contact_of_four_hours_to_the_second_is_not_over_four_hours():
    # On the evening of the 2nd: 14 came at 20:00, 11 and 12 before four o'clock; over one hour all three.
    (second,) = (day for day in FIGURES if day.account == NORTH and day.day == DAYS[0])
    assert second.waiting == {"0": 3, "1": 3, "4": 2, "8": 2}


def test_decisions_by_rule():
    report = made("decisions")
    # Replied 1, 2, 8, 9, 14, 16, 17 twice, 23, 27. Hidden 4, 7, 10, 19. Deleted 6, 25. Dismissed 3, 5, 10, 18, 24.
    assert figures(report) == {"Decisions": 21, "Hidden": 4, "Deleted": 2, "Replied": 10, "Dismissed": 5}
    # Rule, hidden, deleted, replied, dismissed, all. 6 counts under two rules; without a rule: 9 replies, 7, 3 and 24.
    assert rows(report, "Decisions by rule") == [
        ("abuse.words", 2, 2, 0, 2, 6),
        ("none", 1, 0, 9, 2, 12),
        ("pd.words", 0, 0, 1, 0, 1),
        ("spam.links", 1, 0, 0, 1, 2),
        ("threat.words", 0, 1, 0, 0, 1),
    ]


def test_decisions_by_person():
    report = made("decisions-by-person")
    # Ann hid 4, 10, 19, deleted 6, answered 1, 2, 8, 14, 17 twice, dismissed 18. Bob hid 7, answered 9 and 16,
    # dismissed 3, 5, 10. Cy, whose name is not known any more, deleted 25, answered 23 and 27, dismissed 24.
    assert rows(report, "Decisions by person") == [
        ("Ann", 3, 1, 6, 1, 11),
        ("Bob", 1, 0, 2, 3, 6),
        ("cy", 0, 1, 2, 1, 4),
    ]
    assert figures(report) == {"Decisions": 21, "People": 3}


def test_overturns():
    report = made("overturns")
    # Dismissed although high: 5 and 10, of 4, 5, 6, 10 twice, 25. Taken away although low: 7, of 9 answers that were
    # none or low, 3, 24 and 7. Undone: 10, of the hides 4, 7, 10, 19.
    assert rows(report, "Overturns") == [
        ("Raised and dismissed", 2, "decided, machine said high or critical", 6, 33.3),
        ("Passed and taken away", 1, "decided, machine said none or low", 12, 8.3),
        ("Hides undone", 1, "hidden", 4, 25.0),
    ]
    assert rows(report, "Overturns by rule") == [("abuse.words", 2, 0, 1), ("none", 0, 1, 0)]


def test_transparency_tells_no_small_number():
    report = made("transparency")
    few, gone = "fewer than 5", "withheld"
    # Only the nine answers without a rule are five or more; shown, they would give pd.words away as the tenth.
    assert rows(report, "Decisions and reversals by rule") == [
        ("abuse.words", few, few, 0, few, few),
        ("none", few, 0, gone, few, 0),
        ("pd.words", 0, 0, few, 0, 0),
        ("spam.links", few, 0, 0, few, 0),
        ("threat.words", 0, few, 0, 0, 0),
        ("All rules", few, few, 10, gone, few),
    ]


def test_time_saved_is_an_estimate_from_its_formula():
    # 26 contacts times 1 minute and 21 decisions times 2: 68 minutes. With 3 and 4: 162.
    assert figures(made("time-saved")) == {"Estimated time saved": 1.1}
    assumed = Assumptions(minutes_a_contact=3, minutes_a_decision=4)
    assert figures(made("time-saved", assumed=assumed)) == {"Estimated time saved": 2.7}


def test_cost_is_told_in_units_until_prices_are_set():
    report = made("cost")
    assert figures(report) == {"Contacts": 26, "Estimated cost a contact": None, "Estimated cost in all": None}
    assert "No prices are set" in report.notes[1]


def test_cost_with_prices(monkeypatch):
    monkeypatch.setattr("bluelamp.reports.making.WRITE_UNITS_A_CONTACT", 5.0)
    monkeypatch.setattr("bluelamp.reports.making.CALLS_A_CONTACT", 0.5)
    prices = Prices(listed=date(2026, 11, 1), currency="GBP", write_units=2.0, calls=4.0)
    report = made("cost", assumed=Assumptions(prices=prices))
    # 5 times 2 and 0.5 times 4 a million: 0.000012 a contact, 0.000312 for 26.
    assert figures(report) == {
        "Contacts": 26, "Estimated cost a contact": 0.000012, "Estimated cost in all": 0.0003
    }  # fmt: skip
    assert "2026-11-01" in report.notes[1]


def test_last_login():
    people = [
        person("ann", last_login_at=NOW - timedelta(days=30)),
        person("bob", last_login_at=NOW - timedelta(days=30, seconds=1), teams=("north",)),
        person("cy"),
        person("di", status="left"),
    ]
    report = made("logins", people=people)
    # Thirty days to the second are not more than thirty; Cy never signed in; Di is gone.
    assert figures(report) == {"Active people": 3, "Inactive for 30 days": 2, "Never signed in": 1}
    assert rows(report, "People by last login") == [
        ("Cy", "comms", "", "never", "yes"),
        ("Bob", "comms", "north", "2026-10-05 09:59", "yes"),
        ("Ann", "comms", "", "2026-10-05 10:00", "no"),
    ]


def test_inactive_accounts():
    accounts = {**MATERIAL.accounts, "x-3": account("x-3", "Quiet"), "x-4": account("x-4", "Archived")}
    accounts["x-4"] = accounts["x-4"].model_copy(update={"status": "archived"})
    report = made("inactive-accounts", accounts=accounts)
    assert rows(report, "Inactive accounts") == [("Quiet", "x", "t", "never", "never", "never")]
    old = DayFigures(
        account="x-3", day=DAYS[1], last_in="2026-10-04T23:59:59.000Z", last_out="2026-09-01T09:00:00.000Z"
    )
    report = made("inactive-accounts", accounts=accounts, figures=[*FIGURES, old])
    # The period ends with the 3rd of November; thirty days before is the 5th of October.
    assert rows(report, "Inactive accounts") == [("Quiet", "x", "t", "2026-10-04", "2026-09-01", "never")]
    lately = old.model_copy(update={"last_in": "2026-10-05T00:00:00.000Z"})
    assert rows(made("inactive-accounts", accounts=accounts, figures=[*FIGURES, lately]), "Inactive accounts") == []


def test_missed_checks():
    checks = {NORTH: Checked(checked=1, missed=(DAYS[1],)), SOUTH: Checked(checked=2)}
    report = made("missed-checks", checks=checks)
    assert figures(report) == {"Missed": 1, "Checked": 3, "Checked of those wanted": 75.0}
    assert rows(report, "Daily checks by account") == [("North", 1, 1, "2026-11-03"), ("South", 2, 0, "")]


@pytest.mark.parametrize("name", KINDS)
def test_a_month_without_anything_is_no_error(name):
    empty = Material(days=(), now=datetime(2026, 11, 1, 9, tzinfo=UTC))
    assert all(one.value in {0, None} for one in MAKERS[name](empty).figures)
