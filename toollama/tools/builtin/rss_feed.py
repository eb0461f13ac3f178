"""The newest entries of any RSS or Atom feed that the user names.

The address is the user's, so it may lie on any public host; the door still refuses private ones.
"""

import re
from typing import Annotated

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
from toollama.tools.feeds.reading import Feed, matching, read_feed
from toollama.tools.feeds.telling import told
from toollama.tools.hosts import ANY_HOST
from toollama.tools.language.asks import asked_for, compile_asks
from toollama.tools.language.sentences import fit
from toollama.tools.language.web_addresses import host_of, url_candidates, web_url

_ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"
_ABOUT = compile_asks(r"\b(?:about|mentioning|regarding) (?:the )?(?P<about>.+?)(?=$|[?!;]|\.$)")
_LIMIT = re.compile(r"\b(\d{1,2}) (?:\w+ )?(?:entries|items|posts|episodes|articles|headlines)\b")


class RssArguments(Arguments):
    """Which feed."""

    url: Annotated[str, Field(min_length=4, max_length=2000)]
    """The address of the feed."""
    about: Annotated[str, Field(max_length=100)] = ""
    """Words that an entry must hold."""
    limit: Annotated[int, Field(ge=1, le=50)] = 5
    """How many entries."""


class RssFeed(Tool[RssArguments, Feed]):
    """Reads one feed."""

    spec = ToolSpec(
        name="rss_feed",
        summary="Read the newest entries of an RSS or Atom feed at a given address.",
        utterances=(
            "read the feed https://example.org/feed.xml",
            "what is new in https://example.com/rss",
            "latest posts of the rss feed at example.net/atom.xml",
            "show entries of the atom feed https://example.org/atom",
            "rss example.com/feed",
            "check this feed for updates: https://example.com/index.xml",
            "newest episodes in the podcast feed https://example.org/podcast.rss",
            "fetch rss https://example.net/rss.xml",
            "list 10 items from the feed example.com/feed.xml",
            "what did the blog at https://example.com/feed/ publish last",
            "parse the rss at https://example.org/news.rss",
            "headlines from this feed: https://example.com/top.rss",
            "any feed entries about batteries in https://example.org/rss",
            "open the atom feed of example.net/releases.atom",
            "new releases in https://example.com/project/releases.atom",
            "follow the feed example.org/feed and tell me the last three entries",
            "get articles from rss feed example.com/rss/all",
            "what's in my feed https://example.org/my.xml",
            "rss reader: example.net/feed",
            "give me the most recent items of https://example.com/feed.json.xml",
            "feeed https://example.org/rss latest",
        ),
        parameters=RssArguments,
        packs=("drummer.search", "drummer.content", "belter.research"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(ANY_HOST,),
        provider="web",
        cache_ttl_s=600.0,
        homepage="https://www.rssboard.org/rss-specification",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the URL, the topic after `about`, and how many entries."""
        proposal: dict[str, list[Candidate]] = {}
        if urls := url_candidates(text):
            proposal["url"] = urls
            for url in urls:
                text = text.replace(str(url.value), "")
        if about := asked_for(text, _ABOUT).get("about", ""):
            about = re.sub(r" (?:in|from|at|of)$", "", about)
            proposal["about"] = [Candidate(about[:100], "words", certain=True)]
        if limit := _LIMIT.search(text):
            proposal["limit"] = [Candidate(int(limit[1]), "words", certain=True)]
        return proposal

    async def execute(self, args: RssArguments, context: ToolContext) -> Feed:
        """Fetch the feed."""
        url = web_url(args.url)
        reply = await context.http.request("GET", url, accept=_ACCEPT, hosts=self.spec.hosts)
        return read_feed(reply.body, service=host_of(url) or "the address")

    def format(self, args: RssArguments, raw: Feed, context: ToolContext) -> ToolResult:
        """State the entries in the feed's order."""
        found = matching(raw.entries, args.about)
        feed = raw.title or host_of(args.url)
        if not found:
            what = f' about "{args.about}"' if args.about else ""
            return ToolResult((fit(f"The feed {feed} has no entry{what}."),), status="empty")
        url = web_url(args.url)
        return told(found[: args.limit], of=len(found), feed=feed, url=url, context=context)


TOOL = RssFeed()
