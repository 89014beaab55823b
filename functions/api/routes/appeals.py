"""Appeals to the public: made, approved, answered by the public, looked at again, ended."""

from datetime import datetime
from http import HTTPStatus

from pydantic import Field

from bluelamp.appeals.model import (
    AppealList,
    AppealView,
    Ending,
    Facts,
    Leads,
    LeadView,
    Outcome,
    Publications,
    RejectReason,
    Verdict,
)
from bluelamp.audit.leaf import Day, Ref
from bluelamp.idempotency import Idempotency
from bluelamp.people.model import Principal
from bodies import Body
from contract import Resource
from parts import parts

resource = Resource(__name__)


class AppealsQuery(Body):
    """Where to go on."""

    cursor: str | None = Field(default=None, max_length=2_000)


class NewAppealBody(Body):
    """The facts of an appeal, and the drafted publications that it is made with."""

    facts: Facts
    publications: Publications


class ChangedAppealBody(Body):
    """Other facts, and the revision that the person saw."""

    facts: Facts
    rev: int = Field(ge=1)


class SeenAppealBody(Body):
    """The revision that the person saw."""

    rev: int = Field(ge=1)


class RejectAppealBody(SeenAppealBody):
    """Why it is given back."""

    reason: RejectReason


class KeepAppealBody(SeenAppealBody):
    """Until when it stays public without being looked at again."""

    review_on: Day


class CloseAppealBody(SeenAppealBody):
    """What came of it, since when, and what becomes of what is public; `text` is what an update puts in its place."""

    outcome: Outcome
    outcome_at: datetime
    ending: Ending
    text: str | None = Field(default=None, max_length=5_000)


class LeadBody(SeenAppealBody):
    """What a reply or message is, by the post's revision that the person saw."""

    verdict: Verdict


class PassOnBody(SeenAppealBody):
    """The number under which the force's own system has it."""

    ref: Ref


@resource.route("/appeals")
def get_appeals(principal: Principal, query: AppealsQuery) -> AppealList:
    """List the appeals, the newest first."""
    return parts().appeals.every(principal, cursor=query.cursor)


@resource.route("/appeals", methods=["POST"], status=HTTPStatus.CREATED)
def make_appeal(principal: Principal, body: NewAppealBody, idem: Idempotency) -> AppealView:
    """Begin an appeal around drafted publications."""
    return parts().appeals.make(principal, facts=body.facts, publications=body.publications, idem=idem)


@resource.route("/appeals/{appeal_id}")
def get_appeal(principal: Principal, appeal_id: str) -> AppealView:
    """Show an appeal, and what became of it on each account; the reading is recorded."""
    return parts().appeals.open(principal, appeal_id)


@resource.route("/appeals/{appeal_id}", methods=["PUT"])
def change_appeal(principal: Principal, appeal_id: str, body: ChangedAppealBody, idem: Idempotency) -> AppealView:
    """Put other facts in place while it is a draft."""
    return parts().appeals.change(principal, appeal_id, facts=body.facts, rev=body.rev, idem=idem)


@resource.route("/appeals/{appeal_id}/propose", methods=["POST"])
def propose_appeal(principal: Principal, appeal_id: str, body: SeenAppealBody, idem: Idempotency) -> AppealView:
    """Ask a second person to approve it."""
    return parts().appeals.propose(principal, appeal_id, rev=body.rev, idem=idem)


@resource.route("/appeals/{appeal_id}/withdraw", methods=["POST"])
def withdraw_appeal(principal: Principal, appeal_id: str, body: SeenAppealBody, idem: Idempotency) -> AppealView:
    """Take a proposed appeal back into a draft."""
    return parts().appeals.withdraw(principal, appeal_id, rev=body.rev, idem=idem)


@resource.route("/appeals/{appeal_id}/approve", methods=["POST"])
def approve_appeal(principal: Principal, appeal_id: str, body: SeenAppealBody, idem: Idempotency) -> AppealView:
    """Approve it, and with it what it publishes."""
    return parts().appeals.approve(principal, appeal_id, rev=body.rev, idem=idem)


@resource.route("/appeals/{appeal_id}/reject", methods=["POST"])
def reject_appeal(principal: Principal, appeal_id: str, body: RejectAppealBody, idem: Idempotency) -> AppealView:
    """Give it back to whoever wrote it."""
    return parts().appeals.reject(principal, appeal_id, reason=body.reason, rev=body.rev, idem=idem)


@resource.route("/appeals/{appeal_id}/keep", methods=["POST"])
def keep_appeal(principal: Principal, appeal_id: str, body: KeepAppealBody, idem: Idempotency) -> AppealView:
    """Say after a review that it must stay public, and until when."""
    return parts().appeals.keep(principal, appeal_id, review_on=body.review_on, rev=body.rev, idem=idem)


@resource.route("/appeals/{appeal_id}/close", methods=["POST"])
def close_appeal(principal: Principal, appeal_id: str, body: CloseAppealBody, idem: Idempotency) -> AppealView:
    """Say what came of it, and take it down or update it everywhere."""
    return parts().appeals.close(
        principal,
        appeal_id,
        outcome=body.outcome,
        outcome_at=body.outcome_at,
        ending=body.ending,
        text=body.text,
        rev=body.rev,
        idem=idem,
    )


@resource.route("/appeals/{appeal_id}/clear", methods=["POST"])
def clear_appeal(principal: Principal, appeal_id: str, body: SeenAppealBody, idem: Idempotency) -> AppealView:
    """Take down what is still to be seen of an appeal that was closed."""
    return parts().appeals.clear(principal, appeal_id, rev=body.rev, idem=idem)


@resource.route("/appeals/{appeal_id}/leads")
def get_leads(principal: Principal, appeal_id: str) -> Leads:
    """List what the public answered, what nobody has looked at first."""
    return parts().leads.every(principal, appeal_id)


@resource.route("/appeals/{appeal_id}/leads/{post_id}", methods=["PUT"])
def judge_lead(principal: Principal, appeal_id: str, post_id: str, body: LeadBody, idem: Idempotency) -> LeadView:
    """Say what a reply or message is."""
    return parts().leads.judge(principal, appeal_id, post_id, verdict=body.verdict, rev=body.rev, idem=idem)


@resource.route("/appeals/{appeal_id}/leads/{post_id}/pass", methods=["POST"])
def pass_lead_on(principal: Principal, appeal_id: str, post_id: str, body: PassOnBody, idem: Idempotency) -> LeadView:
    """Write down under which number the force's own system has the information now."""
    return parts().leads.pass_on(principal, appeal_id, post_id, ref=body.ref, rev=body.rev, idem=idem)
