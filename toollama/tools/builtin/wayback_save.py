"""Ask the Wayback Machine to capture a web page. It changes a public archive, so it is a write.

Save Page Now 2 is described by the Internet Archive in a public document; it takes the keys of an
account (https://archive.org/account/s3.php) and turns anonymous requests away. Not yet run against
the real service.
"""

from typing import Annotated

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.archive.wayback import CDX_HOST
from toollama.tools.base import (
    Arguments,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.citing import web_source
from toollama.tools.language.sentences import fit
from toollama.tools.language.web_addresses import url_candidates, web_url
from toollama.tools.upstream import Document, json_of, read_as

_ACCESS_KEY, _SECRET_KEY = "IA_ACCESS_KEY", "IA_SECRET_KEY"


class WaybackSaveArguments(Arguments):
    """Which page."""

    url: Annotated[str, Field(min_length=4, max_length=2000)]
    """The address of the page to capture."""


class _Job(Document):
    job_id: str = ""
    message: str = ""


class WaybackSave(Tool[WaybackSaveArguments, _Job]):
    """Requests one capture."""

    spec = ToolSpec(
        name="wayback_save",
        summary="Save a web page into the Wayback Machine so that it is archived.",
        utterances=(
            "save https://example.org to the wayback machine",
            "archive this page: example.com/article",
            "make the internet archive capture example.net",
            "wayback save https://example.com/post/1",
            "submit example.org/report to archive.org",
            "please archive https://example.com before it goes away",
            "take a snapshot of example.org and keep it on the internet archive",
            "preserve https://example.net/page in the web archive",
            "save page now: example.com",
            "add example.edu/paper to the Wayback Machine",
            "i want example.org archived",
            "store a copy of example.com/news at archive.org",
            "create a wayback capture of https://example.org/today",
            "send this url to the internet archive https://example.com/x",
            "push example.net/blog into the archive",
            "can you archive example.com for me",
            "backup the page example.org/faq on wayback",
            "request an archive capture for https://example.com",
            "save this link for posterity: example.org",
            "archve example.com with the wayback machine",
            "have archive.org save the current version of example.net",
        ),
        parameters=WaybackSaveArguments,
        packs=("drummer.search", "belter.document"),
        effects=frozenset({Effect.SEND}),
        egress=True,
        hosts=(CDX_HOST,),
        credentials=(_ACCESS_KEY, _SECRET_KEY),
        provider="wayback",
        rates=(Rate(12, 60.0),),
        homepage="https://archive.org/account/s3.php",
        deadline_s=60.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the URL."""
        urls = url_candidates(text)
        return {"url": urls} if urls else {}

    async def execute(self, args: WaybackSaveArguments, context: ToolContext) -> _Job:
        """Hand the page in; the capture itself follows later."""
        access = context.credentials.get(_ACCESS_KEY, host=CDX_HOST) or ""
        secret = context.credentials.get(_SECRET_KEY, host=CDX_HOST) or ""
        reply = await context.http.request(
            "POST",
            f"https://{CDX_HOST}/save",
            headers={"Authorization": f"LOW {access}:{secret}"},
            form={"url": web_url(args.url)},
            secrets=[access, secret],
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
        )
        return read_as(_Job, json_of(reply, service=CDX_HOST), service=CDX_HOST)

    def format(self, args: WaybackSaveArguments, raw: _Job, context: ToolContext) -> ToolResult:
        """State that the page was handed in. Raises `ToolFailure` where it was turned away."""
        if not raw.job_id:
            raise ToolFailure(
                f"{CDX_HOST} did not take the page: {fit(raw.message or 'no reason given')}",
                kind="upstream",
                fix="try again later",
            )
        later = f"https://{CDX_HOST}/web/{web_url(args.url)}"
        return ToolResult(
            statements=(
                fit(f"The Wayback Machine took {args.url} in for capture (job {raw.job_id})."),
                fit(f"The capture will be at {later}, mostly within minutes."),
            ),
            answer=later,
            data={"url": args.url, "job_id": raw.job_id},
            sources=(web_source("Wayback Machine: Save Page Now", later, context),),
        )


TOOL = WaybackSave()
