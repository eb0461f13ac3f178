"""The second and last plan of a run: failed tasks go to tools that were not tried. Pure.

What is done stays done. A tool takes over only where the words fit it well and its parser reads
every argument out of them, so that no model can answer something else instead.
"""

from collections.abc import Mapping, Sequence

from toollama.agents.crew import belter_of
from toollama.agents.messages import PlannedTask, Request, TaskReport
from toollama.agents.recovery import REPLANNED_CODES
from toollama.agents.route import CONFIDENT, Router
from toollama.agents.tasks import TaskBoard, TaskState


def rest(
    board: TaskBoard, reports: Mapping[int, TaskReport], router: Router
) -> list[tuple[int, PlannedTask]]:
    """Return the tasks that can be done otherwise after all, by number, with how.

    That is each failed one that another tool can take, and what was skipped for want of it; needs
    are the numbers that the tasks get when they are added to the board.
    """
    anew: list[tuple[int, PlannedTask]] = []
    renumbered: dict[int, int] = {}
    for number in board.numbers(TaskState.FAILED, TaskState.SKIPPED):
        task: PlannedTask | None = board.task(number)
        if board.state(number) is TaskState.FAILED:
            codes = {gap.code for gap in reports[number].gaps}
            task = _otherwise(board.task(number), router) if codes & REPLANNED_CODES else None
        elif not set(board.task(number).needs) & set(renumbered):
            task = None
        if task is None:
            continue
        needs = tuple(renumbered.get(need, need) for need in task.needs)
        renumbered[number] = len(board.numbers()) + len(anew) + 1
        anew.append((number, task.model_copy(update={"needs": needs})))
    return anew


def _otherwise(task: PlannedTask, router: Router) -> PlannedTask | None:
    decision = router.route(Request(text=task.ask))
    if len(decision.clauses) != 1:
        return None
    untried = [
        candidate.tool
        for candidate in decision.clauses[0].candidates
        if candidate.complete and candidate.score >= CONFIDENT and candidate.tool not in task.tools
    ]
    if not untried:
        return None
    belter = belter_of(router.spec(untried[0]))
    return task.model_copy(update={"belter": belter, "tools": tuple(untried), "clear": True})


def replace(
    reports: dict[int, TaskReport], numbers: Sequence[int], anew: Sequence[TaskReport]
) -> None:
    """Put the reports of the second plan in the place of those they make up for.

    A task that failed again keeps its first gap: that is what the user asked for.
    """
    for number, report in zip(numbers, anew, strict=True):
        del reports[report.task_no]
        if report.findings:
            reports[number] = report.model_copy(update={"task_no": number})
