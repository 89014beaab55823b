"""Finds the posts that a case is about, in the background: those on the desk and those long closed, of any account.

What was searched for is read from the case and stays there. Words are compared as the
export does (`exports.selecting`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor
from bluelamp.errors import NotFoundError
from bluelamp.exports.london import day_begins, day_ends
from bluelamp.exports.selecting import CLOCKS_APART
from bluelamp.rights.errors import TooManyItemsError
from bluelamp.rights.model import (
    MOST_ITEMS,
    Case,
    Criteria,
    Item,
    Search,
)
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.posts.model import Post
    from bluelamp.pseudonyms import Pseudonyms
    from bluelamp.rights.casefiles import CaseFiles, Posts

# A transaction takes a hundred writes; beside the items it holds the case, its record and a reminder.
BATCH = 80
_ACTOR = Actor.system("export")


@dataclass
class Found:
    """The posts that fit, and how many were looked at."""

    posts: list[Post] = field(default_factory=list)
    examined: int = 0


class Searching:
    """The use case of the export function that searches for a case.

    Parameters
    ----------
    case_files
        Commits changes of cases.
    posts
        Reads posts.
    dossiers
        Reads accounts and threads whole.
    pseudonyms
        Names posts as the log does.
    accounts
        Gives the ids of all accounts, archived ones too.
    """

    def __init__(
        self,
        case_files: CaseFiles,
        *,
        posts: Posts,
        dossiers: Dossiers,
        pseudonyms: Pseudonyms,
        accounts: Callable[[], list[str]],
    ) -> None:
        self._work = case_files
        self._posts = posts
        self._dossiers = dossiers
        self._pseudonyms = pseudonyms
        self._accounts = accounts

    def run(self, case_id: str) -> Case:
        """Do the searches of a case that wait. One that was done is not done again.

        Raises
        ------
        NotFoundError
            When there is no such case.
        ConflictError
            When the case changed meanwhile; to begin anew is harmless.
        """
        case = self._work.store.case(case_id)
        if case is None:
            raise NotFoundError(f"there is no rights case {case_id}")
        for search in case.searches:
            if search.state == "waiting" and case.open:
                case = self._search(case, search)
        return case

    def _search(self, case: Case, search: Search) -> Case:
        present = {item.post for item in self._work.store.items(case.id)}
        try:
            found = self.find(search.criteria)
        except TooManyItemsError as error:
            return self._ended(case, search.model_copy(update={"state": "failed", "error": error.code}))
        fresh = [post for post in found.posts if post.id not in present]
        if len(present) + len(fresh) > MOST_ITEMS:
            return self._ended(case, search.model_copy(update={"state": "failed", "error": TooManyItemsError.code}))
        added = sum(item.search == search.id for item in self._work.store.items(case.id)) + len(fresh)
        while len(fresh) > BATCH:
            batch, fresh = fresh[:BATCH], fresh[BATCH:]
            also = [self._work.store.put_item(self._item(case, search, post)) for post in batch]
            case = self._work.commit(case, case, _ACTOR, step="found", more={"tally": {"added": len(batch)}}, also=also)
        figures = {"examined": found.examined, "found": len(found.posts), "added": added}
        return self._ended(case, search.model_copy(update={"state": "done", **figures}), fresh)

    def _ended(self, case: Case, search: Search, fresh: list[Post] | None = None) -> Case:
        searches = tuple(search if one.id == search.id else one for one in case.searches)
        waiting = any(one.state == "waiting" for one in searches)
        state = "reviewing" if case.state == "searching" and not waiting else case.state
        new = case.model_copy(update={"searches": searches, "state": state})
        also = [self._work.store.put_item(self._item(case, search, post)) for post in fresh or ()]
        tally = {"examined": search.examined, "found": search.found, "added": search.added}
        step = "found" if search.state == "done" else "search_failed"
        return self._work.commit(case, new, _ACTOR, step=step, more={"tally": tally}, also=also)

    def _item(self, case: Case, search: Search, post: Post) -> Item:
        return Item(
            case=case.id,
            post=post.id,
            account=post.account,
            key=self._pseudonyms.post(post.account, post.native_id),
            event_at=post.event_at,
            search=search.id,
        )

    def find(self, wanted: Criteria) -> Found:
        """Return the posts that fit; those whose words are disposed of are no more.

        Raises
        ------
        TooManyItemsError
            When they are more than a case holds.
        """
        found = Found()
        begin, end = iso(day_begins(wanted.since)), iso(day_ends(wanted.until))
        fits = self._fitting(wanted)
        seen: set[str] = set()
        for post in self._candidates(wanted):
            if post.id in seen or post.disposal or not begin <= post.event_at < end:
                continue
            seen.add(post.id)
            found.examined += 1
            if fits(post):
                found.posts.append(post)
                if len(found.posts) > MOST_ITEMS:
                    raise TooManyItemsError(f"more than {MOST_ITEMS} posts; search for less")
        found.posts.sort(key=lambda post: (post.event_at, post.id))
        return found

    def _candidates(self, wanted: Criteria) -> Iterator[Post]:
        if wanted.thread is not None:
            posts = self._posts.get_many(list(self._dossiers.in_thread(wanted.thread)), consistent=True)
            yield from (one for one in posts.values() if wanted.account in {None, one.account})
            return
        since = iso(day_begins(wanted.since) - CLOCKS_APART)
        for account in [wanted.account] if wanted.account else self._accounts():
            yield from self._dossiers.of_account(account, changed_since=since)

    def _fitting(self, wanted: Criteria) -> Callable[[Post], bool]:
        """Return the test of a post: anything of what was given fits; without any, all of account or thread do."""
        authors = {wanted.author} if wanted.author else set()
        if wanted.platform and wanted.author_id:
            authors.add(self._pseudonyms.author(wanted.platform, wanted.author_id) or "")
        handle = _folded(wanted.handle).lstrip("@") if wanted.handle else None
        words = [_folded(word) for word in wanted.words]
        if not authors and handle is None and not words:
            return lambda _: True

        def fits(post: Post) -> bool:
            if authors and self._dossiers.author_key(post) in authors:
                return True
            # The same handle on another platform is, as far as anybody knows, somebody else.
            there = wanted.platform in {None, post.platform}
            names = (post.author.handle, post.author.name)
            if handle is not None and there and handle in {_folded(name).lstrip("@") for name in names if name}:
                return True
            text = _folded(post.text) if words else ""
            return any(word in text for word in words)

        return fits


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
