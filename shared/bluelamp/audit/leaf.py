"""One record of the audit log: typed at the border, then exact bytes for ever.

A leaf is canonical JSON (RFC 8785). It holds pseudonyms, ids, codes, numbers and hashes. No field of it takes free text
or a name: every string has a narrow pattern without spaces, so that text and names cannot get in by mistake. The class
of DPA 2018 s62(1) follows from the type and is never given by the caller.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Self

from pydantic import (
    ValidationError,
    model_validator,
)

from bluelamp.audit.appeals import AppealPart
from bluelamp.audit.duties import (
    Attached,
    Check,
    Grant,
    Guide,
    Notified,
    Rights,
    Roster,
    RosterHours,
    RosterStep,
    RosterWeekly,
    Saved,
    Standing,
    Training,
)
from bluelamp.audit.incidents import IncidentStep
from bluelamp.audit.layout import MAX_LEAF
from bluelamp.audit.parts import (
    Actor,
    Anchor,
    Base64,
    Change,
    Code,
    Content,
    Count,
    Day,
    Erasure,
    Hash,
    Judgement,
    Model,
    Obj,
    Op,
    Part,
    Previous,
    Query,
    Reason,
    Ref,
    Restore,
    Rule,
    Seal,
    Software,
    Statement,
    StatementGap,
    Tally,
    Time,
    Token,
    Ulid,
    Version,
    Wall,
)
from bluelamp.audit.publications import PublicationPart
from bluelamp.errors import InvalidInputError, TooLargeError
from bluelamp.ids import new_ulid
from bluelamp.times import iso

__all__ = [
    "DPA62",
    "READS",
    "VERSION",
    "Actor",
    "Anchor",
    "AppealPart",
    "Attached",
    "Base64",
    "Change",
    "Check",
    "Code",
    "Content",
    "Count",
    "Day",
    "Dpa62",
    "Erasure",
    "Grant",
    "Guide",
    "Hash",
    "IncidentStep",
    "Judgement",
    "Leaf",
    "LeafType",
    "Model",
    "Notified",
    "Obj",
    "Op",
    "Part",
    "Previous",
    "PublicationPart",
    "Query",
    "Reason",
    "Ref",
    "Restore",
    "Rights",
    "Roster",
    "RosterHours",
    "RosterStep",
    "RosterWeekly",
    "Rule",
    "Saved",
    "Seal",
    "Software",
    "Standing",
    "Statement",
    "StatementGap",
    "Tally",
    "Time",
    "Token",
    "Training",
    "Ulid",
    "Version",
    "Wall",
    "draft",
]

VERSION = 1

LeafType = Literal[
    "ingest", "edit", "removed", "state", "unrecognised", "media", "context", "statement", "anchor",
    "classify", "claim", "release", "flag", "note", "decide", "intent", "outcome", "restore",
    "assign", "tag", "reference", "appeal", "publication",
    "retain", "hold", "rights", "config", "roster", "attest", "notice", "key", "incident",
    "view", "search", "prove",
    "export", "link", "erase",
    "login", "logout", "denied", "refused", "commit", "close",
]  # fmt: skip
Dpa62 = Literal["collection", "alteration", "consultation", "disclosure", "combination", "erasure"]

# Data Protection Act 2018 s62(1)(a)-(f). What is not here processes no personal data of the public.
DPA62: Final[Mapping[str, Dpa62]] = {
    **dict.fromkeys(("ingest", "edit", "removed", "state", "unrecognised", "media", "context"), "collection"),
    **dict.fromkeys(("classify", "claim", "release", "flag", "note", "decide"), "alteration"),
    **dict.fromkeys(("assign", "tag", "reference", "appeal"), "alteration"),
    **dict.fromkeys(("intent", "outcome", "restore", "retain", "hold", "rights"), "alteration"),
    **dict.fromkeys(("view", "search", "prove"), "consultation"),
    "export": "disclosure",
    "link": "combination",
    "erase": "erasure",
}
# Reads name the revision they saw, but do not stand in the object's chain: readers must not contend. Nor must who keeps
# what hangs on an object, its media and what stood around it.
READS: Final = frozenset({"view", "search", "prove", "export", "media", "context"})

# Every string is ASCII by its pattern and every number an integer below 2^53. There the C encoder with sorted keys
# writes the very bytes of RFC 8785 six times faster (docs/decisions/0021-leaf-bytes.md; a test compares the two).
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class _Record(Part):
    v: Literal[1] = 1
    id: Ulid
    at: Time
    type: LeafType
    dpa62: Dpa62 | None = None
    actor: Actor
    account: Token | None = None
    author_key: Hash | None = None
    case: Token | None = None
    incident: Token | None = None
    correlation: Token | None = None
    event_at: Time | None = None
    reason: Reason | None = None
    recipient: Token | None = None
    obj: Obj | None = None
    content: Content | None = None
    change: Change | None = None
    op: Op | None = None
    model: Model | None = None
    rule: Rule | None = None
    judgement: Judgement | None = None
    query: Query | None = None
    tally: Tally | None = None
    restore: Restore | None = None
    statement: Statement | None = None
    anchor: Anchor | None = None
    erasure: Erasure | None = None
    registration: Standing | None = None
    roster: Roster | None = None
    grant: Grant | None = None
    guide: Guide | None = None
    training: Training | None = None
    saved: Saved | None = None
    attached: Attached | None = None
    check: Check | None = None
    rights: Rights | None = None
    notice: Notified | None = None
    appeal: AppealPart | None = None
    publication: PublicationPart | None = None
    ordered: IncidentStep | None = None
    seal: Seal | None = None
    sw: Software | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        op = self.op
        if self.type == "intent" and (op is None or op.verb is None or op.intent or self.obj is None):
            raise ValueError("an intent names its verb and its object")
        if self.type == "outcome" and (op is None or op.intent is None or op.result is None):
            raise ValueError("an outcome names its intent and its result")
        return self


@dataclass(frozen=True, slots=True)
class Leaf:
    """A record as sealed: `body` is the truth, the other fields are read from it."""

    id: str
    type: str
    at: str
    body: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the body in hex: what the next leaf of the same object carries as `obj.prev`."""
        return hashlib.sha256(self.body).hexdigest()


def draft(
    *,
    type: LeafType,  # noqa: A002 -- the record's own word
    at: datetime,
    actor: Actor,
    account: str | None = None,
    author_key: str | None = None,
    case: str | None = None,
    incident: str | None = None,
    correlation: str | None = None,
    event_at: datetime | None = None,
    reason: Reason | None = None,
    recipient: str | None = None,
    obj: Obj | None = None,
    content: Content | None = None,
    change: Change | None = None,
    op: Op | None = None,
    model: Model | None = None,
    rule: Rule | None = None,
    judgement: Judgement | None = None,
    query: Query | None = None,
    tally: Tally | None = None,
    restore: Restore | None = None,
    statement: Statement | None = None,
    anchor: Anchor | None = None,
    erasure: Erasure | None = None,
    registration: Standing | None = None,
    roster: Roster | None = None,
    grant: Grant | None = None,
    guide: Guide | None = None,
    training: Training | None = None,
    saved: Saved | None = None,
    attached: Attached | None = None,
    check: Check | None = None,
    rights: Rights | None = None,
    notice: Notified | None = None,
    appeal: AppealPart | None = None,
    publication: PublicationPart | None = None,
    ordered: IncidentStep | None = None,
    seal: Seal | None = None,
    commit: str | None = None,
) -> Leaf:
    """Make a leaf, ready for `outbox.Chunk.of`.

    Parameters
    ----------
    type
        What happened; the class of DPA 2018 s62 follows from it.
    at, event_at
        When it happened here, and when on the platform.
    actor
        Who did it.
    correlation
        Binds what belongs together: the action's id on its intent and outcome.
    commit
        The software's commit.

    Raises
    ------
    InvalidInputError
        When a field does not fit; the message names it, without its value.
    TooLargeError
        Above 32 KiB.
    """
    try:
        record = _Record(
            id=new_ulid(),
            at=iso(at),
            type=type,
            dpa62=DPA62.get(type),
            actor=actor,
            account=account,
            author_key=author_key,
            case=case,
            incident=incident,
            correlation=correlation,
            event_at=iso(event_at) if event_at else None,
            reason=reason,
            recipient=recipient,
            obj=obj,
            content=content,
            change=change,
            op=op,
            model=model,
            rule=rule,
            judgement=judgement,
            query=query,
            tally=tally,
            restore=restore,
            statement=statement,
            anchor=anchor,
            erasure=erasure,
            registration=registration,
            roster=roster,
            grant=grant,
            guide=guide,
            training=training,
            saved=saved,
            attached=attached,
            rights=rights,
            check=check,
            notice=notice,
            appeal=appeal,
            publication=publication,
            ordered=ordered,
            seal=seal,
            sw=Software(commit=commit) if commit else None,
        )
    except ValidationError as error:
        raise InvalidInputError(f"no audit record can be made of this: {_explain(error)}") from error
    body = _encode(record.model_dump(by_alias=True, exclude_none=True)).encode()
    if len(body) > MAX_LEAF:
        raise TooLargeError(
            f"a {type} leaf would have {len(body)} bytes, {MAX_LEAF} is the most; split what it records"
        )
    return Leaf(record.id, record.type, record.at, body)


def _explain(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'leaf'}: {e['msg']}" for e in error.errors(include_input=False))
