"""What becomes of content that is kept, for whoever may not read it: held for ever, or its key destroyed.

The function that disposes of content works with this. It cannot open a data key, so it never sees a word of what it
ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.cloud.s3 import ObjectMissingError
from bluelamp.content.model import ContentBrokenError
from bluelamp.content.vault import place_of

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Content
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.content.store import KeyStore


class Custody:
    """Holds content, and ends it.

    Parameters
    ----------
    bucket
        The content bucket.
    keys
        Where the wrapped keys are.
    """

    def __init__(self, *, bucket: Bucket, keys: KeyStore) -> None:
        self._bucket = bucket
        self._keys = keys

    def hold(self, content: Content) -> None:
        """Put a legal hold on the pack that the content lies in; a repeat changes nothing.

        Raises
        ------
        ContentBrokenError
            When the pack is not there.
        """
        place_of(content)
        name = content.pack or ""
        try:
            self._bucket.hold(name, version_id=content.version_id)
        except ObjectMissingError as error:
            raise ContentBrokenError(f"the pack {name} is not in the bucket; it was under lock") from error

    def destroy(self, content: Content) -> bool:
        """Destroy the key of an entry, which disposes of it; False when it was gone already."""
        digest, key_id, _ = place_of(content)
        return self._keys.destroy(digest, key_id)
