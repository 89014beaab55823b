import socket

import pytest


@pytest.fixture
def taken():
    """A port of the loopback address on which somebody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]
