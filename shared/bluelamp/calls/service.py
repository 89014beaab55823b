"""An officer calls somebody to a post; whoever takes the call on ends the asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from bluelamp.audit.leaf import Change, draft
from bluelamp.audit.leaf import Query as Asked
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk
from bluelamp.calls import rules
from bluelamp.calls.model import Call, CallList, CallView
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.notices.telling import told
from bluelamp.people.rules import authorise, principal_of, reaches, require
from bluelamp.posts.changing import Entry, name_of
from bluelamp.posts.rules import GRADE_FLOOR, risk_of
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.accounts.service import Accounts
    from bluelamp.calls.store import CallStore
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.people.service import People
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post, Reason
    from bluelamp.roster.model import Responsible


class NotCallableError(InvalidInputError):
    """Whoever is called is not there, or could not open the post."""

    code: ClassVar[str] = "not_callable"


class TooManyCallsError(ConflictError):
    """As many calls wait for this post as one post may have."""

    code: ClassVar[str] = "too_many_calls"


# Each goes on asking by itself until somebody answers: more would wake people for nothing.
MOST_WAITING = 5


class Calls:
    """The use cases of the call routes.

    Parameters
    ----------
    store
        Where calls are kept.
    changer
        Loads the post and commits that it was flagged.
    accounts, people
        Who reaches what.
    responsible
        Tells who answers for an account now.
    wake, notify
        Wake the sequencer, and whoever delivers notices.
    """

    def __init__(
        self,
        store: CallStore,
        *,
        changer: Changer,
        accounts: Accounts,
        people: People,
        responsible: Callable[[Account], Responsible],
        wake: Callable[[], None],
        notify: Callable[[], None],
    ) -> None:
        self._store = store
        self._changer = changer
        self._accounts = accounts
        self._people = people
        self._responsible = responsible
        self._wake = wake
        self._notify = notify

    def call(
        self, principal: Principal, post_id: str, *, to: str, reason: Reason, rev: int, idem: Idempotency
    ) -> CallView:
        """Ask somebody to look at a post now; it moves up to high risk at least.

        Parameters
        ----------
        to
            ``person:<id>``, ``team:<id>``, or ``duty`` for whoever answers for the account at this minute.

        Raises
        ------
        NotFoundError, NotPermittedError
            When the post is out of reach, or the role flags nothing.
        NotCallableError
            When that person or team could not open the post.
        ConflictError
            When the post has changed, or is closed; `TooManyCallsError` when as many as may be wait for it.
        """
        post = self._changer.load(principal, "flag", post_id, rev=rev)
        if "flag" not in self._changer.can(principal, post):
            raise ConflictError("This post is closed: there is nobody to call to it.", rev=post.rev)
        account = self._accounts.get(post.account)
        self._require_callable(to, account)
        # The commit below holds to this revision of the post: of two at once one begins anew and counts again.
        self._require_room(post)
        now = self._changer.clock()
        call = rules.begun(
            Call(
                id=new_ulid(),
                post=post.id,
                account=account.id,
                to=to,
                reason=reason.code,
                by=name_of(principal),
                at=iso(now),
                line=rules.line_of(to, self._responsible(account)),
                next_at=iso(now),
            ),
            now,
        )
        entry = Entry(
            type="flag",
            actor=principal.actor(),
            by=name_of(principal),
            reason=LeafReason(code=reason.code, ref=reason.ref),
            change=Change(field="call", to=call.line[0].who),
            correlation=call.id,
            detail={"to": call.line[0].who, "reason": reason.code},
        )
        grade = max(post.case.grade, GRADE_FLOOR["high"])
        raised = post.case.model_copy(update={"grade": grade, "risk": risk_of(grade)})
        about = {"post": post.id, "account": account.id, "call": call.id}
        notice = told("flagged", to=[call.line[0].who], at=now, about=about, urgent=True)
        self._changer.commit(
            post,
            post.changed(case=raised),
            entry,
            also=lambda _: [self._store.put(call, None), notice],
            idem=idem,
            answer=lambda _: rules.view(call).model_dump(mode="json"),
        )
        self._notify()
        return rules.view(call)

    def acknowledge(self, principal: Principal, call_id: str, *, idem: Idempotency) -> CallView:
        """Take a call on: nobody else is asked any more.

        Raises
        ------
        NotFoundError, NotPermittedError
            When there is no such call, its account is out of reach, or the role takes nothing on.
        ConflictError
            When somebody has ended it already; the message says who.
        """
        before = self._store.get(call_id)
        if before is None:
            raise NotFoundError("No such call waits: somebody has taken it on, or its post was closed.")
        authorise(principal, "claim", self._accounts.get(before.account))
        now = self._changer.clock()
        call = before.model_copy(
            update={
                "state": "acknowledged",
                "ended_at": iso(now),
                "ended_by": name_of(principal),
                "rev": before.rev + 1,
            }
        )
        leaf = draft(
            type="flag",
            at=now,
            actor=principal.actor(),
            account=call.account,
            change=Change(field="acknowledge"),
            correlation=call.id,
        )
        answer = rules.view(call)
        writes = [*self._store.ended(call, before), Chunk.of([leaf]).put(), idem.put(answer.model_dump(mode="json"))]
        try:
            self._store.table.transact(writes)
        except (ConditionFailedError, ContentionError):
            raise ConflictError("This call has just moved on or was taken on. Look at the list again.") from None
        self._wake()
        return answer

    def list_for(self, principal: Principal) -> CallList:
        """Return the calls within reach that nobody has taken on; recorded as a search.

        Raises
        ------
        NotPermittedError
            When the role does not see posts.
        """
        require(principal, "see")
        waiting = self._store.waiting()
        known = self._accounts.many({one.account for one in waiting})
        shown = [rules.view(one) for one in waiting if one.account in known and reaches(principal, known[one.account])]
        self._changer.searched(principal, Asked(view="calls", hits=len(shown)), account=None)
        return CallList(calls=tuple(shown))

    def _require_room(self, post: Post) -> None:
        waiting = [one for one in self._store.waiting() if one.post == post.id]
        if len(waiting) >= MOST_WAITING:
            raise TooManyCallsError(
                f"{len(waiting)} calls wait for this post already, the first since {waiting[0].by.name} asked. "
                "Somebody has to take one on first: they are listed under Calls.",
                rev=post.rev,
            )

    def _require_callable(self, to: str, account: Account) -> None:
        kind, _, which = to.partition(":")
        if kind == "person":
            person = self._people.among([which]).get(which)
            now = self._changer.clock()
            if person is None or not person.active:
                raise NotCallableError("There is nobody with this id who could be called. Choose somebody else.")
            if not reaches(principal_of(person, at=now), account):
                raise NotCallableError(
                    f"{person.name} does not reach this account, and could not open the post. Choose somebody of its "
                    "team, or call whoever is on duty."
                )
        if kind == "team" and which not in {account.team, "control"}:
            raise NotCallableError(
                f"The account is of the team {account.team}: another team could not open the post. "
                "Call its own team or whoever is on duty."
            )
