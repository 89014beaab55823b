"""What the doctor finds is what `up` stops at, in the same words."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from bluelamp.cli import main
from bluelamp.cli.local import checks, paths
from bluelamp.cli.local.checks import look
from bluelamp.cli.local.processes import born
from bluelamp.cli.local.stack import Stack
from bluelamp.cli.local.state import StateFolder


@pytest.fixture(autouse=True)
def tools(monkeypatch):
    """Have every tool there, whatever this machine has."""
    monkeypatch.setattr(paths, "ALL", ())


@pytest.fixture
def folder(tmp_path):
    return StateFolder(tmp_path / "state")


def found(folder, *, port=None):
    looked = StateFolder(folder.path)
    try:
        return {check.name: check for check in look(looked, port=port)}
    finally:
        looked.close()


def remember(folder, **values):
    folder.open()
    for name, value in values.items():
        setattr(folder.remembered, name, value)
    folder.save()
    folder.close()


def half_written(folder, monkeypatch):
    (folder.path / "store").mkdir(parents=True)


def unreadable(folder, monkeypatch):
    folder.path.mkdir()
    (folder.path / "state.json").write_text("{", encoding="utf-8")


def full_disk(folder, monkeypatch):
    monkeypatch.setattr(checks, "free_megabytes", lambda _: 12)


def missing_tool(folder, monkeypatch):
    missing = paths.Tool("ministack", folder.path / "ministack", "make setup")
    monkeypatch.setattr(paths, "ALL", (missing,))


def no_folder_possible(folder, monkeypatch):
    folder.path.write_text("", encoding="utf-8")
    folder.path = folder.path / "below a file"


@pytest.mark.parametrize("spoil", [half_written, unreadable, full_disk, missing_tool, no_folder_possible])
def test_what_stops_up_is_what_the_doctor_says(folder, monkeypatch, spoil):
    spoil(folder, monkeypatch)
    wrong = [check for check in found(folder).values() if check.outcome == "wrong"]
    assert len(wrong) == 1
    doctor = CliRunner().invoke(main, ["doctor", "--state-dir", str(folder.path)])
    assert doctor.exit_code == 1, doctor.output
    up = CliRunner().invoke(main, ["up", "--state-dir", str(folder.path)])
    assert up.exit_code == 1
    assert up.output.splitlines() == [f"✗ {wrong[0].found}", f"  way out: {wrong[0].advice}"]
    # Laid out in columns, but with every word.
    said = "".join(doctor.output.split())
    assert wrong[0].advice.replace(" ", "")[:12] in said


def test_a_taken_port_that_was_asked_for_stops_both(folder, taken):
    wrong = [check for check in found(folder, port=taken).values() if check.outcome == "wrong"]
    assert [check.name for check in wrong] == ["port of the page"]
    options = ["--state-dir", str(folder.path), "--port", str(taken)]
    assert CliRunner().invoke(main, ["doctor", *options]).exit_code == 1
    up = CliRunner().invoke(main, ["up", *options])
    assert up.output.splitlines() == [f"✗ {wrong[0].found}", f"  way out: {wrong[0].advice}"]


def test_a_taken_port_that_nobody_asked_for_is_only_noted(folder, taken):
    remember(folder, ports={"front": taken})
    seen = found(folder)
    assert seen["ports"].outcome == "note"
    assert str(taken) in seen["ports"].found
    assert seen["state folder"].outcome == "ok"


def test_a_killed_run_whose_cloud_still_runs_can_be_kept(folder):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as left:
        remember(folder, running=True, children={"ministack": {"pid": left.pid, "born": born(left.pid)}})
        assert found(folder)["state folder"].outcome == "note"
        left.kill()
        left.wait()
    seen = found(folder)["state folder"]
    assert seen.outcome == "note"
    assert "behind the sealed log" in seen.found


@pytest.mark.parametrize("left", [{"running": True}, {"behind": True}])
def test_a_killed_run_stops_nothing_and_its_loss_is_told(folder, left):
    remember(folder, **left)
    assert found(folder)["state folder"].outcome == "note"
    assert CliRunner().invoke(main, ["doctor", "--state-dir", str(folder.path)]).exit_code == 0


def test_what_a_killed_run_left_is_stopped_even_when_up_refuses(folder, taken):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as left:
        remember(folder, running=True, children={"SeaweedFS": {"pid": left.pid, "born": born(left.pid)}})
        options = ["--state-dir", str(folder.path), "--port", str(taken)]
        assert CliRunner().invoke(main, ["up", *options]).exit_code == 1
        assert left.wait(10)


def test_a_machine_that_is_right_is_ok(folder):
    result = CliRunner().invoke(main, ["doctor", "--state-dir", str(folder.path)])
    assert result.exit_code == 0, result.output
    assert not folder.path.exists()


def test_the_doctor_writes_no_state(folder):
    half_written(folder, None)
    found(folder)
    assert not (folder.path / "state.json").exists()


def test_a_stack_that_has_the_folder_is_asked(folder):
    folder.open()
    try:
        assert found(folder)["running stack"].outcome == "note"
        folder.publish({"api": "http://127.0.0.1:9/api"})
        silent = found(folder)["running stack"]
        assert silent.outcome == "wrong"
        assert f"process {os.getpid()}" in silent.found
    finally:
        folder.close()


def test_a_stack_that_runs_well_is_no_fault_but_up_refuses(folder, monkeypatch):
    monkeypatch.setattr(checks, "answers", lambda _: True)
    folder.open()
    folder.publish({"api": "http://127.0.0.1:4500/api"})
    try:
        assert CliRunner().invoke(main, ["doctor", "--state-dir", str(folder.path)]).exit_code == 0
        up = CliRunner().invoke(main, ["up", "--state-dir", str(folder.path)])
        assert "already runs" in up.output
        assert found(folder)["running stack"].advice in up.output
    finally:
        folder.close()


def test_an_old_python_is_wrong(folder, monkeypatch):
    monkeypatch.setattr(checks, "OLDEST_PYTHON", (9, 0))
    with pytest.raises(checks.MachineError, match="this is Python"):
        Stack(folder.path).start()
