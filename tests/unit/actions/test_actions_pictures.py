"""The picture that goes with an answer: one's own, checked, such as the platform takes, and the one that was sealed."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from bluelamp.accounts.model import Policy
from bluelamp.actions.errors import PictureError
from bluelamp.actions.model import ChosenPicture
from bluelamp.actions.store import ActionStore
from bluelamp.assets.checking import Checking
from bluelamp.assets.lapsing import Lapsing
from bluelamp.assets.store import AssetStore
from bluelamp.assets.uploading import Uploading
from bluelamp.audit.outbox import Waiting
from bluelamp.errors import NotFoundError, OutOfScopeError
from bluelamp.ids import post_id
from bluelamp.people.rules import NotPermittedError
from bluelamp.platforms.contract import TimedOutError
from bluelamp.platforms.publishing import UnfitError
from bluelamp.replies.model import Use
from tests.support.films import film
from tests.support.world import World, idem, principal

COMMS, BO = principal("comms"), principal("comms", name="Bo Officer").model_copy(update={"id": "sub-bo"})
CONTROL = principal("control")
NORTH = principal("supervisor", teams=("north",), name="Una Supervisor")
ALT = "A map of the closed road"


def drawn(kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (32, 20), (90, 20, 30)).save(out, kind)
    return out.getvalue()


class Desk(World):
    """One account, a judged post on it, and what officers send in."""

    def __init__(self):
        super().__init__()
        self.account("1", "north")
        how = {"store": AssetStore(self.table), "uploads": self.uploads, "wake": lambda: None, "clock": self.clock}
        self.uploading = Uploading(carries=lambda *_: False, answered=self.actions.picture_of, **how)
        self.checking = Checking(**how)
        self.post_id = self.judged("n1")

    def judged(self, native, **more):
        self.ingest(self.comment(native, "Is the road closed?", **more))
        self.judge_all()
        self.seal()
        return post_id("facebook-1", native)

    def sent_in(self, body, media_type, by=COMMS, *, checked=True):
        made = self.uploading.begin(by, media_type=media_type, size=len(body), idem=idem())
        (part,) = self.uploading.links(by, made.id).parts
        assert self.uploads.put_part(part.url, body) == 200
        self.uploading.complete(by, made.id, idem=idem())
        if checked:
            self.checking.check({"asset_id": made.id})
        return made.id

    def picture(self, **how):
        return self.sent_in(drawn(), "image/png", **how)

    @property
    def post(self):
        return self.changer.posts.get(self.post_id, consistent=True)

    def reply(self, asset, by=COMMS, **more):
        chosen = ChosenPicture(id=asset, alt=ALT)
        given = {"text": "Yes, until noon.", "rev": self.post.rev, "idem": idem(), **more}
        return self.actions.reply(by, self.post_id, picture=chosen, **given).action

    def action(self, action_id):
        return ActionStore(self.table).get(self.post_id, action_id)

    def carry_out(self):
        self.seal()
        self.act_all()

    def leaves(self, kind):
        chunks = [Waiting.from_item(i) for (pk, _), i in self.table.items.items() if pk.startswith("OUTBOX#")]
        found = [json.loads(body) for chunk in chunks for body in chunk.bodies()]
        return [one for one in found if one["type"] == kind]


@pytest.fixture
def desk():
    return Desk()


def test_it_is_sent_with_the_words_and_named_by_the_record(desk):
    asset = desk.picture()
    action = desk.reply(asset)
    kept = AssetStore(desk.table).get(asset)
    (intent,) = desk.leaves("intent")
    assert intent["attached"] == {"id": asset, "sha256": kept.sha256}
    assert ALT not in json.dumps(intent)
    desk.carry_out()
    assert desk.action(action.id).state == "done"
    assert desk.platform.replies == [("n1", "Yes, until noon.")]
    assert desk.platform.pictures == [("n1", asset, ALT, desk.uploads.objects[kept.key])]
    assert action.picture.alt == ALT


def test_its_description_is_kept_with_the_words(desk):
    action = desk.reply(desk.picture())
    (intent,) = desk.leaves("intent")
    words = desk.pseudonyms.words("facebook-1", "n1", f"Yes, until noon.\n\nPicture: {ALT}", ())
    assert intent["obj"]["digest"] == words
    assert intent["correlation"] == action.id


def test_without_one_nothing_is_named(desk):
    desk.actions.reply(COMMS, desk.post_id, text="Yes.", rev=desk.post.rev, idem=idem())
    (intent,) = desk.leaves("intent")
    assert "attached" not in intent
    desk.carry_out()
    assert desk.platform.pictures == []


def test_what_somebody_else_sent_in_is_not_there(desk):
    with pytest.raises(OutOfScopeError):
        desk.reply(desk.picture(by=BO))
    with pytest.raises(NotFoundError):
        desk.reply("01BX5ZZKBKACTAV9WEVGEMMVRZ")
    assert desk.leaves("intent") == []


@pytest.mark.parametrize(
    ("body", "media_type", "checked", "why"),
    [
        (drawn(), "image/png", False, "not checked yet"),
        (drawn("GIF"), "image/gif", True, "takes no picture of type image/gif"),
        (film(), "video/mp4", True, "no film"),
    ],
)
def test_what_the_platform_would_not_take_is_refused_before_anything(desk, body, media_type, checked, why):
    with pytest.raises(PictureError, match=why):
        desk.reply(desk.sent_in(body, media_type, checked=checked))
    assert (desk.leaves("intent"), desk.post.pending) == ([], None)


def test_not_in_private_where_the_platform_takes_words_alone(desk):
    desk.post_id = desk.judged("m1", kind="message", private=True)
    with pytest.raises(PictureError, match="takes no picture with such words"):
        desk.reply(desk.picture())


def test_what_goes_with_answers_is_said_when_a_post_is_opened(desk):
    (limits,) = desk.posts.open_post(COMMS, desk.post_id).pictures
    assert (limits.verb, limits.types, limits.size) == ("reply", ("image/jpeg", "image/png"), 4 * 1024 * 1024)
    private = desk.judged("m1", kind="message", private=True)
    assert desk.posts.open_post(COMMS, private).pictures == ()


def test_who_answers_with_saved_replies_alone_adds_no_picture(desk):
    saved = desk.replies.create(COMMS, scope="force", title="Roads", text="The road is closed.", idem=idem())
    use = Use(id=saved.id, version=saved.version)
    asset = desk.picture(by=CONTROL)
    with pytest.raises(NotPermittedError):
        desk.reply(asset, by=CONTROL, text=None, saved=use)
    desk.reply(desk.picture(), text=None, saved=use)
    (intent,) = desk.leaves("intent")
    assert intent["saved"] == {"id": saved.id, "version": saved.version}


def test_it_is_kept_for_good_once_an_answer_names_it(desk):
    used, unused = desk.picture(), desk.picture()
    desk.reply(used)
    desk.pass_time(days=31)
    lapsing = Lapsing(store=AssetStore(desk.table), wake=lambda: None, clock=desk.clock)
    lapsing.run()
    assert [AssetStore(desk.table).get(one).state for one in (used, unused)] == ["ready", "expired"]
    desk.post_id = desk.judged("n2")
    with pytest.raises(NotFoundError):
        desk.reply(unused)


def test_its_description_goes_with_the_words_when_the_post_is_disposed_of(desk):
    action = desk.reply(desk.picture())
    desk.carry_out()
    for _ in range(2):
        desk.changer.posts.forget_words(desk.post_id)
    assert (desk.action(action.id).text, desk.action(action.id).picture) == ("", None)
    assert ALT not in json.dumps([item for (pk, _), item in desk.table.items.items() if pk.startswith("POST#")])


class TestApproved:
    """Where a second person has to agree, they see it, and that very one goes out."""

    @pytest.fixture
    def desk(self, desk):
        policy = Policy(approve_reply="supervisor")
        desk.table.items["ACCOUNTS", "facebook-1"]["policy"] = policy.model_dump(mode="json")
        desk.pass_time(minutes=2)  # what is known of an account is kept for a moment
        return desk

    def test_it_is_shown_to_who_approves_and_sent_afterwards(self, desk):
        asset = desk.picture()
        proposed = desk.reply(asset)
        assert AssetStore(desk.table).carried(asset)
        (waiting,) = desk.approving.list_for(NORTH).approvals
        assert (waiting.picture.id, waiting.picture.alt) == (asset, ALT)
        shown = desk.uploading.of_answer(NORTH, desk.post_id, proposed.id)
        assert shown.link is not None
        (view,) = (one for one in desk.leaves("view") if one["obj"]["kind"] == "asset")
        assert view["correlation"] == proposed.id
        desk.approving.approve(NORTH, desk.post_id, proposed.id, rev=desk.post.rev, idem=idem())
        asked, agreed = (one for one in desk.leaves("decide") + desk.leaves("intent") if one.get("attached"))
        assert asked["attached"] == agreed["attached"]
        desk.carry_out()
        assert [one[1:3] for one in desk.platform.pictures] == [(asset, ALT)]

    def test_out_of_reach_it_is_not_there(self, desk):
        proposed = desk.reply(desk.picture())
        with pytest.raises(NotFoundError):
            desk.uploading.of_answer(principal("local", teams=("south",)), desk.post_id, proposed.id)
        with pytest.raises(NotFoundError, match="no picture with this answer"):
            desk.uploading.of_answer(NORTH, desk.post_id, "01BX5ZZKBKACTAV9WEVGEMMVRZ")


def test_what_is_not_the_one_that_was_sealed_is_not_sent(desk):
    asset = desk.picture()
    action = desk.reply(asset)
    key = AssetStore(desk.table).get(asset).key
    desk.uploads.objects[key] = b"another picture"
    desk.carry_out()
    found = desk.action(action.id)
    assert (found.state, found.error, desk.platform.replies) == ("failed", "asset_lost", [])
    assert "not there any more" in found.view().why


def test_what_the_platform_does_not_want_after_all_fails_with_words_for_it(desk):
    action = desk.reply(desk.picture())
    desk.platform.next_error = [UnfitError("too dark", what="picture")]
    desk.carry_out()
    found = desk.action(action.id)
    assert (found.state, found.error) == ("failed", "unfit")
    assert "does not take it" in found.view().why


def test_an_answer_that_was_lost_is_not_said_to_have_failed_when_the_picture_goes(desk):
    asset = desk.picture()
    action = desk.reply(asset)
    desk.platform.next_error = [TimedOutError("no answer")]
    desk.seal()
    desk.act_all(rounds=1)
    assert desk.action(action.id).error is None
    del desk.uploads.objects[AssetStore(desk.table).get(asset).key]
    desk.pass_time(minutes=2)
    desk.act_all()
    assert (desk.action(action.id).state, desk.platform.replies) == ("failed", [])
