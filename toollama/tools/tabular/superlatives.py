"""Superlatives that imply a column: `the tallest` is the row with the highest height. Pure."""

import re

from toollama.tools.tabular.columns import Column
from toollama.tools.tabular.stems import stems
from toollama.tools.tabular.tables import Table

_PRICES = "price cost fee rent amount"
_IMPLIED = {
    "tallest": ("highest", "height tall"),
    "longest": ("highest", "length distance duration long km kilometres miles minutes hours days"),
    "shortest": ("lowest", "length distance duration height km kilometres miles minutes hours"),
    "heaviest": ("highest", "weight mass kg pounds grams"),
    "lightest": ("lowest", "weight mass kg pounds grams"),
    "oldest": ("highest", "age"),
    "youngest": ("lowest", "age"),
    "fastest": ("highest", "speed kmh mph pace"),
    "slowest": ("lowest", "speed kmh mph pace"),
    "hottest": ("highest", "temperature temp"),
    "warmest": ("highest", "temperature temp"),
    "coldest": ("lowest", "temperature temp"),
    "coolest": ("lowest", "temperature temp"),
    "widest": ("highest", "width wide"),
    "deepest": ("highest", "depth deep"),
    "cheapest": ("lowest", _PRICES),
    "dearest": ("highest", _PRICES),
    "priciest": ("highest", _PRICES),
    "most expensive": ("highest", _PRICES),
    "least expensive": ("lowest", _PRICES),
}
_BY_DATE = {"oldest": "lowest", "youngest": "highest", "newest": "highest"}
"""Where a table has no ages, a date or a year tells them the other way round."""
_YEARS = frozenset(stems("year born founded built planted opened established date"))
_SUPERLATIVE = re.compile(rf"\b(?:{'|'.join(_IMPLIED | _BY_DATE)})\b", re.IGNORECASE)
_WHICH = re.compile(r"\b(?:which|what) (\w+)", re.IGNORECASE)
_NAMES = frozenset(stems("name title label"))


def reworded(text: str, table: Table) -> str:
    """Return the request with what it implies said outright, in the table's own names.

    `Which plant in plants.json is the tallest?` becomes `Which name in plants.json is the highest
    height_cm?`. Words whose column cannot be told are left as they are.
    """
    return _SUPERLATIVE.sub(
        lambda found: _said_outright(found[0], table), _WHICH.sub(lambda f: _row(f, table), text)
    )


def _said_outright(word: str, table: Table) -> str:
    order, names = _IMPLIED.get(word.lower(), ("", ""))
    measures = [column for column in table.columns if column.kind == "number"]
    fitting = [column for column in measures if not stems_of(column).isdisjoint(stems(names))]
    if not fitting and word.lower() in _BY_DATE:
        order = _BY_DATE[word.lower()]
        dated = [column for column in table.columns if column.kind in {"number", "date"}]
        fitting = [column for column in dated if not stems_of(column).isdisjoint(_YEARS)]
    return f"{order} {fitting[0].name}" if len(fitting) == 1 else word


def _row(found: re.Match[str], table: Table) -> str:
    """Return `which name` for `which plant` where the table is one of plants."""
    noun = stems(found[1])
    if not noun or set(noun).isdisjoint(stems(re.sub(r"\W+", " ", table.name))):
        return found[0]
    if any(noun == stems(column.name) and column.name == found[1] for column in table.columns):
        return found[0]
    named = [column for column in table.columns if not stems_of(column).isdisjoint(_NAMES)]
    one = named[0] if len(named) == 1 else None
    return found[0].replace(found[1], one.name) if one else found[0]


def stems_of(column: Column) -> frozenset[str]:
    """Return the stems of a column's name."""
    return frozenset(stems(column.name))
