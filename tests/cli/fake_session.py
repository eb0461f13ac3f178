"""A session that plays back a script, so that the command line is tested without any model.

Run as a program it is `toollama` on such a session; the environment variable SCENE names what the
session does.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from toollama.agents.messages import Answer, CitedSource
from toollama.agents.run import ApprovalRequest
from toollama.ask_options import AskOptions
from toollama.clock import SystemClock
from toollama.errors import Cancelled, ExitCode, ModelMissing, ToolLamaError
from toollama.events import Agent, Bus, Subscriber
from toollama.events.payloads import (
    MessageDelta,
    ModelLoadProgress,
    ModelLoadStarted,
    Payload,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunStarted,
    ToolCallStarted,
    Warned,
)
from toollama.policy import Effect
from toollama.tools.base import ToolFailure, ToolResult

CAMINA = Agent(id="camina", name="camina", role="camina")


class FakeSession:
    """Emits `payloads`, then gives `answer`, raises `failure`, floods or hangs."""

    def __init__(
        self,
        *,
        answer: str = "Paris.",
        payloads: Sequence[Payload] = (),
        failure: ToolLamaError | None = None,
        tool_result: ToolResult | ToolFailure | None = None,
        hang: bool = False,
        flood: bool = False,
        approvals: Sequence[ApprovalRequest] = (),
        engine_busy: bool = False,
        takes_more: bool = False,
        on_warm_up: Callable[[], None] = lambda: None,
        **fields: Any,
    ) -> None:
        self.answer = Answer(**{"text": answer, "status": "complete", **fields})
        self.payloads = payloads
        self.failure = failure
        self.tool_result = tool_result
        self.hang = hang
        self.flood = flood
        self.approvals = approvals
        self.engine_busy = engine_busy
        self.asked: AskOptions | None = None
        self.tool_call: tuple[str, dict[str, Any], frozenset[Any]] | None = None
        self.run_id = ""
        self.log_notice: str | None = None
        self.cancel_exit_code = ExitCode.INTERRUPTED
        self.closed = False
        self.warmed = False
        self.retried: tuple[str, int | None] | None = None
        self.retried_with: tuple[bool, dict[str, str]] = (False, {})
        self.added: list[str] = []
        self.takes_more = takes_more
        self._on_warm_up = on_warm_up

    async def ask(
        self,
        options: AskOptions,
        *,
        subscribers: Sequence[Subscriber] = (),
        approve: Any = None,
        clarify: Any = None,
    ) -> Answer:
        self.asked = options
        self.run_id = "20261122-154218-3f2a"
        bus = Bus(self.run_id, SystemClock())
        for subscriber in subscribers:
            bus.subscribe(subscriber)
        bus.emit(RunStarted(prompt=options.prompt, version="0", profile="starter"))
        try:
            if self.approvals:
                allowed = [await approve(request) for request in self.approvals]
                bus.emit(Warned(message=f"allowed {allowed}"))
            return await self._play(bus)
        except ToolLamaError as error:
            code = int(error.exit_code)
            bus.emit(
                RunFailed(code=error.code, message=error.message, fix=error.fix, exit_code=code)
            )
            raise
        except asyncio.CancelledError:
            code = int(self.cancel_exit_code)
            bus.emit(RunCancelled(reason="stopped", exit_code=code))
            raise Cancelled("the run was stopped", fix="toollama runs show last") from None

    async def _play(self, bus: Bus) -> Answer:
        with bus.acting(CAMINA, doing="answer"):
            for payload in self.payloads:
                bus.emit(payload)
            while self.flood:
                bus.emit(MessageDelta(text="a line of the answer\n"))
                await asyncio.sleep(0)
            if self.hang:
                bus.emit(MessageDelta(text="Par"))
                bus.emit(Warned(message="hanging"))
                await asyncio.Event().wait()
        if self.failure:
            raise self.failure
        bus.emit(RunCompleted(status="complete", answer=self.answer.text, exit_code=0))
        return self.answer

    async def run_tool(
        self,
        name: str,
        arguments: dict[str, Any],
        *,
        subscribers: Sequence[Subscriber] = (),
        approve: Any = None,
        granted: frozenset[Any] = frozenset(),
        use_cache: bool = True,
    ) -> ToolResult:
        self.tool_call = (name, arguments, granted)
        if isinstance(self.tool_result, ToolFailure):
            raise self.tool_result
        assert self.tool_result is not None
        return self.tool_result

    def cancel_task(self, number: int) -> tuple[int, ...]:
        return (number,)

    async def retry(
        self,
        name: str,
        *,
        task: int | None = None,
        recorded: bool = False,
        models: Mapping[str, str] | None = None,
        **serving: Any,
    ) -> Answer:
        self.retried = (name, task)
        self.retried_with = (recorded, dict(models or {}))
        return await self.ask(AskOptions(prompt=name), **serving)

    def directory_of(self, _name: str) -> str:
        return ""

    def amend(self, text: str) -> int | None:
        self.added.append(text)
        return len(self.added) if self.takes_more else None

    def withdraw(self, number: int) -> bool:
        self.added.append(f"back {number}")
        return True

    async def warm_up(self, options: AskOptions, tell: Callable[[Payload], object]) -> None:
        self.warmed = True
        self._on_warm_up()

    def idle(self) -> bool:
        return not self.engine_busy

    async def close(self) -> None:
        self.closed = True


def as_module(session: FakeSession) -> ModuleType:
    """Return what stands in for `toollama.session` and opens this session."""

    class Session:
        @staticmethod
        def open() -> FakeSession:
            return session

    module = ModuleType("toollama.session")
    module.__dict__.update(Session=Session, AskOptions=AskOptions)
    return module


SOURCES = (CitedSource(number=1, title="sales.csv", locator="/data/sales.csv"),)
MARKDOWN = """\
## Review

- **cache.py:88** the lock is released before the write
- a second item

```python
print("hi")
```

| a | b |
|---|---|
| 1 | 2 |
"""
HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x1b]52;c;aGk=\x07\x9b31m\x00\x08\x7f\u202e\u2028**b**\r\n- x\x1b[5n"
)
LOADING = (
    ModelLoadStarted(model="m", path="/m.gguf", predicted_bytes=1),
    ModelLoadProgress(model="m", fraction=0.42),
)
SCENES: dict[str, dict[str, Any]] = {
    "answer": {"sources": SOURCES, "payloads": [MessageDelta(text="Paris.")]},
    "markdown": {"answer": MARKDOWN, "payloads": [MessageDelta(text=MARKDOWN)]},
    "hostile": {
        "answer": HOSTILE,
        "limits": (HOSTILE,),
        "sources": (CitedSource(number=1, title=HOSTILE, locator=HOSTILE),),
        "payloads": [
            Warned(message=HOSTILE),
            ToolCallStarted(call_id="1", tool=HOSTILE),
            MessageDelta(text=HOSTILE),
        ],
    },
    "hang": {"hang": True},
    "hang-more": {"hang": True, "takes_more": True},
    "approvals": {
        "approvals": [
            ApprovalRequest(
                tool="write_file",
                arguments={"path": "notes.md", "text": text},
                reason="it writes",
                effects=frozenset({Effect.WRITE_LOCAL}),
            )
            for text in ("one", "two")
        ]
    },
    "busy": {"hang": True, "engine_busy": True},
    "loading": {"payloads": LOADING},
    "loading-hang": {"payloads": LOADING, "hang": True},
    "flood": {"flood": True},
    "missing": {"failure": ModelMissing("mistral-7b: no file", fix="toollama models add PATH")},
}

if __name__ == "__main__":
    from toollama.cli.entry import main

    sys.modules["toollama.session"] = as_module(FakeSession(**SCENES[os.environ["SCENE"]]))
    sys.exit(main())
