"""The tool `youtube_transcript`: what is said in a YouTube video.

Small models invent a famous video's id when none was given, so the id must stand in the request.
"""

import re

from pydantic import Field, field_validator

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
from toollama.tools.citing import web_source
from toollama.tools.language.sentences import fit
from toollama.tools.youtube.captions import HOST, Transcript, captions

_ID = r"[A-Za-z0-9_-]{11}"
_ADDRESS = re.compile(
    rf"(?:youtu\.be/|youtube\.com/(?:watch\?(?:\S*?&)?v=|shorts/|live/|embed/))({_ID})(?![\w-])"
)
_BARE = re.compile(rf"\b(?:video|id|youtube|transcript)\b.*?(?<![\w-])({_ID})(?![\w-])")
_LANGUAGES = {"german": "de", "french": "fr", "spanish": "es", "italian": "it", "english": "en"}
_LANGUAGES |= {"portuguese": "pt", "dutch": "nl", "japanese": "ja", "korean": "ko", "hindi": "hi"}


class TranscriptArguments(Arguments):
    """Which video."""

    video: str = Field(pattern=rf"^{_ID}$", description="the video's address or its id")
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")

    @field_validator("video", mode="before")
    @classmethod
    def _id_of(cls, value: object) -> object:
        match = _ADDRESS.search(value) if isinstance(value, str) else None
        return match[1] if match else value


class YoutubeTranscript(Tool[TranscriptArguments, Transcript]):
    """Reads captions."""

    spec = ToolSpec(
        name="youtube_transcript",
        summary="Read the transcript (captions) of a YouTube video that the user names.",
        utterances=(
            "transcript of https://www.youtube.com/watch?v=abcdefghijk",
            "what is said in https://youtu.be/abcdefghijk",
            "summarise this youtube video https://youtu.be/a1b2c3d4e5f",
            "get the captions of youtube.com/watch?v=zyxwvutsrqp",
            "youtube transcript https://youtu.be/00000000000",
            "what does she say in this video youtube.com/watch?v=aaaaaaaaaaa",
            "read the subtitles of https://youtu.be/bbbbbbbbbbb",
            "tl;dw https://www.youtube.com/watch?v=ccccccccccc",
            "transcribe the youtube video https://youtu.be/ddddddddddd",
            "german subtitles for youtube.com/watch?v=eeeeeeeeeee",
            "text of the talk at https://youtu.be/fffffffffff",
            "is there a transcript for youtube.com/shorts/ggggggggggg",
            "give me the words of this clip https://youtu.be/hhhhhhhhhhh",
            "key points of the youtube video https://youtu.be/iiiiiiiiiii",
            "yotube captions https://youtu.be/jjjjjjjjjjj",
            "what is https://www.youtube.com/watch?v=kkkkkkkkkkk about",
            "download the captions of youtube.com/live/lllllllllll",
            "notes from this lecture https://youtu.be/mmmmmmmmmmm",
            "quote the speaker in youtube.com/watch?v=nnnnnnnnnnn",
            "spanish transcript of https://youtu.be/ooooooooooo",
            "watch this for me https://youtu.be/ppppppppppp",
        ),
        parameters=TranscriptArguments,
        packs=("drummer.content", "belter.knowledge"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(HOST,),
        provider="youtube",
        rates=(Rate(6, 10.0),),
        cache_ttl_s=3.15e9,
        homepage="https://github.com/jdepoix/youtube-transcript-api",
        deadline_s=45.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the ids that stand in the request, and a language that it names."""
        found: dict[str, list[Candidate]] = {}
        ids = list(dict.fromkeys([*_ADDRESS.findall(text), *_BARE.findall(text)]))
        if ids:
            found["video"] = [Candidate(one, "words", certain=len(ids) == 1) for one in ids]
        named = [code for name, code in _LANGUAGES.items() if re.search(rf"(?i)\b{name}\b", text)]
        if named:
            found["language"] = [Candidate(code, "words") for code in named]
        return found

    def objection(self, text: str, context: ToolContext) -> str:
        """Return that no video is named, where none is."""
        if _ADDRESS.search(text) or _BARE.search(text):
            return ""
        return "the request names no YouTube video; its address is needed"

    async def execute(self, args: TranscriptArguments, context: ToolContext) -> Transcript:
        """Fetch the captions. Raises `ToolFailure`."""
        languages = list(dict.fromkeys([args.language, args.language.split("-")[0], "en"]))
        return await captions(args.video, languages, http=context.http)

    def format(
        self, args: TranscriptArguments, raw: Transcript, context: ToolContext
    ) -> ToolResult:
        """State what the transcript is and how it begins; the text holds all of it."""
        words = " ".join(line.text for line in raw.lines)
        if not words:
            said = f"The transcript of {args.video} is empty."
            return ToolResult((said,), status="empty")
        minutes = int(raw.lines[-1].start_s // 60)
        made = "made by speech recognition" if raw.generated else "written by a person"
        about = (
            f"The {raw.language} transcript of YouTube video {args.video} has "
            f"{len(words.split()):,} words over {minutes} minutes, {made}."
        )
        url = f"https://www.youtube.com/watch?v={args.video}"
        return ToolResult(
            (fit(about), fit(f"It begins: {words}")),
            text="\n".join(f"[{_clock(line.start_s)}] {line.text}" for line in raw.lines),
            data={
                "video": args.video,
                "language": raw.language,
                "generated": raw.generated,
                "lines": [{"start_s": line.start_s, "text": line.text} for line in raw.lines],
            },
            sources=(web_source(f"YouTube: {args.video}", url, context),),
        )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


TOOL = YoutubeTranscript()
