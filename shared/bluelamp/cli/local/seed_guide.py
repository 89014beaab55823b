"""The demonstration force's guide and training: everybody is through the gate but one, so that it can be seen shut."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor
from bluelamp.cli.local import force
from bluelamp.exports.london import london
from bluelamp.guide.service import Guides
from bluelamp.guide.store import GuideStore
from bluelamp.guide.training import Trainings
from bluelamp.times import utc_now

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.people.service import People

BY = Actor.system("local-setup")
VERSION = "2026.1"
COURSE = "media_law"
LASTS = timedelta(days=365)
# Who set the force up a year ago is not to find everybody shut out this morning.
RENEW = timedelta(days=60)
TEXT = """# Before you answer

Read what was written twice, and answer what was asked. Be kind, be brief, be right.

- Nobody's name, address, number plate or picture of a child leaves the force in an answer.
- A crime is reported on 101 or online, an emergency on 999: say so, and say it first.

# Before you hide or delete

- What is merely unkind about the police stays. Criticism is no abuse.
- Hide what threatens, hates or names people; delete only what the account's policy lets you delete.
- Say why. Whoever asks in a year reads your reason, and not your mind.
"""


def load(table: Table, people: People, subjects: Mapping[str, str]) -> int:
    """Publish the guide, and bring everybody but one through the gate, as far as they are not; return how many."""
    guides = Guides(store=GuideStore(table), people=people, wake=lambda: None, notify=lambda: None)
    trainings = Trainings(store=GuideStore(table), people=people, wake=lambda: None)
    today = london(utc_now()).date()
    gate = people.gate()
    if not gate.guides:
        guides.publish_file(TEXT.encode(), BY, version=VERSION, effective_from=today)
    if not gate.courses and not gate.rev:
        guides.ask_for([COURSE], BY)
    behind = {subjects[one.email] for one in force.people() if one.name == force.NOT_THROUGH_THE_GATE}
    known = [one for one in people.everybody() if one.id in set(subjects.values()) - behind]
    standing = {one.version for one in people.gate().guides}
    unread = [one for one in known if VERSION in standing and one.guide_version is None]
    for person in unread:
        guides.acknowledge_for(person.id, VERSION, BY)
    untrained = [one for one in known if one.trained_until.get(COURSE, today) < today + RENEW]
    if untrained:
        lines = "".join(f"{one.email},{COURSE},{today},{today + LASTS}\n" for one in untrained)
        trainings.import_file(f"email,course,on,until\n{lines}".encode(), BY, dry_run=False)
    return len({one.id for one in (*unread, *untrained)})
