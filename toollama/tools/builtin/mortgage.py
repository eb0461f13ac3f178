"""The tool `mortgage`: the monthly payment and the interest of a loan for a home.

Owns how requests name the parts of a loan. Computing is `tools.property.loans`'.
"""

from fractions import Fraction

from pydantic import Field

from toollama.tools.base import (
    Arguments,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.numbers.decimals import exact_decimal
from toollama.tools.property.amounts import (
    AMOUNT,
    PERCENT,
    exact,
    figures,
    first,
    money,
    proposed,
    with_plain_amounts,
)
from toollama.tools.property.loans import MAX_MONTHS, MONTHS_PER_YEAR, Loan, repay
from toollama.tools.refusal import refusal

_LARGE = r"(\d{4,}(?:\.\d+)?)"
_DOWN = (
    rf"{AMOUNT} (?:down(?: ?payment)?|deposit)\b|(?:down(?: ?payment)?|deposit) (?:of )?{AMOUNT}"
)
_DOWN_PERCENT = rf"{PERCENT} (?:down|deposit)|(?:down(?: ?payment)?|deposit) (?:of )?{PERCENT}"


class MortgageArguments(Arguments):
    """A loan that is repaid in equal monthly instalments."""

    amount: float = Field(
        gt=0, le=1e12, description="the price, or the loan itself where nothing is paid down"
    )
    rate_percent: float = Field(ge=0, le=100, description="nominal interest per year, in percent")
    years: float = Field(gt=0, le=50, description="term of the loan in years")
    down_payment: float = Field(
        default=0, ge=0, le=1e12, description="what is paid at once, taken off the amount"
    )


class Mortgage(Tool[MortgageArguments, Loan]):
    """Computes one loan."""

    spec = ToolSpec(
        name="mortgage",
        summary="Computes a mortgage: the monthly payment, the interest and the total of a loan.",
        utterances=(
            "What is the monthly payment on a 300,000 mortgage at 6.5% over 30 years?",
            "mortgage 250k 5% 25 years",
            "monthly mortgage payment for $400,000 at 7 percent for 15 years",
            "how much is a home loan of 180000 at 4.2% over 20 years per month",
            "calculate the mortgage on a house for 350000 with 20% down at 6% for 30 years",
            "loan repayment 90,000 at 3.9% 10 years",
            "what would I pay a month for a 1.2 million loan at 5.5% over 30 years",
            "house costs 500k, deposit 100k, rate 4.75%, 25 year term, monthly?",
            "mortgage calculator: 275000, 6.1%, 30 years",
            "how much interest do I pay on a 200000 loan at 6% over 30 years",
            "total interest on a 25 year mortgage of 150000 at 5%",
            "repayments on a £220,000 mortgage at 4.5% over 35 years",
            "what are the instalments for 60,000 at 8% over 5 years",
            "can you work out a mortgage of 320k at 6.25 percent 30 yrs",
            "morgage payment 200k 6% 30 years",
            "monthly rate for a loan of 100000 euros at 3% over 15 years",
            "if I borrow 240,000 for 30 years at 7%, what is the payment",
            "amortise 180,000 over 20 years at 5.25%",
            "home loan EMI for 5000000 at 8.5% for 20 years",
            "what does a 30 year mortgage on a 425,000 home cost with 10% down at 6.8%",
            "payment on a fixed rate loan, 6%, 15 years, 150000",
            "how expensive is a mortgage of 280000 at 5.9 percent for 25 years each month",
        ),
        parameters=MortgageArguments,
        packs=("drummer.analysis", "belter.property"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the parts of the loan that the words name; certain if no figure is left."""
        plain = with_plain_amounts(text)
        years = first(plain, rf"{AMOUNT}[ -]?(?:years?|yrs?|y)\b")
        amount = first(plain, rf"(?<![\d.]){_LARGE}(?! (?:down|deposit)\b)(?! ?%)")
        share = first(plain, _DOWN_PERCENT)
        down = share * amount / 100 if share is not None and amount else None
        if down is None and share is None:
            down = first(plain, _DOWN)
        rest = plain if share is None else _without_share(plain, share)
        rate = first(rest, PERCENT)
        if down is not None and amount == down:
            amount = None
        found = {"amount": amount, "rate_percent": rate, "years": years, "down_payment": down}
        read = {name for name, value in found.items() if value is not None}
        bare = sum(name != "rate_percent" for name in read) - (share is not None)
        certain = len(figures(plain)) == bare
        return proposed(found, certain=certain)

    async def execute(self, args: MortgageArguments, context: ToolContext) -> Loan:
        """Compute the loan. Raises `ToolFailure` for a term or a sum that is no loan."""
        months = exact(args.years) * MONTHS_PER_YEAR
        if months.denominator != 1 or not 1 <= months <= MAX_MONTHS:
            raise refusal(f"{args.years:g} years are no whole months", fix="give whole years")
        principal = exact(args.amount) - exact(args.down_payment)
        if principal <= 0:
            raise refusal("the down payment covers the amount", fix="nothing is to be borrowed")
        return repay(principal, yearly_rate=exact(args.rate_percent) / 100, months=int(months))

    def format(self, args: MortgageArguments, raw: Loan, context: ToolContext) -> ToolResult:
        """State the payment, then what the loan costs in all."""
        rate = exact_decimal(exact(args.rate_percent)) or f"{args.rate_percent:g}"
        years = exact_decimal(exact(args.years)) or f"{args.years:g}"
        return ToolResult(
            statements=(
                (
                    f"A loan of {money(raw.principal)} at {rate}% over {years} years costs "
                    f"{money(raw.monthly_payment)} a month."
                ),
                (
                    f"In all {money(raw.total_paid)} is paid, of which {money(raw.interest)} is "
                    "interest."
                ),
            ),
            answer=money(raw.monthly_payment),
            data={
                "principal": _data(raw.principal),
                "monthly_payment": _data(raw.monthly_payment),
                "total_paid": _data(raw.total_paid),
                "interest": _data(raw.interest),
                "months": raw.months,
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _without_share(plain: str, share: Fraction) -> str:
    """Return the words without the share that is paid down, so that the rate is what is left."""
    digits = exact_decimal(share) or ""
    head, _, tail = plain.partition(f"{digits}%")
    return f"{head} {tail}" if tail else plain.replace(digits, " ", 1)


def _data(value: Fraction) -> float:
    return float(round(value, 2))


TOOL = Mortgage()
