"""A Belter answers one task: it has calls made, checks what comes back, and reports findings.

What a failed call leads to is the errand's; what it cannot get is an honest gap. A Belter never
fills a gap with words of its own.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

from toollama.agents import chooser, clauses, inference, merge, quality, reading, workload
from toollama.agents.conflicts import conflicts
from toollama.agents.crew import belter, drummer
from toollama.agents.depth import DEPTHS
from toollama.agents.errand import Errand, reads_every_argument
from toollama.agents.messages import Finding, Gap, PlannedTask, TaskReport
from toollama.agents.run import Run
from toollama.errors import BudgetSpent, ToolLamaError
from toollama.events import Agent
from toollama.events.payloads import GateDecided, Rung, TaskCompleted, TaskFailed, TaskStarted
from toollama.text import one_line
from toollama.tools.base import ToolFailure


class Belter:
    """Works on one task of a plan."""

    def __init__(self, run: Run, task_no: int, task: PlannedTask) -> None:
        self._run = run
        self._task_no = task_no
        self._task = task
        self._assumptions: list[str] = []

    async def work(self, inputs: Sequence[Finding], *, exact: bool = False) -> TaskReport:
        """Return the findings of the task, or the gap it leaves; raises only on cancellation.

        `inputs` are the findings of the tasks it needs. `exact` takes the words' own reading.
        """
        run, task = self._run, self._task
        started_s = run.clock.monotonic_s()
        with run.bus.acting(
            belter(task.belter, self._task_no), doing=one_line(task.ask), task_id=str(self._task_no)
        ):
            run.bus.emit(TaskStarted(belter=task.belter, ask=one_line(task.ask)))
            try:
                async with run.ledger.in_time(task.deadline_s):
                    findings = await self._findings(inputs, exact=exact)
            except ToolLamaError as error:
                run.bus.emit(
                    TaskFailed(
                        reason=error.message,
                        code=error.kind if isinstance(error, ToolFailure) else error.code,
                        duration_s=run.clock.monotonic_s() - started_s,
                    )
                )
                return TaskReport(
                    task_no=self._task_no,
                    status="failed",
                    gaps=(_gap(run, task, error),),
                    assumptions=tuple(self._assumptions),
                )
            report = self._report(findings)
            run.bus.emit(
                TaskCompleted(
                    status="partial" if report.unmet else "done",
                    findings=len(findings),
                    gaps=list(report.unmet),
                    duration_s=run.clock.monotonic_s() - started_s,
                )
            )
            return report

    def _report(self, findings: Sequence[Finding]) -> TaskReport:
        """Hold the findings against the Belter's definition of done."""
        run, name = self._run, f"belter.{self._task.belter}"
        disagreeing = conflicts(findings, run.evidence)
        role = run.roles.get(name)
        missing = quality.unmet(role.done if role else (), findings, disagreeing, run.evidence)
        if missing:
            run.bus.emit(GateDecided(verdict="warn", checks={f"{name} is done": "no"}))
        return TaskReport(
            task_no=self._task_no,
            status="partial" if missing else "done",
            findings=tuple(findings),
            conflicts=disagreeing,
            unmet=missing,
            assumptions=tuple(self._assumptions),
        )

    async def _findings(self, inputs: Sequence[Finding], *, exact: bool) -> list[Finding]:
        if self._task.about_text:
            return await self._read_texts()
        ask = resolve_reference(self._task.ask, inputs)
        first = await self._first_tool(ask, exact=exact)
        others = [name for name in self._task.tools if name != first]
        found = await self._sent([first, *others], ask, inputs, exact=exact)
        found += await self._ask_others(ask, found)
        if all(finding.confidence == "quoted" for finding in found):
            return merge.by_code(found)
        member = self._run.member(f"belter.{self._task.belter}")
        return await merge.merged(self._run, member, ask, found)

    async def _sent(
        self, tools: Sequence[str], ask: str, inputs: Sequence[Finding], *, exact: bool
    ) -> list[Finding]:
        """Return what an errand found with the first of the tools, or with one in its place."""
        errand = Errand(self._run, self._task_no, ask, inputs, tools=tools, exact=exact)
        found = await errand.findings()
        self._assumptions += errand.assumptions
        return found

    async def _ask_others(self, ask: str, found: Sequence[Finding]) -> list[Finding]:
        """Return what further tools say to the same words, as many as the depth wants.

        Only those are asked whose parser reads every argument. What they fail to say, or what the
        budget leaves no room for, takes nothing from what was found.
        """
        wanted = DEPTHS[self._run.request.depth].sources_per_task - 1
        asked = {self._run.evidence[id_].tool for f in found for id_ in f.evidence}
        others = [name for name in self._task.tools if name not in asked]
        more: list[Finding] = []
        for name in [name for name in others if reads_every_argument(self._run, name, ask)][
            :wanted
        ]:
            with suppress(ToolFailure, BudgetSpent):
                more += await self._sent([name], ask, (), exact=True)
        return more

    async def _read_texts(self) -> list[Finding]:
        """Return what is at hand: standard input, and every file given or named."""
        at_hand = [
            Finding(statement=f"{record.title} was given", evidence=(record.id,))
            for record in self._run.evidence.values()
            if not record.tool
        ]
        with self._run.bus.acting(self._drummer("read_file"), doing="read the texts"):
            return at_hand + await reading.read_texts(self._run, self._task.ask)

    async def _first_tool(self, ask: str, *, exact: bool) -> str:
        """Return the tool to begin with; a model decides only where the words do not."""
        best, *others = self._task.tools
        member = self._run.member(f"belter.{self._task.belter}")
        choices = self._task.tools[: member.trust.tool_choices]
        if exact or self._task.clear or not others or len(choices) < 2:
            return best
        try:
            chosen = await chooser.choose(self._run, member, ask, choices)
        except inference.UNANSWERED as error:
            self._run.bus.emit(
                Rung(
                    rung="degrade",
                    error_class="model",
                    reason=f"{one_line(error.message)}; the likeliest tool is taken",
                )
            )
            chosen = best
        self._run.pool.over(workload.key(str(self._task_no), member.role.name))
        return chosen

    def _drummer(self, tool: str) -> Agent:
        name = self._run.staff.drummer_for(tool, self._task.ask)
        return drummer(name.removeprefix("drummer."), self._task_no)


def resolve_reference(ask: str, inputs: Sequence[Finding]) -> str:
    """Return the ask with `it`, `that` or `the result` replaced by the answer it points to."""
    answers = [finding.answer for finding in inputs if finding.answer]
    return clauses.replace_reference(ask, answers[-1]) if answers else ask


def _gap(run: Run, task: PlannedTask, error: ToolLamaError) -> Gap:
    failure = error if isinstance(error, ToolFailure) else None
    resets = ""
    if failure and failure.retry_after_s:
        at = run.clock.now() + timedelta(seconds=failure.retry_after_s)
        resets = f"; the limit resets at {at.astimezone(ZoneInfo(run.tools.timezone)):%H:%M}"
    return Gap(
        what=f"{one_line(task.ask)}: {one_line(error.message, 400)}{resets}",
        code=failure.kind if failure else error.code,
        fix=error.fix,
        exit_code=failure.process_exit_code if failure else error.exit_code,
        waiting=tuple(dict(entry) for entry in error.waiting),
    )
