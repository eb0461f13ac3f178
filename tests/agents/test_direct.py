"""One model with all tools in a loop."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, Field

from tests.agents.conftest import Ask
from toollama.agents.direct import MAX_STEPS, step_schema
from toollama.tools.registry import Registry

_DONE = '{"thought": "I know it", "tool": "none"}'


def _call(tool: str, **arguments: Any) -> str:
    return json.dumps({"thought": "look", "tool": tool, "arguments": arguments})


async def test_a_result_is_told_to_the_model_and_its_words_are_the_answer(ask: Ask) -> None:
    outcome = await ask(
        "What is 15% of 240?",
        _call("calculator", expression="240 * 0.15"),
        _DONE,
        "It is 36.",
        direct=True,
    )
    assert outcome.text == "It is 36."
    assert outcome.data("tool.call.completed")[0]["tool"] == "calculator"
    assert "36" in outcome.engine.requests[1].messages[-1].content
    assert outcome.answer is not None
    assert "nothing was checked" in outcome.answer.limits[0]


async def test_a_failed_call_is_told_and_ends_nothing(ask: Ask) -> None:
    outcome = await ask(
        "open it", _call("read_file", path="nowhere.txt"), _DONE, "I cannot.", direct=True
    )
    assert outcome.text == "I cannot."
    assert "Error: " in outcome.engine.requests[1].messages[-1].content


async def test_a_repeated_call_is_not_made_again_and_ends_the_loop(ask: Ask) -> None:
    call = _call("calculator", expression="1+1")
    outcome = await ask("1+1 twice", call, call, "2", direct=True)
    assert outcome.text == "2"
    assert outcome.types().count("tool.call.requested") == 1


async def test_the_loop_ends_after_its_steps(ask: Ask) -> None:
    steps = [_call("calculator", expression=f"1+{at}") for at in range(MAX_STEPS)]
    outcome = await ask("go on", *steps, "done", direct=True)
    assert outcome.text == "done"
    assert [m.role for m in outcome.engine.requests[-1].messages[-2:]] == ["assistant", "user"]


async def test_words_in_place_of_a_step_are_the_answer(ask: Ask) -> None:
    outcome = await ask("hi", "Hello there.", direct=True)
    assert (outcome.text, len(outcome.engine.requests)) == ("Hello there.", 1)


async def test_a_call_that_no_tool_answers_to_is_told(ask: Ask) -> None:
    outcome = await ask("hi", _call("teleport"), _DONE, "No.", direct=True)
    assert "Error: no tool is called teleport" in (outcome.engine.requests[1].messages[-1].content)


async def test_a_write_outside_the_output_directory_is_denied(ask: Ask, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.txt"
    call = _call("write_file", path=str(target), text="x")
    outcome = await ask("hi", call, _DONE, "It was denied.", direct=True)
    assert outcome.data("tool.call.failed")[0]["code"] == "denied"
    assert not target.exists()


@pytest.mark.parametrize("options", [{"use_tools": False}, {"crew": "weak"}])
async def test_without_tools_or_with_a_weak_model_there_is_no_loop(
    ask: Ask, options: dict[str, Any]
) -> None:
    outcome = await ask("What is 1+1?", "Two.", direct=True, **options)
    assert (outcome.text, len(outcome.engine.requests)) == ("Two.", 1)
    assert outcome.engine.requests[0].constraint is None


def test_a_step_is_a_call_of_a_tool_or_none() -> None:
    specs = Registry.builtin().specs()
    schema = step_schema(specs)
    for step in (_call("calculator", expression="1"), _DONE):
        jsonschema.validate(json.loads(step), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(_call("calculator", sum="1")), schema)
    assert "$ref" not in json.dumps(schema)


def test_the_step_of_every_tool_can_be_enforced() -> None:
    for spec in Registry.builtin().specs():
        call = step_schema([spec])["anyOf"][0]["properties"]["arguments"]
        assert "properties" in call, spec.name


def test_a_tool_whose_arguments_cannot_be_enforced_takes_any() -> None:
    class Arguments(BaseModel):
        name: str = Field(pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", max_length=253)

    spec = Registry.builtin().get("calculator").spec
    schema = step_schema([replace(spec, parameters=Arguments)])
    assert schema["anyOf"][0]["properties"]["arguments"] == {"type": "object"}


async def test_tools_come_in_one_order_whatever_is_asked(ask: Ask) -> None:
    few = ("calculator", "date_*", "data_*")
    first = await ask("What is 1+1?", _DONE, "2", direct=True, tools=few)
    second = await ask("What weekday was 1 May 2000?", _DONE, "Monday", direct=True, tools=few)
    openings = [
        outcome.engine.requests[0].messages[-1].content.partition("Request:")[0]
        for outcome in (first, second)
    ]
    assert openings[0] == openings[1]
    assert openings[0].count("\n- ") >= 2
