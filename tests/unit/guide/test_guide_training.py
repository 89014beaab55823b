"""Training one by one and as a file, who may enter whose, and the report of who lacks what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.errors import InvalidInputError, OutOfScopeError, RefusedError
from bluelamp.guide import csvfile
from bluelamp.guide.model import Training
from bluelamp.people.rules import NotPermittedError, decide
from bluelamp.tabular.reading import TableError
from tests.unit.guide.guide_kit import BY, Small

LAW = Training(course="law", on=date(2026, 11, 1), until=date(2027, 10, 31))
HEAD = "email,course,on,until\n"


@pytest.fixture
def small():
    made = Small()
    made.guides.ask_for(["law"], BY)
    made.leaves()
    return made


def enter(small, by, person, training=LAW):
    return small.trainings.enter(small.as_(by), person, training, idem=small.idem(by))


def test_a_supervisor_enters_the_training_of_a_team(small):
    assert decide(small.as_("lena"), "reply").reason_code == "training_missing"
    enter(small, "sam", "lena")
    (leaf,) = small.leaves()
    assert (leaf["type"], leaf["obj"]["key"]) == ("config", "lena")
    assert leaf["training"] == {"course": "law", "on": "2026-11-01", "until": "2027-10-31"}
    assert decide(small.as_("lena"), "reply").allowed
    small.pass_days(400)
    assert decide(small.as_("lena"), "reply").reason_code == "training_expired"


def test_nobody_enters_what_is_not_theirs_to_enter(small):
    for by, person, kind in (
        ("lena", "lena", NotPermittedError),
        ("sam", "otto", OutOfScopeError),
        ("sam", "sam", RefusedError),
        ("ada", "ada", RefusedError),
    ):
        with pytest.raises(kind):
            enter(small, by, person)
    with pytest.raises(OutOfScopeError):
        small.trainings.of_person(small.as_("sam"), "otto")
    assert small.leaves() == []


def test_days_that_cannot_be_are_refused(small):
    for on, until in ((date(2026, 2, 1), date(2026, 1, 1)), (date(1026, 2, 1), date(2026, 1, 1))):
        with pytest.raises(InvalidInputError):
            enter(small, "sam", "lena", Training(course="law", on=on, until=until))


def test_a_correction_takes_the_place_of_what_was_entered(small):
    enter(small, "sam", "lena")
    shorter = LAW.model_copy(update={"until": date(2026, 11, 10)})
    assert enter(small, "sam", "lena", shorter).training == (shorter,)
    assert small.people.get("lena").trained_until == {"law": date(2026, 11, 10)}
    assert decide(small.as_("lena"), "reply").reason_code == "training_expired"


def test_ones_own_training_is_shown_without_a_record(small):
    enter(small, "sam", "lena")
    small.leaves()
    assert small.trainings.of_person(small.as_("lena"), "lena").training == (LAW,)
    assert small.leaves() == []
    small.trainings.of_person(small.as_("ada"), "lena")
    assert [leaf["type"] for leaf in small.leaves()] == ["search"]


def test_a_file_is_tried_then_brought_then_nothing_new(small):
    text = HEAD + "lena@example.org,law,01/11/2026,31/10/2027\nOTTO@example.org,law,2026-11-01,2027-10-31\n"
    tried = small.bring(text, dry_run=True)
    assert (tried.applied, tried.created, tried.bad) == (False, 2, 0)
    assert [leaf["type"] for leaf in small.leaves()] == ["search"]
    done = small.bring(text)
    assert (done.applied, done.created) == (True, 2)
    assert [leaf["training"]["until"] for leaf in small.leaves()] == ["2027-10-31"] * 2
    assert small.bring(text).unchanged == 2
    longer = small.bring(text.replace("31/10/2027", "30/11/2027"))
    assert (longer.changed, longer.unchanged) == (1, 1)


def test_bad_lines_are_told_and_never_half_written(small):
    text = HEAD + (
        "lena@example.org,law,2026-11-01,2027-10-31\n"
        "nobody@example.org,law,2026-11-01,2027-10-31\n"
        "otto@example.org,Law & order,2026-11-01,soon\n"
        "otto@example.org,law,2026-11-31,2027-10-31\n"
        "otto@example.org,law,2026-11-01,2026-10-31\n"
        "lena@example.org,law,2026-11-01,2027-12-31\n"
    )
    told = small.bring(text)
    assert (told.applied, told.created, told.bad) == (False, 1, 5)
    assert [(f.line, f.column) for f in told.findings] == [
        (3, "email"), (4, "course"), (4, "until"), (5, "on"), (6, "until"), (7, "course"),
    ]  # fmt: skip
    assert small.people.get("lena").trained_until == {}
    kept = small.bring(text, keep_going=True)
    assert (kept.applied, kept.created, kept.bad) == (True, 1, 5)
    with pytest.raises(TableError):
        small.bring("email,course\n")


def test_a_supervisors_file_reaches_the_own_team_and_not_oneself(small):
    text = HEAD + "".join(f"{name}@example.org,law,2026-11-01,2027-10-31\n" for name in ("lena", "otto", "sam"))
    told = small.trainings.import_for(small.as_("sam"), text, dry_run=False, keep_going=True)
    assert (told.created, [f.line for f in told.findings]) == (1, [3, 4])


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_by_name(text):
    try:
        lines = csvfile.parse((HEAD + text).encode("utf-8", "surrogatepass"))
    except InvalidInputError:
        return
    for line in lines.good:
        assert line.training.on <= line.training.until


def test_the_report_says_who_lacks_what(small):
    small.publish()
    enter(small, "ada", "lena", LAW.model_copy(update={"until": date(2026, 12, 1)}))
    enter(small, "ada", "otto", LAW.model_copy(update={"until": date(2026, 11, 2)}))
    small.people.suspend("otto", rev=small.people.get("otto").rev, by=BY)
    small.leaves()
    found = small.trainings.missing(small.as_("ada"))
    assert (found.guide, found.people, [one.id for one in found.missing]) == ("2026.1", 3, ["ada", "lena", "sam"])
    lena = found.missing[1]
    assert (lena.guide_missing, lena.training_missing, lena.training_expired) == (True, (), ())
    assert [one.until for one in lena.training_expiring] == [date(2026, 12, 1)]
    assert [one.id for one in small.trainings.missing(small.as_("sam")).missing] == ["lena", "sam"]
    text = small.trainings.missing_file(small.as_("ada"))
    assert text.splitlines()[2].split(",")[:2] == ["lena", "lena@example.org"]
    assert [leaf["type"] for leaf in small.leaves()] == ["search", "search", "export"]
    with pytest.raises(NotPermittedError):
        small.trainings.missing(small.as_("lena"))


def test_who_has_everything_is_not_in_it(small):
    sha = small.publish()
    enter(small, "ada", "lena")
    small.acknowledge("lena", "2026.1", sha)
    assert "lena" not in [one.id for one in small.trainings.missing(small.as_("ada")).missing]
    small.now += timedelta(days=320)
    assert "lena" in [one.id for one in small.trainings.missing(small.as_("ada")).missing]
