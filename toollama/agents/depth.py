"""How thorough a request is served: what `--depth` changes but the budget. Pure."""

from dataclasses import dataclass

from toollama.agents.messages import Depth


@dataclass(frozen=True, slots=True)
class Thoroughness:
    """The limits of one depth."""

    tasks: int
    """Tasks of a plan; parts of the request beyond it are named as unanswered."""
    sources_per_task: int
    """Tools that are asked the same, where the words settle all their arguments."""
    statements: int
    """Statements of an answer that no model words."""
    answer_tokens: int
    """Longest wording of an answer from findings."""
    text_tokens: int
    """Longest wording of an answer about texts."""
    words_answer: bool
    """A model may word the answer; else the findings' own statements are the answer."""


DEPTHS: dict[Depth, Thoroughness] = {
    "basic": Thoroughness(
        tasks=2,
        sources_per_task=1,
        statements=2,
        answer_tokens=80,
        text_tokens=120,
        words_answer=False,
    ),
    "detailed": Thoroughness(
        tasks=6,
        sources_per_task=1,
        statements=6,
        answer_tokens=200,
        text_tokens=300,
        words_answer=True,
    ),
    "comprehensive": Thoroughness(
        tasks=6,
        sources_per_task=2,
        statements=12,
        answer_tokens=500,
        text_tokens=700,
        words_answer=True,
    ),
}
