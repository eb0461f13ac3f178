"""Run one call through its five stages. The only place that executes a tool.

The policy has already spoken when a call arrives here.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from toollama.secrets import process_redactor
from toollama.text import one_line
from toollama.tools.base import Tool, ToolContext, ToolFailure, ToolResult
from toollama.tools.credentials import explain_refusal, require_credentials
from toollama.tools.reliability.fallbacks import is_service_fault, marked, shared_arguments

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

    With `context.reliability` the call keeps to the limits of the tool's provider, may be answered
    from what the tool answered before, and where its service is down, by a stand-in.
    `recover` ends a call that was cut short, by the tool's own `recover` in place of `execute`.
    Raises `ToolFailure`, whatever the tool itself raised; cancellation passes through. Neither the
    result nor the failure repeats a credential.
    """
    try:
        return await _run(tool, arguments, context, recover=recover)
    except ToolFailure as failure:
        process_redactor.redact_error(failure)
        raise


async def _run(
    tool: AnyTool, arguments: Mapping[str, Any], context: ToolContext, *, recover: bool
) -> ToolResult:
    args = validate(tool, arguments)
    require_credentials(tool.spec, context.credentials)
    call = _Call(tool, args, context)
    try:
        return await call.answer(recover=recover)
    except ToolFailure as failure:
        if recover or not is_service_fault(failure):
            raise
        found = await _from_stand_in(tool, arguments, context) or call.stale_answer()
        if found is None:
            raise
        return found


async def _from_stand_in(
    tool: AnyTool, arguments: Mapping[str, Any], context: ToolContext
) -> ToolResult | None:
    """Return the answer of the first stand-in that has one, marked as such."""
    for other in context.reliability.stand_ins(tool.spec) if context.reliability else ():
        shared = shared_arguments(other.spec, arguments)
        try:
            args = validate(other, shared)
            require_credentials(other.spec, context.credentials)
            result = await _Call(other, args, context).answer()
        except ToolFailure:
            continue
        left_out = tuple(name for name in arguments if name not in shared)
        return marked(result, by=other.spec, failed=tool.spec, left_out=left_out)
    return None


class _Call:
    """One call of one tool: its stages, and what is known once they failed."""

    def __init__(self, tool: AnyTool, args: BaseModel, context: ToolContext) -> None:
        self._tool = tool
        self._args = args
        self._prepared: BaseModel | None = None
        self._reliability = context.reliability
        if self._reliability is not None:
            door = self._reliability.door_for(tool.spec, context.http)
            context = replace(context, http=door)
        self._context = context

    async def answer(self, *, recover: bool = False) -> ToolResult:
        """Go through the stages. Raises `ToolFailure`."""
        spec = self._tool.spec
        try:
            async with asyncio.timeout(spec.deadline_s):
                self._prepared = await self._tool.prepare(self._args, self._context)
                return await self._acted(self._prepared, recover=recover)
        except ToolFailure as failure:
            explained = explain_refusal(failure, spec, self._context.credentials)
            if explained is failure:
                raise
            raise explained from failure
        except TimeoutError as error:
            if self._reliability is not None:
                self._reliability.timed_out(spec)
            raise ToolFailure(
                f"{spec.name} did not answer within {spec.deadline_s:g} s",
                kind="unavailable",
                fix="check the network, and try again",
            ) from error
        except Exception as error:  # a tool may raise anything; the run must not die of it
            raise ToolFailure(
                f"{spec.name} failed: {type(error).__name__}: "
                f"{one_line(process_redactor.redact(str(error)))}",
                kind="internal",
                fix=f"toollama tools run {spec.name} -v, and report it",
            ) from error
        finally:
            await self._tool.clean_up(self._args)

    async def _acted(self, prepared: BaseModel, *, recover: bool) -> ToolResult:
        tool, context = self._tool, self._context
        act = tool.recover if recover else tool.execute

        async def work() -> ToolResult:
            return _redacted(tool.format(prepared, await act(prepared, context), context))

        if self._reliability is None or recover:
            return await work()
        return await self._reliability.answer(
            tool.spec, prepared, timezone=context.timezone, work=work
        )

    def stale_answer(self) -> ToolResult | None:
        """Return what the tool answered to the same arguments within the last week."""
        if self._reliability is None or self._prepared is None:
            return None
        return self._reliability.stale_answer(
            self._tool.spec, self._prepared, timezone=self._context.timezone
        )


def _redacted(result: ToolResult) -> ToolResult:
    """Return the result without any credential that a service echoed."""
    redact = process_redactor.redact
    return replace(
        result,
        statements=tuple(map(redact, result.statements)),
        answer=redact(result.answer),
        text=redact(result.text),
        data=process_redactor.redact_data(result.data),
        sources=tuple(
            replace(source, title=redact(source.title), locator=redact(source.locator))
            for source in result.sources
        ),
    )
