"""A force in memory whose cases are exported: the real services, the real vault, bags on the disk."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image

from bluelamp.audit import standalone
from bluelamp.audit.head import read_head
from bluelamp.cloud.memory import MemoryQueue
from bluelamp.cloud.memory_files import MemoryFiles
from bluelamp.cursors import Cursors
from bluelamp.exports.building import Building, Maker
from bluelamp.exports.model import ExportJob, ExportView, PostsScope
from bluelamp.exports.rules import bag_key
from bluelamp.exports.service import Exports
from bluelamp.exports.store import ExportStore
from bluelamp.ids import post_id
from bluelamp.posts.dossier import Dossiers
from bluelamp.posts.model import Post, Reason
from bluelamp.posts.store import PostStore
from tests.support.world import SECRET, World, idem, principal

AUDITOR = principal("auditor", name="Ada Auditor")
OFFICER = principal("comms")
REF = "WP/2026/1234"


class Force(World):
    """One page with a thread on it, and what makes exports of it."""

    def __init__(self, scratch: Path) -> None:
        super().__init__()
        self.scratch = scratch
        self.files = MemoryFiles(self.faults, part=64 * 1024)
        self.queue = MemoryQueue(self.faults)
        self.slept: list[float] = []
        self.account("1", "north")
        self.account("2", "south")

    def exports(self) -> Exports:
        return Exports(
            store=ExportStore(self.table),
            accounts=self.accounts,
            files=self.files,
            queue=self.queue,
            cursors=Cursors(SECRET),
            pseudonyms=self.pseudonyms,
            wake=lambda: None,
            clock=self.clock,
        )

    def building(self, **other: Any) -> Building:
        def head(year: int) -> str | None:
            found = read_head(self.table, year)
            return found.checkpoint if found else None

        parts: dict[str, Any] = {
            "store": ExportStore(self.table),
            "dossiers": Dossiers(PostStore(self.table), self.pseudonyms),
            "accounts": lambda: [a.id for a in self.accounts.all()],
            "evidence": self.evidence,
            "head": head,
            "vault": self.vault,
            "files": self.files,
            "queue": self.queue,
            "wake": lambda: None,
            "verifier": standalone.build,
            "maker": Maker("Wealdshire Police", "abc123"),
            "scratch": self.scratch,
            "clock": self.clock,
            "sleep": self.slept.append,
        }
        return Building(**parts | other)

    def write(
        self, *natives: str, text: str = "You lot are useless idiots", picture: bytes = b"", **more: Any
    ) -> list[str]:
        """Let the public write comments, with a picture if one is given; judge, keep and seal, and return their ids."""
        for native in natives if picture else ():
            self.hosts.pictures[f"https://cdn.example/{native}.jpg"] = picture
        entries = [
            self.comment(native, text, **more)
            | ({"media": [{"kind": "image", "url": f"https://cdn.example/{native}.jpg"}]} if picture else {})
            for native in natives
        ]
        self.ingest(*entries)
        self.judge_all()
        self.keep_all()
        self.seal()
        page = more.get("page", "1")
        return [post_id(f"facebook-{page}", native) for native in natives]

    def post(self, wanted: str) -> Post:
        found = self.changer.posts.get(wanted)
        assert found is not None
        return found

    def hide(self, wanted: str) -> None:
        """Hide a post, on the platform too."""
        self.actions.hide(OFFICER, wanted, reason=Reason(code="abuse"), rev=self.post(wanted).rev, idem=idem())
        self.seal()
        self.act_all()
        self.seal()
        self.act_all()
        self.seal()

    def ask(self, scope: Any = None, *, posts: tuple[str, ...] = (), ref: str = REF) -> ExportView:
        """Ask for an export as the auditor does, and seal the request."""
        wanted = scope or PostsScope(kind="posts", posts=posts)
        view = self.exports().create(AUDITOR, scope=wanted, purpose="prosecution", ref=ref, idem=idem())
        self.seal()
        return view

    def made(self, scope: Any = None, *, posts: tuple[str, ...] = ()) -> ExportJob:
        """Ask for an export, and make it."""
        done = self.building().run(self.ask(scope, posts=posts).id)
        assert done is not None
        assert done.state == "done", done.error
        return done

    def unpacked(self, job: ExportJob, target: Path) -> Path:
        """Unpack the bag of an export and return its folder."""
        with zipfile.ZipFile(io.BytesIO(self.files.objects[bag_key(job.id)])) as archive:
            archive.extractall(target)
        (root,) = target.iterdir()
        return root


def jpeg(size: tuple[int, int] = (1600, 900), kind: str = "JPEG") -> bytes:
    """Return a picture."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind)
    return out.getvalue()
