"""The record of each step of a picture or film; its bytes are bound to it by their digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bluelamp.assets import rules
from bluelamp.audit.leaf import Actor, Leaf, Obj, PublicationPart, draft
from bluelamp.audit.leaf import Reason as LeafReason

if TYPE_CHECKING:
    from datetime import datetime

    from bluelamp.assets.upload import Upload

Step = Literal["begun", "received", "again", "checked", "refused", "dropped", "expired"]


def step(asset: Upload, actor: Actor, name: Step, at: datetime) -> tuple[Upload, Leaf]:
    """Return a picture or film as it stands after its next record, and that record."""
    number = asset.step + 1
    ended = name in {"refused", "dropped", "expired"}
    leaf = draft(
        type="publication",
        at=at,
        actor=actor,
        reason=LeafReason(code=asset.why) if ended and asset.why else None,
        obj=Obj(kind="asset", key=asset.id, rev=number, prev=asset.head, digest=asset.sha256),
        correlation=asset.id,
        publication=PublicationPart(step=name, state=asset.state, kind=asset.kind, size=asset.size),
    )
    update = {"step": number, "head": leaf.digest, "rev": asset.rev + 1, "due": rules.due(asset.state, at)}
    return asset.model_copy(update=update), leaf


def shown(asset: Upload, actor: Actor, at: datetime, within: str | None) -> Leaf:
    """Return the record of somebody's looking at it, `within` a publication or an answer."""
    return draft(
        type="view",
        at=at,
        actor=actor,
        obj=Obj(kind="asset", key=asset.id, digest=asset.sha256),
        correlation=within or asset.id,
    )
