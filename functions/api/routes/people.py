"""The people of the force: listed, shown, taken out and brought back as a file, and what the force's groups give."""

from http import HTTPStatus

from chalice.app import HeadersType, Response
from pydantic import ConfigDict, Field

from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.directory import MAX_PAGE, PersonDetail, PersonPage
from bluelamp.people.groups import MAX_RULES, GroupRule
from bluelamp.people.mapping import MappingView
from bluelamp.people.model import PersonStatus, Principal, Role
from bluelamp.tabular.importing import ImportReport
from contract import Resource
from parts import parts

resource = Resource(__name__)


class PeopleQuery(Model):
    """Which people, and which part of the list; `name` is a part of the name or the address."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str | None = Field(default=None, max_length=100)
    role: Role | None = None
    status: PersonStatus | None = None
    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=MAX_PAGE)


class PeopleFile(Model):
    """A file as text, and how to take it: tried only, good lines in spite of bad ones, teams not heard of before."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    csv: str
    dry_run: bool = True
    keep_going: bool = False
    new_teams: bool = False


class MappingBody(Model):
    """What groups give, in order, and the revision that was seen."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    rules: tuple[GroupRule, ...] = Field(max_length=MAX_RULES)
    rev: int = Field(ge=0)


@resource.route("/people")
def list_people(principal: Principal, query: PeopleQuery) -> PersonPage:
    """List people by name; the reading is recorded."""
    return parts().directory.page(principal, **query.model_dump())


@resource.route("/people/import", methods=["POST"])
def import_people(principal: Principal, body: PeopleFile) -> ImportReport:
    """Try a CSV file, or bring the people to what it says; a repeat changes nothing."""
    return parts().people_files.import_for(
        principal, body.csv, dry_run=body.dry_run, keep_going=body.keep_going, new_teams=body.new_teams
    )


@resource.route("/people/export")
def export_people(principal: Principal) -> Response:
    """Give everybody as a CSV file."""
    text = parts().people_files.export_for(principal)
    headers: HeadersType = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="people.csv"',
    }
    return Response(body=text, headers=headers, status_code=HTTPStatus.OK)


@resource.route("/people/{person_id}")
def open_person(principal: Principal, person_id: str) -> PersonDetail:
    """Show one person, and what they have for a time; the reading is recorded."""
    return parts().directory.detail(principal, person_id)


@resource.route("/groups")
def show_groups(principal: Principal) -> MappingView:
    """Show what the force's groups give; the reading is recorded."""
    return parts().group_mappings.show(principal)


@resource.route("/groups", methods=["PUT"])
def set_groups(principal: Principal, body: MappingBody, idem: Idempotency) -> MappingView:
    """Set what the force's groups give, from the next sign-in on; the record names the mapping by its hash."""
    return parts().group_mappings.put(principal, body.rules, rev=body.rev, idem=idem)
