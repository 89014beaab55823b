"""The table of permissions: which role has which verb, under which condition. What does not stand here is refused.

The page, the API, the command line and the documentation all read this one table; `rules.decide` evaluates it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from bluelamp.people.model import Role, Verb

# every: on each account of the force (oversight) · own: accounts of one's teams, and those covered for somebody
# unless: within reach, unless the account's policy leaves the role out · policy: within reach, where it names the role
Condition = Literal["every", "own", "unless", "policy"]

ROLES: tuple[Role, ...] = get_args(Role)
VERBS: tuple[Verb, ...] = get_args(Verb)

# Oversight sees each account of the force; the others reach those of their teams, and those that they cover.
OVERSIGHT: frozenset[Role] = frozenset({"comms", "control", "auditor", "admin"})
# These reach the accounts of their teams, and nothing without one.
BY_TEAM: frozenset[Role] = frozenset({"local", "supervisor"})

_TOGETHER: tuple[Verb, ...] = ("assign", "tag", "refer")
_DESK: tuple[Verb, ...] = ("accounts", "see", "history", "note", "claim", "release", "flag", "checks", *_TOGETHER)
# What is done to an author, or in private; what was asked for taken back; what came of it said by who looked.
_AUTHOR: tuple[Verb, ...] = ("ban", "unban", "like", "message")
_ENDS: tuple[Verb, ...] = ("report_post", "cancel", "settle")
_WRITES: tuple[Verb, ...] = ("reply_saved", "replies", "tags")
# Figures on the work, and those by person.
_FIGURES: tuple[Verb, ...] = ("report", "report_people")
# What was asked for and waits for a second person: whose word it needs the account's policy says (`rules.approving`).
_SECOND: tuple[Verb, ...] = ("approve", "withdraw")
# A critical incident: to see it, to command it, to have many posts hidden at once, and to agree to that.
_INCIDENT: tuple[Verb, ...] = ("incidents", "incident", "bulk", "approve_bulk")

# A local team answers and hides on its own pages and closes what needs no answer. An account's policy may take deleting
# and answering from the communications team and the local one, and give it to others: by itself a local team does not
# delete, nor does the control room, which answers from saved replies alone. Saved replies are written by communications
# for the force, by a supervisor for their team, and by the lead of an account for that account and its team
# (`replies.rules`). A supervisor takes over what was flagged and hands it on. The audit trail leaves the system through
# the auditor alone: an export shows posts of every account, and nobody exports what he did himself. A disposal takes
# two people of two roles: the administrator, who sees no words, proposes by class and date; the supervisor of the
# accounts, who sees them, decides, and may decide at a review that a post is kept longer. The auditor can stop it by a
# hold, and does not take part in it. Access for a time is given by those who answer for people or accounts, and never
# to oneself; the auditor sees who was given what. In an emergency those who do not reach every account let themselves
# in, for an hour and in everybody's sight. Communications team and control room reach every account anyhow; the
# auditor, who judges what others did, takes no part. A rights case is worked by the auditor, who sees found posts
# inside the case alone; a supervisor approves what goes out and reads just that; the administrator proposes what is
# erased. Communications team and control room command critical incidents on every account and have many posts hidden at
# once; a supervisor commands on their own, and is a second person. No administrator does: they set the bound.
MATRIX: Mapping[Role, Mapping[Verb, Condition]] = {
    "comms": {
        **dict.fromkeys(
            (
                *(
                    *_DESK,
                    *_SECOND,
                    *_WRITES,
                    *_AUTHOR,
                    *_ENDS,
                    "roster",
                    "office_hours",
                    "hide",
                    "unhide",
                    "dismiss",
                    "check",
                ),
                *("whole_trail", "report", *_INCIDENT, "draft", "approve_publication", "pause"),
                *("appeals", "appeal", "approve_appeal"),
            ),
            "every",
        ),
        **dict.fromkeys(("delete", "reply", "publish"), "unless"),
    },
    "local": {
        **dict.fromkeys((*_DESK, *_SECOND, *_AUTHOR, *_ENDS, "check", "hide", "unhide", "dismiss"), "own"),
        **dict.fromkeys(("reply_saved", "replies", "incidents", "draft", "approve_publication"), "own"),
        **dict.fromkeys(("appeals", "appeal"), "own"),
        "reply": "unless",
        **dict.fromkeys(("delete", "publish"), "policy"),
        "break_glass": "every",
    },
    "control": {
        **dict.fromkeys((*_DESK, *_SECOND, *_ENDS, "check", "hide", "unhide", "reply_saved", *_INCIDENT), "every"),
        **dict.fromkeys(("draft", "pause", "appeals", "appeal"), "every"),
        **dict.fromkeys(("delete", "reply", "publish"), "policy"),
    },
    "supervisor": {
        **dict.fromkeys(
            (
                *_DESK,
                *("approve", "replies", "roster", "retention", "keep", "approve_disposal"),
                *("draft", "approve_publication", "pause"),
                *("grants", "grant", "training", "cases", "approve_answer", "appeals", "approve_appeal", *_FIGURES),
                *("incidents", "incident", "approve_bulk"),
            ),
            "own",
        ),
        **dict.fromkeys(("break_glass", "break_glass_all"), "every"),
    },
    "auditor": dict.fromkeys(
        (
            *("accounts", "history", "checks", "export", "retention", "hold", "grants", "whole_trail"),
            *("cases", "rights", "incidents", "appeals", *_FIGURES),
        ),
        "every",
    ),
    "admin": dict.fromkeys(
        (
            "accounts",
            "register",
            "roster",
            "office_hours",
            "retention",
            "retain",
            "dispose",
            "grants",
            "grant",
            "people",
            "guide",
            "training",
            "break_glass",
            "break_glass_all",
            "checks",
            "tags",
            "hooks",
            "cases",
            "incidents",
            *_FIGURES,
        ),
        "every",
    ),
}

# What the status of an account rules out, whoever asks. A suspended account is left as it is on its platform; on one
# that is archived nothing new begins, while what is open can be closed, read, held and disposed of. To show a post
# again is refused by the action itself: a hide that still waits can be taken back whatever became of the account.
ACTING: frozenset[Verb] = frozenset(
    {"hide", "delete", "reply", "reply_saved", "ban", "unban", "like", "message", "publish"}
)
RULED_OUT: Mapping[str, frozenset[Verb]] = {
    "active": frozenset(),
    "suspended": ACTING,
    "archived": ACTING | {"claim", "flag", "assign"},
}

# What nobody does without the guide in force acknowledged and training in date: what reaches a platform, by his own
# hand or by his word, and deciding that a post needs no answer. To look, claim, note and flag stays open: a threat to
# life is handed on by whoever sees it.
GATED: frozenset[Verb] = ACTING | {
    *("unhide", "dismiss", "approve", "approve_publication", "bulk", "approve_bulk", "appeal", "approve_appeal"),
}

# What access for a time to read gives, whatever the role: to look, and nothing else.
READING: frozenset[Verb] = frozenset({"accounts", "see", "history"})

# What is not done on an account that one has for a time: to give it to somebody else, and to have what was kept of it
# destroyed. That cannot be taken back, nothing of it is urgent, and whoever lets himself in, or is let in by the
# administrator who proposes it, is no second person. Nor does an account that one has for a time show the people who
# run it: it was given for its posts.
NOT_LENT: frozenset[Verb] = frozenset({"grant", "approve_disposal", "report_people"})

CONDITIONS: Mapping[Condition, str] = {
    "every": "on every account",
    "own": "on accounts of their teams, and those they cover or were given for a time",
    "unless": "on accounts they reach, unless the account's policy leaves them out",
    "policy": "on accounts they reach, where the account's policy says so",
}

# Whom to ask for a verb, the nearest first.
_ASK: tuple[tuple[Role, str], ...] = (
    ("local", "the account's own team"),
    ("comms", "the communications team"),
    ("supervisor", "the account's supervisor"),
    ("auditor", "an auditor"),
    ("admin", "an administrator"),
)


@dataclass(frozen=True)
class Row:
    """One cell of the table that gives something."""

    role: Role
    verb: Verb
    when: Condition


def rows() -> list[Row]:
    """Return what is given, by role and verb."""
    return [Row(role, verb, MATRIX[role][verb]) for role in ROLES for verb in VERBS if verb in MATRIX.get(role, {})]


def ask_for(verb: Verb) -> str:
    """Return whom to ask for a verb."""
    for role, name in _ASK:
        if MATRIX[role].get(verb) in {"every", "own", "unless"}:
            return name
    return "an administrator"
