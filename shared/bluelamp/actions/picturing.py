"""The picture that goes with an answer: whose it is, whether its platform takes it, and its bytes when it is sent.

Whoever answers adds what they sent in themselves: to name the id of somebody else's picture would show it, and send it
out. What is sent is what was checked and sealed: its SHA-256 stands in the intent's leaf, its description in the words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bluelamp.actions.errors import PictureError
from bluelamp.assets.kept import AssetLostError, Described
from bluelamp.assets.model import AnswerPicture, PictureLimits
from bluelamp.errors import NotFoundError, OutOfScopeError
from bluelamp.platforms.fitting import fit_asset
from bluelamp.platforms.publishing import UnfitError

if TYPE_CHECKING:
    from bluelamp.actions.model import ChosenPicture
    from bluelamp.people.model import Principal
    from bluelamp.platforms.contract import Connector, Verb
    from bluelamp.platforms.publishing import Asset
    from bluelamp.posts.model import Post

_NONE = "There is no picture with this id."
_NAMES = {"x": "X"}
_SAID: Final = ("reply", "message")


class Pictures:
    """What the use cases of answers ask about pictures.

    Parameters
    ----------
    find
        Finds a picture or film that was checked and kept, or None.
    sender
        Gives the id of the person who sent one in, or None when there is none.
    connector
        Gives the connector of a platform.
    """

    def __init__(
        self,
        *,
        find: Callable[[str], Asset | None],
        sender: Callable[[str], str | None],
        connector: Callable[[str], Connector],
    ) -> None:
        self._find = find
        self._sender = sender
        self._connector = connector

    def chosen(
        self, principal: Principal, post: Post, verb: Verb, wanted: ChosenPicture | None
    ) -> AnswerPicture | None:
        """Return the picture that somebody wants to send with their words, or None without one.

        Raises
        ------
        NotFoundError
            When there is none with this id, or somebody else sent it in.
        PictureError
            When it is not checked yet, or its platform does not take it with these words.
        """
        if wanted is None:
            return None
        sender = self._sender(wanted.id)
        if sender is None:
            raise NotFoundError(_NONE)
        if sender != principal.id:
            raise OutOfScopeError(_NONE)
        asset = self._find(wanted.id)
        if asset is None:
            raise PictureError("This picture is not checked yet, or was not taken. Wait for it, or take it away.")
        name = _NAMES.get(post.platform, post.platform.capitalize())
        limits = self._connector(post.platform).picture_with(verb, post.kind)
        if limits is None:
            raise PictureError(f"{name} takes no picture with such words. Take it away, and send the words alone.")
        if asset.kind != "picture":
            raise PictureError(f"{name} takes a picture with an answer, and no film. Take it away.")
        try:
            fit_asset(Described(asset, wanted.alt), limits, name)
        except UnfitError as error:
            raise PictureError(f"This picture does not fit: {error}.") from error
        return AnswerPicture(id=asset.id, alt=wanted.alt, sha256=asset.sha256)

    def limits(self, post: Post) -> tuple[PictureLimits, ...]:
        """Return what pictures may go with what can be said about a post."""
        connector = self._connector(post.platform)
        offered = connector.capabilities(post.kind, direction=post.direction)
        found = ((verb, connector.picture_with(verb, post.kind)) for verb in _SAID if verb in offered)
        return tuple(
            PictureLimits(verb=verb, types=tuple(sorted(limits.types)), size=limits.size)
            for verb, limits in found
            if limits
        )

    def bytes_of(self, picture: AnswerPicture) -> tuple[Asset, ...]:
        """Return what the connector sends along: that very picture.

        Raises
        ------
        AssetLostError
            When it is not there any more, or is another one than was sealed.
        """
        asset = self._find(picture.id)
        if asset is None or asset.sha256 != picture.sha256:
            raise AssetLostError(f"the picture {picture.id} is not the one that was sealed", what="assets")
        return (Described(asset, picture.alt),)
