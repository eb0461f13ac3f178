"""The letters of US states and territories by their names. Pure."""

import re
from functools import cache

_STATES = """
AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware
DC District of Columbia|DC Washington DC|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois
IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts
MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada
NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio
OK Oklahoma|OR Oregon|PA Pennsylvania|PR Puerto Rico|RI Rhode Island|SC South Carolina
SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington
WV West Virginia|WI Wisconsin|WY Wyoming|GU Guam|VI US Virgin Islands|AS American Samoa
"""


@cache
def _letters() -> dict[str, str]:
    entries = (entry for line in _STATES.strip().splitlines() for entry in line.split("|"))
    return {entry[3:].casefold(): entry[:2] for entry in entries}


@cache
def _in_text() -> re.Pattern[str]:
    longest_first = sorted(_letters(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", re.IGNORECASE)


def letters_of(state: str) -> str | None:
    """Return `OH` for `Ohio` or `oh`, None for what is no state."""
    name = state.strip().casefold()
    letters = _letters()
    if name in letters:
        return letters[name]
    return name.upper() if name.upper() in letters.values() else None


def states_in(text: str) -> list[str]:
    """Return the states that a text names in full, as it spells them."""
    return list(dict.fromkeys(match[0] for match in _in_text().finditer(text)))
