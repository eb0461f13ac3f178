"""What a user may set about the network: mirrors, offline mode and how services are greeted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from toollama.errors import ConfigError
from toollama.text import one_line

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """How the door reaches the network."""

    base_urls: Mapping[str, str] = field(default_factory=dict)
    """Another base URL by host, for mirrors and tests: requests to the host go there instead.

    `{"en.wikipedia.org": "http://127.0.0.1:8001/wiki"}` sends `https://en.wikipedia.org/api/x` to
    `http://127.0.0.1:8001/wiki/api/x`, the only private address that is then reachable."""
    offline: bool = False
    contact: str = ""
    """A URL or e-mail address that services may write to; Wikimedia asks for one."""
    version: str = "0"

    def user_agent(self) -> str:
        """Return the User-Agent, which tells a service whom to write to before it blocks us."""
        contact = "".join(letter for letter in self.contact if "!" <= letter <= "~")
        return f"ToolLama/{self.version}" + (f" (+{contact})" if contact else "")


def parse_base_urls(text: str) -> dict[str, str]:
    """Return the mapping in `host=url,host=url`, the form of TOOLLAMA_BASE_URLS.

    Raises `ConfigError` naming the first malformed entry.
    """
    base_urls: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        host, _, base_url = (part.strip() for part in entry.partition("="))
        if not _HOST.fullmatch(host.lower()):
            raise _malformed(entry, "the part before = must be a host name")
        if not _is_base_url(base_url):
            raise _malformed(entry, "the part after = must be http(s)://host[:port][/path]")
        base_urls[host.lower()] = base_url.rstrip("/")
    return base_urls


def _is_base_url(url: str) -> bool:
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
