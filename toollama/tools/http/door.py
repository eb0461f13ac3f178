"""The door itself: requests bounded in time, bytes and redirects.

It talks to httpx's transport and not to its client, which would keep cookies, read proxy settings
and .netrc, log URLs and parse redirects by itself. A request that is not a GET is sent once and
never follows a redirect: its body was meant for one host.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import quote, urlencode

import httpcore
import httpx
from pydantic_core import to_json

from toollama.clock import Clock, SystemClock
from toollama.secrets import process_redactor
from toollama.text import one_line
from toollama.tools.base import HttpReply, Query, ToolFailure
from toollama.tools.http.bodies import UnusableBody, bounded, collect
from toollama.tools.http.guard import (
    GuardedBackend,
    GuardedTransport,
    Resolve,
    resolve_with_system,
)
from toollama.tools.http.replies import Reply, check_status, credentials_in, decode_json
from toollama.tools.http.settings import HttpSettings
from toollama.tools.http.targets import Target, Targets, parse, same_origin

MAX_REDIRECTS = 5
MAX_CONCURRENT_PER_HOST = 4

_REDIRECTS = {301, 302, 303, 307, 308}
_RESETS = (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError)
_STEP_TIMEOUT = httpx.Timeout(20.0, connect=5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What one call allows and sends, whichever host it ends at."""

    method: str
    headers: Mapping[str, str]
    content: bytes | None
    hosts: Sequence[str]
    max_bytes: int
    credentials: frozenset[str]
    into: BinaryIO | None = None
    """Where the body of a 2xx response goes; None: into memory."""


class Door:
    """The one way to the network; implements `tools.base.HttpDoor`.

    Use it as an async context manager, or call `aclose`. Nothing is opened before the first call.
    """

    def __init__(
        self,
        settings: HttpSettings,
        *,
        clock: Clock | None = None,
        resolve: Resolve = resolve_with_system,
        sockets: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        """Take what resolves names and opens sockets from the system unless given."""
        self._offline = settings.offline
        self._clock = clock or SystemClock()
        self._resolve = resolve
        self._sockets = sockets
        self._targets = Targets(settings.base_urls)
        self._transport: httpx.AsyncBaseTransport | None = None
        self._greeting = {"User-Agent": settings.user_agent(), "Accept-Encoding": "identity"}
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(MAX_CONCURRENT_PER_HOST)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection. The next call opens new ones."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    async def get_json(
        self,
        url: str,
        *,
        params: Mapping[str, str | int | float] | None = None,
        headers: Mapping[str, str] | None = None,
        hosts: Sequence[str],
        deadline_s: float = 20.0,
        max_bytes: int = 2_000_000,
    ) -> Any:
        """Return the decoded JSON body of a GET.

        `deadline_s` bounds the whole call: waiting for a turn, every redirect, the last byte.
        `max_bytes` bounds the body of each response, on the wire and decoded.

        Raises `ToolFailure`; its kind is `blocked` for a refusal of the guards, `unavailable`
        where no answer came, `upstream` for an answer that is not JSON or breaks a bound, and
        otherwise what the status means.
        """
        reply = await self._send(
            "GET", parse(url).copy_merge_params(dict(params or {})),
            headers=headers or {}, content=None, accept="application/json", secrets=(),
            hosts=hosts, deadline_s=deadline_s, max_bytes=max_bytes,
        )  # fmt: skip
        check_status(reply, now=self._clock.now())
        return decode_json(reply)

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Query | None = None,
        accept: str = "application/json",
        expect: Sequence[int] = (),
        secrets: Sequence[str] = (),
        hosts: Sequence[str],
        deadline_s: float = 20.0,
        max_bytes: int = 2_000_000,
    ) -> HttpReply:
        """Return the whole response of any method; bounds and failures are those of `get_json`."""
        full_url = parse(url)
        for name, value in _pairs(params):
            full_url = full_url.copy_add_param(name, value)
        sent, content = dict(headers or {}), None
        if json is not None:
            sent["Content-Type"], content = "application/json", to_json(json)
        elif form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            content = urlencode(_pairs(form)).encode()
        reply = await self._send(
            method.upper(), full_url,
            headers=sent, content=content, accept=accept, secrets=secrets,
            hosts=hosts, deadline_s=deadline_s, max_bytes=max_bytes,
        )  # fmt: skip
        if reply.status not in expect:
            check_status(reply, now=self._clock.now())
        return HttpReply(status=reply.status, url=reply.url, headers=reply.headers, body=reply.body)

    async def download(
        self,
        url: str,
        *,
        into: BinaryIO,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str = "*/*",
        secrets: Sequence[str] = (),
        hosts: Sequence[str],
        deadline_s: float = 60.0,
        max_bytes: int = 50_000_000,
    ) -> HttpReply:
        """Write the body of a GET to an open file as it comes; the reply's own body is empty.

        The file is written from its start. After a failure it holds part of a body, or nothing.
        Bounds and failures are those of `get_json`.
        """
        full_url = parse(url)
        for name, value in _pairs(params):
            full_url = full_url.copy_add_param(name, value)
        reply = await self._send(
            "GET", full_url,
            headers=headers or {}, content=None, accept=accept, secrets=secrets,
            hosts=hosts, deadline_s=deadline_s, max_bytes=max_bytes, into=into,
        )  # fmt: skip
        check_status(reply, now=self._clock.now())
        return HttpReply(status=reply.status, url=reply.url, headers=reply.headers, body=b"")

    async def _send(
        self,
        method: str,
        url: httpx.URL,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
        accept: str,
        secrets: Sequence[str],
        hosts: Sequence[str],
        deadline_s: float,
        max_bytes: int,
        into: BinaryIO | None = None,
    ) -> Reply:
        target = self._targets.target(url, hosts=hosts)
        if self._offline:
            raise ToolFailure(
                f"{target.host} was not asked: offline mode is on",
                kind="unavailable",
                fix="turn offline mode off (TOOLLAMA_OFFLINE)",
                lasting=True,
            )
        for value in secrets:  # such as a token that was exchanged for a key
            process_redactor.learn(value)
        sent = {"Accept": accept, **headers}
        secret = credentials_in([*sent.items(), *url.params.multi_items()])
        terms = _Terms(
            method=method,
            headers=sent,
            content=content,
            hosts=hosts,
            max_bytes=max_bytes,
            credentials=secret | {one for value in secrets for one in (value, quote(value, ""))},
            into=into,
        )
        try:
            async with asyncio.timeout(deadline_s), self._turns[target.host]:
                return await self._follow(target, terms)
        except TimeoutError as error:
            raise _unreachable(target, f"did not answer within {deadline_s:g} s") from error

    async def _follow(self, target: Target, terms: _Terms) -> Reply:
        """Return the first reply that is not a redirect."""
        for _ in range(MAX_REDIRECTS + 1):
            with _network_failures(target):
                reply = await self._exchange(target, terms)
            location = reply.headers.get("location")
            if reply.status not in _REDIRECTS or location is None or terms.method != "GET":
                return reply
            onward = self._targets.redirect(target, location, hosts=terms.hosts)
            if not same_origin(target.url, onward.url):
                terms = replace(terms, headers={})
            target = onward
        raise _unusable(target, f"redirected more than {MAX_REDIRECTS} times")

    async def _exchange(self, target: Target, terms: _Terms) -> Reply:
        try:
            return await self._exchange_once(target, terms)
        except _RESETS:
            if terms.method != "GET":
                raise
            # A server may close a kept connection just as it is used again; a GET is repeatable.
            return await self._exchange_once(target, terms)

    async def _exchange_once(self, target: Target, terms: _Terms) -> Reply:
        request = httpx.Request(
            terms.method,
            target.dialled,
            headers={**self._greeting, **terms.headers},
            content=terms.content,
            extensions={"timeout": _STEP_TIMEOUT.as_dict()},
        )
        response = await self._open_transport().handle_async_request(request)
        pieces = bounded(
            response.aiter_raw(),
            encoding=response.headers.get("content-encoding", ""),
            max_bytes=terms.max_bytes,
        )
        try:
            return Reply(
                host=target.host,
                url=str(target.url),
                status=response.status_code,
                headers=response.headers,
                body=await collect(pieces, into=terms.into if response.is_success else None),
                credentials=terms.credentials,
            )
        except UnusableBody as error:
            raise _unusable(target, str(error)) from error
        finally:
            await response.aclose()

    def _open_transport(self) -> httpx.AsyncBaseTransport:
        if self._transport is None:
            _keep_urls_out_of_logs()
            self._transport = GuardedTransport(
                GuardedBackend(
                    resolve=self._resolve,
                    trusted=self._targets.override_addresses,
                    inner=self._sockets or httpcore.AnyIOBackend(),
                )
            )
        return self._transport


@contextmanager
def _network_failures(target: Target) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise _unreachable(target, "did not answer in time") from error
    except httpcore.ConnectError as error:
        raise _unreachable(target, f"could not be reached: {one_line(str(error))}") from error
    except _RESETS as error:
        raise _unreachable(target, "broke the connection off") from error


def _pairs(query: Query | None) -> list[tuple[str, str]]:
    pairs = query.items() if isinstance(query, Mapping) else query or ()
    return [(name, str(value)) for name, value in pairs]


def _keep_urls_out_of_logs() -> None:
    """Silence both libraries below WARNING: they log URLs and headers, which may be secret."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _unreachable(target: Target, what: str) -> ToolFailure:
    return ToolFailure(
        f"{target.host} {what}",
        kind="unavailable",
        fix="check the network, and try again",
    )


def _unusable(target: Target, what: str) -> ToolFailure:
    return ToolFailure(f"{target.host} {what}", kind="upstream", fix="use another tool")
