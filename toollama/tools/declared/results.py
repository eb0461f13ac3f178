"""An answer becomes statements, sources and data, by the terms of its operation. Pure.

A service's document is untrusted: every text is put on one line, and nothing in it is evaluated.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jmespath
from pydantic_core import to_json

from toollama.text import one_line, truncate
from toollama.tools.base import Source, ToolFailure, ToolResult
from toollama.tools.declared.format import Terms
from toollama.tools.declared.plain_text import plain
from toollama.tools.declared.templates import Template, shown
from toollama.tools.language.sentences import fit

_MAX_LISTED, _MAX_TEXT = 50, 20_000
_MAX_RAW = 2_000
_URL_KEPT = "/:@,;()~"
_PLAIN_FIELDS = 8
_POINT_OF_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ]|$)")

Fields = Mapping[str, Any]
"""The values of one result by the names that templates use."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the terms find in one document."""

    results: tuple[Fields, ...]
    document: Any


def read(terms: Terms, document: Any, given: Fields, *, service: str) -> Reading:
    """Return the results of a document; `given` are the call's arguments, which fields hide.

    Raises `ToolFailure(kind="upstream")` for a fault that the service reports in its answer.
    """
    if terms.error and (fault := _search(terms.error, document)):
        raise ToolFailure(
            f"{service} answered: {one_line(shown(fault) or 'an error')}",
            kind="upstream",
            fix="try other words, or another tool",
        )
    found = _search(terms.list, document) if terms.list else document
    if found is None and not terms.fields:
        found = document  # where the list lies was guessed
    listed = found if isinstance(found, list) else [found]
    results = [{**given, **_fields(terms, one)} for one in listed if one not in (None, "", [], {})]
    return Reading(tuple(results), document)


def _fields(terms: Terms, result: Any) -> dict[str, Any]:
    if not terms.fields:
        return _flat(result)
    values = {name: _search(query, result) for name, query in terms.fields.items()}
    values |= {name: plain(values[name]) for name in terms.html}
    return values | {name: day_of(values[name]) for name in terms.days}


def day_of(value: Any) -> Any:
    """Return the day of `2026-11-20T08:00:00Z` or `20261120T080000Z`; anything else as it is."""
    found = _POINT_OF_TIME.match(value) if isinstance(value, str) else None
    return "-".join(found.groups()) if found else value


def _search(query: str, document: Any) -> Any:
    try:
        return jmespath.search(query, document)
    except jmespath.exceptions.JMESPathError:
        return None  # such as length(null): the part is not there


def _flat(result: Any) -> dict[str, Any]:
    """Return what a result without declared fields holds in plain values, nested names joined."""
    if not isinstance(result, Mapping):
        return {"value": result} if not isinstance(result, list) else {"values": result}
    flat: dict[str, Any] = {}
    for name, value in result.items():
        if isinstance(value, Mapping):
            inner = {f"{name} {key}": part for key, part in value.items()}
            flat.update({key: part for key, part in inner.items() if _is_plain(part)})
        elif _is_plain(value):
            flat[str(name)] = value
    return flat


def _is_plain(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return all(isinstance(item, str | int | float) for item in items) and value not in ("", [])


def result_of(terms: Terms, reading: Reading, given: Fields, cited: Source) -> ToolResult:
    """Return what a call gave.

    `cited` is the source where the terms name none. Raises `ToolFailure(kind="upstream")` where
    results are there and none of them is as documented.
    """
    results = reading.results
    said = [(one, text) for one in results if (text := _statement(terms, one, given))]
    if not said:
        if results and not terms.empty:
            raise ToolFailure(
                f"{cited.title} did not answer as documented",
                kind="upstream",
                fix="use another tool, and report it",
            )
        return nothing(terms, given, cited)
    shown_ones = said[: terms.limit]
    statements = [text for _, text in shown_ones]
    if rest := len(said) - len(shown_ones):
        statements.append(f"{rest} more {'result is' if rest == 1 else 'results are'} not listed.")
    return ToolResult(
        tuple(statements),
        answer=one_line(shown(results[0].get(terms.answer)), 200) if terms.answer else "",
        text=_long_form(terms, reading),
        data=_data(terms, reading),
        sources=_sources(terms, [one for one, _ in shown_ones], cited),
        truncated=rest > 0,
    )


def nothing(terms: Terms, given: Fields, cited: Source) -> ToolResult:
    """Return the honest result of a service that knows nothing."""
    said = terms.empty.filled(given) if terms.empty else None
    statement = fit(one_line(said or f"{cited.title} has nothing on that.", 1_000))
    return ToolResult((statement,), status="empty", sources=(cited,))


def accepted(terms: Terms, status: int, given: Fields, cited: Source) -> ToolResult:
    """Return the result of a service that took the request and answered without content."""
    said = _statement(terms, given, given) if terms.say else ""
    return ToolResult((said or f"{cited.title} accepted it ({status}).",), sources=(cited,))


def _statement(terms: Terms, result: Fields, given: Fields) -> str:
    if terms.say:
        filled = (template.filled(result) for template in terms.say)
        return fit(one_line(next(filter(None, filled), ""), 2_000))
    values = {name: value for name, value in result.items() if name not in given}
    pairs = [f"{name}: {text}" for name, value in values.items() if (text := shown(value))]
    return fit(one_line("; ".join(truncate(pair, 120) for pair in pairs[:_PLAIN_FIELDS]), 2_000))


def _long_form(terms: Terms, reading: Reading) -> str:
    if not terms.fields:
        return truncate(to_json(reading.document, indent=1, fallback=str).decode(), _MAX_RAW)
    blocks = [
        "\n".join(f"{name}: {text}" for name in terms.fields if (text := shown(result.get(name))))
        for result in reading.results[:_MAX_LISTED]
    ]
    return truncate("\n\n".join(blocks), _MAX_TEXT)


def _data(terms: Terms, reading: Reading) -> Any:
    if not terms.fields:
        return reading.document
    results = [{name: result.get(name) for name in terms.fields} for result in reading.results]
    return results if terms.list else results[0]


def _sources(terms: Terms, results: Sequence[Fields], cited: Source) -> tuple[Source, ...]:
    if terms.source is None:
        return (cited,)
    several = results if terms.source.url.fields else results[:1]
    sources = [
        Source(
            title=one_line(terms.source.title.filled(result) or cited.title, 120),
            locator=url,
            retrieved_at=cited.retrieved_at,
            untrusted=cited.untrusted,
        )
        for result in several
        if (url := url_of(terms.source.url, result))
    ]
    unique = {source.locator: source for source in reversed(sources)}
    return tuple(reversed(unique.values())) or (cited,)


def url_of(template: Template, result: Fields) -> str:
    """Return a template's URL for one result: a field that is the whole URL stays as it is."""
    whole = template.text.startswith("{")
    url = template.filled(result, spell=str if whole else _in_url) or ""
    is_web = url.startswith(("https://", "http://")) and not set(url) & set(' <>"\\')
    return url if is_web else ""


def _in_url(text: str) -> str:
    return quote(text, safe=_URL_KEPT)
