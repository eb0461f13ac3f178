"""Arithmetic on exact numbers: evaluates one expression in the calculator's signs.

The expression is parsed by `tools.arithmetic` and walked by simpleeval. Numbers are `Fraction`, so
0.1 + 0.2 is 0.3; only roots, logarithms and trigonometry leave them, for `Decimal`. It refuses
names, attributes and results beyond 4000 digits.
"""

import ast
import math
import statistics
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import reduce
from typing import Any, Final

from simpleeval import InvalidExpression, SimpleEval

from toollama.text import one_line
from toollama.tools.numbers.arithmetic import python_expression
from toollama.tools.refusal import refusal

Value = Fraction | Decimal

MAX_DIGITS: Final = 4000
"""Digits of a result. Python itself refuses to print integers beyond 4300."""
_MAX_BITS = int(MAX_DIGITS * math.log2(10))
_MAX_FACTORIAL = 1000
_PRECISION = 50


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
        raise refusal(
            f"{shown} divides by zero, which has no value", fix="change the divisor"
        ) from error
    except OverflowError as error:
        raise refusal(f"{shown} is too large: {error}", fix="use smaller numbers") from error
    except (InvalidExpression, SyntaxError, TypeError, RecursionError) as error:
        raise refusal(f"{shown} cannot be read as arithmetic", fix=_FIX) from error
    except (ValueError, ArithmeticError) as error:
        raise refusal(f"{shown} has no value: {one_line(str(error), 80)}", fix=_FIX) from error
    if not isinstance(value, Fraction | Decimal):
        raise refusal(f"{shown} is not a complete calculation", fix=_FIX)
    return value
