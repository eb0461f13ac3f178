"""Optional arguments for which the words offer several values: a Drummer may leave them out."""

import json
from pathlib import Path
from typing import Any

from tests.agents.conftest import Ask
from toollama.models.engine import JsonSchema

QUESTION = "total revenue per region or product"


def _call(**arguments: Any) -> str:
    known = {"path": "sales.csv", "group_by": "region", "value": "revenue", "aggregate": "sum"}
    return json.dumps({"tool": "data_group", "arguments": known | {"order": "none"} | arguments})


async def test_an_argument_that_the_words_leave_open_may_be_written_as_null(
    ask: Ask, sales: Path
) -> None:
    outcome = await ask(QUESTION, _call(), "", files=[sales])
    constraint = outcome.engine.requests[0].constraint
    assert isinstance(constraint, JsonSchema)
    arguments = constraint.schema["properties"]["arguments"]["properties"]
    assert [name for name, slot in arguments.items() if None in slot["enum"]] == ["group_by"]
    assert "Write null" in outcome.engine.requests[0].messages[-1].content


async def test_an_argument_written_as_null_is_left_out_of_the_call(ask: Ask, sales: Path) -> None:
    outcome = await ask(QUESTION, _call(group_by=None), "", files=[sales])
    assert "group_by" not in outcome.data("tool.call.requested")[0]["arguments"]
    assert "6,000" in outcome.text


async def test_the_answer_owns_up_to_an_argument_that_was_left_out(ask: Ask, sales: Path) -> None:
    outcome = await ask(QUESTION, _call(group_by=None), "", files=[sales])
    assert outcome.answer is not None
    assert any("group_by was left out" in limit for limit in outcome.answer.limits)
