import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import COMMANDS, main
from bluelamp.cli.local import paths, stack
from bluelamp.cli.local.state import StateFolder


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
    monkeypatch.setattr(paths, "ALL", (missing,))
    result = CliRunner().invoke(main, ["up", "--state-dir", str(tmp_path / "state")])
    assert result.exit_code == 1
    assert "ministack is not installed" in result.output
    assert "way out: make setup" in result.output


def test_whatever_goes_wrong_is_one_line_and_the_rest_is_in_the_log(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(stack.ports, "choose", fail)
    result = CliRunner().invoke(main, ["up", "--state-dir", str(tmp_path / "state")])
    assert result.exit_code == 1
    assert "ZeroDivisionError: by zero" in result.output
    assert "Traceback" not in result.output
    assert "Traceback" in (tmp_path / "state" / "log" / "up.log").read_text(encoding="utf-8")


def test_what_is_published_has_the_keys_that_others_read(tmp_path):
    folder = StateFolder(tmp_path)
    folder.publish({"b": 1, "a": 2})
    assert list(json.loads(folder.local_json.read_text(encoding="utf-8"))) == ["a", "b"]
