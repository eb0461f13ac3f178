"""The arithmetic in a sentence: which stretches of it are one expression, and its spelling.

Pure. It finds, spells and translates to Python; what an expression is worth is
`tools.exact_math`'s to say.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from toollama.tools.language.rewriting import Rewrite, rewritten
from toollama.tools.numbers.arithmetic_phrases import with_signs
from toollama.tools.numbers.number_words import with_digits

Lexeme = tuple[str, str]
"""Kind (number, function, constant, sign or word) and lower-case text."""

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
    r"|\+\d[\d -]{7,}\d|(?<!\d)\d+(?:\.\d+){2,}"
)
"""Dates, times, telephone numbers and versions, whose signs are not operators."""
_FILLER = frozenset(
    str.split(
        "what whats what's is are the a an of for calculate compute work out how much many please "
        "equal equals result answer value evaluate solve tell me can could you give find to do i "
        "does need know hey hi thanks just quick quickly math maths make makes exactly = ? . : !"
    )
)


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
    return rewritten(text, _TIDY)
