"""Telling people: what delivers notices, and how each person wants to be told."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.cloud import clients
from bluelamp.wiring import base, force

if TYPE_CHECKING:
    from collections.abc import Callable

    from bluelamp.hooks.service import Hooks
    from bluelamp.media.addresses import Allowed
    from bluelamp.notices.channels import Sender
    from bluelamp.notices.delivering import Delivering
    from bluelamp.notices.model import Channel
    from bluelamp.notices.service import Notices

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def notify() -> Delivering:
    """Return the use case of the notify function."""
    from bluelamp.hooks.store import HookStore
    from bluelamp.notices.delivering import Delivering
    from bluelamp.notices.store import NoticeStore

    return Delivering(
        NoticeStore(base.table()),
        people=force.people().everybody,
        senders=_senders(),
        base=base.settings()["PUBLIC_URL"],
        wake=base.wake(),
        hooks=HookStore(base.table()).every,
    )


def _senders() -> dict[Channel, Sender]:
    """Return the channels that are on: a setting that is empty switches its channel off."""
    from bluelamp.cloud.mail import Mail
    from bluelamp.cloud.phone import Phones
    from bluelamp.notices.channels import ByMail, ByPush, BySms, Teams
    from bluelamp.notices.store import Outbox

    settings = base.settings()
    mail, sms, teams = settings["MAIL_FROM"], settings["SMS"], settings["TEAMS_SECRET"]
    on: dict[Channel, Sender] = {}
    if mail:
        on["mail"] = ByMail(Mail(clients.mail(), mail))
    if sms:
        phones = Phones(clients.phones())
        on |= {"sms": BySms(phones), "push": ByPush(phones)}
    if teams:
        on["teams"] = Teams(lambda: str(base.secrets().get(teams)["url"]))
    if settings["NOTICE_OUTBOX"] == "table":
        on["outbox"] = Outbox(base.table())
    if (allowed := _hook_hosts()) is not None:
        from bluelamp.hooks.sending import ByHook
        from bluelamp.hooks.store import HookStore

        on["hook"] = ByHook(HookStore(base.table()).get, _hook_key(), allowed)
    return on


def _hook_hosts() -> Allowed | None:
    from bluelamp.media.addresses import Allowed

    listed = base.settings()["HOOK_HOSTS"]
    return Allowed.parse(listed) if listed else None


def _hook_key() -> Callable[[], bytes]:
    name = base.settings()["HOOK_SECRET"]
    return lambda: bytes.fromhex(base.secrets().get(name)["key"])


@lru_cache(maxsize=1)
def hooks() -> Hooks:
    """Return the use cases of the hook routes."""
    from bluelamp.hooks.service import Hooks
    from bluelamp.hooks.store import HookStore
    from bluelamp.notices.store import NoticeStore

    return Hooks(
        HookStore(base.table()),
        newest=NoticeStore(base.table()).newest,
        key=_hook_key(),
        allowed=_hook_hosts(),
        pseudonyms=base.pseudonyms(),
        wake=base.wake(),
        notify=base.notify_wake(),
    )


@lru_cache(maxsize=1)
def notices() -> Notices:
    """Return the use cases of the notice routes."""
    from bluelamp.notices.service import Notices
    from bluelamp.notices.store import NoticeStore

    kept = base.settings()["NOTICE_OUTBOX"] == "table"
    return Notices(NoticeStore(base.table()), wake=base.wake(), kept=kept)
