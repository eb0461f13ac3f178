"""How the entries of a news feed are told. Pure."""

from collections.abc import Sequence
from dataclasses import asdict

from toollama.tools.base import ToolContext, ToolResult
from toollama.tools.citing import web_source
from toollama.tools.feeds.reading import Entry
from toollama.tools.language.sentences import fit


def told(
    entries: Sequence[Entry], *, of: int, feed: str, url: str, context: ToolContext
) -> ToolResult:
    """Return the entries as headlines with their days; `of` is how many the feed holds."""
    said = [
        fit(
            f"{entry.title}{_stop(entry.title)}" + (f" ({entry.published})" * bool(entry.published))
        )
        for entry in entries
    ]
    return ToolResult(
        statements=tuple(said),
        text="\n\n".join(_long_form(entry) for entry in entries),
        data={"feed": feed, "url": url, "entries": [asdict(entry) for entry in entries]},
        sources=tuple(
            web_source(f"{feed}: {entry.title}", entry.link or url, context) for entry in entries
        ),
        truncated=of > len(entries),
    )


def _stop(title: str) -> str:
    return "" if title.endswith((".", "!", "?", "…")) else "."


def _long_form(entry: Entry) -> str:
    dated = f"{entry.title} ({entry.published})" if entry.published else entry.title
    return "\n".join(filter(None, (dated, entry.link, entry.summary)))
