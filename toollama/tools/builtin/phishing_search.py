"""Known phishing pages by domain, title or IP address, from PhishStats.

Documented at https://phishstats.info/#apidoc; keyless, 20 requests a minute. Addresses are told
defanged (`hxxps://evil[.]example`), so that nobody opens one by accident. Not yet run against the
real service.
"""

import re
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.citing import web_source
from toollama.tools.language.asks import compile_asks, proposed_query
from toollama.tools.language.sentences import fit
from toollama.tools.language.web_addresses import domains_in
from toollama.tools.refusal import refusal
from toollama.tools.upstream import Document, read_as

_HOST = "api.phishstats.info"
_IP = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_ASKS = compile_asks(
    r"\b(?:imitat\w+|impersonat\w+|pretend\w*(?: to be)?|target\w*|fak\w+|pos\w+ as) "
    r"(?P<text>.+?)(?=$|[?!;.])",
    r"\bphish\w*\b.*? (?:about|for|of|against|with|named|titled|mentioning|by) "
    r"(?P<text>.+?)(?=$|[?!;])",
    r"\bphishstats:? (?P<text>.+?)(?=$|[?!;])",
)


class PhishingArguments(Arguments):
    """What to look for."""

    text: Annotated[str, Field(min_length=3, max_length=100, pattern=r"^[\w .:/\-@&]+$")]
    """A domain, a word of the page's title, or an IP address."""
    field: Literal["url", "title", "ip"] = "url"
    """Where it must stand."""
    limit: Annotated[int, Field(ge=1, le=50)] = 5
    """How many pages."""


class _Record(Document):
    url: str
    ip: str | None = None
    countryname: str | None = None
    title: str | None = None
    date: str | None = None
    score: float | None = None


class PhishingSearch(Tool[PhishingArguments, tuple[_Record, ...]]):
    """Searches the collection."""

    spec = ToolSpec(
        name="phishing_search",
        summary="Search reported phishing pages in PhishStats by domain, title or IP address.",
        utterances=(
            "phishing pages that imitate PayPal",
            "is example.com a known phishing site",
            "phishstats netflix login",
            "any phishing reported for example.net",
            "recent phishing urls against a bank called Nordea",
            "check the ip 192.0.2.7 for phishing",
            "find phishing sites pretending to be Microsoft",
            "has secure-login.example been reported as phishing",
            "list phishing pages titled Outlook Web App",
            "phish search dhl",
            "scam pages impersonating the tax office",
            "was this link reported in phishstats: example.org/verify",
            "latest phising domains with apple in the address",
            "fake login pages for Facebook",
            "look up phishing hosted on 198.51.100.4",
            "threat data: phishing kits posing as Amazon",
            "show me reported phishing for example.shop",
            "search the phishing database for coinbase",
            "which phishing sites target UPS customers",
            "is there phishing about my company example.io",
            "suspicious site example.xyz, any phishing record?",
        ),
        parameters=PhishingArguments,
        packs=("drummer.analysis",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        provider="phishstats",
        rates=(Rate(20, 60.0),),
        cache_ttl_s=3_600.0,
        homepage="https://phishstats.info/",
        deadline_s=60.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer an IP address, else a domain, else the name that is imitated."""
        if found := _IP.search(text):
            return {
                "text": [Candidate(found[0], "words", certain=True)],
                "field": [Candidate("ip", "words", certain=True)],
            }
        if domains := domains_in(text):
            certain = len(domains) == 1
            return {
                "text": [Candidate(domain, "words", certain=certain) for domain in domains],
                "field": [Candidate("url", "words", certain=True)],
            }
        proposal = proposed_query(text, _ASKS, name="text")
        if re.search(r"\btitled?\b", text, re.IGNORECASE):
            proposal["field"] = [Candidate("title", "words", certain=True)]
        return proposal

    async def execute(self, args: PhishingArguments, context: ToolContext) -> tuple[_Record, ...]:
        """Search, newest first."""
        answer = await context.http.get_json(
            f"https://{_HOST}/api/phishing",
            params={"_where": _condition(args), "_sort": "-id", "_size": args.limit},
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
        )
        return read_as(tuple[_Record, ...], answer, service=_HOST)

    def format(
        self, args: PhishingArguments, raw: tuple[_Record, ...], context: ToolContext
    ) -> ToolResult:
        """State each page, defanged."""
        source = web_source(f"PhishStats: {args.text}", "https://phishstats.info/", context)
        shown = defanged(args.text) if args.field != "title" else args.text
        if not raw:
            said = f"PhishStats has no report for {shown}; that is no proof that it is safe."
            return ToolResult((fit(said),), sources=(source,), status="empty")
        return ToolResult(
            statements=tuple(fit(_sentence(record)) for record in raw),
            text="\n".join(_sentence(record) for record in raw),
            data=[{**record.model_dump(), "url": defanged(record.url)} for record in raw],
            sources=(source,),
        )


def defanged(address: str) -> str:
    """Return an address that no program turns into a link."""
    scheme, mark, rest = address.rpartition("://")
    host, slash, path = rest.partition("/")
    return scheme.replace("tt", "xx") + mark + host.replace(".", "[.]") + slash + path


def _condition(args: PhishingArguments) -> str:
    if args.field == "ip":
        return f"(ip,eq,{_address(args.text)})"
    return f"({args.field},like,~{args.text}~)"


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise refusal(f"{text} is no IP address", fix="write it as 198.51.100.4") from error


def _sentence(record: _Record) -> str:
    facts = [
        f"titled “{record.title}”" if record.title else "",
        f"at {defanged(record.ip)}" if record.ip else "",
        f"in {record.countryname}" if record.countryname else "",
        f"reported {record.date[:10]}" if record.date else "",
        f"score {record.score:g} of 10" if record.score is not None else "",
    ]
    return f"Phishing: {defanged(record.url)} ({', '.join(filter(None, facts))})."


TOOL = PhishingSearch()
