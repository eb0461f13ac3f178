"""Makes plans: which way a request goes, and the tasks it takes.

The request's own structure makes a plan; a model that is trusted with it may make a better one,
which `plan` checks.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import ValidationError

from toollama.agents import inference, plan
from toollama.agents.depth import DEPTHS
from toollama.agents.matching import settled
from toollama.agents.messages import MAX_TASKS, Depth, Request, RouteDecision, RouteKind, TaskGraph
from toollama.agents.route import CONFIDENT, Router
from toollama.agents.run import Run
from toollama.events.payloads import RouteDecided, Rung
from toollama.models.engine import JsonSchema, Message
from toollama.text import one_line

PlanSource = Literal["rule", "model", "file"]

_MAX_PLAN_TOKENS = 400
_PLAN_TOOLS = 8
_FITS = CONFIDENT / 2
"""Score from which a tool may be in a plan: a weak model takes any that it is offered."""


class Planner:
    """Plans the requests of one run."""

    def __init__(self, run: Run, router: Router, *, asks_model: bool = True) -> None:
        """Without `asks_model` every plan is that of the rules."""
        self._run = run
        self._router = router
        self._asks_model = asks_model

    def route(self, request: Request) -> RouteDecision:
        """Return the way for a request; no model is asked."""
        decision = self._router.route(request)
        if request.plan is None:
            return decision
        return RouteDecision(
            kind=RouteKind.PLAN, clauses=decision.clauses, reason="the plan was given"
        )

    def tell(self, decision: RouteDecision) -> None:
        """Log the way that is taken, and what else was considered."""
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

    async def plan(
        self, request: Request, decision: RouteDecision
    ) -> tuple[RouteDecision, TaskGraph, PlanSource]:
        """Return the tasks of a request that goes this way, in the hands of who takes them."""
        graph, source = await self._graph(request, decision)
        return *self._run.staff.taken(decision, graph, request), source

    async def _graph(
        self, request: Request, decision: RouteDecision
    ) -> tuple[TaskGraph, PlanSource]:
        if request.plan is not None:
            return request.plan, "file"
        if decision.kind in (RouteKind.REPLY, RouteKind.REFUSE, RouteKind.ANSWER):
            return TaskGraph(goal=request.text[:160], tasks=()), "rule"
        by_rules = _within_depth(
            plan.from_route(request.text, decision, self._run.registry), request
        )
        # Who plays Camina is asked last: it may need a file that other requests do without.
        read_whole = all(map(settled, decision.clauses))
        if decision.kind is not RouteKind.PLAN or read_whole or not self._asks_model:
            return by_rules, "rule"
        if not self._run.member("camina").trust.plans:
            return by_rules, "rule"
        most = min(len(by_rules.tasks) + 1, DEPTHS[request.depth].tasks)
        by_model = await self._by_model(request, decision, limit=most)
        if by_model is None:
            return by_rules, "rule"
        return plan.in_own_words(by_model, by_rules), "model"

    async def _by_model(
        self, request: Request, decision: RouteDecision, *, limit: int
    ) -> TaskGraph | None:
        run = self._run
        fitting = [c for part in decision.clauses for c in part.candidates if c.score >= _FITS]
        names = list(dict.fromkeys(candidate.tool for candidate in fitting))[:_PLAN_TOOLS]
        specs = {name: run.registry.get(name).spec for name in names}
        lines = [f"- {name}: {spec.summary}" for name, spec in specs.items()]
        prompt = "\n".join(["Tools:", *lines, f"Request: {request.text}", "Write the plan."])
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
            graph = plan.from_draft(request.text, plan.PlanDraft.model_validate_json(text), specs)
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


def left_out(depth: Depth, asks: Sequence[str]) -> list[str]:
    """Return what the user is told of tasks beyond what the depth allows."""
    return [f"left out at --depth {depth}: {one_line(ask)}" for ask in asks]


def _within_depth(graph: TaskGraph, request: Request) -> TaskGraph:
    """Return the plan with as many tasks as the depth allows; the answer names the rest."""
    most = DEPTHS[request.depth].tasks
    beyond = tuple(task.ask for task in graph.tasks[most:])
    return graph.model_copy(update={"tasks": graph.tasks[:most], "left_out": beyond})
