"""The words in which people ask about tables, as patterns and as sets of stems. Pure.

Patterns are for marked words (`tools.table_marks`): `@n` stands for a number column.
"""

import re

from toollama.tools.tabular.aggregates import Aggregate
from toollama.tools.tabular.stems import stems

HIGH = r"\b(?:highest|most|top|best|largest|biggest|greatest|more|latest|maximum|max)\b"
LOW = r"\b(?:lowest|least|fewest|smallest|worst|bottom|cheapest|less|earliest|minimum|min)\b"
BY = r"\b(?:by|per|each|every|across|which|what|whose|among) (?:the |a |an )?"
MANY = r"\b(?:how many|number of|count of|count)(?: the)?+"
SHARE = r"\b(?:share|percent|percentage|proportion|fraction)\b"
PER_ITEM = r"\bper (?!;|day|month|quarter|year)"
"""`per visit` asks for an average; where `per` names the groups, they are cut out already."""
NOT_COUNTED = "".join(
    rf"(?<!{words} )" for words in ("many", "number of", "count", "count of", "different", "unique")
)
AGGREGATE_WORDS: dict[Aggregate, str] = {
    "distinct": rf"{MANY} (?:different|distinct|unique)\b",
    "median": r"\bmedian\b",
    "mean": r"\b(?:averages?|avg|mean|typical)\b",
    "sum": rf"\b(?:total|sum|overall|combined|altogether)\b|{MANY} @n",
    "count": rf"{MANY}(?! @n| (?:different|distinct|unique))|\bhow often\b"
    r"|\bmost (?:common|frequent|popular)\b",
}
PERIOD = re.compile(
    r"\b(?:by|per|each|every|which|what) (?P<noun>day|month|quarter|year)\b"
    r"|\b(?P<adjective>daily|monthly|quarterly|yearly|annual)\b"
)
PERIODS = {
    "daily": "day",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annual": "year",
}
"""Adjectives of the periods."""
TAKING_MONEY = re.compile(
    r"\b(?:sells?|selling|sold|sales?|earn(?:s|ed|ings?)?|takes?|taking|took|makes?|made|money|cash"
    r"|income|revenue|turnover|profits?|spen(?:ds?|t|ding)|gross(?:es|ed)?)\b",
    re.IGNORECASE,
)
"""The request speaks of money that changes hands."""

ADDITIVE = frozenset(
    stems(
        "revenue sales amount total quantity qty units profit cost expenses income turnover spend "
        "spent sold selling earned visits visitors clicks views downloads hours volume budget fee "
        "payments"
    )
)
"""Figures whose sum means something."""
MONEY = frozenset(
    stems(
        "revenue sales amount total income turnover price profit cost earnings takings proceeds "
        "expenses spend spent value fee payments paid budget"
    )
)
UNIT_PRICE = frozenset(stems("unit per each rate"))
"""What makes a price one that is not added up: `unit_price`."""
QUANTITIES = frozenset(stems("quantity qty units"))
PEOPLE = frozenset(
    stems(
        "name customer client employee person people user student player member seller rep agent "
        "manager author owner driver team"
    )
)
