"""A page fetched from the web: its bytes as a title and readable text, and how they are told."""

import asyncio
import re
from dataclasses import dataclass

from toollama.tools.base import HttpReply, ToolContext, ToolFailure, ToolResult
from toollama.tools.charset import media_type, text_of
from toollama.tools.citing import web_source
from toollama.tools.language.sentences import fit, sentences
from toollama.tools.reading.web_pages import title_and_text

ACCEPT = "text/html, application/xhtml+xml, text/plain;q=0.9, text/markdown;q=0.9"
MAX_BYTES = 5_000_000
_TEXT_CHARACTERS = 200_000
_SNIFFED_BYTES = 8_192
_STATEMENTS = 4
_TEXT_TYPE = re.compile(r"text/|application/(?:xhtml\+xml|xml|json)$")
_HTML_OPENING = re.compile(r"\s*<(?:!doctype html|html)\b", re.IGNORECASE)
_MARKDOWN_MARK = re.compile(
    r"^(?:#+|[-*>]|\d+\.|\|)\s*|[*_`]{1,3}|\[([^\]]*)\]\([^)]*\)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader sees of a page."""

    url: str
    title: str
    text: str


async def read(reply: HttpReply, *, url: str, host: str) -> Page:
    """Return the page. Raises `ToolFailure(kind="upstream")` for what is no text.

    Extraction is slow on long pages, so it runs in a thread.
    """
    sent = media_type(reply) or "text/html"
    if not _TEXT_TYPE.match(sent) or b"\0" in reply.body[:_SNIFFED_BYTES]:
        raise ToolFailure(
            f"{host} sent {sent[:60]}, which is no page of text",
            kind="upstream",
            fix="download it, and give the file",
        )
    source = text_of(reply)
    if not source.strip():
        return Page(url, "", "")
    if "html" not in sent and not _HTML_OPENING.match(source):
        return Page(url, "", source[:_TEXT_CHARACTERS].strip())
    title, text = await asyncio.to_thread(title_and_text, source)
    return Page(url, title, text[:_TEXT_CHARACTERS].strip())


def told(page: Page, *, context: ToolContext) -> ToolResult:
    """Return the first sentences as statements and the whole as text."""
    if not page.text:
        said = f"{page.url} has no text to read without a browser."
        return ToolResult((fit(said),), status="empty")
    prose = " ".join(_paragraphs(page.text)) or page.text
    opening = sentences(prose[:4_000])[:_STATEMENTS]
    titled = [fit(f"{page.url} is titled “{page.title}”.")] if page.title else []
    return ToolResult(
        statements=(*titled, *(fit(sentence) for sentence in opening)),
        text=page.text,
        data={"url": page.url, "title": page.title, "text": page.text},
        sources=(web_source(page.title or page.url, page.url, context),),
        truncated=len(page.text) >= _TEXT_CHARACTERS,
    )


def _paragraphs(markdown: str) -> list[str]:
    """Return the lines that are prose, without Markdown's marks."""
    plain = (
        _MARKDOWN_MARK.sub(r"\1", line).strip()
        for line in markdown.splitlines()
        if not line.lstrip().startswith(("#", "|"))
    )
    return [line for line in plain if len(line.split()) > 5]
