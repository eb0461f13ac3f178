"""Columns of a data file: each gets the narrowest type that nine tenths of its cells have. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from toollama.tools.tabular.cells import Cell, to_bool, to_date, to_number

Kind = Literal["number", "date", "bool", "text"]

_READABLE_SHARE = 0.9
_MISSING = frozenset({"", "-", "--", "?", "na", "n/a", "#n/a", "nan", "null", "none", "missing"})
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


def typed(name: str, texts: Sequence[str]) -> tuple[Column, str]:
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
    hopeful = [form for form in _DATE_FORMATS if any(to_date(text, form) for text in sample)]
    readings: dict[str, dict[str, Cell]] = {
        form: {text: day for text in texts if (day := to_date(text, form))} for form in hopeful
    }
    if not readings:
        return {}, "", ""
    best = max(readings, key=lambda form: len(readings[form]))
    rival = best.replace("%m/%d", "%d/%m")
    unsure = rival != best and len(readings.get(rival, ())) == len(readings[best])
    note = f'"{name}" was read as month/day; it could be day/month.' if unsure else ""
    return readings[best], "", note


def reads_as_date(text: str) -> bool:
    """Return whether a cell is a date in any format that a column may have."""
    return any(to_date(text, form) for form in _DATE_FORMATS)
