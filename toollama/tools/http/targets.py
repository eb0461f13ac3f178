"""Decide where a request may go: scheme, host, port, redirect, override. Pure: no socket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import httpx

from toollama.text import one_line
from toollama.tools.base import ToolFailure
from toollama.tools.hosts import is_allowed

DEFAULT_PORTS = {"http": 80, "https": 443}

Address = tuple[str, int]
"""Host and port, as a socket is asked for them."""


@dataclass(frozen=True, slots=True)
class Target:
    """A request that passed the checks."""

    url: httpx.URL
    """What the tool asked for; redirects and allow-lists are judged by it."""
    dialled: httpx.URL
    """Where the request is sent: the same, or below the user's own base URL for that host."""

    @property
    def host(self) -> str:
        """Return the host that the tool asked for, as it may be shown."""
        return host_of(self.url)


def host_of(url: httpx.URL) -> str:
    """Return the host in ASCII, without the dot that makes a name absolute."""
    return url.raw_host.decode("ascii").rstrip(".")


def address_of(url: httpx.URL) -> Address:
    """Return the host and port that a request to `url` connects to."""
    return host_of(url), url.port or DEFAULT_PORTS[url.scheme]


def parse(url: str | httpx.URL) -> httpx.URL:
    """Return the URL. Raises `ToolFailure` without repeating it: it may carry a credential."""
    try:
        return httpx.URL(url)
    except httpx.InvalidURL:
        _refuse("a URL could not be read")


class Targets:
    """Judges URLs by the rules of one user's settings."""

    def __init__(self, base_urls: Mapping[str, str]) -> None:
        self._base_urls = {host.lower(): httpx.URL(base) for host, base in base_urls.items()}
        self.override_addresses = frozenset(map(address_of, self._base_urls.values()))
        """The addresses that a user vouched for; they may be private."""

    def target(self, url: httpx.URL, *, hosts: Sequence[str]) -> Target:
        """Return where a request for `url` goes. Raises `ToolFailure(kind="blocked")`."""
        host = host_of(url)
        if url.scheme not in DEFAULT_PORTS or not host:
            _refuse("only http and https URLs with a host can be opened")
        if "%" in host:  # a zone id (RFC 6874) names an interface of this machine
            _refuse("a URL names a network interface")
        if url.userinfo:
            _refuse(f"a URL for {host} carries a user name or password")
        if not is_allowed(host, url.port, hosts=hosts):
            if url.port is not None and is_allowed(host, hosts=hosts):
                _refuse(f"{host} was asked for at port {url.port}, which is not the usual one")
            _refuse(f"{one_line(host, 80)} is not a host that this tool may reach")
        if host in self._base_urls:
            return Target(url, _below(self._base_urls[host], url))
        if address_of(url) in self.override_addresses:
            _refuse(f"{host} may only be reached through the base URL set for it")
        return Target(url, url)

    def redirect(self, target: Target, location: str, *, hosts: Sequence[str]) -> Target:
        """Return where a redirect of `target` goes. Raises `ToolFailure(kind="blocked")`.

        A relative location is read against what the tool asked for, not against an override.
        """
        try:
            url = target.url.join(location)
        except httpx.InvalidURL:
            _refuse(f"{target.host} redirects to something that is not a URL")
        if target.url.scheme == "https" and url.scheme == "http":
            _refuse(f"{target.host} redirects from https to http")
        return self.target(url, hosts=hosts)


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Return whether headers meant for one URL may also go to the other."""
    return (one.scheme, address_of(one)) == (other.scheme, address_of(other))


def _below(base: httpx.URL, url: httpx.URL) -> httpx.URL:
    return base.copy_with(raw_path=base.raw_path.rstrip(b"/") + url.raw_path)


def _refuse(message: str) -> NoReturn:
    raise ToolFailure(message, kind="blocked", fix="use a tool that may reach this address")
