"""Run one call through its five stages. The only place that executes a tool.

The policy has already spoken when a call arrives here.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from toollama.text import one_line
from toollama.tools.base import Tool, ToolContext, ToolFailure, ToolResult
from toollama.tools.credentials import require_credentials

AnyTool = Tool[Any, Any]


def validate(tool: AnyTool, arguments: Mapping[str, Any]) -> BaseModel:
    """Return the arguments as the tool's own type.

    Raises `ToolFailure(kind="invalid_input")`, naming the first parameter that is wrong.
    """
    try:
        return tool.spec.parameters.model_validate(dict(arguments))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "arguments"
        raise ToolFailure(
            f"{tool.spec.name}: {where}: {one_line(first['msg'])}",
            kind="invalid_input",
            fix=f"toollama tools info {tool.spec.name}",
        ) from error


def wrong_parameter(tool: AnyTool, arguments: Mapping[str, Any]) -> str | None:
    """Return the first parameter that does not validate; None where all do."""
    try:
        tool.spec.parameters.model_validate(dict(arguments))
    except ValidationError as error:
        where = error.errors(include_url=False)[0]["loc"]
        return str(where[0]) if where else None
    return None


async def run(
    tool: AnyTool, arguments: Mapping[str, Any], context: ToolContext, *, recover: bool = False
) -> ToolResult:
    """Validate, prepare, execute, format and clean up one call.

    `recover` ends a call that was cut short, by the tool's own `recover` in place of `execute`.
    Raises `ToolFailure`, whatever the tool itself raised; cancellation passes through.
    """
    args = validate(tool, arguments)
    require_credentials(tool.spec, context.credentials)
    try:
        async with asyncio.timeout(tool.spec.deadline_s):
            prepared = await tool.prepare(args, context)
            act = tool.recover if recover else tool.execute
            raw = await act(prepared, context)
        return tool.format(prepared, raw, context)
    except ToolFailure:
        raise
    except TimeoutError as error:
        raise ToolFailure(
            f"{tool.spec.name} did not answer within {tool.spec.deadline_s:g} s",
            kind="unavailable",
            fix="try again, or check the network with: toollama doctor",
        ) from error
    except Exception as error:  # a tool may raise anything; the run must not die of it
        raise ToolFailure(
            f"{tool.spec.name} failed: {type(error).__name__}: {one_line(str(error))}",
            kind="internal",
            fix=f"toollama tools run {tool.spec.name} -v, and report it",
        ) from error
    finally:
        await tool.clean_up(args)
