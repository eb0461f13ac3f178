"""English about numbers: words into digits and signs, quotations out, numbers back into text.

Pure. It rewrites and never computes: what the digits of a request mean is the tool's to say.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import groupby
from typing import Final

Lexeme = tuple[str, str]

Rewrite = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_SMALL = {
    word: value
    for value, word in enumerate(
        str.split(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen"
        )
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        str.split("twenty thirty forty fifty sixty seventy eighty ninety"), start=2
    )
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}

_DIGIT = "|".join(word for word, value in _SMALL.items() if value < 10)
_TEEN = "|".join(word for word, value in _SMALL.items() if value >= 10)
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{_DIGIT})\b)?|{_TEEN}|{_DIGIT})\b"
_BELOW_1000 = rf"(?:(?:(?:a|{_DIGIT}|{_TEEN}) )?hundred\b(?: (?:and )?{_BELOW_100})?|{_BELOW_100})"
_SCALED = rf"(?:a|{_BELOW_1000}) (?:{'|'.join(_SCALES)})\b"
_WHOLE = rf"(?:{_SCALED}(?: (?:and )?{_SCALED})*(?: (?:and )?{_BELOW_1000})?|{_BELOW_1000})"
_NUMBER_WORDS = re.compile(rf"\b{_WHOLE}(?P<places>(?: point)(?: (?:{_DIGIT})\b)+)?", re.IGNORECASE)
_DIGITS_WITH_SCALE = re.compile(rf"\b(\d+(?:\.\d+)?) ({'|'.join(_SCALES)})\b", re.IGNORECASE)
_AND_A_HALF = re.compile(r"\b(\d+) and (?:a half|(?:a|1) (quarter)|3 quarters)\b", re.IGNORECASE)
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[,_']\d{3})+(?![\d,_']\d|\d)")
_UNDERSCORED = re.compile(r"(?<=\d)_(?=\d)")
_QUOTED = re.compile(
    r"\"([^\"]+)\"|\N{LEFT DOUBLE QUOTATION MARK}([^\N{RIGHT DOUBLE QUOTATION MARK}]+)"
    r"\N{RIGHT DOUBLE QUOTATION MARK}|`([^`]+)`|(?<!\w)'([^']+)'(?!\w)"
)

_N = r"(-?\d+(?:\.\d+)?|\.\d+)"
_PERCENT = r"(?:%|percent\b|per cent\b|pct\b)"
_P = rf"{_N} ?{_PERCENT}"
_SHARE = r"(?:a )?(?:%|percent(?:age)?)"
_CHANGE = r"(?:\bpercent(?:age)?|%) (?:change|increase|decrease|difference|growth|drop)"
_LIST = rf"({_N}(?:(?:\s*(?:,|\band\b)\s*(?:and )?|\s+){_N})+)"
_PEOPLE = r"(?: (?:people|persons|friends|of us|ways|guests|parts)\b)?"
_ALIASES = {
    "mean": "average",
    "total": "sum",
    "smallest": "min",
    "minimum": "min",
    "largest": "max",
    "biggest": "max",
    "maximum": "max",
}
_OF_LIST = "|".join([*_ALIASES, "average", "median", "sum", "product", "min", "max"])
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}


def _call(match: re.Match[str]) -> str:
    name = match[1].lower()
    return f"{_ALIASES.get(name, name)}({', '.join(re.findall(_N, match[2]))})"


def _part(match: re.Match[str]) -> str:
    return f"{match[1] or 1}/{_PARTS[match[2].lower().rstrip('s')]} of {match[3]}"


_PHRASES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"[$€£](?=[\d.])", ""),
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
    (rf"{_N} with (?:a )?{_P} (?:discount|off)\b", r"\1 - \2%"),
    (rf"{_P} more than {_N}", r"\2 + \1%"),
    (rf"{_P} (?:tip|tax|vat|gst) on {_N}", r"\1% of \2"),
    (rf"\bsplit {_N}(?: \w+)? (?:between|among|by|across|into) {_N}{_PEOPLE}", r"\1 / \2"),
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

FUNCTION_NAMES: Final = str.split(
    "as_percent percent sqrt cbrt abs round floor ceil min max sum product average median gcd lcm "
    "factorial log ln exp sin cos tan"
)
"""The functions of the calculator's signs."""
_LEXEME = re.compile(
    rf"(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d{{1,3}}\b)?)|(?P<function>(?:{'|'.join(FUNCTION_NAMES)})\b)"
    r"|(?P<constant>(?:pi|e)\b)|(?P<sign>\*\*|//|(?:of|mod)\b|[-+*/^%!(),])|(?P<word>[\w']+|\S)",
    re.IGNORECASE,
)
_TIDY: tuple[Rewrite, ...] = (
    (re.compile(r" (?=[%!,)])| ?\^ ?|(?<=\() "), lambda match: match.group().strip()),
    (re.compile(rf"({'|'.join(FUNCTION_NAMES)}) \("), r"\1("),
    (re.compile(rf"({'|'.join(FUNCTION_NAMES)}) (\d[\d.]*)"), r"\1(\2)"),
    (re.compile(r"(?<![\w.)] )(?<!\w)- "), "-"),
    (re.compile(r"(?<=\d) / (?=\d)"), "/"),
    (re.compile(r"%(?= [\d(])"), " %"),
)
_PYTHON = {"^": "**", "of": "*", "mod": "%"}
_NOT_ARITHMETIC = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{3}-\d{3,4}-\d{4}|\d{1,2}:\d{2}"
    r"|\+\d[\d -]{7,}\d|\d+(?:\.\d+){2,}"
)
"""Dates, times, telephone numbers and versions, whose signs are not operators."""
_FILLER = frozenset(
    str.split(
        "what whats what's is are the a an of for calculate compute work out how much many please "
        "equal equals result answer value evaluate solve tell me can could you give find to do i "
        "does need know hey hi thanks just quick quickly math maths make makes exactly = ? . : !"
    )
)


def with_digits(text: str) -> str:
    """Return the text with number words and grouped digits as plain digits.

    `three times twenty-five` becomes `3 times 25`, `1,250` becomes `1250`, `2 million` `2000000`.
    """
    text = _NUMBER_WORDS.sub(lambda match: _value_of_words(match.group().lower()), text)
    text = _UNDERSCORED.sub("", text)
    text = _GROUPED.sub(lambda match: re.sub(r"[,_']", "", match.group()), text)
    text = _DIGITS_WITH_SCALE.sub(_scaled, text)
    return _AND_A_HALF.sub(_with_fraction, text)


def with_signs(text: str) -> str:
    """Return the text with arithmetic phrases as the signs that the calculator reads.

    `20% off 60` becomes `60 - 20%`, `half of 90` `1/2 of 90`. Number words must be digits already.
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


@dataclass(frozen=True, slots=True)
class ArithmeticReading:
    """The arithmetic found in a sentence."""

    expressions: tuple[str, ...]
    """In the calculator's signs, those that use most numbers first."""
    certain: bool
    """One expression uses every number, and the other words only ask for its value."""


def read_arithmetic(text: str) -> ArithmeticReading:
    """Find the arithmetic in a sentence, leaving out dates, times and telephone numbers."""
    lexemes = _lexemes(with_signs(with_digits(_NOT_ARITHMETIC.sub(" @ ", text))))
    found: list[tuple[int, str]] = []
    spare: list[Lexeme] = []
    for arithmetic, run in _runs(lexemes):
        best = _longest_expression(run) if arithmetic else None
        if best is None:
            spare += run
            continue
        start, end = best
        numbers = sum(kind == "number" for kind, _ in run[start:end])
        found.append((numbers, _spell(run[start:end])))
        spare += run[:start] + run[end:]
    found.sort(key=lambda pair: -pair[0])
    expressions = tuple(dict.fromkeys(expression for _, expression in found))
    asked_only = all(symbol in _FILLER for _, symbol in spare)
    return ArithmeticReading(expressions, certain=len(expressions) == 1 and asked_only)


def is_expression(text: str) -> bool:
    """Whether the text is, as a whole, one expression in the calculator's signs."""
    return _computes(_lexemes(with_digits(text)))


def spelled(expression: str) -> str:
    """Return the expression with the usual spaces."""
    return _spell(_lexemes(with_digits(expression)))


def python_expression(expression: str) -> str:
    """Return the signs as a Python expression; what is not a sign stays and will not parse."""
    return _python(_lexemes(with_digits(expression)))


def _lexemes(text: str) -> list[Lexeme]:
    """Split the text into (kind, lower-case text): number, function, constant, sign or word."""
    return [(match.lastgroup or "", match.group().lower()) for match in _LEXEME.finditer(text)]


def _runs(lexemes: list[Lexeme]) -> Iterator[tuple[bool, list[Lexeme]]]:
    """Yield the stretches that can belong to arithmetic and those that cannot, in order."""

    def is_arithmetic(indexed: tuple[int, Lexeme]) -> bool:
        index, (kind, symbol) = indexed
        if symbol != "of":
            return kind != "word"
        return index > 0 and (lexemes[index - 1][1] == "%" or lexemes[max(index - 2, 0)][1] == "/")

    for arithmetic, group in groupby(enumerate(lexemes), key=is_arithmetic):
        yield arithmetic, [symbol for _, symbol in group]


def _longest_expression(run: list[Lexeme]) -> tuple[int, int] | None:
    """Return the bounds of the longest stretch of at most 60 lexemes that computes something."""
    run = run[:60]
    for length in range(len(run), 1, -1):
        for start in range(len(run) - length + 1):
            if _computes(run[start : start + length]):
                return start, start + length
    return None


def _computes(lexemes: list[Lexeme]) -> bool:
    """Whether the lexemes are one well-formed expression with an operation in it."""
    if any(kind == "word" for kind, _ in lexemes):
        return False
    try:
        nodes = list(ast.walk(ast.parse(_python(lexemes), mode="eval")))
    except (SyntaxError, ValueError):
        return False
    if any(isinstance(node, ast.Tuple) for node in nodes):
        return False
    called = {getattr(node.func, "id", "") for node in nodes if isinstance(node, ast.Call)}
    operation = any(isinstance(node, ast.BinOp) for node in nodes) or called - {"percent"}
    return bool(operation) and called <= {*FUNCTION_NAMES}


def _python(lexemes: list[Lexeme]) -> str:
    """Return the lexemes as Python.

    `!` and a percent sign wrap the operand before them; between two operands `%` is the modulo.
    A function without brackets takes the number after it.
    """
    output: list[str] = []
    pending = False
    for index, (kind, symbol) in enumerate(lexemes):
        after_kind, after = lexemes[index + 1] if index + 1 < len(lexemes) else ("", "")
        operand_follows = after_kind in {"number", "function", "constant"} or after == "("
        if symbol == "!" or (symbol == "%" and not operand_follows):
            start = _operand_start(output)
            name = "factorial" if symbol == "!" else "percent"
            output[start:] = [name, "(", *output[start:], ")"]
        elif kind == "number":
            # Python refuses leading zeros.
            output += [re.sub(r"^0+(?=\d)", "", symbol), *([")"] if pending else [])]
            pending = False
        else:
            pending = kind == "function" and after_kind == "number"
            output += [_PYTHON.get(symbol, symbol), *(["("] if pending else [])]
    return " ".join(output)


def _operand_start(output: list[str]) -> int:
    """Return where the last operand of the output starts: a symbol, or a bracket with its name."""
    if not output or output[-1] != ")":
        return max(len(output) - 1, 0)
    depth = 0
    for index in range(len(output) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(output[index], 0)
        if depth == 0:
            return index - 1 if index and output[index - 1] in FUNCTION_NAMES else index
    return 0


def _spell(lexemes: list[Lexeme]) -> str:
    """Join the lexemes: `3/4 + 1/8`, `(3 + 4) * 5^2`, `average(3, 5, 10)`."""
    text = " ".join("^" if symbol == "**" else symbol for _, symbol in lexemes)
    for pattern, replacement in _TIDY:
        text = pattern.sub(replacement, text)
    return text


def quotations(text: str) -> list[str]:
    """Return what stands between quotation marks, in order, without the marks."""
    return [next(filter(None, match.groups())) for match in _QUOTED.finditer(text)]


def listed(items: Sequence[str]) -> str:
    """Return `a`, `a and b` or `a, b and c`."""
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def counted(count: int, noun: str) -> str:
    """Return the count with its noun: `1 day`, `2 days`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def exact_decimal(value: Fraction, *, max_places: int = 12) -> str | None:
    """Return the value in decimal digits, or None where they do not end within `max_places`."""
    scaled = value * 10**max_places
    if scaled.denominator != 1:
        return None
    digits = str(abs(scaled.numerator)).rjust(max_places + 1, "0")
    whole, places = digits[: len(digits) - max_places], digits[len(digits) - max_places :]
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{places}".rstrip("0").rstrip(".")


def rounded_decimal(value: Fraction, *, significant_digits: int) -> str:
    """Return the value rounded half to even, without trailing zeros.

    Digits before the decimal point are never rounded away below 10^15; outside 10^-6 … 10^15 the
    form is `1.5e21`.
    """
    if value == 0:
        return "0"
    with localcontext(prec=significant_digits + 5):
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        exponent = quotient.adjusted()
        if not -6 <= exponent < 15:
            return _scientific(quotient, significant_digits=significant_digits)
    places = max(significant_digits - 1 - exponent, 0)
    rounded = Fraction(round(value * 10**places), 10**places)
    text = exact_decimal(rounded, max_places=places)
    assert text is not None  # it was rounded to this many places
    return text


def _scientific(value: Decimal, *, significant_digits: int) -> str:
    mantissa, exponent = f"{value:.{significant_digits - 1}e}".split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def _value_of_words(words: str) -> str:
    whole, _, places = words.partition(" point ")
    total = current = 0
    for word in re.split(r"[ -]", whole):
        if word in _SCALES:
            total += max(current, 1) * _SCALES[word]
            current = 0
        elif word == "hundred":
            current = max(current, 1) * 100
        else:
            current += _SMALL.get(word) or _TENS.get(word) or 0
    digits = "".join(str(_SMALL[word]) for word in places.split())
    return f"{total + current}.{digits}" if digits else str(total + current)


def _scaled(match: re.Match[str]) -> str:
    value = Fraction(match[1]) * _SCALES[match[2].lower()]
    return exact_decimal(value) or match.group()


def _with_fraction(match: re.Match[str]) -> str:
    if match[2]:
        return f"{match[1]}.25"
    return f"{match[1]}.5" if match.group().lower().endswith("half") else f"{match[1]}.75"
