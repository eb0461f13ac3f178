"""Where descriptions are read from: a file, a directory, an https URL, or the APIs.guru directory.

Files and URLs are read up to 20 MB, URLs through the HTTP door. APIs.guru answers as
https://apis.guru/api-doc/ says; that was not verified live.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic_core import from_json

from toollama.errors import InputError
from toollama.paths import written
from toollama.tools.base import HttpDoor, ToolFailure
from toollama.tools.openapi.document import MAX_BYTES
from toollama.tools.openapi.requests import host_of

GURU = "apis-guru:"
_GURU_HOST = "api.apis.guru"
_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of one description."""

    source: str
    """As it can be read again."""
    label: str
    """Short, for messages and provenance."""
    data: bytes
    base_url: str = ""
    """What its relative servers are read against."""


def is_remote(source: str) -> bool:
    """Return whether the network is needed."""
    return source.startswith(("https://", "http://", GURU))


def files(source: str) -> list[Path]:
    """Return the file, or the descriptions of a directory by name. Raises `InputError`."""
    path = written(source)
    try:
        if path.is_dir():
            found = sorted(one for one in path.iterdir() if one.suffix.lower() in _SUFFIXES)
            if not found:
                raise InputError(f"{source}: no .yaml or .json file is in it", fix="give another")
            return found
        if not path.is_file():
            raise InputError(f"{source}: there is no such file", fix="check the path")
    except OSError as error:
        raise InputError(f"{source}: {error.strerror}", fix="check the path") from error
    return [path]


def read_file(path: Path) -> Fetched:
    """Return the bytes of a file. Raises `InputError`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{path}: it cannot be read: {error.strerror}", fix="check its permissions"
        ) from error
    return Fetched(str(path.resolve()), path.name, data)


async def fetch(source: str, door: HttpDoor) -> Fetched:
    """Return what lies at a URL, or at the one that APIs.guru names. Raises `ToolFailure`."""
    url = await _guru_url(source.removeprefix(GURU), door) if source.startswith(GURU) else source
    if not url.startswith("https://"):
        raise InputError(f"{url}: only https URLs are fetched", fix="give an https URL, or a file")
    reply = await door.request(
        "GET",
        url,
        accept="application/json, application/yaml, text/yaml, */*;q=0.5",
        hosts=[host_of(url)],
        deadline_s=_DEADLINE_S,
        max_bytes=MAX_BYTES,
    )
    path = urlsplit(url).path.rstrip("/")
    label = source if source.startswith(GURU) else path.rpartition("/")[2] or host_of(url)
    return Fetched(source, label.removeprefix(GURU).replace(":", "_"), reply.body, url)


async def _guru_url(name: str, door: HttpDoor) -> str:
    """Return the URL of a description: `PROVIDER`, or `PROVIDER:SERVICE` where it has several."""
    provider = name.partition(":")[0]
    answer: Any = from_json(
        (
            await door.request(
                "GET",
                f"https://{_GURU_HOST}/v2/{quote(provider, safe='')}.json",
                hosts=[_GURU_HOST],
                deadline_s=_DEADLINE_S,
                max_bytes=MAX_BYTES,
            )
        ).body
    )
    listed = answer.get("apis") if isinstance(answer, dict) else None
    apis = {key: one for key, one in (listed or {}).items() if isinstance(one, dict)}
    chosen = apis.get(name) or (next(iter(apis.values())) if len(apis) == 1 else None)
    url = chosen.get("swaggerUrl") if chosen else None
    if not isinstance(url, str):
        known = ", ".join(sorted(apis)[:8]) or "nothing"
        raise ToolFailure(
            f"APIs.guru knows for {name}: {known}",
            kind="not_found",
            fix=f"name one of them: toollama tools import {GURU}PROVIDER:SERVICE",
        )
    return url
