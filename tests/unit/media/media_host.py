"""A host that answers as it is told, to the byte and to the moment, on a port of this machine."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 8 + b"\xff\xd9"
Script = Callable[[socket.socket], None]


def answer(body: bytes = JPEG, *, status: str = "200 OK", length: int | None = None, **headers: str) -> bytes:
    """Return an answer with the length that it has, or says that it has."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def sends(*parts: bytes, pause: float = 0.0, forever: bool = False) -> Script:
    """Return a script that sends parts one after the other."""

    def run(line: socket.socket) -> None:
        while True:
            for part in parts:
                line.sendall(part)
                time.sleep(pause)
            if not forever:
                return

    return run


@contextmanager
def serving(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Serve a script to every caller; give the port and, as they come, the heads of the requests."""
    listener = socket.create_server(("127.0.0.1", 0))
    requests: list[bytes] = []
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                line, _ = listener.accept()
                with line:
                    line.settimeout(5)
                    secured = tls.wrap_socket(line, server_side=True) if tls else line
                    with secured:
                        requests.append(secured.recv(65536))
                        script(secured)

    worker = threading.Thread(target=serve, daemon=True)
    worker.start()
    try:
        yield listener.getsockname()[1], requests
    finally:
        over.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        worker.join(6)


def certificate(directory: Path, name: str) -> tuple[ssl.SSLContext, str]:
    """Return a server's side of TLS under a name, and the file of the authority that vouches for it: itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = directory / f"{name}.pem", directory / f"{name}.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, str(pem)
