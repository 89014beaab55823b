"""Whether a platform would take what is to be published, found from the limits that it documents; nothing is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bluelamp.assets.kept import Described
from bluelamp.errors import UnsupportedError
from bluelamp.platforms.publishing import Asset, Outgoing, Poll, Publisher, UnfitError
from bluelamp.publishing.errors import NotReadyError
from bluelamp.publishing.model import Counted

if TYPE_CHECKING:
    from bluelamp.publishing.model import Attached, Copy, DraftFields, PollFields

FindAsset = Callable[[str], Asset | None]


class Fitting:
    """Makes what a publisher takes, and asks it whether it would.

    Parameters
    ----------
    publisher
        Gives the publisher of a platform.
    asset
        Finds a picture or video that was checked and kept, or None.
    """

    def __init__(self, *, publisher: Callable[[str], Publisher], asset: FindAsset) -> None:
        self.publisher = publisher
        self._asset = asset

    def outgoing(self, copy: Copy) -> Outgoing:
        """Return what is to be published as a copy.

        Raises
        ------
        NotReadyError
            When a picture or video of it is not there.
        """
        return self._made(copy.text, copy.link, copy.assets, copy.poll)

    def require(self, fields: DraftFields, accounts: dict[str, str]) -> None:
        """Refuse what is not whole or would not be taken.

        Parameters
        ----------
        accounts
            The platform of each account, by its id.

        Raises
        ------
        NotReadyError
            With a sentence for the person.
        """
        for account, platform in accounts.items():
            found = self.counted(fields, account, platform)
            if found.problem:
                raise NotReadyError(f"{account}: {found.problem}")

    def counted(self, fields: DraftFields, account: str, platform: str) -> Counted:
        """Return how long the words for an account are, and the first thing that is wrong."""
        text = fields.words(account)
        try:
            publisher = self.publisher(platform)
        except UnsupportedError as error:
            return Counted(account=account, length=len(text), most=0, problem=str(error), what="accounts")
        length, most = publisher.length(text, fields.link), publisher.limits().characters
        problem, what = self._problem(publisher, fields, text)
        return Counted(account=account, length=length, most=most, problem=problem, what=what)

    def _problem(self, publisher: Publisher, fields: DraftFields, text: str) -> tuple[str | None, str | None]:
        if not text.strip() and not fields.assets:
            return "There is nothing to publish: write something, or add a picture or video.", "text"
        try:
            outgoing = self._made(text, fields.link, fields.assets, fields.poll)
            for asset in outgoing.assets:
                if asset.kind == "picture" and not asset.alt.strip():
                    return "Each picture needs a description for those who do not see it.", "assets"
            publisher.check(outgoing)
        except NotReadyError as error:
            return str(error), "assets"
        except UnfitError as error:
            return str(error), error.what
        return None, None

    def _made(self, text: str, link: str | None, attached: tuple[Attached, ...], poll: PollFields | None) -> Outgoing:
        assets: list[Asset] = []
        for one in attached:
            asset = self._asset(one.id)
            if asset is None:
                raise NotReadyError("A picture or video is not there or not checked yet. Wait for it, or take it away.")
            assets.append(Described(asset, one.alt))
        return Outgoing(
            text,
            link=link,
            assets=tuple(assets),
            poll=Poll(options=poll.options, minutes=poll.minutes) if poll else None,
        )
