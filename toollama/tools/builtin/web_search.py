"""Search the web: by the user's own SearXNG server where one is set, else by public engines.

A server of one's own is never passed over for the public ones when it fails: whoever runs one does
not want the words to go there. The engines are `tools.searching`'s.
"""

import re
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
from toollama.tools.citing import web_source
from toollama.tools.language.asks import compile_asks, proposed_query
from toollama.tools.language.sentences import fit
from toollama.tools.searching.engines import (
    SEARXNG_HOST,
    Hit,
    Period,
    PublicEngines,
    Question,
    SearchEngine,
    Searxng,
    Topic,
)

_SERVER = "SEARXNG_URL"
_PERIOD = re.compile(r"\b(?:past|last|this) (day|week|month|year)\b|\b(today)\b", re.IGNORECASE)
_END = r"(?=$|[?!;]| (?:on|in|from) the (?:web|internet|net)\b| online\b)"
_ASKS = compile_asks(
    r"\b(?:search|look|browse|check|scan) (?:the )?(?:web|internet|net|online)(?: for| about)?:?"
    r" (?P<query>.+?)(?=$|[?!;])",
    r"\b(?:web|internet|online|google|duckduckgo|searxng|ddg) search(?: for| about| on)?:?"
    r" (?P<query>.+?)(?=$|[?!;])",
    rf"\b(?:google|duckduckgo|ddg|searxng):? (?:for )?(?P<query>.+?){_END}",
)
_GUESSES = compile_asks(
    rf"\b(?:search|look up|find|look)(?: me)?(?: online)?(?: for)? (?P<query>.+?){_END}",
    rf"\b(?:what|which|where|who|how).*? (?:say|find|about|on) (?P<query>.+?){_END}",
)


class WebSearchArguments(Arguments):
    """What to search for."""

    query: Annotated[str, Field(min_length=1, max_length=400)]
    """The words to search for."""
    topic: Topic = "text"
    """Web pages, or news."""
    period: Period | None = None
    """Only pages of the last day, week, month or year."""
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    """How many pages."""


class WebSearch(Tool[WebSearchArguments, tuple[Hit, ...]]):
    """Searches the web."""

    spec = ToolSpec(
        name="web_search",
        summary="Search the web for pages about anything and list titles, links and excerpts.",
        utterances=(
            "search the web for sourdough hydration tips",
            "google best hiking boots 2026",
            "look online for a replacement filter for a Bosch dishwasher",
            "web search rust async runtimes comparison",
            "find websites about restoring vintage radios",
            "search the internet for the opening hours of the Vigeland museum",
            "duckduckgo cheap flights to Lisbon",
            "look it up on the web: how to descale a kettle",
            "internet search for grants for small theatres",
            "find me links about passive house design",
            "can you search online for the manual of a Canon AE-1",
            "what does the web say about the new EU battery rules",
            "search: python 3.14 release notes",
            "find pages that mention the llama herd project",
            "look for recent blog posts about local language models",
            "serach the web for noise cancelling headphones",
            "any websites on learning sign language",
            "check the internet for reviews of the Fairphone 6",
            "online search cheap 3d printer filament",
            "get me the top results for home composting",
            "which sites explain the tax rules for freelancers",
            "find the official site of the Louvre",
            "news search on the web about the strike this week",
            "searxng open source crm",
            "look around the internet for a gluten free pizza recipe",
            "see what you find on the internet about balcony solar",
        ),
        parameters=WebSearchArguments,
        packs=("drummer.search", "belter.research"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(SEARXNG_HOST,),
        optional_credentials=(_SERVER,),
        provider="web_search",
        rates=(Rate(1, 2.0), Rate(20, 60.0)),
        cache_ttl_s=3_600.0,
        homepage="https://docs.searxng.org/",
        deadline_s=30.0,
    )

    def __init__(self, public: SearchEngine | None = None) -> None:
        self._public = public or PublicEngines()

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the words after `search the web for`, the period, and whether news are meant."""
        proposal = proposed_query(text, _ASKS, guesses=_GUESSES)
        if match := _PERIOD.search(text):
            period = (match[1] or "day").lower()
            proposal["period"] = [Candidate(period, "words")]
        if re.search(r"\bnews (?:search|on the web|about)\b", text, re.IGNORECASE):
            proposal["topic"] = [Candidate("news", "words")]
        return proposal

    async def execute(self, args: WebSearchArguments, context: ToolContext) -> tuple[Hit, ...]:
        """Ask the one engine that is the user's choice."""
        own = context.credentials.get(_SERVER, host=SEARXNG_HOST)
        engine: SearchEngine = Searxng() if own else self._public
        question = Question(
            query=args.query, topic=args.topic, period=args.period, limit=args.limit
        )
        return await engine.search(question, context)

    def format(
        self, args: WebSearchArguments, raw: tuple[Hit, ...], context: ToolContext
    ) -> ToolResult:
        """State each page with its excerpt."""
        hits = [hit for hit in raw if hit.url.startswith(("http://", "https://"))]
        if not hits:
            said = f'The search found no page for "{args.query}".'
            return ToolResult((fit(said),), status="empty")
        return ToolResult(
            statements=tuple(fit(_sentence(hit)) for hit in hits),
            text="\n\n".join(_long_form(hit) for hit in hits),
            data=[{"title": hit.title, "url": hit.url, "excerpt": hit.excerpt} for hit in hits],
            sources=tuple(web_source(hit.title or hit.url, hit.url, context) for hit in hits),
        )


def _sentence(hit: Hit) -> str:
    title = hit.title or hit.url
    dated = f"{title} ({hit.published})" if hit.published else title
    return f"{dated}: {' '.join(hit.excerpt.split())}" if hit.excerpt else f"{dated}."


def _long_form(hit: Hit) -> str:
    return "\n".join(filter(None, (hit.title, hit.url, hit.excerpt)))


TOOL = WebSearch()
