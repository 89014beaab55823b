"""Publications: written, approved, scheduled, sent to many accounts, changed, taken down; and the switch for all."""

from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from bluelamp.audit.leaf import Token
from bluelamp.idempotency import Idempotency
from bluelamp.people.model import Principal
from bluelamp.publishing.linking import LinkPreview
from bluelamp.publishing.model import (
    AccountId,
    Checked,
    DownReason,
    DraftFields,
    LimitsList,
    NativeId,
    PauseReason,
    Pauses,
    PauseView,
    PublicationPage,
    PublicationView,
    RejectReason,
    Text,
)
from bodies import Body
from contract import Resource
from parts import parts

resource = Resource(__name__)


class PublicationsQuery(Body):
    """Where to go on."""

    cursor: str | None = Field(default=None, max_length=2_000)


class CalendarQuery(Body):
    """Which month."""

    month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")


class DraftBody(Body):
    """What was written so far."""

    fields: DraftFields


class SavedDraftBody(DraftBody):
    """What was written so far, and the revision that it was written on."""

    rev: int = Field(ge=1)


class SeenPublicationBody(Body):
    """The revision that the person saw."""

    rev: int = Field(ge=1)


class SubmitBody(SeenPublicationBody):
    """The revision that the person saw; `despite` lets it out while publishing is paused."""

    despite: bool = False


class RejectPublicationBody(SeenPublicationBody):
    """Why it goes back to its author."""

    reason: RejectReason


class TakeDownBody(Body):
    """Where it is taken down, on all accounts without a list, and why."""

    accounts: Annotated[tuple[AccountId, ...], Field(min_length=1, max_length=100)] | None = None
    reason: DownReason


class EditOutBody(Body):
    """Other words for what is out, by account."""

    variants: Annotated[dict[AccountId, Text], Field(min_length=1, max_length=100)]


class SettleCopyBody(Body):
    """What the person found who looked at the platform; `native_id` is its number there, of what is out."""

    copy_id: Token
    happened: bool
    native_id: NativeId | None = None


class PauseBody(Body):
    """What stands still, the whole force without a list, and why."""

    accounts: Annotated[tuple[AccountId, ...], Field(min_length=1, max_length=100)] | None = None
    reason: PauseReason


class EmptyBody(Body):
    """An empty object: the address says it all."""


@resource.route("/publications")
def get_publications(principal: Principal, query: PublicationsQuery) -> PublicationPage:
    """List the publications within reach, newest first."""
    return parts().publishing.list_for(principal, cursor=query.cursor)


@resource.route("/publications", methods=["POST"], status=HTTPStatus.CREATED)
def draft_publication(principal: Principal, body: DraftBody, idem: Idempotency) -> PublicationView:
    """Begin a draft."""
    return parts().publishing.draft(principal, body.fields, idem=idem)


class LinkBody(Body):
    """The link that is to be published."""

    url: str = Field(min_length=1, max_length=2_000, pattern=r"^https?://\S+$")


@resource.route("/link-preview", methods=["POST"])
def preview_link(principal: Principal, body: LinkBody) -> LinkPreview:
    """Look up what platforms will show of a link, on the sites that the deployment lists."""
    return parts().publishing.preview(principal, body.url)


@resource.route("/publication-check", methods=["POST"])
def check_publication(principal: Principal, body: DraftBody) -> Checked:
    """Count the words as each platform does, and name what it would not take; nothing is kept and nothing called."""
    return parts().publishing.check(principal, body.fields)


@resource.route("/publication-calendar")
def get_calendar(principal: Principal, query: CalendarQuery) -> PublicationPage:
    """List what goes out in a month, with what clashes."""
    return parts().publishing.calendar(principal, month=query.month)


@resource.route("/publication-limits")
def get_limits(principal: Principal) -> LimitsList:
    """Say what each platform takes."""
    return parts().publishing.limits(principal)


@resource.route("/publications/{publication_id}")
def get_publication(principal: Principal, publication_id: str) -> PublicationView:
    """Show a publication and its copies; the reading is recorded."""
    return parts().publishing.get(principal, publication_id)


@resource.route("/publications/{publication_id}", methods=["PUT"])
def save_publication(
    principal: Principal, publication_id: str, body: SavedDraftBody, idem: Idempotency
) -> PublicationView:
    """Save what was written; what was submitted before is a draft again."""
    return parts().publishing.save(principal, publication_id, body.fields, rev=body.rev, idem=idem)


@resource.route("/publications/{publication_id}/submit", methods=["POST"])
def submit_publication(
    principal: Principal, publication_id: str, body: SubmitBody, idem: Idempotency
) -> PublicationView:
    """Publish, schedule or propose a draft, whatever its accounts' policies ask for."""
    return parts().publishing.submit(principal, publication_id, rev=body.rev, despite=body.despite, idem=idem)


@resource.route("/publications/{publication_id}/approve", methods=["POST"])
def approve_publication(
    principal: Principal, publication_id: str, body: SeenPublicationBody, idem: Idempotency
) -> PublicationView:
    """Give one's word for the accounts that ask for it; with the last word it goes out."""
    return parts().publishing.approve(principal, publication_id, rev=body.rev, idem=idem)


@resource.route("/publications/{publication_id}/reject", methods=["POST"])
def reject_publication(
    principal: Principal, publication_id: str, body: RejectPublicationBody, idem: Idempotency
) -> PublicationView:
    """Give it back to its author."""
    return parts().publishing.reject(principal, publication_id, rev=body.rev, reason=body.reason, idem=idem)


@resource.route("/publications/{publication_id}/withdraw", methods=["POST"])
def withdraw_publication(
    principal: Principal, publication_id: str, body: SeenPublicationBody, idem: Idempotency
) -> PublicationView:
    """Take back what has not gone out."""
    return parts().publishing.withdraw(principal, publication_id, rev=body.rev, idem=idem)


@resource.route("/publications/{publication_id}/send", methods=["POST"])
def send_publication(
    principal: Principal, publication_id: str, body: SeenPublicationBody, idem: Idempotency
) -> PublicationView:
    """Send what was held because its hour had passed, and copies that failed for certain."""
    return parts().publishing.send_held(principal, publication_id, rev=body.rev, idem=idem)


@resource.route("/publications/{publication_id}/take-down", methods=["POST"])
def take_publication_down(
    principal: Principal, publication_id: str, body: TakeDownBody, idem: Idempotency
) -> PublicationView:
    """Take down the copies that are out."""
    return parts().publishing.take_down(principal, publication_id, body.accounts, reason=body.reason, idem=idem)


@resource.route("/publications/{publication_id}/edit", methods=["POST"])
def edit_publication(
    principal: Principal, publication_id: str, body: EditOutBody, idem: Idempotency
) -> PublicationView:
    """Change the words of copies that are out, where the platform can."""
    return parts().publishing.edit_out(principal, publication_id, body.variants, idem=idem)


@resource.route("/publications/{publication_id}/verify", methods=["POST"])
def verify_publication(
    principal: Principal, publication_id: str, body: EmptyBody, idem: Idempotency
) -> PublicationView:
    """Have each platform asked what the public sees of its copy now; the answers are recorded as they come."""
    return parts().publishing.verify(principal, publication_id, idem=idem)


@resource.route("/publications/{publication_id}/settle", methods=["POST"])
def settle_copy(principal: Principal, publication_id: str, body: SettleCopyBody, idem: Idempotency) -> PublicationView:
    """Say what came of a copy that nobody knows of, having looked at the platform."""
    return parts().publishing.settle(
        principal,
        publication_id,
        body.copy_id,
        happened=body.happened,
        native_id=body.native_id,
        idem=idem,
    )


@resource.route("/publication-pauses")
def get_pauses(principal: Principal) -> Pauses:
    """List the pauses in force."""
    return parts().publishing.pauses(principal)


@resource.route("/publication-pauses", methods=["POST"], status=HTTPStatus.CREATED)
def pause_publishing(principal: Principal, body: PauseBody, idem: Idempotency) -> PauseView:
    """Stop everything that is scheduled and not being sent yet."""
    return parts().publishing.pause(principal, body.accounts, reason=body.reason, idem=idem)


@resource.route("/publication-pauses/{pause_id}/resume", methods=["POST"])
def resume_publishing(principal: Principal, pause_id: str, body: EmptyBody, idem: Idempotency) -> PauseView:
    """Let publishing go on."""
    return parts().publishing.resume(principal, pause_id, idem=idem)
