"""A model chooses one tool among a few that the index could not tell apart."""

from collections.abc import Sequence

from toollama.agents import inference
from toollama.agents.run import Member, Run
from toollama.events.payloads import RouteDecided
from toollama.models.engine import Choice, Message
from toollama.text import one_line


async def choose(run: Run, member: Member, ask: str, tools: Sequence[str]) -> str:
    """Return one of `tools`: nothing else can be written."""
    lines = [f"- {name}: {run.registry.get(name).spec.summary}" for name in tools]
    prompt = "\n".join(
        ["Tools:", *lines, f"Request: {one_line(ask, 400)}", "Which tool? Write its name."]
    )
    name = await inference.complete(
        run,
        member,
        [Message("user", prompt)],
        purpose="tool choice",
        constraint=Choice(tuple(tools)),
        max_tokens=32,
    )
    chosen = name if name in tools else tools[0]
    run.bus.emit(
        RouteDecided(
            kind="tool",
            clauses=[one_line(ask)],
            candidates=[{"tool": tool, "score": 0.0, "why": ""} for tool in tools],
            margin=0.0,
            source="model",
            reason=f"{chosen} was chosen by {member.model.id}",
        )
    )
    return chosen
