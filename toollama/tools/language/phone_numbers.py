"""Telephone numbers as their numbering plans know them.

The facts are those of the phonenumbers package (Google's libphonenumber data). A valid number may
belong to no one, and a carrier is the one the range was first given to.
"""

import re
from dataclasses import dataclass
from typing import Any

from toollama.text import one_line
from toollama.tools.refusal import refusal

_ERROR_NUMBER = re.compile(r"^\(\d+\) ")
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
        raise refusal(f"{region} is not a country code", fix="use an ISO code such as US or DE")
    try:
        parsed = phonenumbers.parse(number, region or None)
    except phonenumbers.NumberParseException as error:
        missing_region = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        if missing_region and not region and "+" not in number:
            raise refusal(
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
