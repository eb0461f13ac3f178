"""The composition root: builds everything a run needs, leads it to its end, and shuts down.

A session outlives its runs: the engine stays warm between them. Every run ends with exactly one
terminal event, whatever happened.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from toollama import __version__, paths
from toollama.agents import (
    amendments,
    calls,
    endings,
    memory,
    rehearsal,
    resume,
)
from toollama.agents.camina import Camina
from toollama.agents.crew import CAMINA
from toollama.agents.ledger import Ledger
from toollama.agents.messages import Answer
from toollama.agents.observer import Watch
from toollama.agents.pool import ModelPool
from toollama.agents.questions import Clarify
from toollama.agents.roles import named, offered
from toollama.agents.roster import Roster
from toollama.agents.route import Router
from toollama.agents.run import ApprovalRequest, Approve, Member, Run
from toollama.ask_options import AskOptions, Begun
from toollama.clock import Clock, SystemClock
from toollama.config import Settings, load_settings
from toollama.errors import Cancelled, ExitCode, InputError, RunFailed, ToolLamaError, first_leaf
from toollama.events import Bus, Event, Subscriber, new_run_id, payloads
from toollama.events.payloads import Payload
from toollama.models.catalog import Catalog, load_catalog
from toollama.models.engine import Engine
from toollama.models.engines import engine_for
from toollama.openings import Opening
from toollama.policy import Effect
from toollama.secrets import process_redactor
from toollama.store import Store
from toollama.text import one_line, visible
from toollama.tools.base import Attachment, ToolContext, ToolResult
from toollama.tools.registry import Registry
from toollama.tools.toolbox import Toolbox

_LOG = "toollama runs show last"

__all__ = ["ApprovalRequest", "Approve", "AskOptions", "Session"]


class Session:
    """Serves requests one after another."""

    def __init__(
        self,
        *,
        settings: Settings,
        catalog: Catalog,
        store: Store,
        clock: Clock,
        registry: Registry | None = None,
        engine: Engine | None = None,
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._store = store
        self._clock = clock
        self._registry = registry or Registry.discover()
        self._engine = engine
        self._toolbox = Toolbox(settings, self._registry, clock, version=__version__)
        self._current: Run | None = None
        self._warmed: list[tuple[datetime, Payload]] = []
        """What the warm-up told, for the log of the run that it was for."""
        self._whole_story = _LOG
        """What shows everything that happened in the run."""
        self.run_id = ""
        self.cancel_exit_code = ExitCode.INTERRUPTED
        """What a cancelled run exits with; set it before cancelling."""

    @classmethod
    def open(cls) -> "Session":
        """Return a session over the user's configuration. Raises `ConfigError`."""
        clock = SystemClock()
        return cls(
            settings=load_settings(),
            catalog=load_catalog(tools=Registry.names()),
            store=Store.open(paths.database(), clock),
            clock=clock,
        )

    async def ask(
        self,
        options: AskOptions,
        *,
        subscribers: Sequence[Subscriber] = (),
        approve: Approve | None = None,
        clarify: Clarify | None = None,
    ) -> Answer:
        """Serve one request; events reach the subscribers as they happen.

        Raises `ToolLamaError` after the run's terminal event; `Cancelled` where its task was.
        """
        bus = self._open_run(subscribers, keep=options.keep)
        return await self._lead(bus, lambda: self._begin(bus, options), approve, clarify)

    async def resume(
        self,
        name: str,
        *,
        subscribers: Sequence[Subscriber] = (),
        approve: Approve | None = None,
        clarify: Clarify | None = None,
    ) -> Answer:
        """Go on with a run that was cut short; what it finished is not done again.

        A run that has ended is told again. Raises `UnknownName` or `InputError` where there is
        nothing to go on with, and what `ask` raises.
        """
        row = self._store.find_run(name)
        self.run_id = row.run_id
        ended = resume.answer_of(row, self._store)
        if ended is not None:
            return ended
        broken = resume.reopen(row, self._store)
        bus = self._open_run(subscribers, run_id=row.run_id, last_seq=broken.last_seq)
        opening, interactive = Opening(self._store, bus), approve is not None
        return await self._lead(
            bus, lambda: opening.where_it_broke(broken, interactive=interactive), approve, clarify
        )

    async def retry(
        self,
        name: str,
        *,
        task: int | None = None,
        recorded: bool = False,
        models: Mapping[str, str] | None = None,
        subscribers: Sequence[Subscriber] = (),
        approve: Approve | None = None,
        clarify: Clarify | None = None,
    ) -> Answer:
        """Do a task of an earlier run again, with what needs it, in a run of its own.

        What the other tasks found is taken from the log, and the answer is written anew from all
        of it. Without a `task` the whole request is served again. The earlier run stays as it is.
        With `recorded`, a call that it made has the answer it had then, and nothing is asked or
        done; `models` by role stand for those that it was asked to use.
        Raises `UnknownName` or `InputError` where there is nothing to do again, and what `ask`
        raises.
        """
        row = self._store.find_run(name)
        earlier = resume.earlier(row, self._store, task=task, recorded=recorded, models=models)
        asked_in = earlier.started.directory
        if asked_in and asked_in != str(Path.cwd()):
            raise InputError(
                f"{name} was asked in {asked_in}, and its words may name files there",
                fix=f"toollama replay {name} --from TASK, which goes there",
            )
        bus = self._open_run(subscribers)
        opening, interactive = Opening(self._store, bus), approve is not None
        return await self._lead(
            bus, lambda: opening.over(earlier, interactive=interactive), approve, clarify
        )

    def directory_of(self, name: str) -> str:
        """Return where a run was asked, or nothing where its log does not tell.

        Raises `UnknownName`.
        """
        events = self._store.events(self._store.find_run(name).run_id)
        return str(events[0].data.get("directory", "")) if events else ""

    async def _lead(
        self,
        bus: Bus,
        begin: Callable[[], Begun],
        approve: Approve | None,
        clarify: Clarify | None,
    ) -> Answer:
        """Lead a run to its terminal event, whatever happens."""
        started_s = self._clock.monotonic_s()
        run: Run | None = None
        try:
            begun = begin()
            run = self._current = self._run(bus, begun, approve, self._registry.ready())
            run.clarify = clarify if begun.options.interactive else None
            return await self._serve(run, begun.options, started_s)
        except asyncio.CancelledError as cancelled:
            raise self._cancelled(bus, run, started_s) from cancelled
        except ToolLamaError as error:
            self._failed(bus, run, error, started_s)
            raise
        except Exception as error:
            wrapped = RunFailed(
                f"{type(error).__name__}: {one_line(str(first_leaf(error)))}",
                fix="toollama runs show last --events, and report it",
                code="internal",
            )
            self._failed(bus, run, wrapped, started_s)
            raise wrapped from error
        finally:
            self._current = None

    def _open_run(
        self,
        subscribers: Sequence[Subscriber],
        *,
        run_id: str = "",
        last_seq: int = 0,
        keep: bool = True,
    ) -> Bus:
        self.run_id = run_id or new_run_id(self._clock)
        bus = Bus(
            self.run_id,
            self._clock,
            last_seq=last_seq,
            redact=process_redactor.redact_data,
        )
        self._whole_story = _LOG if keep else 'toollama ask --no-save -vv "…"'
        if keep:
            bus.subscribe(self._store.append)
        for subscriber in subscribers:
            bus.subscribe(subscriber)
        bus.subscribe(Watch(bus))
        bus.subscribe(self._log_watch(bus))
        return bus

    def _log_watch(self, bus: Bus) -> Subscriber:
        """Return a reader that says in the run itself what is wrong with the run log, once."""
        told: set[str] = set()

        def watch(_event: Event) -> None:
            notice = self._store.notice
            if notice is not None and notice not in told:
                told.add(notice)
                bus.emit(payloads.Warned(message=notice))

        return watch

    def _begin(self, bus: Bus, options: AskOptions) -> Begun:
        warmed, self._warmed = self._warmed, []
        opening = Opening(self._store, bus)
        return opening.anew(options, profile=self._profile(options), warmed=warmed)

    def _profile(self, options: AskOptions) -> str:
        return options.profile or self._settings.profile or "starter"

    def _roster(self, options: AskOptions) -> Roster:
        roster = Roster(self._catalog, self._profile(options), options.models)
        roster.check_overrides()
        if options.role:
            self._catalog.role(options.role)
        return roster

    def _run(
        self,
        bus: Bus,
        begun: Begun,
        approve: Approve | None,
        registry: Registry,
        *,
        crew: Mapping[str, Member] | None = None,
    ) -> Run:
        """Set up a run over the tools of `registry`; `crew` stands for the one of the options."""
        options, journal = begun.options, begun.journal
        registry = named(registry, options.tools)
        ledger = Ledger(options.limits, self._clock, bus)
        run = Run(
            request=options.request(registry, self._catalog.roles, begun.memory),
            bus=bus,
            clock=self._clock,
            ledger=ledger,
            pool=ModelPool(
                self._engine_for(options), bus, spend_swap=lambda: ledger.spend("swaps")
            ),
            crew=self._roster(options) if crew is None else crew,
            registry=registry,
            roles=self._catalog.roles,
            tools=self._toolbox.context(
                [
                    Attachment(**attached.model_dump(exclude={"untrusted"}))
                    for attached in options.attachments
                ]
            ),
            approve=approve if options.interactive else None,
            granted=options.granted,
            keep_evidence=Opening(self._store, bus).keeper(options),
            taint=memory.taint(begun.memory),
            tool_calls=journal.tool_calls,
            usage=journal.usage,
            journal=journal,
            recording=begun.recording,
            first_evidence_no=memory.next_evidence_no(begun.memory),
        )
        run.restore(journal.given())
        for record in begun.given()[len(run.evidence) :]:
            run.add_evidence(record)
        return run

    async def _serve(self, run: Run, options: AskOptions, started_s: float) -> Answer:
        choices = offered(run.registry, run.roles, run.request.role, run.request.text)
        camina = Camina(
            run,
            Router(choices, run.tools),
            schema=options.schema,
            plans=not options.dry_run,
        )
        if options.foretold:
            draft = await rehearsal.foretell(
                run,
                camina,
                request=options.prompt.strip(),
                past_load_s=self._store.load_seconds(),
                choices=choices if options.dry_run else None,
            )
        else:
            draft = await camina.answer()
        answer = Answer(
            text=draft.text,
            status=draft.status,
            sentences=draft.sentences,
            sources=draft.sources,
            limits=(
                *memory.notes(run.request, heeded=run.heeded),
                *run.recording.notes(),
                *draft.limits,
            ),
            exit_code=endings.exit_code(run, draft, strict=options.strict),
            usage=run.usage,
            tool_calls=run.tool_calls,
            swaps=run.pool.residency.swaps,
            duration_s=self._clock.monotonic_s() - started_s,
            data=draft.data,
        )
        run.inbox.close(reason="the answer is written")
        run.bus.emit(
            payloads.MessageCompleted(
                text=visible(answer.text), unsupported=list(map(visible, draft.unsupported))
            )
        )
        run.bus.emit(endings.completed(answer))
        return answer

    async def warm_up(
        self, options: AskOptions, tell: Callable[[Payload], object] = lambda _payload: None
    ) -> None:
        """Load the model of the role that answers, before there is a request; `tell` what it does.

        The load is told again, with its own times, by the next run. Raises `ToolLamaError`.
        """
        member = self._roster(options)[options.role or CAMINA.id]

        def loading(payload: Payload) -> None:
            tell(payload)
            if payload.type not in payloads.UNSTORED_TYPES:
                self._warmed.append((self._clock.now(), payload))

        if not member.model.endpoints:
            await self._engine_for(options).load(member.model, loading)

    def cancel_task(self, number: int) -> tuple[int, ...]:
        """Cancel a task of the run going on, and what needs it; return the tasks that this ended.

        Call it on the session's event loop.
        """
        manager = self._current.tasks if self._current else None
        return manager.cancel(number) if manager else ()

    def amend(self, text: str) -> int | None:
        """Add words to the request that is being served; return their number.

        They are taken in between two tasks, or left to the request after this one: events tell
        which. None where nothing is being served, or its answer is being written already. Call it
        on the session's event loop.
        """
        run = self._current
        if run is None:
            return None
        number = run.inbox.put(text)
        if number and run.tasks and amendments.stops(text, tasks=len(run.tasks.board.numbers())):
            run.tasks.wake()
        return number

    def withdraw(self, number: int) -> bool:
        """Take words back that were added and are not taken in yet; return whether they were.

        Call it on the session's event loop.
        """
        return self._current is not None and self._current.inbox.withdraw(number)

    def _cancelled(self, bus: Bus, run: Run | None, started_s: float) -> Cancelled:
        said = "".join(run.said) if run else ""
        duration_s = self._clock.monotonic_s() - started_s
        bus.emit(endings.cancelled(self.cancel_exit_code, partial=said, duration_s=duration_s))
        return Cancelled(
            "the run was stopped",
            fix=self._whole_story,
            exit_code=self.cancel_exit_code,
        )

    def _failed(self, bus: Bus, run: Run | None, error: ToolLamaError, started_s: float) -> None:
        if run is not None:
            run.inbox.close(reason="the run failed")
        said = "".join(run.said) if run else ""
        duration_s = self._clock.monotonic_s() - started_s
        bus.emit(endings.failed(error, partial=said, duration_s=duration_s))

    async def run_tool(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        subscribers: Sequence[Subscriber] = (),
        approve: Approve | None = None,
        granted: frozenset[Effect] = frozenset(),
        use_cache: bool = True,
    ) -> ToolResult:
        """Run one tool without a model, under the policy, and record it as a run.

        Without `use_cache` its service is asked, whatever it answered before.
        Raises `UnknownName`, also for a tool that is off, or `ToolFailure`.
        """
        tools = self._registry.switched_on()
        bus = self._open_run(subscribers)
        started_s = self._clock.monotonic_s()
        bus.emit(
            payloads.RunStarted(
                prompt=visible(f"tools run {name}"),
                version=__version__,
                profile="",
                options={"arguments": to_jsonable_python(dict(arguments), fallback=str)},
            )
        )
        options = AskOptions(prompt=name, interactive=approve is not None, granted=granted)
        run = self._run(bus, Begun(options), approve, tools, crew={})
        if not use_cache:
            run.tools = self._toolbox.context(use_cache=False)
        try:
            result, _ = await calls.call(run, name, arguments)
        except ToolLamaError as error:
            self._failed(bus, run, error, started_s)
            raise
        answer = visible("\n".join(result.statements))
        bus.emit(
            payloads.RunCompleted(
                status="complete",
                answer=answer,
                exit_code=ExitCode.OK,
                tool_calls=1,
                duration_s=self._clock.monotonic_s() - started_s,
            )
        )
        return result

    def tool_context(self) -> ToolContext:
        """Return what a tool may use that is tried outside a run."""
        return self._toolbox.context()

    def _engine_for(self, options: AskOptions) -> Engine:
        if self._engine is None:
            self._engine = engine_for(
                self._catalog,
                vram_bytes=options.vram_bytes or self._settings.vram_bytes,
                kv_disk_bytes=self._settings.kv_disk_bytes if options.keep else 0,
                use_gpu=options.use_gpu,
                wait_for_gpu=options.wait_for_gpu,
            )
        return self._engine

    @property
    def log_notice(self) -> str | None:
        """What is wrong with the run log; once the session is closed, what it could not save."""
        return self._store.notice

    def idle(self) -> bool:
        """Return whether the engine has nothing to do."""
        return self._engine is None or self._engine.idle

    async def close(self) -> None:
        """Free every model and close the store."""
        if self._engine is not None:
            await self._engine.close()
        await self._toolbox.close()
        self._store.close()
