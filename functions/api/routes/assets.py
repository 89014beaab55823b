"""Pictures and films to send out: announced here, sent by the browser straight to the bucket, then checked."""

from http import HTTPStatus

from pydantic import Field

from bluelamp.assets.model import MediaType
from bluelamp.assets.upload import AssetView, PartLinks
from bluelamp.idempotency import Idempotency
from bluelamp.people.model import Principal
from bodies import Body
from contract import Resource
from parts import parts

resource = Resource(__name__)


class AnnouncedBody(Body):
    """What is to be sent: its media type and its length in bytes. Its name stays with whoever sends it."""

    type: MediaType
    size: int = Field(ge=1, le=2**53 - 1)


class NothingBody(Body):
    """An empty object: the address says it all."""


@resource.route("/assets", methods=["POST"], status=HTTPStatus.CREATED)
def begin_asset(principal: Principal, body: AnnouncedBody, idem: Idempotency) -> AssetView:
    """Announce a picture or film that is to be sent."""
    return parts().uploading.begin(principal, media_type=body.type, size=body.size, idem=idem)


@resource.route("/assets/{asset_id}")
def get_asset(principal: Principal, asset_id: str) -> AssetView:
    """Say how far one's own picture or film is, and show it once it was checked."""
    return parts().uploading.get(principal, asset_id)


@resource.route("/assets/{asset_id}/parts")
def link_parts(principal: Principal, asset_id: str) -> PartLinks:
    """Say where the next parts that have not arrived are PUT, for a quarter of an hour."""
    return parts().uploading.links(principal, asset_id)


@resource.route("/assets/{asset_id}/complete", methods=["POST"])
def complete_asset(principal: Principal, asset_id: str, body: NothingBody, idem: Idempotency) -> AssetView:
    """Say that all parts are sent; then it is checked."""
    return parts().uploading.complete(principal, asset_id, idem=idem)


@resource.route("/assets/{asset_id}/drop", methods=["POST"])
def drop_asset(principal: Principal, asset_id: str, body: NothingBody, idem: Idempotency) -> AssetView:
    """Give up what is being sent."""
    return parts().uploading.drop(principal, asset_id, idem=idem)


@resource.route("/publications/{publication_id}/assets/{asset_id}")
def get_publication_asset(principal: Principal, publication_id: str, asset_id: str) -> AssetView:
    """Show a picture or film of a publication within reach."""
    return parts().uploading.of_publication(principal, publication_id, asset_id)


@resource.route("/posts/{post_id}/actions/{action_id}/picture")
def get_answer_picture(principal: Principal, post_id: str, action_id: str) -> AssetView:
    """Show the picture that goes with an answer to a post within reach, proposed or sent."""
    return parts().uploading.of_answer(principal, post_id, action_id)
