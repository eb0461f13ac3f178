"""Runs the tasks of a plan: begins what is ready, cancels subtrees, tells of every change.

The states are `agents.tasks`; what a task does is its Belter's. A task that cannot be done ends
with a report that says so; only faults of the program and cancellation are raised.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from toollama.agents.messages import Finding, Gap, PlannedTask, TaskReport
from toollama.agents.run import Run
from toollama.agents.tasks import Change, Metrics, TaskBoard, TaskState
from toollama.events.payloads import TaskChanged
from toollama.text import one_line

Work = Callable[[int, PlannedTask, Sequence[Finding]], Awaitable[TaskReport]]
"""Does one task, by number, from the findings of the tasks it needs."""
Between = Callable[[], Awaitable[None]]
"""What is done between tasks; it may add some."""


class TaskManager:
    """Works through the tasks of one run."""

    def __init__(self, run: Run, work: Work) -> None:
        self._run = run
        self._work = work
        self._running: dict[int, asyncio.Task[TaskReport]] = {}
        self._woken = asyncio.Event()
        self.board = TaskBoard()
        self.reports: dict[int, TaskReport] = {}
        """What every task that has ended hands back, by number."""

    async def finish(
        self, tasks: Sequence[PlannedTask], *, between: Between | None = None
    ) -> list[TaskReport]:
        """Take in tasks, work until every one has ended, and return their reports in order.

        Their needs are numbers on the board. Once the run's seconds are spent nothing begins.
        `between` is called before the first, whenever a task has ended, and after the last.
        """
        numbers = self.add(tasks)
        try:
            while True:
                if between is not None:
                    await between()
                if self.board.ended:
                    break
                self._begin_ready()
                await self._wait()
                self._collect()
        finally:
            await self._stop()
        return [self.reports[number] for number in numbers]

    def add(self, tasks: Sequence[PlannedTask]) -> list[int]:
        """Take in tasks that begin once what they need has ended; return their numbers."""
        known = len(self.board.numbers())
        self._tell(self.board.add(tasks))
        return self.board.numbers()[known:]

    def wake(self) -> None:
        """Do what is done between tasks now, though none has ended."""
        self._woken.set()

    def cancel(self, number: int, *, reason: str = "it was cancelled") -> tuple[int, ...]:
        """Cancel a task and everything that needs it; return the tasks that this ended.

        Call it on the run's event loop. A task that has ended stays as it is.
        """
        changes = self.board.cancel(number, reason=reason)
        for change in changes:
            if change.number in self._running:
                self._running[change.number].cancel()
        self._tell(changes)
        return tuple(change.number for change in changes)

    def _begin_ready(self) -> None:
        # Whoever is told of a change may cancel another task, so the board is asked each time.
        while ready := self.board.ready():
            number = ready[0]
            refusal = self._run.ledger.refused.get("seconds")
            if refusal:
                self._tell(self.board.skip([number], reason=refusal.message))
                continue
            self._tell(self.board.begin(number, at_s=self._run.clock.monotonic_s()))
            self._running[number] = asyncio.create_task(self._begun(number))

    async def _wait(self) -> None:
        """Wait until a task has ended, or somebody calls."""
        if not self._running:
            return
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait(
                [*self._running.values(), woken], return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            woken.cancel()
            self._woken.clear()

    async def _begun(self, number: int) -> TaskReport:
        task = self.board.task(number)
        inputs = [finding for need in task.needs for finding in self.reports[need].findings]
        return await self._work(number, task, inputs)

    def _collect(self) -> None:
        """Take in what has ended; what was cancelled alone is already so on the board."""
        for number in [n for n, running in self._running.items() if running.done()]:
            running = self._running.pop(number)
            if running.cancelled():
                continue
            report = running.result()
            if self.board.state(number).ended:
                continue
            self.reports[number] = report
            changes = self.board.end(
                number,
                TaskState(report.status),
                metrics=self._metrics(number),
                reason=report.gaps[0].what if report.gaps else "",
            )
            self._tell(changes)

    async def _stop(self) -> None:
        """Cancel what has not ended and wait for it, so that no task outlives its run."""
        left = list(self._running.values())
        for number in self.board.numbers():
            self._tell(self.board.cancel(number, reason="the run was stopped"))
        for running in left:
            running.cancel()
        self._running.clear()
        await asyncio.gather(*left, return_exceptions=True)

    def _metrics(self, number: int) -> Metrics:
        ledger = self._run.ledger
        return Metrics(
            started_s=self.board.metrics(number).started_s,
            ended_s=self._run.clock.monotonic_s(),
            tool_calls=ledger.spent_by(number, "calls"),
            output_tokens=ledger.spent_by(number, "tokens"),
        )

    def _tell(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.state in {TaskState.SKIPPED, TaskState.CANCELLED}:
                self.reports.setdefault(change.number, self._not_done(change))
            task, metrics = self.board.task(change.number), self.board.metrics(change.number)
            ran = change.before is TaskState.RUNNING and change.state is not TaskState.CANCELLED
            self._run.bus.emit(
                TaskChanged(
                    task=change.number,
                    state=change.state.value,
                    before=change.before.value if change.before else "",
                    reason=one_line(change.reason, 400),
                    priority=task.priority,
                    needs=list(task.needs),
                    duration_s=metrics.duration_s if ran else None,
                    tool_calls=metrics.tool_calls if ran else None,
                    output_tokens=metrics.output_tokens if ran else None,
                )
            )

    def _not_done(self, change: Change) -> TaskReport:
        """Return the report of a task that found nothing because it did not run to its end."""
        ask = one_line(self.board.task(change.number).ask)
        refused = next(iter(self._run.ledger.refused.values()), None)
        return TaskReport(
            task_no=change.number,
            status="skipped",
            gaps=(
                Gap(
                    what=f"{ask}: {change.reason}",
                    code=refused.code if refused else f"task.{change.state.value}",
                    fix=refused.fix if refused else "",
                    exit_code=refused.exit_code if refused else 1,
                ),
            ),
        )
