"""What `ask --dry-run` tells: how a request would be served, by whom, and in which memory.

Nothing is loaded and no tool is called. The plan is that of the rules: where a model would be asked
for another one, the answer says so.
"""

from collections.abc import Mapping
from typing import Any

from toollama.agents.matching import settled
from toollama.agents.messages import Attached, RouteDecision, RouteKind
from toollama.agents.run import Member, Run
from toollama.errors import ToolLamaError
from toollama.tools.registry import Registry


async def rehearse(
    run: Run, decision: RouteDecision, outline: Mapping[str, Any], *, tools: Registry
) -> tuple[str, dict[str, Any]]:
    """Return how the request would be served, as YAML text and as data.

    `outline` is the data of `agents.outline`, `tools` are those that may be chosen from. Sizes are
    bytes.
    """
    import yaml

    data = {
        **outline,
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
        "offered": [spec.name for spec in tools.specs()],
    }
    text = yaml.safe_dump(
        data, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )
    return text.rstrip(), data


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
