"""What can happen on Facebook, whoever does it: the public through the control API, the page through the Graph API.

Each operation changes the memory and tells the page's app by webhook, in one transaction.
"""

from sandbox import facebook_events as events
from sandbox.clock import HOUR
from sandbox.state import Doc, Node
from sandbox.world import RefusedError, World

PLATFORM = "facebook"
HUMAN_AGENT_HOURS = 7 * 24


class Facebook:
    """Pages, their posts, comments and conversations."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def node(self, key: str) -> Node:
        """Return what is there under an id.

        Raises
        ------
        RefusedError
            When it is not there, or no more.
        """
        node = self._store.node(PLATFORM, key)
        if node is None or node.gone:
            raise RefusedError(f"no object {key} on facebook", missing=True)
        return node

    def page(self, key: str) -> Doc:
        """Return a page, or raise RefusedError."""
        page = self._world.account(PLATFORM, key)
        if page is None:
            raise RefusedError(f"no page {key} on facebook", missing=True)
        return page

    def publish(
        self,
        page: str,
        author: Doc,
        text: str,
        *,
        media: list[str] | None = None,
        extra: Doc | None = None,
        at: int | None = None,
        push: bool = True,
    ) -> Node:
        """Put a post on a page's timeline; ``author`` may be the page."""
        self.page(page)
        self._refuse_blocked(page, author)
        key = f"{page}_{self._world.number()}"
        node = self._new(key, "post", page, thread=key, parent=None, author=author, text=text, media=media, at=at)
        if extra:
            node.extra |= extra
            self._store.write(node)
        return self._tell(node, "add", push=push)

    def comment(
        self,
        on: str,
        author: Doc,
        text: str,
        *,
        media: list[str] | None = None,
        at: int | None = None,
        push: bool = True,
    ) -> Node:
        """Comment on a post or a comment; Facebook keeps two levels, deeper replies hang on the top comment."""
        parent = self.node(on)
        if parent.kind == "message":
            raise RefusedError(f"{on} is a message: it has no comments")
        if parent.kind == "reply":
            parent = self.node(parent.parent or parent.thread)
        self._refuse_blocked(parent.account, author)
        key = f"{parent.thread.partition('_')[2]}_{self._world.number()}"
        kind = "comment" if parent.kind == "post" else "reply"
        node = self._new(
            key,
            kind,
            parent.account,
            thread=parent.thread,
            parent=parent.id,
            author=author,
            text=text,
            media=media,
            at=at,
        )
        self._touch(parent.thread)
        return self._tell(node, "add", push=push)

    def message(
        self,
        page: str,
        person: Doc,
        text: str,
        *,
        outgoing: bool = False,
        media: list[str] | None = None,
        at: int | None = None,
        push: bool = True,
    ) -> Node:
        """Write in the conversation between a page and a person."""
        account = self.page(page)
        with self._store.atomic():
            thread = self.conversation(page, person["id"])
            author = account if outgoing else person
            key = self._world.message_id()
            node = self._new(
                key, "message", page, thread=thread, parent=None, author=author, text=text, media=media, at=at
            )
            node.extra["person"] = person["id"]
            self._store.write(node)
        return self._tell(node, "add", push=push)

    def conversation(self, page: str, person: str) -> str:
        """Return the id of a conversation, begun when there is none yet."""
        known = self._store.get("conversation", f"{page}:{person}")
        if known is None:
            known = {"id": f"t_{self._world.number()}", "page": page, "person": person}
            self._store.put("conversation", f"{page}:{person}", known)
            self._store.put("thread", known["id"], known)
        return str(known["id"])

    def window_open(self, page: str, person: str, *, human_agent: bool = False) -> bool:
        """Say whether the page may still write: 24 hours after the person's last message, 7 days for a human agent."""
        thread = self.conversation(page, person)
        written = self._store.nodes(PLATFORM, thread=thread, author=person)
        hours = HUMAN_AGENT_HOURS if human_agent else self._world.settings()["reply_window_hours"]
        return bool(written) and written[-1].created > self._world.clock() - hours * HOUR

    def edit(self, node: Node, text: str, *, by: str, push: bool = True) -> Node:
        """Change the text."""
        node.text = text
        self._world.note(node, "edited", by)
        return self._tell(node, "edited", push=push)

    def hide(self, node: Node, *, hidden: bool, by: str = "api") -> Node:
        """Hide a comment or show it again; doing it twice is nothing new."""
        state = "hidden" if hidden else "visible"
        if node.state == state:
            return node
        node.state = state
        self._world.note(node, state, by)
        return self._tell(node, "hide" if hidden else "unhide")

    def delete(self, node: Node, *, by: str, push: bool = True) -> Node:
        """Delete it; its replies go with it, and Facebook tells of the one only."""
        with self._store.atomic():
            below = self._store.nodes(PLATFORM, thread=node.id) if node.kind == "post" else []
            below += self._store.nodes(PLATFORM, parent=node.id)
            for other in below:
                if not other.gone and other.id != node.id:
                    other.state = "deleted"
                    self._world.note(other, "deleted", "parent")
            node.state = "deleted"
            self._world.note(node, "deleted", by)
        return self._tell(node, "remove", push=push)

    def like(self, node: Node, page: str, *, liked: bool) -> None:
        """Like something as a page, or no more; twice is once."""
        if liked:
            self._store.put("like", f"{PLATFORM}:{page}:{node.id}", {"by": page, "on": node.id})
        else:
            self._store.remove("like", f"{PLATFORM}:{page}:{node.id}")

    def likes(self, node: Node) -> bool:
        """Say whether the page likes it."""
        return self._store.get("like", f"{PLATFORM}:{node.account}:{node.id}") is not None

    def answerable(self, node: Node) -> bool:
        """Say whether its writer may be written to in private: once, within seven days, and no page."""
        fresh = node.created > self._world.clock() - HUMAN_AGENT_HOURS * HOUR
        return fresh and node.author != node.account and not node.extra.get("answered")

    def react(self, node: Node, kind: str, author: Doc) -> None:
        """Leave a reaction, which changes nothing but is told."""
        body = events.reaction(node, kind, author, now=self._world.clock())
        self._push("reaction.add", body, node)

    def block(self, page: str, person: str, *, blocked: bool) -> None:
        """Block a person from a page, or let them back."""
        if blocked:
            self._store.put("blocked", f"{page}:{person}", {"page": page, "id": person})
        else:
            self._store.remove("blocked", f"{page}:{person}")

    def blocked(self, page: str) -> list[str]:
        """Return who is blocked from a page."""
        return [entry["id"] for entry in self._store.all("blocked") if entry["page"] == page]

    def _touch(self, key: str) -> None:
        """Make a post newer, as a comment does: so a poll sees that there is something to read below it."""
        post = self._store.node(PLATFORM, key)
        if post is not None:
            post.updated = self._world.clock()
            self._store.write(post)

    def _refuse_blocked(self, page: str, author: Doc) -> None:
        if self._store.get("blocked", f"{page}:{author['id']}"):
            raise RefusedError(f"{author['name']} is blocked from page {page}")

    def _new(
        self,
        key: str,
        kind: str,
        page: str,
        *,
        thread: str,
        parent: str | None,
        author: Doc,
        text: str,
        media: list[str] | None,
        at: int | None,
    ) -> Node:
        created = at if at is not None else self._world.clock()
        node = Node(PLATFORM, key, kind, page, thread, parent, author["id"], text, created, created, media=media or [])
        return self._store.write(node)

    def _tell(self, node: Node, verb: str, *, push: bool = True) -> Node:
        if not push:
            return node
        now = self._world.clock()
        if node.kind == "message":
            self._push(f"message.{verb}", events.message(node, verb, now=now), node)
            return node
        author = self._world.person(PLATFORM, node.author)
        post = None if node.kind == "post" else self._store.node(PLATFORM, node.thread)
        item = "post" if node.kind == "post" else "comment"
        self._push(f"{item}.{verb}", events.feed_change(node, verb, author, now=now, parent_post=post), node)
        return node

    def _push(self, event: str, body: Doc, node: Node) -> None:
        if self.page(node.account).get("subscribed", True):
            self._world.deliverer.push(PLATFORM, event, body, account=node.account, about=node.id)
