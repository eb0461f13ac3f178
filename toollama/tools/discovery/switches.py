"""What the user switched on and off, and which files of their own they trust: `tools.toml`.

Owns `<config>/tools.toml`. Names in it may be of tools that are not here at the moment; they keep
their meaning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from toollama import paths
from toollama.errors import ConfigError, InputError
from toollama.tools.discovery import files, sources


@dataclass(frozen=True, slots=True)
class Switches:
    """The user's choices about tools."""

    disabled: frozenset[str] = frozenset()
    enabled: frozenset[str] = frozenset()
    """Tools that are off by default and that the user wants."""
    trusted: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """File name in the user's folder of tools to the SHA-256 of what was trusted."""

    def with_enabled(self, names: Iterable[str]) -> "Switches":
        """Return the choices with these tools on."""
        on = frozenset(names)
        return replace(self, disabled=self.disabled - on, enabled=self.enabled | on)

    def with_disabled(self, names: Iterable[str]) -> "Switches":
        """Return the choices with these tools off."""
        off = frozenset(names)
        return replace(self, disabled=self.disabled | off, enabled=self.enabled - off)

    def with_trusted(self, path: Path) -> "Switches":
        """Return the choices with a file of the user's folder trusted as it is now.

        Raises `InputError` for a file that is elsewhere or cannot be read.
        """
        folder = sources.user_folder()
        if path.resolve().parent != folder.resolve():
            raise InputError(
                f"{path} is not in {folder}: only files there are tools",
                fix=f"put it into {folder}",
            )
        try:
            digest = sources.sha256_of(path)
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}", fix="check the path") from None
        return replace(self, trusted={**self.trusted, path.name: digest})


def path() -> Path:
    """Return the file of the user's choices."""
    return paths.config_dir() / "tools.toml"


def load() -> Switches:
    """Return the user's choices; without a file, none. Raises `ConfigError`."""
    try:
        text = path().read_text(encoding="utf-8")
    except FileNotFoundError:
        return Switches()
    except OSError as error:
        raise ConfigError(
            f"{path()}: cannot be read: {error.strerror}", fix="check its permissions"
        ) from None
    except UnicodeDecodeError as error:
        raise _malformed(str(error)) from None
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _malformed(str(error)) from None
    return Switches(
        disabled=frozenset(_names(document, "disabled")),
        enabled=frozenset(_names(document, "enabled")),
        trusted=_digests(document),
    )


def save(switches: Switches) -> None:
    """Write the user's choices, keeping what else stands in the file. Raises `ConfigError`."""
    import tomlkit

    try:
        document = tomlkit.parse(path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
    document["disabled"] = sorted(switches.disabled)
    document["enabled"] = sorted(switches.enabled)
    document["trusted"] = dict(sorted(switches.trusted.items()))
    try:
        files.replace(path(), document.as_string().encode())
    except OSError as error:
        raise ConfigError(
            f"{path()}: cannot be written: {error.strerror}", fix="check its permissions"
        ) from None


def _names(document: Mapping[str, Any], key: str) -> list[str]:
    value = document.get(key, [])
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _malformed(f"{key} must be a list of tool names")
    return value


def _digests(document: Mapping[str, Any]) -> Mapping[str, str]:
    value = document.get("trusted", {})
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise _malformed("trusted must map file names to their SHA-256")
    return MappingProxyType(value)


def _malformed(problem: str) -> ConfigError:
    return ConfigError(f"{path()}:1: {problem}", fix="mend it, or remove it")
