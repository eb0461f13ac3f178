"""A deterministic engine for orchestration tests: it answers from a script, never by a model.

It ships in the package so that plug-in authors can test with it, and it keeps the same residency
rules as a real engine: a model must be loaded, and a budget is never exceeded.
"""

import re
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence

from toollama.errors import ModelDoesNotFit, ModelError
from toollama.events.payloads import ModelLoadCompleted, ModelLoadStarted, Usage
from toollama.models.engine import (
    Delta,
    EmitPayload,
    EngineStatus,
    FinishReason,
    GenerationRequest,
    Resident,
)
from toollama.models.ladder import Attempt, Budget, Occupant, evictions
from toollama.models.spec import ModelSpec

Reply = str | Callable[[GenerationRequest], str] | Exception
"""What the next inference writes, how to make it from the request, or what it raises."""

_CONTEXT_TOKENS = 4096
_WORDS = re.compile(r"\s*\S+\s*")
"""What this engine calls tokens, with the white space around them."""


class ScriptedEngine:
    """Hands out replies in order and remembers every request."""

    def __init__(
        self,
        replies: Iterable[Reply] = (),
        *,
        sizes: Mapping[str, int] | None = None,
        budget_bytes: int | None = None,
        seconds_per_line: float = 0.0,
    ) -> None:
        """Answer with `replies`; each line counts as `seconds_per_line` towards a deadline."""
        self._replies = list(replies)
        self._sizes = dict(sizes or {})
        self._budget_bytes = budget_bytes
        self._seconds_per_line = seconds_per_line
        self._residents: dict[str, Resident] = {}
        self.requests: list[GenerationRequest] = []

    async def plan_load(
        self, spec: ModelSpec, occupants: Sequence[Occupant]
    ) -> tuple[Attempt, ...]:
        """Return the one load there is: the scripted size, 1 where none was given."""
        size = self._sizes.get(spec.id, 1)
        budget = Budget(cpu_bytes=self._budget_bytes)
        leaving = evictions(0, size, residents=occupants, budget=budget)
        if leaving is None:
            raise ModelDoesNotFit(f"{spec.id} does not fit", fix="raise --vram")
        return (
            Attempt(
                evict=leaving,
                context_tokens=spec.context or _CONTEXT_TOKENS,
                batch=spec.batch,
                gpu_layers=0,
                gpu_bytes=0,
                cpu_bytes=size,
            ),
        )

    def is_stale(self, spec: ModelSpec) -> bool:
        """Return False: a script is never replaced."""
        return False

    async def load(
        self, spec: ModelSpec, emit: EmitPayload, attempt: Attempt | None = None
    ) -> Resident:
        """Make the model resident, within the budget."""
        if spec.id in self._residents:
            return self._residents[spec.id]
        stay = [resident.occupant(busy=True) for resident in self._residents.values()]
        (planned,) = await self.plan_load(spec, stay)
        attempt = attempt or planned
        size = attempt.cpu_bytes
        emit(ModelLoadStarted(model=spec.id, path=spec.file, predicted_bytes=size))
        resident = Resident(spec.id, size, attempt.context_tokens)
        self._residents[spec.id] = resident
        total = self.status().resident_bytes
        emit(
            ModelLoadCompleted(
                model=spec.id,
                duration_s=0.0,
                bytes=size,
                resident_bytes=total,
                budget_bytes=self._budget_bytes,
                context_tokens=resident.context_tokens,
            )
        )
        return resident

    async def unload(self, model: str) -> None:
        """Free the model."""
        self._residents.pop(model, None)

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Delta, None]:
        """Write the next reply, line by line."""
        if request.model not in self._residents:
            raise ModelError(f"{request.model} is not resident", fix="load it first")
        self.requests.append(request)
        reply = self._replies.pop(0) if self._replies else ""
        if isinstance(reply, Exception):
            raise reply
        whole = reply(request) if callable(reply) else reply
        text = "".join(_WORDS.findall(whole)[: request.max_tokens])
        cut = len(whole.split()) > request.max_tokens
        lines = text.splitlines(keepends=True)
        written = lines[: self._lines_within(request.deadline_s, most=len(lines))]
        for line in written:
            yield Delta(line)
        words = "".join(written).split()
        reason: FinishReason = "length" if cut else "stop"
        if len(written) < len(lines):
            reason = "deadline"
        yield Delta("", finish_reason=reason, usage=Usage(output_tokens=len(words)))

    def _lines_within(self, deadline_s: float | None, *, most: int) -> int:
        if deadline_s is None or most * self._seconds_per_line <= deadline_s:
            return most
        return int(deadline_s / self._seconds_per_line)

    async def count_tokens(self, model: str, text: str) -> int:
        """Return the number of words, which is what this engine calls a token."""
        return len(text.split())

    def context_tokens(self, model: str) -> int:
        """Return the scripted context length."""
        return self._residents[model].context_tokens

    def status(self) -> EngineStatus:
        """Return what is resident."""
        return EngineStatus(tuple(self._residents.values()), self._budget_bytes)

    @property
    def idle(self) -> bool:
        """Return whether nothing runs: always, between awaits."""
        return True

    async def close(self) -> None:
        """Free every model."""
        self._residents.clear()
