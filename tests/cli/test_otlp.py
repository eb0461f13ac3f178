"""A run as an OpenTelemetry trace: the shape that OTLP/JSON asks for, and the tree in it."""

import re
from typing import Any

from pydantic_core import from_json

from tests.cli.harness import Cli
from tests.cli.kept_runs import FIRST, OTHER, keep
from toollama.clock import SystemClock
from toollama.events import Bus, Event
from toollama.events.payloads import Insight, ToolCallFailed
from toollama.host import otlp


def _spans(cli: Cli, run_id: str = FIRST) -> list[dict[str, Any]]:
    keep()
    document = from_json(cli("runs", "export", "-F", "otlp", run_id).out)
    [resource] = document["resourceSpans"]
    [scope] = resource["scopeSpans"]
    assert resource["resource"]["attributes"][0] == {
        "key": "service.name",
        "value": {"stringValue": "toollama"},
    }
    return list(scope["spans"])


def _named(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["key"]: each["value"] for each in attributes}


def test_a_trace_is_one_line(cli: Cli) -> None:
    keep()
    assert cli("runs", "export", "-F", "otlp", FIRST).out.count("\n") == 1


def test_the_spans_are_the_hierarchy_of_the_run(cli: Cli) -> None:
    root, camina = _spans(cli)
    assert (root["name"], camina["name"]) == ("invoke_workflow toollama", "execute_tool distance")
    assert "parentSpanId" not in root
    assert (camina["parentSpanId"], camina["traceId"]) == (root["spanId"], root["traceId"])


def test_ids_are_hex_and_times_are_nanoseconds_as_text(cli: Cli) -> None:
    for span in _spans(cli):
        assert re.fullmatch("[0-9a-f]{32}", span["traceId"])
        assert re.fullmatch("[0-9a-f]{16}", span["spanId"])
        assert span["kind"] == 1
    assert int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"]) == 2_000_000_000
    assert span["startTimeUnixNano"] == "1795359600000000000"


def test_attributes_have_the_names_of_the_conventions_and_a_type_each(cli: Cli) -> None:
    root, call = _spans(cli)
    assert _named(root["attributes"])["gen_ai.conversation.id"] == {"stringValue": "trip"}
    told = _named(call["attributes"])
    assert told["gen_ai.tool.call.arguments"] == {"stringValue": '{"city":"s Oslo?"}'}
    assert told["gen_ai.tool.call.result"] == {
        "arrayValue": {"values": [{"stringValue": "1000 km."}]}
    }
    for value in (*told.values(), *_named(root["attributes"]).values()):
        assert len(value) == 1
        assert value.keys() <= {"stringValue", "intValue", "doubleValue", "boolValue", "arrayValue"}


def test_neither_a_prompt_nor_an_answer_is_told(cli: Cli) -> None:
    keep()
    text = cli("runs", "export", "-F", "otlp", OTHER).out
    assert "Write to" not in text
    assert "By road" not in text


def _trace(*payloads: Insight | ToolCallFailed) -> dict[str, Any]:
    """Return the one span of events that lie below a span without events."""
    told: list[Event] = []
    bus = Bus("r", SystemClock())
    bus.subscribe(told.append)
    with bus.span(), bus.span():
        for payload in payloads:
            bus.emit(payload)
    [span] = from_json(otlp.document(told))["resourceSpans"][0]["scopeSpans"][0]["spans"]
    return dict(span)


def test_a_failed_call_is_an_error_with_its_message() -> None:
    span = _trace(ToolCallFailed(call_id="1", tool="x", code="tool.timeout", message="no answer"))
    assert span["status"] == {"code": 2, "message": "no answer"}
    assert _named(span["attributes"])["error.type"] == {"stringValue": "tool.timeout"}


def test_a_parent_that_told_nothing_leaves_no_hole() -> None:
    assert "parentSpanId" not in _trace(Insight(severity="info", kind="loop", message="again"))


def test_an_insight_is_an_evaluation() -> None:
    [event] = _trace(Insight(severity="warning", kind="loop", message="again"))["events"]
    assert event["name"] == "gen_ai.evaluation.result"
    assert _named(event["attributes"])["gen_ai.evaluation.score.label"] == {
        "stringValue": "warning"
    }
