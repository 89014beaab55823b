"""Connections in the table: an item an account (``CONNECTION#<account>``), by when it is due in an index."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bluelamp.cloud.dynamodb import Absent, ConditionFailedError, Delete, Equals, Item, Key, Missing, Put, Table, Update
from bluelamp.connections.model import Connection, Consent
from bluelamp.times import iso

SCHEMA = 1
DUE = "TOKENS"
# Disconnected accounts whose consent the platform is to end.
ENDING = "CONSENTS"
# Connected accounts whose platform is to be asked how the token stands.
LOOKS = "LOOKS"


def key(account: str) -> Key:
    """Return the key of a connection's item."""
    return (f"CONNECTION#{account}", "CONNECTION")


def _consent_key(person: str) -> Key:
    return (f"CONSENT#{person}", "CONSENT")


class ConnectionStore:
    """Reads and writes connections.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, account: str) -> Connection | None:
        """Return how an account's token stands, or None for one that was never connected from here."""
        item = self.table.get(key(account), consistent=True)
        return None if item is None else Connection.model_validate(item)

    def due(self, now: datetime, limit: int, what: str = DUE) -> list[str]:
        """Return the accounts with something to do, the longest due first. One query.

        Parameters
        ----------
        what
            `DUE` for tokens to renew, `ENDING` for consents to end, `LOOKS` for tokens to ask after.
        """
        page = self.table.query(what, index="g1", before=iso(now), limit=limit)
        return [item["account"] for item in page.items]

    def pressing(self, now: datetime, limit: int) -> list[str]:
        """Return the accounts whose token is due, what was refused and then what ends first before the others.

        Their own order in the index is by when the next step is due, and a token whose renewal was put off may end
        before one that was not begun yet.
        """
        page = self.table.query(DUE, index="g1", before=iso(now), limit=limit)
        ordered = sorted(page.items, key=lambda item: "" if item.get("refused_at") else item.get("expires_at", ""))
        return [item["account"] for item in ordered]

    def saved(self, new: Connection) -> Put:
        """Return the write of a connection; it fails unless the revision before it is the stored one."""
        pk, sk = key(new.account)
        stored: dict[str, Any] = {name: _stored(value) for name, value in new if value is not None and value != ()}
        item: Item = stored | {"pk": pk, "sk": sk, "schema": SCHEMA}
        if new.due_at is not None:
            part = ENDING if new.state == "disconnected" else DUE
            item |= {"g1pk": part, "g1sk": f"{iso(new.due_at)}#{new.account}"}
        elif new.look_at is not None and new.state == "connected":
            item |= {"g1pk": LOOKS, "g1sk": f"{iso(new.look_at)}#{new.account}"}
        return Put(item, Absent() if new.rev == 1 else Equals("rev", new.rev - 1))

    def consent(self, person: str) -> Consent | None:
        """Return the consent that a person was sent off for last, if it is not over."""
        item = self.table.get(_consent_key(person), consistent=True)
        return None if item is None else Consent.model_validate(item)

    def asked(self, consent: Consent) -> Put:
        """Return the write of a consent; it replaces the one that the person was sent off for before."""
        pk, sk = _consent_key(consent.person)
        return Put({"pk": pk, "sk": sk, "schema": SCHEMA, "rev": 1, "ttl": consent.until} | consent.model_dump())

    def spent(self, consent: Consent) -> Delete:
        """Return the write that takes a consent away; it fails when somebody took it first."""
        return Delete(_consent_key(consent.person), Equals("state_sha256", consent.state_sha256))

    def refused(self, account: str, at: datetime) -> None:
        """Note that the platform refused the token, and have it renewed now: once, until it was renewed."""
        changes = {"refused_at": iso(at), "due_at": iso(at), "g1pk": DUE, "g1sk": f"{iso(at)}#{account}"}
        asked = (Equals("state", "connected"), Missing("refused_at"))
        try:
            self.table.write(Update(key(account), set=changes, add={"rev": 1}, conditions=asked))
        except ConditionFailedError:
            return  # never connected from here, at it already, or beyond renewing: nothing to ask for


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return list(value) if isinstance(value, tuple) else value
