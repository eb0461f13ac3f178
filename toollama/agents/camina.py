"""Camina understands a request, plans it, hands out the tasks and writes the answer.

She sees the user's words and typed findings. Text that others wrote reaches her only fenced, when
the user asked for something about that very text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from toollama.agents import (
    delivery,
    direct,
    document,
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
from toollama.agents.digest import TEXT_TOOLS, Digest
from toollama.agents.manager import TaskManager
from toollama.agents.messages import (
    Finding,
    Gap,
    PlannedTask,
    RouteDecision,
    RouteKind,
    TaskGraph,
    TaskReport,
)
from toollama.agents.planner import Planner, left_out
from toollama.agents.prose import Piece
from toollama.agents.reading import read_texts
from toollama.agents.route import Router
from toollama.agents.run import Run
from toollama.agents.steering import Steering
from toollama.agents.voice import Draft, Voice
from toollama.errors import ExitCode, RunFailed, ToolLamaError
from toollama.events.payloads import PlanCreated, Rung
from toollama.schedule import Agenda
from toollama.text import one_line


@dataclass(frozen=True, slots=True)
class _Worked:
    """What the tasks led to, and the request and plan as they are then."""

    decision: RouteDecision
    graph: TaskGraph
    reports: Sequence[TaskReport]


class Camina:
    """Leads one run."""

    def __init__(
        self,
        run: Run,
        router: Router,
        *,
        schema: Mapping[str, Any] | None = None,
        plans: bool = True,
    ) -> None:
        """`schema` is what the answer must be valid against.

        Without `plans` no model is asked for a plan: the rules' is taken.
        """
        self._run = run
        self._router = router
        self._planner = Planner(run, router, asks_model=plans)
        self._schema = schema
        self._voice = Voice(run)
        self._delivery: delivery.Delivery | None = None

    async def decide(self) -> tuple[RouteDecision, TaskGraph]:
        """Return the way for the request and the plan; nothing has run yet."""
        self._take_off_delivery()
        return await self._decide()

    async def _decide(self) -> tuple[RouteDecision, TaskGraph]:
        request = self._run.request
        decision = self._planner.route(request)
        self._planner.tell(decision)
        decision, graph, source = await self._planner.plan(request, decision)
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
            self._voice.limits += left_out(self._run.request.depth, graph.left_out)
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
            self._run.inbox.close(reason="the answer is being written")
            return await self._without_tasks(graph)
        role = self._run.staff.writer(graph)
        if role != CAMINA.id and graph.tasks[0].about_text and not await self._has_texts(graph):
            return await writer.from_own_words(self._run, self._voice, role=role)
        worked = await self._work(decision, graph)
        return await self._write(worked.decision, worked.graph, worked.reports)

    async def _structured(
        self, decision: RouteDecision, graph: TaskGraph, schema: Mapping[str, Any]
    ) -> Draft:
        """Have the tasks done and the answer written under the user's schema."""
        run = self._run
        structured.check_schema(schema)
        if not graph.tasks:
            await read_texts(run, run.request.text)
        reports = (await self._work(decision, graph)).reports
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
        found = delivery.read(run.request.text, run.registry, run.tools)
        if found:
            self._delivery = found
            run.request = run.request.model_copy(update={"text": found.rest})

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

    async def _work(self, decision: RouteDecision, graph: TaskGraph) -> _Worked:
        """Have every task done once what it needs is; plan the failed ones anew, once.

        What the user adds meanwhile is taken in between the tasks, up to the end of the last.
        """
        run = self._run
        exact = range(1, len(graph.tasks) + 1) if decision.kind is RouteKind.SINGLE_TOOL else ()

        async def do(number: int, task: PlannedTask, inputs: Sequence[Finding]) -> TaskReport:
            try:
                work = partial(Belter(run, number, task).work, inputs, exact=number in exact)
                return await replay.report(run, number, work)
            finally:
                run.pool.over(*workload.keys_of_task(run.pool.agenda, number))

        manager = run.tasks = TaskManager(run, do)
        steering = Steering(run, self._planner, manager, decision, graph)
        await manager.finish(graph.tasks, between=steering.revise)
        anew = replan.rest(manager.board, manager.reports, self._router)
        anew = [(number, task) for number, task in anew if number not in steering.dropped]
        if anew:
            self._tell_replanned(steering.graph, anew)
            tasks = [task for _, task in anew]
            reports = await manager.finish(tasks, between=steering.revise)
            replan.replace(manager.reports, [number for number, _ in anew], reports)
        run.inbox.close(reason="the answer is being written")
        self._take_off_delivery()
        self._voice.limits += steering.limits
        wanted = sorted(manager.reports.keys() - steering.dropped)
        return _Worked(
            steering.decision, steering.graph, [manager.reports[number] for number in wanted]
        )

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
        if asks := [task.ask for task in graph.tasks if task.about_text]:
            return await self._write_mixed(graph, reports, gaps, ask="; ".join(asks))
        by_drummer = self._run.request.role.startswith("drummer.")
        if decision.kind is RouteKind.SINGLE_TOOL or disagreeing or by_drummer:
            return writer.from_statements(self._voice, findings, gaps)
        return await writer.from_findings(self._run, self._voice, findings, gaps, role=role)

    async def _write_mixed(
        self,
        graph: TaskGraph,
        reports: Sequence[TaskReport],
        gaps: Sequence[Gap],
        *,
        ask: str,
    ) -> Draft:
        """Say what the tools found, then answer the part that is about texts from the texts."""
        found = [
            finding
            for report in reports
            if not graph.tasks[report.task_no - 1].about_text
            for finding in report.findings
        ]
        draft = writer.from_statements(self._voice, found, gaps)
        if not any(record.tool in TEXT_TOOLS for record in self._run.evidence.values()):
            return draft
        role = self._run.staff.writer(graph)
        return await Digest(self._run, self._voice, role=role, ask=ask).write(gaps)

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
