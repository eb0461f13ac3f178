"""What is wrong with a stranger's description, and where: a refusal, or a note beside a result."""

from collections.abc import Iterable
from dataclasses import dataclass

from toollama.errors import InputError
from toollama.text import one_line, truncate

_MAX_NOTES = 500
_MAX_WHERE = 160


class SpecRefused(InputError):
    """A description that cannot be used at all; the message starts with the place."""

    code = "openapi.refused"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was repaired, hidden or left out, and where it stands."""

    where: str
    """A JSON pointer into the document, such as `/paths/~1pets/get/parameters/0`."""
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


class Notes:
    """Collects notes; only the first 500 are kept, and the rest is counted."""

    def __init__(self) -> None:
        self._kept: list[Note] = []
        self.dropped = 0

    def add(self, where: str, text: str) -> None:
        """Keep one note; both texts are made short and visible."""
        if len(self._kept) < _MAX_NOTES:
            self._kept.append(Note(one_line(where, _MAX_WHERE) or "/", one_line(text)))
        else:
            self.dropped += 1

    def all(self) -> tuple[Note, ...]:
        """Return the notes in the order they were made, each once."""
        return tuple(dict.fromkeys(self._kept))


def pointer(*steps: str | int) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def refused(name: str, where: str, text: str) -> SpecRefused:
    """Return the refusal of a whole file."""
    place = f"{truncate(name, 120)}: {where}" if where else truncate(name, 120)
    return SpecRefused(one_line(f"{place}: {text}", 400), fix="mend the file, or give another")


def first(values: Iterable[str], default: str = "") -> str:
    """Return the first value that is not empty."""
    return next((value for value in values if value), default)
