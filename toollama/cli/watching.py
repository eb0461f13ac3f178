"""A run of another process, told as text while it goes on."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toollama.cli import out, replaying
from toollama.clock import SystemClock
from toollama.errors import InputError
from toollama.host.attach import POLL_EVERY_S, AttachedCrew
from toollama.host.notices import EndedNotice, EventNotice

if TYPE_CHECKING:
    from toollama.events import Event
    from toollama.host.crew import Crew

_DRAIN_MOST = 500


@contextmanager
def attached(name: str) -> "Iterator[Crew]":
    """Follow a run of the log for the block. Raises `UnknownName` or `InputError`."""
    from toollama import paths
    from toollama.store import Store

    clock = SystemClock()
    store = Store.open(paths.database(), clock)
    try:
        row = store.find_run(name)
        if row.status == "interrupted":
            raise InputError(f"{row.run_id} was cut short", fix=f"toollama resume {row.run_id}")
        yield AttachedCrew(store, row.run_id, clock)
    finally:
        store.close()


async def watch(crew: "Crew", listen: "Callable[[Event], None]") -> None:
    """Tell the events of a run until it ends, each also to `listen`."""
    while True:
        for notice in crew.drain(_DRAIN_MOST):
            match notice:
                case EventNotice(event=event):
                    replaying.tell(event, quiet=False)
                    listen(event)
                case EndedNotice(error=error):
                    if error:
                        out.error(error)
                    return
        await asyncio.sleep(POLL_EVERY_S)
