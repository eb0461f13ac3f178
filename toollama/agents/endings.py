"""The event that ends a run, and what the process exits with. Pure."""

from toollama.agents.messages import Answer
from toollama.agents.run import Run
from toollama.agents.voice import Draft
from toollama.errors import ExitCode, ToolLamaError
from toollama.events.payloads import RunCancelled, RunCompleted, RunFailed
from toollama.text import visible


def exit_code(run: Run, draft: Draft, *, strict: bool) -> int:
    """Return what an answered run exits with; `strict` lets a partial answer fail."""
    if draft.exit_code:
        return draft.exit_code
    if run.ledger.refused:
        return ExitCode.BUDGET
    return ExitCode.PARTIAL if strict and draft.status == "partial" else ExitCode.OK


def completed(answer: Answer) -> RunCompleted:
    """Return the end of a run that was answered."""
    return RunCompleted(
        status=answer.status,
        answer=visible(answer.text),
        sources=[source.model_dump() for source in answer.sources],
        limits=list(answer.limits),
        exit_code=answer.exit_code,
        usage=answer.usage,
        tool_calls=answer.tool_calls,
        swaps=answer.swaps,
        duration_s=answer.duration_s,
    )


def failed(error: ToolLamaError, *, partial: str = "", duration_s: float = 0.0) -> RunFailed:
    """Return the end of a run that failed; `partial` is what it had said by then."""
    return RunFailed(
        code=error.code,
        message=visible(error.message),
        fix=visible(error.fix),
        exit_code=error.exit_code,
        partial=partial,
        waiting=[dict(entry) for entry in error.waiting],
        duration_s=duration_s,
    )


def cancelled(code: ExitCode, *, partial: str, duration_s: float) -> RunCancelled:
    """Return the end of a run that was stopped, with what it had said by then."""
    return RunCancelled(
        reason=code.name.lower(), exit_code=code, partial=partial, duration_s=duration_s
    )
