"""Translate words into another language, by MyMemory.

Documented at https://mymemory.translated.net/doc/spec.php: 500 bytes a request, 5,000 characters a
day without an e-mail address and 50,000 with one. `Autodetect` as the source language is in use by
its clients and not in that document. Not yet run against the real service.
"""

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.translation.languages import code_of
from toollama.tools.translation.requests import TranslateArguments, pieces, proposed, told
from toollama.tools.upstream import Document, read_as

_HOST = "api.mymemory.translated.net"
_EMAIL = "MYMEMORY_EMAIL"
_PIECE_BYTES = 500


class _Data(Document):
    translatedText: str  # noqa: N815 - the service's own name


class _Answer(Document):
    responseData: _Data  # noqa: N815 - the service's own name
    responseStatus: int = Field(default=200)  # noqa: N815 - the service's own name
    responseDetails: str = ""  # noqa: N815 - the service's own name
    quotaFinished: bool | None = None  # noqa: N815 - the service's own name


class Translate(Tool[TranslateArguments, str]):
    """Translates a text of up to 5,000 characters."""

    spec = ToolSpec(
        name="translate",
        summary="Translate a word, phrase or text into another language.",
        utterances=(
            "translate good morning into Spanish",
            'translate "where is the station" to Japanese',
            "how do you say thank you in Norwegian",
            "what is the German word for butterfly",
            "translate from French to English: je ne sais quoi",
            "say I love you in Italian",
            "French translation of the cat sleeps",
            "what's cheese in Dutch",
            "put this into Portuguese: see you tomorrow",
            "translate this sentence to Polish: the train is late",
            "translation of happy birthday into Welsh",
            "how would I write 'no sugar please' in Turkish",
            "in korean, how do i say excuse me",
            "translate guten Abend",
            "traduce hello to spanish",
            "english to swedish: forest",
            "what does 'buenas noches' mean in English",
            "can you translate my text to Arabic",
            "give me the Finnish for snow",
            "tranlsate water to greek",
            "I need this paragraph in Czech",
            "ukrainian translation please: we are safe",
            "convert the phrase have a nice day to Hindi",
            "translate to Latin: knowledge is power",
        ),
        parameters=TranslateArguments,
        packs=("drummer.content", "belter.document"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        optional_credentials=(_EMAIL,),
        provider="mymemory",
        rates=(Rate(2, 1.0), Rate(1_000, 86_400.0)),
        cache_ttl_s=30 * 86_400.0,
        fallbacks=("libretranslate",),
        homepage="https://mymemory.translated.net/doc/spec.php",
        deadline_s=60.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the words and the languages of `translate X into Y`."""
        return proposed(text)

    async def execute(self, args: TranslateArguments, context: ToolContext) -> str:
        """Translate piece by piece, in order."""
        source = code_of(args.source) if args.source else "Autodetect"
        pair = f"{source}|{code_of(args.target)}"
        email = context.credentials.get(_EMAIL, host=_HOST)
        parts = [
            await self._piece(piece, pair, email, context)
            for piece in pieces(args.text, limit_bytes=_PIECE_BYTES)
        ]
        return " ".join(parts)

    async def _piece(self, piece: str, pair: str, email: str | None, context: ToolContext) -> str:
        answer = await context.http.get_json(
            f"https://{_HOST}/get",
            params={"q": piece, "langpair": pair, **({"de": email} if email else {})},
            hosts=self.spec.hosts,
        )
        found = read_as(_Answer, answer, service=_HOST)
        if found.quotaFinished or found.responseStatus == 429:
            raise ToolFailure(
                f"{_HOST}: the free characters of today are used up",
                kind="rate_limited",
                fix=f"toollama keys set {_EMAIL}, or try again tomorrow",
            )
        if found.responseStatus != 200:
            raise ToolFailure(
                f"{_HOST} could not translate: {found.responseDetails[:120]}",
                kind="upstream",
                fix="name the language of the words: from French",
            )
        return found.responseData.translatedText

    def format(self, args: TranslateArguments, raw: str, context: ToolContext) -> ToolResult:
        """State the translation."""
        if not raw.strip():
            return ToolResult(("MyMemory has no translation for this.",), status="empty")
        return told(
            args, raw, service="MyMemory", url="https://mymemory.translated.net/", context=context
        )


TOOL = Translate()
