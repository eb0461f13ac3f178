"""The tool `reddit_posts`: what a subreddit shows now."""

from typing import Literal

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.language.asks import asked_for, compile_asks
from toollama.tools.reddit.listings import (
    HOMEPAGE,
    HOSTS,
    KEYS,
    RATES,
    Listing,
    listing,
    told,
)

_SUBREDDIT = compile_asks(
    r"(?<!\w)/?r/(?P<subreddit>\w{2,21})", r"\bsubreddit (?:called |named )?(?P<subreddit>\w{2,21})"
)
_ORDER = compile_asks(r"\b(?P<order>hot|new|top|newest|latest|best)\b")
_ORDERS = {"newest": "new", "latest": "new", "best": "top"}


class RedditPostsArguments(Arguments):
    """Which subreddit."""

    subreddit: str = Field(pattern=r"^\w{2,21}$", description="its name, without r/")
    order: Literal["hot", "new", "top"] = "hot"
    limit: int = Field(default=5, ge=1, le=20, description="how many posts")


class RedditPosts(Tool[RedditPostsArguments, Listing]):
    """Lists a subreddit."""

    spec = ToolSpec(
        name="reddit_posts",
        summary="List the hot, new or top posts of a subreddit.",
        utterances=(
            "what's hot on r/python",
            "top posts of r/askscience",
            "new posts in r/worldnews",
            "show me r/aww",
            "list the subreddit gardening",
            "whats going on in r/linux",
            "front page of r/cooking",
            "latest from r/space",
            "browse r/houseplants",
            "best of r/dataisbeautiful today",
            "read the subreddit woodworking",
            "newest posts r/formula1",
            "hot topics in r/technology",
            "r/bicycling please",
            "open r/birding",
            "what is r/philosophy talking about",
            "give me 10 posts from r/photography",
            "any news on r/selfhosted",
            "subreedit chess hot",
            "trending in r/movies",
            "check r/programming for me",
        ),
        parameters=RedditPostsArguments,
        packs=("drummer.search", "drummer.content"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=HOSTS,
        optional_credentials=KEYS,
        provider="reddit",
        rates=RATES,
        cache_ttl_s=300.0,
        homepage=HOMEPAGE,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the subreddit and the order that are named."""
        found: dict[str, list[Candidate]] = {}
        if name := asked_for(text, _SUBREDDIT).get("subreddit"):
            found["subreddit"] = [Candidate(name, "words", certain=True)]
        if word := asked_for(text, _ORDER).get("order", "").lower():
            found["order"] = [Candidate(_ORDERS.get(word, word), "words", certain=True)]
        return found

    async def execute(self, args: RedditPostsArguments, context: ToolContext) -> Listing:
        """List the posts. Raises `ToolFailure`."""
        path = f"/r/{args.subreddit}/{args.order}"
        return await listing(
            path, query={"limit": args.limit}, feed_path=f"{path}.rss", context=context
        )

    def format(self, args: RedditPostsArguments, raw: Listing, context: ToolContext) -> ToolResult:
        """State each post."""
        nothing = f"r/{args.subreddit} shows no posts."
        return told(raw, nothing=nothing, limit=args.limit, context=context)


TOOL = RedditPosts()
