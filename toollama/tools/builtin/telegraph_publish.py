"""The tool `telegraph_publish`: a Markdown text becomes a public page on telegra.ph."""

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
from toollama.tools.language.asks import asked_for, compile_asks
from toollama.tools.telegraph.pages import HOST, TOKEN, Page, told, write_page

_TITLED = compile_asks(
    r"\b(?:titled|entitled|with the title|called|title:?) \"(?P<title>[^\"]+)\"",
    r"\b(?:titled|entitled|with the title|called|title:?)"
    r" (?P<title>[^\".,;:]+?)(?= (?:with|saying)\b|[.,;:]|$)",
)
_TEXT = compile_asks(
    r"\b(?:text|saying|content|with|publish|post)(?: the text)?:? \"(?P<text>[^\"]+)\""
)


class PublishArguments(Arguments):
    """What to publish."""

    title: str = Field(min_length=1, max_length=256, description="the page's title")
    text: str = Field(min_length=1, max_length=60_000, description="the content as Markdown")
    author: str = Field(default="", max_length=128, description="the name below the title")


class TelegraphPublish(Tool[PublishArguments, Page]):
    """Creates a page."""

    spec = ToolSpec(
        name="telegraph_publish",
        summary="Publish a text as a new public page on Telegraph (telegra.ph).",
        utterances=(
            "publish this on telegraph",
            "make a telegra.ph page out of this text",
            "post my essay on telegraph",
            'telegraph page titled "Spring walk" with the text "We left at nine."',
            "create a telegraph article",
            "put the summary online at telegra.ph",
            "new telegraph post please",
            "write a telegra.ph article titled Minutes",
            "share this as a telegraph page",
            "publish the report to telegraph under the name R. Field",
            "turn the notes into a telegraph page",
            "upload the text to telegra.ph",
            "telegraph it",
            "make this a public telegraph article",
            "i want to publish on telegra.ph",
            "start a telegraph page called Recipes",
            "post the answer on telegraph",
            "publsih on telegraph",
            "put my markdown on telegra.ph",
            "blog this on telegraph",
            "release the story as telegraph article",
        ),
        parameters=PublishArguments,
        packs=("drummer.content", "belter.document"),
        effects=frozenset({Effect.SEND}),
        egress=True,
        hosts=(HOST,),
        credentials=(TOKEN,),
        provider="telegraph",
        rates=(Rate(1, 1.0),),
        homepage="https://telegra.ph/api",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the title and quoted text; text that was piped in comes as it is."""
        found: dict[str, list[Candidate]] = {}
        for name, asks in (("title", _TITLED), ("text", _TEXT)):
            if value := asked_for(text, asks).get(name):
                found[name] = [Candidate(value, "words", certain=True)]
        given = [item.text for item in context.attachments if item.text]
        if given and "text" not in found:
            found["text"] = [Candidate(value, "context") for value in given]
        return found

    async def execute(self, args: PublishArguments, context: ToolContext) -> Page:
        """Create the page. Raises `ToolFailure`."""
        fields = {"author_name": args.author} if args.author else {}
        return await write_page(
            "createPage", title=args.title, markdown=args.text, fields=fields, context=context
        )

    def format(self, args: PublishArguments, raw: Page, context: ToolContext) -> ToolResult:
        """Return the page's address."""
        return told(raw, verb="Published", context=context)


TOOL = TelegraphPublish()
