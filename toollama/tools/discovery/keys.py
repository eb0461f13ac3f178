"""Whether the user has a key, without handing it out."""

from toollama.secrets import Keys


def is_set(name: str) -> bool:
    """Return whether a key of that name is set. Raises `ConfigError` for an unsafe file of keys."""
    return Keys.open().find(name) is not None
