"""`bluelamp rights`: which rights cases there are, and which are due. Through the API: the looking is recorded.

On the local stack it signs in as the auditor, whose business cases are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from bluelamp.cli.through import through_the_api

if TYPE_CHECKING:
    from bluelamp.cli.fetching import Api


def told(one: Mapping[str, Any]) -> str:
    """Return a case as one line."""
    due = one["due"]
    return f"{one['id']}  {one['ref']:<16} {one['kind']:<13} {one['state']:<22} {left(due)}"


def left(due: Mapping[str, Any]) -> str:
    """Return in words how much time is left."""
    if due["waits_for"]:
        return f"the clock waits for {due['waits_for']}"
    days = due["days_left"]
    if days is None:
        return "finished"
    unit = "day" if abs(days) == 1 else "days"
    if days < 0:
        return f"overdue by {-days} {unit} (was due {due['on']})"
    return f"due {due['on']}, {days} {unit} left" if days else f"due today, {due['on']}"


def _listed(answer: Mapping[str, Any]) -> str:
    return "\n".join(map(told, answer["cases"])) or "There are no such cases."


@click.group()
def rights() -> None:
    """Show requests for access, FOI, rectification and erasure."""


@rights.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are finished, too: newest first.")
@through_the_api("auditor", _listed)
def list_cases(api: Api, *, everything: bool) -> dict[str, Any]:
    """List the open cases, the nearest due first."""
    if not everything:
        return api.get("/rights")
    found: list[Any] = []
    page: dict[str, Any] = {"next": None}
    while True:
        page = api.get("/rights", which="all", **({"cursor": page["next"]} if page["next"] else {}))
        found += page["cases"]
        if page["next"] is None:
            return {"cases": found}


@rights.command("due")
@click.option("--days", type=click.IntRange(0), default=10, show_default=True, help="Due within so many days.")
@through_the_api("auditor", _listed)
def due_cases(api: Api, *, days: int) -> dict[str, Any]:
    """List the cases that are due soon, or overdue."""
    found = api.get("/rights")["cases"]
    return {"cases": [one for one in found if (n := one["due"]["days_left"]) is not None and n <= days]}
