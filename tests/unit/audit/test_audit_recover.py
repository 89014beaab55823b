"""The drill: the table goes back to every earlier point of a recorded run; the log goes on, unforked and provable."""

from __future__ import annotations

import copy
import hashlib
import json
from collections import Counter
from datetime import timedelta

import pytest

from bluelamp.audit import layout
from bluelamp.audit.head import head_key, latest_head
from bluelamp.audit.leaf import Obj, Op, Reason, draft
from bluelamp.audit.note import LocalSigner
from bluelamp.audit.outbox import Chunk, Release, outbox_key, sequence_key
from bluelamp.audit.prove import BrokenArchiveError
from bluelamp.audit.recover import ArchiveBehindError, NotTheBeginningError, Recovery, RecoveryError, TornChunkError
from bluelamp.audit.sequencer import ForkError, LostChunkError
from bluelamp.audit.survey import Survey
from bluelamp.cloud.dynamodb import Delete, Put
from tests.unit.audit.log_kit import OFFICER, ORIGIN, SEED, LogWorld, seeded

SEEDS = 4


class KilledError(BaseException):
    """The process is gone; nothing in the code may catch this."""


class Desk(LogWorld):
    """A log whose objects stand in the table too, as posts do: revision and digest go back with it."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[dict] = []
        self.faults.after = self._remember

    def _remember(self, name: str) -> None:
        if name in {"write", "transact"}:
            self.points.append(copy.deepcopy(self.table.items))

    def act(self, name: str, type: str = "ingest", **fields):  # noqa: A002
        """Change an object: its item and its leaf in one transaction."""
        item = self.table.items.get((f"POST#{name}", "POST"), {"rev": 0, "head": None})
        key = hashlib.sha256(name.encode()).hexdigest()
        obj = Obj(kind="comment", key=key, rev=item["rev"] + 1, prev=item["head"])
        leaf = draft(type=type, at=self.clock(), actor=OFFICER, account="facebook-1", obj=obj, **fields)
        releases = (Release(0, {"intent": leaf.id, "name": name}),) if type == "intent" else ()
        chunk = Chunk.of([leaf], releases)
        writes = [Put({"pk": f"POST#{name}", "sk": "POST", "rev": obj.rev, "head": leaf.digest}), chunk.put()]
        if type == "intent":
            writes.append(Put({"pk": f"POST#{name}", "sk": f"ACTION#{leaf.id}"}))
        elif type == "outcome":
            writes.append(Delete((f"POST#{name}", f"ACTION#{fields['op'].intent}")))
        self.table.transact(writes)
        self.written.append(leaf)
        return leaf

    def finish(self, name: str, intent: str) -> None:
        """Carry out an action; one that is finished is left alone, however often it is released."""
        if (f"POST#{name}", f"ACTION#{intent}") in self.table.items:
            self.act(name, "outcome", op=Op(intent=intent, result="done"))

    def next(self) -> dict[str, str]:
        body = self.actions.messages.pop(0).body
        return {"name": body["name"], "intent": body["intent"]}

    def some(self, random) -> None:
        for _ in range(random.randint(1, 4)):
            name = f"post-{random.randrange(5)}"
            if random.random() < 0.25:
                self.act(name, "intent", op=Op(verb="hide"), reason=Reason(code="abuse"))
            else:
                self.act(name, random.choice(["ingest", "edit", "claim"]))

    def day(self, random, rounds: int = 6, *, new_year: bool = False) -> None:
        """Write, seal, carry out what was released; now and then something waits unsealed for a while."""
        for number in range(rounds):
            if new_year and number == rounds // 2:
                self.clock.now = self.clock.now.replace(year=2027, month=1, day=1)
            self.some(random)
            if random.random() < 0.7:
                self.seal()
            while self.actions.messages and random.random() < 0.8:
                self.finish(**self.next())
            self.clock.pass_(seconds=random.choice([2, 30, 50]))

    def settle(self) -> None:
        """Finish all that was begun."""
        for _ in range(3):
            self.seal()
            while self.actions.messages:
                self.finish(**self.next())
        self.seal()

    def go_back(self, items: dict) -> None:
        """Restore the table. The queue is not restored: what was released and not yet done is gone as well."""
        self.table.items = copy.deepcopy(items)
        self.actions.messages.clear()

    def recovery(self, *, publics=None) -> Recovery:
        keys = [self.signer.public()] if publics is None else publics
        return Recovery(self.table, Survey(self.bucket, origin=ORIGIN, publics=keys), self.clock)

    def finish_what_the_table_knows(self, outcomes) -> None:
        """As the actions' part of a recovery does: what has no outcome in the archive is carried out again."""
        for pk, sk in sorted(k for k in self.table.items if k[1].startswith("ACTION#")):
            name, intent = pk.removeprefix("POST#"), sk.removeprefix("ACTION#")
            if intent in outcomes:
                del self.table.items[pk, sk]
            else:
                self.finish(name, intent)


def sealed(bucket):
    for name, raw in bucket.objects.items():
        found = layout.parse_entries(name)
        for seq, body in enumerate(layout.unpack(raw) if found else (), found[1] if found else 0):
            yield found[0], seq, body


def recorded(seed: int, **kwargs) -> Desk:
    desk = Desk()
    """Return a desk on the eve of its disaster: all is sealed, and some of what was released is not done yet."""
    desk.day(seeded(seed), **kwargs)
    desk.act("post-0", "intent", op=Op(verb="hide"), reason=Reason(code="abuse"))
    desk.seal()
    desk.faults.after = None
    return desk


def check(desk: Desk, archive: dict[str, bytes], directory) -> None:
    """Nothing that was under lock has changed, no record is there twice, and the whole is proven."""
    assert {name: desk.bucket.objects[name] for name in archive} == archive
    ids = Counter(json.loads(body)["id"] for _, _, body in sealed(desk.bucket))
    assert [i for i, n in ids.items() if n > 1] == []
    # A day later nothing is young any more: what is still open would fail.
    desk.clock.pass_(days=1)
    desk.act("post-8")
    desk.settle()
    report = desk.verify(directory)
    assert report.verdict == "OK", (report.failures + report.pending)[:3]


def after(desk: Desk, items: dict, directory, *, before=lambda: None, seed: int = 1):
    """Go back, recover, go on, and check; return what recovery found."""
    desk.go_back(items)
    archive = dict(desk.bucket.objects)
    before()
    found = desk.recovery().run(reference="INC-2026-17")
    assert not desk.recovery().run().needed
    desk.finish_what_the_table_knows(found.outcomes)
    desk.day(seeded(seed), 3)
    desk.settle()
    check(desk, archive, directory)
    return found


def alike(desk: Desk) -> Desk:
    """Return a copy that can be restored without touching the first."""
    twin = Desk()
    twin.faults.after = None
    twin.table.items = copy.deepcopy(desk.table.items)
    twin.bucket.objects = dict(desk.bucket.objects)
    twin.written = list(desk.written)
    twin.clock.now = desk.clock.now
    return twin


def drill(seed: int, directory, *, every: int, new_year: bool = False, **kwargs) -> Counter:
    desk = recorded(seed, new_year=new_year)
    done: Counter = Counter()
    for number, items in enumerate(desk.points[seed % every :: every]):
        twin = alike(desk)
        found = after(twin, items, directory / str(number), seed=seed, **kwargs)
        done["points"] += 1
        done["needed"] += found.needed
        done["placed"] += found.placed
        done["forgotten"] += sum(found.forgotten.values())
        done["intents"] += len(found.intents)
    return done


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_table_goes_back_to_earlier_points_and_nothing_forks(seed, tmp_path):
    done = drill(seed, tmp_path, every=13)
    assert done["needed"] >= done["points"] - 2
    assert done["forgotten"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0])
@pytest.mark.parametrize("new_year", [False, True])
def test_the_table_goes_back_to_every_earlier_point(seed, new_year, tmp_path):
    done = drill(seed, tmp_path, every=1, new_year=new_year)
    assert done["points"] > 35
    assert done["placed"]
    assert done["intents"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_over_the_new_year(seed, tmp_path):
    assert drill(seed, tmp_path, every=17, new_year=True)["needed"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_sequencer_that_ran_on_the_restored_head_is_set_right(seed, tmp_path):
    """It counts on from the old head, meets the archive, stops; its commit was never published and is undone."""
    desk = recorded(seed)
    stopped = 0
    for number, items in enumerate(desk.points[::19]):
        twin = alike(desk)

        def run(twin=twin):
            nonlocal stopped
            twin.act("post-7")
            try:
                twin.seal()
            except (ForkError, LostChunkError):
                stopped += 1

        after(twin, items, tmp_path / str(number), before=run)
    assert stopped


def torn(before: dict, now: dict, random) -> dict:
    """Return the table with a part only of what the last transaction wrote."""
    items = copy.deepcopy(before)
    for key in sorted(before.keys() | now.keys()):
        if before.get(key) != now.get(key) and random.random() < 0.5:
            if key in now:
                items[key] = copy.deepcopy(now[key])
            else:
                items.pop(key)
    return items


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_restore_may_hold_half_of_the_last_transaction(seed, tmp_path):
    desk = recorded(seed)
    random = seeded(seed)
    pairs = list(zip([{}, *desk.points], desk.points, strict=False))
    for number, (before, now) in enumerate(pairs[seed::11]):
        after(alike(desk), torn(before, now, random), tmp_path / str(number), seed=seed)


def test_a_table_that_is_lost_altogether_begins_anew_behind_the_archive(tmp_path):
    desk = recorded(3)
    size = sum(1 for _ in sealed(desk.bucket))
    found = after(desk, {}, tmp_path)
    assert (found.known, found.size) == (0, size)
    (place, restore) = next(
        ((y, s), json.loads(b)) for y, s, b in sealed(desk.bucket) if json.loads(b)["type"] == "restore"
    )
    assert place == (2026, size + 1)  # the first record behind the commit leaf of the next commit
    assert restore["restore"] == {"year": 2026, "known": 0, "first": 0, "chunks": 0, "intents": 1}
    assert restore["reason"] == {"code": "table_restored", "ref": "INC-2026-17"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_commit_without_its_checkpoint_is_taken_over_byte_by_byte(seed, tmp_path):
    """The writer put the entries, died, and its region with it: nobody has signed them, and they are under lock."""
    desk = recorded(seed)
    point = desk.points[len(desk.points) // 2]
    for _ in range(3):
        desk.some(seeded(seed))

    def die(name):
        if name == "put_if_absent" and any(layout.parse_checkpoint(n) for n in list(desk.bucket.objects)[-1:]):
            return
        if name == "put_if_absent":
            raise KilledError

    desk.faults.before = die
    with pytest.raises(KilledError):
        desk.seal()
    desk.faults.before = None
    unsigned = list(desk.bucket.objects)[-1]
    assert layout.parse_entries(unsigned)
    for number, items in enumerate((point, {}, desk.points[-1])):
        found = after(alike(desk), items, tmp_path / str(number), seed=seed)
        assert found.unsigned


@pytest.mark.slow
@pytest.mark.parametrize("point", [0.2, 0.6, 0.9])
def test_recovery_may_die_at_every_call(point, tmp_path):
    desk = recorded(2)
    items = desk.points[int(len(desk.points) * point)]
    deaths = 0
    for number in range(400):
        twin = alike(desk)
        twin.go_back(items)
        calls = 0

        def die(_name, number=number):
            nonlocal calls
            calls += 1
            if calls > number:
                raise KilledError

        twin.faults.before = die
        try:
            twin.recovery().run()
        except KilledError:
            deaths += 1
        else:
            break
        twin.faults.before = None
        after(twin, copy.deepcopy(twin.table.items), tmp_path / str(number))
    assert deaths > 5


def test_two_restores_one_after_the_other(tmp_path):
    desk = recorded(1)
    after(desk, desk.points[len(desk.points) // 3], tmp_path / "a")
    desk.faults.after = desk._remember
    desk.points.clear()
    desk.day(seeded(5), 4)
    desk.settle()
    desk.faults.after = None
    after(desk, desk.points[len(desk.points) // 2], tmp_path / "b", seed=3)
    assert [f.code for f in desk.verify(tmp_path / "b").remarks].count("restored") == 2


def test_a_dry_run_says_what_would_be_done_and_writes_nothing():
    desk = recorded(2)
    desk.go_back(desk.points[10])
    items, archive = copy.deepcopy(desk.table.items), dict(desk.bucket.objects)
    found = desk.recovery().run(dry_run=True)
    assert found.needed
    assert found.size > found.known
    assert sum(found.forgotten.values()) == sum(found.accounts.values())
    assert desk.table.items == items
    assert desk.bucket.objects == archive


def test_a_table_that_is_not_behind_is_left_alone(tmp_path):
    desk = recorded(1)
    desk.act("post-1")
    items = copy.deepcopy(desk.table.items)
    assert not desk.recovery().run().needed
    assert desk.table.items == items
    assert not Desk().recovery().run().needed


def test_without_a_restore_record_a_second_revision_stays_a_failure(tmp_path):
    """What recovery allows is allowed by its record alone."""
    desk = recorded(2)
    desk.go_back(desk.points[len(desk.points) // 2])
    desk.recovery().run()
    story = next(key for key in desk.table.items if key[0].startswith("OUTBOX#") and key[1].startswith("0000000000"))
    del desk.table.items[story]
    for name in range(5):
        desk.act(f"post-{name}")
    desk.settle()
    assert "revision" in {f.code for f in desk.verify(tmp_path).failures}


def test_objects_may_not_go_back_further_than_the_record_says(tmp_path):
    desk = recorded(2)
    desk.go_back(desk.points[-3])
    desk.recovery().run()
    desk.table.items["POST#post-1", "POST"] |= {"rev": 0, "head": None}
    desk.act("post-1")
    desk.settle()
    assert "revision" in {f.code for f in desk.verify(tmp_path).failures}


# what is refused ---------------------------------------------------------------------------------------------------


def test_another_history_than_the_archives_is_refused():
    desk, other = recorded(1), recorded(2)
    head = latest_head(other.table, 2026)
    desk.table.items[head_key(2026)] = copy.deepcopy(other.table.items[head_key(2026)])
    items = copy.deepcopy(desk.table.items)
    with pytest.raises((NotTheBeginningError, ArchiveBehindError)):
        desk.recovery().run()
    assert head is not None
    assert desk.table.items == items


def test_a_head_with_another_root_is_refused():
    desk = recorded(1)
    desk.go_back(desk.points[len(desk.points) // 2])
    item = desk.table.items[head_key(2026)]
    item["edge"] = bytes(32) + item["edge"][32:]
    with pytest.raises((NotTheBeginningError, RecoveryError)):
        desk.recovery().run()


def test_an_archive_without_its_tail_is_refused():
    desk = recorded(1)
    last = max(n for n in desk.bucket.objects if layout.parse_checkpoint(n))
    bundle = max(n for n in desk.bucket.objects if layout.parse_entries(n))
    del desk.bucket.objects[last], desk.bucket.objects[bundle]
    with pytest.raises(ArchiveBehindError, match="tampering"):
        desk.recovery().run()


def test_a_changed_record_is_refused():
    desk = recorded(1)
    bundle = max(n for n in desk.bucket.objects if layout.parse_entries(n))
    desk.bucket.objects[bundle] = desk.bucket.objects[bundle].replace(b'"v":1', b'"v":2')
    desk.go_back({})
    with pytest.raises(BrokenArchiveError, match="root"):
        desk.recovery().run()
    assert desk.table.items == {}


@pytest.mark.parametrize("kind", ["entries", "checkpoints", "keys"])
def test_a_missing_object_is_refused(kind):
    desk = recorded(1)
    name = min(n for n in desk.bucket.objects if f"/{kind}/" in n)
    del desk.bucket.objects[name]
    desk.go_back({})
    with pytest.raises(BrokenArchiveError):
        desk.recovery(publics=[] if kind == "keys" else None).run()


def test_a_key_that_is_not_ours_is_refused_and_believed_only_when_asked_to():
    desk = recorded(1)
    desk.go_back({})
    stranger = LocalSigner(bytes(32)).public()
    with pytest.raises(BrokenArchiveError, match="key of this deployment"):
        desk.recovery(publics=[stranger]).run()
    assert desk.recovery(publics=[]).run().needed


def test_another_deployments_archive_is_refused():
    desk = recorded(1)
    desk.go_back({})
    survey = Survey(desk.bucket, origin="log.elsewhere.example/bluelamp/elsewhere")
    with pytest.raises(BrokenArchiveError, match="another log"):
        Recovery(desk.table, survey, desk.clock).run()


def test_a_chunk_that_the_archive_has_in_part_is_refused():
    desk = Desk()
    leaves = [desk.change("a"), desk.change("b")]
    desk.put(*leaves)
    desk.seal()
    point = copy.deepcopy(desk.table.items)
    desk.put(desk.change("c"))
    desk.seal()
    desk.go_back(point)
    torn_chunk = Chunk.of([leaves[1], desk.change("z")])
    desk.table.items[outbox_key(torn_chunk.id)] = torn_chunk.put().item
    items = copy.deepcopy(desk.table.items)
    with pytest.raises(TornChunkError, match=torn_chunk.id):
        desk.recovery().run()
    assert desk.table.items == items


def test_a_writer_that_keeps_moving_the_head_is_named():
    desk = recorded(1)
    desk.go_back(desk.points[len(desk.points) // 2])

    def move(name):
        if name == "transact":
            desk.table.items[head_key(2026)]["rev"] += 1

    desk.faults.before = move
    with pytest.raises(RecoveryError, match="stop the seal function"):
        desk.recovery().run()


def test_it_reads_from_a_minute_before_the_point_and_not_from_the_beginning():
    desk = Desk()
    for number in range(40):
        desk.act(f"post-{number % 5}")
        desk.seal()
        desk.clock.pass_(seconds=20)
    survey = Survey(desk.bucket, origin=ORIGIN, publics=[LocalSigner(SEED).public()])
    assert survey.first_since(2026, 80, timedelta(seconds=60)) == 72
    assert survey.first_since(2026, 80, timedelta(days=1)) == 0
    assert survey.first_since(2026, 79, timedelta(seconds=60)) is None
    assert survey.first_since(2026, 0, timedelta(seconds=60)) == 0
    assert [commit.start for commit in survey.commits(2026, 72)] == [72, 74, 76, 78]


def test_places_of_chunks_are_found_again():
    """Proofs of what waited at the time of the restore are had by the chunk's name, as before."""
    desk = Desk()
    desk.act("post-0")
    desk.seal()
    leaf = desk.act("post-1")
    point = copy.deepcopy(desk.table.items)
    (chunk,) = desk.outbox()
    desk.seal()
    desk.go_back(point)
    desk.recovery().run()
    place = desk.table.items[sequence_key(chunk)]
    assert (place["year"], place["first_seq"], place["n"], place["start"], place["end"]) == (2026, 3, 1, 2, 4)
    assert [b for y, s, b in sealed(desk.bucket) if (y, s) == (2026, 3)] == [leaf.body]
    assert chunk not in desk.outbox()
