"""Read a web page through scrapestack, whose browsers run its JavaScript.

Documented at https://scrapestack.com/documentation. The address goes to that company, the free
plan is about 100 pages a month, and sites may forbid it, so the tool is off until it is enabled.
Not yet run against the real service.
"""

from typing import Annotated

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.language.web_addresses import host_of, url_candidates, web_url
from toollama.tools.reading.fetched_pages import ACCEPT, MAX_BYTES, Page, read, told

_HOST = "api.scrapestack.com"
_KEY = "SCRAPESTACK_API_KEY"
_MONTH_S = 30 * 86_400.0


class ScrapestackArguments(Arguments):
    """Which page, and how."""

    url: Annotated[str, Field(min_length=4, max_length=2000)]
    """The address of the page."""
    render_js: bool = False
    """Run the page's JavaScript first."""


class Scrapestack(Tool[ScrapestackArguments, Page]):
    """Reads one page through a proxy."""

    spec = ToolSpec(
        name="scrapestack",
        summary="Read a web page through scrapestack, which can run its JavaScript.",
        utterances=(
            "scrapestack https://example.org",
            "read example.com through scrapestack",
            "use scrapestack to fetch https://example.net/app",
            "scrape example.com/list with scrapestack",
            "render the javascript of https://example.org/spa with scrapestack",
            "get https://example.com via scrapestack",
            "scrapestack: example.net",
            "fetch this page with the scrapestack proxy https://example.org/x",
            "have scrapestack load example.com/dashboard",
            "scrapestack the url https://example.com/shop",
            "open example.net by scrapestack and run its scripts",
            "text of https://example.org/react-app using scrapestack",
            "let scrapestack render example.com",
            "try scrapestack for https://example.net, the normal reader finds no text",
            "scrape with scrapestack: example.org/table",
            "pull https://example.com/catalog through scrapestack please",
            "scrapestack read of example.org/page",
            "scrapstack https://example.com",
            "page content of example.net via the scrapestack api",
            "ask scrapestack for https://example.org/dynamic",
            "javascript page https://example.com/feed, load it in scrapestack",
        ),
        parameters=ScrapestackArguments,
        packs=("drummer.search",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        credentials=(_KEY,),
        provider="scrapestack",
        rates=(Rate(100, _MONTH_S),),
        cache_ttl_s=86_400.0,
        off="every address goes to a company, which fetches it for you; read_page needs nobody",
        homepage="https://scrapestack.com/documentation",
        deadline_s=60.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the URL, and JavaScript where it is named."""
        proposal: dict[str, list[Candidate]] = {}
        if urls := url_candidates(text):
            proposal["url"] = urls
        if any(word in text.lower() for word in ("javascript", "render", "scripts")):
            proposal["render_js"] = [Candidate(value=True, source="words", certain=True)]
        return proposal

    async def execute(self, args: ScrapestackArguments, context: ToolContext) -> Page:
        """Have the page fetched and find its main text."""
        url = web_url(args.url)
        key = context.credentials.get(_KEY, host=_HOST) or ""
        reply = await context.http.request(
            "GET",
            f"https://{_HOST}/scrape",
            params={"access_key": key, "url": url, "render_js": int(args.render_js)},
            accept=ACCEPT,
            secrets=[key],
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
            max_bytes=MAX_BYTES,
        )
        return await read(reply, url=url, host=host_of(url) or _HOST)

    def format(self, args: ScrapestackArguments, raw: Page, context: ToolContext) -> ToolResult:
        """State the title and the first sentences."""
        return told(raw, context=context)


TOOL = Scrapestack()
