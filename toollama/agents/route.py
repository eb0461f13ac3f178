"""Choose the way a request takes down the hierarchy: by rules and the index, without a model.

Evidence, strongest first: a tool whose parser reads every argument out of the words; the lexical
index over sample utterances; what kind of thing is attached. Where nothing is confident, the
request goes to a model or to the user, never to a guessed tool.
"""

import re
from collections.abc import Sequence

from toollama.agents import clauses
from toollama.agents.in_english import in_english
from toollama.agents.matching import (
    CLEAR_MARGIN,
    CONFIDENT,
    Matcher,
    Reading,
    confident,
    read,
)
from toollama.agents.messages import Clause, Request, RouteDecision, RouteKind, ScoredTool
from toollama.tools.base import ToolContext, ToolSpec
from toollama.tools.registry import Registry

__all__ = ["CONFIDENT", "Reading", "Router", "clear", "confident", "foreign", "group", "read"]

_NEAR = 0.25
"""Below this score a part has next to nothing in common with any tool."""
_TEXT_TASK = re.compile(
    r"\b(?:summari[sz]e|summary|tl;?dr|review|explain|describe|key points?|main points?|gist|"
    r"translate|rewrite|proofread|shorten|bullet points?|title for|about)\b",
    re.IGNORECASE,
)
_RECENT = "recent facts, which no tool here has and no model can know"
_READ_IT = ScoredTool(tool="read_file", score=1.0, why="a text is attached")


class Router:
    """Routes requests over one registry of tools."""

    def __init__(self, registry: Registry, context: ToolContext) -> None:
        self._matcher = Matcher(registry, context)
        self._context = context

    def spec(self, tool: str) -> ToolSpec:
        """Return the spec of a tool that this router may choose."""
        return self._matcher.registry.get(tool).spec

    def route(self, request: Request, *, previous: RouteDecision | None = None) -> RouteDecision:
        """Return the way for a request, with the candidates of every part.

        After `previous`, a request that names no tool of its own, such as `and in Paris?`, is for
        the tool that served the last one.
        """
        if request.direct or not request.use_tools:
            reason = "asked for one model" if request.direct else "asked for no tools"
            return RouteDecision(
                kind=RouteKind.ANSWER, clauses=(Clause(text=request.text),), reason=reason
            )
        english = in_english(request.text)
        if english != request.text:
            decision = self._chosen(request.model_copy(update={"text": english}), previous)
            if any(map(confident, decision.clauses)):
                return decision
        return self._chosen(request, previous)

    def _chosen(self, request: Request, previous: RouteDecision | None) -> RouteDecision:
        expected = _served(previous) if previous and clauses.continues(request.text) else ()
        parts = self._clauses(request.text, expected)
        groups = group(parts)
        if self._is_text_task(request, parts):
            return RouteDecision(
                kind=RouteKind.SINGLE_BELTER,
                clauses=(Clause(text=request.text, candidates=(_READ_IT,)),),
                reason="it is about the text given",
            )
        if not any(confident(part) for part in parts):
            return self._without_tools(request.text, parts)
        margin = min(_margin(part) for part in parts if part.candidates)
        if len(groups) > 1:
            return RouteDecision(kind=RouteKind.PLAN, clauses=parts, margin=margin)
        kind = RouteKind.SINGLE_TOOL if len(groups[0]) == 1 else RouteKind.SINGLE_BELTER
        return RouteDecision(kind=kind, clauses=parts, margin=margin)

    def _clauses(self, text: str, expected: Sequence[str]) -> tuple[Clause, ...]:
        """Return the parts; a statement that the next question needs is one part with it."""
        found: list[Clause] = []
        told, file = "", ""
        for said in clauses.split(text):
            part = clauses.with_file(said, file)
            file = clauses.file_named(part) or file
            apart = self._apart(part)
            if not apart and clauses.tells(part):
                told = f"{told} {part}".strip()
                continue
            matched = apart or [self._matcher.match(part, context=told, expected=expected)]
            if told and matched[0].text in (part, *clauses.pieces(part)):
                found.append(Clause(text=told))
            told = ""
            found += matched
        if told:
            found.append(Clause(text=told) if found else self._matcher.match(told))
        return tuple(found)

    def _apart(self, part: str) -> list[Clause]:
        """Return the pieces of a part without verbs, where each of them is a request of its own.

        The shortest is looked at first: it is the likeliest not to be one, and costs least.
        """
        pieces = clauses.pieces(part)
        if pieces == [part]:
            return []
        matched: dict[str, Clause] = {}
        for piece in sorted(pieces, key=len):
            found = self._matcher.match_settled(piece)
            if found is None:
                return []
            matched[piece] = found
        return [matched[piece] for piece in pieces]

    def _without_tools(self, text: str, parts: tuple[Clause, ...]) -> RouteDecision:
        """Return the way of a request that no tool fits: what is known for certain needs no model.

        `how many steps does the tower have, by lighthouse.txt` is like what no tool does, but the
        text may tell it.
        """
        unserved = [part.unserved for part in parts]
        lacking = next((each for each in unserved if each and each.kind == "missing"), None)
        if lacking and not self._names_a_text(text):
            return RouteDecision(
                kind=RouteKind.REFUSE, clauses=parts, reason=f"that needs {lacking.missing}"
            )
        of_lately = any(not part.unserved and clauses.asks_of_lately(part.text) for part in parts)
        if of_lately and not self._names_a_text(text):
            return RouteDecision(
                kind=RouteKind.REFUSE, clauses=parts, reason=f"that needs {_RECENT}"
            )
        if all(each and each.kind == "reply" for each in unserved):
            return RouteDecision(
                kind=RouteKind.REPLY, clauses=parts, reason="small talk needs no tool"
            )
        return RouteDecision(kind=RouteKind.ANSWER, clauses=parts, reason="no tool fits the words")

    def _names_a_text(self, text: str) -> bool:
        """Return whether the words name a file that can be read."""
        if "read_file" not in self._matcher.registry:
            return False
        reader = self._matcher.registry.get("read_file")
        paths = reader.propose(text, self._context).get("path", ())
        return any(path.certain for path in paths)

    def _is_text_task(self, request: Request, parts: Sequence[Clause]) -> bool:
        if not request.attachments:
            return False
        if any(part.candidates and part.candidates[0].complete for part in parts):
            return False
        return bool(_TEXT_TASK.search(request.text)) or not any(map(confident, parts))


def _served(previous: RouteDecision) -> tuple[str, ...]:
    """Return the tools that the last request was for, the last first."""
    return tuple(part.candidates[0].tool for part in reversed(previous.clauses) if confident(part))


def clear(part: Clause) -> bool:
    """Return whether the best tool is well ahead of the second."""
    return confident(part) and _margin(part) >= CLEAR_MARGIN


def foreign(part: Clause) -> bool:
    """Return whether a part asks for something of its own that no tool comes near."""
    if part.unserved and part.unserved.kind != "reply":
        return True
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
        if foreign(part) or part.unserved:
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
