"""One run as a trace in OTLP/JSON, for whatever reads OpenTelemetry. Pure.

The document is one line of the OTLP file format (opentelemetry.io/docs/specs/otel/protocol): a
`TracesData` message in the JSON encoding of OTLP, with ids in hex, enumerations as numbers and
64-bit integers as text. Names follow the GenAI conventions 1.41.1; what they lack is called
`toollama.*`. Prompts and answers of models are left out, as the conventions advise, and so is
`gen_ai.provider.name`, which events do not tell.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic_core import to_json

from toollama._version import __version__
from toollama.events import TERMINAL_TYPES, Event
from toollama.events.payloads import Checkpoint, Insight

_SCHEMA_URL = "https://opentelemetry.io/schemas/1.41.1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTERNAL_KIND = 1
_ERROR_STATUS = 2
_FAILURES = ("run.failed", "agent.failed", "inference.failed", "tool.call.failed")
_TOLD_BY_SPANS = TERMINAL_TYPES | {
    "run.started",
    "run.resumed",
    "message.completed",
    "agent.started",
    "agent.completed",
    "agent.failed",
    "inference.started",
    "inference.completed",
    "inference.failed",
    "tool.call.requested",
    "tool.call.started",
    "tool.call.completed",
    "tool.call.failed",
    Checkpoint.type,  # repeats what the others tell, whole
}
_REQUEST = ("temperature", "top_p", "top_k", "seed")


def document(told: Sequence[Event]) -> str:
    """Return the events of one run, in `seq` order, as one line of JSON with its line feed."""
    by_span: dict[tuple[str, str], list[Event]] = {}
    for event in told:
        by_span.setdefault((event.trace_id, event.span_id), []).append(event)
    spans = [_span(events, by_span) for events in by_span.values()]
    resource = _attributes({"service.name": "toollama", "service.version": __version__})
    traces = {
        "resourceSpans": [
            {
                "resource": {"attributes": resource},
                "scopeSpans": [
                    {
                        "scope": {"name": "toollama", "version": __version__},
                        "spans": spans,
                        "schemaUrl": _SCHEMA_URL,
                    }
                ],
                "schemaUrl": _SCHEMA_URL,
            }
        ]
    }
    return f"{to_json(traces, inf_nan_mode='null').decode()}\n"


def _span(events: Sequence[Event], known: Mapping[tuple[str, str], object]) -> dict[str, Any]:
    first, last = events[0], events[-1]
    name, attributes = _named(events)
    # A parent that logged nothing would be a hole in the tree: its children are left without one.
    has_parent = (first.trace_id, first.parent_span_id or "") in known
    failure = next((event for event in events if event.type in _FAILURES), None)
    message = failure.for_readers()["data"]["message"] if failure else ""
    return {
        "traceId": first.trace_id,
        "spanId": first.span_id,
        **({"parentSpanId": first.parent_span_id} if has_parent else {}),
        "name": name,
        "kind": _INTERNAL_KIND,
        "startTimeUnixNano": _nanoseconds(first.ts),
        "endTimeUnixNano": _nanoseconds(last.ts),
        "attributes": _attributes(attributes),
        "events": [_span_event(event) for event in events if event.type not in _TOLD_BY_SPANS],
        "status": {"code": _ERROR_STATUS, "message": message} if failure else {},
    }


def _named(events: Sequence[Event]) -> tuple[str, dict[str, Any]]:
    """Return the name of a span and what its events tell of it, the later over the earlier."""
    told: dict[str, Any] = {}
    name = events[0].type
    for event in events:
        data = event.for_readers()["data"]
        match event.type:
            case "run.started" | "run.resumed":
                name = "invoke_workflow toollama"
                told |= {"gen_ai.operation.name": "invoke_workflow"}
                told |= {"gen_ai.workflow.name": "toollama", "toollama.run_id": event.run_id}
                told |= {"gen_ai.conversation.id": data.get("session")}
            case "agent.started" if event.agent:
                name = f"invoke_agent {event.agent.name}"
                told |= {"gen_ai.operation.name": "invoke_agent"}
                told |= {"gen_ai.agent.id": event.agent.id, "gen_ai.agent.name": event.agent.name}
            case "inference.started":
                name = f"chat {data['model']}"
                told |= dict(_request(data))
            case "inference.completed":
                told |= dict(_usage(data.get("usage", {})))
            case "tool.call.requested":
                name = f"execute_tool {data['tool']}"
                told |= {"gen_ai.tool.type": "function"}
                told |= {"gen_ai.tool.call.arguments": data.get("arguments")}
            case "tool.call.completed":
                told |= {"gen_ai.tool.call.result": data.get("statements")}
        if event.type in _TOLD_BY_SPANS:
            told |= event.attributes
    return name, told


def _request(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    sampling = data.get("sampling", {})
    yield from ((f"gen_ai.request.{name}", sampling.get(name)) for name in _REQUEST)
    yield "gen_ai.request.max_tokens", data.get("max_tokens")
    yield "toollama.purpose", data.get("purpose")


def _usage(usage: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "gen_ai.usage.cache_read.input_tokens", usage.get("cached_tokens")
    yield "gen_ai.response.time_to_first_chunk", usage.get("time_to_first_token_s")
    yield "toollama.tokens_per_second", usage.get("tokens_per_second")


def _span_event(event: Event) -> dict[str, Any]:
    data = event.for_readers()["data"]
    name, told = event.type, {f"toollama.{key}": value for key, value in data.items()}
    if event.type == Insight.type:
        name = "gen_ai.evaluation.result"
        told = {
            "gen_ai.evaluation.name": data["kind"],
            "gen_ai.evaluation.score.label": data["severity"],
            "gen_ai.evaluation.explanation": data["message"],
        }
    return {
        "timeUnixNano": _nanoseconds(event.ts),
        "name": name,
        "attributes": _attributes({**event.attributes, **told}),
    }


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a mapping as OTLP key-value pairs; what has no value is left out."""
    return [
        {"key": key, "value": _any_value(value)}
        for key, value in values.items()
        if value not in (None, "", [], {})
    ]


def _any_value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case list() if all(isinstance(each, str) for each in value):
            return {"arrayValue": {"values": [{"stringValue": each} for each in value]}}
        case _:
            return {"stringValue": to_json(value).decode()}


def _nanoseconds(moment: datetime) -> str:
    return str((moment - _EPOCH) // timedelta(microseconds=1) * 1000)
