"""Why a request went to the tools it went to, as lines for `toollama runs show -v`. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toollama.events import Event
from toollama.text import visible


def lines(log: Sequence[Event]) -> list[str]:
    """Return the route with each part's candidates, their scores and reasons."""
    return [line for event in log if event.type == "route.decided" for line in _route(event.data)]


def _route(data: Mapping[str, Any]) -> Iterator[str]:
    reason = f": {data['reason']}" if data["reason"] else ""
    yield visible(f"why: {data['kind']}{reason} (by {data['source']}, margin {data['margin']:.2f})")
    for at, clause in enumerate(data["clauses"]):
        yield visible(f"  {clause}")
        for tool in data["candidates"]:
            if tool.get("clause", 0) == at:
                yield _scored(tool["tool"], tool["score"], tool["why"])
        for other in data.get("unserved", ()):
            if other["clause"] == at:
                yield _scored(f"no tool: {other['name']}", other["score"], other["why"])


def _scored(name: str, score: float, why: str) -> str:
    return visible(f"    {score:.2f}  {name}  {why}".rstrip())
