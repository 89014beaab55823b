"""What an appeal asks of publishing: its publications are bound to it, sent, changed and taken down there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bluelamp.errors import ConflictError, UnsupportedError
from bluelamp.publishing.errors import FixedWordsError
from bluelamp.publishing.model import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.publishing.belonging import Belonging
    from bluelamp.publishing.model import Copy as StoredCopy
    from bluelamp.publishing.model import DraftFields
    from bluelamp.publishing.service import Publishing

# In these the public may see a copy; of `unknown` nobody knows.
_SEEN = frozenset({"out", "changing", "publishing", "unknown"})
_TAKEN_DOWN = frozenset({"out", "unknown", "missing"})
_UNSENT = frozenset({"draft", "proposed", "withdrawn"})
_TO_COME = frozenset({"scheduled", "held"})
# So often words are changed anew when somebody else is quicker each time.
ROUNDS = 4


class Copy(NamedTuple):
    """A publication on one account; `native_id`, `out_at` once it is out, `remaining` while the public may see it."""

    account: str
    platform: str
    state: str
    native_id: str | None
    out_at: str | None
    down_at: str | None
    error: str | None
    remaining: bool
    updated: bool


class Sent(NamedTuple):
    """The publications of an appeal as far as it looks at them, taken together.

    `words` stands, by publication, for all that it says and shows, where and when: with any change it is another one.
    `origins` are the appeals, or what else, that any of them belongs to.
    """

    states: tuple[str, ...]
    texts: tuple[str, ...]
    words: dict[str, str]
    origins: frozenset[str]
    authors: tuple[str, ...]
    accounts: tuple[str, ...]
    assets: tuple[str, ...]
    copies: tuple[Copy, ...]

    @property
    def unsent(self) -> bool:
        """Tell whether nothing of them is out, or waits for its time."""
        return _UNSENT.issuperset(self.states)


class Publications(Protocol):
    """The use cases of publishing that an appeal makes use of, for all that it publishes.

    Each is idempotent, and raises as publishing does.
    """

    def read(self, ids: Sequence[str]) -> Sent:
        """Return publications, whoever asks."""

    def bind(self, principal: Principal, ids: Sequence[str], appeal_id: str, idem: Idempotency) -> None:
        """Have drafts belong to an appeal: they go out with the appeal's approval only."""

    def release(self, principal: Principal, ids: Sequence[str], idem: Idempotency) -> None:
        """Send them on their way, once their appeal is approved."""

    def take_down(self, principal: Principal, ids: Sequence[str], idem: Idempotency) -> None:
        """Have every copy that is out deleted on its platform, and those that wait not sent."""

    def update(self, principal: Principal, ids: Sequence[str], text: str, idem: Idempotency) -> None:
        """Have other words put in the place of every copy that is out; where that cannot be done it is taken down."""


class FromPublishing:
    """The publications of appeals, in publishing.

    Parameters
    ----------
    publishing, belonging
        Its use cases for people, and those for other features.
    """

    def __init__(self, publishing: Publishing, belonging: Belonging) -> None:
        self._publishing = publishing
        self._belonging = belonging

    def read(self, ids: Sequence[str]) -> Sent:
        """Return publications, whoever asks.

        Raises
        ------
        NotFoundError
            When one is not there.
        """
        found = [self._belonging.stored(one) for one in ids]
        each = [publication for publication, _ in found]
        return Sent(
            states=tuple(one.state for one in each),
            texts=tuple(one.fields.text for one in each),
            words={one.id: digest(one.fields) for one in each},
            origins=frozenset(one.origin.id for one in each if one.origin),
            authors=_once(author for one in each for author in one.authors),
            accounts=_once(account for one in each for account in one.fields.accounts),
            assets=_once(asset.id for one in each for asset in one.fields.assets),
            copies=tuple(_copy(copy) for _, copies in found for copy in copies),
        )

    def bind(self, principal: Principal, ids: Sequence[str], appeal_id: str, idem: Idempotency) -> None:
        """Have drafts belong to an appeal; raises as `Belonging.bind`."""
        for one in ids:
            self._belonging.bind(principal, one, Origin(kind="appeal", id=appeal_id), idem=part(idem, one))

    def release(self, principal: Principal, ids: Sequence[str], idem: Idempotency) -> None:
        """Submit each, and give the person's word where an account's policy asks for just that.

        Where a policy asks for somebody else's word, it waits for that in publishing.
        """
        for one in ids:
            found, _ = self._belonging.stored(one)
            if found.state == "draft":
                view = self._publishing.submit(principal, one, rev=found.rev, idem=part(idem, f"submit.{one}"))
            elif found.state == "proposed":
                view = self._publishing.get(principal, one)
            else:
                continue
            if view.state == "proposed" and "approve" in view.can:
                self._publishing.approve(principal, one, rev=view.rev, idem=part(idem, f"approve.{one}"))

    def take_down(self, principal: Principal, ids: Sequence[str], idem: Idempotency) -> None:
        """Take down every copy, and send none that waits; where nothing is left to do, do nothing."""
        for one in ids:
            found, copies = self._belonging.stored(one)
            if found.state in _TO_COME or any(_to_end(copy) for copy in copies):
                self._publishing.take_down(principal, one, None, reason="closed", idem=part(idem, f"down.{one}"))

    def update(self, principal: Principal, ids: Sequence[str], text: str, idem: Idempotency) -> None:
        """Change the words on each account that lets one; take down the others, and what would still be sent.

        Raises
        ------
        ConflictError
            When others were quicker each time on an account. The rest is done; asked again, it goes on with that one.
        """
        raced = [account for one in ids for account in self._update(principal, one, text, part(idem, one))]
        if raced:
            raise ConflictError(
                f"Others changed this on {', '.join(raced)} at the same moment, so the old words may stand there. "
                "Close it again: what is done stays as it is."
            )

    def _update(self, principal: Principal, publication_id: str, text: str, idem: Idempotency) -> list[str]:
        """Return the accounts on which others were quicker each time."""
        found, copies = self._belonging.stored(publication_id)
        if found.state in _TO_COME:
            self._publishing.withdraw(principal, found.id, rev=found.rev, idem=part(idem, "withdraw"))
        down: list[str] = []
        raced: list[str] = []
        for account in dict.fromkeys(copy.account for copy in copies):
            try:
                if not self._edited(principal, found.id, account, text, part(idem, account)):
                    down.append(account)
            except ConflictError:
                raced.append(account)
        if down:
            self._publishing.take_down(principal, found.id, down, reason="closed", idem=part(idem, "down"))
        return raced

    def _edited(self, principal: Principal, publication_id: str, account: str, text: str, idem: Idempotency) -> bool:
        """Return whether an account has the words: of what cannot be changed, nothing is left standing.

        Somebody else's change at the same moment says nothing about that: it is looked at anew, `ROUNDS` times in all.

        Raises
        ------
        ConflictError
            When somebody else was quicker each time.
        """
        for n in range(ROUNDS):
            _, copies = self._belonging.stored(publication_id)
            left = [copy for copy in copies if copy.account == account and _to_end(copy) and not _says(copy, text)]
            if not left:
                return True
            if len(left) > 1 or left[0].state != "out":
                return False
            try:
                self._publishing.edit_out(principal, publication_id, {account: text}, idem=idem)
            except (FixedWordsError, UnsupportedError):
                return False
            except ConflictError:
                if n == ROUNDS - 1:
                    raise
            else:
                return True
        return True


def digest(fields: DraftFields) -> str:
    """Return what stands for all that a publication says and shows, where and when."""
    said = json.dumps(fields.model_dump(mode="json"), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode("ascii")).hexdigest()


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def part(idem: Idempotency, name: str) -> Idempotency:
    """Return the idempotency of one of several writes of a request: repeated, each finds its own answer."""
    return replace(idem, key=f"{idem.key[:100]}.{name}")


def _copy(copy: StoredCopy) -> Copy:
    return Copy(
        account=copy.account,
        platform=copy.platform,
        state=copy.state,
        native_id=copy.native_id,
        out_at=copy.out_at,
        down_at=copy.down_at,
        error=copy.error,
        remaining=copy.state in _SEEN,
        updated=copy.state == "out" and copy.job.verb == "edit" and copy.error is None,
    )


def _to_end(copy: StoredCopy) -> bool:
    return (
        copy.to_come
        or (copy.in_doubt and copy.unwanted is None)
        or (copy.native_id is not None and copy.state in _TAKEN_DOWN)
    )


def _says(copy: StoredCopy, text: str) -> bool:
    """Return whether a copy has these words, or is being given them at this moment."""
    return copy.state in {"out", "changing"} and copy.job.verb == "edit" and copy.job.text == text and not copy.error
