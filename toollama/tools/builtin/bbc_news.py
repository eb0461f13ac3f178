"""Headlines of the BBC, from its public RSS feeds.

Addresses as listed at https://www.bbc.co.uk/news/10628494; for personal use. Not yet run against
the real service.
"""

import re
from typing import Annotated, Literal

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
from toollama.tools.feeds.reading import Feed, matching, read_feed
from toollama.tools.feeds.telling import told
from toollama.tools.language.asks import asked_for, compile_asks
from toollama.tools.language.sentences import fit

_HOST = "feeds.bbci.co.uk"
_FEED_ACCEPT = "application/rss+xml, application/xml"
Section = Literal[
    "top", "world", "uk", "business", "politics", "health", "education", "science", "technology",
    "entertainment", "sport",
]  # fmt: skip
_PATHS: dict[str, str] = {
    "top": "/news/rss.xml",
    "science": "/news/science_and_environment/rss.xml",
    "entertainment": "/news/entertainment_and_arts/rss.xml",
    "sport": "/sport/rss.xml",
}
_SECTION_WORDS: dict[str, str] = {
    "world": r"world|international|global",
    "uk": r"uk|british|britain|domestic",
    "business": r"business|econom\w+|finance|financial|markets?",
    "politics": r"politic\w*",
    "health": r"health|medical",
    "education": r"education|schools?",
    "science": r"science|environment|climate",
    "technology": r"tech|technology",
    "entertainment": r"entertainment|arts|culture|film|music",
    "sport": r"sports?|football",
    "top": r"top|main|front ?page|breaking",
}
_ABOUT = compile_asks(
    r"\b(?:about|on|regarding|mentioning) (?:the )?(?P<about>(?!bbc).+?)(?=$|[?!;.])"
)


class BbcArguments(Arguments):
    """Which headlines."""

    section: Section = "top"
    about: Annotated[str, Field(max_length=100)] = ""
    """Words that a headline or its summary must hold."""
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    """How many headlines."""


class BbcNews(Tool[BbcArguments, Feed]):
    """Reads one feed of the BBC."""

    spec = ToolSpec(
        name="bbc_news",
        summary="Give the current BBC headlines: top, world, UK, business, technology and others.",
        utterances=(
            "BBC news headlines",
            "what's in the news today",
            "top stories on the BBC",
            "latest world news",
            "any breaking news?",
            "news about technology from the bbc",
            "give me today's headlines",
            "bbc business news",
            "whats happening in the world right now",
            "current political news in the UK",
            "read me the morning news",
            "health news from the BBC please",
            "what are the main news stories",
            "bbc sport headlines",
            "show five world headlines",
            "news today",
            "science and environment headlines",
            "is there any news on the BBC about trains",
            "entertainment news bbc",
            "catch me up on the news",
            "education news headlines",
            "todays top newz",
            "what did the bbc report this morning",
        ),
        parameters=BbcArguments,
        packs=("drummer.search", "belter.research"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        provider="bbc",
        rates=(Rate(10, 60.0),),
        cache_ttl_s=600.0,
        homepage="https://www.bbc.co.uk/news/10628494",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the section that is named, and the topic after `about`."""
        sections = [
            name
            for name, words in _SECTION_WORDS.items()
            if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)
        ]
        if sections:
            return {
                "section": [
                    Candidate(name, "words", certain=len(sections) == 1) for name in sections
                ]
            }
        about = asked_for(text, _ABOUT).get("about", "")
        return {"about": [Candidate(about[:100], "words", certain=True)]} if about else {}

    async def execute(self, args: BbcArguments, context: ToolContext) -> Feed:
        """Fetch the feed of the section."""
        path = _PATHS.get(args.section, f"/news/{args.section}/rss.xml")
        reply = await context.http.request(
            "GET", f"https://{_HOST}{path}", accept=_FEED_ACCEPT, hosts=self.spec.hosts
        )
        return read_feed(reply.body, service=_HOST)

    def format(self, args: BbcArguments, raw: Feed, context: ToolContext) -> ToolResult:
        """State the headlines with their days."""
        found = matching(raw.entries, args.about)
        if not found:
            what = f' about "{args.about}"' if args.about else ""
            said = f"The BBC feed ({args.section}) has no headline{what} now."
            return ToolResult((fit(said),), status="empty")
        url = f"https://{_HOST}{_PATHS.get(args.section, f'/news/{args.section}/rss.xml')}"
        return told(found[: args.limit], of=len(found), feed="BBC", url=url, context=context)


TOOL = BbcNews()
