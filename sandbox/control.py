"""The control API: the public's hands on the stand-ins, and the tests' eyes."""

import json
import re
from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ValidationError

from sandbox import control_models as models
from sandbox.clock import x_time
from sandbox.delivery import send_raw
from sandbox.facebook import Facebook
from sandbox.state import Doc, Node
from sandbox.uploads import Uploads
from sandbox.webhooks import PLATFORMS, handshake
from sandbox.world import RefusedError, World
from sandbox.x_platform import X

Body = TypeVar("Body", bound=BaseModel)
_KEPT_ON_RESET = ("account", "settings", "counter")
_USUAL = 100


class Control:
    """Answers control calls for one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._facebook = Facebook(world)
        self._x = X(world)

    def blueprint(self) -> Blueprint:
        """Return the routes, to be mounted at ``/_control``."""
        blueprint = Blueprint("control", __name__)
        routes: tuple[tuple[str, str, Callable[..., Response]], ...] = (
            ("GET", "/health", self.health),
            ("POST", "/accounts", self.add_account),
            ("GET", "/accounts", lambda: jsonify({"accounts": self._world.store.all("account")})),
            ("PATCH", "/accounts/<platform>/<key>", self.change_account),
            ("POST", "/authors", self.add_author),
            ("GET", "/authors", lambda: jsonify({"authors": self._world.store.all("author")})),
            ("POST", "/facebook/posts", self.page_post),
            ("POST", "/facebook/comments", self.comment),
            ("POST", "/facebook/messages", self.page_message),
            ("POST", "/facebook/reactions", self.reaction),
            ("POST", "/x/posts", self.x_post),
            ("POST", "/x/messages", self.x_message),
            ("GET", "/objects/<platform>", self.objects),
            ("GET", "/objects/<platform>/<key>", lambda platform, key: self._object(self._node(platform, key))),
            ("POST", "/objects/<platform>/<key>/edit", self.edit),
            ("POST", "/objects/<platform>/<key>/delete", self.delete),
            ("GET", "/publications/<platform>", self.publications),
            ("GET", "/uploads/<platform>", lambda platform: jsonify({"uploads": Uploads(self._world).all(platform)})),
            ("POST", "/faults", self.set_fault),
            ("GET", "/faults", lambda: jsonify({"faults": self._world.faults.standing()})),
            ("DELETE", "/faults", self.clear_faults),
            ("DELETE", "/faults/<key>", self.clear_faults),
            ("GET", "/settings", lambda: jsonify(self._world.settings())),
            ("PATCH", "/settings", self.change_settings),
            ("GET", "/calls", self.calls),
            ("DELETE", "/calls", lambda: jsonify({"removed": self._world.store.remove("call")})),
            ("GET", "/deliveries", self.deliveries),
            ("POST", "/webhooks/send", self.send),
            ("POST", "/handshake", self.handshake),
            ("POST", "/idle", self.idle),
            ("GET", "/stats", self.stats),
            ("POST", "/reset", self.reset),
        )
        for method, rule, view in routes:
            blueprint.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
        blueprint.register_error_handler(RefusedError, _refused)
        blueprint.register_error_handler(ValidationError, _invalid)
        blueprint.register_error_handler(ValueError, _wrong)
        return blueprint

    def health(self) -> Response:
        """Say that it lives, and how many webhooks wait."""
        return jsonify({"ok": True, "pending": self._world.deliverer.pending()})

    def add_account(self) -> Response:
        """Create a page or X user, or update the one with this id."""
        body = _read(models.AccountBody)
        key = body.id or (self._world.number() if body.platform == "facebook" else self._world.snowflake())
        known = self._world.account(body.platform, key) or {
            "token_state": "valid",
            "subscribed": True,
            "permitted": True,
        }
        handle = body.handle or known.get("handle") or re.sub(r"\W", "", body.name)[:15]
        token = body.token or known.get("token") or f"{body.platform}-token-{key}"
        changed = {
            "platform": body.platform,
            "id": key,
            "name": body.name,
            "handle": handle.lstrip("@"),
            "token": token,
        }
        return jsonify(self._world.save_account(known | changed))

    def change_account(self, platform: str, key: str) -> Response:
        """Change an account's token, its state, its subscription or its permissions."""
        account = self._world.account(platform, key)
        if account is None:
            raise RefusedError(f"no account {key} on {platform}", missing=True)
        return jsonify(self._world.save_account(account | _read(models.AccountPatch).model_dump(exclude_none=True)))

    def add_author(self) -> Response:
        """Create a member of the public."""
        body = _read(models.AuthorBody)
        return jsonify(
            self._world.new_author(
                body.platform, name=body.name, key=body.id, handle=body.handle, nameless=body.nameless
            )
        )

    def page_post(self) -> Response:
        """Post on a page's timeline, as the page or as a visitor."""
        body = _read(models.PagePostBody)
        page = self._facebook.page(body.page)
        author = page if body.author is None and body.author_name is None else self._author("facebook", body)
        node = self._facebook.publish(body.page, author, body.text, media=body.media, at=body.when(), push=body.push)
        return self._object(node)

    def comment(self) -> Response:
        """Comment on a post or comment."""
        body = _read(models.CommentBody)
        author = self._author("facebook", body)
        node = self._facebook.comment(body.on, author, body.text, media=body.media, at=body.when(), push=body.push)
        return self._object(node)

    def page_message(self) -> Response:
        """Write to a page."""
        body = _read(models.PageMessageBody)
        person = self._author("facebook", body)
        node = self._facebook.message(body.page, person, body.text, media=body.media, at=body.when(), push=body.push)
        return self._object(node)

    def reaction(self) -> Response:
        """React to a post or comment."""
        body = _read(models.ReactionBody)
        node = self._facebook.node(body.on)
        self._facebook.react(node, body.reaction, self._author("facebook", body))
        return self._object(node)

    def x_post(self) -> Response:
        """Post or reply on X."""
        body = _read(models.XPostBody)
        author = self._author("x", body)
        node = self._x.post(author, body.text, reply_to=body.reply_to, media=body.media, at=body.when(), push=body.push)
        return self._object(node)

    def x_message(self) -> Response:
        """Write a direct message to an account."""
        body = _read(models.XMessageBody)
        person = self._author("x", body)
        node = self._x.message(body.account, person, body.text, media=body.media, at=body.when(), push=body.push)
        return self._object(node)

    def edit(self, platform: str, key: str) -> Response:
        """Change a text as its author does."""
        body = _read(models.EditBody)
        if platform == "facebook":
            return self._object(self._facebook.edit(self._facebook.node(key), body.text, by="author", push=body.push))
        return self._object(self._x.edit(self._x.node(key), body.text, push=body.push))

    def delete(self, platform: str, key: str) -> Response:
        """Delete as its author does."""
        body = _read(models.DeleteBody)
        if platform == "facebook":
            return self._object(self._facebook.delete(self._facebook.node(key), by="author", push=body.push))
        return self._object(self._x.delete(self._x.node(key), by="author", push=body.push))

    def objects(self, platform: str) -> Response:
        """List what was written, newest first."""
        match = {name: request.args.get(name) for name in ("account", "kind", "state", "thread", "parent", "author")}
        found = self._world.store.nodes(platform, **match)[::-1][: int(request.args.get("limit", _USUAL))]
        return jsonify({"objects": [self._written(node) for node in found]})

    def publications(self, platform: str) -> Response:
        """List what accounts published, oldest first, deleted ones too; ``text`` finds the words as they were sent."""
        account, text = request.args.get("account"), request.args.get("text")
        found = self._world.store.nodes(platform, account=account, kind="post")
        own = [node for node in found if node.author == node.account]
        told = [self._published(node) for node in own if text in (None, node.extra.get("said", node.text))]
        return jsonify({"count": len(told), "publications": told})

    def _published(self, node: Node) -> Doc:
        keys = node.extra.get("uploads") or []
        uploads = [self._world.store.get("upload", f"{node.platform}:{key}") or {"id": key} for key in keys]
        said = {"said": node.extra.get("said", node.text), "uploads": uploads}
        return self._written(node) | said | {name: node.extra.get(name) for name in ("link", "poll")}

    def set_fault(self) -> Response:
        """Set a fault."""
        return jsonify(self._world.faults.set(_read(models.FaultBody).model_dump(exclude_none=True)))

    def clear_faults(self, key: str | None = None) -> Response:
        """Delete one fault or all; what a fault held goes out."""
        removed = self._world.faults.clear(key)
        if key is not None and not removed:
            raise RefusedError(f"no fault {key}", missing=True)
        self._world.deliverer.release_held()
        return jsonify({"removed": removed})

    def change_settings(self) -> Response:
        """Change settings."""
        changed = self._world.store.get("settings", "all") or {}
        changed |= _read(models.SettingsPatch).model_dump(exclude_none=True)
        self._world.store.put("settings", "all", changed)
        return jsonify(self._world.settings())

    def calls(self) -> Response:
        """List the API calls received."""
        found = self._world.store.all("call")
        for name in ("platform", "method", "account", "status"):
            if name in request.args:
                found = [call for call in found if str(call[name]) == request.args[name]]
        pattern = re.compile(request.args.get("path", ""))
        found = [call for call in found if pattern.search(call["path"])]
        return jsonify({"count": len(found), "calls": found})

    def deliveries(self) -> Response:
        """List the webhooks made."""
        found = self._world.store.all("delivery")
        for name in ("platform", "state", "object", "event", "account"):
            if name in request.args:
                found = [entry for entry in found if entry[name] == request.args[name]]
        shown = ("id", "platform", "event", "object", "account", "state", "attempts", "statuses", "faults")
        entries = [{name: entry[name] for name in shown} | {"body": entry["raw"][:20_000]} for entry in found]
        return jsonify({"count": len(entries), "deliveries": entries})

    def send(self) -> Response:
        """Send a webhook of the caller's own making, now."""
        body = _read(models.SendBody)
        text = body.raw if body.raw is not None else json.dumps(body.body, ensure_ascii=False, separators=(",", ":"))
        raw = text.encode()
        raw += b" " * max(0, (body.pad_to or 0) - len(raw))
        deliverer = self._world.deliverer
        return jsonify(send_raw(deliverer, body.platform, raw, signature=body.signature, times=body.times))

    def handshake(self) -> Response:
        """Challenge the receivers."""
        return jsonify(shake_hands(self._world, tuple(_read(models.HandshakeBody).platforms)))

    def idle(self) -> Response:
        """Wait until no webhook waits."""
        idle = self._world.deliverer.idle(_read(models.IdleBody).timeout)
        return jsonify({"idle": idle, "pending": self._world.deliverer.pending()})

    def stats(self) -> Response:
        """Count things."""
        states: dict[str, int] = {}
        for entry in self._world.store.all("delivery"):
            states[entry["state"]] = states.get(entry["state"], 0) + 1
        fired: dict[str, int] = {}
        for fault in self._world.faults.standing():
            fired[fault["kind"]] = fired.get(fault["kind"], 0) + fault["fired"]
        return jsonify({"objects": self._world.store.count(), "deliveries": states, "faults_fired": fired})

    def reset(self) -> Response:
        """Forget everything but accounts and settings."""
        self._world.store.forget(_KEPT_ON_RESET)
        self._world.deliverer.forget()
        self._world.usage.clear()
        return jsonify({"ok": True})

    def _author(self, platform: str, body: models.AuthorChoice) -> Doc:
        if body.author is None and body.author_name is None:
            raise ValueError("give author or author_name")
        return self._world.author(platform, key=body.author, name=body.author_name, handle=body.author_handle)

    def _node(self, platform: str, key: str) -> Node:
        node = self._world.store.node(platform, key)
        if node is None:
            raise RefusedError(f"no object {key} on {platform}", missing=True)
        return node

    def _object(self, node: Node) -> Response:
        return jsonify(self._written(node))

    def _written(self, node: Node) -> Doc:
        person = self._world.person(node.platform, node.author)
        own = node.author == node.account
        facebook = node.platform == "facebook"
        return {
            "platform": node.platform,
            "id": node.id,
            "kind": node.kind,
            "account": node.account,
            "thread": node.thread,
            "parent": node.parent,
            "author": {name: person.get(name) for name in ("id", "name", "handle")},
            "direction": "out" if own else "in",
            "text": node.text,
            "media": node.media,
            "created_at": x_time(node.created),
            "updated_at": x_time(node.updated),
            "state": node.state,
            "can_hide": not own and node.kind in (("comment", "reply") if facebook else ("reply",)),
            "can_remove": node.kind != "message" if facebook else own,
            "changes": [{**change, "at": x_time(change["at"])} for change in node.changes],
            "replaced_by": node.extra.get("replaced_by"),
            "replies": [n.id for n in self._world.store.nodes(node.platform, parent=node.id) if not n.gone],
        }


def shake_hands(world: World, platforms: tuple[str, ...] = PLATFORMS) -> dict[str, Doc]:
    """Challenge the receivers; return ``{"ok", "detail"}`` for each platform."""
    results = {}
    for platform in platforms:
        url = world.deliverer.url(platform)
        if url is None:
            raise ValueError("the sandbox was started without --deliver-to, there is nobody to challenge")
        results[platform] = handshake(platform, url, world.secrets, world.fetch)
    return results


def _read(model: type[Body]) -> Body:
    return model.model_validate(request.get_json(silent=True, force=True) or {})


def _refused(error: RefusedError) -> tuple[Response, int]:
    return jsonify({"error": str(error)}), 404 if error.missing else 409


def _invalid(error: ValidationError) -> tuple[Response, int]:
    problems = [f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}" for problem in error.errors()]
    return jsonify({"error": "; ".join(problems)}), 400


def _wrong(error: ValueError) -> tuple[Response, int]:
    return jsonify({"error": str(error)}), 400
