"""What code answers by itself: small talk, what this program is, and an honest "cannot". Pure."""

from collections.abc import Sequence

from toollama.agents.messages import Clause, RouteDecision
from toollama.errors import RunFailed
from toollama.tools.base import ToolSpec

_WHO = (
    "I am ToolLama: a crew of small language models on this machine. Camina plans, Belters work on "
    "the parts, Drummers call the tools."
)
_BRIEF = {
    "greeting": "Hello. Ask me something, or ask what I can do.",
    "thanks": "You are welcome.",
}


def reply(decision: RouteDecision, specs: Sequence[ToolSpec]) -> str:
    """Return the answer to small talk; a question about the program names the tools."""
    names = {part.unserved.name for part in decision.clauses if part.unserved}
    if "about_self" in names:
        return f"{_WHO}\n\n{_tools(specs)}"
    return next(text for name, text in _BRIEF.items() if name in names)


def refusal(decision: RouteDecision) -> RunFailed:
    """Return the error of a request that nobody here can serve; it says what is missing."""
    return RunFailed(
        f"I cannot do this: {decision.reason}",
        fix="see what the tools can do (toollama tools list)",
        code="answer.impossible",
    )


def unanswered(part: Clause) -> str:
    """Return why a part of a request is left out, as it completes `not answered: PART: …`."""
    if part.unserved and part.unserved.missing:
        return f"that needs {part.unserved.missing}"
    return "no tool fits"


def _tools(specs: Sequence[ToolSpec]) -> str:
    ready = [spec for spec in specs if not spec.credentials]
    lines = [f"- {spec.name}: {spec.summary}" for spec in ready]
    waiting = [f"{spec.name} ({', '.join(spec.credentials)})" for spec in specs if spec.credentials]
    if waiting:
        lines.append(f"Not ready, for want of a credential: {', '.join(waiting)}")
    return "\n".join(["Ready tools:", *lines])
