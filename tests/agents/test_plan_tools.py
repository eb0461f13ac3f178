"""Which tools a model may put into a plan."""

import json

import pytest

from tests.agents.conftest import Ask
from toollama.agents.messages import PlannedTask, TaskGraph
from toollama.agents.plan import in_own_words
from toollama.models.engine import JsonSchema


async def test_a_plan_is_offered_only_tools_that_fit_a_part(ask: Ask) -> None:
    outcome = await ask("What is 15% of 860? How much is 42 km when converted?", "")
    constraint = outcome.engine.requests[0].constraint
    assert isinstance(constraint, JsonSchema)
    offered = json.dumps(constraint.schema)
    assert "calculator" in offered
    assert "unit_convert" in offered
    assert "phone_check" not in offered


def _graph(*asks: tuple[str, str]) -> TaskGraph:
    tasks = (PlannedTask(belter="document", ask=ask, tools=(tool,)) for tool, ask in asks)
    return TaskGraph(goal="", tasks=tuple(tasks))


_RULES = _graph(("unit_convert", "how many miles are 10 km"), ("data_group", "lowest average pay"))


@pytest.mark.parametrize(
    ("by_model", "taken"),
    [
        (_graph(("data_group", "average pay"), ("unit_convert", "10 km")), _RULES),
        (_graph(("data_group", "a"), ("unit_convert", "b"), ("data_profile", "c")), _RULES),
        (_graph(("calculator", "10 * 0.62"), ("data_group", "average pay")), None),
    ],
)
def test_a_plan_with_all_tools_of_the_rules_asks_in_the_users_own_words(
    by_model: TaskGraph, taken: TaskGraph | None
) -> None:
    assert in_own_words(by_model, _RULES) == (taken or by_model)


async def test_a_part_that_was_read_whole_is_not_blurred_by_what_asks_on(ask: Ask) -> None:
    outcome = await ask("What date is 90 days after 1 March 2025, and what weekday is that?", "")
    [call] = outcome.data("tool.call.completed")
    assert call["statements"][0] == "90 days after 1 March 2025 is Friday, 30 May 2025."
