"""No free text and no personal data in the log: names, words, addresses and numbers planted wherever text gets in.

All of it goes the way that it goes in service: in by the platforms and the desk, under lock by the sequencer, out by
export and disposal. Then every record under lock and every line that was logged is looked through.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from bluelamp.audit import leaf as leaf_module
from bluelamp.audit.leaf import Actor, Op
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import BluelampError
from bluelamp.exports.model import SearchScope
from bluelamp.exports.store import ExportStore
from bluelamp.ids import post_id
from bluelamp.people.refusals import Refusals
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.platforms.contract import ActResult, BrokenPayloadError, TimedOutError
from bluelamp.posts.model import Reason
from bluelamp.trail.model import Filters
from bluelamp.trail.service import Trail
from tests.support.world import idem, principal
from tests.unit.audit.log_kit import steady
from tests.unit.exports.export_kit import Force
from tests.unit.retention.retention_kit import Office

# Each in every place, so that one that gets through is known by its name.
NAME = "Zebedee Quuxington"
MAIL = "zebedee.quuxington@planted.example"
PHONE = "07700 900123"
URL = "https://planted.example/zebedee/quuxington.jpg"
WORDS = "xylophone marmalade"
PLANTED = f"{NAME} <{MAIL}> {PHONE} +447700900123 {URL} {WORDS}"
# What the logging itself adds are times and numbers of processes, whose digits may be any: also those of a mark.
OF_THE_MOMENT = frozenset({"created", "msecs", "relativeCreated", "process", "thread", "threadName", "taskName"})
MARKS = ("zebedee", "quuxington", "planted.example", "07700", "7700900123", "900123", "xylophone", "marmalade")

BY = Actor(kind="person", sub="admin", role="admin")
AUDITOR = principal("auditor", name=NAME)
OFFICER = principal("comms", name=NAME)
POST, OTHER = post_id("facebook-1", "n1-zebedee"), post_id("facebook-1", "n2")


class Desk(Force, Office):
    """Everything of a deployment, with a platform that plants what it says."""

    def __init__(self, scratch) -> None:
        super().__init__(scratch)
        self.people = People(PeopleStore(self.table), self.clock)
        act = self.platform.act
        self.platform.act = lambda *given, **named: act(*given, **named).model_copy(
            update={"request_id": PLANTED, "response": PLANTED.encode()}
        )

    def trail(self) -> Trail:
        return Trail(
            table=self.table,
            evidence=self.evidence,
            accounts=self.accounts,
            people=self.people,
            changer=self.changer,
            cursors=self.exports()._cursors,
            pseudonyms=self.pseudonyms,
            wake=lambda: None,
            clock=self.clock,
        )


def planted_comment(desk: Desk, native: str, **more: Any) -> dict[str, Any]:
    said = {
        "author_name": NAME,
        "author_handle": "zebedee_quuxington",
        "author_id": "zebedee.quuxington.7700900123",
        "thread_native": "root-quuxington",
        "permalink": URL,
        "media": [{"kind": "photo", "url": URL}, {"kind": "photo", "url": f"{URL}?gone"}],
    }
    return desk.comment(native, f"You idiot! {PLANTED}", **said | more)


def people_and_accounts(desk: Desk) -> None:
    desk.accounts.add_account(
        platform="facebook", native_id="77", name=PLANTED, handle=MAIL, kind="neighbourhood", team="west", by=BY
    )
    person = desk.people.add_person(person_id="p-1", name=NAME, email=MAIL, role="comms", by=BY, teams=["north"])
    desk.people.change_person(person.id, rev=1, by=BY, name=PLANTED, email=f"x.{MAIL}")
    desk.people.suspend(person.id, rev=2, by=BY)


def what_comes_in(desk: Desk) -> None:
    desk.hosts.pictures[URL] = PLANTED.encode()
    desk.ingest(planted_comment(desk, "n1-zebedee"), desk.comment("n2", PLANTED, author_name=NAME))
    desk.ingest(desk.comment("m1", PLANTED, kind="message", private=True, thread_native=NAME), {"is": PLANTED})
    desk.judge_all()
    desk.keep_all()
    desk.pass_time(minutes=1)
    desk.ingest(desk.comment("n2", f"{PLANTED}, edited", edited=True))
    desk.ingest(
        {
            "is": "gone",
            "platform": "facebook",
            "account_native": "1",
            "native_id": NAME,
            "event_at": "2026-11-22T12:00:00Z",
        }
    )
    desk.platform.parse = lambda raw: (_ for _ in ()).throw(BrokenPayloadError(f"{PLANTED} in {raw!r}"))
    desk.ingest({"is": "post", "text": PLANTED})
    del desk.platform.parse


def what_officers_do(desk: Desk) -> None:
    desk.posts.queue(OFFICER, account="facebook-1")
    desk.posts.open_post(OFFICER, POST)
    desk.posts.note(OFFICER, POST, text=PLANTED, idem=idem(PLANTED))
    desk.posts.claim(OFFICER, POST, idem=idem(PLANTED))
    reply = desk.post(OTHER)
    desk.actions.reply(OFFICER, OTHER, text=PLANTED, rev=reply.rev, idem=idem(PLANTED))
    desk.platform.next_error = [TimedOutError(PLANTED)]
    desk.actions.hide(OFFICER, POST, reason=Reason(code="abuse", ref="WP/2026/7"), rev=desk.post(POST).rev, idem=idem())
    for _ in range(6):
        desk.seal()
        desk.act_all()
        desk.pass_time(minutes=2)
    refusals = Refusals(desk.table, desk.pseudonyms, wake=lambda: None, clock=desk.clock)
    refusals.record(OFFICER, reason="role", verb="posts.delete", post_id=PLANTED)


def what_leaves(desk: Desk) -> None:
    scope = SearchScope(kind="search", words=["xylophone", NAME], since="2026-11-22", until="2026-11-22")
    job = desk.exports().create(AUDITOR, scope=scope, purpose="audit", ref="WP/2026/7", idem=idem())
    desk.seal()
    assert desk.building().run(job.id).state == "done"
    desk.exports().link(AUDITOR, job.id)
    assert ExportStore(desk.table).get(job.id).total
    hold = desk.hold(POST)
    desk.work()
    desk.lift(hold.id)
    desk.work()
    desk.dispose(*desk.closed("d1", text=PLANTED, author_name=NAME))
    for name in ("officer", "rule", "correlation"):
        desk.trail().search(AUDITOR, filters=Filters(**{name: "Zebedee.Quuxington"}))


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A deployment that all of it went through; its records, and what was logged."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told = {name: value for name, value in record.__dict__.items() if name not in OF_THE_MOMENT}
            if isinstance(record.args, Mapping):  # a library's stopwatch says its seconds to the last digit
                told["args"] = {k: round(v, 3) if isinstance(v, float) else v for k, v in record.args.items()}
            lines.append(f"{record.getMessage()} {told}")

    handler, root = Lines(logging.DEBUG), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        desk = Desk(tmp_path_factory.mktemp("bags"))
        for part in (people_and_accounts, what_comes_in, what_officers_do, what_leaves):
            part(desk)
        desk.settled = desk.seal()
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    return desk, lines


def betrayed(text: str) -> set[str]:
    """Return the marks that a text holds, in whatever case, backwards, or as an address writes them."""
    low = text.casefold()
    spelled = {mark: {mark, mark[::-1], quote(mark), mark.encode().hex()} for mark in MARKS}
    return {mark for mark, spellings in spelled.items() if any(one in low for one in spellings)}


def test_the_planted_text_went_everywhere(lived):
    desk, _ = lived
    types = {record["type"] for record in desk.log()}
    assert types >= {
        *(
            "config",
            "ingest",
            "edit",
            "removed",
            "unrecognised",
            "media",
            "classify",
            "search",
            "view",
            "note",
            "claim",
        ),
        *("intent", "context", "outcome", "denied", "export", "hold", "retain", "erase", "commit"),
    }
    assert betrayed(str(desk.table.items)) == set(MARKS)
    assert desk.platform.replies
    assert any(record.get("op", {}).get("platform_request_id") for record in desk.log())


def test_no_record_under_lock_betrays_anybody(lived):
    desk, _ = lived
    records = desk.log()
    assert len(records) > 50
    for record in records:
        assert betrayed(json.dumps(record)) == set(), record["type"]


def test_no_object_under_lock_betrays_anybody(lived):
    desk, _ = lived
    for name, body in desk.evidence.objects.items():
        assert betrayed(name + body.decode("latin-1")) == set(), name
    # What is kept of the words themselves lies encrypted; its names and bytes tell nothing.
    for name, body in desk.content.objects.items():
        assert betrayed(name + body.decode("latin-1")) == set(), name


def test_no_line_of_the_log_betrays_anybody(lived):
    _, lines = lived
    assert [line for line in lines if betrayed(line)] == []


@pytest.mark.parametrize(
    "ref",
    [
        *("Zebedee-Quuxington-1", "ZEBEDEE-1", "Zeb1", "ZEBEDEE1970", "WP/2026/1234 Zebedee", "WP/zeb/1", "ÄB/1"),
        *("q@x.yz1", "https://x.yz/1", "0770 0900123", "07700900123", "+447700900123"),
        *("", "WP", "WP/", "/1", "WP 1", "1" * 41),
    ],
)
def test_a_reference_is_a_number_and_no_words(ref):
    for kind in (Reason, LeafReason):
        with pytest.raises(ValidationError) as caught:
            kind(code="abuse", ref=ref)
        assert not betrayed(str(caught.value))


@pytest.mark.parametrize(
    "ref",
    [
        "WP/2026/1234",
        "CR/12345/26",
        "LOG-4411-20112026",
        "01AB1234526",
        "FOI/000123/26",
        "14000123456",
        "A1",
        "IOPC.7_B",
    ],
)
def test_a_reference_of_a_force_fits(ref):
    assert Reason(code="abuse", ref=ref).ref == LeafReason(code="abuse", ref=ref).ref == ref


def test_a_request_id_that_may_be_a_name_is_kept_by_its_hash():
    for odd in (PLANTED, NAME, "Zebedee-Quuxington", MAIL, "ZEBEDEE"):
        assert not betrayed(Op(platform_request_id=odd).platform_request_id)
    assert (
        ActResult(status="done", request_id="AbC-1").request_id == Op(platform_request_id="AbC-1").platform_request_id
    )


# every field of a record ---------------------------------------------------------------------------------------------


def parts() -> list[type[BaseModel]]:
    kinds = [
        kind for kind in vars(leaf_module).values() if isinstance(kind, type) and issubclass(kind, leaf_module.Part)
    ]
    return [kind for kind in kinds if kind is not leaf_module.Part]


def adapter_of(field: FieldInfo) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation)


FIELDS = [
    pytest.param(adapter_of(field), id=f"{kind.__name__}.{name}")
    for kind in parts()
    for name, field in kind.model_fields.items()
]
# Something that each kind of string in a record takes, so that no field passes for closed because of another rule.
FITTING = (
    *("a", "1", "0" * 64, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "2026-11-22T12:00:00.000Z", "AAAA", "drafted"),
    *("person", "view", "consultation", "timestamp", "done", "feed", "complete", "recovered"),
    *("office", "09:00", "2026-11-22", "checked"),
)
bad = st.text(min_size=1, max_size=20).filter(lambda text: not text.isascii() or any(c.isspace() for c in text))
spoilt = st.builds(
    lambda fitting, at, odd: fitting[: at % (len(fitting) + 1)] + odd + fitting[at % (len(fitting) + 1) :],
    st.sampled_from(FITTING), st.integers(0, 64), bad,
)  # fmt: skip


def shapes(text: str) -> list[Any]:
    return [text, [text], {text: 1}, {"a": text}, {text: "a"}, {text: ["a"]}, {"a": [text]}]


def strings(adapter: TypeAdapter[Any], candidates: Any) -> list[str]:
    """Return the texts, in whatever shape, that a field takes."""
    taken = []
    for candidate in candidates:
        for shape in shapes(candidate):
            try:
                adapter.validate_python(shape)
            except (ValidationError, BluelampError):
                continue
            taken.append(candidate)
    return taken


@pytest.mark.slow
@pytest.mark.parametrize("adapter", FIELDS)
@settings(steady, max_examples=15)
@given(text=bad | spoilt)
def test_no_field_takes_a_space_or_a_letter_beyond_ascii(adapter, text):
    assert strings(adapter, [text]) == []


def test_the_fields_that_take_text_were_tried_with_text():
    closed = {param.id for param in FIELDS if not strings(param.values[0], FITTING)}
    numbers_and_parts = {
        f"{kind.__name__}.{name}"
        for kind in parts()
        for name, field in kind.model_fields.items()
        if "str" not in str(field.annotation) and "Literal['" not in str(field.annotation)
    }
    assert closed <= numbers_and_parts
