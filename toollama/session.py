"""The composition root: builds everything a run needs, opens the run, and shuts down.

A session outlives its runs: the engine stays warm between them. Every run ends with exactly one
terminal event, whatever happened.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import to_jsonable_python

from toollama import __version__, paths
from toollama.agents import calls
from toollama.agents.camina import Camina
from toollama.agents.crew import CAMINA
from toollama.agents.messages import Answer, Attached, Depth, EvidenceRecord, Request
from toollama.agents.outline import outline
from toollama.agents.pool import ModelPool
from toollama.agents.roles import offered
from toollama.agents.roster import Roster
from toollama.agents.route import Router
from toollama.agents.run import ApprovalRequest, Approve, Member, Run
from toollama.agents.voice import Draft
from toollama.clock import Clock, SystemClock, system_timezone
from toollama.config import Settings, load_settings
from toollama.errors import Cancelled, ExitCode, InputError, RunFailed, ToolLamaError, first_leaf
from toollama.events import Bus, Subscriber, new_run_id, payloads
from toollama.events.payloads import Payload
from toollama.models.catalog import Catalog, load_catalog
from toollama.models.engine import Engine
from toollama.policy import Effect
from toollama.store import Store
from toollama.text import one_line, visible
from toollama.tools.base import Attachment, ToolContext, ToolResult
from toollama.tools.registry import Registry

if TYPE_CHECKING:
    from toollama.tools.http import Door

__all__ = ["ApprovalRequest", "Approve", "AskOptions", "Session"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions:
    """One request with everything that was said about how to serve it."""

    prompt: str
    attachments: tuple[Attached, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    """Model id or path by role, `belter`, `drummer` or `all`."""
    profile: str | None = None
    vram_bytes: int | None = None
    direct: bool = False
    use_tools: bool = True
    plan_only: bool = False
    role: str = ""  # the one role that is to serve the request
    depth: Depth = "detailed"
    schema: Mapping[str, Any] | None = None  # what the answer must be valid against
    interactive: bool = False
    granted: frozenset[Effect] = frozenset()
    use_gpu: bool = True
    wait_for_gpu: bool = False
    """Wait until another process of this program has left the GPU."""


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
        self._registry = registry or Registry.builtin()
        self._engine = engine
        self._door: Door | None = None
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
    ) -> Answer:
        """Serve one request; events reach the subscribers as they happen.

        Raises `ToolLamaError` after the run's terminal event; `Cancelled` where its task was.
        """
        bus = self._open_run(subscribers)
        started_s = self._clock.monotonic_s()
        run: Run | None = None
        try:
            roster = self._begin(bus, options)
            run = self._run(bus, options, roster, approve)
            return await self._serve(run, options, started_s)
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

    def _open_run(self, subscribers: Sequence[Subscriber]) -> Bus:
        self.run_id = new_run_id(self._clock)
        bus = Bus(self.run_id, self._clock)
        bus.subscribe(self._store.append)
        for subscriber in subscribers:
            bus.subscribe(subscriber)
        return bus

    def _begin(self, bus: Bus, options: AskOptions) -> Roster:
        profile = options.profile or self._settings.profile or "starter"
        started = payloads.RunStarted(
            prompt=visible(options.prompt),
            version=__version__,
            profile=profile,
            models=dict(options.models),
            attachments=[visible(attached.name) for attached in options.attachments],
            options={
                "direct": options.direct,
                "tools": options.use_tools,
                "plan_only": options.plan_only,
                "role": options.role,
                "depth": options.depth,
                "vram_bytes": options.vram_bytes,
            },
        )
        bus.emit(started)
        if not options.prompt.strip():
            raise InputError("the request is empty", fix='toollama ask "…"')
        roster = Roster(self._catalog, profile, options.models)
        roster.check_overrides()
        if options.role:
            self._catalog.role(options.role)
        return roster

    def _run(
        self,
        bus: Bus,
        options: AskOptions,
        crew: Mapping[str, Member],
        approve: Approve | None,
    ) -> Run:
        run = Run(
            request=Request(
                text=options.prompt.strip(),
                attachments=options.attachments,
                direct=options.direct or options.role == "observer",
                use_tools=options.use_tools,
                interactive=options.interactive,
                role="" if options.role == CAMINA.id else options.role,
                depth=options.depth,
            ),
            bus=bus,
            clock=self._clock,
            pool=ModelPool(self._engine_for(options), bus),
            crew=crew,
            registry=self._registry,
            roles=self._catalog.roles,
            tools=self._tool_context(options.attachments),
            approve=approve if options.interactive else None,
            granted=options.granted,
            keep_evidence=lambda record: self._store.add_evidence(
                bus.run_id, **record.model_dump()
            ),
        )
        for attached in options.attachments:
            if attached.text is not None:
                run.add_evidence(
                    EvidenceRecord(
                        id="",
                        title=attached.name,
                        locator=attached.name,
                        text=attached.text,
                        private=True,
                    )
                )
        return run

    async def _serve(self, run: Run, options: AskOptions, started_s: float) -> Answer:
        camina = Camina(
            run,
            Router(offered(run.registry, run.roles, run.request.role), run.tools),
            schema=options.schema,
        )
        if options.plan_only:
            decision, graph = await camina.decide()
            text, data = outline(run, decision, graph)
            draft = Draft(text, data=data)
        else:
            draft = await camina.answer()
        answer = Answer(
            text=draft.text,
            status=draft.status,
            sentences=draft.sentences,
            sources=draft.sources,
            limits=draft.limits,
            exit_code=draft.exit_code,
            usage=run.usage,
            tool_calls=run.tool_calls,
            swaps=run.pool.residency.swaps,
            duration_s=self._clock.monotonic_s() - started_s,
            data=draft.data,
        )
        run.bus.emit(payloads.MessageCompleted(text=visible(answer.text)))
        run.bus.emit(
            payloads.RunCompleted(
                status=draft.status,
                answer=visible(answer.text),
                sources=[source.model_dump() for source in answer.sources],
                limits=list(answer.limits),
                exit_code=answer.exit_code,
                usage=answer.usage,
                tool_calls=answer.tool_calls,
                swaps=answer.swaps,
                duration_s=answer.duration_s,
            )
        )
        return answer

    def _cancelled(self, bus: Bus, run: Run | None, started_s: float) -> Cancelled:
        bus.emit(
            payloads.RunCancelled(
                reason=self.cancel_exit_code.name.lower(),
                exit_code=self.cancel_exit_code,
                partial="".join(run.said) if run else "",
                duration_s=self._clock.monotonic_s() - started_s,
            )
        )
        return Cancelled(
            "the run was stopped",
            fix="toollama runs show last",
            exit_code=self.cancel_exit_code,
        )

    def _failed(self, bus: Bus, run: Run | None, error: ToolLamaError, started_s: float) -> None:
        said = "".join(run.said) if run else ""
        bus.emit(_failure(error, partial=said, duration_s=self._clock.monotonic_s() - started_s))

    async def run_tool(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        approve: Approve | None = None,
        granted: frozenset[Effect] = frozenset(),
    ) -> ToolResult:
        """Run one tool without a model, under the policy, and record it as a run.

        Raises `UnknownName` or `ToolFailure`.
        """
        bus = self._open_run(())
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
        run = self._run(bus, options, {}, approve)
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

    def _tool_context(self, attachments: Sequence[Attached]) -> ToolContext:
        from toollama.tools.http import Door, HttpSettings

        if self._door is None:
            self._door = Door(
                HttpSettings(
                    base_urls=self._settings.network.base_urls,
                    offline=self._settings.offline,
                    contact=self._settings.contact,
                    version=__version__,
                )
            )
        given = [attached.path.resolve() for attached in attachments if attached.path]
        return ToolContext(
            clock=self._clock,
            http=self._door,
            timezone=self._settings.timezone or system_timezone(),
            attachments=tuple(Attachment(**attached.model_dump()) for attached in attachments),
            read_roots=(Path.cwd(), *given),
            output_dir=self._settings.output_dir,
            contact=self._settings.contact,
        )

    def _engine_for(self, options: AskOptions) -> Engine:
        if self._engine is None:
            from toollama.models.llama import spill
            from toollama.models.llama.engine import LlamaEngine

            self._engine = LlamaEngine(
                resolve=self._catalog.resolve,
                vram_bytes=options.vram_bytes or self._settings.vram_bytes,
                kv_disk_bytes=spill.limit_bytes(self._settings.kv_disk_bytes),
                kv_directory=paths.kv_dir(),
                use_gpu=options.use_gpu,
                wait_for_gpu=options.wait_for_gpu,
            )
            if any(spec.endpoints for spec in self._catalog.models.values()):
                from toollama.models.mixed import MixedEngine
                from toollama.models.remote.engine import RemoteEngine

                self._engine = MixedEngine(local=self._engine, remote=RemoteEngine())
        return self._engine

    def idle(self) -> bool:
        """Return whether the engine has nothing to do."""
        return self._engine is None or self._engine.idle

    async def close(self) -> None:
        """Free every model and close the store."""
        if self._engine is not None:
            await self._engine.close()
        if self._door is not None:
            await self._door.aclose()
        self._store.close()


def record_refusal(
    prompt: str, error: ToolLamaError, *, subscribers: Sequence[Subscriber] = ()
) -> str:
    """Record a request that could not begin as a failed run; return its id.

    Nothing else of a session is needed: the configuration itself may be what is wrong.
    """
    clock = SystemClock()
    bus = Bus(new_run_id(clock), clock)
    with ExitStack() as opened:
        with suppress(ToolLamaError):  # the refusal matters more than its record
            store = Store.open(paths.database(), clock)
            opened.callback(store.close)
            bus.subscribe(store.append)
        for subscriber in subscribers:
            bus.subscribe(subscriber)
        bus.emit(payloads.RunStarted(prompt=visible(prompt), version=__version__, profile=""))
        bus.emit(_failure(error))
    return bus.run_id


def _failure(error: ToolLamaError, *, partial: str = "", duration_s: float = 0.0) -> Payload:
    return payloads.RunFailed(
        code=error.code,
        message=visible(error.message),
        fix=visible(error.fix),
        exit_code=error.exit_code,
        partial=partial,
        duration_s=duration_s,
    )
