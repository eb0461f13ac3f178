"""The tool `calculator`: 15% of 240, (3 + 4) * 5^2, the average of some numbers.

Owns how a result is stated: exact where its digits end, else rounded after the fraction. Reading
is `tools.arithmetic`, computing `tools.exact_math`.
"""

import re
from decimal import Decimal
from fractions import Fraction

from pydantic import Field

from toollama.text import one_line
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.numbers.arithmetic import is_expression, read_arithmetic, spelled
from toollama.tools.numbers.decimals import exact_decimal, rounded_decimal
from toollama.tools.numbers.exact_math import Percent, Value, evaluate

_SHOWN_DIGITS = 10
_NOISE_DIGITS = 40
_LONGEST_SHOWN = 60
_ABOUT = "\N{ALMOST EQUAL TO}"


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
            "what do 7 stamps at 0.85 cost",
            "i earn 2400 a month, how much is that in 2 years",
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
            "how much do 4 tickets at 12.50 come to",
            "6 boxes of 24 how many in total",
            "putting aside 100 a week for a year makes how much in all",
            "nineteen minus four",
            "15 squared",
            "2 to the power of 16",
            "cube root of 27",
            "product of 29 and 31",
            "greatest common divisor of 12 and 18",
            "5/8 as a percentage",
            "if 30% off costs 70 what was the full price",
            "share a 96 euro bill among 3 people",
            "12*12-4",
            "log of 1000",
            "sin 30 degrees",
            "my rent is 850 and rises by 4 percent, what do i pay then",
            "caluclate 45 x 12",
            "remainder when 47 is divided by 6",
            "simple interest on 2000 at 3% for 5 years",
            "what is the total of 19.99, 5 and 3.50",
            "what is left of 800 after paying 3 times 45",
            "price per person: 180 split between 6 people",
            "double 35 plus a third of 60",
            "how much do i pay after two rises of 3.5% on 920",
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
        exact, ending = _result_text(raw, fractions=bool(re.search(r"/.*[-+]|[-+].*/", shown)))
        statement = f"{shown} {ending}".replace(f"{shown} = {shown} ", f"{shown} ")
        return ToolResult(
            statements=(statement,),
            answer=ending.rpartition(" ")[2],
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
