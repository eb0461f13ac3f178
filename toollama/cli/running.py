"""One run on this terminal: it is started, shown and stopped here.

Readers of the event stream write what the view asks for. A failure is shown here rather than at
the process boundary, because a stopped run must leave before it joins a busy engine.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from toollama.cli import answer as answers
from toollama.cli import approval, out, progress, saving, signals
from toollama.cli.failing import FailingPath
from toollama.cli.notices import Notices, means
from toollama.cli.views import View
from toollama.clock import SystemClock
from toollama.errors import Cancelled, ExitCode, RunFailed, ToolLamaError
from toollama.text import json_text, visible

if TYPE_CHECKING:
    from toollama.agents.messages import Answer
    from toollama.events import Event, Subscriber
    from toollama.session import AskOptions, Session

    class Serve(Protocol):
        """Serves one request and tells its events to the subscribers."""

        async def __call__(self, *, subscribers: Sequence[Subscriber]) -> Answer:
            """Return the answer. Raises `ToolLamaError`."""


def open_session(*, offline: bool = False) -> "Session":
    """Return a session over the user's configuration. Raises `ToolLamaError`.

    `offline` is as if TOOLLAMA_OFFLINE were set, which wins over the settings file.
    """
    from toollama.session import Session

    if offline:
        os.environ["TOOLLAMA_OFFLINE"] = "1"

    return Session.open()


def serve(
    gather: "Callable[[], tuple[Session, AskOptions]]", view: View, *, said: str, keep: bool = True
) -> int:
    """Gather a request and run it; return the exit code. Raises `out.BrokenPipe`.

    What cannot be gathered is recorded as a refusal of what was `said`, where runs are to `keep`.
    """
    try:
        session, options = gather()
    except ToolLamaError as error:
        return refuse(said, error, view, keep=keep)
    except KeyboardInterrupt:
        stopped = Cancelled(
            "stopped before the run began", fix="ask again; --no-stdin waits for no input"
        )
        signals.leave(refuse(said, stopped, view, keep=keep))  # a model may be loading beside us
    return asyncio.run(run(session, options, view))


def refuse(prompt: str, error: ToolLamaError, view: View, *, keep: bool) -> int:
    """Show, and `keep` in the log, a request that could not begin; return the exit code."""
    from toollama.openings import record_refusal

    readers = [_print_json_line] if view.jsonl else []
    run_id = record_refusal(prompt, error, subscribers=readers, keep=keep)
    _show_failure(error, view, run_id=run_id, exit_code=error.exit_code)
    return error.exit_code


def print_refusal(error: ToolLamaError) -> None:
    """Print the events of a command line that no request could be read from, and keep nothing."""
    from toollama.openings import record_refusal

    record_refusal("", error, subscribers=[_print_json_line], keep=False)


async def run(session: "Session", options: "AskOptions", view: View) -> int:
    """Run the request, show it as it goes, and return the exit code. Raises `out.BrokenPipe`."""
    serve = partial(session.ask, options, **_asking(interactive=options.interactive))
    return await _show_run(session, serve, view, foretold=options.foretold)


async def turn(
    session: "Session",
    serve: "Serve",
    view: View,
    *,
    subscribers: "Sequence[Subscriber]",
    foretold: bool,
) -> int:
    """Run one request of a conversation, and leave the session open; return the exit code.

    Raises `out.BrokenPipe`.
    """
    code, _ = await _run(session, serve, view, foretold=foretold, subscribers=subscribers)
    return code


async def resume(session: "Session", name: str, view: View, *, interactive: bool) -> int:
    """Go on with a run, show it as it goes, and return the exit code. Raises `out.BrokenPipe`."""
    serve = partial(session.resume, name, **_asking(interactive=interactive))
    return await _show_run(session, serve, view)


async def retry(
    session: "Session",
    name: str,
    view: View,
    *,
    task: int | None,
    recorded: bool,
    models: Mapping[str, str],
    interactive: bool,
) -> int:
    """Do a task of a run again, or all of it, show it as it goes, and return the exit code.

    Raises `out.BrokenPipe`.
    """
    serve = partial(
        session.retry,
        name,
        task=task,
        recorded=recorded,
        models=models,
        **_asking(interactive=interactive),
    )
    return await _show_run(session, serve, view)


def _asking(*, interactive: bool) -> dict[str, Any]:
    """Return how a person is asked, where there is one."""
    return {"approve": approval.approve, "clarify": approval.clarify} if interactive else {}


async def _show_run(
    session: "Session", serve: "Serve", view: View, *, foretold: bool = False
) -> int:
    told = session.log_notice  # what is known by now, the run's own events tell
    try:
        code, stopped = await _run(session, serve, view, foretold=foretold)
        if stopped or not session.idle():
            signals.leave(code)
        return code
    finally:
        await session.close()
        if session.log_notice and session.log_notice != told:
            out.warn(session.log_notice)


class Stream(Protocol):
    """Writes the answer as it comes."""

    def __call__(self, event: "Event") -> None:
        """Write what the event adds."""

    def finish(self, text: str) -> None:
        """Write what of the whole answer is not written yet."""


async def _run(
    session: "Session",
    serve: "Serve",
    view: View,
    *,
    foretold: bool,
    subscribers: "Sequence[Subscriber]" = (),
) -> tuple[int, bool]:
    """Run the request and show it; return the exit code and whether it was stopped."""
    task = asyncio.current_task()
    assert task is not None
    stop = signals.Stop(task, announce=partial(setattr, session, "cancel_exit_code"))
    stream = answers.DrawnAnswer(view.look) if view.look.drawn else answers.AnswerStream()
    narrator, failing_path = _narrator(view), FailingPath()
    notices = _notices(view)
    readers = [_guarded(reader, stop) for reader in _readers(view, stream, narrator, notices)]
    try:
        with signals.stopping(stop), signals.watching_reader(stop), _shown(notices):
            async with narrator.shown() if narrator else nullcontext():
                answer = await serve(subscribers=[*subscribers, failing_path, *readers])
            _show(answer, view, stream, run_id=session.run_id, foretold=foretold)
    except asyncio.CancelledError:
        failure: ToolLamaError = Cancelled("the run was stopped", fix="toollama runs show last")
    except ToolLamaError as error:
        failure = stop.cause or error
    else:
        return stop.exit_code or answer.exit_code, stop.exit_code is not None
    code = stop.exit_code or failure.exit_code
    if code is not ExitCode.BROKEN_PIPE:
        if not view.quiet and stop.exit_code is None and (where := failing_path.line()):
            out.note(where)
        _show_failure(failure, view, run_id=session.run_id, exit_code=code)
    return code, stop.exit_code is not None


class _Narrator(Protocol):
    """Tells the person waiting what goes on."""

    def __call__(self, event: "Event") -> None:
        """Take in one event."""

    def shown(self) -> AbstractAsyncContextManager[None]:
        """Tell while the block runs."""


def _narrator(view: View) -> "_Narrator | None":
    if view.animated:
        return progress.StatusLine(SystemClock())
    return progress.SpokenLines(SystemClock()) if view.narrated else None


def _notices(view: View) -> Notices | None:
    """Return what tells the terminal itself, where one is to be told. Raises `ConfigError`."""
    if not view.noticed:
        return None
    from toollama.config import load_settings

    return Notices(means(os.environ, load_settings().terminal), SystemClock())


def _shown(notices: Notices | None) -> AbstractContextManager[None]:
    return notices.shown() if notices else nullcontext()


def _readers(
    view: View, stream: Stream, narrator: _Narrator | None, notices: Notices | None
) -> "list[Subscriber]":
    readers: list[Subscriber] = [reader for reader in (narrator, notices) if reader]
    if view.jsonl:
        readers.append(_print_json_line)
    if view.streamed:
        readers.append(stream)
    if view.traced:
        line = progress.whole_event_line if view.verbosity > 1 else progress.event_line
        readers.append(lambda event: out.note(line(event)))
    elif not view.quiet:
        readers.append(_print_warning)
    if "reasoning" in view.show:
        readers.append(progress.Thoughts())
    if "plan" in view.show:
        readers.append(_print_plan)
    return readers


def _print_plan(event: "Event") -> None:
    if event.type in {"plan.created", "plan.updated"}:
        first = int(event.data.get("first", 1))
        for number, task in enumerate(event.data.get("tasks", ()), start=first):
            needs = ", ".join(map(str, task.get("needs", ())))
            after = f" (after {needs})" if needs else ""
            out.note(f"{number}. {task.get('belter', '')}: {task.get('ask', '')}{after}")


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
    """Return a reader that stops the run when its output reaches nobody any more.

    The bus logs what a subscriber raises and goes on, so a closed pipe and a full disk must be
    caught here.
    """

    def guarded(event: "Event") -> None:
        try:
            reader(event)
        except out.BrokenPipe:
            stop(ExitCode.BROKEN_PIPE)
        except RunFailed as failure:
            stop(failure.exit_code, cause=failure)

    return guarded


def _show(answer: "Answer", view: View, stream: Stream, *, run_id: str, foretold: bool) -> None:
    if view.json:
        _deliver_json(answer.data if foretold else answers.document(answer, run_id=run_id), view)
    elif view.streamed and not foretold:
        stream.finish(answer.text)
        if view.with_sources:
            out.data(answers.sources(answer))
    elif view.output:
        saving.save(view.output, visible(answers.whole(answer, view)))
    elif view.prose:
        out.data(answers.whole(answer, view))
    if not view.quiet:
        answers.show_limits(answer)
    if "usage" in view.show:
        answers.show_usage(answer)


def _deliver_json(document: Any, view: View) -> None:
    if view.output:
        saving.save(view.output, json_text(document))
    else:
        out.data(json_text(document))


def _show_failure(failure: ToolLamaError, view: View, *, run_id: str, exit_code: ExitCode) -> None:
    document = answers.failure(failure, run_id=run_id, exit_code=exit_code) if view.json else None
    out.failure(failure.line(), document=document)
