"""Hooks made, changed, tried and redriven by an administrator, each with its record.

The record never holds an address, which may carry a password in its path: it has the keyed digest of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Change, Obj, Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.hooks import signing
from bluelamp.hooks.model import Hook, HookDeliveries, HookDelivery, HookList, HookMade, Redriven
from bluelamp.hooks.store import MOST
from bluelamp.ids import new_ulid
from bluelamp.media.errors import MediaError
from bluelamp.notices.telling import told
from bluelamp.notices.wording import AGAIN
from bluelamp.people.rules import require
from bluelamp.posts.model import PersonName
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Put
    from bluelamp.hooks.store import HookStore
    from bluelamp.idempotency import Idempotency
    from bluelamp.media.addresses import Allowed
    from bluelamp.notices.model import Delivery, NoticeKind
    from bluelamp.people.model import Principal
    from bluelamp.pseudonyms import Pseudonyms

# How long the secret before still signs, so that the other side can change over without losing a message.
OVERLAP = timedelta(hours=24)
# How many messages are shown, and gone through to send the failed ones again.
SHOWN = 50


class HooksOffError(ConflictError):
    """The deployment lists no host that may be told."""

    code = "hooks_off"


class Hooks:
    """The use cases of the hook routes.

    Parameters
    ----------
    store
        Where hooks are kept.
    newest
        Gives the newest deliveries to ``hook:<id>``, so many at the most.
    key
        Gives the key that all secrets are made from.
    allowed
        The hosts that may be posted to; None where hooks are off.
    pseudonyms
        Makes the digests of addresses.
    wake, notify
        Wake the sequencer and the delivery.
    clock
        The present.
    """

    def __init__(
        self,
        store: HookStore,
        *,
        newest: Callable[[str, int], Sequence[Delivery]],
        key: Callable[[], bytes],
        allowed: Allowed | None,
        pseudonyms: Pseudonyms,
        wake: Callable[[], None],
        notify: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._newest = newest
        self._key = key
        self._allowed = allowed
        self._pseudonyms = pseudonyms
        self._wake = wake
        self._notify = notify
        self._clock = clock

    # reading ---------------------------------------------------------------------------------------------------------

    def every(self, principal: Principal) -> HookList:
        """Return the hooks, by name. Recorded as a search.

        Raises
        ------
        NotPermittedError
            When the person administers none.
        """
        require(principal, "hooks")
        found = sorted(self._store.every(), key=lambda one: one.name.casefold())
        self._searched(principal, "hooks", len(found))
        return HookList(hooks=tuple(found))

    def deliveries(self, principal: Principal, hook_id: str) -> HookDeliveries:
        """Return what became of the newest messages to a hook. Recorded as a search; raises as `every`."""
        require(principal, "hooks")
        self._get(hook_id)
        found = self._newest(f"hook:{hook_id}", SHOWN)
        self._searched(principal, "hook_deliveries", len(found))
        return HookDeliveries(deliveries=tuple(map(_delivery, found)))

    # changes ---------------------------------------------------------------------------------------------------------

    def create(
        self, principal: Principal, *, name: str, url: str, kinds: tuple[NoticeKind, ...], idem: Idempotency
    ) -> HookMade:
        """Make a hook; its secret is shown this once.

        Raises
        ------
        HooksOffError
            When the deployment lists no hosts.
        InvalidInputError
            When the address is not on one of the listed hosts, or there are too many hooks.
        ConflictError
            When somebody else makes one at the same moment: there is no telling whether there is room for both.
        """
        require(principal, "hooks")
        self._require_address(url)
        count = len(self._store.every())
        if count >= MOST:
            raise InvalidInputError(f"There are {MOST} hooks, which is the most. Switch one off and use it again.")
        place = self._store.place(count)
        by = PersonName(id=principal.id, name=principal.name)
        new = Hook(id=new_ulid(), name=_plain(name), url=url, kinds=_once(kinds), by=by, at=iso(self._clock()))
        change = Change(field="status", to=new.status)
        return self._made(self._save(principal, None, new, change, idem, secret=True, also=(place,)))

    def change(
        self,
        principal: Principal,
        hook_id: str,
        *,
        name: str,
        url: str,
        kinds: tuple[NoticeKind, ...],
        active: bool,
        rev: int,
        idem: Idempotency,
    ) -> Hook:
        """Put another name, address or list of kinds in place, or switch a hook off and on. Raises as `create`."""
        old = self._at(principal, hook_id, rev)
        if active:
            self._require_address(url)
        new = self._next(principal, old, {"name": _plain(name), "url": url, "kinds": _once(kinds), "active": active})
        change = Change(field="hook")
        if old.active != active:
            change = Change(field="status", from_=old.status, to=new.status)
        return self._save(principal, old, new, change, idem)

    def rotate(self, principal: Principal, hook_id: str, *, rev: int, idem: Idempotency) -> HookMade:
        """Make a new secret; for a day messages are signed with both. Raises as `change`."""
        old = self._at(principal, hook_id, rev)
        until = iso(self._clock() + OVERLAP)
        new = self._next(principal, old, {"generation": old.generation + 1, "overlap_until": until})
        change = Change(field="secret", from_=str(old.generation), to=str(new.generation))
        return self._made(self._save(principal, old, new, change, idem, secret=True))

    def try_out(self, principal: Principal, hook_id: str, *, idem: Idempotency) -> Hook:
        """Send a message that says no more than that it is a test. Raises as `change`."""
        hook = self._on(principal, hook_id)
        notice = told("hook_test", to=[f"hook:{hook.id}"], at=self._clock(), about={"hook": hook.id})
        self._commit(principal, hook, Change(field="test"), [notice, idem.put(hook.model_dump(mode="json"))])
        return hook

    def redrive(self, principal: Principal, hook_id: str, *, idem: Idempotency) -> Redriven:
        """Send again what failed for good among the newest messages, each under its first id. Raises as `change`."""
        hook = self._on(principal, hook_id)
        newest = self._newest(f"hook:{hook.id}", SHOWN)
        # Sent again already: under the id of the first, whatever became of it.
        again = {one.about[AGAIN] for one in newest if AGAIN in one.about and one.state != "failed"}
        lost = {first: one for one in newest if one.state == "failed" and (first := _first(one)) not in again}
        notices = [
            told(one.kind, to=[f"hook:{hook.id}"], at=self._clock(), about={**one.about, AGAIN: first})
            for first, one in sorted(lost.items())
        ]
        answer = Redriven(count=len(notices))
        change = Change(field="redrive", to=str(answer.count))
        self._commit(principal, hook, change, [*notices, idem.put(answer.model_dump(mode="json"))])
        return answer

    # inside ----------------------------------------------------------------------------------------------------------

    def _get(self, hook_id: str) -> Hook:
        hook = self._store.get(hook_id)
        if hook is None:
            raise NotFoundError(f"There is no hook {hook_id}.")
        return hook

    def _at(self, principal: Principal, hook_id: str, rev: int) -> Hook:
        require(principal, "hooks")
        old = self._get(hook_id)
        if old.rev != rev:
            raise ConflictError(f"{old.by.name} was quicker. Look at it again.", rev=old.rev, by=old.by.name)
        return old

    def _on(self, principal: Principal, hook_id: str) -> Hook:
        require(principal, "hooks")
        hook = self._get(hook_id)
        self._require_address(hook.url)
        if not hook.active:
            raise ConflictError("This hook is switched off, so nothing is sent to it.", rev=hook.rev)
        return hook

    def _require_address(self, url: str) -> None:
        if self._allowed is None:
            raise HooksOffError("This deployment lists no hosts to be told. Set HookHosts when it is deployed.")
        try:
            self._allowed.target(url)
        except MediaError:
            raise InvalidInputError(
                "This address is not https on one of the hosts that the deployment lists (HookHosts)."
            ) from None

    def _made(self, hook: Hook) -> HookMade:
        return HookMade(hook=hook, secret=signing.shown(signing.secret(self._key(), hook.id, hook.generation)))

    def _next(self, principal: Principal, old: Hook, fields: dict[str, object]) -> Hook:
        by = PersonName(id=principal.id, name=principal.name)
        return old.model_copy(update=fields | {"by": by, "at": iso(self._clock()), "rev": old.rev + 1})

    def _save(
        self,
        principal: Principal,
        old: Hook | None,
        new: Hook,
        change: Change,
        idem: Idempotency,
        *,
        secret: bool = False,
        also: Sequence[Put] = (),
    ) -> Hook:
        leaf = self._leaf(principal, new, change, prev=old.head if old else None)
        made = new.model_copy(update={"head": leaf.digest})
        # To a repeat the secret is not told again: what is kept to answer it must not hold one.
        answer = HookMade(hook=made, secret="") if secret else made
        writes = [self._store.saved(old, made), Chunk.of([leaf]).put(), idem.put(answer.model_dump(mode="json"))]
        try:
            self._store.table.transact([*writes, *also])
        except (ConditionFailedError, ContentionError) as error:
            what = "changed this hook" if old else "made a hook at the same moment"
            raise ConflictError(f"Somebody else {what}. Look at the list again.") from error
        self._wake()
        return made

    def _commit(self, principal: Principal, hook: Hook, change: Change, writes: Sequence[Put]) -> None:
        leaf = self._leaf(principal, hook, change, prev=None)
        self._store.table.transact([*writes, Chunk.of([leaf]).put()])
        self._wake()
        self._notify()

    def _leaf(self, principal: Principal, hook: Hook, change: Change, *, prev: str | None) -> Leaf:
        said = f"{hook.url} {' '.join(hook.kinds)}"
        return draft(
            type="config",
            at=self._clock(),
            actor=principal.actor(),
            obj=Obj(
                kind="hook",
                key=f"hook/{hook.id}",
                hmac_key=self._pseudonyms.key_id,
                rev=hook.rev,
                prev=prev,
                digest=self._pseudonyms.words("hooks", f"{hook.id}/{hook.rev}", said, ()),
            ),
            change=change,
        )

    def _searched(self, principal: Principal, view: str, hits: int) -> None:
        query = Query(view=view, hits=hits)
        leaf = draft(type="search", at=self._clock(), actor=principal.actor(), query=query)
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()


def _plain(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or not clean.isprintable():
        raise InvalidInputError("A hook needs a name of characters that can be seen.")
    return clean


def _once(kinds: tuple[NoticeKind, ...]) -> tuple[NoticeKind, ...]:
    return tuple(dict.fromkeys(kinds))


def _first(one: Delivery) -> str:
    return one.about.get(AGAIN, one.notice)


def _delivery(one: Delivery) -> HookDelivery:
    about = {name: value for name, value in one.about.items() if name != AGAIN}
    return HookDelivery(
        id=_first(one),
        kind=one.kind,
        about=about,
        state=one.state,
        code=one.code,
        attempts=one.attempts,
        at=one.at,
    )
