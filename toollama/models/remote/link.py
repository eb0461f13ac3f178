"""The line to one server: requests and answers over HTTP, with its key and its limits.

Every fault is a `ModelError` that names the server and never the key. A key is sent to this server
alone: no redirect is followed, and no proxy setting or .netrc is read.
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx
from pydantic_core import from_json

from toollama.errors import ModelError
from toollama.models.remote.faults import broken, of_status, unreachable
from toollama.models.remote.reply import Reply
from toollama.models.remote.waits import Waits
from toollama.models.spec import EndpointSpec
from toollama.text import one_line

CONNECT_S = 5.0
FIRST_BYTE_S = 120.0
_ENQUIRY_S = 10.0
_MAX_ENQUIRY_BYTES = 4 << 20
_MAX_FAULT_BYTES = 1 << 16
_STRUCK_OUT = "•••"


class Link:
    """An HTTP client for one server."""

    def __init__(
        self,
        spec: EndpointSpec,
        *,
        environment: Mapping[str, str],
        waits: Waits,
        now: Callable[[], datetime],
    ) -> None:
        self.url = spec.url
        self._key_name = spec.api_key_env
        self._key = environment.get(spec.api_key_env, "").strip() if spec.api_key_env else ""
        self._waits = waits
        self._now = now
        self._client = _client(spec.url)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON that the server answers within 10 s.

        Raises `ModelError`, `Unavailable` where no answer came.
        """
        try:
            raw = await self._waits.within(_ENQUIRY_S, self._exchange(method, path, body))
        except TimeoutError as error:
            raise unreachable(self.url, f"did not answer within {_ENQUIRY_S:g} s") from error
        try:
            return from_json(raw)
        except ValueError as fault:
            found = "a page" if raw.lstrip().startswith(b"<") else "something else"
            raise broken(self.url, f"sent {found} instead of JSON at {path}") from fault

    async def _exchange(self, method: str, path: str, body: Any) -> bytes:
        response = await self._send(method, path, body)
        try:
            return await _read(response, max_bytes=_MAX_ENQUIRY_BYTES)
        except httpx.TransportError as error:
            raise unreachable(self.url, "broke its answer off") from error
        finally:
            await response.aclose()

    async def stream(self, body: dict[str, Any], *, release: Callable[[], None]) -> Reply:
        """Return the answer to a chat completion once its first bytes are here.

        `release` is called when the answer is closed, and not where this raises: `Unavailable`
        where another try may help, `BadRequest` where another body may, `ModelError` or
        `InputTooLong`.
        """
        try:
            return await self._waits.within(FIRST_BYTE_S, self._begin(body, release))
        except TimeoutError as error:
            raise broken(self.url, f"sent nothing within {FIRST_BYTE_S:g} s") from error

    async def _begin(self, body: dict[str, Any], release: Callable[[], None]) -> Reply:
        response = await self._send("POST", "/v1/chat/completions", body)
        reply = Reply(
            response,
            url=self.url,
            waits=self._waits,
            conceal=self._conceal,
            release=release,
        )
        try:
            self._check_stream(response)
            await reply.begin()
        except httpx.TransportError as error:
            await response.aclose()
            raise unreachable(self.url, "broke its answer off") from error
        except BaseException:
            await response.aclose()
            raise
        return reply

    def _check_stream(self, response: httpx.Response) -> None:
        found = response.headers.get("content-type", "nothing").partition(";")[0].strip().lower()
        if "content-encoding" in response.headers:
            raise broken(self.url, "sent a compressed stream that was not asked for")
        if found != "text/event-stream":
            raise broken(self.url, f"sent {one_line(found)} instead of a stream of events")

    async def _send(self, method: str, path: str, body: Any) -> httpx.Response:
        """Return the response to a request with its body unread, its status being 200."""
        request = self._client.build_request(
            method,
            path,
            content=None if body is None else json.dumps(body).encode(),
            headers=self._headers(),
        )
        try:
            response = await self._client.send(request, stream=True)
        except httpx.ConnectTimeout as error:
            raise unreachable(self.url, f"did not connect within {CONNECT_S:g} s") from error
        except httpx.TransportError as error:
            reason = one_line(self._conceal(str(error))) or type(error).__name__
            raise unreachable(self.url, f"cannot be reached: {reason}") from error
        if response.status_code == 200:
            return response
        try:
            said = await _read(response, max_bytes=_MAX_FAULT_BYTES)
        except httpx.TransportError:
            said = b""
        finally:
            await response.aclose()
        text = self._conceal(said.decode("utf-8", "replace"))
        raise of_status(self.url, response.status_code, response.headers, text, now=self._now())

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
        if not self._key_name:
            return headers
        if not self._key or not self._key.isascii() or not self._key.isprintable():
            raise ModelError(
                f"{self.url}: no usable key in the variable {self._key_name}",
                fix=f"export {self._key_name}=…",
            )
        return {**headers, "Authorization": f"Bearer {self._key}"}

    def _conceal(self, text: str) -> str:
        return text.replace(self._key, _STRUCK_OUT) if self._key else text


def _client(url: str) -> httpx.AsyncClient:
    """Return a client that follows no redirect and reads no proxy setting or .netrc.

    Raises `ModelError` for a URL whose host no resolver can be asked for.
    """
    for name in ("httpx", "httpcore"):  # they log URLs and headers below WARNING
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        return httpx.AsyncClient(
            base_url=url,
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(None, connect=CONNECT_S),
        )
    except httpx.InvalidURL as error:
        raise broken(url, f"is no usable URL: {one_line(str(error))}") from error


async def _read(response: httpx.Response, *, max_bytes: int) -> bytes:
    """Return the start of a body, as it came over the wire."""
    body = bytearray()
    async for data in response.aiter_raw():
        body += data
        if len(body) >= max_bytes:
            break
    return bytes(body[:max_bytes])
