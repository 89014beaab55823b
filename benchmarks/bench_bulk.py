"""What hiding many posts by one order costs: calls to AWS per post, and how soon the first are released.

Counted on the cloud in memory with the real services, so the figures are exact and the same on every machine.
"""

from __future__ import annotations

import time

from benchmarks.bench_path import Counted
from bluelamp.incidents.model import Match, Roles, Scope
from bluelamp.posts.model import Reason
from bluelamp.times import iso
from tests.support.world import START, idem, principal

POSTS = 500
# On-demand prices of eu-west-2 in US dollars: a million write units, requests to SQS, and requests to Lambda aside.
WRITE_UNITS_MILLION = 0.7423


def measure() -> list[tuple[str, str, str]]:
    """Return what was measured, with the target beside it."""
    world = Counted()
    at, gold, second = world.incidents, principal(), principal("control")
    scope = Scope(accounts=("facebook-1",), begin=iso(START))
    one = at.service.open(gold, code="OAKLEAF", scope=scope, roles=Roles(), strategy="Hide abuse.", idem=idem())
    for start in range(0, POSTS, 50):
        world.ingest(*(world.comment(f"c{n}", f"you idiot {n}") for n in range(start, start + 50)))
        world.judge_all()
    world.seal()
    began = time.perf_counter()
    job = at.bulk.preview(gold, one.id, verb="hide", match=Match(words=("idiot",)), reason=Reason(code="abuse")).job
    previewed = time.perf_counter() - began
    steps = {"incident_id": one.id, "job_id": job.id, "digest": job.digest}
    job = at.bulk.step(gold, **steps, step="start", rev=job.rev, idem=idem())
    at.bulk.step(second, **steps, step="agree", rev=job.rev, idem=idem())
    world.seal()
    message = world.incident_queue.messages.pop()
    world.calls.clear()
    world.units = 0
    began = time.perf_counter()
    at.working().run(message.body)
    ordered = time.perf_counter() - began
    calls, units = sum(world.calls.values()), world.units
    world.calls.clear()
    world.seal()
    sealing = sum(world.calls.values())
    return [
        (f"seconds to preview and freeze {POSTS} posts, cloud in memory", f"{previewed:.2f}", ""),
        (f"seconds to order {POSTS} posts, cloud in memory", f"{ordered:.2f}", "< 10 with AWS"),
        ("AWS calls per post to order it", f"{calls / POSTS:.2f}", "≤ 0.25"),
        ("AWS calls per post to seal the intents", f"{sealing / POSTS:.2f}", ""),
        ("write units per post to order it", f"{units / POSTS:.1f}", ""),
        (f"US dollars of writes to order {POSTS} posts", f"{units * WRITE_UNITS_MILLION / 1e6:.4f}", ""),
    ]
