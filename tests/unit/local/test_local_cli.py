import json
import socket

import pytest
from click.testing import CliRunner

from bluelamp.cli import COMMANDS, main
from bluelamp.cli.local import paths, stack
from bluelamp.cli.local.checks import everything
from bluelamp.cli.local.state import StateFolder


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_help_names_every_command():
    shown = CliRunner().invoke(main, ["--help"]).output
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_explains_itself(name):
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output


def test_an_unknown_command_is_refused():
    assert CliRunner().invoke(main, ["fly"]).exit_code == 2


def test_a_taken_port_is_one_line_and_a_way_out(tmp_path, taken):
    result = CliRunner().invoke(main, ["up", "--state-dir", str(tmp_path / "state"), "--port", str(taken)])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"✗ port {taken} is in use by another program",
        "  way out: stop that program, or choose another with --port (without it, a free port is taken)",
    ]


def test_a_half_written_state_folder_is_one_line_and_a_way_out(tmp_path):
    (tmp_path / "store").mkdir()
    result = CliRunner().invoke(main, ["up", "--state-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "half-written" in result.output
    assert "make clean" in result.output
    assert "Traceback" not in result.output


def test_a_missing_tool_is_one_line_and_a_way_out(tmp_path, monkeypatch):
    missing = paths.Tool("ministack", tmp_path / "ministack", "make setup")
    monkeypatch.setattr("bluelamp.cli.local.ministack.MINISTACK", missing)
    monkeypatch.setattr("bluelamp.cli.local.weed.WEED", missing)
    result = CliRunner().invoke(main, ["up", "--state-dir", str(tmp_path / "state")])
    assert result.exit_code == 1
    assert "ministack is not installed" in result.output
    assert "way out: make setup" in result.output


def test_a_run_that_was_killed_is_said(tmp_path):
    folder = StateFolder(tmp_path / "state")
    folder.open()
    folder.remembered.running = True
    folder.remembered.children = {"ministack": {"pid": 1, "born": 1}}
    folder.save()
    folder.close()
    result = CliRunner().invoke(main, ["up", "--state-dir", str(folder.path)])
    assert result.exit_code == 1
    assert "killed" in result.output


def test_whatever_goes_wrong_is_one_line_and_the_rest_is_in_the_log(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(stack.ports, "choose", fail)
    result = CliRunner().invoke(main, ["up", "--state-dir", str(tmp_path / "state")])
    assert result.exit_code == 1
    assert "ZeroDivisionError: by zero" in result.output
    assert "Traceback" not in result.output
    assert "Traceback" in (tmp_path / "state" / "log" / "up.log").read_text(encoding="utf-8")


def test_the_doctor_says_what_is_wrong_and_changes_nothing(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    (state / "store").mkdir()
    result = CliRunner().invoke(main, ["doctor", "--state-dir", str(state)])
    assert result.exit_code == 1
    assert "half-written" in " ".join(result.output.split())
    assert not (state / "state.json").exists()


def test_the_doctor_finds_a_running_stack_that_does_not_answer(tmp_path):
    folder = StateFolder(tmp_path / "state")
    folder.open()
    try:
        found = {check.name: check for check in everything(folder.path)}
        assert found["running stack"].outcome == "note"
        folder.publish({"api": "http://127.0.0.1:9/api"})
        found = {check.name: check for check in everything(folder.path)}
        assert found["running stack"].outcome == "wrong"
    finally:
        folder.close()


def test_the_doctor_notes_taken_ports(tmp_path, taken):
    folder = StateFolder(tmp_path / "state")
    folder.open()
    folder.remembered.ports = {"front": taken}
    folder.save()
    folder.close()
    found = {check.name: check for check in everything(folder.path)}
    assert str(taken) in found["ports"].found
    assert found["state folder"].outcome == "ok"


def test_what_is_published_has_the_keys_that_others_read(tmp_path):
    folder = StateFolder(tmp_path)
    folder.publish({"b": 1, "a": 2})
    assert list(json.loads(folder.local_json.read_text(encoding="utf-8"))) == ["a", "b"]
