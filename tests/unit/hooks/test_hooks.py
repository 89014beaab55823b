"""A system of the force is told what it asked for, signed so that it can be checked, until it has taken it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import zlib
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bluelamp.audit.layout import unpack
from bluelamp.cloud.memory import Faults, MemoryTable
from bluelamp.errors import ConflictError, InvalidInputError, RefusedError
from bluelamp.hooks import signing
from bluelamp.hooks.sending import ByHook
from bluelamp.hooks.service import Hooks, HooksOffError
from bluelamp.hooks.store import MOST, HookStore
from bluelamp.ids import post_id
from bluelamp.media.addresses import Allowed
from bluelamp.notices.channels import PermanentError
from bluelamp.notices.delivering import Delivering
from bluelamp.notices.model import Message
from bluelamp.notices.store import NoticeStore
from bluelamp.notices.telling import told
from bluelamp.people.model import Person
from bluelamp.posts.judging import Judging
from bluelamp.pseudonyms import Pseudonyms
from tests.support.world import World, idem, judged, principal

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = b"k" * 32
ADMIN = principal("admin")


class Cad(BaseHTTPRequestHandler):
    """A system of the force: answers with the status that the server was told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append(({k.lower(): v for k, v in self.headers.items()}, body))
        if self.server.status == 0:
            self.close_connection = True
            return
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def server():
    cad = HTTPServer(("127.0.0.1", 0), Cad)
    threading.Thread(target=lambda: cad.serve_forever(poll_interval=0.01), daemon=True).start()
    yield cad
    cad.shutdown()
    cad.server_close()


class Noting:
    """A channel that notes when it is used."""

    def __init__(self, seen, name):
        self.seen, self.name = seen, name

    def send(self, _):
        self.seen.append(self.name)


class Force:
    """Hooks, notices and their delivery over one table, and a clock that goes on by hand."""

    def __init__(self, cad):
        self.cad = cad
        cad.seen, cad.status = [], 204
        self.url = f"http://127.0.0.1:{cad.server_port}/in"
        allowed = Allowed.parse(f"cad.force.example http://127.0.0.1:{cad.server_port}")
        self.faults = Faults()
        self.table = MemoryTable(self.faults)
        self.now = NOON
        store, notices = HookStore(self.table), NoticeStore(self.table)
        self.hooks = Hooks(
            store, newest=notices.newest, key=lambda: KEY, allowed=allowed, pseudonyms=Pseudonyms(b"p" * 32),
            wake=lambda: None, notify=lambda: None, clock=lambda: self.now,
        )  # fmt: skip
        self.running = 0.0
        self.sender = ByHook(
            store.get, lambda: KEY, allowed, resolver=lambda *_: ["10.0.0.1"], clock=lambda: self.now,
            running=lambda: self.running,
        )  # fmt: skip
        self.delivering = Delivering(
            notices, people=list, senders={"hook": self.sender}, base="https://b.example", wake=lambda: None,
            hooks=store.every, clock=lambda: self.now, running=lambda: 0.0,
        )  # fmt: skip

    def make(self, *kinds, **fields):
        given = {"name": "CAD", "url": self.url, "kinds": kinds or ("case_opened",)} | fields
        return self.hooks.create(ADMIN, **given, idem=idem())

    def tell(self, kind="case_opened", **about):
        self.table.write(told(kind, to=["systems"], at=self.now, about=about))

    def run(self, minutes=0):
        self.now += timedelta(minutes=minutes)
        self.running += minutes * 60
        return self.delivering.run()

    def told(self):
        return [json.loads(body) for _, body in self.cad.seen]


@pytest.fixture
def force(server):
    return Force(server)


def checked(secret, headers, body):
    """Check a message as a library of the specification does."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mark = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return mark in headers["webhook-signature"].split(" ")


def test_the_signature_is_that_of_the_published_example():
    # From the Standard Webhooks specification's reference libraries.
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signing.headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_system_is_told_of_what_it_asked_for_and_nothing_else(force):
    made = force.make("case_opened")
    force.tell(account="facebook-1", post="p1")
    force.tell("action_ended", account="facebook-1", post="p2")
    assert force.run().sent == 1
    ((headers, body),) = force.cad.seen
    assert checked(made.secret, headers, body)
    assert json.loads(body) == {
        "type": "case_opened",
        "timestamp": "2026-11-22T12:00:00.000Z",
        "data": {
            "account": "facebook-1",
            "post": "p1",
            "link": "https://b.example/#/inbox/account%3Afacebook-1/p1",
        },
    }
    assert force.run().sent == 0


def test_each_message_is_its_own_however_many_there_are(force):
    force.make()
    for n in range(3):
        force.tell(account="facebook-1", post=f"p{n}")
    force.run()
    assert sorted(said["data"]["post"] for said in force.told()) == ["p0", "p1", "p2"]


def test_people_are_told_before_systems_which_may_be_slow(force):
    seen = []
    ada = Person(id="ada", name="Ada", email="ada@force.example", role="comms")
    force.delivering = Delivering(
        NoticeStore(force.table), people=lambda: [ada],
        senders={"hook": Noting(seen, "hook"), "mail": Noting(seen, "mail")}, base="https://b.example",
        wake=lambda: None, hooks=HookStore(force.table).every, clock=lambda: force.now, running=lambda: 0.0,
    )  # fmt: skip
    force.make("flagged")
    force.table.write(told("flagged", to=["person:ada"], at=force.now, about={"post": "p1"}, urgent=True))
    force.run()
    assert seen == ["mail", "hook"]


@pytest.mark.parametrize("status", [429, 500, 503, 408, 0])
def test_what_was_not_taken_comes_again_under_the_same_id(force, status):
    force.make()
    force.tell(post="p1")
    force.cad.status = status
    assert force.run().later == 1
    force.cad.status = 200
    assert force.run(minutes=3).sent == 1
    first, again = (headers["webhook-id"] for headers, _ in force.cad.seen)
    assert first == again


@pytest.mark.parametrize("status", [302, 400, 404, 410])
def test_what_was_refused_is_sent_again_by_hand_alone_and_once(force, status):
    hook = force.make().hook
    force.tell(post="p1")
    force.cad.status = status
    assert force.run().failed == 1
    (failed,) = force.hooks.deliveries(ADMIN, hook.id).deliveries
    assert (failed.state, failed.code, failed.about) == ("failed", f"http_{status}", {"post": "p1"})
    force.cad.status = 200
    assert force.run(minutes=600).sent == 0
    assert force.hooks.redrive(ADMIN, hook.id, idem=idem()).count == 1
    force.run()
    first, again = (headers["webhook-id"] for headers, _ in force.cad.seen)
    assert first == again == failed.id
    assert force.hooks.redrive(ADMIN, hook.id, idem=idem()).count == 0


def test_what_failed_twice_can_be_redriven_twice(force):
    hook = force.make().hook
    force.tell(post="p1")
    force.cad.status = 400
    force.run()
    force.hooks.redrive(ADMIN, hook.id, idem=idem())
    force.run()
    assert force.hooks.redrive(ADMIN, hook.id, idem=idem()).count == 1


def test_a_host_that_does_not_answer_holds_up_a_run_once(force):
    force.make()
    for n in range(3):
        force.tell(post=f"p{n}")
    force.cad.status = 0
    assert force.run().later == 3
    assert len(force.cad.seen) == 1


def test_for_a_day_after_a_change_of_secret_both_check(force):
    old = force.make()
    new = force.hooks.rotate(ADMIN, old.hook.id, rev=1, idem=idem())
    assert new.secret != old.secret
    force.tell(post="p1")
    force.run()
    force.tell(post="p2")
    force.run(minutes=24 * 60)
    (during, body), (after, later) = force.cad.seen
    assert checked(old.secret, during, body)
    assert checked(new.secret, during, body)
    assert checked(new.secret, after, later)
    assert not checked(old.secret, after, later)


def test_a_hook_that_is_off_is_told_nothing_more(force):
    hook = force.make().hook
    force.tell(post="p1")
    off = {"name": "CAD", "url": force.url, "kinds": ("case_opened",), "active": False}
    force.hooks.change(ADMIN, hook.id, **off, rev=1, idem=idem())
    force.run()
    assert force.cad.seen == []
    with pytest.raises(ConflictError):
        force.hooks.try_out(ADMIN, hook.id, idem=idem())


def test_a_test_goes_to_the_one_hook(force):
    one = force.make("hook_test").hook
    force.make("hook_test")
    force.hooks.try_out(ADMIN, one.id, idem=idem())
    force.run()
    assert [said["data"]["hook"] for said in force.told()] == [one.id]


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "http://cad.force.example/", "https://10.0.0.1/in"])
def test_an_address_that_the_deployment_does_not_list_is_refused(force, url):
    with pytest.raises(InvalidInputError, match="HookHosts"):
        force.make(url=url)


def test_a_name_that_leads_inside_is_never_posted_to(force):
    hook = force.make(url="https://cad.force.example/in").hook
    message = Message(key="k", to=hook.id, subject="x", text="{}", link="x")
    with pytest.raises(PermanentError, match="address_not_public"):
        force.sender.send(message)


def test_without_listed_hosts_there_are_no_hooks(force):
    force.hooks._allowed = None
    with pytest.raises(HooksOffError):
        force.make()


def test_only_an_administrator_sees_or_makes_them(force):
    for role in ("comms", "local", "control", "supervisor", "auditor"):
        with pytest.raises(RefusedError):
            force.hooks.every(principal(role))


def test_two_administrators_at_once_lose_nothing(force):
    hook = force.make().hook
    force.hooks.rotate(ADMIN, hook.id, rev=1, idem=idem())
    with pytest.raises(ConflictError):
        force.hooks.rotate(ADMIN, hook.id, rev=1, idem=idem())


def test_neither_the_table_nor_the_record_holds_a_secret_and_the_record_no_address(force):
    made = force.make()
    items = json.dumps(list(force.table.items.values()), default=lambda raw: raw.hex())
    assert made.secret not in items
    assert base64.b64decode(made.secret.removeprefix("whsec_")).hex() not in items
    (chunk,) = (item for (pk, _), item in force.table.items.items() if pk.startswith("OUTBOX#"))
    assert b"127.0.0.1" not in b"".join(unpack(zlib.decompress(chunk["data"])))


def test_systems_are_told_of_risky_posts_alone_and_only_where_there_may_be_any():
    for systems, told_of in ((True, ["c1"]), (False, [])):
        world = World()
        world.account("1", "swindale")
        world.ingest(world.comment("c1", "I will kill you"), world.comment("c2", "Thank you"))
        judging = Judging(changer=world.changer, pseudonyms=world.pseudonyms, systems=systems)
        found = judging.get_for_judging([m.body["post_id"] for m in world.moderation.messages])
        assert judging.file_cases({post: (rev, judged(subject)) for post, (subject, rev) in found.items()}) == set()
        waiting = NoticeStore(world.table).waiting(10)
        by_id = {post_id("facebook-1", native): native for native in ("c1", "c2")}
        assert [by_id[one.about["post"]] for one in waiting] == told_of
        assert all(one.kind == "case_opened" for one in waiting)


def test_two_who_make_the_last_hook_at_once_do_not_exceed_the_most(force):
    for _ in range(MOST - 1):
        force.make()

    def meanwhile(name):
        if name == "transact":
            force.faults.before = None
            force.make()

    force.faults.before = meanwhile
    with pytest.raises(ConflictError, match="at the same moment"):
        force.make()
    assert len(force.hooks.every(ADMIN).hooks) == MOST
    with pytest.raises(InvalidInputError, match="the most"):
        force.make()
