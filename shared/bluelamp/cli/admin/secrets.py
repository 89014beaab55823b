"""`bluelamp secret`: what a platform and the force share, and each account's token, brought to Secrets Manager.

Values come from a prompt or from standard input, never from the command line, where the shell's history and the list of
processes would show them; none is ever printed. A platform's secret that replaces another keeps the old one beside it,
so that webhooks signed with either are taken until the rotation is ended. The leaf names what was set, and is written
before the change: Secrets Manager takes no part in the table's transactions, and there must be no change without a
record. The local set-up writes its secrets by the same `SecretBox`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from bluelamp.audit.leaf import Change, Leaf, Obj, Op, draft
from bluelamp.cli.admin.accounts import accounts_of
from bluelamp.cli.admin.target import Target, targeted
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.platforms.registry import NAMES
from bluelamp.platforms.signatures import door
from bluelamp.times import utc_now

ROOT = "bluelamp/"
PLATFORM, ACCOUNT, APP = "platform/", "account/", "app/"
PREVIOUS = "previous_"
# What a platform's secret holds beside the one that signs.
BESIDE: Mapping[str, tuple[str, ...]] = {"facebook": ("verify_token",)}
MAX_VALUE = 4096


@dataclass(frozen=True)
class Slot:
    """One secret: its name as typed, its fields, and the one of them that is rotated with an overlap, if any."""

    name: str
    fields: tuple[str, ...]
    rotated: str = ""

    @property
    def path(self) -> str:
        """Return its name in Secrets Manager, as the functions look for it."""
        return ROOT + self.name

    @classmethod
    def named(cls, name: str) -> Slot:
        """Return the slot of a name such as ``platform/facebook`` or ``account/x-123``.

        Raises
        ------
        NotFoundError
            When nothing reads a secret of that name.
        """
        if name.startswith(PLATFORM) and name.removeprefix(PLATFORM) in NAMES:
            platform = name.removeprefix(PLATFORM)
            rotated = door(platform).secret_name
            return cls(name, (rotated, *BESIDE.get(platform, ())), rotated)
        if name.startswith(APP) and name.removeprefix(APP) in NAMES:
            return cls(name, ("client_id", "client_secret"))
        if name.startswith(ACCOUNT) and name != ACCOUNT:
            return cls(name, ("access_token",))
        known = ", ".join(kind + platform for kind in (PLATFORM, APP) for platform in NAMES)
        raise NotFoundError(f"nothing reads a secret called {name!r}; there are {known} and account/<account id>")


class SecretBox:
    """The secrets of a deployment, as somebody who may change them sees them.

    Parameters
    ----------
    client
        A boto3 client of Secrets Manager.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def standing(self) -> dict[str, Any]:
        """Return when each secret was changed last, by name."""
        found = {}
        for page in self._client.get_paginator("list_secrets").paginate():
            found.update({secret["Name"]: secret.get("LastChangedDate") for secret in page["SecretList"]})
        return found

    def read(self, name: str) -> dict[str, str] | None:
        """Return a secret's object, or None when there is none.

        Raises
        ------
        ConflictError
            When it holds something else; it is not shown.
        """
        try:
            text = self._client.get_secret_value(SecretId=name)["SecretString"]
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return parse(text, f"the secret {name}")

    def create(self, name: str, value: Mapping[str, str]) -> None:
        """Make a secret that is not there yet."""
        self._client.create_secret(Name=name, SecretString=_text(value))

    def write(self, name: str, value: Mapping[str, str]) -> None:
        """Give the secret a new version, or make it."""
        try:
            self._client.put_secret_value(SecretId=name, SecretString=_text(value))
        except self._client.exceptions.ResourceNotFoundException:
            self.create(name, value)


def _text(value: Mapping[str, str]) -> str:
    return json.dumps(dict(value), sort_keys=True)


def parse(text: str, what: str) -> dict[str, str]:
    """Return a JSON object of strings; an error tells what is wrong, and nothing of the text.

    Raises
    ------
    InvalidInputError
        When it is something else.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise InvalidInputError(f"{what} is no JSON object of strings") from None
    return found


def changed(slot: Slot, present: Mapping[str, str], given: Mapping[str, str], *, overlap: bool) -> dict[str, str]:
    """Return what is to be changed in a secret: the fields that differ, and the one that is rotated out.

    Raises
    ------
    InvalidInputError
        When a field is unknown, missing or not fit to be a secret; its value is not told.
    """
    unknown = sorted(given.keys() - set(slot.fields))
    if unknown:
        raise InvalidInputError(f"{slot.name} has no {', '.join(unknown)}; it holds {', '.join(slot.fields)}")
    missing = [field for field in slot.fields if not given.get(field) and not present.get(field)]
    if missing:
        raise InvalidInputError(f"{slot.name} needs {', '.join(missing)}; nothing was changed")
    for field, value in given.items():
        if len(value) > MAX_VALUE or not value.isascii() or not value.isprintable() or " " in value:
            raise InvalidInputError(f"{field} holds a space, a line break or odd characters, or is far too long")
    fresh = {field: value for field, value in given.items() if value and value != present.get(field)}
    old = present.get(slot.rotated, "")
    if slot.rotated in fresh and old:
        previous = PREVIOUS + slot.rotated
        wanted = old if overlap else ""
        fresh |= {previous: wanted} if wanted != present.get(previous, "") else {}
    return fresh


def put(target: Target, slot: Slot, present: Mapping[str, str], fresh: Mapping[str, str]) -> None:
    """Record which fields change, then change them; that it failed is recorded too."""
    leaves = [_leaf(target, slot, field, value) for field, value in sorted(fresh.items())]
    target.record(*leaves)
    try:
        SecretBox(target.client("secretsmanager")).write(slot.path, {**present, **fresh})
    except BaseException:
        # A line that broke may have carried it: nobody can say more than that it was not confirmed.
        op = Op(verb="secret_set", intent=leaves[0].id, result="unknown", error="not_confirmed")
        target.record(draft(type="key", at=utc_now(), actor=target.actor, obj=_obj(slot), op=op))
        raise


def _leaf(target: Target, slot: Slot, field: str, value: str) -> Leaf:
    account = slot.name.removeprefix(ACCOUNT) if slot.name.startswith(ACCOUNT) else None
    return draft(
        type="key",
        at=utc_now(),
        actor=target.actor,
        account=account,
        obj=_obj(slot),
        change=Change(field=field, to="set" if value else "removed"),
        op=Op(verb="secret_set"),
    )


def _obj(slot: Slot) -> Obj:
    return Obj(kind="secret", key=slot.name)


def _asked(slot: Slot, present: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed at prompts, or the object on standard input when it is no terminal."""
    if not sys.stdin.isatty():
        return parse(sys.stdin.read(), "standard input")
    given = {}
    for field in slot.fields:
        empty = " (empty: as it is)" if present.get(field) else ""
        given[field] = click.prompt(f"{field}{empty}", hide_input=True, default="", show_default=False).strip()
    return given


@click.group()
def secret() -> None:
    """Bring secrets of platforms and accounts to Secrets Manager."""


@secret.command("set")
@click.argument("name")
@click.option(
    "--overlap/--at-once",
    default=True,
    show_default=True,
    help="Whether a platform's old secret stays valid beside the new one; --at-once when it leaked.",
)
@targeted
def set_secret(target: Target, *, name: str, overlap: bool) -> None:
    """Set the secret NAME: platform/facebook, platform/x, app/facebook, app/x or account/ID.

    Values are asked for without showing them. When standard input is no terminal, a JSON object of the fields is read
    from it instead. A field that is left out stays as it is.
    """
    slot = Slot.named(name)
    if name.startswith(ACCOUNT):
        accounts_of(target).get(name.removeprefix(ACCOUNT))  # refuses an account that is not registered
    present = SecretBox(target.client("secretsmanager")).read(slot.path) or {}
    fresh = changed(slot, present, _asked(slot, present), overlap=overlap)
    if not fresh:
        click.echo(f"{name} is as it was.")
        return
    put(target, slot, present, fresh)
    click.echo(f"{name}: {_told(fresh)}. Functions that are warm follow within five minutes.")


@secret.command("retire")
@click.argument("name")
@targeted
def retire(target: Target, *, name: str) -> None:
    """End a rotation: the secret that was replaced in NAME is valid no longer."""
    slot = Slot.named(name)
    present = SecretBox(target.client("secretsmanager")).read(slot.path) or {}
    if not slot.rotated or not present.get(PREVIOUS + slot.rotated):
        raise ConflictError(f"{name} holds no secret that was replaced; nothing was changed")
    fresh = {PREVIOUS + slot.rotated: ""}
    put(target, slot, present, fresh)
    click.echo(f"{name}: {_told(fresh)}. Functions that are warm follow within five minutes.")


def _told(fresh: Mapping[str, str]) -> str:
    return ", ".join(f"{field} {'set' if value else 'removed'}" for field, value in sorted(fresh.items()))


@secret.command("list")
@targeted
def show(target: Target) -> None:
    """Show which secrets are there and when each was set last, and none of their values."""
    standing = SecretBox(target.client("secretsmanager")).standing()
    wanted = [kind + platform for kind in (PLATFORM, APP) for platform in NAMES]
    wanted += [ACCOUNT + account.id for account in accounts_of(target).all()]
    for line in _lines(wanted, standing):
        click.echo(line)


def _lines(wanted: Iterable[str], standing: Mapping[str, Any]) -> Iterable[str]:
    for name in wanted:
        at = standing.get(ROOT + name)
        there = "set" if ROOT + name in standing else "missing"
        yield f"{name:40} {there:8} {at:%Y-%m-%d %H:%M}" if at else f"{name:40} {there}"
