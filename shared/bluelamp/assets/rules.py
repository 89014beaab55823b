"""Pure rules of uploads: what is taken, in which parts, where it lies, and what a page is shown of it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime, timedelta

from bluelamp.assets.model import Kind
from bluelamp.assets.upload import LAPSE, LOOK_AGAIN, MOST_FILM, MOST_PICTURE, PART, UNUSED, AssetView, State, Upload
from bluelamp.errors import TooLargeError
from bluelamp.times import iso

# Browsers write here, and of a picture nothing else is ever read than by the check.
RAW = "in/"
# Films stay as they came, in another place than what nobody has checked yet is cleared away from.
FILMS = "films/"
PICTURES = "pictures/"
_MEGABYTE = 1024 * 1024
# For how long one may be in a state before something is done about it; the other states last.
_PATIENCE: Mapping[State, timedelta] = {"uploading": LAPSE, "checking": LOOK_AGAIN, "ready": UNUSED}


def kind_of(media_type: str) -> Kind:
    """Return whether a media type is that of a picture or of a film."""
    return "video" if media_type.startswith("video/") else "picture"


def key_of(asset_id: str, kind: Kind) -> str:
    """Return where a browser puts it."""
    return f"{FILMS if kind == 'video' else RAW}{asset_id}"


def clean_key(asset_id: str) -> str:
    """Return where a picture is kept once it was checked."""
    return f"{PICTURES}{asset_id}"


def due(state: State, since: datetime) -> str | None:
    """Return when something is to be done about one that is in a state since then, or None."""
    patience = _PATIENCE.get(state)
    return None if patience is None else iso(since + patience)


def require_size(size: int, kind: Kind) -> None:
    """Refuse what is too large before a byte of it is sent.

    Raises
    ------
    TooLargeError
        Above 20 MB for a picture, 4 GB for a film.
    """
    most = MOST_FILM if kind == "video" else MOST_PICTURE
    if size > most:
        named = "film" if kind == "video" else "picture"
        raise TooLargeError(
            f"This {named} has {size // _MEGABYTE:,} MB; {most // _MEGABYTE:,} MB are taken. "
            f"{'Cut it, or export it in a lower quality.' if kind == 'video' else 'Save it smaller, then choose it.'}"
        )


def count_of(size: int) -> int:
    """Return how many parts so many bytes are."""
    return -(-size // PART)


def size_of(number: int, size: int) -> int:
    """Return how many bytes part `number` of a file of `size` bytes has; none where there is no such part."""
    if not 1 <= number <= count_of(size):
        return 0
    return min(PART, size - (number - 1) * PART)


def missing(size: int, arrived: Container[int]) -> tuple[int, ...]:
    """Return the numbers of the parts that have not arrived."""
    return tuple(number for number in range(1, count_of(size) + 1) if number not in arrived)


def view(asset: Upload, *, arrived: Container[int] | None = None, link: str | None = None) -> AssetView:
    """Return it as a page shows it; `arrived` are the parts that are there, where it is still coming."""
    return AssetView(
        id=asset.id,
        state=asset.state,
        kind=asset.kind,
        type=asset.type,
        size=asset.size,
        by=asset.by,
        at=asset.at,
        missing=() if arrived is None else missing(asset.size, arrived),
        seconds=asset.seconds,
        width=asset.width,
        height=asset.height,
        why=asset.why,
        problem=asset.problem,
        link=link,
    )
