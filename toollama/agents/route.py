"""Choose the way a request takes down the hierarchy: by rules and the index, without a model.

Evidence, strongest first: a tool whose parser reads every argument out of the words; the lexical
index over sample utterances; what kind of thing is attached. Where nothing is confident, the
request goes to a model or to the user, never to a guessed tool.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toollama.agents import clauses
from toollama.agents.messages import Clause, Request, RouteDecision, RouteKind, ScoredTool
from toollama.tools.base import Proposal, ToolContext, ToolSpec
from toollama.tools.index import Hit, ToolIndex
from toollama.tools.registry import Registry

CONFIDENT = 0.5
"""Blended lexical score from which a tool is taken to fit."""
_FLOOR = 0.2
"""Below this lexical score a parser that reads every argument has read them by chance."""
_CLEAR_MARGIN = 0.08
_NEAR = 0.25
"""Below this score a part has next to nothing in common with any tool."""
_READ_BONUS = 0.35
_PARTLY_READ_BONUS = 0.15
_TEXT_TASK = re.compile(
    r"\b(?:summari[sz]e|summary|tl;?dr|review|explain|describe|key points?|main points?|gist|"
    r"translate|rewrite|proofread|shorten|bullet points?|title for|about)\b",
    re.IGNORECASE,
)
_READ_IT = ScoredTool(tool="read_file", score=1.0, why="a text is attached")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the parsers make of one part of a request for one tool."""

    tool: str
    proposal: Proposal
    complete: bool
    """Every required argument, and every other that the words speak of, has a certain value."""


def read(spec: ToolSpec, proposal: Proposal) -> Reading:
    """Judge a proposal against the tool's required parameters."""
    required = {name for name, field in spec.parameters.model_fields.items() if field.is_required()}
    certain = {
        name
        for name, candidates in proposal.items()
        if candidates and candidates[0].certain and candidates[0].source == "words"
    }
    spoken_of = {name for name, candidates in proposal.items() if candidates}
    known = {name for name in spoken_of if proposal[name][0].certain}
    return Reading(spec.name, proposal, bool(certain) and required <= known == spoken_of)


class Router:
    """Routes requests over one registry of tools."""

    def __init__(self, registry: Registry, context: ToolContext) -> None:
        self._registry = registry
        self._context = context
        self._index = ToolIndex(registry.specs())

    def route(self, request: Request) -> RouteDecision:
        """Return the way for a request, with the candidates of every part."""
        if request.direct or not request.use_tools:
            reason = "asked for one model" if request.direct else "asked for no tools"
            return RouteDecision(
                kind=RouteKind.ANSWER, clauses=(Clause(text=request.text),), reason=reason
            )
        parts = tuple(self._clause(part) for part in clauses.split(request.text))
        groups = group(parts)
        if self._is_text_task(request, parts):
            return RouteDecision(
                kind=RouteKind.SINGLE_BELTER,
                clauses=(Clause(text=request.text, candidates=(_READ_IT,)),),
                reason="it is about the text given",
            )
        if not any(confident(part) for part in parts):
            return RouteDecision(
                kind=RouteKind.ANSWER, clauses=parts, reason="no tool fits the words"
            )
        margin = min(_margin(part) for part in parts if part.candidates)
        if len(groups) > 1:
            return RouteDecision(kind=RouteKind.PLAN, clauses=parts, margin=margin)
        kind = RouteKind.SINGLE_TOOL if len(groups[0]) == 1 else RouteKind.SINGLE_BELTER
        return RouteDecision(kind=kind, clauses=parts, margin=margin)

    def _clause(self, part: str) -> Clause:
        hits = {hit.tool: hit for hit in self._index.search(part, limit=10_000)}
        scored = []
        for spec in self._registry.specs():
            reading = read(spec, self._registry.get(spec.name).propose(part, self._context))
            scored.append(_score(spec.name, hits.get(spec.name), reading))
        best = sorted((s for s in scored if s.score > 0), key=lambda s: (-s.score, s.tool))
        return Clause(text=part, candidates=tuple(best[:8]), follows=clauses.follows(part))

    def _is_text_task(self, request: Request, parts: Sequence[Clause]) -> bool:
        if not request.attachments:
            return False
        if any(part.candidates and part.candidates[0].complete for part in parts):
            return False
        return bool(_TEXT_TASK.search(request.text)) or not any(map(confident, parts))


def _score(tool: str, hit: Hit | None, reading: Reading) -> ScoredTool:
    """Blend what the index and the tool's own parser say."""
    lexical = hit.score if hit else 0.0
    complete = reading.complete and lexical >= _FLOOR
    why = [f"like “{hit.nearest}”"] if hit else []
    if complete:
        why.insert(0, "every argument was read")
    bonus = 0.0
    if reading.complete:
        bonus = _READ_BONUS
    elif reading.proposal:
        bonus = _PARTLY_READ_BONUS
    score = round(lexical + bonus, 4) if lexical else 0.0
    return ScoredTool(tool=tool, score=score, why="; ".join(why), complete=complete)


def confident(part: Clause) -> bool:
    """Return whether the part's best tool may be called without asking anybody."""
    return bool(part.candidates) and part.candidates[0].score >= CONFIDENT


def clear(part: Clause) -> bool:
    """Return whether the best tool is well ahead of the second."""
    return confident(part) and _margin(part) >= _CLEAR_MARGIN


def foreign(part: Clause) -> bool:
    """Return whether a part asks for something of its own that no tool comes near."""
    best = part.candidates[0].score if part.candidates else 0.0
    return best < _NEAR and clauses.asks(part.text) and not part.follows


def _margin(part: Clause) -> float:
    if len(part.candidates) < 2:
        return part.candidates[0].score if part.candidates else 0.0
    return round(part.candidates[0].score - part.candidates[1].score, 4)


def group(parts: Sequence[Clause]) -> list[tuple[Clause, ...]]:
    """Put each part that only points back, or names no tool, with the part before it.

    An opening that asks for nothing, such as `Hello!`, is left out unless what follows points to
    it. A part that no tool comes near is left out too; the plan names it as unanswered.
    """
    opening: list[Clause] = []
    groups: list[list[Clause]] = []
    for part in parts:
        if foreign(part):
            continue
        if not groups and not confident(part) and not clauses.asks(part.text):
            opening.append(part)
        elif groups and (_goes_on(part, groups[-1][0]) or not confident(part)):
            groups[-1].append(part)
        else:
            groups.append([part])
    if opening and (not groups or groups[0][0].follows):
        groups[:1] = [opening + (groups[0] if groups else [])]
    return [tuple(parts) for parts in groups]


def _goes_on(part: Clause, head: Clause) -> bool:
    """Return whether the part asks the same tool for more about the same.

    A part with a figure of its own, such as `multiply it by 3`, is a step of its own.
    """
    return (
        part.follows
        and not any(map(str.isdigit, part.text))
        and bool(part.candidates and head.candidates)
        and (part.candidates[0].tool == head.candidates[0].tool or clauses.is_bare(part.text))
    )
