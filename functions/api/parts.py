"""What the routes call, each made by `bluelamp.wiring` when first used; tests put fakes in its place."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bluelamp import wiring
from bluelamp.settings import settings

if TYPE_CHECKING:
    from bluelamp.accounts.files import AccountFiles
    from bluelamp.accounts.register import Register
    from bluelamp.accounts.service import Accounts
    from bluelamp.actions.approving import Approving
    from bluelamp.actions.ending import Endings
    from bluelamp.actions.service import Actions
    from bluelamp.actions.underway import UnderWay
    from bluelamp.appeals.leads import LeadDesk
    from bluelamp.appeals.service import Appeals
    from bluelamp.assets.uploading import Uploading
    from bluelamp.calls.service import Calls
    from bluelamp.checks.service import Checks
    from bluelamp.completeness.service import Reports
    from bluelamp.connections.service import Connecting
    from bluelamp.digests.service import Digests
    from bluelamp.exports.service import Exports
    from bluelamp.guide.service import Guides
    from bluelamp.guide.training import Trainings
    from bluelamp.hooks.service import Hooks
    from bluelamp.idempotency import Reader
    from bluelamp.incidents.bulk import Bulk
    from bluelamp.incidents.logbook import LogBook
    from bluelamp.incidents.report import Reporting
    from bluelamp.incidents.service import Incidents
    from bluelamp.live.service import Live
    from bluelamp.notices.service import Notices
    from bluelamp.people.directory import Directory
    from bluelamp.people.emergency import Emergency
    from bluelamp.people.files import PeopleFiles
    from bluelamp.people.granting import Grants
    from bluelamp.people.managing import Managing
    from bluelamp.people.mapping import GroupMappings
    from bluelamp.people.refusals import Refusals
    from bluelamp.people.sessions import Sessions
    from bluelamp.people.sign_in import SignIn
    from bluelamp.people.tokens import TokenVerifier
    from bluelamp.posts.casework import Casework
    from bluelamp.posts.colleagues import Reach
    from bluelamp.posts.conversation import Conversations
    from bluelamp.posts.service import Posts
    from bluelamp.posts.tagging import Tags
    from bluelamp.posts.worklists import Worklists
    from bluelamp.presence.service import Presence
    from bluelamp.publishing.service import Publishing
    from bluelamp.replies.service import Replies
    from bluelamp.reports.files import ReportFiles
    from bluelamp.reports.service import FigureReports
    from bluelamp.retention.disposing import Disposals
    from bluelamp.retention.holding import Holds
    from bluelamp.retention.service import Retention
    from bluelamp.rights.answering import Answers
    from bluelamp.rights.erasing import Erasures
    from bluelamp.rights.reviewing import Review
    from bluelamp.rights.service import Cases
    from bluelamp.roster.service import Rosters
    from bluelamp.trail.service import Trail


@dataclass(frozen=True)
class Force:
    """The force, as a page names it."""

    name: str
    slug: str


class Parts:
    """The use cases behind the routes. A request pays for those that it touches."""

    @cached_property
    def public_url(self) -> str:
        """The origin of page, API and socket."""
        return settings()["PUBLIC_URL"].rstrip("/")

    @cached_property
    def force(self) -> Force:
        """The force that this deployment is for."""
        slug = settings()["FORCE"]
        return Force(name=settings()["FORCE_NAME"] or slug, slug=slug)

    @cached_property
    def commit(self) -> str:
        """The commit that runs; empty when it was not built from one."""
        return settings()["COMMIT"]

    @cached_property
    def answers(self) -> "Reader":
        """Where the answers of earlier writes are kept."""
        return wiring.table()

    @cached_property
    def sessions(self) -> "Sessions":
        """Sessions, and the people behind tokens."""
        return wiring.sessions()

    @cached_property
    def tokens(self) -> "TokenVerifier":
        """Verifies bearer tokens."""
        return wiring.tokens()

    @cached_property
    def sign_in(self) -> "SignIn":
        """The sign-in through the provider's page."""
        return wiring.sign_in()

    @cached_property
    def refusals(self) -> "Refusals":
        """The record of refusals."""
        return wiring.refusals()

    @cached_property
    def accounts(self) -> "Accounts":
        """The force's accounts."""
        return wiring.accounts()

    @cached_property
    def register(self) -> "Register":
        """The register of accounts."""
        return wiring.register()

    @cached_property
    def connecting(self) -> "Connecting":
        """Accounts connected to their platforms."""
        return wiring.connecting()

    @cached_property
    def account_files(self) -> "AccountFiles":
        """The register as a file."""
        return wiring.account_files()

    @cached_property
    def appeals(self) -> "Appeals":
        """Appeals to the public."""
        return wiring.appeals()

    @cached_property
    def leads(self) -> "LeadDesk":
        """What the public answers to appeals."""
        return wiring.leads()

    @cached_property
    def calls(self) -> "Calls":
        """Calls to posts."""
        return wiring.calls()

    @cached_property
    def digests(self) -> "Digests":
        """What the night brought."""
        return wiring.digests()

    @cached_property
    def hooks(self) -> "Hooks":
        """Return the use cases of the hook routes."""
        return wiring.hooks()

    @cached_property
    def uploading(self) -> "Uploading":
        """The use cases of the asset routes."""
        return wiring.uploading()

    @cached_property
    def publishing(self) -> "Publishing":
        """Return the use cases of the publication routes."""
        return wiring.publishing()

    @cached_property
    def notices(self) -> "Notices":
        """How people are told."""
        return wiring.notices()

    @cached_property
    def checks(self) -> "Checks":
        """The daily checks."""
        return wiring.checks()

    @cached_property
    def incidents(self) -> "Incidents":
        """Critical incidents."""
        return wiring.incidents()

    @cached_property
    def bulk(self) -> "Bulk":
        """Jobs over many posts of an incident."""
        return wiring.bulk()

    @cached_property
    def log_book(self) -> "LogBook":
        """The log books of incidents."""
        return wiring.log_book()

    @cached_property
    def incident_reporting(self) -> "Reporting":
        """The closing reports of incidents."""
        return wiring.incident_reporting()

    @cached_property
    def completeness(self) -> "Reports":
        """How complete the accounts' days are, as far as the log says so."""
        return wiring.completeness()

    @cached_property
    def posts(self) -> "Posts":
        """Posts and their cases."""
        return wiring.posts()

    @cached_property
    def actions(self) -> "Actions":
        """Actions on the platforms."""
        return wiring.actions()

    @cached_property
    def endings(self) -> "Endings":
        """What ends by a person's word."""
        return wiring.endings()

    @cached_property
    def under_way(self) -> "UnderWay":
        """What is under way and not as it should be."""
        return wiring.under_way()

    @cached_property
    def approving(self) -> "Approving":
        """What waits for a second person."""
        return wiring.approving()

    @cached_property
    def emergency(self) -> "Emergency":
        """Access that somebody takes in an emergency."""
        return wiring.emergency()

    @cached_property
    def casework(self) -> "Casework":
        """Cases given to people, tagged and referred."""
        return wiring.casework()

    @cached_property
    def reach(self) -> "Reach":
        """Who reaches an account."""
        return wiring.reach()

    @cached_property
    def tags(self) -> "Tags":
        """The force's list of tags."""
        return wiring.tags()

    @cached_property
    def worklists(self) -> "Worklists":
        """Lists of posts across accounts."""
        return wiring.worklists()

    @cached_property
    def conversations(self) -> "Conversations":
        """What was said with an author."""
        return wiring.conversations()

    @cached_property
    def presence(self) -> "Presence":
        """Who is at a post."""
        return wiring.presence()

    @cached_property
    def replies(self) -> "Replies":
        """Saved replies."""
        return wiring.replies()

    @cached_property
    def exports(self) -> "Exports":
        """Cases taken out of the system."""
        return wiring.exports()

    @cached_property
    def retention(self) -> "Retention":
        """How long what was kept is kept."""
        return wiring.retention()

    @cached_property
    def rosters(self) -> "Rosters":
        """Who answers for which account, and when."""
        return wiring.rosters()

    @cached_property
    def holds(self) -> "Holds":
        """Legal holds."""
        return wiring.holds()

    @cached_property
    def disposals(self) -> "Disposals":
        """Disposals by two people."""
        return wiring.disposals()

    @cached_property
    def grants(self) -> "Grants":
        """Access for a time."""
        return wiring.grants()

    @cached_property
    def guides(self) -> "Guides":
        """The Force Media Guide."""
        return wiring.guides()

    @cached_property
    def trainings(self) -> "Trainings":
        """Training, and who lacks what."""
        return wiring.trainings()

    @cached_property
    def managing(self) -> "Managing":
        """People shut out, let in again and signed out."""
        return wiring.managing()

    @cached_property
    def directory(self) -> "Directory":
        """The list of people."""
        return wiring.directory()

    @cached_property
    def people_files(self) -> "PeopleFiles":
        """People as a file."""
        return wiring.people_files()

    @cached_property
    def group_mappings(self) -> "GroupMappings":
        """What the force's groups give."""
        return wiring.group_mappings()

    @cached_property
    def rights_cases(self) -> "Cases":
        """Rights cases."""
        return wiring.rights_cases()

    @cached_property
    def rights_review(self) -> "Review":
        """What was found for a rights case."""
        return wiring.rights_review()

    @cached_property
    def rights_answers(self) -> "Answers":
        """The answer of a rights case."""
        return wiring.rights_answers()

    @cached_property
    def rights_erasures(self) -> "Erasures":
        """What a rights case erases."""
        return wiring.rights_erasures()

    @cached_property
    def trail(self) -> "Trail":
        """The audit trail, searched."""
        return wiring.trail()

    @cached_property
    def reports(self) -> "FigureReports":
        """Figures on the work."""
        return wiring.reports()

    @cached_property
    def report_files(self) -> "ReportFiles":
        """Reports as PDF."""
        return wiring.report_files()

    @cached_property
    def live(self) -> "Live":
        """What changed, by socket or by asking."""
        return wiring.live()


_parts = Parts()


def parts() -> Parts:
    """Return the parts of this process."""
    return _parts


def use(other: Parts) -> Parts:
    """Put other parts in place, and return those that were there."""
    global _parts
    before, _parts = _parts, other
    return before
