"""`bluelamp archive hold` and `bluelamp archive dispose`: what may not go, and what goes by the word of two people.

Both work through the API, as the person whose token is given, so roles, reasons and records are the same as for any
other client. On the local stack they sign in as the one whose business it is: the auditor holds, the administrator
proposes, the supervisor decides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import click

from bluelamp.cli.fetching import Api
from bluelamp.cli.through import Told, pages, through_the_api
from bluelamp.retention.model import DisposalReason, HoldReason, KeepReason, LiftReason, RefusalReason


def _hold_told(one: Mapping[str, Any]) -> str:
    missed = f", {len(one['missed'])} disposed of before" if one["missed"] else ""
    return f"{one['id']}  {one['state']:<9} {len(one['posts'])} posts{missed}  {one['reason']} {one['ref']}"


def _disposal_told(one: Mapping[str, Any]) -> str:
    posts = one["posts"] if isinstance(one["posts"], int) else len(one["posts"])
    line = f"{one['id']}  {one['state']:<9} {posts} posts  {one['reason']} {one['ref']}"
    each = [f"  {f['post']}  {f['state']}{': ' + f['why'] if f['why'] else ''}" for f in one.get("fates", ())]
    return "\n".join([line, *each])


def _review_told(one: Mapping[str, Any]) -> str:
    held = "  held" if one["held"] else ""
    return f"{one['post']}  due {one['review_at'][:10]}  {one['account']} {one['kind']}  {one['basis']}{held}"


def _certificate_told(one: Mapping[str, Any]) -> str:
    lines = [one["statement"], f"Proposed by {one['proposed']['by']['name']} ({one['proposed']['role']})"]
    lines.append(f"Approved by {one['approved']['by']['name']} ({one['approved']['role']})")
    for post in one["posts"]:
        left = f", {len(post['left'])} contexts of other posts may hold words of it" if post["left"] else ""
        why = f": {post['why']}" if post["why"] else f", {len(post['contents'])} keys{left}"
        lines.append(f"  {post['post']}  {post['state']}{why}")
    lines.append(f"Check it: bluelamp archive pull archive, then {one['done']['check']}")
    return "\n".join(lines)


def _listed(name: str, told: Told) -> Told:
    return lambda answer: "\n".join(map(told, answer[name])) or f"There are no {name}."


@click.group()
def hold() -> None:
    """Hold posts for proceedings: what is held is not disposed of."""


@hold.command("place")
@click.option("--post", "posts", multiple=True, help="A post's id; may be repeated.")
@click.option("--thread", help="All posts of a thread as it is now.")
@click.option("--reason", type=click.Choice(get_args(HoldReason)), required=True, help="Why.")
@click.option("--ref", required=True, help="The force's reference; it has a digit in it.")
@through_the_api("auditor", _hold_told)
def place(api: Api, *, posts: tuple[str, ...], thread: str | None, reason: str, ref: str) -> dict[str, Any]:
    """Hold posts, or all posts of a thread."""
    if bool(posts) == (thread is not None):
        raise click.UsageError("name posts with --post, or a thread with --thread")
    what: dict[str, Any] = {"thread": thread} if thread else {"posts": list(posts)}
    return api.post("/holds", {**what, "reason": reason, "ref": ref})


@hold.command("list")
@through_the_api("auditor", _listed("holds", _hold_told))
def list_holds(api: Api) -> dict[str, Any]:
    """List the holds, newest first."""
    return pages(api, "/holds", "holds")


@hold.command("release")
@click.argument("hold_id")
@click.option("--reason", type=click.Choice(get_args(LiftReason)), required=True, help="Why it is no longer needed.")
@click.option("--ref", help="The force's reference.")
@through_the_api("auditor", _hold_told)
def release(api: Api, *, hold_id: str, reason: str, ref: str | None) -> dict[str, Any]:
    """Release the hold HOLD_ID."""
    return api.post(f"/holds/{hold_id}/release", {"reason": reason, **({"ref": ref} if ref else {})})


@click.group()
def dispose() -> None:
    """Destroy what was kept of posts, by the word of two people, and certify it."""


@dispose.command("reviews")
@click.option("--account", help="Of one account alone.")
@through_the_api("admin", _listed("reviews", _review_told))
def reviews(api: Api, *, account: str | None) -> dict[str, Any]:
    """List posts whose review date has passed."""
    return pages(api, "/retention/reviews", "reviews", account=account)


@dispose.command("keep")
@click.argument("post_id")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day of the next review.")
@click.option("--reason", type=click.Choice(get_args(KeepReason)), required=True, help="Why it is kept.")
@click.option("--ref", required=True, help="The force's reference; it has a digit in it.")
@through_the_api("supervisor", _review_told)
def keep(api: Api, *, post_id: str, until: datetime, reason: str, ref: str) -> dict[str, Any]:
    """Say that the post POST_ID was reviewed and is kept longer."""
    body = {"until": f"{until:%Y-%m-%d}", "reason": reason, "ref": ref}
    return api.post(f"/retention/reviews/{post_id}/keep", body)


@dispose.command("propose")
@click.option("--post", "posts", multiple=True, required=True, help="A post's id; may be repeated, 100 at most.")
@click.option("--reason", type=click.Choice(get_args(DisposalReason)), required=True, help="Why.")
@click.option("--ref", required=True, help="The force's reference; it has a digit in it.")
@through_the_api("admin", _disposal_told)
def propose(api: Api, *, posts: tuple[str, ...], reason: str, ref: str) -> dict[str, Any]:
    """Propose a disposal. Nothing is destroyed until somebody else approves it."""
    return api.post("/disposals", {"posts": list(posts), "reason": reason, "ref": ref})


@dispose.command("approve")
@click.argument("disposal_id")
@through_the_api("supervisor", _disposal_told)
def approve(api: Api, *, disposal_id: str) -> dict[str, Any]:
    """Approve the disposal DISPOSAL_ID that somebody else proposed. It cannot be taken back."""
    return api.post(f"/disposals/{disposal_id}/approve")


@dispose.command("refuse")
@click.argument("disposal_id")
@click.option("--reason", type=click.Choice(get_args(RefusalReason)), required=True, help="Why not.")
@through_the_api("supervisor", _disposal_told)
def refuse(api: Api, *, disposal_id: str, reason: str) -> dict[str, Any]:
    """Refuse the disposal DISPOSAL_ID."""
    return api.post(f"/disposals/{disposal_id}/refuse", {"reason": reason})


@dispose.command("list")
@through_the_api("admin", _listed("disposals", _disposal_told))
def list_disposals(api: Api) -> dict[str, Any]:
    """List the disposals, newest first."""
    return pages(api, "/disposals", "disposals")


@dispose.command("show")
@click.argument("disposal_id")
@through_the_api("admin", _disposal_told)
def show(api: Api, *, disposal_id: str) -> dict[str, Any]:
    """Show the disposal DISPOSAL_ID and what became of each post."""
    return api.get(f"/disposals/{disposal_id}")


@dispose.command("certificate")
@click.argument("disposal_id")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it here, as JSON.")
@through_the_api("admin", _certificate_told)
def certificate(api: Api, *, disposal_id: str, out: Path | None) -> dict[str, Any]:
    """Show the certificate of the disposal DISPOSAL_ID once it is done."""
    found = api.get(f"/disposals/{disposal_id}/certificate")
    if out:
        out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found
