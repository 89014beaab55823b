"""The functions' logs as a person reads them: one line each, metrics and bookkeeping left out.

Functions write JSON for machines. Here a record becomes `time function message details`, and an error that a function
did not catch becomes the one line that names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GROUPS = "/aws/lambda/"
OVERLAP_MS = 2_000
REMEMBERED = 20_000

# What each record carries besides its message and its own details.
COMMON = frozenset(
    {
        "cold_start",
        "correlation_id",
        "exception",
        "exception_name",
        "function_arn",
        "function_memory_size",
        "function_name",
        "function_request_id",
        "level",
        "location",
        "message",
        "sampling_rate",
        "service",
        "stack_trace",
        "timestamp",
        "xray_trace_id",
    }
)


@dataclass(frozen=True)
class Line:
    """One line of the log."""

    at: datetime
    function: str
    level: str
    text: str


class FunctionLogs:
    """Reads what the functions wrote since the last time.

    Parameters
    ----------
    client
        A CloudWatch Logs client.
    since
        Older records are left out.
    """

    def __init__(self, client: Any, since: datetime) -> None:
        self._client = client
        self._since = int(since.timestamp() * 1000)
        self._seen: dict[str, None] = {}
        self._groups: list[str] = []

    def read(self) -> list[Line]:
        """Return the new lines, oldest first."""
        if not self._groups:
            found = self._client.describe_log_groups(logGroupNamePrefix=GROUPS)["logGroups"]
            self._groups = [group["logGroupName"] for group in found]
        lines = [line for group in self._groups for line in self._new(group)]
        while len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        self._since = max([self._since, *(int(line.at.timestamp() * 1000) - OVERLAP_MS for line in lines)])
        return sorted(lines, key=lambda line: line.at)

    def _new(self, group: str) -> Iterator[Line]:
        function = group.rpartition("-")[2]
        events = self._client.filter_log_events(logGroupName=group, startTime=self._since)["events"]
        traceback: list[str] = []
        for event in events:
            # The embedded cloud gives some events no id of their own.
            known = f"{event['timestamp']} {event.get('logStreamName', '')} {event['message']}"
            if known in self._seen:
                continue
            self._seen[known] = None
            text = event["message"].rstrip()
            at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            if text.startswith(("START ", "END ", "REPORT ")):
                if traceback:
                    yield Line(at, function, "ERROR", traceback[-1])
                    traceback = []
            elif traceback or text.startswith("Traceback "):
                traceback += [text] if not text.startswith(" ") else []
            else:
                yield from _line(text, at, function)


def _line(text: str, at: datetime, function: str) -> Iterator[Line]:
    """Yield the line for one record; nothing for metrics and for what is no record."""
    try:
        record = json.loads(text)
    except ValueError:
        if "Task timed out" in text:
            yield Line(at, function, "ERROR", text)
        return
    if not isinstance(record, dict) or "_aws" in record:
        return
    details = " ".join(f"{name}={_shown(value)}" for name, value in record.items() if name not in COMMON)
    error = f" {record['exception_name']}: {_last(record)}" if "exception_name" in record else ""
    message = _shown(record.get("message", ""))
    yield Line(_time(record, at), function, str(record.get("level", "INFO")), f"{message}{error} {details}".strip())


def _time(record: Mapping[str, Any], fallback: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(str(record.get("timestamp")))
    except ValueError:
        return fallback
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _last(record: Mapping[str, Any]) -> str:
    lines = str(record.get("exception", "")).strip().splitlines()
    return lines[-1].partition(": ")[2] if lines else ""


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
