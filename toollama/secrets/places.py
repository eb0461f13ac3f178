"""Where keys can be kept, besides the file: the environment and the desktop's keyring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from toollama.secrets import keyring_names

SourceName = Literal["env", "keyring", "file"]

SERVICE = "toollama"
"""What the keyring files the keys under."""


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

    A headless machine has none (https://github.com/jaraco/keyring#readme); then it holds nothing.
    It is asked only for the keys that this program put there.
    """

    name: SourceName = "keyring"

    def get(self, name: str) -> str | None:
        """Return the value, or None also where no keyring answers."""
        found = _ask("get_password", name) if name in keyring_names.names() else None
        return found if isinstance(found, str) else None

    def set(self, name: str, value: str) -> bool:
        """Keep the value; return False where no keyring answers."""
        try:
            keyring_names.add(name)
        except OSError:
            return False
        if _ask("set_password", name, value) is _NO_KEYRING:
            keyring_names.discard(name)
            return False
        return True

    def remove(self, name: str) -> bool:
        """Forget the value; return whether there was one."""
        if self.get(name) is None or _ask("delete_password", name) is _NO_KEYRING:
            return False
        keyring_names.discard(name)
        return True


_NO_KEYRING = object()


def _ask(function: str, name: str, *value: str) -> object:
    """Return what a function of the library returns, or `_NO_KEYRING` where none answers."""
    try:
        import keyring

        return getattr(keyring, function)(SERVICE, name, *value)
    except Exception:  # noqa: BLE001 - a backend raises whatever its desktop's library raises
        return _NO_KEYRING
