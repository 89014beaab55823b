"""What can happen on X, whoever does it: the public through the control API, the account through the X API.

Only what X pushes is pushed: an account's own posts, direct replies to them, explicit mentions, direct messages.
"""

from sandbox import x_events as events
from sandbox.clock import SECOND
from sandbox.state import Doc, Node
from sandbox.world import RefusedError, World

PLATFORM = "x"
LONGEST = 280
_SAME_TEXT_SECONDS = 15 * 60


class X:
    """Posts, conversations and direct messages."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def node(self, key: str) -> Node:
        """Return what is there under an id, or raise RefusedError."""
        node = self._store.node(PLATFORM, key)
        if node is None or node.gone:
            raise RefusedError(f"no object {key} on x", missing=True)
        return node

    def post(
        self,
        author: Doc,
        text: str,
        *,
        reply_to: str | None = None,
        media: list[str] | None = None,
        extra: Doc | None = None,
        at: int | None = None,
        push: bool = True,
    ) -> Node:
        """Post, or reply; whom it concerns follows from the thread and the names in the text."""
        parent = self.node(reply_to) if reply_to else None
        root = self._store.node(PLATFORM, parent.thread) if parent else None
        named = events.mentions(text, self._handles())
        own = self._world.account(PLATFORM, author["id"])
        concerned = [m["id"] for m in named if self._world.account(PLATFORM, m["id"])]
        candidates = [author["id"]] if own else []
        candidates += [parent.author] if parent and self._world.account(PLATFORM, parent.author) else []
        candidates += [root.account] if root else []
        candidates += concerned
        account = next((key for key in candidates if key), "")
        kind = "reply" if parent else "post" if own else "mention"
        key = self._world.snowflake()
        created = at if at is not None else self._world.clock()
        extra = {**(extra or {}), "history": [key], "mentions": named}
        if parent:
            extra["reply_to_user"] = parent.author
        node = Node(
            PLATFORM,
            key,
            kind,
            account,
            parent.thread if parent else key,
            parent.id if parent else None,
            author["id"],
            text,
            created,
            created,
            media=media or [],
            extra=extra,
        )
        self._store.write(node)
        if push:
            self._tell_new(node)
        return node

    def message(
        self,
        account: str,
        person: Doc,
        text: str,
        *,
        outgoing: bool = False,
        media: list[str] | None = None,
        at: int | None = None,
        push: bool = True,
    ) -> Node:
        """Write a direct message between an account and a person."""
        own = self._world.account(PLATFORM, account)
        if own is None:
            raise RefusedError(f"no account {account} on x", missing=True)
        thread = "-".join(sorted((account, person["id"]), key=int))
        created = at if at is not None else self._world.clock()
        author = account if outgoing else person["id"]
        key = self._world.snowflake()
        extra = {"person": person["id"], "history": [key]}
        node = Node(
            PLATFORM,
            key,
            "message",
            account,
            thread,
            None,
            author,
            text,
            created,
            created,
            media=media or [],
            extra=extra,
        )
        self._store.write(node)
        if push:
            self._tell_message(node, own, person)
        return node

    def edit(self, node: Node, text: str, *, push: bool = True) -> Node:
        """Change the text: X makes a new post of it, with a new id, that knows the older ones."""
        if node.kind == "message":
            raise RefusedError("a direct message on x cannot be edited")
        with self._store.atomic():
            key = self._world.snowflake()
            now = self._world.clock()
            extra = {**node.extra, "history": [*node.extra["history"], key]}
            extra["mentions"] = events.mentions(text, self._handles())
            thread = key if node.thread == node.id else node.thread
            edited = Node(
                PLATFORM,
                key,
                node.kind,
                node.account,
                thread,
                node.parent,
                node.author,
                text,
                now,
                now,
                state=node.state,
                media=node.media,
                extra=extra,
                changes=[*node.changes, {"at": now, "what": "edited", "by": "author"}],
            )
            node.extra["replaced_by"] = key
            self._world.note(node, "edited", "author")
            self._store.write(edited)
        if push:
            self._tell_new(edited)
        return edited

    def hide(self, node: Node, *, hidden: bool) -> Node:
        """Hide a reply or show it again; doing it twice is nothing new."""
        state = "hidden" if hidden else "visible"
        if node.state != state:
            node.state = state
            self._world.note(node, state, "api")
        return node

    def delete(self, node: Node, *, by: str, push: bool = True) -> Node:
        """Delete a post with all its versions, or a message."""
        with self._store.atomic():
            for key in node.extra["history"]:
                version = node if key == node.id else self._store.node(PLATFORM, key)
                if version is not None and not version.gone:
                    version.state = "deleted"
                    self._world.note(version, "deleted", by)
        if push and node.kind != "message":
            self._tell_deleted(node)
        return node

    def said_before(self, author: str, text: str, reply_to: str | None) -> bool:
        """Say whether the account wrote the same to the same post within the last quarter of an hour."""
        since = self._world.clock() - _SAME_TEXT_SECONDS * SECOND
        recent = self._store.nodes(PLATFORM, author=author, parent=reply_to)
        said = [n for n in recent if n.parent == reply_to and n.created >= since and not n.gone]
        return any(n.extra.get("said", n.text) == text for n in said)

    def like(self, node: Node, account: str, *, liked: bool) -> None:
        """Like a post as an account, or no more; twice is once."""
        self._store.remove("like", f"{PLATFORM}:{account}:{node.id}")
        if liked:
            self._store.put("like", f"{PLATFORM}:{account}:{node.id}", {"by": account, "on": node.id})

    def liked(self, account: str) -> list[Node]:
        """Return what an account likes and is still there, the latest like first."""
        keys = [like["on"] for like in self._store.all("like") if like["by"] == account]
        found = (self._store.node(PLATFORM, key) for key in reversed(keys))
        return [node for node in found if node is not None and not node.gone]

    def timeline(self) -> list[Node]:
        """Return every post that is there in its last version, newest first."""
        nodes = self._store.nodes(PLATFORM)
        there = [n for n in nodes if n.kind != "message" and not n.gone and "replaced_by" not in n.extra]
        return sorted(there, key=lambda n: int(n.id), reverse=True)

    def _handles(self) -> dict[str, Doc]:
        return {a["handle"].lower(): a for a in self._store.all("account") if a["platform"] == PLATFORM}

    def _told(self, node: Node) -> list[tuple[str, str]]:
        """Return who is told of a new post, as (event type, account)."""
        told = []
        if self._world.account(PLATFORM, node.author):
            told.append(("post.create", node.author))
        replied = node.extra.get("reply_to_user")
        if replied and replied != node.author and self._world.account(PLATFORM, replied):
            told.append(("post.reply.create", replied))
        named = {m["id"]: None for m in node.extra["mentions"] if m["id"] != node.author}
        return told + [("post.mention.create", key) for key in named]

    def _tell_new(self, node: Node) -> None:
        author = self._world.person(PLATFORM, node.author)
        legacy = self._world.settings()["x_shape"] == "legacy"
        told = self._told(node)
        if legacy:
            replied = node.extra.get("reply_to_user")
            reply_to = self._world.person(PLATFORM, replied) if replied else None
            body = events.legacy_tweet(node, author, reply_to)
            for account in dict.fromkeys(account for _, account in told):
                self._push("tweet_create_events", account, node, events.legacy(account, tweet_create_events=[body]))
            return
        payload = events.tweet(node)
        for event_type, account in told:
            people = {author["id"]: author, account: self._world.person(PLATFORM, account)}
            includes = {"users": [events.user(p) for p in people.values()], "tweets": [payload]}
            if node.media:
                includes["media"] = [events.media(url) for url in node.media]
            self._activity(event_type, account, node, payload, includes)

    def _tell_deleted(self, node: Node) -> None:
        settings = self._world.settings()
        foreign = settings["x_deletes"] == "all" and node.account
        account = node.author if self._world.account(PLATFORM, node.author) else node.account if foreign else ""
        if not account:
            return
        if settings["x_shape"] == "legacy":
            gone = {"status": {"id": node.id, "user_id": node.author}, "timestamp_ms": str(self._world.clock())}
            self._push("tweet_delete_events", account, node, events.legacy(account, tweet_delete_events=[gone]))
            return
        author = {"data": events.user(self._world.person(PLATFORM, node.author))}
        payload = {"id": node.id, "author_id": node.author}
        self._activity("post.delete", account, node, payload, {"users": [author]})

    def _tell_message(self, node: Node, account: Doc, person: Doc) -> None:
        body = events.direct_message(node)
        both = (account, person)
        if self._world.settings()["x_shape"] == "legacy":
            users = {p["id"]: events.legacy_user(p) for p in both}
            event = events.legacy(account["id"], direct_message_events=[body], apps={}, users=users)
            self._push("direct_message_events", account["id"], node, event)
            return
        payload = {"direct_message_events": [body], "users": {p["id"]: {"data": events.user(p)} for p in both}}
        self._activity("dm.sent" if node.author == account["id"] else "dm.received", account["id"], node, payload, None)

    def _activity(self, event_type: str, account: str, node: Node, payload: Doc, includes: Doc | None) -> None:
        body = events.activity(event_type, account, payload, includes, uuid=self._world.snowflake())
        self._push(event_type, account, node, body)

    def _push(self, event: str, account: str, node: Node, body: Doc) -> None:
        if (self._world.account(PLATFORM, account) or {}).get("subscribed", True):
            self._world.deliverer.push(PLATFORM, event, body, account=account, about=node.id)
