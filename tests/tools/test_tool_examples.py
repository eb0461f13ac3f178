"""Which arguments a tool is tried with."""

from datetime import UTC, datetime

import pytest

from toollama.clock import FixedClock
from toollama.tools.base import NoNetwork, ToolContext
from toollama.tools.examples import examples
from toollama.tools.registry import Registry

REGISTRY = Registry.builtin()
CONTEXT = ToolContext(clock=FixedClock(datetime(2026, 11, 22, tzinfo=UTC)), http=NoNetwork())
LOCAL = [spec.name for spec in REGISTRY.specs() if not spec.effects]


@pytest.mark.parametrize("name", LOCAL)
def test_a_local_tool_has_an_example_that_validates(name: str) -> None:
    tool = REGISTRY.get(name)
    tool.spec.parameters.model_validate(next(examples(tool, CONTEXT)))


def test_an_example_holds_only_what_the_words_say_for_certain() -> None:
    assert next(examples(REGISTRY.get("calculator"), CONTEXT)) == {"expression": "15% of 240"}
