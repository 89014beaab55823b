"""Bringing a picture or film in: announced here, sent by the browser straight to the bucket, then checked.

What was sent is nobody's but the person's who sends it, until a publication or an answer that others reach carries it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from bluelamp.assets import recording, rules, tally
from bluelamp.assets.upload import MOST_LINKS, AssetView, PartLink, PartLinks, Upload
from bluelamp.audit.outbox import Chunk, Release
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cloud.s3 import ObjectMissingError
from bluelamp.errors import BluelampError, ConflictError, NotFoundError, OutOfScopeError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import require
from bluelamp.posts.changing import name_of
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.assets.recording import Step
    from bluelamp.assets.store import AssetStore
    from bluelamp.assets.tally import Tally
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cloud.uploads import Sent, Uploads
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal

# Long enough for 20 parts of 16 MB at 3 Mbit/s; the page asks again for those that did not get through.
LINKS = timedelta(minutes=15)
SHOWN = timedelta(minutes=10)
# Whether a publication within the person's reach carries an asset; raises when it is out of reach.
Carries = Callable[["Principal", str, str], bool]
# The id of the picture that an answer within the person's reach goes with: post, action; raises when there is none.
Answered = Callable[["Principal", str, str], str]
# A page begins up to ten at once, and each writes down what its person began; one of them succeeds each time.
_TRIES = 6
_NONE = "There is no picture or film with this id."
_CHANGED = "This upload has changed just now. Look at how it stands."


class Uploading:
    """The use cases of the asset routes.

    Parameters
    ----------
    store
        Where pictures and films are noted.
    uploads
        The bucket that browsers send to.
    carries
        Tells whether a publication carries one, raising what `Books.load` raises.
    answered
        Names the picture of an answer, raising what `Actions.picture_of` raises.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(
        self,
        *,
        store: AssetStore,
        uploads: Uploads,
        carries: Carries,
        answered: Answered,
        wake: Wake,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._uploads = uploads
        self._carries = carries
        self._answered = answered
        self._wake = wake
        self._clock = clock

    def begin(self, principal: Principal, *, media_type: str, size: int, idem: Idempotency) -> AssetView:
        """Announce a picture or film; its parts are sent to the links that `links` gives.

        Raises
        ------
        NotPermittedError
            When the person writes no drafts.
        TooLargeError
            When it has more bytes than are taken.
        TooManyUploadsError, UploadsSpentError
            When the person has 20 under way, or would have begun more than 40 GB within a day.
        ContentionError
            When others of theirs were begun at the very moment, each time.
        """
        require(principal, "draft")
        kind = rules.kind_of(media_type)
        rules.require_size(size, kind)
        self._room(principal, size)
        asset_id = new_ulid()
        key = rules.key_of(asset_id, kind)
        asset = Upload(
            id=asset_id,
            type=media_type,
            size=size,
            kind=kind,
            key=key,
            upload=self._uploads.begin(key, content_type=media_type),
            by=name_of(principal),
            at=iso(self._clock()),
        )
        try:
            return self._begun(principal, asset, idem)
        except BluelampError:
            # Nobody will send to it.
            self._uploads.abort(key, asset.upload)
            raise

    def links(self, principal: Principal, asset_id: str) -> PartLinks:
        """Return where the browser sends the next parts that have not arrived, for a quarter of an hour.

        There are no links once all have arrived.

        Raises
        ------
        NotFoundError, NotPermittedError
            When the person has no such upload.
        ConflictError
            When it was completed or given up.
        """
        asset = self._own(principal, asset_id, "uploading")
        try:
            arrived = self._uploads.parts(asset.key, asset.upload)
        except ObjectMissingError:
            self._require_whole(asset)
            return PartLinks(parts=(), expires_at=iso(self._clock()))
        seconds = int(LINKS.total_seconds())
        made = []
        for number in rules.missing(asset.size, arrived)[:MOST_LINKS]:
            size = rules.size_of(number, asset.size)
            url = self._uploads.part_link(asset.key, asset.upload, number, size=size, seconds=seconds)
            made.append(PartLink(number=number, size=size, url=url))
        return PartLinks(parts=tuple(made), expires_at=iso(self._clock() + LINKS))

    def complete(self, principal: Principal, asset_id: str, *, idem: Idempotency) -> AssetView:
        """Put the parts together and have the whole looked at.

        Raises
        ------
        NotFoundError, NotPermittedError
            When the person has no such upload.
        ConflictError
            When parts are missing, or it was completed before.
        """
        asset = self._own(principal, asset_id, "uploading")
        try:
            arrived = self._uploads.parts(asset.key, asset.upload)
        except ObjectMissingError:
            # An earlier try put the parts together and died before it could say so.
            self._require_whole(asset)
        else:
            if lacking := rules.missing(asset.size, arrived):
                named = ", ".join(map(str, lacking[:10]))
                raise ConflictError(f"Parts {named} of this file have not arrived. Send them, then try again.")
            self._require_sizes(asset, arrived)
            self._uploads.complete(asset.key, asset.upload, arrived)
        return self._commit(principal, asset.model_copy(update={"state": "checking", "looks": 1}), "received", idem)

    def drop(self, principal: Principal, asset_id: str, *, idem: Idempotency) -> AssetView:
        """Give an upload up that is under way.

        Raises
        ------
        NotFoundError, NotPermittedError, ConflictError
            As `links`.
        """
        asset = self._own(principal, asset_id, "uploading")
        view = self._commit(principal, asset.model_copy(update={"state": "dropped"}), "dropped", idem)
        self._uploads.abort(asset.key, asset.upload)
        return view

    def get(self, principal: Principal, asset_id: str) -> AssetView:
        """Return how far one's own is. Seeing what is ready is recorded, waiting for it is not.

        Raises
        ------
        NotFoundError, NotPermittedError
            When the person sent none with this id.
        """
        asset = self._own(principal, asset_id)
        if asset.state == "ready":
            return self._shown(principal, asset, None)
        if asset.state != "uploading":
            return rules.view(asset)
        try:
            return rules.view(asset, arrived=self._uploads.parts(asset.key, asset.upload))
        except ObjectMissingError:
            # All of it is there, and nobody has said so yet.
            return rules.view(asset)

    def of_publication(self, principal: Principal, publication_id: str, asset_id: str) -> AssetView:
        """Return a picture or film of a publication within reach; seeing it is recorded.

        Raises
        ------
        NotFoundError, NotPermittedError
            When there is no such publication in reach, or it carries none with this id.
        """
        require(principal, "draft")
        asset = self._store.get(asset_id) if self._carries(principal, publication_id, asset_id) else None
        if asset is None:
            raise NotFoundError(_NONE)
        return self._shown(principal, asset, publication_id) if asset.state == "ready" else rules.view(asset)

    def of_answer(self, principal: Principal, post_id: str, action_id: str) -> AssetView:
        """Return the picture of an answer to a post within reach, proposed or sent; seeing it is recorded.

        Raises
        ------
        NotFoundError, RefusedError
            When there is no such answer in reach, or it has no picture.
        """
        asset = self._store.get(self._answered(principal, post_id, action_id))
        if asset is None:
            raise NotFoundError(_NONE)
        return self._shown(principal, asset, action_id) if asset.state == "ready" else rules.view(asset)

    def _begun(self, principal: Principal, asset: Upload, idem: Idempotency) -> AssetView:
        """Write it down together with what the person began by it, as often as others of theirs were quicker."""
        for left in reversed(range(_TRIES)):
            begun = self._store.put_tally(tally.counted(self._room(principal, asset.size), asset))
            try:
                return self._written(principal, asset, "begun", idem, arrived=(), first=(begun,))
            except ConditionFailedError as error:
                if error.failures.keys() != {0}:
                    raise ConflictError(_CHANGED) from None
            except ContentionError:
                if not left:
                    raise
        raise ContentionError("other uploads of this person are begun at this moment; try again")

    def _room(self, principal: Principal, size: int) -> Tally:
        """Return what the person began, once there is room for so many bytes more; raises as `tally.require_room`."""
        found = tally.current(self._store.tally(principal.id), self._clock())
        if found.full:
            found = tally.still(found, self._store.under_way(one.id for one in found.under_way))
        tally.require_room(found, size)
        return found

    def _own(self, principal: Principal, asset_id: str, state: str | None = None) -> Upload:
        require(principal, "draft")
        asset = self._store.get(asset_id)
        if asset is None:
            raise NotFoundError(_NONE)
        if asset.by.id != principal.id:
            raise OutOfScopeError(_NONE)
        if state is not None and asset.state != state:
            raise ConflictError("All of this file has arrived, or it was given up. Look at how it stands.")
        return asset

    def _require_whole(self, asset: Upload) -> None:
        there = self._uploads.head(asset.key)
        if there is None or there.size != asset.size:
            raise ConflictError("This upload has lapsed: it was begun more than two days ago. Choose the file again.")

    @staticmethod
    def _require_sizes(asset: Upload, arrived: dict[int, Sent]) -> None:
        # The links are for so many bytes; whatever took others must not become a file.
        wrong = [number for number, sent in sorted(arrived.items()) if sent.size != rules.size_of(number, asset.size)]
        if wrong:
            raise ConflictError(f"Part {wrong[0]} of this file is not as long as it should be. Send it again.")

    def _shown(self, principal: Principal, asset: Upload, within: str | None) -> AssetView:
        leaf = recording.shown(asset, principal.actor(), self._clock(), within)
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()
        return rules.view(asset, link=self._uploads.link(asset.key, seconds=int(SHOWN.total_seconds())))

    def _commit(self, principal: Principal, asset: Upload, name: Step, idem: Idempotency) -> AssetView:
        try:
            return self._written(principal, asset, name, idem)
        except (ConditionFailedError, ContentionError):
            raise ConflictError(_CHANGED) from None

    def _written(
        self,
        principal: Principal,
        asset: Upload,
        name: Step,
        idem: Idempotency,
        *,
        arrived: Sequence[int] | None = None,
        first: Sequence[Write] = (),
    ) -> AssetView:
        """Write one down with its record, behind the writes `first`; raises what the table raises."""
        new, leaf = recording.step(asset, principal.actor(), name, self._clock())
        view = rules.view(new, arrived=arrived)
        # What is given up may lie there whole: the function that may delete does so.
        sent_on = name in {"received", "dropped"}
        releases = [Release(0, {"asset_id": new.id}, queue="publish")] if sent_on else []
        chunk = Chunk.of([leaf], releases=releases)
        kept = idem.put(view.model_dump(mode="json"))
        self._store.table.transact([*first, self._store.put(new), chunk.put(), kept])
        self._wake()
        return view
