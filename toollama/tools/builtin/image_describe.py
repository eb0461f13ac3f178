"""The tool `image_describe`: switched off, because no engine of this program reads pictures yet.

It is listed so that nobody looks for it in vain. Describing a picture needs a multimodal model and
its projector file, loaded by an engine that takes images.
"""

from pathlib import Path

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import Arguments, Tool, ToolContext, ToolFailure, ToolResult, ToolSpec
from toollama.tools.reading.files import read_paths

_REASON = "no engine of this program takes pictures yet; it needs a multimodal model"


class DescribeArguments(Arguments):
    """Which picture."""

    path: str = Field(min_length=1, max_length=1_000, description="the picture's file")


class ImageDescribe(Tool[DescribeArguments, None]):
    """Would describe a picture."""

    spec = ToolSpec(
        name="image_describe",
        summary="Describe what a picture file shows (needs a multimodal model).",
        utterances=(
            "describe photo.jpg",
            "what is in this picture",
            "caption the image beach.png",
            "what does screenshot.png show",
            "write alt text for logo.png",
            "who is in the photo family.jpg",
            "look at this image and tell me what you see",
            "is there a dog in park.jpg",
            "describe the chart in figure.png",
            "image description of painting.jpg",
            "alt text for these pictures",
            "explain the diagram.png",
            "what colour is the car in car.jpg",
            "make a caption for sunset.jpeg",
            "describ the image",
            "how many people are in crowd.jpg",
            "recognise the objects in desk.png",
            "tell me about the photo i attached",
            "vision: describe scan.png",
            "what animal is on animal.webp",
        ),
        parameters=DescribeArguments,
        packs=("drummer.content",),
        effects=frozenset({Effect.READ_PRIVATE}),
        off=_REASON,
        verified_live="local",
    )

    def touches(
        self, args: DescribeArguments, context: ToolContext
    ) -> tuple[list[Path], list[Path]]:
        """Return the picture."""
        return read_paths(args.path, context), []

    async def execute(self, args: DescribeArguments, context: ToolContext) -> None:
        """Refuse. Raises `ToolFailure`."""
        raise ToolFailure(
            f"image_describe is switched off: {_REASON}",
            kind="unavailable",
            fix="describe the picture in words, or read its text with the tool ocr",
            lasting=True,
        )

    def format(self, args: DescribeArguments, raw: None, context: ToolContext) -> ToolResult:
        """Return nothing: `execute` never gives anything to tell."""
        return ToolResult((), status="empty")


TOOL = ImageDescribe()
