"""What the Wayback Machine holds of a web page: the latest capture, or the one of a date.

The interfaces are `tools.archive.wayback`'s.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.archive.wayback import (
    AVAILABILITY_HOST,
    CDX_HOST,
    Snapshot,
    nearest,
    oldest,
)
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
from toollama.tools.language.sentences import fit
from toollama.tools.language.web_addresses import url_candidates, web_url

_DATE = re.compile(r"(?<![\d/.-])((?:19|20)\d\d)(?:-(\d\d)(?:-(\d\d))?)?(?![\d/-])")
_FIRST = re.compile(r"\b(?:first|oldest|earliest)\b", re.IGNORECASE)


class WaybackArguments(Arguments):
    """Which page, and as of when."""

    url: Annotated[str, Field(min_length=4, max_length=2000)]
    """The address of the page."""
    date: Annotated[str, Field(pattern=r"^(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?$")] = ""
    """Year, month or day: 2015, 2015-03, 2015-03-09. Left out: the latest capture."""
    first: bool = False
    """The oldest capture instead."""


@dataclass(frozen=True, slots=True)
class Held:
    """The capture that was asked for, if there is one."""

    snapshot: Snapshot | None


class WaybackSnapshots(Tool[WaybackArguments, Held]):
    """Finds one capture."""

    spec = ToolSpec(
        name="wayback_snapshots",
        summary="Find how a web page was archived in the Wayback Machine, now or on a past date.",
        utterances=(
            "wayback machine snapshot of example.org",
            "what did example.com look like in 2009",
            "is https://example.org/about archived",
            "archived version of example.net from 2015-03",
            "show me the oldest capture of example.com",
            "find an old copy of www.example.org/news",
            "internet archive for example.edu",
            "latest wayback capture of https://example.com/page",
            "has the internet archive saved example.io?",
            "the page example.com/lost is gone, is there an archive of it",
            "when was example.org first archived",
            "web archive link for example.net on 2012-06-01",
            "how did example.com look in 2014",
            "wayback example.org 2001",
            "get me the archived copy of that dead link https://example.com/old.html",
            "earliest snapshot of example.gov in the archive",
            "archive.org version of example.com please",
            "look up example.org in the waybackmachine",
            "can i still see example.com as it was in 2018",
            "cached old version of example.org/pricing",
            "snapshot of a website on a given day: example.com 2020-02-02",
            "find a way back capture for https://example.net/blog",
        ),
        parameters=WaybackArguments,
        packs=("drummer.search", "belter.research", "belter.document"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(CDX_HOST, AVAILABILITY_HOST),
        provider="wayback",
        rates=(Rate(15, 60.0),),
        cache_ttl_s=86_400.0,
        homepage="https://archive.org/help/wayback_api.php",
        deadline_s=60.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the URL, the year or day, and whether the oldest is meant."""
        proposal: dict[str, list[Candidate]] = {}
        if urls := url_candidates(text):
            proposal["url"] = urls
            for url in urls:
                text = text.replace(str(url.value), " ")
        if date := _DATE.search(text):
            value = "-".join(filter(None, date.groups()))
            proposal["date"] = [Candidate(value, "words", certain=True)]
        if _FIRST.search(text):
            proposal["first"] = [Candidate(value=True, source="words", certain=True)]
        return proposal

    async def execute(self, args: WaybackArguments, context: ToolContext) -> Held:
        """Look the capture up."""
        url = web_url(args.url)
        if args.first:
            return Held(await oldest(context.http, url))
        return Held(await nearest(context.http, url, day=args.date.replace("-", "")))

    def format(self, args: WaybackArguments, raw: Held, context: ToolContext) -> ToolResult:
        """State when the capture was taken and where it is."""
        if raw.snapshot is None:
            said = f"The Wayback Machine holds no capture of {args.url}."
            return ToolResult((fit(said),), status="empty")
        taken = raw.snapshot.taken
        which = "first captured" if args.first else "captured"
        moment = f"{taken.day} {taken:%B %Y at %H:%M} UTC"
        said = f"The Wayback Machine {which} {args.url} on {moment}."
        return ToolResult(
            statements=(fit(said), fit(f"The capture is at {raw.snapshot.url}.")),
            answer=raw.snapshot.url,
            data={"url": args.url, "snapshot": raw.snapshot.url, "taken": taken.isoformat()},
            sources=(web_source(f"Wayback Machine: {args.url}", raw.snapshot.url, context),),
        )


TOOL = WaybackSnapshots()
