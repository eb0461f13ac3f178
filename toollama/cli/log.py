"""The run log as commands open it: for the block of one command, and never made by reading."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toollama.cli import out
from toollama.errors import UnknownName

if TYPE_CHECKING:
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
