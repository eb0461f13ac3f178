"""Definitions, synonyms and pronunciation of English words, from Free Dictionary API.

Documented at https://dictionaryapi.dev/ (data from Wiktionary); keyless, run by one person, so a
failure of the service is ordinary. Not yet run against the real service.
"""

import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

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
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.language.phrases import distinct, plain, quoted
from toollama.tools.language.sentences import fit
from toollama.tools.upstream import Document, read_as

_HOST = "api.dictionaryapi.dev"
_SENSES_PER_PART = 2
_SYNONYMS = 10
_WORD = r"(?:the (?:word|term) )?[\"']?(?P<word>(?!(?:it|this|that|they)\b)[^\W\d_][\w'-]*"
_WORD += r"(?: [^\W\d_][\w'-]*){0,3}?)[\"']?"
_END = r"(?=\s*(?:[?!.,;]|$)| (?:in (?:english|a sentence)|please|and|means?)\b)"
_EXPLICIT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bdefine {_WORD}{_END}",
        rf"\bwhat (?:does|do|is) {_WORD} means?\b",
        rf"\b(?:meaning|definition|pronunciation|antonyms?|opposite) (?:of|for) {_WORD}{_END}",
        rf"\b(?:synonyms?|other words|another word) (?:of|for) {_WORD}{_END}",
        rf"\bhow (?:do you|to|do i) pronounce {_WORD}{_END}",
        rf"\blook up {_WORD} in (?:the|a) dictionary\b",
        rf"\bdictionary:? (?:entry for )?{_WORD}{_END}",
        rf"\bis {_WORD} a (?:real )?word\b",
        rf"\bpart of speech is {_WORD}{_END}",
        rf"\b(?=the (?:word|term) ){_WORD}{_END}",
    )
)


class DictionaryArguments(Arguments):
    """Which word."""

    word: Annotated[str, Field(min_length=1, max_length=60)]
    """One English word or fixed expression."""


class _Definition(Document):
    definition: str
    example: str = ""
    synonyms: tuple[str, ...] = ()


class _Meaning(Document):
    partOfSpeech: str  # noqa: N815 - the service's own name
    definitions: tuple[_Definition, ...]
    synonyms: tuple[str, ...] = ()
    antonyms: tuple[str, ...] = ()


class _Phonetic(Document):
    text: str = ""


class _Entry(Document):
    word: str
    phonetic: str = ""
    phonetics: tuple[_Phonetic, ...] = ()
    meanings: tuple[_Meaning, ...] = ()
    sourceUrls: tuple[str, ...] = ()  # noqa: N815 - the service's own name


class Dictionary(Tool[DictionaryArguments, list[_Entry]]):
    """What a word means."""

    spec = ToolSpec(
        name="dictionary",
        summary="Define an English word: meanings, examples, synonyms, antonyms, pronunciation.",
        utterances=(
            "Define serendipity",
            "What does ubiquitous mean?",
            "What is the meaning of ephemeral?",
            "Meaning of laconic",
            "Synonyms for happy",
            "Give me a synonym for fast",
            "Antonyms of brave",
            "What is the opposite of scarce?",
            "Definition of entropy",
            "How do you pronounce colonel?",
            "Pronunciation of quinoa",
            'What does the word "petrichor" mean?',
            "Look up gregarious in the dictionary",
            "Another word for important",
            "Other words for beautiful",
            "dictionary: obfuscate",
            "Is irregardless a word?",
            "Use the word ameliorate in a sentence",
            "What part of speech is quickly?",
            "Define the term due diligence",
            "What do you call a fear of spiders? define arachnophobia",
            "I don't know the word sonder, what does it mean?",
            "meaning of the word tacit",
            "i came across the word 'limpid', what is that",
            "a word that means the same as lazy",
            "what's another term for rich",
            "how do you say the word quay",
            "how is worcestershire pronounced",
            "opposite of opaque",
            "is 'funnest' a real word",
            "what does it mean to be stoic",
            "can you explain the word zeitgeist",
            "definiton of paradigm",
            "define: verbose",
            "synonym and antonym of bold",
            "thesaurus entry for angry",
            "spelling and meaning of mnemonic",
            "noun or verb: impact",
            "what would be a fancier word for big",
            "etymology of salary",
            "she called me 'feckless', what does the word mean",
            "what is meant by the word lugubrious",
            "in english, what does bespoke stand for",
        ),
        parameters=DictionaryArguments,
        packs=("drummer.content", "belter.knowledge"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        provider="dictionaryapi",
        rates=(Rate(450, 300.0),),
        cache_ttl_s=7 * 86_400.0,
        fallbacks=("wiktionary", "merriam_webster"),
        homepage="https://dictionaryapi.dev/",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the word of `define X` and its like, and quotations."""
        explicit = _explicit_word(text)
        words = distinct([explicit, *quoted(text)])
        if not words:
            return {}
        return {"word": [Candidate(word, "words", certain=word == explicit) for word in words]}

    async def execute(self, args: DictionaryArguments, context: ToolContext) -> list[_Entry]:
        """Fetch the entries; none for a word that the dictionary does not have."""
        word = quote(args.word.lower(), safe="")
        try:
            answer = await context.http.get_json(
                f"https://{_HOST}/api/v2/entries/en/{word}", hosts=self.spec.hosts
            )
        except ToolFailure as failure:
            if failure.kind == "not_found":
                return []
            raise
        return read_as(list[_Entry], answer, service=_HOST)

    def format(
        self, args: DictionaryArguments, raw: list[_Entry], context: ToolContext
    ) -> ToolResult:
        """State meanings by part of speech, then synonyms, antonyms and pronunciation."""
        meanings = [meaning for entry in raw for meaning in entry.meanings if meaning.definitions]
        if not meanings:
            said = f'The dictionary has no entry for "{args.word}".'
            return ToolResult((said,), status="empty")
        word = raw[0].word
        statements = [
            *_sense_sentences(word, meanings),
            *_list_sentence(f"Synonyms of {word}", _synonyms(meanings)),
            *_list_sentence(
                f"Antonyms of {word}", [other for meaning in meanings for other in meaning.antonyms]
            ),
            *_pronunciation(word, raw),
        ]
        urls = [url for entry in raw for url in entry.sourceUrls]
        source = Source(
            title=f"Free Dictionary API (Wiktionary): {word}",
            locator=next(iter(urls), f"https://{_HOST}/api/v2/entries/en/{quote(word, safe='')}"),
            retrieved_at=context.clock.now().isoformat(timespec="seconds"),
            untrusted=True,
        )
        return ToolResult(
            tuple(fit(statement) for statement in statements),
            text=_long_form(word, meanings),
            data=[entry.model_dump() for entry in raw],
            sources=(source,),
        )


def _explicit_word(text: str) -> str:
    flat = plain(text)
    found = next(filter(None, (pattern.search(flat) for pattern in _EXPLICIT)), None)
    return re.sub(r"^(?:an?|the) ", "", found["word"], flags=re.IGNORECASE) if found else ""


def _sense_sentences(word: str, meanings: Sequence[_Meaning]) -> list[str]:
    return [
        f"{word} ({meaning.partOfSpeech}): {sense.definition.strip()}"
        for meaning in meanings
        for sense in meaning.definitions[:_SENSES_PER_PART]
    ]


def _synonyms(meanings: Sequence[_Meaning]) -> list[str]:
    return [
        synonym
        for meaning in meanings
        for synonyms in (meaning.synonyms, *(sense.synonyms for sense in meaning.definitions))
        for synonym in synonyms
    ]


def _list_sentence(subject: str, words: Sequence[str]) -> list[str]:
    few = distinct(words)[:_SYNONYMS]
    return [f"{subject}: {', '.join(few)}."] if few else []


def _pronunciation(word: str, entries: Sequence[_Entry]) -> list[str]:
    spellings = [
        text
        for entry in entries
        for text in (entry.phonetic, *(phonetic.text for phonetic in entry.phonetics))
    ]
    return [f"{word} is pronounced {spelling}." for spelling in distinct(spellings)[:1]]


def _long_form(word: str, meanings: Sequence[_Meaning]) -> str:
    lines = [word]
    for meaning in meanings:
        lines.append(f"{meaning.partOfSpeech}:")
        for number, sense in enumerate(meaning.definitions, start=1):
            example = f' Example: "{sense.example}"' if sense.example else ""
            lines.append(f"  {number}. {sense.definition}{example}")
    return "\n".join(lines)


TOOL = Dictionary()
