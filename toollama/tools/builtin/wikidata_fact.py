"""One fact of one thing, such as the capital of a country, from Wikidata.

The services and queries are `tools.wikidata`'s.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, field_validator

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
from toollama.tools.language.phrases import distinct, names, plain, quoted
from toollama.tools.language.sentences import fit
from toollama.tools.wikidata.properties import ANY_PROPERTY, PROPERTIES, Property, property_called
from toollama.tools.wikidata.queries import (
    QUERY_HOST,
    SEARCH_HOST,
    Entity,
    find_entities,
    values_of,
)

_NAMESAKES = 5
_TAIL = r"(?=$|[?!;.]| (?:on|in|from|according to|using) (?:the )?wikidata\b)"
_OF = re.compile(
    rf"\b(?P<property>{ANY_PROPERTY})s? (?:of|for) (?:the )?(?P<subject>.+?){_TAIL}", re.IGNORECASE
)
_POSSESSIVE = re.compile(
    rf"\b(?P<subject>[^\s:,]+(?: [^\s:,]+){{0,4}}?)'s? (?P<property>{ANY_PROPERTY})\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:wikidata|what|when|who|where|which|is|are|was|were|the|on|in|look|up|find|get|give|me"
    r"|says?|about|query|ask):? )+",
    re.IGNORECASE,
)


class WikidataArguments(Arguments):
    """Which fact of what."""

    subject: Annotated[str, Field(min_length=1, max_length=200)]
    """The person, place, work or organisation."""
    property: Annotated[str, Field(min_length=2, max_length=60)]
    """What is asked of it, such as capital, date of birth, population, author."""

    @field_validator("property")
    @classmethod
    def _known(cls, value: str) -> str:
        found = property_called(value)
        if found is None:
            known = ", ".join(one.name for one in PROPERTIES)
            raise ValueError(f"must be one of: {known}")
        return found.name


@dataclass(frozen=True, slots=True)
class Facts:
    """The thing, its namesakes, and the values of the property."""

    entities: tuple[Entity, ...]
    values: tuple[str, ...]


class WikidataFact(Tool[WikidataArguments, Facts]):
    """Looks one fact up."""

    spec = ToolSpec(
        name="wikidata_fact",
        summary="Look one fact up in Wikidata, such as a date of birth, capital, spouse or author.",
        utterances=(
            "wikidata capital of Burkina Faso",
            "look up the date of birth of Emmy Noether on wikidata",
            "according to Wikidata, who is the spouse of Beyoncé",
            "official language of Suriname, from wikidata",
            "what is the currency of Bhutan according to Wikidata",
            "wikidata: author of The Master and Margarita",
            "get the founder of Lego from Wikidata",
            "place of birth of Nikola Tesla (wikidata)",
            "query wikidata for the elevation of Mont Blanc",
            "Wikidata inception date of the Bauhaus",
            "wikidata headquarters of Siemens",
            "which awards did Toni Morrison receive, ask wikidata",
            "director of Spirited Away in wikidata",
            "ceo of Nestlé on wikidata",
            "wikidata fact: chemical formula of caffeine",
            "children of Johann Sebastian Bach, wikidata",
            "look in wikidata for the nationality of Marie Curie",
            "structured data: countries bordering Laos",
            "wiki data date of death of Kafka",
            "wikidata, programming language of Blender",
            "the length of the Mekong from Wikidata",
            "what does wikidata say is the occupation of Hedy Lamarr",
            "genre of Blade Runner wikidata",
        ),
        parameters=WikidataArguments,
        packs=("drummer.search", "belter.knowledge"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(SEARCH_HOST, QUERY_HOST),
        provider="wikidata",
        rates=(Rate(1, 1.0),),
        cache_ttl_s=86_400.0,
        homepage="https://www.wikidata.org/wiki/Wikidata:Data_access",
        deadline_s=65.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the parts of `capital of Chad` and `Chad's capital`, else names and quotations."""
        flat = plain(text)
        match = _OF.search(flat) or _POSSESSIVE.search(flat)
        asked = property_called(match["property"]) if match else None
        if match and asked:
            subject = _LEADING.sub("", match["subject"]).strip(" ,.\"'()")
            if subject:
                return {
                    "subject": [Candidate(subject, "words", certain=True)],
                    "property": [Candidate(asked.name, "words", certain=True)],
                }
        offered = [name for name in distinct([*quoted(flat), *names(flat)]) if _is_subject(name)]
        return {"subject": [Candidate(name, "words") for name in offered]} if offered else {}

    async def execute(self, args: WikidataArguments, context: ToolContext) -> Facts:
        """Find the thing, then ask for the property."""
        entities = await find_entities(context.http, args.subject, limit=_NAMESAKES)
        if not entities:
            return Facts((), ())
        values = await values_of(context.http, entities[0], _property(args.property))
        return Facts(entities, values)

    def format(self, args: WikidataArguments, raw: Facts, context: ToolContext) -> ToolResult:
        """State the values, and which thing of that name they belong to."""
        if not raw.entities:
            said = f'Wikidata knows nothing called "{args.subject}".'
            return ToolResult((fit(said),), status="empty")
        thing = raw.entities[0]
        label = thing.label or args.subject
        source = web_source(f"Wikidata: {label}", thing.url, context)
        meant = f"{label} is {thing.description}." if thing.description else ""
        if not raw.values:
            said = f"Wikidata states no {args.property} for {label} ({thing.id})."
            statements = [fit(said), fit(meant)] if meant else [fit(said)]
            return ToolResult(tuple(statements), sources=(source,), status="empty")
        listed = ", ".join(raw.values)
        statements = [f"{args.property.capitalize()} of {label}: {listed}."]
        statements += [meant] if meant else []
        return ToolResult(
            statements=tuple(fit(statement) for statement in statements),
            answer=listed,
            text="\n".join(statements),
            data={
                "entity": thing.model_dump(),
                "property": args.property,
                "values": list(raw.values),
                "namesakes": [one.model_dump() for one in raw.entities[1:]],
            },
            sources=(source,),
        )


def _is_subject(name: str) -> bool:
    return name.lower() not in {"wikidata", "according"} and property_called(name) is None


def _property(name: str) -> Property:
    return next(one for one in PROPERTIES if one.name == name)


TOOL = WikidataFact()
