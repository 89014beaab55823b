"""What the demonstration force's desk begins with: tags, saved replies, two policies with approval, and a roster.

Everything goes through the services, so that each has its record, and is put in once: what somebody renames, retires
or changes afterwards stays as they left it at the next start.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bluelamp.accounts.finder import AccountFinder
from bluelamp.accounts.registering import Author, Registrar
from bluelamp.accounts.service import Accounts
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor
from bluelamp.audit.wake import Wake
from bluelamp.cli.local import force
from bluelamp.cli.local.errors import StateError
from bluelamp.cloud.secrets import Secrets
from bluelamp.cloud.sqs import Queue
from bluelamp.idempotency import Idempotency
from bluelamp.ids import account_id, new_ulid
from bluelamp.moderation.naming import fit_to_repeat
from bluelamp.people.rules import principal_of
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.platforms.registry import connector
from bluelamp.posts.changing import Changer
from bluelamp.posts.store import PostStore
from bluelamp.posts.tagging import Tags
from bluelamp.pseudonyms import Pseudonyms
from bluelamp.replies.service import Replies
from bluelamp.replies.store import ReplyStore
from bluelamp.roster.answering import Answering
from bluelamp.roster.model import CONTROL, FORCE, Hours, Office, OnCall, Step
from bluelamp.roster.service import Rosters
from bluelamp.roster.store import RosterStore
from bluelamp.times import utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.cli.local.ministack import Ministack
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.content.vault import Vault
    from bluelamp.people.model import Principal

BY: Final = Actor.system("local-setup")
TAGS: Final = {"good-news": "Good news", "appeal": "Answers an appeal", "road-safety": "Road safety"}
REPLIES: Final = {
    "Thanks, with reference": "Thank you, {name}. We have passed this on to the team; the reference is {reference}.",
    "Where to report: 999 and 101": (
        "If somebody is in danger or a crime is happening now, call 999. Otherwise call 101. "
        "We cannot take reports here, and this page is not watched all the time."
    ),
    "Report a crime on our website": (
        "Thank you for telling us. So that an officer can look into it, please report it on our website, under "
        "Report a crime, or call 101."
    ),
    "We cannot discuss this": (
        "Thank you for asking. We cannot discuss this here, as it may concern a case or somebody's private life. "
        "Anybody with information can call 101."
    ),
}
OFFICE: Final = Office(
    nation="england_wales",
    hours=(
        *(Hours(day=day, opens="08:00", closes="18:00") for day in range(5)),
        Hours(day=5, opens="09:00", closes="13:00"),
    ),
)
CHAIN: Final = "force-on-call"
# Whom the chain asks first, and how long each is waited for.
ON_CALL: Final = force.COMMUNICATIONS_OFFICERS[1]
FIRST_WAITS: Final = 10
TEAM_WAITS: Final = 15


@dataclass(frozen=True)
class Services:
    """The use cases through which it is put in, and the stores that tell what is there already."""

    people: People
    accounts: Accounts
    registrar: Registrar
    tags: Tags
    replies: Replies
    reply_store: ReplyStore
    rosters: Rosters
    roster_store: RosterStore


def services(cloud: Ministack, outputs: Mapping[str, str], table: Table) -> Services:
    """Return the use cases over a deployed stack; its minute seals what they write."""
    sqs, secret = cloud.client("sqs"), Secrets(cloud.client("secretsmanager")).get(outputs["PseudonymSecret"])
    words = Pseudonyms(bytes.fromhex(secret["key"]))
    wake = Wake(Queue(sqs, outputs["SealQueueUrl"]))
    accounts = Accounts(AccountStore(table), connector)
    changer = Changer(
        posts=PostStore(table),
        accounts=AccountFinder(accounts),
        offered=lambda _: frozenset(),
        pseudonyms=words,
        wake=wake,
        live=Queue(sqs, outputs["LiveQueueUrl"]),
        vault=_no_vault,
    )
    return over(table, words, changer)


def over(table: Table, words: Pseudonyms, changer: Changer) -> Services:
    """Return the use cases over a table."""
    people, accounts = People(PeopleStore(table)), Accounts(AccountStore(table), connector)
    reply_store, roster_store = ReplyStore(table), RosterStore(table)
    return Services(
        people=people,
        accounts=accounts,
        registrar=Registrar(AccountStore(table), people),
        tags=Tags(table, wake=_later),
        replies=Replies(
            reply_store, accounts=accounts, changer=changer, pseudonyms=words, wake=_later, fit=fit_to_repeat
        ),
        reply_store=reply_store,
        rosters=Rosters(
            store=roster_store,
            accounts=accounts,
            people=people,
            answering=Answering(roster_store, people, lambda _: {}),
            pseudonyms=words,
            vault=_no_vault,
            wake=_later,
        ),
        roster_store=roster_store,
    )


def load(desk: Services, subjects: Mapping[str, str]) -> int:
    """Put in what is not there yet; return how much that was.

    Tags, replies and roster are put in by people alone: the first communications officer does it. Where somebody took
    that role from all of them there is nobody to, and it is left. The hours come last and are never withdrawn: with
    them there all of it was put in once, and a reply that has another title since is not missing.
    """
    added = _policies(desk)
    by = _communications(desk.people)
    present = {(entry.kind, entry.id) for entry in desk.roster_store.since(utc_now())}
    if by is None or ("office", FORCE) in present:
        return added
    return added + _tags(desk.tags, by) + _replies(desk, by) + _roster(desk, by, subjects, present)


def _communications(people: People) -> Principal | None:
    able = sorted((one for one in people.everybody() if one.role == "comms" and one.active), key=lambda one: one.name)
    return principal_of(able[0], at=utc_now()) if able else None


def _policies(desk: Services) -> int:
    """Set the two policies, on accounts that nobody has changed since they were registered."""
    wanted = {account_id(one.platform, one.native_id): one for one in force.accounts()}
    wanted = {name: one for name, one in wanted.items() if one.approve_delete or one.approve_reply}
    author, added = Author(BY), 0
    for name, account in desk.accounts.many(wanted).items():
        if account.rev == 1:
            desk.registrar.write(desk.registrar.stepped(account, _policy(account, wanted[name]), author), author)
            added += 1
    return added


def _policy(account: Account, wanted: force.DemoAccount) -> dict[str, object]:
    approvals = {"approve_delete": wanted.approve_delete, "approve_reply": wanted.approve_reply}
    return {"policy": account.policy.model_copy(update=approvals)}


def _tags(tags: Tags, by: Principal) -> int:
    missing = TAGS.keys() - {tag.code for tag in tags.listed().tags}
    for code in sorted(missing):
        tags.put(by, code, name=TAGS[code], rev=0, idem=_once(by))
    return len(missing)


def _replies(desk: Services, by: Principal) -> int:
    present = {reply.title for reply in desk.reply_store.every()}
    missing = {title: text for title, text in REPLIES.items() if title not in present}
    for title, text in missing.items():
        desk.replies.create(by, scope="force", title=title, text=text, idem=_once(by))
    return len(missing)


def _roster(desk: Services, by: Principal, subjects: Mapping[str, str], present: Collection[tuple[str, str]]) -> int:
    first = next(subjects[one.email] for one in force.people() if one.name == ON_CALL)
    steps = (
        Step(who=f"person:{first}", minutes=FIRST_WAITS),
        Step(who=f"team:{force.COMMUNICATIONS}", minutes=TEAM_WAITS),
        Step(who=CONTROL, minutes=TEAM_WAITS),
    )
    wanted = [one for one in (OnCall(id=CHAIN, scope=FORCE, steps=steps), OFFICE) if (one.kind, one.id) not in present]
    for one in wanted:
        desk.rosters.put(by, one, rev=0, idem=_once(by))
    return len(wanted)


def _once(by: Principal) -> Idempotency:
    return Idempotency.of(by.id, new_ulid(), method="PUT", path="/local-setup", body=b"{}")


def _later() -> None:
    """Wake nobody: functions are being started at this moment, and the minute seals it anyhow."""


def _no_vault() -> Vault:
    raise StateError("the desk's seeds keep no content", way_out="this is a mistake of ours: report it")
