"""Takes what the user adds to a request into the run that serves it, between two tasks.

Code understands the words (`amendments`), and the same planner plans what they ask for. Every
change is logged before it is made, and a resumed run makes it at the same place again. Words that
change nothing here are left to the request after this one.
"""

from toollama.agents import amendments, delivery, replay, workload
from toollama.agents.amendments import More, Stop, Wish
from toollama.agents.followups import PreviousTurn
from toollama.agents.manager import TaskManager
from toollama.agents.messages import PlannedTask, Revision, RouteDecision, RouteKind, TaskGraph
from toollama.agents.planner import Planner, left_out
from toollama.agents.run import Run
from toollama.events.payloads import AmendmentSettled, PlanUpdated
from toollama.text import one_line

_NO_TOOLS = frozenset({RouteKind.REPLY, RouteKind.REFUSE, RouteKind.ANSWER})
_UNCLEAR = "it asks for nothing that this run can still do"


class Steering:
    """The amendments of one run that has tasks. The plan grows on the board of `manager`."""

    def __init__(
        self,
        run: Run,
        planner: Planner,
        manager: TaskManager,
        decision: RouteDecision,
        graph: TaskGraph,
    ) -> None:
        self._run = run
        self._planner = planner
        self._manager = manager
        self.decision = decision
        """The way of the request with what was added to it."""
        self.graph = graph
        """The plan with what was added to it."""
        self.dropped: set[int] = set()
        """Tasks whose findings are not wanted any more."""
        self.limits: list[str] = []
        """What a careful reader must know of the changes."""

    async def revise(self) -> None:
        """Take in what waits; what the log holds as taken comes first."""
        while revision := replay.due_revision(self._run, tasks=self._count):
            self._apply(revision)
        while waiting := self._run.inbox.first():
            number, said = waiting
            revision, source = await self._understood(number, said)
            if revision is None:
                self._run.inbox.defer(number, reason=_UNCLEAR)
            elif self._run.inbox.take(number) is not None:
                self._take(revision, said, model_planned=source == "model")

    @property
    def _count(self) -> int:
        return len(self._manager.board.numbers())

    def _take(self, revision: Revision, said: str, *, model_planned: bool) -> None:
        replay.keep_revision(self._run, revision)
        if revision.tasks:
            self._run.bus.emit(
                PlanUpdated(
                    first=revision.after + 1,
                    tasks=[task.model_dump(mode="json") for task in revision.tasks],
                    source="model" if model_planned else "rule",
                )
            )
        added = self._apply(revision)
        self._run.bus.emit(
            AmendmentSettled(
                amendment=revision.amendment,
                text=said,
                outcome="taken",
                tasks=added,
                dropped=[*revision.stopped, *revision.replaced],
                wish=revision.wish,
                meant=revision.request,
            )
        )

    def _apply(self, revision: Revision) -> list[int]:
        """Change the run; return the numbers of the new tasks."""
        run, manager = self._run, self._manager
        known = run.request.memory
        if revision.wish:
            known = known.model_copy(update={"pinned": (*known.pinned, revision.wish)})
        run.request = run.request.model_copy(update={"text": revision.request, "memory": known})
        for number in revision.stopped:
            manager.cancel(number, reason="you stopped it")
            self.limits.append(f"stopped by you: {one_line(manager.board.task(number).ask)}")
        for number in revision.replaced:
            manager.cancel(number, reason="something else is wanted instead")
        self.dropped.update(revision.stopped, revision.replaced)
        self.limits += left_out(run.request.depth, revision.left_out)
        added = manager.add(revision.tasks)
        self.graph = self.graph.model_copy(update={"tasks": tuple(self._tasks())})
        if added or revision.wish:
            self.decision = self.decision.model_copy(update={"kind": RouteKind.PLAN})
        if added:
            self._expect()
        return added

    def _tasks(self) -> list[PlannedTask]:
        return [self._manager.board.task(number) for number in self._manager.board.numbers()]

    def _expect(self) -> None:
        """Let the pool know of the models' work that is still to come."""
        pool, board = self._run.pool, self._manager.board
        pool.expect(workload.agenda(self._run, self.decision, self.graph))
        for number in board.numbers():
            if board.state(number).ended:
                pool.over(*workload.keys_of_task(pool.agenda, number))

    async def _understood(self, number: int, said: str) -> tuple[Revision | None, str]:
        """Return what the words change, if anything, and who planned it."""
        text = self._run.request.text
        unchanged = Revision(amendment=number, after=self._count, request=text)
        with_words = amendments.joined(text, amendments.bare(said))
        if delivery.read(with_words, self._run.registry, self._run.tools) is not None:
            return unchanged.model_copy(update={"request": with_words}), "rule"
        previous = PreviousTurn(text=text)
        for reading in amendments.readings(said, previous, tasks=self._count):
            match reading:
                case Stop(tasks=stopped):
                    return unchanged.model_copy(update={"stopped": stopped}), "rule"
                case Wish(text=wish):
                    return unchanged.model_copy(update={"wish": wish}), "rule"
                case More():
                    found = await self._more(unchanged, reading)
                    if found is not None:
                        return found
        return None, "rule"

    async def _more(self, unchanged: Revision, reading: More) -> tuple[Revision, str] | None:
        """Return the new tasks that a reading asks for, or None where no tool is for it."""
        if any(task.about_text for task in self.graph.tasks):
            return None
        request = self._run.request.model_copy(update={"text": reading.text, "plan": None})
        decision = self._planner.route(request)
        if decision.kind in _NO_TOOLS:
            return None
        decision, graph, source = await self._planner.plan(request, decision)
        if not graph.tasks or any(task.about_text for task in graph.tasks):
            return None
        points_back = not reading.whole and decision.clauses[0].follows
        tasks, kept = self._new(graph, points_back=points_back)
        before = self._run.request.text
        revision = unchanged.model_copy(
            update={
                "request": reading.text
                if reading.whole
                else amendments.joined(before, reading.text),
                "tasks": tasks,
                "replaced": self._stale(kept) if reading.instead else (),
                "left_out": graph.left_out,
            }
        )
        self._planner.tell(decision)
        return revision, source

    def _new(
        self, graph: TaskGraph, *, points_back: bool
    ) -> tuple[tuple[PlannedTask, ...], set[int]]:
        """Return what of a plan is not planned yet, numbered on, and the tasks that are."""
        known = {
            task.ask.casefold(): number
            for number, task in enumerate(self._tasks(), start=1)
            if number not in self.dropped
        }
        place: dict[int, int] = {}
        new: list[PlannedTask] = []
        for at, task in enumerate(graph.tasks, start=1):
            if task.ask.casefold() in known:
                place[at] = known[task.ask.casefold()]
                continue
            needs = tuple(place[need] for need in task.needs)
            if at == 1 and points_back and self._count:
                needs = (self._count,)
            new.append(task.model_copy(update={"needs": needs}))
            place[at] = self._count + len(new)
        return tuple(new), set(place.values())

    def _stale(self, kept: set[int]) -> tuple[int, ...]:
        known = range(1, self._count + 1)
        return tuple(n for n in known if n not in kept and n not in self.dropped)
