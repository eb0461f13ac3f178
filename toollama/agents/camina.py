"""Camina understands a request, plans it, hands out the tasks and writes the answer.

She sees the user's words and typed findings. Text that others wrote reaches her only fenced, when
the user asked for something about that very text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from pydantic import ValidationError

from toollama.agents import (
    delivery,
    direct,
    document,
    inference,
    plan,
    replan,
    replay,
    replies,
    structured,
    workload,
    writer,
)
from toollama.agents.belter import Belter
from toollama.agents.cite import Support
from toollama.agents.conflicts import between_texts, side_by_side
from toollama.agents.crew import CAMINA
from toollama.agents.depth import DEPTHS
from toollama.agents.digest import Digest
from toollama.agents.manager import TaskManager
from toollama.agents.matching import settled
from toollama.agents.messages import (
    MAX_TASKS,
    Finding,
    Gap,
    PlannedTask,
    RouteDecision,
    RouteKind,
    TaskGraph,
    TaskReport,
)
from toollama.agents.prose import Piece
from toollama.agents.reading import read_texts
from toollama.agents.route import CONFIDENT, Router
from toollama.agents.run import Run
from toollama.agents.voice import Draft, Voice
from toollama.errors import ExitCode, RunFailed, ToolLamaError
from toollama.events.payloads import PlanCreated, RouteDecided, Rung
from toollama.models.engine import JsonSchema, Message
from toollama.schedule import Agenda
from toollama.text import one_line

_MAX_PLAN_TOKENS = 400
_PLAN_TOOLS = 8
_FITS = CONFIDENT / 2
"""Score from which a tool may be in a plan: a weak model takes any that it is offered."""


class Camina:
    """Leads one run."""

    def __init__(
        self, run: Run, router: Router, *, schema: Mapping[str, Any] | None = None
    ) -> None:
        """`schema` is what the answer must be valid against."""
        self._run = run
        self._router = router
        self._schema = schema
        self._voice = Voice(run)
        self._delivery: delivery.Delivery | None = None

    async def decide(self) -> tuple[RouteDecision, TaskGraph]:
        """Return the way for the request and the plan; nothing has run yet."""
        self._take_off_delivery()
        return await self._decide()

    async def _decide(self) -> tuple[RouteDecision, TaskGraph]:
        given = self._run.request.plan
        decision = self._router.route(self._run.request)
        if given is not None:
            decision = RouteDecision(
                kind=RouteKind.PLAN, clauses=decision.clauses, reason="the plan was given"
            )
        self._run.bus.emit(
            RouteDecided(
                kind=decision.kind.value,
                clauses=[one_line(clause.text) for clause in decision.clauses],
                candidates=[
                    {"clause": at, **candidate.model_dump()}
                    for at, clause in enumerate(decision.clauses)
                    for candidate in clause.candidates[:3]
                ],
                margin=decision.margin,
                source=decision.source,
                reason=decision.reason,
                unserved=[
                    {"clause": at, **clause.unserved.model_dump()}
                    for at, clause in enumerate(decision.clauses)
                    if clause.unserved
                ],
            )
        )
        graph, source = await self._plan(decision)
        decision, graph = self._run.staff.taken(decision, graph, self._run.request)
        self._run.bus.emit(
            PlanCreated(
                goal=one_line(graph.goal),
                tasks=[task.model_dump(mode="json") for task in graph.tasks],
                source=source,
            )
        )
        return decision, graph

    async def answer(self) -> Draft:
        """Plan, have the tasks done, and write. Raises `ToolLamaError` without a usable answer."""
        with self._run.bus.acting(CAMINA, doing=one_line(self._run.request.text)):
            self._take_off_delivery()
            decision, graph = await replay.plan(self._run, self._decide)
            depth = self._run.request.depth
            self._voice.limits += [
                f"left out at --depth {depth}: {one_line(ask)}" for ask in graph.left_out
            ]
            if graph.tasks:
                self._run.pool.expect(workload.agenda(self._run, decision, graph))
            draft = self._within_budget(await self._draft(decision, graph))
            self._run.pool.expect(Agenda())
            return await self._delivered(draft, self._delivery) if self._delivery else draft

    async def _draft(self, decision: RouteDecision, graph: TaskGraph) -> Draft:
        if decision.kind is RouteKind.REFUSE:
            raise replies.refusal(decision)
        if self._schema is not None:
            return await self._structured(decision, graph, self._schema)
        if decision.kind is RouteKind.REPLY:
            self._voice.say(Piece("", replies.reply(decision, self._run.registry.specs())))
            return self._voice.draft()
        if not graph.tasks:
            return await self._without_tasks(graph)
        role = self._run.staff.writer(graph)
        if role != CAMINA.id and graph.tasks[0].about_text and not await self._has_texts(graph):
            return await writer.from_own_words(self._run, self._voice, role=role)
        reports = await self._work(graph, exact=decision.kind is RouteKind.SINGLE_TOOL)
        return await self._write(decision, graph, reports)

    async def _structured(
        self, decision: RouteDecision, graph: TaskGraph, schema: Mapping[str, Any]
    ) -> Draft:
        """Have the tasks done and the answer written under the user's schema."""
        run = self._run
        structured.check_schema(schema)
        if not graph.tasks:
            await read_texts(run, run.request.text)
        reports = await self._work(graph, exact=decision.kind is RouteKind.SINGLE_TOOL)
        self._voice.limits += [
            f"not answered: {gap.what}" for report in reports for gap in report.gaps
        ]
        findings = [finding for report in reports for finding in report.findings]
        told = "\n".join(finding.statement for finding in findings if not finding.empty)
        facts = [Support("", told)] if told else []
        facts += [Support(record.id, record.text) for record in run.evidence.values()]
        role = run.staff.writer(graph)
        return await structured.write(run, self._voice, schema, facts=facts, role=role)

    def _take_off_delivery(self) -> None:
        """Keep in mind where the answer is to be saved, and plan for the rest."""
        run = self._run
        if run.request.direct or not run.request.use_tools:
            return
        self._delivery = delivery.read(run.request.text, run.registry, run.tools)
        if self._delivery:
            run.request = run.request.model_copy(update={"text": self._delivery.rest})

    async def _delivered(self, draft: Draft, wanted: delivery.Delivery) -> Draft:
        """Save the answer where the request wants it; an answer that is not saved says so."""
        text = document.markdown(draft.text, sources=draft.sources, limits=draft.limits)
        done, gap = await delivery.deliver(self._run, wanted, text)
        if gap is None:
            return replace(draft, limits=(*draft.limits, done))
        limits = (*draft.limits, f"not saved: {gap.what}", gap.fix)
        return replace(draft, limits=limits, status="partial", exit_code=gap.exit_code)

    async def _without_tasks(self, graph: TaskGraph) -> Draft:
        """Answer a request that no tool comes close to, from the texts at hand or own words."""
        run, role = self._run, self._run.staff.writer(graph)
        if role.startswith("drummer."):
            raise _no_tool(role)
        await read_texts(run, run.request.text)
        if direct.applies(run) and role == CAMINA.id:
            return await direct.answer(run, self._voice)
        if run.evidence and not run.request.direct:
            return await Digest(run, self._voice, role=role).write(())
        return await writer.from_own_words(run, self._voice, role=role)

    def _within_budget(self, draft: Draft) -> Draft:
        """Say which limits the run came up against: its answer is what there is, not all."""
        refusals = self._run.ledger.refused.values()
        if not refusals:
            return draft
        limits = (*draft.limits, *(f"{refusal.message}: {refusal.fix}" for refusal in refusals))
        return replace(draft, status="partial", limits=limits)

    async def _plan(
        self, decision: RouteDecision
    ) -> tuple[TaskGraph, Literal["rule", "model", "file"]]:
        request, registry = self._run.request, self._run.registry
        if request.plan is not None:
            return request.plan, "file"
        if decision.kind in (RouteKind.REPLY, RouteKind.REFUSE, RouteKind.ANSWER):
            return TaskGraph(goal=request.text[:160], tasks=()), "rule"
        by_rules = self._within_depth(plan.from_route(request.text, decision, registry))
        # Who plays Camina is asked last: it may need a file that other requests do without.
        read_whole = all(map(settled, decision.clauses))
        if decision.kind is not RouteKind.PLAN or read_whole:
            return by_rules, "rule"
        if not self._run.member("camina").trust.plans:
            return by_rules, "rule"
        most = min(len(by_rules.tasks) + 1, DEPTHS[request.depth].tasks)
        by_model = await self._plan_by_model(decision, limit=most)
        if by_model is None:
            return by_rules, "rule"
        return plan.in_own_words(by_model, by_rules), "model"

    def _within_depth(self, graph: TaskGraph) -> TaskGraph:
        """Return the plan with as many tasks as the depth allows; the answer names the rest."""
        most = DEPTHS[self._run.request.depth].tasks
        left_out = tuple(task.ask for task in graph.tasks[most:])
        return graph.model_copy(update={"tasks": graph.tasks[:most], "left_out": left_out})

    async def _plan_by_model(self, decision: RouteDecision, *, limit: int) -> TaskGraph | None:
        run = self._run
        fitting = [c for part in decision.clauses for c in part.candidates if c.score >= _FITS]
        names = list(dict.fromkeys(candidate.tool for candidate in fitting))[:_PLAN_TOOLS]
        specs = {name: run.registry.get(name).spec for name in names}
        lines = [f"- {name}: {spec.summary}" for name, spec in specs.items()]
        prompt = "\n".join(["Tools:", *lines, f"Request: {run.request.text}", "Write the plan."])
        reason = "the plan lost or invented a figure, or was cut"
        try:
            text = await inference.complete(
                run,
                run.member("camina"),
                [Message("user", prompt)],
                purpose="plan",
                max_tokens=_MAX_PLAN_TOKENS,
                constraint=JsonSchema(plan.schema(names, tasks=min(limit, MAX_TASKS))),
            )
            graph = plan.from_draft(
                run.request.text, plan.PlanDraft.model_validate_json(text), specs
            )
        except ValidationError:
            graph = None
        except inference.UNANSWERED as error:
            graph, reason = None, error.message
        if graph is None:
            run.bus.emit(
                Rung(
                    rung="degrade",
                    error_class="plan_not_trusted",
                    reason=f"{one_line(reason)}; rules plan instead",
                )
            )
        return graph

    async def _work(self, graph: TaskGraph, *, exact: bool) -> list[TaskReport]:
        """Have every task done once what it needs is; plan the failed ones anew, once."""

        async def do(number: int, task: PlannedTask, inputs: Sequence[Finding]) -> TaskReport:
            try:
                work = partial(Belter(self._run, number, task).work, inputs, exact=exact)
                return await replay.report(self._run, number, work)
            finally:
                pool = self._run.pool
                pool.over(*workload.keys_of_task(pool.agenda, number))

        manager = self._run.tasks = TaskManager(self._run, do)
        await manager.finish(graph.tasks)
        anew = replan.rest(manager.board, manager.reports, self._router)
        if anew:
            self._tell_replanned(graph, anew)
            reports = await manager.finish([task for _, task in anew])
            replan.replace(manager.reports, [number for number, _ in anew], reports)
        return [manager.reports[number] for number in sorted(manager.reports)]

    def _tell_replanned(self, graph: TaskGraph, anew: Sequence[tuple[int, PlannedTask]]) -> None:
        numbers = ", ".join(str(number) for number, _ in anew)
        tasks = [*graph.tasks, *(task for _, task in anew)]
        self._run.bus.emit(
            Rung(
                rung="replan",
                error_class="failed_tasks",
                reason=f"task {numbers} failed; other tools fit the same words",
                cost=f"{len(anew)} tasks",
            )
        )
        self._run.bus.emit(
            PlanCreated(
                goal=one_line(graph.goal),
                tasks=[task.model_dump(mode="json") for task in tasks],
                source="rule",
            )
        )

    async def _write(
        self, decision: RouteDecision, graph: TaskGraph, reports: Sequence[TaskReport]
    ) -> Draft:
        # Two tasks that came to the same call found the same.
        findings = list({f.statement: f for report in reports for f in report.findings}.values())
        for report in reports:
            self._voice.limits += report.assumptions
        gaps = [gap for report in reports for gap in report.gaps]
        gaps += [
            Gap(what=f"{one_line(part.text)}: {replies.unanswered(part)}", code="no_tool")
            for part in decision.clauses
            if part.text in graph.unanswered
        ]
        gaps += [
            Gap(what=f"{one_line(graph.tasks[report.task_no - 1].ask)}: {missing}", code="not_done")
            for report in reports
            for missing in report.unmet
        ]
        if not findings:
            raise self._nothing_found(gaps)
        role, evidence = self._run.staff.writer(graph), self._run.evidence
        disagreeing = [conflict for report in reports for conflict in report.conflicts]
        if graph.tasks[0].about_text:
            disagreeing += between_texts(list(evidence.values()), self._run.request.text)
        self._voice.limits += [side_by_side(conflict, evidence) for conflict in disagreeing]
        if graph.tasks[0].about_text:
            return await Digest(self._run, self._voice, role=role).write(gaps)
        by_drummer = self._run.request.role.startswith("drummer.")
        if decision.kind is RouteKind.SINGLE_TOOL or disagreeing or by_drummer:
            return writer.from_statements(self._voice, findings, gaps)
        return await writer.from_findings(self._run, self._voice, findings, gaps, role=role)

    async def _has_texts(self, graph: TaskGraph) -> bool:
        """Return whether there is any text to work on, after reading what the words name."""
        if not self._run.evidence and not self._run.request.attachments:
            await read_texts(self._run, graph.tasks[0].ask)
        return bool(self._run.evidence or self._run.request.attachments)

    def _nothing_found(self, gaps: Sequence[Gap]) -> ToolLamaError:
        """Return the error of a run in which every task failed: that of the first.

        It is the budget's where that ended the run.
        """
        if refusal := next(iter(self._run.ledger.refused.values()), None):
            return refusal
        if not gaps:
            return RunFailed("no task gave a result", fix="toollama runs show last")
        first = gaps[0]
        return RunFailed(
            first.what,
            fix=first.fix or "toollama runs show last",
            code=first.code if "." in first.code else f"tool.{first.code}",
            exit_code=ExitCode(first.exit_code),
            waiting=[entry for gap in gaps for entry in gap.waiting],
        )


def _no_tool(role: str) -> RunFailed:
    return RunFailed(
        f"none of the tools of {role} fits this prompt",
        fix=f"see what it can call: toollama agents show {role}",
        code="role.no_tool",
    )
