"""The daily run against a genuine `openssl ts` authority and a genuine witness, over HTTP on the loopback address."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bluelamp.anchors.errors import BadAnswerError, ClockError, ForkSeenError, UnreachableError
from bluelamp.anchors.http import MAX_ANSWER, Courier, Reply
from bluelamp.anchors.protocol import answer
from bluelamp.anchors.service import Anchored, Anchors
from bluelamp.anchors.store import WitnessStore
from bluelamp.anchors.tsa import ANSWERED, TimestampAuthority
from bluelamp.anchors.witness import Witness
from bluelamp.anchors.witness_client import WitnessClient, parse_witnesses
from bluelamp.audit import certificates, cosign, layout, timestamps
from bluelamp.audit.anchorcheck import Trust
from bluelamp.audit.cosign import WitnessKey
from bluelamp.audit.note import LocalSigner, Note, VerifierKey
from bluelamp.audit.prove import BrokenArchiveError
from bluelamp.audit.timestamps import WrongAuthorityError
from bluelamp.cloud.memory import MemoryTable
from bluelamp.errors import InvalidInputError
from tests.support.tsa import Authority, serving
from tests.unit.audit.log_kit import ORIGIN, LogWorld

SIGNER = LocalSigner(bytes(range(1, 33)))
NAME = "witness.example/w1"
KEY = WitnessKey(NAME, SIGNER.public())


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.make(tmp_path_factory.mktemp("tsa"), kind="ec")


def now():
    return datetime.now(UTC).replace(microsecond=0)


class World(LogWorld):
    """A log that lives in the present, an authority and a witness to ask, and what the run said."""

    def __init__(self, authority):
        super().__init__()
        self.clock.now = now()
        self.authority = authority
        self.asked, self.told, self.wakes = [], [], 0
        self.stack = ExitStack()
        self.witness = Witness(
            name=NAME,
            logs=[VerifierKey(f"{ORIGIN}/2026", self.signer.public())],
            store=WitnessStore(MemoryTable()),
            signer=SIGNER,
            clock=self.clock,
        )
        self.tsa_answer = lambda body: (200, ANSWERED, self.authority.reply(body))
        self.tsa_url = self.stack.enter_context(serving(self._stamp))
        self.witness_url = self.stack.enter_context(serving(self._cosign))
        self.post = Courier(sleep=lambda _: None)

    def _stamp(self, body):
        return self.tsa_answer(body)  # exchanged by tests

    def _cosign(self, body):
        self.asked.append(body.partition(b"\n")[0].decode())
        return answer(self.witness, body)

    def sources(self, *, certificate=""):
        return [
            TimestampAuthority(self.tsa_url, post=self.post, certificate=certificate, clock=self.clock),
            WitnessClient(KEY, self.witness_url, post=self.post, clock=self.clock),
        ]

    def run(self, *sources):
        def wake():
            self.wakes += 1

        anchors = Anchors(
            table=self.table,
            bucket=self.bucket,
            sources=sources or self.sources(),
            wake=wake,
            told=lambda who, error: self.told.append((who, type(error))),
            clock=self.clock,
        )
        return anchors.anchor()

    def names(self, kind):
        return [n for n in sorted(self.bucket.objects) if f"/{kind}/" in n]

    def leaves(self):
        """The anchor leaves that are sealed, in order."""
        self.seal()
        found = []
        for name in sorted(n for n in self.bucket.objects if layout.parse_entries(n)):
            found += [json.loads(body) for body in layout.unpack(self.bucket.objects[name])]
        return [leaf["anchor"] for leaf in found if leaf["type"] == "anchor"]

    def trust(self):
        return Trust([self.authority.root], [KEY])


@pytest.fixture
def world(authority):
    made = World(authority)
    made.busy_day(3)
    with made.stack:
        yield made


def test_token_and_cosignature_are_kept_and_recorded(world, tmp_path):
    size = max(layout.parse_checkpoint(n)[1] for n in world.bucket.objects if layout.parse_checkpoint(n))
    assert world.run() == Anchored(sources=2, made=2)
    (token,), (line,) = world.names("timestamps"), world.names("cosignatures")
    checkpoint = world.bucket.objects[layout.checkpoint_key(2026, size)]
    assert token == f"2026/timestamps/{size:012d}.tsr"
    assert line == f"2026/cosignatures/{size:012d}/witness.example-w1.{KEY.id.hex()}"
    timestamps.verify(world.bucket.objects[token], checkpoint, [world.authority.root])
    assert world.authority.openssl_accepts(world.bucket.objects[token], checkpoint)
    assert len(Note.parse(checkpoint + world.bucket.objects[line]).signatures) == 2
    stamp, cosigned = world.leaves()
    assert (stamp["kind"], stamp["log"], stamp["size"], stamp["place"]) == ("timestamp", f"{ORIGIN}/2026", size, token)
    assert stamp["by"] == f"sha256:{certificates.fingerprint(world.authority.signer)}"
    assert (cosigned["kind"], cosigned["by"]) == ("cosignature", f"witness:witness.example-w1.{KEY.id.hex()}")
    assert {"at", "sha256"} <= set(stamp) & set(cosigned)
    assert world.wakes == 1
    report = world.verify(tmp_path, trust=world.trust())
    assert (report.verdict, report.anchored) == ("OK", size)


def test_what_is_anchored_is_not_anchored_again(world):
    world.run()
    before = dict(world.bucket.objects)
    assert world.run() == Anchored(sources=2)
    assert world.bucket.objects == before
    assert world.asked == ["old 0"]


def test_the_next_day_goes_on_from_the_last(world):
    world.run()
    world.seal()
    world.clock.pass_(minutes=1)
    world.put(world.change("more"))
    world.seal()
    assert world.run() == Anchored(sources=2, made=2)
    first = int(world.names("timestamps")[0][-16:-4])
    assert world.asked == ["old 0", f"old {first}"]
    assert len(world.names("cosignatures")) == 2
    assert len(world.leaves()) == 4


def test_without_anybody_to_ask_nothing_is_done_and_nothing_fails(world):
    anchors = Anchors(table=world.table, bucket=world.bucket, sources=[], wake=pytest.fail)
    before = len(world.bucket.objects)
    assert anchors.anchor() == Anchored(sources=0)
    assert len(world.bucket.objects) == before


def test_an_empty_log_is_not_anchored(authority):
    empty = World(authority)
    with empty.stack:
        assert empty.run() == Anchored(sources=2)


def test_one_that_fails_stops_no_other_and_is_recorded(world):
    world.tsa_answer = lambda body: (503, "text/plain", b"unwell")
    assert world.run() == Anchored(sources=2, made=1, failed=1)
    assert world.told == [("authority:127.0.0.1", UnreachableError)]
    failed, made = world.leaves()
    assert (failed["error"], failed["by"], failed["kind"]) == ("anchor_unreachable", "authority:127.0.0.1", "timestamp")
    assert "error" not in made
    assert not world.names("timestamps")


def test_a_failure_that_lasts_for_a_second_day_is_counted_until_it_is_over(world):
    sound = world.tsa_answer
    world.tsa_answer = lambda body: (404, "text/plain", b"gone")
    assert [(world.run().failed, world.run().lasting)] == [(1, 0)]
    world.clock.pass_(hours=23, minutes=50)
    assert world.run().lasting == 1
    world.tsa_answer = sound
    world.clock.now = now()
    assert world.run() == Anchored(sources=2, made=1)
    world.put(world.change("more"))
    world.seal()
    world.tsa_answer = lambda body: (404, "text/plain", b"gone")
    assert world.run().lasting == 0


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["before", "after"])
def test_a_kill_anywhere_is_made_good_by_the_next_run(authority, tmp_path, hook):
    class KilledError(BaseException):
        pass

    for place in count():
        world = World(authority)
        calls = count()

        def kill(_name, world=world, calls=calls, place=place):
            if next(calls) == place:
                setattr(world.faults, hook, None)
                raise KilledError

        with world.stack:
            world.busy_day(2)
            setattr(world.faults, hook, kill)
            try:
                world.run()
            except KilledError:
                world.run()
            else:
                assert place > 7
                return
            assert [leaf["kind"] for leaf in world.leaves()] == ["timestamp", "cosignature"]
            assert world.verify(tmp_path / str(place), trust=world.trust()).anchored is not None


def test_the_year_that_ended_is_anchored_at_its_very_end(world, tmp_path):
    world.run()
    world.seal()
    world.clock.now = datetime(2027, 1, 1, 0, 5, tzinfo=UTC)
    world.put(world.change("new year"))
    world.seal()
    lenient = [WitnessClient(KEY, world.witness_url, post=world.post, clock=world.clock)]
    done = world.run(*lenient)
    assert done == Anchored(sources=1, made=2)
    closed = max(layout.parse_checkpoint(n)[1] for n in world.bucket.objects if n.startswith("2026/checkpoints/"))
    assert [n for n in world.names("cosignatures") if n.startswith(f"2026/cosignatures/{closed:012d}/")]
    assert [n for n in world.names("cosignatures") if n.startswith("2027/")]
    assert world.run(*lenient) == Anchored(sources=1)


def test_a_checkpoint_that_the_table_does_not_know_is_not_anchored(world):
    name = max(n for n in world.bucket.objects if layout.parse_checkpoint(n))
    world.bucket.objects[name] += b"\n"
    with pytest.raises(BrokenArchiveError):
        world.run()


# the authority -------------------------------------------------------------------------------------------------------


def fails_with(world, error, *sources):
    assert world.run(*(sources or world.sources()[:1])).failed == 1
    assert [kind for _, kind in world.told] == [error]


def test_a_token_for_another_request_is_refused(world):
    other = timestamps.request(b"other", 5)
    world.tsa_answer = lambda body: (200, ANSWERED, world.authority.reply(other))
    fails_with(world, BadAnswerError)


def test_an_authority_whose_clock_is_wrong_is_refused(world):
    world.clock.pass_(minutes=20)
    fails_with(world, ClockError)


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [(200, "text/html", b"<p>hello"), (302, ANSWERED, b""), (200, ANSWERED, b"x" * (MAX_ANSWER + 1))],
    ids=["a page", "elsewhere", "without end"],
)
def test_what_is_no_answer_of_an_authority(world, status, kind, body):
    world.tsa_answer = lambda _: (status, kind, body)
    fails_with(world, BadAnswerError)


def test_another_authority_than_the_pinned_one_is_refused_at_once(world):
    pinned = certificates.fingerprint(world.authority.middle)
    assert world.run(world.sources(certificate=":".join(pinned[i : i + 2] for i in range(0, 64, 2)).upper())[0]).made
    world.put(world.change("more"))
    world.seal()
    fails_with(world, WrongAuthorityError, world.sources(certificate="00" * 32)[0])


@pytest.mark.parametrize("url", ["http://tsa.example/tsr", "ftp://127.0.0.1/", "file:///etc/hostname", "tsa.example"])
def test_nobody_is_asked_over_an_open_line(world, url):
    fails_with(world, BadAnswerError, TimestampAuthority(url, post=world.post, clock=world.clock))


def test_nobody_there_is_asked_three_times():
    waits = []
    with pytest.raises(UnreachableError):
        Courier(sleep=waits.append)("http://127.0.0.1:9/", b"", "text/plain")
    assert waits == [1.0, 4.0]


# the witness ---------------------------------------------------------------------------------------------------------


def answers(*replies):
    """A way out that answers with these in turn."""
    left = list(replies)
    return lambda *_: left.pop(0)


def client(world, *replies):
    return WitnessClient(KEY, "https://witness.example", post=answers(*replies), clock=world.clock)


def test_a_witness_that_saw_more_is_asked_again_from_there(world):
    # Our own mark is lost: the table was restored.
    world.run()
    world.put(world.change("more"))
    world.seal()
    for key in [k for k in world.table.items if k[0].startswith("ANCHOR#")]:
        del world.table.items[key]
    assert world.run(world.sources()[1]) == Anchored(sources=1, made=1)
    assert [a for a in world.asked if a == "old 0"] == ["old 0", "old 0"]
    assert world.asked[-1] != "old 0"


def test_a_witness_that_saw_a_later_checkpoint_tells_of_a_fork(world):
    fails_with(world, ForkSeenError, client(world, Reply(409, "text/x.tlog.size", b"100000\n")))


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "witness_log_unknown"), (403, "witness_key_refused"), (422, "witness_fork"), (400, "anchor_answer")],
)
def test_what_a_witness_refuses_has_a_name(world, status, code):
    assert world.run(client(world, Reply(status, "text/plain", b""))).failed == 1
    assert world.leaves()[0]["error"] == code


@pytest.mark.parametrize("body", [b"", b"7", b"07\n", b"-1\n", b"7\n7\n", b"x\n"])
def test_a_size_that_is_none_is_no_answer(world, body):
    fails_with(world, BadAnswerError, client(world, Reply(409, "text/x.tlog.size", body)))


def test_a_witness_that_goes_round_in_circles_is_left(world):
    replies = [Reply(409, "text/x.tlog.size", b"%d\n" % n) for n in (1, 2, 1)]
    fails_with(world, BadAnswerError, client(world, *replies))


def test_a_cosignature_by_another_key_is_none(world):
    checkpoint = world.bucket.objects[max(n for n in world.bucket.objects if layout.parse_checkpoint(n))]
    other = cosign.cosign(Note.parse(checkpoint).text, NAME, LocalSigner(bytes(32)), world.clock())
    fails_with(world, cosign.MalformedCosignatureError, client(world, Reply(200, "text/plain", str(other).encode())))


def test_a_witness_whose_clock_is_wrong_is_refused(world):
    checkpoint = world.bucket.objects[max(n for n in world.bucket.objects if layout.parse_checkpoint(n))]
    late = cosign.cosign(Note.parse(checkpoint).text, NAME, SIGNER, world.clock() + timedelta(minutes=11))
    fails_with(world, ClockError, client(world, Reply(200, "text/plain", str(late).encode())))


def test_other_keys_of_the_same_witness_are_left_out(world):
    checkpoint = world.bucket.objects[max(n for n in world.bucket.objects if layout.parse_checkpoint(n))]
    text = Note.parse(checkpoint).text
    ours = cosign.cosign(text, NAME, SIGNER, world.clock())
    other = cosign.cosign(text, NAME, LocalSigner(bytes(32)), world.clock())
    assert world.run(client(world, Reply(200, "text/plain", f"{other}{ours}".encode()))).made == 1
    (name,) = world.names("cosignatures")
    assert world.bucket.objects[name] == str(ours).encode()


def test_witnesses_are_read_from_the_setting():
    both = f"{KEY} https://one.example/w,  {KEY} https://two.example ,"
    assert parse_witnesses(both) == [(KEY, "https://one.example/w"), (KEY, "https://two.example")]
    assert parse_witnesses("") == []
    with pytest.raises(InvalidInputError, match="witness 2"):
        parse_witnesses(f"{KEY} https://one.example, https://two.example")
