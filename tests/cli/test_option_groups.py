"""Commands that share options take them from one place, and Typer sees each as their own."""

import inspect
from typing import Annotated, Any

import pytest
import typer

from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, UseSession
from toollama.cli import groups, tree

HARDWARE = {"--vram", "--cpu", "--wait", "--seed", "--model", "--profile"}


def test_the_fields_of_a_group_stand_in_its_place_in_the_signature() -> None:
    taken: list[Any] = []

    @groups.spread
    def command(
        *, before: Annotated[str, typer.Option()] = "b", crew: groups.Crew, after: int = 1
    ) -> None:
        taken.extend([before, crew, after])

    assert list(inspect.signature(command).parameters) == ["before", "models", "profile", "after"]
    command(profile="8gb", before="x")
    assert taken == ["x", groups.Crew(profile="8gb"), 1]


@pytest.mark.parametrize("path", ["ask", "chat", "agents run"])
def test_whoever_asks_models_has_the_same_options_for_them(path: str) -> None:
    node = tree.build()
    for word in path.split():
        found = node.command(word)
        assert found is not None
        node = found
    assert HARDWARE.issubset(name for each in node.parameters for name in each.names)


def test_a_counted_option_takes_no_value() -> None:
    ask = tree.build().command("ask")
    assert ask is not None
    verbose = next(each for each in ask.parameters if "-v" in each.names)
    assert verbose.metavar == ""


def test_a_role_takes_the_limits_and_the_seed_of_ask(cli: Cli, use_session: UseSession) -> None:
    session = use_session(FakeSession())
    cli("agents", "run", "camina", "--seed", "7", "--max-tool-calls", "2", "--no-save", "x")
    asked = session.asked
    assert asked is not None
    assert (asked.role, asked.seed, asked.limits.calls, asked.keep) == ("camina", 7, 2, False)
