"""Which tools a model hears of: those that are ready, and of a large pack the likeliest."""

import json
from collections.abc import Iterator

import pytest

from tests.agents.conftest import Ask
from tests.tools.discovery.folder import write_tool
from toollama.agents.matching import Matcher
from toollama.agents.roles import MAX_OFFERED, offered
from toollama.clock import SystemClock
from toollama.models.spec import RoleSpec
from toollama.tools.base import Arguments, NoNetwork, Tool, ToolContext, ToolResult, ToolSpec
from toollama.tools.discovery import switches as switch
from toollama.tools.registry import Registry

DONE = json.dumps({"thought": "done", "tool": "none"})
CALL = json.dumps({"thought": "try it", "tool": "keyed_echo", "arguments": {"word": "hi"}})


@pytest.fixture
def keyed() -> None:
    """A tool of the user's own that needs a key."""
    path = write_tool("keyed_echo", credentials=("ECHO_KEY",))
    switch.save(switch.load().with_trusted(path))


@pytest.mark.usefixtures("keyed")
async def test_a_tool_without_its_key_never_reaches_a_model(ask: Ask) -> None:
    outcome = await ask("echo petrichor with keyed echo", DONE, "No.", direct=True)
    assert "keyed_echo" not in repr(outcome.engine.requests)


@pytest.mark.usefixtures("keyed")
async def test_with_its_key_it_does(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECHO_KEY", "canary-value")
    outcome = await ask("echo petrichor with keyed echo", DONE, "No.", direct=True)
    assert "keyed_echo" in repr(outcome.engine.requests)
    assert "canary-value" not in repr(outcome.engine.requests)


@pytest.mark.usefixtures("keyed")
async def test_a_model_that_calls_it_anyway_is_told_what_it_lacks(ask: Ask) -> None:
    outcome = await ask("hi", CALL, DONE, "It needs a key.", direct=True)
    told = outcome.engine.requests[1].messages[-1].content
    assert "keyed_echo cannot be used: needs ECHO_KEY" in told
    assert outcome.data("tool.call.started") == []


@pytest.mark.usefixtures("keyed")
async def test_a_request_for_it_is_not_routed_to_it(ask: Ask) -> None:
    outcome = await ask("echo petrichor", "Petrichor.")
    named = [one["tool"] for data in outcome.data("route.decided") for one in data["candidates"]]
    assert "keyed_echo" not in named


class Word(Arguments):
    """One word."""

    word: str = ""


class Numbered(Tool[Word, None]):
    """One of many tools that are alike but for what they are about."""

    def __init__(self, number: int) -> None:
        subject = f"subject{chr(ord('a') + number)}"
        self.spec = ToolSpec(  # type: ignore[misc] # each tool of this class has its own
            name=f"tool_{number:02}",
            summary=f"Tell of {subject}.",
            utterances=(f"tell me of {subject}",),
            parameters=Word,
            packs=("drummer.many",),
        )

    async def execute(self, args: Word, context: ToolContext) -> None:
        raise AssertionError

    def format(self, args: Word, raw: None, context: ToolContext) -> ToolResult:
        raise AssertionError


MANY = Registry(map(Numbered, range(20)))
ROLES = {"drummer.many": RoleSpec(name="drummer.many", instructions="x")}


def names(text: str) -> Iterator[str]:
    return (spec.name for spec in offered(MANY, ROLES, "drummer.many", text).specs())


@pytest.mark.parametrize("number", [0, 7, 19])
def test_of_a_large_pack_a_drummer_is_offered_what_the_request_is_like(number: int) -> None:
    found = list(names(f"please tell me of subject{chr(ord('a') + number)}"))
    assert len(found) == MAX_OFFERED
    assert f"tool_{number:02}" in found


def test_what_is_offered_is_the_same_every_time() -> None:
    assert list(names("tell me of something")) == list(names("tell me of something"))


def test_a_pack_that_fits_is_offered_whole() -> None:
    few = Registry(map(Numbered, range(MAX_OFFERED)))
    assert len(offered(few, ROLES, "drummer.many", "anything").specs()) == MAX_OFFERED


def test_without_a_role_every_tool_may_be_routed_to() -> None:
    assert offered(MANY, ROLES, "", "anything") is MANY


def test_a_role_is_not_offered_what_its_pack_names_and_is_not_ready() -> None:
    roles = {
        "drummer.own": RoleSpec(name="drummer.own", instructions="x", pack=("gone", "tool_01"))
    }
    assert [spec.name for spec in offered(MANY, roles, "drummer.own").specs()] == ["tool_01"]


def test_a_conversation_does_not_go_on_with_a_tool_that_was_switched_off() -> None:
    on = Registry.builtin().ready()
    off = on.only({spec.name for spec in on.specs()} - {"calculator"})
    for registry, first in ((on, "calculator"), (off, "")):
        matcher = Matcher(registry, ToolContext(clock=SystemClock(), http=NoNetwork()))
        found = matcher.match("and of 300?", expected=("calculator",)).candidates
        named = [one.tool for one in found if one.why == "goes on from the last request"]
        assert "".join(named) == first
