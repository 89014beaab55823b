"""Why a picture or film is not taken. Each sentence is shown to whoever chose it, and says what to do.

::

    InvalidInputError
    └── AssetError
        ├── TypeNotTakenError       it is no picture or film that platforms take
        ├── PictureBrokenError      what its file says does not fit together
        ├── PictureTooLargeError    too many pixels, or too many bytes
        ├── FilmBrokenError         likewise
        ├── FilmCutShortError       its end is missing
        ├── FilmTellsWhereError     its file says where it was taken
        └── ChangedOnTheWayError    what arrived is not what was announced
"""

from __future__ import annotations

from typing import ClassVar

from bluelamp.errors import InvalidInputError


class AssetError(InvalidInputError):
    """A picture or film is not taken."""

    code: ClassVar[str] = "asset"


class TypeNotTakenError(AssetError):
    """It is something else than it was announced as, or nothing that platforms take."""

    code = "type_not_taken"


class PictureBrokenError(AssetError):
    """The file of a picture does not fit together."""

    code = "picture_broken"

    def __init__(self, what: str) -> None:
        super().__init__(f"This picture is damaged: {what}. Export it anew, and choose it again.")


class PictureTooLargeError(AssetError):
    """A picture has too many pixels, or too many bytes."""

    code = "picture_too_large"


class FilmBrokenError(AssetError):
    """The file of a film does not fit together."""

    code = "film_broken"

    def __init__(self, what: str) -> None:
        super().__init__(f"This film cannot be read: {what}. Export it anew as MP4, and choose it again.")


class FilmCutShortError(AssetError):
    """The end of a film is missing: its export or its copy was broken off."""

    code = "film_cut_short"

    def __init__(self) -> None:
        super().__init__(
            "This film is cut short: its file ends before what it says it holds. Copy or export it anew, to its end."
        )


class FilmTellsWhereError(AssetError):
    """The file of a film says where it was taken."""

    code = "film_tells_where"

    def __init__(self) -> None:
        super().__init__(
            "The file of this film says where it was taken, or carries text or data beside the picture that may, "
            "and everybody who has it can read that. Export it with picture and sound alone, without metadata, "
            "and choose it again."
        )


class ChangedOnTheWayError(AssetError):
    """What arrived is not what was announced."""

    code = "changed_on_the_way"

    def __init__(self) -> None:
        super().__init__("What arrived is not as long as what was chosen. Choose the file again.")
