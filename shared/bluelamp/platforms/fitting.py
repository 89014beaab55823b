"""Whether a publication fits what a platform takes, from its limits: said before anything is sent, part by part.

What the limits cannot say (how a video is encoded inside, how often it may be published) only the platform knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from bluelamp.platforms.publishing import Asset, AssetLimits, Limits, Outgoing, Poll, PollLimits, UnfitError

if TYPE_CHECKING:
    from collections.abc import Callable

_MEGABYTE = 1024 * 1024
# One answer is no choice.
_LEAST_ANSWERS = 2


def fit(outgoing: Outgoing, limits: Limits, name: str, length: Callable[[str, str | None], int]) -> None:
    """Raise for the first thing that the platform would not take.

    Parameters
    ----------
    outgoing
        What is to be published.
    limits
        What the platform takes.
    name
        What people call the platform.
    length
        How it counts the words.

    Raises
    ------
    UnfitError
        With what it is about and what would fit.
    """
    if not outgoing.text.strip() and (outgoing.poll or not (outgoing.assets or outgoing.link)):
        _unfit("there are no words", what="text")
    used = length(outgoing.text, outgoing.link)
    if used > limits.characters:
        _unfit(f"the words are {used} characters long as {name} counts; it takes {limits.characters}", what="text")
    if outgoing.link is not None and not _is_address(outgoing.link):
        _unfit("the link is not a whole web address, such as https://www.police.uk/", what="link")
    _fit_together(outgoing, limits, name)
    for asset in outgoing.assets:
        fit_asset(asset, limits.picture if asset.kind == "picture" else limits.video, name)
    if outgoing.poll is not None:
        _fit_poll(outgoing.poll, limits.poll, name)


def _fit_together(outgoing: Outgoing, limits: Limits, name: str) -> None:
    kinds = [asset.kind for asset in outgoing.assets]
    if len(set(kinds)) > 1 and not limits.together:
        _unfit(f"{name} takes pictures or a video, not both in one publication", what="assets")
    for kind, allowed in (("picture", limits.picture), ("video", limits.video)):
        count = sum(1 for one in kinds if one == kind)
        if allowed is not None and count > allowed.count:
            _unfit(f"{name} takes {allowed.count} of this kind ({kind}) in a publication, not {count}", what="assets")
    if outgoing.poll is not None and kinds:
        _unfit(f"{name} takes no pictures or videos beside answers to choose from", what="poll")


def fit_asset(asset: Asset, limits: AssetLimits | None, name: str) -> None:
    """Raise for the first thing about a picture or video that the platform would not take.

    Parameters
    ----------
    limits
        What the platform takes of this kind; None when it takes none.
    name
        What people call the platform.

    Raises
    ------
    UnfitError
        With what it is about and what would fit.
    """
    if limits is None:
        _unfit(f"{name} takes no {asset.kind}", what=asset.kind)
    if asset.type not in limits.types:
        _unfit(f"{name} takes no {asset.kind} of type {asset.type}; it takes {_named(limits.types)}", what=asset.kind)
    if asset.size > limits.size:
        _unfit(f"the {asset.kind} is larger than the {limits.size // _MEGABYTE} MB that {name} takes", what=asset.kind)
    if limits.seconds is not None and asset.seconds is not None and asset.seconds > limits.seconds:
        _unfit(f"the video is {asset.seconds} seconds long; {name} takes {limits.seconds}", what=asset.kind)
    if not _fits_frame(asset, limits):
        _unfit(
            f"it measures {asset.width} by {asset.height}; {name} takes {limits.width} by {limits.height}",
            what=asset.kind,
        )
    strange = set(asset.codecs) - limits.codecs
    if limits.codecs and strange:
        _unfit(f"{name} takes {_named(limits.codecs)}, not {_named(frozenset(strange))}", what=asset.kind)
    if limits.alt and len(asset.alt) > limits.alt:
        _unfit(f"the description has {len(asset.alt)} characters; {name} takes {limits.alt}", what="alt")


def _fits_frame(asset: Asset, limits: AssetLimits) -> bool:
    """Tell whether it fits lying or standing: a phone's video is as long as a camera's is wide."""
    if asset.width is None or asset.height is None or limits.width is None or limits.height is None:
        return True
    return max(asset.width, asset.height) <= limits.width and min(asset.width, asset.height) <= limits.height


def _fit_poll(poll: Poll, limits: PollLimits | None, name: str) -> None:
    if limits is None:
        _unfit(f"{name} takes no answers to choose from", what="poll")
    if not _LEAST_ANSWERS <= len(poll.options) <= limits.options:
        _unfit(f"{name} takes {_LEAST_ANSWERS} to {limits.options} answers, not {len(poll.options)}", what="poll")
    if len(set(poll.options)) < len(poll.options):
        _unfit("two answers are the same", what="poll")
    for option in poll.options:
        if not 0 < len(option.strip()) <= limits.option_characters:
            _unfit(f"an answer has 1 to {limits.option_characters} characters on {name}", what="poll")
    least, most = limits.minutes
    if not least <= poll.minutes <= most:
        _unfit(f"people may answer for {least} to {most} minutes on {name}, not {poll.minutes}", what="poll")


def _is_address(link: str) -> bool:
    parts = urlsplit(link)
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not any(c.isspace() for c in link)


def _named(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def _unfit(message: str, *, what: str) -> NoReturn:
    raise UnfitError(message, what=what)
