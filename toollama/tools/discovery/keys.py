"""Whether the user has a key, without handing it out."""

import os


def is_set(name: str) -> bool:
    """Return whether a key of that name is set."""
    return bool(os.environ.get(name, "").strip())
