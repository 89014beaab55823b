"""What may be asked of the audit trail: a search of it, and one record with the proof that it is sealed.

Both read the sealed log itself, not a copy in the table, so that what they show is what the archive holds. Both are
recorded. What somebody typed into a filter may be a name, and stands in the record of the search only when the log has
it already; otherwise its keyed digest does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bluelamp.audit.head import all_heads, read_head
from bluelamp.audit.leaf import Leaf, Obj, Query, draft
from bluelamp.audit.lookback import Hit, Look, Place, Wanted, count_waiting, look_back, place_after, says
from bluelamp.audit.outbox import Chunk
from bluelamp.audit.prove import LogReader, Proof, prove, published
from bluelamp.audit.selection import SelectionError, moment
from bluelamp.errors import InvalidInputError, NotFoundError, OutOfScopeError
from bluelamp.people.rules import OutsideScopeError, authorise, require
from bluelamp.times import Clock, utc_now
from bluelamp.trail import rules
from bluelamp.trail.model import Filters, Officer, SearchedBackTo, TrailPage, TrailRecord, WaitingRecords

if TYPE_CHECKING:
    from bluelamp.accounts.service import Accounts
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.cursors import Cursors
    from bluelamp.people.model import Principal
    from bluelamp.people.service import People
    from bluelamp.posts.changing import Changer
    from bluelamp.pseudonyms import Pseudonyms

MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search: the filters with their times as the log writes them, and how the log names the post."""

    filters: Filters
    obj: Obj | None
    account: str | None

    @property
    def texts(self) -> tuple[bytes, ...]:
        """What stands in the bytes of every record that is meant."""
        f = self.filters
        pairs = (("type", f.type), ("account", f.account), ("sub", f.officer), ("correlation", f.correlation))
        found = [says(name, value) for name, value in pairs if value is not None]
        found += [says("key", self.obj.key)] if self.obj else []
        return (*found, *(json.dumps(said).encode() for said in (f.rule, f.ref) if said))


class Trail:
    """The use cases of the audit routes.

    Parameters
    ----------
    table, evidence
        The heads of the logs, and the sealed logs.
    accounts, people
        Who reaches what, and what officers are called.
    changer
        Finds the post that is asked for.
    cursors
        Makes and opens cursors.
    pseudonyms
        Names what somebody typed without repeating it.
    wake
        Has the outbox sealed now.
    clock
        The present.
    """

    def __init__(
        self,
        *,
        table: Table,
        evidence: Bucket,
        accounts: Accounts,
        people: People,
        changer: Changer,
        cursors: Cursors,
        pseudonyms: Pseudonyms,
        wake: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._table = table
        self._evidence = evidence
        self._accounts = accounts
        self._people = people
        self._changer = changer
        self._cursors = cursors
        self._pseudonyms = pseudonyms
        self._wake = wake
        self._clock = clock

    def search(
        self, principal: Principal, *, filters: Filters, cursor: str | None = None, limit: int = 50
    ) -> TrailPage:
        """Return a page of the sealed log, newest first, as far as one request can look. Recorded as a search.

        Raises
        ------
        NotFoundError, RefusedError
            When the account or post is not there or not for this person, or their role reads no history.
        InvalidInputError, CursorError
            When a time makes no sense, or the cursor is not of this person and query.
        BrokenArchiveError
            When the sealed log cannot be read.
        """
        require(principal, "history")
        asked = self._asked(principal, filters)
        query = {"list": "audit"} | filters.model_dump(mode="json", exclude_none=True)
        place = Place(**self._cursors.open(principal.id, query, cursor)) if cursor else None
        heads = all_heads(self._table, self._clock().year)
        waiting = count_waiting(self._table, heads[0] if heads else None)
        reach = self._reach(principal)
        post_key = asked.obj.key if asked.obj else None

        def test(record: Mapping[str, Any]) -> bool:
            return rules.shown(record, reach) and rules.meant(record, asked.filters, post_key)

        look = Look((), None, None)
        if place is None and asked.filters.until is not None:
            place = place_after(self._evidence, heads, asked.filters.until)
            heads = heads if place else []
        if heads:
            look = look_back(
                self._evidence,
                heads,
                Wanted(test, asked.texts),
                before=place,
                since=asked.filters.since,
                limit=max(1, min(limit, MAX_PAGE)),
            )
        self._record(self._search_leaf(principal, asked, place if cursor else None, look))
        back = look.reached
        return TrailPage(
            records=self._shown(look.hits),
            next=self._sealed_cursor(principal, query, look.next),
            searched_back_to=SearchedBackTo(year=back.year, seq=back.seq, at=back.sealed_at) if back else None,
            waiting=WaitingRecords(records=waiting[0], more=waiting[1]),
        )

    def record(self, principal: Principal, year: int, seq: int) -> tuple[TrailRecord, Proof]:
        """Return one sealed record with the proof that it is in the log. Recorded as such.

        Raises
        ------
        NotFoundError, RefusedError
            When there is none, it is not sealed yet or not for this person, or their role reads no history.
        BrokenArchiveError
            When the sealed log cannot be read, or does not lead to what was signed.
        """
        require(principal, "history")
        head = read_head(self._table, year)
        signed = published(head) if head else None
        if head is None or signed is None or not 0 <= seq < signed.size:
            raise NotFoundError(f"record {seq} of {year} is not there, or not sealed yet")
        reader = LogReader(self._evidence, year)
        bundle = reader.bundle_of(seq)
        proof = prove(self._evidence, head, seq, bundle)
        record = json.loads(proof.leaf)
        account = record.get("account")
        if not rules.shown(record, self._reach(principal)):
            why = f"record {seq} of {year} is out of this person's scope"
            raise OutsideScopeError(why, account=account) if account else OutOfScopeError(why)
        leaf = draft(
            type="prove",
            at=self._clock(),
            actor=principal.actor(),
            account=account,
            obj=Obj(kind="record", key=f"{year}/{seq}"),
        )
        self._record(leaf)
        (found,) = self._shown([Hit(year, seq, reader.sealed_at(bundle), record)])
        return found, proof

    # what is asked ---------------------------------------------------------------------------------------------------

    def _asked(self, principal: Principal, filters: Filters) -> _Asked:
        account, obj = filters.account, None
        if account is not None:
            authorise(principal, "history", self._accounts.get(account))
        if filters.post is not None:
            post = self._changer.load(principal, "history", filters.post)
            obj = self._changer.obj(post, prev=None)
            account = account or post.account
        try:
            times = {
                "since": moment(filters.since) if filters.since else None,
                "until": moment(filters.until, end=True) if filters.until else None,
            }
        except SelectionError:
            raise InvalidInputError("A time is a day (2026-11-22) or a time with its zone.") from None
        return _Asked(filters.model_copy(update=times), obj, account)

    def _reach(self, principal: Principal) -> frozenset[str] | None:
        """Return the accounts whose records a person is shown; None when they are shown everything."""
        if rules.sees_everything(principal):
            return None
        return frozenset(account.id for account in self._accounts.reached_by(principal))

    def _sealed_cursor(self, principal: Principal, query: Mapping[str, Any], place: Place | None) -> str | None:
        if place is None:
            return None
        return self._cursors.seal(principal.id, query, {"year": place.year, "seq": place.seq})

    # what is recorded ------------------------------------------------------------------------------------------------

    def _search_leaf(self, principal: Principal, asked: _Asked, place: Place | None, look: Look) -> Leaf:
        f = asked.filters
        hit = bool(look.hits)
        said: dict[str, str | None] = {
            "since": f.since,
            "until": f.until,
            "type": f.type,
            "officer": self._coded(f.officer, known=hit or self._is_person(f.officer)),
            "rule": self._coded(f.rule, known=hit),
            "correlation": self._coded(f.correlation, known=hit),
            "ref": self._coded(f.ref, known=hit),
            "before": f"{place.year}/{place.seq}" if place else None,
        }
        filters: dict[str, str | int] = {name: value for name, value in said.items() if value is not None}
        query = Query(view="audit", filters=filters, hits=len(look.hits))
        return draft(
            type="search",
            at=self._clock(),
            actor=principal.actor(),
            account=asked.account,
            obj=asked.obj,
            query=query,
        )

    def _coded(self, value: str | None, *, known: bool) -> str | None:
        """Return what the record has for something that was typed: itself when the log has it, else its digest."""
        return value if value is None or known else self._pseudonyms.content("audit", value.encode())

    def _is_person(self, sub: str | None) -> bool:
        return sub is not None and sub in self._people.names([sub])

    def _record(self, leaf: Leaf) -> None:
        self._table.write(Chunk.of([leaf]).put())
        self._wake()

    # what is shown ---------------------------------------------------------------------------------------------------

    def _shown(self, hits: Sequence[Hit]) -> tuple[TrailRecord, ...]:
        subs = [_person(hit.record) for hit in hits]
        names = self._people.names(sub for sub in subs if sub)
        return tuple(
            TrailRecord(
                year=hit.year,
                seq=hit.seq,
                sealed_at=hit.sealed_at,
                id=hit.record["id"],
                at=hit.record["at"],
                type=hit.record["type"],
                account=hit.record.get("account"),
                officer=Officer(id=sub, name=names.get(sub)) if sub else None,
                record=hit.record,
            )
            for hit, sub in zip(hits, subs, strict=True)
        )


def _person(record: Mapping[str, Any]) -> str | None:
    """Return the id of the person who acted, or None where it was a part of the system."""
    actor = record.get("actor") or {}
    return actor.get("sub") if actor.get("kind") == "person" else None
