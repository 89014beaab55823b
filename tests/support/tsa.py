"""A timestamp authority for tests: its certificates are made here, its tokens by ``openssl ts -reply``.

So what the code is held against is not of its own making. It listens on the loopback address, and does on request what
bad authorities do.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = dt.timedelta(days=1)
CONFIG = """\
[tsa]
dir = {folder}
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/chain.pem
signer_digest = {digest}
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512, sha1
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_alg = {names_by}
clock_precision_digits = {fraction}
"""


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _key(kind: str) -> Any:
    return ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)


def certificate(
    subject: str,
    key: Any,
    issuer: tuple[x509.Certificate, Any] | None = None,
    *,
    ca: bool = False,
    uses: tuple[x509.ObjectIdentifier, ...] = (),
    critical: bool = True,
    begins: dt.datetime | None = None,
    ends: dt.datetime | None = None,
    path_length: int | None = None,
    extra: x509.ExtensionType | None = None,
) -> x509.Certificate:
    """Return a certificate, signed by `issuer` or by itself."""
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer[0].subject if issuer else _name(subject))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or now - DAY)
        .not_valid_after(ends or now + 3650 * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length if ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if uses:
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=critical)
    if extra is not None:
        builder = builder.add_extension(extra, critical=True)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


@dataclass(frozen=True)
class Authority:
    """A root, an intermediate, and what stamps under it; `folder` holds their files."""

    folder: Path
    root: x509.Certificate
    middle: x509.Certificate
    signer: x509.Certificate

    @classmethod
    def make(
        cls,
        folder: Path,
        name: str = "Wealdshire Test TSA",
        *,
        kind: str = "rsa",
        digest: str = "sha256",
        names_by: str = "sha256",
        fraction: int = 0,
        middle: dict[str, Any] | None = None,
        **signer: Any,
    ) -> Authority:
        """Make one; `middle` and `signer` change what its certificates say."""
        folder.mkdir(parents=True, exist_ok=True)
        root_key, middle_key, key = _key(kind), _key(kind), _key(kind)
        root = certificate(f"{name} Root", root_key, ca=True)
        between = certificate(
            f"{name} CA", middle_key, (root, root_key), **{"ca": True, "path_length": 0} | (middle or {})
        )
        uses = {"uses": (ExtendedKeyUsageOID.TIME_STAMPING,)}
        stamps = certificate(name, key, (between, middle_key), **uses | signer)
        (folder / "root.pem").write_bytes(pem(root))
        (folder / "chain.pem").write_bytes(pem(between))
        (folder / "tsa.pem").write_bytes(pem(stamps))
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "tsa.key").write_bytes(secret)
        (folder / "serial").write_text("01\n", encoding="ascii")
        config = CONFIG.format(folder=folder, digest=digest, names_by=names_by, fraction=fraction)
        (folder / "tsa.cnf").write_text(config, encoding="ascii")
        return cls(folder, root, between, stamps)

    def reply(self, request: bytes, *options: str) -> bytes:
        """Answer a request as ``openssl ts -reply`` does."""
        (self.folder / "request.tsq").write_bytes(request)
        command = ["openssl", "ts", "-reply", "-config", f"{self.folder}/tsa.cnf", "-section", "tsa"]
        command += ["-queryfile", f"{self.folder}/request.tsq", "-out", f"{self.folder}/reply.tsr", *options]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 -- openssl, on files of our own
        return (self.folder / "reply.tsr").read_bytes()

    def openssl_accepts(self, response: bytes, message: bytes, *, trusted: Path | None = None) -> bool:
        """Return whether ``openssl ts -verify`` accepts a token over a message."""
        (self.folder / "check.tsr").write_bytes(response)
        (self.folder / "check.data").write_bytes(message)
        command = ["openssl", "ts", "-verify", "-in", f"{self.folder}/check.tsr", "-data", f"{self.folder}/check.data"]
        command += ["-CAfile", str(trusted or self.folder / "root.pem")]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 -- likewise


@contextmanager
def serving(answer: Callable[[bytes], tuple[int, str, bytes]]) -> Iterator[str]:
    """Serve POST on a loopback port; `answer` gives status, content type and body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, content = answer(body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
