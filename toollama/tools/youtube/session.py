"""A `requests` session whose every request goes through the HTTP door.

So the library that reads YouTube's pages keeps to the door's guards, bounds and offline switch. It
blocks, and must run in a thread while the loop that owns the door goes on.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import from_json
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from toollama.tools.base import HttpReply

_PASSED_ON = ("Accept-Language", "Cookie")

Ask = Callable[[str, str, Mapping[str, str], Any], HttpReply]
"""Method, URL, headers and the JSON to send, if any; blocks until the reply is there."""


class _DoorAdapter(BaseAdapter):
    """Answers the session's requests by the door."""

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._ask = ask

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        """Return the door's reply; how `requests` would send it does not matter here."""
        passed_on = {
            name: str(request.headers[name]) for name in _PASSED_ON if name in request.headers
        }
        body = request.body
        sent = from_json(body) if isinstance(body, str | bytes) and body else None
        reply = self._ask(request.method or "GET", request.url or "", passed_on, sent)
        response = Response()
        response.status_code = reply.status
        response.headers = CaseInsensitiveDict(reply.headers)
        response.url = reply.url
        response.request = request
        response.encoding = "utf-8"
        response._content = reply.body  # noqa: SLF001 - a body that is there already has no setter
        return response

    def close(self) -> None:
        """Do nothing: the door keeps its own connections."""


def session_through(ask: Ask) -> Session:
    """Return a session that can reach nothing but the door."""
    session = Session()
    session.trust_env = False
    adapter = _DoorAdapter(ask)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
