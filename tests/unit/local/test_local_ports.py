import socket

import pytest

from bluelamp.cli.local import ports
from bluelamp.cli.local.errors import PortTakenError


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind((ports.LOOPBACK, 0))
        holder.listen()
        yield holder.getsockname()[1]


def free():
    with socket.socket() as probe:
        probe.bind((ports.LOOPBACK, 0))
        return probe.getsockname()[1]


def test_every_part_has_a_port_of_its_own():
    chosen = ports.choose({})
    assert chosen.keys() == ports.USUAL.keys()
    assert len(set(chosen.values())) == len(chosen)
    assert all(ports.is_free(port) for port in chosen.values())


def test_the_ports_of_last_time_are_kept():
    before = ports.choose({})
    assert ports.choose(before) == before


def test_a_taken_port_is_replaced(taken):
    chosen = ports.choose({"cloud": taken})
    assert chosen["cloud"] != taken


def test_the_same_port_is_not_given_twice():
    port = free()
    chosen = ports.choose({"cloud": port, "s3": port})
    assert chosen["cloud"] != chosen["s3"]


def test_a_port_asked_for_is_taken_or_refused_but_never_replaced(taken):
    port = free()
    assert ports.choose({}, front=port)["front"] == port
    with pytest.raises(PortTakenError, match=str(taken)) as caught:
        ports.choose({}, front=taken)
    assert "--port" in caught.value.way_out
