"""Every role on every route, on a post of the own team and of another: what the rules say, and nothing else."""

import pytest

from app import app
from bluelamp.audit.leaf import Actor
from guard import PUBLIC
from tests.unit.api import kit_appeals, kit_assets, kit_hooks, kit_incidents, kit_press, kit_rights
from tests.unit.api.kit import DONE, PUBLIC_ROUTES, ROLES, ROUTES, path_of, token
from tests.unit.api.kit_access import GRANT
from tests.unit.api.kit_calls import CALL
from tests.unit.api.kit_desk import REPLY
from tests.unit.api.kit_records import DISPOSAL, HOLD
from tests.unit.api.kit_roster import AWAY
from tests.unit.api.kit_second import ACTION

# The permission matrix written out by hand, so that a slip in the rules is not copied into its test.
MAY = {
    "comms": "accounts roster office_hours see history claim release hide unhide delete reply dismiss flag note "
    "approve withdraw check checks assign tag refer reply_saved replies tags report "
    "incidents incident bulk approve_bulk draft pause appeals appeal approve_appeal "
    "ban unban like message report_post cancel settle",
    "local": "accounts see history claim release hide unhide reply dismiss flag note approve withdraw break_glass "
    "check checks assign tag refer reply_saved replies incidents draft appeals appeal "
    "ban unban like message report_post cancel settle",
    "control": "accounts see history claim release hide unhide flag note approve withdraw check checks "
    "assign tag refer reply_saved incidents incident bulk approve_bulk draft pause appeals appeal "
    "report_post cancel settle",
    "supervisor": "accounts roster see history claim release flag note retention keep approve_disposal grants grant "
    "approve break_glass checks training assign tag refer replies cases approve_answer report report_people "
    "incidents incident approve_bulk draft pause appeals approve_appeal",
    "auditor": "accounts history export retention hold grants checks cases rights report report_people incidents "
    "appeals",
    "admin": "accounts register roster office_hours retention retain dispose grants grant people break_glass checks "
    "guide training tags hooks cases report report_people incidents",
}
# Who is asked for what a communications officer may not.
HOLDERS = {"export": "auditor", "retention": "auditor", "hold": "auditor", "retain": "admin", "dispose": "admin"}
HOLDERS |= {"break_glass": "local", "hooks": "admin"}
HOLDERS |= {"approve_disposal": "supervisor", "keep": "supervisor", "register": "admin"}
HOLDERS |= {"grants": "auditor", "grant": "admin", "people": "admin", "guide": "admin", "training": "admin"}
HOLDERS |= {"cases": "auditor", "rights": "auditor", "approve_answer": "supervisor"}
HOLDERS |= {"report_people": "supervisor"}
ADMIN = Actor(kind="person", sub="admin", role="admin")
SCOPED = {"local", "supervisor"}
CASES = [(role, route, owner) for role in ROLES for route in ROUTES for owner in ("own", "foreign")]


def case_id(value):
    return "-".join(value).replace("/", ".") if isinstance(value, tuple) else value


def expected(role, route, owner):
    verb, _, success = ROUTES[route]
    if ("{post}" in route[1] or "{account}" in route[1]) and owner == "foreign" and role in SCOPED:
        return 404
    if verb == kit_press.SOUTH:
        return {"comms": success, "control": success, "supervisor": 404}.get(role, 403)
    if verb == kit_press.COMMS:
        return success if role == "comms" else 403
    if verb == kit_assets.MINE:
        return success if role == "comms" else 404 if "draft" in MAY[role].split() else 403
    if verb == "replies of the force":  # their scope decides besides the role: tests/unit/replies
        return success if role == "comms" else 403
    return success if verb is None or verb in MAY[role].split() else 403


@pytest.mark.slow  # over a thousand cases; make check has the rules themselves and a few of these through other tests
@pytest.mark.parametrize(("role", "route", "owner"), CASES, ids=case_id)
def test_role_route_owner(world, role, route, owner):
    method, path = route
    _, body, _ = ROUTES[route]
    answer = world.call(method, path_of(route, owner), by=role, body=body)
    assert answer.status == expected(role, route, owner), answer.body
    denied = [leaf for leaf in world.outbox() if leaf["type"] == "denied"]
    assert len(denied) == (answer.status in {403, 404})
    for leaf in denied:
        assert leaf["actor"] | {"session": "-"} == {"kind": "person", "sub": role, "role": role, "session": "-"}
        assert leaf["correlation"] == "req-1"
    reached = [call for call in world.core.calls if call[0] != "queue"]
    assert bool(reached) == (method == "POST" and "{post}" in path and answer.status < 400)


def test_matrix_covers_every_route():
    declared = {(m, path) for path, methods in app.routes.items() for m in methods}
    ids = {"01ARZ3NDEKTSV4RRFFQ69G5FAV": "{leaf_id}", DONE.id: "{export_id}"}
    ids |= {HOLD.id: "{hold_id}", DISPOSAL.id: "{disposal_id}", "facebook/comment": "{platform}/{kind}"}
    ids |= {"2026/3": "{year}/{seq}", "/reviews/pown/": "/reviews/{post_id}/"}
    ids |= {AWAY: "{entry_id}", ACTION: "{action_id}", CALL: "{call_id}"}
    ids |= dict.fromkeys(kit_appeals.IDS.values(), "{appeal_id}") | {"leads/pown": "leads/{post_id}"}
    ids |= {"tags/fair": "tags/{tag}", REPLY: "{reply_id}", kit_hooks.HOOK: "{hook_id}"}
    ids |= kit_rights.NAMES | kit_press.NAMES | kit_assets.NAMES | kit_incidents.NAMES
    ids |= {"01C0RPRTZZMMMMMMMMMMMMRPT0": "{file_id}"}
    ids |= {"reports/volume": "reports/{report_name}", "reports/logins": "reports/{report_name}"}
    ids |= {GRANT: "{grant_id}", "people/another": "people/{person_id}", "people/away": "people/{person_id}"}
    ids |= {"people/pupil": "people/{person_id}", "guide/2026.1": "guide/{version}"}
    shown = {(m, p.format(post="{post_id}", account="{account_id}")) for m, p in ROUTES}
    for one, name in ids.items():
        shown = {(m, p.replace(one, name)) for m, p in shown}
    assert shown | PUBLIC_ROUTES == declared
    assert PUBLIC == PUBLIC_ROUTES
    operations = [methods[m].view_function.operation for methods in app.routes.values() for m in methods]
    assert {(o.method, o.path) for o in operations if o.public} == PUBLIC


@pytest.mark.parametrize("role", sorted(SCOPED))
def test_foreign_and_missing_posts_read_the_same(world, role):
    foreign = world.call("GET", "/posts/pforeign", by=role)
    missing = world.call("GET", "/posts/pmissing", by=role)
    assert foreign.status == missing.status == 404
    differs = {"instance"}
    assert {k: v for k, v in foreign.json.items() if k not in differs} == {
        k: v for k, v in missing.json.items() if k not in differs
    }
    assert foreign.headers == missing.headers
    assert [leaf["reason"]["code"] for leaf in world.outbox()] == ["out_of_scope"]


def test_refusal_names_verb_and_account_and_hides_the_post(world):
    world.call("POST", "/posts/pforeign/hide", by="local", body=ROUTES["POST", "/posts/{post}/hide"][1])
    (leaf,) = world.outbox()
    assert leaf["op"]["verb"] == "posts.hide"
    assert leaf["account"] == "facebook-2"
    assert leaf["obj"]["kind"] == "asked_post"
    assert "pforeign" not in str(leaf)


def test_local_team_deletes_where_the_policy_says_so(world):
    body = ROUTES["POST", "/posts/{post}/delete"][1]
    refused = world.call("POST", "/posts/pown/delete", by="local", body=body)
    assert refused.status == 403
    assert "policy" in refused.json["detail"]
    assert world.outbox()[0]["reason"]["code"] == "account_policy"
    world.table.items["ACCOUNTS", "facebook-1"]["policy"]["delete"] = ["comms", "local"]
    assert world.call("POST", "/posts/pown/delete", by="local", body=body).status == 202
    assert world.call("POST", "/posts/pforeign/delete", by="local", body=body).status == 404


@pytest.mark.parametrize("account", ["facebook-2", "facebook-nowhere"])
def test_queue_of_an_account_out_of_reach(world, account):
    answer = world.call("GET", "/queue", by="local", query={"account": account})
    assert answer.status == 404
    assert answer.json["code"] == "not_found"


def bad_credentials(world):
    cookie = world.cookie("comms")
    person, _, random = cookie.partition(".")
    stranger = token("comms", kid="k9")
    return {
        "none": {},
        "empty cookie": {"Cookie": "__Host-sid="},
        "wrong cookie": {"Cookie": f"__Host-sid={person}.{'A' * 43}"},
        "half a cookie": {"Cookie": f"__Host-sid={random}"},
        "foreign cookie": {"Cookie": f"__Host-sid=local.{random}"},
        "cookie of another name": {"Cookie": f"sid={cookie}"},
        "nobody's token": {"Authorization": f"Bearer {token('nobody')}"},
        "expired token": {"Authorization": f"Bearer {token('comms', exp=1_700_000_000)}"},
        "foreign token": {"Authorization": f"Bearer {token('comms', client_id='another')}"},
        "unknown key": {"Authorization": f"Bearer {stranger}"},
        "no token": {"Authorization": "Bearer "},
        "basic": {"Authorization": "Basic Y29tbXM6cGFzcw=="},
        "garbage with a good cookie": {"Authorization": "Bearer x.y.z", "Cookie": f"__Host-sid={cookie}"},
    }


@pytest.mark.parametrize("route", ROUTES, ids=case_id)
def test_every_route_refuses_every_bad_credential(world, route):
    method, _ = route
    for name, headers in bad_credentials(world).items():
        answer = world.call(method, path_of(route), body=ROUTES[route][1], headers=headers)
        assert answer.status == 401, (name, answer.body)
        assert answer.json["code"] == "not_signed_in", name
        assert answer.headers["WWW-Authenticate"].startswith("Bearer"), name
    assert world.core.calls == []
    assert world.outbox() == []
    assert world.counts() == {"api.no_credential": 1, "api.bad_credential": 12}


@pytest.mark.parametrize("route", ROUTES, ids=case_id)
def test_every_route_takes_bearer_and_refuses_ended_and_suspended(world, route):
    method, path = route
    path, body = path_of(route), ROUTES[route][1]
    who = HOLDERS.get(ROUTES[route][0], "comms")
    bare = {"X-Bluelamp": "", "Origin": ""}
    assert world.call(method, path, by=who, bearer=True, body=body, headers=bare).status == ROUTES[route][2]
    ended = {"Cookie": f"__Host-sid={world.cookie(who)}"}
    assert world.call("POST", "/auth/logout", body={}, headers=ended).status == 200
    assert world.call(method, path, body=body, headers=ended).status == 401
    cookie = {"Cookie": f"__Host-sid={world.cookie(who)}"}
    world.people.suspend(who, rev=world.people.get(who).rev, by=ADMIN)
    for headers in (cookie, {"Authorization": f"Bearer {token(who)}"}):
        assert world.call(method, path, body=body, headers=headers).status == 401


@pytest.mark.slow
@pytest.mark.parametrize("route", [r for r in ROUTES if r[0] != "GET"], ids=case_id)
@pytest.mark.parametrize(
    "headers",
    [{"X-Bluelamp": ""}, {"X-Bluelamp": "0"}, {"Origin": ""}, {"Origin": "https://lamp.example.evil"}],
    ids=str,
)
def test_writes_by_cookie_come_from_our_page(world, route, headers):
    answer = world.call(route[0], path_of(route), by="comms", body=ROUTES[route][1], headers=headers)
    assert answer.status == 403
    assert answer.json["code"] == "cross_site"
    assert world.core.calls == []
    assert [leaf["reason"]["code"] for leaf in world.outbox()] == ["cross_site"]
