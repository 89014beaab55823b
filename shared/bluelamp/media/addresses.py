"""Which addresses media are fetched from: hosts on a list, and of these only what lies in the public internet.

The address of a picture comes from whoever sends a webhook or writes a post. So it is read strictly, by rules of our
own and once: what is checked here is exactly what is connected to, and no other reader of addresses may see it
differently. Numbers, user names, ports, letters outside ASCII and trailing dots have no place in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Self

from bluelamp.errors import InvalidInputError
from bluelamp.media.errors import AddressRefusedError, NoAddressError

HTTPS_PORT = 443
LONGEST = 4096

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{4,253}}\Z){_LABEL}(?:\.{_LABEL})*\.[a-z][a-z0-9-]*[a-z0-9]")
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?")
_URL = re.compile(r"(?i:(https?))://([A-Za-z0-9.-]+)(?::([1-9][0-9]{0,4}))?([/?][^#]*)?(?:#.*)?")
_PRINTABLE = re.compile(r"[!-~]+")

# IANA's special-purpose registries, and what leads on to another address. Of IPv6 only global unicast is left: that
# rules out loopback, link-local, unique-local, mapped and translated (NAT64) addresses at once.
_SPECIAL_V4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    )
)  # fmt: skip
_GLOBAL_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(
    IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a medium is: `path` with its query. `local` allows it to be on this machine or network."""

    scheme: str
    host: str
    port: int
    path: str
    local: bool = False

    @property
    def tls(self) -> bool:
        """Whether the host has to prove who it is."""
        return self.scheme == "https"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The hosts that media are fetched from.

    Parameters
    ----------
    suffixes
        Domains: they and all below them, by https on its own port.
    origins
        Scheme, host and port as they stand, on whatever address: for the stand-ins of a local run alone.
    """

    suffixes: frozenset[str]
    origins: frozenset[tuple[str, str, int]]

    @classmethod
    def parse(cls, text: str, setting: str = "MEDIA_HOSTS") -> Self:
        """Read the setting of this name: domains and origins, with spaces between them.

        Raises
        ------
        InvalidInputError
            When one is neither.
        """
        suffixes, origins = set(), set()
        for one in text.split():
            origin = _ORIGIN.fullmatch(one)
            if origin:
                scheme, host, port = origin.groups()
                origins.add((scheme, host, int(port) if port else HTTPS_PORT if scheme == "https" else 80))
            elif _NAME.fullmatch(one):
                suffixes.add(one)
            else:
                raise InvalidInputError(f"{one!r} in {setting} is neither a domain (fbcdn.net) nor http://host:port")
        return cls(frozenset(suffixes), frozenset(origins))

    def target(self, url: str) -> Target:
        """Read the address of a medium.

        Raises
        ------
        NoAddressError
            When it is empty.
        AddressRefusedError
            When it is not strictly an address, or leads to a host that is not on the list.
        """
        if not url:
            raise NoAddressError("the platform gave no address")
        read = _URL.fullmatch(url) if len(url) <= LONGEST and _PRINTABLE.fullmatch(url) else None
        if read is None:
            raise AddressRefusedError("what the platform gave is no plain https address")
        scheme, host, given, path = read[1].lower(), read[2].lower(), read[3], read[4] or "/"
        path = path if path.startswith("/") else f"/{path}"
        port = int(given) if given else HTTPS_PORT if scheme == "https" else 80
        if (scheme, host, port) in self.origins:
            return Target(scheme, host, port, path, local=True)
        if scheme != "https" or port != HTTPS_PORT or not _NAME.fullmatch(host):
            raise AddressRefusedError("only named hosts are asked, by https")
        if not any(host == suffix or host.endswith(f".{suffix}") for suffix in self.suffixes):
            raise AddressRefusedError(f"{host} is not among the hosts that are asked")
        return Target(scheme, host, port, path)


def is_public(address: str) -> bool:
    """Tell whether an address, as the resolver writes it, is one of the public internet."""
    try:
        read = ip_address(address)
    except ValueError:
        return False
    if isinstance(read, IPv4Address):
        return not any(read in net for net in _SPECIAL_V4)
    return _is_public_v6(read)


def _is_public_v6(address: IPv6Address) -> bool:
    return address.scope_id is None and address in _GLOBAL_V6 and not any(address in net for net in _SPECIAL_V6)
