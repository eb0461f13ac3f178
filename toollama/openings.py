"""How a run begins: anew, again over an earlier one, where it was cut short, or not at all.

Owns the first lines of a run's log and the texts that it is given. Runs nothing.
"""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from toollama import __version__, paths
from toollama.agents import conversation, endings, replay, resume
from toollama.agents.journal import fold
from toollama.agents.messages import EvidenceRecord
from toollama.agents.resume import Broken, Earlier
from toollama.agents.run import KeepEvidence
from toollama.ask_options import AskOptions, Begun
from toollama.clock import SystemClock
from toollama.errors import InputError, ToolLamaError
from toollama.events import Bus, Subscriber, new_run_id, payloads
from toollama.events.payloads import Payload
from toollama.store import Store
from toollama.text import visible, well_formed


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of one run: `store` has the earlier ones, `bus` tells of this one."""

    store: Store
    bus: Bus

    def anew(
        self, options: AskOptions, *, profile: str, warmed: Sequence[tuple[datetime, Payload]]
    ) -> Begun:
        """Begin a request; `warmed` is what loading its model told before there was a run.

        Raises `InputError` where it is empty, or goes on with a conversation that there is not.
        """
        said = replace(options, prompt=well_formed(options.prompt))
        previous = conversation.previous_run(self.store, said.thread)
        opening = conversation.open_turn(
            self.store,
            said.thread,
            previous,
            run_id=self.bus.run_id,
            prompt=said.prompt,
            attachments=bool(said.attachments),
        )
        attachments = (*said.attachments, *opening.attached)
        options = replace(said, prompt=opening.meant, attachments=attachments)
        begun = Begun(options, opening.memory)
        keep = self.keeper(options)
        for record in begun.given():  # texts are on disk before the run that needs them is
            keep(record)
        started = payloads.RunStarted(
            prompt=visible(said.prompt),
            version=__version__,
            profile=profile,
            models=dict(options.models),
            attachments=[visible(attached.name) for attached in options.attachments],
            options=options.summary(),
            session=opening.session,
            previous_run_id=opening.previous_run_id,
            terminal=said.thread.terminal,
            request=options.to_log(),
            directory=str(Path.cwd()),
        )
        self.bus.emit(started)
        for at, payload in warmed:
            self.bus.emit(payload, at=at)
        if not options.prompt.strip():
            raise InputError("the request is empty", fix='toollama ask "…"')
        if previous is None and (said.thread.continues or said.thread.fork):
            raise conversation.nothing_before(said.thread)
        if opening.meant != said.prompt:
            self.bus.emit(
                payloads.FollowUpResolved(said=visible(said.prompt), meant=visible(opening.meant))
            )
        return begun

    def where_it_broke(self, broken: Broken, *, interactive: bool) -> Begun:
        """Go on with a run that was cut short."""
        self.bus.emit(
            payloads.RunResumed(version=__version__, finished_steps=broken.journal.finished_steps())
        )
        request = resume.with_texts(broken.started.request, broken.given)
        options = replace(AskOptions.from_log(request), interactive=interactive)
        known = conversation.recall(
            self.store, broken.started.previous_run_id, broken.started.prompt
        )
        return Begun(options, known, broken.journal, broken.recording)

    def over(self, earlier: Earlier, *, interactive: bool) -> Begun:
        """Begin again over what is kept of an earlier run."""
        for record in earlier.kept.evidence:  # texts are on disk before the run that needs them is
            self.store.add_evidence(self.bus.run_id, **record.model_dump())
        started = earlier.started.model_copy(
            update={
                "version": __version__,
                "retries": earlier.retries,
                "directory": str(Path.cwd()),
            }
        )
        told = [self.bus.emit(started), *replay.retell(self.bus, earlier.kept.events)]
        request = resume.with_texts(started.request, earlier.given)
        options = replace(AskOptions.from_log(request), interactive=interactive)
        known = conversation.recall(self.store, started.previous_run_id, started.prompt)
        return Begun(options, known, fold(told, earlier.kept.evidence), earlier.recording)

    def keeper(self, options: AskOptions) -> KeepEvidence:
        """Return what writes evidence beside the run's log, where the run is to be kept."""

        def keep(record: EvidenceRecord) -> None:
            if options.keep:
                self.store.add_evidence(self.bus.run_id, **record.model_dump())

        return keep


def record_refusal(
    prompt: str,
    error: ToolLamaError,
    *,
    subscribers: Sequence[Subscriber] = (),
    keep: bool = True,
) -> str:
    """Record a request that could not begin as a failed run; return its id.

    Where it is not to be kept, only the subscribers are told. No session is needed: the
    configuration itself may be what is wrong.
    """
    clock = SystemClock()
    bus = Bus(new_run_id(clock), clock)
    with ExitStack() as opened:
        with suppress(ToolLamaError):  # the refusal matters more than its record
            if keep:
                store = Store.open(paths.database(), clock)
                opened.callback(store.close)
                bus.subscribe(store.append)
        for subscriber in subscribers:
            bus.subscribe(subscriber)
        bus.emit(payloads.RunStarted(prompt=visible(prompt), version=__version__, profile=""))
        bus.emit(endings.failed(error))
    return bus.run_id
