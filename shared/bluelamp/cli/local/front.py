"""The one address that the browser sees locally: what CloudFront is on AWS, on the loopback address.

`/` is the built page, `/api` and `/webhooks` go to the embedded API Gateway, `/ws` to its WebSocket API, and the hosted
sign-in to the embedded Cognito. So page, API and socket share an origin, and cookies and the content policy hold as
they do on AWS. Nothing is decided here that CloudFront or Cognito would not decide.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import mimetypes
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from bluelamp.cli.local.errors import ChildError
from bluelamp.cli.local.front_signin import SignIn
from bluelamp.cli.local.ports import LOOPBACK

# API Gateway's own bound; below it the receiver must see every body, so that the refusal is the receiver's.
LARGEST_BODY = 10 * 1024 * 1024
UPSTREAM_SECONDS = 60
SOCKET_MESSAGE = 128 * 1024

# Headers that belong to one connection and are not passed on (RFC 9110, section 7.6.1), and those that are made anew.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


@dataclass(frozen=True)
class Targets:
    """Where the front sends what it is asked."""

    cloud: str
    api_id: str
    webhook_api_id: str
    websocket_api_id: str

    def rest(self, api_id: str, raw_path: str) -> URL:
        """Return the invoke URL of a REST API for a path whose first part is the stage."""
        return URL(f"{self.cloud}/_aws/execute-api/{api_id}{raw_path}", encoded=True)

    def socket(self, raw_query: str) -> URL:
        """Return the address of the WebSocket API."""
        address = f"{self.cloud.replace('http', 'ws', 1)}/_aws/execute-api/{self.websocket_api_id}/ws"
        return URL(f"{address}?{raw_query}" if raw_query else address, encoded=True)


class Front:
    """The loopback front, in a thread of its own.

    Parameters
    ----------
    port
        Where it listens.
    targets
        Where it sends what it is asked.
    page
        The folder of the built page.
    headers
        What the edge adds to every file of the page.
    second_factors
        The one-time code secret of each person who has one, by username.
    """

    def __init__(
        self,
        port: int,
        *,
        targets: Targets,
        page: Path,
        headers: Mapping[str, str],
        second_factors: Mapping[str, str],
    ) -> None:
        self.url = f"http://{LOOPBACK}:{port}"
        self._port = port
        self._targets = targets
        self._page = page.resolve()
        self._headers = dict(headers)
        self._sign_in = SignIn(second_factors)
        self._session: aiohttp.ClientSession | None = None
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="front", daemon=True)

    def start(self) -> None:
        """Start to listen.

        Raises
        ------
        ChildError
            When the port was taken in the meantime.
        """
        self._thread.start()
        self._started.wait(20)
        if self._failure is not None:
            raise ChildError(f"the front cannot listen on port {self._port}: {self._failure}", way_out="run it again")

    def stop(self) -> None:
        """Stop to listen; connections that are open are closed."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(10)

    def _run(self) -> None:
        try:
            # The runner cancels what is still being answered before it closes the loop.
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        finally:
            self._started.set()

    async def _serve(self) -> None:
        timeout = aiohttp.ClientTimeout(total=UPSTREAM_SECONDS)
        # Each call its own connection: the embedded gateway closes idle ones without a word, in the middle of the next.
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(
            timeout=timeout,
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        ) as session:
            self._session = session
            runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            try:
                await web.TCPSite(runner, LOOPBACK, self._port).start()
                self._started.set()
                await self._stopping.wait()
            except OSError as error:
                self._failure = error
            finally:
                await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_route("*", "/api/{tail:.*}", self._api)
        application.router.add_route("*", "/webhooks/{tail:.*}", self._webhook)
        application.router.add_get("/ws", self._socket)
        application.router.add_get("/oauth2/authorize", self._hosted)
        application.router.add_get("/logout", self._hosted)
        application.router.add_post("/login", self._login)
        application.router.add_get("/{tail:.*}", self._file)
        return application

    async def _api(self, request: web.Request) -> web.StreamResponse:
        return await self._pass_on(request, self._targets.rest(self._targets.api_id, request.raw_path))

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        return await self._pass_on(request, self._targets.rest(self._targets.webhook_api_id, request.raw_path))

    async def _hosted(self, request: web.Request) -> web.StreamResponse:
        return await self._pass_on(request, URL(self._targets.cloud + request.raw_path, encoded=True))

    async def _login(self, request: web.Request) -> web.StreamResponse:
        """Pass a sign-in on; hold back a successful one until the one-time code was right."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        held = self._sign_in.second_step(form)
        if held is not None:
            return held
        answer = await self._pass_on(request, URL(self._targets.cloud + request.raw_path, encoded=True))
        return self._sign_in.first_step(form, answer)

    async def _pass_on(self, request: web.Request, url: URL) -> web.Response:
        """Send a request on as it is and return the answer as it is."""
        assert self._session is not None  # noqa: S101 - it lives as long as the server
        body = await request.read()
        headers = _passed_on(request.headers)
        headers["X-Forwarded-For"] = request.remote or LOOPBACK
        headers["X-Forwarded-Proto"] = "http"
        try:
            async with self._session.request(
                request.method, url, headers=headers, data=io.BytesIO(body) if body else None, allow_redirects=False
            ) as answer:
                content = await answer.read()
                kept = _passed_on(answer.headers)
                # A redirect to the cloud's own address is one to us: the hosted sign-in is asked for by that address.
                if kept.get("Location", "").startswith(self._targets.cloud + "/"):
                    kept["Location"] = self.url + kept["Location"].removeprefix(self._targets.cloud)
                return web.Response(status=answer.status, headers=kept, body=content)
        except (aiohttp.ClientError, TimeoutError) as error:
            return web.Response(status=502, text=f"the embedded cloud did not answer: {type(error).__name__}\n")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        """Join the browser's socket and the embedded WebSocket API's."""
        assert self._session is not None  # noqa: S101 - it lives as long as the server
        url = self._targets.socket(request.rel_url.raw_query_string)
        headers = {"Origin": request.headers["Origin"]} if "Origin" in request.headers else {}
        try:
            behind = await self._session.ws_connect(url, headers=headers, max_msg_size=SOCKET_MESSAGE, autoclose=True)
        except aiohttp.WSServerHandshakeError as error:
            return web.Response(status=error.status, text="the connection was refused\n")
        except (aiohttp.ClientError, TimeoutError) as error:
            return web.Response(status=502, text=f"the embedded cloud did not answer: {type(error).__name__}\n")
        before = web.WebSocketResponse(max_msg_size=SOCKET_MESSAGE)
        async with contextlib.aclosing(_Closing(behind)):
            await before.prepare(request)
            pumps = [asyncio.create_task(_pump(before, behind)), asyncio.create_task(_pump(behind, before))]
            _, pending = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pending:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            await before.close(code=behind.close_code or aiohttp.WSCloseCode.OK)
        return before

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """Serve a file of the page; an address without one is the page's own business."""
        wanted = (self._page / request.path.lstrip("/")).resolve()
        if not wanted.is_relative_to(self._page) or not wanted.is_file():
            if "." in request.path.rpartition("/")[2]:
                return web.Response(status=404, text="not found\n", headers=self._headers)
            wanted = self._page / "index.html"
        kind = mimetypes.guess_type(wanted.name)[0] or "application/octet-stream"
        hashed = request.path.startswith("/assets/")
        cached = "public, max-age=31536000, immutable" if hashed else "no-cache"
        content = await asyncio.to_thread(wanted.read_bytes)
        return web.Response(
            body=content,
            content_type=kind,
            charset="utf-8" if kind.startswith("text/") or kind.endswith(("javascript", "json")) else None,
            headers={**self._headers, "Cache-Control": cached},
        )


class _Closing:
    """A client socket as `contextlib.aclosing` wants it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def aclose(self) -> None:
        """Close the socket."""
        await self._socket.close()


async def _pump(
    source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
    sink: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
) -> None:
    """Carry messages one way until the source closes."""
    async for message in source:
        if message.type == aiohttp.WSMsgType.TEXT:
            await sink.send_str(message.data)
        elif message.type == aiohttp.WSMsgType.BINARY:
            await sink.send_bytes(message.data)


def _passed_on(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Return the headers that are passed on, repeated ones (cookies) included."""
    named = {part.strip().lower() for part in headers.get("Connection", "").split(",")}
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP | named)
