"""Answers whose shape on the wire differs from what the use case returns."""

from typing import Self

from bluelamp.assets.model import PictureLimits
from bluelamp.audit.prove import Proof
from bluelamp.models import Model
from bluelamp.posts.model import ActionView, HistoryEntry, Note, PostSummary, PostView
from bluelamp.trail.model import TrailRecord


class HistoryActor(Model):
    """Who did it: a person with the role they had and as what they were on duty, or a part of the system."""

    kind: str
    role: str | None
    on_duty_as: str | None
    sub: str | None
    name: str | None


class HistoryLine(Model):
    """One record of a post: what happened, by whom, and where it stands in the sealed log once it does."""

    leaf_id: str
    type: str
    at: str
    actor: HistoryActor
    detail: dict[str, str]
    sealed: bool
    seq: int | None
    year: int | None

    @classmethod
    def of(cls, entry: HistoryEntry) -> Self:
        """Return an entry as it is shown."""
        by = entry.by
        actor = HistoryActor(
            kind="person" if by else "system",
            role=entry.role,
            on_duty_as=entry.duty,
            sub=by.id if by else None,
            name=by.name if by else None,
        )
        return cls(
            leaf_id=entry.leaf_id,
            type=entry.type,
            at=entry.at,
            actor=actor,
            detail=entry.detail,
            sealed=entry.sealed,
            seq=entry.seq,
            year=entry.year,
        )


class History(Model):
    """The records of a post, oldest first."""

    entries: list[HistoryLine]


class OpenedPost(Model):
    """A post with its thread, what was done about it, and what pictures may go with an answer."""

    post: PostSummary
    thread: tuple[PostSummary, ...]
    actions: tuple[ActionView, ...]
    notes: tuple[Note, ...]
    history: list[HistoryLine]
    pictures: tuple[PictureLimits, ...] = ()

    @classmethod
    def of(cls, view: PostView) -> Self:
        """Return an opened post as it is shown."""
        return cls(
            post=view.post,
            thread=view.thread,
            actions=view.actions,
            notes=view.notes,
            history=[HistoryLine.of(entry) for entry in view.history],
            pictures=view.pictures,
        )


class SealedProof(Model):
    """What proves a record: `leaf` and the hashes of `proof` in base64, `checkpoint` the signed note's text."""

    origin: str
    checkpoint: str
    index: int
    size: int
    leaf: str
    proof: list[str]
    vkey: str

    @classmethod
    def of(cls, proof: Proof) -> Self:
        """Return a proof as it is shown."""
        return cls.model_validate(proof.as_json())


class ProvenRecord(Model):
    """A record of the audit trail, and what proves that it is in the signed log."""

    record: TrailRecord
    proof: SealedProof

    @classmethod
    def of(cls, record: TrailRecord, proof: Proof) -> Self:
        """Return a record as it is shown."""
        return cls(record=record, proof=SealedProof.of(proof))
