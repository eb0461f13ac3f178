"""The tool `telegraph_edit`: the title and content of one's own Telegraph page are replaced."""

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

_PATH = compile_asks(r"telegra\.ph/(?P<path>[\w%-]+)")
_TITLED = compile_asks(r"\b(?:titled|title(?: to)?:?) \"(?P<title>[^\"]+)\"")
_TEXT = compile_asks(r"\b(?:text|content|to read|with)(?: to)?:? \"(?P<text>[^\"]+)\"")


class EditArguments(Arguments):
    """Which page, and what it says from now on."""

    path: str = Field(pattern=r"^[\w%-]{1,200}$", description="what follows telegra.ph/")
    title: str = Field(min_length=1, max_length=256, description="the page's title")
    text: str = Field(min_length=1, max_length=60_000, description="the content as Markdown")


class TelegraphEdit(Tool[EditArguments, Page]):
    """Replaces a page."""

    spec = ToolSpec(
        name="telegraph_edit",
        summary="Replace the title and text of the user's own Telegraph page.",
        utterances=(
            "edit telegra.ph/Garden-Diary-06-02",
            'change the text of telegra.ph/Minutes-08-19 to "Nothing new."',
            "update my telegraph page Roadmap-02-11",
            "replace the content of https://telegra.ph/Notes-07-07",
            "rewrite telegra.ph/Essay-03-03 with this text",
            'set the title of telegra.ph/Poem-07-01 to "Tide"',
            "correct my telegraph article FAQ-09-09",
            "edit the telegraph page and put the new version there",
            "overwrite telegra.ph/Menu-12-24",
            "my telegra.ph article needs an update, use this text",
            "modify telegra.ph/Story-02-02",
            "change telegra.ph/Draft-05-05 title",
            "put the fixed text into telegra.ph/Changelog-08-08",
            "edti telegra.ph/Interview-10-10",
            "revise the telegraph post City-walk-09-21",
            "swap the text on telegra.ph/On-Ferns-04-04",
            "telegraph edit Todo-01-19",
            "new content for telegra.ph/Announcement-06-30",
            "fix the typo on my telegraph page telegra.ph/Bread-recipe-11-30",
            "save the new version to telegra.ph/Fieldwork-04-17",
        ),
        parameters=EditArguments,
        packs=("drummer.content", "belter.document"),
        effects=frozenset({Effect.SEND}),
        egress=True,
        hosts=(HOST,),
        credentials=(TOKEN,),
        provider="telegraph",
        rates=(Rate(1, 1.0),),
        homepage="https://telegra.ph/api#editPage",
        idempotent=True,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the path, and title and text where they are quoted."""
        found: dict[str, list[Candidate]] = {}
        for name, asks in (("path", _PATH), ("title", _TITLED), ("text", _TEXT)):
            if value := asked_for(text, asks).get(name):
                found[name] = [Candidate(value, "words", certain=True)]
        return found

    async def execute(self, args: EditArguments, context: ToolContext) -> Page:
        """Replace the page. Raises `ToolFailure`."""
        return await write_page(
            f"editPage/{args.path}",
            title=args.title,
            markdown=args.text,
            fields={},
            context=context,
        )

    def format(self, args: EditArguments, raw: Page, context: ToolContext) -> ToolResult:
        """Return the page's address."""
        return told(raw, verb="Changed", context=context)


TOOL = TelegraphEdit()
