"""What was found for a case, one post after another: what of it goes out, what does not, and under which exemption.

The words of a post are shown inside the case alone, and each time is recorded, at the post and with the case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Query
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.people.rules import authorise
from bluelamp.posts.changing import name_of
from bluelamp.rights import law
from bluelamp.rights.errors import HeldError, StepRefusedError
from bluelamp.rights.model import (
    Case,
    Item,
    ItemList,
    ItemSummary,
    ItemView,
    Ruling,
)
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.correcting import Corrections
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.posts.model import Post
    from bluelamp.rights.casefiles import CaseFiles

ROUNDS = 4


class Review:
    """The use cases of the routes of a case's items.

    Parameters
    ----------
    case_files
        Commits changes of cases.
    changer
        Reads posts, and records who opened one.
    dossiers
        Makes the keyed digest of a post's words.
    corrections
        Binds a statement of correction to a post.
    """

    def __init__(
        self, case_files: CaseFiles, *, changer: Changer, dossiers: Dossiers, corrections: Corrections
    ) -> None:
        self._work = case_files
        self._changer = changer
        self._dossiers = dossiers
        self._corrections = corrections

    def items(self, principal: Principal, case_id: str) -> ItemList:
        """Return what was found for a case, without a word of it. Recorded as a search.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role works no cases, or there is none.
        """
        case = self._work.load(principal, "rights", case_id)
        found = self._work.store.items(case.id)
        posts = self._changer.posts.get_many([one.post for one in found], consistent=True)
        self._work.searched(principal, Query(view="rights_items", hits=len(found)), case=case.id)
        shown = tuple(self._summary(one, posts.get(one.post)) for one in found)
        return ItemList(items=shown, undecided=sum(one.verdict is None or one.changed for one in shown))

    def open_item(self, principal: Principal, case_id: str, post_id: str) -> ItemView:
        """Return a post that was found, with its words. Recorded at the post, with the case.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role works no cases, or the post was not found for this one.
        """
        case, item, post = self._found(principal, case_id, post_id)
        self._changer.look(principal, post, detail={"what": "rights"}, case=case.id)
        return ItemView(
            **self._summary(item, post).model_dump(),
            account_name=post.account_name,
            direction=post.direction,
            author=post.author.name,
            handle=post.author.handle,
            text=post.text,
            media=tuple(one.kind for one in post.media),
            ruling=item.ruling,
        )

    def decide(
        self, principal: Principal, case_id: str, post_id: str, *, ruling: Ruling, rev: int, idem: Idempotency
    ) -> ItemSummary:
        """Decide what of a post goes out, or what becomes of it.

        Raises
        ------
        NotPermittedError, NotFoundError
            As `open_item`.
        StepRefusedError, WrongExemptionError
            When the case is not being reviewed, or the ruling does not fit it.
        HeldError
            When a post that is to be erased is under a legal hold.
        ConflictError
            When somebody else decided on the post meanwhile.
        """
        for _ in range(ROUNDS):
            case, item, post = self._found(principal, case_id, post_id)
            if item.rev != rev:
                raise ConflictError("Somebody else has decided on this post. Look at it again.", rev=item.rev)
            self._check(case, post, ruling)
            decided = self._decided(principal, item, post, ruling)
            shown = self._summary(decided, post)
            try:
                self._commit(principal, case, decided, ruling, kept=idem.put(shown.model_dump(mode="json")))
            except ConflictError:
                continue  # another post of the case was decided at this moment
            return shown
        raise ConflictError("This case is changed by others at this moment. Try again in a few seconds.")

    def correct(
        self, principal: Principal, case_id: str, post_id: str, *, text: str, rev: int, idem: Idempotency
    ) -> ItemSummary:
        """Bind a statement of correction to a post (DPA 2018 s46, UK GDPR Art 16); what was kept stays as it is.

        Raises
        ------
        NotPermittedError, NotFoundError, StepRefusedError, ConflictError
            As `decide`.
        InvalidInputError
            Without words.
        """
        case, item, post = self._found(principal, case_id, post_id)
        if item.rev != rev:
            raise ConflictError("Somebody else has decided on this post. Look at it again.", rev=item.rev)
        ruling = Ruling(verdict="correct")
        self._check(case, post, ruling)
        if item.ruling is not None and item.ruling.verdict == "correct":
            raise ConflictError("A statement of correction is bound to this post already.", rev=item.rev)
        decided = self._decided(principal, item, post, ruling)
        shown = self._summary(decided, post)
        more = {"item": item.key, "verdict": "correct"}
        _, writes = self._work.change(case, case, principal.actor(), step="correct", more=more)
        writes += [self._work.store.put_item(decided), idem.put(shown.model_dump(mode="json"))]
        self._corrections.state(principal, post, text=text, case=case.id, ref=case.ref, also=writes)
        return shown

    def _found(self, principal: Principal, case_id: str, post_id: str) -> tuple[Case, Item, Post]:
        case = self._work.load(principal, "rights", case_id)
        item = self._work.store.item(case.id, post_id)
        post = self._changer.posts.get(post_id, consistent=True) if item else None
        account = self._changer.accounts.find(post.account) if post else None
        if item is None or post is None or account is None:
            raise NotFoundError("This post was not found for this case.")
        authorise(principal, "rights", account)
        return case, item, post

    @staticmethod
    def _check(case: Case, post: Post, ruling: Ruling) -> None:
        if case.state != "reviewing":
            raise StepRefusedError(f"This case is {case.state.replace('_', ' ')}: nothing of it is decided now.")
        law.check_ruling(case, ruling, len(post.text))
        if ruling.verdict == "erase" and post.holds:
            raise HeldError(
                "This post is under a legal hold and is not erased as long as that lasts: it is kept for the purposes "
                "of evidence. Withhold it under the exemption that applies, or have the hold released first.",
                rev=post.rev,
            )

    def _decided(self, principal: Principal, item: Item, post: Post, ruling: Ruling) -> Item:
        changes = {
            "ruling": ruling,
            "words": self._dossiers.words_key(post),
            "by": name_of(principal),
            "at": iso(self._work.clock()),
            "rev": item.rev + 1,
        }
        return item.model_copy(update=changes)

    def _commit(
        self,
        principal: Principal,
        case: Case,
        item: Item,
        ruling: Ruling,
        *,
        kept: Write,
    ) -> None:
        codes = dict.fromkeys(c for c in (ruling.exemption, *(s.exemption for s in ruling.spans)) if c)
        more = {
            "item": item.key,
            "verdict": ruling.verdict,
            "spans": len(ruling.spans),
            "exemptions": tuple(codes) or None,
        }
        also = [self._work.store.put_item(item), kept]
        self._work.commit(case, case, principal.actor(), step="decide", more=more, also=also)

    def _summary(self, item: Item, post: Post | None) -> ItemSummary:
        changed = item.words is not None and (post is None or item.words != self._dossiers.words_key(post))
        return ItemSummary(
            post=item.post,
            account=item.account,
            event_at=item.event_at,
            verdict=item.ruling.verdict if item.ruling else None,
            changed=changed,
            held=bool(post and post.holds),
            rev=item.rev,
        )
