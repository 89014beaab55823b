"""`account import`, `export` and the same for people: what the command line tells, and when it ends with an error."""

from __future__ import annotations

import json

import pytest

HEAD = "platform,native_id,name,kind,team"
GOOD = f"{HEAD}\nx,5,Five,community,north\nx,6,Six,community,north\n"


@pytest.fixture
def brought(deployment, tmp_path):
    def run(text, *more, kind="account"):
        file = tmp_path / "in.csv"
        file.write_text(text, encoding="utf-8")
        return deployment.run(kind, "import", str(file), *more)

    return run


def test_tried_then_brought_then_nothing_new(deployment, brought):
    done = brought(GOOD, "--dry-run", "--new-teams")
    assert (done.exit_code, "2 would be created, 0 would be changed, 0 unchanged, 0 bad" in done.output) == (0, True)
    assert brought(GOOD, "--new-teams").output == "2 created, 0 changed, 0 unchanged, 0 bad\n"
    again = brought(GOOD, "--json")
    assert json.loads(again.output)["unchanged"] == 2
    assert [leaf["type"] for leaf in deployment.leaves()] == ["search", "config", "config", "search"]
    assert "x-5" in deployment.run("account", "list").output


def test_bad_lines_are_told_with_an_error(deployment, brought):
    done = brought(GOOD + "x,7,Seven,circus,north\n", "--new-teams")
    assert done.exit_code == 1
    assert "line 4, kind: is none of" in done.output
    assert "Nothing was written" in done.output
    done = brought(GOOD + "x,7,Seven,circus,north\n", "--new-teams", "--keep-going")
    assert (done.exit_code, "2 created" in done.output) == (1, True)


def test_a_file_that_is_none_ends_with_one_line(deployment, brought):
    done = brought("platform|native_id\n")
    assert (done.exit_code, done.output) == (
        1,
        "Error: The cells are parted by a vertical bar: use comma, semicolon or tab.\n",
    )
    assert deployment.leaves() == []


def test_an_export_never_overwrites(deployment, brought, tmp_path):
    brought(GOOD, "--new-teams")
    file = tmp_path / "out.csv"
    done = deployment.run("account", "export", str(file))
    assert (done.exit_code, "holds 2 lines" in done.output) == (0, True)
    assert brought(file.read_text(encoding="utf-8")).output == "0 created, 0 changed, 2 unchanged, 0 bad\n"
    again = deployment.run("account", "export", str(file))
    assert (again.exit_code, "was not overwritten" in again.output) == (1, True)
    assert [leaf["type"] for leaf in deployment.leaves()].count("export") == 1


def test_people_get_a_sign_in_and_come_back(deployment, brought, tmp_path):
    client = deployment.client("cognito-idp")
    pool = client.create_user_pool(PoolName="p", UsernameAttributes=["email"])["UserPool"]["Id"]
    deployment.outputs["UserPoolId"] = pool
    deployment.queue("live")
    done = brought("email,name,role\nbo@w.example,Bo,comms\n", kind="person")
    assert (done.exit_code, done.output) == (0, "1 created, 0 changed, 0 unchanged, 0 bad\n")
    assert client.admin_get_user(UserPoolId=pool, Username="bo@w.example")["Enabled"]
    file = tmp_path / "people.csv"
    assert deployment.run("person", "export", str(file)).exit_code == 0
    assert "bo@w.example,Bo,comms" in file.read_text(encoding="utf-8")
