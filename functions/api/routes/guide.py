"""The Force Media Guide and training: read, acknowledged, entered; who lacks what, and what whoever acts needs."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from chalice.app import HeadersType, Response
from pydantic import ConfigDict, Field

from bluelamp.audit.leaf import Hash
from bluelamp.guide.model import (
    Acknowledgement,
    Asked,
    Course,
    GuideContent,
    GuideOverview,
    GuidePart,
    GuideView,
    MissingList,
    Training,
    TrainingList,
    Version,
)
from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.tabular.importing import ImportReport
from contract import Resource
from parts import parts

resource = Resource(__name__)


class _Body(Model):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class NewGuide(_Body):
    """A version as text or Markdown; a PDF is published with `bluelamp admin guide publish`."""

    version: Version
    effective_from: date
    text: Annotated[str, Field(min_length=1)]


class AskedBody(_Body):
    """The courses that whoever acts needs, and the revision that was seen (0: nothing was set yet)."""

    courses: Annotated[tuple[Course, ...], Field(max_length=10)]
    rev: int = Field(ge=0)


class SeenGuide(_Body):
    """The SHA-256 of the version that was seen."""

    sha256: Hash


class TrainingBody(_Body):
    """A course, the day on which it was taken, and the last day on which it counts."""

    course: Course
    on: date
    until: date


class TrainingFile(_Body):
    """A CSV file as text, and how to take it: tried only, or good lines in spite of bad ones."""

    csv: str
    dry_run: bool = True
    keep_going: bool = False


class WhichPart(_Body):
    """Which part of the bytes, from 0."""

    part: int = Field(default=0, ge=0)


@resource.route("/guide")
def show_guide(principal: Principal) -> GuideOverview:
    """Show which guide is in force, all versions, what is asked of whoever acts, and where the person stands."""
    return parts().guides.overview(principal)


@resource.route("/guide", methods=["POST"], status=HTTPStatus.CREATED)
def publish_guide(principal: Principal, body: NewGuide, idem: Idempotency) -> GuideView:
    """Publish a version, and tell everybody."""
    return parts().guides.publish(principal, idem=idem, **body.model_dump())


@resource.route("/guide/asked", methods=["PUT"])
def set_asked(principal: Principal, body: AskedBody, idem: Idempotency) -> Asked:
    """Set which courses whoever acts needs; without any no training is asked for."""
    return parts().guides.ask(principal, courses=body.courses, rev=body.rev, idem=idem)


@resource.route("/guide/missing")
def list_missing(principal: Principal) -> MissingList:
    """List who lacks the guide in force or training, among those within reach; asking is recorded."""
    return parts().trainings.missing(principal)


@resource.route("/guide/missing/export")
def export_missing(principal: Principal) -> Response:
    """Give who lacks what as a CSV file."""
    text = parts().trainings.missing_file(principal)
    headers: HeadersType = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="guide-missing.csv"',
    }
    return Response(body=text, headers=headers, status_code=HTTPStatus.OK)


@resource.route("/guide/{version}")
def open_guide(principal: Principal, version: str) -> GuideContent:
    """Show what a version says; that it was opened is recorded."""
    return parts().guides.content(principal, version)


@resource.route("/guide/{version}/bytes")
def fetch_guide(principal: Principal, version: str, query: WhichPart) -> GuidePart:
    """Give some of the bytes of a version, about a megabyte at a time."""
    return parts().guides.part(principal, version, query.part)


@resource.route("/guide/{version}/acknowledge", methods=["POST"])
def acknowledge_guide(principal: Principal, version: str, body: SeenGuide, idem: Idempotency) -> Acknowledgement:
    """Acknowledge a version: from the next request on it stands on whatever the person does."""
    return parts().guides.acknowledge(principal, version, sha256=body.sha256, idem=idem)


@resource.route("/people/{person_id}/training")
def show_training(principal: Principal, person_id: str) -> TrainingList:
    """Show the training of a person."""
    return parts().trainings.of_person(principal, person_id)


@resource.route("/people/{person_id}/training", methods=["PUT"])
def enter_training(principal: Principal, person_id: str, body: TrainingBody, idem: Idempotency) -> TrainingList:
    """Enter a course that somebody took, or correct what was entered for it and its day."""
    return parts().trainings.enter(principal, person_id, Training(**body.model_dump()), idem=idem)


@resource.route("/training/import", methods=["POST"])
def import_training(principal: Principal, body: TrainingFile) -> ImportReport:
    """Try a CSV file of training, or enter what it says; a repeat changes nothing."""
    return parts().trainings.import_for(principal, body.csv, dry_run=body.dry_run, keep_going=body.keep_going)
