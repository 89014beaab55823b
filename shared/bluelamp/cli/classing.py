"""`bluelamp archive classes`: how long posts of each kind are kept on each platform before somebody reviews them.

Through the API, as the person whose token is given, like `hold` and `dispose`; on the local stack as the administrator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import click

from bluelamp.cli.fetching import Api
from bluelamp.cli.through import through_the_api
from bluelamp.posts.model import Kind
from bluelamp.retention.model import Basis
from bluelamp.retention.rules import DEFAULTS


def _class_told(one: Mapping[str, Any]) -> str:
    by = f"  set by {one['changed_by']['name']} on {one['changed_at'][:10]}" if one["changed_by"] else ""
    return f"{one['platform']:<10} {one['kind']:<10} {one['days']:>6} days  {one['basis']}  rev {one['rev']}{by}"


def _all_told(answer: Mapping[str, Any]) -> str:
    return "\n".join(map(_class_told, answer["classes"]))


@click.group()
def classes() -> None:
    """List and set how long posts are kept before somebody reviews them."""


@classes.command("list")
@through_the_api("admin", _all_told)
def list_classes(api: Api) -> dict[str, Any]:
    """List the classes, by platform and kind."""
    return api.get("/retention/classes")


@classes.command("set")
@click.argument("platform", type=click.Choice(sorted(DEFAULTS)))
@click.argument("kind", type=click.Choice(get_args(Kind)))
@click.option("--days", type=click.IntRange(1, 36_525), required=True, help="After how many days they are reviewed.")
@click.option("--basis", type=click.Choice(get_args(Basis)), required=True, help="On what basis.")
@click.option("--rev", type=click.IntRange(min=0), help="The revision that you saw; without it, the one in force.")
@through_the_api("admin", _class_told)
def set_class(api: Api, *, platform: str, kind: str, days: int, basis: str, rev: int | None) -> dict[str, Any]:
    """Set the class of posts of a KIND on a PLATFORM."""
    if rev is None:
        found = api.get("/retention/classes")["classes"]
        rev = next(one["rev"] for one in found if (one["platform"], one["kind"]) == (platform, kind))
    return api.put(f"/retention/classes/{platform}/{kind}", {"days": days, "basis": basis, "rev": rev})
