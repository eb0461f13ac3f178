"""The run log as commands open it: for the block of one command, and never made by reading."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from toollama.cli import out
from toollama.errors import UnknownName

if TYPE_CHECKING:
    from toollama.events import Event
    from toollama.store import Store


@contextmanager
def opened_if_exists() -> "Iterator[Store | None]":
    """Open the run log for the block, or give None where there is none yet."""
    from toollama import paths
    from toollama.clock import SystemClock
    from toollama.store import Store

    store = Store.open_if_exists(paths.database(), SystemClock())
    try:
        if store and store.notice:
            out.warn(store.notice)
        yield store
    finally:
        if store:
            store.close()


@contextmanager
def opened() -> "Iterator[Store]":
    """Open the run log for the block. Raises `UnknownName` where nothing was ever asked."""
    with opened_if_exists() as store:
        if store is None:
            raise UnknownName("there are no runs yet", fix='toollama ask "your question"')
        yield store


def recorded(name: str) -> "list[Event]":
    """Return the events of a run of the log, or of a `.jsonl` file that holds one.

    Raises `UnknownName` or `InputError`.
    """
    from toollama.store import recording

    if name.endswith(recording.SUFFIX):
        return recording.read_events(Path(name))
    with opened() as store:
        return store.events(store.find_run(name).run_id)
