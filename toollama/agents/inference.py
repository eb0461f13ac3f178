"""One inference by a member of the crew: a turn on its model, its events, its usage.

The prompt is put together here: the role's own instructions first, so that their KV prefix is
shared by every call of the role.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from toollama.agents.roles import role_instructions
from toollama.agents.run import Member, Run
from toollama.errors import ToolLamaError
from toollama.events.payloads import InferenceCompleted, InferenceFailed, InferenceStarted, Usage
from toollama.models.engine import Constraint, GenerationRequest, Message, Sampling
from toollama.text import truncate, visible

_LOGGED_CHARACTERS = 4000


def instructions(member: Member) -> str:
    """Return the system prompt of a role."""
    return role_instructions(member.role)


async def stream(
    run: Run,
    member: Member,
    turns: Sequence[Message],
    *,
    purpose: str,
    max_tokens: int | None = None,
    constraint: Constraint | None = None,
    prefill: str = "",
    stop: tuple[str, ...] = (),
) -> AsyncGenerator[str, None]:
    """Yield the model's text as it is written. Raises `ModelError` or `InputTooLong`."""
    spec = member.model
    request = GenerationRequest(
        model=spec.id,
        messages=[Message("system", instructions(member)), *turns],
        purpose=purpose,
        max_tokens=max_tokens or member.role.max_tokens,
        sampling=Sampling(**spec.sampling.model_dump()),
        constraint=constraint,
        prefill=prefill,
        stop=stop,
    )
    record = _Record(run, request)
    async with run.pool.turn(spec, record.span) as engine:
        record.started(constrained=constraint is not None)
        try:
            async with aclosing(engine.generate(request)) as deltas:
                async for delta in deltas:
                    if delta.finish_reason:
                        record.reason, record.usage = delta.finish_reason, delta.usage or Usage()
                    if delta.kind == "content" and delta.text:
                        record.pieces.append(delta.text)
                        yield delta.text
        except ToolLamaError as error:
            record.failed(error)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            record.cut_short()
            raise
        record.completed()


async def complete(
    run: Run,
    member: Member,
    turns: Sequence[Message],
    *,
    purpose: str,
    max_tokens: int | None = None,
    constraint: Constraint | None = None,
) -> str:
    """Return the whole of the model's text."""
    pieces = stream(
        run, member, turns, purpose=purpose, max_tokens=max_tokens, constraint=constraint
    )
    async with aclosing(pieces):
        return "".join([piece async for piece in pieces])


class _Record:
    """What one inference wrote and used, for its closing event."""

    def __init__(self, run: Run, request: GenerationRequest) -> None:
        self._run = run
        self._request = request
        self.span = run.bus.child_span()
        self._started_s = run.clock.monotonic_s()
        self.pieces: list[str] = []
        self.reason = "stop"
        self.usage = Usage()

    def started(self, *, constrained: bool) -> None:
        self._started_s = self._run.clock.monotonic_s()
        self._run.bus.emit(
            InferenceStarted(
                model=self._request.model,
                purpose=self._request.purpose,
                constrained=constrained,
            ),
            span=self.span,
        )

    def completed(self) -> None:
        self._run.spend(self.usage)
        self._run.bus.emit(
            InferenceCompleted(
                model=self._request.model,
                purpose=self._request.purpose,
                finish_reason=self.reason,
                usage=self.usage,
                output=visible(truncate("".join(self.pieces), _LOGGED_CHARACTERS)),
                duration_s=self._run.clock.monotonic_s() - self._started_s,
            ),
            span=self.span,
        )

    def cut_short(self) -> None:
        """Close the record of an output that nobody read to its end.

        The engine tells the usage at the end only, so the pieces seen stand for the tokens.
        """
        self.reason = "cancelled"
        self.usage = Usage(output_tokens=len(self.pieces))
        self.completed()

    def failed(self, error: ToolLamaError) -> None:
        self._run.bus.emit(
            InferenceFailed(
                model=self._request.model,
                purpose=self._request.purpose,
                code=error.code,
                message=error.message,
            ),
            span=self.span,
        )
