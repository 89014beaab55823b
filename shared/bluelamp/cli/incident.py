"""`bluelamp incident`: open, command and close a critical incident, and hide many posts by one order.

Everything goes through the API, as the person whose token is given: roles, the second person and the records are the
same as on the page. On the local stack it signs in as the communications officer, and agrees as the control room.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bluelamp.cli.through import through_the_api
from bluelamp.times import iso, utc_now

if TYPE_CHECKING:
    from bluelamp.cli.fetching import Api

# By which records name an author.
KEY = re.compile(r"[0-9a-f]{64}")


def one_line(one: Mapping[str, Any]) -> str:
    """Return an incident as one line."""
    return f"{one['id']}  {one['state']:<7} {one['code']}"


def job_line(job: Mapping[str, Any]) -> str:
    """Return a job as one line, with what is left alone and what came of it."""
    told = [f"{job['id']}  {job['verb']} {job['posts']} posts  {job['state']}"]
    told += [f"{name} {n}" for name, n in job["outcomes"].items()]
    told += [f"left alone, {why}: {n}" for why, n in job["excluded"].items()]
    told += [f"skipped, {why}: {n}" for why, n in job["skipped"].items()]
    if job["state"] == "waiting":
        told.append("waits for a second person")
    return "; ".join(told)


def policy_lines(one: Mapping[str, Any]) -> str:
    """Return the policy for all incidents: the bound, then an author a line."""
    lines = [f"above {one['bound']} posts a second person agrees"]
    lines += [
        f"{who['platform']}  {who.get('handle') or who.get('author_key') or 'nobody'}  {who['label']}".rstrip()
        for who in one["exempt"]
    ]
    return "\n".join(lines if one["exempt"] else [*lines, "Nobody is on the list of authors whom no order touches."])


def _listed(answer: Mapping[str, Any]) -> str:
    return "\n".join(map(one_line, answer["incidents"])) or "There is no incident."


def _shown(view: Mapping[str, Any]) -> str:
    lines = [one_line(view["incident"])]
    lines += [
        f"strategy {one['version']}, {one['at']}, {one['by']['name']}: {one['text']}" for one in view["strategies"]
    ]
    lines += [f"{one['at']}  {one['kind']}, {one['by']['name']}: {one['text']}" for one in view["entries"]]
    return "\n".join(lines + [job_line(job) for job in view["jobs"]])


def _reported(report: Mapping[str, Any]) -> str:
    lines = [one_line(report["incident"]), f"after {report['minutes']} minutes"]
    return "\n".join(lines + [f"{n:>7}  {name.replace('_', ' ')}" for name, n in report["figures"].items()])


@click.group()
def incident() -> None:
    """Open, command and close critical incidents."""


@incident.command("list")
@through_the_api("comms", _listed)
def list_incidents(api: Api) -> dict[str, Any]:
    """List incidents, the newest first."""
    return api.get("/incidents")


@incident.command("open")
@click.argument("code")
@click.option("--account", "accounts", multiple=True, required=True, help="An account of it; may be repeated.")
@click.option("--word", "words", multiple=True, help="A word that it is about; may be repeated.")
@click.option("--area", default="", help="Where it is, in words.")
@click.option("--strategy", required=True, help="The first version of the strategy.")
@through_the_api("comms", one_line)
def open_incident(
    api: Api, *, code: str, accounts: tuple[str, ...], words: tuple[str, ...], area: str, strategy: str
) -> dict[str, Any]:
    """Open the incident CODE from this moment on."""
    scope = {"accounts": list(accounts), "words": list(words), "area": area, "begin": iso(utc_now())}
    return api.post("/incidents", {"code": code, "scope": scope, "strategy": strategy})


@incident.command("show")
@click.argument("incident_id")
@through_the_api("comms", _shown)
def show(api: Api, *, incident_id: str) -> dict[str, Any]:
    """Show INCIDENT_ID: strategy, log book and jobs."""
    return api.get(f"/incidents/{incident_id}")


@incident.command("log")
@click.argument("incident_id")
@click.argument("text")
@through_the_api("comms", lambda line: f"{line['at']}  {line['by']['name']}: {line['text']}")
def log(api: Api, *, incident_id: str, text: str) -> dict[str, Any]:
    """Write the decision TEXT into the log book of INCIDENT_ID."""
    return api.post(f"/incidents/{incident_id}/log", {"kind": "decision", "text": text})


@incident.command("bulk")
@click.argument("incident_id")
@click.argument("verb", type=click.Choice(["hide", "unhide", "delete"]))
@click.option("--word", "words", multiple=True, help="A word that the posts have; may be repeated.")
@click.option("--everything", is_flag=True, help="Every post of the incident.")
@click.option("--reason", default="abuse", show_default=True, help="Why, by the codes of single posts.")
@click.option("--order", is_flag=True, help="Order it; without, it is previewed and nothing is done.")
@through_the_api("comms", job_line)
def bulk(
    api: Api, *, incident_id: str, verb: str, words: tuple[str, ...], everything: bool, reason: str, order: bool
) -> dict[str, Any]:
    """Hide, delete or show again many posts of INCIDENT_ID; what is left alone is said, and why."""
    asked: dict[str, Any] = {"verb": verb}
    if verb != "unhide":
        asked |= {"match": {"words": list(words), "everything": everything}, "reason": {"code": reason}}
    job: dict[str, Any] = api.post(f"/incidents/{incident_id}/jobs", asked)["job"]
    return _step(api, job, "start") if order else job


@incident.command("agree")
@click.argument("incident_id")
@click.argument("job_id")
@through_the_api("control", job_line)
def agree(api: Api, *, incident_id: str, job_id: str) -> dict[str, Any]:
    """Agree to the job JOB_ID of INCIDENT_ID that somebody else ordered."""
    return _step(api, api.get(f"/incidents/{incident_id}/jobs/{job_id}"), "agree")


@incident.command("job")
@click.argument("incident_id")
@click.argument("job_id")
@click.option(
    "--step", type=click.Choice(["pause", "resume", "stop"]), help="What to do with it; without, it is shown."
)
@through_the_api("comms", job_line)
def job(api: Api, *, incident_id: str, job_id: str, step: str | None) -> dict[str, Any]:
    """Show how far the job JOB_ID has come; pause it, let it go on, or stop it."""
    found = api.get(f"/incidents/{incident_id}/jobs/{job_id}")
    return _step(api, found, step) if step else found


@incident.command("report")
@click.argument("incident_id")
@click.option(
    "--pdf", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT", help="Write it as PDF here, too."
)
@through_the_api("comms", _reported)
def report(api: Api, *, incident_id: str, pdf: Path | None) -> dict[str, Any]:
    """Report INCIDENT_ID: its figures here, and all of it as PDF."""
    found = api.get(f"/incidents/{incident_id}/report")
    if pdf is not None:
        from bluelamp.incidents.model import Report  # noqa: PLC0415 -- who wants no PDF needs no library for it
        from bluelamp.incidents.printing import pdf_of  # noqa: PLC0415 -- likewise

        pdf.write_bytes(pdf_of(Report.model_validate(found)))
        click.echo(f"Written to {pdf}.", err=True)
    return found


@incident.command("close")
@click.argument("incident_id")
@through_the_api("comms", one_line)
def close(api: Api, *, incident_id: str) -> dict[str, Any]:
    """Close INCIDENT_ID; what is hidden stays hidden until it is shown again."""
    rev = api.get(f"/incidents/{incident_id}")["incident"]["rev"]
    return api.post(f"/incidents/{incident_id}/close", {"rev": rev})


@incident.group("policy")
def policy() -> None:
    """Show and set what holds for every incident: the bound, and the authors whom no order touches."""


@policy.command("show")
@through_the_api("comms", policy_lines)
def show_policy(api: Api) -> dict[str, Any]:
    """Show above how many posts a second person agrees, and whom no order touches. The look is on record."""
    return api.get("/incident-policy")


@policy.command("set")
@click.option("--bound", type=click.IntRange(1, 1000), help="Above how many posts a second person has to agree.")
@click.option(
    "--exempt",
    "added",
    type=(str, str),
    multiple=True,
    metavar="PLATFORM WHO",
    help="Put an author on the list, by handle or by the key in records; may be repeated.",
)
@click.option(
    "--touch",
    "dropped",
    type=(str, str),
    multiple=True,
    metavar="PLATFORM WHO",
    help="Take an author off the list; may be repeated.",
)
@click.option("--label", default="", help="Why those who are put on the list are, or who they are.")
@through_the_api("admin", policy_lines)
def set_policy(
    api: Api,
    *,
    bound: int | None,
    added: tuple[tuple[str, str], ...],
    dropped: tuple[tuple[str, str], ...],
    label: str,
) -> dict[str, Any]:
    """Set the bound and who is on the list, as an administrator. What is not named stays as it is."""
    if bound is None and not added and not dropped:
        raise click.UsageError("say what to set: --bound, --exempt or --touch")
    now = api.get("/incident-policy")
    listed = _put_and_taken(now["exempt"], added, dropped, label)
    body = {"bound": now["bound"] if bound is None else bound, "exempt": listed, "rev": now["rev"]}
    return api.put("/incident-policy", body)


def _put_and_taken(
    exempt: Iterable[Mapping[str, Any]],
    added: Iterable[tuple[str, str]],
    dropped: Iterable[tuple[str, str]],
    label: str,
) -> list[dict[str, Any]]:
    """Return the list without some authors and with others.

    Raises
    ------
    ClickException
        When one is to go that is not there, or to come that is.
    """
    look = "see bluelamp incident policy show"
    listed = [{name: value for name, value in one.items() if value is not None} for one in exempt]
    for platform, who in dropped:
        left = [one for one in listed if not _is(one, platform, who)]
        if len(left) == len(listed):
            raise click.ClickException(f"{who} on {platform} is not on the list: {look}")
        listed = left
    for platform, who in added:
        if any(_is(one, platform, who) for one in listed):
            raise click.ClickException(f"{who} on {platform} is on the list already: {look}")
        name = "author_key" if KEY.fullmatch(who) else "handle"
        listed.append({"platform": platform, name: who.removeprefix("@"), "label": label})
    return listed


def _is(one: Mapping[str, Any], platform: str, who: str) -> bool:
    """Tell whether an entry of the list is the author whom somebody named."""
    handle = (one.get("handle") or "").removeprefix("@").casefold()
    named = who.removeprefix("@").casefold()
    return one["platform"] == platform and named in {handle, one.get("author_key")} - {""}


def _step(api: Api, job: Mapping[str, Any], step: str) -> dict[str, Any]:
    path = f"/incidents/{job['incident']}/jobs/{job['id']}/steps"
    return api.post(path, {"step": step, "rev": job["rev"], "digest": job["digest"]})
