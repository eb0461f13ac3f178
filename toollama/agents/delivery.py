"""What a request wants done with its answer: `… and save it as report.docx`.

Owns finding that order in the words, and the one write that follows the answer. The order is taken
off the request before it is planned: an answer exists before it can be saved.
"""

import re
from dataclasses import dataclass

from toollama.agents import calls, clauses
from toollama.agents.crew import belter
from toollama.agents.messages import Gap
from toollama.agents.run import Run
from toollama.errors import BudgetSpent
from toollama.text import one_line
from toollama.tools.base import ToolContext, ToolFailure
from toollama.tools.registry import Registry

_TOOL = "write_file"
_FILE = r"[^\s\"'“”`<>|]+\.(?:md|markdown|html?|docx|txt)\b"
_SAVES = re.compile(
    rf"^(?:please )?(?:save|write|export|store|put|output|keep)\b.*?\b(?:it|this|that|them|the "
    rf"(?:answer|result|summary|report|findings)|everything)\b.*?{_FILE}",
    re.IGNORECASE,
)
_ONE_PART = re.compile(
    rf"^(?:please )?(?:write|save|export|put) (?P<what>(?:an? |the |your )?(?:short |brief )?"
    rf"(?:summary|overview|review|report|list|digest)\b.*?)\s+(?:to|in|into|as) (?P<path>{_FILE})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file that is to hold the answer."""

    rest: str
    """The request without the order to save."""
    path: str
    overwrite: bool = False


def read(text: str, registry: Registry, context: ToolContext) -> Delivery | None:
    """Return what is to be saved where, or None where the request says nothing of it."""
    if match := _ONE_PART.match(text.strip()):
        return Delivery(rest=match["what"], path=match["path"])
    parts = clauses.split(text)
    if len(parts) < 2 or not _SAVES.match(parts[-1]):
        return None
    proposal = registry.get(_TOOL).propose(parts[-1], context)
    named = [found for found in proposal.get("path", ()) if found.certain]
    if not named or any(found.certain for found in proposal.get("text", ())):
        return None
    return Delivery(
        rest=". ".join(part.rstrip(" .") for part in parts[:-1]),
        path=str(named[0].value),
        overwrite=bool(proposal.get("overwrite")),
    )


async def deliver(run: Run, delivery: Delivery, document: str) -> tuple[str, Gap | None]:
    """Write the document and return what was done, or the gap where it could not be."""
    arguments = {"path": delivery.path, "text": document, "overwrite": delivery.overwrite}
    sources = {"path": "words", "text": "evidence", "overwrite": "words"}
    with run.bus.acting(belter("document", 0), doing=f"save {one_line(delivery.path, 80)}"):
        try:
            result, _ = await calls.call(run, _TOOL, arguments, argument_sources=sources)
        except BudgetSpent as spent:
            what = f"{one_line(delivery.path, 80)}: {spent.message}"
            return "", Gap(what=what, code=spent.code, fix=spent.fix, exit_code=spent.exit_code)
        except ToolFailure as failure:
            what = f"{one_line(delivery.path, 80)}: {one_line(failure.message, 400)}"
            code = failure.process_exit_code
            return "", Gap(what=what, code=failure.kind, fix=failure.fix, exit_code=code)
    return result.statements[0], None
