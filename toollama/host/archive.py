"""Earlier runs and conversations, as the chat and the screen look them up.

The log is opened for each look, by the thread that looks, so every method blocks.
"""

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from toollama import paths
from toollama.clock import Clock
from toollama.errors import InputError
from toollama.events import Event, new_run_id

if TYPE_CHECKING:
    from toollama.store import RunRow, SessionRow, Store

MOST_RUNS = 50

Recorded = tuple["RunRow", list[Event]]
"""A run and its events."""

Read = TypeVar("Read")


class Archive:
    """The run log between runs. Every method may raise `ToolLamaError`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def find(self, words: str) -> "list[RunRow]":
        """Return the runs that hold every word, the best first; the newest for no words."""
        if not any(character.isalnum() for character in words):
            return self._read(lambda store: store.runs(MOST_RUNS))
        return self._read(lambda store: [hit.run for hit in store.search(words, MOST_RUNS)])

    def load(self, name: str) -> Recorded:
        """Return a run by its id or the beginning of it, or the `last`."""
        return self._read(lambda store: _recorded(store, store.find_run(name)))

    def go_on_from(self, name: str) -> Recorded:
        """Return the last answered run of the conversation of this name, or else the run."""

        def read(store: "Store") -> Recorded:
            return _recorded(store, store.last_run(session=name) or store.find_run(name))

        return self._read(read)

    def sessions(self) -> "list[SessionRow]":
        """Return the conversations, the last used one first."""
        return self._read(lambda store: store.sessions())

    def fork(self, name: str, new_name: str) -> None:
        """Begin the conversation `new_name` where another stands."""
        self._read(lambda store: fork(store, name, new_name, self._clock))

    def _read(self, read: "Callable[[Store], Read]") -> Read:
        from toollama.store import Store

        with closing(Store.open(paths.database(), self._clock)) as store:
            return read(store)


def _recorded(store: "Store", row: "RunRow") -> Recorded:
    return row, store.events(row.run_id)


def fork(store: "Store", name: str, new_name: str, clock: Clock) -> None:
    """Copy the newest answered run of a conversation to a new one. Raises `InputError`."""
    require_free(store, new_name)
    newest = store.last_run(session=name)
    if newest is None:
        raise InputError(f"nothing was answered in {name}", fix=f"toollama sessions show {name}")
    store.copy_run(newest.run_id, new_run_id=new_run_id(clock), session=new_name)


def require_free(store: "Store", name: str) -> None:
    """Raise `InputError` where there is a conversation of this name."""
    if store.runs(1, session=name):
        raise InputError(f"there is a conversation {name} already", fix="choose another name")
