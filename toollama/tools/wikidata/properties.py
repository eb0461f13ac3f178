"""The properties of Wikidata that can be asked for, by everyday names. Data and look-up only.

Numbers as at https://www.wikidata.org/wiki/Wikidata:List_of_properties.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["item", "time", "quantity"]


@dataclass(frozen=True, slots=True)
class Property:
    """One property."""

    name: str
    """As it is told: `date of birth`."""
    number: str
    """Such as `P569`."""
    kind: Kind
    words: str
    """A pattern of how people call it."""


PROPERTIES = tuple(
    Property(*row)
    for row in (
        ("population", "P1082", "quantity", r"population|inhabitants|people live in"),
        ("area", "P2046", "quantity", r"(?:surface )?area|size"),
        ("elevation", "P2044", "quantity", r"elevation|altitude|height above sea level"),
        ("height", "P2048", "quantity", r"height|how tall"),
        ("length", "P2043", "quantity", r"length|how long"),
        ("mass", "P2067", "quantity", r"mass|weight"),
        ("nominal GDP", "P2131", "quantity", r"(?:nominal )?gdp|gross domestic product"),
        ("number of employees", "P1128", "quantity", r"employees|staff count"),
        ("date of birth", "P569", "time", r"date of birth|birth ?date|birthday|born"),
        ("date of death", "P570", "time", r"date of death|death date|died"),
        ("inception", "P571", "time", r"inception|founding date|founded|established"),
        ("publication date", "P577", "time", r"publication date|release date|published|released"),
        ("place of birth", "P19", "item", r"place of birth|birth ?place"),
        ("place of death", "P20", "item", r"place of death"),
        ("country of citizenship", "P27", "item", r"citizenship|nationality"),
        ("occupation", "P106", "item", r"occupations?|professions?"),
        ("spouse", "P26", "item", r"spouse|wife|husband|married"),
        ("child", "P40", "item", r"child(?:ren)?|kids"),
        ("educated at", "P69", "item", r"alma mater|educated at|university attended"),
        ("award received", "P166", "item", r"awards?(?: received)?|prizes won"),
        ("capital", "P36", "item", r"capital(?: city)?"),
        ("country", "P17", "item", r"country"),
        ("currency", "P38", "item", r"currency"),
        ("official language", "P37", "item", r"official languages?"),
        ("continent", "P30", "item", r"continent"),
        ("head of state", "P35", "item", r"head of state"),
        ("head of government", "P6", "item", r"head of government|mayor|prime minister"),
        ("shares border with", "P47", "item", r"neighbou?rs|borders?|bordering countries"),
        ("highest point", "P610", "item", r"highest (?:point|mountain)"),
        ("author", "P50", "item", r"authors?"),
        ("director", "P57", "item", r"directors?"),
        ("cast member", "P161", "item", r"cast(?: members?)?|actors"),
        ("composer", "P86", "item", r"composers?"),
        ("performer", "P175", "item", r"performers?"),
        ("genre", "P136", "item", r"genres?"),
        ("founder", "P112", "item", r"founders?"),
        ("chief executive officer", "P169", "item", r"ceo|chief executive(?: officer)?"),
        ("headquarters location", "P159", "item", r"headquarters|head office"),
        ("parent organisation", "P749", "item", r"parent (?:company|organi[sz]ation)"),
        ("developer", "P178", "item", r"developers?"),
        ("programming language", "P277", "item", r"programming language"),
        ("licence", "P275", "item", r"licen[cs]e"),
        ("taxon rank", "P105", "item", r"taxon rank"),
        ("parent taxon", "P171", "item", r"parent taxon"),
        ("chemical formula", "P274", "item", r"chemical formula"),
    )
)
ANY_PROPERTY = "|".join(one.words for one in PROPERTIES)


def property_called(words: str) -> Property | None:
    """Return the property that the words name as a whole, or None."""
    called = " ".join(words.split())
    for one in PROPERTIES:
        names = rf"(?:the )?(?:{one.words}|{re.escape(one.name)})"
        if re.fullmatch(names, called, re.IGNORECASE):
            return one
    return None
