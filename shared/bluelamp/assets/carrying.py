"""The mark that something carries a picture or film: from then on its bytes are evidence, and never deleted.

Whatever comes to refer to one puts the mark into the very transaction in which it does. What has none after 30 days is
deleted. Of the two that is done which is first: both are one item, and neither is written over the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.assets.store import AssetStore

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bluelamp.cloud.dynamodb import Write


def carry(asset_ids: Iterable[str], at: datetime) -> list[Write]:
    """Return the writes by which something carries pictures and films from now on; a repeat changes nothing.

    They belong in the transaction that makes it refer to them. That fails (``ConditionFailedError``) when one of them
    was deleted because nothing carried it; then nothing refers to it either.

    Parameters
    ----------
    asset_ids
        Which; each is marked once, however often it is named.
    at
        The present.
    """
    return [AssetStore.put_carried(one, at) for one in dict.fromkeys(asset_ids)]
