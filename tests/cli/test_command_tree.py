"""Completion, the manual page and the machine-readable tree: three readers of the same commands."""

import shlex
import shutil
import subprocess
from collections.abc import Sequence

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from tests.cli.kept_runs import FIRST, keep
from toollama.cli import completion, manual, tree
from toollama.cli.examples import EXAMPLES
from toollama.errors import ExitCode


@pytest.fixture(scope="module")
def root() -> tree.Node:
    return tree.build()


def named(kind: str) -> Sequence[str]:
    return [f"{kind}-one", f"{kind}-two"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["resu"], ["resume"]),
        (["runs", "sh"], ["show"]),
        (["runs", "show", "r"], ["runs-one", "runs-two"]),
        (["runs", "rm", "x", "runs-o"], ["runs-one"]),
        (["models", "info", ""], ["models-one", "models-two"]),
        (["tools", "run", ""], ["tools-one", "tools-two"]),
        (["sessions", "show", ""], ["sessions-one", "sessions-two"]),
        (["ask", "-s", ""], ["sessions-one", "sessions-two"]),
        (["ask", "-q", "-T", "tools-t"], ["tools-two"]),
        (["ask", "--depth", "b"], ["basic"]),
        (["ask", "--depth=b"], ["--depth=basic"]),
        (["ask", "-m", "crew-o"], ["crew-one"]),
        (["keys", "set", ""], ["keys-one", "keys-two"]),
        (["agents", "show", ""], ["agents-one", "agents-two"]),
        (["templates", "show", ""], ["templates-one", "templates-two"]),
        (["observe", "show", ""], ["runs-one", "runs-two"]),
        (["observe", "scorecard", "x", "runs-o"], ["runs-one"]),
        (["schemas", "show", ""], ["schemas-one", "schemas-two"]),
        (["ask", "--schema", ""], ["schemas-one", "schemas-two"]),
        (["config", "set", ""], ["settings-one", "settings-two"]),
        (["ask", "--no-st"], ["--no-stdin"]),
        (["completion", "f"], ["fish"]),
        (["ask", "what"], []),
        (["nonsense", "x"], []),
    ],
)
def test_the_last_word_becomes_what_may_stand_there(
    root: tree.Node, words: list[str], wanted: list[str]
) -> None:
    assert [word for word, _ in completion.candidates(root, words, names=named)] == wanted


def test_completion_tells_its_words_with_their_help(cli: Cli) -> None:
    assert cli("__complete", "docto").out == (
        "doctor\tCheck this installation and say what mends it.\n"
    )
    assert cli("__complete", "ask", "x").code == 1


def test_models_and_tools_are_offered_by_their_real_names(cli: Cli) -> None:
    assert "smollm2-135m\t\n" in cli("__complete", "models", "info", "smol").out
    assert cli("__complete", "tools", "info", "calc").out == "calculator\t\n"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["agents", "show", "cami"], "camina"),
        (["ask", "--profile", "sta"], "starter"),
        (["ask", "-t", "wee"], "weekly"),
        (["config", "get", "vr"], "vram"),
        (["keys", "set", "GITHUB_"], "GITHUB_TOKEN"),
        (["runs", "show", "20261122-1500"], FIRST),
        (["sessions", "show", "tr"], "trip"),
    ],
)
def test_names_are_offered_as_they_are_on_this_machine(
    cli: Cli, words: list[str], name: str
) -> None:
    keep()
    cli("templates", "save", "weekly", "Sum up: $input")
    assert cli("__complete", *words).out == f"{name}\t\n"


@pytest.mark.parametrize("line", sorted({line for each in EXAMPLES.values() for line in each}))
def test_an_example_is_of_commands_and_options_that_exist(root: tree.Node, line: str) -> None:
    words = shlex.split(line.replace('"$(', "").replace(')"', ""))
    node = None
    for word in words:
        if word == "toollama":
            node = root
        elif word == "|":
            node = None
        elif node is not None and word.startswith("-"):
            assert any(word in parameter.names for parameter in node.parameters)
        elif node is not None and node.commands:
            node = node.command(word)
            assert node is not None


def test_the_tree_names_every_command_with_its_options(cli: Cli) -> None:
    document = from_json(cli("spec").out)
    ask = next(each for each in document["tree"]["commands"] if each["path"] == "toollama ask")
    assert {"-f", "--file", "-a", "--attach"} in [set(each["names"]) for each in ask["parameters"]]
    assert {code["code"] for code in document["exit_codes"]} == {int(code) for code in ExitCode}


def test_the_manual_page_has_every_command_and_exit_code(root: tree.Node) -> None:
    page = manual.page(root)
    for node in root.commands:
        assert f".SS toollama {node.name}\n" in page
    assert all(f".B {int(code)}\n" in page for code in ExitCode)


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_manual_page_is_sound_to_groff(root: tree.Node) -> None:
    done = subprocess.run(
        ["groff", "-man", "-Kutf8", "-Tutf8", "-ww"],
        input=manual.page(root).encode(),
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
