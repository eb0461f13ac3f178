"""How well each tool fits one part of a request, by two independent witnesses.

The lexical index says what the words are like; the tool's own parser says which arguments it reads
out of them. A part that is more like something no tool does (`intents`) fits none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from toollama.agents import clauses
from toollama.agents.intents import INTENTS, Intent
from toollama.agents.messages import Clause, ScoredTool, Unserved
from toollama.tools.base import Proposal, ToolContext, ToolSpec
from toollama.tools.index import Hit, ToolIndex
from toollama.tools.registry import Registry

CONFIDENT = 0.5
"""Blended score from which a tool, or a known kind of other request, is taken to fit."""
CLEAR_MARGIN = 0.08
"""How far ahead of the second a tool must be to be called without a choice."""
_TRUSTED = 0.4
"""Lexical score from which what a parser reads counts in full."""
_FLOOR = 0.2
"""Below this lexical score a parser that reads every argument has read them by chance."""
_READ_BONUS = 0.35
_PARTLY_READ_BONUS = 0.15
_UNLIKE_WEIGHT = 1.0
"""What it counts against a tool that the part is more like what no tool does."""
_UNLIKE_BONUS_SHARE = 0.5
"""What of a parser's bonus is left then: an address can be read out of any mail."""
_STORY_CHARACTERS = 120
_PARSED_OF_A_STORY = 1
"""A parser takes longer over a long text, and hardly ever reads all of it."""
_PARSED_FROM = _FLOOR
_MOST_HITS = 12
"""What is less like the words than so many others is not meant."""
_MOST_CANDIDATES = 8
_MOST_PARSED = 3


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


class Matcher:
    """Finds the candidates of one part of a request over one registry of tools."""

    def __init__(self, registry: Registry, context: ToolContext) -> None:
        self.registry = registry
        self._context = context
        self._intents: dict[str, Intent] = {intent.name: intent for intent in INTENTS}
        self._index = ToolIndex([*registry.specs(), *INTENTS])

    def match(self, part: str, *, context: str = "", expected: Sequence[str] = ()) -> Clause:
        """Return the part with its candidates, best first.

        `context` is what was told before the question. It becomes part of it where the question
        alone leaves arguments open; a tool may then be like the question or like all of it.
        `expected` are the tools of a conversation that the part goes on with. The first that its
        own words do not speak against is taken to be meant.
        """
        hits = self._index.search(part, limit=_MOST_HITS)
        story = len(context) + len(part) > _STORY_CHARACTERS
        parsers = _PARSED_OF_A_STORY if story else _MOST_PARSED
        alone = self._clause(part, hits, expected, parsers)
        if not context or settled(alone):
            return alone
        whole = f"{context} {part}"
        hits = _best_of(hits, self._index.search(whole, limit=_MOST_HITS))
        return self._clause(whole, hits, expected, parsers)

    def match_settled(self, part: str) -> Clause | None:
        """Return what `match` does where the part's words name a tool and all its arguments."""
        hits = self._index.search(part, limit=_MOST_HITS)
        likest = next((hit.score for hit in hits if hit.tool not in self._intents), 0.0)
        if round(_at_most(likest), 4) < CONFIDENT:
            return None
        story = len(part) > _STORY_CHARACTERS
        clause = self._clause(part, hits, (), _PARSED_OF_A_STORY if story else _MOST_PARSED)
        return clause if settled(clause) else None

    def _clause(
        self, part: str, hits: Sequence[Hit], expected: Sequence[str], parsers: int
    ) -> Clause:
        tools = [hit for hit in hits if hit.tool not in self._intents]
        other = next((hit for hit in hits if hit.tool in self._intents), None)
        best = self._scored(part, tools, other.score if other else 0.0, parsers)
        expected = [tool for tool in expected if tool in self.registry]
        if expected:
            lexical = {hit.tool: hit.score for hit in tools}
            known = self._index.knows(part)
            meant = [tool for tool in expected if not known or lexical.get(tool, 0.0) >= _FLOOR]
            best = self._with_first(part, best, meant[0]) if meant else best
        return Clause(
            text=part,
            candidates=tuple(best),
            follows=clauses.follows(part),
            unserved=self._unserved(other, best[0] if best else None),
        )

    def _scored(
        self, part: str, hits: Sequence[Hit], other: float, parsers: int
    ) -> list[ScoredTool]:
        """Return the tools best first; `other` is how like the part is what no tool does.

        Of the first `parsers`, one is run only where it could bring its tool close to the top.
        """
        scored: list[tuple[float, Hit, bool]] = []
        leading, parsed = 0.0, 0
        for hit in hits:
            could_lead = _at_most(hit.score) >= leading - CLEAR_MARGIN
            parse = hit.score >= _PARSED_FROM and could_lead and parsed < parsers
            parsed += parse
            reading = self._read(hit.tool, part) if parse else None
            strength = hit.score + _bonus(reading, hit.score)
            leading = max(leading, strength)
            if other > hit.score:
                unlike = _UNLIKE_WEIGHT * (other - hit.score)
                strength = hit.score + _UNLIKE_BONUS_SHARE * (strength - hit.score) - unlike
            complete = bool(reading and reading.complete and hit.score >= _FLOOR)
            scored.append((strength, hit, complete))
        scored.sort(key=lambda each: (-each[0], each[1].tool))
        return [_scored_tool(*each) for each in scored[:_MOST_CANDIDATES]]

    def _read(self, tool: str, part: str) -> Reading:
        found = self.registry.get(tool)
        return read(found.spec, found.propose(part, self._context))

    def _with_first(self, part: str, best: Sequence[ScoredTool], tool: str) -> list[ScoredTool]:
        """Put the tool of the last request before all others."""
        first = ScoredTool(
            tool=tool,
            score=max([1.0, *(other.score for other in best)]),
            why="goes on from the last request",
            complete=self._read(tool, part).complete,
        )
        return [first, *(other for other in best if other.tool != tool)]

    def _unserved(self, hit: Hit | None, best: ScoredTool | None) -> Unserved | None:
        score = best.score if best else 0.0
        read_whole = best is not None and best.complete and score >= CONFIDENT
        if hit is None or read_whole or hit.score < max(CONFIDENT, score):
            return None
        intent = self._intents[hit.tool]
        return Unserved(
            name=intent.name,
            kind=intent.kind,
            score=hit.score,
            why=f"like “{hit.nearest}”",
            missing=intent.missing,
        )


def _scored_tool(strength: float, hit: Hit, complete: bool) -> ScoredTool:  # noqa: FBT001
    why = f"like “{hit.nearest}”"
    return ScoredTool(
        tool=hit.tool,
        score=round(max(strength, 0.0), 4),
        why=f"every argument was read; {why}" if complete else why,
        complete=complete,
    )


def confident(part: Clause) -> bool:
    """Return whether the part's best tool may be called without asking anybody."""
    fits = bool(part.candidates) and part.candidates[0].score >= CONFIDENT
    return fits and part.unserved is None


def settled(part: Clause) -> bool:
    """Return whether a part's own words name a tool and all its arguments."""
    return confident(part) and part.candidates[0].complete


def _best_of(some: Sequence[Hit], others: Sequence[Hit]) -> list[Hit]:
    """Return every tool once, with the better of its hits, best first."""
    best: dict[str, Hit] = {}
    for hit in sorted((*some, *others), key=lambda hit: (-hit.score, hit.tool)):
        best.setdefault(hit.tool, hit)
    return list(best.values())


def _bonus(reading: Reading | None, lexical: float) -> float:
    """Return what a parser's reading adds; on words unlike the tool's it counts for less."""
    if reading is None or not any(reading.proposal.values()):
        return 0.0
    return _weighed(_READ_BONUS if reading.complete else _PARTLY_READ_BONUS, lexical)


def _at_most(lexical: float) -> float:
    """Return the strength of a tool whose parser reads every argument."""
    return lexical + _weighed(_READ_BONUS, lexical)


def _weighed(bonus: float, lexical: float) -> float:
    return bonus * min(1.0, lexical / _TRUSTED)
