"""Which host is stood in for by which URL: the one place that says how a mirror is written."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from toollama.errors import ConfigError
from toollama.text import one_line

SERVICE_VARIABLES = {
    "LIBRETRANSLATE_URL": "libretranslate.com",
    "NOMINATIM_URL": "nominatim.openstreetmap.org",
    "SEARXNG_URL": "searxng.invalid",
}
"""Variables that name the user's own server of a service, and the host that it stands in for.

SearXNG has no host of its own; `.invalid` never exists (RFC 6761)."""

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def parse_base_urls(text: str) -> dict[str, str]:
    """Return the mapping in `host=url,host=url`, the form of TOOLLAMA_BASE_URLS.

    Raises `ConfigError` naming the first malformed entry.
    """
    base_urls: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        host, _, base_url = (part.strip() for part in entry.partition("="))
        if not _HOST.fullmatch(host.lower()):
            raise _malformed(entry, "the part before = must be a host name")
        if not is_base_url(base_url):
            raise _malformed(entry, "the part after = must be http(s)://host[:port][/path]")
        base_urls[host.lower()] = base_url.rstrip("/")
    return base_urls


def service_urls(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the mapping that `SERVICE_VARIABLES` set.

    Raises `ConfigError` naming the first variable whose value is no base URL.
    """
    base_urls: dict[str, str] = {}
    for variable, host in SERVICE_VARIABLES.items():
        if url := environ.get(variable, "").strip():
            if not is_base_url(url):
                raise ConfigError(
                    f"{variable}: must be http(s)://host[:port][/path]",
                    fix=f"write it as: {variable}=http://127.0.0.1:8080",
                )
            base_urls[host] = url.rstrip("/")
    return base_urls


def is_base_url(url: str) -> bool:
    """Return whether a URL may stand in for a host: http(s), without credentials or a query."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    extras = parts.query or parts.fragment or parts.username or parts.password
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not extras


def _malformed(entry: str, rule: str) -> ConfigError:
    host = entry.partition("=")[0]
    return ConfigError(
        f"TOOLLAMA_BASE_URLS: {one_line(host, 80)}: {rule}",
        fix="write it as: TOOLLAMA_BASE_URLS=en.wikipedia.org=http://127.0.0.1:8001",
    )
