"""Publishing behind the routes: the real services over the world's table, and a platform that nobody calls."""

from __future__ import annotations

from typing import Any

from bluelamp.accounts.finder import AccountFinder
from bluelamp.cloud.memory import MemoryBucket, MemoryDataKeys, MemoryQueue, MemoryTable
from bluelamp.content.keys import DataKeyCache
from bluelamp.content.store import KeyStore
from bluelamp.content.vault import Vault
from bluelamp.cursors import Cursors
from bluelamp.media.addresses import Allowed
from bluelamp.media.fetching import Fetcher
from bluelamp.posts.model import PersonName
from bluelamp.pseudonyms import Pseudonyms
from bluelamp.publishing.books import Books
from bluelamp.publishing.deciding import Deciding
from bluelamp.publishing.drafting import Drafting
from bluelamp.publishing.fitting import Fitting
from bluelamp.publishing.linking import Linking
from bluelamp.publishing.listing import Listing
from bluelamp.publishing.model import Copy, DraftFields, Job, Need, Pause, Publication
from bluelamp.publishing.pausing import Pausing
from bluelamp.publishing.releasing import Releasing
from bluelamp.publishing.service import Publishing
from bluelamp.publishing.standing import Standing
from bluelamp.publishing.store import PublicationStore
from bluelamp.publishing.views import Views
from tests.support.press import FakePublisher, Picture

DRAFTED, PROPOSED, HELD, OUT, LOST = (f"01C0PB{n}ZZZMMMMMMMMMMMMMMMM" for n in range(5))
STILL = "01C0PAVSEZMMMMMMMMMMMMMMMM"
HEAD, AT = "0" * 64, "2026-11-22T12:00:00.000Z"
BY = PersonName(id="writer", name="Wren Writer")
FIELDS = DraftFields(text="Have you seen this car?", accounts=("facebook-1",))
BODY = {"fields": {"text": "Have you seen this car?", "accounts": ["facebook-1"]}}
# On no list: it is said so, and nothing is asked.
LINK = {"url": "https://news.example/story"}
# Only communications succeed: the account's policy, or who was asked, decides besides the role (tests/unit/publishing).
COMMS = "publications of comms"
# It stands still on an account of the other team.
SOUTH = "publishing in the south"
ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/publications"): ("draft", None, 200),
    ("POST", "/publications"): ("draft", BODY, 201),
    ("POST", "/publication-check"): ("draft", BODY, 200),
    ("POST", "/link-preview"): ("draft", LINK, 200),
    ("GET", "/publication-calendar"): (None, None, 422),
    ("GET", "/publication-limits"): ("draft", None, 200),
    ("GET", f"/publications/{DRAFTED}"): ("draft", None, 200),
    ("PUT", f"/publications/{DRAFTED}"): ("draft", BODY | {"rev": 1}, 200),
    # Who may not publish there proposes it by that, and communications decide.
    ("POST", f"/publications/{DRAFTED}/submit"): ("draft", {"rev": 1}, 200),
    ("POST", f"/publications/{PROPOSED}/approve"): (COMMS, {"rev": 1}, 200),
    ("POST", f"/publications/{PROPOSED}/reject"): (COMMS, {"rev": 1, "reason": "wording"}, 200),
    ("POST", f"/publications/{DRAFTED}/withdraw"): ("draft", {"rev": 1}, 200),
    ("POST", f"/publications/{HELD}/send"): (COMMS, {"rev": 1}, 200),
    ("POST", f"/publications/{OUT}/take-down"): (COMMS, {"reason": "closed"}, 200),
    ("POST", f"/publications/{OUT}/edit"): (COMMS, {"variants": {"facebook-1": "It was found."}}, 200),
    ("POST", f"/publications/{LOST}/settle"): (COMMS, {"copy_id": LOST, "happened": False}, 200),
    ("POST", f"/publications/{OUT}/verify"): ("draft", {}, 200),
    ("GET", "/publication-pauses"): ("draft", None, 200),
    ("POST", "/publication-pauses"): ("pause", {"accounts": ["facebook-1"], "reason": "incident"}, 201),
    ("POST", f"/publication-pauses/{STILL}/resume"): (SOUTH, {}, 200),
}
NAMES = dict.fromkeys((DRAFTED, PROPOSED, HELD, OUT, LOST), "{publication_id}") | {STILL: "{pause_id}"}

# To count words shows nothing of anybody; a draft is recorded when it is submitted.
QUIET_ROUTES = {("POST", "/publication-check"), ("PUT", "/publications/{publication_id}")}


def _at(path: str, body: Any = None, query: dict[str, str] | None = None) -> Any:
    given = {"path": path} | ({"body": body} if body is not None else {}) | ({"query": query} if query else {})
    return lambda _: given


# What each route leaves in the log; what platforms are asked is recorded as they answer.
ROWS = (
    ("GET", "/publications", ("search",), _at("/publications")),
    ("POST", "/publications", ("publication",), _at("/publications", BODY)),
    ("POST", "/link-preview", ("search",), _at("/link-preview", LINK)),
    ("POST", "/publication-check", (), _at("/publication-check", BODY)),
    ("PUT", "/publications/{publication_id}", (), _at(f"/publications/{DRAFTED}", BODY | {"rev": 1})),
    ("POST", "/publications/{publication_id}/verify", ("search",), _at(f"/publications/{OUT}/verify", {})),
    ("GET", "/publication-calendar", ("search",), _at("/publication-calendar", None, {"month": "2026-11"})),
    ("GET", "/publications/{publication_id}", ("search",), _at(f"/publications/{DRAFTED}")),
    (
        "POST",
        "/publications/{publication_id}/submit",
        ("intent", "publication"),
        _at(f"/publications/{DRAFTED}/submit", {"rev": 1}),
    ),
    (
        "POST",
        "/publications/{publication_id}/approve",
        ("intent", "publication"),
        _at(f"/publications/{PROPOSED}/approve", {"rev": 1}),
    ),
    (
        "POST",
        "/publications/{publication_id}/reject",
        ("publication",),
        _at(f"/publications/{PROPOSED}/reject", {"rev": 1, "reason": "wording"}),
    ),
    (
        "POST",
        "/publications/{publication_id}/withdraw",
        ("publication",),
        _at(f"/publications/{DRAFTED}/withdraw", {"rev": 1}),
    ),
    (
        "POST",
        "/publications/{publication_id}/send",
        ("intent", "publication"),
        _at(f"/publications/{HELD}/send", {"rev": 1}),
    ),
    (
        "POST",
        "/publications/{publication_id}/take-down",
        ("intent",),
        _at(f"/publications/{OUT}/take-down", {"reason": "closed"}),
    ),
    (
        "POST",
        "/publications/{publication_id}/edit",
        ("intent",),
        _at(f"/publications/{OUT}/edit", {"variants": {"facebook-1": "It was found."}}),
    ),
    (
        "POST",
        "/publications/{publication_id}/settle",
        ("outcome",),
        _at(f"/publications/{LOST}/settle", {"copy_id": LOST, "happened": True, "native_id": "123_456"}),
    ),
    ("POST", "/publication-pauses", ("publication",), _at("/publication-pauses", {"reason": "incident"})),
    (
        "POST",
        "/publication-pauses/{pause_id}/resume",
        ("publication",),
        _at(f"/publication-pauses/{STILL}/resume", {}),
    ),
)


class _Calm:
    """The part of a world that the platform asks for; nothing of it is killed here."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.faults = self

    @staticmethod
    def around(_: str, call: Any) -> Any:
        return call()


def books(world: Any) -> Books:
    """Return what loads and commits the publications of a world."""
    store = PublicationStore(world.table)
    keys = KeyStore(MemoryTable())
    vault = Vault(bucket=MemoryBucket(), keys=keys, data_keys=DataKeyCache(MemoryDataKeys()), clock=world.clock)
    return Books(
        store=store,
        accounts=AccountFinder(world.accounts, world.clock),
        pseudonyms=Pseudonyms(b"p" * 32),
        vault=lambda: vault,
        wake=lambda: None,
        notify=lambda: None,
        clock=world.clock,
    )


def fitting(world: Any) -> Fitting:
    """Return what a platform would take, which nobody calls."""
    platform = FakePublisher(_Calm(world.clock))
    return Fitting(publisher=lambda _: platform, asset=Picture)


def views(world: Any) -> Views:
    """Return what knows who may see a publication of a world."""
    return Views(books=books(world), fitting=fitting(world))


def publishing(world: Any) -> Publishing:
    """Return the use cases of a world, with a publication in each state."""
    found = books(world)
    store = found.store
    fits = fitting(world)
    queue = MemoryQueue()
    releasing = Releasing(books=found, queue=lambda: queue)
    seen = Views(books=found, fitting=fits)
    if store.get(DRAFTED) is None:
        _put_in(world, store)
    cursors = Cursors(b"s" * 32)
    listing = Listing(books=found, views=seen, fitting=fits, cursors=lambda: cursors, platforms=("facebook",))
    return Publishing(
        drafting=Drafting(books=found, views=seen, fitting=fits, sender=lambda _: None),
        deciding=Deciding(books=found, views=seen, fitting=fits, releasing=releasing),
        standing=Standing(books=found, views=seen, fitting=fits, releasing=releasing),
        pausing=Pausing(books=found),
        listing=listing,
        linking=Linking(books=found, fetcher=Fetcher(Allowed.parse("gov.example"))),
    )


def _put_in(world: Any, store: PublicationStore) -> None:
    common: dict[str, Any] = {
        "fields": FIELDS, "by": BY, "authors": (BY.id,), "at": AT, "changed_at": AT, "changed_by": BY, "step": 1,
        "head": HEAD,
    }  # fmt: skip
    need = Need(account="facebook-1", approver="comms")
    job = Job(verb="publish", intent="01ARZ3NDEKTSV4RRFFQ69G5FAV", chunk="01ARZ3NDEKTSV4RRFFQ69G5FAV", at=AT, by=BY)
    world.table.write(store.put(Publication(id=DRAFTED, **common)))
    world.table.write(store.put(Publication(id=PROPOSED, state="proposed", needs=(need,), **common)))
    world.table.write(store.put(Publication(id=HELD, state="held", held_why="overdue", **common)))
    world.table.write(store.put(Publication(id=OUT, state="running", run=1, **common)))
    copy = Copy(
        id=OUT, publication=OUT, run=1, account="facebook-1", platform="facebook", state="out", text=FIELDS.text,
        native_id="n1", out_at=AT, job=job, head=HEAD,
    )  # fmt: skip
    world.table.write(store.put_copy(copy))
    world.table.write(store.put(Publication(id=LOST, state="running", run=1, **common)))
    lost = {"id": LOST, "publication": LOST, "state": "unknown", "native_id": None, "out_at": None}
    world.table.write(store.put_copy(copy.model_copy(update=lost)))
    world.table.write(
        store.put_pause(Pause(id=STILL, accounts=("facebook-2",), reason="other", by=BY, at=AT, head=HEAD))
    )
