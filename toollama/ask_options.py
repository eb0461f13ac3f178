"""One request with everything that was said about how to serve it.

Owns its forms: as it was said, as understood, as the log keeps it, and as the agents see it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from toollama.agents import memory, plan_file
from toollama.agents.budget import DEPTH_BUDGETS, Budget
from toollama.agents.crew import CAMINA
from toollama.agents.journal import Journal
from toollama.agents.messages import Attached, Depth, EvidenceRecord, Memory, Request, Thread
from toollama.agents.plan_file import PlanFile
from toollama.agents.recording import Recording
from toollama.policy import Effect

if TYPE_CHECKING:
    from toollama.models.spec import RoleSpec
    from toollama.tools.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions:
    """A request and how to serve it."""

    prompt: str
    attachments: tuple[Attached, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    """Model id or path by role, `belter`, `drummer` or `all`."""
    profile: str | None = None
    vram_bytes: int | None = None
    direct: bool = False
    use_tools: bool = True
    tools: tuple[str, ...] = ()
    """Patterns as the shell has them: only tools whose names match one; empty allows all."""
    system: str = ""
    """What the user wants of this answer, whatever is asked."""
    plan_only: bool = False
    dry_run: bool = False
    """Tell how the request would be served; no model is loaded and no tool called."""
    plan: PlanFile | None = None
    """A plan to run in place of one that Camina would make."""
    role: str = ""
    """The one role that is to serve the request; empty is the whole hierarchy."""
    depth: Depth = "detailed"
    seed: int | None = None
    """What every inference draws by; None leaves it to the engine's default."""
    schema: Mapping[str, Any] | None = None
    """JSON Schema that the answer must be valid against."""
    interactive: bool = False
    granted: frozenset[Effect] = frozenset()
    use_gpu: bool = True
    wait_for_gpu: bool = False
    """Wait until another process of this program has left the GPU."""
    budget: Budget | None = None
    """What the run may spend; None is what its depth brings."""
    strict: bool = False
    """A partial answer is a failure, and a model's words without support are left out."""
    keep: bool = True
    """The run goes into the log."""
    thread: Thread = field(default_factory=lambda: Thread(terminal=""))

    @property
    def foretold(self) -> bool:
        """Return whether the answer only tells what a run would do."""
        return self.plan_only or self.dry_run

    @property
    def limits(self) -> Budget:
        """Return what the run may spend."""
        return self.budget or DEPTH_BUDGETS[self.depth]

    def summary(self) -> dict[str, Any]:
        """Return what the first event of a run tells a reader of these options."""
        return {
            "direct": self.direct,
            "tools": self.use_tools,
            "plan_only": self.plan_only,
            "role": self.role,
            "depth": self.depth,
            "seed": self.seed,
            "vram_bytes": self.vram_bytes,
        }

    def to_log(self) -> dict[str, Any]:
        """Return the options as JSON, without the texts attached: those are evidence."""
        logged: dict[str, Any] = _json().dump_python(self, mode="json", exclude=_TEXTS)
        return logged

    @classmethod
    def from_log(cls, logged: Mapping[str, Any]) -> "AskOptions":
        """Return the options that `to_log` wrote. Raises pydantic's `ValidationError`."""
        return _json().validate_python(logged)

    def request(
        self, registry: "Registry", roles: Mapping[str, "RoleSpec"], known: Memory
    ) -> Request:
        """Return what the agents are asked. Raises `InputError` where the plan names nothing."""
        return Request(
            text=self.prompt.strip(),
            attachments=self.attachments,
            direct=self.direct or self.role == "observer",
            use_tools=self.use_tools,
            interactive=self.interactive,
            plan=plan_file.graph(self.plan, registry, roles) if self.plan else None,
            strict=self.strict,
            memory=self._wanted(known),
            role="" if self.role == CAMINA.id else self.role,
            depth=self.depth,
            seed=self.seed,
        )

    def _wanted(self, known: Memory) -> Memory:
        wanted = self.system.strip()
        pinned = (*known.pinned, wanted) if wanted else known.pinned
        return known.model_copy(update={"pinned": pinned})


@dataclass(frozen=True, slots=True)
class Begun:
    """A request that is understood, with what was known or finished before."""

    options: AskOptions
    memory: Memory = field(default_factory=Memory)
    journal: Journal = field(default_factory=Journal)
    recording: Recording = field(default_factory=Recording)

    def given(self) -> list[EvidenceRecord]:
        """Return the texts that came with the request, numbered."""
        return memory.given(self.memory, self.options.attachments)


_TEXTS = {"attachments": {"__all__": {"text"}}}


@cache
def _json() -> TypeAdapter[AskOptions]:
    return TypeAdapter(AskOptions)
