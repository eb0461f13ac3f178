"""Translate words with a LibreTranslate server: one's own, or libretranslate.com with a key.

Documented at https://docs.libretranslate.com/. `LIBRETRANSLATE_URL` names the server
(`toollama.base_urls`). Not yet run against a real server.
"""

from typing import Any

from toollama.policy import Effect
from toollama.tools.base import Proposal, Rate, Tool, ToolContext, ToolResult, ToolSpec
from toollama.tools.translation.languages import code_of
from toollama.tools.translation.requests import TranslateArguments, proposed, told
from toollama.tools.upstream import Document, json_of, read_as

_HOST = "libretranslate.com"
_SERVER, _KEY = "LIBRETRANSLATE_URL", "LIBRETRANSLATE_API_KEY"


class _Answer(Document):
    translatedText: str  # noqa: N815 - the service's own name


class LibreTranslate(Tool[TranslateArguments, str]):
    """Translates on the user's server."""

    spec = ToolSpec(
        name="libretranslate",
        summary="Translate a text with your own LibreTranslate server.",
        utterances=(
            "libretranslate good evening into German",
            'use LibreTranslate to translate "we are closed" to French',
            "translate the text with libretranslate to Spanish: open the door",
            "on my LibreTranslate server, translate hello to Italian",
            "libre translate see you soon to Swedish",
            "with libretranslate, how do you say river in Polish",
            "translate privately with LibreTranslate into Dutch: my address is secret",
            "libretranslate: from German to English: Gute Besserung",
            "ask libretranslate for the Turkish translation of welcome",
            "self-hosted translation to Japanese of 'no smoking' by LibreTranslate",
            "run this through libretranslate to Russian: the meeting moved",
            "get libretranslate to put this in Portuguese: thank you all",
            "libretranslate thank you arabic",
            "translate locally with LibreTranslate to Czech: good luck",
            "LibreTranslate version of the phrase happy holidays in Finnish",
            "do a libretranslate of bon voyage to English",
            "using libretranslate, say cheers in Danish",
            "libretranslate this into Korean: have a seat",
            "i want libretranslate not mymemory for: to Greek, the sea",
            "libretransalte hello to hindi",
            "translation by libretranslate into Ukrainian of I am at home",
        ),
        parameters=TranslateArguments,
        packs=("drummer.content", "belter.document"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        credentials=(_SERVER,),
        optional_credentials=(_KEY,),
        provider="libretranslate",
        rates=(Rate(80, 60.0),),
        cache_ttl_s=30 * 86_400.0,
        fallbacks=("translate",),
        homepage="https://docs.libretranslate.com/",
        deadline_s=60.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the words and the languages of `translate X into Y`."""
        return proposed(text)

    async def execute(self, args: TranslateArguments, context: ToolContext) -> str:
        """Translate the whole text in one request."""
        key = context.credentials.get(_KEY, host=_HOST)
        body: dict[str, Any] = {
            "q": args.text,
            "source": _code(args.source) if args.source else "auto",
            "target": _code(args.target),
            "format": "text",
            **({"api_key": key} if key else {}),
        }
        reply = await context.http.request(
            "POST",
            f"https://{_HOST}/translate",
            json=body,
            secrets=[key] if key else [],
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
        )
        answer = json_of(reply, service=_HOST)
        return read_as(_Answer, answer, service=_HOST).translatedText

    def format(self, args: TranslateArguments, raw: str, context: ToolContext) -> ToolResult:
        """State the translation."""
        if not raw.strip():
            return ToolResult(("LibreTranslate has no translation for this.",), status="empty")
        return told(args, raw, service="LibreTranslate", url=f"https://{_HOST}/", context=context)


def _code(language: str) -> str:
    """Return the code as LibreTranslate writes it: without a region."""
    return code_of(language).partition("-")[0]


TOOL = LibreTranslate()
