"""Which posts an export takes: read from the table, bounded, and counted for the disclosure schedule."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bluelamp.errors import InvalidInputError
from bluelamp.exports.london import day_begins, day_ends
from bluelamp.exports.model import AccountScope, AuthorScope, PostsScope, Scope, SearchScope, ThreadScope
from bluelamp.exports.rules import MOST_POSTS
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.posts.model import Post

# A post is changed here after it was made there; platforms' clocks may be this far ahead of ours.
CLOCKS_APART = timedelta(days=1)


class TooManyPostsError(InvalidInputError):
    """The scope takes more posts than one export holds."""

    code = "too_many_posts"


@dataclass
class Selection:
    """The posts that were found.

    `examined` is how many were looked at, `missing` which of those named are not there, `terms` how many of the posts
    each search term was found in.
    """

    posts: list[str] = field(default_factory=list)
    examined: int = 0
    missing: tuple[str, ...] = ()
    terms: dict[str, int] = field(default_factory=dict)


def select(
    scope: Scope, dossiers: Dossiers, *, accounts: Callable[[], list[str]], beat: Callable[[], None]
) -> Selection:
    """Find the posts of a scope.

    Parameters
    ----------
    accounts
        Gives the ids of all accounts, for a scope that names none.
    beat
        Called now and then, so that a long search is known for alive.

    Raises
    ------
    TooManyPostsError
        When they are more than an export takes.
    """
    match scope:
        case PostsScope(posts=wanted):
            known = dossiers.known(wanted)
            missing = tuple(i for i in dict.fromkeys(wanted) if i not in set(known))
            return Selection(posts=known, examined=len(known), missing=missing)
        case ThreadScope(thread=thread):
            found = Selection()
            for post_id in dossiers.in_thread(thread):
                _take(found, post_id)
            found.examined = len(found.posts)
            return found
        case AccountScope(account=account):
            return _sweep(scope, dossiers, [account], lambda _: True, beat)
        case AuthorScope(author=author, account=account):
            among = [account] if account else accounts()
            return _sweep(scope, dossiers, among, lambda post: dossiers.author_key(post) == author, beat)
        case SearchScope(words=words, account=account):
            terms = dict.fromkeys(words, 0)
            among = [account] if account else accounts()
            swept = _sweep(scope, dossiers, among, _searched(terms), beat)
            swept.terms = terms
            return swept


def _searched(terms: dict[str, int]) -> Callable[[Post], bool]:
    """Return the test for search terms; it counts for each of them the posts that it is in."""
    folded = {term: _folded(term) for term in terms}

    def matches(post: Post) -> bool:
        text = _folded(post.text)
        hits = [term for term, wanted in folded.items() if wanted in text]
        for term in hits:
            terms[term] += 1
        return bool(hits)

    return matches


def _sweep(
    scope: AccountScope | AuthorScope | SearchScope,
    dossiers: Dossiers,
    accounts: list[str],
    wanted: Callable[[Post], bool],
    beat: Callable[[], None],
) -> Selection:
    found = Selection()
    begin, end = iso(day_begins(scope.since)), iso(day_ends(scope.until))
    changed_since = iso(day_begins(scope.since) - CLOCKS_APART)
    hits: list[tuple[str, str]] = []
    for account in accounts:
        beat()
        for post in _once(dossiers.of_account(account, changed_since=changed_since)):
            if not begin <= post.event_at < end:
                continue
            found.examined += 1
            if wanted(post):
                hits.append((post.event_at, post.id))
                _bounded(len(hits))
    found.posts = [post_id for _, post_id in sorted(hits)]
    return found


def _once(posts: Iterator[Post]) -> Iterator[Post]:
    """Yield each post once: one that is closed while the account is read is met open and closed."""
    seen: set[str] = set()
    for post in posts:
        if post.id not in seen:
            seen.add(post.id)
            yield post


def _take(found: Selection, post_id: str) -> None:
    found.posts.append(post_id)
    _bounded(len(found.posts))


def _bounded(number: int) -> None:
    if number > MOST_POSTS:
        raise TooManyPostsError(f"This takes more than {MOST_POSTS} posts. Choose a shorter period, or fewer words.")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
