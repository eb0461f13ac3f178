"""Telephone numbers: whether the numbering plan allows one, and how it is written.

The facts are those of the phonenumbers package (Google's libphonenumber data). It calls nobody:
a valid number may belong to no one, and a carrier is the one the range was first given to.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

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
from toollama.tools.words import listed

_NUMBER = re.compile(r"(?<![\w.])\+?(?:\(\+?\d+\)|\d)[\d\s().\-/]{4,}\d(?![\w])")
_NOT_A_NUMBER = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}|\d+\.\d+")
_ERROR_NUMBER = re.compile(r"^\(\d+\) ")
_REGION_WORDS = {
    "uk": "GB",
    "british": "GB",
    "britain": "GB",
    "england": "GB",
    "usa": "US",
    "american": "US",
    "canadian": "CA",
    "canada": "CA",
    "german": "DE",
    "germany": "DE",
    "french": "FR",
    "france": "FR",
    "spanish": "ES",
    "spain": "ES",
    "italian": "IT",
    "italy": "IT",
    "dutch": "NL",
    "netherlands": "NL",
    "swiss": "CH",
    "switzerland": "CH",
    "austrian": "AT",
    "austria": "AT",
    "indian": "IN",
    "india": "IN",
    "australian": "AU",
    "australia": "AU",
    "japanese": "JP",
    "japan": "JP",
    "brazilian": "BR",
    "brazil": "BR",
    "mexican": "MX",
    "mexico": "MX",
}
_KINDS = {
    "FIXED_LINE": "fixed-line",
    "MOBILE": "mobile",
    "FIXED_LINE_OR_MOBILE": "fixed-line or mobile",
    "TOLL_FREE": "toll-free",
    "PREMIUM_RATE": "premium-rate",
    "SHARED_COST": "shared-cost",
    "VOIP": "internet telephony",
    "PERSONAL_NUMBER": "personal",
    "PAGER": "pager",
    "UAN": "company",
    "VOICEMAIL": "voicemail",
}


def _region_code(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


class PhoneCheckArguments(Arguments):
    """Which number to check."""

    number: str = Field(
        min_length=2,
        max_length=40,
        description="The telephone number as written, best with + and its country code",
    )
    region: Annotated[str, BeforeValidator(_region_code)] = Field(
        default="",
        pattern=r"^([A-Z]{2})?$",
        description="ISO country code, such as US or DE, for a number written without +",
    )


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    """What the numbering plan says of a number."""

    reason: str = ""
    """Why it is not valid; empty where it is."""
    e164: str = ""
    international: str = ""
    national: str = ""
    region: str = ""
    kind: str = ""
    place: str = ""
    carrier: str = ""
    timezones: tuple[str, ...] = ()


def check(number: str, *, region: str = "") -> PhoneFacts:
    """Return what the numbering plan says.

    Raises `ToolFailure(kind="invalid_input")` where a number without + has no region, or the
    region does not exist.
    """
    import phonenumbers

    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise _invalid(f"{region} is not a country code", fix="use an ISO code such as US or DE")
    try:
        parsed = phonenumbers.parse(number, region or None)
    except phonenumbers.NumberParseException as error:
        missing_region = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        if missing_region and not region and "+" not in number:
            raise _invalid(
                f"{one_line(number, 40)} has no country code",
                fix="write it with + and the country code, or give --region US",
            ) from error
        return PhoneFacts(reason=_ERROR_NUMBER.sub("", str(error)).rstrip(".").lower())
    if not phonenumbers.is_valid_number(parsed):
        return PhoneFacts(reason=_reason(parsed))
    return _facts(parsed)


def _reason(parsed: Any) -> str:
    import phonenumbers

    return {
        phonenumbers.ValidationResult.TOO_SHORT: "too short",
        phonenumbers.ValidationResult.TOO_LONG: "too long",
        phonenumbers.ValidationResult.INVALID_LENGTH: "no number there has this length",
        phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "no such country code",
    }.get(
        phonenumbers.is_possible_number_with_reason(parsed),
        "the numbering plan has no such range",
    )


def _facts(parsed: Any) -> PhoneFacts:
    import phonenumbers
    from phonenumbers import carrier, geocoder, timezone

    form = phonenumbers.PhoneNumberFormat
    kind = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(parsed))
    zones = timezone.time_zones_for_number(parsed)
    return PhoneFacts(
        e164=phonenumbers.format_number(parsed, form.E164),
        international=phonenumbers.format_number(parsed, form.INTERNATIONAL),
        national=phonenumbers.format_number(parsed, form.NATIONAL),
        region=phonenumbers.region_code_for_number(parsed) or "",
        kind=_KINDS.get(kind, ""),
        place=geocoder.description_for_number(parsed, "en"),
        carrier=carrier.name_for_number(parsed, "en"),
        timezones=tuple(zone for zone in zones if zone != timezone.UNKNOWN_TIMEZONE),
    )


def _invalid(message: str, *, fix: str) -> ToolFailure:
    return ToolFailure(message, kind="invalid_input", fix=fix)


class PhoneCheck(Tool[PhoneCheckArguments, PhoneFacts]):
    """Checks one number against its numbering plan."""

    spec = ToolSpec(
        name="phone_check",
        summary="Checks a telephone number: valid or not, country, type, carrier, standard form.",
        utterances=(
            "is +44 20 7946 0958 a valid phone number",
            "check phone +14155550100",
            "what country is +46 8 465 004 04 from",
            "format 020 7946 0958 as an international UK number",
            "is 030 23125 000 a real german number",
            "validate this number: +33 1 99 00 12 34",
            "which carrier has +61 491 570 156",
            "e164 for (415) 555-0100 US",
            "whose country code is +353 20 911 2345",
            "is +1 202 555 0123 a mobile",
            "phone number check +61 2 5550 1234",
            "does +44 1632 960123 exist as a number",
            "landline or mobile: +44 7700 900123",
            "is this telephone number ok? +1 212 555 0199",
            "phone +61 3 7010 1234 region",
            "look up area of +1 312 555 0147",
            "what type of number is 0808 157 0123 in the UK",
            "tell me if +447700900456 is valid",
            "vaild phone? +44 29 2018 0123",
            "time zone of the number +1 808 555 0101",
            "which country calls from +353",
        ),
        parameters=PhoneCheckArguments,
        packs=("drummer.api", "drummer.analysis", "belter.knowledge"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the numbers in the words, and the country that is named."""
        searched = _NOT_A_NUMBER.sub(" ", text)
        numbers = [match.group().strip() for match in _NUMBER.finditer(searched)]
        if not numbers:
            return {}
        certain = len(numbers) == 1
        found = {"number": [Candidate(number, "words", certain=certain) for number in numbers]}
        named = [_REGION_WORDS.get(word) for word in re.findall(r"[a-z]+", text.lower())]
        named += re.findall(r"\b(?:US|GB|DE|FR|ES|IT|NL|CH|AT|IN|AU|JP|BR|MX|CA)\b", text)
        regions = list(dict.fromkeys(filter(None, named)))
        if regions:
            certain = len(regions) == 1
            found["region"] = [Candidate(region, "words", certain=certain) for region in regions]
        return found

    async def execute(self, args: PhoneCheckArguments, context: ToolContext) -> PhoneFacts:
        """Look the number up in the numbering plan."""
        return check(args.number, region=args.region)

    def format(
        self, args: PhoneCheckArguments, raw: PhoneFacts, context: ToolContext
    ) -> ToolResult:
        """State validity first; a number that is not valid is a result too."""
        source = Source(self.spec.name, self.spec.name)
        if raw.reason:
            statement = f"{one_line(args.number)} is not a valid phone number: {raw.reason}."
            data: dict[str, object] = {"valid": False, "reason": raw.reason}
            return ToolResult(statements=(statement,), data=data, sources=(source,))
        kind = f"{raw.kind} number" if raw.kind else "number"
        where = f" in {raw.place}" if raw.place else ""
        statements = [f"{raw.international} is a valid {kind}{where} (country {raw.region})."]
        statements.append(f"Its E.164 form is {raw.e164}, its national form {raw.national}.")
        if raw.carrier:
            statements.append(f"Its range was first given to {raw.carrier}.")
        if raw.timezones and len(raw.timezones) <= 3:
            verb = "zone is" if len(raw.timezones) == 1 else "zones are"
            statements.append(f"Its time {verb} {listed(raw.timezones)}.")
        statements.append("Valid means that the numbering plan allows it; nobody was called.")
        return ToolResult(
            statements=tuple(statements),
            data={
                "valid": True,
                "e164": raw.e164,
                "international": raw.international,
                "national": raw.national,
                "region": raw.region,
                "kind": raw.kind,
                "place": raw.place,
                "carrier": raw.carrier,
                "timezones": list(raw.timezones),
            },
            sources=(source,),
        )


TOOL = PhoneCheck()
