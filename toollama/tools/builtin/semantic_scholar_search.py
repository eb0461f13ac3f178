"""Papers of every field with their citation counts, from Semantic Scholar.

Documented at https://api.semanticscholar.org/api-docs/graph. Without a key all callers share one
quota, which is often spent; with one, it is a request a second. Not yet run against the real
service.
"""

import re
from typing import Annotated

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

_HOST = "api.semanticscholar.org"
_KEY = "SEMANTIC_SCHOLAR_API_KEY"
_FIELDS = "title,year,authors,venue,citationCount,abstract,url,externalIds"
_SINCE = re.compile(r"\b(?:since|after|from|newer than) ((?:19|20)\d\d)\b", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:until|before|up to) ((?:19|20)\d\d)\b", re.IGNORECASE)
_END = (
    r"(?=$|[?!;]| (?:since|after|from|newer than|until|before|up to) (?:19|20)\d\d"
    r"| (?:on|in|at|from|with|using) semantic scholar)"
)
_ABOUT = r"(?:about|on|for|of|regarding|dealing with|covering)"
_ASKS = compile_asks(
    rf"\b(?:papers?|articles?|publications?|research|stud(?:y|ies)|literature|work)\b.*? {_ABOUT} "
    rf"(?P<query>(?!semantic scholar).+?){_END}",
    rf"\bsemantic scholar\b:? (?:(?:papers?|search|for) )*(?:{_ABOUT} )?(?P<query>.+?){_END}",
    r"\b(?:search(?: for)?|find|look up) (?P<query>.+?) (?:on|in|at|with) semantic scholar\b",
)
_GUESSES = compile_asks(
    rf"\b(?:search|find|look up|get|show)(?: me)?(?: for)? (?P<query>.+?){_END}",
)


class ScholarArguments(Arguments):
    """Which papers."""

    query: Annotated[str, Field(min_length=2, max_length=300)]
    """What the papers are about."""
    since_year: Annotated[int, Field(ge=1800, le=2100)] | None = None
    """Only papers of this year or later."""
    until_year: Annotated[int, Field(ge=1800, le=2100)] | None = None
    """Only papers of this year or earlier."""
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    """How many papers."""


class _Author(Document):
    name: str | None = None


class _Paper(Document):
    title: str | None = None
    url: str | None = None
    year: int | None = None
    venue: str | None = None
    abstract: str | None = None
    citationCount: int | None = None  # noqa: N815 - the service's own name
    authors: tuple[_Author, ...] = ()
    externalIds: dict[str, str | int] | None = None  # noqa: N815 - the service's own name


class Papers(Document):
    """The best hits, and how many there are in all."""

    total: int = 0
    data: tuple[_Paper, ...] = ()


class SemanticScholarSearch(Tool[ScholarArguments, Papers]):
    """Searches Semantic Scholar."""

    spec = ToolSpec(
        name="semantic_scholar_search",
        summary="Find scientific papers on a topic, with authors, year and citation counts.",
        utterances=(
            "papers about LoRA since 2024",
            "find research papers on sleep and memory",
            "scientific articles about microplastics in drinking water",
            "semantic scholar speech-language pathology",
            "which studies exist on remote work and productivity",
            "most cited papers on transformers in vision",
            "literature on coral bleaching after 2020",
            "search academic papers: causal inference with instrumental variables",
            "recent research about solid state batteries",
            "get me publications on urban heat islands",
            "are there any papers on bilingual aphasia",
            "look for peer-reviewed work on trust in automation",
            "scholarly articles about medieval trade routes",
            "paper search reinforcement learning from human feedback",
            "academic sources for an essay on food deserts",
            "find studies of bird migration and light pollution before 2015",
            "research on the effect of music on plants?",
            "list five papers on federated learning",
            "who has published about soil carbon",
            "papers by topic fair machine learning",
            "reserch papers on perovskite solar cells",
            "what has been written in journals about loneliness in old age",
            "citations and authors for work on graphene sensors",
            "semantic scholar search for knowledge graphs",
            "highly cited studies of group polarization",
        ),
        parameters=ScholarArguments,
        packs=("drummer.search", "belter.research"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        optional_credentials=(_KEY,),
        provider="semantic_scholar",
        rates=(Rate(1, 1.0),),
        cache_ttl_s=86_400.0,
        fallbacks=("crossref_search", "arxiv_search"),
        homepage="https://www.semanticscholar.org/product/api",
        deadline_s=30.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the topic, and the years of `since 2024` and `before 2015`."""
        proposal = proposed_query(text, _ASKS, guesses=_GUESSES)
        for name, pattern in (("since_year", _SINCE), ("until_year", _UNTIL)):
            if year := pattern.search(text):
                proposal[name] = [Candidate(int(year[1]), "words", certain=True)]
        return proposal

    async def execute(self, args: ScholarArguments, context: ToolContext) -> Papers:
        """Search by relevance."""
        params: dict[str, str | int] = {
            "query": args.query,
            "limit": args.limit,
            "fields": _FIELDS,
        }
        if args.since_year or args.until_year:
            params["year"] = f"{args.since_year or ''}-{args.until_year or ''}"
        key = context.credentials.get(_KEY, host=_HOST)
        answer = await context.http.get_json(
            f"https://{_HOST}/graph/v1/paper/search",
            params=params,
            headers={"x-api-key": key} if key else {},
            hosts=self.spec.hosts,
        )
        return read_as(Papers, answer, service=_HOST)

    def format(self, args: ScholarArguments, raw: Papers, context: ToolContext) -> ToolResult:
        """State each paper with its citations."""
        papers = [_paper(one) for one in raw.data if one.title]
        if not papers:
            return none_found(args.query, service="Semantic Scholar")
        return told(papers, total=raw.total, service="Semantic Scholar", context=context)


def _paper(one: _Paper) -> Paper:
    ids = one.externalIds or {}
    doi = f"DOI {ids['DOI']}" if "DOI" in ids else ""
    cited = "" if one.citationCount is None else f"cited {one.citationCount:,} times"
    return Paper(
        title=one.title or "",
        authors=tuple(author.name for author in one.authors if author.name),
        published=str(one.year or ""),
        venue=one.venue or "",
        identifier=", ".join(filter(None, (cited, doi))),
        url=one.url or (f"https://doi.org/{ids['DOI']}" if "DOI" in ids else ""),
        abstract=one.abstract or "",
    )


TOOL = SemanticScholarSearch()
