"""The platforms that Bluelamp speaks to, by name; a connector's module is loaded when it is first asked for."""

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from bluelamp.errors import UnsupportedError
from bluelamp.platforms.contract import Connector
from bluelamp.platforms.publishing import Publisher

if TYPE_CHECKING:
    from bluelamp.platforms.grants import Grants

NAMES = ("facebook", "x")


class BaseUrls(NamedTuple):
    """Where the platforms' APIs stand; settings, because a sandbox stands elsewhere."""

    graph: str
    graph_version: str
    x: str

    def of(self, platform: str) -> str:
        """Return what `PlatformHttp` takes as its base address.

        Raises
        ------
        UnsupportedError
            For a platform that we have no connector for.
        """
        if platform == "facebook":
            return f"{self.graph.rstrip('/')}/{self.graph_version}"
        if platform == "x":
            return self.x.rstrip("/")
        raise UnsupportedError(f"there is no connector for {platform!r}")


@cache
def connector(platform: str) -> Connector:
    """Return the platform's connector.

    Raises
    ------
    UnsupportedError
        For a platform that we have none for.
    """
    if platform == "facebook":
        from bluelamp.platforms.facebook import Facebook  # noqa: PLC0415 -- only what is asked for is loaded

        return Facebook()
    if platform == "x":
        from bluelamp.platforms.x import X  # noqa: PLC0415 -- likewise

        return X()
    raise UnsupportedError(f"there is no connector for {platform!r}")


@cache
def publisher(platform: str) -> Publisher:
    """Return the platform's publisher.

    Raises
    ------
    UnsupportedError
        For a platform that we cannot publish on.
    """
    if platform == "facebook":
        from bluelamp.platforms.facebook_publishing import FacebookPublisher  # noqa: PLC0415 -- as above

        return FacebookPublisher()
    if platform == "x":
        from bluelamp.platforms.x_publishing import XPublisher  # noqa: PLC0415 -- likewise

        return XPublisher()
    raise UnsupportedError(f"there is no publisher for {platform!r}")


def grants(platform: str, page: str) -> "Grants":
    """Return how the platform gives tokens; `page` is where its people consent.

    Raises
    ------
    UnsupportedError
        For a platform that we cannot connect to.
    """
    if platform == "facebook":
        from bluelamp.platforms.facebook_grants import FacebookGrants  # noqa: PLC0415 -- as above

        return FacebookGrants(page)
    if platform == "x":
        from bluelamp.platforms.x_grants import XGrants  # noqa: PLC0415 -- likewise

        return XGrants(page)
    raise UnsupportedError(f"there is no way to connect to {platform!r}")
