"""The deployed local stack as tests see it: its address, its people, and a public that writes when told."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import requests

from bluelamp.cli.desk import Desk
from bluelamp.cli.local import ports
from bluelamp.cli.local.stack import Stack
from sandbox.client import ControlClient

# Seconds, as a rule; where a worker dies on the way its message comes again after a minute.
PATIENCE = 90.0
# Of a log, after a failure: which lines, how many, and how much of each.
COMPLAINTS = ("WARNING", "ERROR", "Traceback", "Task timed out")
SHOWN, LINE = 25, 600
T = TypeVar("T")


def free_port() -> int:
    """Return a port that nobody listens on, and that no outgoing connection is given."""
    while True:
        port = ports.ANY[secrets.randbelow(len(ports.ANY))]
        if ports.is_free(port):
            return port


class RunningStack:
    """A stack that is up.

    Parameters
    ----------
    stack
        The started stack.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.local: dict[str, Any] = stack.local
        self.url: str = stack.local["dashboard"].rstrip("/")
        self.users: dict[str, dict[str, str]] = stack.local["users"]
        self.public = ControlClient(stack.local["sandbox"]["control"])
        self._desks: dict[str, Desk] = {}
        self._roots: dict[str, str] = {}

    def desk(self, role: str) -> Desk:
        """Return an officer of a role, signed in once."""
        if role not in self._desks:
            self._desks[role] = Desk(self.url, self.users[role]).sign_in()
        return self._desks[role]

    def account(self, platform: str, *, team: str | None = None, not_team: str | None = None) -> dict[str, Any]:
        """Return the first account on a platform, of a team, or of another than that."""
        found = self.desk("comms").get("/accounts")["accounts"]
        return next(
            a
            for a in found
            if a["platform"] == platform and team in {None, a["team"]} and (not_team is None or a["team"] != not_team)
        )

    def root(self, account: dict[str, Any]) -> str:
        """Return a post of the account itself that the public can answer to; made once."""
        if account["id"] not in self._roots:
            native = account["id"].removeprefix(f"{account['platform']}-")
            text = "Officers are in the high street this afternoon."
            made = (
                self.public.post("/facebook/posts", page=native, text=text)
                if account["platform"] == "facebook"
                else self.public.post("/x/posts", author=native, text=text)
            )
            self._roots[account["id"]] = str(made["id"])
        return self._roots[account["id"]]

    def say(
        self, platform: str, text: str, *, account: dict[str, Any] | None = None, author: str = "Robin Tester"
    ) -> str:
        """Let the public answer below one of the force's posts; return the answer's id on the platform."""
        root = self.root(account or self.account(platform))
        if platform == "facebook":
            return str(self.public.post("/facebook/comments", on=root, text=text, author_name=author)["id"])
        return str(self.public.post("/x/posts", reply_to=root, text=text, author_name=author)["id"])

    def webhook(self, platform: str, raw: bytes, *, signature: str | None = None) -> requests.Response:
        """Send bytes to the receiver as the platform would, signed rightly unless told otherwise."""
        return requests.post(
            self.local["webhooks"][platform],
            data=raw,
            headers={"Content-Type": "application/json", "X-Hub-Signature-256": signature or self.signed(raw)},
            timeout=60,
        )

    def signed(self, raw: bytes) -> str:
        """Return Facebook's signature of some bytes."""
        key = self.local["secrets"]["facebook"]["app_secret"].encode()
        return "sha256=" + hmac.new(key, raw, hashlib.sha256).hexdigest()

    def comment_webhook(self, native: str, text: str, *, account: dict[str, Any] | None = None) -> bytes:
        """Return the body of a webhook about one comment, without making it on the platform."""
        page = (account or self.account("facebook"))["id"].removeprefix("facebook-")
        value = {
            "item": "comment",
            "verb": "add",
            "comment_id": native,
            "post_id": f"{page}_1",
            "parent_id": f"{page}_1",
            "from": {"id": "77001", "name": "Robin Tester"},
            "message": text,
            "created_time": int(time.time()),
        }
        body = {
            "object": "page",
            "entry": [{"id": page, "time": int(time.time()), "changes": [{"field": "feed", "value": value}]}],
        }
        return json.dumps(body).encode()

    def ask_for_poll(self, account: dict[str, Any]) -> None:
        """Have one account polled now, as the schedule's fan-out would."""
        queue = self.stack.cloud.client("sqs")
        body = json.dumps({"v": 1, "account_id": account["id"]})
        queue.send_message(QueueUrl=self.stack.outputs["PollQueueUrl"], MessageBody=body)

    def pseudonym_key(self) -> bytes:
        """Return the key that the deployment makes pseudonyms with."""
        secrets = self.stack.cloud.client("secretsmanager")
        value = secrets.get_secret_value(SecretId=self.stack.outputs["PseudonymSecret"])["SecretString"]
        return bytes.fromhex(json.loads(value)["key"])

    def pull(self, directory: Path) -> None:
        """Pull the archive as an auditor does."""
        from bluelamp.audit.archive import pull  # noqa: PLC0415

        pull(self.evidence(), directory)

    def evidence(self) -> Any:
        """Return the evidence bucket with the auditor's keys."""
        from bluelamp.cloud import clients  # noqa: PLC0415
        from bluelamp.cloud.s3 import Bucket  # noqa: PLC0415

        where = self.local["evidence"]
        return Bucket(clients.s3(where["endpoint"], where["access_key"], where["secret_key"]), where["bucket"])

    def seal(self) -> None:
        """Have the sealer seal what waits now, as its schedule would within the minute."""
        answer = self.stack.cloud.client("lambda").invoke(FunctionName="bluelamp-seal", Payload=b"{}")
        assert "FunctionError" not in answer, answer["Payload"].read()

    def sealed(self, directory: Path) -> list[dict[str, Any]]:
        """Have everything sealed, pull the archive and return every leaf."""
        from bluelamp.audit import layout  # noqa: PLC0415

        self.seal()
        self.pull(directory)
        found = []
        for path in sorted(directory.rglob("*-*")):
            if layout.parse_entries(str(path.relative_to(directory))):
                found += [json.loads(body) for body in layout.unpack(path.read_bytes())]
        return found

    def trouble(self) -> str:
        """Return what is worth knowing when a test failed: what functions complained of, and the last webhooks' fate.

        Without this a failure on a machine that nobody can look at says only that something did not come.
        """
        log = (self.stack.state.log / "ministack.log").read_text(encoding="utf-8", errors="replace").splitlines()
        complaints = [line[:LINE] for line in log if any(word in line for word in COMPLAINTS)]
        said = [f"{len(complaints)} complaints in {len(log)} lines; the last:", *complaints[-SHOWN:]]
        woken = [line[:LINE] for line in log if " ESM: " in line and " processed " in line]
        said += ["the last functions woken by a queue:", *woken[-SHOWN:]]
        try:
            sent = self.public.get("/deliveries", limit=SHOWN)["deliveries"]
        except requests.RequestException as error:
            return "\n".join([*said, f"the platforms' side does not answer: {type(error).__name__}"])
        said.append("the last webhooks:")
        return "\n".join(
            [*said, *(f"{d['platform']} {d['event']} {d['state']} {d['statuses']}" for d in sent[-SHOWN:])]
        )


def until(look: Callable[[], T], what: str, *, seconds: float = PATIENCE, every: float = 0.05) -> T:
    """Look again and again until something is seen; fail with `what` when it never is.

    Whoever looks at the whole archive does so less often: the functions that are waited for need the machine too.
    """
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(every)
