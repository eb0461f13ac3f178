"""An answer as a document: Markdown with its sources and limits, or plain text. Pure."""

import re
from collections.abc import Sequence

from toollama.agents.messages import CitedSource

_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^```.*$\n?", re.MULTILINE), ""),
    (re.compile(r"^#{1,6} +", re.MULTILINE), ""),
    (re.compile(r"^> ?", re.MULTILINE), ""),
    (re.compile(r"!?\[([^\]\n]+)\]\(([^)\n]+)\)"), r"\1 (\2)"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
)
_LIST_LINE = re.compile(r"^(?:[-*•]|\d+[.)]) ")


def markdown(text: str, *, sources: Sequence[CitedSource], limits: Sequence[str]) -> str:
    """Return the answer as Markdown: each statement a list item, then sources, then limits."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if len(lines) > 1 and not any(map(_is_markdown, lines)):
        lines = [f"- {line}" for line in lines]
        text = "\n".join(lines)
    parts = [text.strip()]
    if sources:
        listed = (f"{s.number}. {s.title}: {_linked(s.locator)}" for s in sources)
        parts.append("## Sources\n\n" + "\n".join(listed))
    if limits:
        parts.append("## Limits\n\n" + "\n".join(f"- {limit}" for limit in limits))
    return "\n\n".join(parts)


def plain(text: str) -> str:
    """Return the text without the marks of Markdown; links keep their address."""
    for pattern, replacement in _PLAIN:
        text = pattern.sub(replacement, text)
    return text.strip()


def _is_markdown(line: str) -> bool:
    return bool(_LIST_LINE.match(line)) or line.startswith(("#", ">", "|", "```"))


def _linked(locator: str) -> str:
    return f"<{locator}>" if locator.startswith(("http://", "https://")) else f"`{locator}`"
