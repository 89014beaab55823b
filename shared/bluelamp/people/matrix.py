"""The table of permissions: which role has which verb, under which condition. What does not stand here is refused.

The page, the API, the command line and the documentation all read this one table; `rules.decide` evaluates it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from bluelamp.people.model import Role, Verb

# every: on each account of the force (oversight) · own: accounts of one's teams, and those covered for somebody
# policy: own, and only where the account's policy gives the verb to its team
Condition = Literal["every", "own", "policy"]

ROLES: tuple[Role, ...] = get_args(Role)
VERBS: tuple[Verb, ...] = get_args(Verb)

# Oversight sees each account of the force; the others reach those of their teams, and those that they cover.
OVERSIGHT: frozenset[Role] = frozenset({"comms", "control", "auditor", "admin"})

_DESK: tuple[Verb, ...] = ("accounts", "see", "history", "note", "claim", "release", "flag", "checks")

# A local team answers and hides on its own pages and closes what needs no answer. It deletes only
# where the account's policy says so. The control room answers from saved replies alone, so it has no
# free reply. A supervisor takes over what was flagged and hands it on. The audit trail leaves the system through the
# auditor alone: an export shows posts of every account, and nobody exports what he did himself. A disposal takes two
# people of two roles: the administrator, who sees no words, proposes by class and date; the supervisor of the accounts,
# who sees them, decides, and may decide at a review that a post is kept longer. The auditor can stop it by a hold, and
# does not take part in it. Access for a time is given by those who answer for people or accounts, and never to oneself;
# the auditor sees who was given what.
MATRIX: Mapping[Role, Mapping[Verb, Condition]] = {
    "comms": dict.fromkeys(
        (*_DESK, "check", "roster", "office_hours", "hide", "unhide", "delete", "reply", "dismiss"), "every"
    ),
    "local": {**dict.fromkeys((*_DESK, "check", "hide", "unhide", "reply", "dismiss"), "own"), "delete": "policy"},
    "control": dict.fromkeys((*_DESK, "check", "hide", "unhide"), "every"),
    "supervisor": dict.fromkeys(
        (*_DESK, "roster", "retention", "keep", "approve_disposal", "grants", "grant", "training"), "own"
    ),
    "auditor": dict.fromkeys(("accounts", "history", "checks", "export", "retention", "hold", "grants"), "every"),
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
            "checks",
        ),
        "every",
    ),
}

# What the status of an account rules out, whoever asks. A suspended account is left as it is on its platform; on one
# that is archived nothing new begins, while what is open can be closed, read, held and disposed of. To show a post
# again is refused by the action itself: a hide that still waits can be taken back whatever became of the account.
ACTING: frozenset[Verb] = frozenset({"hide", "delete", "reply"})
RULED_OUT: Mapping[str, frozenset[Verb]] = {
    "active": frozenset(),
    "suspended": ACTING,
    "archived": ACTING | {"claim", "flag"},
}

# What nobody does without the guide in force acknowledged and training in date: what reaches a platform, and deciding
# that a post needs no answer. To look, claim, note and flag stays open: whoever sees a threat to life hands it on.
GATED: frozenset[Verb] = ACTING | {"unhide", "dismiss"}

# Verbs that an account's policy can add to what the local team's role gives.
POLICY_VERBS: frozenset[Verb] = frozenset(verb for verb, when in MATRIX["local"].items() if when == "policy")

# What access for a time to read gives, whatever the role: to look, and nothing else.
READING: frozenset[Verb] = frozenset({"accounts", "see", "history"})

# What is not done on an account that one has for a time: to give it to somebody else.
NOT_LENT: frozenset[Verb] = frozenset({"grant"})

CONDITIONS: Mapping[Condition, str] = {
    "every": "on every account",
    "own": "on accounts of their teams, and those they cover or were given for a time",
    "policy": "as own, where the account's policy says so",
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
        if MATRIX[role].get(verb) in {"every", "own"}:
            return name
    return "an administrator"
