"""The words behind a row: why a tool was chosen, what a model was asked, what an event holds. Pure.

Everything is read from the events of the run; what they do not hold is said to be missing.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from toollama.events import Event
from toollama.fold import RunView
from toollama.text import Visible, one_line, visible

_EVENT_CHARACTERS = 6000
_MOST_EVENTS = 40
_KEPT_FROM_READERS = frozenset({"checkpoint"})


def why(view: RunView, key: str) -> Visible:
    """Return why the call or task under `key` got its tool, with the alternatives' scores."""
    routes = [event for event in view.events.values() if event.type == "route.decided"]
    if not routes:
        return visible("No route was decided yet: the log of this run has no such event.")
    data = routes[-1].data
    lines = [
        f"route     {data.get('kind')}  decided by {data.get('source')}",
        f"reason    {data.get('reason') or 'the margin of the first candidate'}",
        f"margin    {data.get('margin')}",
        f"event     #{routes[-1].seq}",
        "",
    ]
    clauses = [str(clause) for clause in data.get("clauses", ())]
    for at, clause in enumerate(clauses):
        lines.append(f"clause {at + 1}  {clause}")
        lines += _candidates(data, at)
    lines += ["", *_arguments(view, key)]
    return visible("\n".join(lines))


def prompts(view: RunView, key: str) -> Visible:
    """Return the prompts, samplers and outputs of the inferences of the row under `key`."""
    events = [event for event in _of_row(view, key) if event.type.startswith("inference.")]
    if not events:
        return visible("No model was asked here: code did this part by itself.")
    parts: list[str] = []
    for event in events:
        data = event.data
        if event.type == "inference.started":
            parts.append(_asked(event))
        elif event.type == "inference.completed":
            usage = data.get("usage", {})
            parts.append(
                f"— output (#{event.seq}, {data.get('finish_reason')}, "
                f"{usage.get('input_tokens')} in, {usage.get('output_tokens')} out, "
                f"{usage.get('cached_tokens')} cached) —\n{data.get('output') or '(nothing)'}"
            )
        else:
            parts.append(f"— failed (#{event.seq}) —\n{data.get('code')}: {data.get('message')}")
    return visible("\n\n".join(parts))


def events_as_text(view: RunView, numbers: Iterable[int]) -> Visible:
    """Return events by their sequence numbers, as a person reads them."""
    parts = []
    for number in list(numbers)[:_MOST_EVENTS]:
        event = view.events.get(number)
        if event is None:
            parts.append(f"#{number} is not stored")
            continue
        body = json.dumps(event.data, indent=2, ensure_ascii=False, default=str)
        who = event.agent.id if event.agent else "-"
        cut = body if len(body) <= _EVENT_CHARACTERS else body[:_EVENT_CHARACTERS] + "\n… cut"
        parts.append(f"#{number} {event.type}  {who}  {event.ts:%H:%M:%S}\n{cut}")
    return visible("\n\n".join(parts) or "No events.")


def sources(view: RunView) -> Visible:
    """Return the numbered sources of the answer."""
    return visible("\n".join(numbered_sources(view).values()) or "The answer names no source.")


def numbered_sources(view: RunView) -> dict[int, Visible]:
    """Return one line for each source of the answer, by its number."""
    return {
        number: one_line(f"[{number}] {source.get('title')} — {source.get('locator')}")
        for source in view.sources
        if isinstance(number := source.get("number"), int)
    }


def so_far(view: RunView) -> Visible:
    """Return the answer, or what the calls of an unfinished run have found."""
    if view.answer.text or view.ended:
        return visible(view.answer.text)
    found = (
        str(statement)
        for event in view.events.values()
        if event.type == "tool.call.completed"
        for statement in event.data.get("statements", ())
    )
    return visible("\n".join(dict.fromkeys(found)))


def source_events(view: RunView, number: int) -> list[int]:
    """Return the events that source `number` of the answer came with: its record and its call."""
    source = next((row for row in view.sources if row.get("number") == number), None)
    if source is None:
        return []
    same = ("title", "locator")
    records = [
        event
        for event in view.events.values()
        if event.type == "evidence.added"
        and all(event.data.get(name) == source.get(name) for name in same)
    ]
    ids = {str(event.data.get("evidence_id")) for event in records}
    calls = [
        event
        for event in view.events.values()
        if event.type == "tool.call.completed"
        and ids.intersection(map(str, event.data.get("evidence", ())))
    ]
    return sorted(event.seq for event in [*records, *calls])


def _candidates(data: Mapping[str, Any], clause: int) -> list[str]:
    tools = [(row, row.get("tool", "")) for row in data.get("candidates", ())]
    others = [(row, f"no tool: {row.get('name', '')}") for row in data.get("unserved", ())]
    return [
        f"    {float(str(row.get('score') or 0)):8.2f}  {one_line(str(name), 40)}"
        f"  {one_line(str(row.get('why', '')), 80)}"
        for row, name in [*tools, *others]
        if row.get("clause", 0) == clause
    ] or ["    no tool came near"]


def _arguments(view: RunView, key: str) -> list[str]:
    filled = [event for event in _of_row(view, key) if event.type == "slot.filled"]
    return [
        f"argument  {event.data.get('tool')}.{event.data.get('parameter')} = "
        f"{event.data.get('value')}  (from {event.data.get('source')})"
        for event in filled
    ]


def _of_row(view: RunView, key: str) -> list[Event]:
    node = view.plan.nodes.get(key)
    while node is not None and node.task is None and node.parent:
        node = view.plan.nodes.get(node.parent)
    shown = [event for event in view.events.values() if event.type not in _KEPT_FROM_READERS]
    if node is None or node.task is None:
        return shown
    return [event for event in shown if event.task_id == str(node.task)]


def _asked(event: Event) -> str:
    data = event.data
    sampling = ", ".join(f"{name}={value}" for name, value in data.get("sampling", {}).items())
    head = [
        f"— {data.get('model')}, {data.get('purpose')} (#{event.seq}) —",
        f"sampler   {sampling or 'not in this log: an older version wrote it'}",
        f"limit     {data.get('max_tokens')} tokens",
        f"grammar   {'yes' if data.get('constrained') else 'no'}",
    ]
    turns = [f"[{turn.get('role')}]\n{turn.get('content')}" for turn in data.get("messages", ())]
    return "\n".join(
        [*head, "", *(turns or ["the prompt is not in this log: an older version wrote it"])]
    )
