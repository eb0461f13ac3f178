"""Decide whether an allow-list names a host and port. Pure.

An entry is `api.example.org`; `*.example.org` for its subdomains; `example.org:2096` for a port
other than the usual one; `*` for a tool whose URL the user chooses.
"""

from collections.abc import Sequence

ANY_HOST = "*"


def is_allowed(host: str, port: int | None = None, *, hosts: Sequence[str]) -> bool:
    """Return whether the list names the host at that port; None is the scheme's usual one."""
    return any(_names(entry, host, port) for entry in hosts)


def host_part(entry: str) -> str:
    """Return an entry without its port."""
    return _split(entry)[0]


def _names(entry: str, host: str, port: int | None) -> bool:
    allowed, allowed_port = _split(entry)
    if (str(port) if port is not None else "") != allowed_port:
        return False
    if allowed == ANY_HOST:
        return True
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def _split(entry: str) -> tuple[str, str]:
    """Return the host and the port of an entry; an IPv6 address has no port."""
    host, _, port = entry.partition(":")
    return (entry, "") if ":" in port else (host, port)
