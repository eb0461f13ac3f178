"""A server with an OpenAI-compatible API on 127.0.0.1 that answers from a script.

It checks every request against the API reference: a request that breaks it is answered 400 and
fails the test when the double closes. Real sockets, so the engine's own client is what is tested.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.closing import close

_CONTEXT_TOKENS = 2048


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """An answer to a chat completion, or a fault in its place."""

    pieces: Sequence[str] = ("ok",)
    thoughts: Sequence[str] = ()
    finish_reason: str = "stop"
    usage: bool = True
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """The body as it is, in place of one made of the pieces."""
    reset: bool = False
    """Drop the connection instead of answering."""
    until: asyncio.Event | None = None
    """Awaited after the first piece."""
    fail_before_piece: int | None = None
    """Drop the connection before this piece."""


Script = Callable[[Mapping[str, Any]], Reply]


def written(body: Mapping[str, Any]) -> str:
    """Return text that keeps what the request asks for, as an obedient model would."""
    schema = _schema_of(body)
    return "one two three four five six" if schema is None else json.dumps(_instance(schema))


def obedient(body: Mapping[str, Any]) -> Reply:
    """Answer like a real server: stop strings, max_tokens and the schema are kept."""
    words = written(body).split(" ")
    pieces = [word if at == 0 else f" {word}" for at, word in enumerate(words)]
    kept = pieces[: body["max_tokens"]]
    text = "".join(kept)
    stops = [at for stop in body.get("stop", ()) if (at := text.find(stop)) >= 0]
    if stops:
        return Reply((text[: min(stops)],))
    return Reply(tuple(kept), finish_reason="length" if len(kept) < len(pieces) else "stop")


class OpenAIDouble:
    """Serves models; use as an async context manager."""

    def __init__(
        self,
        *,
        models: Iterable[str] = ("tiny",),
        owned_by: str = "somebody",
        replies: Iterable[Reply | Script] = (),
        script: Script = obedient,
        routes: Mapping[str, Any] | None = None,
        key: str = "",
        refuses: Iterable[str] = (),
    ) -> None:
        self._models = [{"id": model, "object": "model", "owned_by": owned_by} for model in models]
        if owned_by == "vllm":
            for model in self._models:
                model["max_model_len"] = _CONTEXT_TOKENS  # type: ignore[assignment]
        self._replies = list(replies)
        self._script = script
        self._routes = dict(routes or {})
        self._key = key
        self._refuses = set(refuses)
        self._tasks: set[asyncio.Task[None]] = set()
        self.asked: list[Asked] = []
        self.faults: list[str] = []
        self.running = 0
        self.most_running = 0
        self.abandoned = 0
        """Answers that the client did not wait for."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def completions(self) -> list[Any]:
        """Return the bodies of the chat completions asked for."""
        return [asked.body for asked in self.asked if asked.path == "/v1/chat/completions"]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 24)
        self._port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await close(self._server)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if kind is None:
            assert not self.faults, self.faults

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            while asked := await _read_request(reader):
                self.asked.append(asked)
                if not await self._answer(asked, writer):
                    return
        except (ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """Answer, and return whether the connection may be used again."""
        if self._key and asked.headers.get("authorization") != f"Bearer {self._key}":
            said = asked.headers.get("authorization", "nothing")
            return await _send_json(writer, {"error": {"message": f"bad key: {said}"}}, status=401)
        if asked.path == "/v1/chat/completions":
            return await self._complete(asked, writer)
        if asked.path in self._routes:
            found = self._routes[asked.path]
            return await _send_json(writer, found(asked.body) if callable(found) else found)
        if asked.path == "/v1/models":
            return await _send_json(writer, {"object": "list", "data": self._models})
        return await _send_json(writer, {"error": {"message": "not found"}}, status=404)

    async def _complete(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        if broken := sorted(_broken_rules(asked, [str(model["id"]) for model in self._models])):
            self.faults.extend(broken)
            return await _send_json(writer, {"error": {"message": str(broken)}}, status=400)
        if refused := sorted(self._refuses & _fields(asked.body)):
            document = {"error": {"message": f"unknown field {refused}"}}
            return await _send_json(writer, document, status=400)
        reply = self._replies.pop(0) if self._replies else self._script
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            return await self._send(reply(asked.body) if callable(reply) else reply, writer)
        except (ConnectionError, asyncio.CancelledError):
            self.abandoned += 1
            raise
        finally:
            self.running -= 1

    async def _send(self, reply: Reply, writer: asyncio.StreamWriter) -> bool:
        if reply.reset:
            return False
        headers = {"Content-Type": "text/event-stream", "Connection": "close", **reply.headers}
        _send_head(writer, reply.status, headers)
        if reply.raw is not None:
            writer.write(reply.raw)
            await writer.drain()
            return False
        for at, delta in enumerate(_deltas(reply)):
            if at == reply.fail_before_piece:
                return False
            _send_event(writer, {"choices": [{"index": 0, "delta": delta}]})
            await writer.drain()
            if reply.until is not None and at == 0:
                await _event_or_hang_up(reply.until, writer)
        end = {"index": 0, "delta": {}, "finish_reason": reply.finish_reason}
        _send_event(writer, {"choices": [end]})
        if reply.usage:
            counts = {"prompt_tokens": 7, "completion_tokens": len(reply.pieces)}
            _send_event(writer, {"choices": [], "usage": counts})
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()
        return False


async def _event_or_hang_up(event: asyncio.Event, writer: asyncio.StreamWriter) -> None:
    """Wait for the event. Raises `ConnectionError` where the client goes first."""
    while not event.is_set():
        await asyncio.sleep(0.01)
        writer.write(b": still here\n\n")
        await writer.drain()


def _deltas(reply: Reply) -> list[dict[str, str]]:
    thoughts = [{"reasoning_content": thought} for thought in reply.thoughts]
    return [*thoughts, *({"content": piece} for piece in reply.pieces)]


def _fields(body: Mapping[str, Any]) -> set[str]:
    """Return the names of the fields, and the type of the response format."""
    return {*body, body.get("response_format", {}).get("type", "")}


def _broken_rules(asked: Asked, models: Sequence[str]) -> set[str]:
    body = asked.body
    rules = {
        "method": asked.method == "POST",
        "content type": asked.headers.get("content-type") == "application/json",
        "no compression": asked.headers.get("accept-encoding") == "identity",
        "no cookie": "cookie" not in asked.headers,
        "model": body.get("model") in models,
        "streamed": body.get("stream") is True,
        "usage asked for": body.get("stream_options") == {"include_usage": True},
        "messages": all(set(turn) == {"role", "content"} for turn in body["messages"]),
        "max_tokens": isinstance(body.get("max_tokens"), int) and body["max_tokens"] > 0,
        "at most four stops": len(body.get("stop", [])) <= 4,
        "temperature": 0 <= body.get("temperature", -1) <= 2,
    }
    return {rule for rule, holds in rules.items() if not holds}


def _schema_of(body: Mapping[str, Any]) -> Any:
    response_format = body.get("response_format", {})
    return (
        response_format.get("schema")
        or response_format.get("json_schema", {}).get("schema")
        or body.get("json_schema")
        or body.get("structured_outputs", {}).get("json")
        or body.get("guided_json")
    )


def _instance(schema: Mapping[str, Any]) -> Any:
    """Return a document of a simple schema; patterns are met by digits."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: _instance(part) for name, part in schema["properties"].items()}
        case "integer":
            return 7
        case _:
            return "12" if "pattern" in schema else "text"


async def _read_request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    request_line, *lines = head.rstrip().split("\r\n")
    method, path, _ = request_line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (s.partition(":") for s in lines)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, json.loads(raw) if raw else None)


def _send_head(writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str]) -> None:
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {headers[name]}" for name in headers)]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))


async def _send_json(writer: asyncio.StreamWriter, document: Any, *, status: int = 200) -> bool:
    body = json.dumps(document).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    _send_head(writer, status, headers)
    writer.write(body)
    await writer.drain()
    return True


def _send_event(writer: asyncio.StreamWriter, document: Any) -> None:
    writer.write(b"data: " + json.dumps(document).encode() + b"\n\n")
