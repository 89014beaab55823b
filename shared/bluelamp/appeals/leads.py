"""What the public answers to an appeal: looked at, told apart, passed on with a reference, acknowledged.

Replies below a copy are found by its thread; a message, or a post elsewhere, is added by whoever recognises it. To name
a suspect in public can harm a trial and an innocent person: of such a post hiding is proposed, and a person decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bluelamp.appeals import rules
from bluelamp.appeals.model import Appeal, Lead, Leads, LeadView, Verdict
from bluelamp.audit.leaf import AppealPart, Query
from bluelamp.errors import ConflictError
from bluelamp.ids import thread_id
from bluelamp.people.rules import decide, require
from bluelamp.posts.casework import MAX_REFS
from bluelamp.posts.changing import Entry, name_of
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.appeals.publications import Publications
    from bluelamp.appeals.service import Appeals
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post

SHOWN = 200


class _Change(NamedTuple):
    """What becomes of a post and of what was made of it, and what the record says."""

    post: Post
    new: Post
    old: Lead | None
    lead: Lead
    what: AppealPart


class LeadDesk:
    """The use cases of leads.

    Parameters
    ----------
    appeals
        Reads appeals.
    publications
        Tells where an appeal is out.
    changer
        Reads posts and commits changes of them.
    """

    def __init__(self, appeals: Appeals, *, publications: Publications, changer: Changer) -> None:
        self._appeals = appeals
        self._store = appeals.store
        self._publications = publications
        self._changer = changer

    def every(self, principal: Principal, appeal_id: str) -> Leads:
        """Return what came in for an appeal within reach: what nobody looked at first. Recorded as a search.

        Raises
        ------
        NotFoundError, NotPermittedError
            When there is no such appeal, or the role sees none, or no posts.
        """
        require(principal, "see")
        appeal = self._appeals.seen(principal, appeal_id)
        judged = self._store.leads(appeal.id)
        posts = self._answers(appeal)
        posts |= self._changer.posts.get_many(judged.keys() - posts.keys())
        self._changer.accounts.preload({post.account for post in posts.values()})
        mine = [post for post in posts.values() if self._sees(principal, post)]
        mine.sort(key=lambda post: (rules.first(judged.get(post.id)), post.event_at, post.id))
        shown = mine[:SHOWN]
        query = Query(view="leads", filters={"appeal": appeal.id}, hits=len(shown))
        self._changer.searched(principal, query, account=None)
        return Leads(
            leads=tuple(self._view(principal, post, judged.get(post.id)) for post in shown),
            more=len(mine) > len(shown),
        )

    def judge(
        self, principal: Principal, appeal_id: str, post_id: str, *, verdict: Verdict, rev: int, idem: Idempotency
    ) -> LeadView:
        """Say what a reply or message is: information, speculation, the name of a suspect, or nothing.

        Raises
        ------
        NotFoundError, NotPermittedError
            When appeal or post is not there, or not for this person.
        ConflictError
            When the post has changed since the person saw it.
        """
        require(principal, "appeal")
        appeal = self._appeals.seen(principal, appeal_id)
        post = self._changer.load(principal, "see", post_id, rev=rev)
        old = self._store.lead(appeal.id, post.id)
        now = iso(self._changer.clock())
        new = Lead(appeal=appeal.id, post=post.id, verdict=verdict, by=name_of(principal), at=now)
        if old is not None:
            new = new.model_copy(update={"passed": old.passed, "passed_at": old.passed_at, "rev": old.rev + 1})
        what = AppealPart(id=appeal.id, step="triaged", verdict=verdict)
        return self._commit(principal, _Change(post, post, old, new, what), idem)

    def pass_on(
        self, principal: Principal, appeal_id: str, post_id: str, *, ref: str, rev: int, idem: Idempotency
    ) -> LeadView:
        """Write down under which number the force's own system has the information now. Raises as `judge`."""
        require(principal, "appeal")
        appeal = self._appeals.seen(principal, appeal_id)
        post = self._changer.load(principal, "see", post_id, rev=rev)
        old = self._store.lead(appeal.id, post.id)
        if old is None or old.verdict != "information":
            raise ConflictError("Only what was found to be information is passed on. Say so first.", rev=post.rev)
        now = iso(self._changer.clock())
        new = old.model_copy(update={"passed": ref, "passed_at": now, "by": name_of(principal), "rev": old.rev + 1})
        what = AppealPart(id=appeal.id, step="passed_on", verdict=old.verdict, passed=ref)
        refs = post.case.refs if ref in post.case.refs else (*post.case.refs, ref)[-MAX_REFS:]
        referred = post.changed(case=post.case.model_copy(update={"refs": refs}))
        return self._commit(principal, _Change(post, referred, old, new, what), idem)

    # inside ----------------------------------------------------------------------------------------------------------

    def _answers(self, appeal: Appeal) -> dict[str, Post]:
        """Return the public's posts in the threads of an appeal's copies, by id."""
        found: dict[str, Post] = {}
        for copy in self._publications.read(appeal.publications).copies:
            if copy.native_id is not None:
                thread = self._changer.posts.thread(thread_id(copy.platform, copy.native_id))
                found |= {post.id: post for post in thread if post.direction == "in" and post.account == copy.account}
        return found

    def _sees(self, principal: Principal, post: Post) -> bool:
        account = self._changer.accounts.find(post.account)
        return account is not None and decide(principal, "see", account).allowed

    def _view(self, principal: Principal, post: Post, lead: Lead | None) -> LeadView:
        shown = self._changer.summary(principal, post)
        return LeadView(
            post=shown,
            lead=lead,
            answered=post.case.decision == "replied",
            hide=lead is not None and lead.verdict == "names_suspect" and "hide" in shown.can,
        )

    def _commit(self, principal: Principal, change: _Change, idem: Idempotency) -> LeadView:
        what, lead = change.what, change.lead
        entry = Entry(
            type="appeal",
            actor=principal.actor(),
            by=name_of(principal),
            correlation=lead.appeal,
            appeal=what,
            detail={"appeal": what.step} | ({"verdict": what.verdict} if what.verdict else {}),
        )
        committed = self._changer.commit(
            change.post,
            change.new.changed(updated_at=iso(self._changer.clock())),
            entry,
            also=lambda _: [self._store.judged(change.old, lead)],
            idem=idem,
            answer=lambda post: self._view(principal, post, lead).model_dump(mode="json"),
        )
        return self._view(principal, committed, lead)
