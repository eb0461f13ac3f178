"""What was said about how to serve a request, in the forms it takes."""

from pathlib import Path

import pytest

from toollama.agents.budget import DEPTH_BUDGETS, Budget
from toollama.agents.messages import Attached, Depth
from toollama.ask_options import AskOptions


@pytest.mark.parametrize("depth", ["basic", "detailed", "comprehensive"])
def test_a_depth_brings_its_budget(depth: Depth) -> None:
    assert AskOptions(prompt="x", depth=depth).limits == DEPTH_BUDGETS[depth]


def test_a_budget_of_the_users_own_goes_before_that_of_the_depth() -> None:
    assert AskOptions(prompt="x", depth="basic", budget=Budget(calls=1)).limits == Budget(calls=1)


def test_options_come_back_from_the_log_as_they_were_without_the_texts() -> None:
    attached = Attached(name="a.txt", path=Path("a.txt"), text="secret")
    options = AskOptions(
        prompt="x", attachments=(attached,), role="observer", schema={"type": "object"}
    )
    logged = options.to_log()
    assert "secret" not in str(logged)
    bare = attached.model_copy(update={"text": None})
    expected = AskOptions(
        prompt="x", attachments=(bare,), role="observer", schema={"type": "object"}
    )
    assert AskOptions.from_log(logged) == expected


@pytest.mark.parametrize("name", ["plan_only", "dry_run"])
def test_a_plan_and_a_dry_run_only_foretell(name: str) -> None:
    assert AskOptions(prompt="x", **{name: True}).foretold
