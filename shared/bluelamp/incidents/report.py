"""The closing report: what was ordered, what was done and left alone, what is hidden still, in figures."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Query
from bluelamp.incidents import rules
from bluelamp.incidents.model import Report
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.incidents.bulk import Bulk
    from bluelamp.incidents.commanding import Command
    from bluelamp.incidents.model import Incident
    from bluelamp.incidents.recording import Recorder
    from bluelamp.incidents.selecting import Selecting
    from bluelamp.incidents.store import IncidentStore
    from bluelamp.people.model import Principal
    from bluelamp.posts.model import Post


class Reporting:
    """Makes reports.

    Parameters
    ----------
    store, command, recorder
        Keep incidents, say who may see them, and record that somebody did.
    selecting
        Reads the posts of an incident.
    bulk
        Shows its jobs.
    """

    def __init__(
        self, *, store: IncidentStore, command: Command, recorder: Recorder, selecting: Selecting, bulk: Bulk
    ) -> None:
        self._store = store
        self._command = command
        self._recorder = recorder
        self._selecting = selecting
        self._bulk = bulk

    def make(self, principal: Principal, incident_id: str) -> Report:
        """Return the report of an incident as it stands; of a closed one, its closing report. Recorded as a search.

        Raises
        ------
        NotFoundError, NotPermittedError
            As `Command.see`.
        """
        one = self._command.see(principal, incident_id)
        jobs = self._bulk.views(principal, one)
        entries = self._store.entries(one.id)
        figures = self._counted(one)
        figures.update(f"log_{kind}s" for kind in (entry.kind for entry in entries))
        for job in jobs:
            figures.update({f"job_{job.verb}_{state}": n for state, n in job.outcomes.items()})
        self._recorder.looked(principal, Query(view="incident_report", hits=figures["posts"]), incident=one.id)
        return Report(
            incident=one,
            made_at=iso(self._recorder.now()),
            minutes=self._minutes(one),
            strategies=tuple(self._store.strategies(one.id)),
            entries=tuple(entries),
            jobs=tuple(jobs),
            standing_hidden=figures["hidden_by_standing_rule"],
            still_hidden=figures["still_hidden"],
            figures=dict(sorted(figures.items())),
        )

    def _minutes(self, one: Incident) -> int:
        end = parse_iso(one.closed_at) if one.closed_at else self._recorder.now()
        return int((end - parse_iso(one.opened_at)).total_seconds() // 60)

    def _counted(self, one: Incident) -> Counter[str]:
        """Count the posts in scope by what was done to them, as their own histories say."""
        found: Counter[str] = Counter()
        for post in self._selecting.in_scope(one, one.scope.accounts):
            found["posts"] += 1
            found[f"posts_{post.platform}"] += 1
            found["life_risk"] += rules.life_risk(post)
            found["still_hidden"] += rules.hidden_here(post, one.id)
            found.update(_done(one, post))
        return found


def _done(one: Incident, post: Post) -> list[str]:
    """Return what this incident's orders asked for, of one post."""
    asked = []
    for pointer in post.trail:
        if pointer.type == "intent" and pointer.detail.get("incident") == one.id:
            standing = pointer.detail.get("order") == "incident.standing"
            name = {"hide": "hidden", "unhide": "shown_again", "delete": "deleted"}[pointer.detail["verb"]]
            asked.append(f"{name}_by_standing_rule" if standing else f"{name}_by_job")
    return asked
