"""ToolLama's Drummer as an arm: code reads the words, the model settles what they leave open."""

from collections.abc import Mapping, Sequence
from typing import Any

from toollama.agents.budget import Budget
from toollama.agents.crew import Tier
from toollama.agents.drummer import Drummer
from toollama.agents.ledger import Ledger
from toollama.agents.messages import Request
from toollama.agents.pool import ModelPool
from toollama.agents.run import Member, Run
from toollama.clock import Clock
from toollama.errors import ToolLamaError
from toollama.evaluation.arms import Attempt
from toollama.evaluation.marking import Call
from toollama.evaluation.tasks import Task
from toollama.events import Bus, Event, new_run_id
from toollama.models.engine import Engine
from toollama.models.spec import ModelSpec, RoleSpec
from toollama.tools.base import Arguments, NoNetwork, ToolContext, ToolSpec
from toollama.tools.foreign.signature import signature_of
from toollama.tools.index import ToolIndex
from toollama.tools.registry import Registry

_LOADED = "model.load.completed"


class DrummerArm:
    """One Drummer on one model."""

    name = "toollama"

    def __init__(self, engine: Engine, model: ModelSpec, tier: Tier, *, clock: Clock) -> None:
        self._clock = clock
        self._member = Member(RoleSpec(name="drummer.api", prompt="drummer.api.md"), model, tier)
        run_id = new_run_id(clock)
        self._bus = Bus(run_id, clock)
        self._bus.subscribe(self._count)
        self._pool = ModelPool(engine, self._bus)
        self.loads = 0

    @property
    def swaps(self) -> int:
        """Return how often a model had to come in after the first time."""
        return max(self.loads - 1, 0)

    def _count(self, event: Event) -> None:
        self.loads += event.type == _LOADED

    async def attempt(self, task: Task) -> Attempt:
        """Fill the call of the function that the request's words point to."""
        run = Run(
            request=Request(text=task.request),
            bus=self._bus,
            clock=self._clock,
            ledger=Ledger(Budget(), self._clock, self._bus),
            pool=self._pool,
            crew={"drummer.api": self._member, "camina": self._member},
            registry=Registry(()),
            tools=ToolContext(clock=self._clock, http=NoNetwork()),
        )
        function = _nearest(task.request, task.functions)
        try:
            call = await Drummer(run).fill_function(signature_of(function), task.request)
        except ToolLamaError as error:
            return Attempt((), refused=error.message)
        used = (run.usage.input_tokens, run.usage.output_tokens)
        return Attempt((Call(call.tool, call.arguments),), *used)

    async def close(self) -> None:
        """Leave the engine to its owner."""


def _nearest(request: str, functions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the function that is described most like the request; the first where none is."""
    if len(functions) == 1:
        return functions[0]
    specs = [
        ToolSpec(
            name=str(at),
            summary=f"{function['name']} {function.get('description', '')}".replace("_", " "),
            utterances=(),
            parameters=Arguments,
            packs=(),
        )
        for at, function in enumerate(functions)
    ]
    hits = ToolIndex(specs).search(request, limit=1)
    return functions[int(hits[0].tool)] if hits else functions[0]
