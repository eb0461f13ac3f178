"""Run one case of a tool against a provider, as `tools run` would run it against the service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.provider.cases import Case
from tests.provider.keys import AllKeys
from tests.provider.server import Provider, Script, as_documented
from toollama.clock import FixedClock
from toollama.tools.base import Credentials, HttpReply, ToolContext, ToolFailure, ToolResult
from toollama.tools.http import Door, HttpSettings
from toollama.tools.run import AnyTool, run

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Impatient:
    """The door, with shorter deadlines than its tools ask for."""

    door: Door
    deadline_s: float

    async def request(self, method: str, url: str, **options: Any) -> HttpReply:
        return await self.door.request(method, url, **self._hurried(options))

    async def get_json(self, url: str, **options: Any) -> Any:
        return await self.door.get_json(url, **self._hurried(options))

    def _hurried(self, options: Mapping[str, Any]) -> dict[str, Any]:
        deadline_s = min(float(options.get("deadline_s", 20.0)), self.deadline_s)
        return {**options, "deadline_s": deadline_s}


@dataclass(frozen=True)
class Called:
    """What came of a call."""

    outcome: ToolResult | ToolFailure
    provider: Provider

    @property
    def result(self) -> ToolResult:
        """Return what the tool said. Fails the test where it failed."""
        if isinstance(self.outcome, ToolResult):
            return self.outcome
        reasons = self.provider.refused or [str(self.outcome.__cause__)]
        raise AssertionError(f"{self.outcome.message} {reasons}") from self.outcome


async def call(
    tool: AnyTool,
    case: Case,
    output_dir: Path,
    *,
    script: Script = as_documented,
    deadline_s: float = 10.0,
    credentials: Credentials | None = None,
) -> Called:
    """Return what a tool makes of its services when they answer by a script."""
    async with (
        Provider(case.expectations, script=script) as provider,
        Door(HttpSettings(base_urls=provider.base_urls)) as door,
    ):
        context = ToolContext(
            clock=FixedClock(NOW),
            http=Impatient(door, deadline_s),
            credentials=credentials or AllKeys(tool.spec),
            output_dir=output_dir,
        )
        try:
            outcome: ToolResult | ToolFailure = await run(tool, case.arguments, context)
        except ToolFailure as failure:
            outcome = failure
    return Called(outcome, provider)
