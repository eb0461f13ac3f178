"""A request to translate: what is translated, into which language, from which. Pure."""

import re
from typing import Annotated

from pydantic import Field, field_validator

from toollama.tools.base import Arguments, Candidate, Proposal, ToolContext, ToolResult
from toollama.tools.citing import web_source
from toollama.tools.language.asks import asked_for, compile_asks
from toollama.tools.language.sentences import fit, sentences
from toollama.tools.translation.languages import NAMES, language_name

MAX_CHARACTERS = 5_000
_STATEMENTS = 6
_SHORT = 80
_LANGUAGE = "|".join(NAMES)
_SERVICE = r"(?:,? (?:with|by|using|via|on|through) (?:my )?(?:libretranslate|mymemory)\b.*)?"
_ASKS = compile_asks(
    rf"\btranslate (?:from (?P<source>{_LANGUAGE}) )?(?:in)?to (?P<target>{_LANGUAGE})"
    rf"(?: with libretranslate)?:? (?P<text>.+?){_SERVICE}$",
    rf"\btranslate:? (?P<text>.+?)(?: from (?P<source>{_LANGUAGE}))? (?:in)?to (?:the )?"
    rf"(?P<target>{_LANGUAGE})\b",
    rf"\btranslate:? (?P<text>.+?) from (?P<source>{_LANGUAGE})\b",
    rf"\bhow (?:do|would|can) (?:you|i|we) (?:say|write|put) (?P<text>.+?)"
    rf" in (?P<target>{_LANGUAGE})\b",
    rf"\bwhat(?: is|'s) (?:the )?(?P<target>{_LANGUAGE})(?: word| phrase| translation)?"
    rf" (?:for|of) (?P<text>.+?)$",
    rf"\b(?P<target>{_LANGUAGE}) (?:translation|version|word) (?:of|for):? (?P<text>.+?)$",
    rf"\bwhat is (?P<text>.+?) in (?P<target>{_LANGUAGE})\b",
    rf"\b(?:say|put|write) (?P<text>.+?) in(?:to)? (?P<target>{_LANGUAGE})\b",
)
_QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]|(?<!\w)['‘]([^'’]+)['’](?!\w)", re.DOTALL)


class TranslateArguments(Arguments):
    """What to translate into which language."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
    """The words to translate."""
    target: Annotated[str, Field(min_length=2, max_length=20)]
    """The language to translate into, such as Spanish."""
    source: Annotated[str, Field(max_length=20)] = ""
    """The language of the words; left out, the service tells."""

    @field_validator("target", "source")
    @classmethod
    def _known(cls, value: str) -> str:
        name = language_name(value)
        if value and not name:
            raise ValueError("must be a language, such as Spanish or es")
        return name


def proposed(text: str) -> Proposal:
    """Return what a request asks to translate; a quotation is the text to the letter."""
    found = asked_for(text, _ASKS)
    proposal: dict[str, list[Candidate]] = {
        name: [Candidate(language_name(found[name]), "words", certain=True)]
        for name in ("target", "source")
        if name in found
    }
    quotations = [one or other for one, other in _QUOTED.findall(text)]
    if len(quotations) == 1:
        proposal["text"] = [Candidate(quotations[0], "words", certain=True)]
    elif "text" in found:
        proposal["text"] = [Candidate(found["text"], "words", certain=True)]
    return proposal


def pieces(text: str, *, limit_bytes: int) -> list[str]:
    """Return the text in pieces of at most `limit_bytes` of UTF-8, cut at sentences, then words.

    Joined by blanks they say the same; white space is collapsed.
    """
    found: list[str] = []
    for sentence in sentences(text):
        for word_group in _fitting(sentence.split(" "), limit_bytes):
            joined = f"{found[-1]} {word_group}" if found else word_group
            if found and len(joined.encode()) <= limit_bytes:
                found[-1] = joined
            else:
                found.append(word_group)
    return found


def _fitting(words: list[str], limit_bytes: int) -> list[str]:
    groups: list[str] = []
    for word in (part for one in words for part in _halves(one, limit_bytes)):
        joined = f"{groups[-1]} {word}" if groups else word
        if groups and len(joined.encode()) <= limit_bytes:
            groups[-1] = joined
        else:
            groups.append(word)
    return groups


def _halves(word: str, limit_bytes: int) -> list[str]:
    if len(word.encode()) <= limit_bytes:
        return [word]
    middle = len(word) // 2
    return _halves(word[:middle], limit_bytes) + _halves(word[middle:], limit_bytes)


def told(
    args: TranslateArguments, translation: str, *, service: str, url: str, context: ToolContext
) -> ToolResult:
    """Return the translation: beside the words where both are short, else sentence by sentence."""
    if len(args.text) <= _SHORT and len(translation) <= _SHORT:
        statements = [f"“{args.text}” in {args.target} is “{translation}”."]
    else:
        statements = [fit(one) for one in sentences(translation)[:_STATEMENTS]]
    return ToolResult(
        statements=tuple(statements),
        answer=translation,
        text=translation,
        data={"text": args.text, "target": args.target, "translation": translation},
        sources=(web_source(f"{service}: translation into {args.target}", url, context),),
    )
