"""Which addresses are fetched from: every way of writing another one that is known from attacks, and then some."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.errors import InvalidInputError
from bluelamp.media.addresses import Allowed, Target, is_public
from bluelamp.media.errors import AddressRefusedError, MediaError, NoAddressError

ALLOWED = Allowed.parse("fbcdn.net twimg.com http://127.0.0.1:4700")

REFUSED = [
    "http://scontent.fbcdn.net/a.jpg",
    "ftp://scontent.fbcdn.net/a.jpg",
    "file:///etc/passwd",
    "gopher://scontent.fbcdn.net/_GET",
    "data:image/png;base64,AAAA",
    "//scontent.fbcdn.net/a.jpg",
    "scontent.fbcdn.net/a.jpg",
    "https://scontent.fbcdn.net:8443/a.jpg",
    "https://scontent.fbcdn.net:80/a.jpg",
    "https://scontent.fbcdn.net:0443/a.jpg:x@evil.example/",
    "https://scontent.fbcdn.net:443:80/",
    "https://scontent.fbcdn.net:/a.jpg",
    "https://scontent.fbcdn.net./a.jpg",
    "https://.fbcdn.net/a.jpg",
    "https://fbcdn.net.evil.example/a.jpg",
    "https://evilfbcdn.net/a.jpg",
    "https://fbcdn.net@evil.example/a.jpg",
    "https://evil.example@fbcdn.net/a.jpg",
    "https://user:password@scontent.fbcdn.net/a.jpg",
    "https://evil.example#.fbcdn.net/a.jpg",
    "https://evil.example?.fbcdn.net/a.jpg",
    "https://evil.example/.fbcdn.net/a.jpg",
    "https://evil.example\\.fbcdn.net/a.jpg",
    "https://scontent.fbcdn.net\\@evil.example/a.jpg",
    "https://evil.example%2f.fbcdn.net/a.jpg",
    "https://scontent%2efbcdn.net/a.jpg",
    "https://scontent.fbcdn.net\t/a.jpg",
    "https://scontent.fbcdn.net\r\nHost: evil.example/a.jpg",
    " https://scontent.fbcdn.net/a.jpg",
    "https://scontent.fbcdn.net/a b.jpg",
    "https://scontent.fbcdn.net/a.jpg\x00",
    "https://scontent.fbcdn\u3002net/a.jpg",
    "https://\u24d5bcdn.net/a.jpg",
    "https://scontent.fbcdn.net/\u202egpj.exe",
    "https://127.0.0.1/a.jpg",
    "https://2130706433/a.jpg",
    "https://0x7f000001/a.jpg",
    "https://0177.0.0.1/a.jpg",
    "https://0x7f.1/a.jpg",
    "https://127.1/a.jpg",
    "https://[::1]/a.jpg",
    "https://[::ffff:127.0.0.1]/a.jpg",
    "https://[fe80::1%25eth0]/a.jpg",
    "https://169.254.169.254/latest/meta-data/",
    "https://localhost/a.jpg",
    "http://127.0.0.1/a.jpg",
    "http://127.0.0.1:4701/a.jpg",
    "https://127.0.0.1:4700/a.jpg",
    "http://127.1:4700/a.jpg",
    "http://2130706433:4700/a.jpg",
    "http://localhost:4700/a.jpg",
    "http://user@127.0.0.1:4700/a.jpg",
    "https://scontent.fbcdn.net/" + "a" * 5000,
    "https:///a.jpg",
    "https://",
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_not_strictly_an_address_on_the_list_is_refused(url):
    with pytest.raises(AddressRefusedError):
        ALLOWED.target(url)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://fbcdn.net/", Target("https", "fbcdn.net", 443, "/")),
        (
            "https://scontent-lhr8-1.xx.fbcdn.net/v/t39/1_n.jpg?_nc_cat=1&oh=00_A&oe=65",
            Target("https", "scontent-lhr8-1.xx.fbcdn.net", 443, "/v/t39/1_n.jpg?_nc_cat=1&oh=00_A&oe=65"),
        ),
        ("HTTPS://PBS.TWIMG.COM:443/media/a.jpg#x", Target("https", "pbs.twimg.com", 443, "/media/a.jpg")),
        ("https://video.twimg.com?tag=1", Target("https", "video.twimg.com", 443, "/?tag=1")),
        ("http://127.0.0.1:4700/media/a.png", Target("http", "127.0.0.1", 4700, "/media/a.png", local=True)),
    ],
)
def test_what_is_on_the_list_is_read(url, target):
    assert ALLOWED.target(url) == target


def test_no_address_is_said_to_be_none():
    with pytest.raises(NoAddressError):
        ALLOWED.target("")


@given(st.text(max_size=200))
def test_whatever_is_given_is_refused_or_on_the_list(text):
    for url in (text, f"https://{text}", f"https://scontent.fbcdn.net{text}", f"https://{text}.fbcdn.net/"):
        try:
            target = ALLOWED.target(url)
        except MediaError:
            continue
        assert target.host == "127.0.0.1" or f".{target.host}".endswith((".fbcdn.net", ".twimg.com"))
        assert target.host.isascii()
        assert target.path.startswith("/")
        assert not set(target.path) & set(" \r\n\t#")


@pytest.mark.parametrize("setting", ["fbcdn", "*.fbcdn.net", "https://fbcdn.net/path", "10.0.0.1", "ftp://a.b:1"])
def test_a_setting_that_is_no_host_is_named(setting):
    with pytest.raises(InvalidInputError, match="MEDIA_HOSTS"):
        Allowed.parse(f"twimg.com {setting}")


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 -- an address like others
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "nonsense",
        "",
    ],
)
def test_no_address_inside_is_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "157.240.214.35", "172.32.0.1", "2a03:2880:f12f:83::1", "2606:4700::1"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_is_public_that_python_calls_private(address):
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast
        if isinstance(address, ipaddress.IPv6Address):
            assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)
