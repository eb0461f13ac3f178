"""What a run may spend, as `--budget`, `--timeout` and the two maxima say together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toollama.cli import spans

if TYPE_CHECKING:
    from toollama.agents.budget import Budget
    from toollama.agents.messages import Depth


def budget(
    words: Sequence[str],
    depth: "Depth",
    *,
    timeout: str | None = None,
    max_tool_calls: int | None = None,
    max_tokens: int | None = None,
) -> "Budget":
    """Return the limits of a run of this depth. Raises `InputError`.

    A word of `--budget` may be a length of time, such as `90s`, which limits the seconds.
    """
    from toollama.agents import budget as budgets

    limits = [_limit(part) for word in words for part in word.split(",")]
    if timeout is not None:
        limits.append(f"seconds={spans.seconds(timeout, '--timeout'):g}")
    if max_tool_calls is not None:
        limits.append(f"calls={max_tool_calls}")
    if max_tokens is not None:
        limits.append(f"tokens={max_tokens}")
    return budgets.parse(limits, budgets.DEPTH_BUDGETS[depth])


def _limit(word: str) -> str:
    return f"seconds={spans.seconds(word, '--budget'):g}" if spans.is_span(word) else word
