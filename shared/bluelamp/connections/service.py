"""Connecting an account from the page: off to the platform, back with a code, and tokens into the secret store.

The state is kept here as a hash, once for each person, for ten minutes, with the session that it was asked for in; it
is taken away before the code is spent, so that no answer counts twice. The secret behind the PKCE challenge is made of
the state and the deployment's key and lies nowhere. Nothing is kept before the platform has said whose the new token
is: another account than the registered one is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.secrets import SecretNotSavedError
from bluelamp.connections import rules
from bluelamp.connections.errors import ConsentError, NotConnectedError
from bluelamp.connections.model import Connection, Consent
from bluelamp.connections.recording import commit, leaf
from bluelamp.errors import ConflictError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import authorise, require
from bluelamp.platforms.contract import PlatformError, ReauthoriseError
from bluelamp.platforms.grants import AppSecrets, Asked, Grants, OtherAccountError, Tokens
from bluelamp.times import Clock, epoch, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.accounts.service import Accounts
    from bluelamp.connections.keeping import TokenBox
    from bluelamp.connections.store import ConnectionStore
    from bluelamp.people.model import Principal
    from bluelamp.platforms.http import PlatformHttp, Scheme

FLOW = timedelta(minutes=10)
CALLBACK = "/api/accounts/callback"


class Connecting:
    """The use cases of the connection routes.

    Parameters
    ----------
    store
        Where connections and open consents are kept.
    box
        Where tokens are kept.
    accounts
        Knows the registered accounts.
    grants
        Gives how a platform gives tokens.
    apps
        The force's registrations with the platforms.
    open_http
        Opens the way to an account's platform with a token, shown in this or that way.
    public_url
        The page's own origin: where platforms send people back to.
    secret
        The deployment's session secret.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(
        self,
        store: ConnectionStore,
        box: TokenBox,
        *,
        accounts: Accounts,
        grants: Callable[[str], Grants],
        apps: AppSecrets,
        open_http: Callable[[str, str, Scheme], PlatformHttp],
        public_url: str,
        secret: bytes,
        wake: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._box = box
        self._accounts = accounts
        self._grants = grants
        self._apps = apps
        self._open_http = open_http
        self._redirect = public_url.rstrip("/") + CALLBACK
        self._key = hmac.digest(secret, b"bluelamp/consent", "sha256")
        self._wake = wake
        self._clock = clock

    def begin(self, principal: Principal, account_id: str) -> str:
        """Return the platform's page where this person consents for the account. Recorded.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not change the register, or there is no such account.
        ConflictError
            When the account is archived, or the force's app at the platform is not set up.
        """
        account = self._allowed(principal, account_id)
        app = self._apps.of(account.platform)
        now, state = self._clock(), secrets.token_urlsafe(32)
        consent = Consent(
            person=principal.id, session=principal.session_id, account=account.id,
            state_sha256=_digest(state), until=epoch(now + FLOW),
        )  # fmt: skip
        record = leaf("token_asked", account.id, at=now, actor=principal.actor())
        commit(self._store, None, record, [self._store.asked(consent)])
        self._wake()
        return self._grants(account.platform).address(app, self._asked(state))

    def finish(self, principal: Principal, *, state: str, code: str | None) -> str:
        """Turn what the platform sent the person back with into the account's tokens; return the account's id.

        Parameters
        ----------
        code
            None when the person, or the platform, said no.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not change the register any more.
        ConsentError
            When this was not begun in this session, was finished before, or took longer than ten minutes.
        OtherAccountError
            When the consent is for another account than the registered one. Recorded.
        NotConnectedError
            When the person said no, or the platform gave no tokens. Recorded.
        ConflictError
            When somebody is connecting or renewing it at this moment.
        """
        require(principal, "register")
        consent = self._begun(principal, state)
        account = self._allowed(principal, consent.account)
        claim, old = self._claim(account)
        try:
            tokens = self._exchanged(account, state, code)
            self._kept(account, tokens, str(claim.attempt))
        except (NotConnectedError, OtherAccountError) as error:
            record = leaf("token_set", account.id, at=self._clock(), actor=principal.actor(), error=error.code)
            commit(self._store, rules.left_alone(claim, old), record)
            self._wake()
            raise
        new = rules.connected(
            claim, account.id, attempt=str(claim.attempt), expires_at=tokens.expires_at,
            renews=tokens.refresh is not None, now=self._clock(),
        )  # fmt: skip
        new = self._looked(account, tokens, new)
        record = leaf("token_set", account.id, at=self._clock(), actor=principal.actor(), to="connected")
        commit(self._store, new, record)
        self._wake()
        return account.id

    def disconnect(self, principal: Principal, account_id: str) -> None:
        """Take an account's tokens away: nothing is read or sent there until it is connected again. Recorded.

        The platform is asked to end its consent once the record is sealed (`bluelamp.connections.ending`). A repeat
        changes nothing, and is not recorded.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not change the register, or there is no such account.
        ConflictError
            When somebody is connecting or renewing it at this moment.
        """
        account = self._allowed(principal, account_id, archived=True)
        standing = self._store.get(account.id)
        if standing is not None and standing.state == "disconnected":
            return
        claim, old = self._claim(account)
        try:
            held = self._box.retire(account.id, str(claim.attempt))
        except SecretNotSavedError:
            commit(self._store, rules.left_alone(claim, old), None)
            raise NotConnectedError("The tokens could not be taken away. Try again in two minutes.") from None
        now = self._clock()
        record = leaf("token_removed", account.id, at=now, actor=principal.actor(), to="disconnected")
        chunk = Chunk.of([record])
        new = rules.ended(claim, account.id, chunk=chunk.id, now=now, to_end=held is not None)
        self._store.table.transact([self._store.saved(new), chunk.put()])
        self._wake()

    def _allowed(self, principal: Principal, account_id: str, *, archived: bool = False) -> Account:
        account = self._accounts.get(account_id)
        authorise(principal, "register", account)
        if account.status == "archived" and not archived:
            raise ConflictError(f"{account.id} is archived. Resume it first, then connect it.", rev=account.rev)
        return account

    def _begun(self, principal: Principal, state: str) -> Consent:
        """Return the consent that was asked for, and take it away."""
        found = self._store.consent(principal.id)
        same = found is not None and (
            hmac.compare_digest(found.state_sha256, _digest(state))
            & hmac.compare_digest(found.session.encode(), principal.session_id.encode())
        )
        if found is None or not same:
            raise _not_begun()
        try:
            self._store.table.write(self._store.spent(found))
        except ConditionFailedError:
            raise _not_begun() from None
        if found.until < epoch(self._clock()):
            raise ConsentError("Connecting took longer than ten minutes. Begin it again.", reason_code="consent")
        return found

    def _claim(self, account: Account) -> tuple[Connection, Connection | None]:
        old, now = self._store.get(account.id), self._clock()
        claim = rules.claimed(old, account.id, attempt=new_ulid(), now=now, by_person=True)
        with suppress(ConditionFailedError):
            if not rules.held(old, now):
                commit(self._store, claim, None)
                return claim, old
        raise ConflictError(
            f"The connection of {account.id} is being changed at this moment. Try again in two minutes."
        )

    def _exchanged(self, account: Account, state: str, code: str | None) -> Tokens:
        if code is None:
            raise NotConnectedError("You did not consent on the platform, so nothing was changed.")
        http = partial(self._open_http, account.id)
        app = self._apps.of(account.platform)
        try:
            return self._grants(account.platform).exchange(app, self._asked(state), code, account.native_id, http)
        except ReauthoriseError:
            raise NotConnectedError("The platform did not take its own answer any more. Connect again.") from None
        except PlatformError as error:
            raise NotConnectedError(
                f"The platform gave no tokens ({error.code}). Nothing was changed; try again in a few minutes."
            ) from None

    def _looked(self, account: Account, tokens: Tokens, new: Connection) -> Connection:
        """Add what the platform says of the new token; when it does not say, it is asked again within the hour."""
        grants, now = self._grants(account.platform), self._clock()
        if not grants.looks:
            return new
        try:
            http = partial(self._open_http, account.id)
            standing = grants.standing(self._apps.of(account.platform), tokens.access, http)
        except PlatformError:
            standing = None
        if standing is None or not standing.valid:
            return new.model_copy(update={"look_at": now})
        return rules.seen(
            new, expires_at=standing.expires_at, data_until=standing.data_until, lacks=standing.lacks, now=now
        )

    def _kept(self, account: Account, tokens: Tokens, attempt: str) -> None:
        try:
            self._box.save(account.id, tokens, attempt)
        except SecretNotSavedError:
            raise NotConnectedError("The new tokens could not be kept. Connect again.") from None

    def _asked(self, state: str) -> Asked:
        verifier = _text(hmac.digest(self._key, state.encode(), "sha256"))
        challenge = _text(hashlib.sha256(verifier.encode()).digest())
        return Asked(self._redirect, state, verifier, challenge)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _not_begun() -> ConsentError:
    return ConsentError(
        "This was not begun in this session, or was finished before. Begin it again on the account's page.",
        reason_code="consent",
    )
