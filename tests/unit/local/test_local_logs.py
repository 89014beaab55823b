import json
from datetime import UTC, datetime

from bluelamp.cli.local.logs import FunctionLogs

BEGAN = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
AT = int(BEGAN.timestamp() * 1000) + 5_000


class Logs:
    """A stand-in for CloudWatch Logs that holds one function's events."""

    def __init__(self):
        self.events = []

    def describe_log_groups(self, **_):
        return {"logGroups": [{"logGroupName": "/aws/lambda/bluelamp-ingest"}]}

    def filter_log_events(self, *, startTime, **_):  # noqa: N803 -- boto3's name
        return {"events": [one for one in self.events if one["timestamp"] >= startTime]}

    def write(self, *messages, at=AT):
        self.events += [{"timestamp": at, "message": message, "logStreamName": "one"} for message in messages]


def texts(logs):
    return [(line.function, line.level, line.text) for line in logs.read()]


def test_a_record_is_one_line_and_bookkeeping_is_left_out():
    cloud = Logs()
    logs = FunctionLogs(cloud, BEGAN)
    record = {"level": "INFO", "message": "ingested", "service": "ingest", "cold_start": True, "new": 1, "why": "é"}
    cloud.write("START RequestId: 1", json.dumps(record), json.dumps({"_aws": {}, "PostsNew": [1]}), "END RequestId: 1")
    cloud.write("REPORT RequestId: 1 Duration: 3 ms")
    assert texts(logs) == [("ingest", "INFO", "ingested new=1 why=é")]


def test_a_line_is_read_once():
    cloud = Logs()
    logs = FunctionLogs(cloud, BEGAN)
    cloud.write(json.dumps({"message": "one"}))
    assert len(logs.read()) == 1
    cloud.write(json.dumps({"message": "two"}), at=AT + 10)
    assert texts(logs) == [("ingest", "INFO", "two")]
    assert logs.read() == []


def test_an_uncaught_error_is_the_line_that_names_it():
    cloud = Logs()
    logs = FunctionLogs(cloud, BEGAN)
    cloud.write("START RequestId: 1", "Traceback (most recent call last):", '  File "a.py", line 1', "    raise X")
    cloud.write("bluelamp.errors.X: the table is gone", "END RequestId: 1")
    assert texts(logs) == [("ingest", "ERROR", "bluelamp.errors.X: the table is gone")]


def test_a_recorded_error_carries_its_name_and_text():
    cloud = Logs()
    logs = FunctionLogs(cloud, BEGAN)
    record = {"level": "ERROR", "message": "not polled", "exception_name": "GoneError"}
    cloud.write(json.dumps({**record, "exception": "Traceback …\nGoneError: the page is gone"}))
    assert texts(logs) == [("ingest", "ERROR", "not polled GoneError: the page is gone")]


def test_a_time_out_is_shown_and_chatter_is_not():
    cloud = Logs()
    logs = FunctionLogs(cloud, BEGAN)
    cloud.write("Task timed out after 10.00 seconds", "some library warns", "[1, 2]")
    assert texts(logs) == [("ingest", "ERROR", "Task timed out after 10.00 seconds")]


def test_what_was_there_before_is_left_out():
    cloud = Logs()
    cloud.write(json.dumps({"message": "old"}), at=int(BEGAN.timestamp() * 1000) - 1)
    assert FunctionLogs(cloud, BEGAN).read() == []
