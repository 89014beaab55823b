"""Who gets in: access for a time, and people shut out, let in again and signed out."""

from datetime import datetime
from typing import Self

from aws_lambda_powertools.metrics import MetricUnit
from pydantic import ConfigDict, Field, model_validator

from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.access import (
    FileRef,
    GlassReason,
    GrantPage,
    GrantReason,
    GrantView,
    PersonView,
    SignInList,
    SuspendReason,
    WithdrawReason,
)
from bluelamp.people.emergency import LONGEST
from bluelamp.people.model import Gives, Principal
from bluelamp.telemetry import metrics
from contract import Resource
from parts import parts

resource = Resource(__name__)


class GrantBody(Model):
    """Who gets which account, for what, from (now, if left out) and until, why, and the number of the force's file."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    person: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    account: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,128}$")
    gives: Gives
    begins_at: datetime | None = Field(default=None, alias="from")
    ends_at: datetime = Field(alias="until")
    reason: GrantReason
    ref: FileRef


class GlassBody(Model):
    """Which account, or all of them, for how long, why, and the number of the force's file."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._:-]{1,128}$")
    everything: bool = Field(default=False, alias="all")
    minutes: int = Field(default=LONGEST, ge=1, le=LONGEST)
    reason: GlassReason
    ref: FileRef

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.account is None) != self.everything:
            raise ValueError("name one account, or say that it is for all of them")
        return self


class WithdrawQuery(Model):
    """Why it ends before its time."""

    model_config = ConfigDict(extra="forbid")

    reason: WithdrawReason = "no_longer_needed"


class GrantsQuery(Model):
    """Which part of the list."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=100)


class SuspendBody(Model):
    """Why somebody is shut out, and the number of the force's file if there is one."""

    model_config = ConfigDict(extra="forbid")

    reason: SuspendReason
    ref: FileRef | None = None


@resource.route("/grants", methods=["POST"], status=201)
def give_access(principal: Principal, body: GrantBody, idem: Idempotency) -> GrantView:
    """Give somebody access to one account for a time; nobody gives it to himself."""
    return parts().grants.give(
        principal,
        person=body.person,
        account=body.account,
        gives=body.gives,
        begins_at=body.begins_at,
        ends_at=body.ends_at,
        reason=body.reason,
        ref=body.ref,
        idem=idem,
    )


@resource.route("/grants")
def list_grants(principal: Principal, query: GrantsQuery) -> GrantPage:
    """List access given for a time, newest first, on accounts in reach; the reading is recorded."""
    return parts().grants.list_for(principal, cursor=query.cursor, limit=query.limit)


@resource.route("/grants/{grant_id}", methods=["DELETE"])
def withdraw_access(principal: Principal, grant_id: str, query: WithdrawQuery, idem: Idempotency) -> GrantView:
    """End access before its time."""
    return parts().grants.withdraw(principal, grant_id, reason=query.reason, idem=idem)


@resource.route("/break-glass", methods=["POST"], status=201)
def break_glass(principal: Principal, body: GlassBody, idem: Idempotency) -> GrantView:
    """Let oneself in to an account in an emergency; auditors and administrators are told at once, an alarm rings."""
    view = parts().emergency.open(
        principal,
        account=None if body.everything else body.account,
        minutes=body.minutes,
        reason=body.reason,
        ref=body.ref,
        idem=idem,
    )
    metrics.add_metric("BreakGlass", MetricUnit.Count, 1)
    metrics.flush_metrics()
    return view


@resource.route("/people/{person_id}/suspend", methods=["POST"])
def suspend_person(principal: Principal, person_id: str, body: SuspendBody, idem: Idempotency) -> PersonView:
    """Shut somebody out: the next request of any of their sign-ins is refused."""
    return parts().managing.suspend(principal, person_id, reason=body.reason, ref=body.ref, idem=idem)


@resource.route("/people/{person_id}/resume", methods=["POST"])
def resume_person(principal: Principal, person_id: str, idem: Idempotency) -> PersonView:
    """Let somebody in again; they sign in anew."""
    return parts().managing.resume(principal, person_id, idem=idem)


@resource.route("/me/sessions")
def list_own_sessions(principal: Principal) -> SignInList:
    """List one's own open sign-ins, newest first."""
    return parts().managing.mine(principal)


@resource.route("/people/{person_id}/sessions")
def list_sessions(principal: Principal, person_id: str) -> SignInList:
    """List somebody's open sign-ins, newest first; the reading is recorded."""
    return parts().managing.of_person(principal, person_id)


@resource.route("/people/{person_id}/sessions", methods=["DELETE"])
def end_sessions(principal: Principal, person_id: str, idem: Idempotency) -> PersonView:
    """Sign somebody out everywhere, or oneself."""
    return parts().managing.end_all(principal, person_id, idem=idem)
