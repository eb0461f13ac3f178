"""Which tools a model may put into a plan."""

import json

from tests.agents.conftest import Ask
from toollama.models.engine import JsonSchema


async def test_a_plan_is_offered_only_tools_that_fit_a_part(ask: Ask) -> None:
    outcome = await ask("What is 15% of 860, and what weekday was 1 May 2000?", "")
    constraint = outcome.engine.requests[0].constraint
    assert isinstance(constraint, JsonSchema)
    offered = json.dumps(constraint.schema)
    assert "calculator" in offered
    assert "date_math" in offered
    assert "phone_check" not in offered
