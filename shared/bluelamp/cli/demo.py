"""`bluelamp demo`: two posts of the public go the whole way through the running stack, and the record is checked.

It is the test of the main path: a signed webhook, the queue, the open page, an officer's decision, the seal, the
platform, the outcome, and at the end the archive pulled and verified. Each step is printed with its time.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import requests
from rich.console import Console
from rich.table import Table

from bluelamp.cli.archive import LOCAL
from bluelamp.cli.desk import Desk, DeskError, Listener
from bluelamp.errors import BluelampError
from bluelamp.ids import post_id

WORDS = {
    "facebook": "You lot are useless idiots, the whole station is a joke ({n})",
    "x": "What a bunch of clueless idiots you are, shut up ({n})",
}
PATIENCE = 30.0
STEPS = (
    "received",
    "stored",
    "judged",
    "on the page",
    "hidden by the officer",
    "sealed",
    "done on the platform",
    "outcome sealed",
)


@dataclass
class Journey:
    """One post's way, each step in seconds since the public pressed the button."""

    platform: str
    began: float
    steps: dict[str, float] = field(default_factory=dict)

    def reached(self, step: str, at: float) -> None:
        """Note when a step was reached (seconds since 1970)."""
        self.steps[step] = at - self.began

    @property
    def to_queue(self) -> float:
        """Seconds from the public's key press, just before the webhook is sent, to the officer's page."""
        return self.steps["on the page"]

    @property
    def to_platform(self) -> float:
        """Seconds from the officer's decision to the platform."""
        return self.steps["done on the platform"] - self.steps["hidden by the officer"]


@click.command()
@click.option("--local", type=click.Path(path_type=Path), default=LOCAL, show_default=True, help="Where the stack is.")
@click.option("--times", type=click.IntRange(1, 50), default=1, show_default=True, help="Rounds; medians are printed.")
@click.option("--archive", type=click.Path(path_type=Path), help="Keep the pulled archive here.")
def demo(local: Path, times: int, archive: Path | None) -> None:
    """Send a Facebook comment and an X reply through the running stack, and prove the record."""
    console = Console()
    stack = read_local(local)
    try:
        journeys = travel(stack, times, console)
        console.print(_table(journeys))
        console.print(
            f"Webhook to queue {statistics.median(j.to_queue for j in journeys):.2f} s, "
            f"hide to platform {statistics.median(j.to_platform for j in journeys):.2f} s (medians)"
        )
        with tempfile.TemporaryDirectory() as scratch:
            _check_archive(stack, archive or Path(scratch), console)
    except (BluelampError, requests.RequestException) as error:
        raise click.ClickException(str(error)) from error


def read_local(path: Path) -> dict[str, Any]:
    """Read where the running stack is.

    Raises
    ------
    ClickException
        When no stack has written it.
    """
    try:
        stack: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise click.ClickException(f"{path} cannot be read: start the stack first, with make run") from None
    return stack


def travel(stack: Mapping[str, Any], times: int, console: Console) -> list[Journey]:
    """Send `times` posts on each platform along the whole way."""
    officer = Desk(stack["dashboard"], stack["users"]["comms"]).sign_in()
    console.print(f"Signed in as {stack['users']['comms']['username']}")
    listener = officer.listen()
    try:
        return [
            one_way(stack, officer, listener, platform, number)
            for number in range(times)
            for platform in ("facebook", "x")
        ]
    finally:
        listener.close()


def one_way(stack: Mapping[str, Any], officer: Desk, listener: Listener, platform: str, number: int) -> Journey:
    """Follow one post from the public to the sealed outcome."""
    public = Public(stack["sandbox"]["control"])
    account, root = public.begin(platform, officer)
    journey = Journey(platform, time.time())
    native = public.write(platform, root, WORDS[platform].format(n=f"{journey.began:.0f}-{number}"))
    wanted = post_id(account, native)
    journey.reached("received", _until(lambda: public.delivered(native), "the webhook was never delivered"))
    at, post = listener.wait(lambda p: p["id"] == wanted and p["case"]["state"] == "open", seconds=PATIENCE)
    journey.reached("on the page", at)
    journey.reached("hidden by the officer", time.time())  # the moment of the key press
    officer.post(f"/posts/{wanted}/hide", {"reason": {"code": "abuse"}, "rev": post["rev"], "undo_seconds": 0})
    journey.reached("sealed", _until(lambda: _sealed(officer, wanted, "intent"), "the intent was not sealed"))
    journey.reached(
        "done on the platform", _until(lambda: public.hidden(platform, native), "the platform was not told")
    )
    journey.reached("outcome sealed", _until(lambda: _sealed(officer, wanted, "outcome"), "the outcome was not sealed"))
    history = officer.get(f"/posts/{wanted}/history")["entries"]
    for kind, step in (("ingest", "stored"), ("classify", "judged")):
        journey.reached(step, next(_seconds(e["at"]) for e in history if e["type"] == kind))
    return journey


class Public:
    """The public and the platform, through the sandbox's control address."""

    def __init__(self, control: str) -> None:
        self._control = control.rstrip("/")
        self._http = requests.Session()

    def begin(self, platform: str, officer: Desk) -> tuple[str, str]:
        """Let one of the force's accounts write something to answer to; return account and id."""
        account = next(a for a in officer.get("/accounts")["accounts"] if a["platform"] == platform)
        native = account["id"].removeprefix(f"{platform}-")
        text = f"Officers are in the high street this afternoon. Come and say hello. {time.time():.3f}"
        if platform == "facebook":
            return account["id"], str(self._post("/facebook/posts", page=native, text=text)["id"])
        return account["id"], str(self._post("/x/posts", author=native, text=text)["id"])

    def write(self, platform: str, root: str, text: str) -> str:
        """Let a member of the public answer; return the answer's id on the platform."""
        if platform == "facebook":
            return str(self._post("/facebook/comments", on=root, text=text, author_name="Robin Tester")["id"])
        return str(self._post("/x/posts", reply_to=root, text=text, author_name="Robin Tester")["id"])

    def delivered(self, native: str) -> bool:
        """Return whether a webhook about the object was taken."""
        found = self._get("/deliveries", object=native, state="delivered")
        return bool(found["count"])

    def hidden(self, platform: str, native: str) -> bool:
        """Return whether the object is hidden on the platform."""
        return bool(self._get(f"/objects/{platform}/{native}")["state"] == "hidden")

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        answer = self._http.get(self._control + path, params=query, timeout=10)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def _post(self, path: str, **body: str) -> dict[str, Any]:
        answer = self._http.post(self._control + path, json=body, timeout=10)
        answer.raise_for_status()
        made: dict[str, Any] = answer.json()
        return made


def _until(reached: Callable[[], bool], what: str) -> float:
    end = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > end:
            raise DeskError(f"{what} within {PATIENCE:.0f} s; look at the log of make run")
        time.sleep(0.03)
    return time.time()


def _sealed(officer: Desk, post: str, kind: str) -> bool:
    entries = officer.get(f"/posts/{post}/history")["entries"]
    return any(e["type"] == kind and e["sealed"] for e in entries)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _table(journeys: list[Journey]) -> Table:
    table = Table(title="From the public to the sealed outcome, in seconds")
    table.add_column("step")
    for journey in journeys:
        table.add_column(journey.platform, justify="right")
    for step in STEPS:
        table.add_row(step, *(f"{j.steps[step]:.2f}" for j in journeys))
    return table


def _check_archive(stack: Mapping[str, Any], directory: Path, console: Console) -> None:
    from bluelamp.audit.archive import pull  # noqa: PLC0415 -- brings AWS libraries
    from bluelamp.audit.verify import verify  # noqa: PLC0415
    from bluelamp.cloud import clients  # noqa: PLC0415
    from bluelamp.cloud.s3 import Bucket  # noqa: PLC0415

    where = stack["evidence"]
    bucket = Bucket(clients.s3(where["endpoint"], where["access_key"], where["secret_key"]), where["bucket"])
    with console.status("Pulling the archive"):
        pulled = pull(bucket, directory)
    with console.status("Verifying"):
        report = verify(directory)
    for failure in report.failures:
        console.print(f"[bold red]{failure}[/]")
    if report.failures:
        raise DeskError("the archive does not verify; the findings stand above")
    console.print(f"Archive: {pulled.objects} objects pulled and verified: [bold green]{report.verdict}[/]")
