"""A text to work on comes from the user: no model makes one up."""

import json

import pytest

from tests.agents.conftest import Ask


@pytest.mark.parametrize("invented", ["The text itself", "count words"])
async def test_a_text_that_nobody_gave_is_asked_for(ask: Ask, invented: str) -> None:
    reply = json.dumps({"tool": "text_stats", "arguments": {"text": invented}})
    outcome = await ask("count words", reply, tools=("text_stats",))
    assert outcome.error is not None
    assert outcome.error.waiting[0]["parameter"] == "text"
    assert "tool.call.requested" not in outcome.types()
