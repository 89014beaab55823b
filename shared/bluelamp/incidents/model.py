"""What a critical incident is: its scope, strategy, people and orders, its log book, and jobs over many posts."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from bluelamp.errors import ConflictError, RefusedError
from bluelamp.posts.model import Frozen, PersonName, PostSummary, Reason
from bluelamp.times import iso, parse_iso

BulkVerb = Literal["hide", "unhide", "delete"]
JobState = Literal["previewed", "waiting", "refused", "running", "paused", "stopped", "done"]
Role = Literal["gold", "silver", "bronze"]
EntryKind = Literal["decision", "claim"]
# Why a post that was found is left alone.
Why = Literal[
    "life_risk", "held", "exempt", "pending", "already", "not_offered", "account_stopped", "not_permitted",
    "unjudged", "disposed", "missing", "changed", "not_ours", "overtaken",
]  # fmt: skip

BOUND = 25
MOST_SELECTED = 5_000
MOST_READ = 20_000
# Below the quarter of an hour after which an intent without an outcome fails the verification of the archive.
MOST_SLOW = 600
MOST_ACCOUNTS = 200

Id = Annotated[str, Field(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
AccountId = Annotated[str, Field(pattern=r"^[a-z]+-[A-Za-z0-9._:-]{1,100}$")]
Word = Annotated[str, Field(min_length=2, max_length=60, pattern=r"^\S(.*\S)?$")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
# Kept as posts' times are, so that one sorts against the other; a day that there is not is no time.
Moment = Annotated[
    str,
    Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$"),
    AfterValidator(lambda text: iso(parse_iso(text))),
]
PersonId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:+=-]{0,127}$")]
Words = Annotated[str, Field(min_length=1, max_length=8_000)]


class SelectionChangedError(ConflictError):
    """What was previewed is not what is ordered: too old, or another selection."""

    code: ClassVar[str] = "selection_changed"


class IncidentClosedError(ConflictError):
    """The incident is closed: nothing is ordered in it any more but showing posts again."""

    code: ClassVar[str] = "incident_closed"


class SecondPersonError(RefusedError):
    """Who ordered it does not agree to it as well."""

    code: ClassVar[str] = "same_person"


class Given(Frozen):
    """What comes from outside: nothing that is not asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Scope(Given):
    """What an incident is about: accounts, words of which a post has one (none: all posts), an area, and a time."""

    accounts: Annotated[tuple[AccountId, ...], Field(min_length=1, max_length=MOST_ACCOUNTS)]
    words: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    area: Annotated[str, Field(max_length=120)] = ""
    begin: Moment
    end: Moment | None = None


class Match(Given):
    """Which posts of a scope: with one of `words`, one of `codes`, at least `grade`; each that is given must hold.

    Nothing given at all would mean every post; that has to be said by `everything`.
    """

    words: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    codes: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    grade: Annotated[int, Field(ge=0, le=9)] = 0
    everything: bool = False

    @model_validator(mode="after")
    def _something(self) -> Match:
        if not (self.words or self.codes or self.grade or self.everything):
            raise ValueError("say which posts: words, codes or a grade; or everything")
        return self


class Roles(Given):
    """Who commands: gold the strategy, silver the tactics, bronze what is done; people by their ids."""

    gold: Annotated[tuple[PersonId, ...], Field(max_length=5)] = ()
    silver: Annotated[tuple[PersonId, ...], Field(max_length=10)] = ()
    bronze: Annotated[tuple[PersonId, ...], Field(max_length=50)] = ()

    @property
    def everybody(self) -> frozenset[str]:
        """Everybody who has a role."""
        return frozenset((*self.gold, *self.silver, *self.bronze))


class Somebody(Frozen):
    """Somebody of the force who can be given a part in an incident."""

    id: PersonId
    name: str
    role: str


class Somebodies(Frozen):
    """People by name; `more` when there are more than are shown."""

    people: tuple[Somebody, ...]
    more: bool


class Strategy(Frozen):
    """One version of the strategy, in words; none is ever changed."""

    version: int
    text: str
    at: str
    by: PersonName


class Standing(Frozen):
    """The rule by which new posts are hidden pending review; in force once a second person has agreed."""

    match: Match
    state: Literal["proposed", "in_force"] = "proposed"
    at: str
    by: PersonName
    agreed_by: PersonName | None = None
    agreed_at: str | None = None


class Incident(Frozen):
    """An incident as stored. `slow` is for how many seconds an answer in its scope waits before it is sent."""

    id: str
    code: str
    scope: Scope
    state: Literal["open", "closed"] = "open"
    roles: Roles = Roles()
    strategy: int = 1
    standing: Standing | None = None
    slow: int = 0
    paused: bool = False
    opened_at: str
    opened_by: PersonName
    closed_at: str | None = None
    closed_by: PersonName | None = None
    rev: int = 1
    head: str | None = None


class Open(Frozen):
    """What the work on posts and the page's red band need of an incident that is open."""

    id: str
    code: str
    accounts: tuple[str, ...]
    words: tuple[str, ...] = ()
    begin: str
    end: str | None = None
    people: tuple[str, ...] = ()
    strategy: int = 1
    standing: Standing | None = None
    slow: int = 0


class OpenList(Frozen):
    """All incidents that are open, in one item: read with each batch of posts, so it is small."""

    incidents: tuple[Open, ...] = ()
    rev: int = 0


class LogEntry(Frozen):
    """A line of the log book (`decision`), or of the log of false claims and how they were answered (`claim`)."""

    id: str
    kind: EntryKind
    at: str
    by: PersonName
    role: str | None = None
    text: str
    answer: str = ""
    source: str = ""


class Exempt(Given):
    """An author whose posts no job touches, such as a journalist: by their handle on a platform, or by their key."""

    platform: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
    handle: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    author_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    label: Annotated[str, Field(max_length=100)] = ""

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if self.handle is None and self.author_key is None:
            raise ValueError("an author is named by a handle or by a key")
        return self


class BulkPolicy(Frozen):
    """What the force sets for all incidents: above how many posts a second person agrees, and whom no job touches."""

    bound: int = BOUND
    exempt: tuple[Exempt, ...] = ()
    rev: int = 0
    head: str | None = None


class Frozenpost(Frozen):
    """A post of a frozen selection: by id, and which content of it was counted."""

    id: str
    seen_at: str


class JobPart(Frozen):
    """Up to forty posts of a job, why some were skipped, and the tally of outcomes once all of them are known."""

    number: int
    posts: tuple[Frozenpost, ...]
    skipped: dict[str, str] = Field(default_factory=dict)
    settled: dict[str, int] | None = None
    rev: int = 1


class Job(Frozen):
    """A bulk job. `digest` binds the frozen selection; `chunk` and `leaf` are the record that lets it run.

    `actor` is who ordered it, as the records of its actions name them. Revision 0 is
    the preview, of which there is no record yet.
    """

    id: str
    incident: str
    verb: BulkVerb
    state: JobState = "previewed"
    reason: Reason | None = None
    match: Match | None = None
    accounts: tuple[str, ...] = ()
    strategy: int = 1
    posts: int
    parts: int
    digest: str
    second: bool = False
    by: PersonName
    actor: dict[str, Any] = Field(default_factory=dict)
    role: str | None = None
    agreed_by: PersonName | None = None
    made_at: str
    until: str
    started_at: str | None = None
    ended_at: str | None = None
    excluded: dict[str, int] = Field(default_factory=dict)
    platforms: dict[str, int] = Field(default_factory=dict)
    by_account: dict[str, int] = Field(default_factory=dict)
    cut: bool = False
    chunk: str = ""
    rev: int = 0
    head: str | None = None


class Progress(Frozen):
    """How far a job has come: the part to be done next, actions set going, and posts skipped by reason.

    It stands beside the job, so that a job's own revision moves with its records alone.
    """

    next: int = 0
    intended: int = 0
    skipped: dict[str, int] = Field(default_factory=dict)
    rev: int = 0


class JobView(Frozen):
    """A job as a page shows it; `outcomes` counts its actions by state, as far as they have been looked at."""

    id: str
    incident: str
    verb: BulkVerb
    state: JobState
    posts: int
    second: bool
    digest: str
    by: PersonName
    agreed_by: PersonName | None
    made_at: str
    until: str
    started_at: str | None
    ended_at: str | None
    intended: int
    skipped: dict[str, int]
    excluded: dict[str, int]
    platforms: dict[str, int]
    accounts: dict[str, int]
    cut: bool
    outcomes: dict[str, int] = Field(default_factory=dict)
    rev: int
    can: tuple[str, ...] = ()


class LeftOut(Frozen):
    """A post that was found and is left alone, and why."""

    post: str
    account: str
    why: Why


class Preview(Frozen):
    """What a job would do: how many posts, where, which are left out and why, and some of them to look at."""

    job: JobView
    examples: tuple[PostSummary, ...]
    left_out: tuple[LeftOut, ...]


class IncidentSummary(Frozen):
    """An incident as a list shows it."""

    id: str
    code: str
    state: Literal["open", "closed"]
    accounts: int
    area: str
    opened_at: str
    closed_at: str | None


class IncidentPage(Frozen):
    """Incidents within a person's reach, newest first."""

    incidents: tuple[IncidentSummary, ...]


class IncidentView(Frozen):
    """An incident opened: itself, its strategy's versions, log book and jobs. `can` is what this person may do."""

    incident: Incident
    strategies: tuple[Strategy, ...]
    entries: tuple[LogEntry, ...]
    jobs: tuple[JobView, ...]
    people: dict[str, str] = Field(default_factory=dict)
    bound: int
    comments_closed: tuple[str, ...] = ()
    can: tuple[str, ...] = ()


class Report(Frozen):
    """The closing report in figures, with the log book and every version of the strategy."""

    incident: Incident
    made_at: str
    minutes: int
    strategies: tuple[Strategy, ...]
    entries: tuple[LogEntry, ...]
    jobs: tuple[JobView, ...]
    standing_hidden: int
    still_hidden: int
    figures: dict[str, int]


class Concern(Frozen):
    """An open incident that concerns somebody, for the band on every screen."""

    id: str
    code: str
