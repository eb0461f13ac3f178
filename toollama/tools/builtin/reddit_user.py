"""The tool `reddit_user`: how long somebody has been on Reddit, and their karma."""

from datetime import UTC, datetime

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import Arguments, Proposal, Tool, ToolContext, ToolResult, ToolSpec
from toollama.tools.citing import web_source
from toollama.tools.language.asks import compile_asks, proposed
from toollama.tools.language.sentences import fit
from toollama.tools.reddit.listings import (
    API_HOST,
    HOMEPAGE,
    HOST,
    HOSTS,
    KEYS,
    RATES,
    ask_api,
    has_keys,
    needs_keys,
)
from toollama.tools.upstream import Document, read_as

_ASKS = compile_asks(
    r"(?<!\w)/?u/(?P<name>[\w-]{3,20})",
    r"\bredd?it(?:or)? (?:user|account|profile)?(?: of| named| called)? ?(?P<name>(?!user|account"
    r"|profile)[\w-]{3,20})\b(?= (?:have|has|joined|created|old)|[?.!]|$)",
)


class RedditUserArguments(Arguments):
    """Who."""

    name: str = Field(pattern=r"^[\w-]{3,20}$", description="the user's name, without u/")


class Redditor(Document):
    """A public profile."""

    name: str
    created_utc: float
    link_karma: int
    comment_karma: int


class _Answer(Document):
    data: Redditor


class RedditUser(Tool[RedditUserArguments, Redditor]):
    """Looks a Redditor up."""

    spec = ToolSpec(
        name="reddit_user",
        summary="Look up a Reddit user's karma and age of account.",
        utterances=(
            "who is u/spez on reddit",
            "karma of u/gallowboob",
            "reddit user shittymorph",
            "how old is the reddit account u/poem_for_your_sprog",
            "reddit profile of u/andromeda321",
            "how much karma has u/thebigbadwuff",
            "when did u/karmanaut join reddit",
            "look up redditor u/wil",
            "u/someone info",
            "is u/helloworld a new reddit account",
            "reddit account age u/mossy_stone",
            "comment karma u/tide_table",
            "check the reddit user u/blue-heron",
            "tell me about the redditor u/fern99",
            "reddit stats for u/harbor_seal",
            "since when is u/driftwood on reddit",
            "link karma of u/old_mill",
            "redit user u/kelp",
            "show reddit profile u/gravel-path",
            "does u/night_ferry have much karma",
        ),
        parameters=RedditUserArguments,
        packs=("drummer.search",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=HOSTS,
        credentials=KEYS,
        provider="reddit",
        rates=RATES,
        cache_ttl_s=3_600.0,
        homepage=HOMEPAGE,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the name after `u/`."""
        return proposed(text, _ASKS)

    async def execute(self, args: RedditUserArguments, context: ToolContext) -> Redditor:
        """Fetch the profile. Raises `ToolFailure`."""
        if not has_keys(context):
            raise needs_keys("a Reddit profile")
        answer = await ask_api(f"/user/{args.name}/about", query={}, context=context)
        return read_as(_Answer, answer, service=API_HOST).data

    def format(self, args: RedditUserArguments, raw: Redditor, context: ToolContext) -> ToolResult:
        """State karma and age."""
        since = datetime.fromtimestamp(raw.created_utc, UTC).date().isoformat()
        karma = raw.link_karma + raw.comment_karma
        said = (
            f"u/{raw.name} has {karma:,} karma on Reddit ({raw.link_karma:,} by posts, "
            f"{raw.comment_karma:,} by comments) and joined on {since}."
        )
        url = f"https://{HOST}/user/{raw.name}"
        return ToolResult(
            (fit(said),),
            answer=str(karma),
            data=raw.model_dump(),
            sources=(web_source(f"Reddit: u/{raw.name}", url, context),),
        )


TOOL = RedditUser()
