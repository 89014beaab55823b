"""Erasure: what a case decided to erase is proposed as a disposal, which takes two people and minds legal holds.

Nothing is destroyed here. The disposal goes its own way (docs/runbooks/disposal.md); it and the case name one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.retention.model import MOST_POSTS, DisposalView
from bluelamp.rights.errors import HeldError, StepRefusedError

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.retention.disposing import Disposals
    from bluelamp.rights.casefiles import CaseFiles, Posts


class Erasures:
    """The use case of the route that proposes what a case erases.

    Parameters
    ----------
    case_files
        Commits changes of cases.
    posts
        Reads posts.
    disposals
        Proposes.
    """

    def __init__(self, case_files: CaseFiles, *, posts: Posts, disposals: Disposals) -> None:
        self._work = case_files
        self._posts = posts
        self._disposals = disposals

    def propose(self, principal: Principal, case_id: str, *, rev: int, idem: Idempotency) -> DisposalView:
        """Propose the disposal of the posts that the case erases, a hundred at a time.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may propose no disposals, or there is no such case.
        StepRefusedError
            When the erasure is not approved, or nothing of it is left to propose.
        HeldError, NotDisposableError
            When a post is under a legal hold; or open, under way or gone. The message names it.
        """
        case = self._work.load(principal, "dispose", case_id, rev=rev)
        if case.kind != "erasure" or case.state != "approved" or case.outcome != "answer":
            raise StepRefusedError("What a case erases is proposed once its answer is approved.")
        wanted = [
            item.post for item in self._work.store.items(case.id) if item.ruling and item.ruling.verdict == "erase"
        ]
        posts = self._posts.get_many(wanted, consistent=True)
        held = [one for one in wanted if one in posts and posts[one].holds]
        if held:
            raise HeldError(
                f"{', '.join(held[:5])}: under a legal hold, which comes first. Have it released, or reopen "
                "the case and withhold the post under the exemption that applies."
            )
        left = [one for one in wanted if one not in posts or not posts[one].disposal][:MOST_POSTS]
        if not left:
            raise StepRefusedError("Nothing of this case is left to be erased.")

        def linked(disposal: str) -> list[Write]:
            new = case.model_copy(update={"disposals": (*case.disposals, disposal)})
            more = {"disposal": disposal, "tally": {"posts": len(left)}}
            return self._work.change(case, new, principal.actor(), step="erase", more=more)[1]

        return self._disposals.propose(
            principal, posts=left, reason="erasure_request", ref=case.ref, idem=idem, also=linked
        )
