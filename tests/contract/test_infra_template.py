"""The templates are well formed, and every function has what each function must have."""

from __future__ import annotations

import ast
import json
import subprocess
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint_file

from bluelamp.cloud.dynamodb import Table
from bluelamp.cloud.sqs import SOON
from bluelamp.moderation.service import PATIENCE
from bluelamp.settings import NAMES, PREFIX
from tests.contract.infra_template import NESTED, ROOT, functions, granted, load, names_in, resources

VERBS = (
    "receive",
    "poll",
    "ingest",
    "keep",
    "moderate",
    "api",
    "seal",
    "act",
    "incident",
    "export",
    "dispose",
    "publish",
    "tick",
    "notify",
    "anchor",
    "live",
)
# Their handlers tell of failures themselves: the invocation does not fail.
BATCHED = (
    "ingest",
    "keep",
    "moderate",
    "act",
    "incident",
    "export",
    "dispose",
    "publish",
    "poll",
    "seal",
    "tick",
    "notify",
)
QUEUES = (
    "Ingest",
    "Moderation",
    "Action",
    "Bulk",
    "Incident",
    "Publish",
    "Live",
    "Notify",
    "Media",
    "Poll",
    "Seal",
    "Export",
    "Disposal",
)


@pytest.mark.slow
def test_cfn_lint_finds_nothing() -> None:
    found = [
        str(match)
        for path in (ROOT / "template.yaml", *(ROOT / "infra" / name for name in NESTED))
        for match in lint_file(path, config=ManualArgs(regions=["eu-west-2"]))
    ]
    assert found == []


@pytest.mark.slow
def test_sam_validate_finds_nothing() -> None:
    sam = ROOT / ".tools" / "sam" / "bin" / "sam"
    assert sam.exists(), "there is no .tools/sam/bin/sam; run make setup"
    answer = subprocess.run(  # noqa: S603 -- our own tool
        [
            "/usr/bin/env",
            "SAM_CLI_TELEMETRY=0",
            sam,
            "validate",
            "--lint",
            "--region=eu-west-2",
            "--template=template.yaml",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_functions_are_these_verbs() -> None:
    assert sorted(functions()) == sorted(VERBS)


def test_the_runtime_is_python_3_13_on_arm64() -> None:
    shared = load()["Globals"]["Function"]
    assert (shared["Runtime"], shared["Architectures"]) == ("python3.13", ["arm64"])
    assert not any({"Runtime", "Architectures", "Handler"} & set(one) for one in functions().values())
    assert [verb for verb, one in functions().items() if "Layers" in one] == ["export"]


@pytest.mark.parametrize("verb", VERBS)
def test_the_handler_resolves(verb: str) -> None:
    assert load()["Globals"]["Function"]["Handler"] == "handler.handler"
    path = ROOT / functions()[verb]["CodeUri"] / "handler.py"
    assert path.is_file(), f"{path.relative_to(ROOT)} is missing"
    names = {
        name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef)
            else [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
        )
    }
    assert "handler" in names


@pytest.mark.parametrize("verb", VERBS)
def test_each_function_has_its_own_role_and_log_group(verb: str) -> None:
    one, name = functions()[verb], verb.capitalize()
    assert one["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    assert one["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}Logs"}}
    logs = load()["Resources"][f"{name}Logs"]["Properties"]
    assert logs["RetentionInDays"] == {"Ref": "LogDays"}
    assert logs["KmsKeyId"] == {"Fn::GetAtt": ["Data", "Outputs.OperationsKeyArn"]}


@pytest.mark.parametrize("verb", VERBS)
def test_settings_exist_and_are_set_once(verb: str) -> None:
    variables = functions()[verb]["Environment"]["Variables"]
    ours = {name.removeprefix(PREFIX) for name in variables if name.startswith(PREFIX)}
    assert ours <= NAMES
    assert {name for name in variables if not name.startswith(PREFIX)} == {"POWERTOOLS_SERVICE_NAME"}
    assert variables["POWERTOOLS_SERVICE_NAME"] == verb


@pytest.mark.parametrize("verb", VERBS)
def test_what_a_function_is_told_of_it_may_use(verb: str) -> None:
    variables = functions()[verb]["Environment"]["Variables"]
    grants = granted(verb)
    # Addresses of queues in the environment are sent to; those behind an event are read from, and nothing besides.
    told = {name.removesuffix("_QUEUE_URL").removeprefix(PREFIX) for name in variables if name.endswith("_QUEUE_URL")}
    sent = {
        queue.upper()
        for grant in grants
        if "sqs:SendMessage" in str(grant["Action"])
        for queue in names_in(grant["Resource"], r"Outputs\.(\w+)QueueArn")
    }
    assert sent == told
    for bucket in ("EVIDENCE", "CONTENT", "STAGING", "EXPORT"):
        touches = any(f"{bucket.capitalize()}BucketArn" in str(grant["Resource"]) for grant in grants)
        assert touches == (f"{PREFIX}{bucket}_BUCKET" in variables), bucket
    touches = any("Outputs.TableArn" in str(grant["Resource"]) for grant in grants)
    assert touches == (f"{PREFIX}TABLE" in variables)
    for secret in ("PSEUDONYM", "SESSION"):
        touches = any(f"/{secret.lower()}-" in str(grant["Resource"]) for grant in grants)
        assert touches == (f"{PREFIX}{secret}_SECRET" in variables), secret
    for prefix in ("PLATFORM", "ACCOUNT"):
        touches = any(f"bluelamp/{prefix.lower()}/" in str(grant["Resource"]) for grant in grants)
        assert touches == (f"{PREFIX}{prefix}_SECRET_PREFIX" in variables), prefix


def test_each_queue_wakes_one_function_that_reports_failures_one_by_one() -> None:
    woken = []
    for one in functions().values():
        for event in one.get("Events", {}).values():
            if event["Type"] != "SQS":
                continue
            properties = event["Properties"]
            assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
            # More than ten would need a window of a second at least, and latency matters.
            assert properties["BatchSize"] <= 10
            assert "MaximumBatchingWindowInSeconds" not in properties
            woken += names_in(properties["Queue"], r"Outputs\.(\w+)QueueArn")
    assert sorted(woken) == sorted(QUEUES)


@pytest.mark.parametrize("verb", VERBS)
def test_a_failed_scheduled_run_is_kept(verb: str) -> None:
    one = functions()[verb]
    schedules = [event["Properties"] for event in one.get("Events", {}).values() if event["Type"] == "Schedule"]
    assert bool(schedules) == (verb in {"poll", "seal", "tick", "notify", "anchor", "publish"})
    kept = {"Fn::GetAtt": ["Data", "Outputs.ScheduleDeadLettersArn"]}
    for schedule in schedules:
        assert schedule["Schedule"] in ("rate(1 minute)", {"Ref": "PollRate"}, {"Ref": "AnchorRate"})
        assert schedule["DeadLetterConfig"] == {"Arn": kept}
        assert one["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"] == kept


def test_every_queue_has_dead_letters_of_its_kind() -> None:
    queues = resources("AWS::SQS::Queue", "data.yaml")
    for name in QUEUES:
        queue, dead = (queues[f"{name}{kind}"]["Properties"] for kind in ("Queue", "DeadLetters"))
        assert queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::Sub"].endswith(":" + dead["QueueName"]["Fn::Sub"]), (
            name
        )
        assert queue.get("FifoQueue", False) == dead.get("FifoQueue", False) == (name == "Seal")
    assert all(one["Properties"]["SqsManagedSseEnabled"] is True for one in queues.values())


def test_a_queue_hides_a_message_for_longer_than_its_function_runs() -> None:
    queues = resources("AWS::SQS::Queue", "data.yaml")
    for one in functions().values():
        for event in one.get("Events", {}).values():
            if event["Type"] == "SQS":
                (name,) = names_in(event["Properties"]["Queue"], r"Outputs\.(\w+)QueueArn")
                times = 1 if name == "Seal" else 6
                assert queues[f"{name}Queue"]["Properties"]["VisibilityTimeout"] >= times * one["Timeout"], name


def sooner(queue: str) -> bool:
    """Tell whether the function behind a queue may have its messages come again soon."""
    return any(
        f"Outputs.{queue}QueueArn" in str(grant["Resource"])
        for verb in VERBS
        for grant in granted(verb)
        if "sqs:ChangeMessageVisibility" in str(grant["Action"])
    )


def test_a_message_is_tried_often_enough() -> None:
    queues = resources("AWS::SQS::Queue", "data.yaml")
    receives = {name: queues[f"{name}Queue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"] for name in QUEUES}
    # As AWS advises: a receive is spent as well when the function is throttled.
    assert min(receives.values()) >= 5
    # What comes again soon spends receives within seconds: it has as many more.
    patient = {name for name, many in receives.items() if many >= 5 + len(SOON)}
    assert patient == {name for name in QUEUES if sooner(name)}
    # Filed as unjudged at PATIENCE + 1, and once more should the table have been busy.
    assert receives["Moderation"] >= PATIENCE + 2


def _rule_holds(node: Any, parameters: dict[str, str]) -> Any:
    """As CloudFormation evaluates the functions that Rules may use."""
    if not isinstance(node, dict):
        return [_rule_holds(one, parameters) for one in node] if isinstance(node, list) else node
    ((name, given),) = node.items()
    match name, _rule_holds(given, parameters):
        case "Ref", parameter:
            return parameters[parameter]
        case "Fn::And", values:
            return all(values)
        case "Fn::Equals", (left, right):
            return left == right
        case "Fn::Contains", (values, wanted):
            return wanted in values
    raise AssertionError(name)


def _refused(**given: str) -> list[str]:
    template = load()
    defaults = {name: str(one["Default"]) for name, one in template["Parameters"].items() if "Default" in one}
    parameters = defaults | given
    return [
        assertion["AssertDescription"].split(" is ", 1)[0]
        for rule in template["Rules"].values()
        if _rule_holds(rule["RuleCondition"], parameters)
        for assertion in rule["Assertions"]
        if not _rule_holds(assertion["Assert"], parameters)
    ]


def test_nobody_goes_into_service_under_a_lock_that_can_be_lifted() -> None:
    assert _refused() == ["In service LockMode", "In service LockDays"]
    assert _refused(LockMode="COMPLIANCE", LockDays="2556") == ["In service LockDays"]
    assert _refused(LockMode="GOVERNANCE", LockDays="2557") == ["In service LockMode"]
    for days in ("2557", "2922", "3288", "3653"):
        assert _refused(LockMode="COMPLIANCE", LockDays=days) == []
    # A trial says so; the embedded cloud is one by nature.
    assert _refused(Trial="yes") == []
    assert _refused(CloudUrl="http://127.0.0.1:4566") == []


def test_the_days_to_choose_from_are_whole_years_within_the_longest_lock() -> None:
    rule = load()["Rules"]["InServiceTheLockHolds"]
    days = [int(one) for one in rule["Assertions"][1]["Assert"]["Fn::Contains"][0]]
    assert [round(one / 365.25) for one in days] == [7, 8, 9, 10]
    # Never a day short: a year with a leap day may be among them.
    assert all(one >= 365.25 * years for one, years in zip(days, (7, 8, 9, 10), strict=True))
    assert max(days) <= load()["Parameters"]["LockMaximumDays"]["Default"]


def _access_logs() -> dict[str, dict[str, Any]]:
    own = load()["Resources"]
    return {
        "api": load("api.yaml")["Resources"]["Stage"]["Properties"]["AccessLogSetting"],
        "webhooks": own["WebhookApi"]["Properties"]["AccessLogSetting"],
        "ws": own["WebSocketStage"]["Properties"]["AccessLogSettings"],
    }


@pytest.mark.parametrize("stage", ["api", "webhooks", "ws"])
def test_requests_are_logged_and_name_nobody(stage: str) -> None:
    setting = _access_logs()[stage]
    assert setting["DestinationArn"]["Fn::Sub"].endswith(":log-group:${AccessLogs}")
    said = json.loads(setting["Format"])
    # By name, so that nothing new comes in unseen: no address, agent, user, header, query, path with ids, or body.
    assert {value.removeprefix("$context.") for value in said.values()} <= {
        "requestId",
        "requestTime",
        "stage",
        "httpMethod",
        "resourcePath",
        "eventType",
        "routeKey",
        "status",
        "responseLength",
        "responseLatency",
        "integrationLatency",
        "error.responseType",
    }
    assert {"requestId", "status"} <= {value.removeprefix("$context.") for value in said.values()}


def test_the_access_logs_are_encrypted_end_and_may_be_written() -> None:
    own = load()["Resources"]
    group = own["AccessLogs"]["Properties"]
    assert group["KmsKeyId"] == {"Fn::GetAtt": ["Data", "Outputs.OperationsKeyArn"]}
    assert group["RetentionInDays"] == {"Ref": "LogDays"}
    assert own["Routes"]["Properties"]["Parameters"]["AccessLogs"] == {"Ref": "AccessLogs"}
    # API Gateway refuses a stage with logs until it has been given its role.
    assert {own[name]["DependsOn"] for name in ("Routes", "WebhookApi", "WebSocketStage")} == {"AccessLogsAccount"}


def test_every_queue_and_function_is_watched() -> None:
    watched = {
        (alarm["Properties"]["MetricName"], _named(dimension["Value"]))
        for alarm in resources("AWS::CloudWatch::Alarm", "alarms.yaml").values()
        for dimension in alarm["Properties"].get("Dimensions", [])
    }
    queues = {
        one["Properties"]["QueueName"]["Fn::Sub"].removeprefix("${Prefix}-")
        for one in resources("AWS::SQS::Queue", "data.yaml").values()
    }
    dead = {name for name in queues if "-dead" in name}
    assert watched >= {("ApproximateNumberOfMessagesVisible", name) for name in dead}
    assert watched >= {("ApproximateAgeOfOldestMessage", name) for name in queues - dead}
    assert watched >= {("Errors", verb) for verb in VERBS}
    # What a batch consumer fails at does not make its invocation fail.
    assert watched >= {("RecordsFailed", verb) for verb in BATCHED}
    assert watched >= {
        ("AccountsUnwell", "poll"),
        ("TokensNotRenewed", "tick"),
        ("ArchiveBroken", "api"),
        ("BreakGlass", "api"),
    }


def _named(value: str | dict[str, str]) -> str:
    return value if isinstance(value, str) else str(value.get("Fn::Sub", "")).removeprefix("${Prefix}-")


def test_nested_stacks_ask_no_attributes() -> None:
    # The embedded cloud forgets the attributes of a nested stack's resources when the stack is updated.
    for name in NESTED:
        if name not in {"edge.yaml", "replica.yaml", "witness.yaml"}:  # none of these is ever nested there
            assert names_in(load(name), "Fn::GetAtt") == set(), name


def test_the_index_names_are_those_that_the_table_asks_for() -> None:
    class Client:
        asked = ""

        def query(self, **request: object) -> dict[str, object]:
            self.asked = str(request["IndexName"])
            return {"Items": []}

    client = Client()
    table = load("data.yaml")["Resources"]["Table"]["Properties"]
    made = {index["IndexName"] for index in table["GlobalSecondaryIndexes"]}
    for index in ("g1", "g2", "g3", "g4"):
        Table(client, "t").query("x", index=index)  # type: ignore[arg-type]
        assert client.asked in made
