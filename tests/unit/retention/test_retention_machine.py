"""Whatever people decide, and however messages come: what is held stays, and what goes was announced."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bluelamp.audit.archive import pull
from bluelamp.audit.verify import verify
from bluelamp.errors import BluelampError, ConflictError
from bluelamp.posts.model import Reason
from bluelamp.retention.model import NotYetError
from tests.support.world import idem
from tests.unit.retention.retention_kit import OFFICER, SUPERVISOR, Office

NATIVES = st.sampled_from(["1", "2", "3"])


class Decisions(RuleBasedStateMachine):
    """Three posts; holds, disposals, edits and a function whose messages come late and twice."""

    def __init__(self) -> None:
        super().__init__()
        self.office = Office()
        found = self.office.closed("1", "2", "3")
        self.posts = dict(zip(("1", "2", "3"), found, strict=True))
        self.holds: list[str] = []
        self.disposals: list[str] = []
        self.seen: list[dict] = []
        # Keys of a post at the moment at which it is held: none of these may go while it is.
        self.guarded: dict[str, set[str]] = {}
        self.known: set[str] = set()

    def keys_of(self, native: str) -> set[str]:
        return {content.key_id for _, content in self.office.contents(self.posts[native])}

    @rule(native=NATIVES)
    def hold(self, native: str) -> None:
        with suppress(ConflictError):
            self.holds.append(self.office.hold(self.posts[native]).id)
            self.guarded[native] = self.keys_of(native)

    @rule(n=st.integers(0, 9))
    def lift(self, n: int) -> None:
        if self.holds:
            with suppress(ConflictError):
                self.office.lift(self.holds[n % len(self.holds)])
            for native in list(self.guarded):
                if not self.office.post(self.posts[native]).holds:
                    del self.guarded[native]

    @rule(natives=st.sets(NATIVES, min_size=1))
    def propose(self, natives: set[str]) -> None:
        with suppress(ConflictError):
            self.disposals.append(self.office.propose(*(self.posts[native] for native in sorted(natives))).id)

    @rule(natives=st.sets(NATIVES, min_size=1), held=st.sampled_from(["", "1", "2"]))
    def propose_and_approve(self, natives: set[str], held: str) -> None:
        before = len(self.disposals)
        self.propose(natives)
        if held:
            self.hold(held)
        if len(self.disposals) > before:
            self.office.approve(self.disposals[-1])

    @rule(n=st.integers(0, 9), refused=st.booleans())
    def decide(self, n: int, refused: bool) -> None:  # noqa: FBT001
        if self.disposals:
            disposal = self.disposals[n % len(self.disposals)]
            with suppress(ConflictError):
                if refused:
                    self.office.disposals.refuse(SUPERVISOR, disposal, reason="still_needed", idem=idem())
                else:
                    self.office.approve(disposal)

    @rule(native=NATIVES)
    def edit(self, native: str) -> None:
        self.office.pass_time(minutes=1)
        comment = self.office.comment(native, f"edited at {self.office.now}", edited=True)
        self.office.ingest(comment)

    @rule()
    def judge_and_close(self) -> None:
        self.office.judge_all()
        for post_id in self.posts.values():
            post = self.office.post(post_id)
            if post.case.state == "open":
                self.office.posts.dismiss(OFFICER, post_id, reason=Reason(code="no_action"), rev=post.rev, idem=idem())

    @rule()
    def seal(self) -> None:
        self.office.seal()

    @rule(n=st.integers(0, 9))
    def work(self, n: int) -> None:
        queue = self.office.disposal_queue.messages
        if queue:
            self.run(queue.pop(n % len(queue)).body)

    @rule()
    def work_off(self) -> None:
        self.office.work(rounds=400)

    @rule(n=st.integers(0, 99))
    def work_again(self, n: int) -> None:
        if self.seen:
            self.run(self.seen[n % len(self.seen)])

    def run(self, body: dict) -> None:
        self.seen.append(body)
        with suppress(NotYetError):
            self.office.destroying().run(body)

    @invariant()
    def what_is_held_stays(self) -> None:
        left = self.office.keys_left()
        self.known |= left
        for keys in self.guarded.values():
            assert keys <= left

    @invariant()
    def what_is_gone_was_announced(self) -> None:
        gone = self.known - self.office.keys_left()
        assert not gone or gone <= self.office.keys_announced()

    @invariant()
    def a_disposed_post_has_no_words(self) -> None:
        for post_id in self.posts.values():
            post = self.office.post(post_id)
            assert not post.disposed_at or (post.text, post.author.id) == ("", None)

    def teardown(self) -> None:
        self.office.work(rounds=400)
        for disposal in self.disposals:
            found = self.office.store.disposal(disposal)
            assert found.state in {"proposed", "refused", "done"}
        for native, post_id in self.posts.items():
            post = self.office.post(post_id)
            assert bool(post.disposal) == bool(post.disposed_at)
            assert bool(post.disposal) != bool(self.office.readable(post_id)), native
        for hold in self.holds:
            assert self.office.store.hold(hold).state in {"held", "released"}


TestDecisions = Decisions.TestCase
TestDecisions.settings = settings(
    derandomize=True,
    deadline=None,
    max_examples=80,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow],
)
TestDecisions.pytestmark = [pytest.mark.slow]


def test_the_chain_holds_after_all_of_it(office, tmp_path):
    first, second = office.closed("1", "2")
    hold = office.hold(first)
    made = office.propose(second)
    office.pass_time(minutes=1)
    office.ingest(office.comment("1", "an edited idiot", edited=True))
    office.approve(made.id)
    office.work()
    office.lift(hold.id)
    with pytest.raises(BluelampError):
        office.propose(first)  # its edit opened the case again
    office.work()
    pull(office.evidence, tmp_path)
    assert [str(f) for f in verify(tmp_path).failures] == []
