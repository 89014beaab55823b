"""Telling people: what delivers notices, and how each person wants to be told."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.cloud import clients
from bluelamp.wiring import base, force

if TYPE_CHECKING:
    from bluelamp.notices.channels import Sender
    from bluelamp.notices.delivering import Delivering
    from bluelamp.notices.model import Channel
    from bluelamp.notices.service import Notices

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def notify() -> Delivering:
    """Return the use case of the notify function."""
    from bluelamp.notices.delivering import Delivering
    from bluelamp.notices.store import NoticeStore

    return Delivering(
        NoticeStore(base.table()),
        people=force.people().everybody,
        senders=_senders(),
        base=base.settings()["PUBLIC_URL"],
        wake=base.wake(),
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
    return on


@lru_cache(maxsize=1)
def notices() -> Notices:
    """Return the use cases of the notice routes."""
    from bluelamp.notices.service import Notices
    from bluelamp.notices.store import NoticeStore

    kept = base.settings()["NOTICE_OUTBOX"] == "table"
    return Notices(NoticeStore(base.table()), wake=base.wake(), kept=kept)
