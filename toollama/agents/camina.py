"""Camina understands a request, plans it, hands out the tasks and writes the answer.

She sees the user's words and typed findings. Text that others wrote reaches her only fenced, when
the user asked for something about that very text.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Literal

from pydantic import ValidationError

from toollama.agents import inference, plan, replay, writer
from toollama.agents.belter import Belter
from toollama.agents.crew import CAMINA
from toollama.agents.digest import Digest
from toollama.agents.messages import (
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
from toollama.text import one_line

_MAX_PLAN_TOKENS = 400
_PLAN_TOOLS = 8


class Camina:
    """Leads one run."""

    def __init__(self, run: Run, router: Router) -> None:
        self._run = run
        self._router = router
        self._voice = Voice(run)

    async def decide(self) -> tuple[RouteDecision, TaskGraph]:
        """Return the way for the request and the plan; nothing has run yet."""
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
            decision, graph = await replay.plan(self._run, self.decide)
            if decision.kind is RouteKind.ANSWER:
                await read_texts(self._run, self._run.request.text)
                return await writer.from_own_words(self._run, self._voice)
            reports = await self._work(graph, exact=decision.kind is RouteKind.SINGLE_TOOL)
            return await self._write(decision, graph, reports)

    async def _plan(self, decision: RouteDecision) -> tuple[TaskGraph, Literal["rule", "model"]]:
        request, registry = self._run.request, self._run.registry
        if decision.kind is RouteKind.ANSWER:
            return TaskGraph(goal=request.text[:160], tasks=()), "rule"
        by_rules = plan.from_route(request.text, decision, registry)
        # Who plays Camina is asked last: it may need a file that other requests do without.
        if decision.kind is not RouteKind.PLAN or not self._run.member("camina").trust.plans:
            return by_rules, "rule"
        by_model = await self._plan_by_model(decision, limit=len(by_rules.tasks) + 1)
        return (by_model, "model") if by_model else (by_rules, "rule")

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
            work = partial(Belter(self._run, number, task).work, inputs, exact=exact)
            report = await replay.report(self._run, number, work)
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
        if not findings:
            raise _nothing_found(gaps)
        if graph.tasks[0].about_text:
            return await Digest(self._run, self._voice).write(gaps)
        if decision.kind is RouteKind.SINGLE_TOOL:
            return writer.from_statements(self._voice, findings, gaps)
        return await writer.from_findings(self._run, self._voice, findings, gaps)


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
