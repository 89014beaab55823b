import json
import os
import stat

import pytest

from bluelamp.cli.local.errors import StateError
from bluelamp.cli.local.state import StateFolder, write_private


@pytest.fixture
def folder(tmp_path):
    opened = StateFolder(tmp_path / "state")
    opened.open()
    yield opened
    opened.close()


def test_what_is_remembered_comes_back(folder):
    folder.remembered.ports = {"front": 4500}
    secret = folder.secret("x", "consumer_secret")
    folder.save()
    folder.close()
    again = StateFolder(folder.path)
    again.open()
    assert again.remembered.ports == {"front": 4500}
    assert again.secret("x", "consumer_secret") == secret
    again.close()


def test_a_second_user_is_told_who_has_it(folder):
    with pytest.raises(StateError, match=f"process {os.getpid()}") as caught:
        StateFolder(folder.path).open()
    assert "--state-dir" in caught.value.way_out


def test_it_can_be_opened_again_once_closed(folder):
    folder.close()
    again = StateFolder(folder.path)
    again.open()
    again.close()


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 1, "unknown": 2}', "\x00"])
def test_an_unreadable_state_file_is_one_line_with_a_way_out(folder, text):
    folder.close()
    (folder.path / "state.json").write_text(text, encoding="utf-8")
    with pytest.raises(StateError, match=r"state\.json") as caught:
        StateFolder(folder.path).open()
    assert "make clean" in caught.value.way_out
    assert "\n" not in str(caught.value)


def test_another_version_is_said(folder):
    folder.close()
    (folder.path / "state.json").write_text('{"schema": 99}', encoding="utf-8")
    with pytest.raises(StateError, match="another version"):
        StateFolder(folder.path).open()


def test_a_folder_without_its_state_file_is_half_written(tmp_path):
    (tmp_path / "store").mkdir()
    with pytest.raises(StateError, match="half-written"):
        StateFolder(tmp_path).open()


def test_a_refused_folder_is_let_go(tmp_path):
    (tmp_path / "store").mkdir()
    folder = StateFolder(tmp_path)
    with pytest.raises(StateError):
        folder.open()
    (tmp_path / "store").rmdir()
    again = StateFolder(tmp_path)
    again.open()
    again.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StateError, match="cannot be used"):
        StateFolder(tmp_path / "file" / "state").open()


def test_what_is_published_is_its_owners_alone_and_is_withdrawn(folder):
    folder.publish({"api": "http://127.0.0.1:4500/api"})
    assert json.loads(folder.local_json.read_text(encoding="utf-8"))["api"].endswith("/api")
    assert stat.S_IMODE(folder.local_json.stat().st_mode) == 0o600
    folder.withdraw()
    assert not folder.local_json.exists()
    folder.withdraw()


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    file = tmp_path / "kept.json"
    write_private(file, {"a": 1})
    with pytest.raises(TypeError):
        write_private(file, {"a": object()})
    assert json.loads(file.read_text(encoding="utf-8")) == {"a": 1}
