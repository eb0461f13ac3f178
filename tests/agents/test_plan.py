"""Plans: by the request's own structure, and by a model under a schema."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from toollama.agents.messages import Clause, RouteDecision, RouteKind, ScoredTool, TaskGraph
from toollama.agents.plan import MAX_TASKS, PlanDraft, from_draft, from_route, schema
from toollama.tools.base import Arguments, Tool, ToolSpec
from toollama.tools.registry import Registry


class _NoArguments(Arguments):
    pass


def _tool(name: str, belter: str) -> Tool[Any, Any]:
    spec = ToolSpec(
        name=name,
        summary=f"Does {name}.",
        utterances=(name,),
        parameters=_NoArguments,
        packs=(f"belter.{belter}", "drummer.api"),
    )
    stages = {"spec": spec, "execute": None, "format": None}
    tool: Tool[Any, Any] = type(f"_{name}", (Tool,), stages)()
    return tool


_REGISTRY = Registry(
    [
        _tool("sum", "knowledge"),
        _tool("look_up", "research"),
        _tool("mail", "property"),
        _tool("read_file", "document"),
    ]
)
_SPECS = {spec.name: spec for spec in _REGISTRY.specs()}


def _clause(text: str, *scores: tuple[str, float], follows: bool = False) -> Clause:
    candidates = tuple(ScoredTool(tool=tool, score=score) for tool, score in scores)
    return Clause(text=text, candidates=candidates, follows=follows)


def _by_rules(*clauses: Clause) -> TaskGraph:
    decision = RouteDecision(kind=RouteKind.PLAN, clauses=clauses)
    return from_route("the request", decision, _REGISTRY)


def _draft(*tasks: tuple[str, str, int]) -> PlanDraft:
    return PlanDraft.model_validate(
        {"tasks": [{"tool": tool, "ask": ask, "needs": needs} for tool, ask, needs in tasks]}
    )


def test_each_part_with_its_own_tool_is_a_task() -> None:
    graph = _by_rules(
        _clause("add 1 and 2", ("sum", 1.2)), _clause("who is Ada", ("look_up", 0.9), ("sum", 0.6))
    )
    assert [(task.belter, task.tools, task.needs) for task in graph.tasks] == [
        ("knowledge", ("sum",), ()),
        ("research", ("look_up", "sum"), ()),
    ]


def test_a_part_that_points_back_needs_the_task_before_it() -> None:
    graph = _by_rules(
        _clause("who is Ada", ("look_up", 0.9)), _clause("add 1 to it", ("sum", 0.9), follows=True)
    )
    assert [task.needs for task in graph.tasks] == [(), (1,)]


def test_a_part_that_names_no_tool_belongs_to_the_task_before_it() -> None:
    graph = _by_rules(_clause("who is Ada", ("look_up", 0.9)), _clause("and say it nicely"))
    assert [task.ask for task in graph.tasks] == ["who is Ada; and say it nicely"]


def test_a_greeting_is_no_task() -> None:
    graph = _by_rules(_clause("Hello!"), _clause("who is Ada", ("look_up", 0.9)))
    assert [task.ask for task in graph.tasks] == ["who is Ada"]


def test_a_statement_that_is_pointed_to_goes_with_what_points_to_it() -> None:
    graph = _by_rules(
        _clause("I have 1 and 2.", ("look_up", 0.2)),
        _clause("add them", ("sum", 0.9), follows=True),
    )
    assert [(task.ask, task.tools, task.needs) for task in graph.tasks] == [
        ("I have 1 and 2.; add them", ("sum",), ())
    ]


@pytest.mark.parametrize(("second", "clear"), [(0.8, True), (0.85, False)])
def test_a_task_is_clear_when_its_tool_is_well_ahead(second: float, clear: bool) -> None:
    graph = _by_rules(_clause("who is Ada", ("look_up", 0.9), ("sum", second)))
    assert graph.tasks[0].clear is clear


def test_a_part_that_is_read_is_about_the_texts_at_hand() -> None:
    task = _by_rules(_clause("summarise", ("read_file", 1.0))).tasks[0]
    assert (task.belter, task.about_text) == ("document", True)


def test_a_plan_by_rules_has_at_most_six_tasks() -> None:
    parts = [_clause(f"who is {n}", ("look_up", 0.9)) for n in range(9)]
    assert len(_by_rules(*parts).tasks) == MAX_TASKS


_ASKS = st.sampled_from(["add 1", "add 2", "Add  1", "who is Ada"])
_DRAFTS = st.lists(
    st.tuples(st.sampled_from([*_SPECS, "none", "gone"]), _ASKS, st.integers(0, MAX_TASKS)),
    min_size=1,
    max_size=MAX_TASKS,
).map(lambda tasks: _draft(*tasks))


@given(_DRAFTS)
def test_a_models_plan_only_depends_on_earlier_tasks(draft: PlanDraft) -> None:
    request = " ".join(task.ask for task in draft.tasks)
    for text in (request, "add 1", "who is Ada"):
        graph = from_draft(text, draft, _SPECS)
        for position, task in enumerate(graph.tasks if graph else (), start=1):
            assert all(1 <= need < position for need in task.needs)


@given(_DRAFTS, st.sampled_from(["add 1", "add 1 and 2", "who is Ada"]))
def test_a_models_plan_keeps_every_figure_and_brings_none(draft: PlanDraft, text: str) -> None:
    graph = from_draft(text, draft, _SPECS)
    if graph is not None:
        planned = {digit for task in graph.tasks for digit in task.ask if digit.isdigit()}
        assert planned == {digit for digit in text if digit.isdigit()}
        assert all(task.tools[0] in _SPECS for task in graph.tasks)


def test_dependencies_follow_their_task_when_others_are_dropped() -> None:
    draft = _draft(
        ("none", "greet", 0), ("look_up", "who is Ada", 0), ("sum", "add 1", 2), ("mail", "tell", 1)
    )
    graph = from_draft("who is Ada, add 1, tell", draft, _SPECS)
    assert graph is not None
    assert [(task.tools, task.needs) for task in graph.tasks] == [
        (("look_up",), ()),
        (("sum",), (1,)),
        (("mail",), ()),
    ]


def test_a_repeated_task_is_dropped() -> None:
    graph = from_draft("add 1", _draft(("sum", "add 1", 0), ("sum", "Add  1", 0)), _SPECS)
    assert graph is not None
    assert len(graph.tasks) == 1


@pytest.mark.parametrize(
    ("text", "ask"), [("add 1 and 2", "add 1"), ("add 1", "add 1 and 2"), ("add 10", "add 1")]
)
def test_a_plan_that_loses_or_invents_a_figure_is_not_trusted(text: str, ask: str) -> None:
    assert from_draft(text, _draft(("sum", ask, 0)), _SPECS) is None


@pytest.mark.parametrize("ask", ["wobble frumious 1", "kindly tell everybody where 1"])
def test_a_plan_in_other_words_than_the_requests_is_not_trusted(ask: str) -> None:
    draft = _draft(("sum", "add the numbers 1", 0), ("sum", ask, 0))
    assert from_draft("add the numbers 1", draft, _SPECS) is None


def test_a_plan_that_asks_a_reader_without_the_files_name_is_not_trusted() -> None:
    specs = {"read_file": Registry.builtin().get("read_file").spec}
    text = "read notes.txt and tell me who signed it"
    lost = _draft(("read_file", "read notes.txt", 0), ("read_file", "tell me who signed it", 0))
    kept = _draft(("read_file", "read notes.txt and tell me who signed it", 0))
    assert from_draft(text, lost, specs) is None
    assert from_draft(text, kept, specs) is not None


def test_a_plan_without_any_tool_is_not_trusted() -> None:
    assert from_draft("hello", _draft(("none", "greet", 0)), _SPECS) is None


def test_the_schema_leaves_a_model_only_sound_tools_and_positions() -> None:
    task = schema(["sum", "look_up"], tasks=3)["properties"]["tasks"]["items"]["properties"]
    assert task["tool"]["enum"] == ["sum", "look_up", "none"]
    assert (task["needs"]["minimum"], task["needs"]["maximum"]) == (0, 2)


@pytest.mark.parametrize(
    "document",
    [
        {"tasks": []},
        {"tasks": [{"tool": "sum", "ask": "x" * 141, "needs": 0}]},
        {"tasks": [{"tool": "sum", "ask": "add", "needs": MAX_TASKS + 1}]},
        {"tasks": [{"tool": "sum", "ask": "add", "needs": 0, "url": "x"}]},
        {"tasks": [{"tool": "sum", "ask": "add", "needs": 0}] * (MAX_TASKS + 1)},
    ],
)
def test_a_draft_outside_its_limits_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PlanDraft.model_validate(document)
