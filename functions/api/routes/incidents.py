"""Critical incidents: opened, commanded, logged and closed, and many posts hidden, deleted or shown again at once."""

from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from bluelamp.errors import InvalidInputError
from bluelamp.idempotency import Idempotency
from bluelamp.incidents.model import (
    MOST_SLOW,
    AccountId,
    BulkPolicy,
    BulkVerb,
    EntryKind,
    Exempt,
    Incident,
    IncidentPage,
    IncidentView,
    JobView,
    LogEntry,
    Match,
    Preview,
    Report,
    Roles,
    Scope,
    Somebodies,
    Words,
)
from bluelamp.people.model import Principal
from bluelamp.posts.model import Reason
from bodies import Body
from contract import Resource
from parts import parts

resource = Resource(__name__)

Rev = Annotated[int, Field(ge=0)]


class OpenIncidentBody(Body):
    """A new incident; `code` is its name on the page and in the log book, and in no record."""

    code: str = Field(min_length=2, max_length=40, pattern=r"^\S(.*\S)?$")
    scope: Scope
    roles: Roles = Roles()
    strategy: Words


class AtRevBody(Body):
    """The revision that was looked at."""

    rev: Rev


class StrategyBody(AtRevBody):
    """The next version of the strategy, whole."""

    text: Words


class RolesBody(AtRevBody):
    """Who is gold, silver and bronze from now on."""

    roles: Roles


class ScopeBody(AtRevBody):
    """What the incident is about from now on."""

    scope: Scope


class SlowBody(AtRevBody):
    """For how many seconds answers in scope wait before they are sent; 0 ends it."""

    seconds: int = Field(ge=0, le=MOST_SLOW)


class StandingBody(AtRevBody):
    """A standing rule is proposed (with what it is about), agreed to by somebody else, or ended."""

    step: Literal["propose", "agree", "end"]
    match: Match | None = None


class PublishingBody(AtRevBody):
    """Whether publications on the incident's accounts stand still."""

    pause: bool
    reason: Literal["incident", "correction", "request", "mistake"] = "incident"


class LogBody(Body):
    """A line of the log book: a decision, or a false claim with what was answered and by which source."""

    kind: EntryKind
    text: str = Field(min_length=1, max_length=4000)
    answer: str = Field(default="", max_length=4000)
    source: str = Field(default="", max_length=500)


class BulkBody(Body):
    """Which posts of an incident a job would be about; to show again, all that the incident has hidden."""

    verb: BulkVerb
    match: Match | None = None
    accounts: tuple[AccountId, ...] = Field(default=(), max_length=200)
    reason: Reason | None = None


class JobStepBody(AtRevBody):
    """What is decided about a job; `digest` says which selection was looked at, to order and to agree."""

    step: Literal["start", "agree", "refuse", "pause", "resume", "stop"]
    digest: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


class BulkPolicyBody(AtRevBody):
    """Above how many posts a second person has to agree, and the authors whom no job touches."""

    bound: int = Field(ge=1, le=1000)
    exempt: tuple[Exempt, ...] = Field(default=(), max_length=500)


class PeopleQuery(Body):
    """Part of a name."""

    words: str | None = Field(default=None, max_length=100)


@resource.route("/incident-people")
def get_incident_people(principal: Principal, query: PeopleQuery) -> Somebodies:
    """List who can be gold, silver or bronze."""
    return parts().incidents.people(principal, query.words)


@resource.route("/incidents")
def list_incidents(principal: Principal) -> IncidentPage:
    """List the newest incidents within reach; the reading is recorded."""
    return parts().incidents.list_for(principal)


@resource.route("/incidents", methods=["POST"], status=HTTPStatus.CREATED)
def open_incident(principal: Principal, body: OpenIncidentBody, idem: Idempotency) -> Incident:
    """Open an incident with its scope, its people and the first version of its strategy."""
    return parts().incidents.open(
        principal, code=body.code, scope=body.scope, roles=body.roles, strategy=body.strategy, idem=idem
    )


@resource.route("/incidents/{incident_id}")
def get_incident(principal: Principal, incident_id: str) -> IncidentView:
    """Show an incident with its strategy, log book and jobs; the reading is recorded."""
    return parts().incidents.get(principal, incident_id)


@resource.route("/incidents/{incident_id}/close", methods=["POST"])
def close_incident(principal: Principal, incident_id: str, body: AtRevBody, idem: Idempotency) -> Incident:
    """Close an incident once its jobs have ended; what is hidden stays so until it is shown again."""
    return parts().incidents.close(principal, incident_id, rev=body.rev, idem=idem)


@resource.route("/incidents/{incident_id}/strategy", methods=["POST"])
def set_strategy(principal: Principal, incident_id: str, body: StrategyBody, idem: Idempotency) -> Incident:
    """Write the next version of the strategy; those before stay readable."""
    return parts().incidents.set_strategy(principal, incident_id, text=body.text, rev=body.rev, idem=idem)


@resource.route("/incidents/{incident_id}/roles", methods=["PUT"])
def set_roles(principal: Principal, incident_id: str, body: RolesBody, idem: Idempotency) -> Incident:
    """Say who is gold, silver and bronze."""
    return parts().incidents.set_roles(principal, incident_id, roles=body.roles, rev=body.rev, idem=idem)


@resource.route("/incidents/{incident_id}/scope", methods=["PUT"])
def set_scope(principal: Principal, incident_id: str, body: ScopeBody, idem: Idempotency) -> Incident:
    """Widen or narrow what the incident is about; a standing rule has to be agreed to anew."""
    return parts().incidents.set_scope(principal, incident_id, scope=body.scope, rev=body.rev, idem=idem)


@resource.route("/incidents/{incident_id}/slow", methods=["PUT"])
def set_slow(principal: Principal, incident_id: str, body: SlowBody, idem: Idempotency) -> Incident:
    """Have answers to posts in scope wait before they are sent."""
    return parts().incidents.set_slow(principal, incident_id, seconds=body.seconds, rev=body.rev, idem=idem)


@resource.route("/incidents/{incident_id}/standing", methods=["POST"])
def standing_rule(principal: Principal, incident_id: str, body: StandingBody, idem: Idempotency) -> Incident:
    """Propose the rule by which new posts are hidden pending review, agree to somebody else's, or end it."""
    service = parts().incidents
    if body.step == "agree":
        return service.agree_standing(principal, incident_id, rev=body.rev, idem=idem)
    if body.step == "end":
        return service.end_standing(principal, incident_id, rev=body.rev, idem=idem)
    if body.match is None:
        raise InvalidInputError("Say which posts the rule is about: words, codes, a grade, or everything.")
    return service.propose_standing(principal, incident_id, match=body.match, rev=body.rev, idem=idem)


@resource.route("/incidents/{incident_id}/publishing", methods=["PUT"])
def pause_publishing(principal: Principal, incident_id: str, body: PublishingBody, idem: Idempotency) -> Incident:
    """Stop everything that is scheduled on the incident's accounts, or let it go on."""
    return parts().incidents.pause_publishing(
        principal, incident_id, pause=body.pause, reason=body.reason, rev=body.rev, idem=idem
    )


@resource.route("/incidents/{incident_id}/log", methods=["POST"], status=HTTPStatus.CREATED)
def write_log(principal: Principal, incident_id: str, body: LogBody, idem: Idempotency) -> LogEntry:
    """Write a line of the log book, which is never changed."""
    return parts().log_book.write(
        principal,
        incident_id,
        kind=body.kind,
        text=body.text,
        answer=body.answer,
        source=body.source,
        idem=idem,
    )


@resource.route("/incidents/{incident_id}/report")
def get_report(principal: Principal, incident_id: str) -> Report:
    """Report an incident in figures, with its strategy and log book; the reading is recorded."""
    return parts().incident_reporting.make(principal, incident_id)


@resource.route("/incidents/{incident_id}/jobs", methods=["POST"], status=HTTPStatus.CREATED)
def preview_job(principal: Principal, incident_id: str, body: BulkBody) -> Preview:
    """Find and freeze what a job would be about; nothing is done until it is ordered. The reading is recorded."""
    return parts().bulk.preview(
        principal, incident_id, verb=body.verb, match=body.match, accounts=body.accounts, reason=body.reason
    )


@resource.route("/incidents/{incident_id}/jobs/{job_id}", polled=True)
def get_job(principal: Principal, incident_id: str, job_id: str) -> JobView:
    """Say how far a job has come, in figures alone."""
    return parts().bulk.get(principal, incident_id, job_id)


@resource.route("/incidents/{incident_id}/jobs/{job_id}/steps", methods=["POST"])
def step_job(principal: Principal, incident_id: str, job_id: str, body: JobStepBody, idem: Idempotency) -> JobView:
    """Order a previewed job, agree to it or say no, pause it, go on, or stop it."""
    return parts().bulk.step(
        principal, incident_id, job_id, step=body.step, rev=body.rev, digest=body.digest, idem=idem
    )


@resource.route("/incident-policy")
def get_policy(principal: Principal) -> BulkPolicy:
    """Show above how many posts a second person has to agree, and whom no job touches; the reading is recorded."""
    return parts().incidents.policy(principal)


@resource.route("/incident-policy", methods=["PUT"])
def set_policy(principal: Principal, body: BulkPolicyBody, idem: Idempotency) -> BulkPolicy:
    """Set both; an administrator does, and nobody who commands."""
    return parts().incidents.set_policy(principal, bound=body.bound, exempt=body.exempt, rev=body.rev, idem=idem)
