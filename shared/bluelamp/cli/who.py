"""`bluelamp who`: who is responsible for an account at a minute, from a deployment or from a pulled archive, offline.

Asked of a deployment, the asking is recorded, as it is on the page. A pulled archive knows ids and no names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bluelamp.audit import commits
from bluelamp.audit.leaf import Query, draft
from bluelamp.cli.admin.target import Target, targeted
from bluelamp.cli.recover import evidence_of, parameters_of
from bluelamp.roster.model import Responsible, RosterAnswer
from bluelamp.roster.past import Book, matters
from bluelamp.roster.wall import instant, minute_of
from bluelamp.times import iso, utc_now

if TYPE_CHECKING:
    from bluelamp.roster.answering import Answering


@click.command("who")
@click.argument("account")
@click.option("--at", help="The minute: 2026-12-25T09:30 by the clock on the wall, or with Z; left out, now.")
@click.option(
    "--archive",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Answer from this pulled archive alone, offline.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@targeted
def command(target: Target, *, account: str, at: str | None, archive: Path | None, as_json: bool) -> None:
    """Show who is responsible for ACCOUNT, why, and whom to ask next."""
    minute = instant(at) if at else minute_of(utc_now())
    if archive is not None:
        found = from_archive(archive, account, iso(minute))
    else:
        found = _from_stack(target, account, iso(minute))
    click.echo(json.dumps(found.model_dump(mode="json")) if as_json else told(found))


def from_archive(directory: Path, account: str, minute: str) -> RosterAnswer:
    """Return who was responsible, from the records of a pulled archive; `bluelamp archive verify` checks these.

    Raises
    ------
    UnreadableArchiveError
        When the folder holds no archive.
    """
    book = Book()
    for commit in commits.commits(directory):
        for body in filter(matters, commit.bodies):
            book.take(json.loads(body))
    answers = book.answers(account, instant(minute))
    return RosterAnswer(
        account=account,
        minute=minute,
        answer=answers.known,
        recorded=answers.recorded if answers.recorded != answers.known else None,
        sealed=True,
    )


def told(found: RosterAnswer) -> str:
    """Return the answer in words."""
    names = {one.id: one.name for one in found.people}
    source = "from the sealed record" if found.sealed else "from the roster"
    lines = [f"{found.account} at {found.minute[:16]}Z, {source}:", *_told(found.answer, names)]
    if found.recorded is not None:
        lines += ["As it was recorded at that minute:", *_told(found.recorded, names)]
    if found.waiting:
        lines.append(f"{found.waiting} changes are not sealed yet and not in this answer: ask again in a minute.")
    return "\n".join(lines)


def _told(one: Responsible, names: dict[str, str]) -> list[str]:
    why = ", ".join(code.replace("_", " ") for code in one.why)
    after = ", then ".join(f"{_name(step.who, names)} (for {step.minutes} min)" for step in one.chain)
    line = f"  {_name(one.who, names)} as {one.capacity.replace('_', ' ')}{f' ({why})' if why else ''}"
    return [line, *([f"  else {after}"] if after else [])]


def _name(who: str, names: dict[str, str]) -> str:
    kind, _, name = who.partition(":")
    return f"{names[name]} ({who})" if kind == "person" and name in names else who


def _from_stack(target: Target, account: str, minute: str) -> RosterAnswer:
    from bluelamp.accounts.service import Accounts  # noqa: PLC0415 - an archive needs none of it
    from bluelamp.accounts.store import AccountStore  # noqa: PLC0415
    from bluelamp.platforms.registry import connector  # noqa: PLC0415

    known = Accounts(AccountStore(target.table), connector).get(account)
    found = _answering(target).answer(known, instant(minute))
    query = Query(view="responsible", filters={"at": minute})
    target.record(draft(type="search", at=utc_now(), actor=target.actor, account=account, query=query))
    return found


def _answering(target: Target) -> Answering:
    from bluelamp.people.service import People  # noqa: PLC0415
    from bluelamp.people.store import PeopleStore  # noqa: PLC0415
    from bluelamp.posts.store import PostStore  # noqa: PLC0415
    from bluelamp.roster.answering import Answering  # noqa: PLC0415
    from bluelamp.roster.sealed import SealedRoster  # noqa: PLC0415
    from bluelamp.roster.store import RosterStore  # noqa: PLC0415

    table = target.table

    def sealed(chunks: Any) -> Any:
        # Asked for the past alone: the present needs no key to the archive.
        return SealedRoster(PostStore(table), evidence_of(target, parameters_of(target)))(chunks)

    return Answering(RosterStore(table), People(PeopleStore(table)), sealed)
