"""The source that a result from the web is cited by. Pure."""

from toollama.tools.base import Source, ToolContext

MAX_LOCATOR_CHARACTERS = 1_000


def web_source(title: str, url: str, context: ToolContext) -> Source:
    """Return the source of text that strangers wrote, read just now."""
    return Source(
        title=title,
        locator=url[:MAX_LOCATOR_CHARACTERS],
        retrieved_at=context.clock.now().isoformat(timespec="seconds"),
        untrusted=True,
    )
