"""Where the file of a model lies: inside a Python package, or under the models directory."""

import importlib.util
from pathlib import Path

from toollama import paths

PACKAGE = "package:"
"""Before the name of an installed package and a path inside it, as in `package:name/file.gguf`."""


def path_of(file: str) -> Path | None:
    """Return the path that a model's `file` means, which need not exist; None where none can."""
    return _in_package(file) if file.startswith(PACKAGE) else _local(file)


def _in_package(file: str) -> Path | None:
    """Return a path inside an installed package, found without importing it."""
    package, _, name = file.removeprefix(PACKAGE).partition("/")
    # find_spec imports the parents of a dotted name.
    found = importlib.util.find_spec(package) if package.isidentifier() else None
    locations = (found.submodule_search_locations if found else None) or []
    return next((Path(location) / name for location in locations), None)


def _local(file: str) -> Path | None:
    try:
        return paths.models_dir() / Path(file).expanduser()
    except RuntimeError:  # `~somebody` without a home directory
        return None
