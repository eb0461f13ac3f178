"""The tool `reddit_search`: posts on Reddit that hold some words."""

from typing import Literal

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import Arguments, Proposal, Tool, ToolContext, ToolResult, ToolSpec
from toollama.tools.language.asks import asked_for, compile_asks, proposed
from toollama.tools.reddit.listings import (
    HOMEPAGE,
    HOSTS,
    KEYS,
    RATES,
    Listing,
    listing,
    told,
)

_SUB = r"r/(?P<subreddit>\w{2,21})"
_ASKS = compile_asks(
    rf"\b{_SUB}\b.*? (?:for|about|on) (?P<query>[^?!]+)",
    rf"\b(?:about|for|on) (?P<query>[^?!]+?) (?:in|on|from) /?{_SUB}",
    r"\breddit\b.*? (?:for|about|on|regarding) (?P<query>[^?!]+)",
    r"\b(?:search|find|about|for|on) (?P<query>[^?!]+?) (?:on|in|at|from) reddit\b",
)


class RedditSearchArguments(Arguments):
    """What to search for."""

    query: str = Field(min_length=2, max_length=400, description="the words to search for")
    subreddit: str | None = Field(
        default=None, pattern=r"^\w{2,21}$", description="only in this subreddit, without r/"
    )
    sort: Literal["relevance", "new", "top"] = "relevance"
    limit: int = Field(default=5, ge=1, le=20, description="how many posts")


class RedditSearch(Tool[RedditSearchArguments, Listing]):
    """Searches Reddit."""

    spec = ToolSpec(
        name="reddit_search",
        summary="Search posts on Reddit, everywhere or in one subreddit.",
        utterances=(
            "search reddit for mechanical keyboards",
            "what does reddit say about sourdough",
            "reddit posts about moving to Lisbon",
            "find standing desks on reddit",
            "look in r/woodworking for dovetail jigs",
            "reddit opinions on the new phone",
            "is there a reddit thread about cheap flights",
            "search r/gardening for slugs",
            "redditors about electric bikes",
            "what do people on reddit think of heat pumps",
            "reddit threads regarding espresso grinders",
            "look on reddit for travel tips",
            "find discussions on reddit about burnout",
            "reddit search noise cancelling",
            "any posts in r/personalfinance about mortgages",
            "newest reddit posts about linux gaming",
            "top reddit posts on bread",
            "reddti keyboard recommendations",
            "ask reddit about hiking boots",
            "search for cast iron on reddit",
            "which tent does reddit recommend",
        ),
        parameters=RedditSearchArguments,
        packs=("drummer.search", "drummer.content"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=HOSTS,
        optional_credentials=KEYS,
        provider="reddit",
        rates=RATES,
        cache_ttl_s=600.0,
        homepage=HOMEPAGE,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the words, and the subreddit that is named."""
        found = dict(proposed(text, _ASKS))
        if "subreddit" not in found:
            found.update(proposed(asked_for_subreddit(text), compile_asks(_SUB)))
        return found

    async def execute(self, args: RedditSearchArguments, context: ToolContext) -> Listing:
        """Search. Raises `ToolFailure`."""
        place = f"/r/{args.subreddit}" if args.subreddit else ""
        query: dict[str, str | int] = {"q": args.query, "sort": args.sort, "limit": args.limit}
        if args.subreddit:
            query["restrict_sr"] = 1
        return await listing(
            f"{place}/search", query=query, feed_path=f"{place}/search.rss", context=context
        )

    def format(self, args: RedditSearchArguments, raw: Listing, context: ToolContext) -> ToolResult:
        """State each post."""
        nothing = f'Reddit has no post about "{args.query}".'
        return told(raw, nothing=nothing, limit=args.limit, context=context)


def asked_for_subreddit(text: str) -> str:
    """Return `r/name` as it stands in the text, or ""."""
    name = asked_for(text, compile_asks(rf"(?<!\w){_SUB}")).get("subreddit", "")
    return f"r/{name}" if name else ""


TOOL = RedditSearch()
