"""A failure that a queue takes back still leaves a line and a count, and neither repeats what was sent."""

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import BaseModel

from bluelamp import telemetry, wiring
from bluelamp.actions.errors import WaitingError
from bluelamp.errors import ConflictError, InvalidInputError
from bluelamp.moderation.service import Received
from bluelamp.telemetry import MAX_PLACES, described, failures_told, tell_failure

ROOT = Path(__file__).parents[3]
CONTEXT = SimpleNamespace(
    function_name="function",
    function_version="1",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:function",
    aws_request_id="r-1",
    get_remaining_time_in_millis=lambda: 10_000,
)
SENT = "what John Smith wrote"


class Shape(BaseModel):
    """A model without any protection of its own."""

    n: int


def invalid(*_, **__):
    Shape.model_validate({"n": SENT})


def raised(run):
    with pytest.raises(Exception) as caught:  # noqa: PT011 -- the kinds differ from test to test
        run()
    return caught.value


def wrapped():
    try:
        invalid()
    except ValueError as error:
        raise InvalidInputError(f"no record of {SENT}") from error


class AwsError(Exception):
    """As boto3 makes them."""

    response = {"Error": {"Code": "AccessDenied", "Message": SENT}}  # noqa: RUF012 -- boto3's is one as well


def aws():
    raise AwsError(SENT)


def conflict():
    raise ConflictError("Sam Smith is dealing with this post.", by="Sam Smith")


def deep():
    deep()


@pytest.mark.parametrize(
    ("run", "error", "code", "causes", "said"),
    [
        (invalid, "ValidationError", None, [], "('n',): int_parsing"),
        (wrapped, "InvalidInputError", "invalid_input", ["ValidationError"], "('n',): int_parsing"),
        (aws, "AwsError", "AccessDenied", [], None),
        (conflict, "ConflictError", "conflict", [], None),
        (deep, "RecursionError", None, [], None),
    ],
)
def test_an_error_is_told_by_kind_and_place_and_never_in_its_own_words(run, error, code, causes, said):
    told = described(raised(run))
    assert {**told, "places": None} == {"error": error, "code": code, "causes": causes, "said": said, "places": None}
    assert "test_telemetry_failures.py" in told["places"][-1] or error == "ValidationError"
    assert len(told["places"]) <= MAX_PLACES
    assert "Smith" not in json.dumps(told)


def test_an_error_that_is_its_own_cause_ends():
    def circle():
        error = RuntimeError()
        raise error from error

    assert described(raised(circle))["causes"] == []


@pytest.fixture
def counted(monkeypatch):
    """What was counted, by name."""
    found = {}

    def add_metric(name, unit, value):
        found[name] = found.get(name, 0) + value

    monkeypatch.setattr(telemetry.metrics, "add_metric", add_metric)
    return found


def the_line(caplog):
    (record,) = (found for found in caplog.records if hasattr(found, "places"))
    assert record.levelname == "ERROR"
    assert record.exc_info is None
    assert "Smith" not in str(vars(record))
    return record


def test_a_failure_is_told_counted_and_goes_on(counted, caplog):
    with pytest.raises(ValueError, match="Smith"), failures_told(message_id="m-1"):
        invalid()
    assert the_line(caplog).message_id == "m-1"
    assert counted == {"RecordsFailed": 1}
    with failures_told():
        pass
    assert counted == {"RecordsFailed": 1}


def test_a_failure_says_what_failed(counted, caplog):
    tell_failure(raised(aws), "the roof", account="x-1")
    record = the_line(caplog)
    assert (record.getMessage(), record.account, record.code) == ("the roof", "x-1", "AccessDenied")


@pytest.fixture
def function(monkeypatch):
    """Load a function's handler, with Powertools named as the template does; `soon` is what it asks for again."""
    monkeypatch.setattr(telemetry.metrics.provider, "namespace", "Bluelamp")
    monkeypatch.setattr(telemetry.metrics.provider, "service", "function")

    def note(given, failures):
        assert {one["itemIdentifier"] for one in failures} <= {one["messageId"] for one in given}
        load.soon.extend(one["itemIdentifier"] for one in failures)

    monkeypatch.setattr(wiring, "redelivery", lambda: SimpleNamespace(soon=note))

    def load(name):
        spec = importlib.util.spec_from_file_location(f"{name}_handler", ROOT / "functions" / name / "handler.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.handler

    load.soon = []
    return load


def records(*bodies):
    record = json.loads((ROOT / "events" / "moderation-queue.json").read_text(encoding="utf-8"))["Records"][0]
    return {"Records": [record | {"messageId": f"m-{i}", "body": json.dumps(body)} for i, body in enumerate(bodies)]}


def figures(capsys):
    """Return what CloudWatch would read from the function's output."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    (found,) = (line for line in lines if "_aws" in line)
    return found


FAIL_ONCE = [{"account_id": "x-1"}, {"account_id": "x-2"}]
SEAM = {"ingest": ("ingest", "ingest"), "act": ("acting", "act"), "poll": ("poller", "poll")}
DONE = {
    "ingest": SimpleNamespace(new=1, changed=0, unrecognised=0, unchanged=0),
    "act": SimpleNamespace(state="done", id="a", verb="hide", error=None),
    "poll": SimpleNamespace(status="active", pages=1, why=None),
}


@pytest.mark.parametrize("name", SEAM)
def test_a_record_that_fails_comes_again_and_leaves_a_trace(name, function, monkeypatch, caplog, capsys):
    factory, method = SEAM[name]

    def once(given):
        if "x-1" in (given, *(given.values() if isinstance(given, dict) else ())):
            invalid()
        return DONE[name]

    monkeypatch.setattr(wiring, factory, lambda: SimpleNamespace(**{method: once}))
    answer = function(name)(records(*FAIL_ONCE), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    # For a poll nobody waits: the next one comes by its schedule.
    assert function.soon == ([] if name == "poll" else ["m-0"])
    assert the_line(caplog).message_id == "m-0"
    found = figures(capsys)
    assert found["RecordsFailed"] == [1.0]
    assert found["service"] == "function"
    assert found["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Bluelamp"


def test_a_body_that_is_no_json_leaves_a_trace(function, monkeypatch, caplog, capsys):
    monkeypatch.setattr(wiring, "poller", SimpleNamespace)
    event = records({})
    event["Records"][0]["body"] = SENT
    assert function("poll")(event, CONTEXT) == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert the_line(caplog).error == "JSONDecodeError"
    assert figures(capsys)["RecordsFailed"] == [1.0]


def test_an_action_that_waits_is_no_failure(function, monkeypatch, caplog):
    def act(_body):
        raise WaitingError("queued again")

    monkeypatch.setattr(wiring, "acting", lambda: SimpleNamespace(act=act))
    with pytest.warns(UserWarning, match="No application metrics"):
        assert function("act")(records({}), CONTEXT) == {"batchItemFailures": []}
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("seam", [("seal", "sequencer", "run"), ("poll", "poller", "fan_out")])
def test_a_scheduled_function_that_fails_says_so_and_fails(seam, function, monkeypatch, caplog, capsys):
    name, factory, method = seam
    monkeypatch.setattr(wiring, factory, lambda: SimpleNamespace(**{method: invalid}))
    with pytest.raises(ValueError, match="Shape"):
        function(name)({}, CONTEXT)
    assert the_line(caplog).error == "ValidationError"
    assert figures(capsys)["RecordsFailed"] == [1.0]


def test_moderate_answers_with_what_comes_again_and_counts_what_failed(function, monkeypatch, caplog, capsys):
    def judge_posts(messages, *, tell):
        assert messages[0] == Received(message_id="m-0", receives=1, body='"a"')
        tell(raised(invalid), "a post could not be judged", "m-1")
        return ["m-1", "m-2"]  # the last was overtaken: no failure

    monkeypatch.setattr(wiring, "moderator", lambda: SimpleNamespace(judge_posts=judge_posts))
    answer = function("moderate")(records("a", "b", "c"), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}, {"itemIdentifier": "m-2"}]}
    assert function.soon == ["m-1", "m-2"]
    record = the_line(caplog)
    assert (record.getMessage(), record.message_id) == ("a post could not be judged", "m-1")
    found = figures(capsys)
    assert (found["RecordsFailed"], found["PostsJudged"]) == ([1.0], [1.0])


def test_an_action_that_is_to_be_looked_at_is_not_sent(monkeypatch, function, capsys):
    looked = []

    def look(body):
        looked.append(body["action_id"])

    monkeypatch.setattr(wiring, "reconciling", lambda: SimpleNamespace(look=look))
    monkeypatch.setattr(wiring, "acting", lambda: pytest.fail("nothing is to be sent"))
    assert function("act")(records({"look": True, "post_id": "p", "action_id": "a"}), CONTEXT) == {
        "batchItemFailures": []
    }
    assert looked == ["a"]
    assert figures(capsys)["ActionsReadBack"] == [1.0]
