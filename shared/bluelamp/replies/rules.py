"""Pure decisions about saved replies: how variables are filled in, whom a reply is for, and who may write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol, get_args

from bluelamp.errors import InvalidInputError
from bluelamp.people.model import Principal
from bluelamp.replies.model import Variable

VARIABLES: tuple[str, ...] = get_args(Variable)
_MARK = re.compile(r"\{([^{}]*)\}")
_MEANT = {
    "name": "the name of who wrote the post",
    "account": "the name of the account",
    "reference": "a reference on the case",
    "officer": "the name of who answers",
}


class Account(Protocol):
    """What matters here of an account."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def team(self) -> str:
        """The team that runs it."""

    @property
    def lead(self) -> Lead | None:
        """Who leads it."""


class Lead(Protocol):
    """The lead of an account."""

    @property
    def id(self) -> str:
        """Their id."""


class MissingVariableError(InvalidInputError):
    """A saved reply asks for what this post does not have.

    Parameters
    ----------
    names
        The variables that cannot be filled in.
    """

    code = "missing_variable"

    def __init__(self, names: tuple[str, ...]) -> None:
        wanted = ", ".join(f"{{{name}}} ({_MEANT[name]})" for name in names)
        super().__init__(f"This saved reply needs {wanted}, and the post has none. Add it, or choose another reply.")
        self.names = names


class UnknownVariableError(InvalidInputError):
    """A text has something in braces that is no variable."""

    code = "unknown_variable"


def check(text: str) -> None:
    """Let a text pass whose braces are all variables.

    Raises
    ------
    UnknownVariableError
        When one is not, or a brace stands alone; the message does not repeat it.
    """
    known = "".join(f"{{{name}}} " for name in VARIABLES).strip()
    if any(found not in VARIABLES for found in _MARK.findall(text)) or re.search(r"[{}]", _MARK.sub("", text)):
        raise UnknownVariableError(f"In braces there may be a variable alone, one of: {known}.")


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """Return a text with its variables filled in.

    Raises
    ------
    MissingVariableError
        When a value is missing; it names all that are.
    """
    wanted = dict.fromkeys(_MARK.findall(text))
    missing = tuple(name for name in wanted if not (values.get(name) or "").strip())
    if missing:
        raise MissingVariableError(missing)
    # In one go: what a member of the public calls themselves may have braces, and they stay as they are.
    return _MARK.sub(lambda found: (values[found[1]] or "").strip(), text)


def fits(scope: str, account: Account) -> bool:
    """Return whether a saved reply is for this account."""
    return scope in {"force", f"team:{account.team}", f"account:{account.id}"}


def may_write(principal: Principal, scope: str, leads: frozenset[str]) -> bool:
    """Return whether somebody whose role writes saved replies writes them for this scope.

    Parameters
    ----------
    leads
        The scopes that the person leads: the accounts whose lead they are, and the teams of these.
    """
    if principal.role == "comms":
        return True
    if principal.role == "supervisor":
        return scope in {f"team:{team}" for team in principal.teams}
    return scope in leads
