"""Open a run of the log, so that a session may go on with it or do some of it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toollama.agents import again
from toollama.agents.again import Kept
from toollama.agents.journal import Journal, fold
from toollama.agents.messages import Answer, CitedSource, EvidenceRecord
from toollama.agents.recording import Recording
from toollama.errors import ExitCode, InputError, RunFailed
from toollama.events import Event
from toollama.events.payloads import Retried, RunCompleted, RunStarted
from toollama.events.payloads import RunFailed as RunFailedEvent
from toollama.store import EvidenceRow, RunRow, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A run that was cut short: what was asked, and what is finished."""

    run_id: str
    started: RunStarted
    given: tuple[str, ...]
    """The texts that came with the request, in order."""
    journal: Journal
    recording: Recording
    last_seq: int


def answer_of(run: RunRow, store: Store) -> Answer | None:
    """Return the answer of a run that has ended with one, or None for one that was cut short.

    Raises the failure that the run ended with; `InputError` while it is still going on.
    """
    if run.status == "running":
        raise InputError(f"{run.run_id} is still running", fix=f"toollama runs show {run.run_id}")
    last = store.events(run.run_id)[-1:]
    match last[0].known_payload() if last else None:
        case RunCompleted() as ended:
            return Answer(
                text=ended.answer,
                status=ended.status,
                sources=tuple(CitedSource.model_validate(source) for source in ended.sources),
                limits=tuple(ended.limits),
                exit_code=ended.exit_code,
                usage=ended.usage,
                tool_calls=ended.tool_calls,
                swaps=ended.swaps,
                duration_s=ended.duration_s,
            )
        case RunFailedEvent() as ended:
            raise RunFailed(
                ended.message,
                fix=ended.fix,
                code=ended.code,
                exit_code=ExitCode(ended.exit_code),
            )
        case _:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A run of the log, and what stays of it when a task is done again."""

    started: RunStarted
    retries: Retried
    given: tuple[str, ...]
    """The texts that came with the request, in order."""
    kept: Kept
    recording: Recording


def earlier(
    run: RunRow,
    store: Store,
    *,
    task: int | None,
    recorded: bool = False,
    models: Mapping[str, str] | None = None,
) -> Earlier:
    """Return what another run takes over of this one, which may have ended in any way.

    With `recorded` its tools' answers are taken over too; `models` by role stand for those that it
    was asked to use. Raises `InputError` for a run that no request began, that goes on, or that has
    no such task.
    """
    if run.status == "running":
        raise InputError(f"{run.run_id} is still running", fix=f"toollama runs show {run.run_id}")
    events = store.events(run.run_id)
    rows = store.evidence(run.run_id)
    retries = Retried(run_id=run.run_id, task=task, recorded=recorded)
    return Earlier(
        started=_with_models(_started(run, events), models or {}),
        retries=retries,
        given=tuple(row.text for row in rows if not row.tool),
        kept=again.kept(events, map(_record, rows), task=task),
        recording=_recording(retries, store),
    )


def reopen(run: RunRow, store: Store) -> Broken:
    """Take a run over from the process that left it, without what it had half done.

    Raises `InputError` for a run that no request began, `StoreError` where another process has it.
    """
    events = store.events(run.run_id)
    started = _started(run, events)
    store.take_over(run.run_id)
    rows = store.evidence(run.run_id)
    journal = fold(events, map(_record, rows))
    given = [row for row in rows if not row.tool]
    keep = journal.evidence.keys() | {row.id for row in given}
    store.forget_evidence(run.run_id, keep=keep)
    return Broken(
        run_id=run.run_id,
        started=started,
        given=tuple(row.text for row in given),
        journal=journal,
        recording=_recording(started.retries, store),
        last_seq=events[-1].seq,
    )


def with_texts(request: Mapping[str, Any], given: tuple[str, ...]) -> dict[str, Any]:
    """Return a logged request with the texts that were given put back into its attachments."""
    texts = iter(given)
    attachments = [
        {**attached, "text": None if attached.get("path") else next(texts, "")}
        for attached in request.get("attachments", ())
    ]
    return {**request, "attachments": attachments}


def _started(run: RunRow, events: Sequence[Event]) -> RunStarted:
    started = events[0].known_payload() if events else None
    if not isinstance(started, RunStarted) or not started.request:
        raise InputError(
            f"{run.run_id} cannot be resumed: its log does not hold the request",
            fix="ask again with: toollama ask",
        )
    return started


def _with_models(started: RunStarted, models: Mapping[str, str]) -> RunStarted:
    used = {**started.models, **models}
    request = {**started.request, "models": {**started.request.get("models", {}), **models}}
    return started.model_copy(update={"models": used, "request": request})


def _recording(retries: Retried | None, store: Store) -> Recording:
    """Return what tools answered in the run that is done again, where it is not to ask them."""
    if retries is None or not retries.recorded:
        return Recording()
    rows = store.evidence(retries.run_id)
    journal = fold(store.events(retries.run_id), map(_record, rows))
    return Recording.of(retries.run_id, journal)


def _record(row: EvidenceRow) -> EvidenceRecord:
    return EvidenceRecord(
        id=row.id,
        title=row.title,
        locator=row.locator,
        text=row.text,
        tool=row.tool,
        retrieved_at=row.retrieved_at,
        untrusted=row.untrusted,
        private=row.private,
    )
