"""Ask one tool while a provider answers what a test writes down, in the form of the fixtures."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.provider.calls import Called, call
from tests.provider.cases import Case
from tests.provider.recorded import exchange
from toollama.clock import FixedClock
from toollama.tools.base import Candidate, NoNetwork, ToolContext, ToolFailure, ToolResult
from toollama.tools.run import AnyTool, run

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OFFLINE = ToolContext(clock=FixedClock(NOW), http=NoNetwork())


def get(
    host: str, path: str, query: Mapping[str, Any] | None = None, **reply: Any
) -> dict[str, Any]:
    """Return a GET and its reply."""
    request = {"method": "GET", "host": host, "path": path, "query": query or {}}
    return {"request": request, "reply": reply}


async def answered(
    tool: AnyTool, arguments: Mapping[str, Any], *exchanges: Mapping[str, Any], output: Path
) -> ToolResult:
    """Return what the tool says. Every exchange must be asked for."""
    done = await _called(tool, arguments, exchanges, output)
    result = done.result
    assert done.provider.unasked == []
    return result


async def refused(
    tool: AnyTool, arguments: Mapping[str, Any], *exchanges: Mapping[str, Any], output: Path
) -> ToolFailure:
    """Return the failure that must come."""
    outcome = (await _called(tool, arguments, exchanges, output)).outcome
    assert isinstance(outcome, ToolFailure), outcome
    return outcome


async def _called(
    tool: AnyTool, arguments: Mapping[str, Any], exchanges: Any, output: Path
) -> Called:
    case = Case(tool.spec.name, arguments, tuple(map(exchange, exchanges)))
    return await call(tool, case, output)


async def refusal_of(tool: AnyTool, **arguments: Any) -> ToolFailure:
    """Return why arguments are refused before anything is sent."""
    try:
        await run(tool, arguments, OFFLINE)
    except ToolFailure as failure:
        return failure
    raise AssertionError("nothing was refused")


def best(tool: AnyTool, text: str) -> dict[str, Any]:
    """Return the certain values that a request holds."""
    return {
        name: candidates[0].value
        for name, candidates in tool.propose(text, OFFLINE).items()
        if candidates[0].certain
    }


def offered(tool: AnyTool, text: str, name: str) -> list[Candidate]:
    """Return every candidate of one parameter."""
    return list(tool.propose(text, OFFLINE).get(name, ()))
