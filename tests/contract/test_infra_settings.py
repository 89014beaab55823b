"""Each function is told exactly what it asks for: nothing missing, nothing idle. Asked of the wiring itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bluelamp import wiring
from bluelamp.cloud import clients
from bluelamp.cloud.memory import MemorySecrets
from bluelamp.settings import PREFIX, Settings
from bluelamp.wiring.publishing import uploads
from tests.contract.infra_template import functions

# What a function makes, the late parts of it included.
MAKES: dict[str, Callable[[], object]] = {
    "receive": lambda: (wiring.receiver(), wiring.table()),
    "poll": lambda: (wiring.poller(), wiring.platform_http("x-1", "poll")),
    "ingest": wiring.ingest,
    "keep": lambda: (wiring.keeper(), wiring.queue("MEDIA")),
    "moderate": wiring.moderator,
    "seal": lambda: (wiring.sequencer(), wiring.queue("SEAL")),
    "act": lambda: (wiring.acting(), wiring.reconciling(), wiring.platform_http("x-1", "act"), uploads()),
    "export": lambda: (
        wiring.building(),
        wiring.rights_searching(),
        wiring.rights_packing(),
        wiring.report_files(),
    ),
    "dispose": wiring.destroying,
    "publish": lambda: (
        wiring.sending(),
        wiring.releasing(),
        wiring.platform_http("x-1", "act"),
        wiring.vault(),
        wiring.checking(),
        wiring.lapsing(),
    ),
    "incident": lambda: (wiring.working(), wiring.vault()),
    "tick": lambda: (
        wiring.tallies(),
        wiring.statements(),
        wiring.chasing(),
        wiring.guide_reminders(),
        wiring.escalating(),
        wiring.mornings(),
        wiring.rights_reminding(),
        wiring.counting(),
        wiring.unsettled(),
        wiring.renewing(),
        wiring.token_way("x-1", "t", "Basic"),
    ),
    "notify": wiring.notify,
    "anchor": wiring.anchors,
    "live": wiring.pushing,
}


class Recorded(Settings):
    """Settings that remember what was asked for; every one that the template sets has a value."""

    def __init__(self, verb: str) -> None:
        variables = functions()[verb]["Environment"]["Variables"]
        self.told = {name.removeprefix(PREFIX) for name in variables if name.startswith(PREFIX)}
        self.asked: set[str] = set()
        values = {PREFIX + name: f"http://127.0.0.1/{name.lower()}" for name in self.told}
        super().__init__(
            values
            | {
                PREFIX + "MEDIA_HOSTS": "media.example",
                PREFIX + "LINK_HOSTS": "gov.example",
                PREFIX + "HOOK_HOSTS": "hooks.example",
                PREFIX + "WITNESSES": "",
                PREFIX + "GRANT_DAYS": "14",
            }
            | {PREFIX + "REPORT_ASSUMPTIONS": "", PREFIX + "WRITE_BUDGETS": "x=50/900"}
        )

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def _forget() -> None:
    # Of the wiring's modules, too, what no handler asks for by itself.
    modules = [module for name, module in sys.modules.items() if name.startswith((wiring.__name__, clients.__name__))]
    for part in (part for module in modules for part in list(vars(module).values())):
        if hasattr(part, "cache_clear") and part.__module__.startswith((wiring.__name__, clients.__name__)):
            part.cache_clear()


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    class Held(MemorySecrets):
        def get(self, name: str) -> dict[str, Any]:
            return {"key": "00" * 32, "access_token": "t", "access_key": "a", "secret_key": "s"}

    _forget()
    monkeypatch.setattr(wiring.base, "secrets", lambda: Held({}))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    yield
    monkeypatch.undo()
    _forget()


@pytest.mark.slow
@pytest.mark.parametrize("verb", sorted(MAKES))
def test_a_function_is_told_what_it_asks_for(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = Recorded(verb)
    monkeypatch.setattr(wiring.base, "settings", lambda: recorded)
    MAKES[verb]()
    assert recorded.asked == recorded.told


def test_the_api_is_told_what_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = Recorded("api")
    monkeypatch.setattr(wiring.base, "settings", lambda: recorded)
    makes = ("posts", "actions", "live", "sign_in", "refusals", "tokens", "evidence", "vault", "exports")
    makes += (
        "trail",
        "retention",
        "holds",
        "disposals",
        "register",
        "account_files",
        "rosters",
        "calls",
        "checks",
        "digests",
        "grants",
        "managing",
        "reports",
        "report_files",
        "hooks",
        "publishing",
        "uploading",
        "notices",
    )
    makes += ("appeals", "leads", "connecting")
    makes += ("guides", "trainings", "incidents", "bulk", "log_book", "incident_reporting")
    makes += ("directory", "people_files", "group_mappings", "provisioning")
    makes += ("rights_cases", "rights_review", "rights_answers", "rights_erasures")
    for make in makes:
        getattr(wiring, make)()
    wiring.token_way("x-1", "t", "Basic")
    # The parts of the function itself: who the force is, and what code runs.
    assert recorded.asked | {"FORCE", "FORCE_NAME", "COMMIT"} == recorded.told
