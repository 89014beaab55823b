"""Why an uploaded picture or film is not taken; each says what was found and what the officer can do.

::

    InvalidInputError
    └── AssetError
        ├── TypeNotTakenError      another kind of file, or a rare variant of this kind
        ├── AssetTooLargeError     too many bytes (a TooLargeError as well)
        ├── TooManyPixelsError
        ├── PictureBrokenError     cut short, or not made as its format says
        ├── PictureMovesError      an animation in a format that is taken still
        ├── FilmBrokenError        not made as its format says
        ├── FilmCutShortError      a part of the film is missing
        ├── FilmInPiecesError      fragmented, as for streaming
        ├── FilmIndexTooLargeError too long or too oddly built to be looked through
        ├── FilmTellsWhereError    it carries the place where it was taken
        ├── ChangedOnTheWayError   what arrived is not what was announced
        └── NotLookedAtError       each look at it failed, for no reason that is known of it

And why no further one is begun, whatever it is:

::

    ConflictError
    ├── TooManyUploadsError        too many of this person's are under way
    └── UploadsSpentError          they began too many bytes within a day
"""

from __future__ import annotations

from typing import ClassVar

from bluelamp.errors import ConflictError, InvalidInputError, TooLargeError


class AssetError(InvalidInputError):
    """Base of every reason not to take an upload.

    Parameters
    ----------
    found
        A sentence: what was found. The class adds what to do. It never repeats bytes of the file.
    """

    code = "asset_refused"
    advice: ClassVar[str] = "Choose another file."

    def __init__(self, found: str) -> None:
        super().__init__(f"{found} {self.advice}")


class TypeNotTakenError(AssetError):
    """The bytes are of no type that can be published."""

    code = "type_not_taken"
    advice = "Upload a picture as JPEG, PNG, GIF or WebP, or a film as MP4 or MOV."


class AssetTooLargeError(AssetError, TooLargeError):
    """The file has more bytes than are taken."""

    code = "too_large"
    advice = "Save it smaller or with stronger compression, and upload that."


class TooManyPixelsError(AssetError):
    """The picture is wider and higher than is taken, however few bytes it has."""

    code = "too_many_pixels"
    advice = "Scale it down, and upload that."


class PictureBrokenError(AssetError):
    """The picture is cut short or not made as its format says."""

    code = "picture_broken"
    advice = "Copy it from the camera again, or open it and save it anew, and upload that."


class PictureMovesError(AssetError):
    """An animated PNG or WebP."""

    code = "picture_moves"
    advice = "Upload a film as MP4 instead, or one still picture of it."


class FilmBrokenError(AssetError):
    """The film's boxes or tables contradict each other or its format."""

    code = "film_broken"
    advice = "Export it again as MP4, and upload that."


class FilmCutShortError(AssetError):
    """A part of the film is missing at its end."""

    code = "film_cut_short"
    advice = "Wait until it is copied or exported completely, and upload it again."


class FilmInPiecesError(AssetError):
    """The film is fragmented: its index is spread over the file, and its end cannot be proven."""

    code = "film_in_pieces"
    advice = "Export it as an ordinary MP4 (not fragmented, not for streaming), and upload that."


class FilmIndexTooLargeError(AssetError):
    """To look through the film takes more reading than is done."""

    code = "film_index_too_large"
    advice = "Make it shorter or export it again as MP4, and upload that."


class FilmTellsWhereError(AssetError):
    """The film carries the place where it was taken, and films are published as they are."""

    code = "film_tells_where"
    advice = "Export it without location (in the share options of the phone or the editor), and upload that."


class ChangedOnTheWayError(AssetError):
    """What arrived is not what was announced, or nothing did."""

    code = "changed_on_the_way"
    advice = "Choose the file again."


class NotLookedAtError(AssetError):
    """Each look at it failed or never came to an end."""

    code = "not_looked_at"
    advice = "Choose it again; if that goes on, tell your administrator."


class TooManyUploadsError(ConflictError):
    """As many pictures and films of this person are under way as may be at a time."""

    code = "too_many_uploads"


class UploadsSpentError(ConflictError):
    """As many bytes were begun by one person within a day as may be. To try again at once does not help."""

    code = "uploads_spent"
