"""The rows of a data file as text: delimited values, JSON, or JSON lines.

Owns the dialect and the header. Refuses ragged rows, because a guess there moves figures into the
wrong column. `csv.Sniffer` is not used: it may take a letter for the delimiter.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from toollama.tools.reading.requested_files import TABLE_SUFFIXES
from toollama.tools.refusal import refusal
from toollama.tools.tabular.cells import to_number
from toollama.tools.tabular.columns import reads_as_date


def read_rows(text: str, *, name: str, partial: bool = False) -> list[list[str]]:
    """Return the header and the rows, each as wide as the header.

    The type follows the extension of `name`, else the content. A `partial` text may end anywhere.
    Raises `ToolFailure`.
    """
    suffix = Path(name).suffix.lower()
    start = text.lstrip("\ufeff \t\n")[:1]
    if suffix == ".json" or (suffix not in TABLE_SUFFIXES and start in {"[", "{"}):
        return _json_rows(text, name=name, partial=partial)
    if suffix in {".jsonl", ".ndjson"}:
        return _records(_json_lines(text, name=name, partial=partial))
    return _delimited_rows(text, name=name, tabs=suffix in {".tsv", ".tab"}, partial=partial)


def _delimited_rows(text: str, *, name: str, tabs: bool, partial: bool) -> list[list[str]]:
    """Return the header and the rows, each as wide as the header."""
    delimiter = "\t" if tabs else _delimiter(text)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            width = len(rows[0]) if rows else len(row)
            while len(row) > width and not row[-1].strip():
                row.pop()
            if len(row) != width and not partial:
                raise refusal(
                    f"{name} is ragged: line {reader.line_num} has {len(row)} values where the "
                    f"header has {width}",
                    fix=f"quote values that contain {delimiter!r}, or complete the line",
                )
            if len(row) == width:
                rows.append(row)
    except csv.Error as error:
        raise refusal(
            f"{name}, line {reader.line_num}: {error}", fix="save the file as CSV again"
        ) from error
    if partial:
        rows = rows[:-1]
    if rows and _is_data(rows[0]):
        rows.insert(0, [""] * len(rows[0]))
    return rows


def _delimiter(text: str) -> str:
    """Return the delimiter that parts the first rows most evenly, then most finely."""

    def evenness(delimiter: str) -> tuple[float, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row in islice(reader, 30) if row)
        ((width, count),) = widths.most_common(1) or [(0, 0)]
        return (count / widths.total() if width > 1 else 0.0), width

    return max(",;\t|", key=evenness)


def _is_data(row: Sequence[str]) -> bool:
    """Tell whether a first row holds values, not names; a year may be a column's name."""
    return any(
        (to_number(cell) and not re.fullmatch(r"(?:19|20)\d\d", cell.strip()))
        or reads_as_date(cell)
        for cell in row
    )


def _json_rows(text: str, *, name: str, partial: bool) -> list[list[str]]:
    try:
        found = from_json(text, allow_partial=partial)
    except ValueError as error:
        if len(text.strip().splitlines()) > 1 and text.lstrip().startswith("{"):
            return _records(_json_lines(text, name=name, partial=partial))
        raise refusal(f"{name} is not JSON: {error}", fix="check it with: jq . FILE") from error
    if isinstance(found, dict):
        found = next((value for value in found.values() if isinstance(value, list)), [found])
    return _records(found if isinstance(found, list) else [])


def _json_lines(text: str, *, name: str, partial: bool) -> Iterator[Any]:
    lines = text.splitlines()
    for number, line in enumerate(lines[:-1] if partial else lines, start=1):
        if line.strip():
            try:
                yield from_json(line)
            except ValueError as error:
                raise refusal(
                    f"{name}, line {number} is not JSON: {error}", fix="one JSON object per line"
                ) from error


def _records(records: Iterable[Any]) -> list[list[str]]:
    """Return objects as a header of every key seen and one row each; others become `value`."""
    flat = [_flat(record) if isinstance(record, dict) else {"value": record} for record in records]
    names = list(dict.fromkeys(key for record in flat for key in record))
    return [names, *([_cell(record.get(name)) for name in names] for record in flat)]


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested objects as dotted keys: `address.city`."""
    result: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            result |= _flat(value, f"{prefix}{key}.")
        else:
            result[f"{prefix}{key}"] = value
    return result


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return to_json(value).decode() if isinstance(value, bool | list | dict) else str(value)
