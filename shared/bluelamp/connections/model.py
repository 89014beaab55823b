"""A connection: how an account's token stands. The token itself lies in the secret store and never here."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict

from bluelamp.models import Model

# `by_hand` stands for an account whose token an operator set, and that somebody tried to connect.
State = Literal["connected", "renewing", "reconnect", "disconnected", "by_hand"]
# Why only a person can help: the platform refused to renew, or refused what it had just renewed; the answer to a
# renewal was lost, or could not be kept, so that the token which renews is used up; there is none that renews, as on
# Facebook, and the platform refused the token.
Why = Literal["refused", "refused_again", "answer_lost", "not_saved", "no_refresh_token"]
# How a consent ended that we gave back: revoked; or, on Facebook, nothing of the page is sent any more, while the
# consent of whoever runs it stands, for it may be the consent for other pages too.
Ended = Literal["ended", "page_left"]
# How the matter ends: in one of these ways, or the platform did not do it.
Over = Literal["ended", "page_left", "stands"]
# What becomes of the platform's consent once an account is disconnected: it waits for the record to be sealed, is being
# ended at this moment, has ended in one of two ways, or may still stand because the platform did not do it.
ConsentState = Literal["to_end", "ending", "ended", "page_left", "stands"]


class Connection(Model):
    """How an account's token stands.

    `due_at` is when the next step is to be taken: to renew it, or, while it is being renewed, to look what became of
    that. `attempt` names the renewal under way or the last one; the secret that it saved carries the same name.
    `by_person` says that somebody began it who connects or disconnects, which is recorded; a renewal is not.
    `doubted` says that a renewal was begun whose answer nobody has. `refused_at` is when the platform refused the token
    although it should be good, until the next renewal.

    Where the platform says how a token stands (Facebook), `data_until` is when it ceases to give data, `lacks` names
    the permissions that were asked for and not given, and `look_at` is when it is asked next.

    Of a disconnected account, `consent` says what became of the platform's consent, `chunk` which record must be sealed
    before the platform is called, and `said` the code of what the platform answered in place of ending it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    account: str
    state: State
    expires_at: datetime | None = None
    due_at: datetime | None = None
    renewed_at: datetime | None = None
    refused_at: datetime | None = None
    attempt: str | None = None
    by_person: bool = False
    doubted: bool = False
    failures: int = 0
    why: Why | None = None
    data_until: datetime | None = None
    lacks: tuple[str, ...] = ()
    look_at: datetime | None = None
    consent: ConsentState | None = None
    chunk: str | None = None
    said: str | None = None
    rev: int = 1


class Consent(Model):
    """A consent that a person was sent off for: by whom, in which session, for which account, until when (epoch)."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    person: str
    session: str
    account: str
    state_sha256: str
    until: int
