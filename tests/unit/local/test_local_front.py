import http.server
import threading

import pytest
import requests

from bluelamp.cli.local.errors import ChildError
from bluelamp.cli.local.front import Front, Targets
from bluelamp.cli.local.ports import choose

SLOW, RELEASE = threading.Event(), threading.Event()
HEADERS = {"Content-Security-Policy": "default-src 'none'", "X-Frame-Options": "DENY"}


class Cloud(http.server.BaseHTTPRequestHandler):
    """Answers with what it was asked, and redirects sign-ins as the hosted page does."""

    protocol_version = "HTTP/1.1"
    url = ""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/_aws/execute-api/rest/api/auth/login":
            self.send_response(302)
            self.send_header("Location", f"{self.url}/oauth2/authorize?x=1")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if "slow" in self.path:
            SLOW.set()
            RELEASE.wait(20)
        text = f"{self.command} {self.path} {len(body)} {self.headers.get('X-Hub-Signature-256')}".encode()
        self.send_response(418 if "teapot" in self.path else 200)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 -- names that http.server looks up

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    page = tmp_path_factory.mktemp("page")
    (page / "index.html").write_text("<p>the page</p>", encoding="utf-8")
    (page / "assets").mkdir()
    (page / "assets" / "app.js").write_text("1", encoding="utf-8")
    (page.parent / "outside.txt").write_text("secret", encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cloud)
    Cloud.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    targets = Targets(cloud=Cloud.url, api_id="rest", webhook_api_id="hooks", websocket_api_id="sockets")
    started = Front(choose({})["front"], targets=targets, page=page, headers=HEADERS, second_factors={})
    started.start()
    yield started
    started.stop()
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_stage_is_the_first_part_of_the_path(front):
    answer = requests.get(f"{front.url}/api/posts/a%2Fb?x=%20y&x=2", timeout=10)
    assert answer.text == "GET /_aws/execute-api/rest/api/posts/a%2Fb?x=%20y&x=2 0 None"
    assert answer.raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_statuses_are_those_behind(front):
    assert requests.delete(f"{front.url}/api/teapot", timeout=10).status_code == 418


def test_a_body_over_the_receivers_bound_reaches_the_receiver_whole(front):
    body = b"\xff" * (6 * 1024 * 1024)
    answer = requests.post(
        f"{front.url}/webhooks/facebook", data=body, headers={"X-Hub-Signature-256": "sha256=00"}, timeout=30
    )
    assert answer.text == f"POST /_aws/execute-api/hooks/webhooks/facebook {len(body)} sha256=00"


def test_a_body_over_the_gateways_bound_is_refused(front):
    answer = requests.post(f"{front.url}/webhooks/facebook", data=b"x" * (11 * 1024 * 1024), timeout=30)
    assert answer.status_code == 413


def test_the_hosted_sign_in_is_reached_by_the_same_address(front):
    answer = requests.get(f"{front.url}/api/auth/login", allow_redirects=False, timeout=10)
    assert answer.headers["Location"] == f"{front.url}/oauth2/authorize?x=1"
    assert requests.get(answer.headers["Location"], timeout=10).text.startswith("GET /oauth2/authorize?x=1")


@pytest.mark.parametrize("path", ["/", "/queue/open", "/post/pabc"])
def test_the_pages_own_addresses_are_the_page(front, path):
    answer = requests.get(front.url + path, timeout=10)
    assert answer.text == "<p>the page</p>"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


def test_hashed_files_are_kept_by_the_browser(front):
    answer = requests.get(f"{front.url}/assets/app.js", timeout=10)
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_missing_file_is_missing(front):
    assert requests.get(f"{front.url}/assets/old.js", timeout=10).status_code == 404


def test_nothing_outside_the_page_is_served(front):
    session = requests.Session()
    request = requests.Request("GET", front.url).prepare()
    request.url = f"{front.url}/assets/../../outside.txt"
    assert session.send(request, timeout=10).status_code == 404


def test_a_cloud_that_is_gone_is_said(front, tmp_path):
    nowhere = Targets(cloud="http://127.0.0.1:9", api_id="rest", webhook_api_id="hooks", websocket_api_id="sockets")
    other = Front(choose({})["sandbox"], targets=nowhere, page=tmp_path, headers={}, second_factors={})
    other.start()
    try:
        assert requests.get(f"{other.url}/api/health", timeout=10).status_code == 502
        assert requests.get(f"{other.url}/ws", headers={"Upgrade": "websocket"}, timeout=10).status_code == 502
    finally:
        other.stop()


def test_a_taken_port_is_said(front, tmp_path):
    port = int(front.url.rpartition(":")[2])
    other = Front(port, targets=front._targets, page=tmp_path, headers={}, second_factors={})
    with pytest.raises(ChildError, match=str(port)):
        other.start()


@pytest.mark.slow
def test_it_stops_while_something_is_being_answered(front, tmp_path, caplog):
    other = Front(choose({})["master"], targets=front._targets, page=tmp_path, headers={}, second_factors={})
    other.start()
    answers = []

    def ask():
        try:
            answers.append(requests.get(f"{other.url}/api/slow", timeout=30).status_code)
        except requests.ConnectionError:
            answers.append("closed")

    asking = threading.Thread(target=ask)
    asking.start()
    assert SLOW.wait(20)
    other.stop()
    asking.join(20)
    RELEASE.set()
    assert answers == ["closed"]
    assert "Traceback" not in caplog.text
