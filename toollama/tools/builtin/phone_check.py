"""The tool `phone_check`: whether the numbering plan allows a telephone number, and its forms.

Owns how numbers and countries stand in sentences; the facts are `tools.phone_numbers`'. It calls
nobody.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

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
from toollama.tools.language.phone_numbers import PhoneFacts, check
from toollama.tools.language.words import listed

_NUMBER = re.compile(r"(?<![\w.])\+?(?:\(\+?\d+\)|\d)[\d\s().\-/]{4,}\d(?![\w])")
_NOT_A_NUMBER = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}|\d+\.\d+")
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
_REGION_CODE = re.compile(rf"\b(?:{'|'.join(sorted(set(_REGION_WORDS.values())))})\b")


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
            "0044 20 7946 0958 valid?",
            "who's calling me from +33 6 12 34 56 78, what country",
            "is 0151 2345678 a german mobile",
            "write 06 11 22 33 44 in international form for France",
            "can this number be dialled: +1 234 567",
            "does 555-0134 exist in the us",
            "spanish phone number 911 234 567 real or fake",
            "got a call from +91 98765 43210 where is that",
            "telephone +43 1 234567 which network",
            "normalise the phone number (020) 7946 0011 GB",
            "is there a mistake in my number +1 415 555 01",
            "area code 212 belongs to which number, +1 212 555 0100",
            "how do i write +4930123456 with spaces",
            "missed call from +234 802 123 4567",
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
        named += _REGION_CODE.findall(text)
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
            answer=raw.e164,
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
