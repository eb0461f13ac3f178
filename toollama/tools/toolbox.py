"""What the tools of one session share: the door to the network, keys, and services' reliability.

Opened when the first tool may need it, so that a session that calls none pays nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from toollama.clock import Clock, system_timezone
from toollama.config import Settings
from toollama.tools.base import Attachment, ToolContext
from toollama.tools.registry import Registry

if TYPE_CHECKING:
    from toollama.tools.http import Door
    from toollama.tools.reliability import Reliability


class Toolbox:
    """Makes the context that tools run in."""

    def __init__(
        self, settings: Settings, registry: Registry, clock: Clock, *, version: str
    ) -> None:
        """`version` is what services are told of this program."""
        self._settings = settings
        self._registry = registry
        self._clock = clock
        self._version = version
        self._door: Door | None = None
        self._reliability: Reliability | None = None

    def context(
        self, attachments: Sequence[Attachment] = (), *, use_cache: bool = True
    ) -> ToolContext:
        """Return what a tool may use; without `use_cache` services are asked anew."""
        from toollama.secrets import Keys
        from toollama.tools.credentials import BoundKeys, hosts_by_key

        settings = self._settings
        given = [attached.path.resolve() for attached in attachments if attached.path]
        context = ToolContext(
            clock=self._clock,
            http=self._opened_door(),
            credentials=BoundKeys(Keys.open(), hosts_by_key(self._registry.specs())),
            timezone=settings.timezone or system_timezone(),
            attachments=tuple(attachments),
            read_roots=(Path.cwd(), *given),
            output_dir=settings.output_dir,
            contact=settings.contact,
            offline=settings.offline,
            reliability=self._opened_reliability(),
        )
        if use_cache:
            return context
        return replace(context, reliability=self._opened_reliability().uncached())

    async def close(self) -> None:
        """Close what was opened."""
        if self._door is not None:
            await self._door.aclose()
        if self._reliability is not None:
            self._reliability.close()

    def _opened_door(self) -> "Door":
        from toollama.tools.http import Door, HttpSettings

        if self._door is None:
            self._door = Door(
                HttpSettings(
                    base_urls=self._settings.network.base_urls,
                    offline=self._settings.offline,
                    contact=self._settings.contact,
                    version=self._version,
                )
            )
        return self._door

    def _opened_reliability(self) -> "Reliability":
        from toollama.tools.reliability import Reliability

        if self._reliability is None:
            self._reliability = Reliability.open(
                self._clock, find=lambda name: self._registry.ready().get(name)
            )
        return self._reliability
