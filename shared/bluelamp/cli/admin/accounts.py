"""`bluelamp account`: the force's pages and profiles, one by one or as a CSV file, each change with its leaf."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import click

from bluelamp.accounts.files import AccountFiles
from bluelamp.accounts.model import AccountKind, Officer
from bluelamp.accounts.registering import Author, Registrar
from bluelamp.accounts.service import Accounts
from bluelamp.accounts.store import AccountStore
from bluelamp.cli.admin.people import TEAM, people_of
from bluelamp.cli.admin.tables import bring, importing, take
from bluelamp.cli.admin.target import Target, targeted
from bluelamp.connections.leaving import Leaving
from bluelamp.connections.store import ConnectionStore
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.ids import account_id
from bluelamp.platforms.registry import NAMES, connector

NATIVE_ID = re.compile(r"[0-9]{1,25}")


def accounts_of(target: Target) -> Accounts:
    """Return the accounts of a deployment."""
    return Accounts(AccountStore(target.table), connector)


@click.group()
def account() -> None:
    """Register the force's pages and profiles."""


@account.command("add")
@click.option("--platform", required=True, type=click.Choice(NAMES))
@click.option("--native-id", required=True, help="The platform's own number of the page or profile, not its handle.")
@click.option("--name", required=True, help="As the page calls itself.")
@click.option("--team", required=True, help="The team that answers for it.")
@click.option("--handle", help="What stands in its address.")
@click.option("--kind", type=click.Choice(get_args(AccountKind)), default="headquarters", show_default=True)
@click.option("--lead", help="E-mail address of the person who leads it.")
@click.option("--deputy", help="E-mail address of their deputy.")
@click.option("--local-delete", is_flag=True, help="Its local team may delete as well as hide.")
@targeted
def add(
    target: Target,
    *,
    platform: str,
    native_id: str,
    name: str,
    team: str,
    handle: str | None,
    kind: AccountKind,
    lead: str | None,
    deputy: str | None,
    local_delete: bool,
) -> None:
    """Register an account. It is listened to once its token is set: `bluelamp secret set account/ID`."""
    if not NATIVE_ID.fullmatch(native_id):
        raise InvalidInputError("--native-id is the platform's number, of digits alone; a handle is not it")
    if not TEAM.fullmatch(team):
        raise InvalidInputError(f"{team!r} is no team: lower-case letters, digits and hyphens, 40 at most")
    accounts, wanted = accounts_of(target), account_id(platform, native_id)
    if accounts.many([wanted]):
        raise ConflictError(f"{wanted} is there already; nothing was changed")
    officers = _officers(target, {email.strip().lower() for email in (lead, deputy) if email})
    made = accounts.add_account(
        platform=platform,
        native_id=native_id,
        name=" ".join(name.split()),
        handle=handle,
        kind=kind,
        team=team,
        lead=officers[lead.strip().lower()] if lead else None,
        deputy=officers[deputy.strip().lower()] if deputy else None,
        local_verbs=["delete"] if local_delete else [],
        by=target.actor,
        people=people_of(target),
    )
    target.wake()
    click.echo(f"{made.id} is registered for the team {made.team}. Next: bluelamp secret set account/{made.id}")


def _officers(target: Target, wanted: set[str]) -> dict[str, Officer]:
    if not wanted:
        return {}
    found = {p.email: Officer(id=p.id, name=p.name) for p in people_of(target).everybody() if p.email in wanted}
    missing = wanted - found.keys()
    if missing:
        raise NotFoundError(f"nobody here has the address {', '.join(sorted(missing))}; see bluelamp person add")
    return found


@account.command("list")
@targeted
def show(target: Target) -> None:
    """Show every account, by id."""
    for one in accounts_of(target).all():
        lead = one.lead.name if one.lead else "no lead"
        click.echo(f"{one.id:32} {one.name:44} {one.kind:14} {one.team:20} {one.status:10} {lead}")


def files_of(target: Target) -> AccountFiles:
    """Return imports and exports of a deployment's register."""
    store = AccountStore(target.table)
    people = people_of(target)
    registrar = Registrar(store, people, leaving=Leaving(ConnectionStore(target.table)))
    return AccountFiles(store, registrar=registrar, people=people, platforms=NAMES, wake=target.wake)


@account.command("import")
@importing
def import_file(target: Target, file: Path, *, dry_run: bool, keep_going: bool, new_teams: bool, as_json: bool) -> None:
    """Bring the register to what the CSV FILE says; accounts that are not in it stay as they are.

    Run it with --dry-run first. One that was cut off is run again: what was written is found unchanged.
    """
    author = Author(target.actor)
    bring(
        lambda raw: files_of(target).import_file(
            raw, author, dry_run=dry_run, keep_going=keep_going, new_teams=new_teams
        ),
        file,
        dry_run=dry_run,
        as_json=as_json,
    )


@account.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@targeted
def export_file(target: Target, *, file: Path) -> None:
    """Write the whole register into FILE, as CSV that `bluelamp account import` takes. Recorded as an export."""
    take(lambda: files_of(target).export_file(Author(target.actor)), file)
