"""Tables: a data file becomes typed columns with exact numbers.

Owns the dialect, the header, the type of each column and how cells are written for people. Refuses
ragged rows, because a guess there moves figures into the wrong column. Numbers are fractions, so
that a sum has no rounding. `csv.Sniffer` is not used: it may take a letter for the delimiter.
"""

import csv
import difflib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic_core import from_json, to_json

from toollama.tools import documents
from toollama.tools.base import ToolContext, ToolFailure

Kind = Literal["number", "date", "bool", "text"]
Cell = Fraction | date | bool | str | None

_HEAD_BYTES = 300_000
_READABLE_SHARE = 0.9
_MISSING = frozenset({"", "-", "--", "?", "na", "n/a", "#n/a", "nan", "null", "none", "missing"})
_BOOLEANS = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}
_CURRENCY_CODES = "USD|EUR|GBP|JPY|CNY|INR|CHF|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|BRL|MXN|ZAR|KRW|TRY"
_UNIT = rf"(?:[A-Z]{{0,2}}[$€£¥₹₽₩₺₴]|{_CURRENCY_CODES})"
_NUMBER = re.compile(
    rf"""
    (?P<open>\()? (?P<sign>-)? \s* (?P<before>{_UNIT})? \s* (?P<inner_sign>[-+])?
    (?P<digits>
        (?=[.\d])
        (?: [1-9]\d{{0,2}} (?:[,'\s]\d{{2,3}})* [,'\s]\d{{3}} | 0 | [1-9]\d* )?
        (?: \.\d+ )? (?: e[+-]?\d{{1,3}} )?
    )
    \s* (?P<after>%|{_UNIT})? (?P<close>\))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN_MARKS = str.maketrans("\N{MINUS SIGN}\N{RIGHT SINGLE QUOTATION MARK}", "-'")
_SWAPPED_MARKS = str.maketrans(",.", ".,")
_DATE_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y-%m", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    *("%m/%d/%y", "%d/%m/%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %Y", "%B %Y"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. A missing or unreadable cell is None; percentages are counted in percent."""

    name: str
    kind: Kind
    cells: tuple[Cell, ...]
    unit: str = ""
    """The currency or percent sign that its numbers carry."""

    @property
    def present(self) -> list[Cell]:
        """Return the cells that hold a value."""
        return [cell for cell in self.cells if cell is not None]


@dataclass(frozen=True, slots=True)
class Table:
    """A data file as columns of equal length."""

    name: str
    columns: tuple[Column, ...]
    rows: int
    notes: tuple[str, ...] = ()
    """Whole sentences about cells that were left out or could be read in two ways."""

    def column(self, name: str) -> Column:
        """Return the column that `name` means, whatever its case, spacing or plural.

        Raises `ToolFailure` with the nearest names.
        """
        wanted = words_of(name)
        tests: tuple[Callable[[Column], bool], ...] = (
            lambda column: column.name == name,
            lambda column: words_of(column.name) == wanted,
            lambda column: words_of(column.name)[-len(wanted) :] == wanted,
        )
        for test in tests:
            if len(found := [column for column in self.columns if test(column)]) == 1:
                return found[0]
        names = [column.name for column in self.columns]
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        raise ToolFailure(
            f'{self.name} has no column "{name}"',
            kind="invalid_input",
            fix=f"use one of: {', '.join(near or names)}",
        )


def load(name: str, context: ToolContext, *, head_only: bool = False) -> Table:
    """Return the table that `name` means: a data file, or text given as `stdin`.

    `head_only` stops after the first 300 kB, which is enough to propose arguments from. Raises
    `ToolFailure` where the file cannot be read or is not a table.
    """
    limit = _HEAD_BYTES if head_only else None
    if (given := documents.given_text(name, context)) is not None:
        return parse(given[:limit], name=name, partial=len(given) > (limit or len(given)))
    path = documents.locate(name, context)
    data = documents.read_bytes(path)
    text = documents.decode(data[:limit], name=path.name)
    return parse(text, name=path.name, partial=len(data) > (limit or len(data)))


def parse(text: str, *, name: str, partial: bool = False) -> Table:
    """Return text as a table: JSON, JSON lines, or values parted by a delimiter.

    The type follows the extension of `name`, else the content. A `partial` text may end anywhere.
    Raises `ToolFailure`.
    """
    suffix = Path(name).suffix.lower()
    start = text.lstrip("\ufeff \t\n")[:1]
    if suffix == ".json" or (suffix not in documents.TABLE_SUFFIXES and start in {"[", "{"}):
        rows = _json_rows(text, name=name, partial=partial)
    elif suffix in {".jsonl", ".ndjson"}:
        rows = _records(_json_lines(text, name=name, partial=partial))
    else:
        rows = _delimited_rows(text, name=name, tabs=suffix in {".tsv", ".tab"}, partial=partial)
    if len(rows) < 2 or not rows[0]:
        raise documents.refusal(
            f"{name} has no rows of data", fix="name a file with a header and rows"
        )
    names, *body = rows
    typed = [
        _typed(column, [row[place] for row in body]) for place, column in enumerate(_unique(names))
    ]
    notes = tuple(note for _, note in typed if note)
    return Table(name, tuple(column for column, _ in typed), len(body), notes)


def words_of(name: str) -> tuple[str, ...]:
    """Return a name as stems without case, accents and plural: `Order_Dates` is `orderDate`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    folded = unicodedata.normalize("NFKD", spaced).casefold()
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    return tuple(_stem(word) for word in re.findall(r"[^\W_]+", plain))


def figure(value: Fraction, unit: str = "") -> str:
    """Return a number as people write it: `5,400`, `$12.50`, `39.3333`.

    Up to six decimals are exact; longer ones are rounded to four significant decimals.
    """
    places = next((n for n in range(7) if (value * 10**n).denominator == 1), None)
    money = bool(unit) and unit != "%"
    if money:
        places = 0 if places == 0 else 2
    elif places is None:
        places = next((n for n in range(4, 40) if abs(value) * 10**n >= 1_000), 40)
    whole, decimals = divmod(abs(round(value * 10**places)), 10**places)
    digits = f"{whole:,}.{decimals:0{places}d}" if places else f"{whole:,}"
    sign = "-" if value < 0 else ""
    if unit == "%":
        return f"{sign}{digits}%"
    return f"{sign}{unit}{digits}" if len(unit) == 1 else f"{sign}{digits} {unit}".rstrip()


def label(cell: Cell, unit: str = "") -> str:
    """Return a cell as people read it."""
    if cell is None:
        return "(missing)"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Fraction):
        return figure(cell, unit)
    return cell.isoformat() if isinstance(cell, date) else cell


def json_value(cell: Cell) -> Any:
    """Return a cell as JSON knows it; a fraction becomes the nearest float."""
    if isinstance(cell, Fraction):
        return cell.numerator if cell.denominator == 1 else float(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    clean = [[" ".join(cell.replace("|", r"\|").split()) for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in clean)


def to_number(text: str, *, comma_decimal: bool = False) -> tuple[Fraction, str] | None:
    """Return the number that a cell holds and its unit, or None.

    `$1,200.50`, `(3)` for minus three, `12 %` and `1 200` are numbers; `007` is a code.
    """
    plain = text.strip().translate(_PLAIN_MARKS)
    found = _NUMBER.fullmatch(plain.translate(_SWAPPED_MARKS) if comma_decimal else plain)
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    value = Fraction(re.sub(r"[,'\s]", "", found["digits"]))
    negative = found["open"] or "-" in {found["sign"], found["inner_sign"]}
    unit = (found["before"] or found["after"] or "").upper()
    return -value if negative else value, unit


def to_bool(text: str) -> bool | None:
    """Return what `yes`, `true`, `n` and their like mean, or None."""
    return _BOOLEANS.get(text.strip().casefold())


def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    word = word.removesuffix("e") if len(word) > 3 else word
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


def _unique(names: Sequence[str]) -> list[str]:
    """Return a name for every column: blank ones are numbered, repeated ones too."""
    seen: Counter[str] = Counter()
    result = []
    for place, name in enumerate(names, start=1):
        clean = " ".join(name.split()) or f"column {place}"
        seen[clean] += 1
        result.append(clean if seen[clean] == 1 else f"{clean} ({seen[clean]})")
    return result


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
                raise documents.refusal(
                    f"{name} is ragged: line {reader.line_num} has {len(row)} values where the "
                    f"header has {width}",
                    fix=f"quote values that contain {delimiter!r}, or complete the line",
                )
            if len(row) == width:
                rows.append(row)
    except csv.Error as error:
        raise documents.refusal(
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
        or any(_to_date(cell, form) for form in _DATE_FORMATS)
        for cell in row
    )


def _json_rows(text: str, *, name: str, partial: bool) -> list[list[str]]:
    try:
        found = from_json(text, allow_partial=partial)
    except ValueError as error:
        if len(text.strip().splitlines()) > 1 and text.lstrip().startswith("{"):
            return _records(_json_lines(text, name=name, partial=partial))
        raise documents.refusal(
            f"{name} is not JSON: {error}", fix="check it with: jq . FILE"
        ) from error
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
                raise documents.refusal(
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


def _typed(name: str, texts: Sequence[str]) -> tuple[Column, str]:
    """Return the column in the narrowest type that nine tenths of its cells have, and a note."""
    stripped = [text.strip() for text in texts]
    counts = Counter(text for text in stripped if text.casefold() not in _MISSING)
    present = counts.total()
    booleans = {text: to_bool(text) for text in counts}
    if counts and None not in booleans.values():
        return Column(name, "bool", tuple(booleans.get(text) for text in stripped)), ""
    kind: Kind
    for kind, read in (("number", _numbers), ("date", _dates)):
        values, unit, note = read(name, counts)
        odd = [text for text in counts if text not in values]
        readable = sum(counts[text] for text in values)
        if not values or readable < _READABLE_SHARE * present:
            continue
        if odd:
            note = (
                f'{present - readable} cells of "{name}" are not {kind}s and were left out, '
                f'such as "{odd[0]}".'
            )
        return Column(name, kind, tuple(values.get(text) for text in stripped), unit), note
    cells = tuple(text if text in counts else None for text in stripped)
    units = sorted({found[1] for text in counts if (found := to_number(text)) and found[1]})
    mixed = f'"{name}" mixes {" and ".join(units)}, so it is kept as text.'
    return Column(name, "text", cells), mixed if len(units) > 1 else ""


def _numbers(_name: str, texts: Iterable[str]) -> tuple[dict[str, Cell], str, str]:
    """Return the texts that are numbers, read with the decimal mark that suits most of them."""
    styles = [
        {text: read for text in texts if (read := to_number(text, comma_decimal=comma))}
        for comma in (False, True)
    ]
    best = max(styles, key=len)
    units = {unit for _, unit in best.values() if unit}
    if len(units) > 1:
        return {}, "", ""
    return {text: value for text, (value, _) in best.items()}, next(iter(units), ""), ""


def _dates(name: str, texts: Iterable[str]) -> tuple[dict[str, Cell], str, str]:
    """Return the texts that are dates in the one format that suits most of them."""
    sample = list(islice(texts, 50))
    hopeful = [form for form in _DATE_FORMATS if any(_to_date(text, form) for text in sample)]
    readings: dict[str, dict[str, Cell]] = {
        form: {text: day for text in texts if (day := _to_date(text, form))} for form in hopeful
    }
    if not readings:
        return {}, "", ""
    best = max(readings, key=lambda form: len(readings[form]))
    rival = best.replace("%m/%d", "%d/%m")
    unsure = rival != best and len(readings.get(rival, ())) == len(readings[best])
    note = f'"{name}" was read as month/day; it could be day/month.' if unsure else ""
    return readings[best], "", note


def _to_date(text: str, form: str) -> date | None:
    day = re.sub(r"[T\s]+\d{1,2}:\d{2}.*$", "", text.strip())
    try:
        return datetime.strptime(day, form).date()  # noqa: DTZ007 - a cell's date has no zone
    except ValueError:
        return None
