"""Make one tool call: the policy speaks, a person is asked where it says so, then the tool runs.

The only way from an agent to a tool. Every call leaves its events and its evidence.
"""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic_core import to_jsonable_python

from toollama.agents import replay
from toollama.agents.journal import call_key
from toollama.agents.messages import EvidenceRecord
from toollama.agents.run import ApprovalRequest, Run
from toollama.events.payloads import (
    ToolApprovalDecided,
    ToolCallCompleted,
    ToolCallFailed,
    ToolCallRequested,
    ToolCallStarted,
)
from toollama.policy import CHANGES, Call, Decision, Verdict, decide, settle
from toollama.text import one_line
from toollama.tools import run as runner
from toollama.tools.base import ToolFailure, ToolResult
from toollama.tools.hosts import ANY_HOST
from toollama.tools.run import AnyTool

_VERDICTS: dict[Verdict, Literal["allow", "ask", "deny"]] = {
    Verdict.ALLOW: "allow",
    Verdict.ASK: "ask",
    Verdict.DENY: "deny",
}


async def call(
    run: Run,
    name: str,
    arguments: Mapping[str, Any],
    *,
    argument_sources: Mapping[str, str] | None = None,
) -> tuple[ToolResult, list[str]]:
    """Run a tool and return its result with the ids of the evidence it brought.

    A resumed run takes a call that the log holds as made; where the log does not tell how it
    ended, the tool itself brings it to an end. Raises `ToolFailure`; its kind is `denied` where
    the policy or the user refused. Raises `BudgetSpent` before a call where the run may make none.
    """
    tool = run.registry.get(name)
    logged = run.journal.claim(
        name,
        call_key(name, arguments),
        run.bus.span_here().task_id,
        changes=not CHANGES.isdisjoint(tool.spec.effects),
    )
    if logged is None:
        return await _make(run, tool, arguments, dict(argument_sources or {}))
    ended = replay.outcome(run, logged)
    return ended or await _make(
        run, tool, logged.arguments, dict(argument_sources or {}), recover=True
    )


async def _make(
    run: Run,
    tool: AnyTool,
    arguments: Mapping[str, Any],
    sources: Mapping[str, str],
    *,
    recover: bool = False,
) -> tuple[ToolResult, list[str]]:
    name = tool.spec.name
    run.ledger.spend("calls")
    call_id = f"c{run.tool_calls + 1}"
    run.tool_calls += 1
    with run.bus.span():
        run.bus.emit(
            ToolCallRequested(
                call_id=call_id,
                tool=name,
                arguments=to_jsonable_python(dict(arguments), fallback=str),
                argument_sources=dict(sources),
                effects=sorted(effect.value for effect in tool.spec.effects),
                idempotency_key=call_key(name, arguments),
            )
        )
        started_s = run.clock.monotonic_s()
        try:
            result = _recorded(run, tool, call_id, arguments)
            if result is None:
                await _authorise(run, tool, call_id, arguments, sources)
                run.bus.emit(ToolCallStarted(call_id=call_id, tool=name))
                result = await runner.run(tool, arguments, run.tools, recover=recover)
        except ToolFailure as failure:
            run.bus.emit(
                ToolCallFailed(
                    call_id=call_id,
                    tool=name,
                    code=failure.kind,
                    message=one_line(failure.message, 400),
                    fix=failure.fix,
                    duration_s=run.clock.monotonic_s() - started_s,
                )
            )
            raise
        evidence = _keep(run, tool, result)
        replay.keep_result(run, call_id, result, evidence)
        run.bus.emit(
            ToolCallCompleted(
                call_id=call_id,
                tool=name,
                status=result.status,
                statements=[one_line(statement, 400) for statement in result.statements],
                sources=[
                    {"title": one_line(s.title), "locator": one_line(s.locator, 1000)}
                    for s in result.sources
                ],
                evidence=evidence,
                truncated=result.truncated,
                duration_s=run.clock.monotonic_s() - started_s,
            )
        )
        return result, evidence


def _recorded(
    run: Run, tool: AnyTool, call_id: str, arguments: Mapping[str, Any]
) -> ToolResult | None:
    """Return what the tool answered in the run that is done again, or None for a call it lacks.

    Nothing is done, so nobody is asked. Raises the `ToolFailure` that it answered.
    """
    answer = run.recording.next_answer(tool.spec.name, arguments)
    if answer is None:
        return None
    reason = f"nothing is done: the answer is that of {run.recording.run_id}"
    _decided(run, tool, call_id, Decision(Verdict.ALLOW, reason), by="policy")
    return run.recording.result(answer)


async def _authorise(
    run: Run,
    tool: AnyTool,
    call_id: str,
    arguments: Mapping[str, Any],
    sources: Mapping[str, str],
) -> None:
    decision = decide(_policy_call(run, tool, arguments, sources), run.taint, granted=run.granted)
    settled = settle(decision, interactive=run.approve is not None)
    if decision.verdict is Verdict.ASK and run.approve is not None:
        _decided(run, tool, call_id, decision, by="policy")
        request = ApprovalRequest(
            tool.spec.name, dict(arguments), decision.reason, tool.spec.effects
        )
        allowed = await run.approve(request)
        verdict = Verdict.ALLOW if allowed else Verdict.DENY
        settled = Decision(verdict, "you allowed it" if allowed else "you did not allow it")
        _decided(run, tool, call_id, settled, by="user")
    else:
        _decided(run, tool, call_id, settled, by="policy")
    if settled.verdict is not Verdict.ALLOW:
        effects = " ".join(f"--yes {effect.value}" for effect in sorted(tool.spec.effects))
        denied = ToolFailure(
            f"{tool.spec.name} was not allowed to run: {settled.reason}",
            kind="denied",
            fix=f"run it from a terminal and allow it, or add {effects}",
        )
        if decision.verdict is Verdict.ASK and run.approve is None:
            denied.waiting = (_waiting(tool, arguments, decision),)
        raise denied


def _waiting(tool: AnyTool, arguments: Mapping[str, Any], decision: Decision) -> dict[str, object]:
    """Return the call that nobody could be asked about, as data."""
    return {
        "kind": "approval",
        "tool": tool.spec.name,
        "arguments": to_jsonable_python(dict(arguments), fallback=str),
        "effects": sorted(effect.value for effect in tool.spec.effects),
        "reason": decision.reason,
    }


def _decided(
    run: Run, tool: AnyTool, call_id: str, decision: Decision, *, by: Literal["policy", "user"]
) -> None:
    run.bus.emit(
        ToolApprovalDecided(
            call_id=call_id,
            tool=tool.spec.name,
            verdict=_VERDICTS[decision.verdict],
            by=by,
            reason=decision.reason,
        )
    )


def _policy_call(
    run: Run, tool: AnyTool, arguments: Mapping[str, Any], sources: Mapping[str, str]
) -> Call:
    """Return what the policy needs to know of this call."""
    args = runner.validate(tool, arguments)
    reads, writes = tool.touches(args, run.tools)
    output = run.tools.output_dir.resolve()
    return Call(
        tool=tool.spec.name,
        effects=tool.spec.effects,
        egress=tool.spec.egress,
        free_url=ANY_HOST in tool.spec.hosts,
        url_from_user=_from_user(run, arguments),
        private_argument="evidence" in sources.values(),
        inside_roots=all(_inside(path, run.tools.read_roots) for path in reads),
        attached=bool(reads) and {path.resolve() for path in reads} <= _attached(run),
        inside_output=all(_inside(path, (output,)) for path in writes),
    )


def _from_user(run: Run, arguments: Mapping[str, Any]) -> bool:
    """Return whether every text stands in the user's own words or is a source listed before.

    What a model made of either is not the user's: a text that was read may have told it to. All
    texts count, because there are more spellings of an address than can be told from other text.
    """
    asked = run.request.text.casefold()
    listed = {record.locator for record in run.evidence.values()}
    texts = (value for value in arguments.values() if isinstance(value, str))
    return all(text.casefold() in asked or text in listed for text in texts)


def _attached(run: Run) -> set[Path]:
    return {each.path.resolve() for each in run.request.attachments if each.path}


def _inside(path: Path, roots: tuple[Path, ...]) -> bool:
    resolved = path.resolve()
    return any(resolved == root or root in resolved.parents for root in _resolved(roots))


def _resolved(roots: tuple[Path, ...]) -> list[Path]:
    return [root.resolve() for root in roots]


def _keep(run: Run, tool: AnyTool, result: ToolResult) -> list[str]:
    """Add one evidence per source; the result's text belongs to the first."""
    texts = itertools.chain([result.text or "\n".join(result.statements)], itertools.repeat(""))
    return [
        run.add_evidence(
            EvidenceRecord(
                id="",
                title=one_line(source.title),
                locator=one_line(source.locator, 1000),
                text=text,
                tool=tool.spec.name,
                retrieved_at=source.retrieved_at,
                untrusted=source.untrusted,
                private=source.private,
            )
        )
        for source, text in zip(result.sources, texts, strict=False)
    ]
