"""What an appeal lets go out: its publication as it was approved, while it is approved, and nothing else.

Publishing asks here before each intent to publish or to change, whoever wants it and whenever: so nobody sends the
publication of an appeal past its appeal, and no word of it changes between the approval and the platform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.appeals.publications import digest
from bluelamp.errors import ConflictError

if TYPE_CHECKING:
    from bluelamp.appeals.store import AppealStore
    from bluelamp.publishing.model import CopyVerb, Publication


class NotApprovedAppealError(ConflictError):
    """A publication belongs to an appeal that does not let it go out."""

    code = "appeal_not_approved"


class AppealGate:
    """Answers publishing whether a publication may go out.

    Parameters
    ----------
    store
        Where appeals are kept.
    """

    def __init__(self, store: AppealStore) -> None:
        self._store = store

    def __call__(self, publication: Publication, verb: CopyVerb) -> None:
        """Let it go, or say why not.

        Raises
        ------
        NotApprovedAppealError
            When its appeal is not approved, was approved with other words, or is closed; words that are out change only
            with the end of the appeal.
        """
        origin = publication.origin
        if origin is None or origin.kind != "appeal":
            return
        appeal = self._store.get(origin.id)
        if appeal is None or publication.id not in appeal.publications:
            raise NotApprovedAppealError("The appeal that this belongs to is not there: it does not go out.")
        if verb == "edit":
            if appeal.state == "closed" and appeal.ending == "update":
                return
            raise NotApprovedAppealError(
                "This belongs to an appeal: its words change when the appeal is closed with an update."
            )
        if appeal.state != "approved":
            raise NotApprovedAppealError(
                f"This belongs to an appeal, which is {appeal.state}: it goes out when the appeal is approved."
            )
        if appeal.words.get(publication.id) != digest(publication.fields):
            raise NotApprovedAppealError(
                "This was changed since its appeal was approved. Take the appeal back, and propose it again."
            )
