"""Which parameters are credentials, and which values are secrets, in descriptions of strangers.

Authors often declare a key as a plain parameter, with their own as its default. Such a parameter is
hidden from models and its default is thrown away. The measure is meant to err on the side of
hiding. Pure.
"""

import math
import re
from collections import Counter
from typing import Any

_NAMES = re.compile(
    r"(?:^|[_.-])(?:api|access|auth|app|application|client|user|service|subscription|session|secret|"
    r"private|bearer|refresh|id|oauth|x|rapidapi|csrf)?[_.-]?"
    r"(?:key|apikey|token|secret|password|passwd|pwd|passphrase|credentials?|appid|authorization|"
    r"signature|jwt|api[_-]?sig)$|^(?:x[_-])?(?:auth|authorization)$|^app[_-]?id$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:api[ -]?key|access[ -]?token|auth(?:entication|orization)? token|bearer token|"
    r"client secret|secret key|your (?:api )?key)\b",
    re.IGNORECASE,
)
_SUBJECTS = re.compile(
    r"^(?:license|licence|product|sort|order|group|partition|row|foreign|primary|public|object|"
    r"page|next[_-]?page|continuation|cursor|next|pagination|sync|search)[_.-]?(?:key|token)s?$",
    re.IGNORECASE,
)
"""Keys and tokens that are what a call is about."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLACEHOLDER = re.compile(
    r"redacted|^<.*>$|^\{.*\}$|your[_ -]?(?:api|key|token|secret|access)|^x{4,}$|^\*{3,}$|changeme",
    re.IGNORECASE,
)
_PREFIXED = re.compile(
    r"^(?:sk|pk|rk|ghp|gho|xox[abp]|AKIA|AIza|eyJ|glpat|Bearer )[-_A-Za-z0-9.+/=]{12,}"
)
_TOKEN = re.compile(r"[A-Za-z0-9_+/=.~-]{16,512}")
_HEX_OR_UUID = re.compile(
    r"(?:[0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE
)
_OTHER = re.compile(r"[^A-Z0-9]+")
_LEAST_ENTROPY_BITS = 3.2


def is_subject(name: str) -> bool:
    """Return whether a key or token is what a call is about, such as `license_key`."""
    return bool(_SUBJECTS.search(_CAMEL.sub("_", name)))


def is_credential(name: str, description: str, place: str) -> bool:
    """Return whether a parameter carries a credential, by its name and what is said of it."""
    spelled = _CAMEL.sub("_", name)
    if is_subject(name):
        return False
    if name.lower() == "key":  # often a key of the service, as often what is looked up
        return bool(_ABOUT.search(description) or not description) and place != "path"
    if _NAMES.search(spelled):
        return True
    return place in {"header", "cookie"} and bool(_ABOUT.search(description))


def is_secret(value: Any) -> bool:
    """Return whether a value looks like someone's key, or like the gap where one stood."""
    if not isinstance(value, str):
        return False
    text = value.strip()
    if _PLACEHOLDER.search(text) or _PREFIXED.match(text) or _HEX_OR_UUID.fullmatch(text):
        return True
    return bool(_TOKEN.fullmatch(text)) and _is_random(text)


def _is_random(text: str) -> bool:
    """Return whether a token mixes letters and digits as no word does."""
    digits = sum(letter.isdigit() for letter in text)
    letters = sum(letter.isalpha() for letter in text)
    mixed_case = any(c.isupper() for c in text) and any(c.islower() for c in text)
    least_digits = 2 if mixed_case and len(text) >= 20 else 3
    if text.count(".") > 1 or text.count("/") > 1 or digits < least_digits or letters < 5:
        return False
    if not mixed_case and re.search(r"[a-z]{7,}|^\d{4}-\d", text):
        return False
    return _entropy_bits(text) >= _LEAST_ENTROPY_BITS


def _entropy_bits(text: str) -> float:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def env_name(provider: str, wire_name: str = "") -> str:
    """Return the environment-style name of a provider's credential: `WINDY_API_KEY`."""
    own = _OTHER.sub("_", _CAMEL.sub("_", wire_name).upper()).strip("_")
    if re.search(r"API_?KEY$", own) or own in {"", "KEY", "AUTHORIZATION"}:
        own = "API_KEY"
    lead = _OTHER.sub("_", provider.upper()).strip("_")
    name = own if own.startswith(f"{lead}_") else f"{lead}_{own}"
    return name[:64].rstrip("_")
