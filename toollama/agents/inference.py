"""One inference by a member of the crew: a turn on its model, its events, its usage.

The prompt is put together here: the role's own instructions first, so that their KV prefix is
shared by every call of the role.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, replace

from toollama.agents import replay, workload
from toollama.agents.journal import digest
from toollama.agents.roles import role_instructions
from toollama.agents.run import Member, Run
from toollama.errors import BudgetSpent, InputTooLong, ModelError, ToolLamaError
from toollama.events.payloads import (
    InferenceCompleted,
    InferenceFailed,
    InferenceStarted,
    ReasoningDelta,
    Usage,
)
from toollama.models.engine import Constraint, Delta, GenerationRequest, Message, Sampling
from toollama.models.spec import ModelSpec
from toollama.text import truncate, visible

_LOGGED_CHARACTERS = 4000
_LOGGED_PROMPT = 16_000  # characters of each message
_RETRY_TEMPERATURE = 0.4

UNANSWERED = (ModelError, InputTooLong, BudgetSpent)
"""A model gave no output: it cannot be used, the prompt is too long, or the budget is spent. Code
does without it then, or goes to another one."""


def instructions(member: Member) -> str:
    """Return the system prompt of a role."""
    return role_instructions(member.role)


def _system(run: Run, member: Member, purpose: str) -> str:
    """Return the instructions of a role, and for an answer what the user wants of all answers."""
    pinned = run.request.memory.pinned if purpose == "answer" else ()
    if not pinned:
        return instructions(member)
    run.heeded = True
    return "\n".join([instructions(member), *(f"The user asked: {line}" for line in pinned)])


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
    attempt: int = 1,
) -> AsyncGenerator[str, None]:
    """Yield the model's text as it is written, as far as the run's budget goes.

    A later `attempt` draws by another seed. Raises what `UNANSWERED` names.
    """
    spec = member.model
    request = GenerationRequest(
        model=spec.id,
        messages=[Message("system", _system(run, member, purpose)), *turns],
        purpose=purpose,
        max_tokens=max_tokens or member.role.max_tokens,
        sampling=_sampling(spec, run.request.seed, attempt),
        constraint=constraint,
        prefill=prefill,
        stop=stop,
    )
    record = _Record(run, request)
    work = workload.key(record.span.task_id, member.role.name)
    with run.ledger.tokens(request.max_tokens) as grant:
        async with run.pool.turn(spec, record.span, work=work) as engine:
            request = replace(
                request, max_tokens=grant.tokens, deadline_s=run.ledger.left("seconds")
            )
            record.started(constrained=constraint is not None)
            try:
                async with aclosing(engine.generate(request)) as deltas:
                    async for delta in deltas:
                        if text := record.content_of(delta):
                            yield text
            except ToolLamaError as error:
                record.failed(error)
                raise
            except (asyncio.CancelledError, GeneratorExit):
                record.cut_short()
                raise
            finally:
                grant.used = record.usage.output_tokens
            record.completed()


async def complete(
    run: Run,
    member: Member,
    turns: Sequence[Message],
    *,
    purpose: str,
    max_tokens: int | None = None,
    constraint: Constraint | None = None,
    attempt: int = 1,
) -> str:
    """Return the whole of the model's text; a resumed run returns what was written before.

    Raises what `UNANSWERED` names.
    """

    async def write() -> str:
        pieces = stream(
            run,
            member,
            turns,
            purpose=purpose,
            max_tokens=max_tokens,
            constraint=constraint,
            attempt=attempt,
        )
        async with run.ledger.in_time(), aclosing(pieces):
            return "".join([piece async for piece in pieces])

    key = digest([member.model.id, purpose, turns, max_tokens, constraint, attempt])
    return await replay.text(run, key, write)


def _sampling(spec: ModelSpec, seed: int | None, attempt: int) -> Sampling:
    """Return how the model draws; greedy sampling would write the same again at every attempt."""
    sampling = Sampling(**spec.sampling.model_dump())
    if seed is not None:
        sampling = replace(sampling, seed=seed)
    if attempt == 1:
        return sampling
    return replace(
        sampling,
        seed=sampling.seed + attempt - 1,
        temperature=max(sampling.temperature, _RETRY_TEMPERATURE),
    )


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
                messages=[
                    {"role": turn.role, "content": truncate(turn.content, _LOGGED_PROMPT)}
                    for turn in self._request.messages
                ],
                sampling=asdict(self._request.sampling),
                max_tokens=self._request.max_tokens,
            ),
            span=self.span,
        )

    def content_of(self, delta: Delta) -> str:
        """Return the text of a delta that is part of the answer."""
        if delta.finish_reason:
            self.reason, self.usage = delta.finish_reason, delta.usage or Usage()
        if delta.kind != "content":
            if delta.text:
                self._run.bus.emit(ReasoningDelta(text=visible(delta.text)), span=self.span)
            return ""
        self.pieces += [delta.text] if delta.text else []
        return delta.text

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
