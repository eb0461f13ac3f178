"""The tool `vat_check`: is a European VAT number well formed, and is it registered.

The form and check digits are python-stdnum's. Who is registered is told by the EU's VIES service,
GET /ms/{country}/vat/{number}, documented at
https://ec.europa.eu/taxation_customs/vies/#/technical-information; answers may be repeated for a
day only. Not yet run against the real service.
"""

from dataclasses import dataclass

from pydantic import Field

from toollama.policy import Effect
from toollama.text import one_line
from toollama.tools.base import (
    Arguments,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.citing import web_source
from toollama.tools.language.asks import compile_asks, proposed
from toollama.tools.language.sentences import fit
from toollama.tools.upstream import Document, read_as

_HOST = "ec.europa.eu"
_BASE = f"https://{_HOST}/taxation_customs/vies/rest-api/ms"
_COUNTRIES = (
    "AT BE BG CY CZ DE DK EE EL GR ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI"
)
_COUNTRY = "|".join(_COUNTRIES.split())
_ASKS = compile_asks(rf"\b(?P<number>(?-i:(?:{_COUNTRY}) ?[0-9A-Z][0-9A-Z. -]{{5,14}}[0-9A-Z]))\b")
_NOT_TOLD = {"---", ""}


class VatArguments(Arguments):
    """Which number."""

    number: str = Field(
        min_length=4, max_length=24, description="with its country letters, as DE136695976"
    )


class Registration(Document):
    """What VIES says."""

    isValid: bool  # noqa: N815 - the service's own name
    userError: str = ""  # noqa: N815 - the service's own name
    name: str | None = ""
    address: str | None = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A number in its compact form; without a registration it was not worth asking for."""

    number: str
    well_formed: bool
    registration: Registration | None


class VatCheck(Tool[VatArguments, Checked]):
    """Checks a VAT number."""

    spec = ToolSpec(
        name="vat_check",
        summary="Check a European VAT number: its check digits, and whether it is registered.",
        utterances=(
            "is DE136695976 a valid VAT number",
            "check vat id FR40303265045",
            "vat number ATU13585627 registered?",
            "verify the VAT id of my supplier IE6388047V",
            "vies check NL004495445B01",
            "validate the european vat number IT00743110157",
            "does the VAT number ES A28015865 exist",
            "who owns vat number BE0403170701",
            "umsatzsteuer id DE811907980 check",
            "is this vat number correct: PL5260001246",
            "look up SE556012579001 in vies",
            "tax number DK13585628 valid",
            "company behind VAT LU20260743",
            "check the tva number FR83404833048",
            "vat validation PT500697256",
            "can i trust the VAT id FI09853608",
            "european tax id check CZ25123891",
            "vat nubmer HU12892312",
            "is the invoice's VAT EL094014201 real",
            "eu vat lookup RO18547290",
            "verify btw nummer NL123456789B01",
        ),
        parameters=VatArguments,
        packs=("drummer.analysis", "drummer.api"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        provider="vies",
        rates=(Rate(1, 1.0),),
        cache_ttl_s=86_400.0,
        homepage="https://ec.europa.eu/taxation_customs/vies/",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer what stands like a VAT number."""
        return proposed(text, _ASKS)

    async def execute(self, args: VatArguments, context: ToolContext) -> Checked:
        """Check the digits here, and ask VIES for a number that has them right.

        Raises `ToolFailure`.
        """
        from stdnum.eu import vat
        from stdnum.exceptions import ValidationError

        try:
            number = vat.validate(args.number.upper())
        except ValidationError:
            if not args.number.upper().startswith("XI"):
                return Checked(args.number.upper(), well_formed=False, registration=None)
            number = "".join(filter(str.isalnum, args.number.upper()))
        country, digits = number[:2], number[2:]
        answer = await context.http.get_json(
            f"{_BASE}/{country}/vat/{digits}", hosts=self.spec.hosts
        )
        registration = read_as(Registration, answer, service=_HOST)
        if not registration.isValid and registration.userError not in {"INVALID", "VALID", ""}:
            raise ToolFailure(
                f"VIES cannot ask {country} now: {one_line(registration.userError, 60)}",
                kind="unavailable",
                fix="try again later; national registers close at night",
            )
        return Checked(number, well_formed=True, registration=registration)

    def format(self, args: VatArguments, raw: Checked, context: ToolContext) -> ToolResult:
        """State the verdict, then who holds the number where the country tells."""
        source = web_source(f"VIES: {raw.number}", self.spec.homepage, context)
        if raw.registration is None:
            said = (
                f"{raw.number} is no valid EU VAT number: its form or its check digits are wrong."
            )
            data = {"number": raw.number, "well_formed": False, "registered": False}
            return ToolResult((said,), answer="invalid", data=data, sources=(source,))
        registered = raw.registration.isValid
        verdict = "is registered for VAT" if registered else "is well formed but not registered"
        statements = [f"{raw.number} {verdict}, by VIES."]
        name, address = (
            " ".join((part or "").split())
            for part in (raw.registration.name, raw.registration.address)
        )
        if name not in _NOT_TOLD:
            where = f", {address}" if address not in _NOT_TOLD else ""
            statements.append(f"It belongs to {name}{where}.")
        return ToolResult(
            tuple(map(fit, statements)),
            answer="registered" if registered else "not registered",
            data={
                "number": raw.number,
                "well_formed": True,
                "registered": registered,
                "name": name,
            },
            sources=(source,),
        )


TOOL = VatCheck()
