"""Pages of lists that are counted and cut in SQL."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

Part = tuple[int, Callable[[int, int], Awaitable[Sequence[Item]]]]
"""How many items a list has, and what reads so many of them (limit) from one on (offset)."""


def page_start(at: int, size: int, count: int) -> int:
    """Where the page begins that is shown for ``at``: the last one where the list got shorter."""
    return min(at, max(0, count - 1)) // size * size


async def cut(parts: Iterable[Part[Item]], at: int, size: int) -> tuple[Item, ...]:
    """A page of several lists, one behind the other; only what it shows is read."""
    found: list[Item] = []
    for count, read in parts:
        if at < count and len(found) < size:
            found += await read(size - len(found), at)
        at = max(0, at - count)
    return tuple(found)
