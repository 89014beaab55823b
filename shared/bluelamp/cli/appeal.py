"""`bluelamp appeal`: ask the public, by the word of two people; judge what comes in; and end it everywhere.

Everything goes through the API, as the person whose token is given. On the local stack it works as the communications
officer, and approves as the supervisor.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

import click

from bluelamp.appeals.model import AppealKind, Basis, Ending, Outcome, RejectReason, Verdict
from bluelamp.cli.through import pages, through_the_api
from bluelamp.times import iso, utc_now

if TYPE_CHECKING:
    from bluelamp.cli.fetching import Api


def one_line(one: Mapping[str, Any]) -> str:
    """Return an appeal as one line."""
    facts = one["facts"]
    outcome = f"  {one['outcome']}" if one.get("outcome") else ""
    return f"{one['id']}  {one['state']:<8} {facts['kind']:<8} {facts['ref']}  {facts['title']}{outcome}"


def shown(view: Mapping[str, Any]) -> str:
    """Return an appeal with what became of it on each account."""
    lines = [one_line(view["appeal"])]
    lines += [f"  {one['account']}  {one['state']}{_left(one)}" for one in view["copies"]]
    return "\n".join(lines)


def lead_line(one: Mapping[str, Any]) -> str:
    """Return what somebody answered, with what was made of it."""
    lead = one["lead"]
    verdict = lead["verdict"] if lead else "not looked at"
    passed = f", passed on as {lead['passed']}" if lead and lead["passed"] else ""
    return f"{one['post']['id']}  {verdict}{passed}  {one['post']['text'][:80]!r}"


def _left(one: Mapping[str, Any]) -> str:
    why = f": {one['error']}" if one["error"] else ""
    return f"{why}{', still to be seen' if one['remaining'] else ''}{', updated' if one['updated'] else ''}"


def _listed(found: Mapping[str, Any]) -> str:
    return "\n".join(map(one_line, found["appeals"])) or "There is no appeal."


@click.group()
def appeal() -> None:
    """Make appeals to the public, judge what comes in, and end them."""


@appeal.command("list")
@through_the_api("comms", _listed)
def list_appeals(api: Api) -> dict[str, Any]:
    """List appeals, the newest first."""
    return pages(api, "/appeals", "appeals")


@appeal.command("show")
@click.argument("appeal_id")
@through_the_api("comms", shown)
def show(api: Api, *, appeal_id: str) -> dict[str, Any]:
    """Show APPEAL_ID and what became of it on each account."""
    return api.get(f"/appeals/{appeal_id}")


@appeal.command("open")
@click.argument("title")
@click.option("--publication", "publications", multiple=True, required=True, help="A draft of it; may be repeated.")
@click.option("--kind", type=click.Choice(get_args(AppealKind)), required=True, help="What is asked for.")
@click.option("--basis", type=click.Choice(get_args(Basis)), required=True, help="The lawful basis.")
@click.option("--ref", required=True, help="The number of the crime or the report.")
@click.option("--reason", required=True, help="Why the public must be asked.")
@click.option("--review-on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="When it is looked at again.")
@through_the_api("comms", shown)
def open_appeal(
    api: Api, *, title: str, publications: tuple[str, ...], review_on: datetime, **facts: str
) -> dict[str, Any]:
    """Make the appeal TITLE around drafted publications."""
    said = {**facts, "title": title, "review_on": review_on.date().isoformat()}
    return api.post("/appeals", {"facts": said, "publications": list(publications)})


@appeal.command("propose")
@click.argument("appeal_id")
@through_the_api("comms", shown)
def propose(api: Api, *, appeal_id: str) -> dict[str, Any]:
    """Ask a second person to approve APPEAL_ID."""
    return _step(api, appeal_id, "propose")


@appeal.command("approve")
@click.argument("appeal_id")
@through_the_api("supervisor", shown)
def approve(api: Api, *, appeal_id: str) -> dict[str, Any]:
    """Approve APPEAL_ID, which somebody else wrote; what it publishes goes out."""
    return _step(api, appeal_id, "approve")


@appeal.command("reject")
@click.argument("appeal_id")
@click.option("--reason", type=click.Choice(get_args(RejectReason)), required=True, help="Why.")
@through_the_api("supervisor", shown)
def reject(api: Api, *, appeal_id: str, reason: str) -> dict[str, Any]:
    """Give APPEAL_ID back to whoever wrote it."""
    return _step(api, appeal_id, "reject", reason=reason)


@appeal.command("keep")
@click.argument("appeal_id")
@click.option("--review-on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="When it is looked at again.")
@through_the_api("comms", shown)
def keep(api: Api, *, appeal_id: str, review_on: datetime) -> dict[str, Any]:
    """Say that APPEAL_ID must stay public, and until when."""
    return _step(api, appeal_id, "keep", review_on=review_on.date().isoformat())


@appeal.command("leads")
@click.argument("appeal_id")
@through_the_api("comms", lambda found: "\n".join(map(lead_line, found["leads"])) or "Nobody has answered.")
def leads(api: Api, *, appeal_id: str) -> dict[str, Any]:
    """List what the public answered to APPEAL_ID, what nobody has looked at first."""
    return api.get(f"/appeals/{appeal_id}/leads")


@appeal.command("judge")
@click.argument("appeal_id")
@click.argument("post_id")
@click.argument("verdict", type=click.Choice(get_args(Verdict)))
@through_the_api("comms", lead_line)
def judge(api: Api, *, appeal_id: str, post_id: str, verdict: str) -> dict[str, Any]:
    """Say what POST_ID, an answer to APPEAL_ID, is."""
    return api.put(f"/appeals/{appeal_id}/leads/{post_id}", {"verdict": verdict, "rev": _rev(api, post_id)})


@appeal.command("pass-on")
@click.argument("appeal_id")
@click.argument("post_id")
@click.argument("ref")
@through_the_api("comms", lead_line)
def pass_on(api: Api, *, appeal_id: str, post_id: str, ref: str) -> dict[str, Any]:
    """Write down that the force's own system has POST_ID as REF."""
    return api.post(f"/appeals/{appeal_id}/leads/{post_id}/pass", {"ref": ref, "rev": _rev(api, post_id)})


@appeal.command("close")
@click.argument("appeal_id")
@click.argument("outcome", type=click.Choice(get_args(Outcome)))
@click.option("--since", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="Since when: 2026-12-01T09:30:00+0000.")
@click.option("--ending", type=click.Choice(get_args(Ending)), default="take_down", show_default=True)
@click.option("--text", help="What an update puts in its place.")
@through_the_api("comms", shown)
def close(
    api: Api, *, appeal_id: str, outcome: str, since: datetime | None, ending: str, text: str | None
) -> dict[str, Any]:
    """Say what came of APPEAL_ID, and take it down or update it everywhere."""
    said = {"outcome": outcome, "outcome_at": iso(since or utc_now()), "ending": ending, "text": text}
    return _step(api, appeal_id, "close", **said)


@appeal.command("clear")
@click.argument("appeal_id")
@through_the_api("comms", shown)
def clear(api: Api, *, appeal_id: str) -> dict[str, Any]:
    """Take down what is still to be seen of APPEAL_ID after its end."""
    return _step(api, appeal_id, "clear")


def _step(api: Api, appeal_id: str, step: str, **more: Any) -> dict[str, Any]:
    """Decide on an appeal at the revision that it has now."""
    rev = api.get(f"/appeals/{appeal_id}")["appeal"]["rev"]
    return api.post(f"/appeals/{appeal_id}/{step}", {"rev": rev, **more})


def _rev(api: Api, post_id: str) -> int:
    rev: int = api.get(f"/posts/{post_id}")["post"]["rev"]
    return rev
