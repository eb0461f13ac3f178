"""Waiting with a limit, so that closing the engine ends every wait at once."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class EngineClosed(Exception):
    """The engine was closed while a request waited."""


class Waits:
    """All waits of one engine."""

    def __init__(self) -> None:
        self._open: set[asyncio.Timeout] = set()
        self._closed = False

    async def within(self, limit_s: float | None, awaitable: Awaitable[T]) -> T:
        """Return the awaited value. Raises `TimeoutError`, or `EngineClosed` once it is closed."""
        try:
            async with asyncio.timeout(0 if self._closed else limit_s) as timeout:
                self._open.add(timeout)
                try:
                    return await awaitable
                finally:
                    self._open.discard(timeout)
        except Exception as error:
            if self._closed:  # a connection that closes under a read says so in many ways
                raise EngineClosed from error
            raise

    def close(self) -> None:
        """End every wait, those to come included, with `EngineClosed`."""
        self._closed = True
        for timeout in self._open:
            timeout.reschedule(0)
