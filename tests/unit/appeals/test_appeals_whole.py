"""An appeal from draft to takedown over every platform there is, with a CCTV film of five minutes, and its leads."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
import requests

from bluelamp.appeals.gate import AppealGate, NotApprovedAppealError
from bluelamp.appeals.leads import LeadDesk
from bluelamp.appeals.model import Facts, Picture
from bluelamp.appeals.publications import FromPublishing
from bluelamp.appeals.service import Appeals
from bluelamp.appeals.store import AppealStore
from bluelamp.audit.leaf import Actor
from bluelamp.cursors import Cursors
from bluelamp.ids import new_ulid
from bluelamp.platforms import registry
from bluelamp.posts.ingest import Ingest
from bluelamp.posts.store import PostStore
from bluelamp.publishing.belonging import Belonging
from bluelamp.publishing.model import Attached, DraftFields
from bluelamp.publishing.sealed import SealedIntents
from bluelamp.publishing.sending import Sending
from bluelamp.times import iso, utc_now
from tests.faults.archive import Records
from tests.support import press as pressing
from tests.support.assets import film, picture
from tests.support.platforms import IDS, Desk, fresh, serving
from tests.support.world import World, idem, principal

pytestmark = pytest.mark.slow
PAT, SUE = principal(name="Pat Author"), principal("supervisor", teams=("swindale",), name="Sue Second")
FILM, STILL = new_ulid(), new_ulid()
ASSETS = {FILM: film(FILM, seconds=300, size=300_000), STILL: picture(STILL)}
ON = {platform: f"{platform}-{native}" for platform, native in IDS.items()}


@pytest.fixture(scope="module")
def sandbox():
    with serving() as running:
        yield running


class Whole(pressing.Press):
    """A press whose platforms are the sandbox, with the appeals before it."""

    def __init__(self, sandbox, session) -> None:
        world = World()
        world.now = utc_now()
        super().__init__(world)
        self.desks = {platform: Desk(platform, fresh(sandbox), session) for platform in IDS}
        for platform, native in IDS.items():
            world.accounts.add_account(
                platform=platform, native_id=native, name=f"Wealdshire on {platform}", kind="headquarters",
                team="swindale", by=Actor.system("seed"),
            )  # fmt: skip
        self.fitting.publisher, self.fitting._asset = registry.publisher, ASSETS.get
        self.books._may_go = AppealGate(AppealStore(world.table))
        publications = FromPublishing(self.publishing, Belonging(self.books))
        self.appeals = Appeals(
            AppealStore(world.table), publications=publications, accounts=world.accounts,
            pseudonyms=world.pseudonyms, cursors=Cursors(b"c" * 32), wake=lambda: None, notify=lambda: None,
            clock=world.clock,
        )  # fmt: skip
        self.leads = LeadDesk(self.appeals, publications=publications, changer=world.changer)

    def sending(self) -> Sending:
        return Sending(
            books=self.books, fitting=self.fitting,
            http=lambda account: self.desks[account.partition("-")[0]].http(),
            sealed=SealedIntents(PostStore(self.world.table)), releasing=self.releasing,
            queue=self.world.publish_queue,
        )  # fmt: skip

    def draft(self, platform, asset):
        fields = DraftFields(
            text="Do you know this man? Ring 101.", accounts=(ON[platform],),
            assets=(Attached(id=asset, alt="A man in a red coat at a counter"),),
        )  # fmt: skip
        return self.publishing.draft(PAT, fields, idem=idem())

    def receive(self):
        """Take in what the public wrote, as the platforms push it."""
        world = self.world
        for desk in self.desks.values():
            assert desk.control.idle()
        for platform, raw, _ in self.desks["x"].sandbox.pushed:
            ingest = Ingest(
                posts=PostStore(world.table), staging=world.staging, moderation=world.moderation,
                media=world.media_queue, live=world.live_queue, connector=registry.connector,
                account=world.finder.find, pseudonyms=world.pseudonyms, vault=world.vault,
                heard=world.heard.webhook, clock=world.clock,
            )  # fmt: skip
            ingest.ingest({
                "v": 1, "platform": platform, "source": "webhook", "kind": None, "account": None, "key": "k",
                "received_at": iso(world.now), "inline": base64.b64encode(raw).decode(),
            })  # fmt: skip
        self.desks["x"].sandbox.pushed.clear()
        world.judge_all()


def test_from_draft_to_takedown_with_a_film_and_leads(sandbox):
    with requests.Session() as session:
        whole = Whole(sandbox, session)
        drafts = [whole.draft("facebook", FILM), whole.draft("x", STILL)]
        facts = Facts(
            kind="cctv", title="Theft from a shop", reason="Nobody else can name him.", basis="task", ref="WP/2026/9",
            review_on=(whole.world.now + timedelta(days=28)).date().isoformat(),
            pictures=(Picture(asset=FILM, source="cctv"), Picture(asset=STILL, source="cctv")),
        )  # fmt: skip
        appeal = whole.appeals.make(PAT, facts=facts, publications=tuple(one.id for one in drafts), idem=idem()).appeal
        for one in drafts:  # nobody sends it past its appeal
            with pytest.raises(NotApprovedAppealError):
                whole.publishing.submit(PAT, one.id, rev=one.rev + 1, idem=idem())
        view = whole.appeals.propose(PAT, appeal.id, rev=1, idem=idem())
        view = whole.appeals.approve(SUE, appeal.id, rev=view.appeal.rev, idem=idem())
        whole.run()
        view = whole.appeals.open(PAT, appeal.id)
        assert {(copy.platform, copy.state) for copy in view.copies} == {("facebook", "out"), ("x", "out")}
        for copy in view.copies:
            whole.desks[copy.platform].reply_to({"id": copy.native_id}, "I saw him at the station")
        whole.receive()
        leads = whole.leads.every(PAT, appeal.id).leads
        assert {lead.post.platform for lead in leads} == {"facebook", "x"}
        whole.world.pass_time(minutes=30)
        view = whole.appeals.close(
            PAT, appeal.id, outcome="handed_in", outcome_at=whole.world.now, ending="take_down", text=None,
            rev=view.appeal.rev, idem=idem(),
        )  # fmt: skip
        assert view.minutes in {29, 30}
        whole.run()
        view = whole.appeals.open(PAT, appeal.id)
        assert ({copy.state for copy in view.copies}, view.remaining) == ({"down"}, 0)
        for copy in view.copies:
            assert whole.desks[copy.platform].state({"id": copy.native_id}) == "deleted"
        records = Records(whole.world.evidence.objects)
        # Each platform's taking down stands in the log with the intent before it and the outcome after it.
        assert (len(records.intents), len(records.outcomes)) == (4, 4)
