"""People over HTTP: listed, shown, taken out and brought back; and signing in by the groups of the force."""

from __future__ import annotations

import pytest

from tests.support.groups import COMMS, ELSEWHERE, NORTH
from tests.unit.api.kit import SYSTEM
from tests.unit.api.kit_identity import MAPPING
from tests.unit.api.test_api_sign_in import sign_in, vouch

RULES = [
    {"group": NORTH, "label": "Lamp North", "role": "local", "teams": ["north"]},
    {"group": COMMS, "label": None, "role": "comms"},
]


def listed(world, **query):
    answer = world.call("GET", "/people", by="admin", query={k: str(v) for k, v in query.items()})
    assert answer.status == 200, answer.body
    return answer.json


def ids(page):
    return [one["id"] for one in page["people"]]


def from_entra(sub="ann", groups=f"[{NORTH}]", **claims):
    said = {
        "cognito:username": f"EntraOIDC_{sub}", "identities": [{"providerName": "EntraOIDC", "userId": sub}],
        "custom:groups": groups, "email": f"{sub}@example.org", "name": "Ann Hill",
    }  # fmt: skip
    return vouch(sub, **said | claims)


# the list ------------------------------------------------------------------------------------------------------------


def test_people_are_listed_by_name_with_what_an_administrator_needs(world):
    world.cookie("local")
    page = listed(world)
    assert ids(page) == ["admin", "another", "auditor", "away", "comms", "control", "local", "pupil", "supervisor"]
    local = next(one for one in page["people"] if one["id"] == "local")
    assert local == {
        "id": "local", "name": "Local", "email": "local@example.org", "role": "local", "teams": ["north"],
        "status": "active", "last_login_at": "2026-11-22T16:00:00Z",
    }  # fmt: skip
    assert page["next"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"name": "ANO"}, ["another"]),
        ({"name": "local@"}, ["local"]),
        ({"role": "local"}, ["another", "away", "local", "pupil"]),
        ({"status": "suspended"}, ["away"]),
        ({"role": "local", "status": "active", "name": "loc"}, ["local"]),
        ({"name": "nobody at all"}, []),
    ],
)
def test_the_list_is_sifted_and_the_name_looked_for_is_in_no_record(world, query, found):
    world.outbox()
    page = world.call("GET", "/people", by="admin", query=query)
    assert ids(page.json) == found
    (leaf,) = (one for one in world.outbox() if one["type"] == "search")
    filters = {k: v for k, v in query.items() if k != "name"}
    assert leaf["query"] == {"view": "people", "filters": filters, "hits": len(found)}


@pytest.mark.parametrize("limit", [1, 2, 3, 8, 9])
@pytest.mark.parametrize("query", [{}, {"role": "local"}, {"status": "active"}])
def test_pages_hold_everybody_once(world, limit, query):
    found, cursor = [], {}
    while True:
        page = listed(world, limit=limit, **query, **cursor)
        assert len(page["people"]) <= limit
        found += ids(page)
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == ids(listed(world, **query))


def test_a_cursor_is_of_one_query(world):
    cursor = listed(world, limit=1)["next"]
    answer = world.call("GET", "/people", by="admin", query={"cursor": cursor, "role": "local"})
    assert answer.status == 400


def test_one_person_is_shown_with_what_they_have_for_a_time(world):
    body = {"person": "local", "account": "facebook-2", "gives": "desk", "until": "2026-11-23T16:00:00Z"}
    given = world.call("POST", "/grants", by="admin", body=body | {"reason": "cover", "ref": "WP/2026/7"})
    assert given.status == 201, given.body
    world.outbox()
    shown = world.call("GET", "/people/local", by="admin").json
    assert [(one["account"], one["gives"]) for one in shown["access"]] == [("facebook-2", "desk")]
    assert (shown["rev"], shown["status"]) == (2, "active")
    leaf = world.outbox()[-1]
    assert (leaf["type"], leaf["obj"]) == ("view", {"kind": "person", "key": "local"})
    world.clock.now = world.clock.now.replace(day=24)
    assert world.call("GET", "/people/local", by="admin").json["access"] == []
    assert world.call("GET", "/people/nobody", by="admin").status == 404


# the file ------------------------------------------------------------------------------------------------------------


def bring(world, csv, **how):
    return world.call("POST", "/people/import", by="admin", body={"csv": csv} | how)


def test_a_file_is_tried_and_then_brought(world):
    csv = "email,name,role,teams,status\nnew@example.org,New,local,north,\nlocal@example.org,Local,local,north,left\n"
    tried = bring(world, csv).json
    assert (tried["applied"], tried["created"], tried["changed"]) == (False, 1, 1)
    assert world.people.get("local").status == "active"
    done = bring(world, csv, dry_run=False).json
    assert (done["applied"], done["created"], done["changed"]) == (True, 1, 1)
    assert world.people.get("sub-new").teams == ("north",)
    assert (world.people.get("local").status, world.closed) == ("left", ["local"])


def test_bad_lines_are_named_and_keep_the_file_out(world):
    answer = bring(world, "email,name,role\nnew@example.org,New,chief\nn2@example.org,Two,comms\n", dry_run=False).json
    assert (answer["applied"], answer["bad"]) == (False, 1)
    assert [(one["line"], one["column"]) for one in answer["findings"]] == [(2, "role")]


def test_nobody_shuts_himself_out_by_a_file(world):
    answer = bring(world, "email,name,role\nadmin@example.org,Admin,auditor\n", dry_run=False).json
    assert "your own" in answer["findings"][0]["problem"]
    assert world.people.get("admin").role == "admin"


def test_more_new_people_than_a_request_can_make_are_told(world):
    lines = "".join(f"p{n}@example.org,P,comms\n" for n in range(101))
    answer = bring(world, "email,name,role\n" + lines).json
    assert (answer["bad"], answer["findings"][0]["line"]) == (1, 102)
    assert "bluelamp person import" in answer["findings"][0]["problem"]


def test_the_export_comes_back_unchanged(world):
    answer = world.call("GET", "/people/export", by="admin")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "people.csv" in answer.headers["Content-Disposition"]
    world.people.change_person("away", rev=world.people.get("away").rev, by=SYSTEM, teams=("north",))
    again = bring(world, world.call("GET", "/people/export", by="admin").body, new_teams=True).json
    assert (again["unchanged"], again["changed"], again["bad"]) == (9, 0, 0)


# groups --------------------------------------------------------------------------------------------------------------


def set_groups(world, rules=RULES, rev=0):
    answer = world.call("PUT", "/groups", by="admin", body={"rules": rules, "rev": rev})
    assert answer.status == 200, answer.body
    return answer.json


def test_the_mapping_is_kept_by_revision_and_recorded_by_its_hash(world):
    world.outbox()
    first = set_groups(world)
    (leaf,) = world.outbox()
    assert leaf["obj"]["rev"] == 1
    assert leaf["change"] == {"field": "groups", "to": f"sha256:{first['sha256']}"}
    second = set_groups(world, RULES[1:], rev=1)
    (leaf,) = world.outbox()
    assert leaf["obj"]["rev"] == 2
    assert len(leaf["obj"]["prev"]) == 64
    assert leaf["change"]["from"] == f"sha256:{first['sha256']}"
    shown = world.call("GET", "/groups", by="admin").json
    assert (shown, shown["changed_by"], len(shown["rules"])) == (second, "admin", 1)
    kept = [item for (pk, _), item in world.table.items.items() if pk == "GROUPS"]
    assert sorted(item["rev"] for item in kept) == [1, 2]


def test_a_group_by_its_name_is_refused_with_what_to_do(world):
    rules = [{"group": "Lamp Comms", "role": "comms"}]
    answer = world.call("PUT", "/groups", by="admin", body={"rules": rules, "rev": 0})
    assert answer.status == 422
    assert "object id" in answer.json["detail"]
    assert "Lamp Comms" not in answer.body


def test_an_administrator_gives_himself_nothing_until_another_sets_it_too(world):
    world.people.add_person(person_id="ann", name="Ann Hill", email="ann@example.org", role="admin", by=SYSTEM)
    rules = [{"group": NORTH, "role": "comms"}]

    def put(by, rev):
        answer = world.call("PUT", "/groups", by=by, body={"rules": rules, "rev": rev}, key=f"{by}-{rev}")
        assert answer.status == 200, answer.body
        return answer.json["confirmed"]

    def role():
        _, answer = sign_in(world, from_entra())
        assert answer.status == 302, answer.body
        return world.people.get("ann").role

    assert (put("ann", 0), role()) == (False, "admin")
    assert (put("ann", 1), role()) == (False, "admin")
    assert (put("admin", 2), role()) == (True, "comms")


def test_two_administrators_at_once_are_told(world):
    set_groups(world)
    answer = world.call("PUT", "/groups", by="admin", body={"rules": [], "rev": 0}, key="other")
    assert (answer.status, answer.json["rev"]) == (409, 1)


@pytest.mark.parametrize(
    "rules",
    [
        [{"group": NORTH, "role": "local"}],
        [{"group": COMMS, "role": "comms"}, {"group": COMMS.upper(), "role": "comms"}],
        [{"group": f"{NORTH[:-3]}{n:03}", "role": "comms"} for n in range(201)],
        [{"group": "Lamp Comms", "role": "comms"}],
    ],
)
def test_a_mapping_that_makes_no_sense_changes_nothing(world, rules):
    answer = world.call("PUT", "/groups", by="admin", body=MAPPING | {"rules": rules})
    assert answer.status == 422
    assert world.call("GET", "/groups", by="admin").json["rev"] == 0


def test_somebody_new_signs_in_by_a_group_and_is_gone_without_it(world):
    set_groups(world)
    world.outbox()
    _, answer = sign_in(world, from_entra())
    assert answer.status == 302, answer.body
    assert [leaf["type"] for leaf in world.outbox()] == ["config", "login"]
    cookie = {"Cookie": answer.cookies[0].split(";")[0]}
    assert world.call("GET", "/me", headers=cookie).json["person"]["role"] == "local"
    _, answer = sign_in(world, from_entra(groups=f"[{ELSEWHERE}]"))
    assert (answer.status, answer.json["code"]) == (403, "no_group")
    assert [leaf["type"] for leaf in world.outbox()] == ["config", "denied"]
    assert world.call("GET", "/me", headers=cookie).status == 401
    assert world.closed == ["ann"]


def test_a_stranger_without_a_group_is_counted(world):
    set_groups(world)
    _, answer = sign_in(world, from_entra(groups="[]"))
    assert answer.status == 403
    assert world.counts() == {"api.no_group": 1}
    assert world.table.items.get(("PERSON#ann", "PERSON")) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"cognito:username": "2d1c-native"},  # the pool's own profile, which may write its own groups
        {"cognito:username": None},
        {"identities": None},
        {"identities": [{"providerName": "Other"}]},
        {"identities": "EntraOIDC"},
        {"identities": ["EntraOIDC"]},
        {"identities": [{"providerName": 1}]},
    ],
)
def test_groups_count_on_a_profile_of_the_provider_alone(world, claims):
    set_groups(world)
    _, answer = sign_in(world, from_entra(groups=f"[{COMMS}]", **claims))
    assert (answer.status, answer.json["code"]) == (403, "unknown_person")
    _, answer = sign_in(world, from_entra("local", groups=f"[{COMMS}]", **claims))
    assert answer.status == 302
    assert world.people.get("local").role == "local"


def test_who_is_suspended_stays_out_whatever_the_groups_say(world):
    set_groups(world)
    sign_in(world, from_entra())
    world.call("POST", "/people/ann/suspend", by="admin", body={"reason": "security"})
    assert world.closed == ["ann"]
    _, answer = sign_in(world, from_entra())
    assert (answer.status, answer.json["code"]) == (403, "unknown_person")


def test_signing_somebody_out_closes_their_pages_and_letting_them_in_does_not(world):
    world.call("DELETE", "/people/local/sessions", by="admin", body={})
    assert world.closed == ["local"]
    world.call("POST", "/people/away/resume", by="admin", body={})
    assert world.closed == ["local"]
