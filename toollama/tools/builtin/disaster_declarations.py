"""The tool `disaster_declarations`: federal disasters declared for a US state, by OpenFEMA.

GET /api/open/v2/DisasterDeclarationsSummaries, documented at
https://www.fema.gov/openfema-data-page/disaster-declarations-summaries-v2; keyless. Not yet run
against the real service.
"""

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Rate,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.language.sentences import fit
from toollama.tools.property.us_states import letters_of, states_in
from toollama.tools.refusal import refusal
from toollama.tools.upstream import Document, read_as

_HOST = "www.fema.gov"


class DisasterArguments(Arguments):
    """Of which state."""

    state: str = Field(min_length=2, max_length=40, description="a US state, as Ohio or OH")
    limit: int = Field(default=5, ge=1, le=20, description="how many, newest first")


class Declaration(Document):
    """One declaration for one area of the state."""

    disasterNumber: int  # noqa: N815 - the service's own name
    declarationDate: str  # noqa: N815 - the service's own name
    incidentType: str  # noqa: N815 - the service's own name
    declarationTitle: str  # noqa: N815 - the service's own name
    designatedArea: str = ""  # noqa: N815 - the service's own name


class _Answer(Document):
    DisasterDeclarationsSummaries: tuple[Declaration, ...]


class DisasterDeclarations(Tool[DisasterArguments, tuple[Declaration, ...]]):
    """Lists declared disasters."""

    spec = ToolSpec(
        name="disaster_declarations",
        summary="List the federal disasters declared for a US state, newest first (OpenFEMA).",
        utterances=(
            "federal disasters declared in Ohio",
            "fema disaster declarations for Texas",
            "list declared disasters in Florida",
            "was a disaster declared in Vermont",
            "hurricane declarations by fema in Louisiana",
            "which disasters has fema declared for California",
            "openfema declarations Kansas",
            "wildfire disasters declared in Oregon",
            "flood disaster declarations Kentucky",
            "disaster history of Iowa",
            "natural disasters declared in North Carolina",
            "past federal emergencies in Maine",
            "tornado declarations Oklahoma fema",
            "latest fema disasters in Puerto Rico",
            "disaster declaration list New Jersey",
            "how many disasters were declared in Hawaii",
            "fema disater declarations Alaska",
            "did fema declare an emergency in Tennessee",
            "storms declared as disasters in Georgia",
            "major disaster declarations Nebraska",
        ),
        parameters=DisasterArguments,
        packs=("belter.property",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        provider="openfema",
        rates=(Rate(1, 1.0),),
        cache_ttl_s=86_400.0,
        homepage="https://www.fema.gov/about/openfema/api",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the states that are named."""
        names = states_in(text)
        if not names:
            return {}
        return {"state": [Candidate(name, "words", certain=len(names) == 1) for name in names]}

    async def execute(
        self, args: DisasterArguments, context: ToolContext
    ) -> tuple[Declaration, ...]:
        """Fetch the newest declarations. Raises `ToolFailure`."""
        letters = letters_of(args.state)
        if letters is None:
            raise refusal(f"{args.state} is no US state", fix="write its name, as Ohio, or OH")
        answer = await context.http.get_json(
            f"https://{_HOST}/api/open/v2/DisasterDeclarationsSummaries",
            params={
                "$filter": f"state eq '{letters}'",
                "$orderby": "declarationDate desc",
                "$top": 200,
            },
            hosts=self.spec.hosts,
        )
        return read_as(_Answer, answer, service=_HOST).DisasterDeclarationsSummaries

    def format(
        self, args: DisasterArguments, raw: tuple[Declaration, ...], context: ToolContext
    ) -> ToolResult:
        """State each disaster once, however many counties it was declared for."""
        areas: dict[int, list[Declaration]] = {}
        for one in raw:
            areas.setdefault(one.disasterNumber, []).append(one)
        source = Source(
            title=f"OpenFEMA: disasters in {args.state}",
            locator="https://www.fema.gov/disaster/declarations",
            retrieved_at=context.clock.now().isoformat(timespec="seconds"),
        )
        if not areas:
            said = f"OpenFEMA lists no disaster declared for {args.state}."
            return ToolResult((fit(said),), sources=(source,), status="empty")
        newest = list(areas.values())[: args.limit]
        return ToolResult(
            tuple(fit(_sentence(disaster)) for disaster in newest),
            answer=newest[0][0].declarationTitle.capitalize(),
            data=[disaster[0].model_dump() | {"areas": len(disaster)} for disaster in newest],
            sources=(source,),
            truncated=len(areas) > len(newest),
        )


def _sentence(disaster: list[Declaration]) -> str:
    first = disaster[0]
    count = f"{len(disaster)} areas" if len(disaster) > 1 else first.designatedArea or "one area"
    return (
        f"{first.declarationTitle.capitalize()} ({first.incidentType}, disaster "
        f"{first.disasterNumber}) was declared on {first.declarationDate[:10]} for {count}."
    )


TOOL = DisasterDeclarations()
