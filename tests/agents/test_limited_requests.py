"""A request with only some tools, with a wish for its answer, or with a page of strangers."""

import pytest

from tests.agents.conftest import Ask
from toollama.agents import memory
from toollama.agents.messages import Attached, Memory
from toollama.agents.roles import named
from toollama.ask_options import AskOptions
from toollama.errors import UnknownName
from toollama.tools.registry import Registry


def test_a_pattern_allows_the_tools_that_it_matches() -> None:
    chosen = named(Registry.builtin(), ["date_*", "calculator"])
    assert [spec.name for spec in chosen.specs()] == ["calculator", "date_math"]


def test_no_pattern_allows_every_tool() -> None:
    registry = Registry.builtin()
    assert named(registry, []) is registry


def test_a_pattern_without_a_tool_is_refused() -> None:
    with pytest.raises(UnknownName, match=r"no tool is called wether\*"):
        named(Registry.builtin(), ["wether*"])


async def test_a_tool_that_is_left_out_is_not_called(ask: Ask) -> None:
    outcome = await ask("what is 15% of 80?", crew="weak", tools=("date_math",))
    assert "calculator" not in {call["tool"] for call in outcome.data("tool.call.requested")}


async def test_a_role_keeps_what_of_its_pack_is_allowed(ask: Ask) -> None:
    outcome = await ask(
        "what is 15% of 80?", crew="weak", tools=("calculator",), role="drummer.analysis"
    )
    assert outcome.answer is not None
    assert outcome.data("tool.call.requested")[0]["tool"] == "calculator"


async def test_a_wish_for_the_answer_is_told_to_the_model(ask: Ask) -> None:
    outcome = await ask("Why should anybody care?", "Nobody.", system="Answer briefly.")
    prompts = [
        message.content for request in outcome.engine.requests for message in request.messages
    ]
    assert any("The user asked: Answer briefly." in prompt for prompt in prompts)


async def test_a_wish_that_no_model_heard_is_owned_up_to(ask: Ask) -> None:
    outcome = await ask("what is 15% of 80?", crew="weak", system="Answer in German.")
    assert outcome.answer is not None
    assert any("Answer in German." in limit for limit in outcome.answer.limits)


def test_a_page_of_strangers_taints_and_a_text_of_ones_own_is_private() -> None:
    given = memory.given(
        Memory(),
        [Attached(name="https://x", text="a", untrusted=True), Attached(name="stdin", text="b")],
    )
    assert [(each.untrusted, each.private) for each in given] == [(True, False), (False, True)]


def test_options_come_back_from_the_log() -> None:
    options = AskOptions(prompt="x", tools=("a*",), system="Be brief.")
    assert AskOptions.from_log(options.to_log()) == options
