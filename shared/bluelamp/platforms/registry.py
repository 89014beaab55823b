"""The platforms that Bluelamp speaks to, by name; a connector's module is loaded when it is first asked for."""

from functools import cache
from typing import NamedTuple

from bluelamp.errors import UnsupportedError
from bluelamp.platforms.contract import Connector

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
