from datetime import UTC, datetime, timedelta

import pytest

from bluelamp.errors import NotFoundError, RefusedError
from bluelamp.people.matrix import ROLES, VERBS
from bluelamp.people.model import DutyShift, Person
from bluelamp.people.rules import (
    PERMISSIONS,
    NotPermittedError,
    OutsideScopeError,
    approving,
    authorise,
    decide,
    permissions,
    permissions_on,
    principal_of,
    reaches,
    require,
)


class Page:
    def __init__(self, team="north", local_verbs=(), account_id="facebook-1", status="active", allowed=None):
        self.id = account_id
        self.team = team
        self.allowed = allowed or {
            "delete": ("comms", "local") if "delete" in local_verbs else ("comms",),
            "reply": ("comms", "local"),
            "publish": ("comms",),
        }
        self.status = status


def principal(role, teams=("north",), covers=()):
    return principal_of(Person(id="p", name="P", email="p@x", role=role, teams=teams, covers=covers))


def test_every_role_stands_in_the_table_and_nothing_else():
    assert set(PERMISSIONS) == set(ROLES)
    assert all(verbs <= set(VERBS) for verbs in PERMISSIONS.values())


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_some_roles_take_no_action_on_posts(role):
    assert not PERMISSIONS[role] & {"see", "hide", "unhide", "delete", "reply", "dismiss", "flag", "note", "claim"}


def test_no_role_proposes_a_disposal_and_decides_it():
    for verbs in PERMISSIONS.values():
        assert len(verbs & {"dispose", "approve_disposal", "hold"}) <= 1


@pytest.mark.parametrize("role", ROLES)
def test_scope(role):
    everywhere = role not in {"local", "supervisor"}
    assert reaches(principal(role), Page("north"))
    assert reaches(principal(role), Page("south")) == everywhere
    assert reaches(principal(role, covers=["facebook-9"]), Page("south", account_id="facebook-9"))
    assert reaches(principal(role, teams=[]), Page("")) == everywhere


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", VERBS)
def test_authorise_agrees_with_the_list(role, verb):
    person, page = principal(role), Page()
    if verb in permissions(person):
        authorise(person, verb, page)
        require(person, verb)
    else:
        with pytest.raises(NotPermittedError) as refusal:
            authorise(person, verb, page)
        assert refusal.value.account == "facebook-1"
        assert str(refusal.value).startswith("Refused because ")
        with pytest.raises(RefusedError):
            require(person, verb)


def test_scope_comes_before_role():
    with pytest.raises(OutsideScopeError) as refusal:
        authorise(principal("local"), "delete", Page("south", ["delete"]))
    assert isinstance(refusal.value, NotFoundError)
    assert refusal.value.account == "facebook-1"
    assert permissions_on(principal("local"), Page("south", ["delete"])) == frozenset()


def test_policy_adds_to_the_local_team_alone():
    page = Page(local_verbs=["delete"])
    authorise(principal("local"), "delete", page)
    codes = {"control": "account_policy", "supervisor": "role", "auditor": "role", "admin": "role"}
    for role, code in codes.items():
        with pytest.raises(NotPermittedError) as refusal:
            authorise(principal(role), "delete", page)
        assert refusal.value.reason_code == code
    with pytest.raises(NotPermittedError) as refusal:
        authorise(principal("local"), "delete", Page())
    assert refusal.value.reason_code == "account_policy"


def test_policy_gives_only_what_a_policy_may_give():
    page = Page(allowed=dict.fromkeys((*VERBS, "spare"), ROLES))
    assert permissions_on(principal("local"), page) == PERMISSIONS["local"] | {"delete", "publish"}
    assert permissions_on(principal("control"), page) == PERMISSIONS["control"] | {"delete", "reply", "publish"}
    assert permissions_on(principal("admin"), page) == PERMISSIONS["admin"]


@pytest.mark.parametrize("role", ["comms", "local", "control"])
@pytest.mark.parametrize("verb", ["delete", "reply", "publish"])
@pytest.mark.parametrize("named", [True, False])
def test_policy_gives_and_takes(role, verb, named):
    page = Page(allowed={"delete": (), "reply": (), verb: (role,) if named else ()})
    found = decide(principal(role), verb, page)
    assert (found.allowed, found.reason_code == "account_policy") == (named, not named)
    assert decide(principal(role), "hide", page).allowed


@pytest.mark.parametrize(
    ("role", "teams", "approver", "answers", "code"),
    [
        ("supervisor", ("north",), "supervisor", (), "own_team"),
        ("supervisor", ("south",), "supervisor", (), "out_of_scope"),
        ("supervisor", ("north",), "comms", (), "not_approver"),
        ("comms", (), "comms", (), "oversight"),
        ("comms", (), "supervisor", (), "not_approver"),
        ("comms", (), "lead", (), "not_approver"),
        ("comms", (), "lead", ("p",), "oversight"),
        ("local", ("north",), "lead", ("p", "q"), "own_team"),
        ("local", ("north",), "lead", ("q",), "not_approver"),
        ("auditor", (), "lead", ("p",), "role"),
        ("admin", (), "lead", ("p",), "role"),
    ],
)
def test_who_approves(role, teams, approver, answers, code):
    found = approving(principal(role, teams), Page(), approver=approver, answers=answers)
    assert (found.allowed, found.reason_code) == (code in {"own_team", "oversight"}, code)


def test_actor_names_role_and_session():
    actor = principal("comms").actor()
    assert (actor.kind, actor.sub, actor.role, actor.session) == ("person", "p", "comms", None)


def test_guide_and_duty_stand_in_the_record():
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    shift = DutyShift(id="s", duty="control", begins_at=now, ends_at=now + timedelta(hours=8))
    person = Person(
        id="p-1", name="Sam", email="sam@example.org", role="local", guide_version="2026.3", shifts=(shift,)
    )
    actor = principal_of(person, at=now).actor()
    assert (actor.role, actor.on_duty_as, actor.guide_version) == ("local", "control", "2026.3")
