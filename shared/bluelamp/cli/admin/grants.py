"""`bluelamp grant`: access to one account for a time, given, listed and withdrawn.

It goes through the API as the person whose token is given, so that the roles, the limits and the record are those of
everybody else: the keys of the AWS account give nobody access to an account. Locally it is the administrator.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

import click

from bluelamp.cli.fetching import Api
from bluelamp.cli.through import through_the_api
from bluelamp.people.access import GrantReason, WithdrawReason
from bluelamp.people.model import Gives
from bluelamp.times import iso

TIME = click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ"])


def told(one: Mapping[str, Any]) -> str:
    """Return a line of the list."""
    span = f"{one['begins_at'][:16]}Z to {one['ends_at'][:16]}Z"
    return f"{one['id']}  {one['state']:<9}  {one['person']}  {one['account']}  {one['gives']:<7}  {span}  {one['ref']}"


def _told_all(answer: Mapping[str, Any]) -> str:
    return "\n".join(map(told, answer["grants"])) or "Nobody was given anything."


@click.group()
def grant() -> None:
    """Give somebody one account for a time."""


@grant.command("list")
@click.option("--in-force", is_flag=True, help="Only what is in force now, or is to come.")
@through_the_api("admin", _told_all)
def list_grants(api: Api, *, in_force: bool) -> dict[str, Any]:
    """Show what was given, newest first; the reading is recorded."""
    found: list[Any] = []
    query: dict[str, str] = {}
    while True:
        page = api.get("/grants", **query)
        found += page["grants"]
        if page["next"] is None:
            break
        query = {"cursor": page["next"]}
    return {"grants": [one for one in found if not in_force or one["state"] in {"in_force", "to_come"}]}


@grant.command("give")
@click.option("--person", required=True, help="The person's id; bluelamp person list and the page show it.")
@click.option("--account", required=True, help="The account's id, as facebook-123.")
@click.option("--gives", type=click.Choice(get_args(Gives)), required=True, help="To work there, or to read alone.")
@click.option("--from", "begins", type=TIME, help="UTC, as 2026-11-22T16:00Z; left out, now.")
@click.option("--until", "ends", type=TIME, required=True, help="UTC.")
@click.option("--reason", type=click.Choice(get_args(GrantReason)), required=True)
@click.option("--ref", required=True, help="The number of a file of the force; it has a digit in it.")
@through_the_api("admin", told)
def give(api: Api, *, begins: datetime | None, ends: datetime, **what: str) -> dict[str, Any]:
    """Give somebody one account for a time; nobody gives it to himself."""
    body: dict[str, Any] = {**what, "until": iso(ends.replace(tzinfo=UTC))}
    if begins is not None:
        body["from"] = iso(begins.replace(tzinfo=UTC))
    return api.post("/grants", body)


@grant.command("withdraw")
@click.argument("grant_id")
@click.option("--reason", type=click.Choice(get_args(WithdrawReason)), default="no_longer_needed", show_default=True)
@through_the_api("admin", told)
def withdraw(api: Api, *, grant_id: str, reason: str) -> dict[str, Any]:
    """End it before its time; the next request of the person is decided without it."""
    return api.delete(f"/grants/{grant_id}", reason=reason)
