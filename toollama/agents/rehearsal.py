"""A request that is told and not served: its plan for `--plan-only`, all about it for `--dry-run`.

No tool is called. A dry run loads no model either, so its plan is that of the rules; where a model
would be asked for another one, it says so.
"""

from collections.abc import Mapping
from typing import Any

from toollama.agents import workload
from toollama.agents.camina import Camina
from toollama.agents.matching import settled
from toollama.agents.messages import Attached, RouteDecision, RouteKind
from toollama.agents.outline import outline
from toollama.agents.run import Member, Run
from toollama.agents.voice import Draft
from toollama.errors import ToolLamaError
from toollama.tools.registry import Registry


async def foretell(
    run: Run,
    camina: Camina,
    *,
    request: str,
    past_load_s: Mapping[str, float],
    choices: Registry | None = None,
) -> Draft:
    """Return the plan as text and as data, with the `choices` of tools and the rest of a dry run.

    `request` is what the user asked; `past_load_s` are measured loads by model.
    """
    decision, graph = await camina.decide()
    expected = await workload.expected_loads(run, decision, graph, past_load_s=past_load_s)
    text, data = outline(run, decision, graph, expected, request=request)
    if choices is not None:
        data |= await _rest(run, decision, choices)
        text = _yaml(data)
    return Draft(text, data=data)


async def _rest(run: Run, decision: RouteDecision, choices: Registry) -> dict[str, Any]:
    """Return what a dry run tells beside the plan. Sizes are bytes."""
    return {
        "planner": _planner(run, decision),
        "reason": decision.reason,
        "margin": round(decision.margin, 2),
        "scores": [
            {
                "part": clause.text,
                "tools": {each.tool: round(each.score, 2) for each in clause.candidates},
            }
            for clause in decision.clauses
        ],
        "files": [_file(attached) for attached in run.request.attachments],
        "crew": await _crew(run),
        "budget_bytes": run.pool.engine.status().budget_bytes,
        "offered": [spec.name for spec in choices.specs()],
    }


def _yaml(data: Mapping[str, Any]) -> str:
    import yaml

    text: str = yaml.safe_dump(
        dict(data), sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )
    return text.rstrip()


def _planner(run: Run, decision: RouteDecision) -> str:
    """Return who makes the plan of the real run."""
    if run.request.plan is not None:
        return "file"
    if decision.kind is not RouteKind.PLAN or all(map(settled, decision.clauses)):
        return "rules"
    try:
        planner = run.member("camina")
    except ToolLamaError:
        return "rules"
    return f"{planner.model.id} may plan otherwise" if planner.trust.plans else "rules"


def _file(attached: Attached) -> dict[str, Any]:
    """Return what is attached; a text has no path."""
    path = attached.path
    size = len(attached.text.encode()) if attached.text is not None else None
    if path is not None and path.is_file():
        size = path.stat().st_size
    return {
        "name": str(attached.name),
        "path": str(path) if path else None,
        "bytes": size,
        "untrusted": attached.untrusted,
    }


async def _crew(run: Run) -> list[dict[str, Any]]:
    """Return each model with the roles it plays, and what keeps others from being played."""
    played: dict[str, dict[str, Any]] = {}
    for role in run.crew:
        try:
            member = run.member(role)
        except ToolLamaError as error:
            told = played.setdefault(error.message, {"roles": [], **_problem(error)})
        else:
            if member.model.id not in played:
                played[member.model.id] = await _model(run, member)
            told = played[member.model.id]
        told["roles"].append(role)
    return list(played.values())


async def _model(run: Run, member: Member) -> dict[str, Any]:
    """Return a model with the load that would be made with nobody in the way."""
    told: dict[str, Any] = {"model": member.model.id, "tier": member.tier, "roles": []}
    try:
        attempts = await run.pool.engine.plan_load(member.model, ())
    except ToolLamaError as error:
        return {**told, **_problem(error)}
    return {
        **told,
        "fits": True,
        "context_tokens": attempts[0].context_tokens,
        "gpu_layers": attempts[0].gpu_layers,
        "gpu_bytes": attempts[0].gpu_bytes,
        "cpu_bytes": attempts[0].cpu_bytes,
    }


def _problem(error: ToolLamaError) -> dict[str, Any]:
    return {"fits": False, "problem": error.message, "fix": error.fix}
