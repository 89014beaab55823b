"""`bluelamp admin` and `bluelamp person`: who may sign in, and as what.

A person is two things: a sign-in in Cognito, and an item in the table with a role, written together with its leaf. The
sign-in comes first, because its id is the person's key; alone it opens nothing. So a run that was cut off is
completed by the next. The local set-up makes its people by the same functions.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import click

from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor, Change, Obj, draft
from bluelamp.cli.admin.guide import guide, training
from bluelamp.cli.admin.tables import bring, importing, take
from bluelamp.cli.admin.target import Target, targeted
from bluelamp.cloud.sign_ins import SignIns
from bluelamp.cloud.sqs import Queue
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.people.closing import Closing
from bluelamp.people.files import PeopleFiles
from bluelamp.people.matrix import BY_TEAM
from bluelamp.people.model import Person, Role
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.roster.moving import Covers
from bluelamp.roster.store import RosterStore
from bluelamp.times import utc_now

ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
TEAM = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MAX_NAME = 100


def join(
    sign_ins: SignIns,
    people: People,
    *,
    email: str,
    name: str,
    role: Role,
    by: Actor,
    teams: tuple[str, ...] = (),
    password: str = "",
) -> Person:
    """Make the sign-in where it is missing, and the person with their leaf.

    Raises
    ------
    ConflictError
        When the person is there already; nothing is changed then.
    """
    subject = sign_ins.find(email)
    if subject is None:
        subject = sign_ins.create(email, name, password=password)
    else:
        _refuse_known(people, subject)
        if password:
            sign_ins.set_password(email, password)
    return people.add_person(person_id=subject, name=name, email=email, role=role, teams=teams, by=by)


def _refuse_known(people: People, subject: str) -> None:
    try:
        known = people.get(subject)
    except NotFoundError:
        return
    raise ConflictError(f"{known.email} is there already, as {known.role} ({known.status}); nothing was changed")


def people_of(target: Target) -> People:
    """Return the people of a deployment."""
    return People(PeopleStore(target.table))


def _sign_ins(target: Target) -> SignIns:
    return SignIns(target.client("cognito-idp"), target.outputs["UserPoolId"])


def _add(target: Target, *, email: str, name: str, role: Role, teams: tuple[str, ...]) -> None:
    email, name = email.strip().lower(), " ".join(name.split())
    if not ADDRESS.fullmatch(email):
        raise InvalidInputError("--email is not an e-mail address")
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise InvalidInputError(f"--name is empty, longer than {MAX_NAME} characters or not printable")
    for team in teams:
        if not TEAM.fullmatch(team):
            raise InvalidInputError(f"{team!r} is no team: lower-case letters, digits and hyphens, 40 at most")
    if role in BY_TEAM and not teams:
        raise InvalidInputError(f"a {role} reaches the accounts of their teams only: name at least one with --team")
    password = _own_password(target)
    person = join(
        _sign_ins(target),
        people_of(target),
        email=email,
        name=name,
        role=role,
        teams=teams,
        by=target.actor,
        password=password,
    )
    target.wake()
    click.echo(f"{person.email} is {person.role} now, with the id {person.id}.")
    if password:
        click.echo(f"Nobody sends e-mail on this machine; the password is {password}")
    else:
        click.echo("Cognito sends them a temporary password, valid for three days; they set up one-time codes then.")


def _own_password(target: Target) -> str:
    if not target.local:
        return ""
    from bluelamp.cli.local.signins import password  # noqa: PLC0415 - of local use alone

    return password()


def _resend(target: Target, email: str) -> None:
    email = email.strip().lower()
    sign_ins = _sign_ins(target)
    subject = sign_ins.find(email)
    if subject is None:
        raise NotFoundError("there is no sign-in with this address; add the person first")
    obj, change = Obj(kind="person", key=subject), Change(field="invitation", to="sent")
    target.record(draft(type="key", at=utc_now(), actor=target.actor, obj=obj, change=change))
    sign_ins.resend(email)
    click.echo(f"Cognito sends {email} a new temporary password.")


@click.group()
def admin() -> None:
    """Make administrators: the first one at deployment; publish the guide, and enter training."""


@admin.command("add")
@click.option("--email", required=True, help="Where Cognito sends the temporary password.")
@click.option("--name", required=True, help="As colleagues see it.")
@targeted
def add_admin(target: Target, *, email: str, name: str) -> None:
    """Make an administrator, with a sign-in and the record of it."""
    _add(target, email=email, name=name, role="admin", teams=())


admin.add_command(guide)
admin.add_command(training)


@click.group()
def person() -> None:
    """Add the people who use the desk, shut them out and let them in."""


@person.command("add")
@click.option("--email", required=True, help="Where Cognito sends the temporary password.")
@click.option("--name", required=True, help="As colleagues see it.")
@click.option("--role", required=True, type=click.Choice(get_args(Role)))
@click.option("--team", "teams", multiple=True, help="Whose accounts they reach; may be repeated.")
@targeted
def add_person(target: Target, *, email: str, name: str, role: Role, teams: tuple[str, ...]) -> None:
    """Add somebody, with a sign-in and the record of it."""
    _add(target, email=email, name=name, role=role, teams=teams)


@person.command("list")
@targeted
def list_people(target: Target) -> None:
    """Show everybody, by name."""
    for one in people_of(target).everybody():
        click.echo(f"{one.name:32} {one.email:44} {one.role:12} {one.status:10} {', '.join(one.teams)}".rstrip())


def closing_of(target: Target) -> Closing:
    """Return what closes open pages of a deployment's people."""
    return Closing(Queue(target.client("sqs"), target.outputs["LiveQueueUrl"]))


def _with_address(people: People, email: str) -> Person:
    found = [one for one in people.everybody() if one.email.lower() == email]
    # Somebody who left and came back by another sign-in stands there twice: who is here now is meant.
    found.sort(key=lambda one: one.status == "left")
    if not found:
        raise NotFoundError("there is nobody with this address; bluelamp person list shows everybody")
    return found[0]


def _set_status(target: Target, email: str, verb: str) -> None:
    email = email.strip().lower()
    people = people_of(target)
    found = _with_address(people, email)
    wanted, change = ("suspended", people.suspend) if verb == "suspend" else ("active", people.reinstate)
    if found.status == wanted:
        click.echo(f"{email} is {wanted} already; nothing was changed.")
        return
    if found.status == "left":
        raise ConflictError(f"{email} has left; nothing was changed")
    # The list by name may be a moment old; what is changed is what stands there now.
    change(found.id, rev=people.get(found.id).rev, by=target.actor)
    target.wake()
    if wanted != "active":
        closing_of(target)(found.id)
    click.echo(f"{email} is {wanted} now.")


@person.command("suspend")
@click.option("--email", required=True)
@targeted
def suspend(target: Target, *, email: str) -> None:
    """Shut somebody out: the next request of any of their sign-ins is refused."""
    _set_status(target, email, "suspend")


@person.command("resume")
@click.option("--email", required=True)
@targeted
def resume(target: Target, *, email: str) -> None:
    """Let somebody in again; they sign in anew."""
    _set_status(target, email, "resume")


@person.command("sign-out")
@click.option("--email", required=True)
@targeted
def sign_out(target: Target, *, email: str) -> None:
    """End all sign-ins of somebody, in browsers and by token; they may sign in anew."""
    people = people_of(target)
    found = _with_address(people, email.strip().lower())
    people.sign_out(found.id, rev=people.get(found.id).rev, by=target.actor)
    target.wake()
    closing_of(target)(found.id)
    click.echo(f"{found.email} is signed out everywhere.")


@person.command("invite")
@click.option("--email", required=True)
@targeted
def invite(target: Target, *, email: str) -> None:
    """Have the temporary password sent again, when the first one was not used in time."""
    _resend(target, email)


def files_of(target: Target) -> PeopleFiles:
    """Return imports and exports of a deployment's people."""

    def sign_in(email: str, name: str) -> str:
        sign_ins = _sign_ins(target)
        return sign_ins.find(email) or sign_ins.create(email, name, password=_own_password(target))

    return PeopleFiles(
        PeopleStore(target.table),
        sign_in=sign_in,
        teams=lambda: {one.team for one in AccountStore(target.table).all()},
        covers=Covers(RosterStore(target.table)),
        wake=target.wake,
        closing=closing_of(target),
    )


@person.command("import")
@importing
def import_people(
    target: Target, file: Path, *, dry_run: bool, keep_going: bool, new_teams: bool, as_json: bool
) -> None:
    """Bring the people to what the CSV FILE says; who is not in it stays as they are.

    Run it with --dry-run first. One that was cut off is run again: what was written is found unchanged.
    """
    bring(
        lambda raw: files_of(target).import_file(
            raw, target.actor, dry_run=dry_run, keep_going=keep_going, new_teams=new_teams
        ),
        file,
        dry_run=dry_run,
        as_json=as_json,
    )


@person.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@targeted
def export_people(target: Target, *, file: Path) -> None:
    """Write everybody into FILE, as CSV that `bluelamp person import` takes. Recorded as an export."""
    take(lambda: files_of(target).export_file(target.actor), file)
