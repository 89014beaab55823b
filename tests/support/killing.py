"""A worker killed at each of its calls in turn: what has to hold is asked after every death, and of who lived."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from tests.support.world import World

# More calls than any worker makes.
MOST = 40

Scene = TypeVar("Scene", bound="World")


def killed(
    side: Literal["before", "after"], scene: Callable[[], tuple[Scene, Callable[[], object]]]
) -> Iterator[tuple[Scene, bool]]:
    """Yield the world behind each worker, and whether it died; the last one lived.

    Parameters
    ----------
    side
        Whether the calls are cut off before or after they were carried out.
    scene
        Makes a fresh world and the work to be done in it.
    """
    for place in range(MOST):
        world, work = scene()
        left = iter(range(place))

        def kill(_name: str, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt

        setattr(world.faults, side, kill)
        died = False
        try:
            work()
        except KeyboardInterrupt:
            died = True
        setattr(world.faults, side, None)
        yield world, died
        if not died:
            return
    raise AssertionError("a worker makes fewer calls than that")
