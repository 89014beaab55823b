"""Looking a link up before it is published: what platforms will show of it, so that nobody learns that from the public.

Only sites that the administrator lists are asked, as whoever asks tells a stranger that a police force is interested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from bluelamp.media.errors import AddressRefusedError, MediaError, RedirectedError
from bluelamp.models import Model
from bluelamp.people.rules import require
from bluelamp.publishing import cards

if TYPE_CHECKING:
    from bluelamp.media.fetching import Fetcher
    from bluelamp.people.model import Principal
    from bluelamp.publishing.books import Books

# An officer waits, and cards are made of a page's beginning.
SECONDS = 4.0
MAX_BYTES = 1024 * 1024
_HTML = ("text/html", "application/xhtml+xml")

_SAID = {
    "not_allowed": (
        "Not looked up: the site is not among those that this deployment lists (LinkHosts), or this is no plain https."
    ),
    "private_address": "Not looked up: the site's name leads into a private network.",
    "gone": "The site says that there is no such page. Look at the address again.",
    "forbidden": "The site does not show this page to everybody: the public may not see it either.",
    "too_large": "The page is larger than is looked at here. Platforms may make a card of it all the same.",
    "timed_out": "The site did not answer in time. Try again in a moment.",
    "unreachable": "The site cannot be reached. Look at the address again.",
    "untrusted": "The site does not prove who it is: browsers will warn the public of it.",
    "unavailable": "The site cannot show the page now. Try again later.",
}
_OTHER = "The site's answer is none that a card is made of."


class LinkCard(Model):
    """A link as Facebook and X show it; of the picture the host and what is said of it, as it is not fetched.

    `large` is whether X shows the picture above the words; Facebook decides that by the picture itself.
    """

    host: str
    title: str
    description: str | None = None
    site: str | None = None
    picture: str | None = None
    picture_alt: str | None = None
    large: bool = False


class LinkPreview(Model):
    """The card of a link, or a code and a sentence for the person that say why there is none."""

    card: LinkCard | None = None
    why: str | None = None
    detail: str | None = None


class Linking:
    """The use case of the route that looks a link up.

    Parameters
    ----------
    books
        Makes the record.
    fetcher
        Asks the listed sites.
    """

    def __init__(self, *, books: Books, fetcher: Fetcher) -> None:
        self._books = books
        self._fetcher = fetcher

    def look(self, principal: Principal, url: str) -> LinkPreview:
        """Return what platforms will show of a link, or why that cannot be said. Recorded without the address.

        Raises
        ------
        NotPermittedError
            When the person writes no drafts.
        """
        require(principal, "draft")
        found = self._looked_up(url)
        self._books.looked(principal, "link_preview", int(found.card is not None))
        return found

    def _looked_up(self, url: str) -> LinkPreview:
        try:
            answer = self._fetcher.ask(url, seconds=SECONDS)
        except AddressRefusedError as error:
            return _without(error.code)
        except RedirectedError as error:
            return _led_on(url, error.to)
        except MediaError as error:
            return _without(error.code)
        if not answer.said.startswith(_HTML):
            return LinkPreview(why="not_html", detail="This is no page but a file: platforms show the bare address.")
        card = cards.read(answer.body, answer.said, url)
        if card.title is None:
            return LinkPreview(
                why="no_title", detail="The page does not say what it is: platforms show the bare address."
            )
        host = urlsplit(url).hostname or ""
        return LinkPreview(
            card=LinkCard(
                host=host,
                title=card.title,
                description=card.description,
                site=card.site,
                picture=card.picture,
                picture_alt=card.picture_alt,
                large=card.large and card.picture is not None,
            )
        )


def _without(code: str) -> LinkPreview:
    return LinkPreview(why=code, detail=_SAID.get(code, _OTHER))


def _led_on(url: str, to: str) -> LinkPreview:
    """Say where a link leads on to, so that a person sees it before the public is sent there."""
    try:
        host = urlsplit(urljoin(url, to)).hostname
    except ValueError:
        host = None
    where = f" to {cards.clean(host, cards.SITE)}" if host else ""
    return LinkPreview(
        why="redirected", detail=f"This address leads on{where}. Open it, and give the address where you arrive."
    )
