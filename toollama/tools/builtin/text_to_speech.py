"""The tool `text_to_speech`: ElevenLabs speaks a text into an MP3 file.

POST /v1/text-to-speech/{voice_id}, documented at
https://elevenlabs.io/docs/api-reference/text-to-speech/convert; one credit a character. Not yet run
against the real service.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Rate,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.keyed import required_key
from toollama.tools.language.asks import asked_for, compile_asks
from toollama.tools.language.sentences import fit
from toollama.tools.media.kept_files import keep, stem_of, suffix_of

_HOST = "api.elevenlabs.io"
_KEY = "ELEVENLABS_API_KEY"
_DOCUMENTED_VOICE = "JBFqnCBsd6RMkjVDRZzb"
_MAX_AUDIO_BYTES = 20_000_000
_VOICE = compile_asks(r"\bvoice(?: id)? (?P<voice_id>[A-Za-z0-9]{20})\b")
_TEXT = compile_asks(r"\"(?P<text>[^\"]+)\"")


class SpeechArguments(Arguments):
    """What to say, and in whose voice."""

    text: str = Field(min_length=1, max_length=5_000, description="the words to speak")
    voice_id: str = Field(
        default=_DOCUMENTED_VOICE,
        pattern=r"^[A-Za-z0-9]{8,40}$",
        description="a voice of elevenlabs_voices; without it the documentation's own",
    )


@dataclass(frozen=True, slots=True)
class Spoken:
    """An MP3 file."""

    path: Path
    size_bytes: int


class TextToSpeech(Tool[SpeechArguments, Spoken]):
    """Speaks a text."""

    spec = ToolSpec(
        name="text_to_speech",
        summary="Speak a text aloud into an MP3 file (ElevenLabs); it spends credits.",
        utterances=(
            'say "good morning" as an mp3',
            "read this text aloud into a file",
            "text to speech please",
            'speak "the ferry is late" with elevenlabs',
            "make an audio file of this paragraph",
            "turn the summary into speech",
            "tts this",
            "record the text as a voice message",
            "generate speech from this text",
            "i want to listen to the answer, make an mp3",
            "voice over for this script",
            "convert text to audio",
            "have elevenlabs read the poem",
            "narrate the story into an mp3",
            "create a spoken version",
            "audio of the announcement",
            "text-to-speach this line",
            "let a voice say welcome",
            "produce an mp3 that says hello",
            "speak it",
            "read the letter out loud as sound file",
        ),
        parameters=SpeechArguments,
        packs=("drummer.content",),
        effects=frozenset({Effect.SPEND, Effect.WRITE_LOCAL}),
        egress=True,
        hosts=(_HOST,),
        credentials=(_KEY,),
        provider="elevenlabs",
        rates=(Rate(2, 1.0),),
        homepage="https://elevenlabs.io/docs",
        deadline_s=60.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer what stands in quotation marks, or was piped in, and a voice's id."""
        found: dict[str, list[Candidate]] = {}
        for name, asks in (("text", _TEXT), ("voice_id", _VOICE)):
            if value := asked_for(text, asks).get(name):
                found[name] = [Candidate(value, "words", certain=True)]
        given = [item.text for item in context.attachments if item.text]
        if given and "text" not in found:
            found["text"] = [Candidate(value, "context") for value in given]
        return found

    def touches(self, args: SpeechArguments, context: ToolContext) -> tuple[list[Path], list[Path]]:
        """Return the file that is made, where its name is free."""
        return [], [(context.output_dir / f"{stem_of(args.text, kind='speech')}.mp3").resolve()]

    async def execute(self, args: SpeechArguments, context: ToolContext) -> Spoken:
        """Have the text spoken, and keep the file. Raises `ToolFailure`."""
        reply = await context.http.request(
            "POST",
            f"https://{_HOST}/v1/text-to-speech/{args.voice_id}",
            params={"output_format": "mp3_44100_128"},
            headers={"xi-api-key": required_key(_KEY, host=_HOST, context=context)},
            json={"text": args.text, "model_id": "eleven_multilingual_v2"},
            accept="audio/mpeg",
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
            max_bytes=_MAX_AUDIO_BYTES,
        )
        path = keep(
            reply.body,
            directory=context.output_dir,
            stem=stem_of(args.text, kind="speech"),
            suffix=suffix_of(reply.body, among=(".mp3",), service=_HOST),
        )
        return Spoken(path, len(reply.body))

    def format(self, args: SpeechArguments, raw: Spoken, context: ToolContext) -> ToolResult:
        """Return where the file is."""
        count = len(args.text)
        said = f"The speech ({count:,} characters) is in {raw.path} ({raw.size_bytes:,} bytes)."
        return ToolResult(
            (fit(said),),
            answer=str(raw.path),
            data={"path": str(raw.path), "bytes": raw.size_bytes, "voice_id": args.voice_id},
            sources=(Source(title=f"ElevenLabs: {raw.path.name}", locator=str(raw.path)),),
        )


TOOL = TextToSpeech()
