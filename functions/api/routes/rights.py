"""Rights cases: access, freedom of information, rectification and erasure, from the request to the answer."""

from http import HTTPStatus
from typing import Literal

from pydantic import ConfigDict, Field

from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.retention.model import DisposalView
from bluelamp.rights.model import (
    Answer,
    CaseBody,
    CasePage,
    CaseView,
    Criteria,
    Day,
    Exemption,
    Extension,
    ItemList,
    ItemSummary,
    ItemView,
    Outcome,
    PostId,
    RightsLink,
    Ruling,
    Step,
)
from contract import Resource
from parts import parts

resource = Resource(__name__)


class CasesQuery(Model):
    """Which cases: those that are open, or all, newest first."""

    model_config = ConfigDict(extra="forbid")

    which: Literal["open", "all"] = "open"
    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=100)


class StepBody(Model):
    """How a case goes on, and on which day that was."""

    model_config = ConfigDict(extra="forbid")

    step: Step
    rev: int = Field(ge=1)
    on: Day | None = None
    extension: Extension | None = None
    outcome: Outcome | None = None
    exemption: Exemption | None = None


class SearchBody(Model):
    """What is to be searched for."""

    model_config = ConfigDict(extra="forbid")

    criteria: Criteria
    rev: int = Field(ge=1)


class RulingBody(Model):
    """What is decided about a post; `rev` is that of the item as it was looked at."""

    model_config = ConfigDict(extra="forbid")

    ruling: Ruling
    rev: int = Field(ge=1)


class AnswerQuery(Model):
    """From which post of the answer on."""

    model_config = ConfigDict(extra="forbid")

    start: int = Field(default=0, ge=0, le=10_000)


class AnswerDecisionBody(Model):
    """Whether the answer goes out as it was read; `version` says what was read."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["approve", "send_back"]
    rev: int = Field(ge=1)
    version: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


class CorrectionBody(Model):
    """What is said to be wrong about a post, to be bound to it."""

    model_config = ConfigDict(extra="forbid")

    post: PostId
    text: str = Field(min_length=1, max_length=4000)
    rev: int = Field(ge=1)


class ErasureBody(Model):
    """The revision of the case that was looked at."""

    model_config = ConfigDict(extra="forbid")

    rev: int = Field(ge=1)


class AnswerLinkBody(Model):
    """An empty object: the address says it all."""

    model_config = ConfigDict(extra="forbid")


@resource.route("/rights")
def list_cases(principal: Principal, query: CasesQuery) -> CasePage:
    """List rights cases: the open ones with the nearest due first, or all; the reading is recorded."""
    return parts().rights_cases.list_for(principal, which=query.which, cursor=query.cursor, limit=query.limit)


@resource.route("/rights", methods=["POST"], status=HTTPStatus.CREATED)
def open_case(principal: Principal, body: CaseBody, idem: Idempotency) -> CaseView:
    """Take in a request; the time to answer runs from the day it was received on."""
    return parts().rights_cases.open_case(principal, body, idem=idem)


@resource.route("/rights/{case_id}")
def get_case(principal: Principal, case_id: str) -> CaseView:
    """Show a case; who asks is shown to those who work it alone. The reading is recorded."""
    return parts().rights_cases.get(principal, case_id)


@resource.route("/rights/{case_id}/steps", methods=["POST"])
def take_step(principal: Principal, case_id: str, body: StepBody, idem: Idempotency) -> CaseView:
    """Go on with a case by one step; the case itself says which lead on from where it is."""
    return parts().rights_cases.step(
        principal,
        case_id,
        step=body.step,
        rev=body.rev,
        on=body.on,
        extension=body.extension,
        outcome=body.outcome,
        exemption=body.exemption,
        idem=idem,
    )


@resource.route("/rights/{case_id}/searches", methods=["POST"], status=HTTPStatus.ACCEPTED)
def search_case(principal: Principal, case_id: str, body: SearchBody, idem: Idempotency) -> CaseView:
    """Have posts searched for a case, in the background; recorded as a search."""
    return parts().rights_cases.search(principal, case_id, criteria=body.criteria, rev=body.rev, idem=idem)


@resource.route("/rights/{case_id}/items")
def list_items(principal: Principal, case_id: str) -> ItemList:
    """List what was found for a case, without a word of it; the reading is recorded."""
    return parts().rights_review.items(principal, case_id)


@resource.route("/rights/{case_id}/items/{post_id}")
def open_item(principal: Principal, case_id: str, post_id: str) -> ItemView:
    """Show a post that was found for a case, with its words; the reading is recorded at the post."""
    return parts().rights_review.open_item(principal, case_id, post_id)


@resource.route("/rights/{case_id}/items/{post_id}", methods=["PUT"])
def decide_item(principal: Principal, case_id: str, post_id: str, body: RulingBody, idem: Idempotency) -> ItemSummary:
    """Decide what of a post goes out, or what becomes of it."""
    return parts().rights_review.decide(principal, case_id, post_id, ruling=body.ruling, rev=body.rev, idem=idem)


@resource.route("/rights/{case_id}/answer")
def show_answer(principal: Principal, case_id: str, query: AnswerQuery) -> Answer:
    """Show the answer as it goes out, fifty posts at a time, for whoever approves it; the reading is recorded."""
    return parts().rights_answers.answer(principal, case_id, start=query.start)


@resource.route("/rights/{case_id}/decision", methods=["POST"])
def decide_answer(principal: Principal, case_id: str, body: AnswerDecisionBody, idem: Idempotency) -> CaseView:
    """Approve an answer that somebody else submitted, or send it back."""
    return parts().rights_answers.decide(
        principal, case_id, decision=body.decision, rev=body.rev, version=body.version, idem=idem
    )


@resource.route("/rights/{case_id}/link", methods=["POST"])
def link_answer(principal: Principal, case_id: str, body: AnswerLinkBody) -> RightsLink:
    """Make a link to the finished answer that works for ten minutes, for whoever has it; each one is recorded."""
    return parts().rights_answers.link(principal, case_id)


@resource.route("/rights/{case_id}/corrections", methods=["POST"], status=HTTPStatus.CREATED)
def correct_post(principal: Principal, case_id: str, body: CorrectionBody, idem: Idempotency) -> ItemSummary:
    """Bind a statement of correction to a post; what was kept stays as it is."""
    return parts().rights_review.correct(principal, case_id, body.post, text=body.text, rev=body.rev, idem=idem)


@resource.route("/rights/{case_id}/disposal", methods=["POST"], status=HTTPStatus.CREATED)
def propose_erasure(principal: Principal, case_id: str, body: ErasureBody, idem: Idempotency) -> DisposalView:
    """Propose the disposal of what a case erases; somebody else approves it, and a held post is refused."""
    return parts().rights_erasures.propose(principal, case_id, rev=body.rev, idem=idem)
