"""Publishing as an appeal sees it: kept in memory, out on every account as soon as it is released."""

from __future__ import annotations

from bluelamp.appeals.publications import Copy, Sent


class FakePublications:
    """Publications by id, and in which order they were told what; `fail` is raised instead, once."""

    def __init__(self):
        self.accounts, self.assets, self.authors, self.state = ("facebook-1",), (), (), {}
        self.told, self.out_at, self.fail, self.words, self.bound = [], "2026-11-22T16:00:00.000Z", None, "w", {}
        self._seen = {}

    def read(self, ids):
        (publication_id,) = ids
        state = self.state.setdefault(publication_id, "draft")
        out = state in {"out", "updated"}
        copies = tuple(
            Copy(
                account=account, platform=account.partition("-")[0], state=state, native_id="root" if out else None,
                out_at=self.out_at if out else None, down_at=None, error=None, remaining=out,
                updated=state == "updated",
            )
            for account in self.accounts
        )  # fmt: skip
        return Sent(
            (state,), ("Have you seen him?",), {publication_id: self.words}, frozenset(self.bound.values()),
            self.authors, self.accounts, self.assets, copies,
        )  # fmt: skip

    def bind(self, principal, ids, appeal_id, idem):
        self.bound[ids[0]] = appeal_id

    def _tell(self, what, ids, idem, state):
        if self.fail:
            error, self.fail = self.fail, None
            raise error
        if (idem.key, what) in self._seen:
            return
        self._seen[idem.key, what] = True
        self.told.append(what)
        self.state[ids[0]] = state

    def release(self, principal, ids, idem):
        self._tell("release", ids, idem, "out")

    def take_down(self, principal, ids, idem):
        self._tell("take_down", ids, idem, "down")

    def update(self, principal, ids, text, idem):
        self._tell("update", ids, idem, "updated")
