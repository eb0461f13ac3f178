"""The words of a request with marks for the columns and the values of a table that they name. Pure.

A mark is `@` (a near miss, such as a typing error: `~`), a letter for what the column holds and its
place: `@n2` is the number column 2, `@t` text, `@b` bool, `@d` date, `@i` an identifier. `@v0` is
the first value met.
"""

import difflib
import re
from dataclasses import dataclass
from datetime import date

from toollama.tools.calendar.calendar_names import MONTHS
from toollama.tools.numbers.number_words import with_digits
from toollama.tools.tabular.columns import Column
from toollama.tools.tabular.stems import stems
from toollama.tools.tabular.tables import Table

_MAX_KNOWN_VALUES = 1_000
_LONGEST_NAME = 5
_IDENTIFIERS = frozenset(stems("id code no number key uuid zip postcode phone index"))
_VAGUE = frozenset(stems("id code no number name title total amount value"))
_RESERVED = frozenset(
    stems(
        "total sum average mean median count number top most best more less highest lowest least "
        "how many share percent by per each every which what who the a an of in on is are was for "
        "from to and or all any not no yes with it whole value name min max maximum minimum"
    )
)


@dataclass(frozen=True, slots=True)
class MetValue:
    """A value of the table that the words name."""

    value: str
    columns: tuple[int, ...]
    """Places of the columns that hold it."""


@dataclass(frozen=True, slots=True)
class MarkedWords:
    """A request in lower case, its number words as digits: `which @t0 has the highest @n2`."""

    words: str
    values: tuple[MetValue, ...]
    """In the order of their marks."""


def column_letter(column: Column) -> str:
    """Return what kind of thing a column holds: `n` measure, `i` identifier, `t`, `d` or `b`."""
    named_so = not _IDENTIFIERS.isdisjoint(stems(column.name)[-1:])
    return "i" if named_so and column.kind in {"number", "text"} else column.kind[0]


def marked(text: str, table: Table) -> MarkedWords:
    """Return the request with marks for what it names; the longest name wins."""
    tokens = re.findall(r"\d+(?:[.,-]\d+)*|[^\W_]+|[<>]=?|=", _dated(text, table))
    token_stems = [next(iter(stems(token)), token) for token in tokens]
    names, values = _name_marks(table), _values(text, table)
    marks: list[str] = []
    met: list[MetValue] = []
    place = 0
    while place < len(tokens):
        for size in range(_LONGEST_NAME, 0, -1):
            key = tuple(token_stems[place : place + size])
            if key in names:
                marks.append(names[key])
            elif key in values:
                marks.append(f"@v{len(met)}")
                met.append(values[key])
            else:
                continue
            place += len(key)
            break
        else:
            marks.append(_near_miss(token_stems[place], names) or tokens[place])
            place += 1
    return MarkedWords(with_digits(" ".join(marks)), tuple(met))


def _dated(text: str, table: Table) -> str:
    """Return a request in lower case without file names, its months and quarters as ISO dates.

    A month without a year is that of the table's only year.
    """
    plain = re.sub(r"\S+\.(?:csv|tsv|tab|jsonl?|ndjson)\b", " ", text).casefold()
    years = {
        cell.year for column in table.columns for cell in column.cells if isinstance(cell, date)
    }
    for number, month in enumerate(map(str.lower, MONTHS), start=1):
        name = rf"\b{month[:3]}(?:{month[3:]})?\b\.?"
        plain = re.sub(rf"{name} ((?:19|20)\d\d)\b", rf"\1-{number:02}", plain)
        if len(years) == 1:
            plain = re.sub(
                rf"\b(in|for|during) {name}(?!\w)", rf"\1 {min(years)}-{number:02}", plain
            )
    return re.sub(
        r"\bq([1-4])(?: of)? ((?:19|20)\d\d)\b",
        lambda m: f"{m[2]}-{3 * int(m[1]) - 2:02} to {m[2]}-{3 * int(m[1]):02}",
        plain,
    )


def _name_marks(table: Table) -> dict[tuple[str, ...], str]:
    """Return marks by name; the last or the telling part of a name stands for it if unique."""
    full: dict[tuple[str, ...], str] = {}
    short: dict[tuple[str, ...], set[str]] = {}
    for place, column in enumerate(table.columns):
        name = stems(column.name)
        full[name] = mark = f"@{column_letter(column)}{place}"
        telling = tuple(stem for stem in name if stem not in _VAGUE)
        for part in {telling, name[-1:]} - {()}:
            if part[0] not in _RESERVED:
                short.setdefault(part, set()).add(mark)
    return {part: min(marks) for part, marks in short.items() if len(marks) == 1} | full


def _values(text: str, table: Table) -> dict[tuple[str, ...], MetValue]:
    """Return the cells of text columns by their words."""
    spelling: dict[tuple[str, ...], str] = {}
    places: dict[tuple[str, ...], list[int]] = {}
    for place, column in enumerate(table.columns):
        distinct = {cell for cell in column.present if isinstance(cell, str)}
        for cell in sorted(distinct) if len(distinct) <= _MAX_KNOWN_VALUES else ():
            key = stems(cell)
            # `IT` in capitals is the department, `it` is a pronoun.
            plain = not set(key) <= _RESERVED or (cell.isupper() and cell in text.split())
            if key and plain and not cell.isdigit() and len(cell) > 1:
                spelling.setdefault(key, cell)
                places.setdefault(key, []).append(place)
    return {key: MetValue(cell, tuple(places[key])) for key, cell in spelling.items()}


def _near_miss(stem: str, names: dict[tuple[str, ...], str]) -> str:
    single = [name[0] for name in names if len(name) == 1 and len(name[0]) >= 4]
    near = difflib.get_close_matches(stem, single, n=1, cutoff=0.82)
    return names[(near[0],)].replace("@", "~") if near and stem not in _RESERVED else ""
