"""What a person would not send along with a bug report, taken out of a text. Pure.

Owns the patterns. It hides what looks like a key, a mail address or a path of the user's own; it
cannot know which words of a conversation are private, and does not claim to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
_MIN_SECRET_CHARACTERS = 6
_MIN_NAME_CHARACTERS = 4
_PATTERNS = (
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+@"), "[login]@"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[mail]"),
    (re.compile(r"\b(?:sk|pk|ghp|gho|xox[abp]|hf|AKIA)[-_]?[A-Za-z0-9_-]{16,}"), "[key]"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"), "[key]"),
    (re.compile(r"(?i)\b(authorization: ?(?:bearer|basic) )[A-Za-z0-9._~+/=-]+"), r"\1[key]"),
)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What of this machine must not be told: values of secret variables, home and user name."""

    secrets: tuple[str, ...]
    home: str
    user: str


def what_to_hide(environ: Mapping[str, str], home: Path) -> Hidden:
    """Return the values of variables whose names speak of keys, and who the user is."""
    secrets = {
        value
        for name, value in environ.items()
        if _SECRET_NAME.search(name) and len(value) >= _MIN_SECRET_CHARACTERS
    }
    user = home.name if len(home.name) >= _MIN_NAME_CHARACTERS else ""
    # The longest first, so that no secret is cut by a shorter one inside it.
    return Hidden(tuple(sorted(secrets, key=len, reverse=True)), str(home), user)


def redacted(text: str, hidden: Hidden) -> str:
    """Return the text without what is to be hidden."""
    for secret in hidden.secrets:
        text = text.replace(secret, "[key]")
    if len(hidden.home) > 1:
        text = re.sub(rf"{re.escape(hidden.home)}(?=/|\b)", "~", text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return re.sub(rf"\b{re.escape(hidden.user)}\b", "[user]", text) if hidden.user else text
