"""`bluelamp approval`: what was proposed for posts and waits for a second person.

Everything goes through the API, as the person whose token is given. On the local stack it decides as the supervisor;
`--as` names another role where an account's policy asks for its word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from bluelamp.actions.model import RejectReason
from bluelamp.cli import post_words as words
from bluelamp.cli.post import act, at_revision
from bluelamp.cli.through import through_the_api

if TYPE_CHECKING:
    from bluelamp.cli.fetching import Api


@click.group()
def approval() -> None:
    """List, approve and reject what somebody else proposed, and withdraw one's own."""


@approval.command("list")
@through_the_api("supervisor", words.approvals)
def list_approvals(api: Api) -> dict[str, Any]:
    """List what waits for your word, and what you proposed yourself, the oldest first."""
    return api.get("/approvals")


@approval.command("approve")
@at_revision
@click.argument("action_id")
@through_the_api("supervisor", words.result)
def approve(api: Api, *, post_id: str, action_id: str, **given: Any) -> dict[str, Any]:
    """Approve ACTION_ID of POST_ID, which somebody else proposed."""
    return act(api, post_id, f"actions/{action_id}/approve", given)


@approval.command("reject")
@click.argument("post_id")
@click.argument("action_id")
@click.option("--reason", type=click.Choice(get_args(RejectReason)), required=True, help="Why not.")
@through_the_api("supervisor", words.result)
def reject(api: Api, *, post_id: str, action_id: str, reason: str) -> dict[str, Any]:
    """Say no to ACTION_ID of POST_ID."""
    return api.post(f"/posts/{post_id}/actions/{action_id}/reject", {"reason": reason})


@approval.command("withdraw")
@click.argument("post_id")
@click.argument("action_id")
@through_the_api("comms", words.result)
def withdraw(api: Api, *, post_id: str, action_id: str) -> dict[str, Any]:
    """Take back ACTION_ID of POST_ID, which you proposed yourself."""
    return api.post(f"/posts/{post_id}/actions/{action_id}/withdraw", {})
