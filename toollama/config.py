"""The user's settings: `<config>/config.toml`, `./toollama.toml` and the environment, validated.

Environment variables win over the files, and the project's file over the user's. A directory may
come from anybody, so its file may set only what neither writes nor sends anything. Models, roles
and profiles are not settings: they live in models.toml. Secrets are not settings either.
"""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from toollama import paths
from toollama.base_urls import is_base_url, parse_base_urls, service_urls
from toollama.errors import ConfigError, InputError
from toollama.toml_document import (
    KeyPath,
    TomlLayers,
    parse_if_present,
    validated,
)

_TEXT_VARIABLES = {
    "TOOLLAMA_PROFILE": "profile",
    "TOOLLAMA_VRAM": "vram",
    "TOOLLAMA_KV_DISK": "kv_disk",
    "TOOLLAMA_CONTACT": "contact",
    "TOOLLAMA_OUTPUT_DIR": "output_dir",
}
_PROJECT_KEYS = frozenset({"profile", "vram", "timezone", "offline"})
_SWITCH = {"1": True, "true": True, "yes": True, "on": True}
_SWITCH |= {"0": False, "false": False, "no": False, "off": False}

_BYTES = re.compile(r"(\d{1,18}(?:\.\d{1,18})?)\s*([kmgt]?)(i?b)?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


class NetworkSettings(BaseModel):
    """Where requests go."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_urls: dict[str, str] = Field(default_factory=dict)
    """Host to the URL that stands in for it: a mirror, a proxy, a local double."""

    @field_validator("base_urls")
    @classmethod
    def _web_addresses(cls, value: dict[str, str]) -> dict[str, str]:
        for host, url in value.items():
            if not is_base_url(url):
                raise ValueError(
                    f"the URL for {host} must start with http:// or https://, "
                    "without credentials or a query"
                )
        return {host.lower(): url.rstrip("/") for host, url in value.items()}


class TerminalSettings(BaseModel):
    """What `ask` and `chat` tell the terminal itself; see docs/pipes.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: bool = False
    """The window's title follows the run."""
    notify_after_s: float = Field(default=20.0, ge=0.0)
    """A run of at least so many seconds ends in a notification or the bell; 0 is never."""


class TuiSettings(BaseModel):
    """How the full-screen interface looks and which keys it has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    theme: str = ""
    """A theme of Textual, such as `ansi-dark`; `""` is `textual-dark`."""
    ascii: bool = False
    mouse: bool = True
    notify: bool = True
    """Notification and bell where a run ends or waits while the terminal is not in focus."""
    title: bool = False
    """Show in the title of the window whether a run goes on."""
    keys: dict[str, str] = Field(default_factory=dict)
    """Keys by action, as F1 lists the actions: `"task.retry" = "f5"`."""


class Settings(BaseModel):
    """Everything the user chose. `""` means that the program chooses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: str = ""
    """Crew from models.toml; `""` is `starter`."""
    vram: str = ""
    """Memory budget for models, such as `8GiB`; `""` asks the device."""
    kv_disk: str = ""
    """Disk for the state of conversations, such as `8GiB`; `0` is none, `""` is 4 GiB or a tenth of
    the free disk."""
    timezone: str = ""
    """IANA zone such as `Europe/Oslo`; `""` is the system's zone."""
    contact: str = Field(default="", max_length=200)
    """Mail address or URL that polite clients of public APIs send along."""
    offline: bool = False
    network: NetworkSettings = NetworkSettings()
    terminal: TerminalSettings = TerminalSettings()
    tui: TuiSettings = TuiSettings()
    output_dir: Path = Field(default_factory=paths.output_dir)
    """Directory that tools may write into without asking."""

    @property
    def vram_bytes(self) -> int | None:
        """Return the memory budget in bytes, or None where the device is asked."""
        return parse_bytes(self.vram) if self.vram else None

    @property
    def kv_disk_bytes(self) -> int | None:
        """Return the disk for conversations in bytes, or None where the program chooses."""
        return parse_bytes(self.kv_disk) if self.kv_disk else None

    @field_validator("vram", "kv_disk", mode="before")
    @classmethod
    def _bytes_as_text(cls, value: object) -> object:
        is_count = isinstance(value, int) and not isinstance(value, bool)
        return str(value) if is_count else value

    @field_validator("vram", "kv_disk")
    @classmethod
    def _readable_bytes(cls, value: str) -> str:
        try:
            if value:
                parse_bytes(value)
        except InputError as fault:
            raise ValueError(fault.message) from None
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo

        try:
            if value:
                ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("must be an IANA zone such as Europe/Oslo") from None
        return value

    @field_validator("contact")
    @classmethod
    def _fits_a_header(cls, value: str) -> str:
        if not (value.isascii() and value.isprintable()):
            raise ValueError("must be one line of plain ASCII text")
        return value

    @field_validator("output_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            expanded = value.expanduser()
        except RuntimeError:
            raise ValueError("names a user without a home directory") from None
        if not expanded.is_absolute():
            raise ValueError("must be an absolute path or start with ~")
        return expanded


@dataclass(frozen=True)
class _Sources:
    """Where each value came from, so that a fault names the variable or the line."""

    layers: TomlLayers
    variables: Mapping[KeyPath, str]

    def error(self, key: KeyPath, problem: str, fix: str) -> ConfigError:
        for length in range(len(key), 0, -1):
            if variable := self.variables.get(key[:length]):
                return ConfigError(f"{variable}: {problem}", fix=fix)
        return self.layers.error(key, problem, fix)


def load_settings(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings files that there are, and lay the environment over them.

    With a `path` only that file is read. Empty variables count as unset. Raises `ConfigError`
    naming `file:line key` or the variable.
    """
    layers = _layers(path)
    values: dict[str, Any] = dict(layers.data)
    variables: dict[KeyPath, str] = {}
    for variable, key in _TEXT_VARIABLES.items():
        if environ.get(variable):
            values[key] = environ[variable]
            variables[key,] = variable
    if environ.get("TOOLLAMA_OFFLINE"):
        values["offline"] = _switch("TOOLLAMA_OFFLINE", environ["TOOLLAMA_OFFLINE"])
    base_urls = service_urls(environ) | parse_base_urls(environ.get("TOOLLAMA_BASE_URLS", ""))
    if base_urls and isinstance(values.get("network", {}), dict):
        network = values.get("network", {})
        values["network"] = {**network, "base_urls": network.get("base_urls", {}) | base_urls}
        variables["network", "base_urls"] = "TOOLLAMA_BASE_URLS"
    return validated(Settings, values, at=(), error=_Sources(layers, variables).error)


def _layers(path: Path | None) -> TomlLayers:
    """Return the user's file, and over it the project's. Raises `ConfigError`."""
    if path is not None:
        return TomlLayers([parse_if_present(path)])
    user = parse_if_present(paths.user_config_toml())
    project = parse_if_present(paths.project_config_toml())
    for key in project.data:
        if key not in _PROJECT_KEYS and key in Settings.model_fields:
            allowed = ", ".join(sorted(_PROJECT_KEYS))
            raise project.error(
                (key,), "a project may not set this", f"it may set {allowed}; toollama config edit"
            )
    if project.data.get("offline") is False:
        raise project.error(("offline",), "a project may only switch it on", "take this line out")
    return TomlLayers([user, project])


@dataclass(frozen=True)
class Traced:
    """One setting, where its value comes from, and what was beaten by it."""

    key: str
    value: Any
    origin: str
    """A variable, `file:line`, or `default`."""
    beaten: tuple[str, ...]
    """`ORIGIN: value` of what would hold without it, the nearest first."""


def trace(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> list[Traced]:
    """Return every setting with its origin. Raises `ConfigError`."""
    documents = _layers(path).documents[::-1]
    settings, default = load_settings(path, environ), Settings()
    named = {**_TEXT_VARIABLES, "TOOLLAMA_OFFLINE": "offline", "TOOLLAMA_BASE_URLS": "network"}
    variables = {key: name for name, key in named.items() if environ.get(name)}
    traced = []
    for key in Settings.model_fields:
        places = [(variables[key], getattr(settings, key))] if key in variables else []
        places += [
            (f"{document.path}:{document.line_of((key,))}", document.data[key])
            for document in documents
            if key in document.data
        ]
        places.append(("default", getattr(default, key)))
        (origin, _), *beaten = places
        lost = tuple(f"{place}: {value}" for place, value in beaten)
        traced.append(Traced(key, getattr(settings, key), origin, lost))
    return traced


def write_setting(path: Path, key: str, text: str) -> None:
    """Write one value to the settings file, leaving the rest as it stands; `""` takes it out.

    Where `path` is a link, what it leads to is written. Raises `ConfigError` where the file would
    not be valid then, or cannot be written; it is unchanged in that case.
    """
    import tomlkit

    document = tomlkit.parse(parse_if_present(path).text)
    document.pop(key, None)
    if text:
        document[key] = _switch(key, text) if key == "offline" else text
    target = path.resolve()
    proposed = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        proposed.write_text(tomlkit.dumps(document), encoding="utf-8")
        load_settings(proposed, environ={})
        proposed.replace(target)
    except ConfigError as error:
        message = error.message.replace(str(proposed), str(path))
        raise ConfigError(message, fix=error.fix) from None
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be written: {error.strerror}", fix="check its permissions"
        ) from None
    finally:
        with suppress(OSError):
            proposed.unlink()


def parse_bytes(text: str | int) -> int:
    """Return a count of bytes: `6.5GiB`, `8g` and `8G` are binary, `600MB` is decimal.

    Raises `InputError`.
    """
    found = _BYTES.fullmatch(str(text).strip())
    if isinstance(text, bool) or not found:
        raise InputError(f"not a size in bytes: {text!r}", fix="write it like 8GiB or 600MB")
    number, prefix, unit = found.groups()
    base = 1000 if (unit or "").lower() == "b" else 1024
    return int(Decimal(number) * base ** _POWERS[prefix.lower()])


def _switch(variable: str, text: str) -> bool:
    if (value := _SWITCH.get(text.strip().lower())) is None:
        raise ConfigError(f"{variable}: neither yes nor no: {text!r}", fix=f"{variable}=1 or =0")
    return value
