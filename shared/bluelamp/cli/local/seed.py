"""Loads the demonstration force into a deployed stack: secrets first, then people, then accounts. Repeatable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bluelamp.accounts.model import Officer
from bluelamp.accounts.service import Accounts
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor
from bluelamp.cli.admin.secrets import ACCOUNT, APP, PLATFORM, ROOT, SecretBox
from bluelamp.cli.local import force, seed_desk, seed_guide, signins
from bluelamp.cli.local.ports import LOOPBACK
from bluelamp.cli.local.state import write_private
from bluelamp.cloud.dynamodb import Table
from bluelamp.cloud.sign_ins import SignIns
from bluelamp.connections.service import CALLBACK
from bluelamp.ids import account_id
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.platforms.registry import NAMES, connector

if TYPE_CHECKING:
    from pathlib import Path

    from bluelamp.cli.local.ministack import Ministack
    from bluelamp.cli.local.state import StateFolder

PLATFORM_PREFIX = ROOT + PLATFORM
ACCOUNT_PREFIX = ROOT + ACCOUNT
APP_PREFIX = ROOT + APP
S3_PREFIX = "bluelamp/s3/"
BY = Actor.system("local-setup")


def platform_secrets(state: StateFolder) -> dict[str, dict[str, str]]:
    """Return what each platform and we share, the same for as long as the state folder lives."""
    return {
        "facebook": {
            "app_secret": state.secret("facebook", "app_secret", 16),
            "previous_app_secret": "",
            "verify_token": state.secret("facebook", "verify_token", 12),
        },
        "x": {"consumer_secret": state.secret("x", "consumer_secret", 25), "previous_consumer_secret": ""},
    }


def app_secrets(state: StateFolder) -> dict[str, dict[str, str]]:
    """Return the force's registration with each platform: who asks for consent there."""
    return {name: {"client_id": "bluelamp", "client_secret": state.secret(name, "app", 24)} for name in NAMES}


def store_secrets(cloud: Ministack, state: StateFolder, s3_keys: Mapping[str, Mapping[str, str]]) -> None:
    """Put the secrets of platforms, accounts and evidence keys where the functions look for them."""
    wanted: dict[str, Mapping[str, str]] = {}
    wanted.update({PLATFORM_PREFIX + name: value for name, value in platform_secrets(state).items()})
    wanted.update({APP_PREFIX + name: value for name, value in app_secrets(state).items()})
    wanted.update({S3_PREFIX + verb: keys for verb, keys in s3_keys.items()})
    for account in force.accounts():
        name = account_id(account.platform, account.native_id)
        wanted[ACCOUNT_PREFIX + name] = {"access_token": state.secret("accounts", name, 20)}
    state.save()
    write_secrets(SecretBox(cloud.client("secretsmanager")), wanted)


def write_secrets(box: SecretBox, wanted: Mapping[str, Mapping[str, str]]) -> None:
    """Make or renew secrets; those that are right already are left alone."""
    standing = box.standing()
    for name, value in wanted.items():
        if name not in standing:
            box.create(name, value)
        elif not name.startswith(ACCOUNT_PREFIX) and box.read(name) != value:
            box.write(name, value)


def load(cloud: Ministack, state: StateFolder, outputs: Mapping[str, str]) -> int:
    """Load people and accounts that are not there yet; return how many were added.

    What the desk begins with counts too: tags, saved replies, policies and the roster.
    """
    sign_ins = SignIns(cloud.client("cognito-idp"), outputs["UserPoolId"])
    subjects = signins.load(sign_ins, force.people(), state)
    table = Table(cloud.client("dynamodb"), outputs["TableName"])
    people, accounts = People(PeopleStore(table)), Accounts(AccountStore(table), connector)
    present = {person.id for person in people.everybody()}
    added = 0
    for person in force.people():
        if subjects[person.email] not in present:
            people.add_person(
                person_id=subjects[person.email],
                name=person.name,
                email=person.email,
                role=person.role,
                teams=person.teams,
                by=BY,
            )
            added += 1
    added += _load_accounts(accounts, people, subjects)
    added += seed_guide.load(table, people, subjects)
    return added + seed_desk.load(seed_desk.services(cloud, outputs, table), subjects)


def _load_accounts(accounts: Accounts, people: People, subjects: Mapping[str, str]) -> int:
    names = {person.email: person.name for person in force.people()}
    present = {account.id for account in accounts.all()}
    added = 0
    for one in force.accounts():
        if account_id(one.platform, one.native_id) in present:
            continue
        accounts.add_account(
            platform=one.platform,
            native_id=one.native_id,
            name=one.name,
            handle=one.handle,
            kind=one.kind,
            team=one.team,
            lead=Officer(id=subjects[one.lead], name=names[one.lead]),
            deputy=Officer(id=subjects[one.deputy], name=names[one.deputy]),
            local_verbs=["delete"] if one.local_delete else [],
            by=BY,
            people=people,
        )
        added += 1
    return added


def write_sandbox_files(state: StateFolder) -> tuple[Path, Path]:
    """Write what the sandbox needs: the shared secrets, the app that asks for consent, the accounts with tokens."""
    shared = state.path / "sandbox-secrets.json"
    back = {"redirect_uri": f"http://{LOOPBACK}:{state.remembered.ports['front']}{CALLBACK}"}
    apps = app_secrets(state)
    write_private(shared, {name: held | apps[name] | back for name, held in platform_secrets(state).items()})
    listed = state.path / "sandbox-accounts.json"
    tokens = state.remembered.secrets["accounts"]
    rows = [
        {
            "id": one.native_id,
            "platform": one.platform,
            "name": one.name,
            "handle": one.handle,
            "token": tokens[account_id(one.platform, one.native_id)],
        }
        for one in force.accounts()
    ]
    write_private(listed, rows)
    return shared, listed
