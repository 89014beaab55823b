import io
import json
import threading

import pytest
from botocore.exceptions import ClientError

from bluelamp.cli.local.paths import ROOT
from bluelamp.cli.local.warming import LEFT_ALONE, Warming, events


class Lambdas:
    """Answers invocations; each waits for another, so that only side by side they end."""

    def __init__(self, together, answers=()):
        self.invoked = {}
        self.begun = threading.Semaphore(0)
        self._all = threading.Barrier(together, timeout=10)
        self._answers = dict(answers)

    def invoke(self, *, FunctionName, Payload):  # noqa: N803 -- boto3's names
        self.invoked[FunctionName] = json.loads(Payload)
        self.begun.release()
        self._all.wait()
        answer = self._answers.get(FunctionName, {})
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_every_function_is_warmed_or_left_alone_on_purpose():
    verbs = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    assert events("token").keys() | LEFT_ALONE == verbs


def test_all_are_woken_side_by_side():
    # An even number: the two at a time wait for each other.
    wanted = dict(list(events("token").items())[:6])
    lambdas = Lambdas(2)
    warming = Warming(lambdas, "bluelamp", wanted)
    warming.start()
    assert warming.finish() == {}
    assert lambdas.invoked == {f"bluelamp-{verb}": event for verb, event in wanted.items()}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorType":"KeyError","errorMessage":"x"}')},
            "KeyError: x",
        ),
        (ClientError({"Error": {"Code": "ServiceException", "Message": "busy"}}, "Invoke"), "busy"),
    ],
)
def test_what_went_wrong_is_told_and_stops_nobody(answer, why):
    warming = Warming(Lambdas(2, {"bluelamp-seal": answer}), "bluelamp", {"seal": {}, "live": {"Records": []}})
    warming.start()
    failures = warming.finish()
    assert failures.keys() == {"seal"}
    assert why in failures["seal"]


def test_what_has_not_begun_when_the_stack_stops_is_left_out():
    lambdas = Lambdas(3)
    warming = Warming(lambdas, "bluelamp", {verb: {} for verb in "abcd"})
    warming.start()
    assert all(lambdas.begun.acquire(timeout=10) for _ in "ab")
    warming.stop()
    lambdas.invoke(FunctionName="released", Payload=b"{}")
    assert warming.finish() == {}
    assert lambdas.invoked.keys() == {"bluelamp-a", "bluelamp-b", "released"}
