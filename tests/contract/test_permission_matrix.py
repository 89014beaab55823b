"""Every role on every route, by whose account it is: what the API answers, against a table that was written by hand.

Nothing here is computed from the rules. One row a route, one column a role, one sign for each owner of the account:

    o  of the person's own team          +  done
    t  of another team                   -  404, and `out_of_scope` in the log
    c  of another team, covered          .  403 `role`
    g  of another team, given for now    p  403 `account_policy`
    r  the same, to read alone           r  403 `reading_only`
    x  the same, until a second ago      s  403 `account_suspended`
                                        l  403 `lent`
    s  own team's, suspended             a  403 `account_archived`
    a  own team's, archived              n  403 `not_approver`: the policy asks for a supervisor's word
                                         w  403 `not_proposer`: a communications officer proposed it
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

import tests.unit.api.conftest as _api  # puts the API's folder on the path
from app import app
from bluelamp.audit.leaf import Actor
from bluelamp.people import matrix
from bluelamp.people.model import Access
from bluelamp.posts.model import Case
from bluelamp.posts.store import put_new
from tests.unit.api import kit_appeals, kit_assets, kit_hooks, kit_incidents, kit_press, kit_rights
from tests.unit.api.kit import KEEP, PUBLIC_ROUTES, ROLES, ROUTES, post_of
from tests.unit.api.kit_access import GRANT, GRANTED
from tests.unit.api.kit_calls import CALL

whole, world = _api.whole, _api.world
OWNERS = "otcgrxsa"
NAMES = dict(
    zip(OWNERS, ("own", "other", "covered", "given", "reading", "expired", "suspended", "archived"), strict=True)
)
NORTH = "osa"
CODES = {
    "-": (404, "out_of_scope"),
    ".": (403, "role"),
    "p": (403, "account_policy"),
    "r": (403, "reading_only"),
    "l": (403, "lent"),
    "s": (403, "account_suspended"),
    "a": (403, "account_archived"),
    "n": (403, "not_approver"),
    "w": (403, "not_proposer"),
}

TABLE = """
route                               comms     local     control   supervisor auditor  admin
                                    otcgrxsa  otcgrxsa  otcgrxsa  otcgrxsa  otcgrxsa  otcgrxsa
GET    /posts/{p}                   ++++++++  +-+++-++  ++++++++  +-+++-++  ....+...  ....+...
GET    /posts/{p}/history           ++++++++  +-+++-++  ++++++++  +-+++-++  ++++++++  ....+...
POST   /posts/{p}/claim             +++++++a  +-++r-+a  +++++++a  +-++r-+a  ........  ........
POST   /posts/{p}/release           ++++++++  +-++r-++  ++++++++  +-++r-++  ........  ........
POST   /posts/{p}/hide              ++++++sa  +-++r-sa  ++++++sa  .-..r-..  ........  ........
POST   /posts/{p}/unhide            ++++++sa  +-++r-sa  ++++++sa  .-..r-..  ........  ........
POST   /posts/{p}/delete            ++++++sa  p-ppr-pp  pppppppp  .-..r-..  ........  ........
POST   /posts/{p}/reply             ++++++sa  +-++r-sa  pppppppp  .-..r-..  ........  ........
POST   /posts/{p}/ban               ++++++sa  +-++r-sa  ........  .-..r-..  ........  ........
POST   /posts/{p}/unban             ++++++sa  +-++r-sa  ........  .-..r-..  ........  ........
POST   /posts/{p}/like              ++++++sa  +-++r-sa  ........  .-..r-..  ........  ........
POST   /posts/{p}/message           ++++++sa  +-++r-sa  ........  .-..r-..  ........  ........
POST   /posts/{p}/report            ++++++++  +-++r-++  ++++++++  .-..r-..  ........  ........
POST   /posts/{p}/actions/{x}/approve  nnnnnnnn  n-nnr-nn  nnnnnnnn  +-++r-sa  ........  ........
POST   /posts/{p}/actions/{x}/reject   nnnnnnnn  n-nnr-nn  nnnnnnnn  +-++r-++  ........  ........
POST   /posts/{p}/actions/{x}/withdraw ++++++++  w-wwr-ww  wwwwwwww  .-..r-..  ........  ........
POST   /posts/{p}/dismiss           ++++++++  +-++r-++  ........  .-..r-..  ........  ........
POST   /posts/{p}/flag              +++++++a  +-++r-+a  +++++++a  +-++r-+a  ........  ........
POST   /posts/{p}/call              +++++++a  +-++r-+a  +++++++a  +-++r-+a  ........  ........
POST   /posts/{p}/note              ++++++++  +-++r-++  ++++++++  +-++r-++  ........  ........
POST   /posts/{p}/assign            +++++++a  +-++r-+a  +++++++a  +-++r-+a  ........  ........
POST   /posts/{p}/tag               ++++++++  +-++r-++  ++++++++  +-++r-++  ........  ........
POST   /posts/{p}/reference         ++++++++  +-++r-++  ++++++++  +-++r-++  ........  ........
POST   /posts/{p}/presence          ++++++++  +-+++-++  ++++++++  +-+++-++  ....+...  ....+...
GET    /posts/{p}/author            ++++++++  +-+++-++  ++++++++  +-+++-++  ....+...  ....+...
GET    /posts/{p}/conversation      ++++++++  +-+++-++  ++++++++  +-+++-++  ....+...  ....+...
GET    /posts/{p}/colleagues        ++++++++  +-+++-++  ++++++++  +-+++-++  ....+...  ....+...
GET    /replies?account={a}         ++++++++  +-+++-++  ++++++++  +-+++-++  ....+...  ....+...
GET    /queue?account={a}           ++++++++  +-+++-++  ++++++++  +-+++-++  ........  ........
GET    /audit?account={a}           ++++++++  +-+++-++  ++++++++  +-+++-++  ++++++++  ........
GET    /accounts/{a}/completeness   ++++++++  +-+++-++  ++++++++  +-+++-++  ++++++++  ++++++++
GET    /reports/volume?account={a}  ++++++++  ........  ........  +-++r-++  ++++++++  ++++++++
GET    /accounts/{a}                ++++++++  +-+++-++  ++++++++  +-+++-++  ++++++++  ++++++++
GET    /accounts/{a}/responsible    ++++++++  +-+++-++  ++++++++  +-+++-++  ++++++++  ++++++++
GET    /accounts/{a}/checks         ++++++++  +-++r-++  ++++++++  +-++r-++  ++++++++  ++++++++
GET    /accounts/{a}/handover       ++++++++  +-+++-++  ++++++++  +-+++-++  ....+...  ....+...
POST   /accounts/{a}/handover       ++++++++  +-++r-++  ++++++++  +-++r-++  ........  ........
POST   /retention/reviews/{p}/keep  ........  .-..r-..  ........  +-++r-++  ........  ........
GET    /retention/reviews?account={a} ........  ........  ........  +-++r-++  ++++++++  ++++++++
POST   /holds                       ........  ........  ........  ........  ++++++++  ........
POST   /disposals                   ........  ........  ........  ........  ........  ++++++++
POST   /grants                      ........  ........  ........  +-+lr-++  ........  ++++++++
POST   /exports                     ........  ........  ........  ........  ++++++++  ........
"""

# Routes that concern no single account: who is let in (+) and who is not (.).
LISTS = """
route                                            comms local control supervisor auditor admin
GET    /me                                         +     +     +       +          +       +
GET    /accounts                                   +     +     +       +          +       +
POST   /accounts                                   .     .     .       .          .       +
POST   /accounts/import                            .     .     .       .          .       +
GET    /accounts/export                            .     .     .       .          .       +
GET    /roster                                     +     .     .       +          .       +
GET    /actions                                    +     +     +       +          .       .
GET    /approvals                                  +     +     +       +          .       .
POST   /break-glass                                .     +     .       +          .       +
GET    /appeals +     +     +       +          +       .
POST   /appeals +     +     +       .          .       .
GET    /appeals/01C0APEA0MMMMMMMMMMMMMMMMM +     +     +       +          +       .
PUT    /appeals/01C0APEA0MMMMMMMMMMMMMMMMM +     +     +       .          .       .
POST   /appeals/01C0APEA0MMMMMMMMMMMMMMMMM/propose +     +     +       .          .       .
POST   /appeals/01C0APEA1MMMMMMMMMMMMMMMMM/withdraw +     +     +       .          .       .
POST   /appeals/01C0APEA1MMMMMMMMMMMMMMMMM/approve +     .     .       +          .       .
POST   /appeals/01C0APEA1MMMMMMMMMMMMMMMMM/reject +     .     .       +          .       .
POST   /appeals/01C0APEA2MMMMMMMMMMMMMMMMM/keep +     +     +       .          .       .
POST   /appeals/01C0APEA2MMMMMMMMMMMMMMMMM/close +     p     p       .          .       .
POST   /appeals/01C0APEA3MMMMMMMMMMMMMMMMM/clear +     p     p       .          .       .
GET    /calls                                      +     +     +       +          .       .
POST   /calls/01C0CA11ZZMMMMMMMMMMMMCA10/acknowledge +   +     +       +          .       .
GET    /digest                                     +     +     +       +          .       .
GET    /checks                                     +     +     +       +          +       +
GET    /reports                                    +     .     .       +          +       +
GET    /reports/volume                             +     .     .       +          +       +
GET    /reports/logins                             .     .     .       +          +       +
GET    /queue                                      +     +     +       +          .       .
GET    /changes                                    +     +     +       +          .       .
POST   /live/ticket                                +     +     +       +          .       .
GET    /tags                                       +     +     +       +          +       +
PUT    /tags/fair                                  +     .     .       .          .       +
DELETE /tags/fair                                  +     .     .       .          .       +
POST   /auth/logout                                +     +     +       +          +       +
GET    /audit                                      +     +     +       +          +       .
GET    /audit/2026/3                               +     +     +       +          +       .
GET    /exports                                    .     .     .       .          +       .
GET    /exports/01BX5ZZKBKACTAV9WEVGEMMVRZ         .     .     .       .          +       .
POST   /exports/01BX5ZZKBKACTAV9WEVGEMMVRZ/link    .     .     .       .          +       .
GET    /retention/classes                          .     .     .       +          +       +
PUT    /retention/classes/facebook/comment         .     .     .       .          .       +
GET    /retention/reviews                          .     .     .       +          +       +
GET    /holds                                      .     .     .       .          +       .
POST   /holds/01C0HVDZZZMMMMMMMMMMMMHVD0/release    .     .     .       .          +       .
GET    /disposals                                  .     .     .       +          +       +
GET    /disposals/01C0DSPZZZMMMMMMMMMMMMDSP0       .     .     .       +          +       +
POST   /disposals/01C0DSPZZZMMMMMMMMMMMMDSP0/approve .   .     .       +          .       .
POST   /disposals/01C0DSPZZZMMMMMMMMMMMMDSP0/refuse .    .     .       +          .       .
GET    /disposals/01C0DSPZZZMMMMMMMMMMMMDSP0/certificate . .   .       +          +       +
GET    /grants                                     .     .     .       +          +       +
DELETE /grants/01C0GRNTZZMMMMMMMMMMMMGRN0          .     .     .       +          .       +
GET    /rights                                     .     .     .       +          +       +
POST   /rights                                     .     .     .       .          +       .
GET    /rights/01C0RGHTZZMMMMMMMMMMMMRGH0          .     .     .       +          +       +
POST   /rights/01C0RGHTZZMMMMMMMMMMMMRGH0/steps    .     .     .       .          +       .
POST   /rights/01C0RGHTZZMMMMMMMMMMMMRGH0/searches .     .     .       .          +       .
GET    /rights/01C0RGHTZZMMMMMMMMMMMMRGH1/items    .     .     .       .          +       .
GET    /rights/01C0RGHTZZMMMMMMMMMMMMRGH1/items/pown .   .     .       .          +       .
PUT    /rights/01C0RGHTZZMMMMMMMMMMMMRGH1/items/pown .   .     .       .          +       .
GET    /rights/01C0RGHTZZMMMMMMMMMMMMRGH2/answer   .     .     .       +          .       .
POST   /rights/01C0RGHTZZMMMMMMMMMMMMRGH2/decision .     .     .       +          .       .
POST   /rights/01C0RGHTZZMMMMMMMMMMMMRGH3/link     .     .     .       .          +       .
POST   /rights/01C0RGHTZZMMMMMMMMMMMMRGH5/corrections .  .     .       .          +       .
POST   /rights/01C0RGHTZZMMMMMMMMMMMMRGH4/disposal .     .     .       .          .       +
GET    /incident-people                             +     .     +     +     .     .
GET    /incidents                                   +     +     +     +     +     +
POST   /incidents                                   +     .     +     +     .     .
GET    /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0        +     +     +     +     +     +
POST   /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/close  +     .     +     +     .     .
POST   /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/strategy +     .     +     +     .     .
PUT    /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/roles  +     .     +     +     .     .
PUT    /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/scope  +     .     +     +     .     .
PUT    /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/slow   +     .     +     +     .     .
PUT    /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/publishing +     .     +     +     .     .
POST   /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/log    +     .     +     +     .     .
POST   /incidents/01C0NCDTZZMMMMMMMMMMMMNCD1/standing +     .     +     +     .     .
GET    /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/report +     +     +     +     +     +
POST   /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/jobs   +     .     +     .     .     .
GET    /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/jobs/01C0J0BZZZMMMMMMMMMMMMJ0B0 +     +     +     +     +     +
POST   /incidents/01C0NCDTZZMMMMMMMMMMMMNCD0/jobs/01C0J0BZZZMMMMMMMMMMMMJ0B0/steps +     .     +     +     .     .
GET    /incident-policy                             +     +     +     +     +     +
PUT    /incident-policy                             .     .     .     .     .     +
GET    /me/notices                                 +     +     +       +          +       +
PUT    /me/notices                                 +     +     +       +          +       +
GET    /hooks                                      .     .     .       .          .       +
POST   /hooks                                      .     .     .       .          .       +
PUT    /hooks/01C0H00KMMMMMMMMMMMMMMMMMM           .     .     .       .          .       +
POST   /hooks/01C0H00KMMMMMMMMMMMMMMMMMM/rotate    .     .     .       .          .       +
POST   /hooks/01C0H00KMMMMMMMMMMMMMMMMMM/test      .     .     .       .          .       +
GET    /hooks/01C0H00KMMMMMMMMMMMMMMMMMM/deliveries .    .     .       .          .       +
POST   /hooks/01C0H00KMMMMMMMMMMMMMMMMMM/redrive   .     .     .       .          .       +
GET    /outbox                                     +     +     +       +          +       +
GET    /me/sessions                                +     +     +       +          +       +
GET    /people/another/sessions                    .     .     .       .          .       +
DELETE /people/another/sessions                    .     .     .       .          .       +
POST   /people/another/suspend                     .     .     .       .          .       +
POST   /people/away/resume                         .     .     .       .          .       +
GET    /guide                                      +     +     +       +          +       +
POST   /guide                                      .     .     .       .          .       +
PUT    /guide/asked                                .     .     .       .          .       +
GET    /guide/missing                              .     .     .       +          .       +
GET    /guide/missing/export                       .     .     .       +          .       +
GET    /guide/2026.1                               +     +     +       +          +       +
GET    /guide/2026.1/bytes                         +     +     +       +          +       +
POST   /guide/2026.1/acknowledge                   +     +     +       +          +       +
GET    /people/pupil/training                      .     .     .       +          .       +
PUT    /people/pupil/training                      .     .     .       +          .       +
POST   /training/import                            .     .     .       +          .       +
GET    /people                                     .     .     .       .          .       +
GET    /people/another                             .     .     .       .          .       +
POST   /people/import                              .     .     .       .          .       +
GET    /people/export                              .     .     .       .          .       +
GET    /groups                                     .     .     .       .          .       +
PUT    /groups                                     .     .     .       .          .       +
"""

# Reached by an id that only a record gives, or gone through by one role alone: test_api_matrix.py has them.
ELSEWHERE = {("GET", "/posts/{post_id}/history/{leaf_id}/proof"), ("PATCH", "/accounts/{account_id}")}
ELSEWHERE |= {("POST", f"/accounts/{{account_id}}/{verb}") for verb in ("suspend", "resume", "archive")}
ELSEWHERE |= {("POST", f"/accounts/{{account_id}}/{verb}") for verb in ("connect", "disconnect")}
ELSEWHERE |= {("GET", "/accounts/callback")}
ELSEWHERE |= {("GET", "/report-files/{file_id}"), ("POST", "/report-files/{file_id}/link")}
ELSEWHERE |= {("POST", "/reports/{report_name}/pdf")}
ELSEWHERE |= {("POST", "/roster/entries"), ("PUT", "/roster/entries/{entry_id}"), ("PUT", "/roster/office")}
ELSEWHERE |= {("POST", "/accounts/{account_id}/check")}
ELSEWHERE |= {("POST", "/roster/entries/{entry_id}/withdraw")}
# They need an action that waits, or one that nobody knows the end of.
ELSEWHERE |= {("POST", f"/posts/{{post_id}}/actions/{{action_id}}/{verb}") for verb in ("cancel", "settle")}
# What one role's standing on the account decides besides: tests/unit/replies.
ELSEWHERE |= {("POST", "/replies"), ("PUT", "/replies/{reply_id}"), ("DELETE", "/replies/{reply_id}")}
ELSEWHERE |= {("POST", "/replies/{reply_id}/preview"), ("POST", "/posts/{post_id}/unassign")}
ELSEWHERE |= {("POST", "/posts/{post_id}/untag")}
# Whose word it needs, and what it is by then, decides besides the role: tests/unit/publishing and test_api_matrix.py.
ELSEWHERE |= {
    (method, re.sub("|".join(kit_press.NAMES), lambda m: kit_press.NAMES[m[0]], path))
    for method, path in kit_press.ROUTES
}
# Whoever sent it has it, and whoever reaches a publication sees what it carries: tests/unit/assets, test_api_matrix.py.
ELSEWHERE |= {
    (method, re.sub("|".join(kit_assets.NAMES), lambda m: kit_assets.NAMES[m[0]], path.format(post="{post_id}")))
    for method, path in kit_assets.ROUTES
}
# Leads are of a post, whose account decides: tests/unit/appeals.
ELSEWHERE |= {("GET", "/appeals/{appeal_id}/leads"), ("PUT", "/appeals/{appeal_id}/leads/{post_id}")}
ELSEWHERE |= {("POST", "/appeals/{appeal_id}/leads/{post_id}/pass")}
BODIES = {path.rsplit("/", 1)[1]: body for (method, path), (_, body, _) in ROUTES.items() if "{post}" in path}


def lines(table):
    return [
        line.split() for line in table.strip().splitlines() if line.startswith(("GET ", "POST ", "PUT ", "DELETE "))
    ]


CASES = [
    pytest.param((method, path), role, owner, sign, id=f"{method} {path} {role} {NAMES[owner]}")
    for method, path, *columns in lines(TABLE)
    for role, signs in zip(ROLES, columns, strict=True)
    for owner, sign in zip(OWNERS, signs, strict=True)
]
LIST_CASES = [
    pytest.param(method, path, role, sign, id=f"{method} {path} {role}")
    for method, path, *columns in lines(LISTS)
    for role, sign in zip(ROLES, columns, strict=True)
]


def account_of(owner):
    return f"facebook-{10 + OWNERS.index(owner)}"


def stage(whole, role, owner, state, *, banned=False):
    """Put an account with a post on the stage, and give `role` what the owner says of it."""
    account = account_of(owner)
    whole.accounts.add_account(
        platform="facebook", native_id=account[9:], name="A page", kind="neighbourhood",
        team="north" if owner in NORTH else "south", by=Actor.system("test"),
    )  # fmt: skip
    if owner in "sa":
        whole.table.items["ACCOUNTS", account]["status"] = NAMES[owner]
    post = post_of("pown").changed(
        id=f"p{owner}", account=account, state=state, banned=banned, case=Case(state="open", grade=5, risk="medium")
    )
    whole.table.write(put_new(post))
    now = whole.clock()
    begins = now - timedelta(hours=1)
    ends = now - timedelta(seconds=1) if owner == "x" else now + timedelta(hours=1)
    given = Access(
        id="01BX5ZZKBKACTAV9WEVGEMMVRZ", account=account, gives="reading" if owner == "r" else "desk",
        begins_at=begins, ends_at=ends,
    )  # fmt: skip
    whole.people.change_person(
        role,
        rev=whole.people.get(role).rev,
        by=Actor.system("test"),
        covers=(account,) if owner == "c" else (),
        access=(given,) if owner in "grx" else (),
    )


def propose(whole, owner):
    """Have a communications officer propose a deletion on the staged account that a supervisor has to approve."""
    item = whole.table.items["ACCOUNTS", account_of(owner)]
    status, item["status"] = item["status"], "active"
    item["policy"] = {"delete": ["comms"], "publish": [], "reply": [], "approve_delete": "supervisor"}
    asked = whole.call("POST", f"/posts/p{owner}/delete", by="comms", body=BODIES["delete"], key="propose")
    assert asked.status == 202, asked.body
    item = whole.table.items["ACCOUNTS", account_of(owner)]
    item["status"] = status
    whole.clock.now += timedelta(minutes=1)  # accounts are remembered for half of one
    return asked.json["action"]["id"]


def body_of(method, path, owner):
    if method == "GET":
        return None
    return {
        "/holds": {"posts": [f"p{owner}"], "reason": "proceedings", "ref": "WP/2026/7"},
        "/disposals": {"posts": [f"p{owner}"], "reason": "erasure_request", "ref": "WP/2026/7"},
        "/posts/{p}/actions/{x}/approve": {"rev": 2},
        "/accounts/{a}/handover": {"text": "Watch the bridge."},
        "/retention/reviews/{p}/keep": KEEP,
        "/grants": GRANTED | {"account": account_of(owner)},
        "/exports": {"scope": {"kind": "posts", "posts": [f"p{owner}"]}, "purpose": "audit", "ref": "WP/2026/7"},
    }.get(path) or BODIES[path.rsplit("/", 1)[1]]


def denied(whole):
    return [leaf["reason"]["code"] for leaf in whole.outbox() if leaf["type"] == "denied"]


@pytest.mark.slow  # over a thousand cases, each in a world of its own: half a minute
@pytest.mark.parametrize(("route", "role", "owner", "sign"), CASES)
def test_role_route_owner(whole, route, role, owner, sign):
    method, path = route
    stage(whole, role, owner, state="hidden" if path.endswith("unhide") else "visible",
          banned=path.endswith("unban"))  # fmt: skip
    action = propose(whole, owner) if "{x}" in path else ""
    where, _, asked = path.format(p=f"p{owner}", a=account_of(owner), x=action).partition("?")
    if path in {"/disposals", "/retention/reviews/{p}/keep"} and sign == "+":
        close(whole, owner)
    whole.outbox()
    query = dict([asked.split("=")]) if asked else None
    answer = whole.call(method, where, by=role, body=body_of(method, path, owner), query=query)
    codes = denied(whole)
    if sign == "+":
        assert (answer.status < 300, codes) == (True, []), answer.body
        return
    status, code = CODES[sign]
    assert (answer.status, codes) == (status, [code]), answer.body
    if status == 403:
        assert re.fullmatch(r"Refused because .+; ask .+\. Asked for: \w+\.", answer.json["detail"])
    else:
        assert "team" not in answer.json["detail"]


def close(whole, owner):
    """Have the post closed: what is open is not disposed of."""
    answer = whole.call(
        "POST", f"/posts/p{owner}/dismiss", by="comms", body={"reason": {"code": "no_action"}, "rev": 1}, key="close"
    )
    assert answer.status == 200, answer.body


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path", "role", "sign"), LIST_CASES)
def test_role_and_route_without_an_account(world, method, path, role, sign):
    body = ROUTES[method, path][1]
    answer = world.call(method, path, by=role, body=body)
    codes = denied(world)
    if sign == "+":
        assert (answer.status, codes) == (ROUTES[method, path][2], [])
    else:
        assert (answer.status, codes) == (403, ["account_policy" if sign == "p" else "role"])
        assert re.fullmatch(r"Refused because .+; ask .+\. Asked for: \w+\.", answer.json["detail"])


BEYOND = ("ban", "unban", "like", "message")
GATED = [
    pytest.param((method, path), role, id=f"{method} {path} {role}")
    for method, path, *columns in lines(TABLE)
    if path.removeprefix("/posts/{p}/") in {"hide", "unhide", "delete", "reply", "dismiss", *BEYOND}
    for role, signs in zip(ROLES, columns, strict=True)
    if signs.startswith("+")
]
# To see, and to hand on what one sees, needs neither.
OPEN = [("GET", "/posts/{p}"), ("GET", "/posts/{p}/history")]
OPEN += [("POST", f"/posts/{{p}}/{verb}") for verb in ("claim", "release", "note", "flag", "call")]
UNTRAINED = {
    "guide_not_acknowledged": {"guides": [{"version": "2026.1", "day": "2026-11-01"}]},
    "training_missing": {"courses": ["media_law"]},
    "training_expired": {"courses": ["old"]},
}


def shut_the_gate(world, role, asked):
    """Ask everybody for a guide or a course; the person's training `old` ran out yesterday."""
    world.table.items["GUIDE", "GATE"] |= {"guides": [], "courses": []} | asked
    person = world.people.get(role)
    old = {"old": (world.clock() - timedelta(days=1)).date()}
    world.people.change_person(role, rev=person.rev, by=Actor.system("test"), trained_until=old)


@pytest.mark.slow
@pytest.mark.parametrize("code", UNTRAINED)
@pytest.mark.parametrize(("route", "role"), GATED)
def test_who_is_not_through_the_gate_does_not_act(world, route, role, code):
    method, path = route
    shut_the_gate(world, role, UNTRAINED[code])
    answer = world.call(method, path.format(p="pown"), by=role, body=body_of(method, path, "o"))
    assert (answer.status, denied(world)) == (403, [code])
    assert re.fullmatch(r"Refused because .+; .+\. Asked for: \w+\.", answer.json["detail"])
    assert answer.json["see"] == "/#/guide"
    assert world.core.calls == []


@pytest.mark.slow
@pytest.mark.parametrize("route", OPEN)
def test_reading_claiming_noting_and_flagging_need_no_guide(world, route):
    method, path = route
    shut_the_gate(world, "local", UNTRAINED["guide_not_acknowledged"])
    answer = world.call(method, path.format(p="pown"), by="local", body=body_of(method, path, "o"))
    assert (answer.status in {200, 201}, denied(world)) == (True, [])


# By saved reply, by another route, or in an incident: the rules are the same, and so is the gate.
ELSEWHERE_GATED = {"approve", "reply_saved", "bulk", "approve_bulk", "publish", "approve_publication"}
ELSEWHERE_GATED |= {"appeal", "approve_appeal"}


def test_the_gate_is_tried_on_each_route_that_acts():
    assert {param.values[0][1].rsplit("/", 1)[1] for param in GATED} == set(matrix.GATED) - ELSEWHERE_GATED
    assert len(GATED) == 19
    assert set(OPEN) <= {(method, path) for method, path, *_ in lines(TABLE)}


def test_no_route_is_missing_and_there_are_cases_enough():
    declared = {(method, path) for path, methods in app.routes.items() for method in methods}
    shown = {(method, path.partition("?")[0]) for method, path, *_ in lines(TABLE) + lines(LISTS)}
    known = {
        "{p}": "{post_id}",
        "{a}": "{account_id}",
        "{x}": "{action_id}",
        "01BX5ZZKBKACTAV9WEVGEMMVRZ": "{export_id}",
    }
    known |= {"01C0HVDZZZMMMMMMMMMMMMHVD0": "{hold_id}", "01C0DSPZZZMMMMMMMMMMMMDSP0": "{disposal_id}"}
    known |= {GRANT: "{grant_id}", "people/another": "people/{person_id}", "people/away": "people/{person_id}"}
    known |= {CALL: "{call_id}", kit_hooks.HOOK: "{hook_id}"}
    known |= {"people/pupil": "people/{person_id}", "guide/2026.1": "guide/{version}"}
    known |= kit_rights.NAMES | kit_incidents.NAMES | dict.fromkeys(kit_appeals.IDS.values(), "{appeal_id}")
    known |= {"facebook/comment": "{platform}/{kind}", "2026/3": "{year}/{seq}"}
    known |= {"/tags/fair": "/tags/{tag}"}
    known |= {"reports/volume": "reports/{report_name}", "reports/logins": "reports/{report_name}"}
    for sample, name in known.items():
        shown = {(method, path.replace(sample, name)) for method, path in shown}
    assert shown | PUBLIC_ROUTES | ELSEWHERE == declared
    assert len(CASES) + len(LIST_CASES) >= 500
