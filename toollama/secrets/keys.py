"""Look a key up: the environment, then the desktop's keyring, then the file of keys.

A value is never part of a message, a `repr` or an argument of a process; everything handed out is
learnt by the redactor first.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from toollama import paths
from toollama.errors import InputError
from toollama.secrets import keyring_names
from toollama.secrets.credentials_file import CredentialsFile
from toollama.secrets.redactor import Redactor, process_redactor

SourceName = Literal["env", "keyring", "file"]

SERVICE = "toollama"
"""What the keyring files the keys under."""

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


class Place(Protocol):
    """A place that keys can be kept in."""

    @property
    def name(self) -> str:
        """Which place it is."""
        ...

    def get(self, name: str) -> str | None:
        """Return the value, or None."""
        ...

    def set(self, name: str, value: str) -> bool:
        """Keep the value; return False where this place cannot."""
        ...

    def remove(self, name: str) -> bool:
        """Forget the value; return whether there was one."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A key and where it was found."""

    value: str = field(repr=False)
    source: str
    """`env`, `keyring` or `file`."""


@dataclass(frozen=True)
class Environment:
    """The variables that the process was started with. They are read, never set."""

    environ: Mapping[str, str] = field(repr=False)
    name: SourceName = "env"

    def get(self, name: str) -> str | None:
        """Return a variable; an empty one counts as unset."""
        return self.environ.get(name, "").strip() or None

    def set(self, name: str, value: str) -> bool:
        """Decline: it would not outlive the process."""
        return False

    def remove(self, name: str) -> bool:
        """Decline."""
        return False


class Keyring:
    """The desktop's keyring, where the extra `keyring` is installed and a backend runs.

    A headless machine has none: https://github.com/jaraco/keyring#readme. Then it holds nothing.
    It is asked only for the keys that this program put there.
    """

    name: SourceName = "keyring"

    def get(self, name: str) -> str | None:
        """Return the value, or None also where no keyring answers."""
        if name not in keyring_names.names():
            return None
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            return None
        try:
            return keyring.get_password(SERVICE, name)
        except KeyringError:
            return None

    def set(self, name: str, value: str) -> bool:
        """Keep the value; return False where no keyring answers."""
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            return False
        try:
            keyring_names.add(name)
            keyring.set_password(SERVICE, name, value)
        except OSError:
            return False
        except KeyringError:
            keyring_names.discard(name)
            return False
        return True

    def remove(self, name: str) -> bool:
        """Forget the value; return whether there was one."""
        if self.get(name) is None:
            return False
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.delete_password(SERVICE, name)
        except KeyringError:
            return False
        keyring_names.discard(name)
        return True


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
