"""`bluelamp publication`: write what the force says, give one's word for it, take it down, and stop all of it.

Everything goes through the API, as the person whose token is given. On the local stack it writes as the communications
officer, and gives its word as the supervisor, as nobody approves what they wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from bluelamp.cli.attaching import attach
from bluelamp.cli.through import pages, through_the_api
from bluelamp.publishing.model import DownReason, PauseReason, RejectReason

if TYPE_CHECKING:
    from bluelamp.cli.fetching import Api


def one_line(one: Mapping[str, Any]) -> str:
    """Return a publication of a list as one line."""
    at = f"  at {one['due']}" if one["due"] else ""
    return f"{one['id']}  {one['state']:<9} {len(one['accounts'])} accounts{at}  {one['text'][:60]!r}"


def shown(one: Mapping[str, Any]) -> str:
    """Return a publication with whose word it waits for, and what became of it on each account."""
    fields = one["fields"]
    lines = [one_line({**one, "accounts": fields["accounts"], "text": fields["text"]})]
    lines += [
        f"waits for the word of {need['approver']} of {need['account']}" for need in one["needs"] if not need["by"]
    ]
    for copy in one["copies"]:
        why = f": {copy['error']}" if copy["error"] else ""
        number = f"  {copy['native_id']}" if copy["native_id"] else ""
        lines.append(f"  {copy['account']}  {copy['verb']} {copy['state']}{why}{number}  copy {copy['id']}")
    return "\n".join(lines)


def paused(one: Mapping[str, Any]) -> str:
    """Return a pause as one line."""
    where = "the whole force" if one["accounts"] is None else ", ".join(one["accounts"])
    ended = f", ended by {one['ended_by']['name']}" if one["ended_by"] else ""
    return f"{one['id']}  {where}  {one['reason']}  since {one['at']} by {one['by']['name']}{ended}"


@click.group()
def publication() -> None:
    """Write, approve, schedule and take down what the force says."""


@publication.command("list")
@through_the_api("comms", lambda found: "\n".join(map(one_line, found["publications"])) or "Nothing was written yet.")
def list_publications(api: Api) -> dict[str, Any]:
    """List publications, the newest first."""
    return pages(api, "/publications", "publications")


@publication.command("show")
@click.argument("publication_id")
@through_the_api("comms", shown)
def show(api: Api, *, publication_id: str) -> dict[str, Any]:
    """Show PUBLICATION_ID and what became of it on each account."""
    return api.get(f"/publications/{publication_id}")


@publication.command("draft")
@click.argument("text")
@click.option("--account", "accounts", multiple=True, required=True, help="Where it is published; may be repeated.")
@click.option("--link", help="A link below the words.")
@click.option("--at", help="When, by the clock in London: 2026-12-01T09:30. Without it, at once.")
@click.option("--fold", type=click.Choice(["first", "second"]), help="Which one, of an hour that comes twice.")
@click.option("--every", type=click.Choice(["day", "week"]), help="Again, each day or week; with --times.")
@click.option("--times", type=click.IntRange(2, 60), help="How many times in all.")
@through_the_api("comms", shown)
def draft(api: Api, *, text: str, accounts: tuple[str, ...], link: str | None, **when: Any) -> dict[str, Any]:
    """Write TEXT as a draft; nothing goes out before it is submitted."""
    if (when["every"] is None) != (when["times"] is None):
        raise click.UsageError("--every and --times belong together")
    again = {"every": when["every"], "times": when["times"]} if when["every"] else None
    schedule = {"at": when["at"], "fold": when["fold"], "again": again}
    fields = {"text": text, "link": link, "accounts": list(accounts), "schedule": schedule}
    return api.post("/publications", {"fields": fields})


@publication.command("attach")
@click.argument("publication_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--alt", default="", help="What is to be seen, for those who do not see it; a picture needs it.")
@through_the_api("comms", shown)
def attach_file(api: Api, *, publication_id: str, file: Path, alt: str) -> dict[str, Any]:
    """Send the picture or film FILE, and add it to the draft PUBLICATION_ID."""
    seen = api.get(f"/publications/{publication_id}")
    asset = attach(api, file, told=lambda done, size: click.echo(f"{100 * done // size} % sent", err=True))
    fields = seen["fields"]
    fields["assets"] = [*fields["assets"], {"id": asset["id"], "alt": alt}]
    return api.put(f"/publications/{publication_id}", {"fields": fields, "rev": seen["rev"]})


@publication.command("submit")
@click.argument("publication_id")
@click.option("--despite", is_flag=True, help="Though publishing is paused; takes the right to pause.")
@through_the_api("comms", shown)
def submit(api: Api, *, publication_id: str, despite: bool) -> dict[str, Any]:
    """Send PUBLICATION_ID, schedule it, or ask for the word that it takes."""
    return _step(api, publication_id, "submit", despite=despite)


@publication.command("approve")
@click.argument("publication_id")
@through_the_api("supervisor", shown)
def approve(api: Api, *, publication_id: str) -> dict[str, Any]:
    """Give one's word for PUBLICATION_ID, which somebody else wrote."""
    return _step(api, publication_id, "approve")


@publication.command("reject")
@click.argument("publication_id")
@click.option("--reason", type=click.Choice(get_args(RejectReason)), required=True, help="Why.")
@through_the_api("supervisor", shown)
def reject(api: Api, *, publication_id: str, reason: str) -> dict[str, Any]:
    """Give PUBLICATION_ID back to whoever wrote it."""
    return _step(api, publication_id, "reject", reason=reason)


@publication.command("withdraw")
@click.argument("publication_id")
@through_the_api("comms", shown)
def withdraw(api: Api, *, publication_id: str) -> dict[str, Any]:
    """Take back PUBLICATION_ID, which has not gone out."""
    return _step(api, publication_id, "withdraw")


@publication.command("send")
@click.argument("publication_id")
@through_the_api("comms", shown)
def send(api: Api, *, publication_id: str) -> dict[str, Any]:
    """Send what of PUBLICATION_ID was held, stopped, or failed for certain."""
    return _step(api, publication_id, "send")


@publication.command("take-down")
@click.argument("publication_id")
@click.option("--account", "accounts", multiple=True, help="On this account alone; may be repeated.")
@click.option("--reason", type=click.Choice(get_args(DownReason)), required=True, help="Why.")
@through_the_api("comms", shown)
def take_down(api: Api, *, publication_id: str, accounts: tuple[str, ...], reason: str) -> dict[str, Any]:
    """Take PUBLICATION_ID down, and send nothing more of it."""
    body = {"accounts": list(accounts) or None, "reason": reason}
    return api.post(f"/publications/{publication_id}/take-down", body)


@publication.command("verify")
@click.argument("publication_id")
@through_the_api("comms", shown)
def verify(api: Api, *, publication_id: str) -> dict[str, Any]:
    """Have each platform asked what the public sees of PUBLICATION_ID; `show` says so in a moment."""
    return api.post(f"/publications/{publication_id}/verify", {})


@publication.command("settle")
@click.argument("publication_id")
@click.argument("copy_id")
@click.option("--happened/--did-not-happen", "happened", default=None, help="What you saw; one of them is needed.")
@click.option("--number", help="Its number on the platform, where it is out.")
@through_the_api("comms", shown)
def settle(api: Api, *, publication_id: str, copy_id: str, happened: bool | None, number: str | None) -> dict[str, Any]:
    """Say what came of COPY_ID, which nobody knows of, having looked at the platform."""
    if happened is None:
        raise click.UsageError("say what you saw there: --happened or --did-not-happen")
    body = {"copy_id": copy_id, "happened": happened, "native_id": number}
    return api.post(f"/publications/{publication_id}/settle", body)


@publication.command("pauses")
@through_the_api("comms", lambda found: "\n".join(map(paused, found["pauses"])) or "Publishing is not paused.")
def pauses(api: Api) -> dict[str, Any]:
    """List what stands still."""
    return api.get("/publication-pauses")


@publication.command("pause")
@click.option("--account", "accounts", multiple=True, help="This account alone; may be repeated. Else the whole force.")
@click.option("--reason", type=click.Choice(get_args(PauseReason)), required=True, help="Why.")
@through_the_api("comms", paused)
def pause(api: Api, *, accounts: tuple[str, ...], reason: str) -> dict[str, Any]:
    """Stop everything that is scheduled and not being sent yet."""
    return api.post("/publication-pauses", {"accounts": list(accounts) or None, "reason": reason})


@publication.command("resume")
@click.argument("pause_id")
@through_the_api("comms", paused)
def resume(api: Api, *, pause_id: str) -> dict[str, Any]:
    """End PAUSE_ID: publishing goes on."""
    return api.post(f"/publication-pauses/{pause_id}/resume", {})


def _step(api: Api, publication_id: str, step: str, **more: Any) -> dict[str, Any]:
    """Decide on a publication at the revision that it has now."""
    rev = api.get(f"/publications/{publication_id}")["rev"]
    return api.post(f"/publications/{publication_id}/{step}", {"rev": rev, **more})
