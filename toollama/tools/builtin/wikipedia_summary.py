"""Look a topic up in Wikipedia and give the first sentences of its article.

Two documented services, both keyless: the MediaWiki Action API finds the page
(https://www.mediawiki.org/wiki/API:Search), the Wikimedia REST API gives its summary
(https://en.wikipedia.org/api/rest_v1/). Not yet run against the real services.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
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
from toollama.tools.language.phrases import distinct, names, plain, quoted
from toollama.tools.language.sentences import fit, sentences
from toollama.tools.upstream import Document, read_as

_STATEMENTS = 4
_SEARCH_HITS = 3
_LANGUAGES = {
    "english": "en",
    "german": "de",
    "french": "fr",
    "spanish": "es",
    "italian": "it",
    "portuguese": "pt",
    "dutch": "nl",
    "polish": "pl",
    "swedish": "sv",
    "norwegian": "no",
    "danish": "da",
    "finnish": "fi",
    "russian": "ru",
    "ukrainian": "uk",
    "turkish": "tr",
    "arabic": "ar",
    "hindi": "hi",
    "japanese": "ja",
    "chinese": "zh",
    "korean": "ko",
}
_LANGUAGE = re.compile(
    rf"\b({'|'.join(_LANGUAGES)}) wikipedia\b|\b(?:in|from) ({'|'.join(_LANGUAGES)})\b"
    r"|\b([a-z]{2,3})\.wikipedia\b",
    re.IGNORECASE,
)
_EXPLICIT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bwikipedia(?:'s)?(?: (?:page|article|entry|summary|say))* (?:about|on|for|of) (.+)",
        r"\b(?:look up|search(?: for)?|find) (.+?) (?:on|in) (?:the )?(?:\w+ )?wikipedia\b",
        r"\bwikipedia:? (?!page|article|entry|summary|say)(.+)",
        r"\btell me (?:something |more |a bit )?about (.+)",
        r"\b(?:who|what)(?: is| was| are| were|'s) (.+)",
    )
)
_IMPLICIT = re.compile(
    r"\bwho (?:invented|discovered|founded|wrote|painted|composed|built|created|won|directed) (.+)",
    re.IGNORECASE,
)
_TOPIC_END = re.compile(
    r"[?!;\n]|\.(?=\s*$)|,? (?:on|in|from|according to|using) (?:the )?(?:\w+ )?wikipedia\b.*"
    rf"|,? (?:please|in (?:brief|short|{'|'.join(_LANGUAGES)})|in \w+ sentences?|for me)\b.*",
    re.IGNORECASE,
)


class WikipediaArguments(Arguments):
    """What to look up."""

    topic: Annotated[str, Field(min_length=1, max_length=200)]
    """A person, place, thing or event."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "en"
    """Which Wikipedia: its language code."""


class _Hit(Document):
    title: str


class _Hits(Document):
    search: list[_Hit]


class _SearchAnswer(Document):
    query: _Hits


class _Desktop(Document):
    page: str


class _Urls(Document):
    desktop: _Desktop


class _Summary(Document):
    title: str
    type: str = "standard"
    extract: str = ""
    content_urls: _Urls


@dataclass(frozen=True, slots=True)
class Found:
    """The titles that a search gave, best first, and the summary of the first."""

    titles: Sequence[str]
    summary: _Summary | None


class WikipediaSummary(Tool[WikipediaArguments, Found]):
    """The first sentences of an article."""

    spec = ToolSpec(
        name="wikipedia_summary",
        summary="Look up a person, place, thing or event in Wikipedia and summarise it.",
        utterances=(
            "Who was Ada Lovelace?",
            "Who is the president of Brazil?",
            "What is photosynthesis?",
            "What was the Hanseatic League?",
            "What are mitochondria?",
            "Tell me about the Battle of Hastings",
            "Tell me something about black holes",
            "Look up Marie Curie on Wikipedia",
            "Wikipedia Alan Turing",
            "What does Wikipedia say about the Great Barrier Reef?",
            "Give me a short summary of the French Revolution",
            "Search Wikipedia for quantum entanglement",
            "When was Marie Curie born?",
            "When did the Berlin Wall fall?",
            "Where is the Eiffel Tower?",
            "Who wrote Don Quixote?",
            "Who invented the telephone?",
            "Give me background on the city of Timbuktu",
            "I want to know more about the Roman Empire",
            "What's the history of the Suez Canal?",
            "Explain what the Voyager program was",
            "Look up Goethe in the German Wikipedia",
            "Which country is Mount Kilimanjaro in?",
            "What is the capital of Mongolia known for?",
            "Who painted Guernica?",
            "Who composed the Magic Flute?",
            "How did Pompeii disappear?",
            "What is the highest mountain in Asia?",
            "Tell me about the Seven Years' War",
            "tell me about the town of Siena",
            "tell me about the city of Fez",
            "How did Napoleon die?",
            "When did the Cold War end?",
            "Which city hosted the Olympics in 1936?",
            "Who discovered penicillin?",
            "Who founded the Red Cross?",
            "Who won the Nobel Prize in physics in 1921?",
            "How did the Hindenburg crash?",
            "Why did the Roman Empire fall?",
            "When did the First World War start?",
            "When was the printing press invented?",
            "Where is Lake Titicaca?",
            "What is the longest river in Europe?",
            "What is the capital of Australia?",
            "What is the population of Iceland?",
            "history of the tea trade",
            "wiki Rosa Parks",
            "background info on Bauhaus",
            "info about the company Philips",
            "facts about octopuses",
            "what happened at Waterloo",
            "What causes tides?",
            "how does a vaccine work",
            "tell me who Simone de Beauvoir was",
            "biography of Frida Kahlo",
            "what do you know about Carthage",
            "encyclopedia article on volcanoes",
            "What is the theory of plate tectonics?",
            "which planet is the largest",
            "how old is the universe",
            "who is Malala",
            "whats the story behind Stonehenge",
            "when did queen victoria die",
            "who built the Alhambra and when",
            "what is known about the life of Hypatia",
            "when was the Alhambra built",
            "why is Galileo famous",
        ),
        parameters=WikipediaArguments,
        packs=("drummer.search", "belter.research", "belter.knowledge"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=("*.wikipedia.org",),
        provider="wikipedia",
        rates=(Rate(5, 1.0),),
        cache_ttl_s=86_400.0,
        homepage="https://www.mediawiki.org/wiki/API:Search",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the topic of `who was X` and its like, quotations and capitalised names."""
        proposal: dict[str, list[Candidate]] = {}
        text = plain(text)
        explicit = _explicit_topic(text)
        topics = distinct([explicit, *quoted(text), *names(text), _implicit_topic(text)])
        if topics:
            proposal["topic"] = [
                Candidate(topic, "words", certain=topic == explicit) for topic in topics
            ]
        if match := _LANGUAGE.search(text):
            word = next(filter(None, match.groups())).lower()
            language = _LANGUAGES.get(word, word)
            proposal["language"] = [Candidate(language, "words", certain=match[2] is None)]
        return proposal

    async def execute(self, args: WikipediaArguments, context: ToolContext) -> Found:
        """Find the page, then fetch its summary."""
        host = f"{args.language}.wikipedia.org"
        answer = await context.http.get_json(
            f"https://{host}/w/api.php",
            params={
                "action": "query",
                "list": "search",
                "format": "json",
                "srsearch": args.topic,
                "srlimit": _SEARCH_HITS,
            },
            hosts=self.spec.hosts,
        )
        hits = read_as(_SearchAnswer, answer, service=host).query.search
        titles = _best_first([hit.title for hit in hits], args.topic)
        if not titles:
            return Found((), None)
        page = quote(titles[0].replace(" ", "_"), safe="")
        try:
            answer = await context.http.get_json(
                f"https://{host}/api/rest_v1/page/summary/{page}", hosts=self.spec.hosts
            )
        except ToolFailure as failure:
            if failure.kind != "not_found":
                raise
            return Found((), None)
        return Found(titles, read_as(_Summary, answer, service=host))

    def format(self, args: WikipediaArguments, raw: Found, context: ToolContext) -> ToolResult:
        """State the first sentences; a page that only lists pages is an empty result."""
        summary = raw.summary
        if summary is None or not summary.extract.strip():
            return ToolResult(
                (fit(f'Wikipedia ({args.language}) has no article for "{args.topic}".'),),
                status="empty",
            )
        source = Source(
            title=f"Wikipedia: {summary.title}",
            locator=summary.content_urls.desktop.page,
            retrieved_at=context.clock.now().isoformat(timespec="seconds"),
            untrusted=True,
        )
        if summary.type == "disambiguation":
            others = [title for title in raw.titles if title != summary.title]
            ask = f" It may be: {'; '.join(others)}." if others else ""
            said = f'Wikipedia has several articles for "{args.topic}".{ask}'
            return ToolResult((fit(said),), sources=(source,), status="empty")
        return ToolResult(
            tuple(fit(sentence) for sentence in sentences(summary.extract)[:_STATEMENTS]),
            text=summary.extract,
            data={"title": summary.title, "url": source.locator, "extract": summary.extract},
            sources=(source,),
        )


def _explicit_topic(text: str) -> str:
    matches = (pattern.search(text) for pattern in _EXPLICIT)
    return next((_topic(match[1]) for match in matches if match), "")


def _implicit_topic(text: str) -> str:
    match = _IMPLICIT.search(text)
    return _topic(match[1]) if match else ""


def _topic(tail: str) -> str:
    topic = _TOPIC_END.split(tail, maxsplit=1)[0].strip(" \"'.,:")
    return re.sub(r"^(?:the|an?) (?=\S)", "", topic, flags=re.IGNORECASE)


def _best_first(titles: Sequence[str], topic: str) -> list[str]:
    """Return the titles with an exact match first; the search ranks by text, not by title."""
    return sorted(titles, key=lambda title: title.casefold() != topic.casefold())


TOOL = WikipediaSummary()
