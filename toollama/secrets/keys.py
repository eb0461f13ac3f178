"""Look a key up: the environment, then the desktop's keyring, then the file of keys.

A value is never part of a message, a `repr` or an argument of a process; everything handed out is
learnt by the redactor first.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toollama import paths
from toollama.errors import InputError
from toollama.secrets.credentials_file import CredentialsFile
from toollama.secrets.places import Environment, Keyring, Place
from toollama.secrets.redactor import Redactor, process_redactor

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Found:
    """A key and where it was found."""

    value: str = field(repr=False)
    source: str
    """`env`, `keyring` or `file`."""


class Keys:
    """The user's keys, first place first."""

    def __init__(self, places: Sequence[Place], *, redactor: Redactor = process_redactor) -> None:
        self._places = tuple(places)
        self._redactor = redactor

    @classmethod
    def open(cls, environ: Mapping[str, str] = os.environ) -> "Keys":
        """Return the keys of this user on this machine."""
        return cls([Environment(environ), Keyring(), CredentialsFile(paths.credentials_toml())])

    def find(self, name: str) -> Found | None:
        """Return the key from the first place that has it. Raises `ConfigError`."""
        for place in self._places:
            value = place.get(name)
            if value:
                self._redactor.learn(value)
                return Found(value, place.name)
        return None

    def save(self, name: str, value: str) -> str:
        """Keep a key where it is safest; return the name of the place.

        Raises `InputError` for a name or value that cannot be one, and `ConfigError`.
        """
        self._redactor.learn(value)
        checked = checked_name(name)
        if fault := fault_of(value):
            raise InputError(f"the value for {checked} {fault}", fix=f"toollama keys set {checked}")
        return next(place.name for place in self._places if place.set(checked, value))

    def remove(self, name: str) -> list[str]:
        """Forget a key; return the places that had it. Raises `ConfigError`."""
        return [place.name for place in self._places if place.remove(name)]


def checked_name(name: str) -> str:
    """Return the name of a key. Raises `InputError` where it cannot be one."""
    if not _NAME.fullmatch(name):
        # It may be the value itself, typed in the wrong place, so it is not repeated.
        raise InputError(
            "that is not the name of a key: names are CAPITALS_WITH_UNDERSCORES",
            fix="toollama keys list",
        )
    return name


def fault_of(value: str) -> str:
    """Return why no service can have handed this value out, or ""."""
    if not value:
        return "is empty"
    if any(character.isspace() for character in value):
        return "contains a blank or a line break"
    if not (value.isascii() and value.isprintable()):
        return "contains characters that no header can carry"
    return ""
