"""The tool `amenity_score`: how much lies within a walk of an address, from distances given.

Owns how the score is told, always as ToolLama's own. The formula is `tools.property.amenities`'.
"""

from pydantic import Field

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
from toollama.tools.property.amenities import WEIGHTS, AmenityScore, read_distances, score
from toollama.tools.refusal import refusal


class AmenityScoreArguments(Arguments):
    """Distances to the nearest places."""

    places: str = Field(
        min_length=3,
        max_length=2000,
        description="kinds of places with distances, such as groceries 300 m, school 0.8 km",
    )


class AmenityScoreTool(Tool[AmenityScoreArguments, AmenityScore]):
    """Computes one score."""

    spec = ToolSpec(
        name="amenity_score",
        summary="Scores how walkable a place is from the distances to shops, transit and schools.",
        utterances=(
            "Amenity score: groceries 300 m, bus stop 200 m, school 900 m",
            "how walkable is a home with a supermarket 500 m and a park 250 m away",
            "score the amenities: park 400 m, pharmacy 1.2 km, library 2 km",
            "walkability with supermarket at 350 m, metro station at 600 m, doctor at 1 km",
            "rate this location: school 0.5 miles, grocery store 0.3 miles",
            "what amenity score does a flat get with transit 150 m and groceries 200 m",
            "compute an amenity score for restaurant 100 m, park 700 m, school 1500 m",
            "walk score from grocery 400 m and bus 100 m",
            "is the neighbourhood walkable: supermarket 900 m, station 1.4 km, cafe 300 m",
            "amenities nearby: clinic 800 m, playground 200 m, shops 350 m, score please",
            "how good are the amenities with school 600 m, kindergarten 300 m and park 150 m",
            "amenity rating for hospital 2 km, bus stop 120 m, supermarket 750 m",
            "give me the amenity score for a house: train station 1 km, groceries 1 km, park 1 km",
            "neighbourhood score with pharmacy 300 m, groceries 250 m, library 600 m",
            "calculate walkability: tram stop 90 m, supermarket 180 m",
            "amenity scor for park 500m, school 700m, bus 300m",
            "distance to amenities: groceries 2 km, transit 3 km, school 4 km, how bad is it",
            "300 m to the nearest park and 450 m to the supermarket, how walkable is that",
            "score the location by distances: restaurants 200 m, doctor 600 m, transit 400 m",
            "what is the amenity score if everything is 400 m away: groceries 400 m, park 400 m",
            "property amenities score, school 1 mile, grocery 0.5 mile, bus 0.1 mile",
        ),
        parameters=AmenityScoreArguments,
        packs=("drummer.analysis", "belter.property"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the request itself where it tells distances to kinds of places."""
        if not read_distances(text):
            return {}
        return {"places": [Candidate(text.strip()[:2000], "words", certain=True)]}

    async def execute(self, args: AmenityScoreArguments, context: ToolContext) -> AmenityScore:
        """Read the distances and score them. Raises `ToolFailure` where none is told."""
        distances = read_distances(args.places)
        if not distances:
            raise refusal(
                "no distance to a known kind of place is told",
                fix=f"name some of {', '.join(WEIGHTS)} with a distance, such as school 800 m",
            )
        return score(distances)

    def format(
        self, args: AmenityScoreArguments, raw: AmenityScore, context: ToolContext
    ) -> ToolResult:
        """State the score, whose it is, and how much of what it could rest on is known."""
        shown = f"{float(round(raw.score, 1)):g}"
        listed = ", ".join(
            f"{kind} {float(round(metres)):,.0f} m" for kind, metres in raw.distances_m.items()
        )
        missing = [kind for kind in WEIGHTS if kind not in raw.distances_m]
        unknown = f"; not told: {', '.join(missing)}" if missing else ""
        return ToolResult(
            statements=(
                (
                    f"Amenity score {shown} of 100 (ToolLama's own formula, from "
                    f"{len(raw.distances_m)} of {len(WEIGHTS)} kinds of places)."
                ),
                f"It rests on {listed}{unknown}.",
            ),
            answer=shown,
            data={
                "score": float(raw.score),
                "distances_m": {kind: float(value) for kind, value in raw.distances_m.items()},
                "unknown": missing,
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


TOOL = AmenityScoreTool()
