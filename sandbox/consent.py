"""Consent and tokens on both platforms: the page where a person agrees, the codes, and what is given for them.

As strict as the real ones, and as unforgiving: a code is worth one use and half a minute, and a second use ends what
the first one gave; X's renewing token is worth one use, and a second use ends the whole consent; an access token of X
ends by the clock, and the one before ends with each renewal; an address to come back to that the app did not register
is told to the person and to nobody else.
"""

import base64
import hashlib
import hmac
import html
import secrets
from urllib.parse import unquote, urlencode

from flask import Blueprint, Response, jsonify, redirect, request

from sandbox.api import token as shown
from sandbox.clock import SECOND
from sandbox.graph_errors import GraphError
from sandbox.state import Doc
from sandbox.world import World

CODE_SECONDS = {"x": 30, "facebook": 600}
_SHORT_USER_TOKEN_SECONDS = 3600
_LONG_USER_TOKEN_SECONDS = 60 * 24 * 3600
_DATA_SECONDS = 90 * 24 * 3600
_NAMES = {"x": "X", "facebook": "Facebook"}
_FORM = """<!doctype html><html lang="en"><title>{platform} (sandbox)</title>
<h1>{platform}: may Bluelamp use your account?</h1>
<p>This is the sandbox; the real {platform} asks you to sign in here.</p>
<form method="post"><label for="account">Consent for</label> <select id="account" name="account">{accounts}</select>
<button name="agree" value="yes">Agree</button> <button name="agree" value="no">Refuse</button></form></html>"""


class TokenRefusedError(Exception):
    """What an address for tokens answers: RFC 6749's code and a sentence."""

    def __init__(self, error: str, said: str, status: int = 400) -> None:
        super().__init__(said)
        self.error = error
        self.status = status


class Consent:
    """The consent page and the address for tokens of both platforms, over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def blueprint(self) -> Blueprint:
        """Return the routes, to be mounted at the root."""
        blueprint = Blueprint("consent", __name__)
        for rule, name, view in (
            ("/x/2/oauth2/token", "x_token", self.x_token),
            ("/x/2/oauth2/revoke", "x_revoke", self.x_revoke),
            ("/graph/<version>/oauth/access_token", "facebook_token", self.facebook_token),
            ("/graph/<version>/debug_token", "facebook_look", self.facebook_look),
        ):
            blueprint.add_url_rule(rule, name, view, methods=["POST"])
        pages = {"x": "/x/i/oauth2/authorize", "facebook": "/graph/<version>/dialog/oauth"}
        for platform, rule in pages.items():
            methods, which = ["GET", "POST"], {"platform": platform}
            blueprint.add_url_rule(rule, f"{platform}_page", self.page, methods=methods, defaults=which)
        blueprint.register_error_handler(TokenRefusedError, _refused)
        blueprint.register_error_handler(GraphError, lambda error: error.answer())
        return blueprint

    def page(self, platform: str, version: str = "") -> Response:
        """Ask the person, and send them back with a code or with their refusal."""
        del version
        asked = request.args
        wrong = self._wrong(platform, asked)
        if wrong:
            return Response(f"<h1>{_NAMES[platform]} (sandbox)</h1><p>{html.escape(wrong)}</p>", 400)
        if request.method == "GET":
            own = [a for a in self._store.all("account") if a["platform"] == platform]
            options = "".join(f'<option value="{a["id"]}">{html.escape(a["name"])}</option>' for a in own)
            return Response(_FORM.format(platform=_NAMES[platform], accounts=options))
        if request.form.get("agree", "yes") != "yes":
            return _back(asked["redirect_uri"], {"error": "access_denied", "state": asked["state"]})
        declined = request.form.getlist("declined")
        code = secrets.token_urlsafe(24)
        self._store.put(
            "code",
            code,
            {
                "code": code,
                "platform": platform,
                "account": request.form.get("account", ""),
                "redirect": asked["redirect_uri"],
                "scope": ",".join(one for one in asked.get("scope", "").split(",") if one not in declined),
                "challenge": asked.get("code_challenge", ""),
                "until": self._world.clock() + CODE_SECONDS[platform] * SECOND,
                "used": False,
            },
        )
        return _back(asked["redirect_uri"], {"code": code, "state": asked["state"]})

    def x_token(self) -> Response:
        """Answer ``POST /2/oauth2/token``."""
        if self._credential() != (self._app("x", "client_id"), self._app("x", "client_secret")):
            raise TokenRefusedError("unauthorized_client", "Missing valid authorization header", 401)
        form = request.form
        if form.get("grant_type") == "authorization_code":
            code = self._spend("x", form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""))
            account = self._world.account("x", code["account"])
            if account is None:
                raise TokenRefusedError("invalid_request", "Value passed for the authorization code was invalid.")
            return self._x_pair(account | {"spent": [], "refresh": None})
        if form.get("grant_type") == "refresh_token":
            return self._renewed(form.get("refresh_token", ""))
        raise TokenRefusedError("invalid_request", "Missing required parameter [grant_type].")

    def x_revoke(self) -> Response:
        """Answer ``POST /2/oauth2/revoke``; a token that is not known is no error, another app is."""
        if self._credential() != (self._app("x", "client_id"), self._app("x", "client_secret")):
            raise TokenRefusedError("unauthorized_client", "Missing valid authorization header", 401)
        if not request.form.get("token"):
            raise TokenRefusedError("invalid_request", "Missing required parameter [token].")
        for account in self._store.all("account"):
            if request.form.get("token") in {account["token"], account.get("refresh")}:
                self._end(account)
        return jsonify({"revoked": True})

    def facebook_token(self, version: str) -> Response:
        """Answer ``/oauth/access_token``: a person's token for a code, or the long-lived one for a short one."""
        del version
        form = request.form
        ours = (self._app("facebook", "client_id"), self._app("facebook", "client_secret"))
        if (form.get("client_id"), form.get("client_secret")) != ours or not all(ours):
            raise GraphError(101, "Error validating client secret.")
        if form.get("grant_type") == "fb_exchange_token":
            short = self._user_token(form.get("fb_exchange_token", ""))
            if short is None:
                raise GraphError(190, "Error validating access token: Session has expired.", subcode=463)
            return self._user(short["account"], _LONG_USER_TOKEN_SECONDS)
        try:
            code = self._spend(
                "facebook", form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", "")
            )
        except TokenRefusedError as error:
            raise GraphError(100, str(error), subcode=36009) from error
        page = self._world.account("facebook", code["account"])
        if page is not None:
            self._world.save_account(page | {"asked": code["scope"], "scopes": None, "consented": self._world.clock()})
        return self._user(code["account"], _SHORT_USER_TOKEN_SECONDS)

    def facebook_look(self, version: str) -> Response:
        """Answer ``/debug_token``, as a POST that stands for a GET: what a page's token is worth, to the app alone."""
        del version
        if shown() != f"{self._app('facebook', 'client_id')}|{self._app('facebook', 'client_secret')}":
            raise GraphError(100, "(#100) You must provide an app access token, or one of an owner of the app.")
        if request.form.get("method") != "GET" or not request.form.get("input_token"):
            raise GraphError(100, "(#100) The parameter input_token is required")
        page = self._world.account_of_token("facebook", request.form["input_token"])
        if page is None:
            error = {"code": 190, "message": "The access token could not be decrypted"}
            return jsonify({"data": {"error": error, "is_valid": False, "scopes": []}})
        valid = page.get("token_state", "valid") == "valid"
        said = {"app_id": self._app("facebook", "client_id"), "type": "PAGE", "is_valid": valid, "expires_at": 0}
        data_until = page.get("consented", self._world.clock()) // SECOND + _DATA_SECONDS
        scopes = page.get("asked", "").split(",") if page.get("scopes") is None else page["scopes"]
        return jsonify({"data": said | {"data_access_expires_at": data_until, "scopes": scopes}})

    def _wrong(self, platform: str, asked: Doc) -> str:
        if asked.get("client_id") != self._app(platform, "client_id") or not asked.get("client_id"):
            return "This app is not known."
        if asked.get("redirect_uri") != self._app(platform, "redirect_uri"):
            return "The address to come back to is not one that the app registered."
        if asked.get("response_type") != "code" or not asked.get("state"):
            return "response_type and state are needed."
        challenged = asked.get("code_challenge") and asked.get("code_challenge_method") == "S256"
        return "" if challenged else "A code_challenge by S256 is needed."

    def _spend(self, platform: str, code: str, address: str, verifier: str) -> Doc:
        """Take a code, once: a second time ends what the first gave."""
        with self._store.atomic():
            known = self._store.get("code", code)
            said = "Value passed for the authorization code was invalid."
            if known is None or known["platform"] != platform:
                raise TokenRefusedError("invalid_request", said)
            if not known["used"]:
                self._store.put("code", code, known | {"used": True})
        if known["used"]:
            account = self._world.account(platform, known["account"])
            if account is not None:
                self._end(account)
            raise TokenRefusedError("invalid_request", "This authorization code has been used.")
        if known["until"] <= self._world.clock():
            raise TokenRefusedError("invalid_request", "This authorization code has expired.")
        proof = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if known["redirect"] != address or not hmac.compare_digest(proof, known["challenge"]):
            raise TokenRefusedError("invalid_request", said)
        return known

    def _renewed(self, given: str) -> Response:
        with self._store.atomic():
            own = [a for a in self._store.all("account") if a["platform"] == "x"]
            account = next((a for a in own if a.get("refresh") == given), None)
            if account is not None:
                return self._x_pair(account)
            for one in own:
                if given in one.get("spent", []):
                    self._end(one)
        raise TokenRefusedError("invalid_request", "Value passed for the token was invalid.")

    def _x_pair(self, account: Doc) -> Response:
        seconds = int(self._world.settings()["x_token_seconds"])
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        spent = [*account.get("spent", []), account["refresh"]] if account.get("refresh") else []
        new = {"token": access, "refresh": refresh, "spent": spent, "token_state": "valid"}
        self._world.save_account(account | new | {"token_until": self._world.clock() + seconds * SECOND})
        given = {"token_type": "bearer", "expires_in": seconds, "access_token": access, "refresh_token": refresh}
        return jsonify(given | {"scope": "tweet.read users.read offline.access"})

    def _user(self, account: str, seconds: int) -> Response:
        token = secrets.token_urlsafe(32)
        until = self._world.clock() + seconds * SECOND
        self._store.put("user_token", token, {"account": account, "until": until})
        return jsonify({"access_token": token, "token_type": "bearer", "expires_in": seconds})

    def _user_token(self, token: str) -> Doc | None:
        known = self._store.get("user_token", token)
        return known if known is not None and known["until"] > self._world.clock() else None

    def page_of(self, token: str, key: str) -> Doc | None:
        """Return a page as a person sees it: with its token when they run it; None when the token is no person's."""
        known = self._user_token(token)
        page = self._world.account("facebook", key)
        if known is None or page is None:
            return None
        if known["account"] != key:
            return {"id": key}
        fresh = page | {"token": secrets.token_urlsafe(32), "token_state": "valid"}
        return {"id": key, "access_token": self._world.save_account(fresh)["token"]}

    def _end(self, account: Doc) -> None:
        self._world.save_account(account | {"token_state": "revoked", "refresh": None})

    def _app(self, platform: str, name: str) -> str:
        return self._world.secrets.get(platform, name)

    def _credential(self) -> tuple[str, str]:
        given = request.authorization
        if given is None or given.type != "basic":
            return "", "nobody"
        return unquote(given.username or ""), unquote(given.password or "")


def _back(address: str, query: Doc) -> Response:
    answer: Response = redirect(f"{address}?{urlencode(query)}", 302)  # type: ignore[assignment]  # werkzeug's own base
    return answer


def _refused(error: TokenRefusedError) -> tuple[Response, int]:
    return jsonify({"error": error.error, "error_description": str(error)}), error.status
