"""The tool `image_generate`: Pollinations paints a picture from words into a file.

GET /image/{prompt} at gen.pollinations.ai with a bearer key, documented at
https://gen.pollinations.ai/docs. Not yet run against the real service.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Proposal,
    Rate,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.keyed import required_key
from toollama.tools.language.asks import compile_asks, proposed
from toollama.tools.language.sentences import fit
from toollama.tools.media.kept_files import keep, stem_of, suffix_of

_HOST = "gen.pollinations.ai"
_KEY = "POLLINATIONS_API_KEY"
_MAX_IMAGE_BYTES = 20_000_000
_TYPES = (".jpg", ".png", ".webp")
_ASKS = compile_asks(
    r"\b(?:image|picture|painting|drawing|illustration|photo|logo|artwork|portrait)s?"
    r" (?:of|showing|with|for) (?P<prompt>[^?]+)",
    r"\b(?:paint|draw|illustrate|sketch)(?: me)? (?P<prompt>[^?]+)",
)


class ImageArguments(Arguments):
    """What to paint."""

    prompt: str = Field(min_length=2, max_length=1_000, description="what the picture shows")
    width: int = Field(default=1024, ge=64, le=2048, description="pixels")
    height: int = Field(default=1024, ge=64, le=2048, description="pixels")
    seed: int | None = Field(default=None, ge=0, description="the same seed gives the same picture")


@dataclass(frozen=True, slots=True)
class Painted:
    """A picture's file."""

    path: Path
    size_bytes: int


class ImageGenerate(Tool[ImageArguments, Painted]):
    """Paints a picture."""

    spec = ToolSpec(
        name="image_generate",
        summary="Generate a new picture from a description into a file (Pollinations).",
        utterances=(
            "generate an image of a lighthouse at dusk",
            "draw a fox reading a newspaper",
            "make a picture of a red bicycle",
            "paint me a forest in autumn",
            "create an illustration of a robot chef",
            "ai image of a castle in the clouds",
            "i need a logo for a bakery",
            "picture showing two otters holding hands",
            "sketch a sailing boat",
            "generate artwork for my album",
            "image generation: a city under the sea",
            "design a poster with a comet",
            "render a cup of coffee in watercolour",
            "produce a photo of a desert road",
            "make an image from this prompt",
            "pollinations image of a dragon",
            "imagine a portrait of an old sailor",
            "genarate a picture of a snowy village",
            "visualise a treehouse",
            "create art of a whale",
            "text to image a green door",
        ),
        parameters=ImageArguments,
        packs=("drummer.content",),
        effects=frozenset({Effect.SPEND, Effect.WRITE_LOCAL}),
        egress=True,
        hosts=(_HOST,),
        credentials=(_KEY,),
        provider="pollinations",
        rates=(Rate(1, 5.0),),
        homepage="https://gen.pollinations.ai/docs",
        deadline_s=120.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the words after `image of` and its like."""
        return proposed(text, _ASKS)

    def touches(self, args: ImageArguments, context: ToolContext) -> tuple[list[Path], list[Path]]:
        """Return the file that is made, where its name is free and the picture is a JPEG."""
        return [], [(context.output_dir / f"{stem_of(args.prompt, kind='image')}.jpg").resolve()]

    async def execute(self, args: ImageArguments, context: ToolContext) -> Painted:
        """Have the picture made, and keep the file. Raises `ToolFailure`."""
        key = required_key(_KEY, host=_HOST, context=context)
        params: dict[str, str | int] = {
            "model": "flux",
            "width": args.width,
            "height": args.height,
            **({} if args.seed is None else {"seed": args.seed}),
        }
        reply = await context.http.request(
            "GET",
            f"https://{_HOST}/image/{quote(args.prompt, safe='')}",
            params=params,
            headers={"Authorization": f"Bearer {key}"},
            accept="image/*",
            secrets=(key,),
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
            max_bytes=_MAX_IMAGE_BYTES,
        )
        path = keep(
            reply.body,
            directory=context.output_dir,
            stem=stem_of(args.prompt, kind="image"),
            suffix=suffix_of(reply.body, among=_TYPES, service=_HOST),
        )
        return Painted(path, len(reply.body))

    def format(self, args: ImageArguments, raw: Painted, context: ToolContext) -> ToolResult:
        """Return where the file is."""
        size = f"{args.width} by {args.height} pixels asked for, {raw.size_bytes:,} bytes"
        return ToolResult(
            (fit(f"The picture is in {raw.path} ({size})."),),
            answer=str(raw.path),
            data={"path": str(raw.path), "bytes": raw.size_bytes, "prompt": args.prompt},
            sources=(Source(title=f"Pollinations: {raw.path.name}", locator=str(raw.path)),),
        )


TOOL = ImageGenerate()
