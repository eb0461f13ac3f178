"""Full-text search over runs: what a person types as a query of SQLite's FTS5. Pure.

Every word must occur somewhere in a run, in the request, the answer, or the arguments and results
of its calls; a word may be the beginning of a longer one. Words between quotes stay together.
Nothing that FTS5 would take for an operator reaches it unquoted
(https://www.sqlite.org/fts5.html#full_text_query_syntax).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from toollama.errors import InputError
from toollama.store.rows import RUN_COLUMNS, RunRow
from toollama.text import well_formed

Field = Literal["prompt", "answer", "arguments", "results"]

MARK_BEGIN, MARK_END = "«", "»"
"""What stands around the words found in an excerpt."""

_PHRASE = re.compile(r'"([^"]+)"|([^\s"]+)')
_WORD_LETTER = re.compile(r"\w")
_MAX_TERMS = 12
_EXCERPT_TOKENS = 16
_MAX_ROWS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A run that was found, and the excerpt that matches best. Its texts are untrusted."""

    run: RunRow
    field: Field
    excerpt: str


def terms(text: str) -> list[str]:
    """Return the words and phrases of a query as FTS5 strings. Raises `InputError` for none."""
    # FTS5 takes a NUL for the end of the query.
    typed = well_formed(text).replace("\0", " ")
    found = [phrase or word for phrase, word in _PHRASE.findall(typed)]
    searchable = [term for term in found if _WORD_LETTER.search(term)][:_MAX_TERMS]
    if not searchable:
        raise InputError("there is nothing to search for", fix="toollama runs search WORDS")
    return [f'"{term}" *' for term in searchable]


def query(words: Sequence[str], *, limit: int) -> tuple[str, list[str | int]]:
    """Return the statement that finds at most `limit` runs with all words, the best first."""
    having_all = " INTERSECT ".join(["SELECT run_id FROM search WHERE search MATCH ?"] * len(words))
    columns = ", ".join(f"runs.{name.strip()}" for name in RUN_COLUMNS.split(","))
    # snippet() works on rows of the index only: the limit keeps SQLite from merging the queries.
    sql = f"""
        SELECT {columns}, found.field, found.excerpt, min(found.score) FROM (
            SELECT run_id, field, rank AS score,
                snippet(search, 2, '{MARK_BEGIN}', '{MARK_END}', '…', {_EXCERPT_TOKENS}) AS excerpt
            FROM search WHERE search MATCH ? AND run_id IN ({having_all})
            ORDER BY rank LIMIT {_MAX_ROWS}
        ) AS found JOIN runs ON runs.run_id = found.run_id
        GROUP BY runs.run_id ORDER BY min(found.score), runs.started_at DESC LIMIT ?
    """  # noqa: S608 - constants only; what was typed is bound
    return sql, [" OR ".join(words), *words, limit]


def hit(columns: Sequence[Any]) -> Hit:
    """Return the row of a query made by `query`."""
    *run, field, excerpt, _score = columns
    return Hit(run=RunRow.from_columns(run), field=field, excerpt=excerpt)
