"""What publishing has in common on every platform.

Nobody sees an upload, so a lost answer is only a reason to go on later; and what is found of a lost publication counts
by the same rule everywhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bluelamp.platforms.contract import NotAllowedError, PlatformError, ReadBack, TimedOutError, TryAgainError
from bluelamp.platforms.publishing import Asset, UploadLostError

PART_BYTES = 4 * 1024 * 1024


@contextmanager
def unseen() -> Iterator[None]:
    """Make of a lost answer an invitation to make the same call again, which no reader will notice.

    Raises
    ------
    TryAgainError
        In place of ``TimedOutError``.
    """
    try:
        yield
    except TimedOutError as error:
        raise TryAgainError(
            "no answer to an upload; it goes on from the last part that was answered",
            platform_code=error.platform_code,
            request_id=error.request_id,
        ) from error


def known(progress: Mapping[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """Return what a publisher wrote under a name of its progress, as something that may be changed."""
    entries = progress.get(name)
    return {key: dict(value) for key, value in entries.items()} if isinstance(entries, Mapping) else {}


def lost(error: PlatformError) -> UploadLostError:
    """Return what it means that a platform does not know, in the call that publishes, what was uploaded before."""
    return UploadLostError(
        f"nothing was published, what was uploaded is gone: {error}",
        platform_code=error.platform_code,
        request_id=error.request_id,
    )


def read_back(ours: Sequence[str | None], *, whole: bool) -> ReadBack:
    """Return what a look at an account's own publications comes to: of two that may be ours nobody knows which is.

    Parameters
    ----------
    ours
        The ids of those that may be ours.
    whole
        Whether all of the time in question was looked through.
    """
    if len(ours) == 1:
        return ReadBack(state="done", native_id=ours[0])
    return ReadBack(state="not_done" if whole and not ours else "unknown")


def only_picture(assets: tuple[Asset, ...], name: str) -> Asset:
    """Return the one picture that goes with an answer.

    Raises
    ------
    NotAllowedError
        When it is more than one, or no picture.
    """
    if len(assets) != 1 or assets[0].kind != "picture":
        raise NotAllowedError(f"{name} takes one picture with such an answer, and nothing else")
    return assets[0]
