"""Where an operation is sent: its own servers before its path's before the document's. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

_VARIABLE = re.compile(r"\{([^{}]*)\}")


def server_url(declared: Sequence[Any], base_url: str) -> str:
    """Return the first usable server as an absolute URL without variables, or "".

    `base_url` is what relative servers are read against: where the document came from, or what the
    user says.
    """
    for server in declared:
        url = _filled(server) if isinstance(server, Mapping) else ""
        absolute = urljoin(base_url, url) if base_url else url
        if is_usable(absolute):
            return absolute.split("#")[0].split("?")[0].rstrip("/")
    return base_url.rstrip("/") if not declared and is_usable(base_url) else ""


def is_usable(url: str) -> bool:
    """Return whether requests can be sent to a URL: http(s), a host, no user, no open variable."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    has_user = parts.username is not None or parts.password is not None
    plain = not re.search(r"[\s{}<>\\\"]", url) and url.isascii()
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain and not has_user


def _filled(server: Mapping[str, Any]) -> str:
    """Return a server's URL with its variables at their defaults, or their first option."""
    variables = server.get("variables")
    known = variables if isinstance(variables, Mapping) else {}

    def value(match: re.Match[str]) -> str:
        variable = known.get(match[1])
        if not isinstance(variable, Mapping):
            return match[0]
        options = variable.get("enum")
        first = options[0] if isinstance(options, list) and options else match[0]
        return str(variable.get("default") or first)

    return _VARIABLE.sub(value, str(server.get("url") or "").strip())
