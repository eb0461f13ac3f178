"""The engine protocol: what every engine can do, in words the agents use.

Implementations: `models.llama` (in this process) and `models.scripted` (deterministic, for
orchestration tests). Agents never see which one they talk to.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from toollama.events.payloads import Payload, Usage
from toollama.models.ladder import Attempt, Occupant
from toollama.models.spec import ModelSpec

EmitPayload = Callable[[Payload], object]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. `content` is data: control tokens inside it stay text."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """Output must be one JSON document that validates against `schema`."""

    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """Output must be exactly one of `options`."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regex:
    """Output must match `pattern` as a whole."""

    pattern: str


Constraint = JsonSchema | Choice | Regex


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn. Temperature 0 takes the likeliest token."""

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.1
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """One inference."""

    model: str
    messages: Sequence[Message]
    purpose: str
    """What it is for, in a word or two, for the events: `plan`, `arguments`, `answer`."""
    max_tokens: int = 512
    sampling: Sampling = field(default_factory=Sampling)
    constraint: Constraint | None = None
    prefill: str = ""
    """Text that the answer starts with; the model continues it. Not part of the output."""
    stop: tuple[str, ...] = ()
    logprobs: int = 0
    """How many alternatives to score for each token that is drawn; 0 scores none."""
    deadline_s: float | None = None
    """Seconds from the call of `generate` after which the output ends as it is; None is never."""


@dataclass(frozen=True, slots=True)
class TokenScore:
    """What the model thought of one token that it wrote, before sampling and constraints."""

    text: str
    logprob: float
    """Natural logarithm of its probability."""
    alternatives: tuple[tuple[str, float], ...]
    """The likeliest tokens there and their log probabilities, best first."""


FinishReason = Literal["stop", "length", "deadline", "cancelled"]


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of output. The last one carries `finish_reason` and `usage`."""

    text: str
    kind: Literal["content", "reasoning"] = "content"
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    scores: tuple[TokenScore, ...] = ()
    """With `logprobs`, on the last delta: one for each token drawn, none for forced ones."""


@dataclass(frozen=True, slots=True)
class Resident:
    """A model in memory."""

    model: str
    bytes: int
    """Weights, KV cache and compute buffers, as the runtime allocated them."""
    context_tokens: int
    gpu_layers: int = 0
    """Layers on the GPU, the output matrix counted as one; 0 is wholly in main memory."""
    gpu_bytes: int = 0
    """The part of `bytes` that lies on the GPU."""

    def occupant(self, *, busy: bool) -> Occupant:
        """Return the memory it holds, for `models.ladder`."""
        return Occupant(
            model=self.model,
            gpu_bytes=self.gpu_bytes,
            cpu_bytes=self.bytes - self.gpu_bytes,
            busy=busy,
        )


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What is in memory now."""

    residents: tuple[Resident, ...]
    budget_bytes: int | None

    @property
    def resident_bytes(self) -> int:
        """Return the bytes of all resident models together."""
        return sum(resident.bytes for resident in self.residents)


class Engine(Protocol):
    """Runs models. Every method may be awaited from one event loop; none blocks it.

    Cancelling the task that awaits a method stops the work within 0.1 s; the engine stays usable.
    """

    async def plan_load(
        self, spec: ModelSpec, occupants: Sequence[Occupant]
    ) -> tuple[Attempt, ...]:
        """Return the loads of `spec` to try, the preferred one first.

        `occupants` are the resident models in the order in which they may be evicted. Raises
        `ModelMissing`, `ModelCorrupt`, or `ModelDoesNotFit` where no load can fit.
        """
        ...

    async def load(
        self, spec: ModelSpec, emit: EmitPayload, attempt: Attempt | None = None
    ) -> Resident:
        """Make the model resident, if what its file holds now is not. Emits progress.

        Without an `attempt` it is the preferred one that evicts nobody. The evictions of an
        attempt are the caller's, before. Raises `ModelMissing`, `ModelCorrupt` or
        `ModelDoesNotFit`, which alone makes the next attempt worth trying.
        """
        ...

    def is_stale(self, spec: ModelSpec) -> bool:
        """Return whether `spec` is resident, but its file was replaced since it was loaded."""
        ...

    async def unload(self, model: str) -> None:
        """Free the model. A model that is not resident is not an error."""
        ...

    def generate(self, request: GenerationRequest) -> AsyncGenerator[Delta, None]:
        """Stream one inference of a resident model.

        Raises `InputTooLong`, `ConstraintRefused` or `ModelError`.
        """
        ...

    async def count_tokens(self, model: str, text: str) -> int:
        """Return the length of the text in tokens of a resident model."""
        ...

    def context_tokens(self, model: str) -> int:
        """Return the context length of a resident model."""
        ...

    def status(self) -> EngineStatus:
        """Return what is resident now; for display, never to decide by."""
        ...

    @property
    def idle(self) -> bool:
        """Return whether nothing runs and nothing waits."""
        ...

    async def close(self) -> None:
        """Stop all work and free every model."""
        ...
