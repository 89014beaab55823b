"""Somebody who is added can sign in, has a role, and stands in the record; twice is refused, half is completed."""

from __future__ import annotations

import json

import pytest

ADA = ("admin", "add", "--email", "Ada.Marsh@Wealdshire.police.example", "--name", "Ada  Marsh")
ADDRESS = "ada.marsh@wealdshire.police.example"


@pytest.fixture
def pool(deployment):
    made = deployment.client("cognito-idp").create_user_pool(
        PoolName="bluelamp", UsernameAttributes=["email"], UsernameConfiguration={"CaseSensitive": False}
    )["UserPool"]["Id"]
    deployment.outputs["UserPoolId"] = made
    deployment.queue("live")
    return made


def persons(deployment):
    return [item for item in deployment.table.items.values() if item["sk"] == "PERSON"]


def test_the_first_administrator(deployment, pool):
    done = deployment.run(*ADA)
    assert done.exit_code == 0, done.output
    user = deployment.client("cognito-idp").admin_get_user(UserPoolId=pool, Username=ADDRESS)
    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"  # Cognito's e-mail carries the temporary one
    attributes = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
    assert (attributes["email_verified"], attributes["name"]) == ("true", "Ada Marsh")
    (person,) = persons(deployment)
    assert (person["id"], person["role"], person["email"]) == (attributes["sub"], "admin", ADDRESS)
    (leaf,) = deployment.leaves()
    assert (leaf["type"], leaf["obj"]["key"], leaf["change"]) == (
        "config",
        attributes["sub"],
        {"field": "role", "to": "admin"},
    )
    assert leaf["actor"]["role"] == "operator"
    assert leaf["actor"]["sub"].startswith("aws:")
    assert len(leaf["actor"]["session"]) == 64
    assert "Marsh" not in str(leaf)


def test_what_was_recorded_is_sealed_at_once(deployment, pool):
    deployment.run(*ADA)
    sqs = deployment.client("sqs")
    woken = sqs.receive_message(QueueUrl=deployment.outputs["SealQueueUrl"], MaxNumberOfMessages=10)["Messages"]
    assert len(woken) == 1


def test_the_second_time_is_refused_and_changes_nothing(deployment, pool):
    deployment.run(*ADA)
    again = deployment.run("person", "add", "--email", ADDRESS, "--name", "Ada", "--role", "comms")
    assert again.exit_code == 1
    assert "is there already, as admin (active); nothing was changed" in again.output
    assert len(deployment.leaves()) == 1
    assert persons(deployment)[0]["role"] == "admin"


def test_a_run_that_was_cut_off_is_completed(deployment, pool):
    def cut(name):
        if name == "transact":
            raise KeyboardInterrupt

    deployment.table.faults.before = cut
    assert deployment.run(*ADA).exit_code == 1
    assert persons(deployment) == []
    deployment.table.faults.before = None
    assert deployment.run(*ADA).exit_code == 0
    assert len(deployment.client("cognito-idp").list_users(UserPoolId=pool)["Users"]) == 1
    assert len(persons(deployment)) == len(deployment.leaves()) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--email", "ada", "--name", "Ada", "--role", "comms"), "not an e-mail address"),
        (("--email", ADDRESS, "--name", " ", "--role", "comms"), "--name is empty"),
        (("--email", ADDRESS, "--name", "Ada", "--role", "local"), "name at least one with --team"),
        (("--email", ADDRESS, "--name", "Ada", "--role", "local", "--team", "No Such"), "is no team"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(deployment, pool, words, why):
    done = deployment.run("person", "add", *words)
    assert done.exit_code == 1
    assert why in done.output
    assert deployment.client("cognito-idp").list_users(UserPoolId=pool)["Users"] == []


def test_everybody_is_listed(deployment, pool):
    deployment.run(*ADA)
    deployment.run("person", "add", "--email", "b@w.example", "--name", "Bo", "--role", "local", "--team", "ashcombe")
    listed = deployment.run("person", "list").output.splitlines()
    assert [line.split()[0] for line in listed] == ["Ada", "Bo"]
    assert listed[1].endswith("ashcombe")


def test_an_invitation_is_sent_again_and_recorded(deployment, pool):
    assert "there is no sign-in" in deployment.run("person", "invite", "--email", ADDRESS).output
    deployment.run(*ADA)
    done = deployment.run("person", "invite", "--email", ADDRESS)
    assert done.exit_code == 0, done.output
    assert deployment.leaves()[-1]["change"] == {"field": "invitation", "to": "sent"}


def test_a_stack_that_is_not_there_is_one_line(tmp_path, deployment):
    done = deployment.run(*ADA, "--local", "--state-dir", str(tmp_path))
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == f"Error: no local stack runs on {tmp_path}: start it with make run"


def test_what_aws_refuses_is_one_line(deployment):
    deployment.outputs["UserPoolId"] = "eu-west-2_nothing"
    done = deployment.run(*ADA)
    assert done.exit_code == 1
    assert done.output.startswith("Error: AWS refused AdminGetUser: ")
    assert "Traceback" not in done.output


def test_somebody_is_shut_out_and_let_in_again_each_on_the_record(deployment, pool):
    deployment.run(*ADA)
    assert "there is nobody with this address" in deployment.run("person", "suspend", "--email", "b@w.example").output
    for verb, status in (("suspend", "suspended"), ("resume", "active")):
        done = deployment.run("person", verb, "--email", ADDRESS.upper())
        assert (done.exit_code, done.output) == (0, f"{ADDRESS} is {status} now.\n")
        (person,) = persons(deployment)
        assert person["status"] == status
        assert person["signed_out_at"]
        assert deployment.leaves()[-1]["change"]["to"] == status
        again = deployment.run("person", verb, "--email", ADDRESS)
        assert again.output == f"{ADDRESS} is {status} already; nothing was changed.\n"
    assert len(deployment.leaves()) == 3


def told_pages(deployment):
    """Whose open pages the live queue was told of."""
    answer = deployment.client("sqs").receive_message(
        QueueUrl=deployment.outputs["LiveQueueUrl"], MaxNumberOfMessages=10
    )
    return [json.loads(one["Body"])["person"] for one in answer.get("Messages", ())]


def test_who_is_suspended_or_signed_out_has_their_open_pages_closed(deployment, pool):
    deployment.run(*ADA)
    (person,) = persons(deployment)
    assert deployment.run("person", "sign-out", "--email", ADDRESS).exit_code == 0
    assert deployment.leaves()[-1]["change"] == {"field": "sign_ins", "to": "ended"}
    assert persons(deployment)[0]["signed_out_at"]
    assert deployment.run("person", "suspend", "--email", ADDRESS).exit_code == 0
    assert deployment.run("person", "resume", "--email", ADDRESS).exit_code == 0
    assert told_pages(deployment) == [person["id"]] * 2
    assert "there is nobody" in deployment.run("person", "sign-out", "--email", "b@w.example").output
