"""Who is shown which records of the audit trail, and which records a filter means: pure decisions.

The auditor and the communications team oversee the whole force, so they search everything. Anybody else who may read
the history of posts is shown what was recorded on the accounts within their reach: no sign-ins, no configuration, and
nothing of another team.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bluelamp.people.model import Principal
from bluelamp.people.rules import permitted
from bluelamp.trail.model import Filters


def sees_everything(principal: Principal) -> bool:
    """Return whether a person is shown every record, those on no account included."""
    return permitted(principal, "whole_trail")


def shown(record: Mapping[str, Any], accounts: Collection[str] | None) -> bool:
    """Return whether a record is shown to somebody who reaches `accounts`; None reaches everything."""
    return accounts is None or record.get("account") in accounts


def meant(record: Mapping[str, Any], filters: Filters, post_key: str | None) -> bool:
    """Return whether filters mean a record, times aside.

    Parameters
    ----------
    post_key
        The pseudonym of the post that `filters` name.
    """
    actor, obj = record.get("actor") or {}, record.get("obj") or {}
    asked = (
        (filters.type, record.get("type")),
        (filters.account, record.get("account")),
        (filters.officer, actor.get("sub")),
        (filters.correlation, record.get("correlation")),
        (post_key, obj.get("key")),
    )
    refs = {None, record.get("incident"), (record.get("reason") or {}).get("ref")}
    if filters.ref not in refs:
        return False
    return all(wanted in {None, said} for wanted, said in asked) and filters.rule in {None, *rules_of(record)}


def rules_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the rules that a record names: the one that decided, and those that led to a judgement."""
    rule, judgement = record.get("rule") or {}, record.get("judgement") or {}
    return (*((rule["id"],) if "id" in rule else ()), *judgement.get("rules", ()))
