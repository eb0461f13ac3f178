"""A plan that was printed, edited and is run."""

from typing import Any

import pytest
import yaml
from pydantic_core import to_json

from tests.agents.conftest import Ask
from toollama.agents import plan_file
from toollama.errors import ExitCode, InputError
from toollama.models.spec import RoleSpec
from toollama.tools.registry import Registry

REGISTRY = Registry.builtin()


def document(**changes: Any) -> dict[str, Any]:
    """Return a plan of two tasks of which the second is changed."""
    first = {
        "task": 1,
        "belter": "knowledge",
        "ask": "What is 15% of 240?",
        "tools": ["calculator"],
    }
    second = {**first, "task": 2, "ask": "multiply it by 3", "needs": [1]}
    return {"request": "What is 15% of 240, times 3?", "tasks": [first, second | changes]}


def refused(plan: dict[str, Any]) -> InputError:
    with pytest.raises(InputError) as caught:
        plan_file.graph(plan_file.parse(to_json(plan), name="plan.json"), REGISTRY, {})
    return caught.value


def test_a_sound_plan_becomes_its_task_graph() -> None:
    graph = plan_file.graph(plan_file.parse(to_json(document()), name="plan.json"), REGISTRY, {})
    assert [(task.tools, task.needs) for task in graph.tasks] == [
        (("calculator",), ()),
        (("calculator",), (1,)),
    ]


@pytest.mark.parametrize(
    ("change", "place", "fix"),
    [
        ({"tools": ["calculater"]}, "tasks[1].tools[0]", "calculator"),
        ({"belter": "documents"}, "tasks[1].belter", "document"),
        ({"drummer": "search"}, "tasks[1].drummer", "write "),
        ({"needs": [2]}, "tasks[1].needs[0]", "earlier"),
        ({"needs": [3]}, "tasks[1].needs[0]", "earlier"),
        ({"needs": [0]}, "tasks[1].needs[0]", "earlier"),
        ({"task": 3}, "tasks[1].task", "number the tasks"),
        ({"ask": "x"}, "plan.json: tasks[1].ask", "compare with"),
        ({"belters": "document"}, "plan.json: tasks[1].belters", "compare with"),
    ],
)
def test_a_wrong_edit_is_refused_with_its_place_and_a_fix(
    change: dict[str, Any], place: str, fix: str
) -> None:
    error = refused(document(**change))
    assert error.message.startswith(place)
    assert fix in error.fix


@pytest.mark.parametrize("text", ["", "goal: x", "{", "[]", '{"tasks": []}', "\ud800"])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"plan\.json: "):
        plan_file.parse(text.encode("utf-8", "surrogatepass"), name="plan.json")


async def test_a_printed_plan_can_be_run_as_it_is(ask: Ask) -> None:
    prompt = "What is 15% of 240, and then multiply it by 3"
    planned = await ask(prompt, crew="weak", plan_only=True)
    assert planned.answer is not None
    plan = plan_file.parse(to_json(planned.answer.data), name="plan.json")
    done = await ask(plan.request, crew="weak", plan=plan)
    assert done.text == (await ask(prompt, crew="weak")).text
    assert done.data("plan.created")[0]["source"] == "file"


async def test_a_plan_printed_as_yaml_brings_its_whole_request(ask: Ask) -> None:
    prompt = "What is 15% of 240, and then multiply it by 3"
    planned = await ask(prompt, crew="weak", plan_only=True)
    plan = plan_file.parse(to_json(yaml.safe_load(planned.text)), name="plan.yaml")
    assert plan.request == prompt


async def test_a_given_plan_asks_no_model_to_plan(ask: Ask) -> None:
    plan = plan_file.parse(to_json(document()), name="plan.json")
    outcome = await ask(plan.request, plan=plan)
    assert "plan" not in [request.purpose for request in outcome.engine.requests]
    assert "108" in outcome.text


async def test_a_plan_with_an_unknown_tool_ends_as_a_recorded_run(ask: Ask) -> None:
    plan = plan_file.parse(to_json(document(tools=["calculater"])), name="plan.json")
    outcome = await ask("x", plan=plan)
    assert outcome.error is not None
    assert outcome.error.exit_code == ExitCode.USAGE
    assert outcome.types()[-1] == "run.failed"


async def test_a_request_that_needs_no_model_forecasts_no_load(ask: Ask) -> None:
    outcome = await ask("What is 15% of 240?", plan_only=True)
    assert outcome.answer is not None
    assert outcome.answer.data["forecast"] == {"loads": [], "swaps": 0, "load_s": 0.0}


async def test_the_forecast_counts_the_load_that_planning_takes(ask: Ask) -> None:
    outcome = await ask("What is 15% of 240? How many miles is 42 km?", plan_only=True, crew="pair")
    assert outcome.answer is not None
    assert outcome.answer.data["forecast"]["loads"] == ["small", "other"]
    assert "forecast:\n  loads: " in outcome.text


def test_a_plan_may_name_the_roles_of_the_user() -> None:
    role = RoleSpec(
        name="belter.tips", instructions="You know tips.", summary="Tips.", pack=("calculator",)
    )
    edited = plan_file.parse(to_json(document(belter="tips")), name="plan.json")
    graph = plan_file.graph(edited, REGISTRY, {role.name: role})
    assert graph.tasks[1].belter == "tips"
