"""Read a web page that the user names: its title and its main text, without navigation and ads.

Extraction is trafilatura's. The address may lie on any public host; the door refuses private ones,
and the policy asks where the address does not come from the user. JavaScript is not run.
"""

from typing import Annotated

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Proposal,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.hosts import ANY_HOST
from toollama.tools.language.web_addresses import host_of, url_candidates, web_url
from toollama.tools.reading.fetched_pages import ACCEPT, MAX_BYTES, Page, read, told


class ReadPageArguments(Arguments):
    """Which page."""

    url: Annotated[str, Field(min_length=4, max_length=2000)]
    """The address of the page."""


class ReadPage(Tool[ReadPageArguments, Page]):
    """Reads one page."""

    spec = ToolSpec(
        name="read_page",
        summary="Open a web page at a given address and read its text.",
        utterances=(
            "read https://example.org/article",
            "summarise the page https://example.com/post",
            "what does example.com/about say",
            "open https://example.net and tell me what it is about",
            "get the text of this page: https://example.org/guide",
            "fetch example.com/docs",
            "read this article for me https://example.com/2026/11/story",
            "what is on the website example.org",
            "extract the main text from https://example.net/long-read",
            "visit example.com and list its key points",
            "tl;dr https://example.org/blog/entry",
            "can you look at this link https://example.com/x",
            "what's written at example.net/terms",
            "quote the first paragraph of https://example.org",
            "summarize this url: example.com/report.html",
            "load the web page example.org/faq",
            "browse to https://example.com/pricing and read it",
            "what is the title of the page https://example.net",
            "does https://example.org/help mention refunds",
            "read the page at example.com please",
            "scrape the text of https://example.org/list",
            "reed this webpage https://example.com/news/1",
            "give me the content of example.net/post/3 as text",
        ),
        parameters=ReadPageArguments,
        packs=("drummer.search", "drummer.content", "belter.research", "belter.document"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(ANY_HOST,),
        provider="web",
        cache_ttl_s=3_600.0,
        fallbacks=("wayback_snapshots",),
        homepage="https://trafilatura.readthedocs.io/",
        deadline_s=30.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the URLs of the request."""
        urls = url_candidates(text)
        return {"url": urls} if urls else {}

    async def execute(self, args: ReadPageArguments, context: ToolContext) -> Page:
        """Fetch the page and find its main text."""
        url = web_url(args.url)
        reply = await context.http.request(
            "GET",
            url,
            accept=ACCEPT,
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
            max_bytes=MAX_BYTES,
        )
        return await read(reply, url=url, host=host_of(url) or "the address")

    def format(self, args: ReadPageArguments, raw: Page, context: ToolContext) -> ToolResult:
        """State the title and the first sentences."""
        return told(raw, context=context)


TOOL = ReadPage()
