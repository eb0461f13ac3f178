"""The tool `email_check`: whether an e-mail address is written correctly, and its normal form.

The rules are those of the email-validator package, the domains of throwaway addresses those of the
disposable-email-domains package. It contacts no server: whether the domain takes mail and the
mailbox exists is not known, and the answer says so.
"""

import re
from dataclasses import dataclass

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
from toollama.tools.language.phrases import quotations

_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]]*@[^\s<>,;:\"'()\[\]]*")
_WITHOUT_AT = re.compile(r"\b[\w+-]+(?:\.[\w+-]+)+\b")
_CONTEXT_WORD = re.compile(r"\be-?mail|\bmailbox\b", re.IGNORECASE)


class EmailCheckArguments(Arguments):
    """Which address to check."""

    address: str = Field(
        min_length=1, max_length=320, description="The e-mail address, without a display name"
    )


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """What the syntax rules say of an address."""

    reason: str = ""
    """Why it is not valid; empty where it is."""
    normalized: str = ""
    local_part: str = ""
    domain: str = ""
    ascii_domain: str = ""
    needs_smtputf8: bool = False
    """The part before @ has characters that only SMTPUTF8 servers take (RFC 6531)."""
    disposable: bool = False
    """The domain, or one above it, is a known provider of throwaway addresses."""


def check(address: str) -> AddressFacts:
    """Return what the syntax rules say of the address."""
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        return AddressFacts(reason=str(error).rstrip("."))
    return AddressFacts(
        normalized=found.normalized,
        local_part=found.local_part,
        domain=found.domain,
        ascii_domain=found.ascii_domain,
        needs_smtputf8=found.smtputf8,
        disposable=is_disposable(found.ascii_domain),
    )


def is_disposable(domain: str) -> bool:
    """Return whether the package's list names the domain, or one above it."""
    from disposable_email_domains import blocklist

    labels = domain.lower().split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


class EmailCheck(Tool[EmailCheckArguments, AddressFacts]):
    """Checks the syntax of one address."""

    spec = ToolSpec(
        name="email_check",
        summary="Checks whether an e-mail address is written correctly and gives its normal form.",
        utterances=(
            "is ada@example.com a valid email",
            "check email john@@example.com",
            "validate this address: user.name+tag@example.org",
            "is foo.@example.com ok as an e-mail address",
            "normalize ADA@EXAMPLE.COM",
            'does "jo hn@example.com" work as an email',
            "email syntax check for x@example.de",
            "verify the email format of info@example.net",
            "is user@localhost valid",
            "whats wrong with the address a@b",
            "can someone@example be an email",
            "valid mail? test@example.co.uk",
            "emial check bob@example.com",
            "what is the domain of sales@example.org",
            "is this email well formed: .ada@example.com",
            "check if marie@example.fr is a proper e-mail",
            "john.example.com valid email address?",
            "punycode for user@exämple.de",
            "is it allowed to have + in me+news@example.com",
            "tell me whether nobody@example.com is correctly written",
            "is first..last@example.com an ok email",
            "did i spell this email right: kim@example.com",
            "does a signup form accept a.b+c@example.org",
            "can this e-mail exist: x@y",
            "is there a typo in lisa@exmaple.com",
            "clean up the email  BOB@Example.Com",
            "syntax of the address me@example.co",
            "legal mail address? 'my name'@example.com",
            "is a@b@c.com allowed",
            "will mail to sue@example.info be accepted as an address",
            "which part is the local part of tim@example.com",
            "check that my e-mail paul_1@example.net is right",
            "an adress like this ok: a..b@example.com",
            "is kim@example.com a throwaway email",
            "disposable address or not: test@example.net",
        ),
        parameters=EmailCheckArguments,
        packs=("drummer.api", "drummer.analysis", "belter.knowledge"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return what stands around an @, else what could be meant for an address."""
        found = [quoted for quoted in quotations(text) if "@" in quoted]
        found = found or [match.group().rstrip(".?!") for match in _ADDRESS.finditer(text)]
        found = [address for address in dict.fromkeys(found) if address != "@"]
        if found:
            certain = len(found) == 1
            return {"address": [Candidate(address, "words", certain=certain) for address in found]}
        if not _CONTEXT_WORD.search(text):
            return {}
        guesses = quotations(text) or [match.group() for match in _WITHOUT_AT.finditer(text)]
        return {"address": [Candidate(guess, "words") for guess in guesses]} if guesses else {}

    async def execute(self, args: EmailCheckArguments, context: ToolContext) -> AddressFacts:
        """Check the syntax."""
        return check(args.address)

    def format(
        self, args: EmailCheckArguments, raw: AddressFacts, context: ToolContext
    ) -> ToolResult:
        """State validity first; an address that is not valid is a result too."""
        source = Source(self.spec.name, self.spec.name)
        if raw.reason:
            shown = one_line(args.address, 80)
            statement = f"{shown} is not a valid e-mail address: {one_line(raw.reason, 120)}."
            return ToolResult(
                statements=(statement,),
                data={"valid": False, "reason": raw.reason},
                sources=(source,),
            )
        statements = [f"{one_line(raw.normalized)} is a well-formed e-mail address."]
        if raw.ascii_domain != raw.domain:
            statements.append(f"Its domain is {one_line(raw.ascii_domain)} in DNS.")
        if raw.needs_smtputf8:
            statements.append("It needs mail servers that support SMTPUTF8.")
        if raw.disposable:
            statements.append(f"{one_line(raw.ascii_domain)} gives out throwaway addresses.")
        statements.append("Only the syntax was checked; neither server nor mailbox was contacted.")
        return ToolResult(
            statements=tuple(statements),
            answer=raw.normalized,
            data={
                "valid": True,
                "normalized": raw.normalized,
                "local_part": raw.local_part,
                "domain": raw.domain,
                "ascii_domain": raw.ascii_domain,
                "needs_smtputf8": raw.needs_smtputf8,
                "disposable": raw.disposable,
            },
            sources=(source,),
        )


TOOL = EmailCheck()
