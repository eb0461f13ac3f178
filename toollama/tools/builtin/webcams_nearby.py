"""The tool `webcams_nearby`: public webcams around a place, by Windy.

GET /webcams/api/v3/webcams, documented at https://api.windy.com/webcams/docs; the addresses of
pictures expire after ten minutes, so nothing is cached, and Windy asks for the link to its page.
Not yet run against the real service.
"""

from dataclasses import dataclass

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.citing import web_source
from toollama.tools.keyed import required_key
from toollama.tools.language.asks import compile_asks, proposed
from toollama.tools.language.sentences import fit
from toollama.tools.upstream import Document, read_as
from toollama.tools.weather.open_meteo import GEOCODING_HOST, find_places

_HOST = "api.windy.com"
_KEY = "WINDY_WEBCAMS_API_KEY"
_ASKS = compile_asks(
    r"\bweb ?cams?\b.*? (?:in|near|around|at|of|from|for|by) (?P<place>[^?!.,\d]+)",
    r"\b(?P<place>[A-Z][\w' -]+?) web ?cams?\b",
)


class WebcamArguments(Arguments):
    """Where."""

    place: str = Field(min_length=2, max_length=100, description="a town or landmark")
    radius_km: int = Field(default=25, ge=1, le=250, description="how far around it")
    limit: int = Field(default=5, ge=1, le=20, description="how many webcams")


class _Location(Document):
    city: str = ""
    country: str = ""


class _Urls(Document):
    detail: str = ""


class _Picture(Document):
    preview: str = ""


class _Pictures(Document):
    current: _Picture = _Picture()


class Webcam(Document):
    """A webcam; `lastUpdatedOn` is when its picture was taken."""

    webcamId: int  # noqa: N815 - the service's own name
    title: str
    lastUpdatedOn: str = ""  # noqa: N815 - the service's own name
    location: _Location = _Location()
    urls: _Urls = _Urls()
    images: _Pictures = _Pictures()

    @property
    def page(self) -> str:
        """Return the webcam's own page at Windy."""
        return self.urls.detail or f"https://www.windy.com/webcams/{self.webcamId}"


class _Answer(Document):
    webcams: tuple[Webcam, ...]


@dataclass(frozen=True, slots=True)
class Nearby:
    """The place as it was found, and its webcams."""

    place: str
    webcams: tuple[Webcam, ...]


class WebcamsNearby(Tool[WebcamArguments, Nearby | None]):
    """Lists webcams."""

    spec = ToolSpec(
        name="webcams_nearby",
        summary="List public webcams near a place with links to their pictures (Windy).",
        utterances=(
            "webcams near Zermatt",
            "show me a webcam in Bergen",
            "live camera at Lake Garda, webcam",
            "is there a webcam around Chamonix",
            "windy webcams for Malaga",
            "webcam pictures from Reykjavik",
            "beach webcams in Biarritz",
            "webcam of the harbour in Hamburg",
            "ski slope webcams near Innsbruck",
            "list webcams by Niagara Falls",
            "traffic webcams around Denver",
            "find a webcam in Santorini",
            "what does it look like in Cape Town, webcam",
            "mountain webcams near Banff",
            "public cameras at Key West webcam",
            "webcms in Oslo",
            "current webcam image from Helsinki",
            "see Venice through a webcam",
            "are there webcams around Mount Fuji",
            "webcam links for Tromso",
        ),
        parameters=WebcamArguments,
        packs=("drummer.api", "belter.property"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST, GEOCODING_HOST),
        credentials=(_KEY,),
        provider="windy",
        rates=(Rate(2, 1.0),),
        homepage="https://api.windy.com/webcams",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the place after `webcams near`."""
        return proposed(text, _ASKS)

    async def execute(self, args: WebcamArguments, context: ToolContext) -> Nearby | None:
        """Find the place, then its webcams; None where it is not found. Raises `ToolFailure`."""
        key = required_key(_KEY, host=_HOST, context=context)
        places = await find_places(context.http, args.place, limit=1)
        if not places:
            return None
        place = places[0]
        answer = await context.http.get_json(
            f"https://{_HOST}/webcams/api/v3/webcams",
            params={
                "nearby": f"{place.latitude},{place.longitude},{args.radius_km}",
                "include": "images,location,urls",
                "limit": args.limit,
            },
            headers={"x-windy-api-key": key},
            hosts=self.spec.hosts,
        )
        return Nearby(place.full_name, read_as(_Answer, answer, service=_HOST).webcams)

    def format(self, args: WebcamArguments, raw: Nearby | None, context: ToolContext) -> ToolResult:
        """State each webcam with its page."""
        if raw is None or not raw.webcams:
            said = f'Windy lists no webcam within {args.radius_km} km of "{args.place}".'
            source = web_source("Windy webcams", "https://www.windy.com/webcams", context)
            return ToolResult((fit(said),), sources=(source,), status="empty")
        return ToolResult(
            tuple(fit(_sentence(webcam)) for webcam in raw.webcams),
            answer=raw.webcams[0].page,
            data=[webcam.model_dump() for webcam in raw.webcams],
            sources=tuple(
                web_source(f"Windy webcam: {webcam.title}", webcam.page, context)
                for webcam in raw.webcams
            ),
        )


def _sentence(webcam: Webcam) -> str:
    where = ", ".join(filter(None, (webcam.location.city, webcam.location.country)))
    seen = f", last picture {webcam.lastUpdatedOn}" if webcam.lastUpdatedOn else ""
    return f"{webcam.title}{f' ({where})' if where else ''}{seen}: {webcam.page}"


TOOL = WebcamsNearby()
