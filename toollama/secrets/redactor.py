"""Strike secrets out of text, in every spelling that a service or a library may echo. Pure.

It knows values, not formats: what was never learnt is not recognised.
"""

import re
from collections.abc import Iterator
from typing import Any

from toollama.errors import ToolLamaError

REDACTED = "•••"
"""What stands where a secret stood."""

MIN_CHARACTERS = 6
"""Shorter values are parts of ordinary words, and no service hands them out."""


class Redactor:
    """Remembers secrets and strikes them out. Safe to call from any thread."""

    def __init__(self) -> None:
        self._spellings: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, value: str) -> None:
        """Strike the value out of every later text; values under 6 characters are left alone."""
        if len(value) < MIN_CHARACTERS or value in self._spellings:
            return
        self._spellings |= frozenset(spellings(value))
        longest_first = sorted(self._spellings, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def redact(self, text: str) -> str:
        """Return the text without any known secret."""
        return text if self._pattern is None else self._pattern.sub(REDACTED, text)

    def redact_data(self, value: Any) -> Any:
        """Return JSON-like data, names included, without any known secret."""
        if self._pattern is None:
            return value
        match value:
            case str():
                return self.redact(value)
            case list():
                return [self.redact_data(entry) for entry in value]
            case tuple():
                return tuple(self.redact_data(entry) for entry in value)
            case dict():
                return {self.redact_data(k): self.redact_data(v) for k, v in value.items()}
            case _:
                return value

    def redact_error(self, error: ToolLamaError) -> None:
        """Strike secrets out of an error; a cause that quotes one is dropped from its chain."""
        if self._pattern is None:
            return
        import traceback

        error.message, error.fix = self.redact(error.message), self.redact(error.fix)
        error.args = (error.message,)
        error.waiting = self.redact_data(error.waiting)
        cause = error.__cause__ or error.__context__
        if cause is not None and self._pattern.search("".join(traceback.format_exception(cause))):
            error.__cause__ = error.__context__ = None


process_redactor = Redactor()
"""The one that every output consults: a value read once stays secret until the process ends."""


def spellings(value: str) -> Iterator[str]:
    """Yield the value as it may be echoed: plain, escaped for URLs, JSON, HTML, Python and base64.

    Base64 is cut to the digits that the value alone decides, so that it is found inside the
    encoding of a longer text such as `user:value`.
    """
    import base64
    import html
    from urllib.parse import quote, quote_plus

    from pydantic_core import to_json

    yield value
    yield quote(value)
    yield quote(value, safe="")
    yield quote_plus(value)
    yield html.escape(value)
    yield to_json(value).decode()[1:-1]
    yield repr(value)[1:-1]
    raw = value.encode()
    for bytes_before in range(3):
        encoded = base64.b64encode(bytes(bytes_before) + raw).decode()
        first = (0, 2, 3)[bytes_before]
        core = encoded[first : (bytes_before + len(raw)) * 8 // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")
