"""Camina understands a request, plans it, hands out the tasks and writes the answer.

She sees the user's words and typed findings. Text that others wrote reaches her only fenced, when
the user asked for something about that very text.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import ValidationError

from toollama.agents import delivery, document, inference, plan, structured, writer
from toollama.agents.belter import Belter
from toollama.agents.cite import Support
from toollama.agents.conflicts import between_texts, side_by_side
from toollama.agents.crew import CAMINA
from toollama.agents.depth import DEPTHS
from toollama.agents.digest import Digest
from toollama.agents.messages import (
    Finding,
    Gap,
    RouteDecision,
    RouteKind,
    TaskGraph,
    TaskReport,
)
from toollama.agents.reading import read_texts
from toollama.agents.route import Router
from toollama.agents.run import Run
from toollama.agents.voice import Draft, Voice
from toollama.errors import ExitCode, RunFailed, ToolLamaError
from toollama.events.payloads import PlanCreated, RouteDecided, Rung
from toollama.models.engine import JsonSchema, Message
from toollama.models.role_checks import BUILT_IN
from toollama.text import one_line

_MAX_PLAN_TOKENS = 400
_PLAN_TOOLS = 8


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
        decision = self._router.route(self._run.request)
        self._run.bus.emit(
            RouteDecided(
                kind=decision.kind.value,
                clauses=[one_line(clause.text) for clause in decision.clauses],
                candidates=[
                    candidate.model_dump()
                    for clause in decision.clauses
                    for candidate in clause.candidates[:3]
                ],
                margin=decision.margin,
                source=decision.source,
                reason=decision.reason,
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
            decision, graph = await self.decide()
            draft = await self._draft(decision, graph)
            return await self._delivered(draft) if self._delivery else draft

    async def _draft(self, decision: RouteDecision, graph: TaskGraph) -> Draft:
        role = self._writer(graph)
        if self._schema is not None:
            return await self._structured(decision, graph, role, self._schema)
        if decision.kind is RouteKind.ANSWER:
            if role.startswith("drummer."):
                raise _no_tool(role)
            await read_texts(self._run, self._run.request.text)
            return await writer.from_own_words(self._run, self._voice, role=role)
        if role != CAMINA.id and graph.tasks[0].about_text and not await self._has_texts(graph):
            return await writer.from_own_words(self._run, self._voice, role=role)
        reports = await self._work(graph, exact=decision.kind is RouteKind.SINGLE_TOOL)
        return await self._write(decision, graph, reports)

    async def _structured(
        self, decision: RouteDecision, graph: TaskGraph, role: str, schema: Mapping[str, Any]
    ) -> Draft:
        """Have the tasks done and the answer written under the user's schema."""
        run = self._run
        structured.check_schema(schema)
        if decision.kind is RouteKind.ANSWER:
            await read_texts(run, run.request.text)
            findings: list[Finding] = []
        else:
            reports = await self._work(graph, exact=decision.kind is RouteKind.SINGLE_TOOL)
            findings = [finding for report in reports for finding in report.findings]
            self._voice.limits += [
                f"not answered: {gap.what}" for report in reports for gap in report.gaps
            ]
        told = "\n".join(finding.statement for finding in findings if not finding.empty)
        facts = [Support("", told)] if told else []
        facts += [Support(record.id, record.text) for record in run.evidence.values()]
        return await structured.write(run, self._voice, schema, facts=facts, role=role)

    def _take_off_delivery(self) -> None:
        """Keep in mind where the answer is to be saved, and plan for the rest."""
        run = self._run
        self._delivery = delivery.read(run.request.text, run.registry, run.tools)
        if run.request.direct or not run.request.use_tools:
            self._delivery = None
        if self._delivery:
            run.request = run.request.model_copy(update={"text": self._delivery.rest})

    async def _delivered(self, draft: Draft) -> Draft:
        """Save the answer where the request wants it; an answer that is not saved says so."""
        assert self._delivery is not None
        text = document.markdown(draft.text, sources=draft.sources, limits=draft.limits)
        done, gap = await delivery.deliver(self._run, self._delivery, text)
        if gap is None:
            return replace(draft, limits=(*draft.limits, done))
        limits = (*draft.limits, f"not saved: {gap.what}", gap.fix)
        return replace(draft, limits=limits, status="partial", exit_code=gap.exit_code)

    def _writer(self, graph: TaskGraph) -> str:
        """Return who words the answer: who was asked for, or an only Belter of the user's own."""
        if self._run.request.role:
            return self._run.request.role
        name = f"belter.{graph.tasks[0].belter}" if len(graph.tasks) == 1 else CAMINA.id
        return CAMINA.id if name in BUILT_IN else name

    async def _plan(self, decision: RouteDecision) -> tuple[TaskGraph, Literal["rule", "model"]]:
        request, registry = self._run.request, self._run.registry
        if decision.kind is RouteKind.ANSWER:
            return TaskGraph(goal=request.text[:160], tasks=()), "rule"
        by_rules = self._within_depth(plan.from_route(request.text, decision, registry))
        # Who plays Camina is asked last: it may need a file that other requests do without.
        if decision.kind is not RouteKind.PLAN or not self._run.member("camina").trust.plans:
            return by_rules, "rule"
        most = min(len(by_rules.tasks) + 1, DEPTHS[request.depth].tasks)
        by_model = await self._plan_by_model(decision, limit=most)
        return (by_model, "model") if by_model else (by_rules, "rule")

    def _within_depth(self, graph: TaskGraph) -> TaskGraph:
        """Return the plan with as many tasks as the depth allows; the answer names the rest."""
        depth = self._run.request.depth
        most = DEPTHS[depth].tasks
        self._voice.limits += [
            f"left out at --depth {depth}: {one_line(task.ask)}" for task in graph.tasks[most:]
        ]
        return graph.model_copy(update={"tasks": graph.tasks[:most]})

    async def _plan_by_model(self, decision: RouteDecision, *, limit: int) -> TaskGraph | None:
        run = self._run
        names = list(dict.fromkeys(c.tool for part in decision.clauses for c in part.candidates))[
            :_PLAN_TOOLS
        ]
        specs = {name: run.registry.get(name).spec for name in names}
        lines = [f"- {name}: {spec.summary}" for name, spec in specs.items()]
        prompt = "\n".join(["Tools:", *lines, f"Request: {run.request.text}", "Write the plan."])
        text = await inference.complete(
            run,
            run.member("camina"),
            [Message("user", prompt)],
            purpose="plan",
            max_tokens=_MAX_PLAN_TOKENS,
            constraint=JsonSchema(plan.schema(names, tasks=min(limit, plan.MAX_TASKS))),
        )
        try:
            graph = plan.from_draft(
                run.request.text, plan.PlanDraft.model_validate_json(text), specs
            )
        except ValidationError:
            graph = None
        if graph is None:
            run.bus.emit(
                Rung(
                    rung="degrade",
                    error_class="plan_not_trusted",
                    reason="the plan lost or invented a figure, or was cut; rules plan instead",
                )
            )
        return graph

    async def _work(self, graph: TaskGraph, *, exact: bool) -> list[TaskReport]:
        """Run every task as soon as the tasks it needs are done."""
        reports: dict[int, asyncio.Future[TaskReport]] = {
            number: asyncio.get_running_loop().create_future()
            for number in range(1, len(graph.tasks) + 1)
        }

        async def one(number: int) -> None:
            task = graph.tasks[number - 1]
            needed = [await reports[need] for need in task.needs]
            inputs = [finding for report in needed for finding in report.findings]
            report = await Belter(self._run, number, task).work(inputs, exact=exact)
            reports[number].set_result(report)

        async with asyncio.TaskGroup() as group:
            for number in reports:
                group.create_task(one(number))
        return [reports[number].result() for number in sorted(reports)]

    async def _write(
        self, decision: RouteDecision, graph: TaskGraph, reports: Sequence[TaskReport]
    ) -> Draft:
        findings = [finding for report in reports for finding in report.findings]
        for report in reports:
            self._voice.limits += report.assumptions
        gaps = [gap for report in reports for gap in report.gaps]
        gaps += [
            Gap(what=f"{one_line(part)}: no tool fits", code="no_tool") for part in graph.unanswered
        ]
        gaps += [
            Gap(what=f"{one_line(graph.tasks[report.task_no - 1].ask)}: {missing}", code="not_done")
            for report in reports
            for missing in report.unmet
        ]
        if not findings:
            raise _nothing_found(gaps)
        role, evidence = self._writer(graph), self._run.evidence
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


def _no_tool(role: str) -> RunFailed:
    return RunFailed(
        f"none of the tools of {role} fits this prompt",
        fix=f"see what it can call: toollama agents show {role}",
        code="role.no_tool",
    )


def _nothing_found(gaps: Sequence[Gap]) -> ToolLamaError:
    """Return the error of a run in which every task failed: that of the first."""
    if not gaps:
        return RunFailed("no task gave a result", fix="toollama runs show last")
    first = gaps[0]
    return RunFailed(
        first.what,
        fix=first.fix or "toollama runs show last",
        code=f"tool.{first.code}",
        exit_code=ExitCode(first.exit_code),
    )
