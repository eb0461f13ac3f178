"""Get the texts a request is about: what was attached, or the files its words name."""

from collections.abc import Sequence
from typing import Any

from toollama.agents import calls
from toollama.agents.messages import Finding
from toollama.agents.run import Run
from toollama.tools.base import ToolResult

_MAX_FINDINGS = 8
_MAX_NAMED_FILES = 4
_MAX_CHARACTERS = 1_000_000


async def read_texts(run: Run, ask: str) -> list[Finding]:
    """Read every file given, or those named in the ask where none was given, as evidence.

    Pages and lines that the ask names are kept to. Raises `ToolFailure`.
    """
    given = [str(attached.path) for attached in run.request.attachments if attached.path]
    if not given and "read_file" not in run.registry:  # the user allowed other tools alone
        return []
    proposal = run.registry.get("read_file").propose(ask, run.tools)
    part = {name: proposal[name][0].value for name in ("pages", "lines") if proposal.get(name)}
    at_hand = {attached.name for attached in run.request.attachments if attached.text is not None}
    named = [
        str(candidate.value)
        for candidate in proposal.get("path", ())
        if candidate.source == "words" and candidate.value not in at_hand
    ]
    findings: list[Finding] = []
    for path in given or named[:_MAX_NAMED_FILES]:
        arguments: dict[str, Any] = {"path": path, "max_characters": _MAX_CHARACTERS, **part}
        result, evidence = await calls.call(
            run, "read_file", arguments, argument_sources=dict.fromkeys(arguments, "words")
        )
        findings += to_findings(result, evidence)
    return findings


def to_findings(result: ToolResult, evidence: Sequence[str]) -> list[Finding]:
    """Return a result's statements as findings; the first carries the bare answer."""
    return [
        Finding(
            statement=statement,
            evidence=tuple(evidence),
            answer=result.answer if at == 0 else "",
            empty=result.status == "empty",
        )
        for at, statement in enumerate(result.statements[:_MAX_FINDINGS])
    ]
