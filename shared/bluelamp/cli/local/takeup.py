"""After a run that was killed: the sealed log goes on where it ends, though the embedded cloud saved nothing of it.

The evidence store loses nothing. The embedded cloud goes back to what it had last saved, or to nothing; then it gives
the evidence bucket another name, and the log is brought into that first.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from bluelamp.audit.layout import year_of
from bluelamp.audit.survey import Survey
from bluelamp.cli.admin.target import Target
from bluelamp.cli.local import force
from bluelamp.cli.local.ministack import ACCESS_KEY, REGION, SECRET_KEY
from bluelamp.cli.local.weed import AUDITOR
from bluelamp.cli.recover import recover
from bluelamp.cloud.s3 import Bucket, ObjectExistsError

if TYPE_CHECKING:
    from bluelamp.audit.recover import Recovered
    from bluelamp.cli.local.ministack import Ministack
    from bluelamp.cli.local.weed import EvidenceStore

WRITER = "seal"


def take_up(cloud: Ministack, store: EvidenceStore, *, stack: str, name: str, before: str) -> Recovered:
    """Rebuild the head of the log from the archive, and return what was lost.

    Parameters
    ----------
    stack
        The name of the deployed stack.
    name, before
        The evidence bucket, and what it was called in the run that was killed; empty when that is not known.
    """
    if before and before != name:
        bring(Bucket(store.client(AUDITOR), before), Bucket(store.client(WRITER), name))
    # The signing key may have gone with the rest; the keys in the archive are there under lock.
    survey = Survey(Bucket(store.client(AUDITOR), name), origin=f"{force.DOMAIN}/bluelamp/{force.SLUG}")
    target = Target(stack, REGION, endpoint=cloud.url, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
    return recover(target, survey)[0]


def bring(old: Bucket, new: Bucket) -> int:
    """Bring a sealed log into another bucket, object by object; return how many there are. Repeatable."""
    names = [name for name in old.list() if year_of(name) is not None]
    for name in names:
        with contextlib.suppress(ObjectExistsError):
            new.put_if_absent(name, old.get(name))
    return len(names)
