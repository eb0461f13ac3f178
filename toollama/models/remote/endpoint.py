"""One server that holds a model: what it is, what it is asked, and what it answers.

Owns the turns of this server and what was found out about it. It chooses nothing and asks nothing
twice, except for a schema in the next way that the server's kind knows.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from toollama.errors import ModelError, ModelMissing, ToolLamaError
from toollama.models.engine import GenerationRequest
from toollama.models.remote import server as servers
from toollama.models.remote.balance import HEALTHY, Load
from toollama.models.remote.faults import BadRequest, Unavailable, broken
from toollama.models.remote.link import Link
from toollama.models.remote.reply import Reply
from toollama.models.remote.request import completion
from toollama.models.remote.server import Kind, Server
from toollama.models.remote.waits import Waits
from toollama.models.spec import EndpointSpec, ModelSpec
from toollama.text import one_line


@dataclass(frozen=True, slots=True)
class Held:
    """A server and the model on it."""

    server: Server
    model: str
    context_tokens: int
    """0 where the server does not tell."""


class Endpoint:
    """One server, for one model."""

    def __init__(
        self,
        spec: EndpointSpec,
        *,
        model: ModelSpec,
        environment: Mapping[str, str],
        waits: Waits,
        now: Callable[[], datetime],
    ) -> None:
        self.url = spec.url
        self.health = HEALTHY
        self.held: Held | None = None
        self._spec = spec
        self._model = model
        self._waits = waits
        self._turns = asyncio.Semaphore(spec.max_concurrent)
        self._in_flight = 0
        self._formats: tuple[servers.Format, ...] = ()
        self._link = Link(spec, environment=environment, waits=waits, now=now)

    @property
    def load(self) -> Load:
        """Return how busy the endpoint is."""
        return Load(self.health, self._in_flight, self._spec.max_concurrent)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._link.aclose()

    async def find_out(self) -> Held:
        """Return what the server is and that it holds the model; asked once, then remembered.

        Raises `ModelMissing`, or `ModelError` (`Unavailable` where no answer came).
        """
        if self.held is None:
            self.held = await self._enquire()
            self._formats = self.held.server.formats
        return self.held

    async def start(self, request: GenerationRequest) -> Reply:
        """Wait for a turn, send the request and return the answer once its first bytes are here.

        Raises `Unavailable` where another try may help, `ModelError` and `InputTooLong`.
        """
        self._in_flight += 1
        try:
            await self._waits.within(None, self._turns.acquire())
        except BaseException:
            self._in_flight -= 1
            raise
        try:
            held = await self._still_held()
            return await self._in_some_format(held, request)
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        self._in_flight -= 1
        self._turns.release()

    async def _still_held(self) -> Held:
        """Return what the server is; a wrong server is passed over in favour of the others."""
        try:
            return await self.find_out()
        except ModelError as error:
            raise Unavailable(error.message, fix=error.fix) from error

    async def count_tokens(self, text: str) -> int | None:
        """Return the text's length in tokens, or None where the server does not count."""
        held = self.held
        if held is None or not held.server.counts_tokens:
            return None
        body = (
            {"content": text, "add_special": False}
            if held.server.kind is Kind.LLAMA_SERVER
            else {"model": held.model, "prompt": text, "add_special_tokens": False}
        )
        try:
            document = await self._link.ask("POST", "/tokenize", body)
            return len(document["tokens"])
        except (ToolLamaError, KeyError, TypeError):
            return None

    async def _enquire(self) -> Held:
        try:
            kind, models = servers.read_models(await self._link.ask("GET", "/v1/models"))
        except ValueError as fault:
            raise broken(self.url, "lists its models in no known form") from fault
        server = Server(kind or await self._probed_kind(), models)
        name = server.name_of(self._spec.model, model_id=self._model.id)
        if name is None:
            wanted = self._spec.model or self._model.id
            raise ModelMissing(
                f"{self.url} does not serve {wanted}; it serves {one_line(', '.join(models))}",
                fix="write one of these names as `model` of the endpoint in models.toml",
            )
        return Held(server, name, models[name] or await self._told_context(server))

    async def _probed_kind(self) -> Kind:
        for path, kind in servers.PROBES.items():
            if servers.answers_as(kind, await self._answer_if_any(path)):
                return kind
        return Kind.OTHER

    async def _told_context(self, server: Server) -> int:
        if server.kind is not Kind.LLAMA_SERVER:
            return 0
        try:
            return servers.read_props(await self._answer_if_any("/props"))
        except ValueError:
            return 0

    async def _answer_if_any(self, path: str) -> Any:
        try:
            return await self._link.ask("GET", path)
        except Unavailable:
            raise
        except ToolLamaError:
            return None

    async def _in_some_format(self, held: Held, request: GenerationRequest) -> Reply:
        """Return the answer; a server that refuses a way to give a schema is asked in the next."""
        for left in range(len(self._formats), 0, -1):
            output_format, *others = self._formats[-left:]
            body = completion(
                request,
                server=held.server,
                model=held.model,
                output_format=output_format,
                stop_at_server=self._model.reasoning_tags is None,
            )
            try:
                reply = await self._link.stream(body, release=self._release)
            except BadRequest:
                if request.constraint is None or not others:
                    raise
            else:
                self._formats = self._formats[-left:]
                return reply
        raise AssertionError("the last format returns or raises")
