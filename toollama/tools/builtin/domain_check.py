"""Whether a domain name is registered, until when, and how its DNS and mail are set up.

Registration by RDAP, records by DNS over HTTPS; see `tools.domains`. It never says that a name is
free to buy: a registry may reserve names that are not registered.
"""

import asyncio
from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import Field, field_validator

from toollama.errors import first_leaf
from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    HttpDoor,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.citing import web_source
from toollama.tools.domains import dns, rdap
from toollama.tools.hosts import ANY_HOST
from toollama.tools.language.sentences import fit
from toollama.tools.language.web_addresses import domains_in, host_of

_SHOWN = 4


class DomainArguments(Arguments):
    """Which name."""

    domain: Annotated[str, Field(min_length=3, max_length=253)]
    """The domain name, such as example.org."""

    @field_validator("domain")
    @classmethod
    def _name(cls, value: str) -> str:
        host = host_of(value)
        if not host:
            raise ValueError("must be a domain name such as example.org")
        return host.encode("idna").decode("ascii")


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """What registry and DNS say."""

    registration: rdap.Registration | None
    addresses: tuple[str, ...]
    mail: tuple[str, ...]
    spf: str
    dmarc: str


class DomainCheck(Tool[DomainArguments, DomainFacts]):
    """Checks one domain name."""

    spec = ToolSpec(
        name="domain_check",
        summary="Check a domain name: registered or not, expiry, registrar, DNS and mail records.",
        utterances=(
            "is the domain example.org registered",
            "domain check example.com",
            "who is the registrar of example.net",
            "when does example.org expire",
            "whois example.com",
            "is mynewshop.example available as a domain",
            "dns records of example.org",
            "mx records for example.com",
            "does example.net have an SPF record",
            "check DMARC of example.org",
            "which name servers does example.com use",
            "how old is the domain example.net",
            "rdap lookup example.org",
            "is coolname.io taken",
            "what ip address does example.com have",
            "domain registration date of example.edu",
            "is this domain free: example.dev",
            "mail setup of example.org: spf, dmarc, mx",
            "look up the domain name example.com",
            "check wether example.net is still registered",
            "who runs the dns for example.org",
            "can example.com receive e-mail",
            "expiry date of the domain example.co",
        ),
        parameters=DomainArguments,
        packs=("drummer.api",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(ANY_HOST,),
        provider="domains",
        rates=(Rate(5, 1.0),),
        cache_ttl_s=3_600.0,
        homepage="https://about.rdap.org/",
        deadline_s=40.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the domain names of the request."""
        found = domains_in(text)
        certain = len(found) == 1
        return (
            {"domain": [Candidate(name, "words", certain=certain) for name in found]}
            if found
            else {}
        )

    async def execute(self, args: DomainArguments, context: ToolContext) -> DomainFacts:
        """Ask the registry and DNS at once."""
        try:
            return await _facts(context.http, args.domain)
        except ExceptionGroup as failures:
            raise first_leaf(failures) from failures

    def format(self, args: DomainArguments, raw: DomainFacts, context: ToolContext) -> ToolResult:
        """State the registration, then addresses and mail."""
        name = args.domain
        statements = [
            *_registration_sentences(name, raw.registration),
            f"{name} has {_listed('address', raw.addresses)}.",
            _mail_sentence(name, raw.mail),
            (
                f"{name} has {'an' if raw.spf else 'no'} SPF record and "
                f"{'a' if raw.dmarc else 'no'} DMARC policy."
            ),
        ]
        known = raw.registration is None or raw.registration.registered
        return ToolResult(
            statements=tuple(fit(statement) for statement in statements),
            answer="" if raw.registration is None else "registered" if known else "not registered",
            text="\n".join(filter(None, (*statements, raw.spf, raw.dmarc))),
            data={"domain": name, **asdict(raw)},
            sources=(
                web_source(
                    f"RDAP and DNS: {name}", f"https://lookup.icann.org/?name={name}", context
                ),
            ),
        )


async def _facts(http: HttpDoor, name: str) -> DomainFacts:
    async with asyncio.TaskGroup() as group:
        registration = group.create_task(rdap.registration(http, name))
        addresses = group.create_task(dns.records(http, name, "A"))
        mail = group.create_task(dns.records(http, name, "MX"))
        texts = group.create_task(dns.records(http, name, "TXT"))
        policy = group.create_task(dns.records(http, f"_dmarc.{name}", "TXT"))
    return DomainFacts(
        registration.result(),
        addresses.result(),
        mail.result(),
        _starting(texts.result(), "v=spf1"),
        _starting(policy.result(), "v=dmarc1"),
    )


def _starting(texts: tuple[str, ...], opening: str) -> str:
    return next((text for text in texts if text.lower().startswith(opening)), "")


def _listed(what: str, values: tuple[str, ...]) -> str:
    if not values:
        return f"no IPv4 {what}"
    return f"the IPv4 {what} {', '.join(values[:_SHOWN])}"


def _mail_sentence(name: str, servers: tuple[str, ...]) -> str:
    if not servers:
        return f"{name} has no MX record."
    return f"Mail for {name} goes to {', '.join(servers[:_SHOWN])}."


def _registration_sentences(name: str, found: rdap.Registration | None) -> list[str]:
    if found is None:
        ending = name.rpartition(".")[2]
        return [f"Whether {name} is registered is not known: no RDAP server answers for .{ending}."]
    if not found.registered:
        return [f"{name} is not registered, by its registry; it may still be reserved."]
    since = f" since {found.created}" if found.created else ""
    until = f" and runs until {found.expires}" if found.expires else ""
    by = f" with {found.registrar}" if found.registrar else ""
    sentences = [f"{name} is registered{since}{by}{until}."]
    if found.nameservers:
        sentences.append(f"Its name servers are {', '.join(found.nameservers[:_SHOWN])}.")
    return sentences


TOOL = DomainCheck()
