"""An engine that fails to order: obedient by default, it does what each fault says instead."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from toollama.errors import ModelDoesNotFit
from toollama.models.engine import (
    Choice,
    Delta,
    EmitPayload,
    GenerationRequest,
    JsonSchema,
    Resident,
)
from toollama.models.ladder import Attempt
from toollama.models.scripted import ScriptedEngine
from toollama.models.spec import ModelSpec

Fault = Exception | str | Callable[[GenerationRequest], str] | None
"""What an inference does: raise, `hang`, or write that text; None obeys."""

_LOAD_S = 2.0
_INFERENCE_S = 0.5


class FaultyEngine(ScriptedEngine):
    """Writes what was asked for, unless the next fault of its purpose or load says otherwise."""

    def __init__(
        self,
        *,
        faults: Mapping[str, Sequence[Fault]] | None = None,
        loads: Sequence[Exception | str | None] = (),
        sizes: Mapping[str, int] | None = None,
        budget_bytes: int | None = None,
        **scripted: Any,
    ) -> None:
        """Take faults by purpose (`plan`, `arguments`, `answer`, `tool choice`), and of loads."""
        super().__init__(sizes=sizes, budget_bytes=budget_bytes, **scripted)
        self._faults = {purpose: list(left) for purpose, left in (faults or {}).items()}
        self._loads = list(loads)
        self.under_way = 0
        self.written = 0
        """Words written, whatever became of them."""

    async def load(
        self, spec: ModelSpec, emit: EmitPayload, attempt: Attempt | None = None
    ) -> Resident:
        """Load as the script says, after the time that a load takes."""
        fault = self._loads.pop(0) if self._loads else None
        self.under_way += 1
        try:
            await (_for_ever() if fault == "hang" else asyncio.sleep(_LOAD_S))
        finally:
            self.under_way -= 1
        if isinstance(fault, Exception):
            raise fault
        return await super().load(spec, emit, attempt)

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Delta, None]:
        """Write line by line, each taking its time."""
        left = self._faults.get(request.purpose, [])
        fault = left.pop(0) if left else None
        self.under_way += 1
        try:
            if fault == "hang":
                await _for_ever()
            if isinstance(fault, Exception):
                raise fault
            text = fault(request) if callable(fault) else fault
            self._replies = [obey(request) if text is None else text]
            async with aclosing(super().generate(request)) as deltas:
                async for delta in deltas:
                    await asyncio.sleep(_INFERENCE_S)
                    self.written += len(delta.text.split())
                    yield delta
        finally:
            self.under_way -= 1


async def _for_ever() -> None:
    await asyncio.Event().wait()


def obey(request: GenerationRequest) -> str:
    """Return what a good model would write: the first choice, a plan by parts, the facts."""
    prompt = request.messages[-1].content
    constraint = request.constraint
    if isinstance(constraint, Choice):
        return constraint.options[0]
    if isinstance(constraint, JsonSchema):
        if request.purpose == "plan":
            return json.dumps(_plan(prompt, constraint.schema))
        return json.dumps(_instance(constraint.schema))
    return " ".join(re.findall(r"^- (.*)$", prompt, re.MULTILINE)) or "Nothing is known."


def _plan(prompt: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    tools = schema["properties"]["tasks"]["items"]["properties"]["tool"]["enum"]
    request = re.search(r"^Request: (.*)$", prompt, re.MULTILINE)
    parts = [part.strip() for part in (request[1] if request else "").split("?") if part.strip()]
    tasks = [
        {"tool": tool, "ask": f"{part}?"[:140], "needs": 0}
        for part in parts
        for tool in [next((t for t in tools if t.partition("_")[0] in part.lower()), "none")]
    ]
    return {"tasks": tasks[: schema["properties"]["tasks"]["maxItems"]]}


def _instance(schema: Mapping[str, Any]) -> Any:
    """Return one document that a schema of ours allows."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _instance(schema["anyOf"][0])
    match schema.get("type"):
        case "object":
            return {name: _instance(s) for name, s in schema.get("properties", {}).items()}
        case "array":
            return []
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case _:
            return "Oslo"


def no_memory() -> ModelDoesNotFit:
    """Return what a load raises for want of memory."""
    return ModelDoesNotFit("small needs 9.1 GiB and 7.5 GiB are free", fix="raise --vram")
