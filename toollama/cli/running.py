"""One run on this terminal: it is started, shown and stopped here.

Readers of the event stream write what the view asks for. A failure is shown here rather than at
the process boundary, because a stopped run must leave before it joins a busy engine.
"""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from toollama.cli import answer as answers
from toollama.cli import approval, out, progress, signals
from toollama.clock import SystemClock
from toollama.errors import Cancelled, ExitCode, ToolLamaError

if TYPE_CHECKING:
    from toollama.agents.messages import Answer
    from toollama.events import Event, Subscriber
    from toollama.session import AskOptions, Session

    class Serve(Protocol):
        """Serves one request and tells its events to the subscribers."""

        async def __call__(self, *, subscribers: Sequence[Subscriber]) -> Answer:
            """Return the answer. Raises `ToolLamaError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of a run is shown, and where."""

    json: bool = False
    jsonl: bool = False
    quiet: bool = False
    verbose: bool = False
    format: str = ""
    """`text` or `markdown` where the answer is to be printed as that, whole, at its end."""
    document: bool = False
    """The answer is a JSON document of the user's own form: stdout carries nothing else."""

    @property
    def prose(self) -> bool:
        """Return whether stdout carries the answer as text."""
        return not (self.json or self.jsonl)

    @property
    def animated(self) -> bool:
        """Return whether a status line is shown while the run goes on."""
        return self.prose and not (self.quiet or self.verbose) and out.has_status_line()


def open_session() -> "Session":
    """Return a session over the user's configuration. Raises `ToolLamaError`."""
    from toollama.session import Session

    return Session.open()


def refuse(prompt: str, error: ToolLamaError, view: View) -> int:
    """Record and show a request that could not begin; return the exit code."""
    from toollama.session import record_refusal

    readers = [_print_json_line] if view.jsonl else []
    run_id = record_refusal(prompt, error, subscribers=readers)
    _show_failure(error, view, run_id=run_id, exit_code=error.exit_code)
    return error.exit_code


async def run(session: "Session", options: "AskOptions", view: View) -> int:
    """Run the request, show it as it goes, and return the exit code. Raises `out.BrokenPipe`."""
    serve = partial(session.ask, options, **_asking(interactive=options.interactive))
    return await _show_run(session, serve, view, plan_only=options.plan_only)


async def resume(session: "Session", name: str, view: View, *, interactive: bool) -> int:
    """Go on with a run, show it as it goes, and return the exit code. Raises `out.BrokenPipe`."""
    serve = partial(session.resume, name, **_asking(interactive=interactive))
    return await _show_run(session, serve, view)


def _asking(*, interactive: bool) -> dict[str, Any]:
    """Return how a person is asked, where there is one."""
    return {"approve": approval.approve, "clarify": approval.clarify} if interactive else {}


async def _show_run(
    session: "Session", serve: "Serve", view: View, *, plan_only: bool = False
) -> int:
    try:
        code, stopped = await _run(session, serve, view, plan_only=plan_only)
        if stopped or not session.idle():
            signals.leave(code)
        return code
    finally:
        await session.close()


async def _run(
    session: "Session", serve: "Serve", view: View, *, plan_only: bool
) -> tuple[int, bool]:
    """Run the request and show it; return the exit code and whether it was stopped."""
    task = asyncio.current_task()
    assert task is not None
    stop = signals.Stop(task, announce=partial(setattr, session, "cancel_exit_code"))
    stream = answers.AnswerStream()
    status = progress.StatusLine(SystemClock())
    subscribers = [_guarded(reader, stop) for reader in _readers(view, stream, status)]
    try:
        with signals.stopping(stop), signals.watching_reader(stop):
            async with status.shown() if view.animated else nullcontext():
                answer = await serve(subscribers=subscribers)
            _show(answer, view, stream, run_id=session.run_id, plan_only=plan_only)
    except asyncio.CancelledError:
        failure: ToolLamaError = Cancelled("the run was stopped", fix="toollama runs show last")
    except ToolLamaError as error:
        failure = error
    else:
        return stop.exit_code or answer.exit_code, stop.exit_code is not None
    code = stop.exit_code or failure.exit_code
    if code is not ExitCode.BROKEN_PIPE:
        _show_failure(failure, view, run_id=session.run_id, exit_code=code)
    return code, stop.exit_code is not None


def _readers(
    view: View, stream: answers.AnswerStream, status: progress.StatusLine
) -> "list[Subscriber]":
    readers: list[Subscriber] = [status]
    if view.jsonl:
        readers.append(_print_json_line)
    if view.prose and not view.format:
        readers.append(stream)
    if view.verbose:
        readers.append(lambda event: out.note(progress.event_line(event)))
    elif not view.quiet:
        readers.append(_print_warning)
    return readers


def _print_json_line(event: "Event") -> None:
    from toollama.events.payloads import UNSTORED_TYPES

    if event.type not in UNSTORED_TYPES:
        out.json_line(event.to_line())


def _print_warning(event: "Event") -> None:
    if event.type == "warning":
        out.warn(str(event.data.get("message", "")))
    elif event.type == "followup.resolved":
        out.note(f"understood as: {event.data.get('meant', '')}")


def _guarded(reader: "Subscriber", stop: signals.Stop) -> "Subscriber":
    """Return a reader that stops the run when nobody reads its output any more.

    The bus logs what a subscriber raises and goes on, so a closed pipe must be caught here.
    """

    def guarded(event: "Event") -> None:
        try:
            reader(event)
        except out.BrokenPipe:
            stop(ExitCode.BROKEN_PIPE)

    return guarded


def _show(
    answer: "Answer", view: View, stream: answers.AnswerStream, *, run_id: str, plan_only: bool
) -> None:
    if view.json:
        out.json(answer.data if plan_only else answers.document(answer, run_id=run_id))
    elif view.prose and view.format:
        answers.show_formatted(answer, view.format, with_sources=not (view.quiet or view.document))
    elif view.prose:
        stream.finish(answer.text)
        if not (view.quiet or view.document):
            answers.show_sources(answer)
    if not view.quiet:
        answers.show_limits(answer)


def _show_failure(failure: ToolLamaError, view: View, *, run_id: str, exit_code: ExitCode) -> None:
    if view.json:
        out.json(answers.failure(failure, run_id=run_id, exit_code=exit_code))
    out.error(failure.line())
