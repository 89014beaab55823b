"""What groups give, and how they are read out of the one text that Cognito makes of them."""

from __future__ import annotations

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bluelamp.people.groups import MAX_GROUPS, GroupMapping, GroupRule, Place, groups_of, placed
from tests.support.groups import ADMIN, ELSEWHERE, NORTH, SERGEANTS, SOUTH

ONE, TWO = "0f0e0d0c-0000-4000-8000-000000000001", "0f0e0d0c-0000-4000-8000-000000000002"
ids = st.lists(st.uuids().map(str), max_size=40, unique=True)
names = st.lists(
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30), max_size=20, unique=True
)


@pytest.mark.parametrize(
    ("claim", "groups"),
    [
        ("", ()),
        ("[]", ()),
        (ONE, (ONE,)),
        (f"[{ONE}, {TWO}]", (ONE, TWO)),
        (f'["{ONE}","{TWO}"]', (ONE, TWO)),
        ("[Lamp+Local%2FNorth, Lamp%20Admin]", ("Lamp Local/North", "Lamp Admin")),
        ("a,,a, ,b", ("a", "b")),
        ("x" * 300, ()),
    ],
)
def test_groups_are_read_in_each_form(claim, groups):
    assert groups_of(claim) == groups


@given(ids)
def test_ids_come_through_both_forms(groups):
    assert groups_of(f"[{', '.join(groups)}]") == groups_of(json.dumps(groups)) == tuple(groups)


@given(names)
def test_names_come_through_saml(groups):
    assert groups_of(f"[{', '.join(map(quote_plus, groups))}]") == tuple(groups)


@given(st.text(max_size=400))
def test_no_text_breaks_it(text):
    found = groups_of(text)
    assert len(found) <= MAX_GROUPS
    assert all(found)


MAPPING = GroupMapping(
    rules=(
        GroupRule(group=ADMIN, role="admin"),
        GroupRule(group=NORTH, role="local", teams=("north", "east")),
        GroupRule(group=SOUTH, role="local", teams=("south", "east")),
        GroupRule(group=SERGEANTS, role="supervisor", teams=("west",)),
    )
)


@pytest.mark.parametrize(
    ("groups", "place"),
    [
        ((), None),
        ((ELSEWHERE,), None),
        ((NORTH.upper(),), Place("local", ("north", "east"))),
        ((SOUTH, NORTH), Place("local", ("north", "east", "south"))),
        # The first rule gives the role; another role's teams come not with it.
        ((SERGEANTS, NORTH), Place("local", ("north", "east"))),
        ((SERGEANTS, ADMIN), Place("admin", ())),
    ],
)
def test_the_first_group_gives_the_role_and_all_of_that_role_the_teams(groups, place):
    assert placed(MAPPING, groups) == place


@given(st.lists(st.sampled_from([rule.group for rule in MAPPING.rules] + [ELSEWHERE])), st.randoms())
def test_the_order_of_somebodys_groups_is_of_no_account(groups, random):
    shuffled = list(groups)
    random.shuffle(shuffled)
    assert placed(MAPPING, shuffled) == placed(MAPPING, groups)


@pytest.mark.parametrize(
    "rule",
    [
        {"group": NORTH, "role": "local"},
        {"group": NORTH, "role": "chief"},
        {"group": "", "role": "admin"},
        {"group": f"{NORTH}\n", "role": "admin"},
        {"group": NORTH, "role": "local", "teams": ["No Such"]},
        {"group": NORTH, "role": "admin", "more": 1},
        {"group": "Lamp North", "role": "admin"},
        {"group": NORTH.replace("-", ""), "role": "admin"},
        {"group": f"{{{NORTH}}}", "role": "admin"},
        {"group": 7, "role": "admin"},
        {"group": NORTH, "role": "admin", "label": "<b>"},
        {"group": NORTH, "role": "admin", "label": "\u202eadmin"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule):
    with pytest.raises(ValidationError):
        GroupRule.model_validate(rule)


def test_the_hash_is_of_the_rules_alone_and_of_their_order():
    assert MAPPING.digest == MAPPING.model_copy(update={"rev": 9, "head": "h"}).digest
    assert MAPPING.digest != GroupMapping(rules=MAPPING.rules[::-1]).digest


@given(st.text(max_size=60))
def test_no_name_is_taken_for_a_group(text):
    with pytest.raises(ValidationError, match="object id"):
        GroupRule.model_validate({"group": text, "role": "admin"})


@given(st.uuids())
def test_every_object_id_is_in_either_case(guid):
    assert GroupRule(group=str(guid).upper(), role="admin").group == str(guid)


def test_a_label_is_in_the_hash_and_decides_nothing():
    named = GroupMapping(rules=(GroupRule(group=NORTH, label="Lamp South", role="admin"),))
    plain = GroupMapping(rules=(GroupRule(group=NORTH, role="admin"),))
    assert named.digest != plain.digest
    assert placed(named, ["Lamp South", SOUTH]) is None
