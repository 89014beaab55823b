"""How what is ordered in an incident is recorded: the words go to the content vault, ids and numbers into the leaf."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import Actor, IncidentStep, Leaf, Obj, Query, draft
from bluelamp.audit.lines import line
from bluelamp.audit.outbox import Chunk, Release
from bluelamp.content.model import Entry as Kept
from bluelamp.times import Clock, iso, parse_iso

if TYPE_CHECKING:
    from datetime import datetime

    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Table, Write
    from bluelamp.content.vault import Vault
    from bluelamp.incidents.model import Incident, Job
    from bluelamp.people.model import Principal
    from bluelamp.pseudonyms import Pseudonyms


@dataclass(frozen=True)
class Recorded:
    """A record that is ready to be committed: its leaf, and the writes that belong into the same transaction."""

    leaf: Leaf
    chunk: Chunk
    writes: Sequence[Write]


class Recorder:
    """Makes the records of incidents, and commits them with what they are about.

    Parameters
    ----------
    table
        The deployment's table.
    pseudonyms, vault
        Bind words to their records, and keep them.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(
        self, *, table: Table, pseudonyms: Pseudonyms, vault: Callable[[], Vault], wake: Wake, clock: Clock
    ) -> None:
        self.table = table
        self._pseudonyms = pseudonyms
        self._vault = vault
        self._wake = wake
        self._clock = clock

    def now(self) -> datetime:
        """Return the present."""
        return self._clock()

    def digest(self, raw: bytes) -> str:
        """Return the keyed digest of a frozen selection."""
        return self._pseudonyms.content("bulk", raw)

    def incident(
        self, actor: Actor, incident: Incident, step: str, *, prev: str | None, words: Mapping[str, Any] | None = None
    ) -> Recorded:
        """Return the record of a step that leaves an incident as it is given."""
        scope, standing = incident.scope, incident.standing
        roles = {name: ids for name, ids in incident.roles.model_dump().items() if ids}
        match = standing.match if standing else None
        said = IncidentStep(
            step=step,
            state=incident.state,
            accounts=scope.accounts,
            words=len(scope.words),
            begin=moment(scope.begin),
            end=moment(scope.end) if scope.end else None,
            roles=roles or None,
            strategy=incident.strategy,
            slow=incident.slow or None,
            second=True if standing and standing.state == "proposed" else None,
            grade=match.grade if match else None,
            codes=match.codes if match else None,
            everything=True if match and match.everything else None,
        )
        obj = {"kind": "incident", "key": incident.id, "rev": incident.rev, "prev": prev}
        return self.made(actor, incident.id, obj, said, words=words, account=scope.accounts[0])

    def job(self, actor: Actor, job: Job, step: str, *, tally: Mapping[str, int] | None = None, run: bool) -> Recorded:
        """Return the record of a step of a job; with `run`, its seal lets the worker begin, or go on.

        The seal of one that waits for a second person wakes the worker too, to do nothing: it has started by the time
        that person agrees, and nobody waits for that then.
        """
        said = IncidentStep(
            step=step,
            state=job.state,
            accounts=job.accounts,
            strategy=job.strategy,
            job=job.id,
            verb=job.verb,
            posts=job.posts,
            second=True if job.second else None,
            tally=dict(tally) if tally else None,
        )
        obj = {"kind": "bulk", "key": job.id, "rev": job.rev, "prev": job.head, "digest": job.digest}
        release: dict[str, Any] | None = {"v": 1, "incident": job.incident, "job": job.id} if run else None
        if job.state == "waiting":
            release = {"v": 1, "awake": True}
        return self.made(actor, job.incident, obj, said, release=release)

    def made(
        self,
        actor: Actor,
        incident: str | None,
        obj: Mapping[str, Any],
        said: IncidentStep,
        *,
        words: Mapping[str, Any] | None = None,
        account: str = "",
        release: Mapping[str, Any] | None = None,
    ) -> Recorded:
        """Return a record and its writes."""
        content, keys, digest = None, [], obj.get("digest")
        if words is not None:
            raw = json.dumps(words, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
            packed = self._vault().pack([Kept(account, raw)])
            content, keys = packed.contents[0], list(packed.writes)
            digest = self._pseudonyms.content("incident", raw)
        leaf = draft(
            type="incident",
            at=self._clock(),
            actor=actor,
            incident=incident,
            obj=Obj.model_validate({**obj, "digest": digest, "hmac_key": self._pseudonyms.key_id if digest else None}),
            content=content,
            ordered=said,
        )
        chunk = Chunk.of([leaf], releases=[Release(0, dict(release), queue="incident")] if release else [])
        lines = [line(f"incident-{incident}", chunk)] if incident else []
        return Recorded(leaf, chunk, [chunk.put(), *lines, *keys])

    def looked(self, principal: Principal, query: Query, *, incident: str | None = None) -> None:
        """Record that somebody read: a list, an incident, or what a job would touch."""
        leaf = draft(type="search", at=self._clock(), actor=principal.actor(), incident=incident, query=query)
        self.table.write(Chunk.of([leaf]).put())
        self.woken()

    def woken(self) -> None:
        """Wake the sequencer; what is committed must not look failed when its queue does not answer."""
        self._wake()


def moment(text: str) -> str:
    """Return a moment as records write it."""
    return iso(parse_iso(text))
