"""ToolLama: one consumer GPU as a crew of local models. Importing this costs nothing."""

from toollama._version import __version__

__all__ = ["__version__"]
