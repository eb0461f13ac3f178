"""Tools that fail to order: each call takes the next fault of its tool's list."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from pydantic import Field

from toollama.policy import Effect
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
from toollama.tools.registry import Registry

DEADLINE_S = 20.0
Fault = Exception | str | float | Callable[["Place"], ToolResult] | None
"""What a call does: raise, `hang`, be `empty`, take seconds, give a result of its own; or work."""


class Place(Arguments):
    """Where, and optionally when."""

    place: str = Field(description="The name of the city.")
    year: int | None = Field(default=None, description="The year.")


@dataclass
class Calls:
    """What the tools of one run were asked, and what they shall do."""

    faults: dict[str, list[Fault]] = field(default_factory=dict)
    made: list[tuple[str, str]] = field(default_factory=list)
    """Tool and place of every call that reached its tool."""
    under_way: int = 0

    def next_fault(self, tool: str) -> Fault:
        """Take the next fault of a tool; none left means that it works."""
        faults = self.faults.get(tool, [])
        return faults.pop(0) if faults else None


class PlaceTool(Tool[Place, ToolResult]):
    """Tells one thing about a place."""

    def __init__(self, name: str, topic: str, calls: Calls, *, certain: bool = True) -> None:
        """Answer requests for the `topic` of a place; `certain` reads the place from the words."""
        self._topic = topic
        self._calls = calls
        self._certain = certain
        self._place = re.compile(
            rf"\b{topic} (?:in|of) ([A-Za-z]+)(?: in (\d{{4}}))?", re.IGNORECASE
        )
        self.spec = ToolSpec(  # type: ignore[misc]  # one class stands for many tools
            name=name,
            summary=f"Tells the {topic} of a city.",
            utterances=tuple(f"what is the {topic} {at} {city}" for at, city in _PLACES),
            parameters=Place,
            packs=("drummer.search", "belter.research"),
            effects=frozenset({Effect.READ_PUBLIC}),
            egress=True,
            hosts=("example.org",),
            deadline_s=DEADLINE_S,
        )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the place and the year that the words name."""
        found = self._place.search(text)
        if not found:
            return {}
        proposal = {"place": [Candidate(found[1], "words", certain=self._certain)]}
        if found[2]:
            proposal["year"] = [Candidate(int(found[2]), "words", certain=self._certain)]
        return proposal

    async def execute(self, args: Place, context: ToolContext) -> ToolResult:
        """Do what the next fault says."""
        self._calls.made.append((self.spec.name, args.place))
        fault = self._calls.next_fault(self.spec.name)
        self._calls.under_way += 1
        try:
            return await self._suffer(fault, args)
        finally:
            self._calls.under_way -= 1

    async def _suffer(self, fault: Fault, args: Place) -> ToolResult:
        if isinstance(fault, Exception):
            raise fault
        if fault == "hang":
            await asyncio.Event().wait()
        if fault == "empty":
            return self._result((f"There is no {self._topic} of {args.place}.",), status="empty")
        if isinstance(fault, float):
            await asyncio.sleep(fault)
        if callable(fault):
            return fault(args)
        return self._result((f"The {self._topic} of {args.place} is {figure(args.place)}.",))

    def _result(self, statements: Sequence[str], *, status: str = "ok") -> ToolResult:
        return ToolResult(
            statements=tuple(statements),
            sources=(Source(self._topic, f"https://example.org/{self._topic}", untrusted=True),),
            status="empty" if status == "empty" else "ok",
        )

    def format(self, args: Place, raw: ToolResult, context: ToolContext) -> ToolResult:
        """Return the result as it is."""
        return raw


_PLACES = [
    (at, city)
    for at in ("in", "of")
    for city in (*("Oslo", "Bergen", "Lima", "Quito", "Kyoto"), *("Turin", "Cork", "Riga", "Faro"))
]


def figure(place: str) -> int:
    """Return the figure that every tool knows of a place."""
    return 100 + sum(map(ord, place)) % 900


def down() -> ToolFailure:
    """Return what a tool raises whose service does not answer."""
    return ToolFailure("example.org cannot answer now (503)", kind="unavailable", fix="try later")


TOPICS = {
    "rainfall": "rainfall",
    "rainfall_archive": "rainfall",
    "population": "population",
    "altitude": "altitude",
}
"""What each tool tells of."""
BUILTIN = ("calculator", "read_file", "write_file")
"""Tools of the program that are there beside them, and do not fail to order."""


def registry(calls: Calls, *, certain: bool = True) -> Registry:
    """Return the faulty tools, which `calls` tells what to do, beside a few that work."""
    faulty = (PlaceTool(name, topic, calls, certain=certain) for name, topic in TOPICS.items())
    return Registry([*faulty, *(_builtin().get(name) for name in BUILTIN)])


@cache
def _builtin() -> Registry:
    return Registry.builtin()
