"""What comes over the wire: server-sent events, and the chunks of a chat completion inside them.

Pure: bytes in, values out. Formats: WHATWG HTML, "Server-sent events"; OpenAI API reference,
"Chat completion chunk". Unknown fields are ignored, since every server adds its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import from_json

from toollama.models.engine import FinishReason

MAX_LINE_BYTES = 1 << 20
DONE = "[DONE]"


class WireFault(ValueError):
    """The bytes are not what a chat completion looks like; the message says what is wrong."""


class EventLines:
    """Splits bytes into the data of server-sent events, however they were split on their way."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[str]:
        """Yield the data of each line that is now complete.

        Servers write each chunk as one `data:` line; llama-server writes faults as `error:`.
        Comments and other fields are skipped. Raises `WireFault` for a line above 1 MiB or one
        that is not UTF-8.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield from _data_of(line)
        if len(self._rest) > MAX_LINE_BYTES:
            raise WireFault("sent a line above 1 MiB")

    def finish(self) -> Iterator[str]:
        """Yield the data of a last line without its line feed."""
        rest, self._rest = self._rest, b""
        yield from _data_of(rest)


def _data_of(line: bytes) -> Iterator[str]:
    if len(line) > MAX_LINE_BYTES:
        raise WireFault("sent a line above 1 MiB")
    name, colon, value = line.rstrip(b"\r").partition(b":")
    if not colon or name not in {b"data", b"error"}:
        return
    try:
        yield value.removeprefix(b" ").decode("utf-8")
    except UnicodeDecodeError as fault:
        raise WireFault("sent text that is not UTF-8") from fault


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """What the server says it read and wrote."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """One step of a completion; every part may be absent."""

    content: str = ""
    reasoning: str = ""
    finish_reason: FinishReason | None = None
    counts: TokenCounts | None = None


class _Delta(BaseModel):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class _Choice(BaseModel):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _CachedTokens(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    prompt_tokens_details: _CachedTokens | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: Any = None


def read_chunk(data: str) -> Chunk:
    """Return the chunk that the data of an event holds. Raises `WireFault`.

    Thoughts come as `reasoning_content` (llama-server, vLLM) or `reasoning` (vLLM, Ollama).
    """
    try:
        document = _Completion.model_validate(from_json(data))
    except ValidationError as fault:
        problem = fault.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, problem["loc"])) or "chunk"
        raise WireFault(f"sent a chunk whose {place} is wrong: {problem['msg']}") from fault
    except ValueError as fault:
        raise WireFault("sent a chunk that is not JSON") from fault
    if document.error is not None:
        raise WireFault(f"gave up: {error_message(document.error)}")
    return _chunk(document)


def error_message(error: Any) -> str:
    """Return the text of an OpenAI-style error, which may be an object or just text."""
    if isinstance(error, dict):
        inner = error.get("error", error)
        return str(inner.get("message", inner) if isinstance(inner, dict) else inner)
    return str(error)


def _chunk(document: _Completion) -> Chunk:
    counts = None
    if document.usage is not None:
        details = document.usage.prompt_tokens_details or _CachedTokens()
        counts = TokenCounts(
            document.usage.prompt_tokens,
            document.usage.completion_tokens,
            details.cached_tokens or 0,
        )
    if not document.choices:
        return Chunk(counts=counts)
    choice = document.choices[0]
    reason: FinishReason | None = None
    if choice.finish_reason:
        reason = "length" if choice.finish_reason == "length" else "stop"
    delta = choice.delta
    return Chunk(
        content=delta.content or "",
        reasoning=delta.reasoning_content or delta.reasoning or "",
        finish_reason=reason,
        counts=counts,
    )
