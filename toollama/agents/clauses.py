"""Split a request into the parts that can be routed by themselves. Pure text, no model."""

import re
from collections.abc import Sequence

_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|`[^`]*`")
_WH = r"(?:what|which|who|whom|whose|when|where|why|how)\b"
_VERBS = (
    r"(?:add|average|book|buy|calculate|check|compare|compute|convert|count|create|define|describe|divide|"
    r"explain|export|find|forecast|get|give|group|list|look|make|multiply|open|order|play|plot|print|profile|"
    r"put|read|remind|reserve|review|round|save|search|send|show|split|subtract|sum|summari[sz]e|tell|translate|"
    r"verify|write)\b"
)
_BREAK = re.compile(
    r"(?<=[.?!;])\s+(?=\S)"
    r"|\s*;\s+"
    rf"|,?\s+(?:and\s+)?then\s+(?=\w)"
    rf"|,?\s+(?:and|also|plus)\s+(?:also\s+)?(?={_WH}|{_VERBS})",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\s*,\s+(?:and\s+)?|\s+(?:and|plus|&)\s+", re.IGNORECASE)
_RANGE = re.compile(r"\b(?:between|from|of|compare|versus|vs)\b[^,]*\Z", re.IGNORECASE)
_CONTINUES = re.compile(
    r"(?:and|or|also|then|ok(?:ay)?,?|what about|how about|what if|same|now|instead)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    rf"\b(?:please|pls|(?:can|could|would|will) you|let me know|wants? to|i(?:'d| would) like|"
    rf"i (?:need|want|wonder)|{_VERBS} (?:me|it|this|that|them))\b",
    re.IGNORECASE,
)
_FEWEST_WORDS_OF_A_STATEMENT = 5
_MOST_WORDS_OF_A_FRAGMENT = 3
_MOST_WORDS_OF_A_COMPOUND = 16
_ABBREVIATION = re.compile(r"\b(?:[A-Z]|Dr|Mr|Mrs|Ms|St|No|vs|etc|e\.g|i\.e|approx)\.$")
_ANAPHORA = re.compile(
    r"\b(?:it|its|them|they|their|that|those|these|this|the (?:result|answer|same|former|latter|"
    r"total|sum|whole)|one)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"(?:(?:and|also|then|next|finally|now|please),? |(?:can|could|would|will) you |"
    rf"i (?:want|need) to )*(?:{_WH}|{_VERBS})",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?:and\s+)?(?:(?:what|which|who|where|when|how)(?:\s+(?:much|many|big|high|large|long|old))?)\s+"
    r"(?:is|are|was|were)\s+(?:it|that|this|they|those|these)\W*",
    re.IGNORECASE,
)
_FILE = re.compile(r"(?<![\w@./~-])[\w./~-]*\w\.[A-Za-z][A-Za-z0-9]{1,4}\b")
_ABOUT_FILE = re.compile(
    r"\b(does|did|has|in|from|signed|wrote|mentions?|contains?) (?:it|them)\b", re.IGNORECASE
)
_LATELY = re.compile(
    r"\b(?:yesterday|today|tonight|currently|lately|recently|nowadays|right now|so far|"
    r"at the moment|these days|(?:the )?(?:latest|newest|current)|"
    r"(?:last|this|past) (?:night|week|weekend|month|quarter|year|season|morning|evening|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day))\b",
    re.IGNORECASE,
)
_FACT = re.compile(rf"(?:{_WH}|is|are|was|were|did|do|does|has|have)\b", re.IGNORECASE)
_ADVICE = re.compile(
    r"\b(?:should|shall|could|might) (?:i|we)\b|\bcan (?:i|we|you)\b", re.IGNORECASE
)
_MASK = "\x00"


def split(text: str) -> list[str]:
    """Return the parts of a request in order; quoted text is never split.

    A request of one part comes back as itself.
    """
    quotes: list[str] = []

    def hide(match: re.Match[str]) -> str:
        quotes.append(match.group())
        return f"{_MASK}{len(quotes) - 1}{_MASK}"

    plain = " ".join(text.replace(_MASK, " ").split())
    masked = _QUOTED.sub(hide, plain)
    parts = _join_abbreviations([part for part in _BREAK.split(masked) if part.strip()])
    return [_restore(part.strip(" ,;"), quotes) for part in parts] or [plain]


def pieces(part: str) -> list[str]:
    """Return what `and` and commas join, for a reader who can tell whether each stands alone.

    `12 km in miles and 30 C in F` has two pieces. A part with quoted text, or one that `and` does
    not divide, such as `between Monday and Friday`, is one piece.
    """
    if _QUOTED.search(part) or len(part.split()) > _MOST_WORDS_OF_A_COMPOUND:
        return [part]
    found: list[str] = []
    for piece in _JOINT.split(part):
        if found and _RANGE.search(found[-1]) and not any(map(str.isdigit, found[-1])):
            return [part]
        found.append(piece.strip(" ,"))
    return _with_their_words(found) if all(found) else [part]


def names_file(part: str) -> bool:
    """Return whether a part names a file, or several."""
    return bool(_FILE.search(_QUOTED.sub(" ", part)))


def file_named(part: str) -> str:
    """Return the one file that a part names; empty where it names none, or several."""
    names = dict.fromkeys(_FILE.findall(_QUOTED.sub(" ", part)))
    return next(iter(names)) if len(names) == 1 else ""


def with_file(part: str, file: str) -> str:
    """Return a part that asks about a file by `it`, with the file's name: `who signed it?`."""
    if not file or _FILE.search(part):
        return part
    return _ABOUT_FILE.sub(lambda match: f"{match[1]} {file}", part, count=1)


def _with_their_words(pieces: Sequence[str]) -> list[str]:
    """Return the pieces; a bare file name says again what was asked of the file before it."""
    found: list[str] = []
    for piece in pieces:
        before = file_named(found[-1]) if found else ""
        bare = before and _FILE.fullmatch(piece.rstrip("?.! "))
        found.append(found[-1].replace(before, bare[0]) if before and bare else piece)
    return found


def continues(text: str) -> bool:
    """Return whether a request only makes sense after another: `and in Paris?`, `Bergen?`."""
    opened = _CONTINUES.match(text.strip())
    rest = text.strip()[opened.end() :].strip() if opened else text.strip()
    most = _MOST_WORDS_OF_A_FRAGMENT + (2 if opened else 0)
    return len(rest.split()) <= most and not _ORDER.match(rest)


def asks(part: str) -> bool:
    """Return whether a part is a question or an order, not a greeting or a statement."""
    return bool(_ORDER.match(part)) or part.rstrip(" !'\"’”)").endswith("?")


def tells(part: str) -> bool:
    """Return whether a part is a sentence that only says what the next one asks about.

    `My landlord raises the rent by 3 %.` tells; `12 km in miles` may be all of a request.
    """
    if asks(part) or _WISH.search(part):
        return False
    return len(part.split()) >= _FEWEST_WORDS_OF_A_STATEMENT


def asks_of_lately(part: str) -> bool:
    """Return whether a part asks for a fact of these days: `who won the match last night?`.

    No model can know it, whatever it learned from; `what should I cook tonight?` wants no fact.
    """
    return bool(_FACT.match(part) and _LATELY.search(part)) and not _ADVICE.search(part)


def follows(part: str) -> bool:
    """Return whether a part points back to what the part before it gives."""
    return bool(_ANAPHORA.search(_QUOTED.sub("", part)))


def is_bare(part: str) -> bool:
    """Return whether a part only asks on about what came before, as `how much was it?` does."""
    return bool(_BARE.fullmatch(part))


def replace_reference(part: str, answer: str) -> str:
    """Return the part with its first pointing word replaced by what it points to."""
    return _ANAPHORA.sub(lambda _: answer, part, count=1)


def _join_abbreviations(parts: list[str]) -> list[str]:
    joined: list[str] = []
    for part in parts:
        if joined and _ABBREVIATION.search(joined[-1]):
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return joined


def _restore(part: str, quotes: list[str]) -> str:
    return re.sub(f"{_MASK}(\\d+){_MASK}", lambda match: quotes[int(match.group(1))], part)
