"""The tool `ocr`: the text in a picture, by tesseract where it is installed."""

import re
from pathlib import Path

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
from toollama.tools.language.sentences import fit
from toollama.tools.reading.files import locate, source_of
from toollama.tools.reading.optical_text import is_installed, text_in_picture

_PICTURE = re.compile(
    r"(?<!\S)[\"'`]?([^\s\"'`]+\.(?:png|jpe?g|tiff?|bmp|webp|gif))\b", re.IGNORECASE
)
_LANGUAGES = {"german": "deu", "french": "fra", "spanish": "spa", "italian": "ita"}


class OcrArguments(Arguments):
    """Which picture."""

    path: str = Field(min_length=1, max_length=1_000, description="a picture file")
    language: str = Field(
        default="eng", pattern=r"^[a-z]{3}(\+[a-z]{3})*$", description="as eng or deu+eng"
    )


class Ocr(Tool[OcrArguments, str]):
    """Reads a picture's text."""

    spec = ToolSpec(
        name="ocr",
        summary="Read the printed text in a picture or scan (needs tesseract).",
        utterances=(
            "read the text in scan.png",
            "ocr receipt.jpg",
            "what does the sign in photo.jpg say",
            "extract text from the picture page.tiff",
            "text recognition on invoice.png",
            "copy the words out of screenshot.png",
            "scan this image for text letter.jpg",
            "get the text of the scanned page",
            "german text in brief.png",
            "transcribe the picture note.jpeg",
            "recognise the letters in label.png",
            "turn the scan into text",
            "what is written on card.jpg",
            "optical character recognition form.tif",
            "read my receipt bill.png",
            "image to text menu.webp",
            "ocr the attached scan",
            "otcr page1.png",
            "pull the numbers out of meter.jpg",
            "text from a photo of a page",
        ),
        parameters=OcrArguments,
        packs=("drummer.content", "belter.document"),
        effects=frozenset({Effect.READ_PRIVATE}),
        off="" if is_installed() else "the program tesseract is not installed",
        homepage="https://tesseract-ocr.github.io/",
        deadline_s=60.0,
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the picture that is named, else those attached, and a language."""
        found: dict[str, list[Candidate]] = {}
        if names := list(dict.fromkeys(_PICTURE.findall(text))):
            certain = len(names) == 1
            found["path"] = [Candidate(name, "words", certain=certain) for name in names]
        elif given := [item.name for item in context.attachments if _PICTURE.search(item.name)]:
            found["path"] = [Candidate(name, "context") for name in given]
        for name, code in _LANGUAGES.items():
            if re.search(rf"(?i)\b{name}\b", text):
                found["language"] = [Candidate(code, "words")]
        return found

    def touches(self, args: OcrArguments, context: ToolContext) -> tuple[list[Path], list[Path]]:
        """Return the picture."""
        return [locate(args.path, context)], []

    async def execute(self, args: OcrArguments, context: ToolContext) -> str:
        """Read the picture. Raises `ToolFailure`."""
        return await text_in_picture(locate(args.path, context), language=args.language)

    def format(self, args: OcrArguments, raw: str, context: ToolContext) -> ToolResult:
        """State how the text begins; `text` holds all of it."""
        source = source_of(args.path, context)
        if not raw:
            said = f"tesseract found no text in {source.title}."
            return ToolResult((fit(said),), sources=(source,), status="empty")
        lines = [line for line in raw.splitlines() if line.strip()]
        said = f"{source.title} reads: {' '.join(lines)}"
        return ToolResult(
            (fit(" ".join(said.split())),),
            answer=lines[0] if len(lines) == 1 else "",
            text=raw,
            data={"text": raw},
            sources=(source,),
        )


TOOL = Ocr()
