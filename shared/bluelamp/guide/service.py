"""The guide: published and told to everybody, read, acknowledged by each person; and what is asked of whoever acts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, get_args

from bluelamp.audit.leaf import Actor, Change, Obj, draft
from bluelamp.audit.leaf import Guide as Part
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.exports.london import london
from bluelamp.guide import rules
from bluelamp.guide.model import (
    Acknowledgement,
    Asked,
    Guide,
    GuideContent,
    GuideOverview,
    GuidePart,
    GuideView,
    Mine,
)
from bluelamp.guide.store import PART
from bluelamp.notices.telling import told
from bluelamp.people.gate import state
from bluelamp.people.model import GuideDue, Role
from bluelamp.people.rules import require
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Put
    from bluelamp.guide.store import GuideStore
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.people.service import People

ROUNDS: Final = 8
# So many of the stored parts are given at a time: with base64 well below what an answer may have.
GIVEN: Final = 4
MAX_COURSES: Final = 10
EVERYBODY: Final = tuple(f"role:{role}" for role in get_args(Role))


class Guides:
    """The use cases of the guide.

    Parameters
    ----------
    store
        Versions, bytes and acknowledgements.
    people
        Who is there, and what is asked of them.
    wake, notify
        Wake the sequencer, and whoever delivers notices.
    clock
        The present.
    """

    def __init__(
        self,
        *,
        store: GuideStore,
        people: People,
        wake: Callable[[], None],
        notify: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._people = people
        self._wake = wake
        self._notify = notify
        self._clock = clock

    # publishing ------------------------------------------------------------------------------------------------------

    def publish(
        self, principal: Principal, *, version: str, effective_from: date, text: str, idem: Idempotency
    ) -> GuideView:
        """Publish a version as text, for an administrator; see `publish_file`.

        Raises
        ------
        NotPermittedError
            When the role does not publish guides.
        """
        require(principal, "guide")
        body = text.encode("utf-8", "surrogatepass")
        return self._publish(GuideDue(version=version, day=effective_from), body, principal.actor(), idem)

    def publish_file(self, body: bytes, by: Actor, *, version: str, effective_from: date) -> GuideView:
        """Publish the bytes of a file, text or PDF, and tell everybody. They are recorded by their SHA-256.

        Raises
        ------
        InvalidInputError
            When the bytes are no guide, or the version or its day come before one that is published.
        ConflictError
            When there is this version already, or somebody else publishes at this moment.
        """
        return self._publish(GuideDue(version=version, day=effective_from), body, by, None)

    def _publish(self, new: GuideDue, body: bytes, actor: Actor, idem: Idempotency | None) -> GuideView:
        now, version = self._clock(), new.version
        kind = rules.kind_of(body)
        if self._store.version(version) is not None:
            raise ConflictError(f"Force Media Guide {version} is published already, and never changed: choose another.")
        old = self._people.gate()
        gate, put = self._people.gate_changed(old, guides=rules.with_guide(old, new, london(now).date()))
        digest = hashlib.sha256(body).hexdigest()
        guide = Guide(
            version=version,
            day=new.day,
            kind=kind,
            sha256=digest,
            length=len(body),
            published_at=iso(now),
            by=actor.sub or "",
        )
        leaf = draft(type="config", at=now, actor=actor, obj=Obj(kind="guide", key=version), guide=part_of(guide))
        view = rules.shown(guide, gate, london(now).date())
        parts = self._store.parts(digest, body)
        if len(parts) > 1:  # more than a transaction takes: named by their digest, they mean nothing before it
            for one in parts:
                self._store.table.write(one)
            parts = []
        notice = told("guide_published", to=EVERYBODY, at=now, about={"guide": version})
        kept = [idem.put(view.model_dump(mode="json"))] if idem else []
        self._commit(leaf, [*parts, self._store.put_version(guide), put, notice, *kept])
        self._notify()
        return view

    def ask(self, principal: Principal, *, courses: Sequence[str], rev: int, idem: Idempotency) -> Asked:
        """Set which courses whoever acts needs; without any no training is asked for.

        Raises
        ------
        NotPermittedError
            When the role does not set it.
        ConflictError
            When it was changed since revision `rev`.
        """
        require(principal, "guide")
        return self.ask_for(courses, principal.actor(), rev=rev, idem=idem)

    def ask_for(
        self, courses: Sequence[str], by: Actor, *, rev: int | None = None, idem: Idempotency | None = None
    ) -> Asked:
        """Set which courses whoever acts needs; see `ask`."""
        wanted = tuple(sorted(set(courses)))
        if odd := [one for one in wanted if not rules.is_course(one)]:
            raise InvalidInputError(f"{odd[0][:40]!r} is no short name of a course: {rules.COURSE_FORM}.")
        if len(wanted) > MAX_COURSES:
            raise InvalidInputError(f"{MAX_COURSES} courses at the most can be asked for.")
        old = self._people.gate()
        if rev is not None and old.rev != rev:
            raise ConflictError("What is asked for was changed since you looked. Look again.", rev=old.rev)
        gate, put = self._people.gate_changed(old, courses=wanted)
        changed = {*wanted} ^ {*old.courses}
        at, obj = self._clock(), Obj(kind="gate", key="training")
        leaves = [
            draft(
                type="config",
                at=at,
                actor=by,
                obj=obj,
                change=Change(field="course", from_=None if one in wanted else one, to=one if one in wanted else None),
            )
            for one in sorted(changed)
        ] or [draft(type="config", at=at, actor=by, obj=obj)]
        made = Asked(courses=gate.courses, rev=gate.rev)
        kept = [idem.put(made.model_dump(mode="json"))] if idem else []
        self._commit(leaves, [put, *kept])
        return made

    # reading ---------------------------------------------------------------------------------------------------------

    def overview(self, principal: Principal) -> GuideOverview:
        """Return which guides there are, what is asked, and where the person stands: nothing of anybody else."""
        gate, day = self._people.gate(), london(self._clock()).date()
        found = sorted(self._store.versions(), key=lambda one: rules.number_of(one.version), reverse=True)
        views = tuple(rules.shown(one, gate, day) for one in found)
        return GuideOverview(
            current=next((one for one in views if one.state == "in_force"), None),
            versions=views,
            courses=gate.courses,
            rev=gate.rev,
            mine=Mine(
                acknowledged=tuple(sorted(self._store.acknowledgements(principal.id), key=lambda a: a.at)[::-1]),
                training=tuple(sorted(self._store.training(principal.id), key=lambda t: t.on)[::-1]),
                gate=state(principal),
            ),
        )

    def content(self, principal: Principal, version: str) -> GuideContent:
        """Return what a version says; that somebody opened it is recorded.

        Raises
        ------
        NotFoundError
            When there is no such version.
        """
        guide = self._version(version)
        view = rules.shown(guide, self._people.gate(), london(self._clock()).date())
        parts = -(-guide.length // (GIVEN * PART))
        blocks = rules.blocks(self._bytes(guide, 0).decode()) if guide.kind == "text" else ()
        self._opened(principal, guide)
        return GuideContent(guide=view, blocks=blocks, parts=parts)

    def part(self, principal: Principal, version: str, part: int) -> GuidePart:
        """Return some of the bytes of a version; recorded as `content`, and raises as it does."""
        guide = self._version(version)
        parts = -(-guide.length // (GIVEN * PART))
        if not 0 <= part < parts:
            raise NotFoundError("this guide has no such part")
        body = self._bytes(guide, part)
        self._opened(principal, guide)
        return GuidePart(part=part, parts=parts, base64=base64.b64encode(body).decode())

    # acknowledging ---------------------------------------------------------------------------------------------------

    def acknowledge(self, principal: Principal, version: str, *, sha256: str, idem: Idempotency) -> Acknowledgement:
        """Note that the person acknowledges a version; from the next request on it stands on whatever they do.

        Parameters
        ----------
        sha256
            Of the version that they saw.

        Raises
        ------
        NotFoundError
            When there is no such version.
        ConflictError
            When they saw something else, or a later one is in force.
        """
        guide = self._version(version)
        if sha256 != guide.sha256:
            raise ConflictError("What you acknowledge is not what this version says. Open it again.")
        for _ in range(ROUNDS):
            mine = {one.version: one for one in self._store.acknowledgements(principal.id)}
            if version in mine:
                return mine[version]
            if made := self._acknowledged(principal, guide, idem):
                return made
        raise ConflictError("You are changed by others at this moment. Try again in a few seconds.")

    def acknowledge_for(self, person: str, version: str, by: Actor) -> Acknowledgement:
        """Note for the demonstration force that an invented person acknowledged a version."""
        guide = self._version(version)
        made = Acknowledgement(version=version, at=iso(self._clock()))
        self._commit(self._attested(guide, by), self._writes(person, guide, made))
        return made

    def _acknowledged(self, principal: Principal, guide: Guide, idem: Idempotency) -> Acknowledgement | None:
        """Write an acknowledgement with its record; None when the person was changed meanwhile."""
        made = Acknowledgement(version=guide.version, at=iso(self._clock()))
        kept = idem.put(made.model_dump(mode="json"))
        try:
            writes = [*self._writes(principal.id, guide, made), kept]
            self._store.table.transact([Chunk.of([self._attested(guide, principal.actor())]).put(), *writes])
        except (ConditionFailedError, ContentionError):
            return None
        self._wake()
        return made

    def _writes(self, person_id: str, guide: Guide, made: Acknowledgement) -> list[Put]:
        person, gate = self._people.get(person_id), self._people.gate()
        order = [one.version for one in gate.guides]
        later = order.index(person.guide_version) if person.guide_version in order else -1
        if guide.version not in order or later > order.index(guide.version):
            raise ConflictError("A later version took the place of this one. Acknowledge that one.")
        return [
            self._store.put_acknowledgement(person_id, made),
            self._people.changed(person, guide_version=guide.version),
        ]

    def _attested(self, guide: Guide, actor: Actor) -> Leaf:
        obj = Obj(kind="guide", key=guide.version)
        return draft(type="attest", at=self._clock(), actor=actor, obj=obj, guide=part_of(guide))

    # inside ----------------------------------------------------------------------------------------------------------

    def _version(self, version: str) -> Guide:
        guide = self._store.version(version)
        if guide is None:
            raise NotFoundError("there is no such version of the guide")
        return guide

    def _bytes(self, guide: Guide, part: int) -> bytes:
        whole = -(-guide.length // PART)
        found = [self._store.part(guide.sha256, n) for n in range(part * GIVEN, min((part + 1) * GIVEN, whole))]
        if any(one is None for one in found):
            raise NotFoundError("bytes of this guide are not in the table")
        return b"".join(one for one in found if one is not None)

    def _opened(self, principal: Principal, guide: Guide) -> None:
        obj = Obj(kind="guide", key=guide.version)
        self._commit(draft(type="view", at=self._clock(), actor=principal.actor(), obj=obj), [])

    def _commit(self, leaves: Leaf | Sequence[Leaf], writes: Sequence[Put]) -> None:
        chunk = Chunk.of(leaves if isinstance(leaves, Sequence) else [leaves])
        try:
            self._store.table.transact([chunk.put(), *writes])
        except (ConditionFailedError, ContentionError):
            raise ConflictError("Somebody else changed this meanwhile. Look again, and send it once more.") from None
        self._wake()


def part_of(guide: Guide) -> Part:
    """Return a version as its records carry it."""
    return Part(
        version=guide.version, day=guide.day.isoformat(), kind=guide.kind, sha256=guide.sha256, length=guide.length
    )
