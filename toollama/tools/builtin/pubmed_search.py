"""Biomedical papers, from PubMed: a search for identifiers, then their summaries.

E-utilities are documented at https://www.ncbi.nlm.nih.gov/books/NBK25501/; three requests a second
without a key, ten with one. Not yet run against the real service.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

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
from toollama.tools.language.asks import compile_asks, proposed_query
from toollama.tools.scholarly.papers import Paper, none_found, told
from toollama.tools.upstream import Document, read_as

_HOST = "eutils.ncbi.nlm.nih.gov"
_KEY = "NCBI_API_KEY"
_SINCE = re.compile(r"\b(?:since|after|from) ((?:19|20)\d\d)\b", re.IGNORECASE)
_NEWEST = re.compile(r"\b(?:newest|latest|recent|most recent)\b", re.IGNORECASE)
_END = r"(?=$|[?!;]| (?:since|after|from) (?:19|20)\d\d| (?:on|in|at|from) (?:pubmed|medline))"
_ABOUT = r"(?:about|on|for|of|into|regarding)"
_ASKS = compile_asks(
    rf"\b(?:papers?|stud(?:y|ies)|articles?|trials?|literature|research|reviews?|evidence)\b.*?"
    rf" {_ABOUT} (?P<query>(?!pubmed|medline).+?){_END}",
    rf"\b(?:pubmed|medline)\b:? (?:(?:search|papers|articles|studies|for) )*(?:{_ABOUT} )?"
    rf"(?P<query>.+?){_END}",
    r"\b(?:search(?: for)?|find|look up) (?P<query>.+?) (?:on|in|at|with) (?:pubmed|medline)\b",
)
_GUESSES = compile_asks(
    rf"\b(?:search|find|look up|get|show)(?: me)?(?: for)? (?P<query>.+?){_END}",
)


class PubmedArguments(Arguments):
    """Which papers."""

    query: Annotated[str, Field(min_length=2, max_length=300)]
    """What the papers are about."""
    since_year: Annotated[int, Field(ge=1800, le=2100)] | None = None
    """Only papers published in or after this year."""
    order: Literal["relevance", "newest"] = "relevance"
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    """How many papers."""


class _Found(Document):
    count: int
    idlist: tuple[str, ...]


class _Search(Document):
    esearchresult: _Found


class _Author(Document):
    name: str


class _Record(Document):
    uid: str
    title: str = ""
    authors: tuple[_Author, ...] = ()
    pubdate: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """The records of the best hits, and how many there are in all."""

    total: int
    records: tuple[_Record, ...]


class PubmedSearch(Tool[PubmedArguments, Hits]):
    """Searches PubMed."""

    spec = ToolSpec(
        name="pubmed_search",
        summary="Find medical and life-science papers in PubMed by topic.",
        utterances=(
            "pubmed papers on statins and muscle pain",
            "search PubMed for long covid fatigue",
            "medical studies about intermittent fasting",
            "find clinical trials on ketamine for depression in pubmed",
            "latest medline articles about gene therapy for sickle cell disease",
            "biomedical literature on gut microbiome and anxiety",
            "is there medical research on magnesium for migraine",
            "pubmed: aphasia therapy after stroke",
            "newest studies on semaglutide since 2024",
            "look up metformin longevity in PubMed",
            "show me randomised trials on vitamin d in the elderly",
            "medical evidence for physiotherapy after knee surgery",
            "pub med search crispr side effects",
            "systematic reviews about tinnitus treatment",
            "which papers on pubmed deal with dysphagia screening",
            "cancer immunotherapy studies, pubmed please",
            "find five medical papers on hand hygiene",
            "epidemiology articles about measles outbreaks",
            "peer reviewed medicine papers on asthma in children",
            "medline search for omega-3 and arrhythmia",
            "clinical literature on cochlear implants in adults",
            "health studies on shift work and diabetes from 2022",
        ),
        parameters=PubmedArguments,
        packs=("drummer.search", "belter.research"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        optional_credentials=(_KEY,),
        provider="ncbi",
        rates=(Rate(3, 1.0),),
        cache_ttl_s=86_400.0,
        fallbacks=("semantic_scholar_search", "crossref_search"),
        homepage="https://www.ncbi.nlm.nih.gov/books/NBK25501/",
        deadline_s=30.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the topic, the year of `since 2024` and the order of `newest`."""
        proposal = proposed_query(text, _ASKS, guesses=_GUESSES)
        if year := _SINCE.search(text):
            proposal["since_year"] = [Candidate(int(year[1]), "words", certain=True)]
        if _NEWEST.search(text):
            proposal["order"] = [Candidate("newest", "words", certain=True)]
        return proposal

    async def execute(self, args: PubmedArguments, context: ToolContext) -> Hits:
        """Search, then fetch the summaries of what was found."""
        terms: dict[str, str | int] = {
            "term": args.query,
            "retmax": args.limit,
            "sort": "pub_date" if args.order == "newest" else "relevance",
        }
        if args.since_year is not None:
            terms |= {"datetype": "pdat", "mindate": args.since_year, "maxdate": 3000}
        answer = await self._ask("esearch", terms, context)
        found = read_as(_Search, answer, service=_HOST).esearchresult
        if not found.idlist:
            return Hits(found.count, ())
        answer = await self._ask("esummary", {"id": ",".join(found.idlist)}, context)
        by_id = answer.get("result", {}) if isinstance(answer, Mapping) else {}
        records = [by_id[uid] for uid in found.idlist if uid in by_id]
        return Hits(found.count, read_as(tuple[_Record, ...], records, service=_HOST))

    async def _ask(
        self, utility: str, params: Mapping[str, str | int], context: ToolContext
    ) -> Any:
        key = context.credentials.get(_KEY, host=_HOST)
        fixed = {"db": "pubmed", "retmode": "json", "tool": "toollama"}
        contact = {"email": context.contact} if "@" in context.contact else {}
        return await context.http.get_json(
            f"https://{_HOST}/entrez/eutils/{utility}.fcgi",
            params={**fixed, **params, **contact, **({"api_key": key} if key else {})},
            hosts=self.spec.hosts,
        )

    def format(self, args: PubmedArguments, raw: Hits, context: ToolContext) -> ToolResult:
        """State each paper with its PubMed number."""
        if not raw.records:
            return none_found(args.query, service="PubMed")
        papers = [_paper(record) for record in raw.records]
        return told(papers, total=raw.total, service="PubMed", context=context)


def _paper(record: _Record) -> Paper:
    return Paper(
        title=record.title.rstrip("."),
        authors=tuple(author.name for author in record.authors),
        published=record.pubdate,
        venue=record.source,
        identifier=f"PMID {record.uid}",
        url=f"https://pubmed.ncbi.nlm.nih.gov/{record.uid}/",
    )


TOOL = PubmedSearch()
