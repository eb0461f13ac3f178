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
