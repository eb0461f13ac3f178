"""Exact arithmetic: 15% of 240, (3 + 4) * 5^2, the average of some numbers.

`words` finds the arithmetic in a sentence; here it is computed by simpleeval. Numbers are
`Fraction`, so 0.1 + 0.2 is 0.3; only roots, logarithms and trigonometry leave them, for `Decimal`.
It refuses names, attributes and results beyond 4000 digits.
"""

import ast
import math
import re
import statistics
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import reduce
from typing import Any, Final

from pydantic import Field
from simpleeval import InvalidExpression, SimpleEval

from toollama.text import one_line
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.words import (
    exact_decimal,
    is_expression,
    python_expression,
    read_arithmetic,
    rounded_decimal,
    spelled,
)

Value = Fraction | Decimal

MAX_DIGITS: Final = 4000
"""Digits of a result. Python itself refuses to print integers beyond 4300."""
_MAX_BITS = int(MAX_DIGITS * math.log2(10))
_MAX_FACTORIAL = 1000
_PRECISION = 50
_SHOWN_DIGITS = 10
_NOISE_DIGITS = 40
_LONGEST_SHOWN = 60
_ABOUT = "\N{ALMOST EQUAL TO}"


class Percent(Fraction):
    """A fraction written as a percentage: added to a number it is a share of that number."""


def _alike(*values: Value) -> tuple[Any, ...]:
    """Return the values all as fractions, or all as decimals where one of them is inexact."""
    if any(isinstance(value, Decimal) for value in values):
        return tuple(_decimal(value) for value in values)
    return tuple(Fraction(value) for value in values)


def _decimal(value: Value) -> Decimal:
    if isinstance(value, Decimal):
        return value
    return Decimal(value.numerator) / Decimal(value.denominator)


def _bounded(value: Value) -> Value:
    if isinstance(value, Fraction):
        bits = max(value.numerator.bit_length(), value.denominator.bit_length())
        if bits > _MAX_BITS:
            raise OverflowError(f"the result has more than {MAX_DIGITS} digits")
    return value


def _whole(value: Value) -> int:
    if value != int(value):
        raise ValueError("this function takes whole numbers only")
    return int(value)


def _add(left: Value, right: Value, *, sign: int = 1) -> Value:
    if isinstance(right, Percent) and not isinstance(left, Percent):
        right = _multiply(left, Fraction(right))
    first, second = _alike(left, right)
    return _bounded(first + sign * second)


def _multiply(left: Value, right: Value) -> Value:
    first, second = _alike(left, right)
    return _bounded(first * second)


def _divide(left: Value, right: Value) -> Value:
    if right == 0:
        raise ZeroDivisionError
    first, second = _alike(left, right)
    return _bounded(first / second)


def _modulo(left: Value, right: Value) -> Value:
    return _add(left, _multiply(right, Fraction(math.floor(_divide(left, right)))), sign=-1)


def _power(base: Value, exponent: Value) -> Value:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length()) - 1
        if abs(exponent.numerator) * bits > _MAX_BITS:
            raise OverflowError(f"the result has more than {MAX_DIGITS} digits")
        return _bounded(Fraction(base) ** exponent.numerator)
    if base < 0:
        raise ValueError("a fractional power of a negative number is not real")
    if base == 0:
        return _divide(Fraction(0), Fraction(1) if exponent > 0 else Fraction(0))
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        root = _exact_root(base, exponent.denominator)
        if root is not None:
            return _power(root, Fraction(exponent.numerator))
    return _decimal(base) ** _decimal(exponent)


def _exact_root(value: Fraction, degree: int) -> Fraction | None:
    share = 1 / Decimal(degree)
    root = Fraction(
        round(Decimal(value.numerator) ** share), round(Decimal(value.denominator) ** share)
    )
    close = root and degree <= _PRECISION and root**degree == value
    return root if close else None


def _logarithm(value: Value, base: Value) -> Value:
    if value <= 0:
        raise ValueError("only a positive number has a logarithm")
    return _decimal(value).ln() / _decimal(base).ln()


def _rounded(value: Value, places: Value = Fraction(0)) -> Value:
    """Round half away from zero, as people do on paper."""
    scale = Fraction(10) ** max(min(_whole(places), 100), -100)
    size = math.floor(abs(Fraction(value)) * scale + Fraction(1, 2)) / scale
    return size if value >= 0 else -size


def _factorial(value: Value) -> Value:
    number = _whole(value)
    if not 0 <= number <= _MAX_FACTORIAL:
        raise OverflowError(f"a factorial is computed from 0 to {_MAX_FACTORIAL}")
    return Fraction(math.factorial(number))


def _trigonometric(function: Callable[[float], float]) -> Callable[[Value], Value]:
    return lambda radians: Decimal(str(round(function(float(radians)), 14)))


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "percent": lambda value: Percent(Fraction(value) / 100),
    "as_percent": lambda value: Percent(Fraction(value)),
    "sqrt": lambda value: _power(value, Fraction(1, 2)),
    "cbrt": lambda value: (
        _power(value, Fraction(1, 3)) if value >= 0 else -_power(-value, Fraction(1, 3))
    ),
    "abs": abs,
    "round": _rounded,
    "floor": lambda value: Fraction(math.floor(value)),
    "ceil": lambda value: Fraction(math.ceil(value)),
    "min": lambda *values: min(_alike(*values)),
    "max": lambda *values: max(_alike(*values)),
    "sum": lambda *values: reduce(_add, _alike(*values)),
    "product": lambda *values: reduce(_multiply, values),
    "average": lambda *values: _divide(reduce(_add, _alike(*values)), Fraction(len(values))),
    "median": lambda *values: statistics.median(_alike(*values)),
    "gcd": lambda *values: Fraction(math.gcd(*map(_whole, values))),
    "lcm": lambda *values: _bounded(Fraction(math.lcm(*map(_whole, values)))),
    "factorial": _factorial,
    "log": lambda value, base=Fraction(10): _logarithm(value, base),
    "ln": lambda value: _logarithm(value, _NAMES["e"]),
    "exp": lambda value: _decimal(value).exp(),
    "sin": _trigonometric(math.sin),
    "cos": _trigonometric(math.cos),
    "tan": _trigonometric(math.tan),
}

_NAMES: dict[str, Value] = {
    "pi": Decimal("3.14159265358979323846264338327950288419716939937511"),
    "e": Decimal("2.71828182845904523536028747135266249775724709369996"),
}
_OPERATORS: dict[type[ast.AST], Callable[..., Value]] = {
    ast.Add: _add,
    ast.Sub: lambda left, right: _add(left, right, sign=-1),
    ast.Mult: _multiply,
    ast.Div: _divide,
    ast.FloorDiv: lambda left, right: Fraction(math.floor(_divide(left, right))),
    ast.Mod: _modulo,
    ast.Pow: _power,
    ast.USub: lambda value: -value,
    ast.UAdd: lambda value: value,
}
_ALLOWED = (ast.Expr, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name)

_FIX = "write it in signs, such as: toollama tools run calculator --expression '(3 + 4) * 5^2'"


def evaluate(expression: str) -> Value:
    """Return the value of an expression in the calculator's signs.

    Raises `ToolFailure(kind="invalid_input")`.
    """
    shown = one_line(expression, 60)
    source = python_expression(expression)
    evaluator = SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS, names=_NAMES)
    evaluator.nodes = {kind: evaluator.nodes[kind] for kind in _ALLOWED}
    # The text of a literal is exact where the float that Python reads from it is not.
    evaluator.nodes[ast.Constant] = lambda node: Fraction(
        ast.get_source_segment(source, node) or ""
    )
    try:
        with localcontext(prec=_PRECISION):
            value = evaluator.eval(source)
    except ZeroDivisionError as error:
        raise _invalid(
            f"{shown} divides by zero, which has no value", "change the divisor"
        ) from error
    except OverflowError as error:
        raise _invalid(f"{shown} is too large: {error}", "use smaller numbers") from error
    except (InvalidExpression, SyntaxError, TypeError, RecursionError) as error:
        raise _invalid(f"{shown} cannot be read as arithmetic", _FIX) from error
    except (ValueError, ArithmeticError) as error:
        raise _invalid(f"{shown} has no value: {one_line(str(error), 80)}", _FIX) from error
    if not isinstance(value, Fraction | Decimal):
        raise _invalid(f"{shown} is not a complete calculation", _FIX)
    return value


def _invalid(message: str, fix: str) -> ToolFailure:
    return ToolFailure(message, kind="invalid_input", fix=fix)


class CalculatorArguments(Arguments):
    """What to compute."""

    expression: str = Field(
        min_length=1,
        max_length=300,
        description=(
            "Arithmetic in signs, such as (3 + 4) * 5^2, 15% of 240, 240 - 15%, sqrt(2), 7!, "
            "10 mod 3, average(3, 5, 10); plain words are understood too"
        ),
    )


class Calculator(Tool[CalculatorArguments, Value]):
    """Computes one expression."""

    spec = ToolSpec(
        name="calculator",
        summary="Computes arithmetic exactly: percentages, fractions, powers, roots, averages.",
        utterances=(
            "What is 15% of 240?",
            "what's 12.5 % of 80",
            "240 minus 15%",
            "20% off 59.99",
            "add 8.25% tax to 100",
            "(3+4)*5^2",
            "2**10",
            "calculate sqrt(2)",
            "square root of 144",
            "1,250 * 3",
            "half of 90",
            "three times seventeen",
            "whats 5 plus 7 divided by 2",
            "7 factorial",
            "split 87.60 between 4",
            "what is 3/4 + 1/8",
            "10 mod 3",
            "average of 3, 5 and 10",
            "what percent of 80 is 20",
            "percentage change from 80 to 100",
            "how much is 19 x 23",
            "compute the sum of 12, 7 and 30",
            "work out 18% tip on 64.50",
            "multiply 12 by 12",
            "can you do 1000 divided by 7 for me",
            "is 91 / 7 a whole number",
        ),
        parameters=CalculatorArguments,
        packs=("drummer.analysis", "belter.knowledge"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the arithmetic readings of the words, those that use most numbers first."""
        reading = read_arithmetic(text)
        if not reading.expressions:
            return {}
        return {
            "expression": [
                Candidate(expression, "words", certain=reading.certain)
                for expression in reading.expressions
            ]
        }

    async def prepare(self, args: CalculatorArguments, context: ToolContext) -> CalculatorArguments:
        """Return the arguments with words turned into signs."""
        reading = read_arithmetic(args.expression)
        if is_expression(args.expression) or not reading.certain:
            return args
        return args.model_copy(update={"expression": reading.expressions[0]})

    async def execute(self, args: CalculatorArguments, context: ToolContext) -> Value:
        """Compute the expression."""
        return evaluate(args.expression)

    def format(self, args: CalculatorArguments, raw: Value, context: ToolContext) -> ToolResult:
        """State the result: exact where its digits end, else rounded after the fraction."""
        shown = one_line(_without_conversion(spelled(args.expression)), 120)
        exact, text = _result_text(raw, fractions=bool(re.search(r"/.*[-+]|[-+].*/", shown)))
        statement = f"{shown} {text}".replace(f"{shown} = {shown} ", f"{shown} ")
        return ToolResult(
            statements=(statement,),
            data={
                "expression": args.expression,
                "value": exact,
                "exact": isinstance(raw, Fraction),
            },
            text=f"{shown} = {exact}",
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _without_conversion(expression: str) -> str:
    """Leave out the outermost as_percent(...): the percent sign of the result says it."""
    return re.sub(r"^as_percent\((.*)\)$", r"\1", expression)


def _result_text(value: Value, *, fractions: bool) -> tuple[str, str]:
    """Return the value in full, and the end of the sentence that states it."""
    if isinstance(value, Percent):
        hundredths = Fraction(value) * 100
        digits = rounded_decimal(hundredths, significant_digits=_SHOWN_DIGITS)
        sign = "=" if Fraction(digits) == hundredths else _ABOUT
        return f"{exact_decimal(hundredths) or hundredths}%", f"{sign} {digits}%"
    if isinstance(value, Decimal):
        # Roots leave noise in the last digits: sqrt(2)^2 is 2.
        settled = Fraction(f"{value:.{_NOISE_DIGITS}g}")
        digits = rounded_decimal(settled, significant_digits=_SHOWN_DIGITS)
        return str(value), f"{'=' if Fraction(digits) == settled else _ABOUT} {digits}"
    exact = exact_decimal(value, max_places=_SHOWN_DIGITS)
    rounded_text = rounded_decimal(value, significant_digits=_SHOWN_DIGITS)
    if len(exact or str(value)) > _LONGEST_SHOWN:
        return exact or str(value), f"{_ABOUT} {rounded_text}"
    if exact is None:
        return str(value), f"= {value} {_ABOUT} {rounded_text}"
    if fractions and value.denominator != 1:
        return exact, f"= {value} = {exact}"
    return exact, f"= {exact}"


TOOL = Calculator()
