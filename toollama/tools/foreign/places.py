"""Places in the form that a description asks for: states of the USA by their postal letters. Pure.

USPS Publication 28, appendix B.
"""

import re

_STATES = {
    name.replace("_", " "): letters
    for name, _, letters in (
        pair.partition(":")
        for pair in str.split(
            "Alabama:AL Alaska:AK Arizona:AZ Arkansas:AR California:CA Colorado:CO Connecticut:CT "
            "Delaware:DE Florida:FL Georgia:GA Hawaii:HI Idaho:ID Illinois:IL Indiana:IN Iowa:IA "
            "Kansas:KS Kentucky:KY Louisiana:LA Maine:ME Maryland:MD Massachusetts:MA "
            "Michigan:MI Minnesota:MN Mississippi:MS Missouri:MO Montana:MT Nebraska:NE Nevada:NV "
            "Ohio:OH New_Hampshire:NH New_Jersey:NJ New_Mexico:NM New_York:NY Oklahoma:OK "
            "North_Carolina:NC North_Dakota:ND Oregon:OR Pennsylvania:PA Rhode_Island:RI Texas:TX "
            "South_Carolina:SC South_Dakota:SD Tennessee:TN Utah:UT Vermont:VT Virginia:VA "
            "Washington:WA West_Virginia:WV Wisconsin:WI Wyoming:WY"
        )
    )
}
_ABBREVIATED = re.compile(r"\babbr|two-letter|\bshort form\b|state code|'[A-Z]{2}'")
_STATE = re.compile(rf"\b(?:{'|'.join(sorted(_STATES, key=len, reverse=True))})\b")


def states(text: str) -> list[tuple[str, int, int]]:
    """Return the letters of each state that the text names, and where it does."""
    return [(_STATES[match[0]], match.start(), match.end()) for match in _STATE.finditer(text)]


def wants_letters(description: str) -> bool:
    """Return whether a description asks for a state's letters."""
    return bool(_ABBREVIATED.search(description))


def with_letters(place: str) -> str:
    """Return `Naples, FL` for `Naples, Florida`."""
    city, comma, state = place.partition(", ")
    return f"{city}, {_STATES[state]}" if comma and state in _STATES else place
