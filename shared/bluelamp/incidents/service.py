"""Opening an incident, commanding it and closing it: each change, its record and the list of what is open together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import IncidentStep, Query
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, InvalidInputError, UnsupportedError
from bluelamp.ids import new_ulid
from bluelamp.incidents import rules
from bluelamp.incidents.model import (
    BulkPolicy,
    Concern,
    Exempt,
    Incident,
    IncidentPage,
    IncidentSummary,
    IncidentView,
    Match,
    OpenList,
    Roles,
    Scope,
    SecondPersonError,
    Somebodies,
    Somebody,
    Standing,
    Strategy,
)
from bluelamp.people.rules import require, two_people
from bluelamp.posts.changing import name_of
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.idempotency import Idempotency
    from bluelamp.incidents.bulk import Bulk
    from bluelamp.incidents.commanding import Command
    from bluelamp.incidents.pausing import Pausing
    from bluelamp.incidents.recording import Recorder
    from bluelamp.incidents.standing import Orders
    from bluelamp.incidents.store import IncidentStore
    from bluelamp.people.model import Person, Principal, Verb

ROUNDS = 6
_COMMANDS: tuple[Verb, ...] = ("incident", "bulk", "approve_bulk")
LISTED = 100
MOST_PEOPLE = 50


class Incidents:
    """The use cases of the incident routes, jobs aside.

    Parameters
    ----------
    store, command, recorder
        Keep incidents, say who may order what, and make records.
    bulk
        Shows the jobs of an incident.
    orders
        What is in force at this moment, for the band on every screen.
    names
        Gives people's names by their ids; without one where there is nobody of that id.
    everybody
        Gives the people of the force, by name.
    pausing
        Stops publications; without it an incident cannot.
    """

    def __init__(
        self,
        *,
        store: IncidentStore,
        command: Command,
        recorder: Recorder,
        bulk: Bulk,
        orders: Orders,
        names: Callable[[Collection[str]], dict[str, str]],
        everybody: Callable[[], Iterable[Person]],
        pausing: Pausing | None = None,
    ) -> None:
        self._store = store
        self._command = command
        self._recorder = recorder
        self._bulk = bulk
        self._orders = orders
        self._names = names
        self._everybody = everybody
        self._pausing = pausing

    # opening and closing ---------------------------------------------------------------------------------------------

    def open(
        self, principal: Principal, *, code: str, scope: Scope, roles: Roles, strategy: str, idem: Idempotency
    ) -> Incident:
        """Open an incident with its scope, its people and the first version of its strategy.

        Raises
        ------
        NotFoundError, NotPermittedError
            When an account or a person is not there, or the role does not command on each account.
        InvalidInputError
            When it would end before it begins.
        """
        self._command.authorised(principal, "incident", scope.accounts)
        if scope.end is not None and scope.end <= scope.begin:
            raise InvalidInputError("An incident ends after it has begun. Put the later time last.")
        self._known(roles)
        now, by = iso(self._recorder.now()), name_of(principal)
        made = Incident(id=new_ulid(), code=code.strip(), scope=scope, roles=roles, opened_at=now, opened_by=by)
        first = Strategy(version=1, text=strategy.strip(), at=now, by=by)
        words = _words(made) | {"strategy": first.text}
        also = [self._store.put_strategy(made.id, first)]
        return self._commit(principal, None, made, "opened", idem, words=words, also=also)

    def close(self, principal: Principal, incident_id: str, *, rev: int, idem: Idempotency) -> Incident:
        """Close an incident: its standing rule and slow mode end with it. What is hidden stays so until it is shown.

        Raises
        ------
        NotFoundError, NotPermittedError, ConflictError
            As `Command.order`; or a job of it has not come to its end.
        """
        old = self._at(principal, incident_id, rev)
        now = iso(self._recorder.now())
        if busy := sum(rules.busy(job, now=now) for job in self._store.jobs(old.id)):
            raise ConflictError(f"{busy} jobs of this incident have not ended: stop them or let them end first.")
        if self._pausing is not None:
            # Whatever the incident says: a pause whose own record came too late must not outlive it.
            self._publications(principal, old, idem, pause=False, reason="incident_closed")
        update = {"state": "closed", "closed_at": now, "closed_by": name_of(principal)}
        new = old.model_copy(update=update | {"standing": None, "slow": 0, "paused": False})
        return self._commit(principal, old, new, "closed", idem)

    # commanding ------------------------------------------------------------------------------------------------------

    def set_strategy(
        self, principal: Principal, incident_id: str, *, text: str, rev: int, idem: Idempotency
    ) -> Incident:
        """Write the next version of the strategy; the ones before stay readable. Raises as `close`."""
        old = self._at(principal, incident_id, rev)
        now, by = iso(self._recorder.now()), name_of(principal)
        version = Strategy(version=old.strategy + 1, text=text.strip(), at=now, by=by)
        new = old.model_copy(update={"strategy": version.version})
        also = [self._store.put_strategy(old.id, version)]
        return self._commit(principal, old, new, "strategy", idem, words={"strategy": version.text}, also=also)

    def set_roles(
        self, principal: Principal, incident_id: str, *, roles: Roles, rev: int, idem: Idempotency
    ) -> Incident:
        """Say who is gold, silver and bronze from now on. Raises as `close`."""
        old = self._at(principal, incident_id, rev)
        self._known(roles)
        return self._commit(principal, old, old.model_copy(update={"roles": roles}), "roles", idem)

    def set_scope(
        self, principal: Principal, incident_id: str, *, scope: Scope, rev: int, idem: Idempotency
    ) -> Incident:
        """Widen or narrow what the incident is about; a standing rule has to be agreed to anew. Raises as `close`.

        While it has publications paused, they stand still on what joins it, and go on on what has left it. The answer
        is kept only after both, so that the repeat of a request that died between them does what is left.
        """
        scoped = replace(idem, key=f"{idem.key[:100]}.scoped")
        if (kept := scoped.replay(self._recorder.table)) is not None:
            return self._let_go(principal, Incident.model_validate(kept), idem)
        old = self._at(principal, incident_id, rev)
        self._command.authorised(principal, "incident", scope.accounts)
        new = old.model_copy(update={"scope": scope, "standing": None})
        if not old.paused:
            return self._commit(principal, old, new, "scope", idem, words=_words(new))
        self._publications(principal, new, idem, pause=True, reason="incident_scope")
        done = self._commit(principal, old, new, "scope", scoped, words=_words(new))
        return self._let_go(principal, done, idem)

    def set_slow(
        self, principal: Principal, incident_id: str, *, seconds: int, rev: int, idem: Idempotency
    ) -> Incident:
        """Have answers to posts in scope wait for some seconds before they are sent; 0 ends it. Raises as `close`."""
        old = self._at(principal, incident_id, rev)
        return self._commit(principal, old, old.model_copy(update={"slow": seconds}), "slow", idem)

    def propose_standing(
        self, principal: Principal, incident_id: str, *, match: Match, rev: int, idem: Idempotency
    ) -> Incident:
        """Propose that new posts which match are hidden pending review; in force once a second person agrees.

        Nobody can say how many that will be, so it is beyond every bound. Raises as `close`.
        """
        old = self._at(principal, incident_id, rev, "bulk")
        rule = Standing(match=match, at=iso(self._recorder.now()), by=name_of(principal))
        new = old.model_copy(update={"standing": rule})
        words = {"words": list(match.words)}
        return self._commit(principal, old, new, "standing_proposed", idem, words=words)

    def agree_standing(self, principal: Principal, incident_id: str, *, rev: int, idem: Idempotency) -> Incident:
        """Agree to the standing rule that somebody else proposed.

        Raises
        ------
        SecondPersonError
            When one proposed it oneself.
        ConflictError
            When none is proposed; otherwise as `close`.
        """
        old = self._at(principal, incident_id, rev, "approve_bulk")
        if old.standing is None or old.standing.state != "proposed":
            raise ConflictError("No standing rule waits for somebody's agreement.", rev=old.rev)
        second = two_people(old.standing.by.id, principal.id, "standing rule")
        if not second.allowed:
            raise SecondPersonError(second.for_person, reason_code=second.reason_code)
        agreed = {"state": "in_force", "agreed_by": name_of(principal), "agreed_at": iso(self._recorder.now())}
        new = old.model_copy(update={"standing": old.standing.model_copy(update=agreed)})
        return self._commit(principal, old, new, "standing_in_force", idem)

    def end_standing(self, principal: Principal, incident_id: str, *, rev: int, idem: Idempotency) -> Incident:
        """End the standing rule, or say no to a proposed one; what it has hidden stays hidden. Raises as `close`."""
        old = self._at(principal, incident_id, rev, "bulk")
        return self._commit(principal, old, old.model_copy(update={"standing": None}), "standing_ended", idem)

    def pause_publishing(
        self, principal: Principal, incident_id: str, *, pause: bool, reason: str, rev: int, idem: Idempotency
    ) -> Incident:
        """Stop everything that is scheduled on the accounts of the incident, or let it go on. Raises as `close`."""
        old = self._at(principal, incident_id, rev)
        self._publications(principal, old, idem, pause=pause, reason=reason)
        step = "publishing_paused" if pause else "publishing_resumed"
        return self._commit(principal, old, old.model_copy(update={"paused": pause}), step, idem)

    def set_policy(
        self, principal: Principal, *, bound: int, exempt: tuple[Exempt, ...], rev: int, idem: Idempotency
    ) -> BulkPolicy:
        """Set above how many posts a second person has to agree, and the authors whom no job touches.

        Whoever commands does not set their own bound: an administrator does.
        """
        require(principal, "register")
        old = self._store.policy()
        if old.rev != rev:
            raise ConflictError("Somebody else changed this since you looked. Look at it again.", rev=old.rev)
        new = BulkPolicy(bound=bound, exempt=exempt, rev=old.rev + 1)
        said = IncidentStep(step="policy", bound=bound, posts=len(exempt))
        obj = {"kind": "incident_policy", "key": "policy", "rev": new.rev, "prev": old.head}
        recorded = self._recorder.made(
            principal.actor(), None, obj, said, words=new.model_dump(mode="json"), account="force"
        )
        new = new.model_copy(update={"head": recorded.leaf.digest})
        try:
            self._recorder.table.transact(
                [self._store.put_policy(new), *recorded.writes, idem.put(new.model_dump(mode="json"))]
            )
        except (ConditionFailedError, ContentionError):
            raise ConflictError("Somebody else changed this a moment ago. Look at it again.") from None
        self._recorder.woken()
        return new

    # reading ---------------------------------------------------------------------------------------------------------

    def policy(self, principal: Principal) -> BulkPolicy:
        """Return what the force sets for all incidents. Recorded as a search: the list names authors."""
        require(principal, "incidents")
        found = self._store.policy()
        self._recorder.looked(principal, Query(view="incident_policy", hits=len(found.exempt)))
        return found

    def list_for(self, principal: Principal) -> IncidentPage:
        """Return the newest incidents within a person's reach. Recorded as a search."""
        require(principal, "incidents")
        found = [
            IncidentSummary(
                id=one.id, code=one.code, state=one.state, accounts=len(one.scope.accounts), area=one.scope.area,
                opened_at=one.opened_at, closed_at=one.closed_at,
            )
            for one in self._store.newest(LISTED)
            if self._command.sees(principal, one.scope.accounts, one.roles.everybody)
        ]  # fmt: skip
        self._recorder.looked(principal, Query(view="incidents", hits=len(found)))
        return IncidentPage(incidents=tuple(found))

    def get(self, principal: Principal, incident_id: str) -> IncidentView:
        """Return an incident with its strategy, log book and jobs. Recorded as a search."""
        one = self._command.see(principal, incident_id)
        jobs = self._bulk.views(principal, one)
        self._recorder.looked(principal, Query(view="incident", hits=len(jobs)), incident=one.id)
        return IncidentView(
            incident=one,
            strategies=tuple(self._store.strategies(one.id)),
            entries=tuple(self._store.entries(one.id)),
            jobs=tuple(jobs),
            people=self._names(one.roles.everybody),
            bound=self._store.policy().bound,
            can=tuple(sorted(self._can(principal, one))),
        )

    def people(self, principal: Principal, words: str | None = None) -> Somebodies:
        """Return who can be gold, silver or bronze, by name, fifty at most. Recorded as a search.

        Raises
        ------
        NotPermittedError
            When the person commands no incident.
        """
        require(principal, "incident")
        wanted = (words or "").strip().casefold()
        found = [one for one in self._everybody() if one.active and wanted in one.name.casefold()]
        shown = tuple(Somebody(id=one.id, name=one.name, role=one.role) for one in found[:MOST_PEOPLE])
        self._recorder.looked(principal, Query(view="incident_people", hits=len(shown)))
        return Somebodies(people=shown, more=len(found) > MOST_PEOPLE)

    def concerning(self, principal: Principal) -> list[Concern]:
        """Return the open incidents that concern somebody, from what this process remembers for some seconds."""
        return [
            Concern(id=one.id, code=one.code)
            for one in self._orders.remembered().incidents
            if self._command.sees(principal, one.accounts, one.people)
        ]

    # inside ----------------------------------------------------------------------------------------------------------

    def _can(self, principal: Principal, one: Incident) -> set[str]:
        verbs = {str(v) for v in _COMMANDS if self._command.may(principal, v, one.scope.accounts)}
        return verbs | ({"log"} if "incident" in verbs or principal.id in one.roles.everybody else set())

    def _at(self, principal: Principal, incident_id: str, rev: int, verb: Verb = "incident") -> Incident:
        found = self._command.order(principal, verb, incident_id)
        if found.rev != rev:
            raise ConflictError(
                "Somebody else changed this incident since you looked. Look at it again.", rev=found.rev
            )
        return found

    def _known(self, roles: Roles) -> None:
        if missing := roles.everybody - self._names(roles.everybody).keys():
            raise InvalidInputError(f"{len(missing)} of the people named have no place in this force: check their ids.")

    def _publications(
        self, principal: Principal, one: Incident, idem: Idempotency, *, pause: bool, reason: str
    ) -> None:
        if self._pausing is None:
            raise UnsupportedError("Nothing is published from here yet, so there is nothing to pause.")
        own = replace(idem, key=f"{idem.key[:100]}.publishing")
        if pause:
            self._pausing.pause(principal, accounts=one.scope.accounts, reason=reason, incident=one.id, idem=own)
        else:
            self._pausing.resume(principal, accounts=one.scope.accounts, incident=one.id, idem=own)

    def _let_go(self, principal: Principal, done: Incident, idem: Idempotency) -> Incident:
        # By the scope as it is now: what somebody has put back meanwhile stands still.
        now = self._command.order(principal, "incident", done.id)
        if now.paused and self._pausing is not None:
            left = replace(idem, key=f"{idem.key[:100]}.left")
            self._pausing.leave(principal, accounts=now.scope.accounts, incident=now.id, idem=left)
        try:
            self._recorder.table.transact([idem.put(done.model_dump(mode="json"))])
        except (ConditionFailedError, ContentionError):
            raise ConflictError("The same request was answered a moment ago. Look at the incident again.") from None
        return done

    def _commit(
        self,
        principal: Principal,
        old: Incident | None,
        new: Incident,
        step: str,
        idem: Idempotency,
        *,
        words: Mapping[str, Any] | None = None,
        also: Sequence[Write] = (),
    ) -> Incident:
        new = new.model_copy(update={"rev": old.rev + 1 if old else 1})
        prev = old.head if old else None
        recorded = self._recorder.incident(principal.actor(), new, step, prev=prev, words=words)
        new = new.model_copy(update={"head": recorded.leaf.digest})
        answer = idem.put(new.model_dump(mode="json"))
        for _ in range(ROUNDS):
            listed = self._store.put_open(_listed(self._store.opened(), new))
            writes = [self._store.put(new), listed, *recorded.writes, *also, answer]
            try:
                self._recorder.table.transact(writes)
            except (ConditionFailedError, ContentionError):
                now = self._store.get(new.id)
                if (now.rev if now else 0) != (old.rev if old else 0):
                    break
                continue
            self._recorder.woken()
            return new
        raise ConflictError("Somebody else changed an incident at the same moment. Look at it again.")


def _words(one: Incident) -> dict[str, Any]:
    return {"code": one.code, "area": one.scope.area, "words": list(one.scope.words)}


def _listed(found: OpenList, one: Incident) -> OpenList:
    """Return the list of open incidents with this one as it is now."""
    others = tuple(other for other in found.incidents if other.id != one.id)
    mine = (rules.open_part(one),) if one.state == "open" else ()
    return OpenList(incidents=(*others, *mine), rev=found.rev + 1)
