"""Let equal calls of one process share one piece of work."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """Work under way, by key. Belongs to one event loop."""

    def __init__(self) -> None:
        self._ahead: dict[str, asyncio.Future[T]] = {}

    async def share(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """Return what the work under way gives, or do it.

        A failure is shared too. Where the one ahead is cancelled, the next in line does the work.
        """
        while (ahead := self._ahead.get(key)) is not None:
            await asyncio.wait([ahead])
            if not ahead.cancelled():
                return ahead.result()
        flight = self._ahead[key] = asyncio.get_running_loop().create_future()
        try:
            result = await work()
        except Exception as error:
            flight.set_exception(error)
            flight.exception()  # marks it as seen where nobody else waits
            raise
        else:
            flight.set_result(result)
            return result
        finally:
            del self._ahead[key]
            flight.cancel()
