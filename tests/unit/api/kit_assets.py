"""Pictures and films behind the routes: the real service over the world's table, and a bucket in memory."""

from __future__ import annotations

from typing import Any

from bluelamp.actions.model import Action
from bluelamp.actions.store import ActionStore
from bluelamp.assets.model import AnswerPicture
from bluelamp.assets.store import AssetStore
from bluelamp.assets.upload import Upload
from bluelamp.assets.uploading import Uploading
from bluelamp.cloud.memory_uploads import MemoryUploads
from bluelamp.posts.model import PersonName
from bluelamp.publishing.model import Attached, Publication
from bluelamp.publishing.store import PublicationStore
from bluelamp.publishing.views import Views
from tests.unit.api.kit_press import AT, BY, FIELDS, HEAD

SENT, READY = ("01C0ASSENTMMMMMMMMMMMMMMMM", "01C0ASREADYMMMMMMMMMMMMMMM")
CARRIES = "01C0PBCARRYMMMMMMMMMMMMMMM"
ANSWERED = "01C0ACTANSWEREDMMMMMMMMMMM"
# Communications sent them, and to the others who write drafts they are not there.
MINE = "uploads of comms"
ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("POST", "/assets"): ("draft", {"type": "image/jpeg", "size": 5}, 201),
    ("GET", f"/assets/{READY}"): (MINE, None, 200),
    ("GET", f"/assets/{SENT}/parts"): (MINE, None, 200),
    ("POST", f"/assets/{SENT}/complete"): (MINE, {}, 200),
    ("POST", f"/assets/{SENT}/drop"): (MINE, {}, 200),
    ("GET", f"/publications/{CARRIES}/assets/{READY}"): ("draft", None, 200),
    ("GET", f"/posts/{{post}}/actions/{ANSWERED}/picture"): ("see", None, 200),
}
NAMES = {SENT: "{asset_id}", READY: "{asset_id}", CARRIES: "{publication_id}", ANSWERED: "{action_id}"}


def _answered(world: Any) -> dict[str, str]:
    """Answer a post with the picture that was checked."""
    picture = AnswerPicture(id=READY, alt="A red bicycle", sha256=HEAD)
    action = Action(id=ANSWERED, post_id="pown", verb="reply", at=AT, by=BY, before="visible", picture=picture)
    world.table.write(ActionStore(world.table).insert(action))
    return {"path": f"/posts/pown/actions/{ANSWERED}/picture"}


def _at(path: str, body: Any = None) -> Any:
    given = {"path": path} | ({"body": body} if body is not None else {})
    return lambda _: given


ROWS = (
    ("POST", "/assets", ("publication",), _at("/assets", {"type": "image/jpeg", "size": 5})),
    ("GET", "/assets/{asset_id}", ("view",), _at(f"/assets/{READY}")),
    ("POST", "/assets/{asset_id}/complete", ("publication",), _at(f"/assets/{SENT}/complete", {})),
    ("POST", "/assets/{asset_id}/drop", ("publication",), _at(f"/assets/{SENT}/drop", {})),
    (
        "GET",
        "/publications/{publication_id}/assets/{asset_id}",
        ("view",),
        _at(f"/publications/{CARRIES}/assets/{READY}"),
    ),
    ("GET", "/posts/{post_id}/actions/{action_id}/picture", ("view",), _answered),
)


def uploading(world: Any, views: Views) -> Uploading:
    """Return the use cases of a world, with something on its way in and something that was checked."""
    store, uploads = AssetStore(world.table), MemoryUploads()
    if store.get(READY) is None:
        _put_in(world, store, uploads)

    def answered(*asked: Any) -> str:
        # Not the method itself: the world takes other actions later on.
        return str(world.actions.picture_of(*asked))

    return Uploading(
        store=store,
        uploads=uploads,
        carries=views.carries,
        answered=answered,
        wake=lambda: None,
        clock=world.clock,
    )


def _put_in(world: Any, store: AssetStore, uploads: MemoryUploads) -> None:
    key = f"in/{SENT}"
    begun = uploads.begin(key, content_type="image/jpeg")
    uploads.put_part(uploads.part_link(key, begun, 1, size=5, seconds=60), b"bytes")
    common: dict[str, Any] = {
        "type": "image/jpeg", "size": 5, "upload": begun, "by": PersonName(id="comms", name="Comms"), "at": AT,
        "kind": "picture", "step": 1, "head": HEAD, "rev": 1,
    }  # fmt: skip
    world.table.write(store.put(Upload(id=SENT, key=key, **common)))
    done = {"state": "ready", "key": f"pictures/{READY}", "etag": "e", "sha256": HEAD}
    world.table.write(store.put(Upload(id=READY, **common | done)))
    fields = FIELDS.model_copy(update={"assets": (Attached(id=READY, alt="A red bicycle"),)})
    carries = Publication(
        id=CARRIES, fields=fields, by=BY, authors=(BY.id,), at=AT, changed_at=AT, changed_by=BY, step=1, head=HEAD
    )
    world.table.write(PublicationStore.put(carries))
