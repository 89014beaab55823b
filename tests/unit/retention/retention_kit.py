"""A force in memory whose records office reviews, holds and disposes of: the real services on the fake cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Self

from bluelamp.audit import layout
from bluelamp.audit.leaf import Content
from bluelamp.cloud.memory import Faults
from bluelamp.content.custody import Custody
from bluelamp.content.model import ContentGoneError
from bluelamp.content.store import KeyStore
from bluelamp.cursors import Cursors
from bluelamp.ids import post_id
from bluelamp.posts.dossier import Dossiers
from bluelamp.posts.model import Post, Reason
from bluelamp.posts.store import PostStore
from bluelamp.retention.destroying import Destroying
from bluelamp.retention.disposing import Disposals
from bluelamp.retention.holding import Holds
from bluelamp.retention.locking import Locking
from bluelamp.retention.model import DisposalView, HoldView, NotYetError
from bluelamp.retention.sealed import SealedRecords
from bluelamp.retention.service import Retention
from bluelamp.retention.settling import Settling
from bluelamp.retention.store import RetentionStore
from tests.support.world import SECRET, World, idem, principal

OFFICER = principal("comms", name="Olu Officer")
AUDITOR = principal("auditor", name="Ada Auditor")
ADMIN = principal("admin", name="Ari Admin")
SUPERVISOR = principal("supervisor", teams=("north", "south"), name="Sam Supervisor")
REF = "WP/2026/1234"
PICTURE = "https://pictures.example/1.jpg"


class KilledError(BaseException):
    """The process was killed."""


class Office(World):
    """Two pages of two teams, a records office, and the function that carries out what it decides."""

    def __init__(self) -> None:
        super().__init__()
        self.account("1", "north")
        self.account("2", "south")
        self.store = RetentionStore(self.table)
        self.dossiers = Dossiers(PostStore(self.table), self.pseudonyms)
        self.sealed_records = SealedRecords(PostStore(self.table), self.evidence)
        self.settling = Settling(store=self.store, changer=self.changer)
        common: dict[str, Any] = {"store": self.store, "changer": self.changer, "cursors": Cursors(SECRET)}
        common["wake"] = self.changer._wake
        self.retention = Retention(accounts=self.accounts, **common)
        self.holds = Holds(settling=self.settling, dossiers=self.dossiers, **common)
        self.disposals = Disposals(sealed=self.sealed_records, pseudonyms=self.pseudonyms, **common)

    def destroying(self) -> Destroying:
        custody = Custody(bucket=self.content, keys=KeyStore(self.key_table))
        common: dict[str, Any] = {
            "store": self.store,
            "dossiers": self.dossiers,
            "sealed": self.sealed_records,
            "custody": custody,
            "queue": self.disposal_queue,
        }
        return Destroying(
            locking=Locking(settling=self.settling, **common),
            changer=self.changer,
            pseudonyms=self.pseudonyms,
            wake=self.changer._wake,
            **common,
        )

    # posts -----------------------------------------------------------------------------------------------------------

    def closed(self, *natives: str, page: str = "1", text: str = "You idiot", **more: Any) -> list[str]:
        """Let the public write; judge, dismiss, keep the pictures, and seal it all."""
        self.ingest(*(self.comment(native, text, page=page, **more) for native in natives))
        self.judge_all()
        found = [post_id(f"facebook-{page}", native) for native in natives]
        for one in found:
            reason = Reason(code="no_action")
            self.posts.dismiss(OFFICER, one, reason=reason, rev=self.post(one).rev, idem=idem())
        self.keep_all()
        self.seal()
        return found

    def pictured(self, native: str) -> str:
        self.hosts.pictures[PICTURE] = b"\xff\xd8\xff a picture"
        (one,) = self.closed(native, media=[{"kind": "photo", "url": PICTURE}])
        return one

    def hide(self, wanted: str) -> None:
        self.actions.hide(OFFICER, wanted, reason=Reason(code="abuse"), rev=self.post(wanted).rev, idem=idem())
        for _ in range(3):
            self.seal()
            self.act_all()
        self.seal()

    def post(self, wanted: str) -> Post:
        found = self.changer.posts.get(wanted, consistent=True)
        assert found is not None
        return found

    # decisions -------------------------------------------------------------------------------------------------------

    def hold(self, *posts: str, thread: str | None = None) -> HoldView:
        return self.holds.place(AUDITOR, posts=posts, thread=thread, reason="proceedings", ref=REF, idem=idem())

    def lift(self, hold: str) -> HoldView:
        return self.holds.lift(AUDITOR, hold, reason="proceedings_ended", ref=REF, idem=idem())

    def propose(self, *posts: str, reason: Any = "erasure_request") -> DisposalView:
        return self.disposals.propose(ADMIN, posts=posts, reason=reason, ref=REF, idem=idem())

    def approve(self, disposal: str) -> DisposalView:
        return self.disposals.approve(SUPERVISOR, disposal, idem=idem())

    def dispose(self, *posts: str) -> str:
        """Propose, approve, and carry out."""
        made = self.propose(*posts)
        self.approve(made.id)
        self.work()
        return made.id

    # the function ----------------------------------------------------------------------------------------------------

    def work(self, rounds: int = 60) -> list[str]:
        """Seal, and work the disposal queue off, as the dispose function does, until nothing is left."""
        done: list[str] = []
        for _ in range(rounds):
            self.seal()
            if not self.disposal_queue.messages:
                return done
            message = self.disposal_queue.messages.pop(0)
            self.pass_time(seconds=message.delay_seconds)
            try:
                done.append(self.destroying().run(message.body))
            except NotYetError:
                done.append("not_yet")
        raise AssertionError(f"still at work: {done[-5:]}")

    # what is there ---------------------------------------------------------------------------------------------------

    def log(self) -> list[dict[str, Any]]:
        """Return every record under lock."""
        return [json.loads(body) for name, raw in sorted(self.evidence.objects.items())
                if layout.parse_entries(name) for body in layout.unpack(raw)]  # fmt: skip

    def about(self, wanted: str, *types: str) -> list[dict[str, Any]]:
        """Return the records about a post."""
        key = self.pseudonyms.post(self.post(wanted).account, self.post(wanted).native_id)
        return [
            one for one in self.log() if one.get("obj", {}).get("key") == key and (not types or one["type"] in types)
        ]

    def contents(self, wanted: str) -> Iterator[tuple[str, Content]]:
        for one in self.about(wanted):
            if "content" in one and one["type"] != "erase":
                yield one.get("account", ""), Content.model_validate(one["content"])

    def readable(self, wanted: str) -> list[bytes]:
        """Return all that can still be read of what was kept of a post."""
        found = []
        for account, content in self.contents(wanted):
            try:
                found.append(self.vault.open(account, content))
            except ContentGoneError:
                continue
        return found

    def keys_left(self) -> set[str]:
        return {key for item in self.key_table.items.values() for key in item["keys"]}

    def keys_announced(self) -> set[str]:
        """Return the keys that sealed records of erasure name."""
        return {one["content"]["key_id"] for one in self.log() if one["type"] == "erase" and "content" in one}


class Killer:
    """Kills the process at the n-th call to the cloud, before or after it."""

    def __init__(self, faults: Faults, at: int, *, after: bool) -> None:
        self.faults, self.left, self.after = faults, at, after

    def __enter__(self) -> Self:
        setattr(self.faults, "after" if self.after else "before", self._count)
        return self

    def _count(self, name: str) -> None:
        self.left -= 1
        if self.left == 0:
            raise KilledError(name)

    def __exit__(self, *_: object) -> None:
        self.faults.before = self.faults.after = None
