"""The whole local stack, put together: what `bluelamp up` shows and what the integration tests run against.

The order matters. Secrets before functions that read them, locks before anything is sealed, people before the page,
the front before the platforms push to it. Whatever fails, everything that was started is stopped again in order.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bluelamp.cli.local import checks, force, ports, proof, seed, signins, warming
from bluelamp.cli.local.errors import ChildError, StateError
from bluelamp.cli.local.front import Front, Targets
from bluelamp.cli.local.ministack import ACCESS_KEY, REGION, SECRET_KEY, Ministack
from bluelamp.cli.local.ministack import STOP_GRACE as CLOUD_GRACE
from bluelamp.cli.local.ministack import STOP_SIGNAL as CLOUD_SIGNAL
from bluelamp.cli.local.paths import PAGE, ROOT, TEMPLATE
from bluelamp.cli.local.processes import born, stop_leftover
from bluelamp.cli.local.sandbox import Sandbox, Trickle
from bluelamp.cli.local.state import StateFolder
from bluelamp.cli.local.template import Template
from bluelamp.cli.local.weed import AUDITOR, EvidenceStore
from bluelamp.cli.local.weed import STOP_GRACE as STORE_GRACE
from bluelamp.cli.local.weed import STOP_SIGNAL as STORE_SIGNAL

if TYPE_CHECKING:
    from bluelamp.audit.recover import Recovered

STACK = "bluelamp"
Step = Callable[[str], AbstractContextManager[None]]


@contextlib.contextmanager
def silent(_what: str) -> Iterator[None]:
    """Show nothing of a step."""
    yield


class Stack:
    """One local deployment of Bluelamp.

    Parameters
    ----------
    state_dir
        Where everything that it keeps lies. Two stacks need two folders.
    port
        The port of the page; without it the usual one, or a free one.
    trickle
        Whether the invented public writes posts all the time.
    step
        Called with the name of each step; the step runs inside the context that it returns.

    Examples
    --------
    >>> with Stack(tmp_path, trickle=False) as stack:  # doctest: +SKIP
    ...     stack.local["api"]
    'http://127.0.0.1:4500/api'
    """

    def __init__(self, state_dir: Path, *, port: int | None = None, trickle: bool = True, step: Step = silent) -> None:
        self.state = StateFolder(state_dir)
        self.outputs: dict[str, str] = {}
        self.local: dict[str, Any] = {}
        self.proof: proof.Proof | None = None
        # What a killed run had lost, when it had.
        self.recovered: Recovered | None = None
        # What went wrong, by function, when its first worker was started; it stops nothing.
        self.cold: dict[str, str] = {}
        self._wanted_port = port
        self._wants_trickle = trickle
        self._step = step
        self._cloud: Ministack | None = None
        self._store: EvidenceStore | None = None
        self._sandbox: Sandbox | None = None
        self._front: Front | None = None
        self._warming: warming.Warming | None = None
        self.trickle: Trickle | None = None

    def __enter__(self) -> Self:
        """Start; when that fails, stop what was started."""
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    @property
    def cloud(self) -> Ministack:
        """Return the embedded AWS of a started stack."""
        if self._cloud is None:
            raise StateError("the local stack is not started", way_out="call start() first")
        return self._cloud

    @property
    def store(self) -> EvidenceStore:
        """Return the evidence store of a started stack."""
        if self._store is None:
            raise StateError("the local stack is not started", way_out="call start() first")
        return self._store

    @property
    def running(self) -> bool:
        """Return whether anything of it was started and not yet stopped."""
        return self._cloud is not None or self._store is not None

    def start(self) -> None:
        """Bring everything up. When it fails, `stop` is still to be called.

        Raises
        ------
        LocalError
            With one line on what happened and one on the way out.
        """
        with self._step("machine, tools and state folder"):
            self._open()
        self._start_clouds()
        self._deploy()
        with self._step("evidence refuses to delete"):
            self._lock_evidence()
        remembered = self.state.remembered
        if remembered.behind:
            with self._step("sealed log taken up where it ends"):
                from bluelamp.cli.local.takeup import take_up  # noqa: PLC0415 - a killed run is rare

                name = self.outputs["EvidenceBucket"]
                before = remembered.evidence
                self.recovered = take_up(self.cloud, self.store, stack=STACK, name=name, before=before)
        remembered.behind, remembered.evidence = False, self.outputs["EvidenceBucket"]
        self.state.save()
        warm = self._warming = self._warm()
        with self._step(f"{force.NAME}: people and accounts"):
            seed.load(self.cloud, self.state, self.outputs)
        # Before the platforms push all they have: workers that start in the middle of that take ten times as long.
        with self._step("functions warm"):
            self.cold = warm.finish()
        with self._step("page, API and webhooks on one address"):
            self._start_front()
        with self._step("sandbox platforms"):
            self._start_platforms()
        self._publish()

    def stop(self) -> bool:
        """Stop everything in order; return whether all that must be saved was saved."""
        if self.local:
            self.state.withdraw()
        for part in (self._warming, self.trickle, self._sandbox, self._front):
            if part is not None:
                part.stop()
        saved = True
        if self._cloud is not None and self._cloud.child.pid:
            saved = self._cloud.stop()
        if self._store is not None:
            self._store.stop()
        if self._store is not None and saved:
            self.state.remembered.running = False
            self.state.remembered.children = {}
            self.state.save()
        self.local, self._cloud, self._store, self._sandbox, self._front, self.trickle = (
            {},
            None,
            None,
            None,
            None,
            None,
        )
        self.state.close()
        return saved

    def check(self) -> None:
        """Raise when a part has ended by itself.

        Raises
        ------
        ChildError
            With the part's last line.
        """
        for part in (self._cloud, self._store, self._sandbox):
            if part is not None and not part.child.alive:
                raise ChildError(
                    f"{part.name} ended by itself: {part.child.last_line()}", way_out=f"its log is {part.child.log}"
                )

    def _open(self) -> None:
        for check in checks.look(self.state, port=self._wanted_port):
            if check.problem is not None:
                # Nothing of a killed run goes on behind a refusal.
                self._stop_leftovers()
                raise check.problem
        self.state.open()
        remembered = self.state.remembered
        if remembered.running and not self._stop_leftovers():
            # Nobody was left who could have saved the tables: what they hold is older than what lies under lock.
            remembered.behind = True
        remembered.ports = ports.choose(remembered.ports, front=self._wanted_port)
        self.state.save()

    def _stop_leftovers(self) -> bool:
        """Stop what a killed run left behind; return whether the embedded cloud was there to save itself."""
        children = self.state.remembered.children
        saved = False
        for name, signal, grace in (
            (Sandbox.name, STORE_SIGNAL, 5.0),
            (Ministack.name, CLOUD_SIGNAL, CLOUD_GRACE),
            (EvidenceStore.name, STORE_SIGNAL, STORE_GRACE),
        ):
            left = children.get(name)
            if left is not None:
                stopped = stop_leftover(left["pid"], left["born"], signal, grace=grace)
                saved = saved or (stopped and name == Ministack.name)
        if saved:
            self.state.remembered.running = False
            self.state.remembered.children = {}
            self.state.save()
        return saved

    def _start_clouds(self) -> None:
        """Start the evidence store and the embedded cloud side by side."""
        chosen = self.state.remembered.ports
        self.state.remembered.running = True
        self.state.save()
        self._store = EvidenceStore(self.state, chosen)
        self._cloud = Ministack(self.state, chosen["cloud"])
        failures: list[Exception] = []
        beside = threading.Thread(target=_collect, args=(self._store.start, failures), name="evidence-store")
        with self._step("embedded AWS and evidence store"):
            beside.start()
            try:
                self._cloud.start()
            finally:
                beside.join()
            if failures:
                raise failures[0]
            self._remember_children(self._cloud, self._store)

    def _deploy(self) -> None:
        from bluelamp.cli.build import build  # noqa: PLC0415 - `doctor` works without what building needs
        from bluelamp.cli.deploy import deploy  # noqa: PLC0415 - likewise

        with self._step("functions built"):
            TEMPLATE.require()
            built = build("local")
        with self._step("template deployed"):
            verbs = Template(ROOT).s3_grants()
            seed.store_secrets(self.cloud, self.state, {verb: self.store.keys(verb) for verb in verbs})
            self.outputs = deploy(
                built,
                stack=STACK,
                parameters=self._parameters(),
                endpoint=self.cloud.url,
                region=REGION,
                access_key=ACCESS_KEY,
                secret_key=SECRET_KEY,
            )

    def _parameters(self) -> dict[str, str]:
        chosen = self.state.remembered.ports
        platforms = f"http://{ports.LOOPBACK}:{chosen['sandbox']}"
        return {
            "Force": force.SLUG,
            "ForceName": force.NAME,
            "Origin": force.DOMAIN,
            "PublicUrl": f"http://{ports.LOOPBACK}:{chosen['front']}",
            "Commit": _commit(),
            "DeletionProtection": "false",
            "SecondFactor": "OPTIONAL",
            "LogDays": "1",
            # Two cores serve everything here: the poll leaves them to what somebody waits for.
            "PollRate": "rate(5 minutes)",
            "GraphUrl": f"{platforms}/graph",
            "XUrl": f"{platforms}/x",
            "XConsentUrl": f"{platforms}/x/i/oauth2/authorize",
            "FacebookConsentUrl": f"{platforms}/graph/v26.0/dialog/oauth",
            # The stand-ins' pictures lie where they themselves do.
            "MediaHosts": platforms,
            # Nothing leaves this machine: what would go out is read on the page.
            "NoticeOutbox": "table",
            "CloudUrl": self.cloud.url,
            "S3Endpoint": self.store.url,
            "S3CredentialsPrefix": seed.S3_PREFIX,
        }

    def _lock_evidence(self) -> None:
        template = Template(ROOT)
        buckets = template.locked_buckets()
        names = {logical_id: self.outputs[logical_id] for logical_id in buckets}
        before = self.state.remembered.evidence
        kept = [before] if before and before != self.outputs["EvidenceBucket"] else []
        identities = self.store.furnish(names, buckets, template.s3_grants(), kept=kept)
        self.proof = proof.prove(self.store, self.outputs["EvidenceBucket"], identities, writer="seal")
        proof.prove(self.store, self.outputs["ContentBucket"], identities, writer="ingest", reader=AUDITOR)

    def _warm(self) -> warming.Warming:
        token = seed.platform_secrets(self.state)["facebook"]["verify_token"]
        warm = warming.Warming(self.cloud.client("lambda"), STACK, warming.events(token))
        warm.start()
        return warm

    def _start_front(self) -> None:
        front = Front(
            self.state.remembered.ports["front"],
            targets=Targets(
                cloud=self.cloud.url,
                api_id=self.outputs["ApiId"],
                webhook_api_id=self.outputs["WebhookApiId"],
                websocket_api_id=self.outputs["WebSocketApiId"],
            ),
            page=PAGE.require().parent,
            headers=Template(ROOT).page_headers(self.cloud.url),
            second_factors=signins.second_factors(self.state),
        )
        front.start()
        self._front = front

    def _start_platforms(self) -> None:
        front = self._front
        assert front is not None  # noqa: S101 - started just before
        shared, listed = seed.write_sandbox_files(self.state)
        self._sandbox = Sandbox(
            self.state, self.state.remembered.ports["sandbox"], deliver_to=f"{front.url}/webhooks", secrets=shared
        )
        self._sandbox.start()
        self._remember_children(self._sandbox)
        self._sandbox.load_force(listed)
        if self._wants_trickle:
            self.trickle = Trickle(self.state, self._sandbox)
            self.trickle.start()

    def _publish(self) -> None:
        front, sandbox = self._front, self._sandbox
        assert front is not None  # noqa: S101 - started before
        assert sandbox is not None  # noqa: S101 - likewise
        platforms = seed.platform_secrets(self.state)
        self.local = {
            "api": f"{front.url}/api",
            "dashboard": f"{front.url}/",
            "websocket": f"{front.url.replace('http', 'ws', 1)}/ws",
            "webhooks": {name: f"{front.url}/webhooks/{name}" for name in platforms},
            "secrets": {name: {k: v for k, v in shared.items() if v} for name, shared in platforms.items()},
            "users": signins.by_role(self.state),
            "evidence": {
                "endpoint": self.store.url,
                "bucket": self.outputs["EvidenceBucket"],
                **self.store.keys(AUDITOR),
            },
            "sandbox": sandbox.addresses,
        }
        self.state.publish(self.local)

    def _remember_children(self, *parts: Ministack | EvidenceStore | Sandbox) -> None:
        for part in parts:
            pid = part.child.pid
            self.state.remembered.children[part.name] = {"pid": pid, "born": born(pid)}
        self.state.save()


def _collect(action: Callable[[], None], failures: list[Exception]) -> None:
    """Run an action in a thread and keep its failure for the thread that waits."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 - raised again by the thread that waits
        failures.append(error)


def _commit() -> str:
    """Return the commit of the code, empty outside a checkout or before the first commit."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
