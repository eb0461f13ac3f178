"""Preprints of physics, mathematics and computing, from arXiv.

The Atom interface is documented at https://info.arxiv.org/help/api/user-manual.html; keyless, one
request every three seconds. arXiv answers a query that it cannot read with status 200 and a single
entry titled `Error`. Not yet run against the real service.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.feeds.reading import Entry, Feed, read_feed
from toollama.tools.language.asks import compile_asks, proposed_query
from toollama.tools.scholarly.papers import Paper, none_found, told

_HOST = "export.arxiv.org"
_ID = re.compile(r"(?:arxiv:\s*|arxiv\.org/(?:abs|pdf)/)?(\d{4}\.\d{4,5})(?:v\d+)?", re.IGNORECASE)
_SINCE = re.compile(r"\b(?:since|after|from|newer than) ((?:19|20)\d\d)\b", re.IGNORECASE)
_NEWEST = re.compile(r"\b(?:newest|latest|recent|most recent|new)\b", re.IGNORECASE)
_END = (
    r"(?=$|[?!;]| (?:since|after|from|newer than) (?:19|20)\d\d| (?:on|in|at|from) (?:the )?arxiv)"
)
_ABOUT = r"(?:about|on|for|of|regarding|dealing with|covering)"
_ASKS = compile_asks(
    rf"\b(?:papers?|preprints?|articles?|e-?prints?|submissions?|work|results)\b.*? {_ABOUT} "
    rf"(?P<query>(?!arxiv).+?){_END}",
    rf"\barxiv\b:? (?:(?:papers?|preprints?|search|results|for) )*(?:{_ABOUT} )?"
    rf"(?P<query>.+?){_END}",
    r"\b(?:search(?: for)?|find|look up) (?P<query>.+?) (?:on|in|at|with) (?:the )?arxiv\b",
)
_GUESSES = compile_asks(
    rf"\b(?:search|find|look up|get|show)(?: me)?(?: for)? (?P<query>.+?){_END}",
)


class ArxivArguments(Arguments):
    """Which preprints."""

    query: Annotated[str, Field(min_length=2, max_length=200)]
    """Words that the paper must hold, or one arXiv identifier such as 2106.09685."""
    since_year: Annotated[int, Field(ge=1991, le=2100)] | None = None
    """Only papers submitted in or after this year."""
    order: Literal["relevance", "newest"] = "relevance"
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    """How many papers."""


class ArxivSearch(Tool[ArxivArguments, Feed]):
    """Searches arXiv."""

    spec = ToolSpec(
        name="arxiv_search",
        summary="Find preprints on arXiv by topic or identifier, with authors and abstract.",
        utterances=(
            "arxiv papers about low-rank adaptation",
            "search arXiv for diffusion models",
            "find preprints on topological insulators",
            "latest arxiv submissions on graph neural networks",
            "arXiv 2106.09685",
            "what is arxiv:1706.03762 about",
            "show me new preprints about quantum error correction",
            "any arxiv paper on retrieval augmented generation since 2024?",
            "newest arXiv e-prints on neutrino oscillations",
            "preprint search: speculative decoding",
            "look for mathematics preprints on elliptic curves",
            "arxiv: attention is all you need",
            "who wrote arxiv 2305.14314",
            "get the abstract of https://arxiv.org/abs/1512.03385",
            "is there an arxiv preprint about gravitational lensing by voids",
            "recent astro-ph preprints on dark energy",
            "find three arxiv articles on protein folding",
            "arxive papers on bayesian optimisation",
            "which preprints came out about mixture of experts after 2023",
            "cs.CL preprints about tokenization on arXiv",
            "look up mamba state space models in arxiv",
            "preprints by topic: random matrix theory",
            "e-prints about superconductors at high pressure",
            "looking for e-prints on galaxy mergers",
        ),
        parameters=ArxivArguments,
        packs=("drummer.search", "belter.research"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        provider="arxiv",
        rates=(Rate(1, 3.0),),
        cache_ttl_s=86_400.0,
        fallbacks=("semantic_scholar_search", "crossref_search"),
        homepage="https://info.arxiv.org/help/api/",
        deadline_s=30.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer an identifier, else the topic; the year of `since 2024`; the order of `newest`."""
        proposal = proposed_query(text, _ASKS, guesses=_GUESSES)
        if identifier := _ID.search(text):
            proposal["query"] = [Candidate(identifier[1], "words", certain=True)]
        if year := _SINCE.search(text):
            proposal["since_year"] = [Candidate(int(year[1]), "words", certain=True)]
        if _NEWEST.search(text):
            proposal["order"] = [Candidate("newest", "words", certain=True)]
        return proposal

    async def execute(self, args: ArxivArguments, context: ToolContext) -> Feed:
        """Ask once: arXiv cools clients down that try again."""
        params: dict[str, str | int] = {"max_results": args.limit}
        if identifier := _ID.fullmatch(args.query):
            params["id_list"] = identifier[1]
        else:
            params["search_query"] = search_query(args.query, since_year=args.since_year)
            params["sortBy"] = "submittedDate" if args.order == "newest" else "relevance"
            params["sortOrder"] = "descending"
        reply = await context.http.request(
            "GET",
            f"https://{_HOST}/api/query",
            params=params,
            accept="application/atom+xml",
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
        )
        if reply.body.strip().lower().startswith(b"rate exceeded"):
            raise ToolFailure(
                f"{_HOST} has had too many requests", kind="rate_limited", fix="try again later"
            )
        return read_feed(reply.body, service=_HOST)

    def format(self, args: ArxivArguments, raw: Feed, context: ToolContext) -> ToolResult:
        """State each paper; the abstracts are the text."""
        if len(raw.entries) == 1 and raw.entries[0].title == "Error":
            raise ToolFailure(
                f"{_HOST} could not read the query: {raw.entries[0].summary[:120]}",
                kind="invalid_input",
                fix="use plain words",
            )
        papers = [_paper(entry) for entry in raw.entries]
        if not papers:
            return none_found(args.query, service="arXiv")
        total = len(papers) if raw.total is None else raw.total
        return told(papers, total=total, service="arXiv", context=context)


def search_query(words: str, *, since_year: int | None = None) -> str:
    """Return the words in arXiv's query language: all of them anywhere in the record.

    What the language gives a meaning (quotation marks, colons, brackets, AND) is no word.
    """
    terms: Sequence[str] = re.findall(r"[^\W_]+(?:[-'.][^\W_]+)*", words)
    said = [term for term in terms if term not in {"AND", "OR", "ANDNOT"}]
    query = " AND ".join(f"all:{term}" for term in said)
    if since_year is None:
        return query
    return f"{query} AND submittedDate:[{since_year}01010000 TO 210012312359]"


def _paper(entry: Entry) -> Paper:
    identifier = re.sub(r"v\d+$", "", entry.identifier.rpartition("/abs/")[2])
    return Paper(
        title=entry.title,
        authors=entry.authors,
        published=entry.published,
        identifier=f"arXiv:{identifier}" if identifier else "",
        url=f"https://arxiv.org/abs/{identifier}" if identifier else entry.link,
        abstract=entry.summary,
    )


TOOL = ArxivSearch()
