"""Dead letters go back as they were, each is sent before it is deleted, and the record says how many."""

from __future__ import annotations

import json

import pytest

from bluelamp.cli.admin import redrive as module
from bluelamp.cli.admin.redrive import DeadLetters
from bluelamp.cloud.sqs import Queue, QueueError


@pytest.fixture(autouse=True)
def queues(deployment, monkeypatch):
    monkeypatch.setattr(module, "WAIT_SECONDS", 0)
    deployment.queue("ingest")
    deployment.client("sqs").create_queue(QueueName="bluelamp-schedule-dead")


def dead(deployment, name, bodies, **more):
    """Put messages into a dead-letter queue."""
    sqs = deployment.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    for number, body in enumerate(bodies):
        fifo = {"MessageDeduplicationId": f"d{number}"} if more else {}
        sqs.send_message(QueueUrl=url, MessageBody=body, **more, **fifo)


def bodies(deployment, url):
    """Take everything out of a queue."""
    sqs, found = deployment.client("sqs"), []
    while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in got:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return sorted(found)


def left(deployment, name):
    sqs = deployment.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"])


def test_everything_goes_back_as_it_was(deployment):
    sent = sorted(json.dumps({"v": 1, "n": n}, indent=1) for n in range(23))
    dead(deployment, "bluelamp-ingest-dead", sent)
    done = deployment.run("redrive", "ingest")
    assert done.exit_code == 0, done.output
    assert "23 dead letters were sent back to ingest" in done.output
    assert bodies(deployment, deployment.outputs["IngestQueueUrl"]) == sent
    assert left(deployment, "bluelamp-ingest-dead") == 0
    began, ended = deployment.leaves()
    assert (began["type"], began["obj"], began["change"]) == (
        "config",
        {"kind": "queue", "key": "ingest"},
        {"field": "waiting", "to": "23"},
    )
    assert ended["op"] == {"verb": "redrive", "intent": began["id"], "result": "done"}
    assert ended["change"] == {"field": "moved", "to": "23"}


def test_no_more_than_was_asked_for(deployment):
    dead(deployment, "bluelamp-ingest-dead", ["{}"] * 15)
    assert deployment.run("redrive", "ingest", "--max", "12").exit_code == 0
    assert left(deployment, "bluelamp-ingest-dead") == 3
    assert deployment.leaves()[-1]["change"] == {"field": "moved", "to": "12"}


def test_a_wake_of_the_sealer_goes_back_in_its_group(deployment):
    dead(deployment, "bluelamp-seal-dead.fifo", ["{}"] * 12, MessageGroupId="seal")
    assert deployment.run("redrive", "seal").exit_code == 0
    assert left(deployment, "bluelamp-seal-dead.fifo") == 0
    # Beside them the wakes for the two records of the redrive itself.
    assert len(bodies(deployment, deployment.outputs["SealQueueUrl"])) == 14


def test_a_dry_run_touches_nothing(deployment):
    dead(deployment, "bluelamp-ingest-dead", ["{}"] * 3)
    assert "3 dead letters would be sent back to ingest" in deployment.run("redrive", "ingest", "--dry-run").output
    assert left(deployment, "bluelamp-ingest-dead") == 3
    assert deployment.leaves() == []


def test_without_a_queue_all_are_shown(deployment):
    dead(deployment, "bluelamp-ingest-dead", ["{}"] * 3)
    assert [line.split()[:2] for line in deployment.run("redrive").output.splitlines()] == [
        ["ingest", "3"],
        ["seal", "0"],
        ["schedule", "0"],
    ]


def test_failed_runs_of_the_schedule_can_only_be_dropped(deployment):
    dead(deployment, "bluelamp-schedule-dead", ["{}"] * 2)
    refused = deployment.run("redrive", "schedule")
    assert refused.exit_code == 1
    assert "--discard" in refused.output
    assert deployment.run("redrive", "schedule", "--discard").exit_code == 0
    assert left(deployment, "bluelamp-schedule-dead") == 0
    assert deployment.leaves()[-1]["op"]["verb"] == "discard"


def test_work_that_was_not_done_is_never_dropped(deployment):
    dead(deployment, "bluelamp-ingest-dead", ["{}"])
    assert deployment.run("redrive", "ingest", "--discard").exit_code == 1
    assert left(deployment, "bluelamp-ingest-dead") == 1


def test_an_unknown_queue_names_those_there_are(deployment):
    done = deployment.run("redrive", "inbox")
    assert done.exit_code == 1
    assert "ingest, seal, schedule" in done.output


def test_what_the_source_refuses_stays_a_dead_letter_and_is_recorded(deployment, monkeypatch):
    dead(deployment, "bluelamp-ingest-dead", ["{}"] * 3)
    genuine = Queue.send

    def send(queue, messages):
        if queue.url == deployment.outputs["IngestQueueUrl"]:
            raise QueueError("SQS refused")
        genuine(queue, messages)

    monkeypatch.setattr(Queue, "send", send)
    assert deployment.run("redrive", "ingest").exit_code == 1
    assert deployment.leaves()[-1]["op"]["result"] == "failed"
    assert deployment.leaves()[-1]["change"] == {"field": "moved", "to": "0"}
    sqs = deployment.client("sqs")
    url = sqs.get_queue_url(QueueName="bluelamp-ingest-dead")["QueueUrl"]
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
    assert held["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "3"


def test_a_run_that_is_cut_off_loses_nothing(deployment, monkeypatch):
    dead(deployment, "bluelamp-ingest-dead", ["{}"] * 3)

    def cut(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(DeadLetters, "_delete", cut)
    assert deployment.run("redrive", "ingest").exit_code == 1
    assert bodies(deployment, deployment.outputs["IngestQueueUrl"]) == ["{}"] * 3
    assert deployment.leaves()[-1]["op"]["result"] == "failed"
