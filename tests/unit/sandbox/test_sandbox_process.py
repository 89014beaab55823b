"""The sandbox as a process of its own: it starts, hangs up on request, survives a kill and stops on a signal."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.client import ControlClient

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
PAGE = "100064000000001"


def start(tmp_path, *options, port=0):
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"facebook": {"app_secret": "a"}, "x": {"consumer_secret": "c"}}))
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--secrets", str(secrets), *options]
    return subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def running(tmp_path):
    made = []

    def run(*options):
        process = start(tmp_path, *options)
        made.append(process)
        line = process.stdout.readline()
        assert line.startswith("sandbox ready "), process.stderr.read()
        return process, line.split()[-1]

    yield run
    for process in made:
        process.kill()
        process.communicate()


def test_faults_on_a_real_connection_a_kill_and_a_clean_stop(running, tmp_path):
    state = str(tmp_path / "deep" / "state.sqlite")
    process, url = running("--state", state)
    client = ControlClient(f"{url}/_control")
    client.post("/accounts", platform="facebook", id=PAGE, name="Police", handle="police", token="t")
    post = client.post("/facebook/posts", page=PAGE, text="Appeal")["id"]
    made = [client.post("/facebook/comments", on=post, author_name="Jo", text="hi")["id"] for _ in range(2)]

    client.post("/faults", kind="act_then_hang", method="DELETE", times=1, seconds=20)
    with pytest.raises(requests.ReadTimeout):
        requests.delete(f"{url}/graph/v26.0/{made[0]}", params={"access_token": "t"}, timeout=1)
    client.post("/faults", kind="act_then_close", method="DELETE", times=1)
    with pytest.raises(requests.ConnectionError):
        requests.delete(f"{url}/graph/v26.0/{made[1]}", params={"access_token": "t"}, timeout=5)
    assert [client.object("facebook", key)["state"] for key in made] == ["deleted", "deleted"]
    assert [call["acted"] for call in client.calls(method="DELETE")] == [True, True]

    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)
    again, url = running("--state", state)
    client = ControlClient(f"{url}/_control")
    assert client.object("facebook", made[1])["state"] == "deleted"
    assert client.calls(method="DELETE")[1]["fault"] == "act_then_close"
    again.send_signal(signal.SIGTERM)
    assert again.wait(30) == 0


def test_webhooks_and_handshake_reach_a_receiver(running):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(30)
        _, url = running("--deliver-to", f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks")
        client = ControlClient(f"{url}/_control")
        client.post("/accounts", platform="facebook", id=PAGE, name="Police", handle="police", token="t")
        client.post("/facebook/posts", page=PAGE, text="Appeal")
        connection, _ = listener.accept()
        with connection:
            request = connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert request.startswith(b"POST /webhooks/facebook HTTP/1.1")
        assert b"x-hub-signature-256: sha256=" in request.lower()
        assert client.idle(30)


def test_a_taken_port_and_bad_files_are_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        out, err = (process := start(tmp_path, port=port)).communicate(timeout=60)
        assert (process.returncode, out, err.count("\n")) == (2, "", 1)
        assert f"port {port}" in err
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"nothing useful" * 50)
    _, err = (process := start(tmp_path, "--state", str(broken))).communicate(timeout=60)
    assert (process.returncode, err.count("\n")) == (2, 1)
