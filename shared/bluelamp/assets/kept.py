"""Pictures and films that were checked, as publishers take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bluelamp.cloud.s3 import ObjectMissingError
from bluelamp.cloud.uploads import ObjectChangedError
from bluelamp.platforms.publishing import UnfitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bluelamp.assets.store import AssetStore
    from bluelamp.assets.upload import Upload
    from bluelamp.cloud.uploads import Uploads
    from bluelamp.platforms.publishing import Asset, AssetKind


class AssetLostError(UnfitError):
    """A picture or film that was checked is not there any more, or is another one."""

    code: ClassVar[str] = "asset_lost"


class KeptAsset:
    """One of them. Its bytes are those that were checked: when they are others, reading says so."""

    def __init__(self, asset: Upload, uploads: Callable[[], Uploads]) -> None:
        self._uploads = uploads
        self._key = asset.key
        self._etag = asset.etag or ""
        self.id: str = asset.id
        self.kind: AssetKind = asset.kind
        self.type: str = asset.type
        self.size: int = asset.size
        self.sha256: str = asset.sha256 or ""
        self.alt: str = ""
        self.seconds: int | None = asset.seconds
        self.width: int | None = asset.width
        self.height: int | None = asset.height
        self.codecs: tuple[str, ...] = asset.codecs

    def read(self, start: int, length: int) -> bytes:
        """Return ``length`` bytes from ``start`` on, fewer at the end.

        Raises
        ------
        AssetLostError
            When the bytes that were checked are not there any more.
        """
        try:
            return self._uploads().read(self._key, start, length, etag=self._etag)
        except (ObjectMissingError, ObjectChangedError) as error:
            raise AssetLostError(
                f"the bytes of {self.id} are not those that were checked: {error}", what="assets"
            ) from error


class Described:
    """An asset with the description that a publication or an answer gives it."""

    def __init__(self, asset: Asset, alt: str) -> None:
        self._asset = asset
        self.id: str = asset.id
        self.kind: AssetKind = asset.kind
        self.type: str = asset.type
        self.size: int = asset.size
        self.sha256: str = asset.sha256
        self.alt = alt
        self.seconds: int | None = asset.seconds
        self.width: int | None = asset.width
        self.height: int | None = asset.height
        self.codecs: tuple[str, ...] = asset.codecs

    def read(self, start: int, length: int) -> bytes:
        """Return ``length`` bytes from ``start`` on, fewer at the end."""
        return self._asset.read(start, length)


class KeptAssets:
    """Finds what may be published. What is carried never changes again, so each is read from the table once.

    Parameters
    ----------
    store
        Where pictures and films are noted.
    uploads
        Gives the bucket that they lie in; asked for when bytes are read.
    """

    def __init__(self, store: AssetStore, uploads: Callable[[], Uploads]) -> None:
        self._store = store
        self._uploads = uploads
        self._ready: dict[str, Asset] = {}

    def find(self, asset_id: str) -> Asset | None:
        """Return one that was checked and kept, or None."""
        if asset_id not in self._ready:
            asset = self._store.get(asset_id)
            if asset is None or asset.state != "ready":
                return None
            self._ready[asset_id] = KeptAsset(asset, self._uploads)
        return self._ready[asset_id]

    def sender(self, asset_id: str) -> str | None:
        """Return the id of the person who sent one, or None when there is none, or none any more."""
        asset = self._store.get(asset_id)
        return asset.by.id if asset and asset.state != "expired" else None
