"""`bluelamp incident`: open, command and close a critical incident, and hide many posts by one order.

Everything goes through the API, as the person whose token is given: roles, the second person and the records are the
same as on the page. On the local stack it signs in as the communications officer, and agrees as the control room.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bluelamp.cli.through import through_the_api
from bluelamp.times import iso, utc_now

if TYPE_CHECKING:
    from bluelamp.cli.fetching import Api


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


def _step(api: Api, job: Mapping[str, Any], step: str) -> dict[str, Any]:
    path = f"/incidents/{job['incident']}/jobs/{job['id']}/steps"
    return api.post(path, {"step": step, "rev": job["rev"], "digest": job["digest"]})
