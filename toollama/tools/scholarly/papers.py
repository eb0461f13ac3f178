"""A paper as search services know it, and how a list of papers is told. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from toollama.tools.base import ToolContext, ToolResult
from toollama.tools.citing import web_source
from toollama.tools.language.sentences import fit

_NAMED_AUTHORS = 3
_TITLE_CHARACTERS = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper. What the service does not say is empty."""

    title: str
    authors: tuple[str, ...] = ()
    published: str = ""
    """As precise as it is known: `2024-03-01`, `2024`."""
    venue: str = ""
    identifier: str = ""
    """Such as `arXiv:2106.09685` or `PMID 12345678`."""
    url: str
    abstract: str = ""


def told(papers: Sequence[Paper], *, total: int, service: str, context: ToolContext) -> ToolResult:
    """Return the papers as a result: one statement each, abstracts as text, a source each.

    `total` is how many the service has; the first statement counts where it is more than shown.
    """
    statements = [_sentence(paper) for paper in papers]
    if total > len(papers):
        statements.append(f"{service} has {total:,} papers for this; {len(papers)} are shown.")
    return ToolResult(
        statements=tuple(fit(statement) for statement in statements),
        answer=papers[0].title if len(papers) == 1 else "",
        text="\n\n".join(_long_form(paper) for paper in papers),
        data={"total": total, "papers": [asdict(paper) for paper in papers]},
        sources=tuple(
            web_source(f"{service}: {paper.title}", paper.url, context)
            for paper in papers
            if paper.url
        ),
        truncated=total > len(papers),
    )


def none_found(query: str, *, service: str) -> ToolResult:
    """Return the result of a search that found nothing."""
    return ToolResult((fit(f'{service} has no paper for "{query}".'),), status="empty")


def _sentence(paper: Paper) -> str:
    by = f" by {_authors(paper.authors)}" if paper.authors else ""
    facts = ", ".join(filter(None, (paper.venue, paper.published, paper.identifier)))
    title = fit(paper.title, limit=_TITLE_CHARACTERS)
    return f"“{title}”{by}" + (f" ({facts})." if facts else ".")


def _authors(authors: Sequence[str]) -> str:
    named = ", ".join(authors[:_NAMED_AUTHORS])
    more = len(authors) - _NAMED_AUTHORS
    return f"{named} and {more} more" if more > 0 else named


def _long_form(paper: Paper) -> str:
    return "\n".join(filter(None, (_sentence(paper), paper.url, paper.abstract)))
