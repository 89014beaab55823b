"""An account is registered with its leaf in the same transaction, led by people who are there."""

from __future__ import annotations

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore

PAGE = ("account", "add", "--platform", "facebook", "--native-id", "1029", "--name", "Ashcombe", "--team", "ashcombe")


@pytest.fixture
def ada(deployment):
    people = People(PeopleStore(deployment.table))
    by = Actor.system("test")
    return people.add_person(person_id="s-1", name="Ada Marsh", email="ada@w.example", role="comms", by=by)


def test_an_account_and_its_record(deployment, ada):
    more = ("--kind", "neighbourhood", "--handle", "weald.ashcombe", "--lead", "Ada@w.example", "--local-delete")
    done = deployment.run(*PAGE, *more)
    assert done.exit_code == 0, done.output
    assert "bluelamp secret set account/facebook-1029" in done.output
    stored = deployment.table.items["ACCOUNTS", "facebook-1029"]
    assert (stored["kind"], stored["team"], stored["lead"]["id"]) == ("neighbourhood", "ashcombe", ada.id)
    assert stored["policy"]["delete"] == ["comms", "local"]
    leaf = deployment.leaves()[-1]
    assert (leaf["type"], leaf["account"], leaf["actor"]["role"]) == ("config", "facebook-1029", "operator")
    listed = deployment.run("account", "list").output
    assert "facebook-1029" in listed
    assert "Ada Marsh" in listed


def test_the_second_time_is_refused(deployment):
    assert deployment.run(*PAGE).exit_code == 0
    again = deployment.run(*PAGE)
    assert again.exit_code == 1
    assert "facebook-1029 is there already" in again.output
    assert len(deployment.leaves()) == 1


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--native-id", "weald.ashcombe"), "a handle is not it"),
        (("--team", "Ash Combe"), "is no team"),
        (("--deputy", "nobody@w.example"), "nobody here has the address nobody@w.example"),
    ],
)
def test_what_makes_no_sense_is_refused(deployment, more, why):
    done = deployment.run(*PAGE, *more)
    assert done.exit_code == 1
    assert why in done.output
    assert deployment.leaves() == []
