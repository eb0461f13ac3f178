"""What a server's refusal means: an error with the endpoint named and a next step. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime

from toollama.errors import InputTooLong, ModelError, ToolLamaError
from toollama.retry_after import retry_after_s
from toollama.text import one_line

_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|context (size|window)",
    re.IGNORECASE,
)
_ABOUT_FORMAT = re.compile(r"response_format|json_schema|structured_outputs|guided_json|grammar")
_BUSY = {429, 502, 503}


class Unavailable(ModelError):
    """An endpoint took no request, and asking again or elsewhere may help."""

    def __init__(
        self, message: str, *, fix: str, refused: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, fix=fix)
        self.refused = refused
        """The server is well and has too much to do (status 429)."""
        self.retry_after_s = retry_after_s


class BadRequest(ModelError):
    """The server cannot do what was asked, perhaps because of one field of the request."""


def unreachable(url: str, what: str) -> Unavailable:
    """Return the error of a server that gave no answer."""
    return Unavailable(f"{url} {what}", fix=f"check that the server runs: curl {url}/v1/models")


def broken(url: str, what: str) -> ModelError:
    """Return the error of an answer that cannot be read."""
    return ModelError(
        f"{url} {what}", fix="look into the server's log, and check `url` in models.toml"
    )


def of_status(
    url: str, status: int, headers: Mapping[str, str], body: str, *, now: datetime
) -> ToolLamaError:
    """Return what a status other than 200 means (RFC 9110, section 15).

    `body` holds no credential any more. A page instead of a message is not quoted.
    """
    said = "" if body.lstrip().startswith("<") else f": {one_line(body)}"
    if status in _BUSY:
        return Unavailable(
            f"{url} cannot take the request now ({status}){said}",
            fix="try again, or name more endpoints in models.toml",
            refused=status == 429,
            retry_after_s=retry_after_s(headers.get("retry-after"), now=now),
        )
    if status in {401, 403}:
        return ModelError(
            f"{url} refuses the key ({status}){said}",
            fix="name the variable that holds its key as `api_key_env` in models.toml",
        )
    if 300 <= status < 400:
        return ModelError(
            f"{url} redirects ({status}), which is not followed: a key could leave for elsewhere",
            fix="write the final address as `url` in models.toml",
        )
    if _TOO_LONG.search(body):
        return InputTooLong(
            f"{url}: the text is too long for the model{said}",
            fix="shorten it, or start the server with a larger context",
        )
    # llama-cpp-python's server calls a field that it does not know an internal error.
    if status in {400, 422} or (status == 500 and _ABOUT_FORMAT.search(body)):
        return BadRequest(
            f"{url} refuses the request ({status}){said}", fix="look into the server's log"
        )
    return broken(url, f"answered {status}{said}")
