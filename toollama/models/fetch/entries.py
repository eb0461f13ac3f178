"""Single entries of the user's models.toml, edited in place so that comments stay."""

from pathlib import Path

import tomlkit

from toollama.errors import ConfigError
from toollama.models.fetch.files import write_whole
from toollama.toml_document import parse_if_present


def note_source(name: str, source: str, *, user_file: Path) -> None:
    """Record where the model came from, so that it can be pulled by name. Raises `ConfigError`."""
    document = tomlkit.parse(parse_if_present(user_file).text)
    document["models"][name]["source"] = source
    _write(user_file, document)


def forget(name: str, *, user_file: Path) -> None:
    """Remove the entry, which is there. Raises `ConfigError`."""
    document = tomlkit.parse(parse_if_present(user_file).text)
    models = document["models"]
    del models[name]
    if not models:
        del document["models"]
    _write(user_file, document)


def _write(user_file: Path, document: tomlkit.TOMLDocument) -> None:
    try:
        write_whole(user_file.resolve(), document.as_string())
    except OSError as fault:
        raise ConfigError(
            f"{user_file}:1: cannot be written: {fault.strerror}", fix="check its permissions"
        ) from None
