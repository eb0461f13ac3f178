"""Arithmetic said in English as the signs that the calculator reads. Pure.

It expects digits for number words (`tools.number_words`) and computes nothing.
"""

import re

from toollama.tools.language.rewriting import Replacement, Rewrite, rewritten

_N = r"((?:-|(?<!\d))\d+(?:\.\d+)?|\.\d+)"
"""A number. It begins at its first digit: tried at each, a long one would take minutes."""
_PERCENT = r"(?:%|percent\b|per cent\b|pct\b)"
_P = rf"{_N} ?{_PERCENT}"
_SHARE = r"(?:a )?(?:%|percent(?:age)?)"
_CHANGE = r"(?:\bpercent(?:age)?|%) (?:change|increase|decrease|difference|growth|drop)"
_LIST = rf"({_N}(?:(?:\s*(?:,|\band\b)\s*(?:and )?|\s+){_N})+)"
_PEOPLE = r"(?: (?:people|persons|friends|of us|ways|guests|parts)\b)?"
_AMONG = "(?:between|among|by|across|into)"
_SPLIT = r"\b(?:split|share|divide) (?:an? |the )?"
_SURCHARGE = r"(?:tip|tax|vat|gst|service(?: charge)?|surcharge)\b"
_ADDED = rf"(?:with|plus|and|including|adding) (?:an? )?{_P} {_SURCHARGE}"
_OVER_YEARS = rf"(?:for|in|over) (?:an?|{_N}) years?"
_ALIASES = {
    "mean": "average",
    "total": "sum",
    "smallest": "min",
    "minimum": "min",
    "largest": "max",
    "biggest": "max",
    "maximum": "max",
    "greatest common divisor": "gcd",
    "greatest common factor": "gcd",
    "highest common factor": "gcd",
    "least common multiple": "lcm",
    "lowest common multiple": "lcm",
}
_OF_LIST = "|".join([*_ALIASES, "average", "median", "sum", "product", "min", "max", "gcd", "lcm"])
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}

_PER_YEAR = {"week": 52, "month": 12}


def _call(match: re.Match[str]) -> str:
    name = match[1].lower()
    return f"{_ALIASES.get(name, name)}({', '.join(re.findall(_N, match[2]))})"


def _part(match: re.Match[str]) -> str:
    return f"{match[1] or 1}/{_PARTS[match[2].lower().rstrip('s')]} of {match[3]}"


def _saved(match: re.Match[str]) -> str:
    return f"{match[1]} * {_PER_YEAR[match[2].lower()]} * {match[3] or 1}"


_PHRASES: tuple[tuple[str, Replacement], ...] = (
    (r"[$€£](?=[\d.])", ""),
    (r"(?<=\d) ?(?:€|£|(?:euros?|dollars?|eur|usd|gbp|chf|francs?)\b)", ""),
    ("[\N{MINUS SIGN}\N{EN DASH}]", "-"),
    ("[\N{MULTIPLICATION SIGN}\N{DOT OPERATOR}]", "*"),
    ("\N{DIVISION SIGN}", "/"),
    ("\N{SQUARE ROOT}", " sqrt "),
    (rf"\bwhat (?:%|percent(?:age)?) of {_N} is {_N}", r"as_percent(\2 / \1)"),
    (rf"{_N} is what (?:%|percent(?:age)?) of {_N}", r"as_percent(\1 / \2)"),
    (rf"{_N} (?:out )?of {_N} (?:as|in) {_SHARE}", r"as_percent(\1 / \2)"),
    (rf"{_N} (?:as|in) {_SHARE} of {_N}", r"as_percent(\1 / \2)"),
    (rf"{_CHANGE}(?: from| between)? {_N} (?:to|and) {_N}", r"as_percent((\2 - \1) / \1)"),
    (rf"\badd(?:ing)? {_P}(?: \w+)? (?:to|on) {_N}", r"\2 + \1%"),
    (rf"\b(?:take|subtract|deduct|knock) {_P}(?: off| from| away from) {_N}", r"\2 - \1%"),
    (rf"{_P} (?:off(?: of)?|less than|discount (?:on|off|from)) {_N}", r"\2 - \1%"),
    (rf"{_P} off (?:costs|is|makes|comes to) {_N}", r"\2 / (1 - \1%)"),
    (rf"{_N},? and (?:it )?(?:rises|goes up|increases|grows) by {_P}", r"\1 + \2%"),
    (rf"{_N},? and (?:it )?(?:falls|goes down|decreases|drops) by {_P}", r"\1 - \2%"),
    (rf"{_N} (?:rises|raises|increases) of {_P} on {_N}", r"\3 * (1 + \2%)^\1"),
    (rf"\bsimple interest on {_N} at {_P} (?:for|over) {_N} years?", r"\1 * \2% * \3"),
    (
        rf"{_N} (?:a|per|each|every) (week|month),?(?: how much is that)? {_OVER_YEARS}",
        _saved,
    ),
    (rf"{_N} \w+ at {_N} (?:each|apiece|cost|come to|make)\b", r"\1 * \2"),
    (rf"\bleft of {_N} after (?:paying|spending) ", r"\1 - "),
    (rf"\b(sin|cos|tan)(?: of)? {_N} ?(?:degrees?\b|°)", r"\1(\2 * pi / 180)"),
    (rf"{_N} \w+ of {_N},? how many(?: in (?:total|all)| altogether)?\b", r"\1 * \2"),
    (rf"{_N} (?:with|and is|and|is|at|now|reduced by) (?:a )?{_P} (?:discount|off)\b", r"\1 - \2%"),
    (rf"{_P} more than {_N}", r"\2 + \1%"),
    (rf"{_P} {_SURCHARGE} on {_N}", r"\1% of \2"),
    (
        rf"{_SPLIT}{_N}(?: \w+){{0,2}} {_AMONG} {_N}{_PEOPLE},? {_ADDED}",
        r"(\1 + \3%) / \2",
    ),
    (rf"{_N}(?: \w+)? {_ADDED}", r"\1 + \2%"),
    (
        rf"{_SPLIT}{_N}(?: \w+){{0,2}} {_AMONG} {_N}{_PEOPLE}",
        r"\1 / \2",
    ),
    (rf"{_N} (?:split|shared) (?:between|among|by|across) {_N}{_PEOPLE}", r"\1 / \2"),
    (rf"\bdivide {_N} (?:by|between|among|into) {_N}{_PEOPLE}", r"\1 / \2"),
    (rf"\bmultiply {_N} (?:by|with|and) {_N}", r"\1 * \2"),
    (rf"\bsubtract {_N} from {_N}", r"\2 - \1"),
    (rf"\badd {_N} (?:to|and) {_N}", r"\1 + \2"),
    (rf"\bdifference between {_N} and {_N}", r"abs(\1 - \2)"),
    (rf"\bremainder (?:of|when) {_N}(?: is)? divided by {_N}", r"\1 mod \2"),
    (rf"\b({_OF_LIST})(?: value)?(?: of|:)? {_LIST}", _call),
    (rf"(?:\b(?:an?|{_N}) )?\b(half|(?:{'|'.join(_PARTS)})s?) of {_N}", _part),
    (rf"\b(?:double|twice) {_N}", r"2 * \1"),
    (rf"\btriple {_N}", r"3 * \1"),
    (rf"\bfactorial of {_N}", r"\1!"),
    (rf"{_N} factorial\b", r"\1!"),
    (r"\b(?:square root|sqrt)(?: of)?\b", "sqrt"),
    (r"\bcube root(?: of)?\b", "cbrt"),
    (r"\bnatural log(?:arithm)?(?: of)?\b", "ln"),
    (r"\blog(?:arithm)? of\b", "log"),
    (r"(?<=[\d)]) ?(?:squared\b|²)", "^2"),
    (r"(?<=[\d)]) ?(?:cubed\b|³)", "^3"),
    (r"(?<=[\d)]) (?:raised )?to the (\d+)(?:st|nd|rd|th)(?: power)?\b", r"^\1"),
    (r"(?<=[\d)]) (?:raised )?to the power(?: of)? ", "^"),
    (r"\b(?:multiplied by|times)\b", "*"),
    (r"(?<=[\d)])\s*x\s*(?=[\d(])", " * "),
    (r"\b(?:divided by|over)\b", "/"),
    (r"\b(?:plus|added to)\b", "+"),
    (r"\b(?:minus|take away)\b", "-"),
    (r"\bmodul(?:o|us)\b", "mod"),
    (rf"(?<=\d) ?{_PERCENT}", "%"),
)
_RULES: tuple[Rewrite, ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), new) for pattern, new in _PHRASES
)


def with_signs(text: str) -> str:
    """Return the text with arithmetic phrases as the signs that the calculator reads.

    `20% off 60` becomes `60 - 20%`, `half of 90` `1/2 of 90`. Number words must be digits already.
    """
    return rewritten(text, _RULES)
